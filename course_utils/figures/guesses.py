"""A prediction drawn beside what was measured."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from course_utils.figures.style import add_description
from course_utils.messages import say
from course_utils.messages.numbers import number

INK, FILL, CROWD = "black", "#FFD700", "#444444"
PAPER = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1.5}
LABEL = {"fontsize": 13, "color": INK, "zorder": 9, "bbox": PAPER}


def _label(ax: Axes, x: float, y: float, text: str, *, below: bool = False) -> None:
    """Write beside a place of the axes what is drawn there, on the side that has room."""
    across, up = ax.transAxes.inverted().transform(ax.transData.transform((x, y)))
    offset = (-10 if across > 0.6 else 10, -18 if below or up > 0.85 else 10)
    ax.annotate(text, (x, y), offset, textcoords="offset points", ha="right" if across > 0.6 else "left", **LABEL)


def mark_place(ax: Axes, x: float | None, crowd: Sequence[float] = ()) -> Axes:
    """Draw a guessed place on the x axis as an upright line, those of a class as thin ones."""
    for other in crowd:
        ax.axvline(other, color=CROWD, linewidth=1, zorder=1)
    if x is None:
        return ax
    ax.axvline(x, color=INK, linewidth=2, linestyle=(0, (4, 2)), zorder=8)
    low, high = ax.get_ylim()
    _label(
        ax,
        x,
        low * (high / low) ** 0.75 if ax.get_yscale() == "log" else low + 0.75 * (high - low),
        say("your prediction"),
    )
    return add_description(ax, say("Your prediction is marked at {value}.", value=number(x)))


def mark_points(
    ax: Axes, x: Sequence[float], y: Sequence[float] | None, crowd: Sequence[Sequence[float]] = (), names: Sequence = ()
) -> Axes:
    """Draw guessed heights as diamonds, with their names if there are several; `crowd` has a class's, a row per x."""
    for at, others in zip(x, crowd, strict=False):
        ax.plot([at] * len(others), others, "o", color="white", markeredgecolor=CROWD, markersize=7, zorder=7)
    if y is None:
        return ax
    ax.plot(x, y, "D", color=FILL, markeredgecolor=INK, markersize=10, linestyle="none", zorder=8, clip_on=False)
    lowest = min(range(len(y)), key=lambda k: y[k])
    for k, (at, height) in enumerate(zip(x, y, strict=True)):
        named = say("your prediction, {name}", name=names[k]) if len(y) > 1 else say("your prediction")
        _label(ax, at, height, named, below=len(y) > 1 and k == lowest)
    values = ", ".join(number(value) for value in y)
    return add_description(ax, say("Your prediction is marked at {value}.", value=values))


def mark_curve(ax: Axes, x: Sequence[float], y: Sequence[float]) -> Axes:
    """Draw a guessed curve."""
    ax.plot(x, y, color=INK, linewidth=5, solid_capstyle="round", zorder=7)
    ax.plot(x, y, color=FILL, linewidth=2.6, solid_capstyle="round", zorder=8)
    middle = len(x) // 2
    _label(ax, x[middle], y[middle], say("your prediction"))
    text = say("Your prediction is a curve from {start} at {first} to {end} at {last}.",
               start=number(y[0], 2), first=number(x[0]), end=number(y[-1], 2), last=number(x[-1]))  # fmt: skip
    return add_description(ax, text)
