"""Many heads at a glance, held still: a small map for each, and two versions of a sentence."""

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from course_utils.figures.drawings import FADED, _canvas, _pill, _written
from course_utils.figures.style import GOLD, PALETTE, SEQUENTIAL, describe
from course_utils.messages import say


def still_heads(picture: dict, frame: int = 0, *, ax: Axes | None = None) -> Axes:
    """Draw step `frame` of a picture made by `heads.heads`."""
    ax, width, height = _canvas(ax, 3.2, picture, frame)
    layers, per_layer, rows, columns = picture["shape"]
    gap, head, colours = 0.15, 0.26, mpl.colormaps[SEQUENTIAL]
    wide, tall = (width - gap * (per_layer - 1)) / per_layer, height / layers - head - 0.08
    for at, name in enumerate(picture["names"]):
        layer, number = divmod(at, per_layer)
        x, y = number * (wide + gap), layer * (height / layers) + head
        silent = at in picture["silent"]
        rate = "" if picture["rates"] is None else f"  {picture['rate_name']} {picture['rates'][at]:.2f}"
        if _written(name + rate) > wide:
            rate = rate.replace(f"{picture['rate_name']} ", "")
        ax.text(x, y - head / 2, name + rate, va="center", fontsize=13, color=FADED if silent else "black")
        values = picture["values"][layer, number]
        image = colours(values)[..., :3]
        ax.imshow(0.8 + 0.2 * image if silent else image, extent=(x, x + wide, y + tall, y), aspect="auto",
                  interpolation="nearest")  # fmt: skip
        marked = np.array(picture["marked"], dtype=float).reshape(-1, 2) + 0.5
        ax.plot(x + marked[:, 1] * wide / columns, y + marked[:, 0] * tall / rows, "o",
                markersize=3, markerfacecolor=GOLD, markeredgecolor="black", markeredgewidth=0.6)  # fmt: skip
        edge = PALETTE[1] if at == picture["chosen"] else FADED
        ax.add_patch(Rectangle((x, y), wide, tall, fill=False, edgecolor=edge,
                               linewidth=3 if at == picture["chosen"] else 0.8))  # fmt: skip
        if silent:
            ax.text(x + wide / 2, y + tall / 2, say("silenced"), ha="center", va="center", fontsize=13)
    ax.set(xlim=(0, width), ylim=(height, 0))  # an image sets its own
    return describe(ax, picture["alternative"])


def still_versions(picture: dict, frame: int = 0, *, ax: Axes | None = None) -> Axes:
    """Draw a picture made by `heads.versions`; `frame` is its only one, 0."""
    ax, width, height = _canvas(ax, 1.0, picture, frame)
    left = max(_written(line["name"]) for line in picture["lines"]) + 0.25
    for at, (line, y) in enumerate(zip(picture["lines"], np.array([0.28, 0.72]) * height, strict=True)):
        ax.text(0, y, line["name"], va="center", fontsize=13, color=FADED)
        ax.text(width, y, line["note"], va="center", ha="right", fontsize=13)
        sizes = np.array([_written(word) + 0.08 for word in line["words"]])
        room = width - left - _written(line["note"]) - 0.2
        small = min(room / max(sizes.sum(), 0.01), 1)
        x = left
        for position, (word, size) in enumerate(zip(line["words"], sizes * small, strict=True)):
            changed = position in line["marked"]
            if changed and at:
                _pill(ax, x + size / 2, y, size, 0.28, (*mpl.colors.to_rgb(PALETTE[1]), 0.2))
            colour = FADED if changed and not at else "black"
            ax.text(x + size / 2, y, word, ha="center", va="center", fontsize=13 * small, color=colour)
            if changed and not at:
                ax.plot([x, x + size], [y, y], color=PALETTE[1], linewidth=1.5)
            x += size
    return describe(ax, picture["alternative"])
