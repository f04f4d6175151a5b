"""Curves and matrices: the two figures that every lesson draws."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from course_utils.figures.style import PALETTE, SEQUENTIAL, describe, new_axes

DASHES = ["-", "--", "-.", ":"]
MARKERS = ["o", "s", "^", "D", "v", "P", "X"]
MIDDLES = {"mean": np.mean, "median": np.median}
HATCHES = ["", "//", "..", "xx"]


def draw_curves(
    x,
    curves: Mapping[str, Sequence],
    *,
    title: str = "",
    xlabel: str = "",
    ylabel: str = "",
    log_x: bool = False,
    log_y: bool = False,
    markers: bool = False,
    ylim: tuple[float, float] | None = None,
    level: tuple[float, str] | None = None,
    middle: str = "mean",
    ax: Axes | None = None,
) -> Axes:
    """Draw named curves over one x; a curve measured several times as its middle with a band from least to most.

    Curves differ in colour and in dashes, so that colour alone carries no meaning.

    Args:
        x: `(N,)`.
        curves: name → `(N,)`, or `(runs, N)`. NaN leaves a gap.
        title, xlabel, ylabel: texts, axis labels with units.
        log_x, log_y: logarithmic axes.
        markers: mark the points, where there are few of them.
        ylim: ends of the y axis.
        level: a height to mark by a thin line, and its name, such as the accuracy of guessing.
        middle: of several runs, "mean" or "median"; on a log axis a mean lies close to its largest run.
        ax: axes to draw on; a new figure's where absent.

    Raises:
        ValueError: a curve has not as many values as x, or there is no such middle.
    """
    if middle not in MIDDLES:
        raise ValueError(f"middle: expected one of {', '.join(MIDDLES)}, not {middle!r}")
    x, ax = np.asarray(x), new_axes(ax)
    said = []
    for index, (name, values) in enumerate(curves.items()):
        runs = np.atleast_2d(np.asarray(values, dtype=float))
        if runs.shape[1] != len(x):
            raise ValueError(f"{name}: expected {len(x)} values, as many as x, not {runs.shape[1]}")
        centre, colour = MIDDLES[middle](runs, axis=0), PALETTE[index % len(PALETTE)]
        if len(runs) > 1:
            ax.fill_between(x, runs.min(axis=0), runs.max(axis=0), color=colour, alpha=0.18, linewidth=0)
        marker = MARKERS[index % len(MARKERS)] if markers else None
        ax.plot(x, centre, color=colour, linestyle=DASHES[index % len(DASHES)], marker=marker, label=name)
        known = np.flatnonzero(np.isfinite(centre))
        if len(known):
            first, last = known[0], known[-1]
            of_runs = f" ({middle} of {len(runs)})" if len(runs) > 1 and middle != "mean" else ""
            ends = f"{centre[first]:.3g} at {x[first]:.4g} to {centre[last]:.3g} at {x[last]:.4g}"
            said.append(f"{name}{of_runs} goes from {ends}")
    if level is not None:
        ax.axhline(level[0], color="#444444", linewidth=1.2, linestyle=(0, (1, 2)), label=level[1])
        said.append(f"{level[1]} is {level[0]:.3g}")
    ax.set(title=title, xlabel=xlabel, ylabel=ylabel)
    if log_x:
        ax.set_xscale("log")
    elif np.issubdtype(x.dtype, np.integer):
        ax.xaxis.get_major_locator().set_params(integer=True)
    if log_y:
        ax.set_yscale("log")
    if ylim is not None:
        ax.set_ylim(*ylim)
    if len(curves) + (level is not None) > 1:
        ax.legend()
    axes = f"{ylabel}{' (log axis)' if log_y else ''} against {xlabel}{' (log axis)' if log_x else ''}"
    return describe(ax, f"Curves, {title}: {axes}. {'; '.join(said)}.")


def draw_bars(
    names: Sequence[str],
    values,
    *,
    title: str = "",
    xlabel: str = "",
    ylabel: str = "",
    ylim: tuple[float, float] | None = None,
    level: tuple[float, str] | None = None,
    digits: int = 2,
    ax: Axes | None = None,
) -> Axes:
    """Draw one bar a name, its value with `digits` decimals on top; `level` as in `draw_curves`.

    Raises:
        ValueError: there are not as many values as names.
    """
    values, ax = np.asarray(values, dtype=float), new_axes(ax)
    if values.shape != (len(names),):
        raise ValueError(f"expected {len(names)} values, one a name, not shape {values.shape}")
    bars = ax.bar(names, values, color=PALETTE[0], width=0.7)
    ax.bar_label(bars, [f"{value:.{digits}f}" for value in values], padding=3, fontsize=13)
    said = ", ".join(f"{name}: {value:.{digits}f}" for name, value in zip(names, values, strict=True))
    if level is not None:
        ax.axhline(level[0], color="#444444", linewidth=1.2, linestyle=(0, (1, 2)), label=level[1])
        ax.legend()
        said += f"; {level[1]} is {level[0]:.3g}"
    ax.set(title=title, xlabel=xlabel, ylabel=ylabel)
    ax.grid(axis="x", visible=False)
    if ylim is not None:
        ax.set_ylim(*ylim)
    return describe(ax, f"Bars, {title}: {ylabel} by {xlabel}. {said}.")


def draw_groups(
    names: Sequence[str],
    groups: Mapping[str, Sequence],
    *,
    title: str = "",
    xlabel: str = "",
    ylabel: str = "",
    ylim: tuple[float, float] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw one bar a group for each name, its value on top; several runs as their mean and a line from least to most.

    Groups differ in colour and in hatching, so that colour alone carries no meaning.

    Args:
        names: N names along the axis.
        groups: name of a group → N values, each a number or the numbers of several runs.
        title, xlabel, ylabel: texts, axis labels with units.
        ylim: ends of the y axis.
        ax: axes to draw on; a new figure's where absent.

    Raises:
        ValueError: a group has not as many values as there are names.
    """
    ax, width, said = new_axes(ax), 0.8 / max(len(groups), 1), []
    for index, (group, given) in enumerate(groups.items()):
        runs = [np.atleast_1d(np.asarray(one, dtype=float)) for one in given]
        if len(runs) != len(names):
            raise ValueError(f"{group}: expected {len(names)} values, one a name, not {len(runs)}")
        means, place = [one.mean() for one in runs], np.arange(len(names)) + (index - (len(groups) - 1) / 2) * width
        look = {"color": PALETTE[index % len(PALETTE)], "hatch": HATCHES[index % len(HATCHES)], "edgecolor": "white"}
        ax.bar(place, means, width=0.92 * width, label=group, **look)
        for x, one, mean in zip(place, runs, means, strict=True):
            ax.annotate(f"{mean:.2f}", (x, one.max()), (0, 3), textcoords="offset points", ha="center", fontsize=13)
            if len(one) > 1:
                ax.plot([x, x], [one.min(), one.max()], color="black", linewidth=1.8)
        said.append(f"{group}: " + ", ".join(f"{name} {mean:.2f}" for name, mean in zip(names, means, strict=True)))
    ax.set_xticks(np.arange(len(names)), names)
    ax.set(title=title, xlabel=xlabel, ylabel=ylabel)
    ax.grid(axis="x", visible=False)
    if ylim is not None:
        ax.set_ylim(*ylim)
    if len(groups) > 1:
        ax.legend(ncols=len(groups))
    plain = " ".join("; ".join(said).split())
    return describe(ax, f"Bars in groups, {title}: {ylabel}. {plain}.")


