"""Word alignments as a grid: which target word translates which source word."""

from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap

from course_utils.figures import style


def draw_alignment(
    source: Sequence[str],
    target: Sequence[str],
    alignment: Iterable[tuple[int, int]],
    *,
    source_name: str = "source",
    target_name: str = "target",
    title: str = "Which word translates which",
    ax: Axes | None = None,
) -> Axes:
    """Draw an alignment: source words along the top, target words down the side, a square where they translate.

    The layout is that of attention weights (T, S), row = target word, column = source word, so that both can be
    compared at a glance. Words that translate nothing have grey labels.

    Args:
        source, target: the S and T tokens of the two sides.
        alignment: (source, target) word positions from 0.
        source_name, target_name: what the axes are called, for example the languages.
        title: the title of the axes.
        ax: axes to draw into; None makes a figure of a fitting size.

    Raises:
        ValueError: an empty side, or a position outside the sentences.
    """
    links = sorted(set(alignment))
    if not source or not target:
        raise ValueError("expected at least one word on each side")
    outside = [link for link in links if not (0 <= link[0] < len(source) and 0 <= link[1] < len(target))]
    if outside:
        raise ValueError(
            f"expected (source, target) positions below ({len(source)}, {len(target)}), not {outside[0]}: "
            "are the two sides swapped?"
        )
    grid = np.zeros((len(target), len(source)))
    for source_position, target_position in links:
        grid[target_position, source_position] = 1
    size = (2.2 + 0.5 * len(source), 1.6 + 0.4 * len(target))
    ax = style.new_axes(ax, figsize=size)
    ax.pcolormesh(grid, cmap=ListedColormap(["white", style.PALETTE[0]]), vmin=0, vmax=1, edgecolors="0.85", lw=0.8)
    ax.set(xlim=(0, len(source)), ylim=(len(target), 0))  # the first target word on top, as one reads
    ax.xaxis.tick_top()
    ax.xaxis.set_label_position("top")
    ax.set_xticks(np.arange(len(source)) + 0.5, source, rotation=50, ha="left", rotation_mode="anchor")
    ax.set_yticks(np.arange(len(target)) + 0.5, target)
    ax.tick_params(length=0)
    ax.grid(False)
    ax.spines[:].set_visible(False)
    ax.set(xlabel=f"{source_name} word", ylabel=f"{target_name} word", title=title)
    for labels, side in ((ax.get_xticklabels(), 0), (ax.get_yticklabels(), 1)):
        linked = {link[side] for link in links}
        for position, label in enumerate(labels):
            label.set_color("black" if position in linked else "0.55")
    pairs = ", ".join(f"{target[j]} with {source[i]}" for i, j in sorted(links, key=lambda link: link[::-1]))
    crossed = "some links cross" if _crosses(links) else "no links cross"
    return style.describe(
        ax,
        f"Grid of {len(target)} {target_name} words against {len(source)} {source_name} words. "
        f"Linked: {pairs or 'none'}; {crossed}.",
    )


def _crosses(links: list[tuple[int, int]]) -> bool:
    """Say whether a later source word translates an earlier target word."""
    return any((a[0] - b[0]) * (a[1] - b[1]) < 0 for a in links for b in links)
