"""Heatmaps: matrices, attention weights, gates, and the still pictures of views."""

from collections.abc import Iterable, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from course_utils.figures import style
from course_utils.figures.style import DIVERGING, GOLD, MISSING, SEQUENTIAL, describe, new_axes
from course_utils.messages import say

SLANTED = {"rotation": 50, "ha": "right", "rotation_mode": "anchor"}


def _heatmap(ax: Axes, values, **options) -> None:
    """Draw a matrix, row 0 on top, each cell one wide and one high; labels and colour bar as in `seaborn.heatmap`."""
    import seaborn as sns  # takes a second to import, and most lessons open without a matrix

    labels = {"xticklabels": False, "yticklabels": False, "cbar_kws": {}} | options
    # In a vector picture cells and colour bar are small pictures: thousands of shapes are slow, and show seams.
    sns.heatmap(np.where(np.isfinite(values), values, np.nan), ax=ax, rasterized=True, **labels)
    if bar := ax.collections[0].colorbar:
        bar.solids.set_rasterized(True)
        bar.solids.set_edgecolor("face")
    ax.grid(False)


def _outline(ax: Axes, left: float, top: float, width: float, height: float, colour: str = GOLD) -> None:
    """Draw a frame around cells that shows on any colour."""
    for edge, thickness in (("black", 4), (colour, 2)):
        ax.add_patch(Rectangle((left, top), width, height, fill=False, edgecolor=edge, linewidth=thickness))


