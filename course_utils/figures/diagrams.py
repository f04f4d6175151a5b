"""Diagrams: boxes and arrows, arrows in a plane, words that light up, and plain texts."""

from collections.abc import Mapping, Sequence
from textwrap import wrap

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle
from matplotlib.pyplot import subplots

from course_utils.figures.style import FAINT, MARKED, MARKERS, PALETTE, describe, new_axes
from course_utils.messages import note, say, say_plural

WORD, STATE, CONTEXT, MEMORY = "#eeeeee", "#cfe4f3", "#f8d9b8", "#d5ecdf"  # fills of the boxes
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def _box(ax: Axes, x: float, y: float, text: str, colour: str) -> None:
    shape = {"boxstyle": "round,pad=0.02,rounding_size=0.08", "facecolor": colour, "edgecolor": "black"}
    ax.add_patch(FancyBboxPatch((x - 0.42, y - 0.22), 0.84, 0.44, alpha=0.9, **shape))
    ax.text(x, y, text, ha="center", va="center", fontsize=13)


def _arrow(ax: Axes, start: tuple, end: tuple, **options) -> None:
    look = {"arrowstyle": "-|>", "mutation_scale": 15, "linewidth": 1.8, "color": "black", "zorder": 3}
    ax.add_patch(FancyArrowPatch(start, end, shrinkA=0, shrinkB=0, **(look | options)))


def draw_encoder_decoder(
    source: Sequence[str], target: Sequence[str], *, forced: bool = True, title: str = "", ax: Axes | None = None
) -> Axes:
    """Draw an encoder-decoder unrolled over one pair of sentences.

    Args:
        source, target: the words that the encoder reads, and those that the decoder writes, `<eos>` last.
        forced: the decoder reads the true words (teacher forcing); else each word it wrote goes back in.
        title, ax: the title; axes to draw on, None for a new figure.

    Raises:
        ValueError: a side without words.
    """
    if not source or not target:
        raise ValueError("expected at least one word on each side")
    state, source_size, gap = say("hidden, cell"), len(source), 0.9
    ax = new_axes(ax, figsize=(max(8, 1.05 * (source_size + len(target))), 3.4))
    places = [*range(source_size), *(source_size + gap + at for at in range(len(target)))]
    read = [*source, "<sos>", *target[:-1]]
    for at, (x, word) in enumerate(zip(places, read, strict=True)):
        encoder = at < source_size
        colour = PALETTE[0] if encoder else PALETTE[1]
        shape = {"boxstyle": "round,pad=0.04", "facecolor": colour, "edgecolor": "none", "zorder": 2}
        ax.add_patch(FancyBboxPatch((x - 0.3, 0.75), 0.6, 0.5, **shape))
        fed_back = not encoder and at > source_size and not forced
        ax.text(x, -0.12, word, ha="center", va="top", fontsize=13, color=colour if fed_back else "black")
        _arrow(ax, (x, -0.05), (x, 0.68), color=colour, linestyle=(0, (3, 2)) if fed_back else "-")
        if not encoder:
            ax.text(x, 2.02, target[at - source_size], ha="center", va="bottom", fontsize=13)
            _arrow(ax, (x, 1.32), (x, 1.98), color=colour)
        if at:
            _arrow(ax, (places[at - 1] + 0.36, 1.0), (x - 0.36, 1.0), linewidth=5 if at == source_size else 1.6)
    middle = source_size - 1 + (1 + gap) / 2
    ax.text(middle, 1.32, state, ha="center", va="bottom", fontsize=13, style="italic")
    ax.text((source_size - 1) / 2, 1.45, say("encoder"), ha="center", fontsize=14, color=PALETTE[0])
    ax.text(sum(places[source_size:]) / len(target), 2.5, say("decoder"), ha="center", fontsize=14, color=PALETTE[1])
    ax.set(xlim=(-0.6, places[-1] + 0.6), ylim=(-0.6, 2.8), title=title)
    ax.axis("off")
    fields = {"title": title, "source": " ".join(source), "state": state, "target": " ".join(target)}
    true = note("Diagram, {title}: the encoder reads {source}; one arrow ({state}) leads to the decoder, which reads "
                "<sos>, then the true word before, and writes {target}.")  # fmt: skip
    own = note("Diagram, {title}: the encoder reads {source}; one arrow ({state}) leads to the decoder, which reads "
               "<sos>, then the word it wrote before, and writes {target}.")  # fmt: skip
    return describe(ax, say(true if forced else own, **fields))


