"""Answers to lesson 1's exercises."""

import random

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from course_utils.measure import probes
from course_utils.models.rnn import rnn_step, run_rnn
from mutants.registry import right, wrong


def layer_of(W_ih, W_hh, b_ih, b_hh):
    """Return torch's own layer as a function of its weights, so that gradients reach them."""
    layer = nn.RNN(W_ih.shape[1], W_ih.shape[0]).to(W_ih)
    named = dict(
        zip(("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"), (W_ih, W_hh, b_ih, b_hh), strict=True)
    )
    return lambda *args: torch.func.functional_call(layer, named, args)


@right("padded_rnn")
def packed(x, lengths, *weights):
    states, last = layer_of(*weights)(pack_padded_sequence(x, lengths, enforce_sorted=False))
    return pad_packed_sequence(states, total_length=len(x))[0], last[0]


@right("padded_rnn")
def run_then_mask(x, lengths, *weights):
    states = run_rnn(x, x.new_zeros(x.shape[1], weights[0].shape[0]), *weights)
    real = torch.arange(len(x))[:, None] < lengths[None, :]
    last = torch.stack([states[n - 1, b] for b, n in enumerate(lengths.tolist())])
    return states * real[..., None].to(x), last


@right("padded_rnn")
def sequence_by_sequence(x, lengths, W_ih, W_hh, b_ih, b_hh):
    columns, last = [], []
    for b, n in enumerate(lengths):
        h, rows = torch.zeros(W_hh.shape[0], dtype=x.dtype, device=x.device), []
        for t in range(len(x)):
            if t < n:
                h = rnn_step(x[t, b], h, W_ih, W_hh, b_ih, b_hh)
                rows.append(h)
            else:
                rows.append(h * 0)
        columns.append(torch.stack(rows))
        last.append(h)
    return torch.stack(columns, dim=1), torch.stack(last)


def masked(x, lengths, states):
    return states * (torch.arange(len(x))[:, None] < lengths)[..., None]


@wrong("padded_rnn", "the padded steps keep the states")
def never_masks(x, lengths, *weights):
    states = run_rnn(x, torch.zeros(x.shape[1], len(weights[1]), dtype=x.dtype), *weights)
    return states, states[lengths - 1, range(len(lengths))]


@wrong("padded_rnn", "`last` is row T − 1")
def last_row(x, lengths, *weights):
    states = masked(x, lengths, run_rnn(x, torch.zeros(x.shape[1], len(weights[1]), dtype=x.dtype), *weights))
    return states, states[-1]


@wrong("padded_rnn", "`last[")
def last_row_before_masking(x, lengths, *weights):
    states = run_rnn(x, torch.zeros(x.shape[1], len(weights[1]), dtype=x.dtype), *weights)
    return masked(x, lengths, states), states[-1]


@wrong("padded_rnn", "the state is not carried")
def forgets_to_carry(x, lengths, W_ih, W_hh, b_ih, b_hh):
    h, states = x.new_zeros(x.shape[1], len(W_hh)), []
    for x_t in x:
        states.append(rnn_step(x_t, h, W_ih, W_hh, b_ih, b_hh))
    states = torch.stack(states)
    return masked(x, lengths, states), states[lengths - 1, torch.arange(len(lengths))]


@wrong("padded_rnn", "each sequence reads one padded step")
def one_step_too_far(x, lengths, *weights):
    h, states = x.new_zeros(x.shape[1], len(weights[1])), []
    for t, x_t in enumerate(x):
        new = rnn_step(x_t, h, *weights)
        on = (t <= lengths)[:, None]
        h = torch.where(on, new, h)
        states.append(new * on)
    return torch.stack(states), h


@wrong("padded_rnn", "`W_hh` is not transposed")
def untransposed(x, lengths, W_ih, W_hh, b_ih, b_hh):
    return run_then_mask(x, lengths, W_ih, W_hh.t(), b_ih, b_hh)


