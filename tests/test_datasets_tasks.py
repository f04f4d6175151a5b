import pytest
import torch

from course_utils.datasets import special_tokens, tasks
from course_utils.messages import Refusal


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_delayed_recall_asks_for_the_symbol_it_showed():
    x, y = tasks.delayed_recall(500, 7, symbols=5, generator=generator())
    assert x.shape == (8, 500) and y.shape == (500,)
    assert x.dtype == y.dtype == torch.int64
    assert torch.equal(x[0] - tasks.FIRST_SYMBOL, y)
    assert (x[1:-1] == tasks.BLANK).all() and (x[-1] == tasks.CUE).all()
    assert set(y.tolist()) == set(range(5))


def test_delayed_recall_at_lag_one_has_no_blank():
    x, _ = tasks.delayed_recall(4, 1, generator=generator())
    assert x.shape == (2, 4) and (x[1] == tasks.CUE).all()


def test_distractors_are_drawn_evenly_and_say_nothing_about_the_answer():
    x, y = tasks.delayed_recall(4000, 6, symbols=4, distractors=True, generator=generator())
    assert torch.equal(x[0] - tasks.FIRST_SYMBOL, y) and (x[-1] == tasks.CUE).all()
    waiting = x[1:-1] - tasks.FIRST_SYMBOL
    shares = torch.bincount(waiting.flatten(), minlength=4) / waiting.numel()
    assert torch.allclose(shares, torch.full((4,), 0.25), atol=0.02)
    assert (waiting == y).float().mean().item() == pytest.approx(0.25, abs=0.02)


def test_adding_problem_is_the_papers_task():
    length = 40
    x, lengths, y = tasks.adding_problem(4000, length, generator=generator())
    assert x.dtype == y.dtype == torch.float32 and lengths.device.type == "cpu"
    assert set(lengths.tolist()) == set(range(40, 45))  # T to T + T/10, every length
    assert x.shape == (44, 4000, 2)
    assert x[..., 0].min() >= -1 and x[..., 0].max() <= 1 and y.min() >= 0 and y.max() <= 1
    assert set(x[..., 1].unique().tolist()) == {-1.0, 0.0, 1.0}
    seen_first, seen_second, first_pair = set(), set(), 0
    for column in range(4000):
        size = int(lengths[column])
        values, markers = x[:size, column].T.tolist()
        assert x[size:, column].abs().sum() == 0
        assert markers[0] == markers[-1] == -1.0
        marked = [place for place, marker in enumerate(markers) if marker == 1.0]
        # One mark fewer where the first pair was drawn: its marker stays -1 and its value counts as zero.
        assert len(marked) in (1, 2) and marked[0] < 20
        assert y[column].item() == pytest.approx(0.5 + sum(values[place] for place in marked) / 4, abs=1e-6)
        if len(marked) == 2:
            assert marked[0] < 10  # one of the first ten pairs
            seen_first.add(marked[0])
            seen_second.add(marked[1])
        else:
            first_pair += 1
    assert seen_first <= set(range(1, 10)) and max(seen_second) == length // 2 - 1
    # The first pair is drawn by X1 in 1 of 10, by X2 in 0.9 · 1 of 19: 14.7 % in all.
    assert 0.12 < first_pair / 4000 < 0.18


def test_adding_problem_draws_the_second_mark_evenly_over_the_first_half():
    """With X1 somewhere in the first ten pairs, X2 falls beyond them in (T/2 - 10) of T/2 - 1 cases."""
    x, _, _ = tasks.adding_problem(20_000, 100, generator=generator())
    late = (x[10:50, :, 1] == 1).any(0).float().mean().item()
    assert late == pytest.approx(40 / 49, abs=0.015)
    assert not (x[50:-11, :, 1] == 1).any()


def test_reversal_reads_backwards():
    source, lengths, target = tasks.reversal(300, (1, 6), symbols=9, generator=generator())
    assert source.shape == target.shape == (8, 300)
    assert set(lengths.tolist()) == set(range(3, 9))
    for column in range(300):
        size = int(lengths[column])
        read, written = source[:size, column].tolist(), target[:size, column].tolist()
        assert read[0] == written[0] == special_tokens.SOS and read[-1] == written[-1] == special_tokens.EOS
        assert read[1:-1] == written[1:-1][::-1] and min(read[1:-1]) >= tasks.FIRST_WORD
        assert not source[size:, column].any() and not target[size:, column].any()
    assert int(source.max()) == tasks.FIRST_WORD + 8


BATCHES = [
    lambda **options: tasks.delayed_recall(6, 5, **options),
    lambda **options: tasks.delayed_recall(6, 5, distractors=True, **options),
    lambda **options: tasks.adding_problem(6, 30, **options),
    lambda **options: tasks.reversal(6, (2, 5), **options),
]


@pytest.mark.parametrize("batch", BATCHES)
def test_a_batch_is_decided_by_its_generator_alone(batch):
    torch.manual_seed(1)
    first = batch(generator=generator(3))
    torch.manual_seed(2)
    again, other = batch(generator=generator(3)), batch(generator=generator(4))
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not all(a.shape == b.shape and torch.equal(a, b) for a, b in zip(first, other, strict=True))


@pytest.mark.parametrize("batch", BATCHES)
def test_device_discipline(batch):
    with torch.device("meta"):
        numbers = batch(generator=generator())
    assert all(tensor.device.type == "cpu" for tensor in numbers)
    moved = batch(generator=generator(), device="meta")
    assert {tensor.device.type for tensor in moved} == ({"meta", "cpu"} if len(moved) == 3 else {"meta"})


@pytest.mark.parametrize(
    ("task", "arguments", "words"),
    [
        (tasks.delayed_recall, {"batch_size": 0, "lag": 3}, "batch_size must be .* at least 1"),
        (tasks.delayed_recall, {"batch_size": 2, "lag": 0}, "lag must be .* at least 1, not 0"),
        (tasks.delayed_recall, {"batch_size": 2, "lag": 2.5}, "lag must be a whole number"),
        (tasks.delayed_recall, {"batch_size": 2, "lag": 3, "symbols": 1}, "symbols must be .* at least 2"),
        (tasks.adding_problem, {"batch_size": 2, "length": 19}, "length must be .* at least 20"),
        (tasks.reversal, {"batch_size": 2, "lengths": (0, 4)}, "fewest must be .* at least 1"),
        (tasks.reversal, {"batch_size": 2, "lengths": (4, 3)}, "most must be .* at least 4"),
    ],
)
def test_bad_sizes_are_refused_with_what_was_expected(task, arguments, words):
    with pytest.raises(ValueError, match=words):
        task(**arguments, generator=generator())


def test_a_written_recall_sequence_is_read_as_the_task_writes_it():
    assert tasks.recall_ids("c ah") == [5, 3, 10, tasks.CUE]


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "1 to 100 letters"), ("A" * 101, "not 101"), ("CABIN", "A to H only, not I, N"), ("한", "not 한")],
)
def test_a_badly_written_recall_sequence_gets_a_sentence(text, words):
    with pytest.raises(Refusal, match=words):
        tasks.recall_ids(text)
