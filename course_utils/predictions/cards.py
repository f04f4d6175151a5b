"""The card that asks a question, and takes a prediction if someone makes one.

Where no widget runs, and until the cell is run, it is the question in one quiet line.
"""

import html
import weakref

import ipywidgets as widgets

from course_utils.messages import Refusal, say
from course_utils.predictions import kept
from course_utils.predictions.fields import WRAP, field, hands_field
from course_utils.predictions.lessons import question
from course_utils.predictions.questions import Numbers, markup, plain
from course_utils.views.fields import InOrder

# A show of hands belongs to slides, the student's own field to the notebook: `tools/lecture.py` swaps them there.
STYLE = """<style>
.cu-card { border-left: 4px solid var(--jp-brand-color1, #1976d2); padding: 2px 0 4px 12px; margin: 2px 0;
  gap: 4px; overflow: visible; }
.cu-card.cu-kept { border-left-color: #b8860b; }
.cu-card .widget-html, .cu-card .widget-html-content { height: auto; line-height: 1.45; font-size: 14px;
  white-space: normal; overflow: visible; }
.cu-card code { font-size: 0.95em; }
.cu-card .widget-radio-box label { white-space: nowrap; }
.cu-card .cu-small .widget-html-content { color: var(--jp-ui-font-color2, #5a5a5a); }
.cu-card .cu-hands { display: none; }
</style>"""
_cards: dict[str, weakref.ref] = {}  # id → the card shown last


def _line(text: str, *names: str) -> widgets.HTML:
    made = widgets.HTML(text)
    for name in names:
        made.add_class(name)
    return made


def _row(*parts: widgets.Widget) -> widgets.HBox:
    return widgets.HBox(parts, layout=WRAP)


def _models(widget: widgets.Widget) -> list[str]:
    """Return the models' ids of a widget and of all that is in it."""
    return [widget.model_id, *(id for child in getattr(widget, "children", ()) for id in _models(child))]


class Card(widgets.VBox):
    """One question with its field, a button that locks the guess in, and what became of it."""

    def __init__(self, id: str):
        self.id, self.asked = id, question(id)
        self.hands = hands_field(self.asked, kept.hands(id), lambda shown: kept.keep_hands(id, shown))
        self.news = _line("", "cu-small")
        super().__init__()
        self.add_class("cu-card")
        _cards[id] = weakref.ref(self)
        self.show()

    def show(self, refused: str = "") -> None:
        """Show the card as things are: open with its field, or with the guess that is locked in."""
        entry = kept.prediction(self.id)
        asked = f"{STYLE}<strong>{say('Predict.')}</strong> {markup(say(self.asked.text))}"
        self.news.value = " ".join(html.escape(text) for text in [*kept.STORE.news(), refused] if text)
        if entry is None:
            self.remove_class("cu-kept")
            self.field = field(self.asked)
            row = [self._button(say("Lock in"), self.lock_in), _line(self.asked.rule(), "cu-small")]
            beside = isinstance(self.asked, Numbers)  # a line of boxes has room for the button
            own = [_row(self.field, *row)] if beside else [self.field, _row(*row)]
            own.append(InOrder(controls=_models(self.field), layout={"display": "none"}))
        else:
            self.add_class("cu-kept")
            if "truth" in entry:
                text = self.asked.verdict(entry["guess"], entry["truth"])
            else:
                text = say("Your prediction: {guess}. Now run the cells below, up to the result.",
                           guess=self.asked.words(entry["guess"]))  # fmt: skip
            own = [_row(_line(html.escape(text)), self._button(say("Clear"), self.clear))]
        own = widgets.VBox(own, layout={"overflow": "visible", "grid_gap": "4px"})
        own.add_class("cu-own")
        self.children = [_line(asked, "cu-question"), own, *([self.hands] if self.hands else []), self.news]

    def _button(self, text: str, press) -> widgets.Button:
        made = widgets.Button(description=text, layout={"width": "auto"})
        made.on_click(lambda _: press())
        return made

    def lock_in(self) -> None:
        """Keep the guess that the field holds; a Refusal is said on the card, and the field stays."""
        try:
            guess = self.field.guess()
        except Refusal as refused:
            self.news.value = html.escape(str(refused))
            return
        try:
            kept.lock_in(self.id, guess)
        except Refusal as refused:
            self.show(str(refused))
            return
        self.show()

    def clear(self) -> None:
        """Drop the guess and ask again."""
        kept.forget(self.id)
        self.show()

    def __repr__(self) -> str:
        return f"Card({self.id!r})"

    def _repr_mimebundle_(self, **options):
        return super()._repr_mimebundle_(**options) | quiet([self.id])


class Cards(widgets.VBox):
    """Several questions under one another."""

    def __init__(self, ids: tuple[str, ...]):
        self.ids = ids
        super().__init__([Card(id) for id in ids])

    def __repr__(self) -> str:
        return f"Cards({self.ids!r})"

    def _repr_mimebundle_(self, **options):
        return super()._repr_mimebundle_(**options) | quiet(self.ids)


def quiet(ids) -> dict[str, str]:
    """Return one display bundle, MIME type → data: the questions, one line each."""
    lines = [say("{predict} {question}", predict=say("Predict."), question=question(id).asked()) for id in ids]
    marked = (markup(line.replace(say("Predict."), "", 1)) for line in lines)
    shown = "".join(f"<p><strong>{say('Predict.')}</strong>{line}</p>" for line in marked)
    return {"text/html": shown, "text/plain": "\n".join(map(plain, lines))}


def refresh(id: str) -> None:
    """Let the card of a question that is on the page say what was measured."""
    card = _cards[id]() if id in _cards else None
    if card is not None and kept.prediction(id) is not None:
        card.show()


def predict(*ids: str) -> Card | Cards:
    """Ask one question of the course or several: `predict("dense_larger")`, the last line of a cell.

    Raises:
        ValueError: there is no such question.
    """
    return Card(ids[0]) if len(ids) == 1 else Cards(ids)
