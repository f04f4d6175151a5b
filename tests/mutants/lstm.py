"""Answers to lesson 2's exercises."""

import math

import torch
from torch import nn

from mutants.registry import right, wrong, wrong_answers


@right("forget_bias")
def by_chunks(b_ih, b_hh, half_life):
    i, _, g, o = b_ih.chunk(4)
    keep = torch.exp(-math.log(2) / half_life)
    first = torch.cat([i, -torch.log(1 / keep - 1), g, o])
    i, f, g, o = b_hh.chunk(4)
    return first, torch.cat([i, torch.zeros_like(f), g, o])


@right("forget_bias")
def unit_by_unit(b_ih, b_hh, half_life):
    first, second, H = b_ih.clone(), b_hh.clone(), len(half_life)
    for unit in range(H):
        keep = 0.5 ** (1 / half_life[unit].item())
        first[H + unit] = math.log(keep) - math.log1p(-keep)
        second[H + unit] = 0
    return [first, second]


def put(b_ih, b_hh, half_life, start, value):
    H = len(half_life)
    b_ih, b_hh = b_ih.clone(), b_hh.clone()
    b_ih[start * H : (start + 1) * H] = value
    b_hh[start * H : (start + 1) * H] = 0
    return b_ih, b_hh


def logit_of(half_life):
    keep = torch.pow(0.5, 1 / half_life)
    return (keep / (1 - keep)).log()


@wrong("forget_bias", "the input gate's rows are set")
def first_block(b_ih, b_hh, half_life):
    return put(b_ih, b_hh, half_life, 0, logit_of(half_life))


@wrong("forget_bias", "`b_ih[3]`")
def third_block(b_ih, b_hh, half_life):
    return put(b_ih, b_hh, half_life, 2, logit_of(half_life))


@wrong("forget_bias", "`b_ih[0]`")
def every_row(b_ih, b_hh, half_life):
    return logit_of(half_life).repeat(4), torch.zeros_like(b_hh)


@wrong("forget_bias", "the bias is the gate's value itself")
def no_logit(b_ih, b_hh, half_life):
    return put(b_ih, b_hh, half_life, 1, torch.pow(0.5, 1 / half_life))


@wrong("forget_bias", "the sign is wrong")
def upside_down(b_ih, b_hh, half_life):
    return put(b_ih, b_hh, half_life, 1, -logit_of(half_life))


@wrong("forget_bias", "`0.5 ** half_life` per step")
def power_of_steps(b_ih, b_hh, half_life):
    return put(b_ih, b_hh, half_life, 1, logit_of(1 / half_life))


@wrong("forget_bias", "`b_ih[3]`")
def mean_life(b_ih, b_hh, half_life):
    return put(b_ih, b_hh, half_life, 1, torch.log(half_life - 1))


@wrong("forget_bias", "`b_hh` keeps its old values")
def other_bias_stays(b_ih, b_hh, half_life):
    return put(b_ih, b_hh, half_life, 1, logit_of(half_life))[0], b_hh


@wrong("forget_bias", "is in both")
def in_both(b_ih, b_hh, half_life):
    value = logit_of(half_life)
    return put(b_ih, b_hh, half_life, 1, value)[0], put(b_hh, b_ih, half_life, 1, value)[0]


@wrong("forget_bias", "added to the old one")
def added(b_ih, b_hh, half_life):
    H, (first, second) = len(half_life), put(b_ih, b_hh, half_life, 1, 0.0)
    first[H : 2 * H] = b_ih[H : 2 * H] + logit_of(half_life)
    return first, second


@wrong("forget_bias", "changed its argument `b_ih` in place")
def writes_into_it(b_ih, b_hh, half_life):
    H = len(half_life)
    b_ih[H : 2 * H] = logit_of(half_life)
    b_hh[H : 2 * H] = 0
    return b_ih, b_hh


@wrong("forget_bias", "has the shape (3,) but should have (12,)")
def only_the_rows(b_ih, b_hh, half_life):
    return logit_of(half_life), torch.zeros_like(half_life)


@right("cell_parts")
def by_definition(i, f, g):
    return torch.stack([i[t] * g[t] * f[t + 1 :].prod(dim=0) for t in range(len(f))])


@right("cell_parts")
def forward_in_time(i, f, g):
    parts = []
    for t in range(len(f)):
        parts = [part * f[t] for part in parts] + [i[t] * g[t]]
    return torch.stack(parts)


