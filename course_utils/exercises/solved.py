"""Which exercises a student has solved: a small file beside the notebooks, which outlives the kernel.

The file `my_exercises.json` is the student's own and never part of the repository. The environment variable
`COURSE_EXERCISES` names another place, or `off` keeps everything in memory.
"""

import contextlib
import json
import os
from pathlib import Path

from course_utils.exercises.looks import in_notebook
from course_utils.files import locked, write_whole

NAME, VARIABLE = "my_exercises.json", "COURSE_EXERCISES"
_memory: set[str] = set()


def _file() -> Path | None:
    chosen = os.environ.get(VARIABLE)
    if chosen == "off" or (not chosen and not in_notebook()):
        return None
    return Path(chosen) if chosen else Path.cwd() / NAME


def _read(file: Path) -> set[str]:
    """Return what a file names; a file that is no list of names counts as empty and is written anew."""
    try:
        names = json.loads(file.read_text(encoding="utf-8"))["solved"]
        return {name for name in names if isinstance(name, str)}
    except (OSError, ValueError, TypeError, KeyError):
        return set()


def solved() -> set[str]:
    """Return the names of the exercises that are solved."""
    file = _file()
    return _memory | (_read(file) if file else set())


def note_verdict(name: str, right: bool) -> None:
    """Keep whether an exercise is solved; a folder that cannot be written keeps it until the kernel ends."""
    file = _file()
    with contextlib.suppress(OSError), locked(file) if file else contextlib.nullcontext():
        after = solved() | {name} if right else solved() - {name}
        if file and after != _read(file):
            write_whole(file, (json.dumps({"solved": sorted(after)}, indent=1) + "\n").encode())
    (_memory.add if right else _memory.discard)(name)
