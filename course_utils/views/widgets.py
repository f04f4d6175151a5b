"""Browser-held views: pictures that move in the browser, drawn by `views.js` from numbers sent once.

A view is made from NumPy arrays and changed with `update`; its step (`frame`) moves in the browser alone.
Each view also draws itself still, so that a page without widgets shows a picture with a text alternative.
The only module that imports anywidget.
"""

from pathlib import Path

import anywidget
import numpy as np
import traitlets

from course_utils.figures import charts, diagrams, heatmaps, style
from course_utils.messages.browser import texts
from course_utils.views import pictures

EXACT_VALUES = 30_000
LOOK = {  # what the browser draws with: the colours and dashes of the figures, lighter on dark paper where needed
    "lines": [f"light-dark({colour}, {style.ON_DARK.get(colour, colour)})" for colour in style.PALETTE],
    "dashes": style.DASHES,
    "gold": style.GOLD,
}


def pack(array: np.ndarray, *, log: bool = False) -> dict:
    """Return an array as little-endian bytes: float64, or 16 bits a value where it is large.

    Large arrays travel as float16 shares of their largest size (relative error at most 2**-11), on a log
    scale as 65,533 even steps of the logarithm, so that three significant digits can be read off.
    """
    if array.size <= EXACT_VALUES:
        return {"code": "float64", "data": array.astype("<f8").tobytes(), "low": 0.0, "high": 0.0}
    if not log:
        high = float(np.abs(array[np.isfinite(array)]).max()) or 1.0
        return {"code": "float16", "data": (array / high).astype("<f2").tobytes(), "low": 0.0, "high": high}
    usable = np.isfinite(array) & (array > 0)
    exponent = np.log10(array, where=usable, out=np.zeros_like(array))
    low, high = float(exponent[usable].min()), float(exponent[usable].max())
    level = 1 + np.round((exponent - low) / ((high - low) or 1.0) * 65533)
    bits = np.where(usable, level, np.where(array == 0, 0, 65535)).astype("<u2")
    return {"code": "log16", "data": bits.tobytes(), "low": low, "high": high}


def packed(value, *, log: bool = False):
    """Return a picture with every array in it packed, ready to be sent to the browser."""
    if isinstance(value, np.ndarray):
        return pack(value, log=log)
    if isinstance(value, dict):
        return {key: packed(item, log=value.get("log", log) and key != "x") for key, item in value.items()}
    return [packed(item, log=log) for item in value] if isinstance(value, list) else value


class BrowserHeld(anywidget.AnyWidget):
    """What `views.js` renders: how it looks and what it says travel with the model, into saved pages too."""

    _esm = Path(__file__).with_name("views.js")
    kind = traitlets.Unicode().tag(sync=True)
    look = traitlets.Dict(LOOK).tag(sync=True)
    texts = traitlets.Dict().tag(sync=True)

    def __init__(self, **traits):
        super().__init__(texts=texts(), **traits)


class View(BrowserHeld):
    """A picture held by the browser; subclasses say how its arguments become a picture.

    Args:
        *arrays: the positional arguments of the subclass's function `make` in `pictures`.
        frame: the step that is shown first, counted from 0.
        **settings: the keyword arguments of that function.

    Raises:
        ValueError: with what was expected, where numbers, labels or limits do not fit.
    """

    picture = traitlets.Dict().tag(sync=True)
    # Where Python last wanted the slider; the browser moves it on its own and does not tell.
    frame = traitlets.Int(0, min=0).tag(sync=True)
    group = traitlets.Unicode().tag(sync=True)

    def __init__(self, *arrays, frame: int = 0, **settings):
        super().__init__(frame=frame)
        self.version, self.arrays, self.settings = 0, (), {}
        self.update(*arrays, **settings)

    def update(self, *arrays, frame: int | None = None, **changes) -> None:
        """Show other numbers; what is not given stays as it is. One message, one redraw.

        Raises:
            ValueError: the new picture is no picture; the old one then stays.
        """
        settings, arrays = self.settings | changes, arrays + self.arrays[len(arrays) :]
        drawn = self.make(*arrays, **settings)
        self.arrays, self.settings, self.drawn = arrays, settings, drawn
        start = None if frame is None else min(frame, drawn["step_count"] - 1)
        self.version += 1  # two updates to equal numbers are still two updates, and `start` counts each time
        with self.hold_sync():
            self.frame = self.frame if start is None else start
            self.picture = {"version": self.version, "start": start} | packed(drawn)

    def draw(self, ax=None):
        """Draw the view as it is now with matplotlib, on `ax` or on a new figure, and return the Axes."""
        return self.still(self.drawn, min(self.frame, self.drawn["step_count"] - 1), ax=ax)

    def inches(self) -> float:
        """Return the height of the still picture in inches."""
        rows, slant = len(self.drawn.get("rows", ())), max(margins(self.drawn, self.kind)[2] - 0.65, 0)
        cells = 1.1 + slant + min(max(0.24 * rows, 0.8), 4.0)
        return {"heatmap": cells, "bars": 0.9 + 0.26 * rows, "lines": 3.4, "plane": 4.6, "sentence": 2.4}[self.kind]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.drawn['alternative']})"

    def _repr_mimebundle_(self, **options):
        widget, metadata = super()._repr_mimebundle_(**options)
        return widget | still_bundle([[self]]), metadata


