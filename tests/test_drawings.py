"""The drawings of the machines: what they hold, what they refuse, and how they look when held still."""

import itertools

import numpy as np
import pytest
from matplotlib.patches import PathPatch, Rectangle

from course_utils import figures
from course_utils.figures import drawings as stills
from course_utils.views import drawings
from course_utils.views.widgets import BottleneckView, CellView, LayerView, RecurrenceView, RibbonView

WEIGHTS = np.array([[0.7, 0.2, 0.1], [0.0, 0.1, 0.9]])
WORDS = {"rows": ["I", "read"], "columns": ["책", "+을", "읽어요"]}

STATES, NORMS = np.array([[0.5, -1.0], [0.0, 0.25], [1.0, 0.1]]), [0.1, 0.5, 2.0]
GATES = np.array([[1.0, 0.5], [0.25, 1.0]])
TRACES = {
    "forget": GATES,
    "input": GATES,
    "output": GATES,
    "candidate": GATES - 0.5,
    "cell": 2 * GATES,
    "hidden": GATES,
}
SENTENCE = {"rows": ["the", "red", "door"], "columns": ["porte", "rouge"]}
PASSING, DEPENDENCE = np.linspace(-1, 1, 20).reshape(5, 4), np.array([[1.0, 0.0], [0.5, 1.0]])

LENGTHS, LEVELS, LOOKS = np.ones((6, 3)), np.full((4, 3), 2.0), np.full((2, 3, 3), 1 / 3)

BAD = [
    (RibbonView, "from 0 to 1", [WEIGHTS + 1], WORDS),
    (RibbonView, "finite", [WEIGHTS * np.nan], WORDS),
    (RibbonView, "from 0 to 1", [-WEIGHTS], WORDS),
    (RibbonView, "2 dimensions", [WEIGHTS[0]], WORDS),
    (RibbonView, "rows: expected 2 labels", [WEIGHTS], WORDS | {"rows": ["I"]}),
    (RibbonView, "columns: expected 3 labels", [WEIGHTS], WORDS | {"columns": ["책"]}),
    (RibbonView, "marked row: expected a position from 0 to 1", [WEIGHTS], WORDS | {"marked": [(2, 0)]}),
    (RibbonView, "20 milliseconds", [WEIGHTS], WORDS | {"interval": 1}),
    (RecurrenceView, "from −1 to 1", [2 * STATES, NORMS, "abc"], {}),
    (RecurrenceView, "from −1 to 1", [np.where(STATES == 1, np.nan, STATES), NORMS, "abc"], {}),
    (RecurrenceView, "letters: expected 3 labels", [STATES, NORMS, "ab"], {}),
    (RecurrenceView, "expected 3 finite norms", [STATES, NORMS[:2], "abc"], {}),
    (RecurrenceView, "zero or more", [STATES, [-1, 0.5, 2], "abc"], {}),
    (RecurrenceView, "the last of them positive", [STATES, [1, 1, 0], "abc"], {}),
    (RecurrenceView, "at most 16 steps and 24 units", [np.zeros((3, 25)), NORMS, "abc"], {}),
    (CellView, "traces: expected forget, input", [{"forget": GATES}, "ab"], {}),
    (CellView, "of one shape", [TRACES | {"cell": np.zeros((3, 2))}, "ab"], {}),
    (CellView, "finite values", [TRACES | {"cell": np.array([[1, np.nan], [0, 0]])}, "ab"], {}),
    (CellView, "gates from 0 to 1", [TRACES | {"forget": GATES + 0.5}, "ab"], {}),
    (CellView, "letters: expected 2 labels", [TRACES, "abc"], {}),
    (CellView, "unit: expected a position from 0 to 1", [TRACES, "ab"], {"unit": 2}),
    (CellView, "units: expected 2 labels", [TRACES, "ab"], {"units": ["one"]}),
    (CellView, "at most 16", [{name: np.zeros((17, 1)) for name in TRACES}, "a" * 17], {}),
    (BottleneckView, "a state for each of 2 \\+ 3 words", [PASSING[:4], DEPENDENCE], SENTENCE),
    (BottleneckView, "a dependence \\(2, 2\\)", [PASSING, np.eye(3)], SENTENCE),
    (BottleneckView, "dependence: expected finite values from 0 to 1", [PASSING, 2 * DEPENDENCE], SENTENCE),
    (BottleneckView, "from −1 to 1", [2 * PASSING, DEPENDENCE], SENTENCE),
    (BottleneckView, "at most 48 units", [np.zeros((5, 49)), DEPENDENCE], SENTENCE),
    (BottleneckView, "a state for each", [PASSING[:2], DEPENDENCE], SENTENCE | {"rows": []}),
    (LayerView, "sizes \\(6, 3\\)", [LENGTHS[:5], LEVELS, LOOKS, "abc"], {}),
    (LayerView, "streams \\(4, 2\\)", [LENGTHS, LEVELS, LOOKS, "ab"], {}),
    (LayerView, "weights", [LENGTHS, LEVELS, LOOKS[:, :2], "abc"], {}),
    (LayerView, "3 dimensions", [LENGTHS, LEVELS, LOOKS[0], "abc"], {}),
    (LayerView, "from 0 to 1", [LENGTHS, LEVELS, LOOKS + 1, "abc"], {}),
    (LayerView, "zero or more", [-LENGTHS, LEVELS, LOOKS, "abc"], {}),
    (LayerView, "chosen: expected a position", [LENGTHS, LEVELS, LOOKS, "abc"], {"chosen": 3}),
    (LayerView, "and 8 heads", [LENGTHS, LEVELS, np.full((9, 3, 3), 0.1), "abc"], {}),
    (BottleneckView, "linked column: expected a position", [PASSING, DEPENDENCE], SENTENCE | {"links": [(0, 2)]}),
    (RecurrenceView, "at most 16 steps", [np.zeros((17, 2)), np.ones(17), "a" * 17], {}),
]


