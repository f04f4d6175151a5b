"""How long a decoder and a training step take."""

import torch
from torch import Tensor, nn
from torch.utils.benchmark import Timer

from course_utils.datasets.corpus import Batch
from course_utils.measure.translation import batch_loss
from course_utils.models.decoding import evaluating


def time_decoder(decoder: nn.Module, words: Tensor, hidden: Tensor, cell: Tensor) -> tuple[float, float, float]:
    """Run a decoder over a known target in one call, and in one call a token.

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
        at_once, one_by_one = (
            min(Timer("run()", globals={"run": run}).timeit(2).mean for _ in range(3)) for run in (whole, loop)
        )
    return 1000 * at_once, 1000 * one_by_one, gap


def step_time(model: nn.Module, batch: Batch) -> float:
    """Return the milliseconds that one step of training takes, forward and backward: the fastest of five."""

    def step() -> None:
        model.zero_grad()
        batch_loss(model, batch).backward()

    return 1000 * min(Timer("step()", globals={"step": step}).timeit(2).mean for _ in range(5))


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
