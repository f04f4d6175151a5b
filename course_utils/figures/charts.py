"""Curves and bars, as a lesson's figures and as the still pictures of views."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from course_utils.figures.style import DASHES, FAINT, MARKED, PALETTE, describe, new_axes, thinned, title_of
from course_utils.messages import note, say
from course_utils.messages.numbers import number

MARKERS = ["o", "s", "^", "D", "v", "P", "X"]
MIDDLES = {"mean": np.mean, "median": np.median}
HATCHES = ["", "//", "..", "xx"]
LIGHT = {PALETTE[4], PALETTE[5]}  # too light for text on white
GATE_NAMES = {"input": note("input gate"), "forget": note("forget gate"), "output": note("output gate")}


def _curve(ax: Axes, x, runs: np.ndarray, index: int, *, middle="mean", marker=None, band=None, label="") -> None:
    """Draw one curve in the look of `index`: of several runs `(runs, N)` their middle and a band from least to most."""
    colour, dashes = PALETTE[index % len(PALETTE)], DASHES[index % len(DASHES)]
    look = {"color": colour, "linestyle": (0, dashes) if dashes else "-", "marker": marker}
    if band is not None:
        ax.fill_between(x, *band, color=colour, alpha=0.2, linewidth=0)
    if len(runs) == 1:
        ax.plot(x, runs[0], label=label, **look)
        return
    import seaborn as sns  # takes a second to import, and most figures need none

    # seaborn leaves missing values out and joins their neighbours; a gap is to stay a gap.
    for part in np.ma.clump_unmasked(np.ma.masked_invalid(MIDDLES[middle](runs, axis=0))):
        spread = {"errorbar": ("pi", 100), "err_kws": {"alpha": 0.18, "linewidth": 0}}
        shape = {"x": np.tile(x[part], len(runs)), "y": runs[:, part].ravel(), "estimator": middle}
        sns.lineplot(**shape, **spread, **look, markeredgecolor=colour, label=label, legend=False, ax=ax)
        label = None


def _set(ax: Axes, **properties) -> None:
    ax.set(**{name: value for name, value in properties.items() if value is not None})


def _level(ax: Axes, level: tuple[float, str] | None) -> list[str]:
    """Draw the height that a thin line marks, and return it in words."""
    if level is None:
        return []
    ax.axhline(level[0], color="#444444", linewidth=1.2, linestyle=(0, (1, 2)), label=level[1])
    return [say("{name} is {value:.3g}", name=level[1], value=level[0])]


def _mark(ax: Axes, place: float, text: str) -> None:
    """Mark an x by a line and a few words beside it, in the corner that hides least of the curves."""
    curves = [line for line in ax.lines if len(line.get_xdata()) > 1]
    ax.axvline(place, color="#444444", linewidth=1.4, zorder=1, label="_mark")
    ax.figure.draw_without_rendering()  # fixes the axes, from which distances on paper follow
    on_paper = ax.transAxes.inverted().transform
    at, wide = (
        on_paper(ax.transData.transform((place, 1)))[0],
        0.62 * 13 / 72 * ax.figure.dpi * len(text) / ax.bbox.width,
    )

    def hidden(side: str, height: float) -> int:
        """Return how many points of the curves would be under the words; many, where the words do not fit."""
        left = at - wide if side == "right" else at
        if left < 0 or left + wide > 1:
            return 1000
        points = (on_paper(ax.transData.transform(line.get_xydata())) for line in curves)
        finer = (np.linspace(0, 1, 20)[:, None, None] * np.diff(xy, axis=0) + xy[:-1] for xy in points)
        return sum(
            ((np.abs(xy[..., 1] - height) < 0.07) & (xy[..., 0] > left) & (xy[..., 0] < left + wide)).sum()
            for xy in finer
        )

    corners = [(side, height) for height in (0.94, 0.06) for side in ("left", "right")]
    side, height = min(corners, key=lambda corner: hidden(*corner))
    look = {"xycoords": ax.get_xaxis_transform(), "textcoords": "offset points", "va": "center", "fontsize": 13}
    ax.annotate(text, (place, height), (7 if side == "left" else -7, 0), ha=side, **look)


def _named_at_ends(ax: Axes) -> bool:
    """Write each curve's name at its right end in its colour, and return whether there was room to do so.

    Names that would touch move apart, by less than a line; there is no room where that is not enough, as where three
    curves end in one point, or where a name is long.
    """
    lines = [line for line in ax.lines if not line.get_label().startswith("_")]
    if any(len(line.get_label()) > 25 for line in lines) or len(lines) > 5:
        return False
    ax.figure.draw_without_rendering()  # fixes the axes, from which distances on paper follow
    height, ends = 13 * 1.25 * ax.figure.dpi / 72, []
    for line in lines:
        x, y = (np.asarray(data, dtype=float) for data in line.get_data())
        known = np.flatnonzero(np.isfinite(y) & ((y > 0) if ax.get_yscale() == "log" else True))
        if not len(known):
            return False
        level = len(x) == 2 and line.get_transform() != ax.transData  # from edge to edge, whatever x is
        ends.append((ax.transData.transform((ax.get_xlim()[1] if level else x[known[-1]], y[known[-1]])), line))
    ends.sort(key=lambda end: end[0][1])
    wanted = np.array([point[1] for point, _ in ends])
    placed = wanted.copy()
    for _ in range(60):  # names push each other apart until none touch
        for low in range(len(placed) - 1):
            if (gap := height - (placed[low + 1] - placed[low])) > 0:
                placed[low] -= gap / 2
                placed[low + 1] += gap / 2
    if np.abs(placed - wanted).max() > 0.8 * height or max(point[0] for point, _ in ends) < ax.bbox.x0:
        return False
    edge = max(point[0] for point, _ in ends)
    for (point, line), y in zip(ends, placed, strict=True):
        offset = np.array([edge - point[0] + 10, y - point[1]]) * 72 / ax.figure.dpi
        colour = line.get_color() if line.get_color() not in LIGHT else "black"
        at = ax.transData.inverted().transform(point)
        look = {"textcoords": "offset points", "va": "center", "annotation_clip": False}
        ax.annotate(line.get_label(), at, offset, color=colour, fontsize=13, **look)
    return True


def draw_curves(
    x, curves: Mapping[str, Sequence], *, title: str = "", xlabel: str = "", ylabel: str = "", log_x: bool = False,
    log_y: bool = False, markers: bool = False, ylim: tuple[float, float] | None = None,
    level: tuple[float, str] | None = None, mark: tuple[float, str] | None = None, middle: str = "mean",
    ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """Draw named curves over one x; a curve measured several times as its middle with a band from least to most.

    Args:
        x: `(N,)`.
        curves: name → `(N,)`, or `(runs, N)`. NaN leaves a gap.
        title, xlabel, ylabel, ylim: texts, axis labels with units; ends of the y axis.
        log_x, log_y, markers: logarithmic axes; mark the points, where there are few of them.
        level: a height to mark by a thin line, and its name, such as the accuracy of guessing.
        mark: the one place to see: an x, marked by a line, and what is there in a few words.
        middle: of several runs, "mean" or "median"; on a log axis a mean is close to its largest run.
        ax: axes to draw on; None makes a new figure, whose curves are named at their ends where there is room.

    Raises:
        ValueError: a curve has not as many values as x, or there is no such middle.
    """
    if middle not in MIDDLES:
        raise ValueError(f"middle: expected one of {', '.join(MIDDLES)}, not {middle!r}")
    alone, x, ax, words = ax is None, np.asarray(x), new_axes(ax), []
    for index, (name, values) in enumerate(curves.items()):
        runs = np.atleast_2d(np.asarray(values, dtype=float))
        if runs.shape[1] != len(x):
            raise ValueError(f"{name}: expected {len(x)} values, as many as x, not {runs.shape[1]}")
        marker = MARKERS[index % len(MARKERS)] if markers else None
        _curve(ax, x, runs, index, middle=middle, marker=marker, label=name)
        centre = MIDDLES[middle](runs, axis=0)
        if len(known := np.flatnonzero(np.isfinite(centre))):
            first, last = known[[0, -1]]
            plain = note("{name} goes from {start:.3g} at {first:.4g} to {end:.3g} at {last:.4g}")
            median = note("{name} (median of {count}) goes from {start:.3g} at {first:.4g} to {end:.3g} at {last:.4g}")
            ends = {"start": centre[first], "end": centre[last], "first": x[first], "last": x[last]}
            template = plain if len(runs) == 1 or middle == "mean" else median
            words.append(say(template, name=name, count=len(runs), **ends))
    words += _level(ax, level)
    scales = {"xscale": "log" if log_x else None, "yscale": "log" if log_y else None}
    _set(ax, title=title, xlabel=xlabel, ylabel=ylabel, **scales, ylim=ylim)
    if not log_x and np.issubdtype(x.dtype, np.integer):
        ax.xaxis.get_major_locator().set_params(integer=True)
    if mark is not None:
        _mark(ax, *mark)
    if len(curves) + (level is not None) > 1 and not (alone and _named_at_ends(ax)):
        ax.legend()
    x_axis, y_axis = (say("{name} (log axis)", name=name) if log else name
                      for name, log in ((xlabel, log_x), (ylabel, log_y)))  # fmt: skip
    if mark is not None:
        words.append(say("marked at {place:.4g}: {text}", place=mark[0], text=" ".join(mark[1].split())))
    fields = {"title": title, "x_axis": x_axis, "y_axis": y_axis, "curves": "; ".join(words)}
    return describe(ax, say("Curves, {title}: {y_axis} against {x_axis}. {curves}.", **fields))


def still_lines(picture: dict, frame: int = 0, *, ax: Axes | None = None) -> Axes:
    """Draw frame `frame` of a picture made by `pictures.lines`."""
    ax = new_axes(ax)
    x = np.arange(len(picture["x"])) if picture["columns"] else picture["x"]
    bands = {band["colour"]: (band["low"], band["high"]) for band in picture["bands"]}
    for index, line in enumerate(picture["lines"]):
        y, *band = (array[frame] if array.ndim == 2 else array for array in (line["y"], *bands.get(index, ())))
        _curve(ax, x, y[None], index, band=band or None, label=line["name"])
    ax.set_yscale("log" if picture["log"] else "linear")
    margin = 0 if picture["log"] else 0.03 * (picture["vmax"] - picture["vmin"])
    ax.set_ylim(picture["vmin"] - margin, picture["vmax"] + margin)
    if picture["columns"]:
        thinned(ax.set_xticks, x, picture["columns"])
    if mark := picture["mark"]:
        offset, side = ((-9, 7), "right") if mark["x"] > (x[0] + x[-1]) / 2 else ((9, 7), "left")
        ax.plot(mark["x"], mark["y"], "o", color=PALETTE[4], markeredgecolor="black", markersize=9)
        ax.annotate(mark["text"], (mark["x"], mark["y"]), offset, textcoords="offset points", ha=side, fontsize=13)
    ax.set(xlabel=picture["x_name"], ylabel=picture["y_name"], title=title_of(picture, frame))
    if len(picture["lines"]) > 1:
        ax.legend()
    return describe(ax, picture["alternative"])


def still_pipeline(picture: dict, frame: int = 0, *, ax: Axes | None = None) -> Axes:
    """Draw a picture made by `pictures.pipeline`: each stage has bars of its own scale; it has one frame."""
    ax, values = new_axes(ax, figsize=(8, 5)), picture["values"]
    (stages, count), room = values.shape, 0.72
    for stage, own in enumerate(values):
        low, high = min(0.0, own.min()), max(0.0, own.max())
        scaled, zero = own / ((high - low) or 1.0) * room, stage - low / ((high - low) or 1.0) * room
        colours = [PALETTE[0] if mark is None else MARKED[mark % len(MARKED)] for mark in picture["marks"]]
        ax.barh(range(count), scaled, left=zero, height=0.4, color=colours)
        for row, value in enumerate(own):
            ax.text(stage, row - 0.3, number(float(value), 2), fontsize=13, va="bottom")
    ax.set(yticks=range(count), yticklabels=picture["rows"], xticks=range(stages), xlim=(-0.05, stages - 0.1))
    ax.set_xticklabels(picture["columns"], ha="left")
    ax.xaxis.tick_top()
    ax.invert_yaxis()
    ax.set_title(picture["title"])
    return describe(ax, picture["alternative"])


def still_tank(picture: dict, frame: int = 0, *, ax: Axes | None = None) -> Axes:
    """Draw a picture made by `pictures.tank`: the cell after every step as bars, the gates as lines over them."""
    ax, traces = new_axes(ax), picture["traces"]
    x = np.arange(len(picture["steps"]))
    colours = [picture["colours"][1 if value < 0 else -2] for value in traces["cell"]]
    ax.bar(x, traces["cell"], width=0.6, color=colours, alpha=0.6)
    for index, name in enumerate(("input", "forget", "output"), start=2):
        _curve(ax, x, traces[name][None], index, label=say(GATE_NAMES[name]))
    ax.set_xticks(x, picture["steps"])
    ax.set(ylabel=picture["cell_name"], title=title_of(picture, frame))
    ax.legend()
    return describe(ax, picture["alternative"])


def _bars(ax: Axes, names: Sequence[str], groups: Mapping[str, Sequence], texts: list[str], *, across=False) -> list:
    """Draw one bar per group for each name: the mean of its runs, a line from least to most, a text at its end.

    Groups differ in colour and in hatching, so that colour alone carries no meaning. Returns the bars, group by group.
    """
    import seaborn as sns

    runs = [np.atleast_1d(np.asarray(values, dtype=float)) for row in groups.values() for values in row]
    places = np.tile(np.arange(len(names)), len(groups))
    data = {
        "place": np.repeat(places, [len(values) for values in runs]),
        "value": np.concatenate(runs),
        "group": np.repeat(np.repeat(list(groups), len(names)), [len(values) for values in runs]),
    }
    sns.barplot(
        data, x="value" if across else "place", y="place" if across else "value", orient="y" if across else "x",
        hue="group", palette=[PALETTE[index % len(PALETTE)] for index in range(len(groups))], saturation=1,
        errorbar=("pi", 100), err_kws={"color": "black", "linewidth": 1.8}, gap=0.08, legend=False, ax=ax,
    )  # fmt: skip
    containers = ax.containers[-len(groups) :]
    for index, (name, bars) in enumerate(zip(groups, containers, strict=True)):
        bars.set_label(name)
        for bar in bars if len(groups) > 1 else ():
            bar.set(hatch=HATCHES[index % len(HATCHES)], edgecolor="white")
    for at, (values, text) in enumerate(zip(runs, texts, strict=True)):
        place = places[at] + (at // len(names) - (len(groups) - 1) / 2) * 0.8 / len(groups)
        end, offset, side = (place, values.max()), (0, 3), {"ha": "center"}
        if across:
            end, offset, side = end[::-1], offset[::-1], {"va": "center"}
        ax.annotate(text, end, offset, textcoords="offset points", fontsize=13, **side)
    (ax.set_yticks if across else ax.set_xticks)(np.arange(len(names)), names)
    ax.grid(axis="y" if across else "x", visible=False)
    return containers


def _digits(values: Sequence[float]) -> int:
    """Return how many decimals say enough: none where 96.03 would say no more than 96."""
    return 2 if np.nanmax(np.abs(values)) < 10 else 0


def draw_bars(
    names: Sequence[str], values, *, title: str = "", xlabel: str = "", ylabel: str = "",
    ylim: tuple[float, float] | None = None, level: tuple[float, str] | None = None, digits: int | None = None,
    ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """Draw one bar per name, its value on top; `level` as in `draw_curves`, `digits` as in `draw_groups`.

    Raises:
        ValueError: there are not as many values as names.
    """
    values, ax = np.asarray(values, dtype=float), new_axes(ax)
    if values.shape != (len(names),):
        raise ValueError(f"expected {len(names)} values, one a name, not shape {values.shape}")
    texts = [f"{value:.{_digits(values) if digits is None else digits}f}" for value in values]
    _bars(ax, names, {"": values}, texts)
    words = [", ".join(say("{name}: {value}", name=name, value=text) for name, text in zip(names, texts, strict=True))]
    if level is not None:
        words += _level(ax, level)
        ax.legend()
    _set(ax, title=title, xlabel=xlabel, ylabel=ylabel, ylim=ylim)
    fields = {"title": title, "x_axis": xlabel, "y_axis": ylabel, "values": "; ".join(words)}
    return describe(ax, say("Bars, {title}: {y_axis} by {x_axis}. {values}.", **fields))


def draw_groups(
    names: Sequence[str], groups: Mapping[str, Sequence], *, title: str = "", xlabel: str = "", ylabel: str = "",
    ylim: tuple[float, float] | None = None, digits: int | None = None, ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """Draw one bar per group for each name, its value on top; several runs as their mean and a line, least to most.

    Args:
        names: N names along the axis.
        groups: name of a group → N values, each a number or the numbers of several runs.
        title, xlabel, ylabel, ylim, ax: as in `draw_curves`.
        digits: decimals of the values; None: two if all are below 10, else none.

    Raises:
        ValueError: a group has not as many values as there are names.
    """
    for group, values in groups.items():
        if len(values) != len(names):
            raise ValueError(f"{group}: expected {len(names)} values, one a name, not {len(values)}")
    numbers, ax = {group: [np.mean(values) for values in row] for group, row in groups.items()}, new_axes(ax)
    digits = _digits([value for row in numbers.values() for value in row]) if digits is None else digits
    means = {group: [f"{value:.{digits}f}" for value in row] for group, row in numbers.items()}
    _bars(ax, names, groups, [text for row in means.values() for text in row])
    _set(ax, title=title, xlabel=xlabel, ylabel=ylabel, ylim=ylim)
    if len(groups) > 1:
        ax.legend(ncols=len(groups))
    words = []
    for group, row in means.items():
        values = ", ".join(say("{name} {value}", name=name, value=text) for name, text in zip(names, row, strict=True))
        words.append(say("{name}: {value}", name=group, value=values) if group else values)
    template = note("Bars in groups, {title}: {y_axis}. {groups}.")
    return describe(ax, say(template, title=title, y_axis=ylabel, groups="; ".join(words)))


def still_bars(picture: dict, frame: int = 0, *, ax: Axes | None = None) -> Axes:
    """Draw frame `frame` of a picture made by `pictures.bars`; the longest bar has its own colour unless it is tied."""
    ax, values = new_axes(ax, figsize=(8, 5)), picture["values"][frame if picture["shape"][0] > 1 else 0]
    texts = [f"{value:.2f}" if value >= 0.005 else number(value, 1) for value in values]
    (drawn,) = _bars(ax, picture["rows"], {"": values}, texts, across=True)
    longest = np.flatnonzero(values >= values.max() * (1 - 1e-6))
    if len(longest) == 1:
        drawn[longest[0]].set_color(PALETTE[1])
    if picture["row"] is not None:
        drawn[picture["row"]].set(edgecolor="black", linewidth=2)
    ax.set(xlim=(0, picture["vmax"] * 1.08), xlabel=picture["value_name"], ylabel="", title=title_of(picture, frame))
    return describe(ax, picture["alternative"])


NAMED = 5  # rows of a stream that are named


def still_stream(picture: dict, frame: int = 0, *, ax: Axes | None = None) -> Axes:
    """Draw a picture made by `pictures.stream`: the rows with the highest peaks, what is largest last at the bottom.

    A row among the others is named while it leads.
    """
    ax, values, count = new_axes(ax, figsize=(8, 3.4)), picture["values"], picture["shape"][0]
    peaks = values.max(axis=0) + values[-1] + (values[-1] == values[-1].max())  # the end counts twice, its best thrice
    named = sorted(np.argsort(-peaks, kind="stable")[:NAMED], key=lambda row: -values[-1, row])
    rest = np.maximum(1 - values[:, named].sum(axis=1), 0)
    edges = np.concatenate([[-0.5], np.arange(count), [count - 0.5]])
    heights = np.pad(np.vstack([values[:, named].T, rest]), ((0, 0), (1, 1)), mode="edge")
    others = say("{count} others", count=len(picture["rows"]) - len(named))
    labels = [f"{picture['rows'][row]} {values[frame, row]:.2f}" for row in named] + [f"{others} {rest[frame]:.2f}"]
    colours = [*PALETTE[: len(named)], FAINT]
    ax.stackplot(edges, heights, labels=labels, colors=colours, alpha=0.85, edgecolor="white", linewidth=0.8)
    ax.axvline(frame, color="black", linewidth=1.5)
    thinned(ax.set_xticks, np.arange(count), picture["steps"])
    ax.set(xlim=(-0.5, count - 0.5), ylim=(0, 1), xlabel=picture["step_name"], ylabel=picture["value_name"],
           title=title_of(picture, frame))  # fmt: skip
    ax.grid(False)
    handles, texts = (part[::-1] for part in ax.get_legend_handles_labels())
    if (leader := values[frame].argmax()) not in named:
        handles.insert(1, Line2D([], [], alpha=0))
        texts.insert(1, f"↳ {picture['rows'][leader]} {values[frame, leader]:.2f}")
    ax.legend(handles, texts, loc="center left", bbox_to_anchor=(1.01, 0.5), borderaxespad=0.2)
    return describe(ax, picture["alternative"])


def still_tree(picture: dict, frame: int = 0, *, ax: Axes | None = None) -> Axes:
    """Draw step `frame` of a picture made by `pictures.tree`: the branches that are no longer kept are faint."""
    ax, beams = new_axes(ax, figsize=(8, 2.6)), picture["beams"][: frame + 1]
    alive = [set() for _ in beams]
    alive[-1] = set(range(len(beams[-1])))
    for step in range(len(beams) - 1, 0, -1):
        alive[step - 1] = {beams[step][row][0] for row in alive[step]}
    for step, beam in enumerate(beams):
        for row, (parent, word, _, end) in enumerate(beam):
            colour = PALETTE[0] if row in alive[step] else FAINT
            ax.plot([step - 1, step], [-parent if step else 0, -row], color=colour, linewidth=1.5, zorder=1)
            look = {"facecolor": "white", "edgecolor": "none", "pad": 1}
            ink = "black" if row in alive[step] else "#767676"
            text = word or ("■" if end and not (step and beams[step - 1][parent][3]) else "")
            ax.text(step, -row, text, ha="center", va="center", fontsize=13, color=ink, bbox=look if text else None)
    ax.set(xlim=(-1.1, picture["step_count"] - 0.4), ylim=(0.6 - max(map(len, picture["beams"])), 0.6))
    ax.set_title(title_of(picture, frame))
    ax.set_axis_off()
    return describe(ax, picture["alternative"])
