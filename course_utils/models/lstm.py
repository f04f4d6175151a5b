"""The LSTM and the GRU of lesson 2 as plain functions, and initial biases for an LSTM."""

import torch
from torch import Tensor, nn


def lstm_weights(layer: nn.LSTM | nn.GRU, index: int = 0) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return `W_ih, W_hh, b_ih, b_hh` of one layer (0 is the lowest), the gates stacked in their rows."""
    return tuple(getattr(layer, f"{name}_l{index}") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))


def lstm_gates(x_t, h_prev, W_ih, W_hh, b_ih, b_hh):
    """Return an LSTM's input gate, forget gate, candidate and output gate at one step.

    Gates are between 0 (shut) and 1 (open), the candidate between −1 and 1. The rows of the weights hold the
    four in this order, H rows each, as in `torch.nn.LSTM`. Input and output gate: Hochreiter and Schmidhuber
    (1997); forget gate: Gers, Schmidhuber and Cummins (2000).

    Args:
        x_t, h_prev: input `(..., E)` and hidden state before the step `(..., H)`, floating point, of one dtype.
        W_ih, W_hh: weights `(4H, E)` and `(4H, H)`.
        b_ih, b_hh: biases `(4H,)`; only their sum matters.

    Returns:
        `i, f, g, o`, each `(..., H)`.
    """
    rows = x_t @ W_ih.T + b_ih + h_prev @ W_hh.T + b_hh
    i, f, g, o = rows.chunk(4, dim=-1)
    return i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()


def lstm_update(c_prev, i, f, g, o):
    """Return the hidden state and the cell after a step: `c_t = f c_prev + i g`, `h_t = o tanh(c_t)`.

    All arguments and both results are `(..., H)`. Units do not mix.
    """
    c_t = f * c_prev + i * g
    h_t = o * c_t.tanh()
    return h_t, c_t


def lstm_step(x_t, h_prev, c_prev, W_ih, W_hh, b_ih, b_hh):
    """Return `h_t, c_t`, each `(..., H)`: one step of an LSTM; arguments as in `lstm_gates`."""
    i, f, g, o = lstm_gates(x_t, h_prev, W_ih, W_hh, b_ih, b_hh)
    return lstm_update(c_prev, i, f, g, o)


def run_lstm(x, h_0, c_0, W_ih, W_hh, b_ih, b_hh, step=lstm_step):
    """Return all hidden states and all cells of a loop over `step`, each `(T, ..., H)`, for `x (T, ..., E)`."""
    h_t, c_t, states, cells = h_0, c_0, [], []
    for x_t in x:
        h_t, c_t = step(x_t, h_t, c_t, W_ih, W_hh, b_ih, b_hh)
        states.append(h_t)
        cells.append(c_t)
    return torch.stack(states), torch.stack(cells)


def gru_step(x_t, h_prev, W_ih, W_hh, b_ih, b_hh):
    """Return the next hidden state of a GRU, `(..., H)` (Cho et al. 2014).

    The weights' rows hold reset gate, update gate and candidate, H rows each. As in `torch.nn.GRU` the reset
    gate acts after the matrix product; the paper applies it to `h_prev` before.

    Args:
        x_t, h_prev: as in `lstm_gates`.
        W_ih, W_hh, b_ih, b_hh: weights `(3H, E)` and `(3H, H)`, biases `(3H,)`.
    """
    r_x, z_x, n_x = (x_t @ W_ih.T + b_ih).chunk(3, dim=-1)
    r_h, z_h, n_h = (h_prev @ W_hh.T + b_hh).chunk(3, dim=-1)
    r, z = (r_x + r_h).sigmoid(), (z_x + z_h).sigmoid()
    n = (n_x + r * n_h).tanh()
    return z * h_prev + (1 - z) * n


def set_forget_bias(layer: nn.LSTM, value: float | Tensor) -> None:
    """Set the forget gate's bias, `b_ih + b_hh`, of every layer in place (Jozefowicz et al. 2015 advise 1 or 2).

    `value` is one number for all units, or one number per unit, `(H,)`.
    """
    _set_gate_bias(layer, 1, value)


def _set_gate_bias(layer: nn.LSTM, gate: int, value: float | Tensor) -> None:
    """Set a gate's bias, `b_ih + b_hh`, of every layer in place; `gate` counts in the order of `lstm_gates`."""
    rows = slice(gate * layer.hidden_size, (gate + 1) * layer.hidden_size)
    with torch.no_grad():
        for index in range(layer.num_layers):
            _, _, b_ih, b_hh = lstm_weights(layer, index)
            b_ih[rows] = value
            b_hh[rows] = 0.0


def chrono_init(
    layer: nn.LSTM, longest: int, *, generator: torch.Generator, halves: tuple[str, ...] = ("forget", "input")
) -> None:
    """Set forget and input biases in place for memories of at most `longest` steps (Tallec and Ollivier 2018).

    Each unit's forget bias is the logarithm of a number drawn uniformly from 1 to `longest − 1`; its input bias is
    the negative of it. So units forget at different speeds, the slowest about as slowly as the task needs, and a unit
    that forgets slowly writes little at every step.

    Args:
        layer, generator: changed in place; of the draws.
        longest: the longest time to remember, in steps.
        halves: which of the two gates to set; the draws are the same.

    Raises:
        ValueError: `longest` is below 2.
    """
    if longest < 2:
        raise ValueError(f"the longest memory must be at least 2 steps, not {longest}")
    share = torch.rand(layer.hidden_size, generator=generator, device=generator.device)
    forget = torch.log(1 + share * (longest - 2)).to(layer.bias_ih_l0.device)
    if "forget" in halves:
        _set_gate_bias(layer, 1, forget)
    if "input" in halves:
        _set_gate_bias(layer, 0, -forget)
