"""What the explorers of word order show, as plain data: a clock of hands, and words that can be put in another order.

Pure functions like those of `pictures`, with the same errors.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from course_utils.messages import note, say
from course_utils.views.pictures import TEXTS, _labels, _name, _numbers, _position, _sizes, _steps

MOST_HANDS = 64


def clock(
    hands, added, names: Sequence[str], *, turns: Sequence[str] = (), title: str = "", value_name: str | None = None,
    height: int = 240,
) -> dict:  # fmt: skip
    """Return the picture of two positions as clocks: a small dial for each hand, both positions' hands on it.

    Args:
        hands: (2, H, 2), the sine and the cosine of each hand at both positions; none longer than 1; at most 64.
        added: (H,), what each pair of hands adds to the similarity of the two positions.
        names: what the two positions are called.
        turns: H texts, after how many positions each hand has gone round; none are written if absent.
        title, value_name: what is shown, and what `added` is called; None for "adds".
        height: about how many pixels the dials may take together.
    """
    hands, added = _numbers(hands, "hands", 3), _numbers(added, "added", 1)
    if hands.shape[0] != 2 or hands.shape[2] != 2 or not 1 <= hands.shape[1] <= MOST_HANDS:
        raise ValueError(f"hands: expected (2, H, 2), H at most {MOST_HANDS}, not shape {hands.shape}")
    if not (np.linalg.norm(hands, axis=-1) <= 1 + 1e-6).all() or not np.isfinite(added).all():
        raise ValueError("hands: expected finite values, and no hand longer than 1")
    count = hands.shape[1]
    if len(added) != count:
        raise ValueError(f"added: expected {count} numbers, one per hand, not {len(added)}")
    value_name = _name(value_name, note("adds"))
    return {
        "values": hands, "added": added, "count": count, "names": _labels(names, 2, "names"),
        "turns": _labels(turns, count, "turns") if turns else [], "title": title, "value_name": value_name,
        "alternative": clock_alternative(title, names, added, value_name), **_sizes(height=height), **_steps(1),
    }  # fmt: skip


def clock_alternative(title: str, names: Sequence[str], added: np.ndarray, value_name: str) -> str:
    """Return what the dials say, for readers who cannot see them."""
    values = ", ".join(f"{value:.2f}" for value in added)
    fields = {"title": title, "count": len(added), "first": names[0], "second": names[1]}
    return say(TEXTS.clock, value_name=value_name, values=values, **fields)


def chips(
    words: Sequence[str], order: Sequence[int], results: Sequence[Mapping], *, control: str = "", title: str = "",
    column_name: str | None = None,
) -> dict:  # fmt: skip
    """Return the picture of a sentence whose words can be dragged, and of what was made of both orders.

    Args:
        words: the words as they are in the sentence.
        order: which of them comes first now, which second, …
        results: each `{"name", "before", "after", "lost", "new", "told"}`: who made it; the words made of the sentence
            and of this order; positions in each that the other does not have; one line on it.
        control: the id of the model whose trait `value` holds the order; words stay where they are if absent.
        title, column_name: what is shown, and the language of the words; None for "source".
    """
    words = _labels(words, len(words), "words")
    if not words or sorted(order) != list(range(len(words))):
        raise ValueError(f"order: expected the numbers 0 to {len(words) - 1} in some order, not {list(order)}")
    if not 1 <= len(results) <= 2:
        raise ValueError(f"results: expected one or two, not {len(results)}")
    shown = []
    for result in results:
        before, after = (_labels(result[name], len(result[name]), name) for name in ("before", "after"))
        marks = {name: [_position(at, len(of), name) for at in result[name]]
                 for name, of in (("lost", before), ("new", after))}  # fmt: skip
        shown.append(
            {"name": str(result["name"]), "before": before, "after": after, **marks, "told": str(result["told"])}
        )
    told = "; ".join(say(TEXTS.made, name=one["name"], before=" ".join(one["before"]), after=" ".join(one["after"]))
                     for one in shown)  # fmt: skip
    fields = {"title": title, "words": " ".join(words[at] for at in order), "results": told}
    return {
        "words": words, "order": [int(at) for at in order], "results": shown, "control": control, "title": title,
        "column_name": _name(column_name, note("source")), "alternative": say(TEXTS.chips, **fields), **_steps(1),
    }  # fmt: skip
