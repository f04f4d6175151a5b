"""The gate explorer: watch an LSTM's gates while it reads, and hold one of them open or shut."""

import numpy as np

from course_utils.explorers.panel import Panel, link, menu, slider, text_box
from course_utils.measure.gates import HOLDS, read_held
from course_utils.messages import note, say
from course_utils.messages.explorers import gate_sentence
from course_utils.messages.labels import label, options
from course_utils.models.lstm import lstm_gates, lstm_update
from course_utils.views.widgets import BarView, HeatmapView

TASKS = ["recall", "word"]
SHOWN = 8  # answers with a bar: all symbols, or the most likely languages
# name of an array in a trace → title, scale, ends of the scale
_PICTURES = {
    "input": (note("Input gate: write?"), "sequential", 0, 1),
    "forget": (note("Forget gate: keep?"), "sequential", 0, 1),
    "candidate": (note("Candidate: write what?"), "diverging", -1, 1),
    "output": (note("Output gate: show?"), "sequential", 0, 1),
    "cell": (note("Cell: the memory"), "diverging", -5, 5),
}


def gate_explorer(
    recall_model, word_model, alphabet, text: str = "cabbage", *, task: str = "recall", hold: str = "none",
    gates=lstm_gates, update=lstm_update,
) -> Panel:  # fmt: skip
    """Return the gate explorer: gates, candidate and cell over time, and the answer, with one gate held or none.

    Units are in the order of their forget bias, the longest memory on top.

    Args:
        recall_model: a `models.rnn.SequenceClassifier` over an LSTM, trained on delayed recall of 8 symbols.
        word_model, alphabet: one trained on words, and its `words.Alphabet`.
        text: what is read first: letters A to H for recall (the first is to be kept), any word for words.
        task, hold: the first settings: "recall" or "word", and an id in `gates.HOLDS`.
        gates, update: functions like `models.lstm.lstm_gates` and `lstm_update`, such as a student's own.

    Raises:
        ValueError: the first settings cannot be shown.
    """
    texts = {"recall": "cabbage", "word": "amerikansk"} | {task: text}
    networks = {"recall": (recall_model, None), "word": (word_model, alphabet)}
    controls = {
        "task": menu(task, options("gate_task", TASKS), say("network trained on")),
        "text": text_box(text, say("read"), placeholder=say("letters A to H, or a word")),
        "hold": menu(hold, options("hold", HOLDS), say("hold")),
        "forget_shift": slider(0.0, -10.0, 6.0, say("forget bias, shifted by"), step=0.5),
    }

    def change_network(change) -> None:
        # Registered before the panel's own: the text is then one that the network can read when the panel looks.
        texts[change.old] = controls["text"].value
        controls["text"].value = texts[change.new]

    controls["task"].observe(change_network, "value")

    def compute(task: str, text: str, hold: str, forget_shift: float):
        model, letters = networks[task]
        held = read_held(model, text, letters, hold=hold, forget_shift=forget_shift, gates=gates, update=update)
        size = model.rnn.hidden_size
        bias = (model.rnn.bias_ih_l0 + model.rnn.bias_hh_l0).detach().cpu().numpy()[size : 2 * size]
        return held, np.argsort(-bias, kind="stable")

    heatmaps = {
        name: HeatmapView(
            [[0.0]], title=say(title), row_name=say("unit (by forget bias)"), column_name=say("step"),
            value_name=say("value"), scale=scale, vmin=low, vmax=high, cursor="column", step_name=say("step"),
            height=150, interval=500,
        )
        for name, (title, scale, low, high) in _PICTURES.items()
    }  # fmt: skip
    bars = BarView(
        [0.0], ["A"], title=say("Answer"), value_name=say("probability"), step_name=say("step"), vmax=1, bar_height=18
    )  # fmt: skip
    views = [*heatmaps.values(), bars]
    for view in views:
        view.layout.flex = "1 1 380px"
    link(views)

    def show(result) -> str:
        (steps, reading, untouched, classes, right), order = result
        classes, last = [label("language", name) for name in classes], len(steps) - 1
        for name, view in heatmaps.items():
            values = getattr(reading.trace, name)[:, order].T
            view.update(values, rows=order + 1, columns=steps, steps=steps, frame=last)
        likely = np.maximum(reading.probabilities[-1], untouched)
        top = np.sort(np.argsort(-likely, kind="stable")[:SHOWN])
        few = len(top) < len(classes)
        bars.update(
            reading.probabilities[:, top], [classes[at] for at in top], row=right, row_name=say("the right answer"),
            title=say("Answer: the {count} likeliest", count=SHOWN) if few else say("Answer"), steps=steps, frame=last,
        )  # fmt: skip
        forget = reading.trace.forget.mean()
        return gate_sentence(steps, classes, reading.probabilities[-1], untouched, right, forget)

    return Panel(controls, compute, show, [views[:2], views[2:4], views[4:]], still_columns=3)
