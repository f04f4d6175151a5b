import pytest
import torch
from torch import nn

from course_utils.models import rnn


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize(("steps", "batch"), [(1, 1), (7, 3)])
def test_looped_step_equals_torch_in_value_and_gradient(activation, steps, batch):
    torch.manual_seed(0)
    layer = nn.RNN(4, 5, nonlinearity=activation, dtype=torch.float64)
    x = torch.randn(steps, batch, 4, dtype=torch.float64, requires_grad=True)
    theirs, _ = layer(x)
    weights = [weight.detach().clone().requires_grad_() for weight in rnn.rnn_weights(layer)]
    mine_x = x.detach().clone().requires_grad_()
    ours = rnn.run_rnn(mine_x, x.new_zeros(batch, 5), *weights, activation=getattr(torch, activation))
    torch.testing.assert_close(ours, theirs)
    theirs.square().sum().backward()
    ours.square().sum().backward()
    torch.testing.assert_close(mine_x.grad, x.grad)
    for mine, their in zip(weights, rnn.rnn_weights(layer), strict=True):
        torch.testing.assert_close(mine.grad, their.grad)


def test_looped_layer_continues_from_a_state():
    layer = nn.RNN(3, 4)
    x = torch.randn(6, 2, 3)
    looped = rnn.LoopedRNN(layer)
    _, middle = looped(x[:3])
    torch.testing.assert_close(looped(x[3:], middle)[0], layer(x)[0][3:])


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_padding_changes_nothing(cell):
    torch.manual_seed(0)
    model = rnn.SequenceClassifier(9, 4, 5, 3, cell=cell)
    lengths = torch.tensor([4, 2, 7])
    x = torch.randint(1, 9, (7, 3))
    for column, length in enumerate(lengths):
        x[length:, column] = 0
    together = model(x, lengths)
    alone = [model(x[:length, [column]]) for column, length in enumerate(lengths)]
    torch.testing.assert_close(together, torch.cat(alone))


def test_the_order_of_the_sequence_matters():
    # A network that forgot to recur would give the last id's answer whatever came before.
    model = rnn.SequenceClassifier(9, 4, 5, 3)
    logits = model(torch.tensor([[1, 2], [2, 1], [3, 3]]))
    assert not torch.allclose(logits[0], logits[1])


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_regressor_reads_each_sequence_at_its_own_end(cell):
    torch.manual_seed(0)
    model = rnn.SequenceRegressor(2, 5, cell)
    x, lengths = torch.randn(8, 3, 2), torch.tensor([8, 3, 5])
    together = model(x, lengths)
    assert together.shape == (3,)
    alone = [model(x[:length, [column]]) for column, length in enumerate(lengths)]
    torch.testing.assert_close(together, torch.cat(alone))


@pytest.mark.parametrize(
    ("network", "arguments", "words"),
    [
        (rnn.SequenceClassifier, (9, 4, 0, 3), "at least 1"),
        (rnn.SequenceClassifier, (0, 4, 5, 3), "at least 1"),
        (rnn.SequenceClassifier, (9, 4, 5, 3, "transformer"), "rnn, lstm, gru"),
        (rnn.SequenceRegressor, (2, 5, "transformer"), "rnn, lstm, gru"),
    ],
)
def test_bad_arguments_are_refused(network, arguments, words):
    with pytest.raises(ValueError, match=words):
        network(*arguments)


def test_accuracy_and_loss_read_the_answer_from_the_end_of_the_batch():
    torch.manual_seed(0)
    model = rnn.SequenceClassifier(9, 4, 5, 3)
    x, lengths = torch.randint(1, 9, (7, 20)), torch.full((20,), 7)
    logits = model(x, lengths)
    right, wrong = logits.argmax(dim=1), logits.argmin(dim=1)
    assert rnn.classification_accuracy(model, [(x, lengths, right)]) == 1
    assert rnn.classification_accuracy(model, [(x, right), (x, wrong)]) == 0.5
    loss = rnn.classification_loss(model, (x, lengths, right))
    torch.testing.assert_close(loss, torch.nn.functional.cross_entropy(logits, right))
    with pytest.raises(ValueError, match="at least one batch"):
        rnn.classification_accuracy(model, [])
