"""Lesson 1's exercises: their results, and the inputs that tell mistakes apart."""

import torch

from course_utils.exercises.exercise import Case, exercise
from course_utils.exercises.inputs import draw, draw_each, weights
from course_utils.messages import note


@exercise(1, ("states", "step", "sequence", "unit"), ("last", "sequence", "unit"), gradient=True)
def padded_rnn(device):
    """The unrolled loop over a padded batch."""

    def case(about, lengths, E, H, seed, dtype=torch.float64):
        x = draw(max(lengths), len(lengths), E, seed=seed, device=device, dtype=dtype)  # padding is not zero here
        return Case(about, (x, torch.tensor(lengths), *weights(1, E, H, seed=seed + 1, device=device, dtype=dtype)))

    yield case(note("3 sequences of 5, 2 and 4 steps, as many inputs as units"), [5, 2, 4], 3, 3, 0)
    yield case(note("2 sequences of 1 and 3 steps"), [1, 3], 3, 4, 10)
    yield case(note("one sequence of 4 steps"), [4], 2, 3, 20)
    yield case(note("2 sequences of 3 and 6 steps, float32"), [3, 6], 2, 3, 30, torch.float32)


@exercise(1, ("states", "step", "sequence", "unit"), gradient=True)
def bidirectional_rnn(device):
    """A bidirectional pass."""

    def case(about, T, B, E, H, seed, dtype=torch.float64):
        ways = (weights(1, E, H, seed=seed + at, device=device, dtype=dtype) for at in (1, 5))
        return Case(about, (draw(T, B, E, seed=seed, device=device, dtype=dtype), *ways))

    yield case(note("3 sequences of 3 steps, as many inputs as units"), 3, 3, 3, 3, 120)
    yield case(note("2 sequences of 4 steps"), 4, 2, 3, 2, 100)
    yield case(note("one sequence of one step"), 1, 1, 2, 3, 140)
    yield case(note("2 sequences of 5 steps, float32"), 5, 2, 2, 4, 160, torch.float32)


@exercise(1, ("clipped",))
def clip_gradients(device):
    """Clipping by norm."""

    def case(about, shapes, scale, limit, seed, dtype=torch.float64):
        return Case(about, (list(draw_each(*shapes, seed=seed, scale=scale, device=device, dtype=dtype)), limit))

    yield case(note("3 tensors whose norm is far above the limit"), [(4, 3), (4, 4), (4,)], 2.0, 1.5, 200)
    yield case(note("3 tensors whose norm is below the limit"), [(2, 3), (2, 2), (2,)], 0.1, 5.0, 210)
    yield case(note("2 tensors of which only both together are above the limit"), [(3,), (3,)], 1.3, 2.0, 226)
    yield case(note("one tensor, float32"), [(5, 2)], 3.0, 0.5, 230, torch.float32)
    yield Case(note("one tensor of zeros"), ([torch.zeros(2, 3, device=device, dtype=torch.float64)], 1.0))


@exercise(1, ("lag",))
def longest_lag(device):
    """The longest lag that a probe can read."""

    def case(about, lengths, held, seed):
        """Return states that hold, for each sequence, the tokens `held` steps back, one place for each token."""
        generator = torch.Generator().manual_seed(seed)
        T, B, classes = max(lengths), len(lengths), 5
        over = torch.arange(T).unsqueeze(1) >= torch.tensor(lengths)
        x = torch.randint(1, classes, (T, B), generator=generator, device="cpu").masked_fill(over, 0)
        before = torch.randint(1, classes, (T, B), generator=generator, device="cpu")  # no probe should be asked for it
        one_hot = torch.nn.functional.one_hot(torch.cat([before, x]), classes).double()
        parts = [one_hot[T - k : 2 * T - k] for k in held]
        states = torch.cat([*parts, 0.1 * torch.randn(T, B, 2, generator=generator, dtype=torch.float64)], dim=-1)
        states = states.masked_fill(over.unsqueeze(-1), 0.0)
        return Case(about, (states.to(device), x.to(device), torch.tensor(lengths), classes, 0.9))

    # So many that each mistake is wrong on three: a single number agrees too easily by accident.
    mixed = [3 + at % 5 for at in range(120)]
    short, long = [n - 1 for n in mixed], [n + 1 for n in mixed]
    yield case(note("states that hold the last 3 tokens, and by chance the first of 6"), [6] * 100, (0, 1, 2, 5), 1)
    yield case(note("sequences of 3 to 7 steps, padded, whose states hold their last 2 tokens"), mixed, (0, 1), 2)
    yield case(note("states that hold two tokens, but not the last one"), [5] * 100, (1, 2), 3)
    yield case(note("states that hold all 4 tokens"), [4] * 100, (0, 1, 2, 3), 4)
    yield case(note("sequences of 3 to 7 steps whose states hold everything"), mixed, range(7), 5)
    yield case(note("states that hold all of 4 tokens but the last one"), [4] * 100, (1, 2, 3), 6)
    yield case(note("sequences of 3 to 7 steps whose states hold all but the last token"), mixed, range(1, 7), 7)
    yield case(note("sequences of 2 to 6 steps whose states hold everything"), short, range(6), 8)
    yield case(note("sequences of 4 to 8 steps whose states hold everything"), long, range(8), 9)
