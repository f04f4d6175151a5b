import numpy as np
import pandas as pd
import pytest
import torch
from torch.nn import functional

from course_utils import figures
from course_utils.datasets import corpus
from course_utils.datasets.corpus import Translations
from course_utils.datasets.text import Pair
from course_utils.experiments import bottleneck
from course_utils.experiments.bottleneck import Point
from course_utils.explorers import bottleneck_explorer, show_sentences, translation_explorer
from course_utils.explorers.texts import table_html
from course_utils.measure import translation
from course_utils.measure.probes import probe_context
from course_utils.measure.translation import Translator, batch_loss, new_model, score_by_length, valid_score
from course_utils.messages import Refusal
from course_utils.models import training
from course_utils.models.attention import build_seq2seq
from course_utils.models.decoding import teacher_forced

WORDS = "abcdefg"


def pairs(count, longest=4, seed=0):
    """Return sentences of letters whose translation is the same letters in capitals."""
    rng = np.random.default_rng(seed)
    sentences = ([WORDS[i] for i in rng.integers(len(WORDS), size=rng.integers(1, longest + 1))] for _ in range(count))
    return [Pair(words, [word.upper() for word in words]) for words in sentences]


@pytest.fixture(scope="module")
def data():
    """A corpus of one's own in the place of the course's, so that a model learns it in a second."""
    return Translations(pairs(640), pairs(50, seed=1), pairs(50, seed=2), pairs(9, 9, seed=3), batch_size=32)


@pytest.fixture(scope="module")
def translator(data):
    model = new_model(data, 24, seed=0)
    training.fit(model, data.batches(), batch_loss, epochs=15)
    return Translator(model, data)


def test_sequence_loss_is_the_mean_over_real_tokens():
    torch.manual_seed(0)
    outputs, target = torch.randn(4, 2, 5), torch.tensor([[1, 1], [4, 3], [2, 4], [0, 2]])
    by_hand = [
        functional.cross_entropy(outputs[t, b], target[t, b]) for t, b in ((1, 0), (2, 0), (1, 1), (2, 1), (3, 1))
    ]
    torch.testing.assert_close(translation.sequence_loss(outputs[1:], target), torch.stack(by_hand).mean())


def test_valid_score_does_not_depend_on_the_batches(data):
    model = new_model(data, 8).eval()
    with torch.no_grad():
        whole = -batch_loss(model, data.batch(data.valid)).item()
    assert valid_score(data)(model) == pytest.approx(whole, abs=1e-5)
    assert valid_score(data, data.valid[::-1])(model) == pytest.approx(whole, abs=1e-5)


def test_a_translator_learns_and_keeps_the_order(data, translator):
    found = translator([pair.source for pair in data.test])
    assert translation.exact_match(found, [pair.target for pair in data.test]) > 0.8
    assert found[::-1] == translator([pair.source for pair in data.test[::-1]])


def test_a_translator_refuses_what_it_cannot_read(translator):
    with pytest.raises(Refusal, match="Not among the 7 words that the model has seen: x, y"):
        translator([["a", "y"], ["x"]], refuse_unknown=True)
    assert translator([["a", "y"], ["x"]]) == translator([["a", "x"], ["y"]]), "both are <unk> to the model"
    with pytest.raises(ValueError, match="empty"):
        translator([["a"], []])
    with pytest.raises(ValueError, match="at least one"):
        translator([])


def test_a_sentence_longer_than_any_other_is_translated(translator):
    (found,) = translator([["a"] * 200])
    assert len(found) <= 50


def test_beams_agree_with_greedy_and_widen(data, translator):
    sources = [pair.source for pair in data.test]
    beams = {width: translator.beam_search(sources, width) for width in (1, 2, 4, 8)}
    assert [kept[0].words for kept in beams[1]] == translator(sources)
    means = [np.mean([kept[0].log_probability for kept in found]) for found in beams.values()]
    assert means == sorted(means) and max(means) <= 0
    (kept,) = translator.beam_search([["a", "b"]], 4, length_penalty=1.0)
    assert kept[0].words == ["A", "B"] and len(kept) == 4
    assert 0 < sum(np.exp(translation.log_probability) for translation in kept) <= 1


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
    forced, free = translation.forced_and_free(translator.model, batch)
    assert forced.shape == free.shape == (max(len(pair.target) for pair in data.test) + 1,)
    assert forced[0] == free[0]
    predicted = teacher_forced(translator.model, batch.source, batch.target, batch.source_lengths)[0].argmax(dim=-1)
    for share, words, truth in zip(forced, predicted, batch.target[1:], strict=True):
        assert share == (words == truth)[truth != 0].double().mean().item(), "padding is left out"


def test_a_probe_reads_a_trained_context_better_than_guessing(data, translator):
    batch = data.batch([pair for pair in data.train if len(pair.source) == 3])
    read, control = probe_context(translator.model, batch)
    assert len(read) == len(control) == 3
    assert min(read) > max(control)


