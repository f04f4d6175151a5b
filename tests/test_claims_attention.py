"""Lesson 4's claims refuse numbers from wrong attentions."""

from types import SimpleNamespace

import pytest
from claims import claim_fails, replaced, run_cells
from lessons import LESSONS

LESSON = "04_attention"
SOURCE = {cell.id: cell.source for cell in LESSONS[LESSON].cells}
BY_HAND = ("setup", "taught-attention", "rungs-run", "parity-run")


def fails(id: str, **names) -> bool:
    return claim_fails(LESSON, id, names)


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
        "softmax over queries",
        "unscaled",
        "mask of zeros",
        "mask turned round",
        "memory ignored",
        "keys in another order",
    ],
)
def test_weighted_average_refuses_a_wrong_attention(old, new):
    # The rungs are left to pass, so that it is the claim that must refuse.
    changed = {
        "taught-attention": replaced(SOURCE["taught-attention"], old, new),
        "rungs-run": replaced(SOURCE["rungs-run"], "assert rung_gap < 1e-5", "pass"),
    }
    assert claim_fails(LESSON, "claim-average", run_cells(LESSON, *BY_HAND, changed=changed))


@pytest.fixture(scope="module")
def entropy():
    return run_cells(LESSON, "setup", "taught-attention", "scaling-run")["entropy"]


def test_scaling_refuses_scores_that_are_not_scaled(entropy):
    assert not fails("claim-scaling", entropy=entropy)
    scaled, unscaled = entropy.values()
    assert fails("claim-scaling", entropy={"with 1/√D": unscaled, "without": unscaled})
    assert fails("claim-scaling", entropy={"with 1/√D": scaled, "without": scaled})


def test_widths_refuses_a_score_that_takes_anything():
    ids = ("setup", "taught-attention", "taught-scores", "widths-run", "claim-widths")
    names = run_cells(LESSON, *ids)
    assert fails("claim-widths", **(names | {"refused": {"dot": names["refused"]["dot"]}}))
    assert fails("claim-widths", **(names | {"refused": dict.fromkeys(names["refused"], "wrong")}))
    assert fails("claim-widths", **(names | {"shapes": names["shapes"] | {"general": (4, 5)}}))


ON, OFF = [99, 98, 97, 97, 96, 95, 92], [60, 55, 40, 30, 25, 20, 15]
BOTTLENECK = {
    "score_on": SimpleNamespace(test=96, long=60),
    "score_off": SimpleNamespace(test=40, long=12),
    "by_length": {"attention on": ON, "attention off": OFF},
    "converged": SimpleNamespace(test=60),
}


def test_bottleneck_refuses_curves_that_are_no_proof():
    assert not fails("claim-bottleneck", **BOTTLENECK)
    for wrong in (
        {"score_on": SimpleNamespace(test=90, long=60)},
        {"score_off": SimpleNamespace(test=40, long=20)},
        {"converged": SimpleNamespace(test=94)},
        {"by_length": {"attention on": OFF, "attention off": OFF}},
        {"by_length": {"attention on": ON, "attention off": ON}},
    ):
        assert fails("claim-bottleneck", **(BOTTLENECK | wrong))


def test_path_refuses_a_gradient_that_fades_or_stays_in_both():
    on, off, links = [1.0, 1.1, 0.9], [1.0, 0.6, 0.5], [100, 90, 80]

    def numbers(on, off, scale):
        left = {"attention on": on, "attention off": off}
        return {"left": left, "strength": {name: [scale**k * x for x in v] for k, (name, v) in enumerate(left.items())}}

    for a, b, n, scale in (
        (off, off, links, 0.1), (on, on, links, 0.1), (off, on, links, 0.1), (on, off, [100, 90, 3], 0.1),
        (on, off, links, 1.0),
    ):  # fmt: skip
        assert fails("claim-path", **numbers(a, b, scale), links=n)
    assert not fails("claim-path", **numbers(on, off, 0.1), links=links)


TOGETHER = "permuted_together"
RATES = {
    "korean": {"attention": 0.23, "attention_abstains": 0.18, "diagonal": 0.78, "random": 0.93,
               "ibm1": 0.24, "one_link": 0.17},
    "french": {"attention": 0.18, "attention_abstains": 0.13, "diagonal": 0.38, "random": 0.9,
               "ibm1": 0.15, "one_link": 0.07},
}  # fmt: skip
ALIGNS = {
    "rates": RATES, "together": TOGETHER, "weight_gap": 1e-7,
    "broken": {"as_trained": 95.0, TOGETHER: 95.0, "uniform": 4.0, "strongest_hidden": 7.0},
    "specimen_rate": 0.72, "specimen_bleu": {"as_trained": 88.0, TOGETHER: 25.0},
}  # fmt: skip


def test_aligns_refuses_an_attention_that_never_looks():
    assert not fails("claim-aligns", **ALIGNS)
    blind = RATES | {"korean": RATES["korean"] | {"attention": 0.72}}
    for wrong in (
        {"rates": blind},
        {"rates": RATES | {"french": RATES["french"] | {"attention": 0.4}}},
        {"rates": RATES | {"korean": RATES["korean"] | {"attention_abstains": 0.23}}},
        {"broken": ALIGNS["broken"] | {TOGETHER: 25.0}},
        {"broken": ALIGNS["broken"] | {"uniform": 95.0}},
        {"weight_gap": 0.3},
        {"specimen_rate": 0.3},
        {"specimen_bleu": {"as_trained": 88.0, TOGETHER: 88.0}},
    ):
        assert fails("claim-aligns", **(ALIGNS | wrong))
