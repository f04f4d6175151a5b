"""Lesson 1's claims refuse numbers from wrong models."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from claims import claim_fails, replaced, run_cells
from lessons import LESSONS

from course_utils.measure import gradients

LESSON = "01_rnn"
SOURCE = {cell.id: cell.source for cell in LESSONS[LESSON].cells}
PARITY = ("setup", "taught-step", "taught-loop", "parity-run", "sum-run")


def fails(id: str, **names) -> bool:
    return claim_fails(LESSON, id, names)


def test_shared_weights_holds_for_the_step_that_is_taught():
    assert not claim_fails(LESSON, "claim-shared", run_cells(LESSON, *PARITY))


@pytest.mark.parametrize(
    ("cell", "old", "new"),
    [
        ("taught-step", "h_prev @ W_hh.T", "0 * (h_prev @ W_hh.T)"),
        ("taught-step", "h_prev @ W_hh.T", "h_prev @ W_hh"),
        ("taught-step", " + b_ih", " + 0 * b_ih"),
        ("taught-step", "activation(", "("),
        ("taught-loop", "step(x_t, h_t,", "step(x_t, h_0,"),
        ("taught-loop", "for x_t in x:", "for x_t in x.flip(0):"),
        ("sum-run", "W_ih, copy, b_ih", "W_ih, copies[-1] + 0 * copy, b_ih"),
    ],
    ids=["no recurrence", "transposed", "no bias", "no tanh", "state not carried", "backwards", "one copy only"],
)
def test_shared_weights_refuses_a_wrong_recurrence(cell, old, new):
    names = run_cells(LESSON, *PARITY, changed={cell: replaced(SOURCE[cell], old, new)})
    assert claim_fails(LESSON, "claim-shared", names)


def test_size_refuses_a_network_that_grows():
    sizes = run_cells(LESSON, "setup", "size-run")
    assert not claim_fails(LESSON, "claim-size", sizes)
    loop, dense, lengths = sizes["recurrent_sizes"], sizes["dense_sizes"], sizes["lengths"]
    assert fails("claim-size", lengths=lengths, recurrent_sizes=dense, dense_sizes=dense)
    assert fails("claim-size", lengths=lengths, recurrent_sizes=loop, dense_sizes=loop)
    assert fails("claim-size", lengths=lengths, recurrent_sizes=loop, dense_sizes=[2 * size for size in dense])


def test_variable_length_refuses_guessing_and_short_words_only():
    good = [0.5, 0.65, 0.78, 0.7, 0.68, 0.6]
    lengths = torch.tensor([3, 12, 38])
    assert not fails("claim-length", batch=SimpleNamespace(lengths=lengths), by_length=good, chance=0.09)
    assert fails("claim-length", batch=SimpleNamespace(lengths=lengths), by_length=[0.09] * 6, chance=0.09)
    assert fails("claim-length", batch=SimpleNamespace(lengths=lengths.clamp(max=9)), by_length=good, chance=0.09)
    unread = [0.7, 0.7, 0.7, 0.7, 0.7, 0.1]
    assert fails("claim-length", batch=SimpleNamespace(lengths=lengths), by_length=unread, chance=0.09)


@pytest.fixture(scope="module")
def flows():
    return run_cells(LESSON, "setup", "taught-step", "untrained-run")["flows"]


def test_vanishing_gradient_holds_for_the_step_that_is_taught_and_refuses_other_networks(flows):
    assert not fails("claim-vanishing", flows=flows)

    def without_recurrence(x_t, h_prev, W_ih, W_hh, b_ih, b_hh, activation=torch.tanh):
        return activation(x_t @ W_ih.T + b_ih + b_hh)

    wrong = {name: [gradients.gradient_flow(length=60, radius=1.2, step=without_recurrence)] * 5 for name in flows}
    assert fails("claim-vanishing", flows=wrong), "no recurrence, no way back"
    calm = dict.fromkeys(flows, flows["tanh, radius 1.2"])
    assert fails("claim-vanishing", flows=calm), "a gradient that neither vanishes nor explodes"
    runaway = flows | {"tanh, radius 1.2": flows["no tanh, radius 1.2"]}
    assert fails("claim-vanishing", flows=runaway), "a radius of 1.2 that explodes with tanh too"
    swapped = {
        name: [flow._replace(bound=flow.prediction, prediction=flow.bound) for flow in runs]
        for name, runs in flows.items()
    }
    assert fails("claim-vanishing", flows=swapped), "bound and prediction exchanged"
    unclipped = {
        name: [flow._replace(clipped_norm=flow.parameter_norm) for flow in runs] for name, runs in flows.items()
    }
    assert fails("claim-vanishing", flows=unclipped), "nothing clipped"


def test_recency_refuses_shuffled_states_and_perfect_memory():
    control = [0.2] + [0.1] * 11
    fading = [0.97, 0.9, 0.76, 0.57, 0.43, 0.3, 0.24, 0.17, 0.16, 0.13, 0.13, 0.11]
    assert not fails("claim-recency", recalled=fading, control=control)
    assert fails("claim-recency", recalled=control, control=control)
    assert fails("claim-recency", recalled=[1.0] * 12, control=control)
    assert fails("claim-recency", recalled=fading[::-1], control=control)
    assert fails("claim-recency", recalled=fading, control=fading), "a probe that reads letters from nothing"


@pytest.mark.parametrize(
    ("old", "new"), [("lambda values: values", "torch.tanh"), ("torch.eye(4,", "0.999 * torch.eye(4,")]
)
def test_far_sight_in_theory_refuses_a_leaking_recurrence(old, new):
    ids = ("setup", "taught-step", "taught-loop", "theory-run")
    assert not claim_fails(LESSON, "claim-theory", run_cells(LESSON, *ids))
    changed = {"theory-run": replaced(SOURCE["theory-run"], old, new)}
    assert claim_fails(LESSON, "claim-theory", run_cells(LESSON, *ids, changed=changed))


def test_failure_at_long_range_refuses_a_memory_and_a_broken_learner():
    lags = [2, 5, 10, 20, 40]
    good = torch.tensor([[1.0, 1.0, 0.8, 0.14, 0.14]] * 3)
    assert not fails("claim-range", lags=lags, recall=good)
    assert fails("claim-range", lags=lags, recall=torch.ones(3, 5)), "a network that remembers"
    assert fails("claim-range", lags=lags, recall=torch.full((3, 5), 0.125)), "one that learns nothing"


def test_sequential_cost_refuses_a_free_recurrence():
    once = np.array([0.03, 0.06, 0.2, 0.9])
    assert not fails("claim-cost", one_by_one=10 * once, at_once=once)
    assert fails("claim-cost", one_by_one=once, at_once=once)
    assert fails("claim-cost", one_by_one=np.full(4, 9.0), at_once=once)
