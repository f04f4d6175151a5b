"""Lesson 2's claims refuse numbers from wrong models."""

from functools import partial
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from claims import check_claim, claim_fails, run_cells

from course_utils.measure import gates

LESSON = "02_lstm"
PARITY = ("setup", "taught-step", "parity-run")
PATH = ("setup", "taught-step", "path-run", "path-figure")
check = partial(check_claim, LESSON)
STARTED = ("RNN as torch starts it", "LSTM as torch starts it", "RNN, radius 1.5", "LSTM, forget bias 5")


@pytest.mark.parametrize(("claim", "ids"), [("claim-cell", PARITY), ("claim-path", PATH)])
def test_the_cell_that_is_taught_is_torchs_and_its_path_the_product(claim, ids):
    assert not claim_fails(LESSON, claim, run_cells(LESSON, *ids))


@pytest.mark.parametrize(
    ("cell", "old", "new"),
    [
        ("taught-step", "f * c_prev + i * g", "c_prev + i * g"),
        ("taught-step", "f * c_prev + i * g", "f * c_prev + (1 - f) * g"),
        ("taught-step", "o * c_t.tanh()", "o * c_t"),
        ("taught-step", "i, f, g, o = rows", "f, i, g, o = rows"),
        ("taught-step", "i, f, g, o = rows", "i, f, o, g = rows"),
        ("taught-step", " + b_hh", " + 0 * b_hh"),
        ("taught-step", "h_prev @ W_hh.T", "0 * (h_prev @ W_hh.T)"),
        ("taught-step", "g.tanh()", "g.sigmoid()"),
        ("parity-run", "mine, zero, zero,", "mine, zero + 0.1, zero,"),
    ],
    ids=[
        "no forget gate", "coupled gates", "cell not squashed", "input and forget exchanged", "output and candidate",
        "one bias lost", "no recurrence", "wrong squashing", "another first state",
    ],
)  # fmt: skip
def test_the_cell_refuses_wrong_cells(cell, old, new):
    assert claim_fails(LESSON, "claim-cell", run_cells(LESSON, *PARITY, changed={cell: (old, new)}))


@pytest.mark.parametrize(
    ("cell", "old", "new"),
    [
        ("taught-step", "f * c_prev + i * g", "c_prev + i * g"),
        ("taught-step", "f * c_prev + i * g", "f * c_prev.tanh() + i * g"),
        ("path-run", "3.0", "0.0"),
        ("path-run", "through_gates=False", "through_gates=True"),
        ("path-run", "through_gates=True", "through_gates=False"),
    ],
    ids=["no forget gate", "squashed memory", "default bias", "gates not cut off", "always cut off"],
)
def test_the_cell_path_refuses_other_paths(cell, old, new):
    assert claim_fails(LESSON, "claim-path", run_cells(LESSON, *PATH, changed={cell: (old, new)}))


def test_recall_refuses_a_default_that_works_and_a_bias_that_does_not():
    good, bad, ones = [1.0, 1.0, 1.0], [0.12, 0.13, 0.2], np.ones((3, 3))
    live = {"rnn": bad, "lstm": bad, "lstm_bias_5": good}
    table = {"lstm": np.array([[1, 0.7, 0.13]] * 3), "lstm_bias_5": ones}
    mixed = {"rnn": torch.full((3, 6), 0.24), "lstm_bias_5": torch.ones(3, 6)}
    forgetful = torch.tensor([[1.0, 1.0, 1.0, 1.0, 0.5, 0.2]] * 3)
    right = {
        "live": live, "table": table, "at": 2, "mixed": mixed, "test_lags": [5, 10, 20, 40, 100, 200],
        "short": [0.45, 0.81, 0.54], "flatness": [0.0, 0.02, 0.18],
    }  # fmt: skip
    check("claim-recall", right, {
        "the default recalls, live": {"live": live | {"lstm": [1.0, 0.1, 0.1]}},
        "the RNN recalls, live": {"live": live | {"rnn": [0.9, 0.9, 0.1]}},
        "the bias does not always help, live": {"live": live | {"lstm_bias_5": [1.0, 1.0, 0.97]}},
        "the default recalls, in the table": {"table": table | {"lstm": ones}},
        "the bias does not help, in the table": {"table": table | {"lstm_bias_5": table["lstm"]}},
        "the RNN recalls mixed lags": {"mixed": mixed | {"rnn": torch.ones(3, 6)}},
        "short practice does no better": {"short": [0.2, 0.24, 0.2]},
        "it fades with the lag, the old reading": {"flatness": [0.02, 0.4, 0.4]},
        "a share that is not a number": {"live": live | {"lstm_bias_5": [1.0, 1.0, float("nan")]}},
        "the bias forgets mixed lags": {"mixed": mixed | {"lstm_bias_5": forgetful}},
    })  # fmt: skip


