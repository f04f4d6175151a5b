"""From a model to sentences and their scores: losses, the translator, exact match, BLEU."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from course_utils.datasets.corpus import Batch, Translations, pair_batches
from course_utils.datasets.segment import read_sentence
from course_utils.datasets.special_tokens import PAD, SOS, SPECIAL
from course_utils.datasets.text import Pair
from course_utils.messages import Refusal
from course_utils.models.attention import build_seq2seq
from course_utils.models.decoding import beam_search, greedy, teacher_forced
from course_utils.models.seq2seq import Seq2Seq
from course_utils.models.transformer import DecoderOnly

Bin = tuple[int, int]
Words = Sequence[str]


def sequence_loss(logits: Tensor, target: Tensor, label_smoothing: float = 0.0) -> Tensor:
    """Return the mean cross-entropy of a target's tokens, a scalar in nats, `<sos>` and padding left out.

    Args:
        logits: `(T − 1, B, V)`, row t for `target[t + 1]`.
        target: ids `(T, B)`, int64, `<sos>` in row 0.
        label_smoothing: share of each target's probability that all tokens share (Szegedy et al. 2016, section 7).
    """
    of_tokens = logits.flatten(0, 1), target[1:].flatten()
    return functional.cross_entropy(*of_tokens, ignore_index=PAD, label_smoothing=label_smoothing)


def batch_loss(model: nn.Module, batch: Batch, *, label_smoothing: float = 0.0, **forward_options) -> Tensor:
    """Return the `sequence_loss` of a batch, the target being given; with options, of what `Seq2Seq.forward` returns.

    Args:
        model: any model with `encode` and `decode`; with `forward` where there are options.
        batch: pairs as ids on the model's device.
        label_smoothing: as in `sequence_loss`.
        **forward_options: such as `teacher_forcing_ratio` and `generator`.
    """
    if forward_options:
        logits = model(batch.source, batch.target, batch.source_lengths, **forward_options)[1:]
    else:
        logits, _ = teacher_forced(model, batch.source, batch.target, batch.source_lengths)
    return sequence_loss(logits, batch.target, label_smoothing)


def language_loss(model: DecoderOnly, batch: Batch) -> Tensor:
    """Return the mean cross-entropy of all that a decoder alone reads after its first word: source, `<sep>` and target.

    Arguments and unit as in `batch_loss`, whose loss leaves the source out.
    """
    logits, state = model.read(batch.source)
    ids = functional.pad(batch.source[1:], (0, 0, 0, 1))  # the id after each source word
    last = (batch.source != PAD).sum(dim=0) - 1
    ids = ids.scatter(0, last.unsqueeze(0), model.source_size + SOS)
    of_source = functional.cross_entropy(logits.flatten(0, 1), ids.flatten(), ignore_index=PAD, reduction="sum")
    logits, _, _ = model.decode(batch.target[:-1], state, (batch.source != PAD,))
    sizes = (ids != PAD).sum(), (batch.target[1:] != PAD).sum()
    return (of_source + sizes[1] * sequence_loss(logits, batch.target)) / sum(sizes)


def new_model(
    data: Translations, hidden_size: int, attention: bool = False, *, seed: int = 0, dropout: float = 0.0
) -> Seq2Seq:
    """Return an untrained `build_seq2seq` for these vocabularies, on their device; `seed` sets its weights."""
    torch.manual_seed(seed)
    sizes = hidden_size, len(data.source_words), len(data.target_words)
    return build_seq2seq(*sizes, attention, dropout=dropout).to(data.device)


def valid_score(data: Translations, pairs: Sequence[Pair] | None = None) -> Callable[[nn.Module], float]:
    """Return a function of a model: minus its loss on `pairs` (the split `valid`): higher is better, as `fit` wants."""
    words, measured = (data.source_words, data.target_words), data.valid if pairs is None else pairs
    batches = list(pair_batches(measured, *words, 256, shuffle=False, device=data.device))

    def score(model: nn.Module) -> float:
        losses = torch.stack([batch_loss(model, batch) for batch in batches])
        tokens = torch.tensor([b.target_lengths.sum() - len(b.pairs) for b in batches], device=losses.device)
        return -(losses * tokens).sum().item() / tokens.sum().item()

    return score


class Translation(NamedTuple):
    """A translation that a beam search kept: its words, and the model's log-probability of it, in nats."""

    words: list[str]
    log_probability: float