def margins(picture: dict, kind: str) -> tuple[float, float, float, float]:
    """Return the room left, right, below and above the axes of a still picture, in inches.

    Set by hand: matplotlib's constrained layout takes longer than the drawing, and a view waits for it.
    """
    if kind in ("plane", "sentence"):
        return (0.4, 0.2, 0.35, 0.4) if kind == "plane" else (0.2, 0.2, 0.1, 0.4)
    rows = 0.12 * max(map(heatmaps.text_width, picture.get("rows", ["1234"])))
    below = 0.65
    if kind == "heatmap" and heatmaps.slanted(picture):
        below += 0.09 * max(map(heatmaps.text_width, picture["columns"]))
    return {"heatmap": 0.5, "lines": 0.55, "bars": 0.25}[kind] + rows, 1.1 if kind == "heatmap" else 0.25, below, 0.4


def still_bundle(rows: list[list[View]]) -> dict[str, str]:
    """Return one display bundle (MIME type → data): the views as they are now, row by row.

    If three or more share a row, the picture is wider and its rows are lower.
    """
    most = max(map(len, rows))
    heights = [max(view.inches() for view in row) for row in rows]
    if most > 2:
        heights = [max(0.7 * height, min(height, 2.5)) for height in heights]
    width, bottom = {1: 8, 2: 11}.get(most, 14), sum(heights)
    parts = []
    for row, height in zip(rows, heights, strict=True):
        bottom -= height
        for at, view in enumerate(row):
            left, right, below, above = margins(view.drawn, view.kind)
            room = width / len(row)
            place = (at * room + left, bottom + below, room - left - right, height - below - above)
            parts.append((view.draw, place))
    return style.composed((width, sum(heights)), parts)


class HeatmapView(View):
    """A matrix as colours, or a stack of matrices: `HeatmapView(values, rows=…)`, as `pictures.heatmap`."""

    kind = traitlets.Unicode("heatmap").tag(sync=True)
    make, still = staticmethod(pictures.heatmap), staticmethod(heatmaps.still_heatmap)


class LineView(View):
    """Curves over one x: `LineView(x, {"name": y}, log=True)`, as `pictures.lines`."""

    kind = traitlets.Unicode("lines").tag(sync=True)
    make, still = staticmethod(pictures.lines), staticmethod(charts.still_lines)


class BarView(View):
    """Horizontal bars, or a stack of them: `BarView(values, labels)`, as `pictures.bars`."""

    kind = traitlets.Unicode("bars").tag(sync=True)
    make, still = staticmethod(pictures.bars), staticmethod(charts.still_bars)


class PlaneView(View):
    """Arrows and points in a plane: `PlaneView({"query": (1, 2)}, …)`, as `pictures.plane`."""

    kind = traitlets.Unicode("plane").tag(sync=True)
    make, still = staticmethod(pictures.plane), staticmethod(diagrams.still_plane)


class SentenceView(View):
    """Words that light up while another sentence is written: `SentenceView(weights, …)`, as `pictures.sentence`."""

    kind = traitlets.Unicode("sentence").tag(sync=True)
    make, still = staticmethod(pictures.sentence), staticmethod(diagrams.still_sentence)


class StatusLine(BrowserHeld):
    """One sentence under an explorer, read aloud when it changes.

    `text`: the sentence. `failed`: it says why an input was refused. `busy`: Python is computing; the line
    says "working…" if that lasts longer than 200 ms. `controls`: the models' ids of the controls that ask Python. A
    lost kernel, and one that gives no sign for a second after a control moved, are named by the browser itself.
    """

    kind = traitlets.Unicode("status").tag(sync=True)
    text = traitlets.Unicode().tag(sync=True)
    failed = traitlets.Bool(False).tag(sync=True)
    busy = traitlets.Bool(False).tag(sync=True)
    controls = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __repr__(self) -> str:
        return f"StatusLine({self.text!r})"