@right("cell_parts")
def in_place(i, f, g):
    parts = i * g
    for t in range(1, len(f)):
        parts[:t] = parts[:t] * f[t]
    return parts


@right("cell_parts")
def sums_logarithms(i, f, g):
    later = torch.cat([f[1:], torch.ones_like(f[:1])]).log()
    return i * g * later.flip(0).cumsum(0).flip(0).exp()


@wrong("cell_parts", "one gate too long")
def own_gate_too(i, f, g):
    return torch.stack([i[t] * g[t] * f[t:].prod(dim=0) for t in range(len(f))])


@wrong("cell_parts", "one gate too short")
def skips_a_gate(i, f, g):
    return torch.stack([i[t] * g[t] * f[t + 2 :].prod(dim=0) for t in range(len(f))])


@wrong("cell_parts", "`parts[0, 0, 0]`")
def adds_gates(i, f, g):
    sums = [f[t + 1 :].sum(dim=0) for t in range(len(f) - 1)] + [torch.ones_like(f[0])]
    return i * g * torch.stack(sums)


@wrong("cell_parts", "the steps are in reverse order")
def not_turned_back(i, f, g):
    kept, parts = 1.0, []
    for t in reversed(range(len(f))):
        parts.append(i[t] * g[t] * kept)
        kept = kept * f[t]
    return torch.stack(parts)


@wrong("cell_parts", "it divides by a product of gates, which may be 0")
def divides_products(i, f, g):
    p = f.cumprod(0)
    return i * g * p[-1] / p


@wrong("cell_parts", "it divides by a product of gates, which may be 0")
def divides_step_by_step(i, f, g):
    kept, parts = f.prod(dim=0), []
    for t in range(len(f)):
        kept = kept / f[t]
        parts.append(i[t] * g[t] * kept)
    return torch.stack(parts)


@wrong("cell_parts", "it divides by a product of gates, which may be 0")
def subtracts_logarithms(i, f, g):
    logs = f.log().cumsum(0)
    return i * g * (logs[-1] - logs).exp()


wrong_answers(
    "cell_parts",
    from_the_front=("the products run from the front", lambda i, f, g: i * g * torch.cumprod(f, 0)),
    without_products=("nothing is forgotten", lambda i, f, g: i.mul(g)),
    without_input_gate=("the input gate is missing", lambda i, f, g: by_definition(torch.ones_like(i), f, g)),
    without_candidate=("`parts[0, 0, 0]`", lambda i, f, g: by_definition(i, f, torch.ones_like(g))),
    summed_up=("the parts are summed up", lambda i, f, g: by_definition(i, f, g).cumsum(dim=0)),
    the_whole_cell=("has the shape (2, 3)", lambda i, f, g: by_definition(i, f, g).sum(dim=0)),
)


@wrong("cell_parts", "changed its argument `f` in place")
def multiplies_in_place(i, f, g):
    for t in reversed(range(len(f) - 1)):
        f[t] *= f[t + 1]
    return i * g * torch.cat([f[1:], torch.ones_like(f[:1])])


@right("coupled_step")
def with_linear(x_t, h_prev, c_prev, W_ih, W_hh, b_ih, b_hh):
    rows = nn.functional.linear(x_t, W_ih, b_ih) + nn.functional.linear(h_prev, W_hh, b_hh)
    H = h_prev.shape[-1]
    forget, write, show = rows[:, :H].sigmoid(), rows[:, H : 2 * H].tanh(), rows[:, 2 * H :].sigmoid()
    c_t = torch.lerp(write, c_prev, forget)
    return show * torch.tanh(c_t), c_t


@right("coupled_step")
def through_a_full_cell(x_t, h_prev, c_prev, W_ih, W_hh, b_ih, b_hh):
    # sigmoid(−a) = 1 − sigmoid(a): the input gate's rows are the forget gate's with the opposite sign.
    full = [torch.cat([-part.chunk(3)[0], part]) for part in (W_ih, W_hh, b_ih, b_hh)]
    cell = nn.LSTMCell(x_t.shape[1], h_prev.shape[1]).to(x_t)
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    return torch.func.functional_call(cell, dict(zip(names, full, strict=True)), (x_t, (h_prev, c_prev)))


