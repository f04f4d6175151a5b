import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils import figures
from course_utils.views.widgets import BarView, LineView, StreamView, margins


def test_curves_draw_what_they_are_given():
    ax = figures.draw_curves([1, 2, 4], {"a": [3, 2, 1], "b": [[1, 1, 1], [3, 3, 3]]}, title="T", log_y=True)
    a, b = ax.get_lines()
    assert a.get_ydata().tolist() == [3, 2, 1] and b.get_ydata().tolist() == [2, 2, 2]
    assert a.get_linestyle() == "-" and b.get_linestyle() == "--" and a.get_color() != b.get_color()
    assert len(ax.collections) == 1, "one band, for the curve measured twice"
    assert ax.collections[0].get_paths()[0].get_extents().intervaly.tolist() == [1, 3], "from least to most"
    assert ax.get_yscale() == "log" and [text.get_text() for text in ax.texts] == ["a", "b"]


def test_curves_are_told_in_words_made_from_the_data():
    ax = figures.draw_curves([0, 10], {"loss": [5.0, 0.25]}, xlabel="step", ylabel="nats", level=(1.0, "guessing"))
    text = figures.description(ax)
    assert "loss goes from 5 at 0 to 0.25 at 10" in text and "guessing is 1" in text and "nats against step" in text


def test_the_middle_of_several_runs_may_be_their_median():
    runs = {"a": [[1, 1], [2, 10], [9, 1000]]}
    mean, median = figures.draw_curves([0, 1], runs), figures.draw_curves([0, 1], runs, middle="median")
    assert mean.get_lines()[0].get_ydata().tolist() == [4, 337]
    assert median.get_lines()[0].get_ydata().tolist() == [2, 10]
    assert "a (median of 3) goes from 2 at 0 to 10 at 1" in figures.description(median)
    with pytest.raises(ValueError, match="expected one of mean, median"):
        figures.draw_curves([0, 1], runs, middle="best")
    with pytest.raises(ValueError, match="expected 2 values"):
        figures.draw_curves([0, 1], {"a": [1, 2, 3]})


def test_a_gap_stays_a_gap_in_the_picture_and_is_left_out_of_the_words():
    ax = figures.draw_curves([0, 1, 2], {"a": [np.nan, 1, 2]})
    assert "from 1 at 1 to 2 at 2" in figures.description(ax)
    runs = figures.draw_curves(range(5), {"a": [[1, 1, np.nan, 3, 3], [3, 3, 3, 5, 5]]})
    assert [line.get_xdata().tolist() for line in runs.get_lines()] == [[0, 1], [3, 4]], "no line across the gap"


def test_charts_draw_on_the_axes_they_are_given():
    _, (left, right) = plt.subplots(1, 2)
    assert figures.draw_curves([0, 1], {"a": [0, 1]}, ax=left) is left
    assert figures.draw_bars(["a"], [1], ax=right) is right


def test_bars_say_every_value():
    ax = figures.draw_bars(["short", "long"], [0.25, 0.5], ylabel="share", level=(0.1, "guessing"))
    assert [bar.get_height() for bar in ax.patches] == [0.25, 0.5]
    text = figures.description(ax)
    assert "short: 0.25, long: 0.50" in text and "guessing is 0.1" in text
    whole = figures.draw_bars(["short"], [85.54], digits=0)
    assert [label.get_text() for label in whole.texts] == ["86"] and "short: 86." in figures.description(whole)
    with pytest.raises(ValueError, match="expected 2 values"):
        figures.draw_bars(["a", "b"], [1.0])


def test_groups_stand_side_by_side_and_show_the_spread_of_their_runs():
    ax = figures.draw_groups(["a", "b"], {"Korean": [1.0, [1.0, 3.0]], "French": [0.5, 0.25]}, title="T", ylabel="AER")
    assert [round(bar.get_height(), 2) for bar in ax.patches] == [1.0, 2.0, 0.5, 0.25]
    assert [line.get_ydata().tolist() for line in ax.get_lines() if np.isfinite(line.get_ydata()).all()] == [[1.0, 3.0]]
    korean, french = ax.containers
    assert korean[0].get_hatch() != french[0].get_hatch(), "nothing by colour alone"
    assert korean[0].get_x() + korean[0].get_width() < french[0].get_x(), "a gap between the groups"
    assert "Korean: a 1.00, b 2.00; French: a 0.50, b 0.25" in figures.description(ax)
    with pytest.raises(ValueError, match="French: expected 2 values"):
        figures.draw_groups(["a", "b"], {"French": [1.0]})


def test_bars_of_equal_names_and_without_a_value_keep_their_places():
    ax = figures.draw_bars(["l", "l", "o"], [0.25, 0.5, np.nan])
    assert [bar.get_height() for bar in ax.patches] == [0.25, 0.5]
    assert [text.xy[0] for text in ax.texts] == [0, 1, 2]


