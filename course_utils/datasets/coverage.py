"""What a text is made of: its lengths, its words, and how many of them the training text has shown."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from course_utils.datasets.corpus import Translations

SIDES = ("source", "target")


def text_sizes(data: Translations) -> list[dict]:
    """Return one row per split and side of a text, counted in tokens.

    Returns:
        Rows with `split`, `side`, `language`, `sentences`, `tokens`, `median` and `longest` (tokens per sentence),
        `types` (different tokens), `once` (types seen once in this split), and `unknown`, the share of its tokens,
        0 to 1, that the vocabulary lacks.
    """
    rows = []
    for split in ("train", "valid", "test", "long"):
        pairs = getattr(data, split)
        for side, language, words in zip(
            SIDES, (data.source_language, data.target_language), (data.source_words, data.target_words), strict=True
        ):
            if not pairs:
                continue
            sentences = [getattr(pair, side) for pair in pairs]
            counts = Counter(token for sentence in sentences for token in sentence)
            lengths = list(map(len, sentences))
            unknown = sum(count for token, count in counts.items() if token not in words)
            row = {"split": split, "side": side, "language": language, "sentences": len(pairs), "tokens": sum(lengths)}
            row |= {"median": float(np.median(lengths)), "longest": max(lengths), "types": len(counts)}
            rows.append(row | {"once": list(counts.values()).count(1), "unknown": unknown / sum(lengths)})
    return rows


def vocabulary_growth(sentences: Sequence[Sequence[str]], points: int = 50) -> tuple[np.ndarray, np.ndarray]:
    """Return how many different tokens a text has shown after so many tokens (Heaps 1978, section 7.5).

    Args:
        sentences: token lists in the text's order, at least one token.
        points: where it is measured, evenly spaced; the last is the end.

    Returns:
        Tokens read and types seen, both `(points,)` int64, or fewer where the text has fewer tokens.
    """
    tokens = [token for sentence in sentences for token in sentence]
    first = {token: at for at, token in reversed(list(enumerate(tokens)))}
    is_new = np.zeros(len(tokens), dtype=np.int64)
    is_new[list(first.values())] = 1
    read = np.unique(np.linspace(1, len(tokens), points).round().astype(np.int64))
    return read, is_new.cumsum()[read - 1]
