import itertools
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgba

from course_utils import figures
from course_utils.figures import style
from course_utils.views.widgets import HeatmapView

WEIGHTS = np.array([[0.7, 0.2, 0.1], [0.0, 0.1, 0.9]])


def values_of(ax):
    """Return the matrix that a heatmap shows, missing values masked."""
    return ax.collections[0].get_array()


def labels(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


def gates(steps=4, units=3):
    return np.random.default_rng(0).uniform(0.2, 0.8, (steps, units))


def test_matrix_shows_labels_and_says_where_the_highest_is():
    ax = figures.draw_matrix([[0, 1], [2, 9]], rows=["r", "s"], columns=["가", "나"], value_name="share")
    assert labels(ax.xaxis) == ["가", "나"]
    assert "row s, column 나" in figures.description(ax) and not ax.texts
    numbered = figures.draw_matrix([[0.125, 1.0]], numbers=True)
    assert [text.get_text() for text in numbered.texts] == ["0.12", "1.00"]


def test_attention_is_drawn_with_the_gold_links_outlined():
    ax = figures.draw_attention(WEIGHTS, ["책", "+을", "읽어요"], ["I", "read"], [(2, 1), (0, 0)])
    np.testing.assert_array_equal(values_of(ax), WEIGHTS)
    assert {patch.get_xy() for patch in ax.patches} == {(2, 1), (0, 0)}
    assert labels(ax.yaxis) == ["I", "read"]
    words = figures.description(ax)
    assert "read ← 읽어요 0.90" in words and "2 of these are among the 2 gold links" in words
    ax.figure.canvas.draw()


def test_attention_says_what_it_expected():
    with pytest.raises(ValueError, match=r"\(2, 2\), not \(2, 3\)"):
        figures.draw_attention(WEIGHTS, ["a", "b"], ["I", "read"])
    for link in ((0, 2), (3, 0), (-1, 0)):
        with pytest.raises(ValueError, match=re.escape(f"not {link}: are the sides swapped")):
            figures.draw_attention(WEIGHTS, ["a", "b", "c"], ["I", "read"], [link])


def test_each_array_gets_a_heatmap_with_time_to_the_right():
    values = {"forget gate": gates(), "cell": 3 * gates() - 4}
    figure = figures.draw_gates(values, list("word"), title="A title")
    maps = [ax for ax in figure.axes if ax.get_label() != "<colorbar>"]
    assert [ax.get_ylabel() for ax in maps] == ["forget gate", "cell"]
    for ax, array in zip(maps, values.values(), strict=True):
        np.testing.assert_allclose(values_of(ax), array.T)
    assert labels(maps[-1].xaxis) == list("word")


def test_gates_share_one_scale_and_the_rest_is_centred_on_zero():
    figure = figures.draw_gates({"gate": gates(), "cell": 5 * gates()}, list("word"))
    gate, cell = (ax.collections[0] for ax in figure.axes if ax.get_label() != "<colorbar>")
    assert gate.get_clim() == (0, 1)
    low, high = cell.get_clim()
    assert -low == high == pytest.approx((5 * gates()).max())


def test_the_text_alternative_is_made_from_the_numbers():
    values = np.full((3, 2), 0.5)
    values[1] = 0.9
    text = figures.description(figures.draw_gates({"input gate": values}, ["a", "b", "c"]))
    assert "highest, 0.90, at step 2, lowest, 0.50, at step 1." in text


@pytest.mark.parametrize(("values", "words"), [({}, "at least one"), ({"input gate": gates(5)}, "expected 4 rows")])
def test_bad_arrays_are_refused(values, words):
    with pytest.raises(ValueError, match=words):
        figures.draw_gates(values, list("word"))


def test_a_still_heatmap_draws_the_frame_that_is_shown_and_greys_what_is_missing():
    values = np.abs(np.random.default_rng(0).normal(size=(3, 4, 5)))
    assert (values_of(HeatmapView(values, frame=2).draw()) == values[2]).all()
    ax = HeatmapView([[1, np.nan, np.inf], [0, 1e-5, 1]], log=True).draw()
    assert values_of(ax).mask.tolist() == [[False, True, True], [False, False, False]]
    assert ax.get_facecolor() == to_rgba(style.MISSING)


def test_still_heatmap_outlines_in_gold_and_labels_the_axes():
    links = {"outlined": [(0, 0), (2, 1)], "outlined_name": "gold link"}
    ax = HeatmapView(np.eye(3), rows=["그녀는", "b", "c"], row_name="target", **links).draw()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["gold link"]
    assert len([patch for patch in ax.patches if patch.get_edgecolor()[:2] == (1.0, 215 / 255)]) == 2
    assert labels(ax.yaxis) == ["그녀는", "b", "c"]
    assert ax.get_ylabel() == "target"


def test_still_heatmap_keeps_round_numbers_of_many_rows():
    ax = HeatmapView(np.zeros((128, 2)), title="states", cursor="column", frame=1).draw()
    assert labels(ax.yaxis) == ["20", "40", "60", "80", "100", "120"]
    assert ax.get_yticks().tolist() == [19.5, 39.5, 59.5, 79.5, 99.5, 119.5]
    assert ax.get_title(loc="left") == "states", "the cursor marks the step; the title has room for itself alone"
    odd = HeatmapView(np.zeros((13, 2)), rows=range(0, 26, 2)).draw()
    assert labels(odd.yaxis) == ["0", "4", "8", "12", "16", "20", "24"]


def test_column_names_of_the_still_heatmap_do_not_touch():
    columns = ["이", "젊", "+은", "남자", "+는", "나무", "아래", "+에서", "공부하", "+고", "있", "+어요", "?"]
    drawn = HeatmapView(np.zeros((2, 13)), columns=columns)
    _, ax = plt.subplots(figsize=(4, 3))
    ax = drawn.draw(ax)
    ax.figure.canvas.draw()
    boxes = [label.get_window_extent() for label in ax.get_xticklabels()]
    assert all(a.x1 <= b.x0 for a, b in itertools.pairwise(boxes))