def decide(x_t, h_prev, W_ih, W_hh, b_ih, b_hh):
    f, g, o = torch.chunk(x_t @ W_ih.T + b_ih + h_prev @ W_hh.T + b_hh, 3, dim=1)
    return torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)


def finish(o, c_t):
    return o * torch.tanh(c_t), c_t


@wrong("coupled_step", "forgetting and writing are exchanged")
def gates_exchanged(x_t, h_prev, c_prev, *weights):
    f, g, o = decide(x_t, h_prev, *weights)
    return finish(o, (1 - f) * c_prev + f * g)


@wrong("coupled_step", "`f` is used for both")
def same_gate_twice(x_t, h_prev, c_prev, *weights):
    f, g, o = decide(x_t, h_prev, *weights)
    return finish(o, f * (c_prev + g))


@wrong("coupled_step", "the candidate is written in full")
def always_writes(x_t, h_prev, c_prev, *weights):
    f, g, o = decide(x_t, h_prev, *weights)
    return finish(o, f * c_prev + g)


@wrong("coupled_step", "`h_t[0, 0]`")
def never_forgets(x_t, h_prev, c_prev, *weights):
    f, g, o = decide(x_t, h_prev, *weights)
    return finish(o, c_prev + (1 - f) * g)


@wrong("coupled_step", "the tanh around the cell is left out")
def no_last_tanh(x_t, h_prev, c_prev, *weights):
    f, g, o = decide(x_t, h_prev, *weights)
    c_t = f * c_prev + (1 - f) * g
    return o * c_t, c_t


@wrong("coupled_step", "`h_t[0, 0]`")
def no_output_gate(x_t, h_prev, c_prev, *weights):
    f, g, _ = decide(x_t, h_prev, *weights)
    c_t = f * c_prev + (1 - f) * g
    return c_t.tanh(), c_t


@wrong("coupled_step", "the candidate is a sigmoid")
def all_sigmoids(x_t, h_prev, c_prev, W_ih, W_hh, b_ih, b_hh):
    f, g, o = torch.sigmoid(x_t @ W_ih.T + b_ih + h_prev @ W_hh.T + b_hh).chunk(3, dim=1)
    return finish(o, f * c_prev + (1 - f) * g)


@wrong("coupled_step", "the two results are exchanged")
def results_exchanged(*args):
    return tuple(reversed(with_linear(*args)))


@wrong("coupled_step", "forget gate and candidate are exchanged")
def wrong_rows(x_t, h_prev, c_prev, W_ih, W_hh, b_ih, b_hh):
    g, f, o = torch.chunk(x_t @ W_ih.T + b_ih + h_prev @ W_hh.T + b_hh, 3, dim=1)
    f, g, o = f.sigmoid(), g.tanh(), o.sigmoid()
    return finish(o, f * c_prev + (1 - f) * g)


@wrong("coupled_step", "`h_t[0, 0]`")
def one_bias(x_t, h_prev, c_prev, W_ih, W_hh, b_ih, b_hh):
    return with_linear(x_t, h_prev, c_prev, W_ih, W_hh, b_ih, torch.zeros_like(b_hh))


