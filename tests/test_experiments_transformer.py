"""The Transformer trained by its recipe; lesson 4's measures, interventions and explorers on it."""

import numpy as np
import pandas as pd
import pytest
import torch
from build_transformer import PLAN
from test_measure_alignment import DATA, PAIRS
from torch.nn.functional import cross_entropy

from course_utils.datasets.corpus import Translations
from course_utils.datasets.tables import read_table
from course_utils.experiments import designs, transformer
from course_utils.experiments.designs import bleu_on, bleu_under_interventions
from course_utils.experiments.transformer import (
    BASE,
    MODELS,
    Design,
    Recipe,
    bleu_without_heads,
    build_transformer,
    measure_design,
)
from course_utils.explorers import attention_explorer, translation_explorer
from course_utils.measure import alignment, interventions
from course_utils.measure.interventions import attentions, intervened, silenced
from course_utils.measure.reading import corpus_index, read_heads
from course_utils.measure.timing import cache_saving, decoding_step, multiplications
from course_utils.measure.translation import Translator, language_loss
from course_utils.measure.word_gradients import word_gradients
from course_utils.messages import Refusal
from course_utils.models.attention import attention
from course_utils.models.decoding import evaluating, teacher_forced
from course_utils.models.training import fit
from course_utils.models.transformer import DecoderOnly, Transformer

QUICK = Recipe(d_model=16, dim_feedforward=32, learning_rate=1e-2, batch_size=2)
FEW = BASE._replace(passes=60, warm_up=10)


@pytest.fixture(scope="module", params=["encoder_decoder", "decoder_only"])
def trained(request):
    return measure_design(DATA, FEW._replace(model=request.param), 0, recipe=QUICK)


def logits_of(model):
    batch = DATA.batch(PAIRS)
    with evaluating(model):
        return teacher_forced(model, batch.source, batch.target)


@pytest.fixture
def model():
    return build_transformer(DATA, seed=1, recipe=QUICK).eval()


def test_it_learns_and_the_score_sheet_measures_it(trained):
    sheet, translator = trained
    assert sheet["bleu"] == sheet["long"] == pytest.approx(100) and sheet["exact"] == 1 and sheet["loss"] < 0.1
    assert sheet["parameters"] == sum(weight.numel() for weight in translator.model.parameters())
    for step in ("predicting", "reading"):
        assert 0 <= sheet[f"best_{step}"] <= 1 and 0 <= sheet[f"mean_{step}"] <= 1
        layer, head = map(int, sheet[f"head_{step}"].split("."))
        assert 1 <= layer <= 2 and 1 <= head <= 4


def test_explorers_show_it(trained):
    _, translator = trained
    assert not translation_explorer(translator, "b a c").status.failed
    if hasattr(translator.model, "encoder"):
        for intervention in interventions.INTERVENTIONS:
            panel = attention_explorer({"a": (translator, PAIRS)}, intervention=intervention, temperature=0.5)
            assert not panel.status.failed


def test_a_language_model_learns_to_write_the_source_too():
    right = {}
    for name in ("decoder_only", "language_model"):
        model = measure_design(DATA, FEW._replace(model=name), 0, recipe=QUICK)[1].model
        source = DATA.batch(PAIRS[2:]).source
        right[name] = (model.read(source)[0].argmax(dim=-1)[:-1] == source[1:]).float().mean().item()
    assert right["language_model"] == 1 > right["decoder_only"]


@pytest.mark.parametrize("name", MODELS)
def test_every_model_is_built_alike_from_a_seed(name):
    once, again, other = (build_transformer(DATA, BASE._replace(model=name), seed, recipe=QUICK) for seed in (0, 0, 1))
    torch.testing.assert_close(once.state_dict(), again.state_dict(), atol=0, rtol=0)
    assert not torch.equal(next(once.parameters()), next(other.parameters()))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model": "other"}, "expected a model"),
        ({"norm": "between"}, "expected a model"),
        ({"positions": "other"}, "expected one of"),
        ({"heads": 3}, "3 heads cannot share"),
    ],
)
def test_unknown_designs_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        build_transformer(DATA, BASE._replace(**change), recipe=QUICK)


def test_without_a_causal_mask_the_next_word_is_read():
    batch = DATA.batch(PAIRS)
    model = build_transformer(DATA, BASE._replace(model="no_causal_mask"), recipe=QUICK).eval()
    changed = batch.target.clone()
    changed[2, 0] = 5 if changed[2, 0] != 5 else 6
    before, after = (teacher_forced(model, batch.source, target)[0] for target in (batch.target, changed))
    assert (after[0, 0] - before[0, 0]).abs().max() > 1e-3


