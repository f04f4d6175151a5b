"""The still picture of a browser-held view: what a page without widgets shows in its place."""

from collections.abc import Mapping
from textwrap import wrap

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, LogNorm, Normalize
from matplotlib.patches import Patch, Rectangle

from course_utils.figures.style import PALETTE, describe, new_axes
from course_utils.messages.numbers import number

DASHES = ["-", (0, (4, 2)), (0, (1, 1.5)), "-."]


def thinned(set_ticks, positions: np.ndarray, texts: list[str], **options) -> None:
    """Set tick labels with `set_ticks`, long ones cut: all where they are words, every k-th where numbers.

    Of many numbers in a row, such as 1 to 128, those are kept that are multiples of 2, 5, 10, 20, …
    """
    numbers = all(text.isdecimal() for text in texts)
    every = -(-len(texts) // (12 if numbers else 40))
    chosen = range(0, len(texts), every)
    if numbers and every > 1 and (np.diff(np.array(texts, dtype=int)) == 1).all():
        every = min(nice for ten in (1, 10, 100, 1000) for k in (1, 2, 5) if (nice := k * ten) >= every)
        chosen = [at for at, text in enumerate(texts) if int(text) % every == 0]
    shown = [texts[at] if len(texts[at]) < 19 else texts[at][:18] + "…" for at in chosen]
    set_ticks(positions[list(chosen)], shown, **options)


def width(text: str) -> int:
    """Return how wide a text is in Latin letters, at most 18; those of East Asian scripts count twice."""
    return min(sum(2 if letter > "\u10ff" else 1 for letter in text), 18)


def turned(picture: dict) -> bool:
    """Return whether column labels are so long that they are drawn slanted."""
    longest = max(map(width, picture["columns"]))
    return longest > 3 and longest * len(picture["columns"]) > 40


def margins(picture: dict, kind: str) -> tuple[float, float, float, float]:
    """Return the room left, right, below and above the axes of a still picture, in inches.

    Set by hand: matplotlib's constrained layout takes longer than the drawing, and a view waits for it.
    """
    if kind in ("plane", "sentence"):
        return (0.4, 0.2, 0.35, 0.4) if kind == "plane" else (0.2, 0.2, 0.1, 0.4)
    rows = 0.12 * max(map(width, picture.get("rows", ["1234"])))
    below = 0.65 if picture.get("column_labels", True) else 0.2
    if kind == "heatmap" and picture["column_labels"] and turned(picture):
        below += 0.09 * max(map(width, picture["columns"]))
    return {"heatmap": 0.5, "lines": 0.55, "bars": 0.25}[kind] + rows, 1.1 if kind == "heatmap" else 0.25, below, 0.4


def titled(picture: dict, frame: int) -> str:
    """Return the title of a picture, with the step that is shown where there are several and no cursor marks it."""
    if picture["step_count"] == 1 or picture.get("cursor"):
        return picture["title"]
    step = picture["steps"][frame] if picture["steps"] else frame + 1
    return f"{picture['title']} · {picture['step_name']} {step}"


def draw_heatmap(picture: dict, frame: int = 0, *, ax: Axes | None = None) -> Axes:
    """Draw frame `frame` of a picture made by `pictures.heatmap`, and return the Axes."""
    ax = new_axes(ax, figsize=(8, 4.5))
    values = picture["values"][frame if picture["shape"][0] > 1 else 0]
    colours = LinearSegmentedColormap.from_list("course", picture["colours"]).with_extremes(bad="#bdbdbd")
    norm = (LogNorm if picture["log"] else Normalize)(picture["vmin"], picture["vmax"], clip=True)
    shown = np.where(values == 0, picture["vmin"], values) if picture["log"] else values
    image = ax.imshow(np.ma.masked_invalid(shown), aspect="auto", cmap=colours, norm=norm, interpolation="nearest")
    beyond = {(False, False): "neither", (True, False): "min", (False, True): "max", (True, True): "both"}
    extend = beyond[picture["below"], picture["above"]]
    bar = ax.inset_axes([1.015, 0, 0.025, 1])
    scale = ax.figure.colorbar(image, cax=bar, label=picture["value_name"], extend=extend)
    scale.minorticks_off()
    rows, columns = np.arange(len(picture["rows"])), np.arange(len(picture["columns"]))
    thinned(ax.set_yticks, rows, picture["rows"])
    if picture["column_labels"]:
        turn = {"rotation": 50, "ha": "right", "rotation_mode": "anchor"} if turned(picture) else {}
        pitch = 72 * ax.get_position().width * ax.figure.get_figwidth() / len(columns)  # points from label to label
        if turn and pitch < 22:  # slanted labels would touch
            turn = {"rotation": 90}
        thinned(ax.set_xticks, columns, picture["columns"], **turn)
        ax.set_xlabel(picture["column_name"])
    else:
        ax.set_xticks([])
    row = frame if picture["cursor"] == "row" else picture["row"]
    column = frame if picture["cursor"] == "column" else picture["column"]
    boxes = [] if row is None else [(-0.5, row - 0.5, len(columns), 1, "white")]
    boxes += [] if column is None else [(column - 0.5, -0.5, 1, len(rows), "white")]
    boxes += [(c - 0.5, r - 0.5, 1, 1, "#ffd700") for r, c in picture["outlined"]]
    for left, top, width, height, colour in boxes:
        for edge, thick in (("black", 3.5), (colour, 1.8)):
            ax.add_patch(Rectangle((left, top), width, height, fill=False, edgecolor=edge, linewidth=thick))
    if picture["outlined"] and picture["outlined_name"]:
        swatch = Patch(facecolor="#35608d", edgecolor="#ffd700", linewidth=1.8)
        ax.legend(
            [swatch],
            [picture["outlined_name"]],
            loc="lower right",
            bbox_to_anchor=(1, 1),
            borderaxespad=0.1,
            handlelength=1,
        )
    ax.set(title=titled(picture, frame), ylabel=picture["row_name"])
    ax.grid(False)
    return describe(ax, picture["alternative"])


def draw_lines(picture: dict, frame: int = 0, *, ax: Axes | None = None) -> Axes:
    """Draw frame `frame` of a picture made by `pictures.lines`, and return the Axes."""
    ax = new_axes(ax)
    x = np.arange(len(picture["x"])) if picture["columns"] else picture["x"]

    def at_frame(y: np.ndarray) -> np.ndarray:
        return y[frame] if y.ndim == 2 else y

    for band in picture["bands"]:
        low, high = at_frame(band["low"]), at_frame(band["high"])
        ax.fill_between(x, low, high, color=PALETTE[band["colour"]], alpha=0.2, linewidth=0)
    for line in picture["lines"]:
        dashes = DASHES[line["colour"] % len(DASHES)]
        ax.plot(x, at_frame(line["y"]), color=PALETTE[line["colour"]], linestyle=dashes, label=line["name"])
    ax.set_xscale("log" if picture["log_x"] else "linear")
    ax.set_yscale("log" if picture["log"] else "linear")
    margin = 0 if picture["log"] else 0.03 * (picture["vmax"] - picture["vmin"])
    ax.set_ylim(picture["vmin"] - margin, picture["vmax"] + margin)
    if picture["columns"] and picture["column_labels"]:
        thinned(ax.set_xticks, x, picture["columns"])
    if picture["cursor"]:
        ax.axvline(x[frame], color="black", linewidth=1.2)
    if picture["mark"]:
        mark = picture["mark"]
        left = mark["x"] > (x[0] + x[-1]) / 2
        ax.plot(mark["x"], mark["y"], "o", color=PALETTE[4], markeredgecolor="black", markersize=9)
        offset, side = ((-9, 7), "right") if left else ((9, 7), "left")
        ax.annotate(mark["text"], (mark["x"], mark["y"]), offset, textcoords="offset points", ha=side, fontsize=13)
    ax.set(xlabel=picture["x_name"], ylabel=picture["y_name"], title=titled(picture, frame))
    if len(picture["lines"]) > 1:
        ax.legend()
    return describe(ax, picture["alternative"])


def draw_bars(picture: dict, frame: int = 0, *, ax: Axes | None = None) -> Axes:
    """Draw frame `frame` of a picture made by `pictures.bars`, and return the Axes."""
    ax = new_axes(ax, figsize=(8, 5))
    values = picture["values"][frame if picture["shape"][0] > 1 else 0]
    longest = values >= values.max() * (1 - 1e-6)
    colours = [PALETTE[1] if top and longest.sum() == 1 else PALETTE[0] for top in longest]
    drawn = ax.barh(np.arange(len(values)), values, color=colours)
    ax.bar_label(
        drawn, [f"{value:.2f}" if value >= 0.005 else number(value, 1) for value in values], padding=3, fontsize=13
    )
    ax.set_yticks(np.arange(len(values)), picture["rows"])
    if picture["row"] is not None:
        drawn[picture["row"]].set(edgecolor="black", linewidth=2)
    ax.invert_yaxis()
    ax.set(xlim=(0, picture["vmax"] * 1.08), xlabel=picture["value_name"])
    ax.set_title(titled(picture, frame))
    ax.grid(axis="y", visible=False)
    return describe(ax, picture["alternative"])


LINE, NAME = 0.27, 1.6  # inches: the height of a line of texts, the width of their names


def text_lines(texts: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return texts as lines for a picture eight inches wide, each with its name on its first line."""
    lines = []
    for name, text in texts.items():
        first, *others = wrap(text, 62) or [""]
        lines += [(name, first), *(("", line) for line in others)]
    return lines


def draw_texts(texts: Mapping[str, str], *, ax: Axes | None = None) -> Axes:
    """Draw names and texts below one another, and return the Axes."""
    ax = new_axes(ax, figsize=(8, 2))
    lines = text_lines(texts)
    ax.set(xlim=(0, 7.6), ylim=(len(lines) * LINE, 0))
    ax.axis("off")
    for at, (name, text) in enumerate(lines):
        ax.text(0, (at + 0.5) * LINE, name, va="center", fontsize=13, color=PALETTE[0])
        ax.text(NAME if max(map(len, texts)) > 3 else 0.4, (at + 0.5) * LINE, text, va="center", fontsize=13)
    return describe(ax, " ".join(f"{name} {text}" for name, text in texts.items()))
