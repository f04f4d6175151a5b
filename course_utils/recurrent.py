"""Recurrent steps as plain functions, how an LSTM may start, and networks over a recurrent layer."""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

LAYERS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
Step = Callable[..., Tensor]


def rnn_step(x_t, h_prev, W_ih, W_hh, b_ih, b_hh, activation=torch.tanh):
    """Return the next hidden state, `activation(x_t W_ihᵀ + b_ih + h_prev W_hhᵀ + b_hh)` (Elman 1990).

    Args:
        x_t: input, `(..., E)`, floating point.
        h_prev: hidden state before the step, `(..., H)`, same dtype.
        W_ih, W_hh: weights `(H, E)` and `(H, H)`, the layout of `torch.nn.RNN`.
        b_ih, b_hh: biases `(H,)`.
        activation: elementwise function; torch's default is tanh.

    Returns:
        The hidden state after the step, `(..., H)`.
    """
    return activation(x_t @ W_ih.T + b_ih + h_prev @ W_hh.T + b_hh)


def run_rnn(x, h_0, W_ih, W_hh, b_ih, b_hh, activation=torch.tanh, step=rnn_step):
    """Return every hidden state of a loop over `step`: `x (T, ..., E)`, `h_0 (..., H)` → `(T, ..., H)`."""
    h_t, states = h_0, []
    for x_t in x:
        h_t = step(x_t, h_t, W_ih, W_hh, b_ih, b_hh, activation)
        states.append(h_t)
    return torch.stack(states)


