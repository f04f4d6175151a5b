"""Measurements of the course: `python -m tools.latency`; the README's pictures: `python -m tools.latency.pictures`."""

from pathlib import Path

ROOT = Path(__file__).parents[2]


def table(title: str, head: list[str], rows: list[list]) -> str:
    """Return rows as a table of aligned columns, the first column to the left, numbers to the right."""
    texts = [head, *([cell if isinstance(cell, str) else f"{cell:.1f}" for cell in row] for row in rows)]
    widths = [max(len(row[at]) for row in texts) for at in range(len(head))]
    sides = [str.ljust] + [str.rjust] * (len(head) - 1)
    lines = ["  ".join(side(*pair) for side, *pair in zip(sides, row, widths, strict=True)) for row in texts]
    return "\n".join([title, lines[0], "-" * len(lines[0]), *lines[1:], ""])
