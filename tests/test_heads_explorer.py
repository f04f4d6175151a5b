"""The heads explorer, its pictures and their stills, without a browser."""

import numpy as np
import pytest
from test_experiments_transformer import DATA, PAIRS, QUICK

from course_utils.datasets.text import join
from course_utils.experiments.designs import bleu_on
from course_utils.experiments.transformer import BASE, bleu_without_heads, build_transformer
from course_utils.explorers import heads_explorer
from course_utils.figures.heads import still_heads, still_versions
from course_utils.measure.differences import changed_words
from course_utils.measure.interventions import silenced
from course_utils.measure.reading import corpus_index, read_heads
from course_utils.measure.translation import Translator, batch_loss
from course_utils.messages.explorers import heads_sentence
from course_utils.models.training import fit
from course_utils.views.heads import head_names, heads, versions
from course_utils.views.widgets import HeadsView, VersionsView

KNOWN = corpus_index(PAIRS)
EVERY = head_names(2, 4)


@pytest.fixture(scope="module")
def translator():
    """A small Transformer that has learned four pairs by heart."""
    model = build_transformer(DATA, BASE, recipe=QUICK)
    fit(model, DATA.batches(), batch_loss, epochs=80, learning_rate=1e-2)
    return Translator(model.eval(), DATA)


@pytest.fixture
def explorer(translator):
    return heads_explorer(translator, PAIRS)


def move(explorer, **settings):
    """Set controls as a hand would, and require an answer; return the views."""
    for name, value in settings.items():
        explorer.controls[name].value = value
    assert not explorer.status.failed, explorer.status.text
    return explorer.views


def ticked(explorer) -> list[bool]:
    return [challenge["met"] for challenge in explorer.head.challenges]


def test_the_maps_and_the_ribbons_show_what_every_head_reads(translator, explorer):
    text = explorer.controls["text"].value
    for moment, shift in (("predicting", 0), ("reading", 1)):
        grid, ribbons, _ = move(explorer, moment=moment, head="2.3")
        reading = read_heads(translator, KNOWN, text, shift=shift)
        np.testing.assert_array_equal(grid.drawn["values"], reading.maps)
        np.testing.assert_array_equal(ribbons.drawn["values"], reading.maps[1, 2])
        assert grid.drawn["rates"] == reading.error_rates.ravel().tolist()
        assert grid.drawn["marked"] == ribbons.drawn["marked"] == [[t, s] for s, t in reading.gold]
        assert grid.drawn["names"][grid.drawn["chosen"]] == "2.3"
        assert f"{reading.error_rates[1, 2]:.2f}" in explorer.status.text


def test_a_silenced_head_is_heard_neither_in_the_translation_nor_in_bleu(translator, explorer):
    text, scores = explorer.controls["text"].value, bleu_without_heads(translator, PAIRS)
    for at, name in enumerate(EVERY):
        grid, _, both = move(explorer, silent=[name])
        reading = read_heads(translator, KNOWN, text, [divmod(at, 4)])
        np.testing.assert_array_equal(grid.drawn["values"], reading.maps)
        assert grid.drawn["silent"] == [at] and both.drawn["lines"][1]["words"] == join(reading.target).split()
        assert both.drawn["lines"][1]["note"] == f"BLEU {scores[divmod(at, 4)]:.1f}"
    move(explorer, silent=["1.1", "2.4"])
    with silenced(translator.model, [(0, 0), (1, 3)]):
        assert both.drawn["lines"][1]["note"] == f"BLEU {bleu_on(translator, PAIRS):.1f}"
    move(explorer, silent=[])
    assert both.drawn["lines"][1]["words"] == [] and "No head is silenced: BLEU" in explorer.status.text


def test_every_word_that_silence_changes_is_marked(explorer):
    counts = []
    for text in explorer.controls["text"].options:
        *_, both = move(explorer, text=text, silent=EVERY)
        before, after = both.drawn["lines"]
        gone, new = changed_words(before["words"], after["words"])
        assert (before["marked"], after["marked"]) == (gone, new)
        counts.append(max(len(gone), len(new)))
        assert f"changes {counts[-1] or 'no'} word" in explorer.status.text
        assert "It is silenced" in explorer.status.text
    assert max(counts) > 0, "without the source, different sentences are translated alike"


@pytest.mark.parametrize(
    ("before", "after", "gone", "new"),
    [
        ("a b c", "a b c", [], []),
        ("a b c", "a x c", [1], [1]),
        ("a b", "b a", [0], [1]),
        ("a", "", [0], []),
        ("a b a", "a a", [1], []),
        ("the red door", "a door is red", [0, 1], [0, 2, 3]),
    ],
)
def test_changed_words(before, after, gone, new):
    assert changed_words(before.split(), after.split()) == (gone, new)


def test_challenges_tick_on_the_numbers(translator):
    text = join(PAIRS[0].source)
    rates = read_heads(translator, KNOWN, text).error_rates
    lowest, highest = EVERY[int(rates.argmin())], EVERY[int(rates.argmax())]
    explorer = heads_explorer(translator, PAIRS, text=text, head=highest)
    assert ticked(explorer) == [False, False, False]
    move(explorer, head=lowest)
    assert ticked(explorer) == [True, False, False]
    changes = {}
    for name in EVERY:
        *_, both = move(explorer, silent=[name])
        changes[name] = bool(both.drawn["lines"][1]["marked"] or both.drawn["lines"][0]["marked"])
    assert ticked(explorer)[1:] == [False in changes.values(), True in changes.values()]


def test_silencing_all_heads_is_no_answer_to_silence_one(translator):
    assert ticked(heads_explorer(translator, PAIRS, silent=EVERY))[1:] == [False, False]