@wrong("coupled_step", "raised ValueError")
def four_blocks(x_t, h_prev, c_prev, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = (x_t @ W_ih.T + b_ih + h_prev @ W_hh.T + b_hh).chunk(4, dim=-1)
    return finish(o.sigmoid(), f.sigmoid() * c_prev + i.sigmoid() * g.tanh())


@wrong("coupled_step", "changed its argument `c_prev` in place")
def updates_the_cell_in_place(x_t, h_prev, c_prev, *weights):
    f, g, o = decide(x_t, h_prev, *weights)
    c_prev *= f
    c_prev += (1 - f) * g
    return finish(o, c_prev)


@right("paper_gru")
def three_matrices(x, h_0, W_ih, W_hh, b_ih, b_hh):
    (W_r, W_z, W_n), (U_r, U_z, U_n) = W_ih.chunk(3), W_hh.chunk(3)
    (b_r, b_z, b_n), (d_r, d_z, d_n) = b_ih.chunk(3), b_hh.chunk(3)
    h, states = h_0, []
    for x_t in x:
        r = torch.sigmoid(x_t @ W_r.T + b_r + h @ U_r.T + d_r)
        z = torch.sigmoid(x_t @ W_z.T + b_z + h @ U_z.T + d_z)
        h = torch.lerp(torch.tanh(x_t @ W_n.T + b_n + (r * h) @ U_n.T + d_n), h, z)
        states.append(h)
    return torch.stack(states)


@right("paper_gru")
def inputs_at_once(x, h_0, W_ih, W_hh, b_ih, b_hh):
    H = h_0.shape[1]
    r_x, z_x, n_x = nn.functional.linear(x, W_ih, b_ih + b_hh).split(H, dim=-1)  # (T, B, H) each
    states = [h_0]
    for t in range(len(x)):
        h = states[-1]
        r = (r_x[t] + h @ W_hh[:H].mT).sigmoid()
        z = (z_x[t] + h @ W_hh[H : 2 * H].mT).sigmoid()
        n = (n_x[t] + (h * r) @ W_hh[2 * H :].mT).tanh()
        states.append(n + z * (h - n))
    return torch.stack(states[1:])


def gru(x, h_0, W_ih, W_hh, b_ih, b_hh, *, blocks=(0, 1, 2), mix=None, see=None, squash=torch.tanh, keep=True):
    H, h, states = h_0.shape[1], h_0, []
    rows = [slice(block * H, (block + 1) * H) for block in blocks]
    for x_t in x:
        r, z = (torch.sigmoid(x_t @ W_ih[k].T + b_ih[k] + h @ W_hh[k].T + b_hh[k]) for k in rows[:2])
        k = rows[2]
        n = squash(x_t @ W_ih[k].T + b_ih[k] + (see(r, h) if see else r * h) @ W_hh[k].T + b_hh[k])
        new = mix(z, h, n) if mix else z * h + (1 - z) * n
        states.append(new)
        h = new if keep else h
    return torch.stack(states)


@wrong("paper_gru", "your function writes over a tensor that the gradient needs")
def reads_what_it_fills(x, h_0, *weights):
    states = torch.zeros(len(x), *h_0.shape, dtype=x.dtype, device=x.device)
    for t in range(len(x)):
        states[t] = three_matrices(x[t : t + 1], states[t - 1] if t else h_0, *weights)[0]
    return states


@wrong("paper_gru", "this is torch's GRU")
def torchs(x, h_0, W_ih, W_hh, b_ih, b_hh):
    layer = nn.GRU(x.shape[2], h_0.shape[1]).to(x)
    weights = dict(
        zip(("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"), (W_ih, W_hh, b_ih, b_hh), strict=True)
    )
    return torch.func.functional_call(layer, weights, (x, h_0[None]))[0]


@wrong("paper_gru", "`states[0, 0, 0]`")
def resets_the_state(x, h_0, W_ih, W_hh, b_ih, b_hh):
    (W_r, W_z, W_n), (U_r, U_z, U_n) = W_ih.chunk(3), W_hh.chunk(3)
    b_r, b_z, b_n = (b_ih + b_hh).chunk(3)
    h, states = h_0, []
    for x_t in x:
        r, z = torch.sigmoid(x_t @ W_r.T + h @ U_r.T + b_r), torch.sigmoid(x_t @ W_z.T + h @ U_z.T + b_z)
        h = r * h
        h = z * h + (1 - z) * torch.tanh(x_t @ W_n.T + h @ U_n.T + b_n)
        states.append(h)
    return torch.stack(states)


wrong_answers(
    "paper_gru",
    update_turned=("the update gate is inverted", lambda *args: gru(*args, mix=lambda z, h, n: (1 - z) * h + z * n)),
    no_reset=("the reset gate is left out", lambda *args: gru(*args, see=lambda r, h: h)),
    blocks_exchanged=("reset and update gate are exchanged", lambda *args: gru(*args, blocks=(1, 0, 2))),
    starts_anew=("the state is not carried", lambda *args: gru(*args, keep=False)),
    no_update_gate=("`states[0, 0, 0]`", lambda *args: gru(*args, mix=lambda z, h, n: n)),
    no_tanh=("the candidate's tanh is left out", lambda *args: gru(*args, squash=lambda rows: rows)),
    with_the_start=("has the shape", lambda *args: torch.cat([args[1][None], gru(*args)])),
    last_state_only=("has the shape", lambda *args: gru(*args)[-1]),
    reads_backwards=("`states[1, 0, 0]`", lambda x, *rest: gru(torch.cat([x[:1], x[1:].flip(0)]), *rest)),
)
