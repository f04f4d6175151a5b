import numpy as np
import pytest
import torch
from test_measure_alignment import PAIRS

from course_utils.datasets.corpus import Translations
from course_utils.datasets.special_tokens import EOS
from course_utils.measure.bottleneck import read_bottleneck
from course_utils.measure.translation import Translator
from course_utils.models.attention import build_seq2seq
from course_utils.models.decoding import greedy


@pytest.fixture
def translator() -> Translator:
    torch.manual_seed(0)
    data = Translations(PAIRS, [], [])
    return Translator(build_seq2seq(6, len(data.source_words), len(data.target_words)), data)


def test_states_are_the_encoders_and_then_the_decoders(translator):
    source = list(PAIRS[0].source)
    reading = read_bottleneck(translator, source, max_length=4)
    (batch,) = translator.read([source])
    ids = greedy(translator.model, batch.source, batch.source_lengths, max_length=4)[:, 0].tolist()
    assert reading.source == source
    assert reading.target == [translator.target_words.tokens[index] for index in ids if index != EOS]
    assert reading.states.shape == (len(source) + len(reading.target), 6)
    with torch.no_grad():
        memory, hidden, _ = translator.model.encoder.states(batch.source, batch.source_lengths)
    np.testing.assert_allclose(reading.states[: len(source)], memory[:, 0], atol=1e-6)
    np.testing.assert_allclose(reading.states[len(source) - 1], hidden[-1, 0], atol=1e-6)


def test_dependence_is_the_gradient_of_each_state_to_each_word(translator):
    source = list(PAIRS[0].source)
    dependence = read_bottleneck(translator, source).dependence
    assert dependence.shape == (len(source), len(source))
    assert (np.triu(dependence, 1) == 0).all(), "no state depends on a word to come"
    assert dependence.max(axis=1) == pytest.approx(np.ones(len(source)))
    model, (batch,) = translator.model, translator.read([source])
    embedded = model.encoder.embedding(batch.source).detach()
    jacobian = torch.autograd.functional.jacobian(lambda x: model.encoder.rnn(x)[0][-1, 0], embedded)  # (H, S, 1, E)
    norms = jacobian.square().sum(dim=(0, 2, 3)).sqrt()
    np.testing.assert_allclose(dependence[-1], norms / norms.max(), rtol=1e-4)


def test_reading_leaves_the_model_as_it_was_and_wants_a_word(translator):
    translator.model.train()
    read_bottleneck(translator, list(PAIRS[0].source))
    assert translator.model.training and all(weight.grad is None for weight in translator.model.parameters())
    assert not translator.model.encoder.embedding._forward_hooks
    with pytest.raises(ValueError, match="word"):
        read_bottleneck(translator, [])
