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
PATH = ("setup", "taught-step", "path-run")
check = partial(check_claim, LESSON)


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
        "live": live, "table": table, "at": 2, "mixed": mixed, "test_lags": [5, 10, 20, 40, 100, 200], "short": good,
    }  # fmt: skip
    check("claim-recall", right, {
        "the default recalls, live": {"live": live | {"lstm": [1.0, 0.1, 0.1]}},
        "the RNN recalls, live": {"live": live | {"rnn": [0.9, 0.1, 0.1]}},
        "the bias does not always help, live": {"live": live | {"lstm_bias_5": [1.0, 1.0, 0.97]}},
        "the default recalls, in the table": {"table": table | {"lstm": ones}},
        "the bias does not help, in the table": {"table": table | {"lstm_bias_5": table["lstm"]}},
        "the RNN recalls mixed lags": {"mixed": mixed | {"rnn": torch.ones(3, 6)}},
        "lag 5 is too hard for the RNN anyway": {"short": [1.0, 0.24, 1.0]},
        "a share that is not a number": {"live": live | {"lstm_bias_5": [1.0, 1.0, float("nan")]}},
        "the bias forgets mixed lags": {"mixed": mixed | {"lstm_bias_5": forgetful}},
    })  # fmt: skip


def test_adding_refuses_a_network_that_does_not_add():
    runs = pd.DataFrame(
        [("lstm_chrono", length, 0, 20_000, "yes", 1) for length in (100, 500, 1000)]
        + [("rnn", 100, 0, 74_000, "no", 2300), ("lstm", 100, 0, 74_000, "no", 2200)],
        columns=["start", "length", "seed", "sequences", "solved", "wrong"],
    )
    ours, stored = runs[runs.start == "lstm_chrono"], runs[runs.start == "lstm"]
    trials = ours.pivot(index="seed", columns="length", values="sequences")
    right = {
        "result": SimpleNamespace(solved=True, sequences=20_000, wrong=1), "vanilla": SimpleNamespace(wrong=2300),
        "runs": runs, "stored": stored, "ours": ours, "trials": trials, "paper": [74_000, 209_000, 853_000],
    }  # fmt: skip
    check("claim-adding", right, {
        "not solved": {"result": SimpleNamespace(solved=False, sequences=20_000, wrong=1)},
        "solved late": {"result": SimpleNamespace(solved=True, sequences=75_000, wrong=1)},
        "many wrong": {"result": SimpleNamespace(solved=True, sequences=20_000, wrong=200)},
        "an RNN that adds": {"vanilla": SimpleNamespace(wrong=100)},
        "slower than the paper at T = 100": {"trials": trials + 60_000},
        "not solved, in the table": {"ours": ours.assign(solved="no")},
        "every start solves it": {"runs": runs.assign(solved="yes")},
        "any start will do": {"stored": stored.assign(solved="yes")},
    })  # fmt: skip


def test_gates_at_work_refuses_idle_gates():
    shut = {f"{gate}_shut": 0.13 for gate in gates.GATES}
    held = {"none": 1.0, **shut, **{f"{gate}_open": 1.0 for gate in gates.GATES}}
    right = {"at_marks": np.full(4, 0.3), "elsewhere": np.full(4, 0.03), "kept": 0.98, "held": held, "same_way": 0.95}
    check("claim-gates", right, {
        "writes at every step": {"elsewhere": np.full(4, 0.3)},
        "one unit picked by luck": {"at_marks": np.array([0.3] * 3 + [0.03])},
        "forgets": {"kept": 0.5},
        "writes this way and that": {"same_way": 0.5},
        **{f"{gate}, and nothing happens": {"held": held | {gate: 1.0}} for gate in shut},
        "recalls nothing to begin with": {"held": dict.fromkeys(held, 0.13)},
    })  # fmt: skip
