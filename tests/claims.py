"""Run a lesson's cells by id, alone, so that a claim can be tried on numbers from a wrong model."""

import ast

import matplotlib.pyplot as plt
from lessons import LESSONS

from course_utils import figures


def run_cells(lesson: str, *ids: str, names: dict | None = None, changed: dict[str, str] | None = None) -> dict:
    """Execute the cells named by `ids` in order and return their names.

    Args:
        lesson: the notebook's stem.
        ids: cell ids.
        names: names that stand ready before the first cell.
        changed: id → source to run in that cell's place.
    """
    sources = {cell.id: cell.source for cell in LESSONS[lesson].cells}
    names = dict(names or {})
    shown, figures.show = figures.show, lambda drawn: plt.close("all")
    try:
        for id in ids:
            exec(compile((changed or {}).get(id, sources[id]), f"{lesson}:{id}", "exec"), names)
    finally:
        figures.show = shown
    return names


def claim_fails(lesson: str, id: str, names: dict) -> bool:
    """Return whether the claim cell refuses these numbers; any error but its own assertion is raised."""
    try:
        run_cells(lesson, id, names=names)
    except AssertionError:
        return True
    return False


def replaced(source: str, old: str, new: str) -> str:
    """Return `source` with `old`, which must be in it, replaced by `new`; the result must still be Python."""
    assert old in source, f"{old!r} is not in the cell"
    ast.parse(source.replace(old, new))
    return source.replace(old, new)
