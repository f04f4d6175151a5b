"""Device discipline, checked without a GPU: nothing of a training step is left on a default device.

Two ways, as no GPU is at hand: a step on `device="meta"`, where mixing in a CPU tensor raises; and a step of real
numbers under `with torch.device("meta")`, where every tensor that is made without naming its device raises.
"""

import pytest
import torch

from course_utils.datasets import tasks, words
from course_utils.measure import gradients, probes
from course_utils.models import rnn, training
from course_utils.models.rnn import SequenceClassifier


@pytest.fixture(autouse=True)
def plain_steps(monkeypatch):
    """Steps without a counter: in torch 2.6 to 2.8, Adam makes its own on the default device."""
    monkeypatch.setattr(torch.optim, "Adam", torch.optim.SGD)


cells = pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
META = torch.device("meta")


def step(model, batch):
    optimizer = torch.optim.Adam(model.parameters())
    rnn.classification_loss(model, batch).backward()
    optimizer.step()


def word_batch(device="cpu"):
    batch = words.load_words("valid")[:8]
    return words.word_batch(batch, words.Alphabet(batch), device)


@cells
def test_a_training_step_on_meta_leaves_nothing_behind(cell):
    model = SequenceClassifier(99, 8, 8, 18, cell).to(META)
    step(model, word_batch(META))
    assert {parameter.device for parameter in model.parameters()} == {META}


@cells
def test_a_training_step_makes_no_tensor_on_a_default_device(cell):
    model, batch = SequenceClassifier(99, 8, 8, 18, cell), word_batch()
    with META:
        step(model, batch)
    assert all(torch.isfinite(parameter).all() for parameter in model.parameters())


def test_the_check_can_fail():
    class Forgetful(SequenceClassifier):
        def states(self, x):
            return super().states(x) + torch.zeros(self.rnn.hidden_size)

    with pytest.raises(RuntimeError, match="device"), META:
        step(Forgetful(99, 8, 8, 18).to("cpu"), word_batch())
    with pytest.raises(RuntimeError, match="device"):
        step(Forgetful(99, 8, 8, 18).to(META), word_batch(META))


def test_batches_go_to_the_device_asked_for_and_lengths_stay():
    generator = torch.Generator().manual_seed(0)
    x, y = tasks.delayed_recall(4, 5, generator=generator, device=META)
    assert x.device == y.device == META
    batch = word_batch(META)
    assert batch.x.device == batch.y.device == META and batch.lengths.device.type == "cpu"


def test_fit_trains_on_the_models_device():
    model = SequenceClassifier(12, 4, 4, 8)
    generator = torch.Generator().manual_seed(0)
    stream = [tasks.delayed_recall(4, 3, generator=generator) for _ in range(3)]
    with META:
        history = training.fit(model, stream, rnn.classification_loss)
    assert len(history.loss) == 3


def test_probes_name_their_devices():
    alphabet = words.Alphabet(words.load_words("valid"))
    model = SequenceClassifier(len(alphabet), 4, 4, 18)
    with META:
        for cell in ("rnn", "lstm"):
            assert gradients.gradient_flow(length=5, cell=cell).norms.shape == (5,)
        assert probes.read_word(model, "finland", alphabet).states.shape == (7, 4)
