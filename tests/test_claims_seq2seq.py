"""Lesson 3's claims refuse numbers from wrong models."""

import numpy as np
import pytest
import torch
from claims import claim_fails, replaced, run_cells
from lessons import LESSONS

LESSON = "03_seq2seq"
SOURCE = {cell.id: cell.source for cell in LESSONS[LESSON].cells}
TAUGHT = ("setup", "tiny-run", "taught-encoder", "taught-decoder", "taught-seq2seq", "model-run")


def fails(id: str, **names) -> bool:
    return claim_fails(LESSON, id, names)


@pytest.mark.parametrize("cell", ["padding-run", "teacher-run"])
def test_the_classes_that_are_taught_pass_the_lessons_own_checks(cell):
    run_cells(LESSON, *TAUGHT, cell)


@pytest.mark.parametrize(
    ("cell", "old", "new", "check"),
    [
        ("taught-encoder", "lengths_of(x, lengths)", "torch.full((x.shape[1],), len(x))", "padding-run"),
        ("taught-seq2seq", "self.decode(target[:-1],", "self.decode(target[:-1] * 0 + 1,", "teacher-run"),
        ("taught-seq2seq", "torch.zeros_like(predictions[:1])", "predictions[:1]", None),
    ],
    ids=["padding read", "target not read", "row 0 not zero"],
)
def test_the_lessons_own_checks_refuse_wrong_classes(cell, old, new, check):
    changed = {cell: replaced(SOURCE[cell], old, new)}
    with pytest.raises(AssertionError):
        run_cells(LESSON, *TAUGHT, *([check] if check else []), changed=changed)


def test_sequential_decoding_refuses_other_numbers_and_free_steps():
    names = {"gaps": (0.0, 1e-6), "at_once": (4.0, 30.0), "one_by_one": (9.0, 70.0)}
    assert not fails("claim-sequential", **names)
    assert fails("claim-sequential", **names | {"gaps": (0.0, 0.5)}), "a decoder that skips a token"
    assert fails("claim-sequential", **names | {"one_by_one": (4.0, 30.0)}), "no slower"
    assert fails("claim-sequential", **names | {"one_by_one": (60.0, 70.0)}), "not growing with the length"


def forcing(full, own):
    """Return `found` of the lesson: forced and free-running accuracy for ratios 1.0 and 0.0 (0.5 between)."""
    first = np.array([0.9])
    rows = {1.0: full, 0.5: [(a + b) / 2 for a, b in zip(full, own, strict=True)], 0.0: own}
    return {ratio: tuple(np.concatenate([first, np.full(6, value)]) for value in row) for ratio, row in rows.items()}


def test_teacher_forcing_refuses_a_model_without_exposure_bias():
    good = forcing((0.5, 0.35), (0.45, 0.43))
    assert not fails("claim-forcing", found=good)
    assert fails("claim-forcing", found=forcing((0.5, 0.5), (0.45, 0.45))), "no bias"
    assert fails("claim-forcing", found=forcing((0.5, 0.35), (0.5, 0.35))), "the ratio makes no difference"
    peeking = {ratio: (forced, free - 0.1) for ratio, (forced, free) in good.items()}
    assert fails("claim-forcing", found=peeking), "the first word hangs on words after it"


def test_dropout_refuses_unscaled_awake_and_useless():
    ones, kept = torch.ones(1000), torch.tensor([0.0, 2.0] * 500)
    gap = {"none": [2.6, 2.7], "encoder": [2.5, 2.5], "decoder": [2.4, 2.3], "both": [2.1, 2.2]}
    names = {"torch": torch, "kept": kept, "asleep": ones, "ones": ones, "gap": gap}
    assert not fails("claim-dropout", **names)
    assert fails("claim-dropout", **names | {"kept": kept / 2}), "not scaled by 1 / (1 − p)"
    assert fails("claim-dropout", **names | {"asleep": kept}), "still dropping in evaluation mode"
    assert fails("claim-dropout", **names | {"gap": gap | {"both": [2.1, 2.65]}}), "no narrower in one seed"


def bottleneck_names(**changes) -> dict:
    lengths = np.array([[1.0, 0.6, 0.1]])
    names = {
        "exact": {8: np.array([[1.0, 0.3, 0.0]] * 2), 64: np.array([[1.0, 1.0, 0.7]] * 2)},
        "converged": {64: 95 * lengths, 128: 98 * lengths},
        "stored": np.array([[56.0, 36.0, 12.0], [60.0, 38.0, 12.0]]),
        "live": [55.0, 35.0, 12.0],
        "mean_held": {8: 0.54, 14: 0.42},
    }
    return names | changes


def test_the_bottleneck_refuses_models_without_one():
    assert not fails("claim-bottleneck", **bottleneck_names())
    flat = np.array([[0.98, 0.98, 0.98]] * 2)
    assert fails("claim-bottleneck", **bottleneck_names(exact={8: flat, 64: flat})), "every length fits"
    short = {8: np.array([[1.0, 0.3, 0.0]]), 64: np.array([[1.0, 0.3, 0.0]])}
    assert fails("claim-bottleneck", **bottleneck_names(exact=short)), "the size makes no difference"
    assert fails("claim-bottleneck", **bottleneck_names(converged={128: 98 * flat})), "French does not fall"
    assert fails("claim-bottleneck", **bottleneck_names(live=[95.0, 90.0, 60.0])), "another point than the table's"
    attentive = bottleneck_names(live=[98.0, 97.0, 57.0], stored=np.array([[98.0, 97.0, 57.0]]))
    assert fails("claim-bottleneck", **attentive), "a model with attention"
    poor = np.array([[56.0, 31.0, 12.0], [60.0, 38.0, 12.0]])
    assert fails("claim-bottleneck", **bottleneck_names(stored=poor)), "BLEU of 30 is within the spread of the seeds"
    far = np.array([[56.0, 36.0, 12.0], [60.0, 38.0, 19.0]])
    assert fails("claim-bottleneck", **bottleneck_names(stored=far)), "a third is within the spread of the seeds"
    assert fails("claim-bottleneck", **bottleneck_names(mean_held={8: 0.5, 14: 0.5})), "nothing is crowded out"
