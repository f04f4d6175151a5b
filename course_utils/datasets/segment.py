"""Cut a sentence in ordinary spelling into the tokens of a vocabulary: the inverse of `text.join`."""

import re
from itertools import accumulate
from weakref import WeakKeyDictionary

from course_utils.datasets import hangul
from course_utils.datasets.corpus import Vocabulary
from course_utils.datasets.special_tokens import SPECIAL
from course_utils.datasets.subwords import Tokeniser, finds_course_words
from course_utils.datasets.text import CLOSING, MARK, follows_directly, normalise, tokenise
from course_utils.messages import Refusal
from course_utils.messages.refusals import SENTENCE, check_length

LONGEST = 500  # characters of a sentence; the corpus's longest has about 200


def read_sentence(text: str, vocabulary: Vocabulary, tokeniser: Tokeniser, *, refuse_unknown: bool = True) -> list[str]:
    """Return the tokens of a typed sentence, whatever a translator reads: words of the course, or any other tokens.

    Args:
        text, vocabulary, refuse_unknown: as in `segment`.
        tokeniser: of the text that the translator was trained on.

    Raises:
        Refusal: as in `segment`.
    """
    if finds_course_words(tokeniser):
        return segment(text, vocabulary, refuse_unknown=refuse_unknown)
    text = normalise(text)
    check_length(text, LONGEST, SENTENCE)
    tokens = tokeniser.split(text)
    if refuse_unknown and (unknown := [token for token in tokens if token not in vocabulary]):
        raise Refusal(SENTENCE.unknown, count=len(vocabulary) - len(SPECIAL), word=tokeniser.join(unknown[:1]))
    return tokens


class _Index:
    """A vocabulary's tokens by how they are written, so that none is looked at in vain.

    `words` and `endings` (tokens with the mark, without it) map a written form to its token; a sentence's first word
    is compared without its capital. `lengths` are those of all forms, longest first.
    """

    def __init__(self, vocabulary: Vocabulary):
        known = vocabulary.tokens[len(SPECIAL) :]
        self.words = {hangul.spread(token): token for token in known if not _is_ending(token)}
        self.endings = {hangul.spread(token[1:]): token for token in known if _is_ending(token)}
        self.first = {hangul.spread(_lower_first(token)): token for token in known if not _is_ending(token)}
        self.lengths = sorted({len(form) for form in (*self.words, *self.endings)}, reverse=True)


_indices: WeakKeyDictionary[Vocabulary, _Index] = WeakKeyDictionary()


def segment(text: str, vocabulary: Vocabulary, *, refuse_unknown: bool = True) -> list[str]:
    """Cut a sentence into the vocabulary's tokens; the longest token that fits is tried first.

    Tokens separated by spaces are taken as they are.

    Args:
        text: one sentence, such as `"작가는 이 집을 그렸어요."`, or its tokens, such as `"작가 +는 이 집 +을"`.
        vocabulary: the words that may be used.
        refuse_unknown: refuse a word that no tokens make; otherwise it becomes a token as it is typed.

    Raises:
        Refusal: nothing to read, or too much; a place at which no token fits: the sentence names it.
    """
    text = normalise(text)
    check_length(text, LONGEST, SENTENCE)
    if all(word in vocabulary and word not in SPECIAL for word in text.split()):
        return text.split()
    text = re.sub(rf" +(?=[{re.escape(''.join(CLOSING))}])", "", text)
    index = _indices.get(vocabulary) or _indices.setdefault(vocabulary, _Index(vocabulary))
    tokens, place = _search(_lower_first(text), index)
    if tokens is not None:
        return tokens
    place = text.rfind(" ", 0, place + 1) + 1
    word = text[place:].split()[0]
    if word != word.lower():  # a capital that is not a name's, or a word that is shouted
        lowered = text[:place] + word.lower() + text[place + len(word) :]
        return segment(lowered, vocabulary, refuse_unknown=refuse_unknown)
    if refuse_unknown:
        count = len(vocabulary) - len(SPECIAL)
        raise Refusal(SENTENCE.unknown, count=count, word=word)
    before, after = text[:place].strip(), text[place + len(word) :].strip()
    around = [segment(part, vocabulary, refuse_unknown=False) if part else [] for part in (before, after)]
    return [*around[0], *tokenise(word), *around[1]]


def _search(text: str, index: _Index) -> tuple[list[str] | None, int]:
    """Return the tokens of `text`, or None, and how many letters of it the longest beginning of tokens covers."""
    letters = hangul.spread(text)
    # The place among the letters at which each syllable begins.
    starts = list(accumulate((len(hangul.spread(syllable)) for syllable in text), initial=0))
    boundaries, reached = set(starts), {0}
    stack: list[tuple[int, list[str]]] = [(0, [])]
    while stack:
        at, tokens = stack.pop()
        if at == len(letters):
            return tokens, len(text)
        # What can follow depends on the place alone, so a place that was reached is not reached again.
        fitting = {end: token for end, token in _fitting(letters, at, index) if end not in reached}
        reached |= fitting.keys()
        # Tokens that end with a syllable first, then long ones; the last is tried first.
        stack += [(end, [*tokens, fitting[end]]) for end in sorted(fitting, key=lambda end: (end in boundaries, end))]
    return None, max(at for at, start in enumerate(starts) if start <= max(reached))


def _fitting(letters: str, at: int, index: _Index):
    """Yield (end, token) for every token that can be written at a place."""
    space = letters[at : at + 1] == " "
    for length in index.lengths:
        if at and not space and (token := index.endings.get(letters[at : at + length])):
            yield at + length, token
        start = at + space
        form = letters[start : start + length]
        token = (index.words if at else index.first).get(form) or (None if at else index.words.get(form))
        if len(form) == length and token and space != follows_directly(letters[max(at - 2, 0) : at], token):
            yield start + length, token


def _is_ending(token: str) -> bool:
    return token.startswith(MARK) and len(token) > 1


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
