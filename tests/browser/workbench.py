"""The cells of the small notebook on which the ground of all explorers is tried."""

import numpy as np

SETUP = """from course_utils import explorers, runtime
from course_utils.datasets import words
from course_utils.messages import Refusal
from course_utils.models.rnn import SequenceClassifier, rnn_step
from course_utils.views.widgets import BarView, HeatmapView, LineView
import numpy as np
device = runtime.setup(seed=0)
alphabet = words.Alphabet(words.load_words())
model = SequenceClassifier(len(alphabet), 8, 16, len(words.LANGUAGE_NAMES))
"""
# With a step of the student's own, which Python computes wherever there is a kernel.
GRADIENTS = "explorers.gradient_explorer(length=40, cell='rnn', step=rnn_step)"
# Without one: the browser answers.
BROWSER = "explorers.gradient_explorer(length=30)"
WORDS = "explorers.word_explorer(model, alphabet, text='amerikansk', examples=['polska', 'suomi'])"
STACK = """numbers = np.random.default_rng(0).normal(size=(60, 60, 60))
HeatmapView(numbers, title="Sixty frames", scale="diverging", interval=20)"""
ATTENTION = """weights = np.random.default_rng(1).dirichlet(np.full(9, 0.5), size=7)
HeatmapView(weights, rows="she gave the old book to him".split(), outlined=[(0, 0), (4, 3)],
    outlined_name="gold link", cursor="row",
    columns="그녀는 그에게 오래된 책을 어제 도서관에서 기꺼이 빌려주었다 .".split(), title="Attention",
    row_name="target", column_name="source", value_name="weight", step_name="word")"""
CURVES = """lengths = np.arange(1, 21)
def curve(units): return 1 / (1 + np.exp(lengths - units))
LineView(lengths, {f"{n} units": curve(n) for n in (4, 8, 16)}, bands={"8 units": (curve(7), curve(9))},
    mark=(8, 0.5, "half is lost"), title="Accuracy against length", x_name="length", y_name="accuracy",
    vmin=0, vmax=1)"""
GAPS = r"""HeatmapView([[1, np.nan, np.inf], [0, 1e-5, 1e-9]], log=True, title="Bad values",
    rows=["a very long label of a row", "e\u0301" * 5000])"""
SLOW = """import time
from course_utils.explorers.panel import Panel, slider
view = LineView([1, 2, 3], {"line": [1, 2, 3]}, vmin=0, vmax=30)
computed = []
def slow(top):
    if top == 13:
        raise Refusal("Any number but 13 is welcome.")
    time.sleep(0.6)
    computed.append(top)
    return top
def show(top):
    view.update([1, 2, 3], {"line": [1, 2, top]})
    return f"The top is {top}."
Panel({"top": slider(3, 1, 30, "top")}, slow, show, [view])"""
VIEWLESS = """square = {"number": slider(3, 1, 9, "number")}
Panel(square, lambda number: number**2, lambda result: f"The square is {result}.", [])"""
ALL = [SETUP, GRADIENTS, WORDS, STACK, ATTENTION, CURVES, GAPS, SLOW, VIEWLESS, BROWSER]


def numbers() -> np.ndarray:
    """Return the values that the cell STACK shows."""
    return np.random.default_rng(0).normal(size=(60, 60, 60))
