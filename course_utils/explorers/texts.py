"""Texts beside an explorer's pictures, words of them marked; and tables of texts."""

import html
from collections.abc import Iterable, Sequence

import ipywidgets as widgets
from IPython.display import display

from course_utils.datasets.text import MARK, follows_directly
from course_utils.explorers.panel import Panel
from course_utils.figures import diagrams

SIGNS = {"kept": "", "replaced": "✗", "missing": "−", "extra": "+"}  # what tells the marks apart without colour
MUCH = 560  # letters of texts that are shown a size smaller
Pieces = list[list[str]]  # pieces of a text, each [text, mark], one after another


def marked_text(tokens: Iterable[tuple[str, str]]) -> Pieces:
    """Return marked tokens (`measure.differences`) as one readable text, as `join` writes it.

    Neighbours of one mark are one piece. One that was not kept is set apart, with a sign before it, so that the text
    can be read without colour.
    """
    pieces, text = [], ""
    for token, mark in tokens:
        goes_on = bool(pieces) and pieces[-1][1] == mark
        word = token[1:] if token.startswith(MARK) and len(token) > 1 else token
        glued = (goes_on or mark == "kept") and (word != token or follows_directly(text, token))
        piece = f"{' ' if text and not glued else ''}{'' if goes_on else SIGNS[mark]}{word}"
        text += piece
        if goes_on:
            pieces[-1][0] += piece
        else:
            pieces.append([piece, mark])
    if text.endswith((".", "!", "?")):
        first, at = pieces[0][0], len(SIGNS[pieces[0][1]])
        pieces[0][0] = first[:at] + first[at : at + 1].upper() + first[at + 1 :]
    return pieces


def plain(text: str | Pieces) -> str:
    """Return a text without its marks; the signs stay, and several words that share one are in parentheses."""

    def written(piece: str, mark: str) -> str:
        if mark == "kept":
            return piece
        start, sign, words = piece.partition(SIGNS[mark])
        return f"{start}{sign}({words})" if " " in words else piece

    return text if isinstance(text, str) else "".join(written(*piece) for piece in text)


class Texts(widgets.HTML):
    """Names and texts, one below another; in a still picture, drawn."""

    kind = "texts"  # how much room a still picture leaves around them: see `margins` of the views

    def write(self, texts: dict[str, str | Pieces]) -> None:
        """Show these names and texts."""
        self.drawn, self.value = texts, texts_html(texts)

    @property
    def plain(self) -> dict[str, str]:
        """The names and texts without marks."""
        return {name: plain(text) for name, text in self.drawn.items()}

    def inches(self) -> float:
        """Return the height in a still picture in inches."""
        return 0.5 + diagrams.LINE * len(diagrams.text_lines(self.plain))

    def draw(self, ax=None):
        """Draw the texts with matplotlib, on `ax` or on a new figure, and return the Axes."""
        return diagrams.draw_texts(self.plain, ax=ax)


class TextPanel(Panel):
    """A panel of one view with texts beside it; in the still picture they are above it.

    Args:
        texts: the texts.
        height: their height in pixels, fixed, so that nothing below them jumps.
        panel: the arguments of `Panel`.
    """

    def __init__(self, texts: Texts, height: int, *panel, **options):
        self.texts = texts
        super().__init__(*panel, **options)
        head, controls, view, *rest = self.children
        texts.layout = {"height": f"{height}px", "flex": "1 1 415px", "min_width": "0"}
        view.layout.flex, view.layout.min_width = "1 1 320px", "0"
        both = widgets.HBox([view, texts], layout={"flex_flow": "row wrap", "grid_gap": "0 20px"})
        self.children = (head, controls, both, *rest)

    @property
    def table(self) -> str:
        """The model's id of the texts."""
        return self.texts.model_id

    def still_rows(self) -> list[list]:
        """Return what the still picture shows, row by row: the texts above the views."""
        return [[self.texts], *super().still_rows()]


def _row(cells: Sequence[str]) -> str:
    """Return texts as a row of an HTML table, the first its heading."""
    style = "text-align:left;vertical-align:top;padding-right:12px"
    first, *others = map(html.escape, cells)
    rest = (f'<td style="{style}">{text}</td>' for text in others)
    return f'<tr><th style="{style};white-space:nowrap">{first}</th>{"".join(rest)}</tr>'


def texts_html(texts: dict[str, str | Pieces]) -> str:
    """Return names and texts as HTML, marked words in elements of their own."""

    def written(piece: str, mark: str) -> str:
        space, word = piece[: len(piece) - len(piece.lstrip())], html.escape(piece.lstrip())
        return html.escape(piece) if mark == "kept" else f'{space}<span class="cu-word {mark}">{word}</span>'

    lines = (
        f"<p><b>{html.escape(name)}</b> "
        f"{html.escape(text) if isinstance(text, str) else ''.join(written(*piece) for piece in text)}</p>"
        for name, text in texts.items()
    )
    letters = (len(text) if isinstance(text, str) else sum(len(piece) for piece, _ in text) for text in texts.values())
    much = sum(letters) > MUCH
    return f'<div class="cu-texts{" much" if much else ""}">{"".join(lines)}</div>'


def show_sentences(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Display a table of texts, as text where no HTML is shown.

    Args:
        head: names of the columns.
        rows: the texts of each row, the first its heading.
    """
    table = "".join(map(_row, [head, *rows]))
    lines = (", ".join(f"{name} {text}".strip() for name, text in zip(head, row, strict=True)) for row in rows)
    display({"text/html": f"<table>{table}</table>", "text/plain": "\n".join(lines)}, raw=True)
