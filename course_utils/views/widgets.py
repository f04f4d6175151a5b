"""Browser-held views: pictures that move in the browser, drawn by `views.js` from numbers sent once.

A view is made from NumPy arrays and changed with `update`; its step (`frame`) moves in the browser alone.
Each view also draws itself still, so that a page without widgets shows a picture with a text alternative.
The only module that imports anywidget.
"""

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import anywidget
import numpy as np
import traitlets

from course_utils.figures import charts, diagrams, heatmaps, style
from course_utils.figures import drawings as stills
from course_utils.figures import heads as head_stills
from course_utils.figures import positions as still_positions
from course_utils.messages.browser import texts
from course_utils.views import drawings, heads, pictures, positions

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


class Shared(anywidget.AnyWidget):
    """What all views need: sent to a browser, and stored in a page, once, however many views there are."""

    _esm = "export default {};"
    _made: ClassVar[dict[tuple, "Shared"]] = {}

    @classmethod
    def once(cls, key: str, make: Callable[[], dict]) -> "Shared":
        """Return the one of a key, made of `make()` when it is first needed, and again if someone closed it."""
        found = cls._made.get((cls, key))
        if found is None or found.comm is None:
            found = cls._made[cls, key] = cls(**make())
        return found


class Library(Shared):
    """A bundle itself."""

    code = traitlets.Unicode().tag(sync=True)

    @classmethod
    def of_this_kernel(cls, bundle: str = "views.js") -> "Library":
        """Return the library of a bundle."""
        return cls.once(bundle, lambda: {"code": Path(__file__).with_name(bundle).read_text(encoding="utf-8")})


class Texts(Shared):
    """All that the browser says by itself, in one language."""

    texts = traitlets.Dict().tag(sync=True)

    @classmethod
    def of_this_kernel(cls) -> "Texts":
        """Return the texts in the language that is chosen now."""
        now = texts()
        return cls.once("\n".join(now.values()), lambda: {"texts": now})


class BrowserHeld(anywidget.AnyWidget):
    """What `views.js` renders: how it looks and what it says travel with the model, into saved pages too."""

    _esm = Path(__file__).with_name("loader.js").read_text(encoding="utf-8")
    library = traitlets.Unicode().tag(sync=True)
    kind = traitlets.Unicode().tag(sync=True)
    look = traitlets.Dict(LOOK).tag(sync=True)
    said = traitlets.Unicode().tag(sync=True)

    def __init__(self, **traits):
        self._said = Texts.of_this_kernel()
        super().__init__(said=self._said.model_id, library=Library.of_this_kernel().model_id, **traits)

    @property
    def texts(self) -> dict[str, str]:
        """What it can say by itself."""
        return self._said.texts


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
        """Draw the view as it is now with matplotlib, on `ax` or on a new figure, and return the Axes.

        A picture that tells a story is drawn at the step that shows it best, as long as the story is at its beginning.
        """
        frame = self.frame or self.drawn.get("rest", 0)
        return self.still(self.drawn, min(frame, self.drawn["step_count"] - 1), ax=ax)

    def inches(self) -> float:
        """Return the height of the still picture in inches."""
        rows = len(self.drawn.get("few") or self.drawn.get("rows", ()))
        slant = max(margins(self.drawn, self.kind)[2] - 0.65, 0)
        cells = 1.1 + slant + min(max(0.24 * rows, 0.8), 4.0)
        fixed = {"lines": 3.4, "plane": 4.6, "pipeline": 4.6, "tank": 3.4}
        fixed |= {"ribbons": 3.4, "recurrence": 3.3, "cell": 4.2, "bottleneck": 3.8, "stream": 3.4, "tree": 2.6}
        fixed |= {"clock": 3.4, "chips": 3.3, "layer": 4.6}
        fixed |= {"heads": 3.4, "versions": 1.2}
        return {"heatmap": cells, "bars": 0.9 + 0.26 * rows, **fixed}[self.kind]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.drawn['alternative']})"

    def _repr_mimebundle_(self, **options):
        widget, metadata = super()._repr_mimebundle_(**options)
        return widget | still_bundle([[self]]), metadata


# Room left, right, below and above a still picture without axes, in inches.
BARE = {"plane": (0.4, 0.2, 0.35, 0.4), "pipeline": (0.7, 0.1, 0.35, 0.7), "tank": (0.7, 0.2, 0.65, 0.4)}
BARE |= dict.fromkeys(
    ("texts", "ribbons", "recurrence", "cell", "bottleneck", "tree", "clock", "chips", "layer", "heads", "versions"),
    (0.2, 0.2, 0.1, 0.4),
)


