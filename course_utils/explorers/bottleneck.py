"""The bottleneck explorer: the measured grid of hidden sizes and lengths under two sliders."""

import ipywidgets as widgets
import numpy as np

from course_utils.datasets.text import join
from course_utils.experiments.bottleneck import by_length, task_runs
from course_utils.explorers.browser import Browser
from course_utils.explorers.challenges import Challenge
from course_utils.explorers.panel import LABEL, Panel, menu, pick
from course_utils.explorers.texts import SIGNS, TextPanel, Texts, marked_text
from course_utils.measure.differences import word_differences
from course_utils.messages import note, say, template
from course_utils.messages.explorers import BOTTLENECK, bottleneck_sentence, units
from course_utils.messages.labels import label, options
from course_utils.views.widgets import LineView

RIGHT, KEPT = note("network {number} (right)"), note("network {number} ({kept} of {count} kept)")
TEXT_HEIGHT = 328  # pixels, as much as the curves beside them
PERCENT = {"exact": 100, "bleu": 1}  # measure → what its values in the table are multiplied by


def bottleneck_explorer(
    task: str = "reversal", hidden_size: int | None = None, length: str | None = None, *, measure: str = "exact"
) -> Panel:
    """Return the bottleneck explorer: quality against length for every hidden size that was measured.

    Beside each point: one text of that length as every network of that size wrote it, word by word against the
    reference.

    Args:
        task: `"reversal"`, `"french"` or `"korean"`.
        hidden_size, length: shown first, the length as the table names it (`"6"`, or `"5–6"`); the least where absent.
        measure: `"exact"` or `"bleu"`; `"reversal"` has the first alone.

    Raises:
        ValueError: no such task in the table, or a size or length that was not measured.
    """
    table, examples = task_runs(task), task_runs(task, "bottleneck_examples")
    curves = {}
    for name, factor in PERCENT.items():
        (bins, inside), (longer, beyond) = by_length(table, name), by_length(table, name, "long")
        curves[name] = {size: factor * np.hstack([inside[size], beyond[size]]) for size in inside}
    trained, bins, sizes, unit = len(bins), [*bins, *longer], sorted(inside), label("unit", task)
    names = [str(low) if low == high else f"{low}–{high}" for low, high in bins]
    hidden_size, length = hidden_size or sizes[0], length or names[0]
    for name, value, known in (("hidden size", hidden_size, sizes), ("length", length, names)):
        if value not in known:
            raise ValueError(f"{name}: expected one of {', '.join(map(str, known))}, not {value}")
    wide = {"style": LABEL, "layout": {"width": "250px"}}
    length_name = say("length ({unit})", unit=unit)
    controls = {
        "hidden_size": widgets.SelectionSlider(
            options=sizes, value=hidden_size, description=say("hidden size"), **wide
        ),
        "length": widgets.SelectionSlider(options=names, value=length, description=length_name, **wide),
    }
    measures = ["exact"] if task == "reversal" else list(PERCENT)
    if len(measures) > 1:
        controls["measure"] = menu(measure, options("measure", measures), say("measure"), width="205px")
    texts, title = Texts(), note("{task}: {measure}")
    shortest, longest = bins[0][0], bins[trained - 1][1]
    view = LineView(
        np.arange(len(bins)), {"": np.zeros(len(bins))}, columns=names, vmin=0, vmax=100, cell_width=52,
        picks=[pick(controls["hidden_size"], "line", sizes), pick(controls["length"], "x", names)], height=200,
        x_name=say("{unit} (trained on {shortest}–{longest})", unit=unit, shortest=shortest, longest=longest),
    )  # fmt: skip

    signs = {"replaced": say("another word"), "missing": say("left out"), "extra": say("added")}
    legend = [[f"{' ' * bool(at)}{SIGNS[mark]}{meaning}", mark] for at, (mark, meaning) in enumerate(signs.items())]

    def example(size: int, at: int) -> dict:
        low, high = bins[at]
        rows = (examples.hidden_size == size) & (examples.fewest == low) & (examples.most == high)
        runs = [run._asdict() for run in examples[rows].sort_values("seed").itertuples()]
        source, reference = (runs[0][text].split() for text in ("source", "reference"))
        shown, shares, right = {say("source"): join(source), say("reference"): join(reference)}, [], 0
        for number, run in enumerate(runs, start=1):
            marked = word_differences(run["output"].split(), reference)
            kept = sum(mark == "kept" for _, mark in marked)
            right += kept == len(marked)
            fields = {"number": number, "kept": kept, "count": len(reference)}
            name = say(RIGHT if kept == len(marked) else KEPT, **fields)
            shown[name] = marked_text(marked)
            shares.append(kept / len(reference))
        return {"texts": shown | {"": legend}, "right": right, "kept": max(shares)}

    written = {size: [example(size, at) for at in range(len(names))] for size in sizes}

    def compute(hidden_size: int, length: str, measure: str = "exact") -> tuple[int, int, str]:
        return hidden_size, names.index(length), measure

    def show(result: tuple[int, int, str]) -> str:
        size, at, measure = result
        runs = curves[measure][size][:, at]
        view.update(
            np.arange(len(bins)), {units(count): values.mean(axis=0) for count, values in curves[measure].items()},
            bands={units(n): (v.min(axis=0), v.max(axis=0)) for n, v in curves[measure].items() if len(v) > 1},
            mark=(at, float(runs.mean()), f"{runs.mean():.0f}"), y_name=label("measure", measure),
            title=say(title, task=label("task", task), measure=label("measure", measure)),
        )  # fmt: skip
        texts.write(written[size][at]["texts"])
        return bottleneck_sentence(task, size, names[at], measure, runs, trained=at < trained)

    def facts(result: tuple[int, int, str]) -> dict[str, float]:
        size, at, _ = result
        exact, of = float(curves["exact"][size][:, at].mean()), written[size][at]
        return {"exact": exact, "trained": int(at < trained), "right": of["right"], "kept": of["kept"]}

    data = {
        "sizes": sizes, "names": names, "trained": trained, "task": label("task", task),
        "curves": {measure: {size: runs.tolist() for size, runs in of.items()} for measure, of in curves.items()
                   if measure in measures},
        # A saved notebook sorts what has names; these have an order of their own.
        "examples": {size: [one | {"texts": list(one["texts"].items())} for one in of] for size, of in written.items()},
        "measures": {measure: label("measure", measure) for measure in PERCENT},
        "labels": {"title": template(title), "unit": label("unit", task)},
    }  # fmt: skip
    beyond = say("Longer than trained, half the {unit} kept", unit=unit)
    return TextPanel(
        texts, TEXT_HEIGHT, controls, compute, show, [view], made_by=bottleneck_explorer, facts=facts,
        browser=Browser("bottleneck", data, BOTTLENECK),
        title=say("How much fits into one vector?"),
        hint=say("Click a point of a curve: the size of the network, and how long its sentences are."),
        challenges=[
            Challenge(say("Half of them right"), {"exact": (40, 60)}),
            Challenge(say("One network right, another wrong"), {"right": (1, len(set(examples.seed)) - 1)}),
            Challenge(beyond, {"trained": {0}, "kept": (0.5, None)}),
        ],
    )  # fmt: skip
