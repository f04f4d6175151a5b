"""Lesson 4's claims refuse numbers from wrong attentions."""

import math
from functools import partial
from types import SimpleNamespace

import pandas as pd
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
    names = run_cells(LESSON, "setup", "taught-attention", "scaling-run")
    entropy, slopes = names["entropy"], names["slopes"]
    widths = [2**power for power in range(len(entropy["without"]))]
    scaled, unscaled = entropy.values()
    check("claim-scaling", {"entropy": entropy, "slopes": slopes, "math": math}, {
        "a gradient that stays": {"slopes": slopes | {"without": slopes["with 1/√D"]}},
        "no gradient either way": {"slopes": slopes | {"with 1/√D": slopes["without"]}},
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
        "converged": SimpleNamespace(test=78, by_length=[98, 95, 92, 87, 86, 71, 60]),
    }
    check("claim-bottleneck", right, {
        "poor with attention": {"score_on": SimpleNamespace(test=90, long=60)},
        "long sentences without attention": {"score_off": SimpleNamespace(test=40, long=20)},
        "convergence does as well": {"converged": SimpleNamespace(test=94, by_length=off)},
        "or as well on long sentences": {"converged": SimpleNamespace(test=78, by_length=[98, 95, 92, 90, 88, 86, 85])},
        "attention falls too": {"by_length": {"attention on": off, "attention off": off}},
        "no attention holds too": {"by_length": {"attention on": on, "attention off": on}},
    })  # fmt: skip


def test_path_refuses_a_gradient_that_fades_or_stays_in_both():
    names = ("no attention", "attention, states alone", "attention, states and words")

    def shares(none, alone, both):
        return {"left": dict(zip(names, ([1.0, 0.1, none], [1.0, 0.5, alone], [1.0, 0.5, both]), strict=True))}

    right = shares(7e-4, 0.3, 0.22) | {"untrained": dict.fromkeys(names), "links": [100, 90, 80]}
    check("claim-path", right, {
        "fades in all": shares(7e-4, 7e-4, 7e-4),
        "stays in all": shares(0.3, 0.3, 0.3),
        "exchanged": shares(0.3, 7e-4, 7e-4),
        "the residual connection does it": shares(7e-4, 0.005, 0.22),
        "of trained models, which was the old reading": shares(0.53, 0.67, 0.85),
        "a gradient that is not a number": shares(7e-4, math.nan, 0.22),
        "too few links": {"links": [100, 90, 3]},
    })  # fmt: skip


def runs(**columns):
    return pd.DataFrame(columns)


def test_scores_refuses_a_rival_without_the_division():
    levels = {"dot": 80, "scaled_dot": 96, "general": 80, "scaled_general": 96, "additive": 96}

    def table(**changed):
        return {"designs": SimpleNamespace(design_runs=lambda _, __, ___, name: runs(bleu=[(levels | changed)[name]]))}

    shown = [("states_and_words", name) for name in levels]
    check("claim-scores", table() | {"results": None, "shown": shown, "rates": {"korean": 0, "french": 0}}, {
        "general is worse by nature": table(scaled_general=81),
        "the division does nothing": table(dot=96, general=96),
        "learned scores win": table(scaled_general=99.5, additive=99.8),
        "learned scores lose": table(additive=90),
    })  # fmt: skip


def test_aligns_refuses_an_attention_that_looks_elsewhere():
    korean = {"attention": 0.23, "attention_abstains": 0.21, "diagonal": 0.78, "random": 0.93, "ibm1": 0.24,
              "one_link": 0.17}  # fmt: skip
    french = {"attention": 0.18, "attention_abstains": 0.16, "diagonal": 0.38, "random": 0.9, "ibm1": 0.15,
              "one_link": 0.07}  # fmt: skip
    rates = {"korean": korean, "french": french}
    check("claim-aligns", {"rates": rates}, {
        "Korean is not aligned": {"rates": rates | {"korean": korean | {"attention": 0.72}}},
        "French is not aligned": {"rates": rates | {"french": french | {"attention": 0.4}}},
        "abstaining does harm": {"rates": rates | {"korean": korean | {"attention_abstains": 0.4}}},
        "far from IBM Model 1": {"rates": rates | {"korean": korean | {"ibm1": 0.1}}},
    })  # fmt: skip


def test_needed_refuses_an_attention_that_never_looks():
    together = "permuted_together"
    broken = {"as_trained": 95.0, together: 95.0, "uniform": 4.0, "strongest_hidden": 7.0}
    honest = runs(bleu=[92.0, 90.0], together=[92.0, 90.1], error_rate=[0.84, 0.81])
    of_korean = {"uniform": pd.Series([69.0, 68.0]), "none": pd.Series([28.0, 25.0])}
    right = {
        "together": together, "weight_gap": 1e-7, "broken": broken, "of_korean": of_korean, "results": None,
        "designs": SimpleNamespace(design_runs=lambda *names: honest),
        "specimen_rate": 0.72, "specimen_bleu": {"as_trained": 88.0, together: 25.0},
    }  # fmt: skip
    moved = SimpleNamespace(design_runs=lambda *names: honest.assign(together=[30.0, 30.0]))
    check("claim-needed", right, {
        "order matters": {"broken": broken | {together: 25.0}},
        "weights do not matter": {"broken": broken | {"uniform": 95.0}},
        "a score that is not a number": {"broken": broken | {"uniform": math.nan}},
        "other weights": {"weight_gap": 0.3},
        "a choice is not needed": {"of_korean": of_korean | {"uniform": pd.Series([95.0, 94.0])}},
        "an average is of no use, the old reading": {"of_korean": of_korean | {"uniform": pd.Series([30.0, 29.0])}},
        "AER alone would convict the specimen": {"specimen_rate": 0.95},
        "the specimen does not use its attention": {"specimen_bleu": {"as_trained": 30.0, together: 5.0}},
        "the specimen follows the memory": {"specimen_bleu": {"as_trained": 88.0, together: 88.0}},
        "an honest design is convicted too": {"designs": moved},
    })  # fmt: skip
