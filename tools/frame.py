"""What is around a lesson and not written by hand: its banner, the next lesson's card, which cells are folded.

`execute_notebooks` puts it into every notebook that it stores; `make frame` renews it without running anything. Banner
and card have ids of their own and are written anew each time.

A code cell is folded, that is stored with `jupyter.source_hidden`, if it only plots or only asserts: a claim, a cell
tagged `folded`, and every cell whose statements are assertions and calls of `figures` alone. The tag `open` forbids it.
"""

import ast
import math
import re
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
BANNER, CARD = "banner", "next-lesson"
PLOTTING = {"figures", "ax", "axes", "plt", "predictions"}  # what statements of a cell that only plots are calls of


class Lesson(NamedTuple):
    """What a lesson says of itself: its number, title and question, and how many minutes its lecture takes."""

    name: str
    number: int
    title: str
    question: str
    minutes: int


def paths() -> list[Path]:
    """Return the lessons' notebooks in order; `00_start.ipynb` is the way in and no lesson."""
    return sorted(path for path in NOTEBOOKS.glob("[0-9][0-9]_*.ipynb") if not path.name.startswith("00"))


def lesson_of(name: str, notebook: NotebookNode) -> Lesson:
    """Return what a lesson's title cell and speaker notes say.

    Raises:
        ValueError: no heading `# Lesson N · Title` with a question in bold below it.
    """
    found = re.search(
        r"^# Lesson (\d+) · (.*?)\s*\n+\*\*(.*?)\*\*", "\n\n".join(cell.source for cell in notebook.cells), re.MULTILINE
    )
    if not found:
        raise ValueError(f"{name}: expected a heading “# Lesson N · Title” and below it a question in bold")
    minutes = sum(cell.metadata.get("speaker", {}).get("minutes", 0) for cell in notebook.cells)
    return Lesson(name, int(found[1]), found[2], found[3], 5 * math.ceil(minutes / 5))


def lessons() -> list[Lesson]:
    """Return all lessons of the course in order, as their files are."""
    return [lesson_of(path.stem, nbformat.read(path, as_version=4)) for path in paths()]


def sections(notebook: NotebookNode) -> dict[str, str]:
    """Return heading → id of its cell for a lesson's sections, its aims left out."""
    return {
        heading: cell.id
        for cell in notebook.cells
        if cell.cell_type == "markdown"
        for heading in re.findall(r"^## (.*)$", cell.source, re.MULTILINE)
        if heading != "You will be able to"
    }


def anchor(name: str, cell_id: str) -> str:
    """Return how a link names a cell of a lesson: JupyterLab follows it, also to a cell that it has not drawn yet.

    Only a link that names the file is followed so. Pages made from a notebook have the same place as `#cell-id=…`.
    """
    return f"{name}.ipynb#cell-id={cell_id}"


def banner(lesson: Lesson, course: list[Lesson], headings: dict[str, str]) -> str:
    """Return a lesson's first cell: its place in the course, its neighbours, and its sections as links."""
    at = [other.name for other in course].index(lesson.name)
    way = [f"**Lesson {lesson.number} of {len(course)}**", f"{lesson.minutes} min", "[all lessons](00_start.ipynb)"]
    way += [f"[← {other.number} · {other.title}]({other.name}.ipynb)" for other in course[at - 1 : at]]
    way += [f"[{other.number} · {other.title} →]({other.name}.ipynb)" for other in course[at + 1 : at + 2]]
    links = (f"[{heading}]({anchor(lesson.name, cell_id)})" for heading, cell_id in headings.items())
    return f"{' · '.join(way)}\n\n<small>{' &nbsp;|&nbsp; '.join(links)}</small>"


def card(lesson: Lesson, course: list[Lesson]) -> str:
    """Return a lesson's last cell: the next lesson's title, question and minutes, or that this was the last one."""
    at = [other.name for other in course].index(lesson.name)
    if at + 1 == len(course):
        return "> **This was the last lesson.** [All lessons](00_start.ipynb) shows which exercises are left."
    after = course[at + 1]
    return (
        f"> **Next · [Lesson {after.number} · {after.title} →]({after.name}.ipynb)**\n>\n"
        f"> {after.question}\n>\n> {after.minutes} min · [all lessons](00_start.ipynb)"
    )


def is_folded(cell: NotebookNode) -> bool:
    """Return whether a reader need not see a code cell's source at once."""
    tags = cell.metadata.get("tags", [])
    if {"claim", "folded"} & set(tags):
        return True
    if {"open", "taught", "exercise"} & set(tags) or "figures." not in cell.source:
        return False
    return all(map(_plots_or_asserts, ast.parse(cell.source).body))


def _plots_or_asserts(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Assert | ast.Import | ast.ImportFrom):
        return True
    value = statement.value if isinstance(statement, ast.Expr | ast.Assign) else None
    while isinstance(value, ast.Call | ast.Attribute | ast.Subscript):
        value = value.func if isinstance(value, ast.Call) else value.value
    return isinstance(value, ast.Name) and value.id in PLOTTING


def fold(notebook: NotebookNode) -> NotebookNode:
    """Fold the cells of any notebook that need not be read, in place, and return it."""
    for cell in notebook.cells:
        others = {key: value for key, value in cell.metadata.pop("jupyter", {}).items() if key != "source_hidden"}
        if cell.cell_type == "code" and is_folded(cell):
            others["source_hidden"] = True
        if others:
            cell.metadata["jupyter"] = others
    return notebook


def framed(name: str, notebook: NotebookNode, course: list[Lesson]) -> NotebookNode:
    """Give a lesson its banner and the next lesson's card, in place, fold its cells, and return it.

    A notebook that is no lesson of the course is only folded.
    """
    notebook.cells = [cell for cell in notebook.cells if cell.id not in (BANNER, CARD)]
    lesson = next((lesson for lesson in course if lesson.name == name), None)
    if lesson:
        metadata = {"slideshow": {"slide_type": "skip"}}
        first, last = banner(lesson, course, sections(notebook)), card(lesson, course)
        notebook.cells.insert(0, new_markdown_cell(first, id=BANNER, metadata=metadata))
        notebook.cells.append(new_markdown_cell(last, id=CARD, metadata=metadata))
    return fold(notebook)
