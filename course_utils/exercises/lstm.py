"""Lesson 2's exercises: their results, and the inputs that tell mistakes apart."""

import torch

from course_utils.exercises.exercise import Case, Exercise
from course_utils.exercises.inputs import draw, weights
from course_utils.messages import note

# -- the forget gate's bias ---------------------------------------------------------------------------------------


def _bias_cases(device):
    def case(about, steps, seed, dtype=torch.float64):
        half_life = torch.tensor(steps, device=device, dtype=dtype)
        b_ih, b_hh = (draw(4 * len(steps), seed=seed + at, device=device, dtype=dtype) for at in range(2))
        return Case(about, (b_ih, b_hh, half_life))

    return [
        case(note("3 units that keep a half over 2, 10 and 50 steps"), [2.0, 10.0, 50.0], 0),
        case(note("one unit that keeps a half over 5 steps"), [5.0], 10),
        case(note("2 units that keep a half over 1 and 200 steps, float32"), [1.0, 200.0], 20, torch.float32),
    ]


forget_bias = Exercise("forget_bias", 2, _bias_cases, [("b_ih", note("row")), ("b_hh", note("row"))])

# -- what each step wrote into the cell ---------------------------------------------------------------------------


def _gate_cases(device):
    def case(about, *shape, seed, dtype=torch.float64, shut=None):
        i, f = (draw(*shape, seed=seed + at, scale=1.5, device=device, dtype=dtype).sigmoid() for at in range(2))
        if shut is not None:
            f[shut] = 0.0
        return Case(about, (i, f, draw(*shape, seed=seed + 2, device=device, dtype=dtype).tanh()))

    return [
        case(note("4 steps, 2 sequences and 3 units"), 4, 2, 3, seed=100),
        case(note("3 steps, 3 sequences and 3 units"), 3, 3, 3, seed=110),
        case(note("one step"), 1, 2, 2, seed=120),
        case(note("5 steps, 2 sequences and 2 units, one forget gate exactly 0"), 5, 2, 2, seed=140, shut=(2, 0, 1)),
        case(note("6 steps, one sequence and 2 units, float32"), 6, 1, 2, seed=130, dtype=torch.float32),
    ]


cell_parts = Exercise("cell_parts", 2, _gate_cases, [("parts", note("step"), note("sequence"), note("unit"))])

# -- coupled gates ------------------------------------------------------------------------------------------------


def _step_cases(device):
    def case(about, B, E, H, seed, dtype=torch.float64):
        drawn = (draw(B, size, seed=seed + at, device=device, dtype=dtype) for at, size in enumerate((E, H, H)))
        return Case(about, (*drawn, *weights(3, E, H, seed=seed + 3, device=device, dtype=dtype)))

    return [
        case(note("a batch of 3, 3 inputs and 3 units"), 3, 3, 3, 210),
        case(note("a batch of 2, 3 inputs and 4 units"), 2, 3, 4, 200),
        case(note("a batch of one, 2 inputs and one unit, float32"), 1, 2, 1, 220, torch.float32),
    ]


coupled_step = Exercise(
    "coupled_step", 2, _step_cases,
    [("h_t", note("sequence"), note("unit")), ("c_t", note("sequence"), note("unit"))], gradient=True,
)  # fmt: skip

# -- the GRU of the paper -----------------------------------------------------------------------------------------


def _gru_cases(device):
    def case(about, T, B, E, H, seed, dtype=torch.float64):
        x, h_0 = (
            draw(T, B, E, seed=seed, device=device, dtype=dtype),
            draw(B, H, seed=seed + 1, device=device, dtype=dtype),
        )
        return Case(about, (x, h_0, *weights(3, E, H, seed=seed + 2, device=device, dtype=dtype)))

    return [
        case(note("3 steps, 3 sequences, 3 inputs and 3 units"), 3, 3, 3, 3, 310),
        case(note("4 steps, 2 sequences, 3 inputs and 4 units"), 4, 2, 3, 4, 300),
        case(note("one step, one sequence"), 1, 1, 2, 2, 320),
        case(note("5 steps, 2 sequences, 2 inputs and 3 units, float32"), 5, 2, 2, 3, 330, torch.float32),
    ]


paper_gru = Exercise(
    "paper_gru", 2, _gru_cases,
    [("states", note("step"), note("sequence"), note("unit"))], gradient=True,
)  # fmt: skip
