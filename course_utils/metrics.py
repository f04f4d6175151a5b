"""How good a translation is, and how good an alignment."""

from collections.abc import Collection, Iterable, Sequence

import numpy as np
from sacrebleu.metrics import BLEU
from torch import Tensor

Link = tuple[int, int]
Words = Sequence[str]


def _paired(first: Sequence, second: Sequence) -> None:
    """Raise ValueError unless two lists can be compared item by item."""
    if len(first) != len(second) or not len(first):
        raise ValueError(f"expected two lists of one length, at least 1, not {len(first)} and {len(second)} items")


def exact_match(hypotheses: Sequence[Words], references: Sequence[Words]) -> float:
    """Return the share of sentences translated word for word as the reference, 0 to 1.

    Args:
        hypotheses, references: sentences as lists of words, in the same order.

    Raises:
        ValueError: lists that are empty or differ in length.
    """
    _paired(hypotheses, references)
    return float(np.mean([list(h) == list(r) for h, r in zip(hypotheses, references, strict=True)]))


def bleu(hypotheses: Sequence[Words], references: Sequence[Words]) -> float:
    """Return corpus BLEU, 0 to 100 (Papineni et al. 2002, computed by sacrebleu; Post 2018).

    The words are taken as they are (`tokenize="none"`). Sentences all too short for 4-grams are scored on the
    n-grams they have (`effective_order`); on any other text that changes nothing.

    Args:
        hypotheses, references: sentences as lists of words, in the same order; one reference a sentence.

    Raises:
        ValueError: lists that are empty or differ in length.
    """
    _paired(hypotheses, references)
    scorer = BLEU(tokenize="none", force=True, effective_order=True)
    return scorer.corpus_score([" ".join(h) for h in hypotheses], [[" ".join(r) for r in references]]).score


def token_accuracy(predicted: Tensor, target: Tensor, padding: int = 0) -> float:
    """Return the share of target tokens predicted right, 0 to 1, padding left out.

    Args:
        predicted, target: ids of one shape, such as `(T, B)`, int64.
        padding: the id that does not count.

    Raises:
        ValueError: shapes that differ, or a target of padding alone.
    """
    right, real = _right_and_real(predicted, target, padding)
    return (right.sum() / real.sum()).item()


def accuracy_by_position(predicted: Tensor, target: Tensor, padding: int = 0) -> np.ndarray:
    """Return the share of target tokens predicted right at each position, `(T,)` float64, padding left out.

    Args:
        predicted, target: ids `(T, B)`, int64.
        padding: the id that does not count.

    Returns:
        Accuracies, 0 to 1; NaN at a position that no target reaches.

    Raises:
        ValueError: shapes that differ, or a target of padding alone.
    """
    right, real = (count.sum(dim=1).double().cpu().numpy() for count in _right_and_real(predicted, target, padding))
    return np.divide(right, real, out=np.full(len(real), np.nan), where=real > 0)


def _right_and_real(predicted: Tensor, target: Tensor, padding: int) -> tuple[Tensor, Tensor]:
    if predicted.shape != target.shape:
        raise ValueError(f"expected ids of one shape, not {tuple(predicted.shape)} and {tuple(target.shape)}")
    real = target != padding
    if not real.any():
        raise ValueError("the target holds nothing but padding")
    return (predicted == target) & real, real


def alignment_error_rate(
    predicted: Iterable[Collection[Link]],
    sure: Iterable[Collection[Link]],
    possible: Iterable[Collection[Link]] | None = None,
) -> float:
    """Return `1 − (|A∩S| + |A∩P|) / (|A| + |S|)` over all sentences (Och and Ney 2003, section 5.1).

    Args:
        predicted: for each sentence its links A, pairs (source position, target position).
        sure: gold links S, likewise.
        possible: gold links P, of which S is a part; where absent P = S, and the rate is 1 − F1.

    Returns:
        0 where every link is right, 1 where none is.

    Raises:
        ValueError: numbers of sentences that differ, or no link at all.
    """
    predicted, sure = ([set(map(tuple, links)) for links in sentences] for sentences in (predicted, sure))
    possible = sure if possible is None else [set(map(tuple, links)) for links in possible]
    _paired(predicted, sure)
    _paired(possible, sure)
    size = sum(map(len, predicted)) + sum(map(len, sure))
    if not size:
        raise ValueError("there is no link to score")
    right = sum(len(a & s) + len(a & (s | p)) for a, s, p in zip(predicted, sure, possible, strict=True))
    return 1 - right / size


def strongest_links(weights: np.ndarray) -> set[Link]:
    """Return for each target word its heaviest source word, as links (source, target).

    Args:
        weights: attention weights `(T, S)`, rows of real target words and columns of real source words only.
    """
    return {(int(source), target) for target, source in enumerate(np.asarray(weights).argmax(axis=1))}


def diagonal_links(source_length: int, target_length: int) -> set[Link]:
    """Return the links of an aligner that knows the two lengths alone: word t at the same share of the source."""
    steps = np.linspace(0, source_length - 1, target_length) if target_length > 1 else [(source_length - 1) / 2]
    return {(round(float(source)), target) for target, source in enumerate(steps)}


def random_links(source_length: int, target_length: int, generator: np.random.Generator) -> set[Link]:
    """Return the links of an aligner that knows nothing: one source word for each target word, by lot."""
    return {(int(s), t) for t, s in enumerate(generator.integers(source_length, size=target_length))}


def best_single_links(gold: Collection[Link], target_length: int) -> set[Link]:
    """Return the best links that one source word for every target word allows.

    A target word with several gold links gets one of them; one with none must still point somewhere, and gets
    source position −1, which no gold link holds. Their error rate is the floor for any `strongest_links`.
    """
    chosen = dict.fromkeys(range(target_length), -1) | {target: source for source, target in gold}
    return {(source, target) for target, source in chosen.items()}
