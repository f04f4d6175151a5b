"""Answers to lesson 5's exercises."""

import math

import torch
from torch import nn

from course_utils.datasets.special_tokens import PAD
from course_utils.models.attention import attention
from course_utils.models.transformer import causal_mask, sinusoids
from mutants.registry import right, wrong, wrong_answers

# --- halved_sinusoids


@right("halved_sinusoids")
def from_the_lessons_layout(embedded, first):
    at = torch.arange(len(embedded), device=embedded.device, dtype=embedded.dtype) + first
    clock = sinusoids(at, embedded.shape[-1])
    return embedded + torch.cat([clock[:, 0::2], clock[:, 1::2]], dim=1)[:, None]


@right("halved_sinusoids")
def with_logarithms(embedded, first):
    T, B, E = embedded.shape
    rate = torch.exp(torch.arange(0, E, 2, device=embedded.device, dtype=embedded.dtype) * (-math.log(10000.0) / E))
    angle = torch.arange(first, first + T, device=embedded.device)[:, None, None] * rate
    return torch.cat((torch.sin(angle), torch.cos(angle)), -1).expand(T, B, E).to(embedded.dtype) + embedded


@right("halved_sinusoids")
def entry_by_entry(embedded, first):
    T, _, E = embedded.shape
    angles = [[(first + t) / 10000 ** (2 * i / E) for i in range(E // 2)] for t in range(T)]
    rows = [[*map(math.sin, row), *map(math.cos, row)] for row in angles]
    return embedded + torch.tensor(rows, dtype=embedded.dtype, device=embedded.device).unsqueeze(1)


def clock(x, first=0, *, axis=0, base=10000.0, cosine=0, factor=2, dtype=None):
    E, like = x.shape[-1], {"device": x.device, "dtype": dtype or x.dtype}
    at, i = torch.arange(x.shape[axis], **like)[:, None] + first, torch.arange(E // 2, **like)
    sin, cos = (at / base ** (factor * i / E)).sin(), (at / base ** ((factor * i + cosine) / E)).cos()
    return sin.unsqueeze(1 - axis), cos.unsqueeze(1 - axis)


def joined(x, first, **options):
    return x + torch.cat(clock(x, first, **options), dim=-1)


wrong_answers(
    "halved_sinusoids",
    alternating=("sine and cosine alternate", lambda x, first: x + torch.stack(clock(x, first), -1).flatten(-2)),
    cosine_in_front=("the cosines come first", lambda x, first: x + torch.cat(clock(x, first)[::-1], -1)),
    exponent_2i_plus_1=("the cosine has an exponent of its own", lambda x, first: joined(x, first, cosine=1)),
    exponent_i=("the exponent is i / E", lambda x, first: joined(x, first, factor=1)),
    batch_first=("positions count along the batch", lambda x, first: joined(x, first, axis=1)),
    always_from_0=("every text begins at position 0", lambda x, first: joined(x, 0)),
    words_lost=("the positions replace the words", lambda x, first: 0 * x + torch.cat(clock(x, first), -1)),
    as_in_the_paper=("multiplied by √E", lambda x, first: joined(x * x.shape[-1] ** 0.5, first)),
    another_base=("`vectors[", lambda x, first: joined(x, first, base=1000.0)),
    one_late=("`vectors[", lambda x, first: joined(x, first + 1)),
    sines_only=("`vectors[", lambda x, first: x + torch.cat(clock(x, first)[:1] * 2, -1)),
    no_batch_axis=("has the shape", lambda x, first: x[:, 0] + torch.cat(clock(x, first), -1)[:, 0]),
    doubled=("has the dtype", lambda x, first: joined(x, first, dtype=torch.float64)),
    cut_off=("no gradient reaches `embedded`", lambda x, first: joined(x.detach(), first)),
    squeezed=("has the shape", lambda x, first: joined(x, first).squeeze()),
)


@wrong("halved_sinusoids", "meta")
def positions_on_the_cpu(embedded, first):
    at = torch.arange(first, first + len(embedded), dtype=embedded.dtype)
    turned = at[:, None] / 10000 ** (torch.arange(0, embedded.shape[-1], 2, dtype=embedded.dtype) / embedded.shape[-1])
    return embedded + torch.cat([turned.sin(), turned.cos()], -1)[:, None]


@wrong("halved_sinusoids", "changed its argument `embedded` in place")
def adds_in_place(embedded, first):
    embedded += torch.cat(clock(embedded, first), -1)
    return embedded


# --- sliding_mask


@right("sliding_mask")
def with_two_triangles(x, past, window):
    square = torch.ones(len(x), len(x), dtype=torch.bool, device=x.device)
    near = square.tril() & square.triu(1 - window)
    return near[past:] & x.ne(PAD).t().unsqueeze(1)


@right("sliding_mask")
def from_the_package(x, past, window):
    T = len(x) - past
    far = torch.ones(T, len(x), dtype=torch.bool, device=x.device).tril(past - window)
    return (causal_mask(T, past, x.device) & ~far) & (x != PAD).T[:, None]


@right("sliding_mask")
def in_plain_loops(x, past, window):
    mask = torch.zeros(x.shape[1], len(x) - past, len(x), dtype=torch.bool, device=x.device)
    for t in range(len(x) - past):
        for s in range(max(0, past + t - window + 1), past + t + 1):
            mask[:, t, s] = x[s] != PAD
    return mask


def near(x, past, window, *, low=1, high=0, begin=True, padding=True):
    k = torch.arange(len(x), device=x.device)
    q = torch.arange(len(x) - past, device=x.device)[:, None] + (past if begin else 0)
    mask = ((k <= q + high) & (k >= q - window + low)).expand(x.shape[1], -1, -1)
    return mask & (x != PAD).T[:, None] if padding else mask.clone()


wrong_answers(
    "sliding_mask",
    true_is_hidden=("the mask is inverted", lambda *args: ~near(*args)),
    top_left=("the new steps are counted from 0", lambda *args: near(*args, begin=False)),
    window_inclusive=("the window is one step too wide", lambda *args: near(*args, low=0)),
    window_too_narrow=("`mask[", lambda *args: near(*args, low=2)),
    plain_causal=("the window is left out", lambda x, past, window: near(x, past, len(x))),
    looks_ahead=("the future is not hidden", lambda *args: near(*args, high=1000)),
    one_ahead=("`mask[", lambda *args: near(*args, high=1)),
    strictly_before=("a word may not look at itself", lambda *args: near(*args, high=-1)),
    unpadded=("the padding is not hidden", lambda *args: near(*args, padding=False)),
    new_keys_only=("columns of the cache are left out", lambda x, past, w: near(x, past, w)[..., past:].clone()),
    all_queries=("has the shape", lambda x, past, window: near(x, 0, window)),
    turned_axes=("has the shape", lambda *args: near(*args).mT),
    no_batch=("has the shape", lambda *args: near(*args)[0]),
    squeezed=("has the shape", lambda *args: near(*args).squeeze()),
    minus_infinity=("has the dtype", lambda *args: torch.where(near(*args), 0.0, -math.inf)),
    sentence_by_lengths=("`mask[", lambda x, past, window: near(x, past, window, padding=False)
                         & (torch.arange(len(x), device=x.device) < (x != PAD).sum(0)[:, None])[:, None]),
)  # fmt: skip


@wrong("sliding_mask", "meta")
def square_on_the_cpu(x, past, window):
    square = torch.ones(len(x), len(x), dtype=torch.bool).tril().triu(1 - window)
    return square[past:] & (x != PAD).T[:, None]


@wrong("sliding_mask", "`mask[")
def as_torch_aligns_is_causal(x, past, window):
    square = torch.ones(len(x) - past, len(x), dtype=torch.bool, device=x.device)
    return square.tril().triu(1 - window) & (x != PAD).T[:, None] & (window < 3)


# --- grouped_heads


@right("grouped_heads")
def with_einsum(query, key, value, mask, num_heads):
    D = query.shape[-1] // num_heads
    k, v = (x.reshape(*x.shape[:2], -1, D) for x in (key, value))
    q = query.reshape(*query.shape[:2], k.shape[2], -1, D)  # (T, B, G, M, D)
    scores = torch.einsum("tbgmd,sbgd->tbgms", q, k).flatten(2, 3) * D**-0.5
    weights = torch.where(mask.transpose(0, 1)[:, :, None], scores, -torch.inf).softmax(dim=-1)
    context = torch.einsum("tbgms,sbgd->tbgmd", weights.unflatten(2, (k.shape[2], -1)), v)
    return context.reshape(query.shape), weights


@right("grouped_heads")
def head_by_head(query, key, value, mask, num_heads):
    D = query.shape[-1] // num_heads
    share = num_heads // (key.shape[-1] // D)
    contexts, weights = [], []
    for n in range(num_heads):
        g = n // share
        q = query[..., n * D : (n + 1) * D].transpose(0, 1)
        k, v = (x[..., g * D : (g + 1) * D].transpose(0, 1) for x in (key, value))
        context, looked = attention(q, k, v, mask)
        contexts.append(context.transpose(0, 1))
        weights.append(looked.transpose(0, 1))
    return torch.cat(contexts, -1), torch.stack(weights, 2)


@right("grouped_heads")
def torchs_attention(query, key, value, mask, num_heads):
    D = query.shape[-1] // num_heads
    q, k, v = (x.unflatten(-1, (-1, D)).permute(1, 2, 0, 3) for x in (query, key, value))  # (B, N, T, D)
    k, v = (x.repeat_interleave(q.shape[1] // x.shape[1], 1) for x in (k, v))
    attend = nn.functional.scaled_dot_product_attention
    context = attend(q, k, v, attn_mask=mask[:, None])
    same = torch.eye(k.shape[2], dtype=v.dtype, device=v.device).expand(*k.shape[:2], -1, -1)
    weights = attend(q, k, same, attn_mask=mask[:, None])
    return context.permute(2, 0, 1, 3).flatten(2), weights.permute(2, 0, 1, 3)


def heads(
    query, key, value, mask, num_heads, *, axis=-1, hide="-inf", scale=None, repeat="neighbours", split="right",
    merge="right", turn=False,
):  # fmt: skip
    D = query.shape[-1] // num_heads

    def parts(x):
        if split == "view":
            return x.reshape(x.shape[-1] // D, x.shape[1], len(x), D)
        if split == "strided":
            return x.unflatten(-1, (D, -1)).transpose(-1, -2).transpose(0, 2)
        return x.reshape(*x.shape[:2], -1, D).transpose(0, 2)

    def repeated(x):
        times = num_heads // len(x)
        return x.repeat(times, 1, 1, 1) if repeat == "in turn" else x.repeat_interleave(times, 0)

    q, k, v = parts(query), repeated(parts(key)), repeated(parts(value))
    scores = q @ k.mT / (D**0.5 if scale is None else scale(D, num_heads))
    if hide is not None:
        scores = scores.masked_fill(mask if turn else ~mask, float(hide))
    weights = scores.softmax(axis)
    context = weights @ v
    if merge == "view":
        return context.reshape(query.shape), weights.transpose(0, 2)
    return context.transpose(0, 2).reshape(query.shape), weights.transpose(0, 2)


wrong_answers(
    "grouped_heads",
    viewed_at_once=("deals out steps", lambda *args: heads(*args, split="view")),
    merged_at_once=("a view merges the heads", lambda *args: heads(*args, merge="view")),
    viewed_both_ways=("`context[", lambda *args: heads(*args, split="view", merge="view")),
    every_other_entry=("`context[", lambda *args: heads(*args, split="strided")),
    in_turn=("heads of keys are dealt out in turn", lambda *args: heads(*args, repeat="in turn")),
    keys_for_values=("the keys are averaged", lambda q, k, v, *rest: heads(q, k, k, *rest)),
    root_of_the_whole=("divided by √E", lambda *args: heads(*args, scale=lambda D, N: (D * N) ** 0.5)),
    unscaled=("the scores are not scaled", lambda *args: heads(*args, scale=lambda D, N: 1)),
    no_root=("`context[", lambda *args: heads(*args, scale=lambda D, N: D)),
    over_queries=("the weights sum to 1 over the queries", lambda *args: heads(*args, axis=-2)),
    over_heads=("`context[", lambda *args: heads(*args, axis=0)),
    unmasked=("`context[", lambda *args: heads(*args, hide=None)),
    zero_scores=("masked scores are set to 0", lambda *args: heads(*args, hide="0")),
    inverted=("`context[", lambda *args: heads(*args, turn=True)),
    heads_first=("`weights` has the shape", lambda *args: (heads(*args)[0], heads(*args)[1].transpose(0, 2))),
    mean_of_heads=("`weights` has the shape", lambda *args: (heads(*args)[0], heads(*args)[1].mean(2))),
    context_only=("should return `context` and `weights`", lambda *args: heads(*args)[0]),
    no_gradient=("no gradient reaches", lambda q, k, v, *rest: heads(q, k, v.detach(), *rest)),
    squeezed=("has the shape", lambda *args: tuple(part.squeeze() for part in heads(*args))),
)


@wrong("grouped_heads", "raised RuntimeError")
def as_many_heads_of_keys(query, key, value, mask, num_heads):
    q, k, v = (x.unflatten(-1, (num_heads, -1)).transpose(0, 2) for x in (query, key, value))
    weights = (q @ k.mT / q.shape[-1] ** 0.5).masked_fill(~mask, -math.inf).softmax(-1)
    return (weights @ v).transpose(0, 2).flatten(2), weights.transpose(0, 2)


@wrong("grouped_heads", "raised RuntimeError (view size is not compatible")
def views_its_inputs(query, key, value, mask, num_heads):
    return heads(query.view(len(query), -1).view(query.shape), key, value, mask, num_heads)


# --- sandwich_layer


@right("sandwich_layer")
def with_torchs_own_norm(x, sublayers, before, after):
    def norm(part, gain):
        return nn.functional.rms_norm(part, part.shape[-1:], gain, eps=1e-6)

    for at, sublayer in enumerate(sublayers):
        x = x + norm(sublayer(norm(x, before[at])), after[at])
    return x


@right("sandwich_layer")
def by_the_length(x, sublayers, before, after):
    E = x.shape[-1]
    for f, a, b in zip(sublayers, before, after, strict=True):
        y = f(x * a * ((x * x).sum(-1, keepdim=True) / E + 1e-6).rsqrt())
        x = x + y * b * ((y * y).sum(-1, keepdim=True) / E + 1e-6).rsqrt()
    return x


@right("sandwich_layer")
def recursive(x, sublayers, before, after):
    if not len(sublayers):
        return x + 0
    read = rms(x, before[0])
    return recursive(x + rms(sublayers[0](read), after[0]), sublayers[1:], before[1:], after[1:])


def rms(x, gain=1.0, *, axis=-1, eps=1e-6, centre=False, mean=True):
    x = x - x.mean(-1, keepdim=True) if centre else x
    size = x.square().mean(axis, keepdim=True) if mean else x.square().sum(axis, keepdim=True)
    return x / (size + eps).sqrt() * gain


def layer(step):
    def answer(x, sublayers, before, after):
        for at in range(len(sublayers)):
            x = step(x, sublayers[at], before[at], after[at])
        return x

    return answer


wrong_answers(
    "sandwich_layer",
    post_norm=("the sum is normalised", layer(lambda x, f, a, b: rms(x + f(rms(x, a)), b))),
    post_norm_of_2017=("`x[", layer(lambda x, f, a, b: rms(x + f(x), b))),
    pre_norm=("what a sublayer returns is not normalised", layer(lambda x, f, a, b: x + f(rms(x, a)))),
    only_after=("`x[", layer(lambda x, f, a, b: x + rms(f(x), b))),
    replaces=("the stream is replaced", layer(lambda x, f, a, b: rms(f(rms(x, a)), b))),
    normed_stream=("added to the normalised stream", layer(lambda x, f, a, b: rms(x, a) + rms(f(rms(x, a)), b))),
    layer_norm=("the mean is subtracted",
                layer(lambda x, f, a, b: x + rms(f(rms(x, a, centre=True)), b, centre=True))),
    swapped_gains=("the gains before and after are exchanged", layer(lambda x, f, a, b: x + rms(f(rms(x, b)), a))),
    no_gains=("`x[", layer(lambda x, f, a, b: x + rms(f(rms(x))))),
    over_time=("the mean goes over the steps",
               layer(lambda x, f, a, b: x + rms(f(rms(x, a, axis=0)), b, axis=0))),
    over_the_batch=("`x[", layer(lambda x, f, a, b: x + rms(f(rms(x, a, axis=1)), b, axis=1))),
    length_not_mean=("`x[", layer(lambda x, f, a, b: x + rms(f(rms(x, a, mean=False)), b, mean=False))),
    no_epsilon=("`x[", layer(lambda x, f, a, b: x + rms(f(rms(x, a, eps=0)), b, eps=0))),
    first_sublayer_only=("`x[", lambda x, fs, a, b: x + rms(fs[0](rms(x, a[0])), b[0])),
    last_gains=("`x[", lambda x, fs, a, b: layer(lambda x, f, *_: x + rms(f(rms(x, a[-1])), b[-1]))(x, fs, a, b)),
    parallel=("all sublayers read the first stream",
              lambda x, fs, a, b: x + sum(rms(f(rms(x, a[n])), b[n]) for n, f in enumerate(fs))),
    cuts_the_gradient=("gradient reaches `x`", layer(lambda x, f, a, b: x.detach() + rms(f(rms(x, a)), b))),
)  # fmt: skip


@wrong("sandwich_layer", "changed its argument `x` in place")
def adds_into_x(x, sublayers, before, after):
    for f, a, b in zip(sublayers, before, after, strict=True):
        x += rms(f(rms(x, a)), b)
    return x