@wrong("padded_rnn", "the tanh is left out")
def linear(x, lengths, W_ih, W_hh, b_ih, b_hh):
    states = run_rnn(x, x.new_zeros(x.shape[1], len(W_hh)), W_ih, W_hh, b_ih, b_hh, activation=nn.Identity())
    return masked(x, lengths, states), states[lengths - 1, torch.arange(len(lengths))]


@wrong("padded_rnn", "`states[0, 0, 0]`")
def no_bias(x, lengths, W_ih, W_hh, b_ih, b_hh):
    h, states = x.new_zeros(x.shape[1], len(W_hh)), []
    for t, x_t in enumerate(x):
        new, on = torch.tanh(x_t @ W_ih.T + h @ W_hh.T), (t < lengths)[:, None]
        h = torch.where(on, new, h)
        states.append(torch.where(on, new, 0))
    return torch.stack(states), h


@wrong("padded_rnn", "changed its argument `x` in place")
def cleans_the_input(x, lengths, *weights):
    for b, n in enumerate(lengths):
        x[n:, b] = 0
    return run_then_mask(x, lengths, *weights)


@wrong("padded_rnn", "has the dtype torch.float32")
def forgets_the_dtype(x, lengths, *weights):
    states, last = run_then_mask(x, lengths, *weights)
    return states.float(), last


@wrong("padded_rnn", "gradient reaches")
def cuts_the_gradient(x, lengths, W_ih, W_hh, b_ih, b_hh):
    h, states = x.new_zeros(x.shape[1], len(W_hh)), []
    for t, x_t in enumerate(x):
        new, on = rnn_step(x_t, h.detach(), W_ih, W_hh, b_ih, b_hh), (t < lengths)[:, None]
        h = torch.where(on, new, h)
        states.append(new * on)
    return torch.stack(states), h


@wrong("padded_rnn", "has the shape (3, 5, 3)")
def batch_first(x, lengths, *weights):
    states, last = run_then_mask(x, lengths, *weights)
    return states.transpose(0, 1), last


@wrong("padded_rnn", "should return `states` and `last`")
def only_states(x, lengths, *weights):
    return run_then_mask(x, lengths, *weights)[0]


@wrong("padded_rnn", "did not come back within")
def while_without_end(x, lengths, *weights):
    t = 0
    while t < len(x):
        rnn_step(x[t], x.new_zeros(x.shape[1], len(weights[1])), *weights)
    return x, x[-1]


def one_way(x, weights, h_0=None):
    return run_rnn(x, x.new_zeros(x.shape[1], len(weights[1])) if h_0 is None else h_0, *weights)


@right("bidirectional_rnn")
def torchs_two_layers(x, ahead, back):
    return torch.cat([layer_of(*ahead)(x)[0], layer_of(*back)(torch.flip(x, [0]))[0].flip(0)], -1)


@right("bidirectional_rnn")
def counting_down(x, ahead, back):
    h, states = x.new_zeros(x.shape[1], len(back[1])), [None] * len(x)
    for t in range(len(x) - 1, -1, -1):
        h = rnn_step(x[t], h, *back)
        states[t] = h
    return torch.concatenate((one_way(x, ahead), torch.stack(states)), dim=2)


@wrong("bidirectional_rnn", "flip them back before you join")
def not_flipped_back(x, ahead, back):
    return torch.cat([one_way(x, ahead), one_way(x.flip(0), back)], dim=2)


@wrong("bidirectional_rnn", "both networks read from the front")
def both_forward(x, ahead, back):
    return torch.cat([one_way(x, ahead), one_way(x, back)], dim=2)


@wrong("bidirectional_rnn", "the halves are exchanged")
def halves_exchanged(x, ahead, back):
    return torch.cat([one_way(x.flip(0), back).flip(0), one_way(x, ahead)], dim=2)


@wrong("bidirectional_rnn", "the forward weights are used both ways")
def one_set_of_weights(x, ahead, back):
    return torch.cat([one_way(x, ahead), one_way(x.flip(0), ahead).flip(0)], dim=2)


