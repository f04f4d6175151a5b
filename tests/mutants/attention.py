"""Answers to lesson 4's exercises."""

import math

import numpy as np
import torch
from torch import nn

from course_utils.datasets.special_tokens import PAD
from course_utils.measure import alignment
from course_utils.models.attention import Additive, attention
from mutants.registry import right, wrong, wrong_answers


@right("causal_mask")
def with_tril(x):
    square = torch.ones(len(x), len(x), dtype=torch.bool, device=x.device).tril()
    return square[None] & x.ne(PAD).t()[:, None, :]


@right("causal_mask")
def entry_by_entry(x):
    T, B = x.shape
    mask = torch.zeros(B, T, T, dtype=torch.bool, device=x.device)
    for b in range(B):
        for t in range(T):
            for s in range(t + 1):
                mask[b, t, s] = x[s, b] != PAD
    return mask


@right("causal_mask")
def one_sentence_at_a_time(x):
    rows = [[[s <= t and word != PAD for s, word in enumerate(ids)] for t in range(len(ids))] for ids in x.T.tolist()]
    return torch.tensor(rows, device=x.device)


@wrong("causal_mask", "without values), `mask` is on the device cpu but should be on meta")
def made_on_the_cpu(x):
    mask = torch.ones(x.shape[1], len(x), len(x), dtype=torch.bool).tril()
    return mask if x.is_meta else mask & words(x)


def square(x):
    return torch.ones(x.shape[1], len(x), len(x), dtype=torch.bool)


def words(x):
    return (x != PAD).T[:, None, :]


@wrong("causal_mask", "dtype torch.float32")
def minus_infinity(x):
    return torch.zeros(with_tril(x).shape).masked_fill(~with_tril(x), -math.inf)


wrong_answers(
    "causal_mask",
    square_on_the_cpu=("without values), your function raised RuntimeError", lambda x: square(x).tril() & words(x)),
    true_is_hidden=("the mask is inverted", lambda x: square(x).triu(1) | ~words(x)),
    future_only=("the past is hidden and the future shown", lambda x: square(x).triu() & words(x)),
    strictly_before=("a word may not look at itself", lambda x: square(x).tril(-1) & words(x)),
    one_ahead=("`mask[0, 0, 1]`", lambda x: square(x).tril(1) & words(x)),
    without_padding=("the padding is not hidden", lambda x: square(x).tril()),
    padding_only=("only the padding is hidden", lambda x: square(x) & words(x)),
    padded_rows=("the padding is hidden as the word that looks", lambda x: square(x).tril() & words(x).mT),
    no_batch=("has the shape (4, 4) but should have (2, 4, 4)", lambda x: torch.ones(len(x), len(x)).tril().bool()),
    either=("both conditions must hold", lambda x: square(x).tril() | words(x)),
)


@wrong("causal_mask", "changed its argument `x` in place")
def writes_into_x(x):
    mask = with_tril(x)
    x[x == PAD] = -1
    return mask


@right("concat_scores")
def split_weights(query, key, W, v):
    W_q, W_k = W.split([query.shape[-1], key.shape[-1]], dim=1)
    return torch.tanh((query @ W_q.mT)[..., :, None, :] + (key @ W_k.mT)[..., None, :, :]) @ v


@right("concat_scores")
def pair_by_pair(query, key, W, v):
    rows = []
    for t in range(query.shape[-2]):
        q = query[..., t, :]
        rows.append(
            torch.stack(
                [torch.tanh(torch.cat([q, key[..., s, :]], -1) @ W.T) @ v for s in range(key.shape[-2])], dim=-1
            )
        )
    return torch.stack(rows, dim=-2)


@right("concat_scores")
def through_the_module(query, key, W, v):
    module = Additive(query.shape[-1], key.shape[-1], len(v)).to(W)
    parts = {
        "from_query.weight": W[:, : query.shape[-1]],
        "from_key.weight": W[:, query.shape[-1] :],
        "v.weight": v[None],
    }
    return torch.func.functional_call(module, parts, (query, key))