def test_the_same_seed_builds_the_same_model_and_batches(data):
    first, second = new_model(data, 8, seed=3), new_model(data, 8, seed=3)
    for one, other in zip(first.parameters(), second.parameters(), strict=True):
        torch.testing.assert_close(one, other, atol=0, rtol=0)
    one, other = (next(iter(data.batches(seed=5)())) for _ in range(2))
    assert torch.equal(one.source, other.source)
    assert new_model(data, 8, attention=True).decoder.output.in_features == 16
    with pytest.raises(ValueError, match="at least 1"):
        build_seq2seq(0, 5, 5)


def test_translations_of_the_course():
    course = Translations.course("korean")
    assert {pair.target[-1] for pair in course.valid} <= {".", "?", "!"}
    batch = course.batch(course.test[:3])
    assert batch.source.max() < len(course.source_words) and batch.target.max() < len(course.target_words)


# -- the grid ---------------------------------------------------------------------------------------------------


def test_training_to_convergence_keeps_the_best_weights():
    model = torch.nn.Linear(1, 1, bias=False)
    values = iter([0.5, 0.9, 0.1, 0.9, 0.2])
    seen = []

    def evaluate(candidate):
        seen.append(candidate.weight.item())
        return next(values)

    steps = bottleneck.train_to_convergence(
        model,
        lambda: iter([torch.ones(1, 1)] * 99),
        lambda candidate, x: candidate(x).square().sum(),
        evaluate,
        rates=(0.1, 0.01),
        every=2,
        patience=1,
        steps=50,
        label="test",
    )
    # 0.5, 0.9, then 0.1: the first rate ends; the second begins at the best weights and finds no better.
    assert model.weight.item() == seen[1]
    assert steps == 2 * len(seen)


def test_reversal_is_scored_by_whole_sequences():
    point = Point("reversal", False, "converged", 8, 0)
    torch.manual_seed(point.seed)
    model = build_seq2seq(8, 12, 12)
    share, (source, reference, output) = bottleneck.score_reversal(model, 5, count=20)
    assert share == 0 and output != reference
    assert source.split() == reference.split()[::-1] and len(source.split()) == 5
    assert set(reference) <= set("ABCDEFGH ")


def test_by_length_takes_seeds_apart_and_sorts_lengths():
    rows = [("test", low, low + 1, size, seed, low + seed) for size in (8, 16) for seed in (1, 0) for low in (5, 3)]
    table = pd.DataFrame(rows, columns=["split", "fewest", "most", "hidden_size", "seed", "bleu"])
    bins, runs = bottleneck.by_length(table, "bleu")
    assert bins == [(3, 4), (5, 6)] and list(runs) == [8, 16]
    np.testing.assert_array_equal(runs[8], [[3, 5], [4, 6]])


def test_the_committed_table_holds_what_the_lesson_needs():
    for task, sizes in (("reversal", 4), ("french", 3), ("korean", 1)):
        table = bottleneck.task_runs(task)
        bins, exact = bottleneck.by_length(table, "exact")
        assert len(exact) >= sizes and bins == sorted(bins)
        assert all(((runs >= 0) & (runs <= 1)).all() for runs in exact.values())
        examples = bottleneck.task_runs(task, "bottleneck_examples")
        keys = ["hidden_size", "seed", "fewest", "most"]
        assert set(map(tuple, examples[keys].values)) == set(map(tuple, table[keys].values))
    with pytest.raises(ValueError, match=r"no row with .*german"):
        bottleneck.task_runs("german")


def test_four_passes_are_enough_inside_and_far_too_few_beyond():
    table = bottleneck.task_runs("french", budget="lesson")
    ranges, runs = bottleneck.by_length(table, "bleu", "summary")
    short, whole, beyond = runs[128].T
    assert ranges == [(3, 8), (3, 16), (17, 32)] and len(short) >= 3
    # Three standard deviations over the seeds are the margin.
    assert whole.mean() - 3 * whole.std(ddof=1) >= 30
    assert (beyond / short).mean() + 3 * (beyond / short).std(ddof=1) <= 1 / 3


def test_bands_come_from_three_seeds():
    for task, sizes in (("reversal", (8, 16, 32, 64)), ("french", (32, 64, 128))):
        runs = bottleneck.by_length(bottleneck.task_runs(task), "exact")[1]
        assert all(len(runs[size]) >= 3 for size in sizes)


