"""One training loop for every model of the course."""

import itertools
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from tqdm.auto import tqdm

from course_utils.models.checkpoint import Checkpoint


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
    cooldown: float = 0.0,
    warm_up: int = 0,
    clip: float | None = 1.0,
    evaluate: Callable[[nn.Module], float] | None = None,
    every: int | None = None,
    target: float | None = None,
    patience: int | None = None,
    keep_best: bool = False,
    checkpoint: str | Path | None = None,
    label: str = "training",
) -> History:
    """Train `model` in place with Adam and return its history, showing a progress bar with the time that is left.

    An interrupt (the kernel's stop button) ends training after the step that is being taken: the history so far is
    returned and the model keeps the weights of that step. A second interrupt does not wait.

    Args:
        model: trained in place; in evaluation mode when this returns.
        batches: one epoch's batches, or a function that returns them anew for each epoch.
        loss: `loss(model, batch)` → scalar.
        epochs: passes over the batches.
        steps: at most so many optimiser steps in all; needed where the batches never end.
        learning_rate: Adam's step size (Kingma and Ba 2015).
        cosine: let it fall to 0 over all the steps, along half a cosine (Loshchilov and Hutter 2017, eq. 5, one cycle).
        cooldown: share of all the steps, at the end, over which it falls to 0 in a straight line instead (Hägele et al.
            2024, section 3); 0 for none.
        warm_up: steps over which it rises from nearly 0 (Goyal et al. 2017, section 2.2); 0 for none.
        clip: largest norm of the whole gradient (Pascanu et al. 2013), or None.
        evaluate: `evaluate(model)` → a number, higher is better; called in evaluation mode, without gradients.
        every: steps between evaluations; by default once per epoch.
        target: stop as soon as the metric is at least this.
        patience: stop after so many evaluations in a row without a new best.
        keep_best: give the model back with the weights that had the best metric, not with the last ones.
        checkpoint: a file to go on from where it is there, written at each evaluation and at an interrupt, and deleted
            when training is done. A run that goes on ends as if it had never stopped; its batches must be given anew,
            in the same order.
        label: text of the progress bar.

    Raises:
        ValueError: a number of epochs or steps below 1; a target, patience or best weights without `evaluate`; a
            checkpoint that is damaged or another model's; no batches, or batches that can be gone through once only
            for several epochs; a cosine or a cooldown over an unknown number of steps, or both at once; a cooldown
            outside 0 to 1; a negative warm-up; a loss that is not finite, with the step.
    """
    if epochs < 1 or (steps is not None and steps < 1) or (every is not None and every < 1) or warm_up < 0:
        raise ValueError("epochs, steps and every must be at least 1, and warm_up at least 0")
    if not 0 <= cooldown <= 1 or (cosine and cooldown):
        raise ValueError(f"a cooldown is a share of the steps, 0 to 1, and 0 with a cosine, not {cooldown}")
    if evaluate is None and (keep_best or not (target is None and patience is None)):
        raise ValueError("a target, patience or the best weights need an evaluate function")
    if epochs > 1 and not callable(batches) and iter(batches) is batches:
        raise ValueError(f"these batches are used up after 1 of {epochs} epochs: give a list, or a function of them")
    history, losses, count, start = History(), torch.empty(0, device="cpu"), 0, time.perf_counter()
    size = len(batches) * epochs if hasattr(batches, "__len__") else None
    total = min(filter(None, (steps, size)), default=None)
    if (cosine or cooldown) and total is None:
        name = "cosine" if cosine else "cooldown"
        raise ValueError(f"a {name} needs to know the number of steps: give steps, or batches that have a length")
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    schedules: list[Any] = [torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, total)] if cosine else []
    if cooldown:
        falling = cooldown * total
        schedules.append(
            torch.optim.lr_scheduler.MultiplicativeLR(
                optimizer, lambda step: min((total - step) / falling, 1) / min((total - step + 1) / falling, 1)
            )
        )
    if warm_up:
        schedules.append(torch.optim.lr_scheduler.LinearLR(optimizer, 1 / (warm_up + 1), total_iters=warm_up))

    best: dict[str, Tensor] = {}
    saved, done = None if checkpoint is None else Checkpoint(checkpoint), 0
    if saved is not None and saved.path.exists():
        best, losses, numbers = saved.read(model, optimizer)
        history.metric, done = [tuple(pair) for pair in numbers["metric"]], len(losses)
        for schedule, state in zip(schedules, numbers["schedules"], strict=True):
            schedule.load_state_dict(state)
        count = done

    def record(step: int) -> bool:
        """Record the metric, and the weights if they are the best; return whether training should end."""
        history.metric.append((step, metric_of(model, evaluate)))
        values = [value for _, value in history.metric]
        if keep_best and values[-1] > max(values[:-1], default=-float("inf")):
            best.update({name: weight.detach().clone() for name, weight in model.state_dict().items()})
        bar.set_postfix(loss=f"{losses[step - 1].item():.3f}", metric=f"{values[-1]:.3f}")
        if target is not None and values[-1] >= target:
            history.ended = "target reached"
        elif patience is not None and len(values) - 1 - values.index(max(values)) >= patience:
            history.ended = "no longer improving"
        return history.ended != "finished"

    def write() -> None:
        """Write the checkpoint, if there is to be one."""
        if saved is not None:
            numbers = {"metric": history.metric, "schedules": [schedule.state_dict() for schedule in schedules]}
            saved.write(model, optimizer, best, losses[:count], **numbers)

    # Moved by hand: a bar that is iterated over turns red for good where its loop is left early.
    # Without smoothing, the time left follows the mean of all steps: batches differ in length, and evaluations count.
    bar = tqdm(total=total, initial=done, desc=label, leave=False, smoothing=0)
    try:
        with bar, _interrupts_between_steps() as stop_if_asked:
            stream = itertools.islice(enumerate(_stream(batches, epochs, steps), start=1), done, None)
            for step, (batch, epoch_ends) in stream:
                model.train()
                optimizer.zero_grad()
                value = loss(model, batch)
                value.backward()
                if clip is not None:
                    nn.utils.clip_grad_norm_(model.parameters(), clip)
                optimizer.step()
                for schedule in schedules:
                    schedule.step()
                if len(losses) < step:  # one tensor that grows: thousands of small ones would break the heap up
                    losses = torch.cat([losses.to(value.device), value.new_empty(max(1000, step))])
                losses[step - 1] = value.detach()
                count, value = step, None
                if epoch_ends and bar.total is None and steps is None and not done:
                    bar.total = step * epochs  # how long an epoch is shows at the end of the first
                bar.update()
                due = step % every == 0 if every else epoch_ends
                if evaluate is not None and due:
                    ended = record(step)
                    write()
                    if ended:
                        bar.total = step  # done, not broken off
                        break
                if step % 50 == 0:
                    # Once in 50 steps: reading the loss forces a GPU synchronisation.
                    _refuse_nonfinite(losses[step - 1], step)
                    bar.set_postfix(loss=f"{losses[step - 1].item():.3f}", refresh=False)
                stop_if_asked()
    except KeyboardInterrupt:
        history.ended = "interrupted"
        write()
    if saved is not None and history.ended != "interrupted":
        saved.path.unlink(missing_ok=True)
    if best:
        model.load_state_dict(best)
    model.eval()
    history.loss = losses[:count].tolist()
    history.seconds = time.perf_counter() - start
    if count:
        _refuse_nonfinite(losses[count - 1], count)
    elif history.ended != "interrupted":
        raise ValueError("there are no batches to train on")
    return history


@contextmanager
def _interrupts_between_steps() -> Iterator[Callable[[], None]]:
    """Let an interrupt wait inside a `with` block until the function is called that this gives.

    Half a step has drawn random numbers, or changed some of the weights: a run that goes on from there is another one.
    """
    asked = []

    def wait(*arguments) -> None:
        if asked:
            signal.default_int_handler(*arguments)
        asked.append(True)

    def stop_if_asked() -> None:
        if asked:
            raise KeyboardInterrupt

    # Only the main thread gets signals; and where a program handles them in its own way, it keeps doing so.
    ours = threading.current_thread() is threading.main_thread()
    ours = ours and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if ours:
        signal.signal(signal.SIGINT, wait)
    try:
        yield stop_if_asked
    finally:
        if ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)


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
