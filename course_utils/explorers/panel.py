"""The frame of every explorer: what to try → controls → pure function → views → one sentence.

An explorer of a later lesson is a function of a few lines::

    def recall_explorer(lag: int = 20) -> Panel:
        view = LineView(x, {"RNN": y}, x_name="lag", y_name="accuracy", vmin=0, vmax=1)

        def show(result) -> str:
            view.update(result.lags, {"RNN": result.accuracy})
            return f"At lag {result.lags[-1]} {result.accuracy[-1]:.0%} are right."

        return Panel(
            {"lag": slider(lag, 1, 100, "lag")}, recall_curve, show, [view], made_by=recall_explorer,
            title="How long does an RNN remember?", hint="Raise the lag until it only guesses.",
            challenges=[Challenge("Find a lag at which it guesses", {"accuracy": (None, 0.2)})],
            facts=lambda result: {"accuracy": result.accuracy[-1]},
        )

`Panel` calls `compute(**settings)` (a pure function from settings to numbers) whenever a control moves, and
`show(result)` puts the numbers into the views and returns the sentence, or one sentence per step of the picture. It
brings: a title, a hint, and challenges that tick when the facts meet them; quick answers at once, slow ones once the
hand rests; "working…" after 200 ms; on a bad input one sentence, and the last good picture, faded; Reset, Undo, Copy
picture, Copy state; and, where no widget can run, the views' still pictures in the same display bundle. A panel may
have no view. Controls are named as the arguments of the function that makes the explorer, so that the copied call
rebuilds what is on the screen.
"""

import asyncio
import html
import math
import time
from collections.abc import Callable, Mapping, Sequence

import ipywidgets as widgets
import traitlets

from course_utils.datasets.corpus import Vocabulary
from course_utils.datasets.special_tokens import SPECIAL
from course_utils.datasets.text import MARK
from course_utils.explorers.browser import Browser, computer
from course_utils.explorers.calls import written_call
from course_utils.explorers.challenges import Challenge
from course_utils.explorers.turns import TURN, take_turns
from course_utils.messages import Refusal, say
from course_utils.views.widgets import Footer, Head, StatusLine, View, still_bundle

SLOW, REST = 0.15, 0.25  # seconds: a computation longer than SLOW waits until no control moved for REST
PAUSE = 0.8  # seconds: moves of one control that follow each other sooner are one move, undone as one

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


class Hand(widgets.ValueWidget):
    """A control without a face: what a hand moves in a picture, such as the places of items in a `PlaneView`.

    Its value is what JSON can hold: a list, a text.
    """

    _model_name = traitlets.Unicode("WidgetModel").tag(sync=True)
    value = traitlets.Any().tag(sync=True)
    disabled = False


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


def listed(vocabulary: Vocabulary) -> list[str]:
    """Return the words of a vocabulary for a reader: sorted, endings last."""
    return sorted(vocabulary.tokens[len(SPECIAL) :], key=lambda word: (word.startswith(MARK), word))


def held_by(name: str, control: widgets.Widget) -> dict:
    """Return where the browser finds a setting: in the trait of a model, or as the position of one of its values."""
    if control.has_trait("index"):  # menus and selection sliders send the position alone
        values = [value for _, value in control._options_full]
        return {"name": name, "id": control.model_id, "trait": "index", "values": values}
    return {"name": name, "id": control.model_id, "trait": "value"}


def pick(control: widgets.Widget, by: str, values: Sequence) -> dict:
    """Return what a click on a point of a `LineView` sets: the control's value, one per "line" or one per "x"."""
    held = held_by("", control)
    traits = [held["values"].index(value) for value in values] if "values" in held else list(values)
    return {"control": held["id"], "trait": held["trait"], "by": by, "values": traits}


def link(views: Sequence[View]) -> None:
    """Let the frames of several views move together in the browser; all but the first hide their slider.

    Every view keeps its own number of frames: a view with fewer stays at its last.
    """
    for view in views:
        view.group = views[0].model_id
        if view is not views[0]:
            view.update(player=False)


def _same(one: dict, other: dict) -> bool:
    """Return whether two settings are equal, up to the rounding of a float."""
    floats = [name for name, value in one.items() if isinstance(value, float)]
    rest = [name for name in one if name not in floats]
    return all(one[n] == other[n] for n in rest) and all(math.isclose(one[n], other[n], abs_tol=1e-9) for n in floats)


