"""One look of attention: a query among keys, and a sentence with the places where decoder and heads look."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from course_utils.datasets.special_tokens import EOS, SOS
from course_utils.datasets.text import Pair, join, normalise
from course_utils.measure.alignment import forced_weights, head_error_rates
from course_utils.measure.interventions import INTERVENTIONS, Attend, as_one, borrowed, intervened, silenced, tempered
from course_utils.measure.translation import Translator
from course_utils.messages import Refusal
from course_utils.messages.refusals import ATTENTION, HEADS
from course_utils.models.attention import Score, attention, scaled_dot
from course_utils.models.decoding import evaluating, log_probability


class QueryResult(NamedTuple):
    """One query's look at S keys: `scores (S,)`, `weights (S,)` and the weighted `average (V,)` of the values."""

    scores: np.ndarray
    weights: np.ndarray
    average: np.ndarray


def query_keys(
    query, keys, values, score: Score = scaled_dot, temperature: float = 1.0, attend=attention
) -> QueryResult:
    """Return where one query looks and what it gets, as NumPy arrays.

    Args:
        query, keys, values: numbers `(D,)`, `(S, D)` and `(S, V)`.
        score: `score(query, key)` → scores.
        temperature: what the scores are divided by before the softmax, positive: towards 0 the largest takes all,
            towards infinity all are equal.
        attend: a function like `attention`, such as a student's own.

    Raises:
        ValueError: a temperature that is not positive, or widths that the score cannot compare.
    """
    if not temperature > 0:
        raise ValueError(f"the temperature must be positive, not {temperature}")
    query, keys, values = (torch.as_tensor(part, dtype=torch.float32, device="cpu") for part in (query, keys, values))
    query = query.unsqueeze(0)
    with torch.no_grad():
        scores = score(query, keys) / temperature
        average, weights = attend(query, keys, values, score=lambda query, key: score(query, key) / temperature)
    return QueryResult(*(part[0].cpu().double().numpy() for part in (scores, weights, average)))


class AttentionReading(NamedTuple):
    """Where a translator looked while it wrote.

    `source` and `target` are words; `weights (T, S)` has a row for each target word; `gold` are (source, target)
    links, or None where the truth is not known; `probability` is the model's, of the whole target. Where the memory is
    another sentence's, `source` holds that one's words, and `lent` is it.
    """

    source: list[str]
    target: list[str]
    weights: np.ndarray
    gold: tuple[tuple[int, int], ...] | None
    probability: float
    lent: str = ""

    @property
    def gold_cells(self) -> list[tuple[int, int]]:
        """The gold links as (target, source) positions: cells of the weights, to be outlined."""
        return [(target, source) for source, target in self.gold or ()]


def corpus_index(pairs: Iterable[Pair], write: Callable[[Sequence[str]], str] = join) -> dict[str, Pair]:
    """Return readable source sentence → pair; `write` makes a text of its tokens."""
    return {write(pair.source): pair for pair in pairs}


def read_attention(
    translator: Translator,
    known: dict[str, Pair],
    text: str,
    rank: int | None = 1,
    temperature: float = 1.0,
    intervention: str = "as_trained",
    *,
    width: int = 4,
    refuse_unknown: bool = True,
) -> AttentionReading:
    """Translate a sentence, or force its reference, and return where attention looked at each word.

    Args:
        translator: its model has attention.
        known: sentences whose translation is known, from `corpus_index`.
        text, refuse_unknown: a sentence, as in `Translator.tokens`; a word that is not refused is read as `<unk>`.
        rank: which translation of a beam search, 1 for the likeliest; None forces the reference.
        temperature: what scores are divided by; positive.
        intervention: an id in `INTERVENTIONS`.
        width: of the beam.

    Raises:
        Refusal: a sentence that cannot be read, an output that there is not, or no other sentence whose memory could
            be taken.
        ValueError: a temperature that is not positive.
    """
    pair = known.get(normalise(text))
    source = pair.source if pair else translator.tokens(text, refuse_unknown)
    if rank is None and pair is None:
        raise Refusal(ATTENTION.reference)
    attends, looked_at, lent = INTERVENTIONS[intervention], list(source), ""
    if intervention == "other_memory":
        other = _nearest_other(known, source)
        attends, lent = _lend(translator, other), translator.source_text(other)
        looked_at = [*other, *["–"] * len(source)][: len(source)]
    with intervened(translator.model, as_one(tempered(attends, temperature))):
        target = pair.target if rank is None else _ranked_translation(translator, source, rank, width)
        weights, probability = _trace_attention(translator, source, target)
    gold = pair.alignment or None if pair is not None and target == pair.target and not lent else None
    return AttentionReading(looked_at, list(target), weights, gold, probability, lent)


