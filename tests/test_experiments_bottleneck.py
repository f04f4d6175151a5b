import math

import numpy as np
import pandas as pd
import pytest
import torch

from course_utils import figures
from course_utils.datasets import corpus
from course_utils.datasets.corpus import Translations
from course_utils.experiments import bottleneck
from course_utils.experiments.bottleneck import Point
from course_utils.explorers import bottleneck_explorer
from course_utils.explorers.texts import marked_text, plain, texts_html
from course_utils.measure.differences import word_differences
from course_utils.models.attention import build_seq2seq
from course_utils.models.seq2seq import Seq2Seq


def test_a_translator_keeps_the_weights_that_held_out_data_likes_best(monkeypatch):
    data = Translations.course("french")
    small = Translations(data.train[:128], data.valid[:20], data.test[:20])
    seen, values = [], iter([-3.0, -1.0, -2.0])

    def valid_score(_):
        return lambda model: seen.append(model.output_weight()) or next(values)

    monkeypatch.setattr(bottleneck, "TRANSLATION_EPOCHS", 3)
    monkeypatch.setattr(Seq2Seq, "output_weight", lambda m: m.decoder.output.weight.detach().clone(), raising=False)
    monkeypatch.setattr(bottleneck.translation, "valid_score", valid_score)
    translator, steps = bottleneck.train_translator(Point("french", False, "converged", 8, 0.3, 0), small)
    assert steps == 6 and torch.equal(translator.model.output_weight(), seen[1])


def test_no_bits_are_carried_by_a_model_that_knows_nothing_and_all_by_one_that_knows():
    class Oracle(torch.nn.Module):
        def __init__(self, sure):
            super().__init__()
            self.sure = sure

        def forward(self, source, target, lengths):
            return self.sure * torch.nn.functional.one_hot(target, 12).float()

    # Certainty: all 3n bits. Even odds over the 12 ids: 3n − (n + 1) log2 12.
    assert bottleneck.bits_carried(Oracle(100.0), 5, count=20) == pytest.approx(15)
    assert bottleneck.bits_carried(Oracle(0.0), 5, count=20) == pytest.approx(15 - 6 * math.log2(12), rel=1e-5)


def test_reversal_is_scored_by_whole_sequences():
    point = Point("reversal", False, "converged", 8, 0.0, 0)
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
    for task, sizes in (("reversal", (8, 16, 32, 64)), ("french", (32, 64, 128, 256))):
        runs = bottleneck.by_length(bottleneck.task_runs(task), "exact")[1]
        assert all(len(runs[size]) >= 3 for size in sizes)


