"""IBM Model 1: the classical word aligner, a baseline for attention (Brown et al. 1993, section 4.2)."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

NULL = ""


class IBM1(NamedTuple):
    """A trained model: how probable each target word is, given the source word that made it.

    Only pairs of words that share a sentence have an entry; all others have probability 0.

    Attributes:
        sources, targets: word → its number; source 0 is the empty word, for target words that no source word made.
        cells: `(N,)` int64, increasing: source number × number of targets + target number.
        probabilities: `(N,)` float64, one per cell.
        log_likelihood: of the text, in nats, before each round of training, without the lengths' constant.
    """

    sources: dict[str, int]
    targets: dict[str, int]
    cells: np.ndarray
    probabilities: np.ndarray
    log_likelihood: list[float]

    def translation_table(self, source: Sequence[str], target: Sequence[str]) -> np.ndarray:
        """Return the probability of each target word given each source word, `(S, T)`; 0 for words never seen."""
        rows = np.array([self.sources.get(word, -1) for word in source])[:, None]
        columns = np.array([self.targets.get(word, -1) for word in target])[None]
        wanted = rows * len(self.targets) + columns
        place = np.minimum(np.searchsorted(self.cells, wanted), len(self.cells) - 1)
        known = (rows >= 0) & (columns >= 0) & (self.cells[place] == wanted)
        return np.where(known, self.probabilities[place], 0.0)

    def align(self, source: Sequence[str], target: Sequence[str]) -> set[tuple[int, int]]:
        """Return the likeliest link (source, target) of each target word; none where the empty word wins."""
        best = self.translation_table([NULL, *source], target).argmax(axis=0)
        return {(int(s) - 1, t) for t, s in enumerate(best) if s > 0}


def fit_ibm1(sources: Sequence[Sequence[str]], targets: Sequence[Sequence[str]], rounds: int = 10) -> IBM1:
    """Train Model 1 by expectation and maximisation (Brown et al. 1993, eq. 14 and 17).

    Args:
        sources, targets: sentences as lists of words, in the same order.
        rounds: rounds of EM, from a uniform start.

    Raises:
        ValueError: lists that are empty or differ in length, or rounds below 1.
    """
    if len(sources) != len(targets) or not sources or rounds < 1:
        raise ValueError(f"expected pairs and rounds, not {len(sources)} sources, {len(targets)} targets, {rounds}")
    rows = {word: i for i, word in enumerate(dict.fromkeys([NULL, *(w for s in sources for w in s)]))}
    columns = {word: i for i, word in enumerate(dict.fromkeys(w for t in targets for w in t))}
    # In blocks of sentences, so that memory stays flat: the cell of every word pair, target word by target word, and
    # how many source words each target word may come from.
    blocks = [
        _block(sources[at : at + 1000], targets[at : at + 1000], rows, columns) for at in range(0, len(sources), 1000)
    ]
    cells = np.unique(np.concatenate([np.unique(block) for block, _ in blocks]))
    blocks = [(np.searchsorted(cells, block).astype(np.int32), widths) for block, widths in blocks]
    owner = cells // len(columns)  # the source word of each cell
    probabilities, log_likelihood = np.full(len(cells), 1 / len(columns)), []
    for _ in range(rounds):
        counts, likelihood = np.zeros(len(cells)), 0.0
        for place, widths in blocks:
            explained = probabilities[place]
            total = np.add.reduceat(explained, np.cumsum(widths) - widths)
            likelihood += float(np.log(total).sum())
            counts += np.bincount(place, weights=explained / np.repeat(total, widths), minlength=len(cells))
        log_likelihood.append(likelihood)
        probabilities = counts / np.maximum(np.bincount(owner, weights=counts)[owner], np.finfo(float).tiny)
    return IBM1(rows, columns, cells, probabilities, log_likelihood)


def _block(sources, targets, rows, columns) -> tuple[np.ndarray, np.ndarray]:
    """Return the cells of all word pairs of some sentences, and one number of source words per target word."""
    parts, widths, kind = [], [], np.int32 if len(rows) * len(columns) < 2**31 else np.int64
    for source, target in zip(sources, targets, strict=True):
        makers = np.array([rows[word] for word in (NULL, *source)], dtype=kind)
        parts.append(
            (np.array([columns[word] for word in target], dtype=kind)[:, None] + makers * len(columns)).ravel()
        )
        widths += [len(makers)] * len(target)
    return np.concatenate(parts), np.array(widths, dtype=np.int32)
