"""From pairs of sentences to a translation and its score: what lessons, scripts and explorers share."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from course_utils import metrics
from course_utils.corpus import PAD, SPLITS, Batch, Pair, Vocabulary, batches, load_translations, make_batch
from course_utils.decoding import beam_search, greedy
from course_utils.probes import linear_probe
from course_utils.seq2seq import AttentionDecoderLSTM, AttentionSeq2Seq, DecoderLSTM, EncoderLSTM, Seq2Seq

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


def build_model(hidden_size: int, source_size: int, target_size: int, attention: bool = False, p: float = 0.0):
    """Return an untrained one-layer `Seq2Seq`, or `AttentionSeq2Seq`, with embeddings of 64.

    Raises:
        ValueError: a size below 1.
    """
    encoder = EncoderLSTM(source_size, EMBEDDING, hidden_size, 1, p)
    sizes = (target_size, EMBEDDING, hidden_size, 1, p, target_size)
    if attention:
        return AttentionSeq2Seq(encoder, AttentionDecoderLSTM(*sizes))
    return Seq2Seq(encoder, DecoderLSTM(*sizes))


class Translations:
    """The course's corpus in one direction, ready to train on: four splits, two vocabularies, batches.

    Attributes:
        train, valid, test, long: the splits, lists of `corpus.Pair`.
        source_words, target_words: vocabularies of the training split.

    Args:
        source: `"french"` or `"korean"`; the target is English.
        device: where batches go.
        batch_size: pairs a batch of training.

    Raises:
        ValueError: no such language.
    """

    def __init__(self, source: str = "french", device: torch.device | str = "cpu", batch_size: int = 64):
        self.train, self.valid, self.test, self.long = (load_translations(source, split=split) for split in SPLITS)
        self.source_words = Vocabulary.from_sentences(pair.source for pair in self.train)
        self.target_words = Vocabulary.from_sentences(pair.target for pair in self.train)
        self.device, self.batch_size = device, batch_size

    def batch(self, pairs: Sequence[Pair]) -> Batch:
        """Return these pairs as one batch."""
        return make_batch(pairs, self.source_words, self.target_words, self.device)

    def batches(self, pairs: Sequence[Pair] | None = None, seed: int = 0) -> Callable[[], Iterator[Batch]]:
        """Return a function that shuffles `pairs` (the training split) anew each time and yields their batches."""
        generator, chosen = torch.Generator().manual_seed(seed), self.train if pairs is None else pairs
        words = self.source_words, self.target_words
        return lambda: batches(chosen, *words, self.batch_size, generator=generator, device=self.device)

    def score(self, pairs: Sequence[Pair] | None = None) -> Callable[[nn.Module], float]:
        """Return the `valid_score` of `pairs` (the split `valid`)."""
        chosen = self.valid if pairs is None else pairs
        return valid_score(chosen, self.source_words, self.target_words, self.device)

    def new_model(self, hidden_size: int, attention: bool = False, *, seed: int = 0) -> Seq2Seq:
        """Return an untrained `build_model` for these vocabularies, on this device; `seed` sets its weights."""
        torch.manual_seed(seed)
        sizes = len(self.source_words), len(self.target_words)
        return build_model(hidden_size, *sizes, attention).to(self.device)

    def translator(self, model: nn.Module) -> "Translator":
        """Return a model with these vocabularies."""
        return Translator(model, self.source_words, self.target_words)


class Alternatives(NamedTuple):
    """What a beam search made of one sentence: `sentences`, best first, and the model's `probabilities` of them."""

    sentences: list[list[str]]
    probabilities: list[float]


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
        return batches(pairs, self.source_words, self.target_words, 256, shuffle=False, device=device)


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


def forced_and_free(model: nn.Module, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
    """Return the share of words right by output position, `(T − 1,)` each: given the true words, given its own."""
    with torch.no_grad():
        runs = [model(batch.source, batch.target, batch.source_lengths, ratio)[1:] for ratio in (1.0, 0.0)]
    forced, free = (metrics.accuracy_by_position(run.argmax(dim=-1), batch.target[1:]) for run in runs)
    return forced, free


def probe_context(model: nn.Module, batch: Batch) -> tuple[list[float], list[float]]:
    """Return how well a linear probe reads each source word off all that a decoder without attention is given.

    Args:
        model: a `Seq2Seq`.
        batch: sentences of one source length S; the probe is fitted to the first half and tested on the other.

    Returns:
        The share read correctly at each position, S numbers; and that of always answering the word that is most
        frequent there.
    """
    with torch.no_grad():
        state = model.encoder(batch.source, batch.source_lengths)
    context = torch.cat([part.transpose(0, 1).flatten(1) for part in state], dim=1).cpu().numpy()
    words = batch.source.cpu()
    read = [linear_probe(context, row.numpy(), classes=int(words.max()) + 1) for row in words]
    return read, [row.bincount().max().item() / len(row) for row in words]
