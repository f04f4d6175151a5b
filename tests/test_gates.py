import numpy as np
import pytest
import torch
from torch import nn

from course_utils.datasets import words
from course_utils.measure import gates
from course_utils.models import lstm
from course_utils.models.rnn import SequenceClassifier


@pytest.fixture
def layer():
    torch.manual_seed(1)
    return nn.LSTM(5, 5, dtype=torch.float64)


@pytest.fixture
def x():
    return torch.randn(12, 3, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def recall_model():
    torch.manual_seed(0)
    return SequenceClassifier(11, 4, 6, 8, cell="lstm")


def test_trace_is_what_the_layer_did(layer, x):
    seen = gates.trace(layer, x)
    hidden, (_, last_c) = layer(x)
    np.testing.assert_allclose(seen.hidden, hidden.detach().numpy(), atol=1e-12)
    np.testing.assert_allclose(seen.cell[-1], last_c[0].detach().numpy(), atol=1e-12)
    for values in (seen.input, seen.forget, seen.output):
        assert values.shape == (12, 3, 5) and (values > 0).all() and (values < 1).all()
    before = np.concatenate([np.zeros((1, 3, 5)), seen.cell[:-1]])
    np.testing.assert_allclose(seen.cell, seen.forget * before + seen.input * seen.candidate, atol=1e-12)


def test_held_gates_do_what_their_names_say(layer, x):
    shut = gates.trace(layer, x, hold={"input": 0.0})
    assert not shut.cell.any()  # nothing was ever written
    np.testing.assert_array_equal(shut.input, 0)
    forgetful = gates.trace(layer, x, hold={"forget": 0.0})
    np.testing.assert_allclose(forgetful.cell, forgetful.input * forgetful.candidate)
    keeper = gates.trace(layer, x, hold={"forget": 1.0})
    np.testing.assert_allclose(keeper.cell, np.cumsum(keeper.input * keeper.candidate, axis=0))
    assert not gates.trace(layer, x, hold={"output": 0.0}).hidden.any()
    assert not gates.trace(layer, x, hold={"input": 0.0, "forget": 1.0}).cell.any()


def test_shift_acts_on_the_forget_bias_alone(layer, x):
    shifted = gates.trace(layer, x, forget_shift=2.0)
    lstm.set_forget_bias(layer, (layer.bias_ih_l0 + layer.bias_hh_l0).detach()[5:10] + 2.0)
    np.testing.assert_allclose(shifted.hidden, gates.trace(layer, x).hidden, atol=1e-12)


def test_edited_cells_are_run(layer, x):
    def no_forget_gate(c_prev, i, f, g, o):
        c_t = c_prev + i * g
        return o * c_t.tanh(), c_t

    mine = gates.trace(layer, x, update=no_forget_gate)
    np.testing.assert_allclose(mine.cell, np.cumsum(mine.input * mine.candidate, axis=0))

    def always_open(*arguments):
        i, f, g, o = lstm.lstm_gates(*arguments)
        return torch.ones_like(i), f, g, o

    assert (gates.trace(layer, x, gates=always_open).input == 1).all()


@pytest.mark.parametrize(
    ("wrong", "hold", "words"),
    [
        (nn.LSTM(5, 5), {"candidate": 0.0}, "one of input, forget, output"),
        (nn.LSTM(5, 5), {"forget": 1.5}, "between 0 .* and 1 .*, not at 1.5"),
        (nn.RNN(5, 5), {}, r"one-layer nn\.LSTM"),
        (nn.LSTM(5, 5, 2), {}, r"one-layer nn\.LSTM"),
    ],
)
def test_other_holds_and_layers_are_refused(x, wrong, hold, words):
    with pytest.raises(ValueError, match=words):
        gates.trace(wrong, x.float(), hold=hold)


def test_cell_path_alone_is_the_product_of_the_forget_gates(layer, x):
    path = gates.cell_jacobians(layer, x[:, 0], through_gates=False)
    products = gates.forget_products(gates.trace(layer, x[:, :1]).forget[:, 0])
    np.testing.assert_allclose(path, products[:, :, None] * np.eye(5), atol=1e-14)


def test_full_jacobian_agrees_with_finite_differences(layer, x):
    """∂c_T/∂c_3, by disturbing c_3 and h_3 = o_3 tanh(c_3) together, as the cell does."""
    full = gates.cell_jacobians(layer, x[:, 0])
    seen = gates.trace(layer, x[:, :1])
    cell, output = (torch.as_tensor(values[2, 0]) for values in (seen.cell, seen.output))

    def last_cell(c_3):
        _, (_, c_t) = layer(x[3:, :1], ((output * c_3.tanh())[None, None], c_3[None, None]))
        return c_t[0, 0].detach()

    tiny = 1e-6
    for unit in range(5):
        nudge = tiny * torch.eye(5, dtype=torch.float64)[unit]
        column = (last_cell(cell + nudge) - last_cell(cell - nudge)) / (2 * tiny)
        np.testing.assert_allclose(full[2, :, unit], column.numpy(), atol=1e-8)
    np.testing.assert_array_equal(full[-1], np.eye(5))


@pytest.mark.parametrize("mutant", ["no forget gate", "leak"])
def test_the_equality_with_the_forget_gates_can_fail(layer, x, mutant):
    def update(c_prev, i, f, g, o):
        c_t = c_prev + i * g if mutant == "no forget gate" else f * c_prev.tanh() + i * g
        return o * c_t.tanh(), c_t

    path = gates.cell_jacobians(layer, x[:, 0], through_gates=False, update=update)
    products = gates.forget_products(gates.trace(layer, x[:, :1], update=update).forget[:, 0])
    assert not np.allclose(path, products[:, :, None] * np.eye(5), atol=1e-3)


def test_forget_products_of_three_numbers():
    np.testing.assert_allclose(gates.forget_products(np.array([0.9, 0.5, 0.2])), [0.1, 0.2, 1.0])


def test_read_and_accuracy_agree_with_the_model(recall_model):
    model, ids = recall_model, torch.randint(1, 11, (9, 40), generator=torch.Generator().manual_seed(0))
    expected = model(ids).softmax(dim=-1).detach().numpy()
    reading = gates.read_gates(model, ids[:, 0])
    assert reading.probabilities.shape == (9, 8) and reading.trace.cell.shape == (9, 6)
    np.testing.assert_allclose(reading.probabilities[-1], expected[0], atol=1e-6)
    y = torch.as_tensor(expected.argmax(axis=1))
    assert gates.held_accuracy(model, ids, y) == 1.0
    assert gates.held_accuracy(model, ids, (y + 1) % 8) == 0.0
    assert gates.held_accuracy(model, ids, y, hold={"output": 0.0}) < 1.0


def test_device_discipline(layer, x, recall_model):
    model = recall_model
    ids, y = torch.randint(1, 11, (9, 4)), torch.randint(8, (4,))
    with torch.device("meta"):
        gates.held_accuracy(model, ids, y, hold={"forget": 1.0}, forget_shift=1.0)
        gates.read_gates(model, ids[:, 0])
        assert np.isfinite(gates.cell_jacobians(layer, x[:, 0])).all()


def test_a_recall_sequence_is_read_and_its_answer_known(recall_model):
    held = gates.read_held(recall_model, "cab")
    assert held.steps == ["C", "A", "B", "?"] and held.classes == list("ABCDEFGH") and held.right == 2
    expected = recall_model(torch.tensor([5, 3, 4, 2])[:, None]).softmax(dim=-1)[0].detach().numpy()
    np.testing.assert_allclose(held.untouched, expected, atol=1e-6)
    np.testing.assert_allclose(held.reading.probabilities[-1], expected, atol=1e-6)


@pytest.mark.parametrize("hold", sorted(set(gates.HOLDS) - {"none"}))
def test_every_hold_changes_the_reading_and_leaves_the_network_alone(recall_model, hold):
    free, held = gates.read_held(recall_model, "cab"), gates.read_held(recall_model, "cab", hold=hold)
    np.testing.assert_array_equal(held.untouched, free.untouched)
    assert not np.allclose(held.reading.probabilities, free.reading.probabilities, atol=1e-4)
    gate, word = hold.split("_")
    assert (getattr(held.reading.trace, gate) == {"shut": 0, "open": 1}[word]).all()


def test_a_word_is_read_and_has_no_right_answer():
    alphabet = words.Alphabet(words.load_words("test"))
    model = SequenceClassifier(len(alphabet), 4, 6, 18, cell="lstm")
    held = gates.read_held(model, "Polska", alphabet, forget_shift=1.0)
    assert held.steps == list("polska") and held.right is None and len(held.classes) == 18
    assert not np.allclose(held.untouched, held.reading.probabilities[-1])


def test_a_bad_text_or_hold_is_refused(recall_model):
    with pytest.raises(ValueError, match="A to H only"):
        gates.read_held(recall_model, "xylophone")
    with pytest.raises(ValueError, match=r"one of none, input_shut, .*, not 'ajar'"):
        gates.read_held(recall_model, "cab", hold="ajar")
