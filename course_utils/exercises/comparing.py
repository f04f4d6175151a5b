"""Say in words where a result first differs from the expected one."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from course_utils.messages import say, say_plural

NUMBERS = (int, float, np.integer, np.floating)


def difference(expected, got, name: str, axes: Sequence[str] = (), any_float: bool = False) -> str | None:
    """Return a sentence that says where `got` first differs from `expected`, or None where they agree.

    Args:
        expected: a tensor, a number, or lists and tuples of them.
        got: anything.
        name: the result's name.
        axes: for a tensor, what its axes count: "step", "sequence", "unit".
        any_float: whether a floating tensor may have another floating dtype than the expected one.
    """
    if got is None:
        return say("`{name}` is None: is there a `return`?", name=name)
    if isinstance(expected, Tensor):
        return _tensors(expected, got, name, axes, any_float)
    if isinstance(expected, NUMBERS):
        return _numbers(expected, got, name)
    if not isinstance(got, list | tuple):
        return say("`{name}` is {kind}, but should be a list.", name=name, kind=kind(got))
    if all(isinstance(item, int) for item in expected):
        items = [plain(item) for item in got]
        same = all(isinstance(item, int) for item in items) and items == list(expected)
        return None if same else _values(name, list(expected), short(items))
    if len(got) != len(expected):
        return say_plural(
            "`{name}` has one item but should have {expected}: it is {value}.",
            "`{name}` has {count} items but should have {expected}: it is {value}.",
            len(got), name=name, expected=len(expected), value=short(got),
        )  # fmt: skip
    pairs = enumerate(zip(expected, got, strict=True))
    parts = (difference(e, g, f"{name}[{at}]", (), any_float) for at, (e, g) in pairs)
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
        return _tensors(first, second, "result", (), any_float) is None
    if isinstance(first, NUMBERS) and not isinstance(first, bool):
        return first == second or (first != first and second != second) or _numbers(first, second, "result") is None
    return True  # of a wrong type, and refused for that


def results(value, count: int) -> Sequence | None:
    """Return a function's results as a sequence of `count` items, or None where it is not one."""
    if count == 1:
        return (value,)
    return value if isinstance(value, list | tuple) and len(value) == count else None


def evidence(expected, got, any_float: bool = False) -> float:
    """Return how many values differ, infinite where it cannot be by accident: other shapes, or a floating value."""
    if isinstance(expected, list | tuple) and isinstance(got, list | tuple) and len(expected) == len(got):
        return sum(evidence(e, g, any_float) for e, g in zip(expected, got, strict=True))
    if alike(expected, got, any_float):
        return 0
    if isinstance(expected, Tensor) and isinstance(got, Tensor):
        countable = not expected.is_floating_point() and expected.shape == got.shape and not expected.is_meta
        return (expected != got).sum().item() if countable and got.device == expected.device else math.inf
    return 1 if isinstance(expected, int) and isinstance(got, int) else math.inf


def kind(value) -> str:
    """Return the type of a value in words, such as "a list of 2 items" or "a Tensor of shape (3, 2)"."""
    if isinstance(value, Tensor):
        return say("a Tensor of shape {shape}", shape=tuple(value.shape))
    if isinstance(value, np.ndarray):
        return say("a NumPy array of shape {shape}", shape=tuple(value.shape))
    name = type(value).__name__
    if isinstance(value, list | tuple):
        return say_plural("a {type} of one item", "a {type} of {count} items", len(value), type=name)
    return say("an {type}", type=name) if name[0] in "aeiou" else say("a {type}", type=name)


def plain(value):
    """Return a NumPy number or a tensor of one number as Python's own, anything else as it is."""
    if isinstance(value, np.generic) or (isinstance(value, Tensor) and value.dim() == 0 and not value.is_meta):
        return value.item()
    return value


