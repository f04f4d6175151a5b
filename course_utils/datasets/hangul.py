"""Hangul syllables taken apart and put together: initial, vowel, and final consonant (The Unicode Standard, 3.12)."""

FINALS = "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"  # in the order in which Unicode composes them
_FIRST, _LAST, _VOWELS, _FINALS = ord("가"), ord("힣"), 21, len(FINALS) + 1


def is_syllable(letter: str) -> bool:
    """Return whether `letter` is one Hangul syllable."""
    return len(letter) == 1 and _FIRST <= ord(letter) <= _LAST


def parts(syllable: str) -> tuple[int, int, int]:
    """Return the numbers of a syllable's initial, vowel and final consonant in Unicode's order; 0 is no final."""
    code = ord(syllable) - _FIRST
    return code // (_VOWELS * _FINALS), code // _FINALS % _VOWELS, code % _FINALS


def syllable(initial: int, vowel: int, final: int = 0) -> str:
    """Return the syllable of these parts: the inverse of `parts`."""
    return chr(_FIRST + (initial * _VOWELS + vowel) * _FINALS + final)


def closed(text: str, consonant: str) -> str | None:
    """Return `text` with a final consonant put under its last syllable (가 + ㅆ → 갔); None where it does not fit."""
    last = text[-1:]
    if not consonant or consonant not in FINALS or not is_syllable(last) or parts(last)[2]:
        return None
    return text[:-1] + chr(ord(last) + FINALS.index(consonant) + 1)


def spread(text: str) -> str:
    """Return `text` with every final consonant after its open syllable as a letter of its own: 갔어요 → 가ㅆ어요."""
    finals = [parts(letter)[2] if is_syllable(letter) else 0 for letter in text]
    return "".join(chr(ord(letter) - n) + FINALS[n - 1 : n] * (n > 0) for letter, n in zip(text, finals, strict=True))
