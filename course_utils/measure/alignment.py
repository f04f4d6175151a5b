"""Alignments: links of a model and of simple aligners, and their error rate against gold."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from course_utils.datasets.corpus import Translations
from course_utils.datasets.text import Pair
from course_utils.measure.ibm1 import fit_ibm1
from course_utils.measure.translation import Translator, check_paired
from course_utils.messages import Refusal
from course_utils.models.decoding import evaluating, teacher_forced

Link = tuple[int, int]
Links = Iterable[Collection[Link]]  # of each sentence


def alignment_error_rate(predicted: Links, sure: Links, possible: Links | None = None) -> float:
    """Return `1 − (|A∩S| + |A∩P|) / (|A| + |S|)` over all sentences (Och and Ney 2003, section 5.1).

    Args:
        predicted, sure: for each sentence its links A, pairs (source position, target position), and gold links S.
        possible: gold links P, of which S is a part; where absent P = S, and the rate is 1 − F1.

    Returns:
        0 where every link is right, 1 where none is.

    Raises:
        ValueError: numbers of sentences that differ, or no link at all.
    """
    predicted, sure = ([set(map(tuple, links)) for links in sentences] for sentences in (predicted, sure))
    possible = sure if possible is None else [set(map(tuple, links)) for links in possible]
    check_paired(predicted, sure)
    check_paired(possible, sure)
    size = sum(map(len, predicted)) + sum(map(len, sure))
    if not size:
        raise ValueError("there is no link to score")
    right = sum(len(a & s) + len(a & (s | p)) for a, s, p in zip(predicted, sure, possible, strict=True))
    return 1 - right / size


def strongest_links(weights: np.ndarray) -> set[Link]:
    """Return for each target word its heaviest source word, as links (source, target).

    The `weights (T, S)` have rows and columns of real words only.
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
    sources = dict.fromkeys(range(target_length), -1) | {target: source for source, target in gold}
    return {(source, target) for target, source in sources.items()}


class ForcedSentence(NamedTuple):
    """What a model did while it was given a pair's reference.

    `weights (T + 1, S)`, or `(T + 1, layers, heads, S)`: row t is where it looked when it had to write target word t;
    the last row belongs to `<eos>`.
    `predicted (T + 1,)`: the ids that it would have written.
    """

    pair: Pair
    weights: np.ndarray
    predicted: np.ndarray


def force_references(
    translator: Translator, pairs: Sequence[Pair], *, by_head: bool = False
) -> Iterator[ForcedSentence]:
    """Yield what the model does with each pair, the decoder being given the reference, not its own words.

    Of several attentions (layers, heads) the weights are averaged, unless `by_head`.

    Raises:
        ValueError: the model's decoder has no weights, or `by_head` where it has a single attention.
    """
    for batch in translator.batches(pairs, 64):
        with evaluating(translator.model):
            logits, weights = teacher_forced(translator.model, batch.source, batch.target, batch.source_lengths)
        if weights is None:
            raise ValueError("expected a model with attention: its decoder has no weights")
        if by_head and weights.dim() == 3:
            raise ValueError("expected a model with several heads: its decoder has a single attention")
        weights = weights.float()
        if weights.dim() > 3 and not by_head:
            weights = weights.flatten(2, -2).mean(dim=2)
        predicted = logits.argmax(dim=-1).T.cpu().numpy()
        for pair, rows, ids in zip(batch.pairs, weights.transpose(0, 1).cpu().numpy(), predicted, strict=True):
            size = len(pair.target) + 1
            yield ForcedSentence(pair, rows[:size, ..., : len(pair.source)].copy(), ids[:size])


def forced_weights(translator: Translator, pairs: Sequence[Pair], *, by_head: bool = False) -> list[np.ndarray]:
    """Return the attention weights of each pair; shapes, arguments and errors as in `force_references`."""
    return [forced.weights for forced in force_references(translator, pairs, by_head=by_head)]


def gold_alignments(pairs: Sequence[Pair]) -> list[Collection[Link]]:
    """Return the gold alignment of each pair.

    Raises:
        Refusal: the text has none.
    """
    if not any(pair.alignment for pair in pairs):
        raise Refusal("This text has no gold alignments.")
    return [pair.alignment for pair in pairs]


def error_rate(weights: Sequence[np.ndarray], pairs: Sequence[Pair], shift: int = 0, threshold: float = 0.0) -> float:
    """Return the alignment error rate of each word's strongest link against gold, 0 to 1.

    Args:
        weights, pairs: for each pair `(T + 1, S)`, as `forced_weights` returns them; the pairs, with gold alignments.
        shift: read word t off row t + shift, to see whether a decoder looks a step early (−1) or late (+1).
        threshold: a word whose largest weight is smaller than this gets no link.

    Raises:
        Refusal: the text has no gold alignments.
    """
    gold, links = gold_alignments(pairs), []
    for rows, pair in zip(weights, pairs, strict=True):
        rows = rows[np.clip(np.arange(len(pair.target)) + shift, 0, len(rows) - 1)]
        links.append({(s, t) for s, t in strongest_links(rows) if rows[t, s] >= threshold})
    return alignment_error_rate(links, gold)


def head_error_rates(weights: Sequence[np.ndarray], pairs: Sequence[Pair], shift: int = 0) -> np.ndarray:
    """Return the alignment error rate of each head alone, `(layers, heads)`.

    Args:
        weights: for each pair `(T + 1, layers, heads, S)`, as `forced_weights(…, by_head=True)` returns them.
        pairs, shift: as in `error_rate`. At shift 0 word t is read where the decoder predicts it, at shift 1 one step
            later, where the decoder reads it (Chen et al. 2020, section 3).

    Raises:
        Refusal: the text has no gold alignments.
    """
    layers, heads = weights[0].shape[1:3]
    return np.array([
        [error_rate([rows[:, layer, head] for rows in weights], pairs, shift) for head in range(heads)]
        for layer in range(layers)
    ])  # fmt: skip


