"""Lesson 4's exercises: their results, and the inputs that tell mistakes apart."""

import numpy as np
import torch

from course_utils.datasets.special_tokens import PAD
from course_utils.exercises import edges
from course_utils.exercises.exercise import Case, exercise
from course_utils.messages import say


@exercise(4, ("mask", "sentence", "t", "s"))
def causal_mask(device):
    """A causal mask."""

    def case(about, *rows, spare=0):
        longest = max(map(len, rows)) + spare
        x = torch.tensor([row + [PAD] * (longest - len(row)) for row in rows], device=device)
        return Case(about, (x.T.contiguous(),))

    yield case(say("2 sentences of 4 and 2 tokens"), [5, 6, 7, 8], [9, 4])
    yield case(say("4 sentences of 1 to 4 tokens, in 6 rows"), [4], [5, 6], [7, 8, 9], [4, 5, 6, 7], spare=2)
    yield case(say("one sentence of 3 tokens"), [4, 9, 5])
    yield case(say("3 sentences of one token"), [4], [9], [5])


@exercise(4, ("scores", "...", "query", "key"), gradient=True)
def concat_scores(device):
    """Additive scores, joined."""
    batches = [(2,), (), (2, 2), (1,), (3, 1, 2)]
    for at, (about, (T, S, D, K, H), options) in enumerate(edges.sizes(device, 10, T=4, S=4, D=3, K=3, H=5)):
        batch = batches[at % len(batches)]
        about = say("{sizes}, leading axes {axes}", sizes=about, axes=batch)
        yield Case(about, edges.draw_each((*batch, T, D), (*batch, S, K), (H, D + K), (H,), **options))


@exercise(4, ("rate",), reads=True)
def alignment_error(device):
    """The alignment error rate."""

    def case(about, shapes, seed, level, exact=False, empty=""):
        generator = np.random.default_rng(seed)
        weights, sure, possible = [], [], []
        for T, S in shapes:
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
        if empty:
            sides = {"sure": sure, "possible": possible}
            sides[empty][0] = []
        else:
            possible[-1] += sure[-1][:2]  # named again, which changes nothing
        return Case(about, (weights, sure, possible, level))

    exact = say("2 sentences and the level 0.25, which some weights hit exactly")
    yield case(say("3 sentences and the level 0.4"), [(4, 6), (5, 3), (7, 7)], 0, 0.4)
    yield case(exact, [(3, 3), (6, 5)], 1, 0.25, exact=True)
    yield case(say("one sentence and the level 0.5, which some weights hit exactly"), [(5, 5)], 2, 0.5, exact=True)
    yield case(say("2 sentences, one without sure links, and the level 0.3"), [(4, 5), (3, 4)], 3, 0.3, empty="sure")
    about = say("2 sentences, one without possible links, and the level 0.3")
    yield case(about, [(4, 5), (3, 4)], 4, 0.3, empty="possible")
    yield case(say("sentences of one word, source or target, and the level 0.2"), [(1, 4), (4, 1)], 5, 0.2)
    yield case(say("2 sentences and the level 2, which no weight reaches"), [(3, 4), (4, 3)], 6, 2)


@exercise(4, ("context", "sentence", "query", "entry"), ("weights", "sentence", "head", "query", "key"), gradient=True)
def two_heads(device):
    """Attention with two heads."""
    for about, (B, T, S, half), options in edges.sizes(device, 110, B=3, T=4, S=4, half=4):
        vectors = edges.draw_each((B, T, 2 * half), (B, S, 2 * half), (B, S, 2 * half), **options, scale=1.0)
        for level, text in ((-9, say("nothing masked")), (-0.3, say("some keys masked"))):
            mask = edges.draw(B, T, S, seed=options["seed"] + 3, device=device) > level
            mask[..., 0] = True  # no row without anything to attend to
            about_all = say("{sizes} (D = 2 · half), {masked}", sizes=about, masked=text)
            yield Case(about_all, (*vectors, mask))
