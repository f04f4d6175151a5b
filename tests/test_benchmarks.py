import numpy as np
import pytest
import torch

from course_utils.datasets.tables import read_table
from course_utils.experiments import memory
from course_utils.models.rnn import LAYERS, classification_accuracy


@pytest.mark.parametrize("start", ["rnn", "lstm", "lstm_chrono"])
def test_the_shortest_lag_is_learned(start):
    result = memory.train_recall(start, 2, seed=0, steps=120)
    assert result.accuracy > 0.98 and result.steps < 120


@pytest.mark.parametrize("start", memory.STARTS)
def test_every_start_begins_as_its_id_tells(start):
    kind = LAYERS[memory.STARTS[start][0]]
    torch.manual_seed(0)
    layer, untouched = kind(3, 8), kind(3, 8)
    untouched.load_state_dict(layer.state_dict())
    memory.apply_start(layer, start, 30, torch.Generator().manual_seed(0))
    bias = memory.STARTS[start][1]
    same = all(torch.equal(a, b) for a, b in zip(layer.parameters(), untouched.parameters(), strict=True))
    assert same == (bias is None)
    inputs, forget = (layer.bias_ih_l0 + layer.bias_hh_l0)[:16].split(8) if kind is torch.nn.LSTM else (None, None)
    if isinstance(bias, float):
        torch.testing.assert_close(forget, torch.full((8,), bias))
    elif bias is not None:  # chrono or a half of it: closed input gates, open forget gates
        assert ((inputs < -1).any() and (inputs <= 0).all()) == (bias != "forget")
        assert ((forget > 1).any() and (forget >= 0).all()) == (bias != "input")


def test_recall_in_parts_is_recall_of_the_whole():
    model = memory.train_recall("lstm", 3, seed=0, steps=20, batch_size=16, hidden_size=8).model
    assert model.embedding.embedding_dim == 4 and model.rnn.hidden_size == 8
    x, y = memory.recall_batch(2048, 5, torch.Generator().manual_seed(10_001), "cpu")
    assert memory.recall_accuracy(model, 5, seed=1) == pytest.approx(classification_accuracy(model, [(x, y)]), abs=1e-3)


def test_a_run_is_decided_by_its_seed():
    first, again, other = (memory.train_recall("lstm", 3, seed=seed, steps=20) for seed in (0, 0, 1))
    assert torch.equal(first.model.output.weight, again.model.output.weight)
    assert first.accuracy == again.accuracy
    assert not torch.equal(first.model.output.weight, other.model.output.weight)


def test_an_unknown_start_and_a_budget_below_one_batch_are_refused():
    with pytest.raises(ValueError, match=r"rnn, gru, lstm, .*, not 'transformer'"):
        memory.train_recall("transformer", 5, seed=0)
    with pytest.raises(ValueError, match="at least 16 sequences, not 15"):
        memory.train_adding("rnn", 20, seed=0, budget=15)


def test_the_stopping_rule_of_1997():
    good = [0.005] * 2000
    assert memory.is_solved(good)
    assert not memory.is_solved(good[:1999])  # 2,000 of them
    assert not memory.is_solved([*good, 0.04])  # "error below 0.04": this one is wrong
    assert memory.is_solved([0.5, *good])  # only the most recent count
    assert not memory.is_solved([0.011] * 2000)  # all right, but the average is not below 0.01


def test_adding_counts_its_sequences_and_stops_at_the_budget():
    result = memory.train_adding("lstm_chrono", 20, seed=0, budget=330)
    assert result.sequences == 320 and not result.solved and result.errors.shape == (20,)
    assert result.test_errors.shape == (2560,)
    assert result.wrong == (result.test_errors >= 0.04).sum() > 1000


def test_adding_is_solved_at_a_short_length_by_the_papers_rule():
    result = memory.train_adding("lstm_chrono", 20, seed=0, budget=40_000)
    assert result.solved and result.sequences < 40_000
    assert (result.errors[-125:] < 0.04).all() and result.errors[-125:].mean() < 0.01
    assert result.wrong <= 0.01 * 2560


def test_the_committed_tables_hold_the_runs_they_name():
    adding, recall = read_table("adding"), read_table("recall")
    chrono = adding[adding.start == "lstm_chrono"]
    trials = chrono.groupby("length").size()
    assert trials.index.tolist() == [100, 500, 1000] and trials.min() >= 3
    others = adding[adding.start != "lstm_chrono"]
    assert set(others.start) == {"lstm", "rnn", "lstm_bias_5", "lstm_chrono_forget", "lstm_chrono_input"}
    assert (others.length == 100).all() and others.groupby("start").size().min() >= 3
    assert not adding.duplicated(["start", "length", "seed"]).any()
    lags, curves = memory.recall_by_lag(recall)
    assert lags == [2, 5, 10, 20, 40, 100] and set(curves) <= set(memory.STARTS) and len(curves) == 7
    assert all(values.shape == (3, 6) and np.isfinite(values).all() for values in curves.values())
    row = recall[(recall.start == "lstm_chrono") & (recall.lag == 40) & (recall.seed == 1)]
    assert curves["lstm_chrono"][1, 4] == row.accuracy.item()


def test_a_row_of_the_table_can_be_computed_again():
    row = read_table("recall").query("start == 'lstm_bias_5' and lag == 5 and seed == 0").iloc[0]
    again = memory.train_recall(row.start, 5, seed=0)
    assert again.accuracy == pytest.approx(row.accuracy, abs=0.02)
    assert abs(again.steps - row.steps) <= 20
