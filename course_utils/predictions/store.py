"""Where predictions are kept: a small file of the student's own beside the notebook, never in the repository.

Several notebooks may write it at the same time: every change reads the file anew under a lock, and replaces it whole.
A file that cannot be read is set aside under another name, and a sentence says so.
"""

import contextlib
import json
import os
import threading
from collections.abc import Callable
from pathlib import Path

from course_utils.files import locked, write_whole
from course_utils.messages import say

NAME, VARIABLE = "my_predictions.json", "COURSE_PREDICTIONS"
EMPTY = {"predictions": {}, "hands": {}}


class Store:
    """Guesses and the class's shows of hands, by the id of their question.

    Args:
        path: the file; None keeps everything in memory only.
    """

    def __init__(self, path: Path | None):
        self.path, self.notices = path, []
        self._memory, self._threads = json.loads(json.dumps(EMPTY)), threading.RLock()

    def read(self) -> dict:
        """Return `{"predictions": {id: {"guess": …}}, "hands": {id: …}}` as the file has it now."""
        if self.path is None:
            return self._memory
        try:
            kept = json.loads(self.path.read_text(encoding="utf-8"))
            if not all(isinstance(part, dict) for part in (kept, *(kept.get(name, {}) for name in EMPTY))):
                raise ValueError("not a file of predictions")
            if not all(isinstance(entry, dict) and "guess" in entry for entry in kept.get("predictions", {}).values()):
                raise ValueError("not a file of predictions")
        except FileNotFoundError:
            kept = {}
        except OSError:
            return self._memory
        except (ValueError, AttributeError):
            self._set_aside()
            kept = {}
        return {name: kept.get(name, {}) for name in EMPTY}

    def change(self, edit: Callable[[dict], None]) -> dict:
        """Let `edit(kept)` change what is kept, write it, and return it.

        Where the folder cannot be written, the change is kept until the kernel ends, and a notice says so.
        """
        with self._threads:
            try:
                with locked(self.path) if self.path else contextlib.nullcontext():
                    kept = self.read()
                    edit(kept)
                    self._write(kept)
            except OSError:
                self._memory = self.read()
                edit(self._memory)
                self.path, kept = None, self._memory
                self.notices.append(say("This folder cannot be written: predictions are kept until the kernel ends."))
        return kept

    def news(self) -> list[str]:
        """Return the sentences about the file that were not said yet."""
        said, self.notices = self.notices, []
        return said

    def _write(self, kept: dict) -> None:
        if self.path is not None:
            write_whole(self.path, (json.dumps(kept, ensure_ascii=False, indent=1) + "\n").encode())

    def _set_aside(self) -> None:
        number = 1
        while (aside := self.path.with_name(f"{self.path.stem}.unreadable-{number}.json")).exists():
            number += 1
        with contextlib.suppress(FileNotFoundError):  # another notebook was faster
            os.replace(self.path, aside)
            names = {"file": self.path.name, "aside": aside.name}
            text = say("The file {file} could not be read. It was set aside as {aside}, and a new one begins.", **names)
            self.notices.append(text)


def of_environment() -> Store:
    """Return the store beside the notebook, or as the environment variable `COURSE_PREDICTIONS` says: a path, `off`."""
    chosen = os.environ.get(VARIABLE)
    return Store(None if chosen == "off" else Path(chosen) if chosen else Path.cwd() / NAME)
