"""Two benchmarks of memory: delayed recall by lag, and the adding problem of 1997 with its own stopping rule."""

from collections import deque
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from course_utils.datasets import tasks
from course_utils.models.lstm import chrono_init, set_forget_bias
from course_utils.models.rnn import SequenceClassifier, SequenceRegressor, classification_accuracy, classification_loss
from course_utils.models.training import fit

# How a network's memory starts: name → (cell, forget bias). None leaves torch's own start.
STARTS = {
    "RNN": ("rnn", None),
    "GRU": ("gru", None),
    "LSTM": ("lstm", None),
    "LSTM, forget bias 1": ("lstm", 1.0),
    "LSTM, forget bias 3": ("lstm", 3.0),
    "LSTM, forget bias 5": ("lstm", 5.0),
    "LSTM, chrono": ("lstm", "chrono"),
}
RECALL_STEPS, RECALL_BATCH, SYMBOLS = 600, 64, 8
TOLERANCE = 0.04  # an answer to the adding problem is wrong when it is off by this much or more
RECENT = 2000  # sequences that must be right, one after the other, before training stops
TEST_SIZE = 2560
# Hochreiter and Schmidhuber (1997), Table 7: length T → training sequences needed, mean of ten trials.
PAPER_SEQUENCES = {100: 74_000, 500: 209_000, 1000: 853_000}
ADDING_BATCH = 16


class Recall(NamedTuple):
    """One training run on delayed recall: the trained model, its `accuracy` on new sequences, `steps` used."""

    model: SequenceClassifier
    accuracy: float
    steps: int


class Adding(NamedTuple):
    """One training run on the adding problem.

    `model`: the trained network; `sequences`: training sequences used; `solved`: did the stopping rule end it
    (else the budget did); `errors`: mean absolute error of each training batch of 16, `(steps,)`;
    `test_errors`: absolute errors on 2,560 new sequences, `(2560,)`.
    """

    model: SequenceRegressor
    sequences: int
    solved: bool
    errors: np.ndarray
    test_errors: np.ndarray

    @property
    def wrong(self) -> int:
        """How many of the 2,560 test answers are off by 0.04 or more."""
        return int((self.test_errors >= TOLERANCE).sum())


def cell_of(start: str) -> str:
    """Return the cell of a named start, `"rnn"`, `"gru"` or `"lstm"`.

    Raises:
        ValueError: there is no such start; the message lists those there are.
    """
    if start not in STARTS:
        raise ValueError(f"the start is one of: {'; '.join(STARTS)}; not {start!r}")
    return STARTS[start][0]


def apply_start(layer: torch.nn.Module, start: str, longest: int, generator: torch.Generator) -> None:
    """Give an untrained layer the forget bias of a named start, in place; `longest` is chrono's, in steps."""
    bias = STARTS[start][1]
    if bias == "chrono":
        chrono_init(layer, longest, generator=generator)
    elif bias is not None:
        set_forget_bias(layer, bias)


def recall_batch(batch_size: int, lag: int, generator: torch.Generator, device: torch.device | str) -> tuple:
    """Return a batch of delayed recall with distractors, 8 symbols; arguments as in `tasks.delayed_recall`."""
    return tasks.delayed_recall(
        batch_size, lag, symbols=SYMBOLS, distractors=True, generator=generator, device=device
    )  # fmt: skip


def recall_accuracy(model: SequenceClassifier, lag: int, seed: int = 0, device: torch.device | str = "cpu") -> float:
    """Return the share of 2,048 new recall sequences that `model` answers correctly at `lag`."""
    generator = torch.Generator().manual_seed(10_000 + seed)
    with torch.no_grad():
        return classification_accuracy(model, [recall_batch(2048, lag, generator, device)])