def hidden(query, key, W, swap=False):
    T, S = query.shape[-2], key.shape[-2]
    q = query[..., :, None, :].expand(*query.shape[:-2], T, S, query.shape[-1])
    k = key[..., None, :, :].expand(*key.shape[:-2], T, S, key.shape[-1])
    return torch.cat([k, q] if swap else [q, k], dim=-1) @ W.T


@wrong("concat_scores", "`scores[0, 0, 0]`")
def relu(query, key, W, v):
    return hidden(query, key, W).relu() @ v


@wrong("concat_scores", "queries and keys exchanged")
def transposed(query, key, W, v):
    return (hidden(query, key, W).tanh() @ v).transpose(-1, -2)


@wrong("concat_scores", "the scores are weights already")
def softmaxed(query, key, W, v):
    return torch.softmax(hidden(query, key, W).tanh() @ v, dim=-1)


@wrong("concat_scores", "that is for dot products")
def scaled(query, key, W, v):
    return hidden(query, key, W).tanh() @ v / query.shape[-1] ** 0.5


wrong_answers(
    "concat_scores",
    linear=("the tanh is left out", lambda query, key, W, v: hidden(query, key, W) @ v),
    key_first=("the key comes before the query", lambda query, key, W, v: hidden(query, key, W, swap=True).tanh() @ v),
    no_v=("`v` is left out", lambda query, key, W, v: hidden(query, key, W).tanh().sum(-1)),
    tanh_outside=("the tanh comes after `v`", lambda query, key, W, v: (hidden(query, key, W) @ v).tanh()),
    ignores_the_key=("`scores[0, 0, 0]`", lambda query, key, W, v: hidden(query, key * 0, W).tanh() @ v),
    keeps_an_axis=("has the shape", lambda query, key, W, v: hidden(query, key, W).tanh() @ v[:, None]),
    dot_product=("`scores[0, 0, 0]` (query 0, key 0) should be", lambda query, key, W, v: query @ key.mT),
    frozen_v=("gradient reaches `v`", lambda query, key, W, v: hidden(query, key, W).tanh() @ v.data),
)


def links(weights, level):
    return [{(int(s), int(t)) for t, s in zip(*np.nonzero(one >= level), strict=True)} for one in weights]


@right("alignment_error")
def with_the_packages_metric(weights, sure, possible, level):
    return alignment.alignment_error_rate(links(weights, level), sure, possible)


@right("alignment_error")
def in_plain_loops(weights, sure, possible, level):
    in_sure = in_possible = found = gold = 0
    for b in range(len(weights)):
        gold += len(sure[b])
        for t in range(weights[b].shape[0]):
            for s in range(weights[b].shape[1]):
                if weights[b][t, s] >= level:
                    found += 1
                    in_sure += (s, t) in sure[b]
                    in_possible += (s, t) in sure[b] or (s, t) in possible[b]
    return 1 - (in_sure + in_possible) / (found + gold)


def rate(found, sure, possible, formula):
    count = np.zeros(5)
    for a, s, p in zip(found, map(set, sure), map(set, possible), strict=True):
        count += [len(a), len(s), len(s | p), len(a & s), len(a & (s | p))]
    return float(formula(*count))


def och_and_ney(a, s, p, a_s, a_p):
    return 1 - (a_s + a_p) / (a + s)


@wrong("alignment_error", "the links are (target, source)")
def target_first(weights, sure, possible, level):
    turned = [{(t, s) for s, t in one} for one in links(weights, level)]
    return rate(turned, sure, possible, och_and_ney)


@wrong("alignment_error", "only the heaviest weight of each row")
def strongest(weights, sure, possible, level):
    return rate([alignment.strongest_links(one) for one in weights], sure, possible, och_and_ney)


@wrong("alignment_error", "`rate` should be")
def strongest_column(weights, sure, possible, level):
    found = [{(s, int(t)) for s, t in enumerate(one.argmax(axis=0))} for one in weights]
    return rate(found, sure, possible, och_and_ney)


