"""The explorers of lesson 3: the measured grid under two sliders, and any sentence translated live."""

import html
import math
from collections.abc import Sequence

import ipywidgets as widgets
import numpy as np
from IPython.display import display

from course_utils.datasets.segment import segment
from course_utils.datasets.text import join
from course_utils.experiments.bottleneck import by_length, task_runs
from course_utils.explorers.panel import LABEL, Panel, choice, text_box
from course_utils.figures import diagrams
from course_utils.measure.translation import Translation, Translator
from course_utils.messages.numbers import chance
from course_utils.views.widgets import BarView, LineView

MEASURES = {"exact match (%)": "exact", "BLEU": "bleu"}
TITLES = {"reversal": "Reversing symbols", "french": "French to English", "korean": "Korean to English"}
WIDTH = 4  # translations that the translation explorer shows
UNITS = {"reversal": "symbols", "french": "tokens", "korean": "tokens"}


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


def bottleneck_explorer(task: str = "reversal", hidden_size: int | None = None, length: str | None = None) -> Panel:
    """Return the bottleneck explorer: quality against length for every hidden size that was measured.

    Args:
        task: `"reversal"`, `"french"` or `"korean"`.
        hidden_size: the hidden size shown first; the smallest where absent.
        length: the length shown first, as the table names it (`"6"`, or `"5–6"` for a bin); the shortest where absent.

    Raises:
        ValueError: no such task in the table, or a size or length that was not measured.
    """
    table, examples = task_runs(task), task_runs(task, "bottleneck_examples")
    curves = {}
    for measure, column in MEASURES.items():
        (bins, inside), (longer, beyond) = by_length(table, column), by_length(table, column, "long")
        percent = 100 if column == "exact" else 1
        curves[measure] = {size: percent * np.hstack([inside[size], beyond[size]]) for size in inside}
    trained, bins, sizes, unit = len(bins), [*bins, *longer], sorted(inside), UNITS[task]
    names = [str(low) if low == high else f"{low}–{high}" for low, high in bins]
    hidden_size, length = hidden_size or sizes[0], length or names[0]
    for name, value, known in (("hidden size", hidden_size, sizes), ("length", length, names)):
        if value not in known:
            raise ValueError(f"{name}: expected one of {', '.join(map(str, known))}, not {value}")
    wide = {"style": LABEL, "layout": {"width": "340px"}}
    controls = {
        "size": widgets.SelectionSlider(options=sizes, value=hidden_size, description="hidden size", **wide),
        "length": widgets.SelectionSlider(options=names, value=length, description=f"length ({unit})", **wide),
    }
    if task != "reversal":
        controls["measure"] = choice("exact match (%)", list(MEASURES), "measure")
    texts = Texts()
    view = LineView(
        np.arange(len(bins)),
        {"": np.zeros(len(bins))},
        columns=names,
        x_name=f"{unit} (trained on {bins[0][0]}–{bins[trained - 1][1]})",
        vmin=0,
        vmax=100,
        cell_width=52,
    )

    def compute(size: int, length: str, measure: str = "exact match (%)") -> tuple:
        return curves[measure], size, names.index(length), measure

    def show(found: tuple) -> str:
        drawn, size, at, measure = found
        low, high = bins[at]
        runs = drawn[size][:, at]
        view.update(
            np.arange(len(bins)),
            {f"{units} units": runs.mean(axis=0) for units, runs in drawn.items()},
            bands={f"{u} units": (r.min(axis=0), r.max(axis=0)) for u, r in drawn.items() if len(r) > 1},
            mark=(at, float(runs.mean()), f"{runs.mean():.0f}"),
            title=f"{TITLES[task]}: {measure}",
            y_name=measure,
        )
        rows = (examples.hidden_size == size) & (examples.fewest == low) & (examples.most == high)
        (example,) = examples[rows & (examples.seed == examples.seed.min())].itertuples()
        verdict = "right" if example.output == example.reference else "wrong"
        shown = {"source": example.source, "reference": example.reference, f"output ({verdict})": example.output}
        texts.write({name: join(words.split()) for name, words in shown.items()})
        beyond = "" if at < trained else " Longer than anything in training: this is extrapolation."
        spread = f" (from {runs.min():.0f} to {runs.max():.0f} over {len(runs)} seeds)" if len(runs) > 1 else ""
        found = f"{runs.mean():.0f} % right" if "%" in measure else f"BLEU {runs.mean():.0f}"
        return f"{size} units, {names[at]} {unit}: {found}{spread}.{beyond}"

    return TextPanel(texts, 24 + 24 * 3 if task == "reversal" else 176, controls, compute, show, [view])


def translation_explorer(translator: Translator, sentence: str, examples: Sequence[str] = ()) -> Panel:
    """Return the translation explorer: type a sentence, and see the four best translations of a beam search.

    Args:
        translator: a trained model with its vocabularies.
        sentence: the sentence shown first.
        examples: sentences on buttons.

    Raises:
        ValueError: a word of the first sentence is not one that the model has seen.
    """
    box = text_box(sentence, "sentence", placeholder="type a sentence")
    box.layout.width = "700px"
    texts = Texts()
    view = BarView(
        [0.0] * WIDTH,
        [f"{place}." for place in range(1, WIDTH + 1)],
        title="How likely the model finds each",
        value_name="probability",
        vmax=1,
        bar_height=32,
    )

    def compute(sentence: str) -> tuple[list[str], list[Translation]]:
        source = segment(sentence, translator.source_words)
        (kept,) = translator.beam_search([source], WIDTH, length_penalty=1.0)
        return source, sorted(kept, key=lambda translation: -translation.log_probability)

    def show(answer: tuple[list[str], list[Translation]]) -> str:
        source, kept = answer
        probabilities = [math.exp(translation.log_probability) for translation in kept]
        view.update(probabilities)
        ranked = {f"{place}.": join(translation.words) for place, translation in enumerate(kept, start=1)}
        texts.write({"source": join(source)} | ranked)
        return f"{join(kept[0].words)} (probability {chance(probabilities[0])})"

    buttons = [widgets.Button(description=example, layout={"width": "auto"}) for example in examples]
    for button in buttons:
        button.on_click(lambda pressed: setattr(box, "value", pressed.description))
    return TextPanel(texts, 230, {"sentence": box}, compute, show, [view], beside=buttons)
