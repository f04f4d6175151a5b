"""From pairs of sentences to a translation and its score: what lessons, scripts and explorers share."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from course_utils import metrics
from course_utils.corpus import PAD, Batch, Pair, Vocabulary, batches
from course_utils.decoding import greedy

Bin = tuple[int, int]


def sequence_loss(outputs: Tensor, target: Tensor) -> Tensor:
    """Return the mean cross-entropy of a target's tokens, a scalar in nats, `<sos>` and padding left out.

    Args:
        outputs: logits `(T, B, V)`; row 0, which predicts `<sos>`, does not count.
        target: ids `(T, B)`, int64.
    """
    return functional.cross_entropy(outputs[1:].flatten(0, 1), target[1:].flatten(), ignore_index=PAD)


def batch_loss(model: nn.Module, batch: Batch, **forward_options) -> Tensor:
    """Return the `sequence_loss` of a batch of the corpus; the options go to `Seq2Seq.forward`."""
    outputs = model(batch.source, batch.target, batch.source_lengths, **forward_options)
    return sequence_loss(outputs, batch.target)


class Translator:
    """A trained model with its two vocabularies: words in, words out.

    Args:
        model: a `Seq2Seq`, with or without attention.
        source_words, target_words: the vocabularies that it was trained with.
        search: `search(model, source, lengths, max_length=…)` → ids `(T, B)`.
    """

    def __init__(
        self,
        model: nn.Module,
        source_words: Vocabulary,
        target_words: Vocabulary,
        search: Callable[..., Tensor] = greedy,
    ):
        self.model, self.source_words, self.target_words, self.search = model, source_words, target_words, search

    def __call__(self, sentences: Sequence[Sequence[str]], max_length: int = 50) -> list[list[str]]:
        """Return the translations of sentences given as lists of words, in their order.

        Raises:
            ValueError: no sentence, one without words, or a word that the model has never seen.
        """
        unknown = sorted({word for sentence in sentences for word in sentence if word not in self.source_words})
        if unknown:
            raise ValueError(f"not in the vocabulary: {', '.join(unknown)}")
        pairs = [Pair(list(sentence), ["."]) for sentence in sentences]
        device = next(self.model.parameters()).device
        translations = []
        for batch in batches(pairs, self.source_words, self.target_words, 256, shuffle=False, device=device):
            ids = self.search(self.model, batch.source, batch.source_lengths, max_length=max_length)
            translations += [self.target_words.decode(column) for column in ids.T]
        return translations


def valid_score(pairs: Sequence[Pair], source_words: Vocabulary, target_words: Vocabulary, device=None) -> Callable:
    """Return a function of a model: minus its loss on `pairs`, so that higher is better, as `fit` wants it."""
    fixed = list(batches(pairs, source_words, target_words, 256, shuffle=False, device=device))

    def score(model: nn.Module) -> float:
        losses = torch.stack([batch_loss(model, batch) for batch in fixed])
        words = torch.tensor([batch.target_lengths.sum() - len(batch.pairs) for batch in fixed], device=losses.device)
        return -(losses * words).sum().item() / words.sum().item()

    return score


def score_by_length(
    pairs: Sequence[Pair], translations: Sequence[Sequence[str]], bins: Sequence[Bin]
) -> list[dict[str, float]]:
    """Return exact match and BLEU of the sentences of each length.

    Args:
        pairs: the sentences, `target` the reference, whose number of tokens is the length.
        translations: what a model made of them, in their order.
        bins: (fewest, most) tokens, both included.

    Returns:
        For each bin that holds a sentence `{"fewest", "most", "sentences", "exact", "bleu"}`: exact match 0 to 1, BLEU
        0 to 100.
    """
    rows = []
    for fewest, most in bins:
        chosen = [
            (words, pair.target)
            for words, pair in zip(translations, pairs, strict=True)
            if fewest <= len(pair.target) <= most
        ]
        if chosen:
            words, references = zip(*chosen, strict=True)
            scores = {"exact": metrics.exact_match(words, references), "bleu": metrics.bleu(words, references)}
            rows.append({"fewest": fewest, "most": most, "sentences": len(chosen), **scores})
    return rows
