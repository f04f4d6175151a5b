import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils import figures
from course_utils.views import scenes
from course_utils.views.widgets import HeatmapView, PlaneView, SentenceView

KEYS = {"query": (1.0, 0.5), "key 1": (0, 2)}
WEIGHTS = np.array([[0.7, 0.2, 0.1], [0.0, 0.1, 0.9]])
WORDS = {"rows": ["I", "read"], "columns": ["책", "+을", "읽어요"]}


def test_a_plane_holds_every_arrow_and_point_with_its_share():
    picture = scenes.plane(KEYS, points={"v1": (1, -1)}, shares={"key 1": 0.25}, special=["query"])
    assert [(item["name"], item["kind"], item["share"], item["special"]) for item in picture["items"]] == [
        ("query", "arrow", None, True),
        ("key 1", "arrow", 0.25, False),
        ("v1", "point", None, False),
    ]
    assert "key 1 at (0.00, 2.00), share 0.25" in picture["alternative"]


@pytest.mark.parametrize(
    ("arrows", "options", "said"),
    [
        ({}, {}, "at least one"),
        ({"a": (1, 2, 3)}, {}, "two finite numbers for 'a'"),
        ({"a": (1, np.nan)}, {}, "two finite numbers"),
        ({"a": (1, 2)}, {"shares": {"b": 0.5}}, "these names only"),
        ({"a": (1, 2)}, {"shares": {"a": 1.5}}, "from 0 to 1"),
        ({"a": (1, 2)}, {"special": ["b"]}, "these names only"),
        ({"a": (1, 2)}, {"points": {"a": (0, 0)}}, "these names only"),
        ({"a": (1, 2)}, {"reach": 0}, "positive reach"),
        ({str(k): (k, k) for k in range(13)}, {}, "at most 12"),
    ],
)
def test_a_plane_says_what_it_expected(arrows, options, said):
    with pytest.raises(ValueError, match=said):
        scenes.plane(arrows, **options)


def test_a_sentence_has_a_step_for_every_row_and_names_the_brightest_word():
    picture = scenes.sentence(WEIGHTS, **WORDS, marked=[(1, 2)])
    assert picture["step_count"] == 2 and picture["marked"] == [[1, 2]]
    assert "I ← 책 0.70; read ← 읽어요 0.90" in picture["alternative"]


@pytest.mark.parametrize(
    ("weights", "options", "said"),
    [
        (WEIGHTS + 1, WORDS, "from 0 to 1"),
        (WEIGHTS * np.nan, WORDS, "finite"),
        (WEIGHTS, WORDS | {"rows": ["I"]}, "2 labels"),
        (WEIGHTS, WORDS | {"marked": [(2, 0)]}, "inside"),
        (WEIGHTS[0], WORDS, "2 dimensions"),
    ],
)
def test_a_sentence_says_what_it_expected(weights, options, said):
    with pytest.raises(ValueError, match=said):
        scenes.sentence(weights, **options)


def test_still_pictures_show_what_the_views_hold():
    ax = PlaneView(KEYS, shares={"key 1": 0.25}, title="Plane").draw()
    assert {text.get_text() for text in ax.texts} >= {"query", "key 1 0.25"}
    view = SentenceView(WEIGHTS, **WORDS, marked=[(0, 0)])
    view.update(frame=1)
    ax = view.draw()
    boxes = {text.get_text(): text for text in ax.texts}
    assert boxes["읽어요"].get_bbox_patch().get_facecolor()[3] == pytest.approx(0.9)
    assert boxes["read"].get_bbox_patch() is not None and boxes["I"].get_bbox_patch() is None
    assert "읽어요 0.90" in figures.description(ax)


def test_long_sentences_break_into_lines():
    words = [f"word{k}" for k in range(30)]
    ax = SentenceView(np.full((1, 30), 1 / 30), rows=["a"], columns=words).draw()
    assert len({text.get_position()[1] for text in ax.texts}) > 2
    assert max(text.get_position()[0] for text in ax.texts) < ax.get_xlim()[1]


def test_names_stay_inside_the_still_plane():
    points = {"to the right": (2.2, 0.4), "to the left": (-2.2, -1.0), "in the middle": (0.2, 1.0)}
    ax = PlaneView({}, points=points, shares=dict.fromkeys(points, 0.3)).draw()
    ax.figure.canvas.draw()
    room = ax.get_window_extent()
    for text in ax.texts:
        box = text.get_window_extent()
        assert room.x0 <= box.x0 and box.x1 <= room.x1, text.get_text()


def test_column_names_of_the_still_heatmap_do_not_touch():
    columns = ["이", "젊", "+은", "남자", "+는", "나무", "아래", "+에서", "공부하", "+고", "있", "+어요", "?"]
    drawn = HeatmapView(np.zeros((2, 13)), columns=columns)
    _, ax = plt.subplots(figsize=(4, 3))
    ax = drawn.draw(ax)
    ax.figure.canvas.draw()
    boxes = [label.get_window_extent() for label in ax.get_xticklabels()]
    assert all(a.x1 <= b.x0 for a, b in itertools.pairwise(boxes))
    plt.close("all")
