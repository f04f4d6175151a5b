"""What a browser-held view shows, as plain data: arrays checked, labels, scale, text alternative.

Pure functions from NumPy arrays to a dictionary; `views` sends it to the browser, `figures.still` draws it.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from course_utils.views.picture_checks import checked, extent, inside, labels, limits, sizes, stepping

MAX_LINES = 7
# Nine stops of viridis and of RdBu_r: perceptually even, told apart in every common form of colour blindness.
SCALES = {
    "sequential": ["#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725"],
    "diverging": ["#053061", "#2a71b2", "#6bacd1", "#c2ddec", "#f7f6f6", "#fbccb4", "#e48066", "#ba2832", "#67001f"],
}


def heatmap(
    values,
    *,
    rows: Sequence | None = None,
    columns: Sequence | None = None,
    title: str = "",
    row_name: str = "row",
    column_name: str = "column",
    value_name: str = "value",
    scale: str = "sequential",
    log: bool = False,
    vmin: float | None = None,
    vmax: float | None = None,
    outlined: Sequence[tuple[int, int]] = (),
    outlined_name: str = "",
    row: int | None = None,
    column: int | None = None,
    cursor: str | None = None,
    steps: Sequence | None = None,
    step_name: str = "step",
    player: bool = True,
    interval: int = 250,
    column_labels: bool = True,
    cell_width: int = 44,
    height: int | None = None,
) -> dict:
    """Return the picture of a matrix, or of a stack of matrices that a slider walks through.

    Args:
        values: (rows, columns), or (frames, rows, columns); NaN and infinity are drawn striped, "no value".
        rows, columns: one label a row and a column, any script; 1, 2, … where none are given.
        title, row_name, column_name, value_name: what is shown, and what the axes and colours mean. What stands in
            parentheses at the end of an axis' name is left out where values are read.
        scale: "sequential", or "diverging" about zero.
        log: colours by the logarithm; values must be zero or more.
        vmin, vmax: ends of the colour scale; those of all frames where not given.
        outlined: (row, column) positions outlined in gold, such as links known to be true.
        outlined_name: what an outline means, for the legend.
        row, column: one highlighted row, one highlighted column (positions).
        cursor: "row" or "column": the frame slider highlights that row or column of one matrix, in place of
            walking through a stack; a click on a cell moves it too.
        steps, step_name: names of the slider's positions ("s", "e", "a") and what one is called ("letter").
        player: whether slider, play and pause are shown; hide them in a view that follows another.
        interval: milliseconds a step when played.
        column_labels: whether column labels and name are shown; hide them in all but the last of a column.
        cell_width: the widest that a cell may be, pixels.
        height: of the cells together, pixels; from the number of rows where not given. Give it where the
            number of rows changes, so that nothing below jumps.

    Returns:
        The picture: checked arrays, texts and numbers by name.

    Raises:
        ValueError: with what was expected, for values, labels, positions or limits that do not fit.
    """
    values = checked(values, "values", (2, 3))
    values = values[None] if values.ndim == 2 else values
    frames, n_rows, n_columns = values.shape
    if scale not in SCALES or (log and scale == "diverging"):
        raise ValueError(f"scale: expected one of {', '.join(SCALES)} (diverging not with log), not {scale!r}")
    if cursor not in (None, "row", "column") or (cursor and frames > 1):
        raise ValueError("cursor: expected None, or 'row' or 'column' with values of 2 dimensions")
    outlined = [[inside(r, n_rows, "outlined row"), inside(c, n_columns, "outlined column")] for r, c in outlined]
    low, high = limits(values, vmin, vmax, log=log, diverging=scale == "diverging")
    finite = values[np.isfinite(values) & ((values > 0) | (not log))]  # zero has a place on any log scale
    rows, columns = labels(rows, n_rows, "rows"), labels(columns, n_columns, "columns")
    count = {None: frames, "row": n_rows, "column": n_columns}[cursor]
    if cursor and steps is None:
        steps = {"row": rows, "column": columns}[cursor]
    alternative = (
        f"Heatmap {title!r}: {n_rows} rows ({row_name}) by {n_columns} columns ({column_name})"
        + (f", {frames} frames ({step_name})" if frames > 1 else "")
        + f"; {value_name} {extent(values)}."
        + (f" {len(outlined)} cells are outlined{outlined_name and f' ({outlined_name})'}." if outlined else "")
    )
    return {
        "values": values, "shape": list(values.shape), "rows": rows, "columns": columns, "title": title,
        "row_name": row_name, "column_name": column_name, "value_name": value_name, "colours": SCALES[scale],
        "log": log, "vmin": low, "vmax": high, "missing": not np.isfinite(values).all(), "outlined": outlined,
        "below": bool((finite < low).any()), "above": bool((finite > high).any()),
        "outlined_name": outlined_name,
        "row": inside(row, n_rows, "row"), "column": inside(column, n_columns, "column"), "cursor": cursor,
        "column_labels": column_labels, "alternative": alternative, **sizes(cell_width=cell_width, height=height),
        **stepping(count, steps, step_name, player, interval),
    }  # fmt: skip


def lines(
    x,
    lines: Mapping[str, Sequence],
    *,
    bands: Mapping[str, tuple[Sequence, Sequence]] | None = None,
    mark: tuple[float, float, str] | None = None,
    columns: Sequence | None = None,
    title: str = "",
    x_name: str = "x",
    y_name: str = "y",
    log: bool = False,
    log_x: bool = False,
    vmin: float | None = None,
    vmax: float | None = None,
    cursor: bool = False,
    steps: Sequence | None = None,
    step_name: str = "step",
    player: bool = True,
    interval: int = 250,
    column_labels: bool = True,
    cell_width: int = 44,
    height: int = 260,
) -> dict:
    """Return the picture of curves over one x, or of stacks of curves that a slider walks through.

    Args:
        x: (n,), increasing.
        lines: name → (n,) or (frames, n); NaN leaves a gap. At most 7 lines.
        bands: name of a line → (low, high), each shaped as the line: drawn in the line's colour.
        mark: (x, y, text): one marked point with its text beside it.
        columns: n labels: the points then stand at the middle of columns as wide as a heatmap's, so that the
            curves line up with heatmaps above and below; `mark`'s x is then a column's position.
        title, x_name, y_name: what is shown, and the axes' names with units.
        log, log_x: logarithmic axes; what is not positive is left out of a log axis.
        vmin, vmax: ends of the y axis; give them where Python moves the curves, so that the axis stands still.
        cursor: the frame slider moves an upright line over the points, in place of walking through a stack.
        steps, step_name, player, interval, column_labels, cell_width: as in `heatmap`.
        height: of the plot, pixels.

    Returns:
        The picture: checked arrays, texts and numbers by name.

    Raises:
        ValueError: with what was expected, for values, labels or limits that do not fit.
    """
    x = checked(x, "x", (1,))
    if not np.isfinite(x).all() or (np.diff(x) <= 0).any() or (log_x and x[0] <= 0):
        raise ValueError(f"x: expected finite, increasing values{', positive on a log axis' if log_x else ''}")
    if not 1 <= len(lines) <= MAX_LINES:
        raise ValueError(f"lines: expected 1 to {MAX_LINES} lines, not {len(lines)}")
    curves = {name: checked(y, f"line {name!r}", (1, 2)) for name, y in lines.items()}
    edges = {}
    for name, (low, high) in (bands or {}).items():
        if name not in curves:
            raise ValueError(f"bands: expected names of lines ({', '.join(curves)}), not {name!r}")
        edges[name] = (checked(low, f"band {name!r}", (1, 2)), checked(high, f"band {name!r}", (1, 2)))
    drawn = [*curves.values(), *(edge for pair in edges.values() for edge in pair)]
    counts = {y.shape[0] for y in drawn if y.ndim == 2}
    if any(y.shape[-1] != len(x) for y in drawn) or len(counts) > 1 or (cursor and counts):
        shapes = [y.shape for y in drawn]
        raise ValueError(f"lines: expected {len(x)} values each, as many as x, the same frames; not {shapes}")
    if mark is not None:
        places = [float(place) for place in mark[:2]]
        if len(mark) != 3 or not np.isfinite(places).all() or (log_x and places[0] <= 0) or (log and places[1] <= 0):
            raise ValueError(f"mark: expected (x, y, text), x and y finite, and positive on log axes; not {mark!r}")
    everything = np.concatenate([y.ravel() for y in drawn])
    low, high = limits(everything, vmin, vmax, log=log)
    names = None if columns is None else labels(columns, len(x), "columns")
    count = len(x) if cursor else max(counts, default=1)
    order = {name: at for at, name in enumerate(curves)}
    alternative = (
        f"Curves {title!r} over {x_name} from {x[0]:.3g} to {x[-1]:.3g}, {y_name}{' (log axis)' if log else ''}: "
        + "; ".join(f"{name} {extent(y)}" for name, y in curves.items())
        + (f". Marked: {mark[2]}" if mark else "")
        + "."
    )
    return {
        "x": x, "lines": [{"name": name, "y": y, "colour": order[name]} for name, y in curves.items()],
        "bands": [{"low": a, "high": b, "colour": order[name]} for name, (a, b) in edges.items()],
        "mark": mark and {"x": float(mark[0]), "y": float(mark[1]), "text": str(mark[2])}, "columns": names,
        "title": title, "x_name": x_name, "y_name": y_name, "log": log, "log_x": log_x, "vmin": low, "vmax": high,
        "xmin": float(x[0]), "xmax": float(x[-1]), "cursor": cursor, "column_labels": column_labels,
        "alternative": alternative, **sizes(cell_width=cell_width, height=height),
        **stepping(count, names if cursor and steps is None else steps, step_name, player, interval),
    }  # fmt: skip


def bars(
    values,
    rows: Sequence,
    *,
    title: str = "",
    value_name: str = "value",
    vmax: float | None = None,
    row: int | None = None,
    row_name: str = "",
    steps: Sequence | None = None,
    step_name: str = "step",
    player: bool = True,
    interval: int = 250,
    bar_height: int = 20,
) -> dict:
    """Return the picture of horizontal bars, or of a stack of them; the longest bar is set off, if there is one.

    Args:
        values: (bars,), or (frames, bars); zero or more.
        rows: one label a bar.
        title, value_name: what is shown, and what a bar's length means.
        vmax: length of the longest possible bar; that of all frames where not given.
        row, row_name: one bar that is framed (position), and what that means, such as "the right answer".
        steps, step_name, player, interval: as in `heatmap`.
        bar_height: pixels a bar.

    Returns:
        The picture: checked arrays, texts and numbers by name.

    Raises:
        ValueError: with what was expected, for values or labels that do not fit.
    """
    values = np.atleast_2d(checked(values, "values", (1, 2)))
    if not np.isfinite(values).all() or (values < 0).any():
        raise ValueError("values: expected finite values of zero or more")
    frames, count = values.shape
    _, high = limits(values, 0.0, (values.max() or 1.0) if vmax is None else vmax)
    rows, best = labels(rows, count, "rows"), int(values[-1].argmax())
    return {
        "values": values, "shape": [frames, count], "rows": rows, "title": title, "value_name": value_name,
        "vmax": high, "row": inside(row, count, "row"), "row_name": row_name, **sizes(bar_height=bar_height),
        "alternative": f"Bars {title!r}, {value_name} of {count}"
        + (f", {frames} frames ({step_name}); in the last, " if frames > 1 else "; ")
        + f"{rows[best]} is longest with {values[-1, best]:.3g}.",
        **stepping(frames, steps, step_name, player, interval),
    }  # fmt: skip
