import math

import numpy as np
import pytest
import torch
from sacrebleu.metrics import BLEU
from torch.nn import functional

from course_utils.datasets.corpus import Translations
from course_utils.datasets.special_tokens import EOS, SOS
from course_utils.datasets.text import Pair
from course_utils.explorers import show_sentences, translation_explorer
from course_utils.explorers.texts import texts_html
from course_utils.measure import translation
from course_utils.measure.beams import beam_history, running_log_probabilities
from course_utils.measure.probes import probe_context
from course_utils.measure.translation import (
    Translator,
    batch_loss,
    forced_and_free,
    new_model,
    score_by_length,
    sequence_loss,
    valid_score,
)  # fmt: skip
from course_utils.messages import Refusal
from course_utils.models import training
from course_utils.models.attention import build_seq2seq
from course_utils.models.decoding import log_probability, teacher_forced

WORDS = "abcdefg"
CAT, DOG = ["the", "cat", "sat", "on", "the", "mat"], ["a", "dog", "ran"]


def pairs(count, longest=4, seed=0):
    """Return sentences of letters whose translation is the same letters in capitals."""
    rng = np.random.default_rng(seed)
    sentences = ([WORDS[i] for i in rng.integers(len(WORDS), size=rng.integers(1, longest + 1))] for _ in range(count))
    return [Pair(words, [word.upper() for word in words]) for words in sentences]


@pytest.fixture(scope="module")
def data():
    """Return a corpus that a model learns in a second."""
    return Translations(pairs(640), pairs(50, seed=1), pairs(50, seed=2), pairs(9, 9, seed=3), batch_size=32)


@pytest.fixture(scope="module")
def translator(data):
    model = new_model(data, 24, seed=0)
    training.fit(model, data.batches(), batch_loss, epochs=15)
    return Translator(model, data)


def test_sequence_loss_is_the_mean_over_real_tokens():
    torch.manual_seed(0)
    outputs, target = torch.randn(4, 2, 5), torch.tensor([[1, 1], [4, 3], [2, 4], [0, 2]])
    real = ((1, 0), (2, 0), (1, 1), (2, 1), (3, 1))
    by_hand = [functional.cross_entropy(outputs[place], target[place]) for place in real]
    torch.testing.assert_close(sequence_loss(outputs[1:], target), torch.stack(by_hand).mean())


def test_valid_score_does_not_depend_on_the_batches(data):
    model = new_model(data, 8).eval()
    with torch.no_grad():
        whole = -batch_loss(model, data.batch(data.valid)).item()
    assert valid_score(data)(model) == pytest.approx(whole, abs=1e-5)
    assert valid_score(data, data.valid[::-1])(model) == pytest.approx(whole, abs=1e-5)


def test_a_translator_learns_and_keeps_the_order(data, translator):
    hypotheses = translator([pair.source for pair in data.test])
    assert translation.exact_match(hypotheses, [pair.target for pair in data.test]) > 0.8
    assert hypotheses[::-1] == translator([pair.source for pair in data.test[::-1]])


def test_a_translator_refuses_what_it_cannot_read(translator):
    with pytest.raises(Refusal, match="Not among the 7 words that the model has seen: x, y"):
        translator([["a", "y"], ["x"]], refuse_unknown=True)
    assert translator([["a", "y"], ["x"]]) == translator([["a", "x"], ["y"]]), "both are <unk> to the model"
    with pytest.raises(ValueError, match="empty"):
        translator([["a"], []])
    with pytest.raises(ValueError, match="at least one"):
        translator([])


def test_a_sentence_longer_than_any_other_is_translated(translator):
    assert len(translator([["a"] * 200])[0]) <= 50


def test_beams_agree_with_greedy_and_widen(data, translator):
    sources = [pair.source for pair in data.test]
    beams = {width: translator.beam_search(sources, width) for width in (1, 2, 4, 8)}
    assert [best.words for best, *_ in beams[1]] == translator(sources)
    means = [np.mean([best.log_probability for best, *_ in searches]) for searches in beams.values()]
    assert means == sorted(means) and max(means) <= 0
    (hypotheses,) = translator.beam_search([["a", "b"]], 4, length_penalty=1.0)
    assert hypotheses[0].words == ["A", "B"] and len(hypotheses) == 4
    assert 0 < sum(np.exp(hypothesis.log_probability) for hypothesis in hypotheses) <= 1


