import copy

import numpy as np
import pytest
import torch

from course_utils.datasets import words
from course_utils.explorers import gate_explorer
from course_utils.measure import gates
from course_utils.messages.explorers import gate_sentence
from course_utils.models.lstm import lstm_gates, set_forget_bias
from course_utils.models.rnn import SequenceClassifier


@pytest.fixture(scope="module")
def networks():
    torch.manual_seed(0)
    alphabet = words.Alphabet(words.load_words())
    recall = SequenceClassifier(11, 4, 6, 8, cell="lstm")
    set_forget_bias(recall.rnn, torch.tensor([0.0, 3.0, 1.0, 5.0, 2.0, 4.0]))
    return recall, SequenceClassifier(len(alphabet), 4, 6, 18, cell="lstm"), alphabet


@pytest.fixture
def explorer(networks):
    return gate_explorer(*networks)


def shown(explorer, name):
    """Return the map of a gate, or of the cell, after choosing it."""
    explorer.controls["look_at"].value = name
    return explorer.views[1].drawn["values"]


def test_every_setting_of_every_control_answers(explorer):
    controls = explorer.controls
    for _, task in controls["task"].options:
        controls["task"].value = task
        for _, hold in controls["hold"].options:
            controls["hold"].value = hold
            assert not explorer.status.failed and explorer.status.text, (task, hold)
        slider = controls["forget_shift"]
        for shift in np.arange(slider.min, slider.max + slider.step, slider.step):
            slider.value = float(shift)
            assert not explorer.status.failed and explorer.status.text, (task, shift)
    explorer.reset()
    first = {"task": "recall", "text": "cabbage", "hold": "none", "forget_shift": 0.0, "look_at": "unit", "unit": 1}
    assert explorer.settings == first


def test_the_maps_hold_the_numbers_of_the_pure_function_longest_memory_on_top(explorer, networks):
    explorer.controls["hold"].value = "input_open"
    trace = gates.read_held(networks[0], "cabbage", hold="input_open").reading.trace
    order = [3, 5, 1, 4, 2, 0]
    np.testing.assert_array_equal(shown(explorer, "forget")[0], trace.forget[:, order].T)
    np.testing.assert_array_equal(shown(explorer, "cell")[0], trace.cell[:, order].T)
    assert (shown(explorer, "input") == 1).all()
    assert [int(name) - 1 for name in explorer.views[1].drawn["rows"]] == order, "units are named by their own numbers"


def test_one_unit_is_a_tank_whose_valves_are_its_gates(explorer, networks):
    explorer.controls["unit"].value = 2
    explorer.controls["hold"].value = "output_shut"
    trace = gates.read_held(networks[0], "cabbage", hold="output_shut").reading.trace
    tank, heatmap, _ = explorer.views
    for name in ("input", "forget", "candidate", "output", "cell", "hidden"):
        np.testing.assert_array_equal(tank.drawn["traces"][name], getattr(trace, name)[:, 5])
    assert tank.drawn["hold"]["now"] == "output_shut" and tank.drawn["hold"]["ids"][0] == "none"
    assert (tank.layout.display, heatmap.layout.display) == (None, "none")
    explorer.controls["look_at"].value = "cell"
    assert (tank.layout.display, heatmap.layout.display) == ("none", None)
    assert [len(row) for row in explorer.still_rows()] == [2], "what is hidden is in no still picture either"


def test_challenges_are_met_by_the_answers(explorer):
    met = [challenge["met"] for challenge in explorer.head.challenges]
    facts = {"task": "recall", "hold": "input_open", "right": 1.0, "alone": 1.0, "same": 1.0}
    explorer.tick(facts)
    assert [c["met"] for c in explorer.head.challenges] == [met[0], True, met[2]]
    explorer.tick(facts | {"right": 0.0, "hold": "none"})
    assert [c["met"] for c in explorer.head.challenges] == [True, True, met[2]], "the second stays ticked"


