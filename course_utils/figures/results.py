"""What a cell measured, as a reader takes it in: a claim's chip, and small tables in place of raw Python."""

import html
from collections.abc import Mapping

from course_utils.messages import say

_CHIP = (
    "display:inline-block;margin:2px 0;padding:4px 12px;border:1px solid #2e8b62;border-radius:14px;line-height:1.45"
)
_MARK = "color:#fff;background:#1f6b4a;border-radius:9px;padding:1px 9px;margin:0 8px 0 -5px;font-weight:600"


def _display(page: str, text: str) -> None:
    from IPython.display import display

    display({"text/html": page, "text/plain": text}, raw=True)


def measured(text: str) -> None:
    """Display what a claim's assertions have just found as a chip: `✓ measured: 0.01, not −0.29`.

    Call it after the assertions: a claim that fails shows none.
    """
    mark = say("measured")
    chip = f'<div style="{_CHIP}"><span style="{_MARK}">✓ {html.escape(mark)}</span>{html.escape(text)}</div>'
    _display(chip, say("✓ measured: {text}", text=text))


def _written(values: list) -> list[str]:
    """Return a column's entries as text: texts as they are, whole numbers, or the decimals that the column needs."""
    numbers = [abs(value) for value in values if isinstance(value, float)]
    decimals = 2 if numbers and max(numbers) < 10 else 0
    return [
        value if isinstance(value, str) else f"{value:,.{decimals if isinstance(value, float) else 0}f}"
        for value in values
    ]


def _is_number(entry: str) -> bool:
    """Return whether an entry reads as a number, with a sign or a unit or without, or is empty."""
    return not entry or entry.lstrip("−-–+< ")[:1].isdigit()


def show_table(rows: Mapping[str, Mapping[str, object]], *, corner: str = "") -> None:
    """Display a small table, texts from the left and numbers from the right.

    Its text alternative has the same rows and columns, aligned by spaces.

    Args:
        rows: row's name → column's name → a text or a number; every row has the same columns. Numbers of a column get
            two decimals if all are below 10, else none.
        corner: what the rows are, written above their names.

    Raises:
        ValueError: no row, or rows with different columns.
    """
    columns = list(next(iter(rows.values()), ()))
    if not columns or any(list(row) != columns for row in rows.values()):
        raise ValueError("expected at least one row, and the same columns in each")
    written = [_written([row[column] for row in rows.values()]) for column in columns]
    lines = [[corner, *columns], *([name, *entries] for name, *entries in zip(rows, *written, strict=True))]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    from_left = [True, *(not all(map(_is_number, column)) for column in written)]
    text = "\n".join(
        "  ".join(entry.ljust(width) if left else entry.rjust(width) for entry, width, left in places).rstrip()
        for places in (zip(line, widths, from_left, strict=True) for line in lines)
    )
    head, *body = [[html.escape(entry) for entry in line] for line in lines]
    looks = [' style="text-align:left"' if left else "" for left in from_left]
    page = [
        '<table class="dataframe">',
        "<thead><tr>",
        *(f"<th{look}>{name}</th>" for look, name in zip(looks, head, strict=True)),
        "</tr></thead>",
        "<tbody>",
    ]
    for name, *entries in body:
        cells = [f"<td{look}>{entry}</td>" for look, entry in zip(looks[1:], entries, strict=True)]
        page += ["<tr>", f"<th{looks[0]}>{name}</th>", *cells, "</tr>"]
    _display("".join([*page, "</tbody></table>"]), text)
