"""Positions and word order: how alike two positions are, words in another order, and the explorers of both."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from test_measure_alignment import translator as recurrent

from course_utils import explorers
from course_utils.datasets.corpus import Translations
from course_utils.datasets.text import Pair, join
from course_utils.experiments import transformer as recipes
from course_utils.explorers.positions import WIDTHS
from course_utils.measure.interventions import without_positions
from course_utils.measure.order import compare_words, read_order, written_words
from course_utils.measure.positions import read_positions
from course_utils.models.transformer import sinusoids
from course_utils.views.widgets import ChipsView, ClockView, HeatmapView


def vectors(width: int, length: int = 48) -> np.ndarray:
    return sinusoids(torch.arange(length, dtype=torch.float64), width).numpy()


def test_what_the_hands_add_is_the_likeness_and_it_knows_the_distance_alone():
    reading = read_positions(vectors(24), (3, 10))
    assert reading.added.sum() == pytest.approx(reading.likeness[3, 10])
    assert reading.likeness[3, 10] == pytest.approx(reading.likeness[33, 40])
    assert reading.likeness[10, 3] == pytest.approx(reading.likeness[3, 10])
    np.testing.assert_allclose(reading.added, reading.agreement, err_msg="hands of a sinusoid have length 1")
    assert np.linalg.norm(reading.hands, axis=-1) == pytest.approx(1)


def test_the_cosine_leaves_lengths_out_and_is_zero_for_a_vector_of_zeros():
    given = np.array([[3.0, 0.0, 0.0, 4.0], [30.0, 0.0, 0.0, 40.0], [0.0, 0.0, 0.0, 0.0]])
    reading = read_positions(given, (0, 1), "cosine")
    assert reading.likeness[0, 1] == pytest.approx(1) and reading.added == pytest.approx([0.36, 0.64])
    assert not reading.likeness[2].any()
    assert not read_positions(given, (0, 2)).agreement.any()


@pytest.mark.parametrize(
    "bad", [(np.zeros((4, 3)), (0, 1)), (np.zeros(4), (0, 1)), (np.zeros((4, 2)), (0, 4)), (np.zeros((4, 2)), (-1, 0)),
            (np.zeros((4, 2)), (0, 1), "angle")],
)  # fmt: skip
def test_what_cannot_be_compared_is_refused(bad):
    with pytest.raises(ValueError, match="expected"):
        read_positions(*bad)


def test_endings_stay_with_their_word():
    assert written_words(["책", "+을", "+도", "읽어요", "."]) == [["책", "+을", "+도"], ["읽어요"], ["."]]
    assert written_words(["+을", "+", "+는"]) == [["+을"], ["+", "+는"]], "a plus sign alone is a word"
    assert written_words([]) == []


@pytest.mark.parametrize(
    ("before", "after", "lost", "new"),
    [
        ("a b c", "a b c", [], []),
        ("a b c", "a c", [1], []),
        ("a b", "b a", [1], [0]),
        ("", "a", [], [0]),
        ("a", "", [0], []),
    ],
)
def test_words_that_two_translations_share_are_kept(before, after, lost, new):
    found = compare_words(before.split(), after.split())
    kept = [[word for at, word in enumerate(words) if at not in gone]
            for words, gone in ((found.before, found.lost), (found.after, found.new))]  # fmt: skip
    assert kept[0] == kept[1] and len(found.lost) == len(lost) and len(found.new) == len(new)
    assert found.changed == max(len(lost), len(new))


@pytest.fixture(scope="module")
def korean():
    data = Translations.course("korean")
    return recipes.load_translator("transformer_korean", data), data.test


def test_without_positions_no_order_changes_a_translation_and_afterwards_all_is_as_before(korean):
    kept, pairs = korean
    groups = written_words(pairs[4].source)
    back, usual = [*reversed(range(len(groups)))], kept.model.encoder.positions.kind
    with without_positions(kept.model):
        blind = [read_order(kept, written_words(pair.source), [*reversed(range(len(written_words(pair.source))))])
                 for pair in pairs[:10]]  # fmt: skip
    assert all(reading.changed == 0 for reading in blind)
    assert kept.model.encoder.positions.kind == usual
    assert read_order(kept, groups, back).changed > 0
    with pytest.raises(RuntimeError), without_positions(kept.model):
        raise RuntimeError
    assert kept.model.encoder.positions.kind == usual


def test_a_model_without_positions_to_switch_off_and_no_order_at_all_are_refused(korean):
    with pytest.raises(ValueError, match="has positions"), without_positions(recurrent().model):
        pass
    with pytest.raises(ValueError, match="in some order"):
        read_order(korean[0], [["a"], ["b"]], [0, 0])
    with pytest.raises(ValueError, match="has positions"):
        explorers.order_explorer(recurrent(), korean[1])


def met(panel) -> list[bool]:
    return [challenge["met"] for challenge in panel.head.challenges]


def test_the_positions_explorer_compares_what_is_dragged_and_every_challenge_can_be_met():
    panel = explorers.positions_explorer()
    assert met(panel) == [False] * 3 and "8.92" in panel.status.text
    panel.controls["places"].value = [4, 10]
    assert met(panel) == [True, False, False]
    assert [hand["column"] for hand in panel.views[0].drawn["hands"]] == [4, 10]
    panel.controls["places"].value = [25, 30]
    assert met(panel) == [True, True, False]
    panel.controls["width"].value = 4
    panel.controls["places"].value = [4, 29]
    assert met(panel) == [True] * 3 and "more than" in panel.status.text
    panel.undo()
    assert panel.settings["places"] == [25, 30]


def test_the_positions_explorer_answers_at_every_end():
    table = torch.randn(30, 6, generator=torch.Generator().manual_seed(0), requires_grad=True)
    panel = explorers.positions_explorer(learned=table)
    for kind in ("learned", "none", "sinusoidal"):
        for measure in ("cosine", "dot"):
            for places in ([0, 29], [29, 0], [7, 7]):
                panel.set({"kind": kind, "width": WIDTHS[-1], "measure": measure, "places": places})
                assert not panel.status.failed and panel.status.text
        assert panel.controls["width"].disabled == (kind != "sinusoidal")
    assert panel.views[1].drawn["count"] == WIDTHS[-1] // 2
    plt.close(panel.views[1].draw().figure)


def test_the_positions_explorer_runs_a_students_own_function():
    def mine(positions, width):
        return 0 * sinusoids(positions, width)

    panel = explorers.positions_explorer(sinusoids=mine)
    assert not panel.views[0].drawn["values"].any() and panel.browser.own


@pytest.mark.parametrize(
    "bad", [{"kind": "learned"}, {"width": 7}, {"places": (0, 48)}, {"places": (1,)}, {"learned": torch.zeros(30, 5)},
            {"learned": torch.zeros(4, 6)}, {"learned": torch.zeros(30, 6), "places": (0, 30)}, {"measure": "angle"}],
)  # fmt: skip
def test_the_positions_explorer_refuses_a_bad_beginning(bad):
    with pytest.raises(ValueError, match="expected"):
        explorers.positions_explorer(**bad)


def test_the_order_explorer_shows_both_translations_and_every_challenge_can_be_met(korean):
    panel = explorers.order_explorer(*korean)
    texts = [text for _, text in panel.controls["text"].options]
    assert len(texts) == 8 and met(panel) == [False] * 3
    seen = set()
    for text in texts:
        panel.controls["text"].value = text
        whole = panel.settings["order"]
        assert whole == sorted(whole), "another sentence begins in order"
        for at in whole[:-1]:
            panel.controls["order"].value = [*whole[:at], at + 1, at, *whole[at + 2 :]]
            one, other = panel.views[0].drawn["results"]
            assert other["before"] == other["after"], "without positions order is nothing"
            seen.add(one["before"] == one["after"])
    assert seen == {True, False} and "Positions switched off: the translation stays as it was." in panel.status.text
    draws = torch.Generator().manual_seed(0)
    for text in texts * 20:  # some order loses half of a translation's words
        panel.controls["text"].value = text
        panel.controls["order"].value = torch.randperm(len(panel.settings["order"]), generator=draws).tolist()
        if met(panel) == [True] * 3:
            break
    assert met(panel) == [True] * 3
    panel.undo()
    assert not panel.status.failed


def test_the_order_explorer_starts_where_it_is_told_and_takes_a_model_trained_blind(korean):
    kept, pairs = korean
    text = join(pairs[5].source)
    count = len(written_words(pairs[5].source))
    panel = explorers.order_explorer(kept, pairs[:10], kept, text=text, order=range(count))
    assert panel.views[0].drawn["results"][1]["name"] == "Trained without positions"
    assert panel.views[0].drawn["words"][0] == "미나가" and panel.settings["text"] == text
    for bad in ({"text": "없어요."}, {"order": [0]}):
        with pytest.raises(ValueError, match="expected"):
            explorers.order_explorer(kept, pairs[:10], **bad)
    with pytest.raises(ValueError, match="expected a source sentence"):
        explorers.order_explorer(kept, [])
    pair = Pair(["폴", "+은", "의사", "+예요"], ["no", "such", "translation"])
    assert explorers.order_explorer(kept, [pair]).settings["order"] == [0, 1], "no better sentence: the first"


def test_pictures_of_order_and_hands_refuse_what_they_cannot_show():
    result = {"name": "m", "before": ["a"], "after": ["b"], "lost": [0], "new": [0], "told": "1 word"}
    for make, expected in [
        (lambda: ClockView(np.zeros((2, 3)), [0.0], "pq"), "3 dimensions"),
        (lambda: ClockView(np.zeros((3, 2, 2)), [0.0, 0.0], "pq"), r"\(2, H, 2\)"),
        (lambda: ClockView(np.full((2, 1, 2), 0.9), [0.0], "pq"), "longer than 1"),
        (lambda: ClockView(np.zeros((2, 2, 2)), [0.0], "pq"), "one per hand"),
        (lambda: ClockView(np.zeros((2, 1, 2)), [0.0], "p"), "names: expected 2"),
        (lambda: ChipsView(["a", "b"], [0, 0], [result]), "in some order"),
        (lambda: ChipsView([], [], [result]), "in some order"),
        (lambda: ChipsView(["a"], [0], []), "one or two"),
        (lambda: ChipsView(["a"], [0], [result | {"new": [1]}]), "new: expected a position"),
        (lambda: HeatmapView(np.eye(3), hands={"p": (3, "id", 0)}), "hand: expected a position"),
        (lambda: HeatmapView(np.eye(3), hands=dict.fromkeys("pqr", (0, "id", 0))), "at most two"),
    ]:
        with pytest.raises(ValueError, match=expected):
            make()


def test_still_pictures_draw_both_positions_hands_and_say_what_changed():
    hands = read_positions(vectors(8), (1, 4)).hands
    view = ClockView(hands, [0.5] * 4, ["p 1", "q 4"], turns=["6", "63", "630", "6300"])
    ax = view.draw()
    ends = [line.get_xydata()[1] - line.get_xydata()[0] for line in ax.lines[2:]]
    turned = [np.arctan2(x, -y) for x, y in ends]
    wanted = np.arctan2(hands[..., 0], hands[..., 1]).T.ravel()
    np.testing.assert_allclose(np.cos(turned), np.cos(wanted), atol=1e-6)
    plt.close(ax.figure)
    result = {"name": "model", "before": ["a", "b"], "after": ["b", "c"], "lost": [0], "new": [1], "told": "changed"}
    view = ChipsView(["나는", "가요"], [1, 0], [result])
    ax = view.draw()
    written = {text.get_text(): text for text in ax.texts}
    boxes = [box.get_path().get_extents() for box in ax.patches]
    boxed = {name for name, text in written.items() if any(box.contains(*text.get_position()) for box in boxes)}
    assert boxed == {"나는", "가요", "c"}, "the words that can be moved, and what is new in the translation"
    assert written["가요"].get_position()[0] < written["나는"].get_position()[0]
    assert "“a b” in the sentence's order, “b c” in this one" in view.drawn["alternative"]
    plt.close(ax.figure)
