import itertools
import math
import os
import signal

import pytest
import torch
import tqdm.notebook
from safetensors.torch import save
from torch import nn

from course_utils.models import training


def line(seed=0):
    torch.manual_seed(seed)
    return nn.Linear(2, 1)


def batches(count=20):
    generator = torch.Generator().manual_seed(0)
    for _ in range(count):
        x = torch.randn(16, 2, generator=generator)
        yield x, x @ torch.tensor([[1.0], [-2.0]]) + 0.5


def endless():
    while True:
        yield from batches()


def squared_error(model, batch):
    return (model(batch[0]) - batch[1]).square().mean()


def test_training_lowers_the_loss_and_records_every_step():
    model = line()
    history = training.fit(model, batches, squared_error, epochs=3, learning_rate=0.1)
    assert len(history.loss) == 60 and history.ended == "finished"
    assert history.loss[-1] < history.loss[0] / 10
    assert history.seconds > 0 and not model.training


def test_same_seed_same_history():
    runs = [training.fit(line(), batches, squared_error, epochs=2).loss for _ in range(2)]
    assert runs[0] == runs[1]


def test_an_endless_stream_needs_steps_and_gets_exactly_so_many():
    assert len(training.fit(line(), endless(), squared_error, steps=7).loss) == 7


def test_a_list_of_batches_is_used_again_every_epoch():
    assert len(training.fit(line(), list(batches(4)), squared_error, epochs=3).loss) == 12


def test_metric_once_an_epoch_or_every_few_steps_in_evaluation_mode():
    seen = []

    def evaluate(model):
        seen.append((model.training, torch.is_grad_enabled()))
        return len(seen)

    by_epoch = training.fit(line(), batches, squared_error, epochs=3, evaluate=evaluate)
    assert by_epoch.metric == [(20, 1), (40, 2), (60, 3)] and by_epoch.best == 3
    assert set(seen) == {(False, False)}
    by_steps = training.fit(line(), endless(), squared_error, steps=10, evaluate=evaluate, every=5)
    assert [step for step, _ in by_steps.metric] == [5, 10]


def test_target_and_patience_end_training():
    reached = training.fit(line(), batches, squared_error, epochs=9, evaluate=lambda m: 1.0, target=0.9)
    assert reached.ended == "target reached" and len(reached.loss) == 20
    values = iter([0.1, 0.5, 0.4, 0.5, 0.3, 0.9])
    stuck = training.fit(line(), batches, squared_error, epochs=9, evaluate=lambda m: next(values), patience=3)
    assert stuck.ended == "no longer improving" and len(stuck.metric) == 5


def test_an_interrupt_leaves_the_history_and_a_usable_model():
    def interrupted(model, batch):
        interrupted.calls += 1
        if interrupted.calls == 8:
            raise KeyboardInterrupt
        return squared_error(model, batch)

    interrupted.calls = 0
    model = line()
    history = training.fit(model, batches, interrupted)
    assert history.ended == "interrupted" and len(history.loss) == 7
    assert not model.training and torch.isfinite(model(torch.ones(1, 2))).all()
    assert len(training.fit(model, batches, squared_error).loss) == 20


@pytest.mark.parametrize(("signals", "steps"), [(1, 2), (2, 1)], ids=["waits for the step", "a second one does not"])
def test_an_interrupt_waits_for_the_end_of_its_step(signals, steps, interrupts):
    model, taken = nn.Linear(1, 1), []

    def loss(model, batch):
        taken.append(batch)
        for _ in range(signals if batch == 2 else 0):
            signal.raise_signal(signal.SIGINT)
        return model(torch.ones(1, 1)).sum()

    history = training.fit(model, [1, 2, 3], loss, learning_rate=1e-3)
    assert history.ended == "interrupted" and taken == [1, 2] and len(history.loss) == steps
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_clipping_bounds_the_gradient():
    norms = []

    def steep(model, batch):
        return 1e4 * squared_error(model, batch)

    def spy(model):
        norms.append(nn.utils.get_total_norm([p.grad for p in model.parameters()]).item())
        return 0.0

    training.fit(line(), endless(), steep, steps=3, clip=1.0, evaluate=spy, every=1)
    assert max(norms) <= 1.0 + 1e-4
    training.fit(line(), endless(), steep, steps=3, clip=None, evaluate=spy, every=1)
    assert max(norms) > 1e3


