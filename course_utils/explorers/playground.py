"""The query playground: move a query among keys, and watch the weights and the weighted average follow."""

from collections.abc import Callable, Sequence

import torch

from course_utils.explorers.panel import Panel, choice, float_slider
from course_utils.measure.reading import QueryResult, query_keys
from course_utils.models.attention import Additive, General, attention, dot, scaled_dot
from course_utils.views.widgets import BarView, PlaneView

KEYS = ((1.6, 0.4), (0.5, 1.7), (-1.5, 0.6), (-0.3, -1.4))
VALUES = ((1.4, -1.3), (1.1, 1.4), (-1.3, 1.1), (-1.1, -1.5))
REACH = 2.5


def playground_scores() -> dict[str, Callable]:
    """Return name → score function of the plane: the two dot products, a bilinear one that first turns the key by a
    quarter, and an additive one with random weights, as before any training."""
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        quarter_turn = General(2, 2)
        quarter_turn.project.weight.copy_(torch.tensor([[0.0, -1.0], [1.0, 0.0]]))
        torch.manual_seed(0)
        additive = Additive(2, 2, 8)
        for weight in additive.parameters():
            weight.mul_(3)
    return {
        "dot": dot,
        "scaled dot": scaled_dot,
        "general (a quarter turn)": quarter_turn,
        "additive (untrained)": additive,
    }


def playground_sentence(found: QueryResult, temperature: float) -> str:
    """Return in words which key the query looks at most, and where the average of the values lies."""
    best, (x, y) = int(found.weights.argmax()), found.average
    spread = "it hardly looks at the others" if found.weights[best] > 0.9 else "the others still count"
    said = f"key {best + 1} has the largest weight, {found.weights[best]:.2f}; {spread}"
    if found.weights.max() - found.weights.min() < 0.05:
        said = f"all keys have nearly the same weight, about {found.weights.mean():.2f}"
    where = f"The weighted average of the values is ({x:.2f}, {y:.2f})".replace("-", "−")
    return f"At temperature {temperature:.1f} {said}. {where}."


def playground(
    query: tuple[float, float] = (1.2, 0.9),
    keys: Sequence[Sequence[float]] = KEYS,
    values: Sequence[Sequence[float]] = VALUES,
    *,
    score: str = "scaled dot",
    temperature: float = 1.0,
    attend=attention,
) -> Panel:
    """Return the query playground: query and keys in one plane, values and their average in another.

    Args:
        query: where the query begins, both numbers from −2.5 to 2.5.
        keys, values: as many values as keys, 2 to 8, two numbers each.
        score: a name in `playground_scores`.
        temperature: what scores are divided by, 0.1 to 5.
        attend: a function like `attention.attention`, such as a student's own.

    Raises:
        ValueError: a setting out of its range, or as many values as keys are not given.
    """
    if len(keys) != len(values) or not 2 <= len(keys) <= 8:
        raise ValueError(f"expected 2 to 8 keys and as many values, not {len(keys)} and {len(values)}")
    scores = playground_scores()
    controls = {
        "x": float_slider(query[0], -REACH, REACH, "query, to the right", step=0.1),
        "y": float_slider(query[1], -REACH, REACH, "query, upwards", step=0.1),
        "temperature": float_slider(temperature, 0.1, 5.0, "temperature", step=0.1),
        "score": choice(score, list(scores), "score"),
    }
    names = [f"key {at}" for at in range(1, len(keys) + 1)]
    value_names = [f"value {at}" for at in range(1, len(keys) + 1)]
    asked = PlaneView({"query": query}, title="The query among the keys", reach=REACH)
    given = PlaneView({"query": query}, title="The values and their weighted average", reach=REACH)
    bars = BarView([0.0] * len(keys), names, title="Weights", value_name="weight", vmax=1, bar_height=24)
    for view in (asked, given):
        view.layout.flex = "1 1 330px"

    def compute(x: float, y: float, temperature: float, score: str) -> tuple:
        return (x, y), temperature, query_keys((x, y), keys, values, scores[score], temperature, attend)

    def show(answer: tuple) -> str:
        place, heat, found = answer
        shares = [float(weight) for weight in found.weights]
        asked.update(
            dict(zip(names, keys, strict=True)) | {"query": place},
            shares=dict(zip(names, shares, strict=True)),
            special=["query"],
            share_name="weight",
        )
        given.update(
            {},
            points=dict(zip(value_names, values, strict=True)) | {"average": found.average},
            shares=dict(zip(value_names, shares, strict=True)),
            special=["average"],
            share_name="weight",
        )
        bars.update(shares)
        return playground_sentence(found, heat)

    return Panel(controls, compute, show, [[asked, given], bars])
