"""Look inside an LSTM: its gates over time, the path from cell to cell, and what breaks when a gate is held."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from course_utils.datasets import tasks, words
from course_utils.models.lstm import lstm_gates, lstm_update, lstm_weights
from course_utils.models.rnn import SequenceClassifier

GATES = ("input", "forget", "output")
# Id of a choice → gate → value at which it is held, 0 (shut) or 1 (open).
HOLDS: dict[str, dict[str, float]] = {"none": {}} | {
    f"{gate}_{word}": {gate: value} for gate in GATES for word, value in (("shut", 0.0), ("open", 1.0))
}


class GateTrace(NamedTuple):
    """What an LSTM layer did at every step; each array is `(T, B, H)`, or `(T, H)` for one sequence.

    The gates are between 0 (shut) and 1 (open), candidate and hidden state between −1 and 1.
    """

    input: np.ndarray
    forget: np.ndarray
    candidate: np.ndarray
    output: np.ndarray
    cell: np.ndarray
    hidden: np.ndarray


class GateReading(NamedTuple):
    """One sequence read by a classifier: its gates `(T, H)`, and class probabilities after each step `(T, C)`."""

    trace: GateTrace
    probabilities: np.ndarray


class GateAnswer(NamedTuple):
    """One sequence read with a gate held or a forget bias shifted, and read again by the untouched network.

    `steps` are T labels, `classes` C names, `reading` is the changed network's, `untouched (C,)` holds the untouched
    network's probabilities after the last step, and `right` is the index of the right answer, or None.
    """

    steps: list[str]
    reading: GateReading
    untouched: np.ndarray
    classes: list[str]
    right: int | None


def _steps(
    layer: nn.LSTM,
    x: Tensor,
    hold: Mapping[str, float] = HOLDS["none"],
    forget_shift: float = 0.0,
    gates: Callable = lstm_gates,
    update: Callable = lstm_update,
    through_gates: bool = True,
) -> Iterator[tuple[Tensor, ...]]:
    """Yield the six tensors `(B, H)` of a `GateTrace` for every step of `x (T, B, E)`, with their graph."""
    if not isinstance(layer, nn.LSTM) or layer.num_layers != 1:
        raise ValueError(f"expected a one-layer nn.LSTM, not {layer}")
    for name, value in hold.items():
        if name not in GATES:
            raise ValueError(f"a gate to hold is one of {', '.join(GATES)}, not {name!r}")
        if not 0 <= value <= 1:
            raise ValueError(f"a gate is held between 0 (shut) and 1 (open), not at {value}")
    W_ih, W_hh, b_ih, b_hh = lstm_weights(layer)
    shift = torch.zeros_like(b_ih)
    shift[layer.hidden_size : 2 * layer.hidden_size] = forget_shift
    h_t = c_t = x.new_zeros(x.shape[1], layer.hidden_size)
    names = ("input", "forget", "candidate", "output")
    for x_t in x:
        h_seen = h_t if through_gates else h_t.detach()
        values = dict(zip(names, gates(x_t, h_seen, W_ih, W_hh, b_ih + shift, b_hh), strict=True))
        values |= {name: torch.full_like(values[name], value) for name, value in hold.items()}
        h_t, c_t = update(c_t, *values.values())
        yield *values.values(), c_t, h_t


def trace(layer: nn.LSTM, x: Tensor, **settings) -> GateTrace:
    """Run an LSTM layer step by step and return all its gates, candidates, cells and hidden states.

    Args:
        layer: a one-layer `nn.LSTM`.
        x: inputs `(T, B, E)`.
        **settings: any of `hold`, gate → value between 0 (shut) and 1 (open) at which it is held at every step, for
            every unit; `forget_shift`, added to the forget gate's bias while it runs; `gates` and `update`, functions
            like `lstm.lstm_gates` and `lstm.lstm_update` in their place, such as a student's own.

    Raises:
        ValueError: the layer is not a one-layer LSTM, or `hold` names another gate or a value outside 0 … 1.
    """
    with torch.no_grad():
        steps = zip(*_steps(layer, x, **settings), strict=True)
        return GateTrace(*(torch.stack(values).cpu().numpy() for values in steps))


def read_gates(model: SequenceClassifier, ids: Tensor, **settings) -> GateReading:
    """Return the gates of a classifier's LSTM on one sequence of ids `(T,)`; `settings` as in `trace`."""
    with torch.no_grad():
        batch_trace = trace(model.rnn, model.embedding(ids[:, None]), **settings)
        gate_trace = GateTrace(*(values[:, 0] for values in batch_trace))
        hidden = torch.as_tensor(gate_trace.hidden, device=model.output.weight.device)
        return GateReading(gate_trace, model.output(hidden).softmax(dim=-1).cpu().numpy())


