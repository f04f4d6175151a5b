"""What `make bench` measures: every explorer of the lessons, and the same picture redrawn by matplotlib inline."""

from typing import NamedTuple

SETUP = """%matplotlib inline
import ipywidgets as widgets, matplotlib.pyplot as plt, numpy as np
from course_utils import explorers, runtime
from course_utils.datasets import words
from course_utils.datasets.corpus import Translations
from course_utils.datasets.text import join
from course_utils.experiments import designs, memory, transformer
from course_utils.measure import translation
from course_utils.models import training
from course_utils.models.rnn import SequenceClassifier, rnn_step
from course_utils.views.widgets import HeatmapView
device = runtime.setup(seed=0)

def redrawn(control, views, before):
    "A control, and its views, which matplotlib redraws whenever it moves."
    def redraw(value):
        before(value)
        figure, axes = plt.subplots(1, len(views), figsize=(8, 3.4), squeeze=False)
        for view, ax in zip(views, axes[0]):
            view.draw(ax)
        plt.show()
    return widgets.VBox([control, widgets.interactive_output(redraw, {"value": control})])

def inline(explorer, name):
    "One control of an explorer, whose own numbers are computed at once on every move."
    explorer.controls[name].unobserve(explorer.on_change, "value")
    return redrawn(explorer.controls[name], explorer.views, lambda value: explorer.refresh())

def inline_frames(*views):
    def go(frame):
        for view in views:
            view.frame = frame
    last = views[0].drawn["step_count"] - 1
    return redrawn(widgets.IntSlider(views[0].frame, 0, last), views, go)
"""
# Networks of the lessons' sizes: training changes their answers, not their speed. Sentences are translated by a
# trained model, because an untrained one would not end them.
MODELS = """numbers = np.random.default_rng(0).normal(size=(60, 60, 60))
alphabet = words.Alphabet(words.load_words())
model = SequenceClassifier(len(alphabet), 32, 128, len(words.LANGUAGE_NAMES))
reader = SequenceClassifier(len(alphabet), 32, 128, len(words.LANGUAGE_NAMES), cell="lstm")
recall = memory.train_recall("lstm_bias_5", 5, seed=0, mixed=True, steps=20).model
korean = Translations.course("korean", device=device)
translator = designs.load_translator("attention_korean", "states_and_words", "scaled_dot", korean)

def word(text="polska"): return explorers.word_explorer(model, alphabet, text)
def gates(): return explorers.gate_explorer(recall, reader, alphabet)
def translations(): return explorers.translation_explorer(translator, join(korean.test[0].source))
def grid(): return explorers.bottleneck_explorer("french", length="5–6")
def looks(): return explorers.attention_explorer({"korean": (translator, korean.test)})
kept = transformer.load_translator("transformer_korean", korean)
def heads(): return explorers.heads_explorer(kept, korean.test)
def order(): return explorers.order_explorer(kept, korean.test[:60])
def stack(): return HeatmapView(numbers, scale="diverging")
"""


class Case(NamedTuple):
    """What is measured: the cell, its twin drawn inline, the control in each, the keys.

    `times`: how many times sooner than inline the picture must be there. `redrawn`: how many of its views a key
    redraws; 0 for all.
    """

    name: str
    cell: str
    twin: str
    control: str
    twin_control: str
    keys: list[str]
    times: float
    redrawn: int = 0


SLIDER, BOX, FRAMES, MENU = "[role=slider]", "input[type=text]", ".player:not(.absent) input", "select"
BROWSER, PYTHON = 60, 10  # times sooner than inline, if the browser computes or holds it; if Python must compute


def moved(name: str, cell: str, key: str, keys: list[str], times: float = BROWSER, *, at: int = 0) -> Case:
    """Return the case of the `at`-th slider of an explorer, the control of `key`, moved by arrow keys."""
    return Case(name, cell, f"inline({cell}, {key!r})", f"{SLIDER} >> nth={at}", SLIDER, keys, times)


def typed(name: str, cell: str, key: str, keys: list[str], times: float = BROWSER) -> Case:
    """Return the case of an explorer's text box, the control of `key`, into which keys are typed at its end."""
    return Case(name, cell, f"inline({cell}, {key!r})", BOX, BOX, ["End", *keys], times)


def stepped(name: str, cell: str, views: str, keys: list[str], redrawn: int = 0) -> Case:
    """Return the case of frames that the browser holds; `views`: the expression of the views that its twin draws."""
    return Case(name, cell, f"inline_frames({views})", FRAMES, SLIDER, keys, BROWSER, redrawn)


RIGHT_AND_LEFT = ["ArrowRight"] * 20 + ["ArrowLeft"] * 20
TO_AND_FRO = ["ArrowRight", "ArrowLeft"] * 20
DOWN_AND_UP = ["ArrowDown", "ArrowUp"] * 20
LONG = "word('amerikansk amerikansk amerikansk')"
OWN = "explorers.gradient_explorer(length=40, step=rnn_step)"  # which only Python can compute
CASES = [
    moved("gradient explorer: length", "explorers.gradient_explorer(length=40)", "length", RIGHT_AND_LEFT),
    moved("gradient explorer with a student's step: length", OWN, "length", RIGHT_AND_LEFT, PYTHON),
    typed("word explorer: a letter typed", "word()", "text", ["n", "Backspace"] * 20),
    stepped("word explorer: letter", LONG, f"*{LONG}.views", RIGHT_AND_LEFT),
    moved("gate explorer: forget bias", "gates()", "forget_shift", TO_AND_FRO),
    stepped("gate explorer: step", "gates()", "*gates().views", ["ArrowLeft", "ArrowRight"] * 20),
    moved("bottleneck explorer: length", "grid()", "length", TO_AND_FRO, at=1),
    typed("translation explorer: full stop", "translations()", "sentence", ["Backspace", "."] * 20),
    moved("query playground: temperature", "explorers.playground()", "temperature", TO_AND_FRO),
    stepped("attention explorer: word", "looks()", "looks().views[0]", TO_AND_FRO),
    moved("attention explorer: temperature", "looks()", "temperature", TO_AND_FRO),
    moved("positions explorer: entries", "explorers.positions_explorer()", "width", TO_AND_FRO),
    Case("order explorer: sentence", "order()", "inline(order(), 'text')", MENU, MENU, DOWN_AND_UP, BROWSER),
    stepped("heads explorer: word", "heads()", "*heads().views[:2]", TO_AND_FRO, 2),
    stepped("HeatmapView 60 × 60, 60 frames", "stack()", "stack()", RIGHT_AND_LEFT),
]
