"""Figures and explorers of lesson 4, without a browser."""

import numpy as np
import pytest
import torch
from test_measure_alignment import PAIRS, translator

from course_utils.datasets.text import join
from course_utils.explorers import attention_explorer, playground, translation_explorer
from course_utils.explorers.attention import attention_facts
from course_utils.explorers.playground import KEYS, VALUES, playground_scores
from course_utils.measure.reading import query_keys
from course_utils.messages.explorers import attention_sentence
from course_utils.models.attention import dot


def test_a_look_by_hand():
    found = query_keys([1, 0], [[1, 0], [0, 1]], [[10, 0], [0, 10]], dot)
    np.testing.assert_allclose(found.scores, [1, 0])
    weight = np.e / (np.e + 1)
    np.testing.assert_allclose(found.weights, [weight, 1 - weight], rtol=1e-6)
    np.testing.assert_allclose(found.average, [10 * weight, 10 * (1 - weight)], rtol=1e-6)


def test_temperature_sharpens_and_flattens():
    sharp, flat = (query_keys([1, 0], KEYS, VALUES, dot, heat).weights for heat in (0.01, 1000))
    assert sharp.max() > 0.999
    np.testing.assert_allclose(flat, 1 / len(KEYS), atol=1e-2)
    with pytest.raises(ValueError, match="positive"):
        query_keys([1, 0], KEYS, VALUES, dot, 0)


def test_every_score_of_the_playground_looks_elsewhere():
    looks = [query_keys([1.2, 0.9], KEYS, VALUES, score).weights for score in playground_scores().values()]
    for at, one in enumerate(looks):
        assert all(np.abs(one - other).max() > 0.02 for other in looks[at + 1 :])


def test_the_random_score_leaves_the_random_state_alone():
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    playground_scores()
    torch.testing.assert_close(torch.rand(1), expected)


def test_the_playground_follows_the_query_and_a_students_own_attention():
    panel = playground()
    first = panel.status.text
    panel.controls["query"].value = [-2.0, 0.9]
    assert panel.status.text != first and "key 3" in panel.status.text
    asked, given, stages = panel.views
    found = query_keys((-2.0, 0.9), KEYS, VALUES, playground_scores()["scaled_dot"])
    np.testing.assert_allclose(stages.drawn["values"], [found.scores, np.exp(found.scores), found.weights])
    assert asked.drawn["items"][-1]["x"] == -2.0
    np.testing.assert_allclose([given.drawn["items"][-1][axis] for axis in "xy"], found.average)

    def my_attention(query, key, value, mask=None, score=dot):
        weights = torch.full((1, len(key)), 1 / len(key))
        return weights @ value, weights

    assert "all keys have nearly the same weight, about 0.25" in playground(attend=my_attention).status.text
    assert playground(temperature=0.25).status.text.startswith("At temperature 0.25 key"), "not rounded to 0.2"
    with pytest.raises(ValueError, match="2 to 8 keys"):
        playground(keys=KEYS[:1], values=VALUES[:1])
    with pytest.raises(ValueError, match=r"from -2\.5 to 2\.5"):
        playground((9, 0))


@pytest.fixture
def explorer():
    return attention_explorer({"letters": (translator(), PAIRS)}, output="reference", examples=2)


def test_the_attention_explorer_shows_weights_and_gold_as_ribbons_and_as_a_map(explorer):
    ribbons, trained, heatmap = explorer.views
    assert heatmap.drawn["rows"] == ribbons.drawn["rows"] == PAIRS[0].target
    assert heatmap.drawn["outlined"] == ribbons.drawn["marked"] == [[1, 0], [0, 1]]
    np.testing.assert_array_equal(heatmap.drawn["values"][0], ribbons.drawn["values"])
    assert trained.layout.display == "none", "nothing is broken"
    explorer.controls["temperature"].value = 2.0
    assert heatmap.picture["start"] is None, "the same words: stay at the one that is looked at"
    explorer.controls["gold"].value = "hidden"
    assert heatmap.drawn["outlined"] == ribbons.drawn["marked"] == []
    assert not explorer.controls["gold"].disabled
    explorer.controls["text"].value = "a c"
    known = []
    for rank in (1, 2, 3, 4):
        explorer.controls["output"].value = f"beam_{rank}"
        known += [] if explorer.status.failed else [explorer.controls["gold"].disabled]
    assert known and all(known), "no gold is known for such an output"