def margins(picture: dict, kind: str) -> tuple[float, float, float, float]:
    """Return the room left, right, below and above the axes of a still picture, in inches.

    Set by hand: matplotlib's constrained layout takes longer than the drawing, and a view waits for it.
    """
    if kind in BARE:
        return BARE[kind]
    if kind == "stream":
        names = 0.11 * max(heatmaps.text_width(f"↳ {name} 0.00") for name in picture["rows"])
        return 0.75, 0.7 + names, 0.65, 0.4
    names = [name for _, name in picture.get("few") or ()] or picture.get("rows", ["1234"])
    rows = 0.12 * max(map(heatmaps.text_width, names))
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


class StreamView(View):
    """Shares that flow from step to step: `StreamView(values, labels, steps=…)`, as `pictures.stream`."""

    kind = traitlets.Unicode("stream").tag(sync=True)
    make, still = staticmethod(pictures.stream), staticmethod(charts.still_stream)


class TreeView(View):
    """A beam search as a tree: `TreeView(beams)`, as `pictures.tree`."""

    kind = traitlets.Unicode("tree").tag(sync=True)
    make, still = staticmethod(pictures.tree), staticmethod(charts.still_tree)


class PlaneView(View):
    """Arrows and points in a plane: `PlaneView({"query": (1, 2)}, …)`, as `pictures.plane`."""

    kind = traitlets.Unicode("plane").tag(sync=True)
    make, still = staticmethod(pictures.plane), staticmethod(diagrams.still_plane)


class PipelineView(View):
    """Numbers that pass through stages: `PipelineView(values, rows, columns)`, as `pictures.pipeline`."""

    kind = traitlets.Unicode("pipeline").tag(sync=True)
    make, still = staticmethod(pictures.pipeline), staticmethod(charts.still_pipeline)


class TankView(View):
    """One unit of an LSTM, its cell as a tank, its gates as valves: `TankView(traces, steps)`, as `pictures.tank`."""

    kind = traitlets.Unicode("tank").tag(sync=True)
    make, still = staticmethod(pictures.tank), staticmethod(charts.still_tank)


class RibbonView(View):
    """Ribbons between two lines of words: `RibbonView(weights, rows=…, columns=…)`, as `drawings.ribbons`."""

    kind = traitlets.Unicode("ribbons").tag(sync=True)
    make, still = staticmethod(drawings.ribbons), staticmethod(stills.still_ribbons)


class DrawingView(View):
    """A drawing of a lesson's machine, or of a kind that few pages have: its code is in a bundle of its own."""

    drawings = traitlets.Unicode().tag(sync=True)

    @traitlets.default("drawings")
    def _drawings(self) -> str:
        return Library.of_this_kernel("drawings.js").model_id


class RecurrenceView(DrawingView):
    """A recurrent network unrolled letter by letter, and the gradient back: as `drawings.recurrence`."""

    kind = traitlets.Unicode("recurrence").tag(sync=True)
    make, still = staticmethod(drawings.recurrence), staticmethod(stills.still_recurrence)


class CellView(DrawingView):
    """An LSTM's cell with its gates as valves, one unit at a time: as `drawings.lstm_cell`."""

    kind = traitlets.Unicode("cell").tag(sync=True)
    make, still = staticmethod(drawings.lstm_cell), staticmethod(stills.still_cell)


class BottleneckView(DrawingView):
    """A sentence read into one state, another written from it: as `drawings.bottleneck`."""

    kind = traitlets.Unicode("bottleneck").tag(sync=True)
    make, still = staticmethod(drawings.bottleneck), staticmethod(stills.still_bottleneck)


class LayerView(DrawingView):
    """One layer of a Transformer, the stream of a word as its spine: as `drawings.layer`."""

    kind = traitlets.Unicode("layer").tag(sync=True)
    make, still = staticmethod(drawings.layer), staticmethod(stills.still_layer)


class ClockView(DrawingView):
    """Two positions as clocks of hands: `ClockView(hands, added, names)`, as `positions.clock`."""

    kind = traitlets.Unicode("clock").tag(sync=True)
    make, still = staticmethod(positions.clock), staticmethod(still_positions.still_clock)