class HeadsReading(NamedTuple):
    """Where every head of a translator looked while it wrote, some of them silenced.

    `source`, `target`, `gold` and `probability` as in `AttentionReading`; `maps (layers, heads, T, S)` has a row for
    each target word; `error_rates (layers, heads)`, each head's alignment error rate on this sentence, or None.
    """

    source: list[str]
    target: list[str]
    maps: np.ndarray
    gold: tuple[tuple[int, int], ...] | None
    probability: float
    error_rates: np.ndarray | None


def read_heads(
    translator: Translator, known: dict[str, Pair], text: str, silent: Iterable[tuple[int, int]] = (), *,
    kind: str = "cross", forced: bool = False, shift: int = 0, refuse_unknown: bool = True,
) -> HeadsReading:  # fmt: skip
    """Translate a sentence by greedy search, or force its reference, and return where every head looked at each word.

    Args:
        translator, known, text, refuse_unknown: as in `read_attention`; the model has several heads.
        silent, kind: heads that add nothing, and of which attention, as in `silenced`.
        forced: write the reference instead of the model's own translation.
        shift: show word t where the decoder predicts it (0), or one step later, where it reads it (1).

    Raises:
        Refusal: a sentence that cannot be read, or that has no reference to force.
        ValueError: a model with a single attention, or a head that is not there.
    """
    pair = known.get(normalise(text))
    source = pair.source if pair else translator.tokens(text, refuse_unknown)
    if forced and pair is None:
        raise Refusal(HEADS.reference)
    with silenced(translator.model, silent, kind):
        target = list(pair.target) if forced else translator([source])[0]
        (weights,) = forced_weights(translator, [Pair(list(source), target or ["."])], by_head=True)
        probability = _probability(translator, source, target)
    gold = pair.alignment or None if pair is not None and target == list(pair.target) else None
    rates = None if gold is None else head_error_rates([weights], [pair], shift)
    maps = weights[shift : len(target) + shift].transpose(1, 2, 0, 3).astype(float)
    return HeadsReading(list(source), target, maps, gold, probability, rates)


def _ranked_translation(translator: Translator, source: Sequence[str], rank: int, width: int) -> list[str]:
    """Return the words of the translation that is `rank`-th likeliest (from 1) of those that a beam keeps."""
    (translations,) = translator.beam_search([source], width, length_penalty=1.0)
    translations.sort(key=lambda translation: -translation.log_probability)
    if not 1 <= rank <= len(translations) or not translations[rank - 1].words:
        raise Refusal(ATTENTION.rank, rank=rank)
    return translations[rank - 1].words


def _trace_attention(translator: Translator, source: Sequence[str], target: Sequence[str]) -> tuple[np.ndarray, float]:
    """Return the weights `(T, S)` while the target is forced, and the model's probability of it, `<eos>` included."""
    (weights,) = forced_weights(translator, [Pair(list(source), list(target))])
    return weights[:-1].astype(float), _probability(translator, source, target)


def _probability(translator: Translator, source: Sequence[str], target: Sequence[str]) -> float:
    """Return the model's probability of a target, `<eos>` included."""
    x = torch.tensor([translator.source_words.encode(source)], device=translator.device).T
    y = torch.tensor([[SOS, *translator.target_words.encode(target), EOS]], device=translator.device).T
    return log_probability(translator.model, x, y).exp().item()


def _nearest_other(known: dict[str, Pair], source: Sequence[str]) -> Sequence[str]:
    """Return the known sentence that is another one and nearest in length."""
    others = [pair.source for pair in known.values() if list(pair.source) != list(source)]
    if not others:
        raise Refusal(ATTENTION.alone)
    return min(others, key=lambda other: abs(len(other) - len(source)))


def _lend(translator: Translator, sentence: Sequence[str]) -> Attend:
    """Return the intervention that attends over the memory of `sentence`."""
    (batch,) = translator.read([sentence])
    with evaluating(translator.model):
        memory: tuple[Tensor, ...] = translator.model.encode(batch.source, batch.source_lengths)[1]
    return borrowed(*memory)
