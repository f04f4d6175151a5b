"""Say in words where a result first differs from the expected one."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

NUMBERS = (int, float, np.integer, np.floating)


def difference(expected, got, what: str, any_float: bool = False) -> str | None:
    """Return a clause that says where `got` first differs from `expected`, or None where they agree.

    Args:
        expected: a tensor, a number, or lists and tuples of them.
        got: anything.
        what: the result's name and, for a tensor, what its axes count: "states (step, sequence, unit)".
        any_float: whether a floating tensor may have another floating dtype than the expected one.
    """
    name = what.split(" ")[0]
    if got is None:
        return f"`{name}` is None: is there a `return`?"
    if isinstance(expected, Tensor):
        axes = [axis for axis in what.partition(" ")[2].strip("()").split(", ") if axis]
        return _tensors(expected, got, name, axes, any_float)
    if isinstance(expected, NUMBERS):
        return _numbers(expected, got, name)
    if not isinstance(got, list | tuple):
        return f"`{name}` is {kind(got)}, but should be a list"
    if all(isinstance(item, int) for item in expected):
        found = [plain(item) for item in got]
        same = all(isinstance(item, int) for item in found) and found == list(expected)
        return None if same else f"`{name}` should be {list(expected)} but is {short(found)}"
    if len(got) != len(expected):
        many = "one item" if len(got) == 1 else f"{len(got)} items"
        return f"`{name}` has {many} but should have {len(expected)}: it is {short(got)}"
    pairs = enumerate(zip(expected, got, strict=True))
    parts = (difference(e, g, f"{name}[{at}]", any_float) for at, (e, g) in pairs)
    return next((part for part in parts if part), None)


def alike(first, second, any_float: bool = False) -> bool:
    """Return whether two results agree, whatever they are; with `any_float` in whatever floating dtype."""
    if isinstance(first, list | tuple):
        if not isinstance(second, list | tuple) or len(first) != len(second):
            return False
        return all(alike(a, b, any_float) for a, b in zip(first, second, strict=True))
    if type(first) is not type(second):
        return False
    if isinstance(first, Tensor) and first.layout == second.layout == torch.strided:
        return _tensors(first, second, "result", [], any_float) is None
    if isinstance(first, NUMBERS) and not isinstance(first, bool):
        return first == second or (first != first and second != second) or _numbers(first, second, "result") is None
    return True  # of a wrong type, and refused for that


def results(value, count: int) -> Sequence | None:
    """Return a function's results as a sequence of `count` items, or None where it is not one."""
    if count == 1:
        return (value,)
    return value if isinstance(value, list | tuple) and len(value) == count else None


def kind(value) -> str:
    """Return the type of a value in words, such as "a list" or "a Tensor of shape (3, 2)"."""
    if isinstance(value, Tensor | np.ndarray):
        return f"a {'Tensor' if isinstance(value, Tensor) else 'NumPy array'} of shape {tuple(value.shape)}"
    if isinstance(value, list | tuple):
        return f"a {type(value).__name__} of {len(value)} items"
    name = type(value).__name__
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"


def plain(value):
    """Return a NumPy number or a tensor of one number as Python's own, anything else as it is."""
    if isinstance(value, np.generic) or (isinstance(value, Tensor) and value.dim() == 0 and not value.is_meta):
        return value.item()
    return value


def short(value, most: int = 80) -> str:
    """Return a value as text on one line, cut where it is longer than `most` characters."""
    text = " ".join(str(value).split())
    return text if len(text) <= most else text[: most - 1] + "…"


def _close(expected: Tensor, got: Tensor) -> Tensor:
    if not expected.dtype.is_floating_point:
        return expected == got
    tolerance = 1e-5 if expected.dtype == got.dtype == torch.float64 else 1e-3  # what the coarser of the two can keep
    expected, got = expected.double(), got.double()
    return torch.isclose(expected, got, rtol=tolerance, atol=tolerance / 10, equal_nan=True)


def _tensors(expected: Tensor, got, name: str, axes: list[str], any_float: bool) -> str | None:
    if not isinstance(got, Tensor):
        return f"`{name}` is {kind(got)}, but should be a Tensor"
    if got.shape != expected.shape:
        meaning = f": ({', '.join(axes)})" if axes else ""
        return f"`{name}` has the shape {tuple(got.shape)} but should have {tuple(expected.shape)}{meaning}"
    both_float = expected.is_floating_point() and got.is_floating_point()
    if got.dtype != expected.dtype and not (any_float and both_float):
        return f"`{name}` has the dtype {got.dtype} but should have {expected.dtype}"
    if got.device != expected.device:
        return f"`{name}` is on the device {got.device} but should be on {expected.device}"
    if got.layout != torch.strided:
        return f"`{name}` is a sparse tensor but should be an ordinary one"
    if got.is_meta:
        return None  # shape, dtype and device are all there is on `meta`
    wrong = ~_close(expected, got)
    if not wrong.any():
        return None
    place = wrong.nonzero()[0].tolist()
    should, came = expected[tuple(place)].item(), got[tuple(place)].item()
    named = axes[1:] if axes[:1] == ["..."] else axes  # "..." stands for any number of axes at the front
    where = ", ".join(f"{axis} {index}" for axis, index in zip(named, place[-len(named) :], strict=False))
    at = f"`{name}[{', '.join(map(str, place))}]`" if place else f"`{name}`"
    at += f" ({where})" if where else ""
    few = "" if wrong.sum() > 1 else "; all the rest is right"
    return f"{at} should be {_number(should, came)} but is {_number(came, should)}{few}"


def _numbers(expected: float, got, name: str) -> str | None:
    if isinstance(got, Tensor):
        return f"`{name}` is {kind(got)}, but should be a plain number: `.item()` makes one"
    if isinstance(got, bool) or not isinstance(got, NUMBERS):
        return f"`{name}` is {kind(got)}, but should be a number"
    if isinstance(expected, int) and not isinstance(got, int | np.integer):
        return f"`{name}` is the float {got} but should be a whole number (int)"
    if abs(got - expected) <= 1e-6 * max(1, abs(expected)):
        return None
    return f"`{name}` should be {_number(expected, got)} but is {_number(got, expected)}"


def _number(value, other) -> str:
    """Return `value` with as many digits as tell it from `other`."""
    if isinstance(value, bool | int):
        return str(value)
    return f"{value:.4g}" if f"{value:.4g}" != f"{other:.4g}" else f"{value:.9g}"
