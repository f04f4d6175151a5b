"""Korean sound rules: particles chosen by the final consonant, and the three shapes of a verb stem.

A token that begins with a lone consonant (`+ㅆ`, `+ㄴ`, `+ㄹ`) is written under the syllable before it.
"""

from typing import NamedTuple

from course_utils.datasets.hangul import FINALS, parts, syllable

_FINAL = {"": 0, "ㄹ": FINALS.index("ㄹ") + 1, "ㅂ": FINALS.index("ㅂ") + 1}
_A, _O, _EU = 0, 8, 18  # the vowels ㅏ, ㅗ, ㅡ in Unicode's order
_SAME, _MERGED = (0, 1, 4, 5, 6), {8: 9, 13: 14, 20: 6}  # ㅏㅐㅓㅔㅕ swallow 아/어; ㅗ→ㅘ, ㅜ→ㅝ, ㅣ→ㅕ
_PARTICLES = {"topic": "은는", "subject": "이가", "object": "을를", "with": "과와"}


class Stem(NamedTuple):
    """A verb or adjective stem and its irregular class: ㅂ, ㄷ, 르, ㅎ or none."""

    text: str
    irregular: str = ""


def final(word: str) -> int:
    """Return the final consonant of the last syllable in Unicode's order, 0 for none."""
    return parts(word[-1])[2]


def particle(word: str, role: str) -> str:
    """Return the particle that fits after `word`: topic 은/는, subject 이/가, object 을/를, with 과/와, by 으로/로."""
    if role == "by":
        return "+로" if final(word) in (0, _FINAL["ㄹ"]) else "+으로"
    closed, opened = _PARTICLES[role]
    return "+" + (closed if final(word) else opened)


def _without_final(text: str) -> str:
    initial, vowel, _ = parts(text[-1])
    return text[:-1] + syllable(initial, vowel)


def infinitive(stem: Stem) -> tuple[str, str]:
    """Return the stem before 아/어 endings, and 아 or 어 where it does not melt into the stem."""
    text = stem.text
    initial, vowel, last = parts(text[-1])
    if text[-1] == "하":
        return text[:-1] + "해", ""
    if stem.irregular == "르":  # 자르 → 잘라
        first, before, _ = parts(text[-2])
        return text[:-2] + syllable(first, before, _FINAL["ㄹ"]) + ("라" if before in (_A, _O) else "러"), ""
    if stem.irregular == "ㅂ":  # 덥 → 더워, 돕 → 도와
        return _without_final(text) + ("와" if text == "돕" else "워"), ""
    if stem.irregular == "ㅎ":  # 빨갛 → 빨개, 하얗 → 하얘
        return text[:-1] + syllable(initial, {0: 1, 4: 1, 2: 3}[vowel]), ""
    suffix = "아" if vowel in (_A, _O) else "어"
    if stem.irregular == "ㄷ":  # 듣 → 들어
        return text[:-1] + syllable(initial, vowel, _FINAL["ㄹ"]), suffix
    if last:
        return text, suffix
    if vowel in _SAME:
        return text, ""
    if vowel == _EU:  # 쓰 → 써, 바쁘 → 바빠
        dark = len(text) < 2 or parts(text[-2])[1] not in (_A, _O)
        return text[:-1] + syllable(initial, 4 if dark else 0), ""
    if vowel in _MERGED:
        return text[:-1] + syllable(initial, _MERGED[vowel]), ""
    return text, suffix  # 쉬 → 쉬어


def soft(stem: Stem, ending: str) -> tuple[str, str]:
    """Return the stem and the ending token for an ending that wants 으 after a consonant: ㄴ, ㄹ or 면."""
    text = stem.text
    if stem.irregular == "ㅂ":
        text = _without_final(text) + "우"
    elif stem.irregular == "ㄷ":
        initial, vowel, _ = parts(text[-1])
        full = {"ㄴ": "은", "ㄹ": "을", "면": "으면"}[ending]
        return text[:-1] + syllable(initial, vowel, _FINAL["ㄹ"]), "+" + full
    elif stem.irregular == "ㅎ" or (final(text) == _FINAL["ㄹ"] and ending != "면"):
        text = _without_final(text)
    if final(text) in (0, _FINAL["ㄹ"]):
        return text, "+" + ending
    return text, "+" + {"ㄴ": "은", "ㄹ": "을", "면": "으면"}[ending]


def before_n(stem: Stem) -> str:
    """Return the stem before 는: a final ㄹ falls (살 → 사는)."""
    return _without_final(stem.text) if final(stem.text) == _FINAL["ㄹ"] else stem.text
