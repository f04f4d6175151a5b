import pytest
import torch
from torch import nn

from course_utils.models import lstm, rnn
from course_utils.models.lstm import lstm_gates, lstm_update

SIZES = [(1, 1), (1, 3), (9, 1), (9, 3)]


def by_hand(layer, x, weights):
    """Run every layer of an `nn.LSTM` with the taught step; return the top states and last h and c."""
    batch, last_h, last_c = x.shape[1], [], []
    for one_layer in weights:
        zeros = x.new_zeros(batch, layer.hidden_size)
        x, cells = lstm.run_lstm(x, zeros, zeros, *one_layer)
        last_h.append(x[-1])
        last_c.append(cells[-1])
    return x, torch.stack(last_h), torch.stack(last_c)


def copies(layer, layers):
    return [[w.detach().clone().requires_grad_() for w in lstm.lstm_weights(layer, n)] for n in range(layers)]


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize(("steps", "batch"), SIZES)
def test_lstm_by_hand_equals_torch_in_value_and_gradient(layers, steps, batch):
    torch.manual_seed(0)
    layer = nn.LSTM(4, 5, layers, dtype=torch.float64)
    x = torch.randn(steps, batch, 4, dtype=torch.float64, requires_grad=True)
    theirs, (their_h, their_c) = layer(x)
    my_x, weights = x.detach().clone().requires_grad_(), copies(layer, layers)
    ours, my_h, my_c = by_hand(layer, my_x, weights)
    torch.testing.assert_close(ours, theirs)
    torch.testing.assert_close(my_h, their_h)
    torch.testing.assert_close(my_c, their_c)
    (theirs.square().sum() + their_c.sum()).backward()
    (ours.square().sum() + my_c.sum()).backward()
    torch.testing.assert_close(my_x.grad, x.grad)
    for index in range(layers):
        for mine, their in zip(weights[index], lstm.lstm_weights(layer, index), strict=True):
            torch.testing.assert_close(mine.grad, their.grad)


MISTAKES = {
    "no forget gate": ("lstm_update", lambda c, i, f, g, o: lstm_update(c, i, torch.ones_like(f), g, o)),
    "no squash": ("lstm_update", lambda c, i, f, g, o: (o * (f * c + i * g), f * c + i * g)),
    "order of the gates": ("lstm_gates", lambda *inputs: [lstm_gates(*inputs)[k] for k in (1, 0, 2, 3)]),
    "one bias lost": ("lstm_gates", lambda *inputs: lstm_gates(*inputs[:5], 0 * inputs[5])),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_parity_catches_wrong_cells(mistake, monkeypatch):
    monkeypatch.setattr(lstm, *MISTAKES[mistake])
    with pytest.raises(AssertionError):
        test_lstm_by_hand_equals_torch_in_value_and_gradient(1, 9, 3)


@pytest.mark.parametrize(("steps", "batch"), SIZES)
def test_gru_by_hand_equals_torch_in_value_and_gradient(steps, batch):
    torch.manual_seed(0)
    layer = nn.GRU(4, 5, dtype=torch.float64)
    x = torch.randn(steps, batch, 4, dtype=torch.float64)
    theirs, _ = layer(x)
    (weights,) = copies(layer, 1)
    h_t, ours = x.new_zeros(batch, 5), []
    for x_t in x:
        h_t = lstm.gru_step(x_t, h_t, *weights)
        ours.append(h_t)
    ours = torch.stack(ours)
    torch.testing.assert_close(ours, theirs)
    theirs.square().sum().backward()
    ours.square().sum().backward()
    for mine, their in zip(weights, lstm.lstm_weights(layer), strict=True):
        torch.testing.assert_close(mine.grad, their.grad)


@pytest.mark.parametrize("value", [3.0, torch.arange(5.0)])
def test_forget_bias_is_the_sum_of_both_biases_and_touches_nothing_else(value):
    layer = nn.LSTM(4, 5, 2)
    before = [[w.clone() for w in lstm.lstm_weights(layer, n)] for n in range(2)]
    lstm.set_forget_bias(layer, value)
    for index in range(2):
        W_ih, W_hh, b_ih, b_hh = lstm.lstm_weights(layer, index)
        assert torch.equal((b_ih + b_hh)[5:10], torch.zeros(5) + value)
        assert torch.equal(W_ih, before[index][0]) and torch.equal(W_hh, before[index][1])
        for new, old in ((b_ih, before[index][2]), (b_hh, before[index][3])):
            assert torch.equal(new[:5], old[:5]) and torch.equal(new[10:], old[10:])


@pytest.mark.parametrize(("half", "rows"), [("forget", slice(4, 8)), ("input", slice(0, 4))])
def test_one_half_of_chrono_is_the_same_half_of_the_whole(half, rows):
    whole, part, plain = (nn.LSTM(2, 4) for _ in range(3))
    part.load_state_dict(plain.state_dict())
    whole.load_state_dict(plain.state_dict())
    lstm.chrono_init(whole, 50, generator=torch.Generator().manual_seed(0))
    lstm.chrono_init(part, 50, generator=torch.Generator().manual_seed(0), halves=(half,))
    biases = [layer.bias_ih_l0 + layer.bias_hh_l0 for layer in (whole, part, plain)]
    assert torch.equal(biases[1][rows], biases[0][rows])
    others = torch.ones(16, dtype=torch.bool)
    others[rows] = False
    assert torch.equal(biases[1][others], biases[2][others])


def test_chrono_draws_memories_evenly_up_to_the_longest_as_its_generator_decides():
    layers = [nn.LSTM(2, 4000), nn.LSTM(2, 4000)]
    for layer in layers:
        lstm.chrono_init(layer, 100, generator=torch.Generator().manual_seed(0))
    assert torch.equal(layers[0].bias_ih_l0[:8000], layers[1].bias_ih_l0[:8000])
    bias = (layer.bias_ih_l0 + layer.bias_hh_l0).detach()
    spread = bias[4000:8000].exp()
    assert spread.min() >= 0.999 and spread.max() <= 99.001
    assert spread.mean().item() == pytest.approx(50, abs=1.5)  # the middle of 1 … 99
    assert torch.equal(bias[:4000], -bias[4000:8000])
    with pytest.raises(ValueError, match="at least 2 steps, not 1"):
        lstm.chrono_init(layer, 1, generator=torch.Generator())


def test_device_discipline():
    model = rnn.SequenceRegressor(2, 5, "lstm")
    x, lengths = torch.randn(8, 3, 2), torch.tensor([8, 3, 5])
    with torch.device("meta"):
        lstm.chrono_init(model.rnn, 8, generator=torch.Generator().manual_seed(0))
        model(x, lengths).sum().backward()
        zeros = x.new_zeros(3, 5)
        lstm.run_lstm(x, zeros, zeros, *lstm.lstm_weights(model.rnn))[0].sum().backward()
    assert torch.isfinite(model.rnn.weight_hh_l0.grad).all()
    moved = rnn.SequenceRegressor(2, 5, "lstm").to("meta")
    lstm.chrono_init(moved.rnn, 8, generator=torch.Generator().manual_seed(0))
    moved(x.to("meta"), lengths).sum().backward()
