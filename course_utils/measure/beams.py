"""How a beam search goes: what it keeps after every word, and how likely its results were on the way."""

from collections.abc import Sequence
from typing import NamedTuple

import torch

from course_utils.measure.translation import Translator
from course_utils.models.decoding import beam_search


class Kept(NamedTuple):
    """A hypothesis that a beam keeps after a step.

    `parent` is its position in the beam a step before, `word` what it wrote there, empty where it has ended, and
    `log_probability` that of all its words.
    """

    parent: int
    word: str
    log_probability: float
    finished: bool


def beam_history(
    translator: Translator, sentence: Sequence[str], width: int, *, length_penalty: float = 1.0, max_length: int = 50
) -> list[list[Kept]]:
    """Return what a beam search keeps after each of its T steps, best score first.

    After t steps it keeps what a search that stops there returns, so the taught search is run for each length.

    Args:
        translator, sentence: what translates, and words that it knows.
        width, length_penalty, max_length: as in `beam_search`.
    """
    (batch,) = translator.read([sentence])
    options = {"width": width, "length_penalty": length_penalty}
    # `before`: words, with None at the end where they have ended → position in the beam a step before.
    history, before = [], {(): 0}
    for step in range(1, max_length + 1):
        with torch.no_grad():
            (beam,) = beam_search(translator.model, batch.source, batch.source_lengths, max_length=step, **options)
        kept, now = [], {}
        for at, hypothesis in enumerate(beam):
            key = (*hypothesis.tokens, *[None] * hypothesis.finished)
            parent = before.get(key, before.get(key[:-1]))
            still = key in before  # it had ended before this step
            word = "" if still or hypothesis.finished else translator.target_words.decode(hypothesis.tokens[-1:])
            kept.append(Kept(parent, word[0] if word else "", hypothesis.log_probability, hypothesis.finished))
            now[key] = at
        history.append(kept)
        before = now
        if all(hypothesis.finished for hypothesis in beam):
            break
    return history


def running_log_probabilities(history: Sequence[Sequence[Kept]]) -> list[list[float]]:
    """Return the log-probability of each result's first words, after each of the T steps; one that has ended keeps its.

    Args:
        history: what `beam_history` returned.

    Returns:
        T lists, each with one number per hypothesis that the last step keeps, in its order.
    """
    running, rows = [], list(range(len(history[-1])))
    for beam in reversed(history):
        running.append([beam[row].log_probability for row in rows])
        rows = [beam[row].parent for row in rows]
    return running[::-1]
