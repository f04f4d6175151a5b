"""The ground of every explorer: controls → pure function → views → one sentence.

An explorer of a later lesson is a function of a few lines::

    def recall_explorer(lag: int = 20) -> Panel:
        view = LineView(x, {"RNN": y}, x_name="lag", y_name="accuracy", vmin=0, vmax=1)

        def show(result) -> str:
            view.update(result.lags, {"RNN": result.accuracy})
            return f"At lag {result.lags[-1]} {result.accuracy[-1]:.0%} are right."

        return Panel({"lag": slider(lag, 1, 100, "lag")}, recall_curve, show, [view])

`Panel` calls `compute(**settings)` (a pure function from settings to numbers) whenever a control moves, and
`show(result)` puts the numbers into the views and returns the sentence. It brings: quick answers at once, slow
ones once the hand rests; "working…" after 200 ms; the last good picture and one sentence on a bad input; a reset
button; and, where no widget can run, the views' still pictures in the same display bundle. A panel may have no view.
"""

import asyncio
import html
import time
from collections.abc import Callable, Sequence

import ipywidgets as widgets

from course_utils.explorers.turns import TURN, take_turns
from course_utils.messages import Refusal, say
from course_utils.views.widgets import StatusLine, View, still_bundle

SLOW, REST = 0.15, 0.25  # seconds: a computation longer than SLOW waits until no control moved for REST

LABEL = {"description_width": "initial"}


def slider(value: float, low: float, high: float, name: str, *, step: float | None = None) -> widgets.Widget:
    """Return a slider from `low` to `high`, over whole numbers if `step` is None; ValueError for a value outside."""
    if not low <= value <= high:
        raise ValueError(f"{name}: expected a number from {low} to {high}, not {value}")
    look = {"description": name, "style": LABEL, "layout": {"width": "340px"}}
    if step is None:
        return widgets.IntSlider(value, low, high, **look)
    return widgets.FloatSlider(value, min=low, max=high, step=step, **look)


def menu(value: str, options: Sequence[tuple[str, str]], name: str, *, width: str = "220px") -> widgets.Dropdown:
    """Return a menu of pairs (label, id), whose value is an id; ValueError where `value` is none of them."""
    ids = [id for _, id in options]
    if value not in ids:
        raise ValueError(f"{name}: expected one of {', '.join(ids)}, not {value!r}")
    return widgets.Dropdown(value=value, options=options, description=name, style=LABEL, layout={"width": width})


def text_box(value: str, name: str, *, placeholder: str = "") -> widgets.Text:
    """Return a box for one line of text that answers while the student types."""
    return widgets.Text(value=value, description=name, placeholder=placeholder, style=LABEL, layout={"width": "340px"})


def button(text: str, tooltip: str, press: Callable[[widgets.Button], None]) -> widgets.Button:
    """Return a button that calls `press` with itself."""
    made = widgets.Button(description=text, tooltip=tooltip, layout={"width": "auto"})
    made.on_click(press)
    return made


def example_buttons(box: widgets.Text, examples: Sequence[str]) -> list[widgets.Button]:
    """Return a button for each example that puts it into the box."""
    return [
        button(text, say("Read “{text}”", text=text), lambda pressed: setattr(box, "value", pressed.description))
        for text in examples
    ]


def link(views: Sequence[View]) -> None:
    """Let the frames of several views move together in the browser; all but the first hide their slider.

    Every view keeps its own number of frames: a view with fewer stays at its last.
    """
    for view in views:
        view.group = views[0].model_id
        if view is not views[0]:
            view.update(player=False)


