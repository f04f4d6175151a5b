"""The encoder-decoder as a drawing: which box reads what, and the one arrow that joins the halves."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from course_utils.figures.style import PALETTE, describe, new_axes


def draw_encoder_decoder(
    source: Sequence[str],
    target: Sequence[str],
    *,
    forced: bool = True,
    state: str = "hidden, cell",
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw an encoder-decoder unrolled over one pair of sentences.

    Args:
        source: the words that the encoder reads, at least one.
        target: the words that the decoder writes, `<eos>` last, at least one.
        forced: the decoder reads the true words (teacher forcing); else each word it wrote goes back in.
        state: what is written on the arrow between encoder and decoder.
        title: the title.
        ax: axes to draw on; a new figure's where absent.

    Raises:
        ValueError: a side without words.
    """
    if not source or not target:
        raise ValueError("expected at least one word on each side")
    source_size, gap = len(source), 0.9
    ax = new_axes(ax, figsize=(max(8, 1.05 * (source_size + len(target))), 3.4))
    places = [*range(source_size), *(source_size + gap + at for at in range(len(target)))]
    read = [*source, "<sos>", *target[:-1]]
    for at, (x, word) in enumerate(zip(places, read, strict=True)):
        encoder = at < source_size
        colour = PALETTE[0] if encoder else PALETTE[1]
        ax.add_patch(
            FancyBboxPatch((x - 0.3, 0.75), 0.6, 0.5, "round,pad=0.04", facecolor=colour, edgecolor="none", zorder=2)
        )
        own = not encoder and at > source_size and not forced
        ax.text(x, -0.12, word, ha="center", va="top", fontsize=13, color=colour if own else "black")
        _arrow(ax, (x, -0.05), (x, 0.68), colour=colour, dashed=own)
        if not encoder:
            ax.text(x, 2.02, target[at - source_size], ha="center", va="bottom", fontsize=13)
            _arrow(ax, (x, 1.32), (x, 1.98), colour=colour)
        if at:
            joins = at == source_size
            ends = (places[at - 1] + 0.36, 1.0), (x - 0.36, 1.0)
            _arrow(ax, *ends, colour="black", width=5 if joins else 1.6)
    middle = source_size - 1 + (1 + gap) / 2
    ax.text(middle, 1.32, state, ha="center", va="bottom", fontsize=13, style="italic")
    ax.text((source_size - 1) / 2, 1.45, "encoder", ha="center", fontsize=14, color=PALETTE[0])
    ax.text(sum(places[source_size:]) / len(target), 2.5, "decoder", ha="center", fontsize=14, color=PALETTE[1])
    ax.set(xlim=(-0.6, places[-1] + 0.6), ylim=(-0.6, 2.8), title=title)
    ax.axis("off")
    fed = "the true word before" if forced else "the word it wrote before"
    return describe(
        ax,
        f"Diagram, {title}: the encoder reads {' '.join(source)}; one arrow ({state}) leads to the decoder, which "
        f"reads <sos>, then {fed}, and writes {' '.join(target)}.",
    )


def _arrow(ax, start, end, *, colour, width=1.6, dashed=False):
    style = {"color": colour, "lw": width, "linestyle": (0, (3, 2)) if dashed else "-", "mutation_scale": 14}
    ax.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "shrinkA": 0, "shrinkB": 0, **style})
