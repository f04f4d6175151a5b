"""Translations as texts, scored as the field does: BLEU with its signature, chrF, bootstrap; and two baselines."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from sacrebleu.metrics import BLEU, CHRF
from sacrebleu.significance import PairedTest

from course_utils.datasets.scripts import NO_SPACES, main_script
from course_utils.datasets.text import Pair
from course_utils.measure.translation import check_paired


class TextScore(NamedTuple):
    """The score of a set of translations.

    `bleu` and `chrf` are 0 to 100 (Papineni et al. 2002; Popović 2015); `low` and `high` bound the 95 % interval of
    BLEU over bootstrap resamples of the sentences (Koehn 2004); `signature` says how sacreBLEU computed it (Post 2018).
    """

    bleu: float
    chrf: float
    low: float
    high: float
    signature: str


def bleu_tokenizer(references: Sequence[str]) -> str:
    """Return how BLEU should find words, as sacreBLEU names it: `"char"` in a script without spaces, else `"13a"`."""
    return "char" if main_script(references) in NO_SPACES else "13a"


def score_texts(
    hypotheses: Sequence[str], references: Sequence[str], resamples: int = 1000, *, tokenize: str | None = None
) -> TextScore:
    """Return the score of translations as texts, with their case and punctuation, as people would read them.

    Args:
        hypotheses, references: texts in the same order, at least one.
        resamples: bootstrap samples of the interval; the same texts give the same interval.
        tokenize: how BLEU finds words, as sacreBLEU names it; `"none"` for texts whose tokens are separated by spaces.
            None: as `bleu_tokenizer` chooses.

    Raises:
        ValueError: lists that are empty or differ in length.
    """
    check_paired(hypotheses, references)
    tokenize = tokenize or bleu_tokenizer(references)
    metric = BLEU(tokenize=tokenize, force=tokenize == "none")  # force: no warning that tokens are tokenised
    score = metric.corpus_score(list(hypotheses), [list(references)], n_bootstrap=resamples)
    chrf = CHRF().corpus_score(list(hypotheses), [list(references)]).score
    middle, half = score._mean, score._ci
    return TextScore(score.score, chrf, middle - half, middle + half, str(metric.get_signature()))


def compare_systems(
    systems: Mapping[str, Sequence[str]], references: Sequence[str], resamples: int = 1000
) -> list[dict]:
    """Return BLEU of several systems, and sacreBLEU's paired-bootstrap p-value of each difference from the first.

    Args:
        systems: name → texts in the order of the references; the first is what the others are compared with.
        references: at least one.
        resamples: paired bootstrap samples (Koehn 2004).

    Returns:
        Rows with `system`, `bleu`, and `p`, the p-value of the difference from the first, NaN for itself.

    Raises:
        ValueError: fewer than two systems, or texts that are not as many as the references.
    """
    if len(systems) < 2:
        raise ValueError(f"expected at least two systems, not {len(systems)}")
    for texts in systems.values():
        check_paired(texts, references)
    named = [(name, list(texts)) for name, texts in systems.items()]
    metric = BLEU(references=[list(references)], tokenize=bleu_tokenizer(references))
    test = PairedTest(named, {"BLEU": metric}, None, test_type="bs", n_samples=resamples)
    _, scores = test()
    first, *others = scores["BLEU"]
    rows = [{"system": named[0][0], "bleu": first.score, "p": math.nan}]
    for (name, texts), result in zip(named[1:], others, strict=True):
        # The library calls equal texts significantly different: no resample differs by more than their difference, 0.
        rows.append({"system": name, "bleu": result.score, "p": 1.0 if texts == named[0][1] else result.p_value})
    return rows


def nearest_translations(train: Sequence[Pair], sources: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return, for each source, the translation of the training sentence that shares most with it.

    What is shared is counted in rare words more than in frequent ones: words weigh the logarithm of N / n, n of N
    sentences having them, and the sum is divided by the root of the training sentence's own weight, so that long
    sentences do not win by their length.

    Args:
        train: at least one pair.
        sources: token lists.

    Raises:
        ValueError: no pair to choose from.
    """
    if not train:
        raise ValueError("expected at least one training pair, got none")
    holders: dict[str, list[int]] = defaultdict(list)
    for at, pair in enumerate(train):
        for token in set(pair.source):
            holders[token].append(at)
    weight = {token: math.log((1 + len(train)) / len(found)) for token, found in holders.items()}
    sizes = np.sqrt([sum(weight[token] for token in set(pair.source)) for pair in train])
    nearest = []
    for source in sources:
        shared = np.zeros(len(train))
        for token in Counter(source):
            if token in weight:
                shared[holders[token]] += weight[token]
        nearest.append(train[int((shared / np.maximum(sizes, 1e-9)).argmax())].target)
    return nearest


def by_quality(hypotheses: Sequence[str], references: Sequence[str], count: int = 3) -> dict[str, list[int]]:
    """Return the positions of good, middling and bad translations, chosen by each sentence's own chrF.

    Args:
        hypotheses, references: as in `score_texts`.
        count: how many of each; fewer where there are not three times as many sentences.

    Returns:
        `"good"`, `"middling"` and `"bad"`: the best first, those around the median, the worst first.
    """
    check_paired(hypotheses, references)
    metric = CHRF()
    scores = [metric.sentence_score(h, [r]).score for h, r in zip(hypotheses, references, strict=True)]
    order = sorted(range(len(scores)), key=lambda at: (-scores[at], at))
    count = max(1, min(count, len(order) // 3))
    middle = (len(order) - count) // 2
    return {"good": order[:count], "middling": order[middle : middle + count], "bad": order[::-1][:count]}
