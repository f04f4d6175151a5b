"""From a model's ids to sentences and their scores: losses, the translator, exact match, BLEU."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from sacrebleu.metrics import BLEU
from torch import Tensor, nn
from torch.nn import functional

from course_utils.datasets.corpus import Batch, Translations, pair_batches
from course_utils.datasets.special_tokens import PAD
from course_utils.datasets.text import Pair
from course_utils.models.attention import AttentionDecoderLSTM, AttentionSeq2Seq
from course_utils.models.decoding import beam_search, greedy
from course_utils.models.seq2seq import DecoderLSTM, EncoderLSTM, Seq2Seq

Bin = tuple[int, int]
EMBEDDING = 64


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


def build_translator_model(
    hidden_size: int, source_size: int, target_size: int, attention: bool = False, p: float = 0.0
):
    """Return an untrained one-layer `Seq2Seq`, or `AttentionSeq2Seq`, with embeddings of 64.

    Raises:
        ValueError: a size below 1.
    """
    encoder = EncoderLSTM(source_size, EMBEDDING, hidden_size, 1, p)
    sizes = (target_size, EMBEDDING, hidden_size, 1, p, target_size)
    if attention:
        return AttentionSeq2Seq(encoder, AttentionDecoderLSTM(*sizes))
    return Seq2Seq(encoder, DecoderLSTM(*sizes))


class Alternatives(NamedTuple):
    """What a beam search made of one sentence: `sentences`, best first, and the model's `probabilities` of them."""

    sentences: list[list[str]]
    probabilities: list[float]


class Translator:
    """A trained model with its two vocabularies: words in, words out.

    Args:
        model: a `Seq2Seq`, with or without attention.
        data: the text that it was trained on, which gives the vocabularies.
        search: `search(model, source, lengths, max_length=…)` → ids `(T, B)`.
    """

    def __init__(self, model: nn.Module, data: Translations, search: Callable[..., Tensor] = greedy):
        self.model, self.search = model, search
        self.source_words, self.target_words = data.source_words, data.target_words

    def __call__(self, sentences: Sequence[Sequence[str]], max_length: int = 50) -> list[list[str]]:
        """Return the translations of sentences given as lists of words, in their order.

        Raises:
            ValueError: no sentence, one without words, or a word that the model has never seen.
        """
        translations = []
        for batch in self.read(sentences):
            ids = self.search(self.model, batch.source, batch.source_lengths, max_length=max_length)
            translations += [self.target_words.decode(column) for column in ids.T]
        return translations

    def alternatives(self, sentence: Sequence[str], width: int = 4, max_length: int = 50) -> Alternatives:
        """Return the `width` best translations of one sentence that a beam search of that width finds.

        Raises:
            ValueError: no words, or a word that the model has never seen.
        """
        (batch,) = self.read([sentence])
        (found,) = beam_search(
            self.model, batch.source, batch.source_lengths, width=width, max_length=max_length, length_penalty=1.0
        )
        found.sort(key=lambda hypothesis: -hypothesis.log_probability)
        sentences = [self.target_words.decode(hypothesis.tokens) for hypothesis in found]
        return Alternatives(sentences, [math.exp(hypothesis.log_probability) for hypothesis in found])

    def search_beams(
        self, sentences: Sequence[Sequence[str]], width: int, max_length: int = 50
    ) -> tuple[list[list[str]], np.ndarray]:
        """Return the best translation of each sentence that a beam finds, and their log-probabilities, `(N,)`."""
        best = [
            found[0]
            for batch in self.read(sentences)
            for found in beam_search(self.model, batch.source, batch.source_lengths, width=width, max_length=max_length)
        ]
        words = [self.target_words.decode(hypothesis.tokens) for hypothesis in best]
        return words, np.array([hypothesis.log_probability for hypothesis in best])

    def read(self, sentences: Sequence[Sequence[str]]) -> Iterator[Batch]:
        """Yield sentences as batches of 256 at most, their targets empty, on the model's device."""
        known = self.source_words
        if unknown := sorted({word for sentence in sentences for word in sentence if word not in known}):
            raise ValueError(f"not among the {len(known) - 4} words that the model has seen: {', '.join(unknown)}")
        # A batch has two sides; the target's is not read.
        pairs = [Pair(list(sentence), ["."]) for sentence in sentences]
        device = next(self.model.parameters()).device
        return pair_batches(pairs, self.source_words, self.target_words, 256, shuffle=False, device=device)


def new_model(data: Translations, hidden_size: int, attention: bool = False, *, seed: int = 0) -> Seq2Seq:
    """Return an untrained `build_translator_model` for these vocabularies, on their device; `seed` sets its weights."""
    torch.manual_seed(seed)
    sizes = len(data.source_words), len(data.target_words)
    return build_translator_model(hidden_size, *sizes, attention).to(data.device)


def valid_score(data: Translations, pairs: Sequence[Pair] | None = None) -> Callable[[nn.Module], float]:
    """Return a function of a model: minus its loss on `pairs` (the split `valid`): higher is better, as `fit` wants."""
    words, chosen = (data.source_words, data.target_words), data.valid if pairs is None else pairs
    fixed = list(pair_batches(chosen, *words, 256, shuffle=False, device=data.device))

    def score(model: nn.Module) -> float:
        losses = torch.stack([batch_loss(model, batch) for batch in fixed])
        words = torch.tensor([batch.target_lengths.sum() - len(batch.pairs) for batch in fixed], device=losses.device)
        return -(losses * words).sum().item() / words.sum().item()

    return score


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
            scores = {"exact": exact_match(words, references), "bleu": bleu(words, references)}
            rows.append({"fewest": fewest, "most": most, "sentences": len(chosen), **scores})
    return rows


def forced_and_free(model: nn.Module, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
    """Return the share of words right by output position, `(T − 1,)` each: given the true words, given its own."""
    with torch.no_grad():
        runs = [model(batch.source, batch.target, batch.source_lengths, ratio)[1:] for ratio in (1.0, 0.0)]
    forced, free = (accuracy_by_position(run.argmax(dim=-1), batch.target[1:]) for run in runs)
    return forced, free
