"""Run the suite in fresh environments, one per Python and set of versions, and report: `python -m tools.matrix`.

Slow (an environment takes minutes and more than a gigabyte); for a change of `pyproject.toml` or `constraints.txt`, for
a new Python, and before a term. An interpreter that is not there is reported, not skipped in silence. Logs and the
report are in build/matrix.
"""

import argparse
import csv
import os
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterable
from itertools import chain
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "build" / "matrix"
PYTHONS = ["3.11", "3.12", "3.13"]
VERSIONS = ["pinned", "oldest", "newest"]
PARTS = ["lint", "units", "lessons", "browser"]
COLUMNS = ["python", "versions", "result", "seconds", "megabytes"]


def lowest(requirements: Iterable[str]) -> list[str]:
    """Return the constraints that hold every requirement at the lowest version that it admits.

    Args:
        requirements: as in `pyproject.toml`; those without a lower bound, and the project's own extras, are left out.
    """
    pins = {}
    for requirement in map(Requirement, requirements):
        bounds = [part.version for part in requirement.specifier if part.operator in (">=", "==", "~=")]
        if bounds:
            pins[requirement.name] = f"{requirement.name}=={bounds[0]}"
    return [pins[name] for name in sorted(pins)]


def constraints(versions: str) -> Path:
    """Return the constraints file of `"pinned"`, `"oldest"` or `"newest"`; the last two are written first."""
    if versions == "pinned":
        return ROOT / "constraints.txt"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = list(chain(project["dependencies"], *project["optional-dependencies"].values()))
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{versions}.txt"
    path.write_text("".join(f"{pin}\n" for pin in lowest(wanted)) if versions == "oldest" else "", encoding="utf-8")
    return path


def find_python(version: str) -> str | None:
    """Return the command of a Python such as `"3.12"`: on the PATH, or known to uv or pyenv; None for none."""
    tries = [[f"python{version}", "--version"], ["uv", "python", "find", version], ["pyenv", "prefix", version]]
    for command in tries:
        if shutil.which(command[0]) is None:
            continue
        asked = subprocess.run(command, capture_output=True, text=True)
        if asked.returncode == 0:
            answer = asked.stdout.strip()
            return {"uv": answer, "pyenv": f"{answer}/bin/python"}.get(command[0], command[0])
    return None


def run(version: str, versions: str, parts: list[str], make: Callable[[list[str], Path], int]) -> dict:
    """Make one environment, run the parts of the suite in it, and return a row of the report.

    Args:
        version, versions, parts: of `PYTHONS`, `VERSIONS` and `PARTS`, or another Python.
        make: `make(arguments, log) -> exit code` runs make and appends what it prints to the log.
    """
    row = {"python": version, "versions": versions}
    python = find_python(version)
    if python is None:
        return row | {"result": "no such Python here"}
    folder = FOLDER / f"{version}-{versions}"
    shutil.rmtree(folder, ignore_errors=True)
    log, began = FOLDER / f"{folder.name}.log", time.monotonic()
    log.parent.mkdir(parents=True, exist_ok=True)
    log.unlink(missing_ok=True)
    environment = [f"PYTHON={python}", f"VENV={folder}", f"CONSTRAINTS={constraints(versions)}"]
    failed = [part for part in ["environment", *parts] if make([*environment, part], log)]
    size = sum(file.lstat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
    return row | {
        "result": f"failed: {', '.join(failed)}" if failed else "passed",
        "seconds": round(time.monotonic() - began), "megabytes": round(size),
    }  # fmt: skip


def call_make(arguments: list[str], log: Path) -> int:
    """Run make in the repository, append its output to the log, and return its exit code."""
    with log.open("a", encoding="utf-8") as file:
        return subprocess.run(
            ["make", *arguments], cwd=ROOT, stdout=file, stderr=subprocess.STDOUT, env=os.environ | {"PIP_QUIET": "1"}
        ).returncode


def main() -> None:
    """Run every combination that was asked for, and write the report as rows come in."""
    parser = argparse.ArgumentParser(prog="python -m tools.matrix", description=__doc__)
    parser.add_argument("--python", nargs="+", default=PYTHONS, metavar="3.x")
    parser.add_argument("--versions", nargs="+", default=VERSIONS, choices=VERSIONS)
    parser.add_argument("--parts", nargs="+", default=["units", "lessons"], choices=PARTS)
    options = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    rows = []
    with (FOLDER / "report.tsv").open("w", encoding="utf-8", newline="") as file:
        report = csv.DictWriter(file, COLUMNS, delimiter="\t", lineterminator="\n", restval="")
        report.writeheader()
        for version in options.python:
            for versions in options.versions:
                rows.append(run(version, versions, options.parts, call_make))
                report.writerow(rows[-1])
                file.flush()
                print("  ".join(f"{name}: {value}" for name, value in rows[-1].items()), flush=True)
    sys.exit(any(row["result"] != "passed" for row in rows))


if __name__ == "__main__":
    main()
