"""Attention as a pure function, and the score functions that it can be given."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from course_utils.datasets.segment import segment
from course_utils.datasets.text import Pair, join
from course_utils.measure.alignment import forced_weights
from course_utils.measure.interventions import INTERVENTIONS, borrowed, intervened, other_memory, tempered
from course_utils.measure.translation import Translator
from course_utils.messages.numbers import chance
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
        query: `(D,)` numbers.
        keys: `(S, D)` numbers.
        values: `(S, V)` numbers.
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
    return QueryResult(*(part[0].double().numpy() for part in (scores, weights, average)))


REFERENCE = "reference"


class SentenceReading(NamedTuple):
    """Where attention looked.

    `source` and `target` are words; `weights (T, S)` has a row for each target word; `gold` are (source, target)
    links, or None where the truth is not known; `probability` is the model's, of the whole target; `output` says
    what the target is. Where the memory is another sentence's, `source` holds that one's words, and `lent` is it.
    """

    source: list[str]
    target: list[str]
    weights: np.ndarray
    gold: tuple[tuple[int, int], ...] | None
    probability: float
    output: str
    lent: str = ""


def corpus_index(pairs: Iterable[Pair]) -> dict[str, Pair]:
    """Return readable source sentence → pair."""
    return {join(pair.source): pair for pair in pairs}


def read_attention(
    translator: Translator,
    known: dict[str, Pair],
    text: str,
    output: str = "beam 1",
    temperature: float = 1.0,
    intervention: str = "as trained",
    width: int = 4,
) -> SentenceReading:
    """Translate a sentence, or force its reference, and return where attention looked at each word.

    Args:
        translator: its model has attention.
        known: sentences whose translation and gold alignment are known, from `corpus_index`.
        text: a sentence, in ordinary spelling or as tokens separated by spaces.
        output: `"reference"`, or `"beam k"`, the k-th best translation of a beam search.
        temperature: what scores are divided by; positive.
        intervention: a key of `interventions.INTERVENTIONS`.
        width: of the beam.

    Raises:
        ValueError: a sentence that cannot be read, an output that there is not, a temperature that is not
            positive, or no other sentence whose memory could be taken.
    """
    text = " ".join(text.split())
    pair = known.get(text)
    source = pair.source if pair else segment(text, translator.source_words)
    if output == REFERENCE and pair is None:
        raise ValueError("a typed sentence has no reference: choose one of the beam's translations")
    attends, looked_at, lent = INTERVENTIONS[intervention], list(source), ""
    if attends is other_memory:
        other = _another(known, source)
        attends, lent = borrowed(*_memory(translator, other)), join(other)
        looked_at = [*other, *["–"] * len(source)][: len(source)]
    with intervened(translator.model, tempered(attends, temperature)):
        if output == REFERENCE:
            target = pair.target
        else:
            rank, found = int(output.removeprefix("beam ")), translator.alternatives(source, width).sentences
            if not 1 <= rank <= len(found) or not found[rank - 1]:
                raise ValueError(f"the beam found no translation number {rank} with words in it")
            target = found[rank - 1]
        (weights,) = forced_weights(translator, [Pair(source, target)])
        probability = _probability(translator, Pair(source, target))
    gold = pair.alignment if pair is not None and target == pair.target and not lent else None
    return SentenceReading(looked_at, list(target), weights[:-1].astype(float), gold, probability, output, lent)


def _another(known: dict[str, Pair], source: Sequence[str]) -> Sequence[str]:
    """Return the known sentence that is another one and nearest in length."""
    others = [pair.source for pair in known.values() if list(pair.source) != list(source)]
    if not others:
        raise ValueError("there is no other sentence whose memory could be taken")
    return min(others, key=lambda other: abs(len(other) - len(source)))


def _memory(translator: Translator, sentence: Sequence[str]) -> tuple[Tensor, Tensor]:
    """Return what attention is given of a sentence: memory `(S, 1, H)` and mask `(S, 1)`."""
    (batch,) = translator.read([sentence])
    with evaluating(translator.model):
        _, _, memory, mask = translator.model.encode(batch.source, batch.source_lengths)
    return memory, mask


def _probability(translator: Translator, pair: Pair) -> float:
    device = next(translator.model.parameters()).device
    source = torch.tensor([translator.source_words.encode(pair.source)], device=device).T
    target = torch.tensor([[1, *translator.target_words.encode(pair.target), 2]], device=device).T
    return log_probability(translator.model, source, target).exp().item()


def attention_sentence(reading: SentenceReading) -> str:
    """Return in words what a reading shows: the translation, how likely it is, and how it agrees with gold."""
    text = join(reading.target)
    text = text if len(text) <= 90 else text[:89] + "…"  # the explorer has room for two lines
    said = f"“{text}” (probability {chance(reading.probability)})"
    if reading.lent:
        return f"{said}. It looks at another sentence: “{reading.lent}”"
    if reading.gold is None:
        return f"{said}. No gold links are known for this output."
    linked = sorted({target for _, target in reading.gold})
    right = sum((int(reading.weights[t].argmax()), t) in set(reading.gold) for t in linked)
    return f"{said}. Of {len(linked)} words with a gold link, {right} look at a right one."


def gold_cells(reading: SentenceReading) -> Sequence[tuple[int, int]]:
    """Return the gold links as (target, source) positions: cells of the weights, to be outlined."""
    return [(target, source) for source, target in reading.gold or ()]
