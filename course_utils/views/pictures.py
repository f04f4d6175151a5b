"""What a browser-held view shows, as plain data: arrays checked, labels, scale, text alternative.

Pure functions from NumPy arrays to a dictionary of checked arrays, texts and numbers: `widgets` sends it to the
browser, `figures` draws it still.
All of them raise a ValueError that tells what was expected if values, labels, positions or limits do not fit.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from course_utils.figures.style import SCALES
from course_utils.messages import note, say

MAX_CELLS, MAX_VALUES, MAX_LINES, MAX_ITEMS = 62_500, 1_000_000, 7, 12


def _numbers(values, name: str, *dimensions: int) -> np.ndarray:
    """Return `values` as float64 if they have one of these numbers of dimensions and a finite value."""
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


def _labels(given: Sequence | None, count: int, name: str) -> list[str]:
    """Return `count` labels as text: 1, 2, … if none are given."""
    texts = [str(text) for text in (range(1, count + 1) if given is None else given)]
    if len(texts) != count:
        raise ValueError(f"{name}: expected {count} labels, one each, not {len(texts)}")
    return texts


def _limits(values, vmin=None, vmax=None, *, log=False, diverging=False) -> tuple[float, float]:
    """Return the ends of a scale: those given, else those of the finite values, never equal."""
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


def _sizes(**given: int | None) -> dict:
    """Return sizes in pixels by name, None if the view decides."""
    for name, pixels in given.items():
        if pixels is not None and not 1 <= pixels <= 10_000:
            raise ValueError(f"{name}: expected 1 to 10,000 pixels, not {pixels}")
    return given


def _steps(count: int, names: Sequence | None = None, step_name="", player=False, interval: int = 250) -> dict:
    """Return what the frame slider needs: how many steps, their names, milliseconds per step when played."""
    if interval < 20:
        raise ValueError(f"interval: expected at least 20 milliseconds, not {interval}")
    names = None if names is None else _labels(names, count, "steps")
    return {"step_count": count, "steps": names, "step_name": step_name, "player": player, "interval": interval}


def _position(position: int | None, count: int, name: str) -> int | None:
    """Return a position if it is None or in range(count)."""
    if position is not None and not 0 <= position < count:
        raise ValueError(f"{name}: expected a position from 0 to {count - 1}, not {position}")
    return None if position is None else int(position)


def _name(given: str | None, template: str) -> str:
    """Return a name as it was given, or the usual one in the chosen language."""
    return say(template) if given is None else given


def _extent(name: str, values: np.ndarray) -> str:
    """Return the range of the finite values in words, and how many values are missing."""
    finite, missing = values[np.isfinite(values)], int((~np.isfinite(values)).sum())
    if not finite.size:
        return say("{name} none finite, {missing} without a value", name=name, missing=missing)
    fields = {"name": name, "low": finite.min(), "high": finite.max()}
    if missing:
        return say("{name} from {low:.3g} to {high:.3g}, {missing} without a value", missing=missing, **fields)
    return say("{name} from {low:.3g} to {high:.3g}", **fields)


def heatmap(
    values, *, rows: Sequence | None = None, columns: Sequence | None = None, title: str = "",
    row_name: str | None = None, column_name: str | None = None, value_name: str | None = None,
    scale: str = "sequential", log: bool = False, vmin: float | None = None, vmax: float | None = None,
    outlined: Sequence[tuple[int, int]] = (), outlined_name: str = "", cursor: str | None = None,
    steps: Sequence | None = None, step_name: str | None = None, player: bool = True, interval: int = 250,
    height: int | None = None,
) -> dict:  # fmt: skip
    """Return the picture of a matrix, or of a stack of matrices that a slider walks through.

    Args:
        values: (rows, columns), or (frames, rows, columns); NaN and infinity are drawn striped, "no value".
        rows, columns: one label per row and per column, any script; 1, 2, … if none are given.
        title, row_name, column_name, value_name: what is shown, and what the axes and colours mean; None for "row",
            "column" and "value". Parentheses at the end of an axis' name are left out where values are read.
        scale: "sequential", or "diverging" about zero.
        log: colours by the logarithm; values are zero or more.
        vmin, vmax: ends of the colour scale; those of all frames if not given.
        outlined: (row, column) positions outlined in gold, such as links known to be true.
        outlined_name: what an outline means, for the legend.
        cursor: "row" or "column": the frame slider highlights that row or column of one matrix, in place of
            walking through a stack; a click on a cell moves it too.
        steps, step_name: names of the slider's positions ("s", "e", "a") and what one is called ("letter").
        player: whether slider, play and pause are shown; hide them in a view that follows another.
        interval: milliseconds per step when played.
        height: of the cells together, pixels; from the number of rows if not given. Give it if the number of rows
            changes, so that nothing below jumps.
    """
    values = _numbers(values, "values", 2, 3)
    values = values[None] if values.ndim == 2 else values
    frames, n_rows, n_columns = values.shape
    if scale not in SCALES or (log and scale == "diverging"):
        raise ValueError(f"scale: expected one of {', '.join(SCALES)} (diverging not with log), not {scale!r}")
    if cursor not in (None, "row", "column") or (cursor and frames > 1):
        raise ValueError("cursor: expected None, or 'row' or 'column' with values of 2 dimensions")
    outlined = [[_position(r, n_rows, "outlined row"), _position(c, n_columns, "outlined column")] for r, c in outlined]
    low, high = _limits(values, vmin, vmax, log=log, diverging=scale == "diverging")
    finite = values[np.isfinite(values) & ((values > 0) | (not log))]  # zero has a place on any log scale
    rows, columns = _labels(rows, n_rows, "rows"), _labels(columns, n_columns, "columns")
    row_name, column_name = _name(row_name, note("row")), _name(column_name, note("column"))
    value_name, step_name = _name(value_name, note("value")), _name(step_name, note("step"))
    count = {None: frames, "row": n_rows, "column": n_columns}[cursor]
    if cursor and steps is None:
        steps = {"row": rows, "column": columns}[cursor]
    fields = {"title": title, "rows": n_rows, "columns": n_columns, "row_name": row_name, "column_name": column_name}
    fields |= {"frames": frames, "step_name": step_name, "values": _extent(value_name, values)}
    single = note("Heatmap {title!r}: {rows} rows ({row_name}) by {columns} columns ({column_name}); {values}.")
    stack = note("Heatmap {title!r}: {rows} rows ({row_name}) by {columns} columns ({column_name}), {frames} frames "
                 "({step_name}); {values}.")  # fmt: skip
    alternative = say(stack if frames > 1 else single, **fields)
    if outlined:
        named, plain = note("{count} cells are outlined ({meaning})."), note("{count} cells are outlined.")
        alternative += " " + say(named if outlined_name else plain, count=len(outlined), meaning=outlined_name)
    return {
        "values": values, "shape": list(values.shape), "rows": rows, "columns": columns, "title": title,
        "row_name": row_name, "column_name": column_name, "value_name": value_name, "colours": SCALES[scale],
        "log": log, "vmin": low, "vmax": high, "missing": not np.isfinite(values).all(), "outlined": outlined,
        "below": bool((finite < low).any()), "above": bool((finite > high).any()), "outlined_name": outlined_name,
        "cursor": cursor, "cell_width": 44, **_sizes(height=height), "alternative": alternative,
        **_steps(count, steps, step_name, player, interval),
    }  # fmt: skip


def lines(
    x, lines: Mapping[str, Sequence], *, bands: Mapping[str, tuple[Sequence, Sequence]] | None = None,
    mark: tuple[float, float, str] | None = None, columns: Sequence | None = None, title: str = "",
    x_name: str = "x", y_name: str = "y", log: bool = False, vmin: float | None = None, vmax: float | None = None,
    steps: Sequence | None = None, step_name: str | None = None, player: bool = True, interval: int = 250,
    cell_width: int = 44, height: int = 260,
) -> dict:  # fmt: skip
    """Return the picture of curves over one x, or of stacks of curves that a slider walks through.

    Args:
        x: (n,), increasing.
        lines: name → (n,) or (frames, n); NaN leaves a gap. At most 7 lines.
        bands: name of a line → (low, high), each shaped as the line: drawn in the line's colour.
        mark: (x, y, text): one marked point with its text beside it.
        columns: n labels: the points are then at the middle of columns as wide as a heatmap's, so that the
            curves line up with heatmaps above and below; `mark`'s x is then a column's position.
        title, x_name, y_name: what is shown, and the axes' names with units.
        log: a logarithmic y axis; what is not positive is left out of it.
        vmin, vmax: ends of the y axis; give them if Python moves the curves, so that the axis does not move.
        steps, step_name, player, interval: as in `heatmap`.
        cell_width, height: the widest that a column may be, and the height of the plot, pixels.
    """
    x = _numbers(x, "x", 1)
    if not np.isfinite(x).all() or (np.diff(x) <= 0).any():
        raise ValueError("x: expected finite, increasing values")
    if not 1 <= len(lines) <= MAX_LINES:
        raise ValueError(f"lines: expected 1 to {MAX_LINES} lines, not {len(lines)}")
    curves = {name: _numbers(y, f"line {name!r}", 1, 2) for name, y in lines.items()}
    if unknown := [name for name in bands or {} if name not in curves]:
        raise ValueError(f"bands: expected names of lines ({', '.join(curves)}), not {unknown[0]!r}")
    edges = {name: [_numbers(end, f"band {name!r}", 1, 2) for end in ends] for name, ends in (bands or {}).items()}
    arrays = [*curves.values(), *(end for ends in edges.values() for end in ends)]
    counts = {y.shape[0] for y in arrays if y.ndim == 2}
    if any(y.shape[-1] != len(x) for y in arrays) or len(counts) > 1:
        shapes = [y.shape for y in arrays]
        raise ValueError(f"lines: expected {len(x)} values each, as many as x, the same frames; not {shapes}")
    if mark is not None:
        places = [float(place) for place in mark[:2]]
        if len(mark) != 3 or not np.isfinite(places).all() or (log and places[1] <= 0):
            raise ValueError(f"mark: expected (x, y, text), x and y finite, y positive on a log axis; not {mark!r}")
        mark = {"x": places[0], "y": places[1], "text": str(mark[2])}
    low, high = _limits(np.concatenate([y.ravel() for y in arrays]), vmin, vmax, log=log)
    names = None if columns is None else _labels(columns, len(x), "columns")
    count, order, step_name = max(counts, default=1), list(curves), _name(step_name, note("step"))
    fields = {"title": title, "x_name": x_name, "first": x[0], "last": x[-1], "mark": mark and mark["text"]}
    fields |= {"y_name": say("{name} (log axis)", name=y_name) if log else y_name}
    fields |= {"curves": "; ".join(_extent(name, y) for name, y in curves.items())}
    plain = note("Curves {title!r} over {x_name} from {first:.3g} to {last:.3g}, {y_name}: {curves}.")
    marked = note("Curves {title!r} over {x_name} from {first:.3g} to {last:.3g}, {y_name}: {curves}. Marked: {mark}.")
    return {
        "x": x, "lines": [{"name": name, "y": y, "colour": order.index(name)} for name, y in curves.items()],
        "bands": [{"low": a, "high": b, "colour": order.index(name)} for name, (a, b) in edges.items()],
        "mark": mark, "columns": names, "title": title, "x_name": x_name, "y_name": y_name, "log": log, "vmin": low,
        "vmax": high, "xmin": float(x[0]), "xmax": float(x[-1]), **_sizes(cell_width=cell_width, height=height),
        "alternative": say(marked if mark else plain, **fields), **_steps(count, steps, step_name, player, interval),
    }  # fmt: skip


def bars(
    values, rows: Sequence, *, title: str = "", value_name: str | None = None, vmax: float | None = None,
    row: int | None = None, row_name: str = "", steps: Sequence | None = None, step_name: str | None = None,
    player: bool = True, interval: int = 250, bar_height: int = 20,
) -> dict:  # fmt: skip
    """Return the picture of horizontal bars, or of a stack of them; the longest bar is set off, if there is one.

    Args:
        values: (bars,), or (frames, bars); zero or more.
        rows: one label per bar.
        title, value_name: what is shown, and what a bar's length means; None for "value".
        vmax: length of the longest possible bar; that of all frames if not given.
        row, row_name: one bar that is framed (position), and what that means, such as "the right answer".
        steps, step_name, player, interval: as in `heatmap`.
        bar_height: pixels per bar.
    """
    values = np.atleast_2d(_numbers(values, "values", 1, 2))
    if not np.isfinite(values).all() or (values < 0).any():
        raise ValueError("values: expected finite values of zero or more")
    frames, count = values.shape
    _, high = _limits(values, 0.0, (values.max() or 1.0) if vmax is None else vmax)
    rows, best = _labels(rows, count, "rows"), int(values[-1].argmax())
    value_name, step_name = _name(value_name, note("value")), _name(step_name, note("step"))
    fields = {"title": title, "value_name": value_name, "count": count, "name": rows[best], "value": values[-1, best]}
    fields |= {"frames": frames, "step_name": step_name}
    single = note("Bars {title!r}, {value_name} of {count}; {name} is longest with {value:.3g}.")
    stack = note("Bars {title!r}, {value_name} of {count}, {frames} frames ({step_name}); in the last, {name} is "
                 "longest with {value:.3g}.")  # fmt: skip
    return {
        "values": values, "shape": [frames, count], "rows": rows, "title": title, "value_name": value_name,
        "vmax": high, "row": _position(row, count, "row"), "row_name": row_name, **_sizes(bar_height=bar_height),
        "alternative": say(single if frames == 1 else stack, **fields),
        **_steps(frames, steps, step_name, player, interval),
    }  # fmt: skip


def plane(
    arrows: Mapping[str, Sequence[float]], *, points: Mapping[str, Sequence[float]] | None = None,
    shares: Mapping[str, float] | None = None, special: Sequence[str] = (), title: str = "",
    share_name: str | None = None, reach: float = 2.5, height: int = 300,
) -> dict:  # fmt: skip
    """Return the picture of arrows from the origin, and of points, in a plane; at most 12 of each.

    Args:
        arrows: name → (x, y) of the tip.
        points: name → (x, y).
        shares: name → 0 to 1; a larger share makes a thicker arrow or a larger point. Those without one are thin.
        special: names set off by a colour of their own, such as the query or an average.
        title, share_name: what is shown, and what a share means; None for "share".
        reach: both axes go from −reach to reach.
        height: of the plot, pixels.
    """
    places = [("arrow", *item) for item in arrows.items()] + [("point", *item) for item in (points or {}).items()]
    shares = {name: float(share) for name, share in (shares or {}).items()}
    share_name, names = _name(share_name, note("share")), [name for _, name, _ in places]
    if max(len(arrows), len(points or {})) > MAX_ITEMS:
        raise ValueError(f"expected at most {MAX_ITEMS} arrows and as many points, not {len(names)} in all")
    if not names or len(set(names)) < len(names) or not {*shares, *special} <= set(names):
        raise ValueError(f"expected at least one arrow or point, and shares of these names only: {names}")
    if not all(0 <= share <= 1 + 1e-9 for share in shares.values()) or not reach > 0:
        raise ValueError(f"expected shares from 0 to 1 and a positive reach, not {shares} and {reach}")
    items, words = [], []
    for kind, name, place in places:
        if np.shape(place) != (2,) or not np.isfinite(place).all():
            raise ValueError(f"{kind}s: expected two finite numbers for {name!r}, not {place}")
        (x, y), share = map(float, place), shares.get(name)
        items.append({"name": name, "kind": kind, "x": x, "y": y, "share": share, "special": name in special})
        fields = {"name": name, "x": x, "y": y, "share_name": share_name, "share": share}
        template = note("{name} at ({x:.2f}, {y:.2f}), {share_name} {share:.2f}")
        words.append(say(note("{name} at ({x:.2f}, {y:.2f})") if share is None else template, **fields))
    return {
        "items": items, "title": title, "share_name": share_name, "reach": float(reach), **_sizes(height=height),
        "alternative": say("Plane {title!r}: {items}.", title=title, items="; ".join(words)), **_steps(1),
    }  # fmt: skip


def sentence(
    weights, *, rows: Sequence[str], columns: Sequence[str], marked: Sequence[tuple[int, int]] = (), title: str = "",
    row_name: str | None = None, column_name: str | None = None, value_name: str | None = None,
    step_name: str | None = None, player: bool = True, interval: int = 900, lines: int = 3,
) -> dict:  # fmt: skip
    """Return the picture of two sentences: the words of one light up as the other is written word by word.

    Args:
        weights: (rows, columns), 0 to 1: how bright each word of the column sentence is at each step.
        rows, columns: the words of both sentences; the slider walks over `rows`.
        marked: (row, column) positions whose word is framed at that step, such as links known to be true.
        title, row_name, column_name, value_name, step_name: what is shown, the two sentences' names, what brightness
            means, and what a step is called; None for "target", "source", "weight" and "word".
        player, interval: as in `heatmap`.
        lines: rows of words that each sentence has room for, so that nothing below jumps.
    """
    weights = _numbers(weights, "weights", 2)
    if not np.isfinite(weights).all() or weights.min() < 0 or weights.max() > 1 + 1e-6:
        raise ValueError("weights: expected finite values from 0 to 1")
    n_rows, n_columns = weights.shape
    rows, columns = _labels(rows, n_rows, "rows"), _labels(columns, n_columns, "columns")
    marked = [[_position(r, n_rows, "marked row"), _position(c, n_columns, "marked column")] for r, c in marked]
    names = {"row_name": _name(row_name, note("target")), "column_name": _name(column_name, note("source"))}
    names |= {"value_name": _name(value_name, note("weight"))}
    pairs = "; ".join(
        say("{target} ← {source} {weight:.2f}", target=row, source=columns[share.argmax()], weight=share.max())
        for row, share in zip(rows, weights, strict=True)
    )
    template = note("{title}: for each {row_name} word the brightest {column_name} word and its {value_name}: {pairs}.")
    return {
        "values": weights, "rows": rows, "columns": columns, "marked": marked, "title": title, "lines": lines, **names,
        "alternative": say(template, title=title or say("Sentences"), pairs=pairs, **names),
        **_steps(n_rows, rows, _name(step_name, note("word")), player, interval),
    }  # fmt: skip
