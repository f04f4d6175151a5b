"""IBM Model 1: the classical word aligner, a baseline for attention (Brown et al. 1993, section 4.2)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

NULL = ""


@dataclass(frozen=True)
class IBM1:
    """A trained model: `table[s, t]` is the probability of target word t, given that source word s made it.

    `sources` and `targets` map words to rows and columns; row 0 is the empty word, for target words that no
    source word made. `log_likelihood` holds that of the text, in nats, before each round of training: the
    lengths' constant left out, it never falls.
    """

    sources: dict[str, int]
    targets: dict[str, int]
    table: np.ndarray
    log_likelihood: list[float]

    def align(self, source: Sequence[str], target: Sequence[str]) -> set[tuple[int, int]]:
        """Return the likeliest link (source, target) of each target word; none where the empty word wins.

        Raises:
            ValueError: a word that was not in the training text.
        """
        if unknown := (set(source) - self.sources.keys()) | (set(target) - self.targets.keys()):
            raise ValueError(f"not in the training text: {', '.join(sorted(unknown))}")
        rows = [self.sources[word] for word in (NULL, *source)]
        best = self.table[np.ix_(rows, [self.targets[word] for word in target])].argmax(axis=0)
        return {(int(s) - 1, t) for t, s in enumerate(best) if s > 0}


def fit_ibm1(sources: Sequence[Sequence[str]], targets: Sequence[Sequence[str]], rounds: int = 10) -> IBM1:
    """Train Model 1 by expectation and maximisation (Brown et al. 1993, eq. 14 and 17).

    Args:
        sources, targets: sentences as lists of words, in the same order.
        rounds: rounds of EM. From a uniform start the model has one maximum, so there is no seed.

    Raises:
        ValueError: lists that are empty or differ in length, or rounds below 1.
    """
    if len(sources) != len(targets) or not sources or rounds < 1:
        raise ValueError(f"expected pairs and rounds, not {len(sources)} sources, {len(targets)} targets, {rounds}")
    rows = {word: i for i, word in enumerate(dict.fromkeys([NULL, *(w for s in sources for w in s)]))}
    columns = {word: i for i, word in enumerate(dict.fromkeys(w for t in targets for w in t))}
    shape = len(rows), len(columns)
    cell, token = (np.concatenate(parts) for parts in zip(*_entries(sources, targets, rows, columns), strict=True))
    table, log_likelihood = np.full(shape, 1 / len(columns)), []
    for _ in range(rounds):
        explained = table.ravel()[cell]
        total = np.bincount(token, weights=explained)
        log_likelihood.append(float(np.log(total).sum()))
        counts = np.bincount(cell, weights=explained / total[token], minlength=table.size).reshape(shape)
        table = counts / np.maximum(counts.sum(axis=1, keepdims=True), np.finfo(float).tiny)
    return IBM1(rows, columns, table, log_likelihood)


def _entries(sources, targets, rows, columns):
    """Yield for each sentence, a pair of its words an entry, the cell of the table and which target word of the text
    it explains: arrays, for the text has millions of pairs."""
    tokens = 0
    for source, target in zip(sources, targets, strict=True):
        makers = np.array([rows[word] for word in (NULL, *source)])
        made = np.array([columns[word] for word in target])
        yield (made[:, None] + makers * len(columns)).ravel(), np.repeat(np.arange(len(made)) + tokens, len(makers))
        tokens += len(made)
