"""One sentence and where attention looks while it is translated: what the attention explorer shows."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from course_utils.alignments import forced_weights
from course_utils.corpus import Pair, Vocabulary, joined
from course_utils.decoding import evaluating, log_probability
from course_utils.interventions import INTERVENTIONS, borrowed, intervened, other_memory, tempered
from course_utils.parallel_text import MARK
from course_utils.translation import Translator
from course_utils.wording import chance

REFERENCE = "reference"
FINALS = frozenset(
    "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
)  # a token may begin with a final consonant (+ㅆ)


def segmented(text: str, vocabulary: Vocabulary) -> list[str]:
    """Cut a sentence in ordinary spelling into the vocabulary's tokens: the inverse of `corpus.joined`.

    Tokens separated by spaces are taken as they stand. Otherwise the longest token that fits is tried first.

    Args:
        text: one sentence, such as `"작가는 이 집을 그렸어요."`, or its tokens, such as `"작가 +는 이 집 +을"`.
        vocabulary: the words that may be used.

    Raises:
        ValueError: nothing to read, or a place at which no token fits; the message names it.
    """
    text = " ".join(text.split())
    if not text:
        raise ValueError("there is nothing to read: type or choose a sentence")
    if all(word in vocabulary for word in text.split()):
        return text.split()
    wanted = _lower_first(text)
    known, tried, longest, stack = vocabulary.tokens[4:], set(), 0, [([], "")]
    while stack:
        tokens, written = stack.pop()
        if tokens and written == wanted:
            return tokens
        longest = max(longest, len(written))
        upcoming = {
            part for letter in wanted[len(written) : len(written) + 2].lower() for part in (letter, _open(letter))
        }
        fitting = []
        for token in known:
            if token.lstrip(MARK)[:1].lower() in upcoming | FINALS:
                longer = _lower_first(joined([*tokens, token, ""]).rstrip())
                if longer not in tried and len(longer) >= len(written) and _fits(longer, wanted):
                    tried.add(longer)
                    fitting.append(([*tokens, token], longer))
        stack += sorted(
            fitting, key=lambda found: (wanted.startswith(found[1]), len(found[1]))
        )  # the last is tried first
    place = text.rfind(" ", 0, longest + 1) + 1
    word = text[place:].split()[0]
    if word != word.lower():  # a capital that is not a name's, or a word that is shouted
        return segmented(text[:place] + word.lower() + text[place + len(word) :], vocabulary)
    raise ValueError(f"no word of the {len(known)} that the model has seen fits at “{word}”")


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def _open(letter: str) -> str:
    """Return a Hangul syllable without its final consonant (갔 → 가), any other letter as it is."""
    return chr(ord(letter) - (ord(letter) - ord("가")) % 28) if "가" <= letter <= "힣" else letter


def _fits(start: str, text: str) -> bool:
    """Whether `text` may begin with `start`; a last open syllable may yet get a final consonant (가 → 갔)."""
    if text.startswith(start):
        return True
    last, there = start[-1:], text[len(start) - 1 : len(start)]
    return text.startswith(start[:-1]) and last == _open(there) != there


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
    return {joined(pair.source): pair for pair in pairs}


def read_sentence(
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
    source = pair.source if pair else segmented(text, translator.source_words)
    if output == REFERENCE and pair is None:
        raise ValueError("a typed sentence has no reference: choose one of the beam's translations")
    attends, looked_at, lent = INTERVENTIONS[intervention], list(source), ""
    if attends is other_memory:
        other = _another(known, source)
        attends, lent = borrowed(*_memory(translator, other)), joined(other)
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


def reading_sentence(reading: SentenceReading) -> str:
    """Return in words what a reading shows: the translation, how likely it is, and how it agrees with gold."""
    text = joined(reading.target)
    text = text if len(text) <= 90 else text[:89] + "…"  # the explorer has room for two lines
    said = f"“{text}” (probability {chance(reading.probability)})"
    if reading.lent:
        return f"{said}. It looks at another sentence: “{reading.lent}”"
    if reading.gold is None:
        return f"{said}. No gold links are known for this output."
    linked = sorted({target for _, target in reading.gold})
    right = sum((int(reading.weights[t].argmax()), t) in set(reading.gold) for t in linked)
    return f"{said}. Of {len(linked)} words with a gold link, {right} look at a right one."


def alignment_table(reading: SentenceReading) -> Sequence[tuple[int, int]]:
    """Return the gold links as (target, source) positions: cells of the weights, to be outlined."""
    return [(target, source) for source, target in reading.gold or ()]
