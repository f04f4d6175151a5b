"""Lesson 3's claims refuse numbers from wrong models."""

import math
from functools import partial

import numpy as np
import pytest
import torch
from claims import check_claim, run_cells

LESSON = "03_seq2seq"
TAUGHT = ("setup", "tiny-run", "taught-encoder", "taught-decoder", "taught-seq2seq", "model-run")
check = partial(check_claim, LESSON)


@pytest.mark.parametrize("cell", ["padding-run", "teacher-run"])
def test_the_classes_that_are_taught_pass_the_lessons_own_checks(cell):
    run_cells(LESSON, *TAUGHT, cell)


@pytest.mark.parametrize(
    ("cell", "old", "new", "last"),
    [
        ("taught-encoder", "lengths_of(x, lengths)", "torch.full((x.shape[1],), len(x))", ["padding-run"]),
        ("taught-seq2seq", "self.decode(target[:-1],", "self.decode(target[:-1] * 0 + 1,", ["teacher-run"]),
        ("taught-seq2seq", "torch.zeros_like(predictions[:1])", "predictions[:1]", []),
    ],
    ids=["padding read", "target not read", "row 0 not zero"],
)
def test_the_lessons_own_checks_refuse_wrong_classes(cell, old, new, last):
    with pytest.raises(AssertionError):
        run_cells(LESSON, *TAUGHT, *last, changed={cell: (old, new)})


def test_sequential_decoding_refuses_other_numbers_and_free_steps():
    right = {"gaps": (0.0, 1e-6), "at_once": (4.0, 30.0), "one_by_one": (9.0, 70.0)}
    check("claim-sequential", right, {
        "a decoder that skips a token": {"gaps": (0.0, 0.5)},
        "a decoder that overflows": {"gaps": (0.0, math.nan)},
        "no slower": {"one_by_one": (4.0, 30.0)},
        "not growing with the length": {"one_by_one": (60.0, 70.0)},
    })  # fmt: skip


def forcing(full, own):
    """Return `found` of the lesson: forced and free-running accuracy for ratios 1.0 and 0.0 (0.5 between)."""
    first = np.array([0.9])
    rows = {1.0: full, 0.5: [(a + b) / 2 for a, b in zip(full, own, strict=True)], 0.0: own}
    return {ratio: tuple(np.concatenate([first, np.full(6, value)]) for value in row) for ratio, row in rows.items()}


def test_teacher_forcing_refuses_a_model_without_exposure_bias():
    right = forcing((0.5, 0.35), (0.45, 0.43))
    check("claim-forcing", {"found": right}, {
        "no bias": {"found": forcing((0.5, 0.5), (0.45, 0.45))},
        "the ratio makes no difference": {"found": forcing((0.5, 0.35), (0.5, 0.35))},
        "the first word depends on words after it":
            {"found": {ratio: (forced, free - 0.1) for ratio, (forced, free) in right.items()}},
    })  # fmt: skip


def test_dropout_refuses_unscaled_awake_and_useless():
    ones, kept = torch.ones(1000), torch.tensor([0.0, 2.0] * 500)
    gap = {"none": [2.6, 2.7], "encoder": [2.5, 2.5], "decoder": [2.4, 2.3], "both": [2.1, 2.2]}
    check("claim-dropout", {"torch": torch, "kept": kept, "asleep": ones, "ones": ones, "gap": gap}, {
        "not scaled by 1 / (1 − p)": {"kept": kept / 2},
        "still dropping in evaluation mode": {"asleep": kept},
        "no narrower in one seed": {"gap": gap | {"both": [2.1, 2.65]}},
        "dropping nothing": {"kept": ones},
        "an untrained model": {"gap": {"none": [0.02, 0.03], "both": [0.01, 0.0]}},
        "a loss that is not a number": {"gap": gap | {"both": [2.1, math.nan]}},
    })  # fmt: skip


def test_the_bottleneck_refuses_models_without_one():
    lengths, flat, small = np.array([[1.0, 0.6, 0.1]]), np.full((2, 3), 0.98), np.array([[1.0, 0.3, 0.0]] * 2)
    right = {
        "exact": {8: small, 64: np.array([[1.0, 1.0, 0.7]] * 2)},
        "converged": {64: 95 * lengths, 128: 98 * lengths},
        "stored": np.array([[56.0, 36.0, 12.0], [60.0, 38.0, 12.0]]),
        "live": [55.0, 35.0, 12.0],
        "mean_held": {8: 0.54, 14: 0.42},
    }
    check("claim-bottleneck", right, {
        "every length fits": {"exact": {8: flat, 64: flat}},
        "the size makes no difference": {"exact": {8: small, 64: small}},
        "French does not fall": {"converged": {128: 98 * flat}},
        "another point than the table's": {"live": [95.0, 90.0, 60.0]},
        "a point that is not a number": {"live": [55.0, 35.0, math.nan]},
        "a model with attention": {"live": [98.0, 97.0, 57.0], "stored": np.array([[98.0, 97.0, 57.0]])},
        "BLEU of 30 is within the spread of the seeds": {"stored": np.array([[56.0, 31.0, 12.0], [60.0, 38.0, 12.0]])},
        "a third is within the spread of the seeds": {"stored": np.array([[56.0, 36.0, 12.0], [60.0, 38.0, 19.0]])},
        "nothing is crowded out": {"mean_held": {8: 0.5, 14: 0.5}},
    })  # fmt: skip
