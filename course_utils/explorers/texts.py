"""Texts beside an explorer's pictures, and tables of texts."""

import html
from collections.abc import Sequence

import ipywidgets as widgets
from IPython.display import display

from course_utils.explorers.panel import Panel
from course_utils.figures import diagrams


class Texts(widgets.HTML):
    """Names and texts as a table; in a still picture, drawn."""

    kind = "sentence"  # a still picture leaves as much room around the texts as around a sentence

    def write(self, texts: dict[str, str]) -> None:
        """Show these names and texts."""
        self.drawn, self.value = texts, table_html(texts)

    def inches(self) -> float:
        """Return the height in a still picture in inches."""
        return 0.5 + diagrams.LINE * len(diagrams.text_lines(self.drawn))

    def draw(self, ax=None):
        """Draw the texts with matplotlib, on `ax` or on a new figure, and return the Axes."""
        return diagrams.draw_texts(self.drawn, ax=ax)


class TextPanel(Panel):
    """A panel with texts between its sentence and its views, in the still picture too.

    Args:
        texts: the texts.
        height: their height in pixels, fixed, so that nothing below them jumps.
        panel: the arguments of `Panel`.
    """

    def __init__(self, texts: Texts, height: int, *panel, **options):
        super().__init__(*panel, **options)
        self.texts = texts
        texts.layout = {"height": f"{height}px", "overflow": "auto", "max_width": "760px"}
        self.children = (*self.children[:2], texts, *self.children[2:])

    def still_rows(self) -> list[list]:
        """Return what the still picture shows, row by row: the texts above the views."""
        return [[self.texts], *super().still_rows()]


def _row(cells: Sequence[str]) -> str:
    """Return texts as a row of an HTML table, the first its heading."""
    style = "text-align:left;vertical-align:top;padding-right:12px"
    first, *others = map(html.escape, cells)
    rest = (f'<td style="{style}">{text}</td>' for text in others)
    return f'<tr><th style="{style};white-space:nowrap">{first}</th>{"".join(rest)}</tr>'


def table_html(rows: dict[str, str]) -> str:
    """Return names and texts as an HTML table without markup of their own."""
    return f'<table style="font-size:15px;line-height:1.4">{"".join(map(_row, rows.items()))}</table>'


def show_sentences(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Display a table of texts, as text where no HTML is shown.

    Args:
        head: names of the columns.
        rows: the texts of each row, the first its heading.
    """
    table = "".join(map(_row, [head, *rows]))
    lines = (", ".join(f"{name} {text}".strip() for name, text in zip(head, row, strict=True)) for row in rows)
    display({"text/html": f"<table>{table}</table>", "text/plain": "\n".join(lines)}, raw=True)
