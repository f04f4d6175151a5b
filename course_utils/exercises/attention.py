"""Lesson 4's exercises: their results, and the inputs that tell mistakes apart."""

import numpy as np
import torch

from course_utils.datasets.special_tokens import PAD
from course_utils.exercises.exercise import Case, Exercise
from course_utils.exercises.inputs import draw
from course_utils.messages import note

# -- a causal mask ------------------------------------------------------------------------------------------------


def _mask_cases(device):
    def case(about, *rows):
        longest = max(map(len, rows))
        return Case(about, (torch.tensor([row + [PAD] * (longest - len(row)) for row in rows], device=device).T,))

    return [
        case(note("2 sentences of 4 and 2 tokens"), [5, 6, 7, 8], [9, 4]),
        case(note("4 sentences of 1 to 4 tokens"), [4], [5, 6], [7, 8, 9], [4, 5, 6, 7]),
        case(note("one sentence of 3 tokens"), [4, 9, 5]),
        Case(
            note("2 sentences of up to 3 tokens on the device `meta` (in place of a GPU, without values)"),
            (torch.ones(3, 2, dtype=torch.int64, device="meta"),),
            False,
        ),
    ]


causal_mask = Exercise("causal_mask", 4, _mask_cases, [("mask", note("sentence"), note("t"), note("s"))])

# -- additive scores, joined --------------------------------------------------------------------------------------


def _score_cases(device):
    def case(about, batch, T, S, D, K, H, seed, dtype=torch.float64):
        shapes = [(*batch, T, D), (*batch, S, K), (H, D + K), (H,)]
        return Case(
            about, tuple(draw(*shape, seed=seed + at, device=device, dtype=dtype) for at, shape in enumerate(shapes))
        )

    return [
        case(note("4 queries of width 3 and 4 keys of width 3, no batch"), (), 4, 4, 3, 3, 3, 10),
        case(note("a batch of 2, 3 queries of width 4 and 5 keys of width 2"), (2,), 3, 5, 4, 2, 6, 0),
        case(note("a batch of 2 by 2, one query of width 2 and 3 keys of width 5"), (2, 2), 1, 3, 2, 5, 4, 20),
        case(
            note("a batch of 3, 3 queries of width 3 and 3 keys of width 2, float32"),
            (3,),
            3,
            3,
            3,
            2,
            4,
            30,
            torch.float32,
        ),
    ]


concat_scores = Exercise(
    "concat_scores", 4, _score_cases,
    [("scores", "...", note("query"), note("key"))], gradient=True,
)  # fmt: skip

# -- the alignment error rate -------------------------------------------------------------------------------------


def _alignment_cases(device):
    def case(about, sizes, seed, level, exact=False):
        generator = np.random.default_rng(seed)
        weights, sure, possible = [], [], []
        for T, S in sizes:
            one = generator.dirichlet(np.full(S, 0.6), size=T)
            one[abs(one - level) < 0.02] += 0.05  # no weight within rounding of the level …
            if exact:
                one[0, 0] = one[-1, -1] = level  # … unless it is the level to the last bit
            weights.append(one)
            order = generator.permutation(S)
            gold = sorted({(int(order[t % S]), t) for t in range(T) if t % 3})
            links = {(int(s), t) for t, s in enumerate(one.argmax(axis=1)) if t % 2} | {(int(generator.integers(S)), 0)}
            sure.append(sorted(set(gold[: T - 1]) | set(sorted(links)[:2])))
            possible.append(sorted((links | {(S - 1, 0)}) - set(sure[-1])))
        return Case(about, (weights, sure, possible, level))

    return [
        case(note("3 sentences and the level 0.4"), [(4, 6), (5, 3), (7, 7)], 0, 0.4),
        case(
            note("2 sentences and the level 0.25, which some weights hit exactly"),
            [(3, 3), (6, 5)],
            1,
            0.25,
            exact=True,
        ),
        case(note("one sentence and the level 0.5, which some weights hit exactly"), [(5, 5)], 2, 0.5, exact=True),
    ]


alignment_error = Exercise("alignment_error", 4, _alignment_cases, [("rate",)])

# -- two heads ----------------------------------------------------------------------------------------------------


def _head_cases(device):
    def case(about, B, T, S, D, seed, masked=True, dtype=torch.float64):
        drawn = [
            draw(B, size, D, seed=seed + at, scale=1.0, device=device, dtype=dtype) for at, size in enumerate((T, S, S))
        ]
        mask = draw(B, T, S, seed=seed + 3, device=device) > -0.3 if masked else torch.ones(B, T, S, device=device) > 0
        mask[..., 0] = True  # no row without anything to attend to
        return Case(about, (*drawn, mask))

    return [
        case(note("a batch of 2, 4 queries, 4 keys and width 8, nothing masked"), 2, 4, 4, 8, 110, masked=False),
        case(note("a batch of 3, 3 queries, 5 keys and width 4, some keys masked"), 3, 3, 5, 4, 100),
        case(note("a batch of 3, 2 queries, 3 keys and width 2, float32"), 3, 2, 3, 2, 120, dtype=torch.float32),
        case(note("a batch of one, 2 queries, 2 keys and width 6, some keys masked"), 1, 2, 2, 6, 130),
    ]


two_heads = Exercise(
    "two_heads", 4, _head_cases,
    [
        ("context", note("sentence"), note("query"), note("entry")),
        ("weights", note("sentence"), note("head"), note("query"), note("key")),
    ],
    gradient=True,
)  # fmt: skip
