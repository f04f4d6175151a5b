"""What a picture may be made of: checks that say what was expected, and the parts that all pictures share."""

from collections.abc import Sequence

import numpy as np

MAX_CELLS, MAX_VALUES = 62_500, 1_000_000


def checked(values, name: str, dimensions: Sequence[int]) -> np.ndarray:
    """Return `values` as float64, or raise a ValueError that says which shape or content was expected."""
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError, RuntimeError) as error:  # the last: torch, of a tensor that needs its gradient
        raise ValueError(f"{name}: expected an array of numbers ({error})") from None
    if array.ndim not in dimensions:
        wanted = " or ".join(map(str, dimensions))
        raise ValueError(f"{name}: expected {wanted} dimensions, not {array.ndim} (shape {array.shape})")
    if array.size == 0:
        raise ValueError(f"{name}: expected at least one value, not an empty array of shape {array.shape}")
    if array.size > MAX_VALUES or (max(dimensions) > 2 and np.prod(array.shape[-2:]) > MAX_CELLS):
        raise ValueError(
            f"{name}: expected at most {MAX_CELLS:,} cells a picture and {MAX_VALUES:,} values in all, not shape "
            f"{array.shape}; show a part of it, or every k-th row"
        )
    if not np.isfinite(array).any():
        raise ValueError(f"{name}: expected at least one finite value, found only NaN or infinity")
    return array


def labels(given: Sequence | None, count: int, name: str) -> list[str]:
    """Return `count` labels as text (1, 2, … where none are given); ValueError where the count differs."""
    texts = [str(text) for text in (range(1, count + 1) if given is None else given)]
    if len(texts) != count:
        raise ValueError(f"{name}: expected {count} labels, one each, not {len(texts)}")
    return texts


def limits(values, vmin=None, vmax=None, *, log=False, diverging=False) -> tuple[float, float]:
    """Return the ends of a scale: those given, else those of the finite values, never equal.

    Raises:
        ValueError: a log scale with a negative value or without a positive one, or vmin not below vmax.
    """
    finite = values[np.isfinite(values)]
    if log:
        if (finite < 0).any() or not (finite > 0).any():
            raise ValueError("log scale: expected values of zero or more, at least one of them positive")
        finite = finite[finite > 0]
    low = float(finite.min()) if vmin is None else float(vmin)
    high = float(finite.max()) if vmax is None else float(vmax)
    if diverging and vmin is None:
        high = max(abs(low), abs(high)) if vmax is None else high
        low = -high
    if low == high and (vmin is None or vmax is None):
        low, high = (low / 10, high * 10) if log else (low - 0.5, high + 0.5)
    if not (np.isfinite([low, high, high - low]).all() and low < high and (low > 0 or not log)):
        raise ValueError(f"expected finite vmin < vmax{', both positive' if log else ''}, not {low} and {high}")
    return low, high


def sizes(**given: int | None) -> dict:
    """Return sizes in pixels by name, None where a view decides; ValueError where there would be nothing to see."""
    for name, pixels in given.items():
        if pixels is not None and not 1 <= pixels <= 10_000:
            raise ValueError(f"{name}: expected 1 to 10,000 pixels, not {pixels}")
    return given


def stepping(count: int, given: Sequence | None, step_name: str, player: bool, interval: int) -> dict:
    """Return what the frame slider needs: how many steps, their names, milliseconds a step when played."""
    if interval < 20:
        raise ValueError(f"interval: expected at least 20 milliseconds, not {interval}")
    names = None if given is None else labels(given, count, "steps")
    return {"step_count": count, "steps": names, "step_name": step_name, "player": player, "interval": interval}


def extent(values: np.ndarray) -> str:
    """Return the range of the finite values in words, and how many values are missing."""
    finite, missing = values[np.isfinite(values)], (~np.isfinite(values)).sum()
    said = f"from {finite.min():.3g} to {finite.max():.3g}" if finite.size else "none finite"
    return said + (f", {missing} without a value" if missing else "")


def inside(position: int | None, count: int, name: str) -> int | None:
    """Return a position if it is None or in range(count); else raise a ValueError."""
    if position is not None and not 0 <= position < count:
        raise ValueError(f"{name}: expected a position from 0 to {count - 1}, not {position}")
    return None if position is None else int(position)
