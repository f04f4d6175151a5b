"""Browser-held views: pictures that move in the browser, drawn by `views.js` from numbers sent once.

A view is made from NumPy arrays and changed with `update`; its step (`frame`) moves in the browser alone.
Each view also draws itself still, so that a page without widgets shows a picture with a text alternative.
The only module that imports anywidget.
"""

from pathlib import Path

import anywidget
import numpy as np
import traitlets

from course_utils.figures import scenes as still_scenes
from course_utils.figures import still, style
from course_utils.views import pictures, scenes

EXACT_VALUES = 30_000


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


class View(anywidget.AnyWidget):
    """A picture held by the browser; subclasses say how its arguments become a picture.

    Args:
        *arrays: the positional arguments of the subclass's function in `pictures`.
        frame: the step that is shown first, counted from 0.
        **settings: the keyword arguments of that function.

    Raises:
        ValueError: with what was expected, where numbers, labels or limits do not fit.
    """

    _esm = Path(__file__).with_name("views.js")
    stills = still  # the module that draws this kind when nothing moves
    kind = traitlets.Unicode().tag(sync=True)
    picture = traitlets.Dict().tag(sync=True)
    # Where Python last wanted the slider; the browser moves it on its own and does not tell.
    frame = traitlets.Int(0, min=0).tag(sync=True)
    group = traitlets.Unicode().tag(sync=True)

    def __init__(self, *arrays, frame: int = 0, **settings):
        super().__init__(frame=frame)
        self.version = 0
        self.update(*arrays, **settings)

    def update(self, *arrays, frame: int | None = None, **changes) -> None:
        """Show other numbers; what is not given stays as it is. One message, one redraw.

        Raises:
            ValueError: the new picture is no picture; the old one then stays.
        """
        settings = getattr(self, "settings", {}) | changes
        arrays += getattr(self, "arrays", ())[len(arrays) :]
        drawn = self.make(*arrays, **settings)
        self.arrays, self.settings, self.drawn = arrays, settings, drawn
        start = None if frame is None else min(frame, drawn["step_count"] - 1)
        self.version += 1  # two updates to equal numbers are still two updates, and `start` counts each time
        with self.hold_sync():
            self.frame = self.frame if start is None else start
            self.picture = {"version": self.version, "start": start} | packed(drawn)

    def draw(self, ax=None):
        """Draw the view as it stands with matplotlib, on `ax` or on a new figure, and return the Axes."""
        frame = min(self.frame, self.drawn["step_count"] - 1)
        return getattr(self.stills, f"draw_{self.kind}")(self.drawn, frame, ax=ax)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.drawn['alternative']})"

    def _repr_mimebundle_(self, **options):
        widget, metadata = super()._repr_mimebundle_(**options)
        return widget | still_bundle([[self]]), metadata


def still_bundle(rows: list[list[View]]) -> dict[str, str]:
    """Return one display bundle (MIME type → data): the views as they stand, row by row.

    Where three or more share a row, the picture is wider and its rows are lower.
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
            left, right, below, above = still.margins(view.drawn, view.kind)
            room = width / len(row)
            place = (at * room + left, bottom + below, room - left - right, height - below - above)
            parts.append((view.draw, place))
    return style.composed((width, sum(heights)), parts)


class HeatmapView(View):
    """A matrix as colours, or a stack of matrices: `HeatmapView(values, rows=…, columns=…)`.

    The arguments are those of `pictures.heatmap`: values (rows, columns) or (frames, rows, columns).
    """

    kind = traitlets.Unicode("heatmap").tag(sync=True)
    make = staticmethod(pictures.heatmap)

    def inches(self) -> float:
        """Return the height of the still picture in inches."""
        below = still.margins(self.drawn, self.kind)[2] - 0.65 if self.drawn["column_labels"] else 0.0
        return 1.1 + below + min(max(0.24 * len(self.drawn["rows"]), 0.8), 4.0)


class LineView(View):
    """Curves over one x: `LineView(x, {"name": y}, log=True)`.

    The arguments are those of `pictures.lines`: x (n,), each y (n,) or (frames, n), bands, a marked point.
    """

    kind = traitlets.Unicode("lines").tag(sync=True)
    make = staticmethod(pictures.lines)

    def inches(self) -> float:
        """Return the height of the still picture in inches."""
        return 3.4


class BarView(View):
    """Horizontal bars, or a stack of them: `BarView(values, labels)`.

    The arguments are those of `pictures.bars`: values (bars,) or (frames, bars), one label a bar.
    """

    kind = traitlets.Unicode("bars").tag(sync=True)
    make = staticmethod(pictures.bars)

    def inches(self) -> float:
        """Return the height of the still picture in inches."""
        return 0.9 + 0.26 * len(self.drawn["rows"])


class PlaneView(View):
    """Arrows and points in a plane: `PlaneView({"query": (1, 2)}, shares={"query": 0.5})`.

    The arguments are those of `scenes.plane`.
    """

    stills = still_scenes
    kind = traitlets.Unicode("plane").tag(sync=True)
    make = staticmethod(scenes.plane)

    def inches(self) -> float:
        """Return the height of the still picture in inches."""
        return 4.6


class SentenceView(View):
    """Words that light up while another sentence is written: `SentenceView(weights, rows=…, columns=…)`.

    The arguments are those of `scenes.sentence`: weights (rows, columns), the words of both sentences.
    """

    stills = still_scenes
    kind = traitlets.Unicode("sentence").tag(sync=True)
    make = staticmethod(scenes.sentence)

    def inches(self) -> float:
        """Return the height of the still picture in inches."""
        return 2.4


class StatusLine(anywidget.AnyWidget):
    """One sentence under an explorer, read aloud when it changes.

    `text`: the sentence. `failed`: it says why an input was refused. `busy`: Python is computing; the line
    says "working…" if that lasts longer than 200 ms. `controls`: the models' ids of the controls that ask Python. A
    lost kernel, and one that gives no sign for a second after a control moved, are named by the browser itself.
    """

    _esm = View._esm
    kind = traitlets.Unicode("status").tag(sync=True)
    text = traitlets.Unicode().tag(sync=True)
    failed = traitlets.Bool(False).tag(sync=True)
    busy = traitlets.Bool(False).tag(sync=True)
    controls = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __repr__(self) -> str:
        return f"StatusLine({self.text!r})"
