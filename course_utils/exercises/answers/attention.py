"""Worked solutions of lesson 4's exercises, and the mistakes that the checks know."""

import math

import numpy as np
import torch

from course_utils.datasets.special_tokens import PAD

MISTAKES = {}


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


def _word(x):
    return (x != PAD).T.unsqueeze(1)  # (B, 1, T)


def _positions(allowed):
    """Return a mask `(B, T, T)` from a condition on the positions alone."""

    def mask(x):
        steps = torch.arange(len(x), device=x.device)
        return allowed(steps.unsqueeze(1), steps).expand(x.shape[1], -1, -1).clone()

    return mask


_no_padding = _positions(lambda t, s: s <= t)

MISTAKES["causal_mask"] = {
    "turned": lambda x: ~causal_mask(x),
    "past_hidden": lambda x: _positions(lambda t, s: s >= t)(x) & _word(x),
    "not_itself": lambda x: _positions(lambda t, s: s < t)(x) & _word(x),
    "future_shown": lambda x: _word(x).expand(-1, len(x), -1).clone(),
    "padding_shown": _no_padding,
    "padding_as_query": lambda x: _no_padding(x) & _word(x).mT,
    "axes_exchanged": lambda x: causal_mask(x).mT,
    "either_condition": lambda x: _no_padding(x) | _word(x),
}


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


def _scores(activation=torch.tanh, weigh=lambda hidden, v: hidden @ v):
    """Return joined scores with another activation, or weighed otherwise."""

    def score(query, key, W, v):
        W_q, W_k = W.split([query.shape[-1], key.shape[-1]], dim=1)
        return weigh(activation((query @ W_q.T).unsqueeze(-2) + (key @ W_k.T).unsqueeze(-3)), v)

    return score


def _key_first(query, key, W, v):
    W_k, W_q = W.split([key.shape[-1], query.shape[-1]], dim=1)
    return concat_scores(query, key, torch.cat([W_q, W_k], dim=1), v)


MISTAKES["concat_scores"] = {
    "no_tanh": _scores(lambda joined: joined),
    "key_first": _key_first,
    "axes_exchanged": lambda *args: concat_scores(*args).mT,
    "no_v": _scores(weigh=lambda hidden, v: hidden.sum(-1)),
    "mean": _scores(weigh=lambda hidden, v: (hidden * v).mean(-1)),
    "softmax": lambda *args: concat_scores(*args).softmax(-1),
    "divided_by_width": lambda query, *rest: concat_scores(query, *rest) / math.sqrt(query.shape[-1]),
    "late_tanh": _scores(lambda joined: joined, lambda hidden, v: torch.tanh(hidden @ v)),
}


def alignment_error(weights, sure, possible, level):
    """Turn weights into links, then count over the whole text, not sentence by sentence.

    A weight of at least `level` makes a link, so a target word may have several, or none. Rows are target words and
    a link is written (source, target), so the two change places. A sure link is a possible one too, so hitting it
    counts twice above the line. A link that is only possible counts once above and once below: it is never an error.
    The counts are added up first and divided once; a mean of the sentences' rates would be another number.
    """
    right = size = 0
    for one, s, p in zip(weights, sure, possible, strict=True):
        links = {(j, t) for t, row in enumerate(one) for j, weight in enumerate(row) if weight >= level}
        s = set(s)
        right += len(links & s) + len(links & (s | set(p)))
        size += len(links) + len(s)
    return 1 - right / size


def _rate(
    formula=lambda a, s, p, a_s, a_p: 1 - (a_s + a_p) / (a + s), heavy=lambda rows, level: rows >= level,
    allowed=lambda s, p: s | p,
):  # fmt: skip
    """Return an error rate whose formula is given the sums |A|, |S|, |P|, |A∩S| and |A∩P| over all sentences."""

    def error(weights, sure, possible, level):
        counts = []
        for rows, s, p in zip(weights, map(set, sure), map(set, possible), strict=True):
            a, p = {(int(j), int(t)) for t, j in np.argwhere(heavy(rows, level))}, allowed(s, p)
            counts.append((len(a), len(s), len(p), len(a & s), len(a & p)))
        return float(formula(*map(sum, zip(*counts, strict=True))))

    return error


def _target_first(weights, sure, possible, level):
    turned = [[[(t, j) for j, t in links] for links in gold] for gold in (sure, possible)]
    return alignment_error(weights, *turned, level)


def _mean_of_rates(weights, sure, possible, level):
    rates = [alignment_error([w], [s], [p], level) for w, s, p in zip(weights, sure, possible, strict=True)]
    return sum(rates) / len(rates)


MISTAKES["alignment_error"] = {
    "target_first": _target_first,
    "heaviest_of_row": _rate(heavy=lambda rows, level: rows == rows.max(axis=1, keepdims=True)),
    "above_level": _rate(heavy=lambda rows, level: rows > level),
    "mean_of_rates": _mean_of_rates,
    "share_right": lambda *args: 1 - alignment_error(*args),
    "no_possible": _rate(lambda a, s, p, a_s, a_p: 1 - 2 * a_s / (a + s)),
    "sure_not_possible": _rate(allowed=lambda s, p: p),
    "possible_in_denominator": _rate(lambda a, s, p, a_s, a_p: 1 - (a_s + a_p) / (a + p)),
}


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


def _halves(x):
    return x.unflatten(-1, (2, -1)).transpose(1, 2)  # (B, 2, steps, D/2)


def _heads(
    split=_halves, join=lambda context: context.transpose(1, 2).flatten(-2),
    weigh=lambda scores, mask: scores.masked_fill(~mask, -math.inf).softmax(-1),
):  # fmt: skip
    """Return attention over two heads that splits the width, joins the contexts or weighs the scores otherwise."""

    def attend(query, key, value, mask):
        q, k, v = split(query), split(key), split(value)
        weights = weigh(q @ k.mT / math.sqrt(query.shape[-1] / 2), mask.unsqueeze(1))
        return join(weights @ v), weights

    return attend


def _divided(by):
    """Return the right heads whose scores are divided by `by(D)` in place of √(D/2)."""
    return lambda query, *rest: two_heads(query * (math.sqrt(query.shape[-1] / 2) / by(query.shape[-1])), *rest)


MISTAKES["two_heads"] = {
    "divided_by_root_D": _divided(math.sqrt),
    "not_scaled": _divided(lambda D: 1.0),
    "softmax_over_queries": _heads(weigh=lambda scores, mask: scores.masked_fill(~mask, -math.inf).softmax(-2)),
    "mask_turned": lambda query, key, value, mask: two_heads(query, key, value, ~mask),
    "masked_with_0": _heads(weigh=lambda scores, mask: scores.masked_fill(~mask, 0.0).softmax(-1)),
    "late_mask": _heads(weigh=lambda scores, mask: scores.softmax(-1).masked_fill(~mask, 0.0)),
    "every_other_entry": _heads(lambda x: x.unflatten(-1, (-1, 2)).movedim(3, 1), lambda c: c.movedim(1, 3).flatten(2)),
    "steps_dealt": _heads(lambda x: x.reshape(len(x), 2, x.shape[1], -1), lambda c: c.reshape(len(c), c.shape[2], -1)),
}
