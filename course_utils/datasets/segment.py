"""Cut a sentence in ordinary spelling into the tokens of a vocabulary."""

from course_utils.datasets.corpus import Vocabulary
from course_utils.datasets.text import MARK, join

FINALS = frozenset(
    "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
)  # a token may begin with a final consonant (+ㅆ)


def segment(text: str, vocabulary: Vocabulary) -> list[str]:
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
                longer = _lower_first(join([*tokens, token, ""]).rstrip())
                if longer not in tried and len(longer) >= len(written) and _fits(longer, wanted):
                    tried.add(longer)
                    fitting.append(([*tokens, token], longer))
        stack += sorted(
            fitting, key=lambda found: (wanted.startswith(found[1]), len(found[1]))
        )  # the last is tried first
    place = text.rfind(" ", 0, longest + 1) + 1
    word = text[place:].split()[0]
    if word != word.lower():  # a capital that is not a name's, or a word that is shouted
        return segment(text[:place] + word.lower() + text[place + len(word) :], vocabulary)
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