def test_start_refuses_an_unfair_comparison():
    def first(rnn=2e-26, lstm=5e-20, tuned=0.8, bias=0.16):
        values = dict(zip(STARTED, (rnn, lstm, tuned, bias), strict=True))
        return {name: [np.array([value * factor]) for factor in (0.2, 0.5, 1, 2, 5)] for name, value in values.items()}

    right = {"torch": torch, "norms": first()}
    narrow = first() | {"RNN, radius 1.5": [np.array([0.8])] * 5}
    wide = first() | {"RNN, radius 1.5": [np.array([0.8 * factor]) for factor in (1e-3, 0.05, 1, 50, 1e3)]}
    check("claim-start", right | {"norms": wide}, {
        "the default LSTM is worse, the old reading": {"norms": wide | {STARTED[1]: [np.array([1e-30])] * 5}},
        "a default that does not vanish": {"norms": wide | {STARTED[1]: [np.array([0.5])] * 5}},
        "a tuned RNN that vanishes": {"norms": wide | {STARTED[2]: [np.array([1e-5])] * 5}},
        "a tuned RNN that is as reliable": {"norms": narrow},
        "a tuned LSTM that vanishes": {"norms": wide | {STARTED[3]: [np.array([1e-8])] * 5}},
    })  # fmt: skip


def test_adding_refuses_a_network_that_does_not_add():
    runs = pd.DataFrame(
        [("lstm_chrono", length, 0, 20_000, "yes", 1) for length in (100, 500, 1000)],
        columns=["start", "length", "seed", "sequences", "solved", "wrong"],
    )
    halves = ("lstm_chrono_forget", "lstm_chrono_input", "lstm_bias_5")
    counts = {"rnn": (0, 3), "lstm": (0, 3), "lstm_chrono": (10, 10)} | dict.fromkeys(halves, (1, 3))
    right = {
        "result": SimpleNamespace(solved=True, sequences=20_000, wrong=1), "vanilla": SimpleNamespace(wrong=2300),
        "counts": counts, "ours": runs, "trials": {length: np.array([20_000]) for length in (100, 500, 1000)},
        "paper": {100: 74_000, 500: 209_000, 1000: 853_000},
    }  # fmt: skip
    check("claim-adding", right, {
        "not solved": {"result": SimpleNamespace(solved=False, sequences=20_000, wrong=1)},
        "solved late": {"result": SimpleNamespace(solved=True, sequences=75_000, wrong=1)},
        "many wrong": {"result": SimpleNamespace(solved=True, sequences=20_000, wrong=200)},
        "an RNN that adds": {"vanilla": SimpleNamespace(wrong=100)},
        "slower than the paper at T = 100": {"trials": {100: np.array([80_000])}},
        "not solved, in the table": {"ours": runs.assign(solved="no")},
        "any start will do": {"counts": counts | {"lstm": (1, 3)}},
        "open forget gates are enough, the old reading": {"counts": counts | {"lstm_chrono_forget": (3, 3)}},
        "a forget bias is enough": {"counts": counts | {"lstm_bias_5": (3, 3)}},
    })  # fmt: skip


def test_gates_at_work_refuses_idle_gates():
    shut = {f"{gate}_shut": 0.13 for gate in gates.GATES}
    held = {"none": 1.0, **shut, **{f"{gate}_open": 1.0 for gate in gates.GATES}}
    right = {"at_marks": np.full(4, 0.3), "elsewhere": np.full(4, 0.03), "kept": 0.98, "held": held,
             "within": 0.91, "overall": 0.24}  # fmt: skip
    check("claim-gates", right, {
        "writes at every step": {"elsewhere": np.full(4, 0.3)},
        "one unit picked by luck": {"at_marks": np.array([0.3] * 3 + [0.02])},
        "forgets": {"kept": 0.5},
        "writes this way and that": {"within": 0.3},
        "always writes the same sign": {"overall": 0.9},
        **{f"{gate}, and nothing happens": {"held": held | {gate: 1.0}} for gate in shut},
        "recalls nothing to begin with": {"held": dict.fromkeys(held, 0.13)},
    })  # fmt: skip
