"""Checks of lesson 4's exercises on masks, scores and heads."""

import math

import torch

from course_utils.datasets.special_tokens import PAD
from course_utils.exercises.checks.exercise import Case, Exercise
from course_utils.exercises.checks.inputs import META, draw
from course_utils.exercises.solutions import attention as solutions

# -- a causal mask ----------------------------------------------------------------------------------------------


def _mask_cases(device):
    def case(about, *rows):
        longest = max(map(len, rows))
        return Case(about, (torch.tensor([row + [PAD] * (longest - len(row)) for row in rows], device=device).T,))

    return [
        case("2 sentences of 4 and 2 tokens", [5, 6, 7, 8], [9, 4]),
        case("4 sentences of 1 to 4 tokens", [4], [5, 6], [7, 8, 9], [4, 5, 6, 7]),
        case("one sentence of 3 tokens", [4, 9, 5]),
        Case(f"2 sentences of up to 3 tokens on {META}", (torch.ones(3, 2, dtype=torch.int64, device="meta"),), False),
    ]


def _mask(causal=lambda t, s: s <= t, word=True):
    """Return a mask from a condition on the positions, with or without the condition on the padding."""

    def mask(x):
        steps = torch.arange(len(x), device=x.device)
        allowed = causal(steps.unsqueeze(1), steps) & torch.ones(
            len(steps), len(steps), dtype=torch.bool, device=x.device
        )
        real = (x != PAD).T.unsqueeze(1)
        return allowed & (real if word else torch.ones_like(real))

    return mask


causal_mask = Exercise(
    "causal_mask", 4, solutions.causal_mask, _mask_cases,
    ("mask (sentence, t, s)",),
    {
        "the mask is turned round: it is True where attending is allowed": lambda x: ~solutions.causal_mask(x),
        "the past is hidden and the future shown: `[t, s]` is allowed where `s ≤ t`": _mask(lambda t, s: s >= t),
        "a word may not look at itself: it may, or the first would have nothing to look at": _mask(lambda t, s: s < t),
        "a word may look one step into the future": _mask(lambda t, s: s <= t + 1),
        "only the padding is hidden: the future is to be hidden as well": _mask(lambda t, s: s >= 0),
        "the padding is not hidden": _mask(word=False),
        "the padding is hidden as the one that looks, so its row has nothing to look at: hide it as what is looked at":
            lambda x: _mask(word=False)(x) & (x != PAD).T.unsqueeze(2),
        "`t` and `s` are exchanged: `t`, the word that looks, comes first": lambda x: solutions.causal_mask(x).mT,
        "the sentence is not the first axis": lambda x: solutions.causal_mask(x).transpose(0, 1),
        "only the word itself and the one before are allowed: all earlier ones are":
            _mask(lambda t, s: (s <= t) & (s >= t - 1)),
        "a word or an earlier one is enough for this mask: both conditions must hold":
            lambda x: _mask(word=False)(x) | (x != PAD).T.unsqueeze(1),
    },
)  # fmt: skip

# -- additive scores, joined ------------------------------------------------------------------------------------


def _score_cases(device):
    def case(about, batch, T, S, D, K, H, seed, dtype=torch.float64):
        shapes = [(*batch, T, D), (*batch, S, K), (H, D + K), (H,)]
        return Case(
            about, tuple(draw(*shape, seed=seed + at, device=device, dtype=dtype) for at, shape in enumerate(shapes))
        )

    return [
        case("4 queries of width 3 and 4 keys of width 3, no batch", (), 4, 4, 3, 3, 3, 10),
        case("a batch of 2, 3 queries of width 4 and 5 keys of width 2", (2,), 3, 5, 4, 2, 6, 0),
        case("a batch of 2 by 2, one query of width 2 and 3 keys of width 5", (2, 2), 1, 3, 2, 5, 4, 20),
        case(
            "a batch of 3, 3 queries of width 3 and 3 keys of width 2, float32", (3,), 3, 3, 3, 2, 4, 30, torch.float32
        ),
    ]


def _scores(activation=torch.tanh, weigh=lambda hidden, v: hidden @ v, parts=(1, 1), order=1):
    """Return joined scores with one thing done otherwise."""

    def score(query, key, W, v):
        D, K = query.shape[-1], key.shape[-1]
        W_q, W_k = (W[:, :D], W[:, D:]) if order == 1 else (W[:, K:], W[:, :K])
        joined = parts[0] * (query @ W_q.T).unsqueeze(-2) + parts[1] * (key @ W_k.T).unsqueeze(-3)
        return weigh(activation(joined), v)

    return score


concat_scores = Exercise(
    "concat_scores", 4, solutions.concat_scores, _score_cases,
    ("scores (..., query, key)",),
    {
        "the tanh is left out": _scores(activation=lambda joined: joined),
        "a sigmoid stands in place of the tanh": _scores(activation=torch.sigmoid),
        "a ReLU stands in place of the tanh": _scores(activation=torch.relu),
        "the key stands before the query: `W` wants the query first": _scores(order=-1),
        "the scores have queries and keys exchanged: queries are rows":
            lambda *args: solutions.concat_scores(*args).mT,
        "`v` is left out and the entries are added up": _scores(weigh=lambda hidden, v: hidden.sum(-1)),
        "the mean over the entries is taken: `v` weighs their sum":
            _scores(weigh=lambda hidden, v: (hidden * v).mean(-1)),
        "the scores are weights already: the softmax comes later":
            lambda *args: solutions.concat_scores(*args).softmax(-1),
        "the scores are divided by the root of the width: that is for dot products":
            lambda q, k, W, v: solutions.concat_scores(q, k, W, v) / math.sqrt(q.shape[-1]),
        "the scores are divided by the root of the hidden width: that is for dot products":
            lambda q, k, W, v: solutions.concat_scores(q, k, W, v) / math.sqrt(len(v)),
        "the tanh comes after `v`: it stands between `W` and `v`":
            _scores(activation=lambda joined: joined, weigh=lambda hidden, v: torch.tanh(hidden @ v)),
        "the query is not used": _scores(parts=(0, 1)),
        "the key is not used": _scores(parts=(1, 0)),
        "query and key are subtracted": _scores(parts=(1, -1)),
    },
    gradient=True,
)  # fmt: skip

