"""The query playground: drag query, keys and values, and watch the weights and the weighted average follow."""

from collections.abc import Callable, Sequence

import numpy as np
import torch

from course_utils.explorers.browser import Browser, pack_weights, score_weights
from course_utils.explorers.challenges import Challenge
from course_utils.explorers.panel import Hand, Panel, menu, slider
from course_utils.measure.reading import QueryResult, query_keys
from course_utils.messages import note, say
from course_utils.messages.explorers import PLAYGROUND, playground_sentence
from course_utils.messages.labels import options
from course_utils.models.attention import Additive, General, attention, dot, scaled_dot
from course_utils.views.widgets import PipelineView, PlaneView

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

    All of them can be dragged, by pointer and by arrow keys.

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
    places = {"query": [*query], "keys": [[*key] for key in keys], "values": [[*value] for value in values]}
    if not all(np.abs(np.array(place, dtype=float)).max() <= REACH for place in places.values()):
        raise ValueError(f"query, keys and values: expected numbers from {-REACH} to {REACH}, not {places}")
    scores = playground_scores()
    hands = {name: Hand(value=place) for name, place in places.items()}
    controls = hands | {
        "temperature": slider(temperature, 0.1, 5.0, say("temperature"), step=0.1),
        "score": menu(score, options("playground_score", scores), say("score")),
    }
    names, value_names = ([say(template, number=at) for at in range(1, len(keys) + 1)]
                          for template in (note("key {number}"), note("value {number}")))  # fmt: skip
    query_name, average_name, marks = say("query"), say("average"), range(len(keys))
    look = {"reach": REACH, "share_name": say("weight"), "height": 222}
    grips = {name: (hands["keys"].model_id, at) for at, name in enumerate(names)}
    key_plane = PlaneView(
        {query_name: query}, hands={query_name: (hands["query"].model_id, None)}, special=[query_name],
        title=say("Query and keys"), **look,
    )  # fmt: skip
    value_plane = PlaneView({query_name: query}, title=say("Values, averaged"), **look)
    stages = PipelineView(
        np.zeros((3, len(keys))), names, [say("score"), say("exp(score)"), say("weight")], marks=marks,
        sums=[False, True, True], high=[None, None, 1], title=say("Scores ÷ temperature → weights"), height=246,
    )  # fmt: skip
    for view, width in ((key_plane, 215), (value_plane, 215), (stages, 280)):
        view.layout.flex = f"1 1 {width}px"

    def compute(query, keys, values, temperature: float, score: str) -> tuple[dict, QueryResult]:
        places = {"query": query, "keys": keys, "values": values, "temperature": temperature}
        return places, query_keys(query, keys, values, scores[score], temperature, attend)

    def show(result: tuple[dict, QueryResult]) -> str:
        places, (found, weights, average) = result
        shares, value_shares = dict(zip(names, weights, strict=True)), dict(zip(value_names, weights, strict=True))
        arrows = dict(zip(names, places["keys"], strict=True)) | {query_name: places["query"]}
        points = dict(zip(value_names, places["values"], strict=True)) | {average_name: average}
        key_plane.update(
            arrows, shares=shares, marks=dict(zip(names, marks, strict=True)),
            hands=grips | {query_name: (hands["query"].model_id, None)},
        )  # fmt: skip
        value_plane.update(
            {}, points=points, shares=value_shares, special=[average_name], hull=value_names,
            marks=dict(zip(value_names, marks, strict=True)),
            hands={name: (hands["values"].model_id, at) for at, name in enumerate(value_names)},
        )  # fmt: skip
        stages.update(np.stack([found, np.exp(found), weights]))
        return playground_sentence(weights, average, places["temperature"])

    def facts(result: tuple[dict, QueryResult]) -> dict[str, float]:
        places, (_, weights, average) = result
        away = np.hypot(*(average - np.array(places["values"][-1])))
        return {"largest": float(weights.max()), "spread": float(np.ptp(weights)), "away": float(away)}

    one = {"temperature": (0.95, 1.05)}
    challenges = [
        Challenge(say("Equal weights, at temperature 1"), {"spread": (0, 0.02)} | one),
        Challenge(say("A weight of 0.95, at temperature 1"), {"largest": (0.95, 1)} | one),
        Challenge(say("The average on value {number}", number=len(values)), {"away": (0, 0.1)}),
    ]
    known = {name: score_weights(function) for name, function in scores.items()}
    data = {
        "scores": {id: {"name": name, "weights": pack_weights(weights)} for id, (name, weights) in known.items()},
        "keyNames": names, "valueNames": value_names, "queryName": query_name, "averageName": average_name,
    }  # fmt: skip
    browser = Browser("playground", data, PLAYGROUND, own=attend is not attention)
    return Panel(
        controls, compute, show, [[key_plane, value_plane, stages]], title=say("One query looks at some keys"),
        hint=say("Drag the query, the keys and the values. Can the average leave the shaded area?"),
        challenges=challenges, facts=facts, made_by=playground, browser=browser,
    )  # fmt: skip