def test_undo_and_reset_take_silence_back(explorer):
    grid, *_ = move(explorer, silent=["1.2"])
    move(explorer, head="2.1")
    explorer.undo()
    assert explorer.settings["head"] == "1.1" and grid.drawn["silent"] == [1]
    explorer.undo()
    assert grid.drawn["silent"] == [] and not explorer.footer.can_undo
    move(explorer, silent=["1.2"], output="reference")
    explorer.reset()
    assert grid.drawn["silent"] == [] and explorer.settings["output"] == "own"


def test_a_copied_state_rebuilds_the_same(translator, explorer):
    move(explorer, silent=["2.2", "1.3"][::-1], head="2.2", moment="reading", output="reference")
    again = heads_explorer(translator, PAIRS, **explorer.settings)
    assert again.status.text == explorer.status.text
    for one, other in zip(explorer.views, again.views, strict=True):
        assert one.drawn["alternative"] == other.drawn["alternative"]
    assert explorer.footer.callee == "explorers.heads_explorer" and explorer.footer.fixed == ["translator", "pairs"]


def test_a_typed_sentence_has_no_gold_and_no_reference(explorer):
    grid, *_ = move(explorer, text="c a b")
    assert grid.drawn["rates"] is None and grid.drawn["marked"] == [] and grid.drawn["title"].endswith("by layer")
    assert "no gold links are known" in explorer.status.text
    before = grid.drawn
    for bad, sentence in (("zebra", "zebra"), ("", "nothing to read")):
        explorer.controls["text"].value = bad
        assert explorer.status.failed and sentence in explorer.status.text and grid.drawn is before
    explorer.controls["text"].value = "c a b"
    explorer.controls["output"].value = "reference"
    assert explorer.status.failed and "no reference" in explorer.status.text


def test_bleu_may_be_left_out_and_an_unknown_word_read(translator):
    panel = heads_explorer(translator, PAIRS, text="a zebra", sentences=0, refuse_unknown=False, silent=["1.1"])
    assert "BLEU" not in panel.status.text and not panel.status.failed
    assert [line["note"] for line in panel.views[2].drawn["lines"]] == ["", ""]


@pytest.mark.parametrize("settings", [{"head": "3.1"}, {"silent": ["1.5"]}, {"moment": "later"}, {"output": "beam_1"}])
def test_a_first_setting_that_is_not_there_is_refused(translator, settings):
    with pytest.raises(ValueError, match="expected"):
        heads_explorer(translator, PAIRS, **settings)


def test_a_model_without_heads_is_refused():
    from test_measure_alignment import translator as attention

    with pytest.raises(ValueError, match="no multi-head attention"):
        heads_explorer(attention(), PAIRS)


def test_sentences_that_say_whether_bleu_falls_rises_or_stays():
    said = [heads_sentence("1.1", "reading", None, ["2.1"], 2, (50.0, after), 9) for after in (40.0, 50.01, 60.0)]
    assert [text.rpartition("BLEU ")[2] for text in said] == [
        "falls from 50.0 to 40.0.", "stays at 50.0.", "rises from 50.0 to 60.0."
    ]  # fmt: skip
    assert all("Silencing 2.1 changes 2 words." in text for text in said)


MAPS, WORDS = np.full((2, 3, 2, 4), 0.25), {"rows": ["I", "read"], "columns": ["책", "+을", "읽", "+어요"]}


@pytest.mark.parametrize(
    ("expected", "maps", "settings"),
    [
        ("4 dimensions", MAPS[0], {}),
        ("at most 32 heads", np.ones((3, 11, 1, 1)), {"rows": ["a"], "columns": ["b"]}),
        ("from 0 to 1", MAPS + 1, {}),
        ("rows: expected 2 labels", MAPS, {"rows": ["I"]}),
        ("one for each head", MAPS, {"rates": [0.5]}),
        ("chosen: expected a position from 0 to 5", MAPS, {"chosen": 6}),
        ("silent: expected a position from 0 to 5", MAPS, {"silent": [6]}),
        ("marked column", MAPS, {"marked": [(0, 4)]}),
    ],
)
def test_a_bad_picture_of_heads_is_refused(expected, maps, settings):
    with pytest.raises(ValueError, match=expected):
        heads(maps, **WORDS | settings)


def test_an_alternative_names_rates_and_silenced_heads():
    picture = heads(MAPS, **WORDS, rates=np.arange(6) / 10, rate_name="AER", silent=[1, 5], chosen=3, title="Heads")
    assert picture["step_count"] == 2 and "2.1 is open" in picture["alternative"]
    assert "AER: 1.1 0.00, 1.2 0.10" in picture["alternative"] and "Silenced: 1.2, 2.3." in picture["alternative"]
    with pytest.raises(ValueError, match="two versions"):
        versions([["a"]], ["one"])
    with pytest.raises(ValueError, match="marked word"):
        versions([["a"], ["b"]], ["one", "two"], marked=[[1], []])


def test_the_stills_write_every_name_and_every_word():
    view = HeadsView(MAPS, **WORDS, rates=np.arange(6) / 10, rate_name="AER", silent=[1], marked=[(0, 1)])
    texts = [text.get_text() for text in still_heads(view.drawn).texts]
    assert "silenced" in texts and any(text.startswith("2.3") for text in texts)
    both = VersionsView(
        [["He", "slept."], ["She", "slept."]], ["all", "without 1.1"], marked=[[0], [0]], notes=["5", "4"]
    )
    texts = [text.get_text() for text in still_versions(both.drawn).texts]
    assert {"He", "She", "slept.", "all", "without 1.1", "5", "4"} <= set(texts)
    assert set(both._repr_mimebundle_()[0]) >= {"image/png", "text/html"}
