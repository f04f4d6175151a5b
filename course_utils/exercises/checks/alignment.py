"""Check of lesson 4's exercise that counts links."""

import numpy as np

from course_utils.exercises.checks.exercise import Case, Exercise
from course_utils.exercises.solutions import attention as solutions


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
        case("3 sentences and the level 0.4", [(4, 6), (5, 3), (7, 7)], 0, 0.4),
        case("2 sentences and the level 0.25, which some weights hit exactly", [(3, 3), (6, 5)], 1, 0.25, exact=True),
        case("one sentence and the level 0.5, which some weights hit exactly", [(5, 5)], 2, 0.5, exact=True),
    ]


def _counts(weights, sure, possible, level, *, place=lambda t, j: (j, t), chosen=None):
    """Return, for each sentence, its links, its sure links, and all possible ones."""
    for one, s, p in zip(weights, sure, possible, strict=True):
        heavy = chosen(one, level) if chosen else one >= level
        yield {place(int(t), int(j)) for t, j in np.argwhere(heavy)}, set(s), set(s) | set(p)


def _rate(formula, **otherwise):
    """Return an error rate whose formula is given the sums |A|, |S|, |P|, |A∩S| and |A∩P| over all sentences."""

    def error(*args):
        rows = [(len(a), len(s), len(p), len(a & s), len(a & p)) for a, s, p in _counts(*args, **otherwise)]
        return float(formula(*map(sum, zip(*rows, strict=True))))

    return error


def _aer(a, s, p, a_s, a_p):
    return 1 - (a_s + a_p) / (a + s)


def _mean_of_rates(*args):
    single = ([[part] for part in parts] for parts in args[:3])
    return float(np.mean([solutions.alignment_error(*one, args[3]) for one in zip(*single, strict=True)]))


def _possible_apart(weights, sure, possible, level):
    rows = [(a, s, set(p)) for (a, s, _), p in zip(_counts(weights, sure, possible, level), possible, strict=True)]
    right = sum(len(a & s) + len(a & p) for a, s, p in rows)
    return 1 - right / sum(len(a) + len(s) for a, s, _ in rows)


alignment_error = Exercise(
    "alignment_error", 4, solutions.alignment_error, _alignment_cases,
    ("rate",),
    {
        "the links are (target, source): a link is (source, target), and the rows of the weights are target words":
            _rate(_aer, place=lambda t, j: (t, j)),
        "only the heaviest weight of each row makes a link: every weight of at least `level` does":
            _rate(_aer, chosen=lambda one, level: one == one.max(axis=1, keepdims=True)),
        "the heaviest weight of each column makes a link: every weight of at least `level` does":
            _rate(_aer, chosen=lambda one, level: one == one.max(axis=0, keepdims=True)),
        "weights *below* the level make the links": _rate(_aer, chosen=lambda one, level: one < level),
        "a weight equal to the level makes no link: *at least* `level` is `>=`":
            _rate(_aer, chosen=lambda one, level: one > level),
        "weights of *at most* the level make the links": _rate(_aer, chosen=lambda one, level: one <= level),
        "every pair is a link, whatever its weight": _rate(_aer, chosen=lambda one, level: one >= 0),
        "the sentences' rates are averaged: add up the counts of all sentences, then divide once": _mean_of_rates,
        "this is the share that is right: the error is 1 minus it": _rate(lambda *n: 1 - _aer(*n)),
        "the possible links are not used": _rate(lambda a, s, p, a_s, a_p: 1 - 2 * a_s / (a + s)),
        "only the possible links are used": _rate(lambda a, s, p, a_s, a_p: 1 - 2 * a_p / (a + s)),
        "sure links are not counted as possible ones: each of them is both": _possible_apart,
        "the denominator has the possible links in place of the sure ones":
            _rate(lambda a, s, p, a_s, a_p: 1 - (a_s + a_p) / (a + p)),
        "this is 1 minus the precision": _rate(lambda a, s, p, a_s, a_p: 1 - a_p / a),
        "this is 1 minus the recall": _rate(lambda a, s, p, a_s, a_p: 1 - a_s / s),
        "precision and recall are averaged: add numerators and denominators":
            _rate(lambda a, s, p, a_s, a_p: 1 - (a_p / a + a_s / s) / 2),
        "the denominator is twice the number of links": _rate(lambda a, s, p, a_s, a_p: 1 - (a_s + a_p) / (2 * a)),
    },
)  # fmt: skip
