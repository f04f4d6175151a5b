"""Worked solutions of lesson 4."""

import math

import torch

from course_utils.datasets.special_tokens import PAD


def causal_mask(x):
    """Two conditions on the word that is looked *at*: it is not later than the one that looks, and it is no padding.

    Compared with itself as a column, a row of positions gives all pairs at once: `steps <= steps.unsqueeze(1)` is
    True at `[t, s]` where `s ≤ t`. The padding condition varies with the sentence and with `s` only, so it gets
    an axis of size 1 for `t`. A word may look at itself: without that, row 0 would have nothing to look at, and its
    softmax nothing to share out.
    """
    steps = torch.arange(len(x), device=x.device)
    not_later = steps <= steps.unsqueeze(1)  # (T, T), at [t, s]
    word = (x != PAD).T.unsqueeze(1)  # (B, 1, T), at [b, -, s]
    return not_later & word


def concat_scores(query, key, W, v):
    """Every query meets every key, is joined to it, and a small network says how well they fit.

    The pairs need an axis each: queries become `(..., T, 1, D)` and keys `(..., 1, S, K)`, both are stretched to
    `T × S`, and then joined along the last axis. Nothing is multiplied entry by entry, so the widths need not be equal.
    The joined matrix splits into `W = [W_q W_k]`, and `W [q; k] = W_q q + W_k k`: Luong's "concat" score is Bahdanau's
    additive score, written otherwise.
    """
    T, S = query.shape[-2], key.shape[-2]
    queries = query.unsqueeze(-2).expand(*query.shape[:-1], S, query.shape[-1])  # (..., T, S, D)
    keys = key.unsqueeze(-3).expand(*key.shape[:-2], T, *key.shape[-2:])  # (..., T, S, K)
    pairs = torch.cat([queries, keys], dim=-1)
    return torch.tanh(pairs @ W.T) @ v


def alignment_error(weights, sure, possible, level):
    """Turn weights into links, then count over the whole text, not sentence by sentence.

    A weight of at least `level` makes a link, so a target word may have several, or none. Rows are target words and
    a link is written (source, target), so the two change places. A sure link is a possible one too, so
    hitting it counts twice above the line. A link that is only possible counts once above and once below: it is never
    an error. The counts are added up
    first and divided once; a mean of the sentences' rates would be another number.
    """
    right = size = 0
    for one, s, p in zip(weights, sure, possible, strict=True):
        links = {(j, t) for t, row in enumerate(one) for j, weight in enumerate(row) if weight >= level}
        s = set(s)
        right += len(links & s) + len(links & (s | set(p)))
        size += len(links) + len(s)
    return 1 - right / size


def two_heads(query, key, value, mask):
    """Each head looks at its own half of the width and makes up its own mind.

    The width is split first, `(..., 2, D/2)`, and then the head's axis is moved before the steps; a `view` to
    `(B, 2, T, D/2)` in one go would deal out steps in place of widths. A head's dot products have `D/2` terms, so they
    are divided by √(D/2). Both heads share the mask, which gets an axis of size 1 for them. At the end the halves
    lie side by side again.
    """

    def split(x):
        return x.unflatten(-1, (2, -1)).transpose(1, 2)  # (B, 2, steps, D/2)

    q, k, v = split(query), split(key), split(value)
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    weights = scores.masked_fill(~mask.unsqueeze(1), -math.inf).softmax(dim=-1)  # (B, 2, T, S)
    return (weights @ v).transpose(1, 2).flatten(-2), weights