class Panel(widgets.VBox):
    """Controls above, one sentence, views below; a reset button; a still picture where no widget runs.

    Args:
        controls: name of an argument of `compute` → widget with a `value`.
        compute: the pure function `compute(**settings) -> result`; a `Refusal` says why a setting is bad.
        show: `show(result) -> sentence` updates the views (with `view.update`).
        views: the views, top to bottom (side by side: give a list of lists); may be empty.
        adapt: `adapt(settings)`, called before computing, may disable controls that do not apply.
        beside: widgets after the controls, in the same row.
        still_columns: how many views are side by side in the still picture; None: as in `views`.

    Raises:
        Exception: whatever `compute` or `show` raises on the first settings: a lecture must not start broken.
    """

    def __init__(
        self, controls: dict[str, widgets.Widget], compute: Callable, show: Callable[..., str],
        views: Sequence[View | Sequence[View]], *, adapt: Callable[[dict], None] = lambda settings: None,
        beside: Sequence[widgets.Widget] = (), still_columns: int | None = None,
    ):  # fmt: skip
        self.controls, self.compute, self.show, self.adapt = controls, compute, show, adapt
        self.rows = [list(row) if isinstance(row, (list, tuple)) else [row] for row in views]
        self.views = [view for row in self.rows for view in row]
        self.still_columns = still_columns
        self.status = StatusLine(controls=[control.model_id for control in controls.values()])
        self.seconds, self.waiting = 0.0, None
        self.first = self.settings
        self.reset_button = button(say("Reset"), say("Back to the first settings"), lambda _: self.reset())
        take_turns()
        self.refresh(catch=False)
        self.first_frames = [view.frame for view in self.views]
        for control in controls.values():
            control.observe(self.on_change, "value")
        wrap, spaced = {"flex_flow": "row wrap", "grid_gap": "0 16px"}, {"align_items": "center", "grid_gap": "0 12px"}
        head = widgets.HBox([*controls.values(), *beside, self.reset_button], layout=wrap | spaced)
        rows = (widgets.HBox(row, layout=wrap) if len(row) > 1 else row[0] for row in self.rows)
        super().__init__([head, self.status, *rows])
        self.add_class("cu-panel")

    @property
    def settings(self) -> dict:
        """The current settings, name → value: what `compute` is called with."""
        return {name: control.value for name, control in self.controls.items()}

    def reset(self) -> None:
        """Bring every control and step back to where the explorer began, and compute once."""
        for name, control in self.controls.items():
            control.unobserve(self.on_change, "value")
            control.value = self.first[name]
            control.observe(self.on_change, "value")
        self.refresh()
        for view, frame in zip(self.views, self.first_frames, strict=True):
            if view.drawn["step_count"] > 1:
                view.update(frame=frame)

    def on_change(self, change) -> None:
        """Refresh after a control moved: at once where that is quick, else once the hand rests."""
        self.stop_waiting()
        if self.seconds < SLOW:
            self.refresh()
            return
        try:
            self.waiting = asyncio.get_running_loop().call_later(REST, self.refresh)
            self.status.busy = True
        except RuntimeError:  # no loop: nothing could wait
            self.refresh()

    def stop_waiting(self) -> None:
        """Drop the computation that waits until the hand rests, if there is one."""
        if self.waiting is not None:
            self.waiting.cancel()
            self.waiting = None

    def refresh(self, *, catch: bool = True) -> None:
        """Compute and show; on a bad setting keep the last good picture and say why in one sentence.

        While a cell runs, this waits for its end.
        """
        with TURN:
            self._refresh(catch)

    def _refresh(self, catch: bool) -> None:
        self.stop_waiting()
        settings = self.settings
        self.adapt(settings)
        self.status.busy = True
        began = time.perf_counter()
        try:
            text, failed = self.show(self.compute(**settings)), False
        except Exception as error:  # a student's own step may raise anything; the explorer must survive it
            if not catch:
                raise
            stopped = say("The computation stopped with {type}: {text}", type=type(error).__name__, text=error)
            text, failed = str(error) if isinstance(error, Refusal) else stopped, True
        self.seconds = time.perf_counter() - began
        with self.status.hold_sync():
            self.status.text, self.status.failed, self.status.busy = text, failed, False

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.settings.items())})"

    def still_rows(self) -> list[list]:
        """Return what the still picture shows, row by row."""
        every = self.still_columns
        return [self.views[at : at + every] for at in range(0, len(self.views), every)] if every else self.rows

    def _repr_mimebundle_(self, **options):
        rows = self.still_rows()
        still = still_bundle(rows) if rows else {"text/html": "", "text/plain": ""}
        texts = {
            "text/html": f"<p>{html.escape(self.status.text)}</p>{still['text/html']}",
            "text/plain": f"{self.status.text} {still['text/plain']}".strip(),
        }
        return super()._repr_mimebundle_(**options) | still | texts