@pytest.mark.parametrize(("view", "expected", "arrays", "settings"), BAD)
def test_a_bad_drawing_is_refused_with_what_was_expected(view, expected, arrays, settings):
    with pytest.raises(ValueError, match=expected):
        view(*arrays, **settings)


def widths(ax) -> list[float]:
    """Return the widths of the curves of a still drawing, in points."""
    return [patch.get_linewidth() for patch in ax.patches if type(patch) is PathPatch]


def test_ribbons_have_a_step_for_every_target_word_and_name_the_widest():
    picture = drawings.ribbons(WEIGHTS, **WORDS, marked=[(1, 2)], marked_name="gold link")
    assert picture["step_count"] == 2 and picture["steps"] == ["I", "read"] and picture["marked"] == [[1, 2]]
    assert "I ← 책 0.70; read ← 읽어요 0.90" in picture["alternative"]
    assert "(gold link): 1." in picture["alternative"]


def test_a_ribbon_is_as_wide_as_its_weight_and_earlier_words_stay():
    view = RibbonView(WEIGHTS, **WORDS)
    first = widths(stills.still_ribbons(view.drawn, 0))
    assert np.array(first) / sum(first) == pytest.approx(WEIGHTS[0])
    view.update(frame=1)
    both = widths(view.draw())
    assert both[:3] == pytest.approx(first)
    assert np.array(both[3:]) / sum(both[3:]) == pytest.approx(WEIGHTS[1][1:] / WEIGHTS[1][1:].sum()), "none of 0"


def test_a_golden_line_is_drawn_at_its_own_step_alone():
    view = RibbonView(WEIGHTS, **WORDS, marked=[(1, 0)])
    assert len(widths(stills.still_ribbons(view.drawn, 0))) == 3
    view.update(frame=1)
    assert len(widths(view.draw())) == 3 + 2 + 2, "a line and its dark edge"


@pytest.mark.parametrize("count", [1, 4, 40])
def test_words_stay_apart_and_inside_the_still_drawing(count):
    words = [f"word{at}" for at in range(count)]
    ax = RibbonView(np.full((1, count), 1 / count), rows=["a"], columns=words).draw()
    ax.figure.canvas.draw()
    room = ax.get_window_extent()
    boxes = [text.get_window_extent() for text in ax.texts if text.get_text().startswith("word")]
    assert all(room.x0 - 1 <= box.x0 and box.x1 <= room.x1 + 1 for box in boxes)
    assert all(left.x1 <= right.x0 + 1 for left, right in itertools.pairwise(boxes))
    assert "ribbons from each" in figures.description(ax)


def texts(ax) -> list[str]:
    return [text.get_text() for text in ax.texts]


def test_a_recurrence_is_a_loop_then_reads_every_letter_then_sends_the_gradient_back():
    picture = drawings.recurrence(STATES, NORMS, "abc", title="Reads")
    assert picture["step_count"] == 1 + 3 + 3
    assert picture["steps"][1] == "reads a" and picture["steps"][-1] == "back at a", "the first letter is reached last"
    assert picture["gradients"] == pytest.approx([0.05, 0.25, 1.0]), "shares of the last"
    assert (picture["values"][0] == 0).all() and (picture["values"][1:] == STATES).all()
    assert "reads a b c" in picture["alternative"] and "1, 0.25, 0.05" in picture["alternative"]