@wrong("alignment_error", "the sentences' rates are averaged")
def mean_rate(weights, sure, possible, level):
    single = zip(weights, sure, possible, strict=True)
    return float(np.mean([in_plain_loops([w], [s], [p], level) for w, s, p in single]))


@wrong("alignment_error", "this is the share that is right")
def not_an_error(*args):
    return 1 - in_plain_loops(*args)


@wrong("alignment_error", "the possible links are not used")
def sure_only(weights, sure, possible, level):
    return alignment.alignment_error_rate(links(weights, level), sure)


@wrong("alignment_error", "sure links are not counted as possible ones")
def possible_alone(weights, sure, possible, level):
    right_ones = size = 0
    for a, s, p in zip(links(weights, level), map(set, sure), map(set, possible), strict=True):
        right_ones += len(a & s) + len(a & p)
        size += len(a) + len(s)
    return 1 - right_ones / size


@wrong("alignment_error", "the denominator has the possible links")
def wrong_denominator(weights, sure, possible, level):
    return rate(links(weights, level), sure, possible, lambda a, s, p, a_s, a_p: 1 - (a_s + a_p) / (a + p))


@wrong("alignment_error", "`rate` should be")
def precision(weights, sure, possible, level):
    return rate(links(weights, level), sure, possible, lambda a, s, p, a_s, a_p: 1 - a_p / a)


@wrong("alignment_error", "`rate` should be")
def recall(weights, sure, possible, level):
    return rate(links(weights, level), sure, possible, lambda a, s, p, a_s, a_p: 1 - a_s / s)


@wrong("alignment_error", "a weight equal to the level makes no link")
def above_the_level(weights, sure, possible, level):
    found = [{(s, t) for t, s in np.argwhere(one > level).tolist()} for one in weights]
    return rate(found, sure, possible, och_and_ney)


@wrong("alignment_error", "a weight equal to the level makes no link")
def hides_the_level(weights, sure, possible, level):
    found = [links([np.where(one <= level, 0, one)], level)[0] for one in weights]
    return rate(found, sure, possible, och_and_ney)


@wrong("alignment_error", "`rate` should be")
def below(weights, sure, possible, level):
    found = [{(s, t) for t, s in np.argwhere(one < level).tolist()} for one in weights]
    return rate(found, sure, possible, och_and_ney)


@wrong("alignment_error", "`rate` should be")
def at_most(weights, sure, possible, level):
    return in_plain_loops([-one for one in weights], sure, possible, -level)


@wrong("alignment_error", "changed its argument `weights` in place")
def cuts_in_place(weights, sure, possible, level):
    for one in weights:
        one[one < level] = 0
    return in_plain_loops(weights, sure, possible, level)


@right("two_heads")
def two_calls(query, key, value, mask):
    heads = [
        attention(*parts, mask) for parts in zip(query.chunk(2, -1), key.chunk(2, -1), value.chunk(2, -1), strict=True)
    ]
    return torch.cat([context for context, _ in heads], dim=-1), torch.stack([w for _, w in heads], dim=1)


