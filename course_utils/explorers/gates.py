"""The gate explorer: watch an LSTM's gates while it reads, and hold one of them open or shut."""

import numpy as np

from course_utils.datasets import tasks, words
from course_utils.explorers.browser import Browser, classifier
from course_utils.explorers.challenges import Challenge
from course_utils.explorers.panel import Panel, link, menu, slider, text_box
from course_utils.figures.style import SCALES
from course_utils.measure.gates import HOLDS, read_held
from course_utils.messages import note, say, template
from course_utils.messages.explorers import GATES, gate_sentence, gate_step_sentence
from course_utils.messages.labels import label, options
from course_utils.models.lstm import lstm_gates, lstm_update
from course_utils.views.pictures import TRACES
from course_utils.views.widgets import BarView, HeatmapView, TankView

TASKS = ["recall", "word"]
SHOWN = 8  # answers with a bar: all symbols, or the most likely languages
UNIT = note("Unit {number} of {count} (the longest memory is 1)")
UNITS = 8  # that can be looked at one by one: those that remember longest
# name of an array in a trace → title of its map, scale, ends of the scale
_PICTURES = {
    "input": (note("Input gate: write?"), "sequential", 0, 1),
    "forget": (note("Forget gate: keep?"), "sequential", 0, 1),
    "candidate": (note("Candidate: write what?"), "diverging", -1, 1),
    "output": (note("Output gate: show?"), "sequential", 0, 1),
    "cell": (note("Cell: the memory"), "diverging", -5, 5),
}


