"""Lesson 6's exercises: their results, and the inputs that tell mistakes apart."""

import random

import torch

from course_utils.exercises.exercise import Case, exercise
from course_utils.messages import say


@exercise(6, ("kept", "pair"))
def keep_pairs(device):
    """Which pairs can be trained on."""

    def case(about, rows, max_length, max_ratio):
        lengths = torch.tensor(rows, dtype=torch.int64, device=device).reshape(-1, 2)
        about = say(
            "{pairs}; max_length = {length}, max_ratio = {ratio}", pairs=about, length=max_length, ratio=max_ratio
        )
        return Case(about, (lengths, max_length, max_ratio))

    rows = [
        [5, 6],
        [9, 3],
        [3, 9],
        [12, 12],
        [13, 4],
        [4, 13],
        [0, 5],
        [5, 0],
        [0, 0],
        [1, 1],
        [10, 3],
        [3, 10],
        [12, 5],
    ]
    rows += [[11, 13], [12, 14], [10, 15], [0, 1], [1, 0], [0, 2], [2, 0], [0, 3]]
    yield case(say("21 pairs of all kinds"), rows, 12, 3)
    yield case(say("the same pairs"), rows, 9, 2)
    yield case(
        say("pairs of which some are just at the limits"),
        [[4, 10], [10, 4], [4, 11], [2, 5], [1, 3], [20, 20]],
        20,
        2.5,
    )
    yield case(say("one pair"), [[7, 7]], 7, 1)
    yield case(say("two pairs without words"), [[0, 0], [0, 3]], 10, 9)
    yield case(say("pairs of equal length"), [[n, n] for n in range(8)], 5, 1)


@exercise(6, ("rows",), reads=True)
def hold_out(device):
    """Rows held out without a leak."""

    def case(about, sources, count, seed):
        order = sorted(set(sources))
        random.Random(seed).shuffle(order)
        about = say("{rows}, {count} to hold out", rows=about, count=count)
        return Case(about, (list(sources), order, count))

    several = [4, 7, 4, 9, 2, 7, 4, 1, 9, 8, 3, 4, 6, 5, 7, 0]
    yield case(say("16 rows with 10 different sources"), several, 5, 0)
    yield case(say("the same rows in another order of sources"), several, 6, 1)
    yield case(say("rows of which half have the same source"), [3] * 6 + [1, 2, 5, 4, 6, 0], 3, 2)
    yield case(say("rows with different sources"), [5, 3, 8, 1, 9, 2], 2, 3)
    yield case(say("rows of one source"), [7, 7, 7], 1, 4)
    yield case(say("rows none of which is asked for"), several, 0, 5)
    yield case(say("rows all of which are asked for"), several, len(several), 6)


@exercise(6, ("merged",), ("pair",), reads=True)
def merge_step(device):
    """One merge of byte pair encoding."""

    def case(about, words, counts, new):
        return Case(say("{words}, new id {new}", words=about, new=new), (words, counts, new))

    words = [[4, 5, 6], [4, 5, 6, 7, 8], [9, 7, 6, 7, 10], [6, 7, 10]]
    yield case(say("4 words that occur 5, 2, 6 and 3 times"), words, [5, 2, 6, 3], 20)
    yield case(say("3 words with rows of equal letters"), [[7, 7, 7, 7, 7], [8, 7, 7, 7], [8, 8]], [3, 2, 4], 30)
    yield case(say("2 words with two pairs that are equally frequent"), [[6, 5, 4, 5], [4, 5, 6, 5]], [2, 2], 11)
    yield case(say("3 words, one of a single letter"), [[5], [4, 6, 4, 6, 9, 4, 6], [6, 9, 5]], [9, 1, 2], 12)
    yield case(say("one word of two letters"), [[3, 2]], [1], 9)
    yield case(
        say("5 words, rare ones with a common pair"),
        [[2, 3], [2, 3, 4], [5, 2, 3], [8, 9], [9, 8, 9]],
        [1, 1, 1, 4, 2],
        40,
    )
    yield case(say("4 words with a pair in both orders"), [[5, 4], [4, 5], [6, 5, 4], [2, 6]], [2, 2, 1, 4], 50)


@exercise(6, ("low",), ("high",), ("worse",), any_float=True, reads=True)
def paired_interval(device):
    """The interval of a difference of two systems."""

    def case(about, N, R, seed, better=0.1, dtype=torch.float64):
        draws = torch.Generator().manual_seed(seed)
        totals = torch.randint(1, 30, (N,), generator=draws)
        share = torch.rand(N, generator=draws, dtype=torch.float64)
        hits = torch.stack([(totals * (share * 0.8 + extra).clamp(max=1)).floor() for extra in (better, 0.0)])
        samples = torch.randint(0, N, (R, N), generator=draws)
        args = (hits.to(device, dtype), totals.to(device, dtype), samples.to(device))
        return Case(say("{sentences}, {count} samples", sentences=about, count=R), args)

    yield case(say("12 sentences of very different length"), 12, 200, 0)
    yield case(say("40 sentences"), 40, 300, 1, 0.05)
    yield case(say("two systems that are alike"), 15, 100, 2, 0.0)
    yield case(say("one sentence"), 1, 10, 3)
    yield case(say("20 sentences, float32"), 20, 50, 4, 0.02, torch.float32)
    yield case(say("9 sentences, the second system better"), 9, 41, 5, -0.1)
