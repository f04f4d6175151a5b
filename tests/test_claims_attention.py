"""Lesson 4's claims refuse numbers from wrong attentions."""

import math
from functools import partial
from types import SimpleNamespace

import pytest
from claims import check_claim, claim_fails, run_cells

LESSON = "04_attention"
BY_HAND = ("setup", "taught-attention", "rungs-run", "parity-run")
check = partial(check_claim, LESSON)


def test_weighted_average_holds_for_the_attention_that_is_taught():
    assert not claim_fails(LESSON, "claim-average", run_cells(LESSON, *BY_HAND))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("scores.softmax(dim=-1)", "scores.softmax(dim=-2).nan_to_num()"),
        ("return dot(query, key) / math.sqrt(query.shape[-1])", "return dot(query, key)"),
        ("scores.masked_fill(~mask, -math.inf)", "scores.masked_fill(~mask, 0.0)"),
        ("scores.masked_fill(~mask, -math.inf)", "scores.masked_fill(mask, -1e9)"),
        ("scores = score(query, key)", "scores = score(query, 0 * key)"),
        ("return query @ key.transpose(-2, -1)", "return (key @ query.transpose(-2, -1)).mT.flip(-1)"),
    ],
    ids=[
        "softmax over queries", "unscaled", "mask of zeros", "mask turned round", "memory ignored",
        "keys in another order",
    ],
)  # fmt: skip
def test_weighted_average_refuses_a_wrong_attention(old, new):
    # The rungs are left to pass, so that it is the claim that must refuse.
    changed = {"taught-attention": (old, new), "rungs-run": ("assert rung_gap < 1e-5", "pass")}
    assert claim_fails(LESSON, "claim-average", run_cells(LESSON, *BY_HAND, changed=changed))


def test_scaling_refuses_scores_that_are_not_scaled():
    entropy = run_cells(LESSON, "setup", "taught-attention", "scaling-run")["entropy"]
    widths = [2**power for power in range(len(entropy["without"]))]
    scaled, unscaled = entropy.values()
    check("claim-scaling", {"entropy": entropy, "math": math}, {
        "never scaled": {"entropy": {"with 1/√D": unscaled, "without": unscaled}},
        "always scaled": {"entropy": {"with 1/√D": scaled, "without": scaled}},
        "divided by D": {"entropy": {"with 1/√D": [math.log(16) - 1 / D for D in widths], "without": unscaled}},
        "not a number at the last width": {"entropy": {"with 1/√D": [*scaled[:-1], math.nan], "without": unscaled}},
        "not a number": {"entropy": {"with 1/√D": [*scaled[:4], math.nan, *scaled[5:]], "without": unscaled}},
    })  # fmt: skip


def test_widths_refuses_a_score_that_takes_anything():
    names = run_cells(LESSON, "setup", "taught-attention", "taught-scores", "widths-run")
    check("claim-widths", names, {
        "one score refuses alone": {"refused": {"dot": names["refused"]["dot"]}},
        "refused for another reason": {"refused": dict.fromkeys(names["refused"], "wrong")},
        "another shape": {"shapes": names["shapes"] | {"general": (4, 5)}},
    })  # fmt: skip


def test_bottleneck_refuses_curves_that_are_no_proof():
    on, off = [99, 98, 97, 97, 96, 95, 92], [60, 55, 40, 30, 25, 20, 15]
    right = {
        "score_on": SimpleNamespace(test=96, long=60),
        "score_off": SimpleNamespace(test=40, long=12),
        "by_length": {"attention on": on, "attention off": off},
        "converged": SimpleNamespace(test=60),
    }
    check("claim-bottleneck", right, {
        "poor with attention": {"score_on": SimpleNamespace(test=90, long=60)},
        "long sentences without attention": {"score_off": SimpleNamespace(test=40, long=20)},
        "convergence does as well": {"converged": SimpleNamespace(test=94)},
        "attention falls too": {"by_length": {"attention on": off, "attention off": off}},
        "no attention holds too": {"by_length": {"attention on": on, "attention off": on}},
    })  # fmt: skip


def test_path_refuses_a_gradient_that_fades_or_stays_in_both():
    def numbers(on, off, scale=0.1):
        left = {"attention on": on, "attention off": off}
        return {"left": left, "strength": {name: [scale**k * x for x in v] for k, (name, v) in enumerate(left.items())}}

    on, off = [1.0, 1.1, 0.9], [1.0, 0.6, 0.5]
    check("claim-path", numbers(on, off) | {"links": [100, 90, 80]}, {
        "fades in both": numbers(off, off),
        "stays in both": numbers(on, on),
        "exchanged": numbers(off, on),
        "too few links": {"links": [100, 90, 3]},
        "equally strong": numbers(on, off, scale=1.0),
    })  # fmt: skip


def test_aligns_refuses_an_attention_that_never_looks():
    together = "permuted_together"
    korean = {"attention": 0.23, "attention_abstains": 0.18, "diagonal": 0.78, "random": 0.93, "ibm1": 0.24,
              "one_link": 0.17}  # fmt: skip
    french = {"attention": 0.18, "attention_abstains": 0.13, "diagonal": 0.38, "random": 0.9, "ibm1": 0.15,
              "one_link": 0.07}  # fmt: skip
    rates = {"korean": korean, "french": french}
    broken = {"as_trained": 95.0, together: 95.0, "uniform": 4.0, "strongest_hidden": 7.0}
    right = {
        "rates": rates, "together": together, "weight_gap": 1e-7, "broken": broken,
        "specimen_rate": 0.72, "specimen_bleu": {"as_trained": 88.0, together: 25.0},
    }  # fmt: skip
    check("claim-aligns", right, {
        "Korean is not aligned": {"rates": rates | {"korean": korean | {"attention": 0.72}}},
        "French is not aligned": {"rates": rates | {"french": french | {"attention": 0.4}}},
        "abstaining does not help": {"rates": rates | {"korean": korean | {"attention_abstains": 0.23}}},
        "order matters": {"broken": broken | {together: 25.0}},
        "weights do not matter": {"broken": broken | {"uniform": 95.0}},
        "a score that is not a number": {"broken": broken | {"uniform": math.nan}},
        "other weights": {"weight_gap": 0.3},
        "the specimen is aligned": {"specimen_rate": 0.3},
        "the specimen follows the memory": {"specimen_bleu": {"as_trained": 88.0, together: 88.0}},
    })  # fmt: skip
