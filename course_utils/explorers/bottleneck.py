"""The explorers of lesson 3: the measured grid under two sliders, and any sentence translated live."""

import html
from collections.abc import Sequence

import ipywidgets as widgets
import numpy as np

from course_utils.bottleneck import by_length, read_table
from course_utils.explorers.panel import LABEL, Panel, choice, text_box
from course_utils.parallel_text import joined
from course_utils.reading import segmented
from course_utils.translation import Alternatives, Translator
from course_utils.views import BarView, LineView

MEASURES = {"exact match (%)": "exact", "BLEU": "bleu"}
TITLES = {"reversal": "Reversing symbols", "french": "French to English", "korean": "Korean to English"}
WIDTH = 4  # translations that the translation explorer shows
UNITS = {"reversal": "symbols", "french": "tokens", "korean": "tokens"}


def _below(panel: Panel, text: widgets.HTML, height: int) -> Panel:
    """Put a text of fixed height, so that nothing below jumps, between a panel's sentence and its views."""
    text.layout = {"height": f"{height}px", "overflow": "auto", "max_width": "760px"}
    panel.children = (*panel.children[:2], text, *panel.children[2:])
    return panel


def table_html(rows: dict[str, str]) -> str:
    """Return names and texts as an HTML table without markup of their own."""
    style = "text-align:left;padding-right:12px;vertical-align:top;white-space:nowrap"
    cells = (
        f'<tr><th style="{style}">{html.escape(name)}</th><td>{html.escape(text)}</td></tr>'
        for name, text in rows.items()
    )
    return f'<table style="font-size:15px;line-height:1.4">{"".join(cells)}</table>'


def bottleneck_explorer(task: str = "reversal", hidden_size: int | None = None, length: str | None = None) -> Panel:
    """Return the bottleneck explorer: quality against length for every hidden size that was measured.

    Args:
        task: `"reversal"`, `"french"` or `"korean"`.
        hidden_size: the hidden size shown first; the smallest where absent.
        length: the length shown first, as the table names it (`"6"`, or `"5–6"` for a bin); the shortest where absent.

    Raises:
        ValueError: no such task in the table, or a size or length that was not measured.
    """
    table, examples = read_table(task=task), read_table("bottleneck_examples", task=task)
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
    text = widgets.HTML()
    view = LineView(
        np.arange(len(bins)),
        {"": np.zeros(len(bins))},
        columns=names,
        x_name=f"{unit} in a sentence; trained on {names[0]} to {names[trained - 1]}",
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
            title=f"{TITLES[task]}: {measure} against length",
            y_name=measure,
        )
        rows = (examples.hidden_size == size) & (examples.fewest == low) & (examples.most == high)
        (example,) = examples[rows & (examples.seed == examples.seed.min())].itertuples()
        verdict = "right" if example.output == example.reference else "wrong"
        shown = {"source": example.source, "reference": example.reference, f"output ({verdict})": example.output}
        text.value = table_html({name: joined(words.split()) for name, words in shown.items()})
        beyond = "" if at < trained else " Longer than anything in training: this is extrapolation."
        spread = f" (from {runs.min():.0f} to {runs.max():.0f} over {len(runs)} seeds)" if len(runs) > 1 else ""
        found = f"{runs.mean():.0f} % right" if "%" in measure else f"BLEU {runs.mean():.0f}"
        return f"{size} units, {names[at]} {unit}: {found}{spread}.{beyond}"

    return _below(Panel(controls, compute, show, [view]), text, 24 + 24 * 3 if task == "reversal" else 176)


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
    text = widgets.HTML()
    view = BarView(
        [0.0] * WIDTH,
        [f"{place}." for place in range(1, WIDTH + 1)],
        title="How likely the model finds its four best translations",
        value_name="probability",
        vmax=1,
        bar_height=24,
    )

    def compute(sentence: str) -> Alternatives:
        return translator.alternatives(segmented(sentence, translator.source_words), WIDTH)

    def show(found: Alternatives) -> str:
        view.update(found.probabilities)
        written = {f"{place}.": joined(words) for place, words in enumerate(found.sentences, start=1)}
        text.value = table_html(written)
        return f"{joined(found.sentences[0])} ({found.probabilities[0]:.0%})"

    buttons = [widgets.Button(description=example, layout={"width": "auto"}) for example in examples]
    for button in buttons:
        button.on_click(lambda pressed: setattr(box, "value", pressed.description))
    return _below(Panel({"sentence": box}, compute, show, [view], beside=buttons), text, 150)
