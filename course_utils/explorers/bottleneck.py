"""The bottleneck explorer: the measured grid of hidden sizes and lengths under two sliders."""

import ipywidgets as widgets
import numpy as np

from course_utils.datasets.text import join
from course_utils.experiments.bottleneck import by_length, task_runs
from course_utils.explorers.panel import LABEL, Panel, menu
from course_utils.explorers.texts import TextPanel, Texts
from course_utils.messages import say
from course_utils.messages.explorers import bottleneck_sentence, units
from course_utils.messages.labels import label, options
from course_utils.views.widgets import LineView

PERCENT = {"exact": 100, "bleu": 1}  # measure → what its values in the table are multiplied by


def bottleneck_explorer(task: str = "reversal", hidden_size: int | None = None, length: str | None = None) -> Panel:
    """Return the bottleneck explorer: quality against length for every hidden size that was measured.

    Args:
        task: `"reversal"`, `"french"` or `"korean"`.
        hidden_size, length: shown first, the length as the table names it (`"6"`, or `"5–6"`); the least where absent.

    Raises:
        ValueError: no such task in the table, or a size or length that was not measured.
    """
    table, examples = task_runs(task), task_runs(task, "bottleneck_examples")
    curves = {}
    for measure, factor in PERCENT.items():
        (bins, inside), (longer, beyond) = by_length(table, measure), by_length(table, measure, "long")
        curves[measure] = {size: factor * np.hstack([inside[size], beyond[size]]) for size in inside}
    trained, bins, sizes, unit = len(bins), [*bins, *longer], sorted(inside), label("unit", task)
    names = [str(low) if low == high else f"{low}–{high}" for low, high in bins]
    hidden_size, length = hidden_size or sizes[0], length or names[0]
    for name, value, known in (("hidden size", hidden_size, sizes), ("length", length, names)):
        if value not in known:
            raise ValueError(f"{name}: expected one of {', '.join(map(str, known))}, not {value}")
    wide = {"style": LABEL, "layout": {"width": "340px"}}
    length_name = say("length ({unit})", unit=unit)
    controls = {
        "size": widgets.SelectionSlider(options=sizes, value=hidden_size, description=say("hidden size"), **wide),
        "length": widgets.SelectionSlider(options=names, value=length, description=length_name, **wide),
    }
    if task != "reversal":
        controls["measure"] = menu("exact", options("measure", PERCENT), say("measure"))
    texts = Texts()
    shortest, longest = bins[0][0], bins[trained - 1][1]
    view = LineView(
        np.arange(len(bins)), {"": np.zeros(len(bins))}, columns=names, vmin=0, vmax=100, cell_width=52,
        x_name=say("{unit} (trained on {shortest}–{longest})", unit=unit, shortest=shortest, longest=longest),
    )  # fmt: skip

    def compute(size: int, length: str, measure: str = "exact") -> tuple[int, int, str]:
        return size, names.index(length), measure

    def show(result: tuple[int, int, str]) -> str:
        size, at, measure = result
        runs = curves[measure][size][:, at]
        view.update(
            np.arange(len(bins)), {units(count): values.mean(axis=0) for count, values in curves[measure].items()},
            bands={units(n): (v.min(axis=0), v.max(axis=0)) for n, v in curves[measure].items() if len(v) > 1},
            mark=(at, float(runs.mean()), f"{runs.mean():.0f}"), y_name=label("measure", measure),
            title=say("{task}: {measure}", task=label("task", task), measure=label("measure", measure)),
        )  # fmt: skip
        low, high = bins[at]
        rows = (examples.hidden_size == size) & (examples.fewest == low) & (examples.most == high)
        (example,) = examples[rows & (examples.seed == examples.seed.min())].itertuples()
        output = say("output (right)") if example.output == example.reference else say("output (wrong)")
        lines = {say("source"): example.source, say("reference"): example.reference, output: example.output}
        texts.write({name: join(line.split()) for name, line in lines.items()})
        return bottleneck_sentence(task, size, names[at], measure, runs, trained=at < trained)

    return TextPanel(texts, 24 + 24 * 3 if task == "reversal" else 176, controls, compute, show, [view])