def draw_unrolled(length: int = 4, *, title: str = "", ax: Axes | None = None) -> Axes:
    """Draw a recurrent network unrolled over `length` steps, with the loss at the last state only.

    Solid arrows are the way of the states; a dashed arrow is the gradient on its way back.

    Raises:
        ValueError: fewer than two steps.
    """
    if length < 2:
        raise ValueError(f"expected at least two steps, not {length}")
    ax = new_axes(ax, figsize=(max(7, 1.6 * (length + 2)), 3.0))
    for t in range(length + 1):
        x = 1.6 * t
        _box(ax, x, 1.0, "h" + str(t).translate(SUBSCRIPTS), STATE)
        if t:
            _box(ax, x, 0.0, "x" + str(t).translate(SUBSCRIPTS), WORD)
            _arrow(ax, (x, 0.24), (x, 0.74))
            _arrow(ax, (x - 1.14, 0.94), (x - 0.46, 0.94))
            _arrow(ax, (x - 0.46, 1.12), (x - 1.14, 1.12), color=PALETTE[1], linestyle="--")
            ax.text(x - 0.8, 0.62, "W_hh", ha="center", va="center", fontsize=12)
    end = 1.6 * length
    _box(ax, end, 2.0, say("loss"), CONTEXT)
    _arrow(ax, (end - 0.08, 1.24), (end - 0.08, 1.74))
    _arrow(ax, (end + 0.08, 1.74), (end + 0.08, 1.24), color=PALETTE[1], linestyle="--")
    ax.text(0.8, 1.5, say("gradient, on its way back"), ha="left", fontsize=12, color=PALETTE[1])
    ax.set(xlim=(-0.6, end + 0.6), ylim=(-0.35, 2.35), title=title)
    ax.axis("off")
    return describe(ax, say(
        "Diagram, {title}: the states 0 to {length} follow one another; each step reads one input and uses the same "
        "matrix. The loss is taken at the last state only; from there the gradient (dashed) goes back step by step.",
        title=title, length=length,
    ))  # fmt: skip


def draw_orders() -> Figure:
    """Draw a decoder that looks after its step (Luong et al. 2015) and one that looks before (Bahdanau et al. 2015)."""
    figure, axes = subplots(1, 2, figsize=(11, 4.7), layout="constrained")
    axes[0].set_title(say("After the step (Luong): query = new state"))
    axes[1].set_title(say("Before the step (Bahdanau): query = old state"))
    for before, ax in enumerate(axes):
        ax.add_patch(Rectangle((0.0, 4.35), 4.6, 0.5, facecolor=MEMORY, edgecolor="black"))
        memory = say("memory: the encoder's state at every word")
        ax.text(2.3, 4.6, memory, ha="center", va="center", fontsize=13)
        for at, x in enumerate((1.2, 3.4), 1):
            aside = x - 0.75 if before else x + 0.75
            _box(ax, x, 0, say("word {number}", number=at), WORD)
            _box(ax, x, 1.2, "LSTM", STATE)
            _box(ax, x, 3.6, say("output {number}", number=at), WORD)
            _box(ax, aside, 2.4, say("context"), CONTEXT)
            _arrow(ax, (x, 0.22), (x, 0.98))
            _arrow(ax, (aside, 4.35), (aside, 2.62), color=PALETTE[2], linestyle=":")
            side = -1 if before else 1
            asked = ((x - 1.05, 1.25), (x - 0.95, 2.18)) if before else ((x + 0.1, 1.42), (x + 0.6, 2.18))
            _arrow(ax, *asked, color=PALETTE[1], linestyle="--")
            _arrow(ax, (x + side * 0.6, 2.62), (x + side * 0.2, 3.38), color=PALETTE[1])
            if before:
                _arrow(ax, (x - 0.6, 2.18), (x - 0.15, 1.42), color=PALETTE[1])
            _arrow(ax, (x, 1.42), (x, 3.38))
        for left, right in ((0.0, 0.78), (1.62, 2.98), (3.82, 4.6)):
            _arrow(ax, (left, 1.2), (right, 1.2))
        ax.set(xlim=(-0.1, 4.7), ylim=(-0.35, 4.95))
        ax.set_axis_off()
    describe(axes[0], say(
        "Diagram: the LSTM steps follow one another; from each new state a query (dashed) goes to the memory, and the "
        "context that comes back (dotted) goes to the output only. No step waits for a context."
    ))  # fmt: skip
    describe(axes[1], say(
        "Diagram: before each LSTM step the old state sends a query (dashed) to the memory; the context that comes "
        "back (dotted) goes into the step and to the output. Every step waits for its context."
    ))  # fmt: skip
    return figure


