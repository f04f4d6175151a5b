"""The query playground: move a query among keys, and watch the weights and the weighted average follow."""

from collections.abc import Callable, Sequence

import torch

from course_utils.explorers.panel import Panel, menu, slider
from course_utils.measure.reading import QueryResult, query_keys
from course_utils.messages import note, say
from course_utils.messages.explorers import playground_sentence
from course_utils.messages.labels import options
from course_utils.models.attention import Additive, General, attention, dot, scaled_dot
from course_utils.views.widgets import BarView, PlaneView

KEYS = ((1.6, 0.4), (0.5, 1.7), (-1.5, 0.6), (-0.3, -1.4))
VALUES = ((1.4, -1.3), (1.1, 1.4), (-1.3, 1.1), (-1.1, -1.5))
REACH = 2.5


def playground_scores() -> dict[str, Callable]:
    """Return id → score function of the plane: the two dot products, a bilinear one that first turns the key by a
    quarter, and an additive one with random weights, as before any training."""
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        quarter_turn = General(2, 2).float()  # whatever a student's default dtype is
        quarter_turn.project.weight.copy_(torch.tensor([[0.0, -1.0], [1.0, 0.0]]))
        torch.manual_seed(0)
        additive = Additive(2, 2, 8).float()
        for weight in additive.parameters():
            weight.mul_(3)
    return {"dot": dot, "scaled_dot": scaled_dot, "quarter_turn": quarter_turn, "additive": additive}


def playground(
    query: tuple[float, float] = (1.2, 0.9), keys: Sequence[Sequence[float]] = KEYS,
    values: Sequence[Sequence[float]] = VALUES, *, score: str = "scaled_dot", temperature: float = 1.0,
    attend=attention,
) -> Panel:  # fmt: skip
    """Return the query playground: query and keys in one plane, values and their average in another.

    Args:
        query: where the query starts, both numbers from −2.5 to 2.5.
        keys, values: as many values as keys, 2 to 8, two numbers each.
        score: an id in `playground_scores`.
        temperature: what scores are divided by, 0.1 to 5.
        attend: a function like `models.attention.attention`, such as a student's own.

    Raises:
        ValueError: a setting out of its range, or as many values as keys are not given.
    """
    if len(keys) != len(values) or not 2 <= len(keys) <= 8:
        raise ValueError(f"expected 2 to 8 keys and as many values, not {len(keys)} and {len(values)}")
    scores = playground_scores()
    controls = {
        "x": slider(query[0], -REACH, REACH, say("query, to the right"), step=0.1),
        "y": slider(query[1], -REACH, REACH, say("query, upwards"), step=0.1),
        "temperature": slider(temperature, 0.1, 5.0, say("temperature"), step=0.1),
        "score": menu(score, options("playground_score", scores), say("score")),
    }
    names, value_names = ([say(template, number=at) for at in range(1, len(keys) + 1)]
                          for template in (note("key {number}"), note("value {number}")))  # fmt: skip
    query_name, average_name = say("query"), say("average")
    look = {"reach": REACH, "share_name": say("weight")}
    key_plane = PlaneView({query_name: query}, title=say("The query among the keys"), **look)
    value_plane = PlaneView({query_name: query}, title=say("The values and their weighted average"), **look)
    key_plane.layout.flex = value_plane.layout.flex = "1 1 330px"
    zeros = [0.0] * len(keys)
    bars = BarView(zeros, names, title=say("Weights"), value_name=say("weight"), vmax=1, bar_height=24)

    def compute(x: float, y: float, temperature: float, score: str) -> tuple:
        return (x, y), temperature, query_keys((x, y), keys, values, scores[score], temperature, attend)

    def show(result: tuple[tuple[float, float], float, QueryResult]) -> str:
        place, temperature, (_, weights, average) = result
        shares, value_shares = dict(zip(names, weights, strict=True)), dict(zip(value_names, weights, strict=True))
        arrows = dict(zip(names, keys, strict=True)) | {query_name: place}
        points = dict(zip(value_names, values, strict=True)) | {average_name: average}
        key_plane.update(arrows, shares=shares, special=[query_name])
        value_plane.update({}, points=points, shares=value_shares, special=[average_name])
        bars.update(weights)
        return playground_sentence(weights, average, temperature)

    return Panel(controls, compute, show, [[key_plane, value_plane], bars])
