import numpy as np
import pytest
from matplotlib.patches import FancyArrowPatch

from course_utils import figures
from course_utils.views.widgets import PlaneView

WEIGHTS = np.array([[0.7, 0.2, 0.1], [0.0, 0.1, 0.9]])
WORDS = {"rows": ["I", "read"], "columns": ["책", "+을", "읽어요"]}


def test_vectors_orders_and_paths_describe_themselves():
    ax = figures.draw_vectors({"query": (1, 0.5), "key": (-1, 0)}, title="Two")
    assert {text.get_text() for text in ax.texts} >= {"query", "key"}
    assert "query to (1, 0.5)" in figures.description(ax)
    assert "No step waits" in figures.description(figures.draw_orders())
    unrolled = figures.draw_unrolled(3, title="T")
    assert "states 0 to 3" in figures.description(unrolled)
    assert [text.get_text() for text in unrolled.texts].count("W_hh") == 3
    with pytest.raises(ValueError, match="at least two steps"):
        figures.draw_unrolled(1)
    paths = figures.draw_paths(["그", "책", "을"])
    assert "in 2 steps" in figures.description(paths) and "9 arrows" in figures.description(paths)
    with pytest.raises(ValueError, match="two words or more"):
        figures.draw_paths(["one"])


def test_still_pictures_show_what_the_views_hold():
    ax = PlaneView({"query": (1.0, 0.5), "key 1": (0, 2)}, shares={"key 1": 0.25}, title="Plane").draw()
    assert {text.get_text() for text in ax.texts} >= {"query", "key 1 0.25"}


def test_names_stay_inside_the_still_plane():
    points = {"to the right": (2.2, 0.4), "to the left": (-2.2, -1.0), "in the middle": (0.2, 1.0)}
    ax = PlaneView({}, points=points, shares=dict.fromkeys(points, 0.3)).draw()
    ax.figure.canvas.draw()
    room = ax.get_window_extent()
    for text in ax.texts:
        box = text.get_window_extent()
        assert room.x0 <= box.x0 and box.x1 <= room.x1, text.get_text()


def test_steps_are_boxes_row_by_row_with_an_arrow_between_any_two():
    ax = figures.draw_steps({f"step {at}": f"fault {at}" for at in range(6)}, title="The way", per_row=4)
    texts = {text.get_text(): text.get_position() for text in ax.texts}
    assert texts["step 0"][1] == texts["step 3"][1] > texts["step 4"][1] and texts["step 0"][0] == texts["step 4"][0]
    assert sum(isinstance(patch, FancyArrowPatch) for patch in ax.patches) == 5
    assert "step 0 (fault 0), step 1 (fault 1)" in figures.description(ax)
    figures.draw_steps({"alone": ""})
    with pytest.raises(ValueError, match="at least one step"):
        figures.draw_steps({})
