"""Lesson 2's claims refuse numbers from wrong models."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from claims import claim_fails, replaced, run_cells
from lessons import LESSONS

from course_utils.measure import gates

LESSON = "02_lstm"
SOURCE = {cell.id: cell.source for cell in LESSONS[LESSON].cells}
PARITY = ("setup", "taught-step", "parity-run")
PATH = ("setup", "taught-step", "path-run")


def fails(id: str, **names) -> bool:
    return claim_fails(LESSON, id, names)


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
    names = run_cells(LESSON, *PARITY, changed={cell: replaced(SOURCE[cell], old, new)})
    assert claim_fails(LESSON, "claim-cell", names)


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
    names = run_cells(LESSON, *PATH, changed={cell: replaced(SOURCE[cell], old, new)})
    assert claim_fails(LESSON, "claim-path", names)


def recall_names(**changes) -> dict:
    lags, good, bad = [5, 10, 20, 40, 100, 200], [1.0, 1.0, 1.0], [0.12, 0.13, 0.2]
    wide = {"lstm": np.array([[1, 0.7, 0.13]] * 3), "lstm_bias_5": np.ones((3, 3))}
    mixed = {"rnn": torch.full((3, 6), 0.24), "lstm_bias_5": torch.ones(3, 6)}
    names = {
        "live": {"rnn": bad, "lstm": bad, "lstm_bias_5": good}, "table": wide, "at": 2, "mixed": mixed,
        "test_lags": lags, "short": [1.0, 1.0, 1.0],
    }  # fmt: skip
    return names | changes


def test_recall_refuses_a_default_that_works_and_a_bias_that_does_not():
    names = recall_names()
    assert not fails("claim-recall", **names)
    live, table, mixed = names["live"], names["table"], names["mixed"]
    assert fails("claim-recall", **recall_names(live=live | {"lstm": [1.0, 0.1, 0.1]}))
    assert fails("claim-recall", **recall_names(live=live | {"rnn": [0.9, 0.1, 0.1]}))
    assert fails("claim-recall", **recall_names(live=live | {"lstm_bias_5": [1.0, 1.0, 0.97]}))
    assert fails("claim-recall", **recall_names(table=table | {"lstm": np.ones((3, 3))}))
    assert fails("claim-recall", **recall_names(table=table | {"lstm_bias_5": table["lstm"]}))
    assert fails("claim-recall", **recall_names(mixed=mixed | {"rnn": torch.ones(3, 6)}))
    assert fails("claim-recall", **recall_names(short=[1.0, 0.24, 1.0])), "lag 5 is too hard for the RNN anyway"
    forgetful = torch.tensor([[1.0, 1.0, 1.0, 1.0, 0.5, 0.2]] * 3)
    assert fails("claim-recall", **recall_names(mixed=mixed | {"lstm_bias_5": forgetful}))


def adding_names(**changes) -> dict:
    runs = pd.DataFrame(
        [("lstm_chrono", length, 0, 20_000, "yes", 1) for length in (100, 500, 1000)]
        + [("rnn", 100, 0, 74_000, "no", 2300), ("lstm", 100, 0, 74_000, "no", 2200)],
        columns=["start", "length", "seed", "sequences", "solved", "wrong"],
    )
    ours = runs[runs.start == "lstm_chrono"]
    names = {
        "result": SimpleNamespace(solved=True, sequences=20_000, wrong=1), "vanilla": SimpleNamespace(wrong=2300),
        "runs": runs, "stored": runs[runs.start == "lstm"], "ours": ours,
        "trials": ours.pivot(index="seed", columns="length", values="sequences"),
        "paper": [74_000, 209_000, 853_000],
    }  # fmt: skip
    return names | changes


def test_adding_refuses_a_network_that_does_not_add():
    names = adding_names()
    assert not fails("claim-adding", **names)
    good = vars(names["result"])
    for wrong in ({"solved": False}, {"sequences": 75_000}, {"wrong": 200}):
        assert fails("claim-adding", **adding_names(result=SimpleNamespace(**good | wrong)))
    assert fails("claim-adding", **adding_names(vanilla=SimpleNamespace(wrong=100))), "an RNN that adds"
    assert fails("claim-adding", **adding_names(trials=names["trials"] + 60_000)), "slower than the paper at T = 100"
    assert fails("claim-adding", **adding_names(ours=names["ours"].assign(solved="no")))
    assert fails("claim-adding", **adding_names(runs=names["runs"].assign(solved="yes")))
    assert fails("claim-adding", **adding_names(stored=names["stored"].assign(solved="yes"))), "any start will do"


def test_gates_at_work_refuses_idle_gates():
    shut = {f"{gate}_shut": 0.13 for gate in gates.GATES}
    held = {"none": 1.0, **shut, **{f"{gate}_open": 1.0 for gate in gates.GATES}}
    names = {"at_marks": np.full(4, 0.3), "elsewhere": np.full(4, 0.03), "kept": 0.98, "held": held, "same_way": 0.95}
    assert not fails("claim-gates", **names)
    assert fails("claim-gates", **names | {"elsewhere": np.full(4, 0.3)}), "writes at every step"
    assert fails("claim-gates", **names | {"at_marks": np.array([0.3] * 3 + [0.03])}), "one unit picked by luck"
    assert fails("claim-gates", **names | {"kept": 0.5}), "forgets"
    assert fails("claim-gates", **names | {"same_way": 0.5}), "writes this way and that"
    for gate in shut:
        assert fails("claim-gates", **names | {"held": held | {gate: 1.0}}), f"{gate}, and nothing happens"
    assert fails("claim-gates", **names | {"held": dict.fromkeys(held, 0.13)}), "recalls nothing to begin with"