@wrong("bidirectional_rnn", "the states of both are added")
def summed(x, ahead, back):
    return one_way(x, ahead) + one_way(x.flip(0), back).flip(0)


@wrong("bidirectional_rnn", "joined along the steps")
def joined_in_time(x, ahead, back):
    return torch.cat([one_way(x, ahead), one_way(x.flip(0), back).flip(0)])


@wrong("bidirectional_rnn", "goes on from the forward network's last state")
def handed_over(x, ahead, back):
    first = one_way(x, ahead)
    return torch.cat([first, one_way(x.flip(0), back, first[-1]).flip(0)], dim=2)


@wrong("bidirectional_rnn", "has the shape")
def only_the_ends(x, ahead, back):
    return torch.cat([one_way(x, ahead)[-1], one_way(x.flip(0), back)[-1]], dim=-1)


@wrong("bidirectional_rnn", "should be a Tensor")
def a_pair(x, ahead, back):
    return [one_way(x, ahead), one_way(x.flip(0), back).flip(0)]


@wrong("bidirectional_rnn", "the values are right, but")
def through_numpy(x, ahead, back):
    return torch.tensor(torchs_two_layers(x, ahead, back).tolist(), dtype=x.dtype)


@right("clip_gradients")
def torchs_own(gradients, max_norm):
    parameters = [nn.Parameter(torch.zeros_like(gradient)) for gradient in gradients]
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = gradient.clone()
    nn.utils.clip_grad_norm_(parameters, max_norm)
    return [parameter.grad for parameter in parameters]


@right("clip_gradients")
def with_an_if(gradients, max_norm):
    norm = sum((gradient**2).sum().item() for gradient in gradients) ** 0.5
    if norm <= max_norm:
        return [gradient.clone() for gradient in gradients]
    return [gradient / norm * max_norm for gradient in gradients]


@wrong("clip_gradients", "each tensor is clipped by its own norm")
def one_by_one(gradients, max_norm):
    return [gradient * min(1.0, max_norm / (gradient.norm().item() + 1e-12)) for gradient in gradients]


@wrong("clip_gradients", "each entry is clipped by itself")
def by_value(gradients, max_norm):
    return [torch.clip(gradient, min=-max_norm, max=max_norm) for gradient in gradients]


@wrong("clip_gradients", "a short gradient is stretched")
def always_scaled(gradients, max_norm):
    norm = torch.stack([gradient.norm() for gradient in gradients]).norm()
    return [max_norm * gradient / norm for gradient in gradients]


@wrong("clip_gradients", "the root is missing")
def squared(gradients, max_norm):
    norm = sum(gradient.square().sum() for gradient in gradients)
    return [gradient * max_norm / norm if norm > max_norm else gradient.clone() for gradient in gradients]


@wrong("clip_gradients", "the norms of the tensors are added")
def sum_of_norms(gradients, max_norm):
    norm = sum(gradient.norm() for gradient in gradients)
    return [gradient * max_norm / norm if norm > max_norm else gradient for gradient in gradients]


@wrong("clip_gradients", "the largest entry is used")
def by_the_largest(gradients, max_norm):
    largest = max(gradient.abs().max() for gradient in gradients)
    return [gradient * (max_norm / largest).clamp(max=1) for gradient in gradients]


@wrong("clip_gradients", "shortened to length 1")
def to_length_one(gradients, max_norm):
    norm = torch.cat([gradient.reshape(-1) for gradient in gradients]).norm()
    return [gradient / norm if norm > max_norm else gradient for gradient in gradients]


@wrong("clip_gradients", "nothing is clipped")
def hands_back(gradients, max_norm):
    return [gradient.clone() for gradient in gradients]


@wrong("clip_gradients", "changed its argument `gradients` in place")
def in_place(gradients, max_norm):
    norm = torch.cat([gradient.reshape(-1) for gradient in gradients]).norm()
    for gradient in gradients:
        gradient.mul_(min(1.0, max_norm / max(norm.item(), 1e-12)))
    return gradients