# --------------------------------------------------------------------- interventions mean what they mean in lesson 4


def test_permuting_keys_and_values_together_changes_nothing(model):
    before = logits_of(model)
    with intervened(model, interventions.permuted_together):
        torch.testing.assert_close(logits_of(model), before)


def test_values_permuted_keep_the_first_layers_weights(model):
    before, weights = logits_of(model)
    with intervened(model, interventions.values_permuted):
        after, moved = logits_of(model)
    torch.testing.assert_close(moved[:, :, 0], weights[:, :, 0])
    changed = (after - before).abs().amax(dim=(0, 2))
    assert changed[0] > 1e-3 and changed[1] < 1e-5, "a sentence of one word has no other order"


def test_uniform_weights_are_one_over_the_length(model):
    with intervened(model, interventions.uniform):
        _, weights = logits_of(model)
    for b, pair in enumerate(PAIRS):
        words = weights[:, b, ..., : len(pair.source)]
        torch.testing.assert_close(words, torch.full_like(words, 1 / len(pair.source)))


def test_another_memory_is_the_next_sentences_and_the_last_ones_the_first(model):
    batch = DATA.batch(PAIRS)
    with evaluating(model):
        state, (memory, mask) = model.encode(batch.source)
        expected = model.decode(batch.target[:-1], state, (memory.roll(-1, 1), mask.roll(-1, 1)))[0]
        with intervened(model, interventions.other_memory):
            logits = model.decode(batch.target[:-1], state, (memory, mask))[0]
    torch.testing.assert_close(logits, expected)


def test_every_head_loses_its_own_strongest_word(model):
    _, before = logits_of(model)
    with intervened(model, interventions.strongest_hidden):
        _, after = logits_of(model)
    strongest = before[:, :, 0].argmax(dim=-1, keepdim=True)  # the first layer: what later ones see has changed
    hidden = after[:, :, 0].gather(-1, strongest).squeeze(-1)
    lone = torch.tensor([len(pair.source) == 1 for pair in PAIRS])
    assert (hidden[:, ~lone] == 0).all() and (hidden[:, lone] == 1).all()


def test_a_cool_temperature_sharpens_every_head(model):
    _, before = logits_of(model)
    with intervened(model, interventions.tempered(interventions.attend, 0.2)):
        _, after = logits_of(model)
    assert (after[:, :, 0].amax(-1) >= before[:, :, 0].amax(-1) - 1e-6).all()


def test_interventions_are_scored(trained):
    _, translator = trained
    if not hasattr(translator.model, "encoder"):
        with pytest.raises(ValueError, match="has an attribute `attend`"):
            bleu_under_interventions(translator, PAIRS)
        return
    bleu = bleu_under_interventions(translator, PAIRS)
    assert bleu["as_trained"] == bleu["permuted_together"] == pytest.approx(100) and bleu["other_memory"] < 100


# ------------------------------------------------------------------------------------------------------------- heads


@pytest.mark.parametrize("kind", ["cross", "decoder", "encoder"])
def test_a_silenced_head_adds_nothing_and_comes_back(model, kind):
    before, _ = logits_of(model)
    with silenced(model, [(0, 1)], kind):
        after, _ = logits_of(model)
        # Whatever it would have added: its projections do not matter now.
        attention = attentions(model, kind)[0]
        rows = slice(attention.head_dim, 2 * attention.head_dim)
        with torch.no_grad():
            value = attention.in_proj_weight.chunk(3)[2][rows]
            kept = value.clone()
            value.fill_(7.0)
            torch.testing.assert_close(logits_of(model)[0], after)
            value.copy_(kept)
    assert (after - before).abs().max() > 1e-4
    torch.testing.assert_close(logits_of(model)[0], before, atol=0, rtol=0)


def test_all_heads_silenced_are_a_decoder_without_a_source(model):
    heads = [(layer, head) for layer in range(2) for head in range(4)]
    with silenced(model, heads):
        logits, _ = logits_of(model)
    torch.testing.assert_close(logits[0, 0], logits[0, 1])  # after `<sos>`, whatever the source


def test_heads_that_are_not_there_are_refused(model):
    for heads in ([(2, 0)], [(0, 4)], [(-1, 0)]):
        with pytest.raises(ValueError, match="there is no head"), silenced(model, heads):
            pass
    alone = build_transformer(DATA, BASE._replace(model="decoder_only"), recipe=QUICK)
    assert len(attentions(alone, "decoder")) == 2
    for kind in ("cross", "encoder", "other"):
        with pytest.raises(ValueError, match="no multi-head attention of kind"):
            attentions(alone, kind)


