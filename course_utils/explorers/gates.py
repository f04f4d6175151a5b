"""The gate explorer: watch an LSTM's gates while it reads, and hold one of them open or shut."""

import numpy as np

from course_utils.explorers.panel import Panel, choice, float_slider, link, text_box
from course_utils.measure.gates import HOLDS, GateAnswer, read_held
from course_utils.messages.numbers import percent
from course_utils.models.lstm import lstm_gates, lstm_update
from course_utils.views.widgets import BarView, HeatmapView

TASKS = ["recall", "word"]
SHOWN = 8  # answers with a bar: all symbols, or the likeliest languages
# name of an array in a trace → title, scale, ends of the scale
_PICTURES = {
    "input": ("Input gate: write?", "sequential", 0, 1),
    "forget": ("Forget gate: keep?", "sequential", 0, 1),
    "candidate": ("Candidate: write what?", "diverging", -1, 1),
    "output": ("Output gate: show?", "sequential", 0, 1),
    "cell": ("Cell: the memory", "diverging", -5, 5),
}


def gate_sentence(found: GateAnswer) -> str:
    """Return in words what the network answers now, whether that is right, and what it answers when left alone."""

    def said(probabilities: np.ndarray) -> str:
        best = int(probabilities.argmax())
        verdict = "" if found.right is None else ", right" if best == found.right else ", wrong"
        return f"{found.classes[best]} ({percent(probabilities[best])}{verdict})"

    now = found.reading.probabilities[-1]
    start = f"“{''.join(found.steps)}”: the network answers {said(now)}"
    if not np.array_equal(now, found.alone):
        start += f"; left alone it answers {said(found.alone)}"
    return f"{start}. Its forget gates are {percent(found.reading.trace.forget.mean())} open on average."


def gate_explorer(
    recall_model,
    word_model,
    alphabet,
    text: str = "cabbage",
    *,
    task: str = "recall",
    hold: str = "none held",
    gates=lstm_gates,
    update=lstm_update,
) -> Panel:
    """Return the gate explorer: gates, candidate and cell over time, and the answer, with one gate held or none.

    Units are in the order of their forget bias, the longest memory on top.

    Args:
        recall_model: a `recurrent.SequenceClassifier` over an LSTM, trained on delayed recall of 8 symbols.
        word_model: one trained on words.
        alphabet: the `words.Alphabet` of the word model.
        text: what is read first: letters A to H for recall (the first is to be kept), any word for words.
        task: "recall" or "word".
        hold: a name in `gates.HOLDS`.
        gates, update: functions like `recurrent.lstm_gates` and `lstm_update`, such as a student's own.

    Raises:
        ValueError: the first settings cannot be shown.
    """
    texts = {"recall": "cabbage", "word": "amerikansk"} | {task: text}
    networks = {"recall": (recall_model, None), "word": (word_model, alphabet)}
    controls = {
        "task": choice(task, TASKS, "network trained on"),
        "text": text_box(text, "read", placeholder="letters A to H, or a word"),
        "hold": choice(hold, list(HOLDS), "hold"),
        "forget_shift": float_slider(0.0, -10.0, 6.0, "forget bias, shifted by", step=0.5),
    }

    def change_network(change) -> None:
        # Registered before the panel's own: the text is then one that the network can read when the panel looks.
        texts[change.old] = controls["text"].value
        controls["text"].value = texts[change.new]

    controls["task"].observe(change_network, "value")

    def compute(task: str, text: str, hold: str, forget_shift: float):
        model, letters = networks[task]
        found = read_held(
            model, text, letters, hold=hold, forget_shift=forget_shift, gates=gates, update=update
        )  # fmt: skip
        size = model.rnn.hidden_size
        bias = (model.rnn.bias_ih_l0 + model.rnn.bias_hh_l0).detach().cpu().numpy()[size : 2 * size]
        return found, np.argsort(-bias, kind="stable")

    heatmaps = {
        name: HeatmapView(
            [[0.0]], title=title, row_name="unit (by forget bias)", column_name="step", value_name="value",
            scale=scale, vmin=low, vmax=high, cursor="column", step_name="step", height=150, interval=500,
        )
        for name, (title, scale, low, high) in _PICTURES.items()
    }  # fmt: skip
    bars = BarView([0.0], ["A"], title="Answer", value_name="probability", step_name="step", vmax=1, bar_height=18)
    views = [*heatmaps.values(), bars]
    for view in views:
        view.layout.flex = "1 1 380px"
    link(views)

    def show(result) -> str:
        found, order = result
        last = len(found.steps) - 1
        for name, view in heatmaps.items():
            values = getattr(found.reading.trace, name)[:, order].T
            view.update(values, rows=order + 1, columns=found.steps, steps=found.steps, frame=last)
        likely = np.maximum(found.reading.probabilities[-1], found.alone)
        top = np.sort(np.argsort(-likely, kind="stable")[:SHOWN])
        few = len(top) < len(found.classes)
        bars.update(
            found.reading.probabilities[:, top], [found.classes[at] for at in top], row=found.right,
            row_name="the right answer", title=f"Answer: the {SHOWN} likeliest" if few else "Answer",
            steps=found.steps, frame=last,
        )  # fmt: skip
        return gate_sentence(found)

    return Panel(controls, compute, show, [views[:2], views[2:4], views[4:]], still_columns=3)
