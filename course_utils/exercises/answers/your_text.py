"""Worked solutions of lesson 6's exercises, and the mistakes that the checks know."""

from collections import Counter
from itertools import pairwise

import torch

MISTAKES = {}


def keep_pairs(lengths, max_length, max_ratio):
    """Three conditions, each on both sides: not blank, not too long, not too unequal.

    The ratio compares the longer side with the shorter, so it does not matter which side is which. It is written as a
    product, because a division by the length of a blank side would be a division by zero. Limits are included: a pair
    at the limit is kept, as in `Translations.read`.
    """
    shorter, longer = lengths.amin(dim=1), lengths.amax(dim=1)
    return (shorter > 0) & (longer <= max_length) & (longer <= max_ratio * shorter)


def _kept(blank=lambda n: n.amin(1) > 0, long=lambda n, limit: n.amax(1) <= limit,
          unequal=lambda n, limit: n.amax(1) <= limit * n.amin(1)):  # fmt: skip
    """Return a filter of which one condition differs."""
    return lambda lengths, max_length, max_ratio: (
        blank(lengths) & long(lengths, max_length) & unequal(lengths, max_ratio)
    )


MISTAKES["keep_pairs"] = {
    "turned": lambda *args: ~keep_pairs(*args),
    "limit_left_out": _kept(long=lambda n, limit: n.amax(1) < limit),
    "ratio_left_out": _kept(unequal=lambda n, limit: n.amax(1) < limit * n.amin(1)),
    "one_direction": _kept(unequal=lambda n, limit: n[:, 0] <= limit * n[:, 1]),
    "difference": _kept(unequal=lambda n, limit: n.amax(1) - n.amin(1) <= limit),
    "source_only": _kept(long=lambda n, limit: n[:, 0] <= limit),
    "blank_kept": _kept(blank=lambda n: n.amax(1) >= 0),
    "either_side": _kept(
        blank=lambda n: n.amax(1) > 0, unequal=lambda n, limit: n.amax(1) <= limit * n.amin(1).clamp(min=1)
    ),
}


def hold_out(sources, order, count):
    """Whole sources are held out, one after the other, and never a single row of one.

    If rows were drawn instead, a source with several translations would be in training and in the test, and the test
    would ask for what was learned by heart. So the number of rows may come out a little above `count`.
    """
    taken, total = set(), 0
    for source in order:
        if total >= count:
            break
        taken.add(source)
        total += sources.count(source)
    return [row for row, source in enumerate(sources) if source in taken]


def _taken(
    sources, order, count, enough=lambda total, size, count: total >= count, size=lambda sizes, source: sizes[source]
):
    sizes, taken, total = Counter(sources), [], 0
    for source in order:
        if enough(total, sizes[source], count):
            break
        taken.append(source)
        total += size(sizes, source)
    return taken


def _rows(sources, taken):
    return [row for row, source in enumerate(sources) if source in taken]


MISTAKES["hold_out"] = {
    "rows_not_sources": lambda sources, order, count: list(range(count)),
    "first_of_each": lambda sources, order, count: sorted(
        sources.index(source) for source in hold_sources(sources, order, count)
    ),
    "count_of_sources": lambda sources, order, count: _rows(sources, order[:count]),
    "cut_to_count": lambda *args: hold_out(*args)[: args[2]],
    "never_above": lambda s, order, count: _rows(s, _taken(s, order, count, lambda total, size, n: total + size > n)),
    "one_too_many": lambda s, order, count: _rows(s, _taken(s, order, count, lambda total, size, n: total > n)),
    "training_rows": lambda sources, *rest: sorted(set(range(len(sources))) - set(hold_out(sources, *rest))),
    "in_the_order_of_sources": lambda sources, order, count: [
        row for source in hold_sources(sources, order, count) for row, other in enumerate(sources) if other == source
    ],
}  # fmt: skip


def hold_sources(sources, order, count):
    """Return the sources that `hold_out` takes, in their order."""
    return _taken(sources, order, count)


def merge_step(words, counts, new):
    """Count neighbours, take the most frequent pair, and replace it from left to right.

    A word that occurs ten times counts ten times: that is why one needs the words once only. Of equally frequent pairs
    the smallest is taken, so that the same text always gives the same pieces. Three equal letters hold the pair twice
    for the count, but only its first occurrence can be replaced: the next one would need a letter that is gone.
    """
    pairs = {}
    for word, count in zip(words, counts, strict=True):
        for at in range(len(word) - 1):
            pair = word[at], word[at + 1]
            pairs[pair] = pairs.get(pair, 0) + count
    best = min(pairs, key=lambda pair: (-pairs[pair], pair))
    merged = []
    for word in words:
        pieces, at = [], 0
        while at < len(word):
            found = tuple(word[at : at + 2]) == best
            pieces.append(new if found else word[at])
            at += 2 if found else 1
        merged.append(pieces)
    return merged, list(best)


