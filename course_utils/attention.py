"""Attention as a pure function, and the score functions that it can be given."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

Score = Callable[[Tensor, Tensor], Tensor]


def dot(query, key):
    """Return `query · key` for every pair (Luong et al. 2015, eq. 8, "dot").

    Args:
        query: `(..., T, D)`, floating point.
        key: `(..., S, D)`, same dtype; the width `D` must be the query's.

    Returns:
        Scores `(..., T, S)`.

    Raises:
        ValueError: query and key differ in width.
    """
    if query.shape[-1] != key.shape[-1]:
        raise ValueError(
            f"a dot product needs query and key of one width, "
            f"not {query.shape[-1]} and {key.shape[-1]}: "
            "use General or Additive to compare different widths"
        )
    return query @ key.transpose(-2, -1)


def scaled_dot(query, key):
    """Return `query · key / √D` for every pair (Vaswani et al. 2017, eq. 1).

    Args:
        query: `(..., T, D)`, floating point.
        key: `(..., S, D)`, same dtype; the width `D` must be the query's.

    Returns:
        Scores `(..., T, S)`: for independent entries of variance 1 their variance is 1, whatever `D` is.

    Raises:
        ValueError: query and key differ in width.
    """
    return dot(query, key) / math.sqrt(query.shape[-1])


class General(nn.Module):
    """The bilinear score `queryᵀ W key`, for any two widths (Luong et al. 2015, eq. 8, "general").

    Args:
        query_size, key_size: widths of query and key.
    """

    def __init__(self, query_size, key_size):
        super().__init__()
        self.project = nn.Linear(key_size, query_size, bias=False)

    def forward(self, query, key):
        """Return scores `(..., T, S)` for `query (..., T, query_size)` and `key (..., S, key_size)`."""
        return dot(query, self.project(key))


class Additive(nn.Module):
    """The score `vᵀ tanh(W query + U key)`, for any two widths (Bahdanau et al. 2015, appendix A.1.2).

    Args:
        query_size, key_size: widths of query and key.
        hidden_size: width of the layer in which they are added.
    """

    def __init__(self, query_size, key_size, hidden_size):
        super().__init__()
        self.from_query = nn.Linear(query_size, hidden_size, bias=False)
        self.from_key = nn.Linear(key_size, hidden_size, bias=False)
        self.v = nn.Linear(hidden_size, 1, bias=False)

    def forward(self, query, key):
        """Return scores `(..., T, S)` for `query (..., T, query_size)` and `key (..., S, key_size)`."""
        query = self.from_query(query).unsqueeze(-2)  # (..., T, 1, hidden_size)
        key = self.from_key(key).unsqueeze(-3)  # (..., 1, S, hidden_size)
        return self.v(torch.tanh(query + key)).squeeze(-1)


def attention(query, key, value, mask=None, score=scaled_dot):
    """Return each query's weighted average of the values, and the weights (Vaswani et al. 2017, eq. 1).

    Args:
        query: what is looked for, `(..., T, D)`, floating point.
        key: what it is compared with, `(..., S, D)`.
        value: what is averaged, `(..., S, V)`; its width is free.
        mask: `(..., T, S)` bool, broadcastable, **True where attending is allowed**. Every row needs a True
            (a sentence has at least one word): not checked here, where it would make a GPU wait.
        score: `score(query, key)` → scores `(..., T, S)`.

    Returns:
        The context `(..., T, V)` and the weights `(..., T, S)`, which are ≥ 0, sum to 1 over `S`, and are
        exactly 0 where the mask is False.

    Raises:
        ValueError: widths that the score function cannot compare.
    """
    scores = score(query, key)
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    weights = scores.softmax(dim=-1)
    return weights @ value, weights


class Look(NamedTuple):
    """One query's look at S keys: `scores (S,)`, `weights (S,)` and the weighted `average (V,)` of the values."""

    scores: np.ndarray
    weights: np.ndarray
    average: np.ndarray


def look(query, keys, values, score: Score = scaled_dot, temperature: float = 1.0, attend=attention) -> Look:
    """Return where one query looks and what it gets, as NumPy arrays.

    Args:
        query: `(D,)` numbers.
        keys: `(S, D)` numbers.
        values: `(S, V)` numbers.
        score: `score(query, key)` → scores.
        temperature: what the scores are divided by before the softmax, positive: towards 0 the largest takes all,
            towards infinity all are equal.
        attend: a function like `attention`, such as a student's own.

    Raises:
        ValueError: a temperature that is not positive, or widths that the score cannot compare.
    """
    if not temperature > 0:
        raise ValueError(f"the temperature must be positive, not {temperature}")
    query, keys, values = (torch.as_tensor(part, dtype=torch.float32, device="cpu") for part in (query, keys, values))
    query = query.unsqueeze(0)
    with torch.no_grad():
        scores = score(query, keys) / temperature
        average, weights = attend(query, keys, values, score=lambda query, key: score(query, key) / temperature)
    return Look(*(part[0].double().numpy() for part in (scores, weights, average)))