def test_the_sentence_compares_with_the_network_left_alone():
    now, untouched = np.array([0.9, 0.1]), np.array([0.3, 0.7])
    answers = "“A?”: the network answers A (90%, wrong); left alone it answers B (70%, right)."
    held = gate_sentence("A?", "AB", now, untouched, 1, 0.5)
    assert held == f"{answers} The forget gates are now 50% open on average."
    assert gate_sentence("A?", "AB", now, now, None, 0.5).startswith("“A?”: the network answers A (90%). The")


@pytest.mark.parametrize("bad", ["", "a" * 10_000, "🙂", "한글", "xylophone"])
def test_a_bad_text_keeps_the_picture_and_says_why(explorer, bad):
    before = shown(explorer, "cell")
    explorer.controls["text"].value = bad
    assert explorer.status.failed and len(explorer.status.text) > 20
    assert explorer.views[1].drawn["values"] is before
    explorer.controls["text"].value = "deaf"
    assert not explorer.status.failed


def test_a_students_own_cell_is_run(networks):
    def always_forgets(*arguments):
        i, f, g, o = lstm_gates(*arguments)
        return i, 0 * f, g, o

    explorer = gate_explorer(*networks, gates=always_forgets)
    assert not shown(explorer, "forget").any()
    assert not explorer.views[0].drawn["traces"]["forget"].any()
    explorer.controls["hold"].value = "forget_open"
    assert (shown(explorer, "forget") == 1).all()


def test_a_broken_cell_gets_a_sentence_and_a_bad_start_is_refused(networks):
    with pytest.raises(ValueError, match="network trained on: expected one of recall, word"):
        gate_explorer(*networks, task="both")
    with pytest.raises(ValueError, match="A to H only"):
        gate_explorer(*networks, text="word")
    broken = []
    explorer = gate_explorer(*networks, update=lambda c, i, f, g, o: (o, c) if not broken else 1 / 0)
    broken.append(True)
    explorer.controls["text"].value = "bed"
    assert explorer.status.failed and "ZeroDivisionError" in explorer.status.text


def test_what_is_likeliest_at_any_letter_has_a_bar(networks):
    sure = copy.deepcopy(networks[1])  # an untrained network that changes its mind at every letter
    with torch.no_grad():
        sure.output.weight *= 5
        sure.rnn.weight_ih_l0 *= 5
    explorer, hidden = gate_explorer(networks[0], sure, networks[2], "polska", task="word"), 0
    for text in ("polska", "suomi", "italia", "norsk"):
        explorer.controls["text"].value = text
        bars = next(view.drawn for view in explorer.views if view.kind == "bars")
        reading = gates.read_held(sure, text, networks[2]).reading
        leads = set(reading.probabilities.argmax(axis=1).tolist())
        assert {words.LANGUAGE_NAMES[at] for at in leads} <= set(bars["rows"]) and len(bars["rows"]) == 8
        hidden += not leads <= set(np.argsort(-reading.probabilities[-1])[:8].tolist())
    assert hidden, "some of them would have none, were the last letter all that counts"


def test_the_likeliest_languages_get_a_bar(explorer, networks):
    explorer.controls["task"].value = "word"
    assert not explorer.status.failed and explorer.controls["text"].value == "amerikansk", "a text that it can read"
    _, _, untouched, *_ = gates.read_held(networks[1], "amerikansk", networks[2])
    best = sorted(range(18), key=lambda at: -untouched[at])[:8]
    bars = next(view.drawn for view in explorer.views if view.kind == "bars")
    assert bars["rows"] == [words.LANGUAGE_NAMES[at] for at in sorted(best)]
    np.testing.assert_allclose(bars["values"][-1], untouched[sorted(best)], atol=1e-7)
    assert bars["title"] == "Answer: the 8 likeliest"
    explorer.controls["text"].value = "polska"
    explorer.controls["task"].value = "recall"
    assert explorer.controls["text"].value == "cabbage"
    explorer.controls["task"].value = "word"
    assert explorer.controls["text"].value == "polska", "each network has its own text"
