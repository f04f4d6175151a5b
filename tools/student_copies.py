"""Write the folder that students get: lessons without outputs and speaker notes, the package and its data.

`make student` writes `build/student`. It is a folder to hand out as it is, or to commit to a repository of its own
from which nbgitpuller serves it; docs/lectures.md says how. `make student SOLUTIONS=no` leaves the worked solutions
out: the checks compare with outcomes recorded here, and still name mistakes.
"""

import argparse
import re
import shutil
from pathlib import Path

import nbformat

from course_utils.exercises import checks, outcomes

ROOT = Path(__file__).parents[1]
COPIED = ["course_utils/**/*.py", "course_utils/**/*.js", "data/*.tsv", "data/*.safetensors", "data/README.md"]
ANSWERS, RECORD = (path.relative_to(ROOT) for path in (outcomes.RECORD.with_name("answers"), outcomes.RECORD))
COPIED += [
    "course_utils/**/*.mo",
    "docs/pictures/*.png",
    "pyproject.toml",
    "constraints.txt",
    "environment.yml",
    "LICENSE",
]
OFFERS = re.compile(r" To see the worked solutions, .*|(?<=import checks), solutions(\n\nshow_solutions = False)?")


def for_students(notebook: nbformat.NotebookNode, solutions: bool = True) -> nbformat.NotebookNode:
    """Drop speaker notes, outputs and counts from a lesson, in place, and return it; questions stay to be read.

    Without `solutions`, cells that show one and sentences that offer them are dropped as well.
    """
    if not solutions:
        notebook.cells = [cell for cell in notebook.cells if "solutions.show(" not in cell.source]
    for cell in notebook.cells:
        cell.metadata.pop("speaker", None)
        if not solutions:
            cell.source = OFFERS.sub("", cell.source)
        if cell.cell_type == "code":
            cell.metadata.get("jupyter", {}).pop("outputs_hidden", None)
            cell.execution_count = None
            if not cell.source.startswith("predict("):
                cell.outputs = []
            for output in cell.outputs:
                output.execution_count = None
    return notebook


def write(folder: Path, solutions: bool = True) -> list[Path]:
    """Write or renew the students' folder and return the paths of its notebooks: the start page and the lessons.

    Files of the course are written anew; whatever else is in the folder, such as a `.git`, stays. The same lessons
    give the same bytes, so a repository of this folder changes only where the course did.

    Args:
        folder: where to write.
        solutions: whether the copy has the worked solutions. Without them it has their outcomes.
    """
    for pattern in COPIED:
        for source in sorted(ROOT.glob(pattern)):
            path = source.relative_to(ROOT)
            if solutions or not path.is_relative_to(ANSWERS):
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, folder / path)
    if solutions:
        (folder / RECORD).unlink(missing_ok=True)
    else:
        shutil.rmtree(folder / ANSWERS, ignore_errors=True)
        outcomes.record(list(checks.EXERCISES.values()), folder / RECORD)
    shutil.copyfile(ROOT / "tools" / "student" / "README.md", folder / "README.md")
    (folder / "notebooks").mkdir(exist_ok=True)
    lessons = []
    for source in sorted((ROOT / "notebooks").glob("*.ipynb")):
        lessons.append(folder / "notebooks" / source.name)
        nbformat.write(for_students(nbformat.read(source, as_version=4), solutions), lessons[-1])
    return lessons


def main() -> None:
    """Write the students' folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=ROOT / "build" / "student", metavar="FOLDER")
    parser.add_argument("--without-solutions", action="store_true", help="leave the worked solutions out")
    options = parser.parse_args()
    folder, lessons = options.to, write(options.to, not options.without_solutions)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
    print(f"{folder}: {len(lessons) - 1} lessons, {size:.1f} MB")


if __name__ == "__main__":
    main()
