"""The drawings made from networks: whose numbers they show, and that a student's own functions are used."""

import numpy as np
import pytest
import torch
from test_measure_alignment import PAIRS, translator
from torch import nn

from course_utils import explorers
from course_utils.datasets import words
from course_utils.datasets.corpus import Translations
from course_utils.experiments import transformer as recipes
from course_utils.experiments.bottleneck import learn_by_heart
from course_utils.measure.gates import read_held
from course_utils.measure.translation import Translator
from course_utils.models.attention import attend, build_seq2seq
from course_utils.models.lstm import lstm_gates
from course_utils.models.rnn import SequenceClassifier, rnn_step
from course_utils.models.transformer import TransformerEncoderLayer


@pytest.fixture(scope="module")
def alphabet():
    return words.Alphabet(words.load_words())


@pytest.fixture
def reader(alphabet):
    torch.manual_seed(0)
    return SequenceClassifier(len(alphabet), 8, 6, 18)


def test_a_word_is_read_with_the_students_step_and_the_gradient_is_the_losss(reader, alphabet):
    calls = []

    def my_step(*arguments):
        calls.append(1)
        return rnn_step(*arguments)

    own = explorers.rnn_drawing(reader, alphabet, "abc", "Polish", step=my_step).drawn
    torchs = explorers.rnn_drawing(reader, alphabet, "abc", "Polish").drawn
    assert calls
    np.testing.assert_allclose(own["values"], torchs["values"], atol=1e-6)
    np.testing.assert_allclose(own["gradients"], torchs["gradients"], rtol=1e-4)
    ids = torch.tensor(alphabet.encode("abc"))[:, None]
    _, last = reader.rnn(reader.embedding(ids[:2]))
    last = last.detach().requires_grad_()
    end = reader.rnn(reader.embedding(ids[2:]), last)[1]
    wanted = torch.tensor([words.LANGUAGE_NAMES.index("Polish")])
    loss = nn.functional.cross_entropy(reader.output(end[0]), wanted)
    before, after = (gradient.norm() for gradient in torch.autograd.grad(loss, [last, end]))
    assert torchs["gradients"][1] == pytest.approx((before / after).item(), rel=1e-4)
    assert all(weight.grad is None or not weight.grad.any() for weight in reader.parameters())


def test_a_word_of_no_language_is_refused(reader, alphabet):
    with pytest.raises(ValueError, match="the language is one of"):
        explorers.rnn_drawing(reader, alphabet, "abc", "Klingon")
    with pytest.raises(ValueError, match="at most 16 steps"):
        explorers.rnn_drawing(reader, alphabet, "a" * 17, "Polish")


def test_a_cell_shows_the_networks_trace_and_the_unit_that_writes_least_later():
    torch.manual_seed(0)
    model = SequenceClassifier(11, 4, 5, 8, cell="lstm")
    drawn = explorers.cell_drawing(model, "abc").drawn
    trace = read_held(model, "abc").reading.trace
    assert drawn["unit"] == trace.input[1:].sum(axis=0).argmin() and drawn["letters"] == ["A", "B", "C", "?"]
    np.testing.assert_allclose(drawn["traces"]["cell"], trace.cell)

    def my_gates(*arguments):
        i, f, g, o = lstm_gates(*arguments)
        return i, 0 * f, g, o

    mine = explorers.cell_drawing(model, "abc", unit=2, gates=my_gates).drawn
    assert mine["unit"] == 2 and not mine["traces"]["forget"].any()


def test_attention_shows_the_references_weights_and_its_gold_links():
    found = translator()
    drawn = explorers.attention_drawing(found, PAIRS[0]).drawn
    assert drawn["rows"] == list(PAIRS[0].target) and drawn["columns"] == list(PAIRS[0].source)
    assert drawn["values"].sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert sorted(drawn["marked"]) == sorted([t, s] for s, t in PAIRS[0].alignment)

    def my_attend(query, memory, mask, score):
        context, weights = attend(query, memory, mask, score)
        return context, torch.full_like(weights, 1 / weights.shape[-1])

    even = explorers.attention_drawing(found, PAIRS[0], attend=my_attend).drawn["values"]
    assert even == pytest.approx(1 / len(PAIRS[0].source))