@pytest.mark.parametrize(("frame", "boxes", "shares"), [(0, 1, 0), (1, 1, 0), (3, 3, 0), (4, 3, 1), (6, 3, 3)])
def test_a_still_recurrence_shows_what_was_read_and_how_far_the_gradient_came(frame, boxes, shares):
    ax = stills.still_recurrence(drawings.recurrence(STATES, NORMS, "abc"), frame)
    assert texts(ax).count("W") == boxes
    assert [text for text in texts(ax) if text in ("1", "0.25", "0.05")] == ["1", "0.25", "0.05"][:shares]
    assert sum(type(patch) is Rectangle for patch in ax.patches) == 3 * (1 + min(frame, 3)), "two units and a frame"
    assert len(widths(ax)) == shares
    assert widths(ax) == sorted(widths(ax), reverse=True)


def test_a_story_that_has_not_begun_is_drawn_where_it_shows_most():
    view = RecurrenceView(STATES, NORMS, "abc")
    assert len(widths(view.draw())) == 3
    view.update(frame=1)
    assert widths(view.draw()) == []


def test_a_cell_has_a_step_for_every_letter_and_tells_of_the_unit_shown():
    picture = drawings.lstm_cell(TRACES, "ab", unit=1, title="Unit")
    assert picture["steps"] == ["a", "b"] and picture["units"] == ["1", "2"]
    assert "the cell of unit 2 while the network reads a b: 1.00, 2.00" in picture["alternative"]


def test_a_still_cell_writes_every_number_of_its_step_on_its_wire():
    view = CellView(TRACES, "ab", unit=1)
    view.update(frame=1)
    found = texts(view.draw())
    assert {"c_prev 1.00", "f · c_prev 1.00", "i · g 0.50", "g 0.50", "c_t 2.00", "h_t 1.00"} <= set(found)
    assert {"forget 1.00", "input 1.00", "output 1.00"} <= set(found)
    first = texts(stills.still_cell(view.drawn, 0))
    assert "c_prev 0.00" in first, "before the first letter there is nothing"


def test_still_drawings_have_text_that_can_be_read_from_the_last_row():
    views = [
        CellView(TRACES, "ab"),
        BottleneckView(PASSING, DEPENDENCE, **SENTENCE),
        RecurrenceView(STATES, NORMS, "abc"),
        RibbonView(WEIGHTS, **WORDS),
    ]
    assert min(text.get_fontsize() for view in views for text in view.draw().texts) >= 13


def test_a_bottleneck_reads_hands_over_and_writes():
    picture = drawings.bottleneck(PASSING, DEPENDENCE, **SENTENCE, title="Through one state")
    assert picture["step_count"] == 2 + 1 + 3 and picture["steps"][2] == "hands over"
    assert "reads “porte rouge” and hands over one state of 4 numbers" in picture["alternative"]
    assert "writes “the red door”" in picture["alternative"]


@pytest.mark.parametrize(("frame", "threads", "written"), [(0, 1, 0), (1, 2, 0), (2, 0, 0), (3, 0, 1), (5, 0, 3)])
def test_a_still_bottleneck_leaves_words_behind_and_writes_one_after_another(frame, threads, written):
    picture = drawings.bottleneck(PASSING, DEPENDENCE, **SENTENCE, links=[(0, 0), (1, 1), (2, 0)])
    ax = stills.still_bottleneck(picture, frame)
    curves = [patch for patch in ax.patches if type(patch) is PathPatch and patch.get_facecolor()[3] == 0]
    assert len(curves) == threads + (written > 0)
    if frame == 1:
        assert curves[0].get_linewidth() == pytest.approx(0.5 * curves[1].get_linewidth()), "as it depends on them"
    assert [word for word in texts(ax) if word in SENTENCE["rows"]] == SENTENCE["rows"][:written]
    assert texts(ax).count("1") == 1 + (written > 0) + (written > 2), "numbered as the word it translates"


@pytest.mark.parametrize(
    ("frame", "ribbons", "joins"), [(0, 0, 0), (1, 1, 1), (2, 2, 1), (3, 8, 1), (4, 9, 2), (7, 11, 3)]
)
def test_a_still_layer_grows_from_the_words_upwards(frame, ribbons, joins):
    picture = drawings.layer(LENGTHS, LEVELS, LOOKS, "abc", chosen=1)
    ax = stills.still_layer(picture, frame)
    assert len(widths(ax)) == ribbons and len([text for text in texts(ax) if text == "+"]) == joins
    followed = [text for text in texts(ax) if text.startswith("+ 1.0 → 2.0")]
    assert len(followed) == joins
    assert picture["steps"][frame] in texts(ax)


def test_a_layer_tells_of_the_word_that_it_follows():
    looks = LOOKS.copy()
    looks[1, 2] = [0.1, 0.9, 0.0]
    told = drawings.layer(LENGTHS, LEVELS, looks, ["one", "two", "three"], chosen=2)["alternative"]
    assert "“three”" in told and "two (0.90)" in told and "leaves with 2.0" in told