def train_recall(
    start: str,
    lag: int,
    seed: int,
    *,
    mixed: bool = False,
    steps: int = RECALL_STEPS,
    device: torch.device | str = "cpu",
) -> Recall:
    """Train a new network on delayed recall with distractors, until it is right or the steps are used up.

    32 units, batches of 64, Adam at 0.01, every batch new; it stops early once 99.9 % of 512 other sequences are
    recalled at `lag`.

    Args:
        start: a name in `STARTS`; chrono's longest memory is `lag`.
        lag: steps to remember, at least 2.
        seed: decides weights and batches.
        mixed: draw a lag from 1 to `lag` for each batch, so that there are short lags to begin with.
        steps: most optimiser steps.
        device: where it runs.

    Raises:
        ValueError: an unknown start, or a lag or number of steps that is too small.
    """
    torch.manual_seed(seed)
    model = SequenceClassifier(tasks.FIRST_SYMBOL + SYMBOLS, 16, 32, SYMBOLS, cell=cell_of(start))
    generator = torch.Generator().manual_seed(seed)
    apply_start(model.rnn, start, lag, generator)
    model.to(device)

    def batches():
        while True:
            drawn = int(torch.randint(1, lag + 1, (1,), generator=generator, device="cpu")) if mixed else lag
            yield recall_batch(RECALL_BATCH, drawn, generator, device)

    held_out = [recall_batch(512, lag, torch.Generator().manual_seed(20_000 + seed), device)]
    history = fit(
        model, batches, classification_loss, steps=steps, every=20, target=0.999,
        evaluate=lambda m: classification_accuracy(m, held_out), label=f"{start}, lag {lag}",
    )  # fmt: skip
    return Recall(model, recall_accuracy(model, lag, seed, device), len(history.loss))


def is_solved(errors: list[float]) -> bool:
    """Return whether the stopping rule of 1997 holds for the absolute errors of the latest training sequences.

    Section 5.4: "Training is stopped once the average training error is below 0.01, and the 2000 most recent
    sequences were processed correctly", that is, each within 0.04. The average is taken over the same 2,000.
    """
    recent = errors[-RECENT:]
    return len(recent) == RECENT and max(recent) < TOLERANCE and sum(recent) / RECENT < 0.01


def train_adding(start: str, length: int, seed: int, *, budget: int, device: torch.device | str = "cpu") -> Adding:
    """Train a new network on the adding problem until it is solved, or until `budget` sequences are used up.

    32 units, batches of 16, every sequence new. Adam at 0.01 until 95 % of the latest 2,000 sequences are right,
    then at 0.001. (The paper: 4 memory cells, plain gradient descent at 0.5, one sequence at a time.)

    Args:
        start: a name in `STARTS`; chrono's longest memory is `length`.
        length: the task's T, at least 20.
        seed: decides weights and sequences.
        budget: most training sequences, at least 16.
        device: where it runs.

    Raises:
        ValueError: an unknown start, or a length or budget that is too small.
    """
    if budget < ADDING_BATCH:
        raise ValueError(f"the budget must be at least {ADDING_BATCH} sequences, not {budget}")
    torch.manual_seed(seed)
    model = SequenceRegressor(2, 32, cell_of(start))
    generator = torch.Generator().manual_seed(seed)
    apply_start(model.rnn, start, length, generator)
    model.to(device)
    recent: deque[Tensor] = deque(maxlen=RECENT // ADDING_BATCH)
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
            yield tasks.adding_problem(ADDING_BATCH, length, generator=generator, device=device)

    for rate, metric, target in ((1e-2, share_right, 0.95), (1e-3, lambda _: is_solved(latest()), 1.0)):
        left = budget // ADDING_BATCH - len(means)
        if left < 1 or fit(
            model, batches, loss, steps=left, learning_rate=rate, evaluate=metric, every=5, target=target,
            label=f"{start}, T = {length}",
        ).ended == "interrupted":  # fmt: skip
            break
    errors = torch.stack(means).cpu().numpy()
    solved = is_solved(latest())
    return Adding(model, len(means) * ADDING_BATCH, solved, errors, _test_errors(model, length, seed, device))


def _test_errors(model: SequenceRegressor, length: int, seed: int, device: torch.device | str) -> np.ndarray:
    generator = torch.Generator().manual_seed(10_000 + seed)
    parts = []
    with torch.no_grad():
        # In parts: the states of 2,560 sequences of 1,000 steps at once would take 360 MB.
        for _ in range(10):
            x, lengths, y = tasks.adding_problem(TEST_SIZE // 10, length, generator=generator, device=device)
            parts.append((model(x, lengths) - y).abs().cpu())
    return torch.cat(parts).numpy()


def recall_by_lag(table: pd.DataFrame) -> tuple[list[int], dict[str, np.ndarray]]:
    """Return the lags of the table `"recall"`, and start → accuracy `(seeds, lags)`."""
    wide = table.pivot(index=["start", "seed"], columns="lag", values="accuracy")
    return wide.columns.tolist(), {start: wide.loc[start].to_numpy() for start in table["start"].unique()}
