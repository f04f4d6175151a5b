"""Lesson 4's exercises: their results, and the inputs that tell mistakes apart."""

import numpy as np
import torch

from course_utils.datasets.special_tokens import PAD
from course_utils.exercises.exercise import Case, exercise
from course_utils.exercises.inputs import draw, draw_each
from course_utils.messages import note


@exercise(4, ("mask", "sentence", "t", "s"))
def causal_mask(device):
    """A causal mask."""

    def case(about, *rows):
        longest = max(map(len, rows))
        return Case(about, (torch.tensor([row + [PAD] * (longest - len(row)) for row in rows], device=device).T,))

    yield case(note("2 sentences of 4 and 2 tokens"), [5, 6, 7, 8], [9, 4])
    yield case(note("4 sentences of 1 to 4 tokens"), [4], [5, 6], [7, 8, 9], [4, 5, 6, 7])
    yield case(note("one sentence of 3 tokens"), [4, 9, 5])
    about = note("2 sentences of up to 3 tokens on the device `meta` (in place of a GPU, without values)")
    yield Case(about, (torch.ones(3, 2, dtype=torch.int64, device="meta"),), values=False)


@exercise(4, ("scores", "...", "query", "key"), gradient=True)
def concat_scores(device):
    """Additive scores, joined."""

    def case(about, batch, T, S, D, K, H, seed, dtype=torch.float64):
        shapes = [(*batch, T, D), (*batch, S, K), (H, D + K), (H,)]
        return Case(about, draw_each(*shapes, seed=seed, device=device, dtype=dtype))

    float32 = note("a batch of 3, 3 queries of width 3 and 3 keys of width 2, float32")
    yield case(note("4 queries of width 3 and 4 keys of width 3, no batch"), (), 4, 4, 3, 3, 3, 10)
    yield case(note("a batch of 2, 3 queries of width 4 and 5 keys of width 2"), (2,), 3, 5, 4, 2, 6, 0)
    yield case(note("a batch of 2 by 2, one query of width 2 and 3 keys of width 5"), (2, 2), 1, 3, 2, 5, 4, 20)
    yield case(float32, (3,), 3, 3, 3, 2, 4, 30, torch.float32)


@exercise(4, ("rate",))
def alignment_error(device):
    """The alignment error rate."""

    def case(about, sizes, seed, level, exact=False):
        generator = np.random.default_rng(seed)
        weights, sure, possible = [], [], []
        for T, S in sizes:
            rows = generator.dirichlet(np.full(S, 0.6), size=T)
            rows[abs(rows - level) < 0.02] += 0.05  # no weight within rounding of the level …
            if exact:
                rows[0, 0] = rows[-1, -1] = level  # … unless it is the level to the last bit
            weights.append(rows)
            order = generator.permutation(S)
            gold = sorted({(int(order[t % S]), t) for t in range(T) if t % 3})
            heaviest = {(int(s), t) for t, s in enumerate(rows.argmax(axis=1)) if t % 2}
            links = heaviest | {(int(generator.integers(S)), 0)}
            sure.append(sorted(set(gold[: T - 1]) | set(sorted(links)[:2])))
            possible.append(sorted((links | {(S - 1, 0)}) - set(sure[-1])))
        return Case(about, (weights, sure, possible, level))

    exact = note("2 sentences and the level 0.25, which some weights hit exactly")
    yield case(note("3 sentences and the level 0.4"), [(4, 6), (5, 3), (7, 7)], 0, 0.4)
    yield case(exact, [(3, 3), (6, 5)], 1, 0.25, exact=True)
    yield case(note("one sentence and the level 0.5, which some weights hit exactly"), [(5, 5)], 2, 0.5, exact=True)


@exercise(4, ("context", "sentence", "query", "entry"), ("weights", "sentence", "head", "query", "key"), gradient=True)
def two_heads(device):
    """Attention with two heads."""

    def case(about, B, T, S, D, seed, masked=True, dtype=torch.float64):
        vectors = draw_each((B, T, D), (B, S, D), (B, S, D), seed=seed, scale=1.0, device=device, dtype=dtype)
        mask = draw(B, T, S, seed=seed + 3, device=device) > -0.3 if masked else torch.ones(B, T, S, device=device) > 0
        mask[..., 0] = True  # no row without anything to attend to
        return Case(about, (*vectors, mask))

    yield case(note("a batch of 2, 4 queries, 4 keys and width 8, nothing masked"), 2, 4, 4, 8, 110, masked=False)
    yield case(note("a batch of 3, 3 queries, 5 keys and width 4, some keys masked"), 3, 3, 5, 4, 100)
    yield case(note("a batch of 3, 2 queries, 3 keys and width 2, float32"), 3, 2, 3, 2, 120, dtype=torch.float32)
    yield case(note("a batch of one, 2 queries, 2 keys and width 6, some keys masked"), 1, 2, 2, 6, 130)
