"""The positions explorer: a vector for each position as a map, as a clock of hands, and how alike two of them are."""

from collections.abc import Sequence

import ipywidgets as widgets
import numpy as np
import torch

from course_utils.explorers.browser import Browser, pack_weights
from course_utils.explorers.challenges import Challenge
from course_utils.explorers.panel import LABEL, Hand, Panel, menu
from course_utils.measure.positions import PositionsReading, read_positions
from course_utils.messages import say
from course_utils.messages.explorers import POSITIONS, nearest, position_sentence, signed
from course_utils.messages.labels import label, options
from course_utils.messages.numbers import number
from course_utils.models import transformer
from course_utils.views.positions import MOST_HANDS
from course_utils.views.widgets import ClockView, HeatmapView, LineView

LENGTH = 48  # positions
WIDTHS = (4, 6, 8, 12, 16, 24, 32, 48, 64, 96)


def positions_explorer(
    kind: str = "sinusoidal", width: int = 24, places: Sequence[int] = (4, 9), measure: str = "dot", *,
    learned=None, sinusoids=transformer.sinusoids,
) -> Panel:  # fmt: skip
    """Return the positions explorer: vectors of positions as a map and as clocks, and how alike two positions are.

    Args:
        kind: `"sinusoidal"`, `"learned"` where there is such a table, or `"none"`.
        width: entries of the sinusoids, one of `WIDTHS`.
        places: the two positions that are compared; both can be dragged.
        measure: `"dot"` or `"cosine"`.
        learned: a trained table of positions, `(T, E)`, T at least 24, E even and at most 128, such as
            `positions.table.weight` of a model that learned them.
        sinusoids: a function like `transformer.sinusoids`, such as a student's own.

    Raises:
        ValueError: a setting out of its range, or a learned table that does not fit.
    """
    table = None if learned is None else torch.as_tensor(learned).detach().cpu().double()[:LENGTH]
    if table is not None and (
        table.ndim != 2 or len(table) < 24 or table.shape[1] not in range(2, 2 * MOST_HANDS + 1, 2)
    ):
        raise ValueError(
            f"learned: expected at least 24 rows of even width up to {2 * MOST_HANDS}, not {tuple(table.shape)}"
        )
    length = LENGTH if table is None else len(table)
    if len(places) != 2 or not all(place in range(length) for place in places):
        raise ValueError(f"places: expected two positions from 0 to {length - 1}, not {places}")
    if width not in WIDTHS:
        raise ValueError(f"width: expected one of {WIDTHS}, not {width}")
    kinds = ["sinusoidal", *(["learned"] if table is not None else []), "none"]
    start, hand = list(places), Hand(value=list(places))
    controls = {
        "kind": menu(kind, options("positions", kinds), say("positions"), width="200px"),
        "width": widgets.SelectionSlider(value=width, options=[(str(size), size) for size in WIDTHS],
                                         description=say("entries"), style=LABEL, layout={"width": "240px"}),
        "measure": menu(measure, options("similarity", ["dot", "cosine"]), say("similarity"), width="210px"),
        "places": hand,
    }  # fmt: skip
    labels, names = [str(at) for at in range(length)], ("p", "q")
    vectors = HeatmapView(
        np.zeros((2, length)), columns=labels, row_name=say("entry"), column_name=say("position"),
        value_name=say("value"), scale="diverging", height=92, title=say("A vector for each position"),
    )  # fmt: skip
    dials = ClockView(np.zeros((2, 1, 2)), [0.0], names, title=say("The same vectors as hands of a clock"), height=262)
    curve = LineView(
        range(length), {"": np.zeros(length)}, columns=labels, x_name=say("position compared with p"),
        y_name=say("similarity"), height=74, vmin=-1, vmax=1,
    )  # fmt: skip
    for view in (vectors, dials, curve):
        view.layout.min_width = "0"
    dials.layout.grid_area = "span 2"  # two rows high: ipywidgets would drop a `grid_row`

    def vectors_of(kind: str, width: int) -> np.ndarray:
        if kind == "learned":
            return table.numpy()
        made = sinusoids(torch.arange(length, dtype=torch.float64), width).detach().numpy()
        return made if kind == "sinusoidal" else np.zeros((length, width))

    def compute(kind: str, width: int, measure: str, places: list) -> tuple[PositionsReading, dict]:
        measure = "dot" if kind == "none" else measure
        settings = {"kind": kind, "width": width, "measure": measure, "places": tuple(places)}
        return read_positions(vectors_of(kind, width), places, measure), settings

    def adapt(settings: dict) -> None:
        controls["measure"].disabled = settings["kind"] == "none"  # vectors of zeros have no angle
        controls["width"].disabled = settings["kind"] != "sinusoidal"

    def show(result: tuple[PositionsReading, dict]) -> str:
        reading, settings = result
        (p, q), kind, like = settings["places"], settings["kind"], reading.likeness
        reach = max(float(np.abs(reading.vectors).max()), 1.0)
        low, high = (float(like.min()), float(like.max())) if like.any() else (-1.0, 1.0)
        hands = {name: (place, hand.model_id, at) for at, (name, place) in enumerate(zip(names, (p, q), strict=True))}
        wide = reading.vectors.shape[1]
        vectors.update(reading.vectors.T, rows=range(wide), vmin=-reach, vmax=reach, hands=hands)
        turns = (
            [number(2 * np.pi * 10000 ** (at / wide), 2) for at in range(0, wide, 2)] if kind == "sinusoidal" else []
        )
        called = [say(POSITIONS.name, name=name, place=place) for name, place in zip(names, (p, q), strict=True)]
        dials.update(reading.hands, reading.added, called, turns=turns)
        curve.update(
            range(length), {"": like[p]}, mark=(q, like[p, q], say(POSITIONS.value, q=q, value=signed(like[p, q]))),
            vmin=min(low, 0.0), vmax=high,
        )  # fmt: skip
        return position_sentence((p, q), like, reading.agreement, settings["measure"], kind)

    def facts(result: tuple[PositionsReading, dict]) -> dict[str, float]:
        reading, settings = result
        (p, q), like, agreement = settings["places"], reading.likeness, [*reading.agreement, 0.0]
        return {
            "apart": abs(p - q), "beyond": min(p, q), "first": float(agreement[0]), "second": float(agreement[1]),
            "beats": float(like[p, q] - like[p, nearest(like, p)]), "off": float(abs(like[p, q] - like[tuple(start)])),
        }  # fmt: skip

    hands_text = say("Hand 1 agrees, hand 2 opposes")
    challenges = [
        Challenge(hands_text, {"kind": {"sinusoidal"}, "first": (0.9, None), "second": (None, -0.9)}),
        Challenge(say("Past 20, as alike as {p} and {q}", p=start[0], q=start[1]),
                  {"kind": {"sinusoidal"}, "beyond": (20, None), "off": (None, 1e-3)}),
        Challenge(say("11+ apart, more alike than neighbours"),
                  {"kind": {"sinusoidal"}, "apart": (11, None), "beats": (1e-6, None)}),
    ]  # fmt: skip
    data = {
        "length": length, "start": start, "names": list(names),
        "learned": None if table is None else pack_weights({"table": table}),
        "measures": {id: label("similarity", id) for id in ("dot", "cosine")},
    }  # fmt: skip
    browser = Browser("positions", data, POSITIONS, own=sinusoids is not transformer.sinusoids)
    panel = Panel(
        controls, compute, show, [[vectors, dials, curve]], title=say("A place for every word"),
        hint=say("Drag p and q in the map. Which hands turn fast, which hardly at all?"), challenges=challenges,
        facts=facts, made_by=positions_explorer, adapt=adapt, still_columns=2, browser=browser,
    )  # fmt: skip
    # Map and curve share their columns, so one is above the other, and the dials are beside both.
    columns = "repeat(auto-fit, minmax(min(100%, 340px), 1fr))"
    panel.children[2].layout = widgets.Layout(display="grid", grid_template_columns=columns, grid_gap="0 16px")
    return panel