def short(value, most: int = 80) -> str:
    """Return a value as text on one line, cut where it is longer than `most` characters."""
    text = " ".join(str(value).split())
    return text if len(text) <= most else text[: most - 1] + "…"


def _tensors(expected: Tensor, got, name: str, axes: Sequence[str], any_float: bool) -> str | None:
    if not isinstance(got, Tensor):
        return say("`{name}` is {kind}, but should be a Tensor.", name=name, kind=kind(got))
    axes = [axis if axis == "..." else say(axis) for axis in axes]
    if got.shape != expected.shape:
        fields = {"name": name, "shape": tuple(got.shape), "expected": tuple(expected.shape), "axes": ", ".join(axes)}
        if axes:
            return say("`{name}` has the shape {shape} but should have {expected}: ({axes}).", **fields)
        return say("`{name}` has the shape {shape} but should have {expected}.", **fields)
    if got.dtype != expected.dtype and not (any_float and got.is_floating_point() and expected.is_floating_point()):
        dtypes = {"dtype": got.dtype, "expected": expected.dtype}
        return say("`{name}` has the dtype {dtype} but should have {expected}.", name=name, **dtypes)
    if got.device != expected.device:
        devices = {"device": got.device, "expected": expected.device}
        return say("`{name}` is on the device {device} but should be on {expected}.", name=name, **devices)
    if got.layout != torch.strided:
        return say("`{name}` is a sparse tensor but should be an ordinary one.", name=name)
    if got.is_meta:
        return None  # shape, dtype and device are all there is on `meta`
    wrong = expected != got
    if expected.is_floating_point():
        rtol = 1e-5 if expected.dtype == got.dtype == torch.float64 else 1e-3  # what the coarser of the two can keep
        wrong = ~torch.isclose(expected.double(), got.double(), rtol=rtol, atol=rtol / 10, equal_nan=True)
    if not wrong.any():
        return None
    place = wrong.nonzero()[0].tolist()
    should, came = expected[tuple(place)].item(), got[tuple(place)].item()
    named = axes[1:] if axes[:1] == ["..."] else axes  # "..." stands for any number of axes at the front
    where = ", ".join(f"{axis} {index}" for axis, index in zip(named, place[-len(named) :], strict=False))
    name += f"[{', '.join(map(str, place))}]" if place else ""
    return _values(name, _number(should, came), _number(came, should), where, alone=wrong.sum() == 1)


def _numbers(expected: float, got, name: str) -> str | None:
    if isinstance(got, Tensor):
        return say("`{name}` is {kind}, but should be a plain number: `.item()` makes one.", name=name, kind=kind(got))
    if isinstance(got, bool) or not isinstance(got, NUMBERS):
        return say("`{name}` is {kind}, but should be a number.", name=name, kind=kind(got))
    if isinstance(expected, int) and not isinstance(got, int | np.integer):
        return say("`{name}` is the float {value} but should be a whole number (int).", name=name, value=got)
    if abs(got - expected) <= 1e-6 * max(1, abs(expected)):
        return None
    return _values(name, _number(expected, got), _number(got, expected))


def _values(name: str, expected, value, where: str = "", alone: bool = False) -> str:
    """Return the sentence on a wrong value; `alone`: it is the only wrong one of several."""
    fields = {"name": name, "expected": expected, "value": value, "where": where}
    if where and alone:
        return say("`{name}` ({where}) should be {expected} but is {value}; all the rest is right.", **fields)
    if where:
        return say("`{name}` ({where}) should be {expected} but is {value}.", **fields)
    if alone:
        return say("`{name}` should be {expected} but is {value}; all the rest is right.", **fields)
    return say("`{name}` should be {expected} but is {value}.", **fields)


def _number(value, other) -> str:
    """Return `value` with as many digits as tell it from `other`."""
    if isinstance(value, bool | int):
        return str(value)
    return f"{value:.4g}" if f"{value:.4g}" != f"{other:.4g}" else f"{value:.9g}"