def test_words_are_numbered_only_if_the_translation_is_the_reference():
    heart = learn_by_heart(PAIRS, hidden_size=12, source_language="korean", target_language="english")
    assert heart([pair.source for pair in PAIRS]) == [list(pair.target) for pair in PAIRS]
    drawn = explorers.bottleneck_drawing(heart, PAIRS[0]).drawn
    assert drawn["rows"] == list(PAIRS[0].target)
    assert sorted(drawn["links"]) == sorted([t, s] for s, t in PAIRS[0].alignment)
    data = Translations(PAIRS, [], [])
    torch.manual_seed(1)
    untrained = Translator(build_seq2seq(6, len(data.source_words), len(data.target_words)), data)
    untrained.model.decoder.output.bias.data[3:] += 5  # it writes some word, and never stops
    with pytest.raises(ValueError, match="at most 16 words"):
        explorers.bottleneck_drawing(untrained, PAIRS[0])


@pytest.fixture(scope="module")
def kept():
    data = Translations.course("korean")
    return recipes.load_translator("transformer_korean", data), data.test[4].source


@pytest.mark.parametrize(("kind", "added"), [("sinusoidal", 1), ("rotary", 0)])
def test_a_layer_shows_what_it_adds_to_each_words_stream(kept, kind, added):
    found, source = kept
    if kind == "sinusoidal":
        model = recipes.build_transformer(Translations.course("korean"), recipes.BASE).eval()
        found = Translator(model, Translations.course("korean"))
    drawn = explorers.layer_drawing(found, source, word=1).drawn
    encoder = found.model.encoder
    assert encoder.positions.kind == kind
    with torch.no_grad():  # the layer as the whole encoder runs it
        ids, seen = torch.tensor(found.source_words.encode(source))[:, None], []
        hook = encoder.layers[0].register_forward_hook(
            lambda layer, inputs, outputs: seen.append((inputs[0], *outputs))
        )
        encoder(ids)
        hook.remove()
    start, end, weights, _ = seen[0]
    np.testing.assert_allclose(drawn["streams"][1], start[:, 0].norm(dim=-1), rtol=1e-5)
    np.testing.assert_allclose(drawn["streams"][3], end[:, 0].norm(dim=-1), rtol=1e-5)
    np.testing.assert_allclose(drawn["weights"], weights[:, 0].transpose(0, 1), atol=1e-6)
    every_hand = added * (len(start[0, 0]) / 2) ** 0.5
    np.testing.assert_allclose(drawn["sizes"][1], every_hand, rtol=1e-5, err_msg="every hand: 1")
    assert drawn["words"] == source and drawn["chosen"] == 1
    assert not any(module._forward_hooks for module in encoder.modules()), "nothing stays behind"


def test_a_students_layer_is_read_in_place_of_the_models(kept):
    found, source = kept
    own = found.model.encoder.layers[0]
    mine = TransformerEncoderLayer(own.self_attn.out_proj.in_features, own.self_attn.num_heads, 8, norm_first=True)
    copied = {name: weight for name, weight in own.state_dict().items() if not name.startswith("linear")}
    mine.load_state_dict(copied, strict=False)
    mine.linear2.weight.data.zero_()
    mine.linear2.bias.data.zero_()
    theirs, models = (explorers.layer_drawing(found, source, layer=layer).drawn for layer in (mine, None))
    np.testing.assert_allclose(theirs["weights"], models["weights"], atol=1e-6)
    assert not theirs["sizes"][5].any() and models["sizes"][5].all()


def test_a_layer_that_cannot_be_drawn_is_refused(kept):
    found, source = kept
    for layer, expected in (
        (nn.Linear(2, 2), "no norm1"),
        (TransformerEncoderLayer(8, 2, norm_first=False), "norm_first"),
    ):
        with pytest.raises(ValueError, match=expected):
            explorers.layer_drawing(found, source, layer=layer)
    for given, text, expected in ((translator(), source, "Transformer's encoder"), (found, [], "at least one word"),
                                   (found, source * 2, "at most 16 words")):  # fmt: skip
        with pytest.raises(ValueError, match=expected):
            explorers.layer_drawing(given, text)
