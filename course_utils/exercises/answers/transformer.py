"""Worked solutions of lesson 5's exercises, and the mistakes that the checks know."""

import math

import torch

from course_utils.datasets.special_tokens import PAD

MISTAKES = {}


def halved_sinusoids(embedded, first):
    """The same hands as in the lesson, only their order differs: all sines, then all cosines.

    A hand's sine and cosine share one angle, so the angles are computed once, `(T, E/2)`, and joined after sin and
    cos. Positions count along the steps, axis 0, so the clock gets an axis of size 1 for the batch. The order of the
    entries does not matter to a model that learns what to do with them, but a model trained with one order cannot
    read the other.
    """
    T, _, E = embedded.shape
    positions = torch.arange(first, first + T, device=embedded.device, dtype=embedded.dtype)
    hands = torch.arange(E // 2, device=embedded.device, dtype=embedded.dtype)
    angles = positions.unsqueeze(-1) / 10000 ** (2 * hands / E)  # (T, E/2)
    return embedded + torch.cat([angles.sin(), angles.cos()], dim=-1).unsqueeze(1)


def _clock(
    exponent=lambda hands, E: 2 * hands / E, cosine=lambda hands, E: 2 * hands / E,
    join=lambda sin, cos: torch.cat([sin, cos], dim=-1), add=lambda x, clock: x + clock, axis=0,
    begin=lambda first: first,
):  # fmt: skip
    """Return positions whose exponents, order, axis, beginning or sum differ."""

    def positions(embedded, first):
        E, size = embedded.shape[-1], embedded.shape[axis]
        like = {"device": embedded.device, "dtype": embedded.dtype}
        steps, hands = torch.arange(size, **like).unsqueeze(-1) + begin(first), torch.arange(E // 2, **like)
        sin, cos = (steps / 10000 ** exponent(hands, E)).sin(), (steps / 10000 ** cosine(hands, E)).cos()
        return add(embedded, join(sin, cos).unsqueeze(1 - axis))

    return positions


MISTAKES["halved_sinusoids"] = {
    "pairs": _clock(join=lambda sin, cos: torch.stack([sin, cos], dim=-1).flatten(-2)),
    "cosine_first": _clock(join=lambda sin, cos: torch.cat([cos, sin], dim=-1)),
    "cosine_of_its_own": _clock(cosine=lambda hands, E: (2 * hands + 1) / E),
    "half_the_exponent": _clock(lambda hands, E: hands / E, lambda hands, E: hands / E),
    "along_the_batch": _clock(axis=1),
    "first_left_out": _clock(begin=lambda first: 0),
    "not_added": _clock(add=lambda x, clock: clock.expand_as(x) + 0 * x),
    "scaled": _clock(add=lambda x, clock: x * math.sqrt(x.shape[-1]) + clock),
}


def sliding_mask(x, past, window):
    """Queries and keys are counted on one line: new step t is at position `past + t`, not at t.

    So the queries are the last part of the same row of positions. A key is seen where it is not later than the query
    and fewer than `window` steps before it: with a window of 1 a word sees only itself. Padding is hidden as a key, and
    it may be in front, as in a batch of prompts that end together.
    """
    positions = torch.arange(len(x), device=x.device)
    query = positions[past:].unsqueeze(1)  # (T, 1)
    near = (positions <= query) & (positions > query - window)  # (T, past + T)
    return near & (x != 0).T.unsqueeze(1)  # 0 is padding


def _sliding(near=lambda q, k, window: (k <= q) & (k > q - window), begin=lambda past: past, hide=True):
    """Return a mask whose condition on positions, beginning or padding differs."""

    def mask(x, past, window):
        keys = torch.arange(len(x), device=x.device)
        queries = torch.arange(len(x) - past, device=x.device).unsqueeze(1) + begin(past)
        words = (x != PAD).T.unsqueeze(1)
        return near(queries, keys, window) & (words if hide else torch.ones_like(words))

    return mask


MISTAKES["sliding_mask"] = {
    "turned": lambda *args: ~sliding_mask(*args),
    "from_the_corner": _sliding(begin=lambda past: 0),
    "one_too_many": _sliding(lambda q, k, window: (k <= q) & (k >= q - window)),
    "no_window": _sliding(lambda q, k, window: k <= q),
    "future_shown": _sliding(lambda q, k, window: k > q - window),
    "not_itself": _sliding(lambda q, k, window: (k < q) & (k > q - window)),
    "padding_shown": _sliding(hide=False),
    "cache_left_out": lambda x, past, window: sliding_mask(x, past, window)[..., past:].clone(),
}


def grouped_heads(query, key, value, mask, num_heads):
    """Several heads of queries share one head of keys and values, so a cache keeps fewer of them.

    Width is split first and the head's axis moved to the front afterwards, as in the lesson: `(N, B, T, D)` for the
    queries, `(G, B, S, D)` for keys and values. Then each head of keys is repeated for the `N / G` neighbouring heads
    of queries that it serves. With as many heads of keys as of queries this is multi-head attention, with a single one
    it is multi-query attention.
    """
    query = query.unflatten(-1, (num_heads, -1)).transpose(0, 2)  # (N, B, T, D)
    width = query.shape[-1]
    key, value = (
        part.unflatten(-1, (-1, width)).transpose(0, 2).repeat_interleave(num_heads * width // part.shape[-1], dim=0)
        for part in (key, value)
    )  # (N, B, S, D)
    scores = query @ key.mT / math.sqrt(width)
    weights = scores.masked_fill(~mask, -math.inf).softmax(dim=-1)  # (N, B, T, S)
    return (weights @ value).transpose(0, 2).flatten(2), weights.transpose(0, 2)


def _split(x, heads):
    return x.unflatten(-1, (heads, -1)).transpose(0, 2)


def _merge(context):
    return context.transpose(0, 2).flatten(2)


def _viewed(x, heads):
    return x.reshape(heads, x.shape[1], len(x), -1)


def _grouped(
    split=_split, merge=_merge, repeat=lambda x, times: x.repeat_interleave(times, 0), divisor=lambda D, N: D**0.5,
    weigh=lambda scores, mask: scores.masked_fill(~mask, -math.inf).softmax(-1), values=lambda key, value: value,
):  # fmt: skip
    """Return grouped heads that split, merge, repeat, scale or weigh otherwise."""

    def attend(query, key, value, mask, num_heads):
        width = query.shape[-1] // num_heads
        q = split(query, num_heads)
        k, v = (repeat(split(x, x.shape[-1] // width), num_heads * width // x.shape[-1]) for x in (key, value))
        weights = weigh(q @ k.mT / divisor(width, num_heads), mask)
        return merge(weights @ values(k, v)), weights.transpose(0, 2)

    return attend


MISTAKES["grouped_heads"] = {
    "split_by_view": _grouped(split=_viewed),
    "merged_by_view": _grouped(merge=lambda context: context.reshape(context.shape[2], context.shape[1], -1)),
    "heads_dealt": _grouped(repeat=lambda x, times: x.repeat(times, 1, 1, 1)),
    "keys_as_values": _grouped(values=lambda key, value: key),
    "divided_by_whole_width": _grouped(divisor=lambda D, N: (D * N) ** 0.5),
    "not_scaled": _grouped(divisor=lambda D, N: 1.0),
    "softmax_over_queries": _grouped(weigh=lambda scores, mask: scores.masked_fill(~mask, -math.inf).softmax(-2)),
    "masked_with_0": _grouped(weigh=lambda scores, mask: scores.masked_fill(~mask, 0.0).softmax(-1)),
}


def _rms(x, gain, axis=-1):
    return x / (x.square().mean(axis, keepdim=True) + 1e-6).sqrt() * gain


def sandwich_layer(x, sublayers, before, after):
    """The stream runs through untouched; what is read from it and what is added to it are normalised.

    A sublayer reads the normalised stream, and its answer is normalised again before it is added. The sum itself never
    is: whatever the first layer wrote is still there, unscaled, at the end. The root mean square does without a mean
    to subtract. The small number inside the root keeps a word of zeros from becoming a division by zero.
    """

    def norm(x, gain):
        return x / (x.square().mean(dim=-1, keepdim=True) + 1e-6).sqrt() * gain

    for sublayer, gain_in, gain_out in zip(sublayers, before, after, strict=True):
        x = x + norm(sublayer(norm(x, gain_in)), gain_out)
    return x


def _layer(step):
    """Return a layer whose every sublayer does `step(x, sublayer, gain before, gain after)`."""

    def layer(x, sublayers, before, after):
        for parts in zip(sublayers, before, after, strict=True):
            x = step(x, *parts)
        return x

    return layer


def _centred(x, gain):
    return _rms(x - x.mean(-1, keepdim=True), gain)


def _all_read_the_first(x, sublayers, before, after):
    rows = zip(sublayers, before, after, strict=True)
    return x + sum(_rms(sublayer(_rms(x, gain_in)), gain_out) for sublayer, gain_in, gain_out in rows)


MISTAKES["sandwich_layer"] = {
    "norm_of_the_sum": _layer(lambda x, f, a, b: _rms(x + f(_rms(x, a)), b)),
    "only_before": _layer(lambda x, f, a, b: x + f(_rms(x, a))),
    "no_residual": _layer(lambda x, f, a, b: _rms(f(_rms(x, a)), b)),
    "normed_residual": _layer(lambda x, f, a, b: _rms(x, a) + _rms(f(_rms(x, a)), b)),
    "mean_subtracted": _layer(lambda x, f, a, b: x + _centred(f(_centred(x, a)), b)),
    "gains_exchanged": _layer(lambda x, f, a, b: x + _rms(f(_rms(x, b)), a)),
    "over_the_steps": _layer(lambda x, f, a, b: x + _rms(f(_rms(x, a, 0)), b, 0)),
    "all_read_the_first": _all_read_the_first,
}