def test_score_by_length_puts_every_sentence_where_it_belongs(data):
    perfect = [pair.target for pair in data.test]
    rows = score_by_length(data.test, perfect, [(1, 2), (3, 4), (5, 9)])
    assert [(row["fewest"], row["most"]) for row in rows] == [(1, 2), (3, 4)]  # an empty bin has no row
    assert sum(row["sentences"] for row in rows) == len(data.test)
    assert all(row["exact"] == 1 and row["bleu"] == pytest.approx(100) for row in rows)
    spoiled = [words if len(words) < 3 else ["A"] for words in perfect]
    low, high = score_by_length(data.test, spoiled, [(1, 2), (3, 4)])
    assert low["exact"] == 1 and high["exact"] == 0


def test_forced_and_free_agree_on_the_first_word(data, translator):
    batch = data.batch(data.test)
    forced, free = forced_and_free(translator.model, batch)
    assert forced.shape == free.shape == (max(len(pair.target) for pair in data.test) + 1,)
    assert forced[0] == free[0]
    predicted = teacher_forced(translator.model, batch.source, batch.target, batch.source_lengths)[0].argmax(dim=-1)
    for share, words, truth in zip(forced, predicted, batch.target[1:], strict=True):
        assert share == (words == truth)[truth != 0].double().mean().item(), "padding is left out"


def test_a_probe_reads_a_trained_context_better_than_guessing(data, translator):
    batch = data.batch([pair for pair in data.train if len(pair.source) == 3])
    read, ceiling, frequent = probe_context(translator.model, batch)
    assert len(read) == len(ceiling) == len(frequent) == 3
    assert min(read) > max(frequent)
    assert sum(ceiling) >= sum(read), "right after a word, its state tells it best"


def test_the_same_seed_builds_the_same_model_and_batches(data):
    states = [new_model(data, 8, seed=3).state_dict() for _ in range(2)]
    torch.testing.assert_close(*states, atol=0, rtol=0)
    first, second = (next(iter(data.batches(seed=5)())) for _ in range(2))
    assert torch.equal(first.source, second.source)
    assert new_model(data, 8, attention=True).decoder.output.in_features == 16
    with pytest.raises(ValueError, match="at least 1"):
        build_seq2seq(0, 5, 5)


def test_translations_of_the_course():
    course = Translations.course("korean")
    assert {pair.target[-1] for pair in course.valid} <= {".", "?", "!"}
    batch = course.batch(course.test[:3])
    assert batch.source.max() < len(course.source_words) and batch.target.max() < len(course.target_words)


# -- scores


def test_exact_match_counts_whole_sentences():
    assert translation.exact_match([CAT, DOG], [CAT, ["a", "dog"]]) == 0.5
    assert translation.exact_match([tuple(CAT)], [CAT]) == 1.0


def test_bleu_is_sacrebleu_on_the_words_as_they_are():
    hypotheses = [["the", "cat", "sat", "on", "a", "mat"], ["a", "dog", "ran", "away", "."]]
    expected = BLEU(tokenize="none", force=True).corpus_score(
        ["the cat sat on a mat", "a dog ran away ."], [["the cat sat on the mat", "a dog ran"]]
    )
    assert translation.bleu(hypotheses, [CAT, DOG]) == pytest.approx(expected.score)
    assert translation.bleu([CAT, DOG], [CAT, DOG]) == pytest.approx(100)


def test_bleu_of_perfect_short_sentences_is_100():
    assert translation.bleu([DOG], [DOG]) == pytest.approx(100)
    assert translation.bleu([["한"]], [["한"]]) == pytest.approx(100)


