"""Two benchmarks of memory: delayed recall by lag, and the adding problem of 1997 with its own stopping rule."""

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import Tensor

from course_utils.datasets import tasks
from course_utils.messages.labels import label
from course_utils.models.lstm import chrono_init, set_forget_bias
from course_utils.models.rnn import SequenceClassifier, SequenceRegressor, classification_accuracy, classification_loss
from course_utils.models.training import fit

if TYPE_CHECKING:
    import pandas as pd

# How a network's memory starts: id → (cell, forget bias). None leaves torch's own start.
STARTS: dict[str, tuple[str, float | str | None]] = {
    "rnn": ("rnn", None),
    "gru": ("gru", None),
    "lstm": ("lstm", None),
    "lstm_bias_1": ("lstm", 1.0),
    "lstm_bias_3": ("lstm", 3.0),
    "lstm_bias_5": ("lstm", 5.0),
    "lstm_chrono": ("lstm", "chrono"),
    "lstm_chrono_forget": ("lstm", "forget"),
    "lstm_chrono_input": ("lstm", "input"),
}
# Hochreiter and Schmidhuber (1997), section 5.4: an answer is wrong if it is off by this much or more, and this
# many sequences must be right, one after another, before training stops.
TOLERANCE, RECENT = 0.04, 2000
# Their Table 7: length T → training sequences needed, mean of ten trials.
PAPER_SEQUENCES = {100: 74_000, 500: 209_000, 1000: 853_000}


class Recall(NamedTuple):
    """One training run on delayed recall: the trained model, its `accuracy` on new sequences, `steps` used."""

    model: SequenceClassifier
    accuracy: float
    steps: int


class Adding(NamedTuple):
    """One training run on the adding problem."""

    model: SequenceRegressor
    sequences: int  # used for training
    solved: bool  # whether the stopping rule ended training, not the budget
    errors: np.ndarray  # mean absolute error of each training batch, (steps,)
    test_errors: np.ndarray  # absolute errors on 2,560 new sequences, (2560,)

    @property
    def wrong(self) -> int:
        """The number of test answers that are off by 0.04 or more."""
        return int((self.test_errors >= TOLERANCE).sum())


def apply_start(layer: torch.nn.Module, start: str, longest: int, generator: torch.Generator) -> None:
    """Give an untrained layer the forget bias of a start, in place; `longest` is chrono's, in steps."""
    bias = STARTS[start][1]
    if isinstance(bias, str):
        halves = ("forget", "input") if bias == "chrono" else (bias,)
        chrono_init(layer, longest, generator=generator, halves=halves)
    elif bias is not None:
        set_forget_bias(layer, bias)


def _cell(start: str) -> str:
    if start not in STARTS:
        raise ValueError(f"the start is one of {', '.join(STARTS)}, not {start!r}")
    return STARTS[start][0]


def recall_batch(batch_size: int, lag: int, generator: torch.Generator, device: torch.device | str) -> tuple:
    """Return a batch of delayed recall with distractors, 8 symbols; arguments as in `tasks.delayed_recall`."""
    return tasks.delayed_recall(batch_size, lag, symbols=8, distractors=True, generator=generator, device=device)


def recall_accuracy(model: SequenceClassifier, lag: int, seed: int = 0, device: torch.device | str = "cpu") -> float:
    """Return the share of 2,048 new recall sequences that `model` answers correctly at `lag`."""
    x, y = recall_batch(2048, lag, torch.Generator().manual_seed(10_000 + seed), device)
    with torch.no_grad():
        # In parts: an LSTM's gates in 2,048 sequences of 200 steps at once take 200 MB.
        return classification_accuracy(model, zip(x.split(256, dim=1), y.split(256), strict=True))