def draw_paths(words: Sequence[str]) -> Figure:
    """Draw the way from the first word to the last: through every state of a recurrence, and in one step of attention.

    Raises:
        ValueError: fewer than two words.
    """
    if len(words) < 2:
        raise ValueError(f"expected two words or more, not {len(words)}")
    figure, axes = subplots(1, 2, figsize=(11, 3.4), layout="constrained")
    last = len(words) - 1
    axes[0].set_title(say_plural("Recurrence: {count} step", "Recurrence: {count} steps", last))
    axes[1].set_title(say("Self-attention: 1 step"))
    for ax in axes:
        for at, word in enumerate(words):
            _box(ax, at, 0, word, WORD)
            _box(ax, at, 1.6, say("state {number}", number=at + 1), STATE)
        ax.set(xlim=(-0.6, last + 0.6), ylim=(-0.4, 2.1))
        ax.set_axis_off()
    for at in range(len(words)):
        _arrow(axes[0], (at, 0.22), (at, 1.38), color=PALETTE[1] if at == 0 else "#999999")
        if at:
            _arrow(axes[0], (at - 0.58, 1.6), (at - 0.42, 1.6), color=PALETTE[1], linewidth=2.6)
        for to in range(len(words)):
            far = (at, to) == (0, last)
            look = {"color": PALETTE[1], "linewidth": 2.6} if far else {"color": FAINT, "linewidth": 1, "zorder": 2}
            _arrow(axes[1], (at, 0.22), (to, 1.38), **look)
    describe(axes[0], say_plural(
        "Diagram: through a recurrence word 1 reaches state {state} in {count} step.",
        "Diagram: through a recurrence word 1 reaches state {state} in {count} steps, one after another.",
        last, state=last + 1,
    ))  # fmt: skip
    direct = note("Diagram: with self-attention every word reaches every state in one step; {arrows} arrows.")
    describe(axes[1], say(direct, arrows=len(words) ** 2))
    return figure


def _plane(ax: Axes, reach: float, title: str) -> None:
    """Set up a square plane from −reach to reach with its two axes."""
    ax.axhline(0, color=FAINT, linewidth=1)
    ax.axvline(0, color=FAINT, linewidth=1)
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", title=title)


def draw_vectors(vectors: Mapping[str, Sequence[float]], *, title: str = "", ax: Axes | None = None) -> Axes:
    """Draw named arrows from the origin of a plane; the first, such as the query, in a colour of its own.

    Args:
        vectors: name → (x, y).
        title, ax: as in `draw_encoder_decoder`.
    """
    ax = new_axes(ax, figsize=(4.6, 4.6))
    _plane(ax, 1.35 * max(np.abs(np.asarray(list(vectors.values()), dtype=float)).max(), 1e-9), title)
    for at, (name, (x, y)) in enumerate(vectors.items()):
        look = {"color": PALETTE[0], "linestyle": "--"} if at else {"color": PALETTE[1]}
        _arrow(ax, (0, 0), (x, y), linewidth=2.4, mutation_scale=18, **look)
        side = {"ha": "left", "xytext": (6, 6)} if x >= 0 else {"ha": "right", "xytext": (-6, 6)}
        ax.annotate(name, (x, y), textcoords="offset points", fontsize=14, **side)
    places = (say("{name} to ({x:.2g}, {y:.2g})", name=name, x=x, y=y) for name, (x, y) in vectors.items())
    return describe(ax, say("Arrows from the origin, {title}: {arrows}.", title=title, arrows="; ".join(places)))