class Translator:
    """A trained model with its two vocabularies: words in, words out.

    A word never seen is read as `<unk>`, unless it is refused.

    Args:
        model: any model with `encode` and `decode`.
        data: the text that it was trained on: vocabularies and the names of the languages.
    """

    def __init__(self, model: nn.Module, data: Translations):
        self.model = model
        self.source_words, self.target_words = data.source_words, data.target_words
        self.source_language, self.target_language = data.source_language, data.target_language
        self.tokenisers = data.tokenisers

    @property
    def device(self) -> torch.device:
        """The model's device."""
        return next(self.model.parameters()).device

    def __call__(
        self, sentences: Sequence[Words], max_length: int = 50, *, refuse_unknown: bool = False
    ) -> list[list[str]]:
        """Return the translations, by greedy search, of sentences given as lists of words, in their order.

        Args:
            sentences: at least one, none without words.
            max_length: most words to write per sentence.
            refuse_unknown: refuse words that the model has never seen.

        Raises:
            ValueError: no sentence, or one without words.
            Refusal: `refuse_unknown`, and words that the model has never seen; they are named.
        """
        translations = []
        for batch in self.read(sentences, refuse_unknown):
            ids = greedy(self.model, batch.source, batch.source_lengths, max_length=max_length)
            translations += [self.target_words.decode(column) for column in ids.T]
        return translations

    def beam_search(
        self, sentences: Sequence[Words], width: int, *, refuse_unknown: bool = False, **options
    ) -> list[list[Translation]]:
        """Return, for each sentence, the translations that a beam of this width keeps, best score first.

        Args:
            sentences, refuse_unknown: as in a call, with its errors.
            width, **options: as in `decoding.beam_search`: `length_penalty`, `max_length`.
        """
        return [
            [Translation(self.target_words.decode(h.tokens), h.log_probability) for h in hypotheses]
            for batch in self.read(sentences, refuse_unknown)
            for hypotheses in beam_search(self.model, batch.source, batch.source_lengths, width=width, **options)
        ]

    def read(self, sentences: Sequence[Words], refuse_unknown: bool = False) -> Iterator[Batch]:
        """Return sentences as batches, on the model's device; their target sides mean nothing.

        A batch holds at most 128 sentences, and fewer of long ones: what a search needs grows with both.
        """
        unknown = sorted({word for sentence in sentences for word in sentence if word not in self.source_words})
        if refuse_unknown and unknown:
            size, words = len(self.source_words) - len(SPECIAL), ", ".join(unknown)
            raise Refusal("Not among the {count} words that the model has seen: {words}.", count=size, words=words)
        longest = max(map(len, sentences), default=1)
        size = min(max(1_536 // max(longest, 1), 1), 128)
        return self.batches([Pair(list(sentence), ["."]) for sentence in sentences], size)

    def tokens(self, text: str, refuse_unknown: bool = False) -> list[str]:
        """Return the source tokens of a typed sentence; errors as in `segment.read_sentence`."""
        return read_sentence(text, self.source_words, self.tokenisers[0], refuse_unknown=refuse_unknown)

    def source_text(self, tokens: Words) -> str:
        """Return tokens of the source as people write them."""
        return self.tokenisers[0].join(tokens)

    def target_text(self, tokens: Words) -> str:
        """Return tokens of the target as people write them."""
        return self.tokenisers[1].join(tokens)

    def batches(self, pairs: Sequence[Pair], batch_size: int) -> Iterator[Batch]:
        """Return pairs as batches on the model's device, in their order."""
        words = self.source_words, self.target_words
        return pair_batches(pairs, *words, batch_size, shuffle=False, device=self.device)


def check_paired(first: Sequence, second: Sequence) -> None:
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
    check_paired(hypotheses, references)
    return float(np.mean([list(h) == list(r) for h, r in zip(hypotheses, references, strict=True)]))


def bleu(hypotheses: Sequence[Words], references: Sequence[Words]) -> float:
    """Return corpus BLEU, 0 to 100 (Papineni et al. 2002, computed by sacrebleu; Post 2018).

    The words are taken as they are (`tokenize="none"`). Sentences all too short for 4-grams are scored on the
    n-grams they have (`effective_order`); on any other text that changes nothing. Arguments as in `exact_match`.
    """
    from sacrebleu.metrics import BLEU  # 7 MB per student that a lesson without a translator does not need

    check_paired(hypotheses, references)
    scorer = BLEU(tokenize="none", force=True, effective_order=True)
    return scorer.corpus_score([" ".join(h) for h in hypotheses], [[" ".join(r) for r in references]]).score


def score_by_length(
    pairs: Sequence[Pair], translations: Sequence[Sequence[str]], bins: Sequence[Bin]
) -> list[dict[str, float]]:
    """Return exact match and BLEU of the sentences of each length.

    Args:
        pairs, translations: the sentences, whose references' number of tokens is the length; what a model made of them.
        bins: (fewest, most) tokens, both included.

    Returns:
        For each bin that holds a sentence `{"fewest", "most", "sentences", "exact", "bleu"}`.
    """
    rows = []
    for fewest, most in bins:
        both = zip(translations, (pair.target for pair in pairs), strict=True)
        if inside := [(words, reference) for words, reference in both if fewest <= len(reference) <= most]:
            words, references = zip(*inside, strict=True)
            scores = {"exact": exact_match(words, references), "bleu": bleu(words, references)}
            rows.append({"fewest": fewest, "most": most, "sentences": len(inside), **scores})
    return rows


def forced_and_free(model: nn.Module, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
    """Return the share of words right by output position, `(T − 1,)` each: given the true words, given its own."""
    target = batch.target[1:]
    real = target != PAD
    with torch.no_grad():
        runs = [model(batch.source, batch.target, batch.source_lengths, ratio)[1:] for ratio in (1.0, 0.0)]
    right = [((run.argmax(dim=-1) == target) & real).sum(dim=1).cpu().double() for run in runs]
    forced, free = ((count / real.sum(dim=1).cpu()).numpy() for count in right)
    return forced, free
