"""What is shown of many heads, as plain data: a small map for each, and two versions of a sentence, side by side.

Pure functions like those of `pictures`, with the same errors.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from course_utils.figures.style import SCALES
from course_utils.messages import say
from course_utils.views.pictures import TEXTS, _labels, _name, _numbers, _position, _sizes, _steps

MAX_HEADS = 32


def head_names(layers: int, heads: int) -> list[str]:
    """Return the names of all heads, layer by layer, counted from 1: "1.1", "1.2", …, "2.1", …."""
    return [f"{layer}.{head}" for layer in range(1, layers + 1) for head in range(1, heads + 1)]


def heads(
    maps, *, rows: Sequence[str], columns: Sequence[str], marked: Sequence[tuple[int, int]] = (),
    marked_name: str = "", rates: Sequence[float] | None = None, rate_name: str = "", silent: Sequence[int] = (),
    chosen: int = 0, hands: Mapping[str, str] | None = None, title: str = "", row_name: str | None = None,
    column_name: str | None = None, value_name: str | None = None, step_name: str | None = None,
    player: bool = False, interval: int = 900, height: int = 200,
) -> dict:  # fmt: skip
    """Return the picture of a grid of small maps, one for each head of each layer; a step per row of the maps.

    Args:
        maps: (layers, heads, rows, columns), 0 to 1; at most 32 heads in all.
        rows, columns: their words; the slider walks over `rows`.
        marked, marked_name: (row, column) positions with a golden dot in every map, and what a dot means.
        rates, rate_name: a number for each head, layer by layer, written above its map, and what it is called.
        silent, chosen: positions, layer by layer, of the heads that are crossed out, and of the one that is framed.
        hands: what a click sets: the ids of two models by the names `"chosen"`, whose value is a head's name, and
            `"silent"`, whose value is a list of names; None for a grid at rest.
        title, row_name, column_name, value_name, step_name, player, interval: as in `pictures.heatmap`.
        height: of the grid, pixels.
    """
    maps = np.asarray(maps, dtype=np.float64)
    if maps.ndim != 4 or not maps.size or maps.shape[0] * maps.shape[1] > MAX_HEADS:
        raise ValueError(f"maps: expected 4 dimensions and at most {MAX_HEADS} heads, not shape {maps.shape}")
    layers, per_layer, n_rows, n_columns = maps.shape
    names, count = head_names(layers, per_layer), layers * per_layer
    if not np.isfinite(maps).all() or maps.min() < 0 or maps.max() > 1 + 1e-6:
        raise ValueError("maps: expected finite values from 0 to 1")
    rows, columns = _labels(rows, n_rows, "rows"), _labels(columns, n_columns, "columns")
    marked = [[_position(r, n_rows, "marked row"), _position(c, n_columns, "marked column")] for r, c in marked]
    rates = None if rates is None else [float(rate) for rate in _numbers(rates, "rates", 1)]
    if rates is not None and len(rates) != count:
        raise ValueError(f"rates: expected {count} numbers, one for each head, not {len(rates)}")
    silent = [_position(head, count, "silent") for head in silent]
    named = {"row_name": _name(row_name, TEXTS.target), "column_name": _name(column_name, TEXTS.source)}
    named |= {"value_name": _name(value_name, TEXTS.weight)}
    chosen = _position(chosen, count, "chosen")
    alternative = say(TEXTS.heads, title=title, count=count, layers=layers, chosen=names[chosen], **named)
    if rates is not None:
        told = ", ".join(f"{name} {rate:.2f}" for name, rate in zip(names, rates, strict=True))
        alternative += " " + say(TEXTS.heads_rates, name=rate_name, rates=told)
    if silent:
        alternative += " " + say(TEXTS.heads_silent, heads=", ".join(names[head] for head in silent))
    return {
        "values": maps, "shape": list(maps.shape), "names": names, "rows": rows, "columns": columns, "marked": marked,
        "marked_name": marked_name, "rates": rates, "rate_name": rate_name, "silent": silent, "chosen": chosen,
        "hands": hands and dict(hands), "title": title, **named, "colours": SCALES["sequential"],
        **_sizes(height=height), "alternative": alternative, "rest": n_rows // 2,
        **_steps(n_rows, rows, _name(step_name, TEXTS.word), player, interval),
    }  # fmt: skip


def versions(
    texts: Sequence[Sequence[str]], names: Sequence[str], *, marked: Sequence[Sequence[int]] = ((), ()),
    notes: Sequence[str] = ("", ""), title: str = "",
) -> dict:  # fmt: skip
    """Return the picture of two versions of a sentence, one below the other, where they differ marked.

    Args:
        texts: the words of the first version and of the second; the second may be empty where there is none yet.
        names: what each version is.
        marked: positions of the words of each that the other does not have: crossed out in the first, set off in the
            second.
        notes: a short text behind each, such as a score.
        title: what is shown.
    """
    if not len(texts) == len(names) == len(marked) == len(notes) == 2 or not len(texts[0]):
        raise ValueError("expected two versions, the first with words, each with a name, marks and a note")
    lines = [
        {"name": str(name), "words": [str(word) for word in words], "note": str(note),
         "marked": [_position(at, len(words), "marked word") for at in positions]}
        for words, name, positions, note in zip(texts, names, marked, notes, strict=True)
    ]  # fmt: skip
    told = [say(TEXTS.version, name=line["name"], text=" ".join(line["words"]), note=line["note"]) for line in lines]
    return {
        "lines": lines, "title": title,
        "alternative": say(TEXTS.versions, title=title, versions="; ".join(told)), **_steps(1),
    }  # fmt: skip
