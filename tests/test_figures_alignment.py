import warnings

import pytest

from course_utils import figures
from course_utils.datasets import corpus
from course_utils.figures import style


def test_the_squares_are_the_links():
    ax = figures.draw_alignment(["나", "+는", "자"], ["I", "sleep"], [(0, 0), (2, 1)], source_name="Korean")
    (mesh,) = ax.collections
    assert mesh.get_array().tolist() == [[1, 0, 0], [0, 0, 1]], "rows are target words, columns source words"
    assert [label.get_text() for label in ax.get_xticklabels()] == ["나", "+는", "자"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["I", "sleep"]
    assert ax.get_xlabel() == "Korean word" and ax.get_ylim() == (2, 0), "the first target word stands on top"


def test_words_without_a_link_are_grey():
    ax = figures.draw_alignment(["나", "+는", "자"], ["I", "sleep"], [(0, 0), (2, 1)])
    assert [label.get_color() for label in ax.get_xticklabels()] == ["black", "0.55", "black"]


@pytest.mark.parametrize("source", ["korean", "french"])
def test_a_gold_alignment_is_drawn_without_a_missing_glyph(source):
    pair = corpus.load_translations(source, split="long")[0]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        style.png(figures.draw_alignment(pair.source, pair.target, pair.alignment))


def test_words_say_what_is_linked_and_whether_links_cross():
    straight = figures.draw_alignment(["a", "b"], ["x", "y"], [(0, 0), (1, 1)])
    crossed = figures.draw_alignment(["a", "b"], ["x", "y"], [(0, 1), (1, 0)])
    assert "x with a, y with b; no links cross" in figures.description(straight)
    assert "x with b, y with a; some links cross" in figures.description(crossed)


@pytest.mark.parametrize("links", [[(2, 0)], [(0, 2)], [(-1, 0)]])
def test_positions_outside_the_sentence_are_refused(links):
    with pytest.raises(ValueError, match="swapped"):
        figures.draw_alignment(["a", "b"], ["x", "y"], links)


def test_an_empty_side_is_refused():
    with pytest.raises(ValueError, match="at least one word"):
        figures.draw_alignment([], ["x"], [])