def draw_matrix(
    matrix, *, rows: Sequence[str] | None = None, columns: Sequence[str] | None = None, title: str = "",
    xlabel: str = "", ylabel: str = "", value_name: str = "", vmin: float | None = None, vmax: float | None = None,
    numbers: bool = False, ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """Draw a matrix as a heatmap with labels.

    Args:
        matrix: `(R, C)` numbers.
        rows, columns: R and C labels; positions from 0 where absent.
        title, xlabel, ylabel, value_name: texts; `value_name` names the colour bar.
        vmin, vmax: ends of the colour scale.
        numbers: write each value into its cell, where there are few of them.
        ax: axes to draw on; None makes a new figure.
    """
    matrix, ax = np.asarray(matrix, dtype=float), new_axes(ax, figsize=(8, 5))
    labels = {"xticklabels": "auto" if columns is None else columns, "yticklabels": "auto" if rows is None else rows}
    look = {"cmap": SEQUENTIAL, "annot": numbers, "fmt": ".2f", "annot_kws": {"fontsize": 13}}
    _heatmap(ax, matrix, vmin=vmin, vmax=vmax, cbar_kws={"label": value_name}, **labels, **look)
    ax.tick_params(axis="y", rotation=0)
    ax.set(title=title, xlabel=xlabel, ylabel=ylabel)
    row, column = np.unravel_index(np.nanargmax(matrix), matrix.shape)
    return describe(ax, say(
        "Heatmap, {title}: {rows} rows ({row_name}) by {columns} columns ({column_name}), {value_name} from {low:.3g} "
        "to {high:.3g}, highest at row {row}, column {column}.", title=title, rows=len(matrix), row_name=ylabel,
        columns=matrix.shape[1], column_name=xlabel, value_name=value_name, low=np.nanmin(matrix),
        high=np.nanmax(matrix), row=row + 1 if rows is None else rows[row],
        column=column + 1 if columns is None else columns[column],
    ))  # fmt: skip


def draw_attention(
    weights, source: Sequence[str], target: Sequence[str], gold: Iterable[tuple[int, int]] = (), *,
    title: str | None = None, ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """Draw attention weights as a heatmap, the gold links outlined on it: rows target words, columns source words.

    Args:
        weights: `(T, S)`, 0 to 1.
        source, target: the S and T words.
        gold: (source, target) word positions from 0.
        title: the title; None for "Where the decoder looks".
        ax: axes to draw on; None makes a new figure of a fitting size.

    Raises:
        ValueError: weights that are not one number for each pair of words, or a gold link outside.
    """
    weights, gold = np.asarray(weights, dtype=float), sorted(set(gold))
    if weights.shape != (len(target), len(source)):
        raise ValueError(f"expected weights ({len(target)}, {len(source)}), not {weights.shape}")
    if outside := [link for link in gold if not (0 <= link[0] < len(source) and 0 <= link[1] < len(target))]:
        limits = f"({len(source)}, {len(target)})"
        raise ValueError(f"expected links (source, target) inside {limits}, not {outside[0]}: are the sides swapped?")
    title = say("Where the decoder looks") if title is None else title
    ax = new_axes(ax, figsize=(2.6 + 0.5 * len(source), 1.7 + 0.33 * len(target)))
    _heatmap(ax, weights, cmap=SEQUENTIAL, vmin=0, vmax=1, cbar_kws={"label": say("weight"), "pad": 0.02})
    for s, t in gold:
        _outline(ax, s, t, 1, 1)
    ax.set_xticks(np.arange(len(source)) + 0.5, source, **SLANTED)
    ax.set_yticks(np.arange(len(target)) + 0.5, target, rotation=0)
    ax.set(title=title, xlabel=say("source word"), ylabel=say("target word"))
    strongest = [(int(row.argmax()), t) for t, row in enumerate(weights)]
    pairs = ", ".join(
        say("{target} ← {source} {weight:.2f}", target=target[t], source=source[s], weight=weights[t, s])
        for s, t in strongest
    )
    words = say("Heatmap, {title}. Strongest source word for each target word: {pairs}.", title=title, pairs=pairs)
    if gold:
        hits = len(set(strongest) & set(gold))
        words += " " + say("{hits} of these are among the {count} gold links, outlined.", hits=hits, count=len(gold))
    return describe(ax, words)


def draw_gates(gates: Mapping[str, np.ndarray], steps: Sequence[str], *, title: str = "") -> Figure:
    """Draw one heatmap for each gate, candidate, cell or hidden state, units against steps, one below the other.

    Gates (all values within 0 … 1) share one scale; everything else has a scale centred on zero.

    Args:
        gates: name → `(T, H)`.
        steps: T labels, such as the letters read; empty where a step needs none.
        title: of the whole figure.

    Raises:
        ValueError: there is nothing to draw, or an array has not one row a step.
    """
    if not gates:
        raise ValueError("expected at least one array of gates")
    size = {"figsize": (9, 0.95 + 1.2 * len(gates))}
    figure, axes = plt.subplots(len(gates), layout="constrained", sharex=True, squeeze=False, **size)
    for ax, (name, values) in zip(axes[:, 0], gates.items(), strict=True):
        values = np.asarray(values, dtype=float)
        if values.ndim != 2 or len(values) != len(steps):
            raise ValueError(f"{name}: expected {len(steps)} rows, one a step, not shape {values.shape}")
        is_gate = values.min() >= 0 and values.max() <= 1
        high = 1.0 if is_gate else np.abs(values).max()
        colours = {"cmap": SEQUENTIAL, "vmin": 0.0} if is_gate else {"cmap": DIVERGING, "vmin": -high}
        _heatmap(ax, values.T, vmax=high, cbar_kws={"pad": 0.01}, **colours)
        ax.set_ylabel(name, rotation=0, ha="right", va="center")
        mean = values.mean(axis=1)
        most, least = int(mean.argmax()), int(mean.argmin())
        describe(ax, say(
            "Heatmap, {name}: {units} units by {steps} steps; the mean over units is highest, {highest:.2f}, at step "
            "{most}, lowest, {lowest:.2f}, at step {least}.", name=name, units=values.shape[1], steps=len(steps),
            highest=mean[most], most=most + 1, lowest=mean[least], least=least + 1,
        ))  # fmt: skip
    labelled = np.flatnonzero([bool(step) for step in steps])
    axes[-1, 0].set_xticks(labelled + 0.5, [steps[at] for at in labelled], rotation=0)
    axes[-1, 0].set_xlabel(say("step (what is read)"))
    figure.suptitle(title, x=0.01, ha="left", fontsize=15)
    return figure


def text_width(text: str) -> int:
    """Return how wide a text is in Latin letters, at most 18; those of East Asian scripts count twice."""
    return min(sum(2 if letter > "\u10ff" else 1 for letter in text), 18)


def slanted(picture: dict) -> bool:
    """Return whether column labels are so long that they are drawn slanted."""
    longest = max(map(text_width, picture["columns"]))
    return longest > 3 and longest * len(picture["columns"]) > 40


def still_heatmap(picture: dict, frame: int = 0, *, ax: Axes | None = None) -> Axes:
    """Draw frame `frame` of a picture made by `pictures.heatmap`."""
    ax, values = new_axes(ax, figsize=(8, 4.5)), picture["values"][frame if picture["shape"][0] > 1 else 0]
    rows, columns = picture["rows"], picture["columns"]
    if picture["few"]:
        values, rows = values[[row for row, _ in picture["few"]]], [name for _, name in picture["few"]]
    ax.set_facecolor(MISSING)
    norm = (LogNorm if picture["log"] else Normalize)(picture["vmin"], picture["vmax"], clip=True)
    extend = ["neither", "min", "max", "both"][picture["below"] + 2 * picture["above"]]
    _heatmap(
        ax, np.where(values == 0, picture["vmin"], values) if picture["log"] else values, norm=norm,
        cmap=LinearSegmentedColormap.from_list("course", picture["colours"]),
        cbar_ax=ax.inset_axes([1.015, 0, 0.025, 1]), cbar_kws={"label": picture["value_name"], "extend": extend},
    )  # fmt: skip
    ax.collections[0].colorbar.minorticks_off()
    style.thinned(ax.set_yticks, np.arange(len(rows)) + 0.5, rows, rotation=0)
    pitch = 72 * ax.get_position().width * ax.figure.get_figwidth() / len(columns)  # points from label to label
    turn = {"rotation": 0} if not slanted(picture) else SLANTED if pitch >= 22 else {"rotation": 90}
    style.thinned(ax.set_xticks, np.arange(len(columns)) + 0.5, columns, **turn)
    if picture["cursor"] == "row":
        _outline(ax, 0, frame, len(columns), 1, "white")
    if picture["cursor"] == "column":
        _outline(ax, frame, 0, 1, len(rows), "white")
    for r, c in picture["outlined"]:
        _outline(ax, c, r, 1, 1)
    for at, hand in enumerate(picture["hands"]):
        _outline(ax, hand["column"], 0, 1, len(rows), style.PALETTE[at])
        name = {"bbox": {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": style.PALETTE[at]}}
        ax.text(hand["column"] + 0.5, 0.75 * len(rows), hand["name"], ha="center", va="center", fontsize=13, **name)
    if picture["outlined"] and picture["outlined_name"]:
        swatch = Patch(facecolor="#35608d", edgecolor=GOLD, linewidth=1.8)
        place = {"loc": "lower right", "bbox_to_anchor": (1, 1), "borderaxespad": 0.1, "handlelength": 1}
        ax.legend([swatch], [picture["outlined_name"]], **place)
    ax.set(title=style.title_of(picture, frame), xlabel=picture["column_name"], ylabel=picture["row_name"])
    return describe(ax, picture["alternative"])
