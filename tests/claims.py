"""Run a lesson's cells by id, alone, so that a claim can be tried on numbers from a wrong model."""

import matplotlib.pyplot as plt
from lessons import LESSONS

from course_utils import figures
from course_utils.predictions import compare


def run_cells(lesson: str, *ids: str, names: dict | None = None, changed: dict[str, tuple] | None = None) -> dict:
    """Execute the cells named by `ids` in order and return their names.

    Args:
        lesson: the notebook's stem.
        ids: cell ids.
        names: names that are defined before the first cell.
        changed: id → (old, new): what to replace in that cell, which must hold it.
    """
    sources = {cell.id: cell.source for cell in LESSONS[lesson].cells}
    for id, (old, new) in (changed or {}).items():
        if old not in sources[id]:
            raise ValueError(f"{old!r} is not in the cell {id}")
        sources[id] = sources[id].replace(old, new)
    names = {"figures": figures, "compare": compare} | (names or {})
    shown, figures.show = figures.show, lambda drawn: plt.close("all")
    try:
        for id in ids:
            exec(compile(sources[id], f"{lesson}:{id}", "exec"), names)
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


def check_claim(lesson: str, id: str, right: dict, wrong: dict[str, dict]) -> None:
    """Assert that a claim cell accepts the numbers `right`, and refuses them with any of the changes in `wrong`.

    Args:
        lesson, id: the notebook's stem and the cell's id.
        right: name → numbers that prove the claim.
        wrong: what is wrong → the names that differ.
    """
    assert not claim_fails(lesson, id, right)
    for fault, names in wrong.items():
        assert claim_fails(lesson, id, right | names), fault
