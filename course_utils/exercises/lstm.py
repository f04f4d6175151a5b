"""Lesson 2's exercises: their results, and the inputs that tell mistakes apart."""

import torch

from course_utils.exercises.exercise import Case, exercise
from course_utils.exercises.inputs import draw, draw_each, weights
from course_utils.messages import note


@exercise(2, ("b_ih", "row"), ("b_hh", "row"))
def forget_bias(device):
    """The forget gate's bias."""

    def case(about, steps, seed, dtype=torch.float64):
        biases = draw_each((4 * len(steps),), (4 * len(steps),), seed=seed, device=device, dtype=dtype)
        return Case(about, (*biases, torch.tensor(steps, device=device, dtype=dtype)))

    yield case(note("3 units that keep a half over 2, 10 and 50 steps"), [2.0, 10.0, 50.0], 0)
    yield case(note("one unit that keeps a half over 5 steps"), [5.0], 10)
    yield case(note("2 units that keep a half over 1 and 200 steps, float32"), [1.0, 200.0], 20, torch.float32)


@exercise(2, ("parts", "step", "sequence", "unit"))
def cell_parts(device):
    """What each step wrote into the cell."""

    def case(about, *shape, seed, dtype=torch.float64, shut=None):
        i, f = (gate.sigmoid() for gate in draw_each(shape, shape, seed=seed, scale=1.5, device=device, dtype=dtype))
        if shut is not None:
            f[shut] = 0.0
        return Case(about, (i, f, draw(*shape, seed=seed + 2, device=device, dtype=dtype).tanh()))

    yield case(note("4 steps, 2 sequences and 3 units"), 4, 2, 3, seed=100)
    yield case(note("3 steps, 3 sequences and 3 units"), 3, 3, 3, seed=110)
    yield case(note("one step"), 1, 2, 2, seed=120)
    yield case(note("5 steps, 2 sequences and 2 units, one forget gate exactly 0"), 5, 2, 2, seed=140, shut=(2, 0, 1))
    yield case(note("6 steps, one sequence and 2 units, float32"), 6, 1, 2, seed=130, dtype=torch.float32)


@exercise(2, ("h_t", "sequence", "unit"), ("c_t", "sequence", "unit"), gradient=True)
def coupled_step(device):
    """Coupled gates."""

    def case(about, B, E, H, seed, dtype=torch.float64):
        states = draw_each((B, E), (B, H), (B, H), seed=seed, device=device, dtype=dtype)
        return Case(about, (*states, *weights(3, E, H, seed=seed + 3, device=device, dtype=dtype)))

    yield case(note("a batch of 3, 3 inputs and 3 units"), 3, 3, 3, 210)
    yield case(note("a batch of 2, 3 inputs and 4 units"), 2, 3, 4, 200)
    yield case(note("a batch of one, 2 inputs and one unit, float32"), 1, 2, 1, 220, torch.float32)


@exercise(2, ("states", "step", "sequence", "unit"), gradient=True)
def paper_gru(device):
    """The GRU of the paper."""

    def case(about, T, B, E, H, seed, dtype=torch.float64):
        states = draw_each((T, B, E), (B, H), seed=seed, device=device, dtype=dtype)
        return Case(about, (*states, *weights(3, E, H, seed=seed + 2, device=device, dtype=dtype)))

    yield case(note("3 steps, 3 sequences, 3 inputs and 3 units"), 3, 3, 3, 3, 310)
    yield case(note("4 steps, 2 sequences, 3 inputs and 4 units"), 4, 2, 3, 4, 300)
    yield case(note("one step, one sequence"), 1, 1, 2, 2, 320)
    yield case(note("5 steps, 2 sequences, 2 inputs and 3 units, float32"), 5, 2, 2, 3, 330, torch.float32)