def test_at_every_seed_length_lowers_and_size_raises():
    for task, measure in (("reversal", "exact"), ("french", "exact"), ("french", "bleu")):
        runs = bottleneck.by_length(bottleneck.task_runs(task), measure)[1]
        assert all(run[0] >= run[len(run) // 2] >= run[-1] and run[0] > run[-1] for size in runs for run in runs[size])
        small, large = runs[min(runs)], runs[max(runs)]
        assert large[:, -1].min() > small[:, -1].max()


def test_no_row_carries_more_bits_than_it_has():
    for budget in bottleneck.REVERSAL_BUDGETS:
        rows = bottleneck.task_runs("reversal", budget=budget)
        assert (rows["bits"] <= 3 * rows["fewest"] + 0.01).all() and (rows["bits"] > 0).all()


def test_the_table_was_made_from_the_corpus_as_it_is():
    for task in ("french", "korean"):
        pairs = [pair for split in ("test", "long") for pair in corpus.load_translations(task, split=split)]
        references = {" ".join(pair.target) for pair in pairs}
        assert set(bottleneck.task_runs(task, "bottleneck_examples").reference) <= references


# -- figure and explorer


@pytest.mark.parametrize("forced", [True, False])
def test_the_diagram_shows_every_word_and_says_it(forced):
    ax = figures.draw_encoder_decoder(["une", "pomme"], ["an", "apple", "<eos>"], forced=forced, title="T")
    shown = [text.get_text() for text in ax.texts]
    assert {"une", "pomme", "an", "apple", "<eos>", "<sos>", "encoder", "decoder", "hidden, cell"} <= set(shown)
    assert len(ax.patches) >= 5
    description = figures.description(ax)
    assert "une pomme" in description and ("true word" in description) == forced
    with pytest.raises(ValueError, match="at least one word"):
        figures.draw_encoder_decoder([], ["a"])


@pytest.mark.parametrize("task", ["reversal", "french"])
def test_every_position_of_the_bottleneck_explorer(task):
    panel = bottleneck_explorer(task)
    trained = len(bottleneck.by_length(bottleneck.task_runs(task), "exact")[0])
    seen, (sizes, names) = set(), (panel.controls[name].options for name in ("hidden_size", "length"))
    for size in sizes:
        panel.controls["hidden_size"].value = size
        for at, name in enumerate(names):
            panel.controls["length"].value = name
            assert not panel.status.failed and f"{size} units, {name} " in panel.status.text
            source, reference, *networks, signs = panel.texts.drawn
            assert (source, reference, signs) == ("source", "reference", "")
            assert len(networks) == 3  # several examples of each point
            for network in networks:
                pieces = panel.texts.drawn[network]
                assert ("(right)" in network) == ([mark for _, mark in pieces] == ["kept"])
                assert ("(right)" in network) == (plain(pieces) == panel.texts.drawn["reference"])
            assert ("extrapolation" in panel.status.text) == (at >= trained)
            seen.add((panel.views[0].drawn["mark"]["x"], size))
    assert len(seen) == len(sizes) * len(names)
    panel.reset()
    assert panel.settings["length"] == names[0]
    bundle = panel._repr_mimebundle_()
    for name, words in panel.texts.drawn.items():  # the still picture shows the examples too
        assert f"{name} {plain(words)}" in bundle["text/plain"]


def test_the_lessons_first_sentence_is_too_long_for_all_but_the_largest_vector():
    panel = bottleneck_explorer("french", length="15–16")
    *smaller, largest = panel.controls["hidden_size"].options
    for size in smaller:
        panel.controls["hidden_size"].value = size
        assert "(right)" not in panel.texts.value
    panel.controls["hidden_size"].value = largest
    assert "(right)" in panel.texts.value


def test_every_challenge_of_the_bottleneck_explorer_can_be_met_and_none_is_met_at_first():
    for task in bottleneck.TASKS:
        panel = bottleneck_explorer(task)
        assert not any(challenge["met"] for challenge in panel.head.challenges)
        sizes, names = (panel.controls[name].options for name in ("hidden_size", "length"))
        met_by = [set() for _ in panel.challenges]
        for size in sizes:
            for name in names:
                panel.set({"hidden_size": size, "length": name})
                facts = panel.settings | panel.facts(panel.compute(**panel.settings))
                for met, challenge in zip(met_by, panel.challenges, strict=True):
                    met |= {(size, name)} if challenge.met(facts) else set()
        everywhere = len(sizes) * len(names)
        assert all(0 < len(met) < everywhere / 2 for met in met_by), (task, met_by)  # possible, and not by chance
        assert all(challenge["met"] for challenge in panel.head.challenges)


def test_differences_are_marked_by_colour_and_by_sign():
    output, reference = (text.split() for text in ("the big dog ran off .", "the old dog ran home quickly ."))
    pieces = marked_text(word_differences(output, reference))
    assert pieces == [
        ["The", "kept"], [" ✗big", "replaced"], [" dog ran", "kept"], [" −home", "missing"], [" ✗off", "replaced"],
        [".", "kept"],
    ]  # fmt: skip
    assert plain(pieces) == "The ✗big dog ran −home ✗off."
    assert '<span class="cu-word replaced">✗big</span> dog' in texts_html({"network 1": pieces})
    assert "<b>a &lt; b</b>" in texts_html({"a < b": "text"})


@pytest.mark.parametrize(
    ("output", "reference", "text"),
    [
        ("he could +n't sleep .", "he could +n't sleep .", "He couldn't sleep."),
        ("he would +n't sleep .", "he could +n't sleep .", "He ✗wouldn't sleep."),
        ("he could sleep .", "he could +n't sleep .", "He could −n't sleep."),
        ("she went away .", "he left .", "+She ✗(went away)."),
        ("", "he left .", "−(He left.)"),
    ],
)
def test_marked_texts_are_written_as_sentences(output, reference, text):
    assert plain(marked_text(word_differences(output.split(), reference.split()))) == text


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
