"""Worked solutions of lesson 1."""

import torch

from course_utils.measure import probes
from course_utils.models.rnn import rnn_step, run_rnn


def padded_rnn(x, lengths, W_ih, W_hh, b_ih, b_hh):
    """Where a sequence is over, its state is held.

    The loop cannot stop for one sequence alone: a batch is a rectangle, and the others go on. So every step computes
    a new state for all, and `torch.where` decides for each sequence whether it counts. The state that is carried on
    is the new one while words last and the old one afterwards; so after the loop it *is* the last real state, and
    no padding ever entered it. What is stored for the padded steps is 0. The comparison `t < lengths` is a mask
    `(B,)`; one more axis makes it `(B, 1)`, and it is stretched over the `H` units.
    """
    h_t = x.new_zeros(x.shape[1], len(W_hh))  # (B, H)
    states = []
    for t, x_t in enumerate(x):
        going = (t < lengths).to(x.device).unsqueeze(-1)  # (B, 1)
        h_new = rnn_step(x_t, h_t, W_ih, W_hh, b_ih, b_hh)
        h_t = torch.where(going, h_new, h_t)
        states.append(torch.where(going, h_new, torch.zeros_like(h_new)))
    return torch.stack(states), h_t


def bidirectional_rnn(x, forward_weights, backward_weights):
    """Two networks read the same sequence, one from each end, and meet at every step.

    The second reads `x.flip(0)`. Its states then come in the order in which it read, the last step first, so they
    must be flipped back before they are joined: row `t` has to hold what both know of step `t`. The joined state
    has width `2H`: the first half has seen steps 0 to `t`, the second half steps `t` to `T − 1`.
    """
    h_0 = x.new_zeros(x.shape[1], len(forward_weights[1]))  # (B, H)
    forward = run_rnn(x, h_0, *forward_weights)
    backward = run_rnn(x.flip(0), h_0, *backward_weights).flip(0)
    return torch.cat([forward, backward], dim=-1)  # (T, B, 2H)


def clip_gradients(gradients, max_norm):
    """All gradients together are one long arrow; if it is too long it is shortened, and keeps its direction.

    The norm is that of all entries of all tensors: the root of the sum of the squares. Every tensor is multiplied
    by the same number, so the ratio between any two entries stays as it was. Clipping each tensor, or each entry,
    by itself would turn the arrow. `clamp(max=1)` leaves a short arrow alone, and a zero one too: there
    `max_norm / 0` is infinite.
    """
    norm = torch.sqrt(sum(gradient.square().sum() for gradient in gradients))
    scale = (max_norm / norm).clamp(max=1.0)
    return [gradient * scale for gradient in gradients]


def longest_lag(states, x, lengths, classes, level):
    """Walk back from each sequence's end, as long as the probe can follow.

    The state to read is each sequence's *own* last one, at `lengths − 1`; the token `k` steps before it stands at
    `lengths − 1 − k`. A sequence of at most `k` tokens has none there and is left out. The walk stops at the first
    lag that the probe misses: a lucky hit farther back is not memory that fades. The answer begins at −1, for a
    state from which not even the last token can be read.
    """
    columns = torch.arange(len(lengths), device=lengths.device)
    last = states[lengths - 1, columns].cpu()  # (B, H)
    longest = -1
    while longest + 1 < len(x):
        k = longest + 1
        rows = columns[lengths > k]
        tokens = x[lengths[rows] - 1 - k, rows].cpu()
        if probes.linear_probe(last[rows], tokens, classes=classes) < level:
            break
        longest = k
    return longest
