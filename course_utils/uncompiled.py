"""Torch without its compiler, which this course never uses."""

import functools
import gc
import inspect
from types import FunctionType

import torch
from torch.optim import Optimizer


@functools.cache
def spare_the_compiler() -> None:
    """Let torch's optimisers, and tensors on the device `meta`, work without importing torch's compiler.

    They import it to tell it to keep away from them (`_disable_dynamo` in `torch/_compile.py`,
    `_use_grad_for_differentiable` in `torch/optim/optimizer.py`): 68 MB of each student's memory and 3 s of processor
    time, with torch 2.13. What tells it so is given what it would have got from it, its own plain function.
    `torch.compile` works as before. A version of torch that is built in another way keeps its own functions, and its
    compiler.
    """
    wrap = getattr(torch, "_disable_dynamo", None)
    kept_away = wrap and wrap(lambda: None).__code__
    for function in gc.get_objects():
        # Not isinstance, at which some objects of torch warn that they are deprecated.
        if type(function) is FunctionType and function.__code__ is kept_away:
            plain = inspect.getclosurevars(function).nonlocals.get("fn")
            if plain is not None:
                plain.__dynamo_disable = plain  # where it keeps the compiler's answer
    for kind in vars(torch.optim).values():
        if isinstance(kind, type) and issubclass(kind, Optimizer) and hasattr(kind.step, "__wrapped__"):
            kind.step = _step_of(kind.step.__wrapped__)


def _step_of(plain):
    """Return an optimiser's step, outside the graph of gradients unless it was asked to be differentiable."""

    @functools.wraps(plain)
    def step(self, *arguments, **options):
        with torch.set_grad_enabled(self.defaults.get("differentiable", False)):
            return plain(self, *arguments, **options)

    return step