def test_still_curves_and_bars_draw_the_frame_that_is_shown():
    values = np.abs(np.random.default_rng(0).normal(size=(3, 4, 5)))
    line = LineView(np.arange(1, 6), {"a": values[:, 0]}, bands={"a": (values[:, 0] - 1, values[:, 0] + 1)}, frame=1)
    ax = line.draw()
    assert (ax.lines[0].get_ydata() == values[1, 0]).all()
    band = ax.collections[0].get_paths()[0].get_extents().intervaly
    np.testing.assert_allclose(band, [values[1, 0].min() - 1, values[1, 0].max() + 1])
    bar = BarView(values[0], "abcde", row=2)
    bar.update(frame=3)
    ax = bar.draw()
    assert [patch.get_width() for patch in ax.patches] == list(values[0, 3])
    assert ax.patches[2].get_edgecolor() == (0, 0, 0, 1), "the framed row"


def test_a_tie_has_no_longest_bar():
    colours = {patch.get_facecolor() for patch in BarView([0.25] * 4, list("abcd")).draw().patches}
    assert len(colours) == 1
    assert len({patch.get_facecolor() for patch in BarView([0.25, 0.5], list("ab")).draw().patches}) == 2


def test_curves_are_named_at_their_ends_where_there_is_room_else_in_a_legend():
    apart = figures.draw_curves([1, 2, 3], {"low": [1, 1, 1], "high": [2, 3, 4]}, level=(2, "guessing"))
    assert apart.get_legend() is None
    low, guessing, high = sorted(apart.texts, key=lambda text: text.get_window_extent().y0)
    assert [text.get_text() for text in (low, guessing, high)] == ["low", "guessing", "high"]
    assert low.get_color() == apart.lines[0].get_color()
    crowded = figures.draw_curves([1, 2, 3], {name: [1, 2, 3] for name in "abcde"})
    assert len(crowded.get_legend().get_texts()) == 5 and not crowded.texts
    long_name = figures.draw_curves([1, 2], {"a name that is longer than there is room": [1, 2], "b": [2, 1]})
    assert long_name.get_legend() is not None
    given = figures.draw_curves([1, 2], {"a": [1, 2], "b": [3, 4]}, ax=plt.subplots()[1])
    assert given.get_legend() is not None, "beside other axes there is no room at the ends"


def test_names_at_the_ends_never_touch():
    ax = figures.draw_curves([1, 2, 3], {"one": [1, 2, 2.00], "two": [3, 2, 2.05], "three": [0, 4, 4.0]})
    ax.figure.draw_without_rendering()
    boxes = sorted((text.get_window_extent() for text in ax.texts), key=lambda box: box.y0)
    assert len(boxes) == 3
    assert all(high.y0 >= low.y1 - 4 for low, high in itertools.pairwise(boxes))


def test_the_one_place_to_see_is_marked_and_told():
    ax = figures.draw_curves([1, 10, 100], {"a": [1, 2, 3]}, log_x=True, mark=(10, "from here on"))
    assert "from here on" in [text.get_text() for text in ax.texts]
    assert "marked at 10: from here on" in figures.description(ax)
    (text,) = ax.texts
    curve = ax.transData.transform(ax.lines[0].get_xydata())
    assert not any(text.get_window_extent().contains(*point) for point in curve)


@pytest.mark.parametrize(("value", "text"), [(96.03, "96"), (0.876, "0.88"), (9.5, "9.50"), (1234.5, "1234")])
def test_numbers_on_bars_have_the_digits_that_say_enough(value, text):
    bars = figures.draw_bars(["a"], [value], title="T")
    groups = figures.draw_groups(["a"], {"g": [[value, value]]}, title="T")
    assert [label.get_text() for label in bars.texts] == [label.get_text() for label in groups.texts] == [text]
    assert figures.draw_bars(["a"], [value], digits=1).texts[0].get_text() == f"{value:.1f}"


def test_a_still_stream_names_who_leads_and_nothing_of_it_is_cut():
    shares = np.full((2, 18), 0.8 / 17)
    shares[0, 17] = 0.2
    shares[1] = [1 / 6] * 6 + [0.0] * 12
    view = StreamView(shares, [f"Lithuanian{k}" for k in range(18)], steps="ab")
    left, right, *_ = margins(view.drawn, view.kind)
    figure = plt.figure(figsize=(8, view.inches()))
    ax = figure.add_axes([left / 8, 0.2, (8 - left - right) / 8, 0.6])
    view.draw(ax)
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert legend[1] == "↳ Lithuanian17 0.20" and len(legend) == 7
    figure.canvas.draw()
    for part in (ax.get_legend(), ax.yaxis.label):
        box = part.get_window_extent()
        assert box.x0 >= 0 and box.x1 <= figure.bbox.x1, part
    view.update(frame=1)
    assert not any("↳" in text.get_text() for text in view.draw().get_legend().get_texts())