def test_heads_are_scored_one_by_one(trained):
    _, translator = trained
    weights = alignment.forced_weights(translator, PAIRS, by_head=True)
    assert [w.shape for w in weights] == [(len(p.target) + 1, 2, 4, len(p.source)) for p in PAIRS]
    mean = alignment.forced_weights(translator, PAIRS)
    for rows, of_all in zip(weights, mean, strict=True):
        np.testing.assert_allclose(rows.mean(axis=(1, 2)), of_all, rtol=1e-5)
    rates = alignment.head_error_rates(weights, PAIRS, shift=1)
    assert rates.shape == (2, 4)
    assert rates[1, 2] == alignment.error_rate([rows[:, 1, 2] for rows in weights], PAIRS, shift=1)
    predicting, reading = alignment.head_alignments(translator, DATA)
    assert (predicting.shift, reading.shift) == (0, 1)
    assert reading.best_rate == reading.by_head[reading.best] == reading.by_head.min()  # valid is test here
    assert reading.mean == alignment.error_rate(mean, PAIRS, shift=1)


def test_each_head_is_silenced_in_turn(trained):
    _, translator = trained
    kind = "cross" if hasattr(translator.model, "encoder") else "decoder"
    scores = bleu_without_heads(translator, PAIRS, kind)
    assert scores.shape == (2, 4) and (scores <= 100 + 1e-9).all()
    with silenced(translator.model, [(1, 3)], kind):
        assert bleu_on(translator, PAIRS) == scores[1, 3]


def test_a_sentence_is_read_by_head(trained):
    _, translator = trained
    known, kind = corpus_index(PAIRS), "cross" if hasattr(translator.model, "encoder") else "decoder"
    reading = read_heads(translator, known, "b a c", kind=kind)
    assert reading.target == ["A", "B"] and reading.gold == PAIRS[0].alignment and reading.probability > 0.9
    (weights,) = alignment.forced_weights(translator, PAIRS[:1], by_head=True)
    np.testing.assert_allclose(reading.maps, weights[:2].transpose(1, 2, 0, 3))
    assert reading.error_rates[1, 2] == alignment.error_rate([weights[:, 1, 2]], PAIRS[:1])
    late = read_heads(translator, known, "b a c", kind=kind, forced=True, shift=1)
    np.testing.assert_allclose(late.maps, weights[1:3].transpose(1, 2, 0, 3))
    heads = [(layer, head) for layer in range(2) for head in range(4)]
    deaf = read_heads(translator, known, "b a c", heads, kind=kind, forced=True)
    assert deaf.probability < reading.probability and deaf.maps.shape == (2, 4, 2, 3)
    typed = read_heads(translator, known, "c a b", [(0, 0)], kind=kind)
    assert typed.gold is None and typed.error_rates is None and typed.maps.shape == (2, 4, len(typed.target), 3)
    with pytest.raises(Refusal, match="has no reference"):
        read_heads(translator, known, "c a b", kind=kind, forced=True)


def test_gradients_reach_the_source(model):
    gradients = word_gradients(model, DATA.batch(PAIRS))
    assert gradients.shape == (4, 4, 3) and (gradients[0] > 0).any() and np.isfinite(gradients).all()
    assert (gradients[:, 1:, 1] == 0).all(), "padding has no influence"


# --------------------------------------------------------------------------------------------- a decoder alone; costs


def test_a_decoder_alone_reads_source_and_target_as_one_sequence():
    model = build_transformer(DATA, BASE._replace(model="decoder_only"), recipe=QUICK).eval()
    losses, tokens = [], []
    for pair in PAIRS:
        batch = DATA.batch([pair])
        joined = torch.cat([batch.source, batch.target + model.source_size])
        logits, _ = model.read(joined)
        written = teacher_forced(model, batch.source, batch.target)[0]
        torch.testing.assert_close(logits[len(batch.source) : -1, ..., model.source_size :], written)
        read, _ = model.read(batch.source)
        torch.testing.assert_close(logits[: len(batch.source)], read)
        # Of a source word's successor all ids could be, of a target word's those of the target's language.
        size = len(batch.source)
        losses.append(cross_entropy(logits[:size, 0], joined[1 : size + 1, 0], reduction="sum"))
        losses.append(cross_entropy(written[:, 0], batch.target[1:, 0], reduction="sum"))
        tokens.append(len(joined) - 1)
    assert language_loss(model, DATA.batch(PAIRS)).item() == pytest.approx(sum(losses).item() / sum(tokens), rel=1e-5)


def test_a_language_model_learns_to_translate():
    model = build_transformer(DATA, BASE._replace(model="decoder_only"), recipe=QUICK)
    history = fit(model, DATA.batches(), language_loss, epochs=80, learning_rate=1e-2)
    assert history.loss[-1] < 0.6 * history.loss[0]
    assert Translator(model, DATA)([["a"]]) == [["A"]]


