"""Write every lesson's exercises as a source assignment for nbgrader: `make nbgrader`.

In build/nbgrader: one assignment per lesson, with the cells that its exercises build on, and a configuration. A stub is
an autograded answer whose worked solution is between nbgrader's marks; a check is an autograder's test, strict, with
points. From there `nbgrader generate_assignment lesson_01` and the usual steps go on. nbgrader itself (0.9.6 was tried)
is not one of the course's dependencies.
"""

import argparse
import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course_utils.exercises import solutions
from tools import frame
from tools.student_copies import for_students

ROOT = Path(__file__).parents[1]
POINTS = (1, 2, 2, 3)  # warm-up, next step or variant, stretch
CHECK = re.compile(r"^checks\.(\w+)\((\w+)\)$")
CONFIG = """c = get_config()  # noqa: F821
# An untouched exercise says "not attempted yet" and earns nothing.
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError"}
c.CourseDirectory.course_id = "course"
c.ExecutePreprocessor.timeout = 300
"""


def graded(cell: NotebookNode, name: str, points: int | None) -> NotebookNode:
    """Mark a cell for nbgrader, in place, and return it: with points it is a test, without an answer."""
    cell.metadata["nbgrader"] = {
        "schema_version": 3, "grade_id": name, "cell_type": "code", "task": False,
        "grade": points is not None, "locked": points is not None, "solution": points is None,
    } | ({} if points is None else {"points": points})  # fmt: skip
    return cell


def answered(stub: str, name: str) -> str:
    """Return an exercise's stub with its worked solution between nbgrader's marks in place of the `raise`."""
    source, _ = solutions.parts(name)
    body = source[source.index(":\n", source.index(")")) + 2 :]
    head = stub[: stub.index("    raise NotImplementedError")]
    return f"{head}    ### BEGIN SOLUTION\n{body}\n    ### END SOLUTION"


def assignment(lesson: NotebookNode) -> NotebookNode:
    """Turn a lesson into an assignment, in place, and return it.

    Kept are its title, its set-up, the cells that are taught, and the exercises with their hints. No cell shows a
    solution.

    Raises:
        ValueError: an exercise without a stub or a check.
    """
    start = next(at for at, cell in enumerate(lesson.cells) if cell.source.startswith("## Exercises"))
    end = next(at for at, cell in enumerate(lesson.cells) if cell.source.startswith(("### More", "## Recap")))
    needed = [cell for cell in lesson.cells[:start] if cell.id == "setup" or "taught" in cell.metadata.get("tags", [])]
    exercises = [cell for cell in lesson.cells[start:end] if "solutions.show(" not in cell.source]
    stubs = {match[1]: cell for cell in exercises if (match := re.match(r"def (\w+)\(", cell.source))}
    points = iter(POINTS)
    for cell in exercises:
        if match := CHECK.match(cell.source):
            name, function = match.groups()
            stub = stubs.pop(function)
            stub.source = answered(stub.source, name)
            graded(stub, name, None)
            cell.source = f"checks.{name}({function}, strict=True)"
            graded(cell, f"{name}_check", next(points))
    if stubs or next(points, None) is not None:
        raise ValueError(f"expected four exercises, each with a stub and a check; left over: {sorted(stubs)}")
    title = next(cell for cell in lesson.cells if cell.source.startswith("# "))
    lesson.cells = [title, *needed, *exercises]
    return for_students(lesson, solutions=False)


def write(folder: Path) -> list[Path]:
    """Write a course folder for nbgrader and return the paths of its source assignments, one per lesson.

    An existing configuration stays: it may hold the school's own settings.
    """
    paths = []
    for lesson in frame.paths():
        name = f"lesson_{lesson.stem[:2]}"
        paths.append(folder / "source" / name / lesson.name)
        paths[-1].parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(assignment(nbformat.read(lesson, as_version=4)), paths[-1])
    config = folder / "nbgrader_config.py"
    if not config.exists():
        config.write_text(CONFIG, encoding="utf-8")
    return paths


def main() -> None:
    """Write the folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=ROOT / "build" / "nbgrader", metavar="FOLDER")
    folder = parser.parse_args().to
    for path in write(folder):
        print(f"{path.relative_to(folder)}: 4 exercises, {sum(POINTS)} points")
    print(f"next: cd {folder} && nbgrader generate_assignment lesson_01")


if __name__ == "__main__":
    main()