def _counted(words, counts, weigh=lambda count: count, pairs_of=pairwise):
    pairs = Counter()
    for word, count in zip(words, counts, strict=True):
        for pair in pairs_of(word):
            pairs[tuple(pair)] += weigh(count)
    return pairs


def _smallest(pairs):
    return min(pairs, key=lambda pair: (-pairs[pair], pair))


def _replaced(word, best, new, step=2, once=False, backwards=False):
    if backwards:
        return _replaced(word[::-1], best[::-1], new)[::-1]
    pieces, at = [], 0
    while at < len(word):
        found = tuple(word[at : at + 2]) == best and not (once and new in pieces)
        pieces.append(new if found else word[at])
        at += step if found else 1
    return pieces


def _merge(count=_counted, choose=_smallest, replace=_replaced):
    """Return a merge that counts, chooses or replaces otherwise."""

    def step(words, counts, new):
        best = choose(count(words, counts))
        return [replace(word, best, new) for word in words], list(best)

    return step


MISTAKES["merge_step"] = {
    "each_word_once": _merge(count=lambda words, counts: _counted(words, counts, lambda count: 1)),
    "rarest": _merge(choose=lambda pairs: min(pairs, key=lambda pair: (pairs[pair], pair))),
    "first_seen": _merge(choose=lambda pairs: max(pairs, key=pairs.get)),
    "largest_of_equals": _merge(choose=lambda pairs: max(pairs, key=lambda pair: (pairs[pair], pair))),
    "letter_kept": _merge(replace=lambda word, best, new: _replaced(word, best, new, step=1)),
    "once_per_word": _merge(replace=lambda word, best, new: _replaced(word, best, new, once=True)),
    "from_the_right": _merge(replace=lambda word, best, new: _replaced(word, best, new, backwards=True)),
    "unordered": _merge(
        count=lambda words, counts: _counted(words, counts, pairs_of=lambda word: map(sorted, pairwise(word)))
    ),
}


def paired_interval(hits, totals, samples):
    """Both systems are scored on the same drawn sentences, so what makes a sentence hard for both cancels.

    A score of a corpus is a ratio of sums, as BLEU's precisions are: hits and totals are added up first and divided
    once, for each sample and each system. A mean of the sentences' own ratios would let a sentence of two words count
    as much as one of thirty. The interval leaves out a fortieth at each end; `worse` is how often the lead is lost.
    """
    drawn = hits[:, samples].sum(dim=-1) / totals[samples].sum(dim=-1)  # (2, R)
    difference = drawn[0] - drawn[1]
    low, high = (difference.quantile(share).item() for share in (0.025, 0.975))
    return low, high, (difference <= 0).double().mean().item()


def _ratio(hits, totals, samples):
    drawn = hits[:, samples].sum(-1) / totals[samples].sum(-1)
    return drawn[0] - drawn[1]


def _interval(difference=_ratio, ends=(0.025, 0.975), worse=lambda d: d <= 0):
    """Return an interval of other differences, other ends or another count."""

    def interval(hits, totals, samples):
        found = difference(hits, totals, samples)
        low, high = (torch.quantile(found, share).item() for share in ends)
        return low, high, worse(found).double().mean().item()

    return interval


def _own_samples(hits, totals, samples):
    first, second = (
        part[drawn].sum(-1) / totals[drawn].sum(-1)
        for part, drawn in zip(hits, (samples, samples.flip(0)), strict=True)
    )
    return first - second


def _spread(hits, totals, samples):
    found = _ratio(hits, totals, samples)
    middle, half = found.mean(), 1.96 * found.std(unbiased=False)
    return (middle - half).item(), (middle + half).item(), (found <= 0).double().mean().item()


MISTAKES["paired_interval"] = {
    "mean_of_sentences": _interval(lambda h, t, s: (h[0] / t - h[1] / t)[s].mean(-1)),
    "samples_of_their_own": _interval(_own_samples),
    "second_minus_first": _interval(lambda *args: -_ratio(*args)),
    "ninety": _interval(ends=(0.05, 0.95)),
    "least_and_most": _interval(ends=(0.0, 1.0)),
    "ties_left_out": _interval(worse=lambda d: d < 0),
    "better_counted": _interval(worse=lambda d: d > 0),
    "normal_curve": _spread,
}
