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


def forcing(full=(0.43, 0.33), control=(0.44, 0.26), alone=(0.35, 0.34), ends=(0.6, 0.97)):
    """Return `by_position` and `middle` of the lesson: forced and free-running, each model and the control."""
    first, rows = np.array([0.9]), {"ratio 1.0": full, "ratio 0.0": alone, "control": control}
    last = {"ratio 1.0": ends[0], "ratio 0.0": ends[1], "control": ends[0]}
    by_position = {
        name: tuple(np.concatenate([first, np.full(5, value), [last[name]]]) for value in row)
        for name, row in rows.items()
    }
    return {"by_position": by_position, "middle": rows}


def test_teacher_forcing_refuses_a_gap_that_would_be_exposure_bias():
    right = forcing()
    check("claim-forcing", right, {
        "true words tell nothing": forcing(full=(0.4, 0.4)),
        "no gap without exposure bias, the old reading": forcing(control=(0.44, 0.42)),
        "practice alone gets the words": forcing(full=(0.6, 0.3), alone=(0.5, 0.5)),
        "practice alone brings nothing": forcing(ends=(0.95, 0.97)),
        "the first word depends on words after it":
            {"by_position": {n: (forced, free - 0.1) for n, (forced, free) in right["by_position"].items()}},
        "a share that is not a number": forcing(control=(math.nan, 0.26)),
    })  # fmt: skip


def test_dropout_refuses_unscaled_awake_and_useless():
    ones, kept = torch.ones(1000), torch.tensor([0.0, 2.0] * 500)

    def losses(train=(0.6, 0.8, 0.75, 0.95), held_out=(2.6, 2.7, 2.55, 2.65)):
        places = ("none", "encoder", "decoder", "both")
        values = {"train": train, "held out": held_out}
        return {"mean_loss": {part: dict(zip(places, four, strict=True)) for part, four in values.items()}}

    check("claim-dropout", {"torch": torch, "kept": kept, "asleep": ones, "ones": ones} | losses(), {
        "not scaled by 1 / (1 − p)": {"kept": kept / 2},
        "still dropping in evaluation mode": {"asleep": kept},
        "dropping nothing": {"kept": ones},
        "dropping nothing in training": losses((0.6, 0.6, 0.6, 0.6), (2.6, 2.6, 2.6, 2.6)),
        "an untrained model": losses((6.3, 6.4, 6.4, 6.4), (6.3, 6.4, 6.2, 6.4)),
        "a narrower gap is proof enough, the old reading": losses(held_out=(2.6, 2.55, 2.65, 2.7)),
        "the place makes no difference": losses(held_out=(2.6, 2.65, 2.65, 2.65)),
        "no source word is missed": losses(held_out=(2.6, 2.5, 2.5, 2.5)),
        "a loss that is not a number": losses(held_out=(2.6, 2.7, math.nan, 2.65)),
    })  # fmt: skip


def test_the_bottleneck_tells_three_causes_apart():
    def one(*values):
        return [np.array([value, value]) for value in values]

    answers = {
        "budget": one(0.88, 0.99), "practice": one(0.38, 0.95), "enough": one(35.2, 35.97),
        "sixteen": one(24.6, 31.6, 33.8), "eight": one(16.6, 23.6, 27.6),
    }  # fmt: skip
    right = {
        "math": math, "answers": answers,
        "converged": {64: 95 * np.array([[1.0, 0.6, 0.1]]), 128: 98 * np.array([[1.0, 0.6, 0.3]])},
        "stored": np.array([[56.0, 36.0, 12.0], [60.0, 38.0, 12.0]]),
        "live": [55.0, 35.0, 12.0],
        "mean_held": {8: 0.54, 14: 0.42}, "first_held": {8: 0.88, 14: 0.93}, "probed": {8: None, 14: None},
        "mean_ceiling": {8: 0.8, 14: 0.8},
    }  # fmt: skip

    def but(**changed):
        return {"answers": answers | {name: one(*values) for name, values in changed.items()}}

    check("claim-bottleneck", right, {
        "64 units cannot hold 12 symbols, the old reading": but(budget=(0.69, 0.69)),
        "and carry too little": but(enough=(33.0, 33.5)),
        "practice does not help": but(practice=(0.38, 0.40)),
        "8 units carry everything": but(eight=(16.5, 35.9, 36.0)),
        "16 units carry everything": but(sixteen=(24.5, 35.9, 36.0)),
        "8 units only need more time": but(eight=(16.5, 24.4, 34.8)),
        "French does not fall": {"converged": {128: np.full((2, 3), 98.0)}},
        "another point than the table's": {"live": [95.0, 90.0, 60.0]},
        "a point that is not a number": {"live": [55.0, 35.0, math.nan]},
        "a model with attention": {"live": [98.0, 97.0, 57.0], "stored": np.array([[98.0, 97.0, 57.0]])},
        "a third is within the spread of the seeds": {"stored": np.array([[56.0, 36.0, 12.0], [60.0, 38.0, 19.0]])},
        "the first word is lost like the others": {"first_held": {8: 0.55, 14: 0.93}},
        "nothing is crowded out": {"mean_held": {8: 0.5, 14: 0.5}},
        "the words were never there": {"mean_ceiling": {8: 0.56, 14: 0.43}},
    })  # fmt: skip
