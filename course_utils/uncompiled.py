"""Optimisers that step without torch's compiler, which this course never uses."""

import functools

import torch
from torch.optim import Optimizer


def spare_the_compiler() -> None:
    """Let the optimisers of `torch.optim` work without importing torch's compiler.

    Each of them imports it to tell it to keep away, when it is made and at every step (`_disable_dynamo` in
    `torch/_compile.py`, `_use_grad_for_differentiable` in `torch/optim/optimizer.py`): 68 MB of each student's memory
    and 3 s of processor time, with torch 2.13. The methods that do so are given what they would have got from it,
    their own plain functions. `torch.compile` works as before. A version of torch that is built in another way keeps
    its own methods, and its compiler.
    """
    kinds = [kind for kind in vars(torch.optim).values() if isinstance(kind, type) and issubclass(kind, Optimizer)]
    for kind in {Optimizer, *kinds}:
        for name, method in list(vars(kind).items()):
            plain = getattr(method, "__wrapped__", None)
            if plain is None or hasattr(method, "spared"):
                continue
            if name == "step":
                kind.step = _step_of(plain)
            else:
                plain.__dynamo_disable = plain  # where `_disable_dynamo` keeps what the compiler made of it


def _step_of(plain):
    """Return an optimiser's step, outside the graph of gradients unless it was asked to be differentiable."""

    @functools.wraps(plain)
    def step(self, *arguments, **options):
        with torch.set_grad_enabled(self.defaults.get("differentiable", False)):
            return plain(self, *arguments, **options)

    step.spared = True
    return step
