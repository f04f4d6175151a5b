"""What the drawings of the machines show, as plain data: attention's ribbons, a recurrence, a cell, a translator.

Pure functions like those of `pictures`, with the same errors.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from course_utils.figures.style import SCALES
from course_utils.messages import note, say
from course_utils.views.pictures import TEXTS, _labels, _name, _numbers, _position, _steps

MAX_UNITS, MAX_STEPS = 24, 16  # of a recurrence; more would be too small to see


def _shares(values, name: str) -> np.ndarray:
    """Return a matrix of values from 0 to 1."""
    shares = _numbers(values, name, 2)
    if not np.isfinite(shares).all() or shares.min() < 0 or shares.max() > 1 + 1e-6:
        raise ValueError(f"{name}: expected finite values from 0 to 1")
    return shares


def ribbons(
    weights, *, rows: Sequence[str], columns: Sequence[str], marked: Sequence[tuple[int, int]] = (),
    marked_name: str = "", title: str = "", row_name: str | None = None, column_name: str | None = None,
    value_name: str | None = None, step_name: str | None = None, player: bool = True, interval: int = 900,
    guess: bool = False, height: int | None = None,
) -> dict:  # fmt: skip
    """Return the picture of two lines of words, joined by ribbons as wide as the weights; a step per target word.

    Args:
        weights: (rows, columns), 0 to 1: how wide the ribbon to each word of the column sentence is at each step.
        rows, columns: the words of both sentences; the slider walks over `rows`.
        marked: (row, column) positions joined by a thin golden line at that step, such as links known to be true.
        marked_name: what such a line means, for the legend.
        title, row_name, column_name, value_name, step_name: what is shown, the two sentences' names, what a ribbon's
            width means, and what a step is called; None for "target", "source", "weight" and "word".
        player, interval: as in `pictures.heatmap`.
        guess: whether the reader guesses a marked word at each step, by a click, before ribbons and lines are shown;
            the guesses are counted.
        height: about how many pixels the words and ribbons may take; decided by the view if absent.
    """
    weights = _shares(weights, "weights")
    n_rows, n_columns = weights.shape
    rows, columns = _labels(rows, n_rows, "rows"), _labels(columns, n_columns, "columns")
    marked = [[_position(r, n_rows, "marked row"), _position(c, n_columns, "marked column")] for r, c in marked]
    names = {"row_name": _name(row_name, note("target")), "column_name": _name(column_name, note("source"))}
    names |= {"value_name": _name(value_name, note("weight"))}
    pairs = "; ".join(
        say(TEXTS.pair, target=row, source=columns[share.argmax()], weight=share.max())
        for row, share in zip(rows, weights, strict=True)
    )
    alternative = say(TEXTS.ribbons, title=title or say(TEXTS.ribbon_title), pairs=pairs, **names)
    if marked:
        meaning = marked_name or say(TEXTS.marked)
        alternative += " " + say(TEXTS.ribbons_marked, count=len(marked), meaning=meaning)
    return {
        "values": weights, "rows": rows, "columns": columns, "marked": marked, "marked_name": marked_name,
        "title": title, **names, "alternative": alternative, "guess": guess, "height": height,
        "rest": n_rows // 2,
        **_steps(n_rows, rows, _name(step_name, note("word")), player, interval),
    }  # fmt: skip


def recurrence(
    states, gradients, letters: Sequence[str], *, title: str = "", value_name: str | None = None,
    player: bool = True, interval: int = 900,
) -> dict:  # fmt: skip
    """Return the picture of a recurrent network that reads letter by letter, and of the gradient on its way back.

    The first frame shows the network with its loop, the next T read a letter each, the last T bring the gradient back
    to one state each, the last state first.

    Args:
        states: (T, H), −1 to 1: the state after each letter; at most 24 units.
        gradients: (T,): the gradient's norm at each of these states, zero or more. It is shown as a share of the last.
        letters: T labels, at most 16.
        title, value_name: what is shown, and what a colour means; None for "state".
        player, interval: as in `pictures.heatmap`.
    """
    states, gradients = _numbers(states, "states", 2), _numbers(gradients, "gradients", 1)
    count, units = states.shape
    letters = _labels(letters, count, "letters")
    if units > MAX_UNITS or count > MAX_STEPS:
        raise ValueError(f"states: expected at most {MAX_STEPS} steps and {MAX_UNITS} units, not shape {states.shape}")
    if not (np.abs(states) <= 1 + 1e-6).all():
        raise ValueError("states: expected finite values from −1 to 1")
    if len(gradients) != count or not np.isfinite(gradients).all() or gradients.min() < 0 or gradients[-1] <= 0:
        raise ValueError(f"gradients: expected {count} finite norms of zero or more, the last of them positive")
    shares = gradients / gradients[-1]
    steps = [say("as a loop"), *(say("reads {letter}", letter=letter) for letter in letters)]
    steps += [say("back at {letter}", letter=letter) for letter in reversed(letters)]
    template = note("{title}: a recurrent network reads {letters}, one state after each letter. The gradient of the "
                    "loss at the end reaches them, from the last to the first, with the shares {shares}.")  # fmt: skip
    back = ", ".join(f"{share:.2g}" for share in reversed(shares))
    word = " ".join(letters)
    return {
        "values": np.concatenate([np.zeros((1, units)), states]), "shape": [count + 1, units], "gradients": shares,
        "letters": letters, "title": title, "value_name": _name(value_name, note("state")),
        "colours": SCALES["diverging"], "rest": 2 * count,
        "alternative": say(template, title=title or say("Recurrence"), letters=word, shares=back),
        **_steps(len(steps), steps, say("RNN"), player, interval),
    }  # fmt: skip


TRACES = ("forget", "input", "candidate", "output", "cell", "hidden")


def lstm_cell(
    traces: Mapping[str, Sequence], letters: Sequence[str], *, units: Sequence | None = None, unit: int = 0,
    title: str = "", step_name: str | None = None, player: bool = True, interval: int = 900,
) -> dict:  # fmt: skip
    """Return the picture of an LSTM's cell, one unit at a time: valves for gates, a pipe for the cell.

    In the browser a valve can be held; cell and state of the unit then follow from the other gates as they were.

    Args:
        traces: `"forget"`, `"input"`, `"output"` (0 to 1), `"candidate"`, `"hidden"` (−1 to 1) and `"cell"`, each
            (T, H): what the layer did at every step, its cell zero before the first.
        letters: T labels, what is read at each step; at most 16.
        units, unit: names of the H units, 1, 2, … if none are given; the position of the unit that is shown first.
        title, step_name: what is shown, and what a step is called; None for "letter".
        player, interval: as in `pictures.heatmap`.
    """
    if set(traces) != set(TRACES):
        raise ValueError(f"traces: expected {', '.join(TRACES)}, not {', '.join(traces)}")
    arrays = {name: _numbers(traces[name], name, 2) for name in TRACES}
    shape = arrays["cell"].shape
    if any(array.shape != shape or not np.isfinite(array).all() for array in arrays.values()):
        raise ValueError(f"traces: expected finite values of one shape, not {[a.shape for a in arrays.values()]}")
    if any(arrays[name].min() < 0 or arrays[name].max() > 1 for name in ("forget", "input", "output")):
        raise ValueError("traces: expected gates from 0 to 1")
    if len(letters) > MAX_STEPS:
        raise ValueError(f"letters: expected at most {MAX_STEPS}, not {len(letters)}")
    letters, units = _labels(letters, shape[0], "letters"), _labels(units, shape[1], "units")
    unit = _position(unit, shape[1], "unit")
    told = {name: ", ".join(f"{value:.2f}" for value in arrays[name][:, unit]) for name in ("cell", "forget", "input")}
    template = note("{title}: the cell of unit {unit} while the network reads {letters}: {cell}. Its forget gate: "
                    "{forget}. Its input gate: {input}.")  # fmt: skip
    fields = {"title": title or say("LSTM cell"), "unit": units[unit], "letters": " ".join(letters)}
    return {
        "traces": arrays, "letters": letters, "units": units, "unit": unit, "title": title,
        "colours": SCALES["diverging"], "rest": shape[0] // 2, "alternative": say(template, **fields, **told),
        **_steps(shape[0], letters, _name(step_name, note("letter")), player, interval),
    }  # fmt: skip


def bottleneck(
    states, dependence, *, rows: Sequence[str], columns: Sequence[str], links: Sequence[tuple[int, int]] = (),
    title: str = "", row_name: str | None = None, column_name: str | None = None, value_name: str | None = None,
    player: bool = True, interval: int = 900,
) -> dict:  # fmt: skip
    """Return the picture of a sentence read into one state, and of another written from it.

    The first S frames read a word each, the next hands the state over, the last T write a word each.

    Args:
        states: (S + T, H), −1 to 1: the state after each word read, then after each word written; at most 48 units.
        dependence: (S, S), 0 to 1: how much the state after each word read depends on each word.
        rows, columns: the T words written and the S words read, at most 16 each.
        links: (row, column) positions of words that translate each other: target words are then numbered as these.
        title, row_name, column_name, value_name: what is shown, the two sentences' names, and what a colour means;
            None for "target", "source" and "state".
        player, interval: as in `pictures.heatmap`.
    """
    states, dependence = _numbers(states, "states", 2), _shares(dependence, "dependence")
    read, written = len(columns), len(rows)
    if states.shape[0] != read + written or dependence.shape != (read, read) or not written:
        raise ValueError(
            f"expected a state for each of {read} + {written} words and a dependence ({read}, {read}), not "
            f"{states.shape} and {dependence.shape}"
        )
    if max(read, written) > MAX_STEPS or states.shape[1] > 2 * MAX_UNITS or not (np.abs(states) <= 1 + 1e-6).all():
        raise ValueError(
            f"expected at most {MAX_STEPS} words a side, and at most {2 * MAX_UNITS} units from −1 to 1, not shape "
            f"{states.shape}"
        )
    rows, columns = _labels(rows, written, "rows"), _labels(columns, read, "columns")
    links = [[_position(r, written, "linked row"), _position(c, read, "linked column")] for r, c in links]
    names = {"row_name": _name(row_name, note("target")), "column_name": _name(column_name, note("source"))}
    steps = [say("reads {letter}", letter=word) for word in columns]
    steps += [say("hands over"), *(say("writes {word}", word=word) for word in rows)]
    template = note("{title}: the encoder reads “{source}” and hands over one state of {units} numbers; the "
                    "decoder writes “{target}”.")  # fmt: skip
    fields = {"title": title or say("Bottleneck"), "source": " ".join(columns), "target": " ".join(rows)}
    return {
        "values": states, "shape": list(states.shape), "dependence": dependence, "rows": rows, "columns": columns,
        "links": links, "title": title, **names, "value_name": _name(value_name, note("state")),
        "colours": SCALES["diverging"], "rest": read + written,
        "alternative": say(template, units=states.shape[1], **fields),
        **_steps(len(steps), steps, say("step"), player, interval),
    }  # fmt: skip


MOST_HEADS = 8


def layer(
    sizes, streams, weights, words: Sequence[str], *, chosen: int = 0, title: str = "", player: bool = True,
    interval: int = 1800,
) -> dict:  # fmt: skip
    """Return the picture of one layer of a Transformer: each word's stream, and what is added to it on its way up.

    Eight frames: the word's vector, its position's, norm, the heads, their sum with the stream, norm, the feed-forward
    network, its sum with the stream. One word at a time is followed; the reader chooses which.

    Args:
        sizes: (6, T), lengths of the vectors of word and position, of what is read after the first norm, what all heads
            add, what is read after the second norm, and what the network adds.
        streams: (4, T), lengths of the stream after word, position, heads and network.
        weights: (N, T, T), 0 to 1: of each head, of each word (row) on each; at most 8 heads.
        words: T labels, at most 16.
        chosen: the position of the word that is followed first.
        title, player, interval: as in `pictures.heatmap`.
    """
    sizes, streams, weights = (
        _numbers(sizes, "sizes", 2),
        _numbers(streams, "streams", 2),
        _numbers(weights, "weights", 3),
    )
    count, heads = len(words), weights.shape[0]
    if sizes.shape != (6, count) or streams.shape != (4, count) or weights.shape[1:] != (count, count):
        raise ValueError(
            f"expected sizes (6, {count}), streams (4, {count}) and weights (N, {count}, {count}), not {sizes.shape}, "
            f"{streams.shape} and {weights.shape}"
        )
    if count > MAX_STEPS or heads > MOST_HEADS:
        raise ValueError(f"expected at most {MAX_STEPS} words and {MOST_HEADS} heads, not {count} and {heads}")
    lengths = np.concatenate([sizes, streams])
    if not np.isfinite(lengths).all() or lengths.min() < 0 or not np.isfinite(weights).all():
        raise ValueError("sizes and streams: expected finite lengths of zero or more")
    _shares(weights.reshape(heads, -1), "weights")
    words, chosen = _labels(words, count, "words"), _position(chosen, count, "chosen")
    steps = [say("word"), say("+ position"), say("layer norm"), say("heads"), say("+ heads"), say("layer norm")]
    steps += [say("feed-forward"), say("+ feed-forward")]
    most = ", ".join(f"{words[head[chosen].argmax()]} ({head[chosen].max():.2f})" for head in weights)
    template = note(
        "{title}: the stream of “{word}” in “{words}” begins with length {first:.1f}, and is {placed:.1f} with its "
        "position. The heads add {attended:.1f}; they look most at {most}. The feed-forward network adds {fed:.1f}; "
        "the stream leaves with {last:.1f}."
    )
    fields = {"first": streams[0, chosen], "placed": streams[1, chosen], "attended": sizes[3, chosen]}
    fields |= {"fed": sizes[5, chosen], "last": streams[3, chosen], "most": most, "word": words[chosen]}
    return {
        "sizes": sizes, "streams": streams, "weights": weights, "heads": heads, "words": words, "chosen": chosen,
        "title": title, "rest": 7,
        "alternative": say(template, title=title or say("Transformer layer"), words=" ".join(words), **fields),
        **_steps(len(steps), steps, say("step"), player, interval),
    }  # fmt: skip
