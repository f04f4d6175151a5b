import itertools
import math

import pytest
import torch
import tqdm.notebook
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


def test_a_cosine_lets_the_rate_fall_to_nothing():
    def drift(model, batch):  # a constant gradient: Adam moves by its rate
        return sum(parameter.sum() for parameter in model.parameters())

    model, seen = line(), []
    training.fit(
        model, endless(), drift, steps=8, learning_rate=0.1, cosine=True, every=1,
        evaluate=lambda trained: seen.append(next(trained.parameters()).flatten()[0].item()) or 0.0,
    )  # fmt: skip
    moves = [before - after for before, after in itertools.pairwise(seen)]
    expected = [0.05 * (1 + math.cos(math.pi * step / 8)) for step in range(1, 8)]
    assert moves == pytest.approx(expected, rel=1e-3)
    with pytest.raises(ValueError, match="a cosine needs to know the number of steps"):
        training.fit(line(), endless(), squared_error, cosine=True)


def test_bad_arguments_and_a_loss_that_is_not_finite_are_refused():
    for options, message in (({"epochs": 0}, "at least 1"), ({"patience": 2}, "evaluate")):
        with pytest.raises(ValueError, match=message):
            training.fit(line(), batches, squared_error, **options)
    with pytest.raises(ValueError, match="loss is nan at step"):
        training.fit(line(), batches, lambda m, b: squared_error(m, b) * math.nan)


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
