"""How long a decoder and a training step take, and how many multiplications."""

import time
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.utils.benchmark import Timer
from torch.utils.benchmark import timer as wall_clock
from torch.utils.flop_counter import FlopCounterMode

from course_utils.datasets.corpus import Batch
from course_utils.measure.translation import batch_loss
from course_utils.models.decoding import evaluating


def stopwatch(run: Callable[[], Any], device: torch.device) -> Timer:
    """Return torch's timer of a function without arguments, whose measurements are in seconds.

    On the CPU it reads the processor time of this thread: where a class shares a server's cores, others have them in
    between, and a clock on the wall would count that too. With the course's one thread, both agree on a quiet machine.
    On any other device it reads the clock, once the device has done its work.

    Args:
        run: what to time.
        device: where `run` computes.
    """
    clock = time.thread_time if device.type == "cpu" else wall_clock
    return Timer("run()", globals={"run": run}, timer=clock)


def _fastest(run: Callable[[], Any], device: torch.device, *, rounds: int, runs: int) -> float:
    """Return the milliseconds that a function takes: the mean of so many runs, of the fastest round."""
    timer = stopwatch(run, device)
    return 1000 * min(timer.timeit(runs).mean for _ in range(rounds))


def time_decoder(decoder: nn.Module, words: Tensor, hidden: Tensor, cell: Tensor) -> tuple[float, float, float]:
    """Run a decoder over a known target in one call, and in one call per token.

    Args:
        decoder, words, hidden, cell: a `DecoderLSTM`, and its inputs `(T, B)`, int64, with the first state.

    Returns:
        Milliseconds in one call, milliseconds in T calls (the fastest of three runs each), and the largest
        difference between their logits.
    """

    def whole() -> Tensor:
        return decoder(words, hidden, cell)[0]

    def loop() -> Tensor:
        state, steps = (hidden, cell), []
        for x in words:
            step, *state = decoder(x, *state)
            steps.append(step)
        return torch.stack(steps)

    with evaluating(decoder):
        gap = (whole() - loop()).abs().max().item()
        # In turn, so that whatever slows the processor down slows both ways down.
        timers = [stopwatch(run, words.device) for run in (whole, loop)]
        rounds = [[timer.timeit(2).mean for timer in timers] for _ in range(3)]
        at_once, one_by_one = map(min, zip(*rounds, strict=True))
    return 1000 * at_once, 1000 * one_by_one, gap


def step_time(model: nn.Module, batch: Batch) -> float:
    """Return the milliseconds that one step of training takes, forward and backward: the fastest of five."""

    def step() -> None:
        model.zero_grad()
        batch_loss(model, batch).backward()

    return _fastest(step, batch.target.device, rounds=5, runs=2)


class StepCost(NamedTuple):
    """What one step costs: milliseconds, and multiplications."""

    milliseconds: float
    multiplications: int


def decoding_step(model: nn.Module, batch: Batch) -> StepCost:
    """Return what it costs to write one more word behind each whole target of a batch: the fastest of five.

    The model is any with `encode` and `decode`; what it read and wrote before is in its state and memory.
    """
    with evaluating(model):
        state, memory = model.encode(batch.source, batch.source_lengths)
        _, state, _ = model.decode(batch.target[:-1], state, memory)
        run = partial(model.decode, batch.target[-1], state, memory)
        return StepCost(_fastest(run, batch.target.device, rounds=5, runs=5), multiplications(run))


def decoder_calls(model: nn.Module, batch: Batch) -> int:
    """Return how often one training step calls the decoder's LSTM: once where it reads a known target whole."""
    calls = []
    lstms = [part for part in model.decoder.modules() if isinstance(part, nn.LSTM)]
    handles = [lstm.register_forward_hook(lambda *_: calls.append(True)) for lstm in lstms]
    try:
        with torch.no_grad():
            batch_loss(model, batch)
    finally:
        for handle in handles:
            handle.remove()
    return len(calls)


def multiplications(run: Callable[[], Any]) -> int:
    """Return how many multiplications of numbers the matrix products of `run()` take, on the CPU or a GPU alike."""
    with warnings.catch_warnings(), torch.backends.cudnn.flags(enabled=False):
        warnings.simplefilter("ignore")  # switching a library off may warn of hardware that is not there
        # The libraries' own recurrent kernels hide their products.
        with torch.backends.mkldnn.flags(enabled=False), FlopCounterMode(display=False) as counter:
            run()
    return counter.get_total_flops() // 2  # it counts additions too


class CacheSaving(NamedTuple):
    """What decoding costs with a cache, one step for each word, and without it, the whole prefix for each word.

    `milliseconds` and `multiplications`, each (with, without); `gap`, the largest difference of their logits.
    """

    milliseconds: tuple[float, float]
    multiplications: tuple[int, int]
    gap: float


def cache_saving(model: nn.Module, batch: Batch) -> CacheSaving:
    """Decode the targets of a batch word by word, with the model's state and from its first state each time.

    The model is any with `encode` and `decode`; reading the source is left out.
    """
    words = batch.target[:-1]
    with evaluating(model):
        first, memory = model.encode(batch.source, batch.source_lengths)

        def step_by_step() -> Tensor:
            state, steps = first, []
            for x in words:
                step, state, _ = model.decode(x, state, memory)
                steps.append(step)
            return torch.stack(steps)

        def from_the_start() -> Tensor:
            return torch.stack([model.decode(words[: t + 1], first, memory)[0][-1] for t in range(len(words))])

        runs = step_by_step, from_the_start
        milliseconds = [_fastest(run, words.device, rounds=3, runs=1) for run in runs]
        gap = (step_by_step() - from_the_start()).abs().max().item()
        return CacheSaving(tuple(milliseconds), tuple(map(multiplications, runs)), gap)
