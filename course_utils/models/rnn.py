"""The recurrent step of lesson 1 as a plain function, and networks over a recurrent layer."""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

LAYERS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
Step = Callable[..., Tensor]


def recurrent_layer(cell: str, *sizes: int, **options) -> nn.RNNBase:
    """Return a new `nn.RNN`, `nn.LSTM` or `nn.GRU`; sizes and options are the class's own.

    Raises:
        ValueError: the cell is not `"rnn"`, `"lstm"` or `"gru"`.
    """
    if cell not in LAYERS:
        raise ValueError(f"the cell is one of {', '.join(LAYERS)}, not {cell!r}")
    return LAYERS[cell](*sizes, **options)


def rnn_step(x_t, h_prev, W_ih, W_hh, b_ih, b_hh, activation=torch.tanh):
    """Return the next hidden state, `activation(x_t W_ihᵀ + b_ih + h_prev W_hhᵀ + b_hh)` (Elman 1990).

    Args:
        x_t, h_prev: input `(..., E)` and hidden state before the step `(..., H)`, floating point, of one dtype.
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

    def __init__(self, layer: nn.RNN, step: Step = rnn_step):
        super().__init__()
        self.layer, self.step = layer, step
        self.train(layer.training)

    def forward(self, x: Tensor, h_0: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return all states `(T, B, H)` and the last `(1, B, H)` for inputs `x (T, B, E)` and `h_0 (1, B, H)`."""
        h_0 = x.new_zeros(x.shape[1], self.layer.hidden_size) if h_0 is None else h_0[0]
        states = run_rnn(x, h_0, *rnn_weights(self.layer), step=self.step)
        return states, states[-1:]


class SequenceClassifier(nn.Module):
    """Read a sequence of ids with a recurrent layer and predict its class from the last state.

    Args:
        input_size: number of ids, padding (0) included.
        embedding_size, hidden_size: widths `E` and `H`.
        output_size: number of classes.
        cell: `"rnn"`, `"lstm"` or `"gru"`.
        num_layers: number of stacked recurrent layers.

    Raises:
        ValueError: an unknown cell, or a size below 1.
    """

    def __init__(self, input_size, embedding_size, hidden_size, output_size, cell="rnn", num_layers=1):
        super().__init__()
        if min(input_size, embedding_size, hidden_size, output_size, num_layers) < 1:
            raise ValueError("every size must be at least 1")
        self.embedding = nn.Embedding(input_size, embedding_size, padding_idx=0)
        self.rnn = recurrent_layer(cell, embedding_size, hidden_size, num_layers)
        self.output = nn.Linear(hidden_size, output_size)

    def states(self, x: Tensor) -> Tensor:
        """Return the top layer's state after every step, `(T, B, H)`, for ids `x (T, B)`."""
        return self.rnn(self.embedding(x))[0]

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Return logits `(B, output_size)`, computed from the state after the last real step, for ids `x (T, B)`.

        Padding follows a sequence's end, so the state at the end has not read it. `lengths` are the real steps of each
        sequence, `(B,)` int64 on the CPU; `T` for all by default.
        """
        return self.output(last_states(self.states(x), lengths))


def last_states(states: Tensor, lengths: Tensor | None = None) -> Tensor:
    """Return each sequence's state after its last real step, `(B, H)`, from `states (T, B, H)`."""
    if lengths is None:
        return states[-1]
    last = (lengths - 1).to(states.device)
    return states[last, torch.arange(states.shape[1], device=states.device)]


class SequenceRegressor(nn.Module):
    """Read a sequence of numbers with a recurrent layer and predict one number from the last state.

    Args:
        input_size, hidden_size: numbers per step, and units H.
        cell: as in `SequenceClassifier`.
    """

    def __init__(self, input_size, hidden_size, cell="rnn"):
        super().__init__()
        self.rnn = recurrent_layer(cell, input_size, hidden_size)
        self.output = nn.Linear(hidden_size, 1)

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Return one number per sequence, `(B,)`, for `x (T, B, input_size)` and `lengths (B,)` on the CPU."""
        return self.output(last_states(self.rnn(x)[0], lengths)).squeeze(-1)


def classification_loss(model: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
    """Return the mean cross-entropy (nats) of a batch `(*inputs, y)`, with `y (B,)` int64 class indices."""
    *inputs, y = batch
    return nn.functional.cross_entropy(model(*inputs), y)


def classification_accuracy(model: nn.Module, batches: Iterable[tuple[Tensor, ...]]) -> float:
    """Return the share of sequences in batches `(*inputs, y)`, at least one, whose class has the largest logit."""
    right = [model(*inputs).argmax(dim=-1) == y for *inputs, y in batches]
    if not right:
        raise ValueError("accuracy needs at least one batch")
    return torch.cat(right).cpu().double().mean().item()