def rates(**schedule) -> list[float]:
    """Return how far seven of eight steps moved a parameter: the gradient is constant, so Adam moves by its rate."""

    def drift(model, batch):
        return sum(parameter.sum() for parameter in model.parameters())

    seen = []
    training.fit(
        line(), endless(), drift, steps=8, learning_rate=0.1, every=1, **schedule,
        evaluate=lambda trained: seen.append(next(trained.parameters()).flatten()[0].item()) or 0.0,
    )  # fmt: skip
    return [before - after for before, after in itertools.pairwise(seen)]


def test_a_cosine_lets_the_rate_fall_to_nothing():
    moved = rates(cosine=True)
    expected = [0.05 * (1 + math.cos(math.pi * step / 8)) for step in range(1, 8)]
    assert moved == pytest.approx(expected, rel=1e-3)
    with pytest.raises(ValueError, match="a cosine needs to know the number of steps"):
        training.fit(line(), endless(), squared_error, cosine=True)


@pytest.mark.parametrize("cooldown", [0.5, 0.3, 1.0])
def test_a_cooldown_lets_the_rate_fall_to_nothing_at_the_end(cooldown):
    moved = rates(cooldown=cooldown, warm_up=2)
    expected = [0.1 * min(1, (step + 1) / 3) * min(1, (8 - step) / (8 * cooldown)) for step in range(1, 8)]
    assert moved == pytest.approx(expected, rel=1e-3)
    with pytest.raises(ValueError, match="a cooldown needs to know the number of steps"):
        training.fit(line(), endless(), squared_error, cooldown=cooldown)
    for wrong in ({"cooldown": 1.5}, {"cooldown": -0.1}, {"cooldown": 0.5, "cosine": True}):
        with pytest.raises(ValueError, match="a cooldown is a share of the steps, 0 to 1, and 0 with a cosine, not"):
            training.fit(line(), endless(), squared_error, steps=8, **wrong)


@pytest.mark.parametrize("cosine", [False, True])
def test_a_warm_up_lets_the_rate_rise(cosine):
    moved = rates(cosine=cosine, warm_up=4)
    rise = [0.1 * min(1, (step + 1) / 5) for step in range(1, 8)]
    fall = [(1 + math.cos(math.pi * step / 8)) / 2 if cosine else 1 for step in range(1, 8)]
    assert moved == pytest.approx([up * down for up, down in zip(rise, fall, strict=True)], rel=1e-3)


def test_bad_arguments_and_a_loss_that_is_not_finite_are_refused():
    for options, message in (
        ({"epochs": 0}, "at least 1"),
        ({"warm_up": -1}, "warm_up at least 0"),
        ({"patience": 2}, "evaluate"),
    ):
        with pytest.raises(ValueError, match=message):
            training.fit(line(), batches, squared_error, **options)
    with pytest.raises(ValueError, match="loss is nan at step"):
        training.fit(line(), batches, lambda m, b: squared_error(m, b) * math.nan)


@pytest.mark.parametrize("batches", [[1, 2, 3], lambda: iter([1, 2, 3])], ids=["known", "counted in the first epoch"])
def test_the_bar_knows_how_much_is_left(batches, monkeypatch):
    totals = []

    class Bar(tqdm.std.tqdm):
        def update(self, *arguments):
            totals.append(self.total)
            return super().update(*arguments)

    monkeypatch.setattr(training, "tqdm", Bar)
    model = nn.Linear(1, 1)
    training.fit(model, batches, lambda model, batch: model(torch.ones(1, 1)).sum(), epochs=4, evaluate=lambda _: 0.0)
    assert len(totals) == 12 and totals[2:] == [12] * 10


