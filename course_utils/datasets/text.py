"""Text as tokens and back: split a sentence, write tokens as a sentence, cut typed text into known tokens."""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

MARK = "+"  # a token that begins with it is written without a space after the token before


class Pair(NamedTuple):
    """A source sentence, its translation, and the (source, target) word positions that translate each other."""

    source: list[str]
    target: list[str]
    alignment: tuple[tuple[int, int], ...] = ()


class _Spaced(dict):
    """A table for `str.translate`: punctuation and symbols get a space on both sides, all else stays."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        kind = unicodedata.category(character)
        self[code] = f" {character} " if kind[0] in "PS" and character not in "'-.,_" else character
        return self[code]


_SPACED = _Spaced({0x2019: "'", 0xFEFF: " "})
_LOOSE_MARK = re.compile(r"(?<!\w)['-]|['-](?!\w)|(?<!\d)[.,]|[.,](?!\d)")
_ELISION = re.compile(r"\b(\w{1,2}')(?=\w)")
_CLOSING = frozenset(".,!?;:…)]}»”%。、！？")
_OPENING = frozenset("([{«“¿¡")
_FIRST_HANGUL, _LAST_HANGUL = "가", "힣"
_FINALS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"  # the order Unicode composes them in


def tokenise(text: str, lowercase: bool = True) -> list[str]:
    """Split text at spaces and punctuation, in any script that puts spaces between words.

    Characters are first composed (NFC). An apostrophe, a hyphen, or a point inside a number stays in its word;
    a short word before an apostrophe is split off with it (`l'homme` → `l' homme`).
    """
    text = unicodedata.normalize("NFC", text).translate(_SPACED)
    text = _ELISION.sub(r"\1 ", _LOOSE_MARK.sub(r" \g<0> ", text))
    return (text.lower() if lowercase else text).split()


def _attach(before: str, ending: str) -> str:
    """Write `ending` onto `before`; a lone final consonant goes under the last syllable (가 + ㅆ어요 → 갔어요)."""
    last, final = before[-1:], _FINALS.find(ending[:1] or " ")
    if final > 0 and _FIRST_HANGUL <= last <= _LAST_HANGUL and (ord(last) - ord(_FIRST_HANGUL)) % 28 == 0:
        return before[:-1] + chr(ord(last) + final) + ending[1:]
    return before + ending


def join(tokens: Sequence[str]) -> str:
    """Write tokens as a readable sentence: `["먹", "+었", "+어요", "."]` → `"먹었어요."`.

    A token with a leading `+` is joined to the one before, a token ending in an apostrophe to the one after,
    and punctuation to its neighbour. A complete sentence (one that ends in `.`, `!` or `?`) begins with a
    capital letter. What is left unjoinable (an ending at the very start, say) is written as it stands.

    Raises:
        ValueError: `tokens` is a string, or holds something other than strings.
    """
    if isinstance(tokens, str) or not all(isinstance(token, str) for token in tokens):
        raise ValueError(f"expected a list of tokens (strings), not {tokens!r}")
    text = ""
    for token in tokens:
        if text and token.startswith(MARK) and len(token) > 1:
            text = _attach(text, token[1:])
        elif not text or token in _CLOSING or text[-1] in _OPENING or (text[-1] == "'" and text[-2:-1].isalpha()):
            text += token
        else:
            text += " " + token
    return text[:1].upper() + text[1:] if text.endswith((".", "!", "?")) else text