def draw_matrix(
    matrix,
    *,
    rows: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    title: str = "",
    xlabel: str = "",
    ylabel: str = "",
    value_name: str = "",
    vmin: float | None = None,
    vmax: float | None = None,
    diverging: bool = False,
    numbers: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw a matrix `(R, C)` as a heatmap with labels; the diverging scale is centred on zero.

    Args:
        matrix: `(R, C)` numbers.
        rows, columns: R and C labels; none are shown where absent.
        title, xlabel, ylabel, value_name: texts; `value_name` names the colour bar.
        vmin, vmax: ends of the colour scale.
        diverging: colours for values on both sides of zero.
        numbers: write each value into its cell, where there are few of them.
        ax: axes to draw on; a new figure's where absent.
    """
    import seaborn as sns  # takes a second to import, and most lessons open without a matrix

    matrix, ax = np.asarray(matrix, dtype=float), new_axes(ax, figsize=(8, 5))
    sns.heatmap(
        matrix,
        ax=ax,
        cmap="RdBu_r" if diverging else SEQUENTIAL,
        center=0 if diverging else None,
        vmin=vmin,
        vmax=vmax,
        xticklabels="auto" if columns is None else columns,
        yticklabels="auto" if rows is None else rows,
        cbar_kws={"label": value_name},
        annot=numbers,
        fmt=".2f",
        annot_kws={"fontsize": 13},
    )
    ax.set(title=title, xlabel=xlabel, ylabel=ylabel)
    ax.grid(False)
    row, column = np.unravel_index(np.nanargmax(matrix), matrix.shape)
    where = f"row {row + 1 if rows is None else rows[row]}, column {column + 1 if columns is None else columns[column]}"
    said = f"Heatmap, {title}: {matrix.shape[0]} rows ({ylabel}) by {matrix.shape[1]} columns ({xlabel}), {value_name}"
    extent = f"from {np.nanmin(matrix):.3g} to {np.nanmax(matrix):.3g}, highest at {where}"
    return describe(ax, f"{said} {extent}.")
