"""What a browser-held view shows, as plain data: arrays checked, labels, scale, text alternative.

Pure functions from NumPy arrays to a dictionary of checked arrays, texts and numbers: `widgets` sends it to the
browser, `figures` draws it still.
All of them raise a ValueError that tells what was expected if values, labels, positions or limits do not fit.
"""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace as Texts

import numpy as np

from course_utils.figures.style import SCALES
from course_utils.messages import note, say

# The texts that describe a picture to readers who cannot see it; the browser fills them in too, where it computes.
TEXTS = Texts(
    extent=note("{name} from {low:.3g} to {high:.3g}"),
    extent_missing=note("{name} from {low:.3g} to {high:.3g}, {missing} without a value"),
    all_missing=note("{name} none finite, {missing} without a value"),
    heatmap=note("Heatmap {title!r}: {rows} rows ({row_name}) by {columns} columns ({column_name}); {values}."),
    heatmaps=note(
        "Heatmap {title!r}: {rows} rows ({row_name}) by {columns} columns ({column_name}), {frames} frames "
        "({step_name}); {values}."
    ),
    outlined=note("{count} cells are outlined."),
    outlined_name=note("{count} cells are outlined ({meaning})."),
    hands=note("Marked columns that can be moved: {names}."),
    log=note("{name} (log axis)"),
    lines=note("Curves {title!r} over {x_name} from {first:.3g} to {last:.3g}, {y_name}: {curves}."),
    lines_mark=note(
        "Curves {title!r} over {x_name} from {first:.3g} to {last:.3g}, {y_name}: {curves}. Marked: {mark}."
    ),
    bars=note("Bars {title!r}, {value_name} of {count}; {name} is longest with {value:.3g}."),
    bars_frames=note(
        "Bars {title!r}, {value_name} of {count}, {frames} frames ({step_name}); in the last, {name} is longest with "
        "{value:.3g}."
    ),
    stream=note(
        "Stream {title!r}: {value_name} of {count} over {steps} steps ({step_name}); at the last, {name} is largest "
        "with {value:.3g}."
    ),
    tree=note(
        "Tree {title!r}: a beam search of {steps} steps that keeps up to {most} hypotheses; the best ends with "
        "probability {value:.3g}."
    ),
    place=note("{name} at ({x:.2f}, {y:.2f})"),
    place_share=note("{name} at ({x:.2f}, {y:.2f}), {share_name} {share:.2f}"),
    plane=note("Plane {title!r}: {items}."),
    tank=note(
        "{title}: what is in the cell while the network reads {steps}: {cell}. Its input gate: {input}. "
        "Its forget gate: {forget}."
    ),
    stage=note("{name}: {values}"),
    stages=note("Stages {title!r}: {stages}."),
    pair=note("{target} ← {source} {weight:.2f}"),
    ribbons=note(
        "{title}: ribbons from each {row_name} word to the {column_name} words, as wide as the {value_name}; the "
        "widest: {pairs}."
    ),
    ribbons_marked=note("Thin golden lines ({meaning}): {count}."),
    ribbon_title=note("Ribbons"),
    clock=note(
        "{title}: a dial for each of {count} hands, with those of {first} and {second}; {value_name}, hand by hand: "
        "{values}."
    ),
    chips=note("{title}: {words}. {results}."),
    made=note("{name}: “{before}” in the sentence's order, “{after}” in this one"),
    marked=note("marked"),
    target=note("target"),
    source=note("source"),
    weight=note("weight"),
    word=note("word"),
    heads=note(
        "{title}: a small map for each of {count} heads in {layers} layers, the {value_name} from each {row_name} word "
        "to each {column_name} word; {chosen} is open."
    ),
    heads_rates=note("{name}: {rates}."),
    heads_silent=note("Silenced: {heads}."),
    version=note("{name}: {text} {note}"),
    versions=note("{title}: {versions}."),
)
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
        return say(TEXTS.all_missing, name=name, missing=missing)
    fields = {"name": name, "low": finite.min(), "high": finite.max()}
    if missing:
        return say(TEXTS.extent_missing, missing=missing, **fields)
    return say(TEXTS.extent, **fields)