@pytest.mark.parametrize("measure", [translation.exact_match, translation.bleu])
def test_sentences_must_pair_up(measure):
    with pytest.raises(ValueError, match="one length, at least 1, not 1 and 2"):
        measure([CAT], [CAT, DOG])
    with pytest.raises(ValueError, match="at least 1"):
        measure([], [])


# -- explorer


def test_the_translation_explorer(translator):
    panel = translation_explorer(translator, "a b", ["c d"])
    box = panel.controls["sentence"]
    tree, bars = panel.views
    before = bars.drawn["values"].copy()
    assert "A B" in panel.status.text
    box.value = "a b c"
    assert bars.drawn["rows"][0] == "1. A B C" and not np.array_equal(before, bars.drawn["values"])
    best = [beam[0][1] for beam in tree.drawn["beams"]]
    assert best[:4] == ["A", "B", "C", ""], "a step for every word, and one for the end"
    assert tree.frame == bars.frame == len(best) - 1 and bars.group == tree.group
    shares, steps = bars.drawn["values"], tree.drawn["beams"]
    assert len(shares) == len(steps) and (np.diff(shares, axis=0) <= 1e-9).all(), "every word costs, or nothing"
    assert [max(shares[t]) for t in (0, -1)] == pytest.approx([math.exp(steps[t][0][2]) for t in (0, -1)])
    box.value = "a z"
    assert panel.status.failed and "z" in panel.status.text and bars.drawn["rows"][0] == "1. A B C"
    box.value = ""
    assert panel.status.failed and "nothing to read" in panel.status.text
    panel.reset()
    assert not panel.status.failed and box.value == "a b"
    text = panel._repr_mimebundle_()["text/plain"]
    assert "1. A B is longest" in text and "steps that keeps up to 4" in text


def test_a_beams_history_ends_with_what_the_search_returns(translator):
    (found,) = translator.beam_search([["a", "b", "c"]], 4, length_penalty=1.0)
    history = beam_history(translator, ["a", "b", "c"], 4)
    assert [kept.log_probability for kept in history[-1]] == pytest.approx([one.log_probability for one in found])
    for row, hypothesis in enumerate(found):
        words, at = [], row
        for beam in reversed(history):
            words, at = [beam[at].word, *words], beam[at].parent
        assert [word for word in words if word] == hypothesis.words
    assert all(0 <= kept.parent < len(history[t - 1]) for t, beam in enumerate(history) for kept in beam if t)
    with pytest.raises(ValueError, match="at least 1"):
        beam_history(translator, ["a"], 0)


def test_how_likely_a_result_was_on_the_way_is_what_its_first_words_get_alone(translator):
    source = ["a", "b", "c"]
    history = beam_history(translator, source, 4)
    running = running_log_probabilities(history)
    assert [len(step) for step in running] == [len(history[-1])] * len(history)
    (found,) = translator.beam_search([source], 4, length_penalty=1.0)
    (batch,) = translator.read([source])
    for row, hypothesis in enumerate(found):
        ids = [SOS, *translator.target_words.encode(hypothesis.words), *[EOS] * history[-1][row].finished]
        for t, step in enumerate(running, start=1):
            target = torch.tensor(ids[: t + 1])[:, None]
            alone = log_probability(translator.model, batch.source, target, batch.source_lengths)
            assert step[row] == pytest.approx(alone.item(), abs=1e-5)


def test_texts_are_shown_as_text_never_as_markup():
    html = texts_html({"a<": "<b>1 & 2"})
    assert "a&lt;" in html and "&lt;b&gt;1 &amp; 2" in html and "<b>1" not in html


def test_sentences_are_shown_as_a_table_and_as_text(monkeypatch):
    shown = []
    monkeypatch.setattr("course_utils.explorers.texts.display", lambda bundle, raw: shown.append(bundle))
    show_sentences(("", "source", "output"), [("good", "a <b>", "A B"), ("bad", "c", "D")])
    (bundle,) = shown
    assert bundle["text/html"].count("<tr>") == 3 and "<b>" not in bundle["text/html"]
    assert bundle["text/plain"] == "good, source a <b>, output A B\nbad, source c, output D"