def gate_explorer(
    recall_model, word_model, alphabet, text: str = "cabbage", *, task: str = "recall", hold: str = "none",
    forget_shift: float = 0.0, look_at: str = "unit", unit: int = 1, gates=lstm_gates, update=lstm_update,
) -> Panel:  # fmt: skip
    """Return the gate explorer: one unit's gates and cell over time, or a map of all units, and the answer.

    Units are numbered in the order of their forget bias, the longest memory first.

    Args:
        recall_model: a `models.rnn.SequenceClassifier` over an LSTM, trained on delayed recall of 8 symbols.
        word_model, alphabet: one trained on words, and its `words.Alphabet`.
        text: what is read first: letters A to H for recall (the first is to be kept), any word for words.
        task, hold: the first settings: "recall" or "word", and an id in `gates.HOLDS`.
        forget_shift: what is added to the forget gates' bias, −10 to 6.
        look_at: "unit" for one unit, or a map of all: "input", "forget", "candidate", "output" or "cell".
        unit: the one that is shown, 1 to 8 in the order of the forget bias.
        gates, update: functions like `models.lstm.lstm_gates` and `lstm_update`, such as a student's own.

    Raises:
        ValueError: the first settings cannot be shown.
    """
    texts = {"recall": "cabbage", "word": "amerikansk"} | {task: text}
    networks = {"recall": (recall_model, None), "word": (word_model, alphabet)}
    count = min(UNITS, recall_model.rnn.hidden_size, word_model.rnn.hidden_size)
    maps = [(say("one unit"), "unit"), *((say(title), name) for name, (title, *_) in _PICTURES.items())]
    controls = {
        "task": menu(task, options("gate_task", TASKS), say("network trained on")),
        "text": text_box(text, say("read"), placeholder=say("letters A to H, or a word")),
        "hold": menu(hold, options("hold", HOLDS), say("hold")),
        "forget_shift": slider(forget_shift, -10.0, 6.0, say("forget bias, shifted by"), step=0.5),
        "look_at": menu(look_at, maps, say("look at"), width="260px"),
        "unit": slider(unit, 1, count, say("unit, by its memory")),
    }
    controls["text"].layout.width = "230px"

    def change_network(change) -> None:
        # Registered before the panel's own: the text is then one that the network can read when the panel looks.
        texts[change.old] = controls["text"].value
        controls["text"].value = texts[change.new]

    controls["task"].observe(change_network, "value")

    def compute(task: str, text: str, hold: str, forget_shift: float, look_at: str, unit: int):
        model, letters = networks[task]
        held = read_held(model, text, letters, hold=hold, forget_shift=forget_shift, gates=gates, update=update)
        size = model.rnn.hidden_size
        bias = (model.rnn.bias_ih_l0 + model.rnn.bias_hh_l0).detach().cpu().numpy()[size : 2 * size]
        return held, np.argsort(-bias, kind="stable"), hold, look_at, unit

    tank = TankView({name: [0.0] for name in TRACES}, ["–"], step_name=say("step"), height=214)
    heatmap = HeatmapView(
        [[0.0]], row_name=say("unit (by forget bias)"), column_name=say("step"), value_name=say("value"),
        cursor="column", step_name=say("step"), height=150, interval=500,
    )  # fmt: skip
    bars = BarView(
        [0.0], ["A"], title=say("Answer"), value_name=say("probability"), step_name=say("step"), vmax=1, bar_height=24
    )  # fmt: skip
    link([tank, heatmap, bars])
    heatmap.update(player=True)  # of tank and map, one is there at a time
    for view, flex in ((tank, "3 1 420px"), (heatmap, "3 1 420px"), (bars, "2 1 260px")):
        view.layout.flex = flex

    def show(result) -> list[str]:
        (steps, reading, untouched, classes, right), order, hold, look_at, unit = result
        classes, last, trace = [label("language", name) for name in classes], len(steps) - 1, reading.trace
        of_unit = {name: getattr(trace, name)[:, order[unit - 1]] for name in TRACES}
        title = say(UNIT, number=unit, count=len(order))
        ids = [id for _, id in options("hold", HOLDS)]
        control = {"control": controls["hold"].model_id, "ids": ids, "now": hold}
        tank.update(of_unit, steps, hold=control, title=title, frame=last)
        title, scale, low, high = _PICTURES["cell" if look_at == "unit" else look_at]
        values = getattr(trace, "cell" if look_at == "unit" else look_at)[:, order].T
        heatmap.update(
            values, rows=order + 1, columns=steps, steps=steps, frame=last, title=say(title), scale=scale,
            vmin=low, vmax=high,
        )  # fmt: skip
        for view, there in ((tank, look_at == "unit"), (heatmap, look_at != "unit")):
            view.layout.display = None if there else "none"
        likely = np.maximum(reading.probabilities[-1], untouched)
        leads = set(reading.probabilities.argmax(axis=1).tolist())  # at some step: what the sentence may name
        ranked = sorted(range(len(classes)), key=lambda at: (at not in leads, -likely[at]))
        top = sorted(ranked[:SHOWN])
        few = len(top) < len(classes)
        bars.update(
            reading.probabilities[:, top], [classes[at] for at in top], row=right, row_name=say("the right answer"),
            title=say("Answer: the {count} likeliest", count=SHOWN) if few else say("Answer"), steps=steps, frame=last,
        )  # fmt: skip
        forget = trace.forget.mean()
        before = [gate_step_sentence(steps[: at + 1], classes, reading.probabilities[at]) for at in range(last)]
        return [*before, gate_sentence(steps, classes, reading.probabilities[-1], untouched, right, forget)]

    def adapt(settings: dict) -> None:
        controls["unit"].disabled = settings["look_at"] != "unit"

    def facts(result) -> dict[str, float]:
        (_, reading, untouched, _, right), *_ = result
        now, alone = (int(values.argmax()) for values in (reading.probabilities[-1], untouched))
        return {"right": float(now == right), "alone": float(alone == right), "same": float(now == alone)}

    challenges = [
        Challenge(say("Make it forget the first letter"), {"task": {"recall"}, "right": (0, 0), "alone": (1, 1)}),
        Challenge(say("Hold a gate, and it is still right"),
                  {"task": {"recall"}, "right": (1, 1), "hold": set(HOLDS) - {"none"}}),
        Challenge(say("Change what it thinks of a word"), {"task": {"word"}, "same": (0, 0)}),
    ]  # fmt: skip
    sent, browser = {"recall": classifier(recall_model), "word": classifier(word_model)}, None
    if all(network is not None and network.network["cell"] == "lstm" for network in sent.values()):
        symbols = recall_model.output.out_features
        reader = {"letters": alphabet.letters, "longest": words.LONGEST, "languages": len(words.LANGUAGES)}
        data = {
            "tasks": {
                "recall": {"classes": [chr(ord("A") + at) for at in range(symbols)],
                           "reader": {"symbols": 8, "first": tasks.FIRST_SYMBOL, "cue": tasks.CUE}},
                "word": {"classes": [label("language", name) for name in words.LANGUAGE_NAMES], "reader": reader},
            },
            "holds": HOLDS, "shown": SHOWN, "rightName": say("the right answer"), "starts": texts,
            "titles": {"few": say("Answer: the {count} likeliest", count=SHOWN), "all": say("Answer"),
                       "unit": template(UNIT)},
            "maps": {name: {"title": say(title), "colours": SCALES[scale], "vmin": float(low), "vmax": float(high)}
                     for name, (title, scale, low, high) in _PICTURES.items()},
        }  # fmt: skip
        own = gates is not lstm_gates or update is not lstm_update
        browser = Browser("gates", data, GATES, sent, own=own)
    return Panel(
        controls, compute, show, [[tank, heatmap, bars]], title=say("What do the gates keep?"),
        hint=say("Click a gate to hold it shut or open, and see what the network still remembers."),
        challenges=challenges, facts=facts, adapt=adapt, made_by=gate_explorer,
        browser=browser,
    )  # fmt: skip
