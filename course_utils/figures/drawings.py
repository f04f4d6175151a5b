"""The drawings of the machines, held still: what `views` moves in the browser, drawn with matplotlib."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgba
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, PathPatch, Polygon, Rectangle
from matplotlib.path import Path

from course_utils.figures.diagrams import SUBSCRIPTS
from course_utils.figures.style import GOLD, PALETTE, describe, new_axes, title_of
from course_utils.messages import say

FADED = "#767676"  # of words that are not yet written, or that are left behind
HEAD = 0.4  # inches above a drawing, for its title


def _canvas(ax: Axes | None, height: float, picture: dict, frame: int) -> tuple[Axes, float, float]:
    """Return axes without a frame whose units are inches, y downwards, with their width and height."""
    ax = new_axes(ax, figsize=(8, height))
    width, tall = ax.get_position().size * ax.figure.get_size_inches()
    ax.set(xlim=(0, width), ylim=(tall, 0))
    ax.set_title(title_of(picture, frame))
    ax.set_axis_off()
    return ax, width, tall


def _written(text: str, *, size: float = 13) -> float:
    """Return about how wide a text is, in inches; Hangul is as wide as high."""
    return sum(1.0 if letter > "\u10ff" else 0.6 for letter in text) * size / 72


def _pill(ax: Axes, x: float, y: float, width: float, height: float, fill, *, edge="none", line=1.2) -> None:
    """Draw a box with round corners around (x, y)."""
    style = {"boxstyle": "round,pad=0,rounding_size=0.06", "facecolor": fill, "edgecolor": edge, "linewidth": line}
    ax.add_patch(FancyBboxPatch((x - width / 2, y - height / 2), width, height, **style))


def _curve(ax: Axes, start: tuple[float, float], end: tuple[float, float], **look) -> None:
    """Draw a curve downwards from `start` to `end`, upright at both ends."""
    (a, top), (b, bottom), half = start, end, (start[1] + end[1]) / 2
    path = Path([(a, top), (a, half), (b, half), (b, bottom)], [Path.MOVETO, *[Path.CURVE4] * 3])
    ax.add_patch(PathPatch(path, facecolor="none", capstyle="butt", **look))


def still_ribbons(picture: dict, frame: int = 0, *, ax: Axes | None = None) -> Axes:
    """Draw step `frame` of a picture made by `drawings.ribbons`."""
    ax, width, height = _canvas(ax, 3.2, picture, frame)
    names = max(_written(picture[name]) for name in ("row_name", "column_name")) + 0.25
    ends, tops = {}, {"columns": 0.48, "rows": height - 0.25}
    for side, words in (("columns", picture["columns"]), ("rows", picture["rows"])):
        sizes = np.array([_written(word) + 0.2 for word in words])
        gap = min((width - names - sizes.sum()) / max(len(words) - 1, 1), 0.6)
        small = min((width - names) / (sizes.sum() + 0.02 * len(words)), 1)  # a long sentence in smaller letters
        sizes, gap = (sizes, gap) if gap > 0.02 else (sizes * small, 0.02 * small)
        free = width - names - sizes.sum() - gap * (len(words) - 1)
        ends[side] = names + free / 2 + np.cumsum(sizes + gap) - gap - sizes / 2
        ax.text(
            0,
            tops[side],
            picture["row_name" if side == "rows" else "column_name"],
            va="center",
            fontsize=13,
            color=FADED,
        )
        for at, (word, x, size) in enumerate(zip(words, ends[side], sizes, strict=True)):
            weight = float(picture["values"][frame, at]) if side == "columns" else 0.0
            here = side == "rows" and at == frame
            later = side == "rows" and at > frame
            fill = (PALETTE[0], 0.4 * weight if side == "columns" else 0.12 * here)
            _pill(ax, x, tops[side], size, 0.3, to_rgba(*fill), edge=PALETTE[0] if here else "none")
            ax.text(
                x,
                tops[side],
                word,
                ha="center",
                va="center",
                fontsize=13 * min(small, 1),
                color=FADED if later else "black",
            )
            if weight >= 0.045:
                ax.text(x, 0.18, f"{weight:.2f}", ha="center", va="center", fontsize=13, color=FADED)
    top, bottom, room = tops["columns"] + 0.15, tops["rows"] - 0.15, 0.36
    for row, (weights, middle) in enumerate(zip(picture["values"][: frame + 1], ends["rows"], strict=False)):
        used = middle - room * min(weights.sum(), 1) / 2
        for weight, x in zip(weights, ends["columns"], strict=True):
            wide = room * float(weight)
            if weight >= 0.005:
                look = {"edgecolor": PALETTE[0], "linewidth": 72 * wide, "alpha": 0.8 if row == frame else 0.13}
                _curve(ax, (x, top), (used + wide / 2, bottom), **look)
            used += wide
    for row, column in picture["marked"]:
        if row == frame:
            for colour, line in (("black", 2.8), (GOLD, 1.4)):
                link = (ends["columns"][column], top), (ends["rows"][row], bottom)
                _curve(ax, *link, edgecolor=colour, linewidth=line)
    return describe(ax, picture["alternative"])


def _arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float], **look) -> None:
    """Draw a straight arrow."""
    look = {"arrowstyle": "-|>", "mutation_scale": 10, "linewidth": 1.3, "color": "black"} | look
    ax.add_patch(FancyArrowPatch(start, end, shrinkA=0, shrinkB=0, **look))


def _cells(ax: Axes, x: float, top: float, width: float, height: float, values: np.ndarray, colours: list) -> None:
    """Draw a state as a strip of cells, −1 to 1."""
    scale, cell = LinearSegmentedColormap.from_list("state", colours), height / len(values)
    for unit, value in enumerate(values):
        ax.add_patch(Rectangle((x - width / 2, top + unit * cell), width, cell, facecolor=scale((value + 1) / 2)))
    ax.add_patch(Rectangle((x - width / 2, top), width, height, facecolor="none", edgecolor=FADED, linewidth=0.8))


def still_recurrence(picture: dict, frame: int = 0, *, ax: Axes | None = None) -> Axes:
    """Draw step `frame` of a picture made by `drawings.recurrence`."""
    ax, width, _ = _canvas(ax, 3.3, picture, frame)
    count, values = len(picture["letters"]), picture["values"]
    pitch, top, tall, strip = (width - 0.7) / count, 0.95, 1.05, 0.16
    read, back = min(frame, count), max(frame - count, 0)
    at = [0.25 + state * pitch for state in range(count + 1)]
    middle, wide, letters = top + tall / 2, pitch - strip - 0.34, top + tall + 0.56
    for step, letter in enumerate(picture["letters"], 1):
        x, now = (at[step - 1] + at[step]) / 2, step == read and not back
        fill, edge = (to_rgba(PALETTE[0], 0.2), PALETTE[0]) if now else ("none", "none")
        _pill(ax, x, letters, 0.3, 0.3, fill, edge=edge)
        ax.text(x, letters, letter, ha="center", va="center", fontsize=14, color="black" if step <= read else FADED)
        if step <= max(read, 1):
            _pill(ax, x, middle, wide, tall, to_rgba(PALETTE[0], 0.14), edge=PALETTE[0])
            ax.text(x, middle, "W", ha="center", va="center", fontsize=15, style="italic")
            _arrow(ax, (x, letters - 0.17), (x, top + tall + 0.02))
            _arrow(ax, (at[step - 1] + strip / 2, middle), (x - wide / 2, middle))
        if step <= read:
            _arrow(ax, (x + wide / 2, middle), (at[step] - strip / 2, middle))
    for state in range(read + 1):
        _cells(ax, at[state], top, strip, tall, values[state], picture["colours"])
        name = "h" + str(state).translate(SUBSCRIPTS)
        ax.text(at[state], top + tall + 0.14, name, ha="center", va="center", fontsize=13, color=FADED)
    if not read:
        loop = [(at[0] + wide + 0.25, middle), (at[1], middle), (at[1], top - 0.2), (at[0], top - 0.2)]
        ax.plot(*zip(*loop, strict=True), color="black", linewidth=1.3)
        _arrow(ax, (at[0], top - 0.21), (at[0], top - 0.02))
    if read == count:
        _pill(ax, at[-1] - 0.05, 0.18, 0.55, 0.28, to_rgba(PALETTE[1], 0.14), edge=PALETTE[1])
        ax.text(at[-1] - 0.05, 0.18, say("loss"), ha="center", va="center", fontsize=13)
        if not back:
            _arrow(ax, (at[-1], top - 0.02), (at[-1], 0.34))
    for state in range(count, count - back, -1):
        share, x = float(picture["gradients"][state - 1]), at[state]
        head = 0.07 + 0.16 * share
        ax.add_patch(Polygon([(x, top), (x - head / 2, top - head), (x + head / 2, top - head)], facecolor=PALETTE[1]))
        points, codes = [(x, 0.34), (x, top - head)], [Path.MOVETO, Path.LINETO]
        if state < count:
            points = [(at[state + 1], top), (at[state + 1], 0.42), (x, 0.42), (x, top - head)]
            codes = [Path.MOVETO, *[Path.CURVE4] * 3]
        look = {"facecolor": "none", "edgecolor": PALETTE[1], "linewidth": max(12 * share, 0.4), "capstyle": "butt"}
        ax.add_patch(PathPatch(Path(points, codes), **look))
        place = (
            {"x": x + 0.14, "y": 0.5, "ha": "left"}
            if state == count
            else {"x": x + pitch / 2, "y": 0.36, "ha": "center"}
        )
        ax.text(s=f"{share:.2g}", va="center", fontsize=13, **place)
    return describe(ax, picture["alternative"])


def still_cell(picture: dict, frame: int = 0, *, ax: Axes | None = None) -> Axes:
    """Draw step `frame` of a picture made by `drawings.lstm_cell`, for the unit that it shows first."""
    ax, width, height = _canvas(ax, 4.2, picture, frame)
    trace = {name: values[:, picture["unit"]] for name, values in picture["traces"].items()}
    now = {name: float(values[frame]) for name, values in trace.items()}
    before = float(trace["cell"][frame - 1]) if frame else 0.0
    end, main, cut, join, branch = width - 0.15, 0.6, 0.27 * width, 0.52 * width, 0.76 * width
    valves = {"forget": (cut, main), "input": (join, 1.25), "output": (branch, 1.5)}
    source, out, most = 1.85, 2.0, max(0.5, *np.abs(trace["cell"]), *np.abs(trace["candidate"]))
    colours = {True: picture["colours"][1], False: picture["colours"][-2]}  # below zero, and above

    def pipe(x: list[float], y: list[float], value: float, name: str = "", place: tuple = ()) -> None:
        ax.plot(x, y, color="#e4e4e4", linewidth=14, solid_capstyle="butt", zorder=1)
        thick = 11 * min(abs(value) / most, 1)
        ax.plot(x, y, color=colours[value < 0], linewidth=thick, solid_capstyle="butt", zorder=2)
        if name:
            ax.text(*place, f"{name} {value:.2f}".replace("-", "−"), ha="center", va="center", fontsize=13)

    written, kept = now["input"] * now["candidate"], now["forget"] * before
    pipe([join, join], [source, valves["input"][1]], now["candidate"], "g", (join + 0.62, source))
    pipe([join, join], [valves["input"][1], main], written, "i · g", (join + 0.6, 0.93))
    pipe([branch, branch], [main, valves["output"][1]], now["cell"])
    pipe([branch, branch], [valves["output"][1], out], now["hidden"], "h_t", (branch, out + 0.17))
    pipe([0.1, cut], [main, main], before, "c_prev", (cut / 2, 0.3))
    pipe([cut, join], [main, main], kept, "f · c_prev", ((cut + join) / 2, 0.3))
    pipe([join, end], [main, main], now["cell"], "c_t", ((join + end) / 2, 0.3))
    ax.plot(join, main, "o", markersize=17, color="white", markeredgecolor="black", zorder=4)
    ax.text(join, main + 0.01, "+", ha="center", va="center", fontsize=15, zorder=5)
    for x, y in ((join, source), (branch, 1.02)):
        box = {"boxstyle": "round,pad=0.2", "facecolor": "white", "edgecolor": "black"}
        ax.text(x, y, "tanh", ha="center", va="center", fontsize=13, bbox=box, zorder=5)
    for name, (x, y) in valves.items():
        ax.plot(x, y, "o", markersize=24, color="white", markeredgecolor="black", zorder=4)
        turn = (1 - now[name]) * np.pi / 2 + (0 if name == "forget" else np.pi / 2)
        dx, dy = 0.12 * np.cos(turn), 0.12 * np.sin(turn)
        ax.plot([x - dx, x + dx], [y - dy, y + dy], color="black", linewidth=4, zorder=5)
        side = {"forget": (x, y + 0.34, "center"), "input": (x - 0.3, y, "right"), "output": (x + 0.3, y, "left")}[name]
        ax.text(*side[:2], f"{say(name)} {now[name]:.2f}", ha=side[2], va="center", fontsize=13, color=PALETTE[0])
    ax.text(0.1, 1.45, say("reads {letter}", letter=picture["letters"][frame]), fontsize=14, va="center")

    top, tall, count = 2.45, height - 2.45 - 0.3, len(picture["letters"])
    low, high = min(0, *trace["cell"]), max(0, *trace["cell"], 1e-9 + min(trace["cell"]))
    pitch = min((width - 0.3) / count, 0.9)
    left, zero = (width - pitch * count) / 2, top + tall * high / ((high - low) or 1)
    for at, (letter, value) in enumerate(zip(picture["letters"], trace["cell"], strict=True)):
        x, size = left + (at + 0.5) * pitch, -tall * value / ((high - low) or 1)
        if at == frame:
            _pill(ax, x, top + tall / 2 + 0.14, pitch - 0.06, tall + 0.3, "#e4e4e4")
        fill = to_rgba(colours[value < 0], 1 if at <= frame else 0.3)
        ax.add_patch(Rectangle((x - pitch / 4, zero), pitch / 2, size, facecolor=fill))
        ax.text(x, top + tall + 0.16, letter, ha="center", va="center", fontsize=13)
    ax.plot([left, left + pitch * count], [zero, zero], color=FADED, linewidth=1)
    return describe(ax, picture["alternative"])


def still_bottleneck(picture: dict, frame: int = 0, *, ax: Axes | None = None) -> Axes:
    """Draw step `frame` of a picture made by `drawings.bottleneck`."""
    ax, width, height = _canvas(ax, 3.8, picture, frame)
    read, written = len(picture["columns"]), len(picture["rows"])
    at, out = frame if frame < read else read - 1 if frame == read else frame - 1, frame - read - 1
    rows, head = max(read, written), 0.35
    each, x, strip = (height - head) / rows, width / 2, 0.3
    tall, middle = rows * each, head + rows * each / 2
    left, right = 0.32 * width, 0.68 * width
    y = {side: middle + (np.arange(count) - (count - 1) / 2) * each for side, count in (("in", read), ("out", written))}
    encoder = left, x - strip / 2, PALETTE[0], frame < read, say("encoder")
    decoder = right, x + strip / 2, PALETTE[1], frame > read, say("decoder")
    for end, edge, colour, lit, name in (encoder, decoder):
        half = (end + edge) / 2
        a, b, c, d = middle - tall / 2, middle - 0.38 * tall, middle + 0.38 * tall, middle + tall / 2
        points = [(end, a), (half, a), (half, b), (edge, b), (edge, c), (half, c), (half, d), (end, d), (end, a)]
        codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
        ax.add_patch(PathPatch(Path(points, codes), facecolor=to_rgba(colour, 0.12 if lit else 0.04), edgecolor="none"))
        ax.text(half, 0.14, name, ha="center", va="center", fontsize=13, color=FADED)
    ax.text(left - 0.1, 0.14, picture["column_name"], ha="right", va="center", fontsize=13, color=FADED)
    ax.text(right + 0.1, 0.14, picture["row_name"], ha="left", va="center", fontsize=13, color=FADED)
    _cells(ax, x, middle - 0.38 * tall, strip, 0.76 * tall, picture["values"][at], picture["colours"])
    if frame == read:
        ax.add_patch(
            Rectangle((x - strip / 2, middle - 0.38 * tall), strip, 0.76 * tall, facecolor="none", linewidth=3)
        )

    def thread(start: tuple[float, float], end: tuple[float, float], **look) -> None:
        half = (start[0] + end[0]) / 2
        path = Path([start, (half, start[1]), (half, end[1]), end], [Path.MOVETO, *[Path.CURVE4] * 3])
        ax.add_patch(PathPatch(path, facecolor="none", **look))

    numbered = bool(picture["links"])
    for k, word in enumerate(picture["columns"]):
        here, gone = k == frame, k < frame
        if here or (frame < read and gone):
            line = 9 * float(picture["dependence"][at, k])
            end = (x - strip / 2, middle + (y["in"][k] - middle) * 0.62)
            thread((left, y["in"][k]), end, edgecolor=PALETTE[0], linewidth=line, alpha=0.75)
        _pill(
            ax,
            left - 0.75,
            y["in"][k],
            1.4,
            0.9 * each,
            to_rgba(PALETTE[0], 0.16 * here),
            edge=PALETTE[0] if here else "none",
        )
        ax.text(left - 0.12, y["in"][k], word, ha="right", va="center", fontsize=13, color=FADED if gone else "black")
        if numbered:
            ax.text(left - 1.75, y["in"][k], str(k + 1), ha="center", va="center", fontsize=13, color=FADED)
    for k, word in enumerate(picture["rows"][: max(out + 1, 0)]):
        here = k == out
        if here:
            start = (x + strip / 2, middle + (y["out"][k] - middle) * 0.62)
            thread(start, (right - 0.1, y["out"][k]), edgecolor=PALETTE[1], linewidth=4)
            tip = [(right, y["out"][k]), (right - 0.14, y["out"][k] - 0.1), (right - 0.14, y["out"][k] + 0.1)]
            ax.add_patch(Polygon(tip, facecolor=PALETTE[1]))
        _pill(
            ax,
            right + 0.75,
            y["out"][k],
            1.4,
            0.9 * each,
            to_rgba(PALETTE[1], 0.16 * here),
            edge=PALETTE[1] if here else "none",
        )
        ax.text(right + 0.12, y["out"][k], word, ha="left", va="center", fontsize=13)
        if numbered:
            numbers = " ".join(str(column + 1) for row, column in picture["links"] if row == k)
            ax.text(right + 1.6, y["out"][k], numbers, ha="left", va="center", fontsize=13, color=FADED)
    return describe(ax, picture["alternative"])


def still_layer(picture: dict, frame: int = 0, *, ax: Axes | None = None) -> Axes:
    """Draw step `frame` of a picture made by `drawings.layer`, for the word that it follows first."""
    ax, width, height = _canvas(ax, 4.6, picture, frame)
    words, word, heads = picture["words"], picture["chosen"], picture["heads"]
    sizes, streams, weights = picture["sizes"], picture["streams"], picture["weights"][:, word]
    names, ends = 0.12 + max(map(_written, picture["steps"])), 1.25
    pitch = min((width - names - ends) / len(words), 1.0)
    x = names + (width - names - ends - pitch * len(words)) / 2 + (np.arange(len(words)) + 0.38) * pitch
    wide = [_written(text) + 0.06 for text in words]
    lines = min(-(-int(100 * max(wide)) // int(100 * pitch)), 3)
    foot = height - 0.1 - 0.25 * lines
    y = foot - np.cumsum([0.32, 0.34, 0.36, 1.0, 0.38, 0.4, 0.44, 0.4]) * (foot - 0.2) / 3.7
    thick, aside = 72 * min(0.4 * pitch, 0.24) / streams.max(), min(0.38 * pitch, 0.36)
    reach = [*(y[:4] - 0.03), y[4] - 0.12, y[5], y[6], 0.14]
    for at, text in enumerate(picture["steps"]):
        ax.text(0, y[at], text, va="center", fontsize=13, color="black" if at == frame else FADED)
    told = [(0, None), (1, 1), (2, None), None, (3, 2), (4, None), None, (5, 3)]
    for at, row in enumerate(told[: frame + 1]):
        if row is not None:
            text = f"{sizes[row[0], word]:.1f}"
            text = text if row[1] is None else f"+ {text} → {streams[row[1], word]:.1f}"
            ax.text(width, y[at], text, ha="right", va="center", fontsize=13)
    for at, text in enumerate(words):
        here, colour = at == word, PALETTE[0] if at == word else "#d5d5d5"
        for (start, end), row in zip(((foot, y[1]), (y[1], y[4]), (y[4], y[7]), (y[7], 0.12)), range(4), strict=True):
            end = max(end, reach[frame])
            if end < start:
                look = {"color": colour, "linewidth": thick * streams[row, at], "solid_capstyle": "butt"}
                ax.plot([x[at]] * 2, [start, end], zorder=2 + here, **look)
        line = foot + 0.14 + 0.25 * (at % lines)
        _pill(ax, x[at], line, wide[at], 0.24, to_rgba(PALETTE[0], 0.16 * here), edge=PALETTE[0] if here else "none")
        ax.text(x[at], line, text, ha="center", va="center", fontsize=13)
        if frame >= 2:
            _pill(ax, x[at] + aside, y[2], 0.2, 0.1, "white", edge="black" if here else "#bbbbbb")
    at, by = x[word], x[word] + aside
    joins = [(1, at - aside, y[1] + 0.26, PALETTE[2], 1), (4, by, y[3] - 0.09, PALETTE[1], 3)]
    joins += [(7, by, y[6] - 0.15, PALETTE[2], 5)]
    for step, start, low, colour, row in joins:
        if frame >= step:
            look = {"edgecolor": colour, "linewidth": thick * sizes[row, word], "zorder": 4}
            _curve(ax, (start, low), (at, y[step]), **look)
            ax.plot(at, y[step], "o", markersize=12, color="white", markeredgecolor="black", zorder=5)
            ax.text(at, y[step], "+", ha="center", va="center", fontsize=13, zorder=6)
    for step, low in ((2, y[1] - 0.08), (5, y[4] - 0.08)):
        if frame >= step:
            look = {"edgecolor": PALETTE[0], "linewidth": 0.6 * thick * sizes[2 if step == 2 else 4, word], "zorder": 3}
            _curve(ax, (at, low), (by, y[step]), **look)
            _pill(ax, by, y[step], 0.2, 0.1, "white", edge="black")
    if frame >= 3:
        slot = min(max(0.86 * pitch, 0.3), 0.75) / heads
        for head in range(heads):
            colour, middle = PALETTE[(head + 1) % len(PALETTE)], by + (head - (heads - 1) / 2) * slot
            used = middle - 0.46 * slot
            for share, source in zip(0.92 * slot * weights[head], x + aside, strict=True):
                if share >= 0.02 * slot:
                    look = {"edgecolor": colour, "linewidth": 72 * share, "alpha": 0.8, "zorder": 3}
                    _curve(ax, (source, y[2] - 0.06), (used + share / 2, y[3] + 0.09), **look)
                used += share
            ax.add_patch(Rectangle((middle - slot / 2, y[3] - 0.09), slot, 0.18, facecolor=colour, zorder=4))
    if frame >= 6:
        half = min(0.36 * pitch, 0.32)
        ends = [(0.45, 0.15), (1, 0), (0.45, -0.15), (-0.45, -0.15), (-1, 0), (-0.45, 0.15)]
        corners = [(by + a * half, y[6] + b) for a, b in ends]
        ax.add_patch(Polygon(corners, facecolor="#b3e2d5", edgecolor=PALETTE[2], linewidth=1.3, zorder=4))
    return describe(ax, picture["alternative"])