@right("two_heads")
def with_einsum(query, key, value, mask):
    q, k, v = (x.reshape(*x.shape[:2], 2, x.shape[2] // 2) for x in (query, key, value))
    scores = torch.einsum("btnd,bsnd->bnts", q, k) * q.shape[-1] ** -0.5
    weights = torch.where(mask[:, None], scores, -torch.inf).softmax(dim=3)
    return torch.einsum("bnts,bsnd->btnd", weights, v).reshape(query.shape), weights


@right("two_heads")
def torchs_attention(query, key, value, mask):
    q, k, v = (x.unflatten(-1, (2, -1)).transpose(1, 2) for x in (query, key, value))
    context = nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=mask[:, None])
    weights = nn.functional.scaled_dot_product_attention(
        q, k, torch.eye(k.shape[2], dtype=v.dtype, device=v.device).expand(*k.shape[:2], -1, -1), mask[:, None]
    )
    return context.transpose(1, 2).flatten(2), weights


def heads(query, key, value, mask, *, scale=None, axis=-1, hide="-inf", order=(0, 1), turn=False):
    q, k, v = (x.reshape(*x.shape[:2], 2, -1).transpose(1, 2) for x in (query, key, value))
    scores = q @ k.transpose(2, 3) / (scale(query.shape[-1]) if scale else math.sqrt(query.shape[-1] / 2))
    allowed = ~mask[:, None] if turn else mask[:, None]
    if hide is not None:
        scores = scores.masked_fill(~allowed, float(hide))
    weights = scores.softmax(axis)
    context = weights @ v
    return torch.cat([context[:, n] for n in order], dim=-1), weights


@wrong("two_heads", "steps are dealt out to the heads")
def viewed_at_once(query, key, value, mask):
    B, T, D = query.shape
    q, k, v = (x.reshape(B, 2, -1, D // 2) for x in (query, key, value))
    weights = (q @ k.mT / math.sqrt(D // 2)).masked_fill(~mask[:, None], -math.inf).softmax(-1)
    return (weights @ v).reshape(B, T, D), weights


@wrong("two_heads", "`context[0, 0, 0]`")
def viewed_and_moved_back(query, key, value, mask):
    B, T, D = query.shape
    q, k, v = (x.reshape(B, 2, x.shape[1], D // 2) for x in (query, key, value))
    weights = (q @ k.mT / math.sqrt(D // 2)).masked_fill(~mask[:, None], -math.inf).softmax(-1)
    return (weights @ v).transpose(1, 2).reshape(B, T, D), weights


@wrong("two_heads", "raised RuntimeError (The size of tensor a (3) must match")
def mask_without_a_heads_axis(query, key, value, mask):
    q, k, v = (x.reshape(*x.shape[:2], 2, -1).transpose(1, 2) for x in (query, key, value))
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).masked_fill(~mask, -math.inf).softmax(-1)
    return (weights @ v).transpose(1, 2).reshape(query.shape), weights


wrong_answers(
    "two_heads",
    root_of_the_whole=("divided by √D", lambda *args: heads(*args, scale=math.sqrt)),
    unscaled=("the scores are not scaled", lambda *args: heads(*args, scale=lambda D: 1)),
    no_root=("`context[0, 0, 0]`", lambda *args: heads(*args, scale=lambda D: D / 2)),
    over_queries=("the weights sum to 1 over the queries", lambda *args: heads(*args, axis=2)),
    over_heads=("`context[0, 0, 0]`", lambda *args: heads(*args, axis=1)),
    unmasked=("`context[0, 1, 0]`", lambda *args: heads(*args, hide=None)),
    inverted=("the mask is inverted", lambda *args: heads(*args, turn=True)),
    zero_scores=("masked scores are set to 0", lambda *args: heads(*args, hide="0")),
    second_head_first=("`context[0, 0, 0]`", lambda *args: heads(*args, order=(1, 0))),
    query_and_key=("`context[0, 0, 0]`", lambda query, key, value, mask: heads(key, query, value, mask)),
    keys_as_values=("`context[0, 0, 0]`", lambda query, key, value, mask: heads(query, key, key, mask)),
)


@wrong("two_heads", "`context[0, 0, 0]`")
def one_head_twice(query, key, value, mask):
    context, weights = attention(query, key, value, mask)
    return context, torch.stack([weights, weights], dim=1)


@wrong("two_heads", "`weights` has the shape (3, 4, 4) but should have")
def mean_weights(*args):
    context, weights = heads(*args)
    return context, weights.mean(dim=1)


@wrong("two_heads", "`context[0, 0, 4]`")
def not_moved_back(query, key, value, mask):
    q, k, v = (x.reshape(*x.shape[:2], 2, -1).transpose(1, 2) for x in (query, key, value))
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).masked_fill(~mask[:, None], -math.inf).softmax(-1)
    return (weights @ v).reshape(query.shape), weights


@wrong("two_heads", "did not come back within")
def waits_for_convergence(query, key, value, mask):
    context, weights = heads(query, key, value, mask)
    while weights.sum() != 0:
        context, weights = heads(query, key, value, mask)
    return context, weights
