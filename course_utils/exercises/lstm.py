"""Lesson 2's exercises: their results, and the inputs that tell mistakes apart."""

import torch

from course_utils.exercises import edges
from course_utils.exercises.exercise import Case, exercise
from course_utils.messages import say


@exercise(2, ("b_ih", "row"), ("b_hh", "row"), fresh=True)
def forget_bias(device):
    """The forget gate's bias."""

    def case(about, steps, seed, dtype=torch.float64):
        shape = (4 * len(steps),)
        biases = edges.draw_each(shape, shape, seed=seed, device=device, dtype=dtype)
        return Case(about, (*biases, torch.tensor(steps, device=device, dtype=dtype)))

    yield case(say("3 units that keep a half over 2, 10 and 50 steps"), [2.0, 10.0, 50.0], 0)
    yield case(say("one unit that keeps a half over 5 steps"), [5.0], 10)
    yield case(say("2 units that keep a half over 1 and 200 steps, float32"), [1.0, 200.0], 20, torch.float32)
    yield case(say("2 units that keep a half over 0.4 and 0.9 of a step"), [0.4, 0.9], 30)


@exercise(2, ("parts", "step", "sequence", "unit"))
def cell_parts(device):
    """What each step wrote into the cell."""
    for shut in (False, True):
        for about, shape, options in edges.sizes(device, 100 + shut, T=4, B=2, H=3):
            i, f, g = edges.draw_each(shape, shape, shape, **options, scale=1.5)
            if shut and shape[0] > 2:
                f[2, 0] = 0.0
                about = say("{sizes}, some forget gates exactly 0", sizes=about)
            if not shut or shape[0] > 2:
                yield Case(about, (i.sigmoid(), f.sigmoid() * (f != 0), g.tanh()))


@exercise(2, ("h_t", "sequence", "unit"), ("c_t", "sequence", "unit"), gradient=True)
def coupled_step(device):
    """Coupled gates."""
    for about, (B, E, H), options in edges.sizes(device, 200, B=3, E=3, H=3):
        states = edges.draw_each((B, E), (B, H), (B, H), **options)
        yield Case(about, (*states, *edges.weights(3, E, H, **options | {"seed": options["seed"] + 3})))


@exercise(2, ("states", "step", "sequence", "unit"), gradient=True)
def paper_gru(device):
    """The GRU of the paper."""
    for about, (T, B, E, H), options in edges.sizes(device, 300, T=3, B=3, E=3, H=3):
        states = edges.draw_each((T, B, E), (B, H), **options)
        yield Case(about, (*states, *edges.weights(3, E, H, **options | {"seed": options["seed"] + 2})))
