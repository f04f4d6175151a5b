"""Lesson 2's explorer in a real browser: what a student reads after a move is what the pure function says."""

import re

import pytest
import torch
from playwright.sync_api import expect

from course_utils import runtime
from course_utils.datasets import words
from course_utils.experiments import memory
from course_utils.measure import gates
from course_utils.messages.explorers import gate_sentence
from course_utils.models.rnn import SequenceClassifier

SETUP = """import torch
from course_utils import explorers, runtime
from course_utils.datasets import words
from course_utils.experiments import memory
from course_utils.models.lstm import lstm_gates
from course_utils.messages.explorers import gate_sentence
from course_utils.models.rnn import SequenceClassifier
device = runtime.setup(seed=0)
recall = memory.train_recall("lstm_bias_5", 5, seed=0, mixed=True, steps=80).model
torch.manual_seed(0)
alphabet = words.Alphabet(words.load_words())
reader = SequenceClassifier(len(alphabet), 8, 24, 18, cell="lstm")"""
EDITED = """def my_gates(*arguments):
    i, f, g, o = lstm_gates(*arguments)
    return i, 0 * f, g, o
explorers.gate_explorer(recall, reader, alphabet, gates=my_gates)"""
CELLS = [SETUP, "explorers.gate_explorer(recall, reader, alphabet, text='cabbage')", EDITED]


@pytest.fixture(scope="module")
def networks():
    runtime.setup(seed=0)
    recall = memory.train_recall("lstm_bias_5", 5, seed=0, mixed=True, steps=80).model
    torch.manual_seed(0)
    alphabet = words.Alphabet(words.load_words())
    return recall, SequenceClassifier(len(alphabet), 8, 24, 18, cell="lstm"), alphabet


def gate_text(answer):
    """Return what the gate explorer says about an answer."""
    now, forget = answer.reading.probabilities[-1], answer.reading.trace.forget.mean()
    return gate_sentence(answer.steps, answer.classes, now, answer.untouched, answer.right, forget)


def test_a_held_gate_is_answered_as_the_function_says(bench, networks, screenshot):
    explorer = bench.explorer("gate_explorer")
    explorer.expect_sentence(gate_text(gates.read_held(networks[0], "cabbage")))
    screenshot(explorer.root, "lstm-gate_explorer")
    explorer.choose("hold", "forget gate shut")
    held = gates.read_held(networks[0], "cabbage", hold="forget_shut")
    explorer.expect_sentence(gate_text(held))
    valve = explorer.views.nth(0).get_by_role("button", name="forget gate")
    expect(valve).to_have_attribute("aria-label", "forget gate: held at 0. Press Enter to change that.")
    screenshot(explorer.root, "lstm-gate_explorer-held")
    valve.press("Enter")
    explorer.expect_sentence(gate_text(gates.read_held(networks[0], "cabbage", hold="forget_open")))
    valve.click()
    explorer.expect_sentence(gate_text(gates.read_held(networks[0], "cabbage")))
    explorer.views.nth(0).get_by_role("button", name="input gate").click()
    explorer.expect_sentence(gate_text(gates.read_held(networks[0], "cabbage", hold="input_shut")))
    explorer.reset()
    explorer.expect_sentence(gate_text(gates.read_held(networks[0], "cabbage")))


def test_the_forget_bias_and_the_network_of_words_answer(bench, networks, screenshot):
    explorer = bench.explorer("gate_explorer")
    explorer.set_number("forget bias, shifted by", -3.0)
    explorer.expect_sentence(gate_text(gates.read_held(networks[0], "cabbage", forget_shift=-3.0)))
    explorer.choose("network trained on", "word")
    explorer.type("read", "polska")
    found = gates.read_held(networks[1], "polska", networks[2], forget_shift=-3.0)
    explorer.expect_sentence(gate_text(found))
    screenshot(explorer.root, "lstm-gate_explorer-word")
    explorer.reset()


def test_hovering_reads_a_gates_value(bench, networks):
    explorer = bench.explorer("gate_explorer")
    model = networks[0]
    bias = (model.rnn.bias_ih_l0 + model.rnn.bias_hh_l0)[32:64]
    longest = int(bias.argmax())
    trace = gates.read_held(model, "cabbage").reading.trace
    shown = explorer.read(0, "Home", "Home").replace("−", "-")
    assert float(re.search(r"cell (-?[\d.]+)", shown)[1]) == pytest.approx(trace.cell[0, longest], abs=0.006)
    explorer.choose("look at", "Input gate: write?")
    expect(explorer.views.first.locator(".title")).to_have_text("Input gate: write?")
    shown = explorer.read(0, "ArrowRight")
    assert float(re.search(r"value ([\d.]+)", shown)[1]) == pytest.approx(trace.input[0, longest], abs=0.006)
    explorer.reset()


def test_a_text_it_cannot_read_gets_a_sentence(bench):
    explorer = bench.explorer("gate_explorer")
    good = explorer.picture()
    explorer.type("read", "xylophone")
    expect(explorer.status).to_contain_text("knows the letters A to H only")
    assert explorer.picture() == good
    explorer.reset()


def test_an_edited_cell_changes_the_picture(bench):
    explorer = bench.explorer("my_gates")
    gate = explorer.views.first.get_by_role("button", name="forget gate")
    expect(gate).to_have_attribute("aria-label", "forget gate: 0. Press Enter to hold it shut.")
