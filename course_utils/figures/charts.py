"""Curves and bars, as a lesson's figures and as the still pictures of views."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from course_utils.figures.style import DASHES, PALETTE, describe, new_axes, thinned, title_of
from course_utils.messages import note, say
from course_utils.messages.numbers import number

MARKERS = ["o", "s", "^", "D", "v", "P", "X"]
MIDDLES = {"mean": np.mean, "median": np.median}
HATCHES = ["", "//", "..", "xx"]


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


def draw_curves(
    x, curves: Mapping[str, Sequence], *, title: str = "", xlabel: str = "", ylabel: str = "", log_x: bool = False,
    log_y: bool = False, markers: bool = False, ylim: tuple[float, float] | None = None,
    level: tuple[float, str] | None = None, middle: str = "mean", ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """Draw named curves over one x; a curve measured several times as its middle with a band from least to most.

    Args:
        x: `(N,)`.
        curves: name → `(N,)`, or `(runs, N)`. NaN leaves a gap.
        title, xlabel, ylabel, ylim: texts, axis labels with units; ends of the y axis.
        log_x, log_y, markers: logarithmic axes; mark the points, where there are few of them.
        level: a height to mark by a thin line, and its name, such as the accuracy of guessing.
        middle: of several runs, "mean" or "median"; on a log axis a mean is close to its largest run.
        ax: axes to draw on; None makes a new figure.

    Raises:
        ValueError: a curve has not as many values as x, or there is no such middle.
    """
    if middle not in MIDDLES:
        raise ValueError(f"middle: expected one of {', '.join(MIDDLES)}, not {middle!r}")
    x, ax, words = np.asarray(x), new_axes(ax), []
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
    if len(curves) + (level is not None) > 1:
        ax.legend()
    x_axis, y_axis = (say("{name} (log axis)", name=name) if log else name
                      for name, log in ((xlabel, log_x), (ylabel, log_y)))  # fmt: skip
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


def draw_bars(
    names: Sequence[str], values, *, title: str = "", xlabel: str = "", ylabel: str = "",
    ylim: tuple[float, float] | None = None, level: tuple[float, str] | None = None, digits: int = 2,
    ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """Draw one bar per name, its value with `digits` decimals on top; `level` as in `draw_curves`.

    Raises:
        ValueError: there are not as many values as names.
    """
    values, ax = np.asarray(values, dtype=float), new_axes(ax)
    if values.shape != (len(names),):
        raise ValueError(f"expected {len(names)} values, one a name, not shape {values.shape}")
    texts = [f"{value:.{digits}f}" for value in values]
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
    ylim: tuple[float, float] | None = None, ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """Draw one bar per group for each name, its value on top; several runs as their mean and a line, least to most.

    Args:
        names: N names along the axis.
        groups: name of a group → N values, each a number or the numbers of several runs.
        title, xlabel, ylabel, ylim, ax: as in `draw_curves`.

    Raises:
        ValueError: a group has not as many values as there are names.
    """
    for group, values in groups.items():
        if len(values) != len(names):
            raise ValueError(f"{group}: expected {len(names)} values, one a name, not {len(values)}")
    means, ax = {group: [f"{np.mean(values):.2f}" for values in row] for group, row in groups.items()}, new_axes(ax)
    _bars(ax, names, groups, [text for row in means.values() for text in row])
    _set(ax, title=title, xlabel=xlabel, ylabel=ylabel, ylim=ylim)
    if len(groups) > 1:
        ax.legend(ncols=len(groups))
    words = []
    for group, row in means.items():
        values = ", ".join(say("{name} {value}", name=name, value=text) for name, text in zip(names, row, strict=True))
        words.append(say("{name}: {value}", name=group, value=values))
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