@pytest.mark.parametrize("name", ["encoder_decoder", "decoder_only"])
def test_a_cache_saves_multiplications_and_changes_nothing(name):
    model = build_transformer(DATA, BASE._replace(model=name), recipe=QUICK)
    saving = cache_saving(model, DATA.batch(PAIRS))
    assert saving.gap < 1e-5 and saving.multiplications[0] < 0.6 * saving.multiplications[1]
    assert min(saving.milliseconds) > 0


def test_multiplications_are_counted():
    x = torch.ones(7, 3, 5)
    assert multiplications(lambda: torch.nn.Linear(5, 11)(x)) == 7 * 3 * 5 * 11
    assert multiplications(lambda: torch.nn.LSTM(5, 4)(x)) == 7 * 3 * 16 * (5 + 4)
    heads = x.transpose(0, 1)
    assert multiplications(lambda: attention(heads, heads, heads)) == 3 * 2 * 7 * 7 * 5


# --------------------------------------------------------------------------------------------------------- the table


def test_rows_of_a_table_are_chosen():
    designs = [BASE, BASE, BASE._replace(heads=1), BASE._replace(heads=1, norm="after")]
    rows = [{"language": "french", **d._asdict(), "seed": seed} for d, seed in zip(designs, (1, 0, 0, 0), strict=True)]
    table = pd.DataFrame(rows)
    assert transformer.transformer_runs(table)["seed"].tolist() == [0, 1]
    heads = transformer.one_factor(table, "heads")
    assert {value: len(part) for value, part in heads.items()} == {4: 2, 1: 1}
    with pytest.raises(ValueError, match="no row of 'korean'"):
        transformer.transformer_runs(table, "korean")


def test_one_more_word_costs_more_behind_more_words_unless_nothing_looks_back():
    pairs = {length: [type(PAIRS[0])(["a"] * length, ["A"] * length)] * 2 for length in (2, 4, 8)}
    counts = {}
    for name, model in {
        "bare": designs.build_design("no_attention", "none", DATA),
        "attention": designs.build_design("states_and_words", "scaled_dot", DATA),
        "transformer": build_transformer(DATA, recipe=QUICK),
    }.items():
        costs = [decoding_step(model, DATA.batch(pairs[length])) for length in pairs]
        assert all(cost.milliseconds > 0 for cost in costs)
        counts[name] = [cost.multiplications for cost in costs]
    assert len(set(counts["bare"])) == 1
    for name in ("attention", "transformer"):  # keys and values of one more word each: linear in the words
        two, four, eight = counts[name]
        assert eight - four == 2 * (four - two) > 0, name


def test_every_design_of_the_plan_can_be_built_and_is_planned_once():
    points = [(language, design, seed) for language, design, seeds in PLAN for seed in seeds]
    assert len(points) == len(set(points)) > 40
    for design in {design for _, design, _ in points}:
        build_transformer(DATA, design, recipe=QUICK)


@pytest.fixture(scope="module")
def table():
    return read_table("transformer")


def test_the_table_holds_points_of_the_plan_once_each(table):
    keys = ["language", *Design._fields, "seed"]
    assert not table.duplicated(keys).any()
    planned = {(language, *design, seed) for language, design, seeds in PLAN for seed in seeds}
    assert set(table[keys].itertuples(index=False, name=None)) <= planned


def test_the_table_says_what_the_lesson_claims(table):
    base = transformer.transformer_runs(table)
    assert base["bleu"].min() > 95 and (base["long"] < base["bleu"] - 20).all()
    # Where it predicts a word, the decoder looks at that word's source; where it reads it, no longer.
    assert (base["mean_predicting"] < 0.2).all() and (base["mean_reading"] > 0.7).all()
    positions = transformer.one_factor(table, "positions")
    assert positions["none"]["bleu"].max() < base["bleu"].min() - 5


@pytest.mark.parametrize(("name", "least"), [("transformer_korean", 85), ("decoder_only_french", 60)])
def test_the_stored_translators_are_those_that_are_described(name, least):
    language, design = transformer.KEPT[name]
    data = Translations.course(language)
    stored = transformer.load_translator(name, data)
    assert isinstance(stored.model, DecoderOnly if design.model == "language_model" else Transformer)
    assert bleu_on(stored, data.test[:40]) > least


def test_an_unknown_checkpoint_is_refused_with_the_names_there_are():
    with pytest.raises(ValueError, match="decoder_only_french"):
        transformer.load_translator("transformer_klingon", Translations.course("korean"))
