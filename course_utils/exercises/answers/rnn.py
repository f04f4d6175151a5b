"""Worked solutions of lesson 1's exercises, and the mistakes that the checks know."""

import torch

from course_utils.measure import probes
from course_utils.models.rnn import rnn_step, run_rnn

MISTAKES = {}


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


def _going(x, lengths):
    return (torch.arange(len(x), device=lengths.device).unsqueeze(1) < lengths).to(x.device).unsqueeze(-1)  # (T, B, 1)


def _all_steps(x, *weights, activation=torch.tanh):
    return run_rnn(x, x.new_zeros(x.shape[1], len(weights[1])), *weights, activation=activation)


def _row(states, index):
    return states[index.to(states.device), torch.arange(states.shape[1], device=states.device)]


def _state_repeated(x, lengths, *weights):
    states, last = padded_rnn(x, lengths, *weights)
    return torch.where(_going(x, lengths), states, last), last


def _no_tanh(x, lengths, *weights):
    states = _all_steps(x, *weights, activation=lambda values: values)
    return states * _going(x, lengths), _row(states, lengths - 1)


MISTAKES["padded_rnn"] = {
    "padding_keeps_states": lambda x, n, *w: (_all_steps(x, *w), _all_steps(x, *w)[-1]),
    "state_repeated": _state_repeated,
    "last_row": lambda x, n, *w: (padded_rnn(x, n, *w)[0], padded_rnn(x, n, *w)[0][-1]),
    "one_padded_step": lambda x, n, *w: padded_rnn(x, (n + 1).clamp(max=len(x)), *w),
    "state_not_carried": lambda x, n, W_ih, W_hh, *b: padded_rnn(x, n, W_ih, 0 * W_hh, *b),
    "W_hh_not_transposed": lambda x, n, W_ih, W_hh, *b: padded_rnn(x, n, W_ih, W_hh.T, *b),
    "no_tanh": _no_tanh,
    "no_b_hh": lambda x, n, *w: padded_rnn(x, n, *w[:3], 0 * w[3]),
}


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


def _halves(x, ahead, back):
    return _all_steps(x, *ahead), _all_steps(x.flip(0), *back).flip(0)


def _join(backward):
    """Return a function that joins to the forward states those of a wrong backward pass."""
    return lambda x, ahead, back: torch.cat([_all_steps(x, *ahead), backward(x, ahead, back)], dim=-1)


MISTAKES["bidirectional_rnn"] = {
    "not_flipped_back": _join(lambda x, ahead, back: _all_steps(x.flip(0), *back)),
    "both_forward": _join(lambda x, ahead, back: _all_steps(x, *back)),
    "states_flipped_only": _join(lambda x, ahead, back: _all_steps(x, *back).flip(0)),
    "halves_exchanged": lambda *args: torch.cat(_halves(*args)[::-1], dim=-1),
    "forward_weights_twice": lambda x, ahead, back: bidirectional_rnn(x, ahead, ahead),
    "states_added": lambda *args: sum(_halves(*args)),
    "joined_along_steps": lambda *args: torch.cat(_halves(*args)),
    "goes_on_from_forward": _join(lambda x, ahead, back: run_rnn(x.flip(0), _all_steps(x, *ahead)[-1], *back).flip(0)),
}


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


def _norm(gradients):
    return torch.cat([gradient.flatten() for gradient in gradients]).norm()


def _clipped_by(norm):
    return lambda gradients, limit: [gradient * (limit / norm(gradients)).clamp(max=1.0) for gradient in gradients]


MISTAKES["clip_gradients"] = {
    "each_tensor": lambda gradients, limit: [clip_gradients([gradient], limit)[0] for gradient in gradients],
    "each_entry": lambda gradients, limit: [gradient.clamp(-limit, limit) for gradient in gradients],
    "short_stretched": lambda gradients, limit: [gradient * (limit / _norm(gradients)) for gradient in gradients],
    "no_root": _clipped_by(lambda gradients: _norm(gradients).square()),
    "norms_added": _clipped_by(lambda gradients: sum(gradient.norm() for gradient in gradients)),
    "largest_entry": _clipped_by(lambda gradients: max(gradient.abs().max() for gradient in gradients)),
    "length_1": lambda gradients, limit: clip_gradients(gradients, 1.0 if _norm(gradients) > limit else 1e9),
    "nothing_clipped": lambda gradients, limit: gradients,
}


def longest_lag(states, x, lengths, classes, level):
    """Walk back from each sequence's end, as long as the probe can follow.

    The state to read is each sequence's *own* last one, at `lengths − 1`; the token `k` steps before it is at
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


MISTAKES["longest_lag"] = {}  # one number per case tells too little to guess from
