"""One training loop for every model of the course."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from tqdm.auto import tqdm


@dataclass
class History:
    """What training saw: `loss` at every step, `metric` as (step, value) pairs, `seconds`, why it ended.

    `ended` is `"finished"`, `"target reached"`, `"no longer improving"` or `"interrupted"`.
    """

    loss: list[float] = field(default_factory=list)
    metric: list[tuple[int, float]] = field(default_factory=list)
    seconds: float = 0.0
    ended: str = "finished"

    @property
    def best(self) -> float:
        """The highest metric seen, or NaN where none was measured."""
        return max((value for _, value in self.metric), default=float("nan"))


def fit(
    model: nn.Module,
    batches: Iterable[Any] | Callable[[], Iterable[Any]],
    loss: Callable[[nn.Module, Any], Tensor],
    *,
    epochs: int = 1,
    steps: int | None = None,
    learning_rate: float = 1e-2,
    cosine: bool = False,
    clip: float | None = 1.0,
    evaluate: Callable[[nn.Module], float] | None = None,
    every: int | None = None,
    target: float | None = None,
    patience: int | None = None,
    label: str = "training",
) -> History:
    """Train `model` in place with Adam and return its history, showing a progress bar.

    An interrupt (the kernel's stop button) ends training cleanly: the history so far is returned and the model
    keeps the weights of its last complete step.

    Args:
        model: trained in place; in evaluation mode when this returns.
        batches: one epoch's batches, or a function that returns them anew for each epoch.
        loss: `loss(model, batch)` → scalar.
        epochs: passes over the batches.
        steps: at most so many optimiser steps in all; needed where the batches never end.
        learning_rate: Adam's step size (Kingma and Ba 2015).
        cosine: let it fall to 0 over all the steps, along half a cosine (Loshchilov and Hutter 2017, eq. 5, one cycle).
        clip: largest norm of the whole gradient (Pascanu et al. 2013), or None.
        evaluate: `evaluate(model)` → a number, higher is better; called in evaluation mode, without gradients.
        every: steps between evaluations; by default once per epoch.
        target: stop as soon as the metric is at least this.
        patience: stop after so many evaluations in a row without a new best.
        label: text of the progress bar.

    Raises:
        ValueError: a number of epochs or steps below 1; a target or patience without `evaluate`; no batches, or
            batches that can be gone through once only for several epochs; a cosine over an unknown number of steps; a
            loss that is not finite, with the step at which it happened.
    """
    if epochs < 1 or (steps is not None and steps < 1) or (every is not None and every < 1):
        raise ValueError("epochs, steps and every must be at least 1")
    if evaluate is None and not (target is None and patience is None):
        raise ValueError("a target or patience needs an evaluate function")
    if epochs > 1 and not callable(batches) and iter(batches) is batches:
        raise ValueError(f"these batches are used up after 1 of {epochs} epochs: give a list, or a function of them")
    history, losses, count, start = History(), torch.empty(0, device="cpu"), 0, time.perf_counter()
    size = len(batches) * epochs if hasattr(batches, "__len__") else None
    total = min(filter(None, (steps, size)), default=None)
    if cosine and total is None:
        raise ValueError("a cosine needs to know the number of steps: give steps, or batches that have a length")
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, total) if cosine else None

    def record(step: int) -> bool:
        """Record the metric; return whether training should end."""
        history.metric.append((step, metric_of(model, evaluate)))
        values = [value for _, value in history.metric]
        bar.set_postfix(loss=f"{losses[step - 1].item():.3f}", metric=f"{values[-1]:.3f}")
        if target is not None and values[-1] >= target:
            history.ended = "target reached"
        elif patience is not None and len(values) - 1 - values.index(max(values)) >= patience:
            history.ended = "no longer improving"
        return history.ended != "finished"

    # Moved by hand: a bar that is iterated over turns red for good where its loop is left early.
    bar = tqdm(total=total, desc=label, leave=False)
    try:
        with bar:
            for step, (batch, epoch_ends) in enumerate(_stream(batches, epochs, steps), start=1):
                model.train()
                optimizer.zero_grad()
                value = loss(model, batch)
                value.backward()
                if clip is not None:
                    nn.utils.clip_grad_norm_(model.parameters(), clip)
                optimizer.step()
                if schedule is not None:
                    schedule.step()
                if len(losses) < step:  # one tensor that grows: thousands of small ones would break the heap up
                    losses = torch.cat([losses.to(value.device), value.new_empty(max(1000, step))])
                losses[step - 1] = value.detach()
                count, value = step, None
                bar.update()
                due = step % every == 0 if every else epoch_ends
                if evaluate is not None and due and record(step):
                    bar.total = step  # done, not broken off
                    break
                if step % 50 == 0:
                    # Once in 50 steps: reading the loss forces a GPU synchronisation.
                    _refuse_nonfinite(losses[step - 1], step)
                    bar.set_postfix(loss=f"{losses[step - 1].item():.3f}", refresh=False)
    except KeyboardInterrupt:
        history.ended = "interrupted"
    model.eval()
    history.loss = losses[:count].tolist()
    history.seconds = time.perf_counter() - start
    if count:
        _refuse_nonfinite(losses[count - 1], count)
    elif history.ended != "interrupted":
        raise ValueError("there are no batches to train on")
    return history


def metric_of(model: nn.Module, evaluate: Callable[[nn.Module], float]) -> float:
    """Return `evaluate(model)` in evaluation mode, without gradients."""
    model.eval()
    with torch.no_grad():
        return float(evaluate(model))


def _stream(batches, epochs, steps):
    """Yield (batch, is it the last of its epoch), at most `steps` of them."""
    count = 0
    for _ in range(epochs):
        upcoming = iter(batches() if callable(batches) else batches)
        batch = next(upcoming, None)
        while batch is not None and (steps is None or count < steps):
            count += 1
            following = next(upcoming, None) if steps is None or count < steps else None
            yield batch, following is None
            batch = following


def _refuse_nonfinite(loss: Tensor, step: int) -> None:
    if not torch.isfinite(loss):
        raise ValueError(f"the loss is {loss.item()} at step {step}: try a smaller learning rate or a clip")