class ChipsView(DrawingView):
    """Words that can be dragged into another order: `ChipsView(words, order, results)`, as `positions.chips`."""

    kind = traitlets.Unicode("chips").tag(sync=True)
    make, still = staticmethod(positions.chips), staticmethod(still_positions.still_chips)


class HeadsView(DrawingView):
    """A small map for each head, with a switch that silences it: `HeadsView(maps, rows=…)`, as `heads.heads`."""

    kind = traitlets.Unicode("heads").tag(sync=True)
    make, still = staticmethod(heads.heads), staticmethod(head_stills.still_heads)


class VersionsView(DrawingView):
    """Two versions of a sentence, where they differ marked: `VersionsView(texts, names)`, as `heads.versions`."""

    kind = traitlets.Unicode("versions").tag(sync=True)
    make, still = staticmethod(heads.versions), staticmethod(head_stills.still_versions)


class StatusLine(BrowserHeld):
    """One sentence under an explorer, read aloud when it changes.

    `text`: the sentence. `sentences`: one per step of the picture, if there are several; the browser shows the one of
    the step on the screen. `failed`: the sentence says why an input was refused. `busy`: Python is computing; the line
    says "working…" if that lasts longer than 200 ms. `controls`: the models' ids of the controls that ask Python;
    `views`: of the views. A lost kernel, and one that gives no sign for a second after a control moved, are named by
    the browser itself.
    `shown`: the settings of the picture on the screen, which are not the controls' after a refusal.
    `computer`: the model's id of what lets the browser answer in place of Python, if there is such (see
    `explorers/browser.py`); with `own`, only where there is no kernel.
    """

    kind = traitlets.Unicode("status").tag(sync=True)
    text = traitlets.Unicode().tag(sync=True)
    sentences = traitlets.List(traitlets.Unicode()).tag(sync=True)
    views = traitlets.List(traitlets.Unicode()).tag(sync=True)
    failed = traitlets.Bool(False).tag(sync=True)
    busy = traitlets.Bool(False).tag(sync=True)
    controls = traitlets.List(traitlets.Unicode()).tag(sync=True)
    shown = traitlets.Dict().tag(sync=True)
    computer = traitlets.Unicode().tag(sync=True)
    own = traitlets.Bool(False).tag(sync=True)

    def __repr__(self) -> str:
        return f"StatusLine({self.text!r})"


class Head(BrowserHeld):
    """An explorer's title, one line on what to try, and its challenges, each `{"text", "needs", "met"}`.

    `needs`: name of a fact → `{"low", "high"}` or `{"among"}`; the browser ticks a challenge by itself where it
    computes the facts, and Python where Python does.
    """

    kind = traitlets.Unicode("head").tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)
    hint = traitlets.Unicode().tag(sync=True)
    challenges = traitlets.List(traitlets.Dict()).tag(sync=True)


class WordList(BrowserHeld):
    """The words that a sentence may be made of: suggested while it is typed, and listed on demand.

    `words`: name → words, sorted; `control`: the model's id of the text box; `chooser`: of the menu whose value is a
    name, empty where there is one name; `names`: the menu's values in its order.
    """

    kind = traitlets.Unicode("words").tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
    control = traitlets.Unicode().tag(sync=True)
    chooser = traitlets.Unicode().tag(sync=True)
    names = traitlets.List(traitlets.Unicode()).tag(sync=True)


class Footer(BrowserHeld):
    """Reset, Undo, Copy picture, Copy state.

    Reset and Undo arrive as a message `{"action": "reset"}` or `{"action": "undo"}`; while `restoring`, controls come
    back one by one, and what shows them waits for the last. The call that "Copy state" copies
    is `callee(*fixed, **controls)`: `controls` says in which trait of which model a setting is, and for a position
    which value each stands for. After a refusal, which `status` tells of, by its model's id, they are those of the
    picture that is still on the screen.
    """

    kind = traitlets.Unicode("footer").tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)
    can_undo = traitlets.Bool(False).tag(sync=True)
    restoring = traitlets.Bool(False).tag(sync=True)
    callee = traitlets.Unicode().tag(sync=True)
    fixed = traitlets.List(traitlets.Unicode()).tag(sync=True)
    status = traitlets.Unicode().tag(sync=True)
    controls = traitlets.List(traitlets.Dict()).tag(sync=True)
    views = traitlets.List(traitlets.Unicode()).tag(sync=True)