def test_a_bar_that_ends_early_vanishes_like_any_other(monkeypatch):
    styles = []

    class Watched(tqdm.notebook.tqdm):
        def display(self, *_, bar_style=None, **__):
            styles.append(bar_style)

    monkeypatch.setattr(training, "tqdm", lambda *args, **options: Watched(*args, **options, display=False))
    history = training.fit(line(), batches, squared_error, steps=20, every=3, evaluate=lambda model: 1.0, target=0.5)
    assert history.ended == "target reached" and len(history.loss) == 3
    assert styles and "danger" not in styles, "red stays"


def test_batches_that_are_used_up_or_missing_are_refused():
    with pytest.raises(ValueError, match="used up after 1 of 3 epochs"):
        training.fit(line(), batches(4), squared_error, epochs=3)
    for empty in ([], lambda: iter(())):
        with pytest.raises(ValueError, match="no batches to train on"):
            training.fit(line(), empty, squared_error, epochs=2)


# --- best weights, and runs that go on


def test_the_best_weights_are_kept():
    model, values, weights = line(), iter([0.1, 0.9, 0.5]), []

    def evaluate(model):
        weights.append(model.weight.clone())
        return next(values)

    training.fit(model, batches, squared_error, epochs=3, evaluate=evaluate, keep_best=True)
    assert torch.equal(model.weight, weights[1]) and not torch.equal(model.weight, weights[2])
    with pytest.raises(ValueError, match="need an evaluate function"):
        training.fit(line(), batches, squared_error, keep_best=True)


def noisy(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(2, 8), nn.Dropout(0.5), nn.Linear(8, 1))


def stopped_at(call):
    """Return a loss that an interrupt hits at its `call`-th call."""

    def loss(model, batch):
        loss.calls += 1
        if loss.calls == call:
            raise KeyboardInterrupt
        return squared_error(model, batch)

    loss.calls = 0
    return loss


@pytest.mark.parametrize("fall", [{"cosine": True}, {"cooldown": 0.4}], ids=str)
@pytest.mark.parametrize("stops", [(1,), (27,), (20, 9), (41, 2, 5)])
def test_a_run_that_was_interrupted_ends_as_if_it_had_never_stopped(tmp_path, stops, fall):
    how = {"epochs": 3, **fall, "warm_up": 7, "keep_best": True, "learning_rate": 0.1}
    data = list(batches())

    def train(model, loss, **options):
        evaluate = lambda model: -squared_error(model, data[0]).item()  # noqa: E731
        return training.fit(model, data, loss, evaluate=evaluate, **how, **options)

    torch.manual_seed(1)
    whole = noisy()
    expected = train(whole, squared_error)
    file, model = tmp_path / "run.safetensors", noisy()
    for stop in stops:
        assert train(model, stopped_at(stop), checkpoint=file).ended == "interrupted" and file.exists()
        model = noisy(seed=7)  # a new kernel: other weights, other random numbers
    history = train(model, squared_error, checkpoint=file)
    assert history.ended == "finished" and history.loss == expected.loss and history.metric == expected.metric
    assert all(torch.equal(mine, its) for mine, its in zip(model.parameters(), whole.parameters(), strict=True))
    assert not file.exists()


def test_a_checkpoint_that_cannot_be_gone_on_from_is_refused(tmp_path):
    file = tmp_path / "run.safetensors"
    training.fit(line(), list(batches()), stopped_at(5), checkpoint=file)
    with pytest.raises(ValueError, match="another model"):
        training.fit(noisy(), list(batches()), squared_error, checkpoint=file)
    whole = file.read_bytes()
    for damaged, message in (
        (whole[:-40], "damaged"),
        (b"", "damaged"),
        (save({"a": torch.ones(1)}), "not a training"),
    ):
        file.write_bytes(damaged)
        with pytest.raises(ValueError, match=message):
            training.fit(line(), list(batches()), squared_error, checkpoint=file)


def test_a_full_disk_leaves_the_old_checkpoint(tmp_path, monkeypatch):
    file = tmp_path / "run.safetensors"
    training.fit(line(), list(batches()), stopped_at(5), checkpoint=file)
    before = file.read_bytes()
    monkeypatch.setattr(os, "fsync", lambda descriptor: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space left"):
        training.fit(line(), list(batches()), stopped_at(3), checkpoint=file)
    assert file.read_bytes() == before and [path.name for path in tmp_path.iterdir()] == [file.name]