def heatmap(
    values, *, rows: Sequence | None = None, columns: Sequence | None = None, title: str = "",
    row_name: str | None = None, column_name: str | None = None, value_name: str | None = None,
    scale: str = "sequential", log: bool = False, vmin: float | None = None, vmax: float | None = None,
    outlined: Sequence[tuple[int, int]] = (), outlined_name: str = "", cursor: str | None = None,
    few: Mapping[int, str] | None = None, steps: Sequence | None = None, step_name: str | None = None,
    player: bool = True, interval: int = 250, height: int | None = None,
    hands: Mapping[str, tuple[int, str, int]] | None = None,
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
        few: position of a row → what it is called: these rows alone are shown until the reader asks for all.
        steps, step_name: names of the slider's positions ("s", "e", "a") and what one is called ("letter").
        player: whether slider, play and pause are shown; hide them in a view that follows another.
        interval: milliseconds per step when played.
        height: of the cells together, pixels; from the number of rows if not given. Give it if the number of rows
            changes, so that nothing below jumps.
        hands: name → (column, id of a model, position in its trait `value`): columns that are marked and can be
            dragged; at most two.
    """
    values = _numbers(values, "values", 2, 3)
    values = values[None] if values.ndim == 2 else values
    frames, n_rows, n_columns = values.shape
    if scale not in SCALES or (log and scale == "diverging"):
        raise ValueError(f"scale: expected one of {', '.join(SCALES)} (diverging not with log), not {scale!r}")
    if cursor not in (None, "row", "column") or (cursor and frames > 1):
        raise ValueError("cursor: expected None, or 'row' or 'column' with values of 2 dimensions")
    outlined = [[_position(r, n_rows, "outlined row"), _position(c, n_columns, "outlined column")] for r, c in outlined]
    if few and (cursor == "row" or outlined):
        raise ValueError("few: expected no cursor over rows, and no outlined cells, where only a few rows are shown")
    few = [[_position(row, n_rows, "few"), str(name)] for row, name in (few or {}).items()] or None
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
    alternative = say(TEXTS.heatmaps if frames > 1 else TEXTS.heatmap, **fields)
    if outlined:
        template = TEXTS.outlined_name if outlined_name else TEXTS.outlined
        alternative += " " + say(template, count=len(outlined), meaning=outlined_name)
    held = [{"name": name, "column": _position(column, n_columns, "hand"), "control": control, "at": at}
            for name, (column, control, at) in (hands or {}).items()]  # fmt: skip
    if len(held) > 2:
        raise ValueError(f"hands: expected at most two, not {len(held)}")
    if held:
        names = ", ".join(f"{hand['name']} {columns[hand['column']]}" for hand in held)
        alternative += " " + say(TEXTS.hands, names=names)
    return {
        "values": values, "shape": list(values.shape), "hands": held, "rows": rows, "columns": columns, "title": title,
        "row_name": row_name, "column_name": column_name, "value_name": value_name, "colours": SCALES[scale],
        "log": log, "vmin": low, "vmax": high, "missing": not np.isfinite(values).all(), "outlined": outlined,
        "below": bool((finite < low).any()), "above": bool((finite > high).any()), "outlined_name": outlined_name,
        "cursor": cursor, "few": few, "cell_width": 44, **_sizes(height=height), "alternative": alternative,
        **_steps(count, steps, step_name, player, interval),
    }  # fmt: skip


def lines(
    x, lines: Mapping[str, Sequence], *, bands: Mapping[str, tuple[Sequence, Sequence]] | None = None,
    mark: tuple[float, float, str] | None = None, columns: Sequence | None = None, title: str = "",
    x_name: str = "x", y_name: str = "y", log: bool = False, vmin: float | None = None, vmax: float | None = None,
    ghosts: Mapping[str, tuple[Sequence, Sequence] | None] | None = None,
    shaded: tuple[float, float, str] | None = None,
    picks: Sequence[Mapping] = (), steps: Sequence | None = None, step_name: str | None = None, player: bool = True,
    interval: int = 250, cell_width: int = 44, height: int = 260,
) -> dict:  # fmt: skip
    """Return the picture of curves over one x, or of stacks of curves that a slider walks through.

    Args:
        x: (n,), increasing.
        lines: name → (n,) or (frames, n); NaN leaves a gap. At most 7 lines.
        bands: name of a line → (low, high), each shaped as the line: drawn in the line's colour.
        mark: (x, y, text): one marked point with its text beside it.
        columns: n labels: the points are then at the middle of columns as wide as a heatmap's, so that the
            curves line up with heatmaps above and below; `mark`'s x is then a column's position.
        ghosts: name → (x, y) of faint curves from before, in the colours of the lines in their order; None for one
            that is still to come, whose name has its room.
        shaded: (low, high, text): a shaded band of y, and what it means.
        picks: what a click on a point of a curve sets: `{"control", "trait", "by", "values"}`, the id of a model, its
            trait, and the values of that trait by "line" or by "x".
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
    old = [
        (name, *([np.empty(0)] * 2 if parts is None else (_numbers(part, f"ghost {name!r}", 1) for part in parts)))
        for name, parts in (ghosts or {}).items()
    ]
    if any(len(across) != len(up) for _, across, up in old):
        raise ValueError("ghosts: expected as many x as y")
    if shaded is not None:
        shaded = dict(zip(("low", "high", "text"), shaded, strict=True))
        if not shaded["low"] < shaded["high"] or (log and shaded["low"] <= 0):
            raise ValueError(f"shaded: expected low < high, both positive on a log axis; not {shaded}")
    names = None if columns is None else _labels(columns, len(x), "columns")
    count, order, step_name = max(counts, default=1), list(curves), _name(step_name, note("step"))
    fields = {"title": title, "x_name": x_name, "first": x[0], "last": x[-1], "mark": mark and mark["text"]}
    fields |= {"y_name": say(TEXTS.log, name=y_name) if log else y_name}
    fields |= {"curves": "; ".join(_extent(name, y) for name, y in curves.items())}
    return {
        "x": x, "lines": [{"name": name, "y": y, "colour": order.index(name)} for name, y in curves.items()],
        "bands": [{"low": a, "high": b, "colour": order.index(name)} for name, (a, b) in edges.items()],
        "ghosts": [{"name": name, "x": a, "y": b, "colour": at} for at, (name, a, b) in enumerate(old)],
        "shaded": shaded, "picks": [dict(pick) for pick in picks] or None,
        "mark": mark, "columns": names, "title": title, "x_name": x_name, "y_name": y_name, "log": log, "vmin": low,
        "vmax": high, "xmin": float(x[0]), "xmax": float(x[-1]), **_sizes(cell_width=cell_width, height=height),
        "alternative": say(TEXTS.lines_mark if mark else TEXTS.lines, **fields),
        **_steps(count, steps, step_name, player, interval),
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
    return {
        "values": values, "shape": [frames, count], "rows": rows, "title": title, "value_name": value_name,
        "vmax": high, "row": _position(row, count, "row"), "row_name": row_name, **_sizes(bar_height=bar_height),
        "alternative": say(TEXTS.bars if frames == 1 else TEXTS.bars_frames, **fields),
        **_steps(frames, steps, step_name, player, interval),
    }  # fmt: skip


def stream(
    values, rows: Sequence, *, title: str = "", row_name: str | None = None, value_name: str | None = None,
    steps: Sequence | None = None, step_name: str | None = None, player: bool = True, interval: int = 600,
    height: int = 200,
) -> dict:  # fmt: skip
    """Return the picture of shares that flow from step to step: stacked areas, the largest named, the others folded.

    Args:
        values: (steps, rows): the shares at each step, zero or more, with sum 1.
        rows: one label per share.
        title, row_name, value_name: what is shown, what a row is, and what its height means; None for "row", "share".
        steps, step_name, player, interval: as in `heatmap`.
        height: of the areas, pixels.
    """
    values = _numbers(values, "values", 2)
    if not np.isfinite(values).all() or values.min() < 0 or not np.allclose(values.sum(axis=1), 1, atol=1e-3):
        raise ValueError("values: expected finite shares of zero or more whose sum is 1 at each step")
    count, n_rows = values.shape
    rows, best = _labels(rows, n_rows, "rows"), int(values[-1].argmax())
    row_name, value_name = _name(row_name, note("row")), _name(value_name, note("share"))
    step_name = _name(step_name, note("step"))
    steps = [str(at) for at in range(1, count + 1)] if steps is None else steps
    fields = {"title": title, "value_name": value_name, "count": n_rows, "steps": count, "step_name": step_name}
    return {
        "values": values, "shape": [count, n_rows], "rows": rows, "title": title, "row_name": row_name,
        "value_name": value_name, **_sizes(height=height),
        "alternative": say(TEXTS.stream, name=rows[best], value=values[-1, best], **fields),
        **_steps(count, steps, step_name, player, interval),
    }  # fmt: skip


def tree(
    beams: Sequence[Sequence[tuple[int, str, float, bool]]], *, title: str = "", value_name: str | None = None,
    step_name: str | None = None, player: bool = True, interval: int = 700, row_height: int = 30,
) -> dict:  # fmt: skip
    """Return the picture of a beam search as a tree that grows word by word; what is no longer kept fades.

    Args:
        beams: after each step the hypotheses that are kept, best first: the position of each one's parent in the beam
            before, the word that it wrote (empty where it has ended), its log-probability, and whether it has ended.
        title, value_name: what is shown, and what is said of a hypothesis; None for "probability".
        step_name, player, interval: as in `heatmap`.
        row_height: pixels from one hypothesis to the next.
    """
    if not beams or not all(beams):
        raise ValueError("beams: expected at least one hypothesis at each of at least one step")
    rows = []
    for step, beam in enumerate(beams):
        last = len(beams[step - 1]) if step else 1
        if not all(0 <= parent < last and value <= 1e-6 for parent, _, value, _ in beam):
            raise ValueError(f"beams: expected parents from 0 to {last - 1} and log-probabilities, at step {step + 1}")
        rows.append([[int(parent), str(word), float(value), bool(end)] for parent, word, value, end in beam])
    fields = {"title": title, "steps": len(rows), "most": max(map(len, rows)), "value": np.exp(rows[-1][0][2])}
    return {
        "beams": rows, "title": title, "value_name": _name(value_name, note("probability")),
        **_sizes(row_height=row_height), "alternative": say(TEXTS.tree, **fields),
        **_steps(len(rows), None, _name(step_name, note("word")), player, interval),
    }  # fmt: skip


def plane(
    arrows: Mapping[str, Sequence[float]], *, points: Mapping[str, Sequence[float]] | None = None,
    shares: Mapping[str, float] | None = None, special: Sequence[str] = (), marks: Mapping[str, int] | None = None,
    hull: Sequence[str] = (), hands: Mapping[str, tuple[str, int | None]] | None = None, title: str = "",
    share_name: str | None = None, reach: float = 2.5, height: int = 300,
) -> dict:  # fmt: skip
    """Return the picture of arrows from the origin, and of points, in a plane; at most 12 of each.

    Args:
        arrows: name → (x, y) of the tip.
        points: name → (x, y).
        shares: name → 0 to 1; a larger share makes a thicker arrow or a larger point. Those without one are thin.
        special: names set off by a colour of their own, such as the query or an average.
        marks: name → number of a mark and a colour; items of several planes with one number belong together.
        hull: names whose convex hull is shaded: where their weighted average can be.
        hands: name → (id of a model, position): the item can be dragged, and is the entry at that position of the
            model's `value`, a list of places; with no position (None) the value is the place itself.
        title, share_name: what is shown, and what a share means; None for "share".
        reach: both axes go from −reach to reach.
        height: of the plot, pixels.
    """
    places = [("arrow", *item) for item in arrows.items()] + [("point", *item) for item in (points or {}).items()]
    shares = {name: float(share) for name, share in (shares or {}).items()}
    share_name, names = _name(share_name, note("share")), [name for _, name, _ in places]
    if max(len(arrows), len(points or {})) > MAX_ITEMS:
        raise ValueError(f"expected at most {MAX_ITEMS} arrows and as many points, not {len(names)} in all")
    marks, hands = dict(marks or {}), dict(hands or {})
    if not names or len(set(names)) < len(names) or not {*shares, *special, *marks, *hull, *hands} <= set(names):
        raise ValueError(f"expected at least one arrow or point, and shares of these names only: {names}")
    if not all(0 <= share <= 1 + 1e-9 for share in shares.values()) or not reach > 0:
        raise ValueError(f"expected shares from 0 to 1 and a positive reach, not {shares} and {reach}")
    items, words = [], []
    for kind, name, place in places:
        if np.shape(place) != (2,) or not np.isfinite(place).all():
            raise ValueError(f"{kind}s: expected two finite numbers for {name!r}, not {place}")
        (x, y), share = map(float, place), shares.get(name)
        items.append({"name": name, "kind": kind, "x": x, "y": y, "share": share, "special": name in special})
        hand = dict(zip(("control", "at"), hands[name], strict=True)) if name in hands else None
        items[-1] |= {"mark": marks.get(name), "hand": hand}
        fields = {"name": name, "x": x, "y": y, "share_name": share_name, "share": share}
        words.append(say(TEXTS.place if share is None else TEXTS.place_share, **fields))
    return {
        "items": items, "title": title, "share_name": share_name, "reach": float(reach), **_sizes(height=height),
        "hull": [names.index(name) for name in hull],
        "alternative": say(TEXTS.plane, title=title, items="; ".join(words)), **_steps(1),
    }  # fmt: skip


def pipeline(
    values, rows: Sequence[str], columns: Sequence[str], *, marks: Sequence[int | None] | None = None,
    sums: Sequence[bool] | None = None, low: Sequence[float | None] | None = None,
    high: Sequence[float | None] | None = None, title: str = "", height: int = 240,
) -> dict:  # fmt: skip
    """Return the picture of numbers that pass through stages: a row for each, a column per stage, drawn as bars.

    Args:
        values: (stages, rows), finite.
        rows, columns: what the rows are, and what each stage is called.
        marks: a number of a mark and colour per row, as in `plane`; None for none.
        sums: whether the sum of a stage is written below it; None for nowhere.
        low, high: ends of each stage's scale, where values do not reach farther; None for 0 and the largest value.
        title, height: what is shown, and the height in pixels.
    """
    values = _numbers(values, "values", 2)
    if not np.isfinite(values).all():
        raise ValueError("values: expected finite values")
    stages, count = values.shape
    rows, columns = _labels(rows, count, "rows"), _labels(columns, stages, "columns")
    ends = {"low": list(low or [None] * stages), "high": list(high or [None] * stages)}
    lists = [", ".join(f"{row} {value:.3g}" for row, value in zip(rows, of, strict=True)) for of in values]
    words = [say(TEXTS.stage, name=name, values=of) for name, of in zip(columns, lists, strict=True)]
    return {
        "values": values, "shape": [stages, count], "rows": rows, "columns": columns, "title": title, **ends,
        "marks": list(marks or [None] * count), "sums": list(sums or [False] * stages), **_sizes(height=height),
        "alternative": say(TEXTS.stages, title=title, stages="; ".join(words)), **_steps(1),
    }  # fmt: skip


TRACES = ("input", "forget", "candidate", "output", "cell", "hidden")  # what an LSTM's unit does at a step


def tank(
    traces: Mapping[str, Sequence[float]], steps: Sequence[str], *, hold: Mapping | None = None, title: str = "",
    cell_name: str | None = None, step_name: str | None = None, player: bool = True, interval: int = 500,
    height: int = 220,
) -> dict:  # fmt: skip
    """Return the picture of one unit of an LSTM while it reads: its cell as a tank, its gates as valves.

    Args:
        traces: `"input"`, `"forget"`, `"output"` (0 to 1), `"candidate"`, `"cell"` and `"hidden"`, each (T,).
        steps: T labels, what is read.
        hold: what a click on a valve sets, `{"control", "ids", "now"}`: the id of a menu's model, the values of the
            menu in their order, such as "none" and "forget_shut", and the present one; None for valves at rest.
        title, cell_name, step_name: what is shown, what the cell is called, and a step; None for "cell" and "step".
        player, interval: as in `heatmap`.
        height: pixels.
    """
    if set(traces) != set(TRACES):
        raise ValueError(f"traces: expected {', '.join(TRACES)}, not {', '.join(traces)}")
    arrays = {name: _numbers(traces[name], name, 1) for name in TRACES}
    steps = _labels(steps, len(arrays["cell"]), "steps")
    if any(len(array) != len(steps) or not np.isfinite(array).all() for array in arrays.values()):
        raise ValueError(f"traces: expected {len(steps)} finite values each")
    if any(arrays[name].min() < 0 or arrays[name].max() > 1 for name in ("input", "forget", "output")):
        raise ValueError("traces: expected gates from 0 to 1")
    cell_name = _name(cell_name, note("cell"))
    told = {name: ", ".join(f"{value:.2f}" for value in arrays[name]) for name in ("cell", "input", "forget")}
    return {
        "traces": arrays, "hold": hold and dict(hold), "title": title, "cell_name": cell_name, "cursor": "column",
        "colours": SCALES["diverging"], **_sizes(height=height),
        "alternative": say(TEXTS.tank, title=title, steps=" ".join(steps), **told),
        **_steps(len(steps), steps, _name(step_name, note("step")), player, interval),
    }  # fmt: skip
