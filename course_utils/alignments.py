"""What attention looks at: weights with the reference forced, their links, and how far a gradient must travel."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from course_utils import metrics
from course_utils.corpus import Batch, Pair, batches
from course_utils.decoding import evaluating
from course_utils.ibm1 import fit_ibm1
from course_utils.translation import Translations, Translator


def forced_weights(translator: Translator, pairs: Sequence[Pair], batch_size: int = 256) -> list[np.ndarray]:
    """Return the attention weights of each pair, the decoder being given the reference, not its own words.

    Args:
        translator: its model has attention.
        pairs: sentence pairs, in the vocabularies' languages.
        batch_size: pairs a batch.

    Returns:
        For each pair `(T + 1, S)` float: row t is where the decoder looked when it had to write target word t;
        the last row belongs to `<eos>`.
    """
    return [weights for _, weights, _ in _forced(translator, pairs, batch_size)]


def _forced(translator, pairs, batch_size=256) -> Iterator[tuple[Pair, np.ndarray, np.ndarray]]:
    """Yield each pair, its weights `(T + 1, S)` and the ids predicted `(T + 1,)`, the reference being forced."""
    model = translator.model
    for batch in _batches(translator, pairs, batch_size):
        with evaluating(model):
            predictions, _, _, weights = model.decoder(
                batch.target[:-1], *model.encode(batch.source, batch.source_lengths)
            )
        columns = zip(
            batch.pairs, weights.transpose(0, 1).cpu().numpy(), predictions.argmax(-1).T.cpu().numpy(), strict=True
        )
        for pair, one, written in columns:
            size = len(pair.target) + 1
            yield pair, one[:size, : len(pair.source)].copy(), written[:size]


def error_rate(weights: Sequence[np.ndarray], pairs: Sequence[Pair], shift: int = 0, threshold: float = 0.0) -> float:
    """Return the alignment error rate of each word's strongest link against gold, 0 to 1.

    Args:
        weights: for each pair `(T + 1, S)`, as `forced_weights` returns them.
        pairs: the pairs, with their gold alignment.
        shift: read word t off row t + shift, to see whether a decoder looks a step early (−1) or late (+1).
        threshold: a word whose largest weight is smaller than this gets no link.
    """
    links = []
    for one, pair in zip(weights, pairs, strict=True):
        rows = one[np.clip(np.arange(len(pair.target)) + shift, 0, len(one) - 1)]
        links.append({(s, t) for s, t in metrics.strongest_links(rows) if rows[t, s] >= threshold})
    return metrics.alignment_error_rate(links, [pair.alignment for pair in pairs])


def best_threshold(weights: Sequence[np.ndarray], pairs: Sequence[Pair]) -> float:
    """Return the threshold of `error_rate`, 0.00 to 0.95 in steps of 0.05, with the lowest rate on these pairs.

    Args:
        weights: for each pair `(T + 1, S)`, as `forced_weights` returns them.
        pairs: pairs that are not those to be scored, such as the split `valid`.
    """
    return float(min(np.arange(0, 1, 0.05), key=lambda threshold: error_rate(weights, pairs, threshold=threshold)))


def baseline_error_rates(train: Sequence[Pair], pairs: Sequence[Pair], seed: int = 0) -> dict[str, float]:
    """Return the alignment error rate on `pairs` of aligners that are no network, and the best reachable one.

    Args:
        train: the text that IBM Model 1 is trained on.
        pairs: the pairs to align, with their gold alignment.
        seed: of the aligner that guesses.

    Returns:
        Name → error rate, 0 to 1: `"random"`, `"diagonal"`, `"IBM Model 1"` (which may leave a word without a
        link), and `"best, one link a word"`, under which no `strongest_links` can come.
    """
    generator, gold = np.random.default_rng(seed), [pair.alignment for pair in pairs]
    sizes = [(len(pair.source), len(pair.target)) for pair in pairs]
    model = fit_ibm1([pair.source for pair in train], [pair.target for pair in train])
    links = {
        "random": [metrics.random_links(*size, generator) for size in sizes],
        "diagonal": [metrics.diagonal_links(*size) for size in sizes],
        "IBM Model 1": [model.align(pair.source, pair.target) for pair in pairs],
        "best, one link a word": [
            metrics.best_single_links(links, length) for links, (_, length) in zip(gold, sizes, strict=True)
        ],
    }
    return {name: metrics.alignment_error_rate(found, gold) for name, found in links.items()}


def error_rates(translator: Translator, data: Translations) -> dict[str, float]:
    """Return `baseline_error_rates` on `test`, and attention's own.

    Returns:
        As well as the baselines `"attention"`, one link a word, and `"attention may abstain"`: no link where the
        largest weight is below the threshold that is best on `valid`.
    """
    tuned, weights = (forced_weights(translator, pairs) for pairs in (data.valid, data.test))
    threshold = best_threshold(tuned, data.valid)
    return baseline_error_rates(data.train, data.test) | {
        "attention": error_rate(weights, data.test),
        "attention may abstain": error_rate(weights, data.test, threshold=threshold),
    }


class Disagreements(NamedTuple):
    """How often attention and gold agree: kind → `shares` of the target words, and kind → `examples` as text."""

    shares: dict[str, float]
    examples: dict[str, list[str]]


def disagreements(translator: Translator, pairs: Sequence[Pair]) -> Disagreements:
    """Sort target words by whether the model writes them right and looks at a gold link, the reference being forced.

    Args:
        translator: its model has attention.
        pairs: sentence pairs with their gold alignment.

    Returns:
        Kinds such as `"writes right, looks elsewhere"`; each kind's examples begin with the most frequent.
    """
    kinds: dict[str, Counter] = {}
    for pair, weights, written in _forced(translator, pairs):
        links = set(pair.alignment)
        ids = translator.target_words.encode(pair.target)
        for t, (word, right) in enumerate(zip(pair.target, ids == written[:-1], strict=True)):
            s = int(weights[t].argmax())
            gold = [pair.source[place] for place, target in pair.alignment if target == t]
            looks = "looks at gold" if (s, t) in links else "looks elsewhere" if gold else "gold has no link"
            told = f"{word} ← {pair.source[s]}" + ("" if looks != "looks elsewhere" else f" (gold {' '.join(gold)})")
            kinds.setdefault(f"writes {'right' if right else 'wrong'}, {looks}", Counter())[told] += 1
    total = sum(count.total() for count in kinds.values())
    ordered = sorted(kinds.items(), key=lambda kind: -kind[1].total())
    shares = {kind: count.total() / total for kind, count in ordered}
    return Disagreements(shares, {kind: [told for told, _ in count.most_common()] for kind, count in ordered})


def word_gradients(model: nn.Module, batch: Batch) -> np.ndarray:
    """Return how strongly each output word's logit depends on each source word, `(T, S, B)` float64.

    Entry t, s is the norm of the gradient of target word t's own logit with respect to source word s's
    embedding, the reference being forced. `T` counts the words and `<eos>`, `S` the source words; 0 on padding.

    Args:
        model: a `Seq2Seq`, with or without attention; left as it was, without gradients.
        batch: pairs as ids on the model's device.
    """
    was_training, seen = model.training, []
    model.eval()
    handle = model.encoder.embedding.register_forward_hook(lambda _, __, output: seen.append(output))
    try:
        with torch.enable_grad(), torch.backends.cudnn.flags(enabled=False):  # cuDNN refuses a backward in eval mode
            outputs = model(batch.source, batch.target, batch.source_lengths)[1:]
            logits = outputs.gather(-1, batch.target[1:].unsqueeze(-1)).squeeze(-1)  # (T, B)
            logits = logits.masked_fill(~batch.target_mask.T[1:], 0.0)
            # Sentences of a batch do not touch, so one backward pass a step serves them all.
            rows = [torch.autograd.grad(row.sum(), seen, retain_graph=True) for row in logits]
    finally:
        handle.remove()
        model.train(was_training)
    return torch.stack([sum(parts).norm(dim=-1) for parts in rows]).double().cpu().numpy()


def gradient_by_distance(
    translator: Translator, pairs: Sequence[Pair], edges: Sequence[int], batch_size: int = 128
) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean gradient from an output word to the source word it translates, by their distance.

    The distance is the number of steps that the way through the recurrences takes: from source word s to the end
    of the source, then through the decoder to target word t: `(S − s) + t`, both counted from 0.

    Args:
        translator: with or without attention.
        pairs: sentence pairs with their gold alignment.
        edges: ends of the bins of distance, increasing; bin k holds `edges[k] <= distance < edges[k + 1]`.
        batch_size: pairs a batch.

    Returns:
        The geometric mean of the gradient's norm in each bin (NaN where it is empty), and the number of links in
        each, both `(len(edges) - 1,)`.
    """
    distances, norms = [], []
    for batch in _batches(translator, pairs, batch_size):
        gradients = word_gradients(translator.model, batch)
        for at, pair in enumerate(batch.pairs):
            for s, t in pair.alignment:
                distances.append(len(pair.source) - s + t)
                norms.append(gradients[t, s, at])
    place = np.digitize(distances, edges) - 1
    count = np.array([(place == k).sum() for k in range(len(edges) - 1)])
    logs = np.log(np.maximum(norms, np.finfo(float).tiny))
    return np.array([np.exp(logs[place == k].mean()) if n else np.nan for k, n in enumerate(count)]), count


def _batches(translator: Translator, pairs: Sequence[Pair], batch_size: int) -> Iterator[Batch]:
    device = next(translator.model.parameters()).device
    return batches(pairs, translator.source_words, translator.target_words, batch_size, shuffle=False, device=device)