class Panel(widgets.VBox):
    """A card: what to try, challenges, controls, views, one sentence; a still picture where no widget runs.

    Args:
        controls: name of an argument of `compute` → widget with a `value`.
        compute: the pure function `compute(**settings) -> result`; a `Refusal` says why a setting is bad.
        show: `show(result)` updates the views (with `view.update`) and returns the sentence, or a list of sentences,
            one per step of the views that move together.
        views: the views, top to bottom (side by side: give a list of lists); may be empty.
        title, hint: what the explorer is about, and one line on what to try.
        challenges: two or three goals; a met one stays ticked.
        facts: `facts(result)`, numbers by name that challenges need; the settings are facts too.
        made_by: the function that makes this explorer, for "Copy state"; its parameters include the controls' names.
        adapt: `adapt(settings)`, called before computing, may disable controls that do not apply.
        beside: widgets after the controls, in the same row.
        still_columns: how many views are side by side in the still picture; None: as in `views`.
        browser: how the browser computes and shows the same; None where only Python can.

    Raises:
        Exception: whatever `compute` or `show` raises on the first settings: a lecture must not start broken.
    """

    def __init__(
        self, controls: dict[str, widgets.Widget], compute: Callable, show: Callable[..., str | list[str]],
        views: Sequence[View | Sequence[View]], *, title: str = "", hint: str = "",
        challenges: Sequence[Challenge] = (), facts: Callable[..., Mapping] = lambda result: {},
        made_by: Callable | None = None, adapt: Callable[[dict], None] = lambda settings: None,
        beside: Sequence[widgets.Widget] = (), still_columns: int | None = None, browser: Browser | None = None,
    ):  # fmt: skip
        self.controls, self.compute, self.show, self.adapt = controls, compute, show, adapt
        self.challenges, self.facts = list(challenges), facts
        self.rows = [list(row) if isinstance(row, (list, tuple)) else [row] for row in views]
        self.views = [view for row in self.rows for view in row]
        self.still_columns = still_columns
        held = [view.model_id for view in self.views]
        self.head = Head(title=title, hint=hint, challenges=[challenge.sent() for challenge in self.challenges])
        self.status = StatusLine(controls=[control.model_id for control in controls.values()], views=held)
        self.footer = Footer(title=title, controls=[held_by(name, c) for name, c in controls.items()], views=held,
                             status=self.status.model_id)  # fmt: skip
        if made_by is not None:
            self.footer.callee, self.footer.fixed = written_call(made_by, controls)
        self.footer.on_msg(self.on_footer)
        self.seconds, self.waiting = 0.0, None
        self.first = self.last = self.settings
        self.before, self.moved = [], (None, 0.0)  # settings to go back to; the control moved last, and when
        take_turns()
        self.refresh(catch=False)
        self.first_frames = [view.frame for view in self.views]
        self.watch(True)
        wrap, spaced = {"flex_flow": "row wrap", "grid_gap": "0 16px"}, {"align_items": "center", "grid_gap": "0 12px"}
        faces = [control for control in controls.values() if not isinstance(control, Hand)]
        for face in faces:
            face.tooltip = face.tooltip or ""  # ipywidgets would write None as "null"
        row = widgets.HBox([*faces, *beside], layout=wrap | spaced).add_class("cu-controls")
        rows = (widgets.HBox(row, layout=wrap) if len(row) > 1 else row[0] for row in self.rows)
        super().__init__([self.head, row, *rows, self.status, self.footer])
        self.add_class("cu-panel")
        self.browser, self.computer = browser, None
        self.stale = False  # whether the browser has answered since Python last computed
        if browser is not None:
            self.let_browser_answer(browser, beside)

    def let_browser_answer(self, browser: Browser, beside: Sequence[widgets.Widget]) -> None:
        """Send along what the browser needs to answer; a button beside puts its text into the first control."""
        first = next(iter(self.controls))
        pressed = [made for made in beside if isinstance(made, widgets.Button)]
        buttons = {f"{at}": (made, {first: made.description}) for at, made in enumerate(pressed)}
        around = self.head, self.footer
        self.computer = computer(browser, self.controls, self.views, around, self.first_frames, self.table, buttons)
        self.status.own, self.status.computer = browser.own, self.computer.model_id

    @property
    def table(self) -> str:
        """The model's id of the texts beside the views; empty where there are none."""
        return ""

    @property
    def settings(self) -> dict:
        """The current settings, name → value: what `compute` is called with."""
        return {name: control.value for name, control in self.controls.items()}

    def watch(self, on: bool) -> None:
        """Answer the controls from now on, or do not."""
        for control in self.controls.values():
            (control.observe if on else control.unobserve)(self.on_change, "value")

    def set(self, settings: Mapping) -> None:
        """Bring all controls to these settings, and compute once."""
        self.watch(False)
        self.footer.restoring = True
        for name, value in settings.items():
            self.controls[name].value = value
        self.watch(True)
        self.last, self.moved = self.settings, (None, 0.0)
        self.refresh()
        self.footer.restoring = False

    def reset(self) -> None:
        """Bring every control and step back to where the explorer began, and compute once."""
        if self.settings != self.first:
            self.before.append(self.settings)
        self.set(self.first)
        self.at(*self.first_frames)

    def undo(self) -> None:
        """Take the last move back; a drag is one move. Nothing happens where there was none."""
        if self.before:
            self.set(self.before.pop())
            self.footer.can_undo = bool(self.before)

    def at(self, *frames: int) -> "Panel":
        """Show a step, counted from 0 (or one per view), and return the panel: part of a copied call."""
        for at, view in enumerate(self.views):
            if view.drawn.get("step_count", 1) > 1:
                view.update(frame=frames[min(at, len(frames) - 1)])
        if self.status.sentences:
            self.status.text = self.status.sentences[min(self.frame, len(self.status.sentences) - 1)]
        return self

    def on_footer(self, _, message: dict, buffers) -> None:
        """Do what a button below asks for: `{"action": "reset"}` or `{"action": "undo"}`."""
        {"reset": self.reset, "undo": self.undo}[message["action"]]()

    def remember(self, control: widgets.Widget) -> None:
        """Keep the settings from before a move, unless it goes on with the last one."""
        if _same(self.settings, self.last):  # a slider in a browser rounds what Python set
            return
        now, (mover, then) = time.monotonic(), self.moved
        if control is not mover or now - then > PAUSE:
            self.before.append(self.last)
            self.footer.can_undo = True  # whoever answers
        self.last, self.moved = self.settings, (control, now)

    def on_change(self, change) -> None:
        """Refresh after a control moved: at once where that is quick, else once the hand rests."""
        self.remember(change.owner)
        self.stop_waiting()
        if self.computer is not None and self.computer.active:
            self.stale = True  # the browser answers, and has what Python would send
            return
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
        settings, self.stale = self.settings, False
        self.adapt(settings)
        self.status.busy = True
        began = time.perf_counter()
        try:
            result = self.compute(**settings)
            said, failed = self.show(result), False
            self.tick(settings | dict(self.facts(result)))
        except Exception as error:  # a student's own step may raise anything; the explorer must survive it
            if not catch:
                raise
            stopped = say("The computation stopped with {type}: {text}", type=type(error).__name__, text=error)
            said, failed = str(error) if isinstance(error, Refusal) else stopped, True
        self.seconds = time.perf_counter() - began
        sentences = [said] if isinstance(said, str) else list(said)
        with self.status.hold_sync():
            self.status.text = sentences[min(self.frame, len(sentences) - 1)]
            self.status.sentences = sentences if len(sentences) > 1 else []
            self.status.failed, self.status.busy = failed, False
            if not failed:
                self.status.shown = settings
        self.footer.can_undo = bool(self.before)

    @property
    def frame(self) -> int:
        """The step that Python last asked the first view with steps to show."""
        return next((view.frame for view in self.views if view.drawn.get("step_count", 1) > 1), 0)

    def tick(self, facts: Mapping) -> None:
        """Tick the challenges that these facts meet; what is ticked stays so."""
        now = [
            shown | {"met": shown["met"] or challenge.met(facts)}
            for shown, challenge in zip(self.head.challenges, self.challenges, strict=True)
        ]
        if now != self.head.challenges:
            self.head.challenges = now

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.settings.items())})"

    def still_rows(self) -> list[list]:
        """Return what the still picture shows, row by row."""
        shown = [[view for view in row if view.layout.display != "none"] for row in self.rows]
        every, views = self.still_columns, [view for row in shown for view in row]
        if every:
            return [views[at : at + every] for at in range(0, len(views), every)]
        return [row for row in shown if row]

    def _repr_mimebundle_(self, **options):
        if self.stale:
            self.refresh()
        rows = self.still_rows()
        still = still_bundle(rows) if rows else {"text/html": "", "text/plain": ""}
        texts = {
            "text/html": f"<p>{html.escape(self.status.text)}</p>{still['text/html']}",
            "text/plain": f"{self.status.text} {still['text/plain']}".strip(),
        }
        return super()._repr_mimebundle_(**options) | still | texts
