"""In which script a text is written: enough to notice a side in another language than was said."""

import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cache

# One name for scripts that one language mixes.
_ONE = dict.fromkeys(("HIRAGANA", "KATAKANA", "IDEOGRAPHIC", "KANGXI"), "CJK")
NO_SPACES = {"CJK", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN"}
# Which script a language is written in, by its English name and by its code: those that a class is likely to bring.
_LATIN = ("english en", "french fr", "german de", "spanish es", "italian it", "portuguese pt", "dutch nl", "polish pl",
          "swedish sv", "danish da", "norwegian no", "finnish fi", "czech cs", "turkish tr", "vietnamese vi",
          "hungarian hu", "romanian ro", "indonesian id")  # fmt: skip
SCRIPTS = {name: "LATIN" for pair in _LATIN for name in pair.split()}
SCRIPTS |= {"korean": "HANGUL", "ko": "HANGUL", "japanese": "CJK", "ja": "CJK", "chinese": "CJK", "zh": "CJK"}
SCRIPTS |= {"russian": "CYRILLIC", "ru": "CYRILLIC", "ukrainian": "CYRILLIC", "uk": "CYRILLIC"}
SCRIPTS |= {"greek": "GREEK", "el": "GREEK", "arabic": "ARABIC", "ar": "ARABIC", "hebrew": "HEBREW", "he": "HEBREW"}
SCRIPTS |= {"hindi": "DEVANAGARI", "hi": "DEVANAGARI", "thai": "THAI", "th": "THAI"}


@cache
def _script(letter: str) -> str:
    name = unicodedata.name(letter, "").split(" ")[0]
    return _ONE.get(name, name)


def letters_by_script(text: str) -> Counter[str]:
    """Return how many letters of each script a text has; `{"LATIN": 5, "HANGUL": 2}`. Chinese and Japanese are CJK."""
    return Counter(_script(character) for character in text if character.isalpha())


def main_script(texts: Iterable[str]) -> str | None:
    """Return the script with the most letters in all of these texts together, None where there is no letter."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(letters_by_script(text))
    return max(counts, key=lambda name: (counts[name], name), default=None)