class HeadAlignment(NamedTuple):
    """How well a model's heads align, at one step: its `shift`, as in `head_error_rates`.

    `mean` is the error rate of the mean of all heads; `by_head (layers, heads)` that of each alone; `best` (layer,
    head), from 0, is the head that was chosen on other pairs, and `best_rate` its error rate on these.
    """

    shift: int
    mean: float
    by_head: np.ndarray
    best: tuple[int, int]
    best_rate: float


def head_alignments(translator: Translator, data: Translations, shifts: Sequence[int] = (0, 1)) -> list[HeadAlignment]:
    """Return how well each head aligns on `test`, at each shift; the best one is chosen on `valid`.

    Raises:
        ValueError, Refusal: a model without several heads, a text without gold alignments.
    """
    tuned, weights = (forced_weights(translator, pairs, by_head=True) for pairs in (data.valid, data.test))
    mean, results = [rows.mean(axis=(1, 2)) for rows in weights], []
    for shift in shifts:
        chosen, rates = head_error_rates(tuned, data.valid, shift), head_error_rates(weights, data.test, shift)
        best = tuple(map(int, np.unravel_index(chosen.argmin(), chosen.shape)))
        results.append(HeadAlignment(shift, error_rate(mean, data.test, shift), rates, best, float(rates[best])))
    return results


def best_threshold(weights: Sequence[np.ndarray], pairs: Sequence[Pair]) -> float:
    """Return the threshold of `error_rate`, 0.00 to 0.95 in steps of 0.05, with the lowest rate on these pairs.

    Weights and pairs are as in `error_rate`, but not those to be scored: the split `valid`, for example.
    """
    return float(min(np.arange(0, 1, 0.05), key=lambda threshold: error_rate(weights, pairs, threshold=threshold)))


def baseline_error_rates(train: Sequence[Pair], pairs: Sequence[Pair]) -> dict[str, float]:
    """Return the alignment error rate on `pairs` of aligners that are no network, and the best reachable one.

    Args:
        train: the text that IBM Model 1 is trained on.
        pairs: the pairs to align, with their gold alignment; a Refusal where there is none.

    Returns:
        Id → error rate, 0 to 1: `"random"`, `"diagonal"`, `"ibm1"` (IBM Model 1, which may leave a word without a
        link), and `"one_link"`, the best that one link per word allows: no `strongest_links` can be below it.
    """
    generator, gold = np.random.default_rng(0), gold_alignments(pairs)
    sizes = [(len(pair.source), len(pair.target)) for pair in pairs]
    model = fit_ibm1([pair.source for pair in train], [pair.target for pair in train])
    links = {
        "random": [random_links(*size, generator) for size in sizes],
        "diagonal": [diagonal_links(*size) for size in sizes],
        "ibm1": [model.align(pair.source, pair.target) for pair in pairs],
        "one_link": [best_single_links(links, length) for links, (_, length) in zip(gold, sizes, strict=True)],
    }
    return {aligner: alignment_error_rate(predicted, gold) for aligner, predicted in links.items()}


def error_rates(translator: Translator, data: Translations) -> dict[str, float]:
    """Return `baseline_error_rates` on `test`, and attention's own, with the same errors.

    These are `"attention"`, one link per word, and `"attention_abstains"`: no link where the largest weight is below
    the threshold that is best on `valid`.
    """
    tuned, weights = (forced_weights(translator, pairs) for pairs in (data.valid, data.test))
    threshold = best_threshold(tuned, data.valid)
    return baseline_error_rates(data.train, data.test) | {
        "attention": error_rate(weights, data.test),
        "attention_abstains": error_rate(weights, data.test, threshold=threshold),
    }


class Disagreements(NamedTuple):
    """How often attention and gold agree: kind → `shares` of the target words, and kind → `examples` as text.

    A kind says whether the model writes the word right or wrong, and where it looks: at gold, elsewhere, or anywhere
    where gold has no link: `"right_gold"`, `"wrong_elsewhere"`, `"right_no_link"` and so on.
    """

    shares: dict[str, float]
    examples: dict[str, list[str]]


def disagreements(translator: Translator, pairs: Sequence[Pair]) -> Disagreements:
    """Sort target words by whether the model writes them right and looks at a gold link, the reference being forced.

    The most frequent kinds and examples come first; an example reads "word ← source word (gold …)".

    Raises:
        ValueError, Refusal: a model without attention, pairs without gold alignments.
    """
    gold_alignments(pairs)
    kinds: dict[str, Counter] = {}
    for pair, weights, predicted in force_references(translator, pairs):
        ids = translator.target_words.encode(pair.target)
        for t, (word, right) in enumerate(zip(pair.target, ids == predicted[:-1], strict=True)):
            s = int(weights[t].argmax())
            gold = [place for place, target in pair.alignment if target == t]
            looks = "gold" if s in gold else "elsewhere" if gold else "no_link"
            example = f"{word} ← {pair.source[s]}"
            if looks == "elsewhere":
                example += f" (gold {' '.join(pair.source[place] for place in gold)})"
            kinds.setdefault(f"{'right' if right else 'wrong'}_{looks}", Counter())[example] += 1
    total = sum(count.total() for count in kinds.values())
    ordered = sorted(kinds.items(), key=lambda kind: -kind[1].total())
    shares = {kind: count.total() / total for kind, count in ordered}
    return Disagreements(shares, {kind: [example for example, _ in count.most_common()] for kind, count in ordered})
