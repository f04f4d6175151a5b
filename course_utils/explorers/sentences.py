"""Sentences with known translations, for explorers: which are offered, and how the browser gets them."""

from collections.abc import Sequence

from course_utils.datasets.text import Pair
from course_utils.measure.translation import Translator


def offered_sentences(translator: Translator, pairs: Sequence[Pair], count: int) -> list[str]:
    """Return the first sentences, one that is translated as in the corpus in front, if there is one."""
    pairs = [pair for pair in pairs[:count] if pair.source]
    written = translator([pair.source for pair in pairs]) if pairs else []
    good = [list(pair.target) == words for pair, words in zip(pairs, written, strict=True)]
    order = sorted(range(len(pairs)), key=lambda at: at != (good.index(True) if True in good else 0))
    return [translator.source_text(pairs[at].source) for at in order]


def sent(pair: Pair) -> list[str]:
    """Return a pair as the browser gets it: two texts of tokens, and the gold links as source-target positions."""
    return [" ".join(pair.source), " ".join(pair.target), " ".join(f"{s}-{t}" for s, t in pair.alignment)]
