"""Lesson 1's claims refuse numbers from wrong models."""

from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from claims import check_claim, claim_fails, run_cells

from course_utils.measure import gradients

LESSON = "01_rnn"
PARITY = ("setup", "taught-step", "taught-loop", "parity-run", "sum-run")
check = partial(check_claim, LESSON)


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
    assert claim_fails(LESSON, "claim-shared", run_cells(LESSON, *PARITY, changed={cell: (old, new)}))


def test_size_refuses_a_network_that_grows():
    right = run_cells(LESSON, "setup", "size-run")
    loop, dense = right["recurrent_sizes"], right["dense_sizes"]
    check("claim-size", right, {
        "the loop grows": {"recurrent_sizes": dense},
        "the dense network does not grow": {"dense_sizes": loop},
        "more weights than the formula's": {"dense_sizes": [2 * size for size in dense]},
    })  # fmt: skip


def test_variable_length_refuses_guessing_and_short_words_only():
    lengths = torch.tensor([3, 12, 38])
    right = {"batch": SimpleNamespace(lengths=lengths), "by_length": [0.5, 0.65, 0.78, 0.7, 0.68, 0.6], "chance": 0.09}
    check("claim-length", right, {
        "guesses": {"by_length": [0.09] * 6},
        "a share that is not a number": {"by_length": [0.7, 0.7, 0.7, 0.7, 0.7, float("nan")]},
        "short words only": {"batch": SimpleNamespace(lengths=lengths.clamp(max=9))},
        "long words are not read": {"by_length": [0.7, 0.7, 0.7, 0.7, 0.7, 0.1]},
    })  # fmt: skip


def test_vanishing_gradient_holds_for_the_step_that_is_taught_and_refuses_other_networks():
    flows = run_cells(LESSON, "setup", "taught-step", "untrained-run")["flows"]

    def without_recurrence(x_t, h_prev, W_ih, W_hh, b_ih, b_hh, activation=torch.tanh):
        return activation(x_t @ W_ih.T + b_ih + b_hh)

    def changed(change):
        return {"flows": {name: list(map(change, runs)) for name, runs in flows.items()}}

    no_way_back = gradients.gradient_flow(length=60, radius=1.2, step=without_recurrence)
    check("claim-vanishing", {"flows": flows}, {
        "no recurrence, no way back": {"flows": dict.fromkeys(flows, [no_way_back] * 5)},
        "neither vanishes nor explodes": {"flows": dict.fromkeys(flows, flows["tanh, radius 1.2"])},
        "explodes with tanh too": {"flows": flows | {"tanh, radius 1.2": flows["no tanh, radius 1.2"]}},
        "bound and tight_bound exchanged":
            changed(lambda flow: flow._replace(bound=flow.tight_bound, tight_bound=flow.bound)),
        "nothing clipped": changed(lambda flow: flow._replace(clipped_norm=flow.parameter_norm)),
    })  # fmt: skip


def test_truncation_refuses_a_state_that_stops_a_gradient_that_does_not_and_a_writer_that_only_counts():
    reach = torch.zeros(50, 2, 3)
    reach[25:] = 1.0
    losses = {"network": 2.33, "pairs of letters": 2.75, "single letters": 3.2}
    check("claim-write", {"loss": losses, "felt": 0.8, "reach": reach}, {
        "no better than pairs": {"loss": losses | {"network": 2.7}},
        "a loss that is not a number": {"loss": losses | {"network": float("nan")}},
        "the state stops at the cut": {"felt": 0.0},
        "nothing is cut": {"reach": torch.ones(50, 2, 3)},
        "no gradient at all": {"reach": torch.zeros(50, 2, 3)},
    })  # fmt: skip


def test_recency_refuses_shuffled_states_and_perfect_memory():
    right = {
        "trained": [0.97, 0.9, 0.76, 0.57, 0.43, 0.3, 0.24, 0.17, 0.16, 0.13, 0.13, 0.11],
        "untrained": [1.0, 0.99, 0.97, 0.92, 0.75, 0.49, 0.29, 0.2, 0.17, 0.12, 0.12, 0.12],
        "last three letters": [1.0, 1.0, 1.0, 0.33, 0.26, 0.22, 0.17, 0.14, 0.15, 0.11, 0.11, 0.12],
        "shuffled": [0.2] + [0.1] * 11,
    }

    def but(**changed):
        return {"recalled": right | {name.replace("_", " "): shares for name, shares in changed.items()}}

    check("claim-recency", {"recalled": right}, {
        "nothing remembered": but(trained=right["shuffled"]),
        "everything remembered": but(trained=[1.0] * 12),
        "the oldest remembered best": but(trained=right["trained"][::-1]),
        "training fills a memory, the old reading": but(untrained=right["shuffled"]),
        "the letters after it say as much": but(last_three_letters=right["trained"]),
        "a probe that reads letters from nothing": but(shuffled=right["trained"]),
        "a probe without a number": but(shuffled=[*right["shuffled"][:-1], float("nan")]),
    })  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("lambda values: values", "torch.tanh"),
        ("torch.eye(4,", "0.999 * torch.eye(4,"),
        ("2 * eye", "0.9 * eye"),  # no sign is kept
        ("2 * eye, zero, zero)", "eye, zero, zero, activation=lambda values: values)"),  # a gradient comes back
    ],
)
def test_far_sight_in_theory_refuses_a_leaking_recurrence(old, new):
    ids = ("setup", "taught-step", "taught-loop", "theory-run")
    assert not claim_fails(LESSON, "claim-theory", run_cells(LESSON, *ids))
    assert claim_fails(LESSON, "claim-theory", run_cells(LESSON, *ids, changed={"theory-run": (old, new)}))


def test_failure_at_long_range_refuses_a_memory_and_a_broken_learner():
    usual, better = torch.tensor([[1.0, 1.0, 0.8, 0.14, 0.14]] * 3), torch.tensor([[1.0, 1.0, 1.0, 1.0, 0.5]] * 3)

    def both(first, second):
        return {"recall": {"torch's start": first, "orthogonal start": second}}

    check("claim-range", {"lags": [2, 5, 10, 20, 40], "seeds": range(3)} | both(usual, better), {
        "remembers from any start": both(torch.ones(3, 5), torch.ones(3, 5)),
        "learns nothing": both(torch.full((3, 5), 0.125), better),
        "no start reaches further, the old reading": both(usual, usual),
    })  # fmt: skip


def test_sequential_cost_refuses_a_free_recurrence():
    once = np.array([0.03, 0.06, 0.2, 0.9])
    wrong = {"free": {"one_by_one": once}, "not growing with the length": {"one_by_one": np.full(4, 9.0)}}
    check("claim-cost", {"one_by_one": 10 * once, "at_once": once}, wrong)