def read_held(
    model: SequenceClassifier, text: str, alphabet=None, *, hold: str = "none", forget_shift: float = 0.0, **cell
) -> GateAnswer:
    """Let a network read a text with a gate held or its forget bias shifted, and once more untouched.

    Args:
        model: a `SequenceClassifier` over an LSTM, trained on delayed recall or on words.
        text: a word, or a recall sequence of letters from A on, without the cue.
        alphabet: the words' `Alphabet`; None for a model trained on delayed recall.
        hold: an id in `HOLDS`.
        forget_shift, **cell: as in `trace`; `gates` and `update` serve both runs.

    Raises:
        ValueError: the text cannot be read (a sentence for the reader), or there is no such hold.
    """
    if hold not in HOLDS:
        raise ValueError(f"the hold is one of {', '.join(HOLDS)}, not {hold!r}")
    if alphabet is None:
        ids, classes = tasks.recall_ids(text), [chr(ord("A") + at) for at in range(model.output.out_features)]
        steps = [*(classes[at - tasks.FIRST_SYMBOL] for at in ids[:-1]), "?"]
        right = ids[0] - tasks.FIRST_SYMBOL
    else:
        ids, classes, right = alphabet.encode(text), words.LANGUAGE_NAMES, None
        steps = [alphabet.letters[at - 1] for at in ids]
    x = torch.tensor(ids, device="cpu").to(model.output.weight.device)
    untouched = read_gates(model, x, **cell).probabilities[-1]
    reading = read_gates(model, x, hold=HOLDS[hold], forget_shift=forget_shift, **cell)
    return GateAnswer(steps, reading, untouched, classes, right)


def held_accuracy(model: SequenceClassifier, x: Tensor, y: Tensor, **settings) -> float:
    """Return the share of sequences `x (T, B)` whose class is `y (B,)`; `settings` as in `trace`."""
    with torch.no_grad():
        (last_step,) = deque(_steps(model.rnn, model.embedding(x), **settings), maxlen=1)
        return (model.output(last_step[-1]).argmax(dim=-1) == y).cpu().double().mean().item()


def forget_products(forget: np.ndarray) -> np.ndarray:
    """Return f_T · f_{T-1} · … · f_{t+1} for t = 1 … T from the forget gates `(T, …)`; the last is 1."""
    later = np.concatenate([forget[1:], np.ones_like(forget[:1])])
    return np.flip(np.cumprod(np.flip(later, axis=0), axis=0), axis=0)


def cell_jacobians(layer: nn.LSTM, x: Tensor, *, through_gates: bool = True, **cell) -> np.ndarray:
    """Return ∂c_T/∂c_t for t = 1 … T, `(T, H, H)`, by automatic differentiation; the last is the identity.

    Args:
        layer: a one-layer `nn.LSTM`.
        x: one sequence `(T, E)`.
        through_gates: False holds the hidden state constant where the gates read it, so that only the path
            from cell to cell is left.
        **cell: `gates` and `update`, as in `trace`.

    Raises:
        ValueError: the layer is not a one-layer LSTM.
    """
    with torch.enable_grad():  # a copy of the sequence for each unit of c_T, as in `gradients.step_jacobians`
        copies = x[:, None].expand(-1, layer.hidden_size, -1)
        cells = [c_t for *_, c_t, _ in _steps(layer, copies, through_gates=through_gates, **cell)]
        rows = torch.autograd.grad(cells[-1].trace(), cells, materialize_grads=True)
    return torch.stack(rows).cpu().numpy()
