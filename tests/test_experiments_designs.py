from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from test_measure_alignment import DATA, PAIRS

from course_utils.datasets.corpus import Translations
from course_utils.datasets.tables import read_table
from course_utils.experiments import designs
from course_utils.experiments.designs import DESIGNS, SCORES, build_design, design_runs
from course_utils.measure import timing
from course_utils.measure.translation import Translator
from course_utils.models.attention import AttentionSeq2Seq

QUICK = designs.Recipe(dropout=0.0, rates=((1e-2, 30),))


@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize("design", [name for name in DESIGNS if name != "no_attention"])
def test_every_design_is_built_with_every_score(design, score):
    model, again = build_design(design, score, DATA), build_design(design, score, DATA)
    assert isinstance(model, AttentionSeq2Seq)
    torch.testing.assert_close(model.state_dict(), again.state_dict(), atol=0, rtol=0)


@pytest.mark.parametrize(
    ("design", "score"),
    [("no_attention", "dot"), ("states_alone", "none"), ("other", "dot"), ("states_alone", "cosine")],
)
def test_an_unknown_design_or_score_is_refused(design, score):
    with pytest.raises(ValueError, match="expected one of"):
        build_design(design, score, DATA)


@pytest.fixture(scope="module")
def trained():
    """Return a trained model and its history."""
    model = build_design("states_and_words", "scaled_dot", DATA, recipe=QUICK)
    (history,) = designs.train(model, DATA, recipe=QUICK)
    return model, history


def test_training_learns_and_the_score_sheet_measures_it(trained):
    model, history = trained
    assert history.loss[-1] < 0.1 * history.loss[0]
    sheet = designs.score_sheet(Translator(model, DATA), DATA)
    assert sheet["bleu"] == sheet["long"] == pytest.approx(100) and sheet["exact"] == 1
    assert sheet["together"] == pytest.approx(sheet["bleu"]), "attention is a set operation"
    assert 0 <= sheet["error_rate"] <= 1
    plain = designs.score_sheet(Translator(build_design("no_attention", "none", DATA), DATA), DATA)
    assert set(plain) == {"bleu", "exact", "long", "parameters"} and plain["parameters"] < sheet["parameters"]


def test_a_checkpoint_comes_back(tmp_path, monkeypatch):
    monkeypatch.setattr(designs, "DATA", tmp_path)
    model = build_design("states_and_words", "position", DATA, seed=3)
    designs.save(model, tmp_path / "small.safetensors")
    loaded = designs.load_translator("small", "states_and_words", "position", DATA).model
    torch.testing.assert_close(loaded.state_dict(), model.state_dict(), atol=1e-3, rtol=1e-3)
    with pytest.raises(RuntimeError, match="Missing key"):
        designs.load_translator("small", "states_and_words", "additive", DATA)


def test_the_longest_source_fits_the_specimen():
    longest = max(len(pair.source) for language in ("korean", "french") for pair in Translations.course(language).long)
    assert longest <= designs.LONGEST_SOURCE


def test_rows_of_a_table_are_chosen():
    table = pd.DataFrame(
        [("korean", "d", "dot", 1, 9.6), ("korean", "d", "dot", 0, 8.2), ("french", "d", "dot", 0, 1.0)],
        columns=["language", "design", "score", "seed", "bleu"],
    )
    assert design_runs(table, "korean", "d")["seed"].tolist() == [0, 1]
    overview = designs.overview(table, [("d", "dot")], ["bleu"])
    assert overview == {"d, dot": {"BLEU, French": 1, "BLEU, Korean": 8.9, "seeds": 1}}
    with pytest.raises(ValueError, match="no row of 'french'"):
        design_runs(table, "french", "other")


def test_interventions_are_scored_on_a_model_that_learned(trained):
    bleu = designs.bleu_under_interventions(Translator(trained[0], DATA), PAIRS)
    assert bleu["as_trained"] == bleu["permuted_together"] == pytest.approx(100)
    assert bleu["other_memory"] < 100


def test_convergence_comes_from_lesson_3():
    bleu = designs.converged_bleu("french")
    assert len(bleu.by_length) == len(designs.BINS)
    assert 100 > bleu.by_length[0] > bleu.test > bleu.long > 0


def test_a_step_is_timed():
    assert timing.step_time(build_design("states_and_words", "dot", DATA), DATA.batch(PAIRS)) > 0


def test_only_the_look_before_the_step_calls_the_decoder_word_by_word():
    batch = DATA.batch(PAIRS)
    calls = {name: timing.decoder_calls(build_design(name, "dot", DATA), batch) for name in list(DESIGNS)[1:]}
    assert calls == {"states_alone": 1, "states_and_words": 1, "attention_first": len(batch.target) - 1}


# ------------------------------------------------------------------------------- the committed table and checkpoints


@pytest.fixture(scope="module")
def table():
    return read_table("attention")


def test_the_table_holds_every_point_of_the_plan_once(table):
    assert not table.duplicated(["language", "design", "score", "seed"]).any()
    for language in ("korean", "french"):
        for design, score in [(design, None) for design in DESIGNS] + [("states_and_words", score) for score in SCORES]:
            assert len(design_runs(table, language, design, score)) >= 1


def test_the_table_says_what_the_lesson_claims(table):
    for language in ("korean", "french"):
        on = design_runs(table, language, "states_and_words", "scaled_dot")
        off = design_runs(table, language, "no_attention")
        assert on["bleu"].min() > 95 and on["long"].min() > 4 * off["long"].max()
        assert on["error_rate"].max() < {"korean": 0.30, "french": 0.25}[language]
        np.testing.assert_allclose(on["together"], on["bleu"], atol=0.1)
        specimen = design_runs(table, language, "states_and_words", "position")
        assert (specimen["together"] < 0.8 * specimen["bleu"]).all()


@pytest.mark.parametrize(
    ("name", "language", "score"),
    [("attention_korean", "korean", "scaled_dot"), ("attention_specimen", "korean", "position")],
)
def test_committed_checkpoints_are_small_and_fit_the_corpus(name, language, score, table):
    assert (designs.DATA / f"{name}.safetensors").stat().st_size < 1_000_000
    data = Translations.course(language)
    translator = designs.load_translator(name, "states_and_words", score, data)
    sheet = designs.score_sheet(translator, SimpleNamespace(test=data.test[:200], long=data.long[:20]))
    row = design_runs(table, language, "states_and_words", score).iloc[0]
    assert sheet["bleu"] == pytest.approx(row["bleu"], abs=5)
    assert sheet["error_rate"] == pytest.approx(row["error_rate"], abs=0.05)