# -- two heads --------------------------------------------------------------------------------------------------


def _head_cases(device):
    def case(about, B, T, S, D, seed, masked=True, dtype=torch.float64):
        drawn = [
            draw(B, size, D, seed=seed + at, scale=1.0, device=device, dtype=dtype) for at, size in enumerate((T, S, S))
        ]
        mask = draw(B, T, S, seed=seed + 3, device=device) > -0.3 if masked else torch.ones(B, T, S, device=device) > 0
        mask[..., 0] = True  # no row without anything to attend to
        return Case(about, (*drawn, mask))

    return [
        case("a batch of 2, 4 queries, 4 keys and width 8, nothing masked", 2, 4, 4, 8, 110, masked=False),
        case("a batch of 3, 3 queries, 5 keys and width 4, some keys masked", 3, 3, 5, 4, 100),
        case("a batch of 3, 2 queries, 3 keys and width 2, float32", 3, 2, 3, 2, 120, dtype=torch.float32),
        case("a batch of one, 2 queries, 2 keys and width 6, some keys masked", 1, 2, 2, 6, 130),
    ]


def _cut(x):
    return x.unflatten(-1, (2, -1)).transpose(1, 2)


def _interleaved(x):
    return x.unflatten(-1, (-1, 2)).movedim(-1, 1)


def _dealt(x):
    return x.reshape(len(x), 2, x.shape[1], -1)


def _heads(
    split=_cut, scale=lambda D: math.sqrt(D / 2), hide=lambda mask: ~mask.unsqueeze(1), axis=-1, fill=-math.inf,
    join=lambda context: context.transpose(1, 2).flatten(-2), late=False,
):  # fmt: skip
    """Return attention over two heads with one thing done otherwise."""

    def attend(query, key, value, mask):
        q, k, v = split(query), split(key), split(value)
        scores = q @ k.mT / scale(query.shape[-1])
        hidden = hide(mask)
        weights = scores.softmax(axis) if late else scores.masked_fill(hidden, fill).softmax(axis)
        weights = weights.masked_fill(hidden, 0.0) if late else weights
        return join(weights @ v), weights

    return attend


def _first_head_only(mask):
    return torch.stack([~mask, torch.zeros_like(mask)], dim=1)


def _one_head(query, key, value, mask):
    weights = (query @ key.mT / math.sqrt(query.shape[-1])).masked_fill(~mask, -math.inf).softmax(-1)
    return weights @ value, torch.stack([weights, weights], dim=1)


two_heads = Exercise(
    "two_heads", 4, solutions.two_heads, _head_cases,
    ("context (sentence, query, entry)", "weights (sentence, head, query, key)"),
    {
        "the scores are divided by √D: a head's dot product has D/2 terms": _heads(scale=math.sqrt),
        "the scores are not scaled: divide by √(D/2)": _heads(scale=lambda D: 1.0),
        "the scores are divided by D/2: divide by its root": _heads(scale=lambda D: D / 2),
        "the scores are divided by D": _heads(scale=lambda D: D),
        "the scores are divided by the root of the number of heads": _heads(scale=lambda D: math.sqrt(2)),
        "the weights sum to 1 over the queries: the softmax goes over the keys, the last axis": _heads(axis=-2),
        "the weights sum to 1 over the heads: the softmax goes over the keys, the last axis": _heads(axis=1),
        "the mask is not used": _heads(hide=lambda mask: torch.zeros_like(mask).unsqueeze(1)),
        "the mask is turned round: it is True where attending is allowed": _heads(hide=lambda mask: mask.unsqueeze(1)),
        "only the first head is masked: both share the mask": _heads(hide=_first_head_only),
        "masked scores are set to 0: a score of 0 still gets weight, set them to −∞": _heads(fill=0.0),
        "the mask is applied after the softmax, and the weights no longer sum to 1": _heads(late=True),
        "the heads take every other entry: the first takes the first half of the width": _heads(
            split=_interleaved, join=lambda context: context.movedim(1, -1).flatten(-2)
        ),
        "steps are dealt out to the heads: split the last axis, then move the head's axis before the steps": _heads(
            split=_dealt, join=lambda context: context.reshape(len(context), context.shape[2], -1)
        ),
        "`reshape` deals out steps to the heads: split the last axis by `unflatten`, then move the head's axis forward":
            _heads(split=_dealt),
        "the contexts are put together without moving the heads back behind the steps":
            _heads(join=lambda context: context.reshape(len(context), context.shape[2], -1)),
        "the halves are exchanged: the first head's context comes first":
            _heads(join=lambda context: context.flip(1).transpose(1, 2).flatten(-2)),
        "the heads' contexts alternate entry by entry: they stand one after the other":
            _heads(join=lambda context: context.movedim(1, -1).flatten(-2)),
        "query and key are exchanged": lambda query, key, value, mask: solutions.two_heads(key, query, value, mask),
        "keys stand in place of the values": lambda q, k, v, mask: solutions.two_heads(q, k, k, mask),
        "there is only one head: each is to have weights of its own, from its half of the width": _one_head,
    },
    gradient=True,
)  # fmt: skip