def rnn_weights(layer: nn.RNN) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return `W_ih, W_hh, b_ih, b_hh` of the first layer of an `nn.RNN`."""
    return layer.weight_ih_l0, layer.weight_hh_l0, layer.bias_ih_l0, layer.bias_hh_l0


class LoopedRNN(nn.Module):
    """A one-layer `nn.RNN` whose step is a Python function, so that a student's own step can take its place."""

    def __init__(self, layer: nn.RNN, step: Step = rnn_step, activation: Callable[[Tensor], Tensor] = torch.tanh):
        super().__init__()
        self.layer, self.step, self.activation = layer, step, activation
        self.train(layer.training)

    def forward(self, x: Tensor, h_0: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return all states `(T, B, H)` and the last `(1, B, H)` for inputs `x (T, B, E)` and `h_0 (1, B, H)`."""
        h_0 = x.new_zeros(x.shape[1], self.layer.hidden_size) if h_0 is None else h_0[0]
        states = run_rnn(x, h_0, *rnn_weights(self.layer), activation=self.activation, step=self.step)
        return states, states[-1:]


class SequenceClassifier(nn.Module):
    """Read a sequence of ids with a recurrent layer and name its class from the last state.

    Args:
        input_size: number of ids, padding (0) included.
        embedding_size, hidden_size: widths `E` and `H`.
        output_size: number of classes.
        cell: `"rnn"`, `"lstm"` or `"gru"`.
        num_layers: recurrent layers on top of each other.

    Raises:
        ValueError: an unknown cell, or a size below 1.
    """

    def __init__(self, input_size, embedding_size, hidden_size, output_size, cell="rnn", num_layers=1):
        super().__init__()
        if cell not in LAYERS:
            raise ValueError(f"the cell is one of {', '.join(LAYERS)}, not {cell!r}")
        if min(input_size, embedding_size, hidden_size, output_size, num_layers) < 1:
            raise ValueError("every size must be at least 1")
        self.embedding = nn.Embedding(input_size, embedding_size, padding_idx=0)
        self.rnn = LAYERS[cell](embedding_size, hidden_size, num_layers)
        self.output = nn.Linear(hidden_size, output_size)

    def states(self, x: Tensor) -> Tensor:
        """Return the top layer's state after every step, `(T, B, H)`, for ids `x (T, B)`."""
        return self.rnn(self.embedding(x))[0]

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Return logits `(B, output_size)` for ids `x (T, B)`, read off the state after the last real step.

        Padding stands after a sequence's end, so the state at its end has never seen it.

        Args:
            x: ids `(T, B)`, int64.
            lengths: real steps of each sequence, `(B,)` int64 on the CPU; all `T` where absent.
        """
        return self.output(last_states(self.states(x), lengths))


def last_states(states: Tensor, lengths: Tensor | None = None) -> Tensor:
    """Return each sequence's state after its last real step, `(B, H)`, from `states (T, B, H)`."""
    if lengths is None:
        return states[-1]
    last = (lengths - 1).to(states.device)
    return states[last, torch.arange(states.shape[1], device=states.device)]


def lstm_weights(layer: nn.LSTM | nn.GRU, index: int = 0) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return `W_ih, W_hh, b_ih, b_hh` of one layer (0 is the lowest), the gates stacked in their rows."""
    return tuple(getattr(layer, f"{name}_l{index}") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))


def lstm_gates(x_t, h_prev, W_ih, W_hh, b_ih, b_hh):
    """Return what an LSTM decides at one step: input gate, forget gate, candidate, output gate.

    Gates lie between 0 (shut) and 1 (open), the candidate between −1 and 1. The rows of the weights hold the
    four in this order, H rows each, as in `torch.nn.LSTM`. Input and output gate: Hochreiter and Schmidhuber
    (1997); forget gate: Gers, Schmidhuber and Cummins (2000).

    Args:
        x_t: input, `(..., E)`, floating point.
        h_prev: hidden state before the step, `(..., H)`, same dtype.
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

    All arguments and both results are `(..., H)`, and every unit is on its own: nothing is mixed here.
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
        x_t: input, `(..., E)`, floating point.
        h_prev: hidden state before the step, `(..., H)`, same dtype.
        W_ih, W_hh: weights `(3H, E)` and `(3H, H)`.
        b_ih, b_hh: biases `(3H,)`.
    """
    r_x, z_x, n_x = (x_t @ W_ih.T + b_ih).chunk(3, dim=-1)
    r_h, z_h, n_h = (h_prev @ W_hh.T + b_hh).chunk(3, dim=-1)
    r, z = (r_x + r_h).sigmoid(), (z_x + z_h).sigmoid()
    n = (n_x + r * n_h).tanh()
    return z * h_prev + (1 - z) * n


def set_forget_bias(layer: nn.LSTM, value: float | Tensor) -> None:
    """Set the forget gate's bias, `b_ih + b_hh`, of every layer in place (Jozefowicz et al. 2015 advise 1 or 2).

    Args:
        layer: the LSTM to change.
        value: one number for all units, or one for each, `(H,)`.
    """
    rows = slice(layer.hidden_size, 2 * layer.hidden_size)
    with torch.no_grad():
        for index in range(layer.num_layers):
            _, _, b_ih, b_hh = lstm_weights(layer, index)
            b_ih[rows] = value
            b_hh[rows] = 0.0


def chrono_init(layer: nn.LSTM, longest: int, *, generator: torch.Generator) -> None:
    """Set forget and input biases in place for memories of 1 to `longest` steps (Tallec and Ollivier 2018).

    Each unit's forget bias is the logarithm of a number drawn evenly from 1 to `longest − 1`; its input bias is
    the opposite. So units forget at different speeds, the slowest about as slowly as the task needs.

    Args:
        layer: the LSTM to change.
        longest: the longest time to remember, in steps, at least 2.
        generator: where the randomness comes from.

    Raises:
        ValueError: `longest` is below 2.
    """
    if longest < 2:
        raise ValueError(f"the longest memory must be at least 2 steps, not {longest}")
    share = torch.rand(layer.hidden_size, generator=generator, device=generator.device)
    forget = torch.log(1 + share * (longest - 2)).to(layer.bias_ih_l0.device)
    set_forget_bias(layer, forget)
    with torch.no_grad():
        for index in range(layer.num_layers):
            _, _, b_ih, b_hh = lstm_weights(layer, index)
            b_ih[: layer.hidden_size] = -forget
            b_hh[: layer.hidden_size] = 0.0


class SequenceRegressor(nn.Module):
    """Read a sequence of numbers with a recurrent layer and answer with one number from the last state.

    Args:
        input_size: numbers a step.
        hidden_size: units H.
        cell: `"rnn"`, `"lstm"` or `"gru"`.

    Raises:
        ValueError: an unknown cell.
    """

    def __init__(self, input_size, hidden_size, cell="rnn"):
        super().__init__()
        if cell not in LAYERS:
            raise ValueError(f"the cell is one of {', '.join(LAYERS)}, not {cell!r}")
        self.rnn = LAYERS[cell](input_size, hidden_size)
        self.output = nn.Linear(hidden_size, 1)

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Return one number a sequence, `(B,)`, for `x (T, B, input_size)` and `lengths (B,)` on the CPU."""
        return self.output(last_states(self.rnn(x)[0], lengths)).squeeze(-1)


def classification_loss(model: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
    """Return the mean cross-entropy (nats) of a batch `(*inputs, y)`, with `y (B,)` int64 class indices."""
    *inputs, y = batch
    return nn.functional.cross_entropy(model(*inputs), y)


def accuracy(model: nn.Module, batches: Iterable[tuple[Tensor, ...]]) -> float:
    """Return the share of sequences whose class has the largest logit, over batches `(*inputs, y)`.

    Raises:
        ValueError: there are no batches.
    """
    right = [(model(*inputs).argmax(dim=-1) == y) for *inputs, y in batches]
    if not right:
        raise ValueError("accuracy needs at least one batch")
    return torch.cat(right).double().mean().item()