def train_recall(
    start: str, lag: int, seed: int, *, mixed: bool = False, steps: int = 600, batch_size: int = 64,
    hidden_size: int = 32, learning_rate: float = 1e-2, device: torch.device | str = "cpu",
) -> Recall:  # fmt: skip
    """Train a new network on delayed recall with distractors until it is right or the steps are used up.

    Every batch is new. Training stops early once 99.9 % of 512 other sequences are recalled at `lag`.

    Args:
        start, seed: an id in `STARTS`; the seed of weights and batches.
        lag: steps to remember, at least 2; chrono's longest memory.
        mixed: draw a lag from 1 to `lag` for each batch, so that there are short lags to begin with.
        steps, batch_size: most optimiser steps, and sequences per step.
        hidden_size, learning_rate: units H, embeddings half as wide; Adam's step size.
        device: where it runs.

    Raises:
        ValueError: an unknown start, or a lag or number of steps that is too small.
    """
    torch.manual_seed(seed)
    model = SequenceClassifier(tasks.FIRST_SYMBOL + 8, hidden_size // 2, hidden_size, 8, cell=_cell(start))
    generator = torch.Generator().manual_seed(seed)
    apply_start(model.rnn, start, lag, generator)
    model.to(device)

    def batches():
        while True:
            length = int(torch.randint(1, lag + 1, (1,), generator=generator, device="cpu")) if mixed else lag
            yield recall_batch(batch_size, length, generator, device)

    held_out = [recall_batch(512, lag, torch.Generator().manual_seed(20_000 + seed), device)]
    history = fit(
        model, batches, classification_loss, learning_rate=learning_rate, steps=steps, every=20, target=0.999,
        evaluate=lambda m: classification_accuracy(m, held_out), label=f"{label('start', start)}, lag {lag}",
    )  # fmt: skip
    return Recall(model, recall_accuracy(model, lag, seed, device), len(history.loss))


def is_solved(errors: list[float]) -> bool:
    """Return whether the stopping rule of 1997 holds for the absolute errors of the latest training sequences.

    Section 5.4: "Training is stopped once the average training error is below 0.01, and the 2000 most recent
    sequences were processed correctly", that is, each within 0.04. The average is over the same 2,000.
    """
    recent = errors[-RECENT:]
    return len(recent) == RECENT and max(recent) < TOLERANCE and sum(recent) / RECENT < 0.01


def train_adding(
    start: str, length: int, seed: int, *, budget: int, batch_size: int = 16, hidden_size: int = 32,
    learning_rates: tuple[float, float] = (1e-2, 1e-3), device: torch.device | str = "cpu",
) -> Adding:  # fmt: skip
    """Train a new network on the adding problem until it is solved or `budget` sequences are used up.

    Every sequence is new. Adam runs at the first learning rate until 95 % of the latest 2,000 sequences are right,
    then at the second. (The paper: 4 memory cells, plain gradient descent at 0.5, one sequence at a time.)

    Args:
        start, hidden_size, seed, device: as in `train_recall`.
        length: the task's T, at least 20; chrono's longest memory.
        budget, batch_size: most training sequences, at least one batch, and sequences per step, a divisor of 2,000.
        learning_rates: Adam's two step sizes.

    Raises:
        ValueError: an unknown start, or a length or budget that is too small.
    """
    if budget < batch_size:
        raise ValueError(f"the budget must be at least {batch_size} sequences, not {budget}")
    torch.manual_seed(seed)
    model = SequenceRegressor(2, hidden_size, _cell(start))
    generator = torch.Generator().manual_seed(seed)
    apply_start(model.rnn, start, length, generator)
    model.to(device)
    recent: deque[Tensor] = deque(maxlen=RECENT // batch_size)
    means: list[Tensor] = []

    def loss(network, batch):
        x, lengths, y = batch
        errors = network(x, lengths) - y
        recent.append(errors.detach().abs())
        means.append(recent[-1].mean())
        return errors.square().mean()

    def latest() -> list[float]:
        return torch.cat(list(recent)).tolist()

    def share_right(_) -> float:
        return sum(error < TOLERANCE for error in latest()) / RECENT

    def batches():
        while True:
            yield tasks.adding_problem(batch_size, length, generator=generator, device=device)

    stages = zip(learning_rates, (share_right, lambda _: is_solved(latest())), (0.95, 1.0), strict=True)
    for learning_rate, metric, target in stages:
        left = budget // batch_size - len(means)
        if left < 1 or fit(
            model, batches, loss, steps=left, learning_rate=learning_rate, evaluate=metric, every=5, target=target,
            label=f"{label('start', start)}, T = {length}",
        ).ended == "interrupted":  # fmt: skip
            break
    errors, test_errors = torch.stack(means).cpu().numpy(), _test_errors(model, length, seed, device)
    return Adding(model, len(means) * batch_size, is_solved(latest()), errors, test_errors)


def _test_errors(model: SequenceRegressor, length: int, seed: int, device: torch.device | str) -> np.ndarray:
    generator, parts = torch.Generator().manual_seed(10_000 + seed), []
    with torch.no_grad():
        # In parts: the states of 2,560 sequences of 1,000 steps at once would take 360 MB.
        for _ in range(10):
            x, lengths, y = tasks.adding_problem(256, length, generator=generator, device=device)
            parts.append((model(x, lengths) - y).abs().cpu())
    return torch.cat(parts).numpy()


def recall_by_lag(table: "pd.DataFrame") -> tuple[list[int], dict[str, np.ndarray]]:
    """Return the lags of the table `"recall"`, and start → accuracy `(seeds, lags)`."""
    wide = table.pivot(index=["start", "seed"], columns="lag", values="accuracy")
    return wide.columns.tolist(), {start: wide.loc[start].to_numpy() for start in table["start"].unique()}