def test_at_every_seed_length_lowers_and_size_raises():
    for task, measure in (("reversal", "exact"), ("french", "exact"), ("french", "bleu")):
        runs = bottleneck.by_length(bottleneck.task_runs(task), measure)[1]
        assert all(run[0] > run[len(run) // 2] > run[-1] for size in runs for run in runs[size])
        small, large = runs[min(runs)], runs[max(runs)]
        assert large[:, -1].min() > small[:, -1].max()


def test_the_table_was_made_from_the_corpus_as_it_is():
    for task in ("french", "korean"):
        references = {
            " ".join(pair.target) for split in ("test", "long") for pair in corpus.load_translations(task, split=split)
        }
        assert set(bottleneck.task_runs(task, "bottleneck_examples").reference) <= references


# -- figure and explorers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("forced", [True, False])
def test_the_diagram_shows_every_word_and_says_it(forced):
    ax = figures.draw_encoder_decoder(["une", "pomme"], ["an", "apple", "<eos>"], forced=forced, title="T")
    shown = [text.get_text() for text in ax.texts]
    assert {"une", "pomme", "an", "apple", "<eos>", "<sos>", "encoder", "decoder", "hidden, cell"} <= set(shown)
    assert len(ax.patches) >= 5
    said = figures.description(ax)
    assert "une pomme" in said and ("true word" in said) == forced
    with pytest.raises(ValueError, match="at least one word"):
        figures.draw_encoder_decoder([], ["a"])


@pytest.mark.parametrize("task", ["reversal", "french"])
def test_every_position_of_the_bottleneck_explorer(task):
    panel = bottleneck_explorer(task)
    trained = len(bottleneck.by_length(bottleneck.task_runs(task), "exact")[0])
    seen, (sizes, names) = set(), (panel.controls[name].options for name in ("size", "length"))
    for size in sizes:
        panel.controls["size"].value = size
        for at, name in enumerate(names):
            panel.controls["length"].value = name
            assert not panel.status.failed and f"{size} units, {name} " in panel.status.text
            text = panel.children[2].value
            assert "reference" in text and (">output (right)<" in text or ">output (wrong)<" in text)
            assert ("extrapolation" in panel.status.text) == (at >= trained)
            seen.add((panel.views[0].drawn["mark"]["x"], size))
    assert len(seen) == len(sizes) * len(names)
    panel.reset()
    assert panel.settings["length"] == names[0]
    bundle = panel._repr_mimebundle_()
    for name, words in panel.texts.drawn.items():  # the still picture shows the example too
        assert f"{name} {words}" in bundle["text/plain"]


def test_the_lessons_first_sentence_is_too_long_for_the_small_vector_only():
    panel = bottleneck_explorer("french", length="13–14")
    assert ">output (wrong)<" in panel.texts.value
    for size in panel.controls["size"].options[1:]:
        panel.controls["size"].value = size
        assert ">output (right)<" in panel.texts.value


def test_the_bottleneck_explorer_shows_the_measure_asked_for():
    panel = bottleneck_explorer("french", length="5–6")
    exact = panel.views[0].drawn["mark"]["y"]
    panel.controls["measure"].value = "bleu"
    assert panel.views[0].drawn["mark"]["y"] > exact and "BLEU" in panel.status.text
    _, bleu = bottleneck.by_length(bottleneck.task_runs("french"), "bleu")
    assert panel.views[0].drawn["mark"]["y"] == pytest.approx(bleu[min(bleu)][:, 1].mean())


def test_the_bottleneck_explorer_refuses_what_was_not_measured():
    with pytest.raises(ValueError, match="hidden size: expected one of 8, 16, 32, 64, not 7"):
        bottleneck_explorer("reversal", hidden_size=7)
    with pytest.raises(ValueError, match="length: expected one of 2, 3"):
        bottleneck_explorer("reversal", length="99")


def test_the_translation_explorer(translator):
    panel = translation_explorer(translator, "a b", ["c d"])
    box = panel.controls["sentence"]
    before = panel.views[0].drawn["values"].copy()
    assert "A B" in panel.status.text
    box.value = "a b c"
    assert "A B C" in panel.children[2].value and not np.array_equal(before, panel.views[0].drawn["values"])
    box.value = "a z"
    assert panel.status.failed and "z" in panel.status.text and "A B C" in panel.children[2].value
    box.value = ""
    assert panel.status.failed and "nothing to read" in panel.status.text
    panel.reset()
    assert not panel.status.failed and box.value == "a b"
    said = panel._repr_mimebundle_()["text/plain"]
    assert "1. A B 2. " in said and " 4. " in said


def test_texts_are_shown_as_text_never_as_markup():
    assert table_html({"a<": "<b>1 & 2"}).count("<b>") == 0


def test_sentences_are_shown_as_a_table_and_as_text(monkeypatch):
    shown = []
    monkeypatch.setattr("course_utils.explorers.texts.display", lambda bundle, raw: shown.append(bundle))
    show_sentences(("", "source", "output"), [("good", "a <b>", "A B"), ("bad", "c", "D")])
    (bundle,) = shown
    assert bundle["text/html"].count("<tr>") == 3 and "<b>" not in bundle["text/html"]
    assert bundle["text/plain"] == "good, source a <b>, output A B\nbad, source c, output D"
