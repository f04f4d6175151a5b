"""Lesson 5's exercises: their results, and the inputs that tell mistakes apart."""

import torch

from course_utils.datasets.special_tokens import PAD
from course_utils.exercises import edges
from course_utils.exercises.exercise import Case, exercise
from course_utils.messages import say


@exercise(5, ("vectors", "position", "sentence", "entry"), gradient=True)
def halved_sinusoids(device):
    """Positions in halves."""
    for at, (about, (T, B, half), options) in enumerate(edges.sizes(device, 210, T=4, B=3, half=3)):
        first = (0, 5, 0, 40)[at % 4]
        about = say("{sizes} (E = 2 · half), first = {first}", sizes=about, first=first)
        yield Case(about, (edges.draw(T, B, 2 * half, **options), first))


@exercise(5, ("mask", "sentence", "t", "s"))
def sliding_mask(device):
    """A mask behind a cache."""

    def case(past, window, *rows):
        about = say(
            "sentences: {sentences}, steps in the cache: {past}, new steps: {new}, window: {window}",
            sentences=len(rows), past=past, new=len(rows[0]) - past, window=window,
        )  # fmt: skip
        return Case(about, (torch.tensor(rows, device=device).T.contiguous(), past, window))

    padded = [4, 5, 6, 7, 8, 9], [PAD, PAD, 5, 4, 6, 7], [7, 8, 9, PAD, PAD, PAD]
    yield case(4, 3, *padded)
    yield case(0, 2, *padded)
    yield case(2, 100, *padded)
    yield case(5, 3, [4, 5, 6, 7, 8, 9])
    yield case(2, 1, [4, 5, 6, 7, 8], [9, 8, 7, 6, 5])
    yield case(0, 4, [4], [9])
    yield case(1, 3, [PAD, PAD, 5, PAD], [6, PAD, PAD, PAD])


@exercise(5, ("context", "step", "sentence", "entry"), ("weights", "step", "sentence", "head", "key"), gradient=True)
def grouped_heads(device):
    """Grouped heads."""

    def case(about, T, B, S, D, G, M, **options):
        vectors = edges.draw_each((T, B, G * M * D), (S, B, G * D), (S, B, G * D), **options, scale=1.0)
        mask = edges.draw(B, T, S, seed=options["seed"] + 3, device=device) > -0.3
        mask[..., 0] = True  # no row without anything to attend to
        about = say("{sizes} (G heads of keys, M of queries to each)", sizes=about)
        return Case(about, (*vectors, mask, G * M))

    for about, sizes, options in edges.sizes(device, 310, T=3, B=2, S=4, D=3, G=2, M=2):
        yield case(about, *sizes, **options)
    yield case(say("one head"), 3, 2, 4, 3, 1, 1, seed=450, device=device, dtype=torch.float64)


@exercise(5, ("x", "step", "sentence", "entry"), gradient=True)
def sandwich_layer(device):
    """A layer with two norms."""
    for at, (about, (T, B, E), options) in enumerate(edges.sizes(device, 510, T=4, B=3, E=4)):
        seed, same = options["seed"], {"device": device, "dtype": options["dtype"]}
        count = (2, 3, 1)[at % 3]
        weights = edges.draw(count, E, E, seed=seed + 1, **same)
        gains = edges.draw_each((count, E), (count, E), seed=seed + 2, **same)
        x = edges.draw(T, B, E, seed=seed, scale=1.5, device=device, dtype=options["dtype"]) + 0.5
        if at == 1:
            x[:, -1] = 0  # a norm of nothing must not divide by 0
        about = say("{sizes}, sublayers: {count}", sizes=about, count=count)
        yield Case(about, (x, [_sublayer(matrix, number) for number, matrix in enumerate(weights)], *gains))


def _sublayer(matrix, number):
    """Return a sublayer: the even ones mix steps, as attention does, the odd ones see each word by itself."""

    def sublayer(x):
        if number % 2:
            return (x @ matrix).tanh() + 0.3
        steps = torch.arange(1, len(x) + 1, device=x.device, dtype=x.dtype).view(-1, 1, 1)
        return x.cumsum(0) / steps @ matrix + 0.2

    return sublayer
