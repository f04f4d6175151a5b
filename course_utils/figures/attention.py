"""Attention drawn: weights with the truth outlined, two orders of looking, and how far a message travels."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle
from matplotlib.pyplot import subplots

from course_utils.figures.style import PALETTE, SEQUENTIAL, describe, new_axes


def draw_attention(
    weights,
    source: Sequence[str],
    target: Sequence[str],
    gold: Iterable[tuple[int, int]] = (),
    *,
    title: str = "Where the decoder looks",
    ax: Axes | None = None,
) -> Axes:
    """Draw attention weights as a heatmap, the gold links outlined on it: rows target words, columns source words.

    Args:
        weights: `(T, S)`, 0 to 1.
        source, target: the S and T words.
        gold: (source, target) word positions from 0.
        title: the title.
        ax: axes to draw on; a new figure's of a fitting size where absent.

    Raises:
        ValueError: weights that are not one number for each pair of words, or a gold link outside.
    """
    weights, gold = np.asarray(weights, dtype=float), sorted(set(gold))
    if weights.shape != (len(target), len(source)):
        raise ValueError(f"expected weights ({len(target)}, {len(source)}), not {weights.shape}")
    if outside := [(s, t) for s, t in gold if not (0 <= s < len(source) and 0 <= t < len(target))]:
        raise ValueError(
            f"expected gold links (source, target) inside ({len(source)}, {len(target)}), not {outside[0]}"
        )
    ax = new_axes(ax, figsize=(2.6 + 0.5 * len(source), 1.7 + 0.33 * len(target)))
    image = ax.imshow(weights, cmap=SEQUENTIAL, vmin=0, vmax=1, aspect="auto")
    ax.figure.colorbar(image, ax=ax, label="weight", pad=0.02)
    for s, t in gold:
        for colour, thick in (("black", 4), ("#ffd700", 2)):
            ax.add_patch(Rectangle((s - 0.5, t - 0.5), 1, 1, fill=False, edgecolor=colour, linewidth=thick))
    ax.set_xticks(range(len(source)), source, rotation=50, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(target)), target)
    ax.set(title=title, xlabel="source word", ylabel="target word")
    ax.grid(False)
    strongest = {(int(row.argmax()), t) for t, row in enumerate(weights)}
    said = ", ".join(f"{target[t]} ← {source[s]} {weights[t, s]:.2f}" for s, t in sorted(strongest, key=lambda x: x[1]))
    told = f" {len(strongest & set(gold))} of these are among the {len(gold)} gold links, outlined." if gold else ""
    return describe(ax, f"Heatmap, {title}. Strongest source word for each target word: {said}.{told}")


def draw_vectors(vectors: Mapping[str, Sequence[float]], *, title: str = "", ax: Axes | None = None) -> Axes:
    """Draw named arrows from the origin of a plane; the first, such as the query, in a colour of its own.

    Args:
        vectors: name → (x, y).
        title: the title.
        ax: axes to draw on; a new figure's where absent.
    """
    ax = new_axes(ax, figsize=(4.6, 4.6))
    reach = 1.35 * max(np.abs(np.asarray(list(vectors.values()), dtype=float)).max(), 1e-9)
    for at, (name, (x, y)) in enumerate(vectors.items()):
        colour, dashes = (PALETTE[1], "-") if at == 0 else (PALETTE[0], "--")
        arrow = {
            "arrowstyle": "-|>",
            "color": colour,
            "linewidth": 2.4,
            "linestyle": dashes,
            "shrinkA": 0,
            "shrinkB": 0,
        }
        ax.annotate("", (x, y), (0, 0), arrowprops=arrow | {"mutation_scale": 18})
        side = "left" if x >= 0 else "right"
        ax.annotate(name, (x, y), (6 if x >= 0 else -6, 6), textcoords="offset points", ha=side, fontsize=14)
    ax.axhline(0, color="#bbbbbb", linewidth=1)
    ax.axvline(0, color="#bbbbbb", linewidth=1)
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", title=title)
    said = "; ".join(f"{name} to ({x:.2g}, {y:.2g})" for name, (x, y) in vectors.items())
    return describe(ax, f"Arrows from the origin, {title}: {said}.")


def _box(ax: Axes, x: float, y: float, text: str, colour: str) -> None:
    shape = {"boxstyle": "round,pad=0.02,rounding_size=0.08", "facecolor": colour, "edgecolor": "black"}
    ax.add_patch(FancyBboxPatch((x - 0.42, y - 0.22), 0.84, 0.44, alpha=0.9, **shape))
    ax.text(x, y, text, ha="center", va="center", fontsize=13)


def _arrow(ax: Axes, start: tuple, end: tuple, **options) -> None:
    style = {"arrowstyle": "-|>", "mutation_scale": 15, "linewidth": 1.8, "color": "black", "shrinkA": 1, "shrinkB": 1}
    ax.add_patch(FancyArrowPatch(start, end, **(style | options)))


def draw_orders() -> Figure:
    """Draw a decoder that looks after its step (Luong et al. 2015) and one that looks before (Bahdanau et al. 2015)."""
    figure, axes = subplots(1, 2, figsize=(11, 4.7), layout="constrained")
    titles = ["After the step (Luong): query = new state", "Before the step (Bahdanau): query = old state"]
    for kind, (ax, title) in enumerate(zip(axes, titles, strict=True)):
        ax.add_patch(Rectangle((0.0, 4.35), 4.6, 0.5, facecolor="#d5ecdf", edgecolor="black"))
        ax.text(2.3, 4.6, "memory: the encoder's state at every word", ha="center", va="center", fontsize=13)
        for at, x in enumerate((1.2, 3.4)):
            aside = x + 0.75 if kind == 0 else x - 0.75
            _box(ax, x, 0, f"word {at + 1}", "#eeeeee")
            _box(ax, x, 1.2, "LSTM", "#cfe4f3")
            _box(ax, x, 3.6, f"output {at + 1}", "#eeeeee")
            _box(ax, aside, 2.4, "context", "#f8d9b8")
            _arrow(ax, (x, 0.22), (x, 0.98))
            _arrow(ax, (aside, 4.35), (aside, 2.62), color=PALETTE[2], linestyle=":")
            if kind == 0:
                _arrow(ax, (x + 0.1, 1.42), (x + 0.6, 2.18), color=PALETTE[1], linestyle="--")
                _arrow(ax, (x + 0.6, 2.62), (x + 0.2, 3.38), color=PALETTE[1])
            else:
                _arrow(ax, (x - 1.05, 1.25), (x - 0.95, 2.18), color=PALETTE[1], linestyle="--")
                _arrow(ax, (x - 0.6, 2.18), (x - 0.15, 1.42), color=PALETTE[1])
                _arrow(ax, (x - 0.6, 2.62), (x - 0.2, 3.38), color=PALETTE[1])
            _arrow(ax, (x, 1.42), (x, 3.38))
        _arrow(ax, (1.62, 1.2), (2.98, 1.2))
        _arrow(ax, (0.0, 1.2), (0.78, 1.2))
        _arrow(ax, (3.82, 1.2), (4.6, 1.2))
        ax.set(xlim=(-0.1, 4.7), ylim=(-0.35, 4.95), title=title)
        ax.set_axis_off()
    describe(
        axes[0],
        "Diagram: the LSTM steps follow one another; from each new state a query (dashed) goes to the memory, and the "
        "context that comes back (dotted) goes to the output only. No step waits for a context.",
    )
    describe(
        axes[1],
        "Diagram: before each LSTM step the old state sends a query (dashed) to the memory; the context that comes "
        "back (dotted) goes into the step and to the output. Every step waits for its context.",
    )
    return figure


def draw_paths(words: Sequence[str]) -> Figure:
    """Draw the way from the first word to the last: through every state of a recurrence, and in one step of attention.

    Args:
        words: two words or more.

    Raises:
        ValueError: fewer than two words.
    """
    if len(words) < 2:
        raise ValueError(f"expected two words or more, not {len(words)}")
    figure, axes = subplots(1, 2, figsize=(11, 3.4), layout="constrained")
    last = len(words) - 1
    for ax, title in zip(axes, (f"Recurrence: {last} steps", "Self-attention: 1 step"), strict=True):
        for at, word in enumerate(words):
            _box(ax, at, 0, word, "#eeeeee")
            _box(ax, at, 1.6, f"state {at + 1}", "#cfe4f3")
        ax.set(xlim=(-0.6, last + 0.6), ylim=(-0.4, 2.1), title=title)
        ax.set_axis_off()
    for at in range(len(words)):
        _arrow(axes[0], (at, 0.22), (at, 1.38), color=PALETTE[1] if at == 0 else "#999999")
        if at:
            _arrow(axes[0], (at - 0.58, 1.6), (at - 0.42, 1.6), color=PALETTE[1], linewidth=2.6)
        for to in range(len(words)):
            special = (at, to) == (0, last)
            colour, width = (PALETTE[1], 2.6) if special else ("#bbbbbb", 1)
            _arrow(axes[1], (at, 0.22), (to, 1.38), color=colour, linewidth=width, zorder=2 if special else 1)
    describe(
        axes[0], f"Diagram: through a recurrence word 1 reaches state {last + 1} in {last} steps, one after another."
    )
    describe(
        axes[1], f"Diagram: with self-attention every word reaches every state in one step; {len(words) ** 2} arrows."
    )
    return figure
