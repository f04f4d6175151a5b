"""What a guess is typed, chosen, ordered or drawn with, and what a class's show of hands is entered with."""

import ipywidgets as widgets

from course_utils.messages import Refusal, say
from course_utils.messages.numbers import number
from course_utils.predictions.questions import (
    Choice,
    Curve,
    Numbers,
    Order,
    Question,
    Several,
    markup,
    plain,
    read_number,
)  # fmt: skip
from course_utils.views.fields import SketchView

WRAP = {"flex_flow": "row wrap", "align_items": "center", "grid_gap": "4px 16px"}


class NumberField(widgets.HBox):
    """A box for each number, its name before and its unit behind it."""

    def __init__(self, asked: Numbers):
        self.asked, self.boxes, parts = asked, [], []
        for name in asked.names:
            words = plain(say(name)) if name else plain(say(asked.name))
            box = widgets.Text(placeholder=say("a number"), tooltip=words, layout={"width": "8em"})
            before, after = say(asked.unit.value, value="\0").split("\0")
            label = markup(say(name)) if name else before
            row = [*([widgets.HTML(label)] if label else []), box, *([widgets.HTML(after)] if after else [])]
            parts.append(widgets.HBox(row, layout=WRAP | {"grid_gap": "4px 6px"}))
            self.boxes.append(box)
        super().__init__(parts, layout=WRAP)

    def guess(self) -> list[float]:
        """Return what is typed; a Refusal says what is missing."""
        texts = [box.value for box in self.boxes]
        if not all(text.strip() for text in texts):
            raise Refusal("Type a number first.")
        return self.asked.read(texts)


class ChoiceField(widgets.RadioButtons):
    """A round button for each option, none of them pressed."""

    def __init__(self, asked: Choice):
        options = [(plain(say(text)), id) for id, text in asked.options.items()]
        super().__init__(options=options, value=None, layout={"width": "max-content"})

    def guess(self) -> str:
        """Return the id that is chosen; a Refusal says that none is."""
        if self.value is None:
            raise Refusal("Choose an answer first.")
        return self.value


class SeveralField(widgets.HBox):
    """A box to tick for each option; no tick at all is an answer too."""

    def __init__(self, asked: Several):
        self.boxes = {
            id: widgets.Checkbox(False, description=plain(say(text)), indent=False, layout={"width": "max-content"})
            for id, text in asked.options.items()
        }
        super().__init__(list(self.boxes.values()), layout=WRAP)

    def guess(self) -> list[str]:
        """Return the ids that are ticked."""
        return [id for id, box in self.boxes.items() if box.value]


class OrderField(widgets.VBox):
    """A row for each item, with a button that moves it up and one that moves it down."""

    def __init__(self, asked: Order):
        self.asked, self.order = asked, list(asked.options)
        super().__init__(layout={"width": "max-content"})
        self.show()

    def show(self) -> None:
        """Lay the rows out in the present order."""
        rows, last = [], len(self.order) - 1
        for at, id in enumerate(self.order):
            text, moves = plain(say(self.asked.options[id])), []
            for sign, way, words, free in (
                ("▲", -1, say("Move “{item}” up", item=text), at > 0),
                ("▼", 1, say("Move “{item}” down", item=text), at < last),
            ):
                move = widgets.Button(description=sign, tooltip=words, disabled=not free, layout={"width": "36px"})
                move.on_click(lambda _, at=at, way=way: self.move(at, at + way))
                moves.append(move)
            rows.append(widgets.HBox([*moves, widgets.Label(f"{at + 1}. {text}")]))
        self.children = rows

    def move(self, at: int, to: int) -> None:
        """Let the items at two positions change places."""
        self.order[at], self.order[to] = self.order[to], self.order[at]
        self.show()

    def guess(self) -> list[str]:
        """Return the ids in the order shown."""
        return list(self.order)


class CurveField(SketchView):
    """Axes like those of the figure to come, into which the curve is drawn."""

    def __init__(self, asked: Curve):
        axes = {
            "x": list(asked.x), "ticks": asked.ticks and list(asked.ticks), "x_name": say(asked.xlabel),
            "y_name": say(asked.ylabel), "low": asked.low, "high": asked.high, "log_x": asked.log_x,
            "log_y": asked.log_y,
        }  # fmt: skip
        super().__init__(axes=axes)

    def guess(self) -> list[float]:
        """Return the heights at the question's x, four digits each; a Refusal says that the curve does not reach."""
        if not self.heights:
            raise Refusal("Draw the curve from the left edge to the right first.")
        return [float(f"{height:.4g}") for height in self.heights]


FIELDS = {Numbers: NumberField, Choice: ChoiceField, Several: SeveralField, Order: OrderField, Curve: CurveField}


def field(asked: Question) -> widgets.Widget:
    """Return the widget that fits a question; its `guess()` returns the guess, or raises a Refusal."""
    return FIELDS[type(asked)](asked)


class HandsField(widgets.HBox):
    """A show of hands: a count for each option, or the numbers that a few called out.

    Args:
        asked: the question.
        shown: what was entered before, as `kept.hands` returns it.
        keep: called with what is entered now, whenever it changes.
    """

    def __init__(self, asked: Question, shown: dict, keep):
        self.asked, self.keep = asked, keep
        if isinstance(asked, Numbers):
            before = shown.get("numbers", [[]] * len(asked.names))
            self.boxes = [
                widgets.Text(" ".join(map(number, values)), placeholder=say("such as 3 5 10"),
                             description=plain(say(name)) if name else "", continuous_update=False,
                             style={"description_width": "initial"}, layout={"width": "22em"})
                for name, values in zip(asked.names, before, strict=True)
            ]  # fmt: skip
        else:
            self.boxes = [
                widgets.BoundedIntText(shown.get(id, 0), min=0, max=999, description=plain(say(text)),
                                       style={"description_width": "initial"}, layout={"width": "max-content"})
                for id, text in asked.options.items()
            ]  # fmt: skip
        self.news = widgets.HTML()
        super().__init__([widgets.HTML(say("Show of hands:")), *self.boxes, self.news], layout=WRAP)
        self.add_class("cu-hands")
        for box in self.boxes:
            box.observe(lambda _: self.enter(), "value")

    def enter(self) -> None:
        """Keep what is entered now; what is no number is refused in a sentence."""
        self.news.value = ""
        if isinstance(self.asked, Numbers):
            try:
                rows = [[read_number(text) for text in box.value.replace(";", " ").split()] for box in self.boxes]
            except Refusal as refused:
                self.news.value = str(refused)
                return
            self.keep({"numbers": rows} if any(rows) else {})
        else:
            counts = {id: box.value for id, box in zip(self.asked.options, self.boxes, strict=True) if box.value}
            self.keep(counts)


def hands_field(asked: Question, shown: dict, keep) -> HandsField | None:
    """Return the field for a show of hands, or None where hands cannot show a guess: an order, a curve."""
    return None if isinstance(asked, Order | Curve) else HandsField(asked, shown, keep)
