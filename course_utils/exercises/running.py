"""Call a student's function on copies of the inputs, with an eye on what it does to them."""

import inspect
import linecache
import traceback
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from course_utils.exercises.containing import TimeLimit


class Outcome(NamedTuple):
    """What one call did: its value or the exception raised, gradients asked for, number of an argument it changed."""

    value: object = None
    error: BaseException | None = None
    gradients: tuple[Tensor | None, ...] | None = None
    changed: int | None = None


def call(function: Callable, args: tuple, gradient: bool = False) -> Outcome:
    """Call `function` on copies of `args` and return what came of it; only `TimeLimit` passes through.

    Args:
        function: a student's function, or ours.
        args: tensors, arrays, numbers, functions, and lists and tuples of them.
        gradient: return the gradient of a weighted sum of the results with respect to every floating tensor in
            `args`, None for one that no gradient reaches.
    """
    leaves: list[Tensor] = []
    given = tuple(_copied(arg, leaves if gradient else None) for arg in args)
    before = tuple(_copied(arg, None) for arg in args)
    try:
        value = function(*given)
        changed = [at for at, (a, b) in enumerate(zip(before, given, strict=True)) if not _equal(a, b)]
        if changed:
            return Outcome(value, changed=changed[0])
        return Outcome(value, gradients=_gradients(value, leaves) if gradient else None)
    except TimeLimit:
        raise
    except BaseException as error:  # a student may call exit()
        return Outcome(error=error)


def accepts(function: Callable, count: int) -> bool:
    """Return whether `function` can be called with `count` arguments in order."""
    try:
        inspect.signature(function).bind(*range(count))
    except TypeError:
        return False
    except ValueError:
        pass
    return True


def own_line(function: Callable, error: BaseException) -> tuple[int, str, bool] | None:
    """Return the last line of the student's own code that `error` passed: number, text, whether it arose there.

    Own code is what is in the same cell or file as `function`. None where the error never was in there.
    """
    code = getattr(inspect.unwrap(function), "__code__", None)
    frames = list(traceback.walk_tb(error.__traceback__))
    own = [at for at, (frame, _) in enumerate(frames) if code and frame.f_code.co_filename == code.co_filename]
    if not own:
        return None
    _, number = frames[own[-1]]
    return number, linecache.getline(code.co_filename, number).strip(), own[-1] == len(frames) - 1


def wants_values(error: BaseException) -> bool:
    """Return whether torch refused to read values of a tensor on `meta`, which has none: on a real device it could.

    To mix two devices in one operation is another error, and real.
    """
    text = str(error)
    return "meta" in text.lower() and "expected device" not in text and "same device" not in text


def _copied(value, leaves: list[Tensor] | None):
    """Return a deep copy; where `leaves` is given, floating tensors are made from new leaves, which it collects."""
    if isinstance(value, list | tuple):
        return type(value)([_copied(item, leaves) for item in value])
    if isinstance(value, np.ndarray):
        return value.copy()
    if not isinstance(value, Tensor):
        return value
    if leaves is None or not value.is_floating_point():
        return value.clone()
    leaves.append(value.clone().requires_grad_())
    return leaves[-1].clone()  # not the leaf itself: to change that in place would be an error of torch's


def _equal(before, after) -> bool:
    if isinstance(before, Tensor):
        return before.shape == after.shape and (before.is_meta or torch.equal(before, after))
    if isinstance(before, np.ndarray):
        return np.array_equal(before, after)
    if isinstance(before, list | tuple):
        return len(before) == len(after) and all(map(_equal, before, after))
    return True  # numbers cannot change, functions are not ours to compare


def _gradients(value, leaves: list[Tensor]) -> tuple[Tensor | None, ...]:
    """Return the gradient of the sum of all results, each entry weighted by another number."""

    def weights(part: Tensor) -> Tensor:
        return torch.linspace(-1, 2, part.numel(), dtype=part.dtype, device=part.device).sin().reshape(part.shape)

    parts = value if isinstance(value, list | tuple) else [value]
    parts = [part for part in parts if isinstance(part, Tensor) and part.requires_grad]
    if not parts:
        return (None,) * len(leaves)
    return torch.autograd.grad(sum((part * weights(part)).sum() for part in parts), leaves, allow_unused=True)
