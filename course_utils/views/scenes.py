"""More pictures for browser-held views, as plain data: a plane with arrows and points, and words lighting up.

Pure functions like those of `pictures`; `views` sends what they return to the browser, `figures.scenes` draws it.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from course_utils.views.picture_checks import checked, labels, sizes, stepping

MAX_ITEMS = 12


def _places(items: Mapping[str, Sequence[float]], kind: str) -> dict[str, list[float]]:
    """Return name → [x, y], or raise a ValueError that says what was expected."""
    if len(items) > MAX_ITEMS:
        raise ValueError(f"{kind}: expected at most {MAX_ITEMS}, not {len(items)}")
    places = {name: np.asarray(place, dtype=np.float64) for name, place in items.items()}
    for name, place in places.items():
        if place.shape != (2,) or not np.isfinite(place).all():
            raise ValueError(f"{kind}: expected two finite numbers for {name!r}, not {place.tolist()}")
    return {name: place.tolist() for name, place in places.items()}


def plane(
    arrows: Mapping[str, Sequence[float]],
    *,
    points: Mapping[str, Sequence[float]] | None = None,
    shares: Mapping[str, float] | None = None,
    special: Sequence[str] = (),
    title: str = "",
    share_name: str = "share",
    reach: float = 2.5,
    height: int = 300,
) -> dict:
    """Return the picture of arrows from the origin, and of points, in a plane.

    Args:
        arrows: name → (x, y) of the tip.
        points: name → (x, y).
        shares: name → 0 to 1; a larger share makes a thicker arrow or a larger point. Those without one are thin.
        special: names set off by a colour of their own, such as the query or an average.
        title, share_name: what is shown, and what a share means.
        reach: both axes go from −reach to reach.
        height: of the plot, pixels.

    Raises:
        ValueError: too many items, places that are not two finite numbers, shares outside 0 to 1 or of unknown
            names, or a reach that is not positive.
    """
    items = {"arrow": _places(arrows, "arrows"), "point": _places(points or {}, "points")}
    names = [*items["arrow"], *items["point"]]
    shares = {name: float(share) for name, share in (shares or {}).items()}
    if not names or len(set(names)) < len(names) or not {*shares, *special} <= set(names):
        raise ValueError(f"expected at least one arrow or point, and shares of these names only: {names}")
    if not all(0 <= share <= 1 + 1e-9 for share in shares.values()) or not reach > 0:
        raise ValueError(f"expected shares from 0 to 1 and a positive reach, not {shares} and {reach}")
    drawn = [
        {"name": name, "kind": kind, "x": x, "y": y, "share": shares.get(name), "special": name in special}
        for kind, places in items.items()
        for name, (x, y) in places.items()
    ]
    said = (
        f"{item['name']} at ({item['x']:.2f}, {item['y']:.2f})"
        + ("" if item["share"] is None else f", {share_name} {item['share']:.2f}")
        for item in drawn
    )
    return {
        "items": drawn, "title": title, "share_name": share_name, "reach": float(reach), **sizes(height=height),
        "alternative": f"Plane {title!r}: {'; '.join(said)}.", **stepping(1, None, "step", False, 250),
    }  # fmt: skip


def sentence(
    weights,
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    marked: Sequence[tuple[int, int]] = (),
    title: str = "",
    row_name: str = "target",
    column_name: str = "source",
    value_name: str = "weight",
    step_name: str = "word",
    player: bool = True,
    interval: int = 900,
    lines: int = 3,
) -> dict:
    """Return the picture of two sentences: the words of one light up as the other is written word by word.

    Args:
        weights: (rows, columns), 0 to 1: how bright each word of the column sentence is at each step.
        rows, columns: the words of both sentences; the slider walks over `rows`.
        marked: (row, column) positions whose word is framed at that step, such as links known to be true.
        title, row_name, column_name, value_name, step_name: what is shown, the two sentences' names, what
            brightness means, and what a step is called.
        player, interval: as in `pictures.heatmap`.
        lines: rows of words that each sentence has room for, so that nothing below jumps.

    Raises:
        ValueError: weights outside 0 to 1, labels that do not fit, or a marked position outside.
    """
    weights = checked(weights, "weights", (2,))
    if not np.isfinite(weights).all() or weights.min() < 0 or weights.max() > 1 + 1e-6:
        raise ValueError("weights: expected finite values from 0 to 1")
    n_rows, n_columns = weights.shape
    rows, columns = labels(rows, n_rows, "rows"), labels(columns, n_columns, "columns")
    marked = [[int(row), int(column)] for row, column in marked]
    if not all(0 <= row < n_rows and 0 <= column < n_columns for row, column in marked):
        raise ValueError(f"marked: expected positions inside ({n_rows}, {n_columns}), not {marked}")
    best = weights.argmax(axis=1)
    said = "; ".join(
        f"{row} ← {columns[at]} {share[at]:.2f}" for row, share, at in zip(rows, weights, best, strict=True)
    )
    return {
        "values": weights, "rows": rows, "columns": columns, "marked": marked, "title": title,
        "row_name": row_name, "column_name": column_name, "value_name": value_name, "lines": lines,
        "alternative": f"{title or 'Sentences'}: for each {row_name} word the brightest {column_name} word and its "
        f"{value_name}: {said}.",
        **stepping(n_rows, rows, step_name, player, interval),
    }  # fmt: skip
