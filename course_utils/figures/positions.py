"""The explorers of word order, held still: a clock of hands, and words in another order."""

from collections.abc import Collection

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.patches import Circle

from course_utils.figures.drawings import FADED, _canvas, _pill, _written
from course_utils.figures.style import PALETTE, describe
from course_utils.messages import say


def still_clock(picture: dict, frame: int = 0, *, ax: Axes | None = None) -> Axes:
    """Draw a picture made by `positions.clock`."""
    ax, width, height = _canvas(ax, 3.4, picture, frame)
    count, top = picture["count"], 0.32
    across = min(max(round(np.sqrt(count * width / (height - top))), 1), count)
    down = -(-count // across)
    cell, tall = width / across, (height - top) / down
    room = 0.26 if min(cell, tall) > 0.62 else 0.0  # for what is written below a dial
    radius = 0.44 * min(cell, tall - room)
    for at, name in enumerate(picture["names"]):
        x = 0.05 + at * width / 2
        ax.plot([x, x + 0.35], [0.12, 0.12], color=PALETTE[at], linewidth=3 - at)
        ax.text(x + 0.43, 0.12, name, va="center", fontsize=13)
    largest = np.abs(picture["added"]).max() or 1
    for dial in range(count):
        x, y = (dial % across + 0.5) * cell, top + (dial // across) * tall + radius + 0.03
        share = picture["added"][dial] / largest
        ax.add_patch(Circle((x, y), radius, facecolor=PALETTE[2 if share > 0 else 1], alpha=0.3 * abs(share)))
        ax.add_patch(Circle((x, y), radius, facecolor="none", edgecolor=FADED, linewidth=0.8))
        for at, (sine, cosine) in enumerate(picture["values"][:, dial]):
            ends = [x, x + radius * sine], [y, y - radius * cosine]
            ax.plot(*ends, color=PALETTE[at], linewidth=3 - at, solid_capstyle="round")
        if room:
            text = f"{picture['added'][dial]:.2f}".replace("-", "−")
            ax.text(x, y + radius + 0.13, text, ha="center", va="center", fontsize=13)
    return describe(ax, picture["alternative"])


def still_chips(picture: dict, frame: int = 0, *, ax: Axes | None = None) -> Axes:
    """Draw a picture made by `positions.chips`."""
    ax, width, _ = _canvas(ax, 3.3, picture, frame)

    def flow(words: list[str], y: float, boxed: Collection[int], colour: str, pad: float) -> float:
        """Write words one after another, in as many lines as it takes, some in boxes; return where the next begins."""
        x = 0.0
        for at, word in enumerate(words):
            wide = 0.85 * _written(word) + pad
            if x and x + wide > width:
                x, y = 0.0, y + 0.36
            if at in boxed:
                _pill(ax, x + wide / 2, y, wide, 0.3, to_rgba(colour, 0.14), edge=colour)
            ax.text(x + wide / 2, y, word, ha="center", va="center", fontsize=13)
            x += wide + 0.06
        return y + 0.3

    words = [picture["words"][at] for at in picture["order"]]
    y = flow(words, 0.2, range(len(words)), PALETTE[0], 0.24)
    for result in picture["results"]:
        told = say("{name}: {told}", name=result["name"], told=result["told"])
        ax.text(0, y + 0.14, told, va="center", fontsize=13, color=PALETTE[0])
        y = flow(result["after"], y + 0.44, result["new"], PALETTE[2], 0.12)
    return describe(ax, picture["alternative"])
