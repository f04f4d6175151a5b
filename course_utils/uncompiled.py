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

    Torch marks functions that the compiler must leave alone (`_disable_dynamo` in `torch/_compile.py`,
    `_use_grad_for_differentiable` in `torch/optim/optimizer.py`). The first call of one imports the compiler, only to
    ask it for an untouched version of the function: with torch 2.13, 68 MB of memory and 2 to 3 s of processor time.
    This gives torch that version beforehand: the function itself. `torch.compile` works as before. A version of torch
    that is built in another way stays as it is, and imports its compiler.
    """
    wrap = getattr(torch, "_disable_dynamo", None)
    kept_away = wrap and wrap(lambda: None).__code__
    for function in gc.get_objects():
        # Not isinstance, at which some objects of torch warn that they are deprecated.
        if type(function) is FunctionType and function.__code__ is kept_away:
            plain = inspect.getclosurevars(function).nonlocals.get("fn")
            if plain is not None:
                plain.__dynamo_disable = plain  # where torch keeps the compiler's answer
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
