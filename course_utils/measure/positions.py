"""What a vector for each position says: how alike two positions are, and which hands of the clock make them so."""

from typing import NamedTuple

import numpy as np


class PositionsReading(NamedTuple):
    """How two positions compare.

    `vectors (T, E)`; `likeness (T, T)` of every pair of positions, and `added (E / 2,)`, what each hand of the clock
    adds to that of the two; `hands (2, E / 2, 2)`, the sine and the cosine of each hand at both, as shares of the
    longest hand of all.
    """

    vectors: np.ndarray
    likeness: np.ndarray
    added: np.ndarray
    hands: np.ndarray

    @property
    def agreement(self) -> np.ndarray:
        """Cosine of the angle between the two positions' hands, `(E / 2,)`; 0 where a hand has no length."""
        lengths = np.prod(np.linalg.norm(self.hands, axis=-1), axis=0)
        return (self.hands[0] * self.hands[1]).sum(axis=-1) / np.where(lengths == 0, 1, lengths)


def read_positions(vectors, places: tuple[int, int], measure: str = "dot") -> PositionsReading:
    """Return how two positions compare.

    Args:
        vectors: one for each position, `(T, E)`, E even: sine and cosine of each hand alternate.
        places: the two positions, from 0.
        measure: `"dot"`, the dot product, or `"cosine"`, which divides by both lengths; 0 for a vector of zeros.

    Raises:
        ValueError: vectors of odd width, a position that is not there, or no such measure.
    """
    vectors = np.asarray(vectors, dtype=float)
    if vectors.ndim != 2 or vectors.shape[1] % 2 or measure not in ("dot", "cosine"):
        raise ValueError(f"expected vectors (T, E), E even, and 'dot' or 'cosine', not {vectors.shape} and {measure!r}")
    if not all(0 <= place < len(vectors) for place in places):
        raise ValueError(f"expected positions from 0 to {len(vectors) - 1}, not {places}")
    hands = vectors.reshape(len(vectors), -1, 2)
    compared = vectors
    if measure == "cosine":
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        compared = vectors / np.where(lengths == 0, 1, lengths)
    p, q = compared.reshape(hands.shape)[[*places]]
    longest = np.linalg.norm(hands, axis=-1).max() or 1.0
    return PositionsReading(vectors, compared @ compared.T, (p * q).sum(axis=-1), hands[[*places]] / longest)