def test_every_control_of_the_attention_explorer_answers(explorer):
    heatmap = explorer.views[2]
    sharp = heatmap.drawn["values"].max()
    explorer.controls["temperature"].value = 5.0
    assert heatmap.drawn["values"].max() < sharp
    explorer.controls["intervention"].value = "uniform"
    np.testing.assert_allclose(heatmap.drawn["values"], 1 / 3, rtol=1e-5)
    assert explorer.status.text.endswith("It gives every word the same weight."), "no word is looked at most"
    assert (heatmap.drawn["row_name"], heatmap.drawn["column_name"]) == ("b (reference)", "source (uniform weights)")
    explorer.reset()
    explorer.controls["text"].value = join(PAIRS[2].source)
    assert heatmap.drawn["columns"] == PAIRS[2].source
    explorer.controls["output"].value = "beam_2"
    assert not explorer.status.failed or "no translation number 2" in explorer.status.text


def test_what_was_trained_stands_beside_what_is_broken_with_its_gold_links(explorer):
    ribbons, trained, _ = explorer.views
    before = ribbons.drawn["values"]
    explorer.controls["intervention"].value = "other_memory"
    assert ribbons.drawn["marked"] == [] and ribbons.drawn["title"] == "another sentence's memory"
    assert trained.layout.display is None and trained.drawn["marked"] == [[1, 0], [0, 1]]
    np.testing.assert_allclose(trained.drawn["values"], before)
    explorer.controls["intervention"].value = "as_trained"
    assert trained.layout.display == "none"


def test_gold_links_wait_for_a_guess(explorer):
    explorer.controls["gold"].value = "guess"
    ribbons, _, heatmap = explorer.views
    assert ribbons.drawn["guess"] and ribbons.drawn["marked"] and not heatmap.drawn["outlined"]
    assert heatmap.layout.display == "none"
    explorer.controls["gold"].value = "shown"
    assert heatmap.drawn["outlined"] and heatmap.layout.display is None


def test_facts_of_attention_count_links_and_kept_words(explorer):
    facts = attention_facts(explorer.compute(**explorer.settings))
    assert facts["linked"] == 2 and facts["broken"] == 0 and facts["kept"] == 1
    explorer.controls["intervention"].value = "permuted_together"
    assert attention_facts(explorer.compute(**explorer.settings))["broken"] == 1


def test_a_bad_sentence_keeps_the_last_good_picture(explorer):
    before = explorer.views[0].drawn
    explorer.controls["text"].value = "zebra"
    assert explorer.status.failed and "zebra" in explorer.status.text
    assert explorer.views[0].drawn is before
    with pytest.raises(ValueError, match="at least one language"):
        attention_explorer({})


def test_changing_the_language_brings_its_own_sentences():
    two = {"one": (translator(), PAIRS), "two": (translator("states_alone"), PAIRS[::-1])}
    panel = attention_explorer(two, output="reference", examples=2)
    panel.controls["language"].value = "two"
    assert panel.controls["text"].value == join(PAIRS[2].source)
    assert not panel.status.failed and panel.views[0].drawn["columns"] == PAIRS[2].source
    panel.reset()
    assert panel.controls["language"].value == "one" and panel.views[0].drawn["columns"] == PAIRS[0].source


def test_a_text_without_gold_alignments_says_so_and_may_be_any_text():
    pairs = [pair._replace(alignment=()) for pair in PAIRS]
    panel = attention_explorer({"letters": (translator(), pairs)}, output="reference", refuse_unknown=False)
    assert panel.status.text.endswith("This text has no gold alignments.")
    assert panel.controls["gold"].disabled and panel.views[2].drawn["outlined"] == []
    assert panel.controls["language"].options == (("letters", "letters"),)
    panel.controls["output"].value = "beam_1"
    panel.controls["text"].value = "a zebra"
    assert not panel.status.failed and panel.views[0].drawn["columns"] == ["a", "zebra"]
    links = attention_sentence("A", 0.5, np.array([[0.9, 0.1]]), ((0, 0),))
    assert links == "“A” (probability 0.5). Of 1 word with a gold link, 1 looks at a right one."


def test_the_translation_explorer_takes_any_translator():
    panel = translation_explorer(translator("no_attention"), "a b", ["b", "c a"], refuse_unknown=False)
    assert not panel.status.failed and 1 <= len(panel.views[1].drawn["rows"]) <= 4
    panel.controls["sentence"].value = "zebra"
    assert not panel.status.failed
    refusing = translation_explorer(translator(), "a b")
    refusing.controls["sentence"].value = "zebra"
    assert refusing.status.failed and refusing.status.text == ("The model does not know “zebra”: it has seen 3 words.")
