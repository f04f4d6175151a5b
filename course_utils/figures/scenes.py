"""The still picture of a plane with arrows and points, and of words lighting up."""

import numpy as np
from matplotlib.axes import Axes

from course_utils.figures.style import PALETTE, describe, new_axes


def draw_plane(picture: dict, frame: int = 0, *, ax: Axes | None = None) -> Axes:
    """Draw a picture made by `scenes.plane`, and return the Axes; it has one frame."""
    ax, reach = new_axes(ax, figsize=(5, 5)), picture["reach"]
    side = min(ax.get_position().size * ax.figure.get_size_inches())  # the plane is square
    scale = 2 * reach / (72 * side)  # of the plane, in a point of paper
    ax.axhline(0, color="#bbbbbb", linewidth=1)
    ax.axvline(0, color="#bbbbbb", linewidth=1)
    for item in picture["items"]:
        colour = PALETTE[1] if item["special"] else PALETTE[0]
        share, place = item["share"], np.array([item["x"], item["y"]])
        if item["kind"] == "arrow":
            width = 1.8 if share is None else 1 + 6 * share
            head = {"arrowstyle": "-|>", "linewidth": width, "color": colour, "mutation_scale": 14 + width}
            ax.annotate("", place, (0, 0), arrowprops=head | {"shrinkA": 0, "shrinkB": 0})
        else:
            size = 90 if share is None else 40 + 900 * share
            ax.scatter(*place, s=size, color=colour, alpha=0.75, marker="X" if item["special"] else "o", zorder=3)
        text = item["name"] if share is None else f"{item['name']} {share:.2f}"
        away = place / (np.linalg.norm(place) or 1.0) * 14
        side = "left" if away[0] > 6 else "right" if away[0] < -6 else "center"
        start, wide = place + away * scale, len(text) * 7.8 * scale
        if side != "center" and abs(start[0]) + wide > reach:  # it would leave the plane: at the edge, above or below
            radius = 10 if share is None or item["kind"] == "arrow" else np.sqrt(size / np.pi)
            edge, wide = np.sign(place[0]) * 0.98 * reach, np.sign(place[0]) * wide
            others = [(other["x"], other["y"]) for other in picture["items"] if other is not item]
            heights = [place[1] + up * (radius + 10) * scale for up in (1, -1)]  # the one farther from the others
            far = [min((np.hypot(x - edge + wide / 2, y - height) for x, y in others), default=0) for height in heights]
            start = edge, heights[int(far[1] > far[0])]
            side = "right" if place[0] > 0 else "left"
        ax.annotate(text, start, ha=side, va="center", fontsize=13)
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", title=picture["title"])
    return describe(ax, picture["alternative"])


def _write(ax: Axes, words: list[str], top: float, styles: list[dict], room: float) -> float:
    """Write words from left to right in boxes, breaking lines after `room` letters; return where the text ends."""
    x, y = 0.0, top
    for word, style in zip(words, styles, strict=True):
        width = sum(2.0 if letter > "\u10ff" else 1.15 for letter in word) + 1.6
        if x and x + width > room:
            x, y = 0.0, y - 1.5
        ax.text(x + width / 2, y, word, ha="center", va="center", fontsize=13, **style)
        x += width
    return y


def draw_sentence(picture: dict, frame: int = 0, *, ax: Axes | None = None) -> Axes:
    """Draw step `frame` of a picture made by `scenes.sentence`, and return the Axes."""
    ax = new_axes(ax, figsize=(8, 3))
    room = 8.0 * ax.get_position().width * ax.figure.get_figwidth()  # letters that fit into a line
    ax.set_title(f"{picture['title']} · {picture['step_name']} {picture['rows'][frame]}")
    weights = picture["values"][frame]
    marked = {column for row, column in picture["marked"] if row == frame}
    boxes = [
        {
            "bbox": {
                "boxstyle": "round,pad=0.25",
                "facecolor": (*_rgb(PALETTE[4]), float(weight)),
                "edgecolor": "black" if at in marked else "none",
            }
        }
        for at, weight in enumerate(weights)
    ]
    y = _write(ax, picture["columns"], 0.0, boxes, room)
    steps = [
        {"color": "black" if at <= frame else "#8a8a8a"}
        | ({"bbox": {"boxstyle": "round,pad=0.25", "facecolor": "none", "edgecolor": "black"}} if at == frame else {})
        for at in range(len(picture["rows"]))
    ]
    bottom = _write(ax, picture["rows"], y - 2.5, steps, room)
    ax.set(xlim=(-0.5, room + 1), ylim=(bottom - 1.2, 1.2))
    ax.set_axis_off()
    return describe(ax, picture["alternative"])


def _rgb(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
