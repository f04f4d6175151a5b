import weakref

import numpy as np
import pytest
import torch
from torch import nn

from course_utils.datasets import words
from course_utils.measure import gradients, probes
from course_utils.models.rnn import LoopedRNN, SequenceClassifier, rnn_step, rnn_weights, run_rnn


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_state_gradients_equal_finite_differences(cell):
    layer = gradients.random_layer(cell, 4, 0.9, seed=3)
    x = torch.randn(5, 1, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    direction = torch.tensor([1.0, -2.0, 0.5, 0.0], dtype=torch.float64)
    norms = gradients.state_gradients(layer, x, lambda last: (last @ direction).sum())
    with torch.no_grad():
        _, state = layer(x[:2])

        def rest(change):
            parts = state if isinstance(state, tuple) else (state,)
            moved = tuple(part + piece for part, piece in zip(parts, change.split(4), strict=True))
            return (layer(x[2:], moved if len(moved) == 2 else moved[0])[0][-1, 0] @ direction).item()

        size, step = 8 if cell == "lstm" else 4, 1e-6
        gradient = [(rest(step * unit) - rest(-step * unit)) / (2 * step) for unit in torch.eye(size).double()]
    assert norms[1] == pytest.approx(np.linalg.norm(gradient), rel=1e-6)
    assert norms[-1] == pytest.approx(direction.norm().item())


def test_jacobian_of_a_step_is_the_textbook_formula():
    layer = gradients.random_layer("rnn", 5, 1.0, seed=0)
    x, h = torch.randn(2, 3, 5, dtype=torch.float64)
    weights = tuple(weight.detach() for weight in rnn_weights(layer))
    jacobians = gradients.step_jacobians(h, x, weights, torch.tanh)
    after = rnn_step(x, h, *weights)
    torch.testing.assert_close(jacobians, torch.diag_embed(1 - after.square()) @ weights[1])


@pytest.mark.parametrize("elements", [1, 80, 10_000], ids=["two steps", "three steps", "all at once"])
def test_prediction_is_the_norm_of_the_derivative_and_the_bound_a_product_of_norms(elements):
    weights = [weight.detach() for weight in rnn_weights(gradients.random_layer("rnn", 5, 1.3, seed=0))]
    x, h = torch.randn(7, 5, dtype=torch.float64), torch.zeros(1, 5, dtype=torch.float64)
    states = torch.cat([h, run_rnn(x, h[0], *weights)[:-1]])
    bound, tight_bound = gradients.bounds(states, x, weights, torch.tanh, elements=elements)
    steps = gradients.step_jacobians(states, x, weights, torch.tanh)
    for t in range(1, 7):
        whole = torch.autograd.functional.jacobian(lambda h_t, t=t: run_rnn(x[t:], h_t, *weights)[-1], states[t])
        torch.testing.assert_close(tight_bound[t - 1], torch.linalg.matrix_norm(whole, 2))
        torch.testing.assert_close(bound[t - 1], torch.linalg.matrix_norm(steps[t:], 2).prod())
    assert bound[-1] == tight_bound[-1] == 1


def test_a_long_run_holds_few_step_jacobians_at_once(monkeypatch):
    jacobians, held = [], []

    def counting(*arguments, original=gradients.step_jacobians):
        jacobians.append(weakref.ref(chunk := original(*arguments)))
        held.append(sum(alive().numel() for alive in jacobians if alive() is not None))
        return chunk

    monkeypatch.setattr(gradients, "step_jacobians", counting)
    gradients.gradient_flow(length=500, hidden_size=64)
    assert max(held) <= 2 * 2**18 < 500 * 64 * 64 / 3


@pytest.mark.parametrize("activation", ["tanh", "relu", "identity"])
@pytest.mark.parametrize("radius", [0.5, 1.0, 1.5])
def test_gradient_lies_under_prediction_under_bound(activation, radius):
    flow = gradients.gradient_flow(length=30, radius=radius, activation=activation)
    assert flow.norms.shape == flow.bound.shape == flow.tight_bound.shape == (30,)
    assert flow.norms[-1] == pytest.approx(1)
    assert (flow.norms <= flow.tight_bound * (1 + 1e-9)).all()
    assert (flow.tight_bound <= flow.bound * (1 + 1e-9)).all()


def test_gradient_vanishes_or_explodes_with_the_spectral_radius():
    vanishing, exploding = (gradients.gradient_flow(length=50, radius=r, activation="identity") for r in (0.7, 1.4))
    assert vanishing.norms[0] < 1e-5 and exploding.norms[0] > 1e5
    eigenvalues = torch.linalg.eigvals(gradients.random_layer("rnn", 12, 1.3, seed=5).weight_hh_l0)
    assert eigenvalues.abs().max().item() == pytest.approx(1.3)


def test_clipping_keeps_small_gradients_and_cuts_large_ones():
    small = gradients.gradient_flow(length=10, radius=0.5, clip=1e3)
    assert small.clipped_norm == pytest.approx(small.parameter_norm)
    large = gradients.gradient_flow(length=50, radius=1.5, activation="identity", clip=1.0)
    assert large.parameter_norm > 1e3 and large.clipped_norm == pytest.approx(1.0, rel=1e-3)


def test_a_students_own_step_changes_the_picture():
    def without_recurrence(x_t, h_prev, W_ih, W_hh, b_ih, b_hh, activation=torch.tanh):
        return activation(x_t @ W_ih.T + b_ih + b_hh)

    assert gradients.gradient_flow(length=10, step=without_recurrence).norms[0] == 0
    ours, torchs = gradients.gradient_flow(length=10), gradients.gradient_flow(length=10, step=rnn_step)
    np.testing.assert_allclose(ours.norms, torchs.norms)


def test_gradient_flow_leaves_the_global_generator_alone():
    torch.manual_seed(0)
    expected = torch.rand(2)
    torch.manual_seed(0)
    gradients.gradient_flow(length=5)
    assert torch.equal(torch.rand(2), expected)


@pytest.mark.parametrize(
    "bad", [{"length": 1}, {"length": 501}, {"cell": "x"}, {"radius": 0}, {"activation": "sine"}, {"forget_bias": 1.0}]
)
def test_settings_out_of_range_are_refused(bad):
    ((name, value),) = bad.items()
    with pytest.raises(ValueError, match=f"{name.split('_')[0]}.*{value}|only an LSTM"):
        gradients.gradient_flow(**bad)


def test_reading_a_word_letter_by_letter_equals_reading_its_beginnings():
    alphabet = words.Alphabet(words.load_words("valid"))
    model = SequenceClassifier(len(alphabet), 6, 7, 4).eval()
    reading = probes.read_word(model, "Finland", alphabet)
    assert reading.letters == list("finland")
    assert reading.probabilities.shape == (7, 4) and reading.states.shape == (7, 7)
    np.testing.assert_allclose(reading.probabilities.sum(axis=1), 1, rtol=1e-5)
    begun = probes.read_word(model, "finl", alphabet)
    np.testing.assert_allclose(begun.states, reading.states[:4], atol=1e-6)
    looped = probes.read_word(model, "Finland", alphabet, step=rnn_step)
    np.testing.assert_allclose(looped.states, reading.states, atol=1e-6)


def test_probe_reads_what_is_there_and_not_what_is_not():
    generator = np.random.default_rng(0)
    labels = generator.integers(4, size=2000)
    states = np.eye(4)[labels] @ generator.normal(size=(4, 10)) + 0.1 * generator.normal(size=(2000, 10))
    assert probes.linear_probe(states, labels, classes=4) > 0.99
    assert probes.linear_probe(generator.permutation(states), labels, classes=4) < 0.35


def test_a_probe_needs_labels_and_rows_on_both_sides():
    with pytest.raises(ValueError, match="one label per state"):
        probes.linear_probe(np.zeros((4, 2)), np.zeros(3, dtype=int), classes=2)
    with pytest.raises(ValueError, match="each side"):
        probes.linear_probe(np.zeros((1, 2)), np.zeros(1, dtype=int), classes=2)


def test_probes_leave_the_layers_mode_as_it_was():
    layer = nn.RNN(3, 3).eval()
    gradients.state_gradients(LoopedRNN(layer), torch.randn(3, 1, 3), lambda last: last.sum())
    assert not layer.training


def test_a_unit_is_found_by_what_moves_it():
    """A layer whose units copy their input, and an embedding that says "vowel" in one unit, "b" in another."""
    alphabet = words.Alphabet([words.Word("abei", 0)])
    model = SequenceClassifier(len(alphabet), 3, 3, 2)
    with torch.no_grad():
        for weight in model.parameters():
            weight.zero_()
        model.rnn.weight_ih_l0.copy_(torch.eye(3))
        for letter in "aei":
            model.embedding.weight[alphabet.encode(letter)[0], 0] = 1
        model.embedding.weight[alphabet.encode("b")[0], 2] = -1
    batch = words.word_batch([words.Word("aebi", 0), words.Word("bia", 1)], alphabet)
    first, second, *others = probes.unit_responses(model, batch, alphabet.letters, count=3)
    assert {first.unit, second.unit} == {0, 2} and {first.feature, second.feature} <= {"vowel", "b"}
    assert abs(first.correlation) == pytest.approx(1) and abs(second.correlation) == pytest.approx(1)
    assert [response.correlation for response in others] == [0], "the third unit never moves"