def still_plane(picture: dict, frame: int = 0, *, ax: Axes | None = None) -> Axes:
    """Draw a picture made by `pictures.plane`; it has one frame."""
    ax, reach = new_axes(ax, figsize=(5, 5)), picture["reach"]
    side = min(ax.get_position().size * ax.figure.get_size_inches())  # the plane is square
    scale = 2 * reach / (72 * side)  # of the plane, in a point of paper
    _plane(ax, reach, picture["title"])
    for item in picture["items"]:
        mark = item["mark"]
        colour = PALETTE[1] if item["special"] else PALETTE[0] if mark is None else MARKED[mark % len(MARKED)]
        share, place = item["share"], np.array([item["x"], item["y"]])
        size = 90 if share is None else 40 + 900 * share
        if item["kind"] == "arrow":
            width = 1.8 if share is None else 1 + 6 * share
            _arrow(ax, (0, 0), place, linewidth=width, color=colour, mutation_scale=14 + width)
        else:
            ax.scatter(
                *place,
                s=size,
                color=colour,
                alpha=0.75,
                marker="X" if item["special"] else MARKERS[(mark or 0) % len(MARKERS)],
                zorder=3,
            )
        text = item["name"] if share is None else say("{name} {share:.2f}", name=item["name"], share=share)
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
    return describe(ax, picture["alternative"])


LINE = 0.27  # inches: the height of a line of texts


def text_lines(texts: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return texts as lines for a picture eight inches wide, each with its name before its first line."""
    lines = []
    for name, text in texts.items():
        room = " " * len(f"{name} ") if name else ""
        first, *others = wrap(text, 76, initial_indent=room) or [""]
        lines += [(name, first.strip()), *(("", line) for line in others)]
    return lines


def draw_texts(texts: Mapping[str, str], *, ax: Axes | None = None) -> Axes:
    """Draw names and texts below one another."""
    ax, lines = new_axes(ax, figsize=(8, 2)), text_lines(texts)
    ax.set(xlim=(0, 7.6), ylim=(len(lines) * LINE, 0))
    ax.axis("off")
    for at, (name, text) in enumerate(lines):
        begun = ax.text(0, (at + 1) * LINE, f"{name} " if name else "", va="bottom", fontsize=13, color=PALETTE[0])
        ax.annotate(text, (1, 0), xycoords=begun, va="bottom", fontsize=13, annotation_clip=False)
    return describe(ax, " ".join(f"{name} {text}" for name, text in texts.items()))


def draw_steps(
    steps: Mapping[str, str], *, title: str = "", per_row: int = 4, ax: Axes | None = None
) -> Axes:  # fmt: skip
    """Draw steps as boxes with arrows from one to the next, row by row, and below each what belongs to it.

    Args:
        steps: name → what is to be said of it, in a few words; at least one.
        title, ax: the title; axes to draw on, None for a new figure.
        per_row: boxes in a row.

    Raises:
        ValueError: no step.
    """
    if not steps:
        raise ValueError("expected at least one step")
    rows, columns = -(-len(steps) // per_row), min(per_row, len(steps))
    ax = new_axes(ax, figsize=(2.5 * columns, 1.75 * rows + 0.4))
    wide, high = 1.5, 1.5
    for at, (name, text) in enumerate(steps.items()):
        x, y = at % per_row * wide, -(at // per_row) * high
        _box(ax, x, y, name, (STATE, CONTEXT, MEMORY)[at // per_row % 3])
        ax.text(x, y - 0.34, "\n".join(wrap(text, 20)), ha="center", va="top", fontsize=13, color="#444444")
        if at % per_row:
            _arrow(ax, (x - wide + 0.46, y), (x - 0.46, y))
        elif at:  # from the end of a row to the beginning of the next
            end, between = (columns - 1) * wide + 0.46, y + 0.52
            corners = (end, y + high), (end + 0.16, y + high), (end + 0.16, between), (x, between)
            ax.plot(*zip(*corners, strict=True), linewidth=1.8, color="black")
            _arrow(ax, (x, between), (x, y + 0.25))
    ax.set(xlim=(-0.75, (columns - 1) * wide + 0.8), ylim=(-(rows - 1) * high - 1.0, 0.4), title=title)
    ax.axis("off")
    parts = ", ".join(say("{name} ({text})", name=name, text=text) for name, text in steps.items())
    return describe(ax, say("Diagram, {title}: one step after the other: {steps}.", title=title, steps=parts))