@wrong("clip_gradients", "`clipped` is")
def one_long_vector(gradients, max_norm):
    long = torch.cat([gradient.reshape(-1) for gradient in gradients])
    return long * (max_norm / long.norm()).clamp(max=1)


@wrong("clip_gradients", "raised ZeroDivisionError")
def divides_by_zero(gradients, max_norm):
    norm = torch.cat([gradient.reshape(-1) for gradient in gradients]).norm().item()
    return [gradient * min(1.0, max_norm / norm) for gradient in gradients]


@wrong("clip_gradients", "two calls with equal arguments")
def with_noise(gradients, max_norm):
    return [gradient * random.random() for gradient in gradients]


def read(states, x, lengths, classes, k):
    keep = [b for b in range(len(lengths)) if lengths[b] > k]
    last = np.stack([states[lengths[b] - 1, b].numpy() for b in keep])
    tokens = np.array([x[lengths[b] - 1 - k, b].item() for b in keep])
    return probes.linear_probe(last, tokens, classes=classes)


@right("longest_lag")
def in_plain_loops(states, x, lengths, classes, level):
    k = 0
    while k < len(x) and read(states, x, lengths, classes, k) >= level:
        k += 1
    return k - 1


@right("longest_lag")
def all_lags_first(states, x, lengths, classes, level):
    enough = [read(states, x, lengths, classes, k) >= level for k in range(int(lengths.max()))]
    return (enough.index(False) if False in enough else len(enough)) - 1


@wrong("longest_lag", "`lag` should be")
def any_lag(states, x, lengths, classes, level):
    return max([k for k in range(len(x)) if read(states, x, lengths, classes, k) >= level], default=-1)


@wrong("longest_lag", "`lag` should be")
def one_too_many(states, x, lengths, classes, level):
    return in_plain_loops(states, x, lengths, classes, level) + 1


@wrong("longest_lag", "`lag` should be")
def never_negative(states, x, lengths, classes, level):
    longest = 0
    for k in range(len(x)):
        if read(states, x, lengths, classes, k) < level:
            break
        longest = k
    return longest


@wrong("longest_lag", "`lag` should be")
def ignores_lengths(states, x, lengths, classes, level):
    for k in range(len(x)):
        if probes.linear_probe(states[-1], x[len(x) - 1 - k], classes=classes) < level:
            return k - 1
    return len(x) - 1


@wrong("longest_lag", "`lag` should be")
def from_the_front(states, x, lengths, classes, level):
    longest = -1
    for k in range(len(x)):
        rows = (lengths > k).nonzero()[:, 0]
        if probes.linear_probe(states[lengths[rows] - 1, rows], x[k, rows], classes=classes) < level:
            break
        longest = k
    return longest


@wrong("longest_lag", "`lag` should be")
def off_by_one(states, x, lengths, classes, level):
    longest = -1
    for k in range(len(x)):
        rows = (lengths > k).nonzero()[:, 0]
        if (
            probes.linear_probe(states[lengths[rows] - 1, rows], x[lengths[rows] - 2 - k, rows], classes=classes)
            < level
        ):
            break
        longest = k
    return longest


@wrong("longest_lag", "`lag` should be")
def keeps_short_ones(states, x, lengths, classes, level):
    columns, k = torch.arange(len(lengths)), 0
    while k < len(x):
        if probes.linear_probe(states[lengths - 1, columns], x[lengths - 1 - k, columns], classes=classes) < level:
            break
        k += 1
    return k - 1


@wrong("longest_lag", "should be a whole number")
def the_accuracy(states, x, lengths, classes, level):
    return read(states, x, lengths, classes, 0)


@wrong("longest_lag", "`lag` should be")
def below_the_level(states, x, lengths, classes, level):
    return max([k for k in range(len(x)) if read(states, x, lengths, classes, k) < level], default=-1)


@wrong("longest_lag", "raised ValueError")
def runs_past_the_end(states, x, lengths, classes, level):
    k = 0
    while read(states, x, lengths, classes, k) >= level:
        k += 1
    return k - 1
