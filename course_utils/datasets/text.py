"""Text as tokens, and tokens as text: what every corpus and every typed sentence goes through."""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from course_utils.datasets import hangul

MARK = "+"  # a token that begins with it is written without a space after the token before


class Pair(NamedTuple):
    """A source sentence, its translation, and the (source, target) word positions that translate each other.

    The alignment is empty where no gold links are known.
    """

    source: list[str]
    target: list[str]
    alignment: tuple[tuple[int, int], ...] = ()


# Letters and marks by their category, but nothing to see: Hangul fillers, variation selectors, a joiner of graphemes.
_BLANK = re.compile("[\u034f\u115f\u1160\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")


class _Spelling(dict):
    """A table for `str.translate`: one character for each way to type it, and nothing for what cannot be seen.

    The joiners U+200C and U+200D belong to the spelling of some scripts and stay.
    """

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        kind = unicodedata.category(character)
        if kind in ("Zs", "Zl", "Zp") or character.isspace() or character == "\ufeff":
            self[code] = " "
        elif (kind in ("Cc", "Cf") and character not in "\u200c\u200d") or _BLANK.match(character):
            self[code] = None
        else:
            self[code] = character
        return self[code]


class _Spaced(dict):
    """A table for `str.translate`: punctuation and symbols get a space on both sides, all else stays."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        kind = unicodedata.category(character)
        self[code] = f" {character} " if kind[0] in "PS" and character not in "'-.,_" else character
        return self[code]


_SPELLING = _Spelling(
    dict.fromkeys(map(ord, "\u2018\u2019\u201b\u02bc\u00b4\uff07"), "'")
    | dict.fromkeys(map(ord, "\u2010\u2011\uff0d"), "-")
)
_SPACED = _Spaced()
_MARK_OR_POINT = re.compile("['.,-]")
_LOOSE_JOINER = re.compile(r"(?<!\S)[\u200c\u200d]+|[\u200c\u200d]+(?!\S)")
_ELISION = re.compile(r"\b(\w{1,2}')(?=\w)")
CLOSING = frozenset(".,!?;:…)]}»”%。、！？")
OPENING = frozenset("([{«“¿¡")


def normalise(text: str) -> str:
    """Return text in the one spelling that the course reads.

    Characters are composed (NFC); typographic apostrophes and hyphens become plain ones; every kind of space is one
    space; marks that cannot be seen are left out, except joiners inside a word.
    """
    return " ".join(_LOOSE_JOINER.sub("", unicodedata.normalize("NFC", text).translate(_SPELLING)).split())


def has_invisible(text: str) -> bool:
    """Return whether `normalise` leaves a character out: a mark that cannot be seen, a control, a joiner at an edge."""
    return len(text.translate(_SPELLING)) < len(text) or _LOOSE_JOINER.search(text) is not None


def _set_off(match: re.Match) -> str:
    """Put spaces around an apostrophe or a hyphen that is not inside a word, a point that is not inside a number."""
    mark, text, at = match[0], match.string, match.start()
    sides = (text[at - 1] if at else " "), text[at + 1 : at + 2]
    inside = str.isdecimal if mark in ".," else _in_word
    return mark if all(map(inside, sides)) else f" {mark} "


def _in_word(character: str) -> bool:
    """Return whether words are made of this: letters, digits, and marks on them (a regex's \\w has no marks)."""
    return character == "_" or character.isalnum() or (character != "" and unicodedata.category(character)[0] == "M")


def tokenise(text: str, lowercase: bool = True) -> list[str]:
    """Split text at spaces and punctuation, in any script that puts spaces between words.

    The text is normalised first. An apostrophe, a hyphen, or a point inside a number stays in its word; a short word
    before an apostrophe is split off with it (`l'homme` → `l' homme`).
    """
    text = normalise(text).translate(_SPACED)
    text = _ELISION.sub(r"\1 ", _MARK_OR_POINT.sub(_set_off, text))
    return [token for token in (text.lower() if lowercase else text).split() if token.strip("\u200c\u200d")]


def check_tokens(tokens: Sequence[str]) -> None:
    """Raise ValueError unless `tokens` is a list of strings: a string would be read letter by letter."""
    if isinstance(tokens, str | None) or not all(isinstance(token, str) for token in tokens):
        raise ValueError(f"expected a list of tokens (strings), not {tokens!r}; split text into tokens first")


def follows_directly(before: str, token: str) -> bool:
    """Return whether `token`, which has no mark, is written without a space after the text `before`."""
    if not before or token in CLOSING or before[-1] in OPENING:
        return True
    return before[-1] == "'" and before[-2:-1].isalpha()


def join(tokens: Sequence[str]) -> str:
    """Write tokens as a readable sentence: `["먹", "+었", "+어요", "."]` → `"먹었어요."`.

    A token with a leading `+` is joined to the one before, a token ending in an apostrophe to the one after,
    and punctuation to its neighbour. A lone final consonant goes under the last syllable. A complete sentence (one
    that ends in `.`, `!` or `?`) begins with a capital letter. What cannot be joined (an ending at the very start,
    for example) is written as it is.

    Raises:
        ValueError: `tokens` is a string, or holds something other than strings.
    """
    check_tokens(tokens)
    text = ""
    for token in tokens:
        if text and token.startswith(MARK) and len(token) > 1:
            ending = token[1:]
            syllable = hangul.closed(text, ending[0])
            text = text + ending if syllable is None else syllable + ending[1:]
        else:
            text += token if follows_directly(text, token) else " " + token
    return text[:1].upper() + text[1:] if text.endswith((".", "!", "?")) else text
