"""Answers to lesson 6's exercises."""

from collections import Counter
from itertools import pairwise

import numpy as np
import torch

from mutants.registry import right, wrong, wrong_answers

# --- keep_pairs


@right("keep_pairs")
def side_by_side(lengths, max_length, max_ratio):
    source, target = lengths.unbind(dim=1)
    filled = (source >= 1) & (target >= 1)
    short = (source <= max_length) & (target <= max_length)
    return filled & short & (source <= max_ratio * target) & (target <= max_ratio * source)


@right("keep_pairs")
def by_division(lengths, max_length, max_ratio):
    shorter, longer = lengths.sort(dim=1).values.unbind(dim=1)
    return (longer / shorter.clamp(min=1) <= max_ratio) & (shorter > 0) & (longer < max_length + 1)


@right("keep_pairs")
def one_by_one(lengths, max_length, max_ratio):
    kept = [
        min(a, b) > 0 and max(a, b) <= max_length and max(a, b) <= max_ratio * min(a, b) for a, b in lengths.tolist()
    ]
    return torch.tensor(kept, dtype=torch.bool, device=lengths.device)


def sides(n):
    return n[:, 0], n[:, 1]


def larger(n):
    return torch.maximum(*sides(n))


def smaller(n):
    return torch.minimum(*sides(n))


def filled(n):
    return smaller(n) > 0


wrong_answers(
    "keep_pairs",
    inverted=("the mask is inverted", lambda n, m, r: ~(filled(n) & (larger(n) <= m) & (larger(n) <= r * smaller(n)))),
    below_the_limit=("*at most* is `<=`", lambda n, m, r: filled(n) & (larger(n) < m) & (larger(n) <= r * smaller(n))),
    below_the_ratio=("*at most* is `<=`", lambda n, m, r: filled(n) & (larger(n) <= m) & (larger(n) < r * smaller(n))),
    long_targets=(
        "the target may be the longer",
        lambda n, m, r: filled(n) & (larger(n) <= m) & (n[:, 0] <= r * n[:, 1]),
    ),
    subtracted=("the difference", lambda n, m, r: filled(n) & (larger(n) <= m) & ((n[:, 0] - n[:, 1]).abs() <= r)),
    targets_unlimited=(
        "only the source's length",
        lambda n, m, r: filled(n) & (n[:, 0] <= m) & (larger(n) <= r * smaller(n)),
    ),
    blanks=("two blank sides", lambda n, m, r: (larger(n) <= m) & (larger(n) <= r * smaller(n))),
    any_words=(
        "both must have some",
        lambda n, m, r: (larger(n) > 0) & (larger(n) <= m) & (larger(n) <= r * smaller(n).clamp(min=1)),
    ),
    positions_of_kept=("has the", lambda n, m, r: one_by_one(n, m, r).nonzero().squeeze(1)),
    as_numbers=("has the dtype", lambda n, m, r: (filled(n) & (larger(n) <= m) & (larger(n) <= r * smaller(n))).long()),
    as_a_list=("should be a Tensor", lambda n, m, r: one_by_one(n, m, r).tolist()),
    of_both_sides=("has the shape", lambda n, m, r: (n > 0) & (n <= m)),
    no_ratio=("should be", lambda n, m, r: filled(n) & (larger(n) <= m)),
    sum_of_sides=("should be", lambda n, m, r: filled(n) & (n.sum(1) <= m) & (larger(n) <= r * smaller(n))),
)


@wrong("keep_pairs", "meta")
def answer_on_the_cpu(lengths, max_length, max_ratio):
    kept = filled(lengths) & (larger(lengths) <= max_length) & (larger(lengths) <= max_ratio * smaller(lengths))
    return kept.cpu() if not kept.is_meta else torch.empty(len(lengths), dtype=torch.bool, device="cpu")


@wrong("keep_pairs", "changed its argument `lengths` in place")
def clamps_in_place(lengths, max_length, max_ratio):
    blank = smaller(lengths) == 0
    lengths.clamp_(min=1)
    return ~blank & (larger(lengths) <= max_length) & (larger(lengths) <= max_ratio * smaller(lengths))


# --- hold_out


@right("hold_out")
def with_a_dictionary(sources, order, count):
    rows_of = {}
    for row, source in enumerate(sources):
        rows_of.setdefault(source, []).append(row)
    held_out = []
    for source in order:
        if len(held_out) < count:
            held_out += rows_of[source]
    return sorted(held_out)


@right("hold_out")
def with_running_totals(sources, order, count):
    sizes = np.array([sources.count(source) for source in order])
    before = np.concatenate([[0], sizes.cumsum()[:-1]])
    taken = {source for source, total in zip(order, before, strict=True) if total < count}
    return [row for row in range(len(sources)) if sources[row] in taken]


@right("hold_out")
def with_a_while_loop(sources, order, count):
    waiting, rows = list(order), []
    while len(rows) < count and waiting:
        source = waiting.pop(0)
        rows.extend(at for at in range(len(sources)) if sources[at] == source)
    rows.sort()
    return rows


def taken_sources(sources, order, count):
    taken, total = [], 0
    while total < count and len(taken) < len(order):
        taken.append(order[len(taken)])
        total += sources.count(taken[-1])
    return taken


wrong_answers(
    "hold_out",
    first_rows=("whatever their source", lambda s, o, n: list(range(n))),
    one_row_each=("one row of each source", lambda s, o, n: sorted(s.index(x) for x in taken_sources(s, o, n))),
    n_sources=("a number of rows", lambda s, o, n: [at for at, x in enumerate(s) if x in o[:n]]),
    exactly_n=("a source is torn apart", lambda s, o, n: with_a_dictionary(s, o, n)[:n]),
    rest=("the rows for training", lambda s, o, n: sorted({*range(len(s))} - {*with_a_dictionary(s, o, n)})),
    by_source=(
        "the file's order", lambda s, o, n: [at for x in taken_sources(s, o, n) for at, y in enumerate(s) if y == x]
    ),
    sources_themselves=("`rows`", lambda s, o, n: taken_sources(s, o, n)),
    last_rows=("`rows`", lambda s, o, n: list(range(len(s) - n, len(s)))),
    backwards=("`rows`", lambda s, o, n: with_a_dictionary(s, o[::-1], n)),
    at_least_one=("`rows`", lambda s, o, n: with_a_dictionary(s, o, max(n, 1))),
    as_a_set=("should be", lambda s, o, n: set(with_a_dictionary(s, o, n))),
    both_parts=("`rows`", lambda s, o, n: (with_a_dictionary(s, o, n), [])),
)  # fmt: skip


@wrong("hold_out", "take it, then stop")
def never_more_than_asked(sources, order, count):
    taken, total = set(), 0
    for source in order:
        if total + sources.count(source) > count:
            break
        taken.add(source)
        total += sources.count(source)
    return [row for row, source in enumerate(sources) if source in taken]


@wrong("hold_out", "one source too many")
def one_source_more(sources, order, count):
    taken, total = set(), 0
    for source in order:
        if total > count:
            break
        taken.add(source)
        total += sources.count(source)
    return [row for row, source in enumerate(sources) if source in taken]


@wrong("hold_out", "changed its argument `order` in place")
def eats_the_order(sources, order, count):
    rows = []
    while len(rows) < count and order:
        source = order.pop(0)
        rows += [at for at, other in enumerate(sources) if other == source]
    return sorted(rows)


# --- merge_step


def neighbours(words, counts):
    found = Counter()
    for word, count in zip(words, counts, strict=True):
        for pair in pairwise(word):
            found[pair] += count
    return found


def joined(word, pair, new):
    out = []
    for piece in word:
        out.append(piece)
        if tuple(out[-2:]) == pair:
            out[-2:] = [new]
    return out


@right("merge_step")
def with_a_stack(words, counts, new):
    found = neighbours(words, counts)
    best = sorted(found, key=lambda pair: (-found[pair], pair))[0]
    return [joined(word, best, new) for word in words], list(best)


@right("merge_step")
def with_most(words, counts, new):
    found = neighbours(words, counts)
    most = max(found.values())
    a, b = min(pair for pair, count in found.items() if count == most)
    merged = []
    for word in words:
        rest, out = list(word), []
        while rest:
            if rest[:2] == [a, b]:
                out, rest = [*out, new], rest[2:]
            else:
                out, rest = [*out, rest[0]], rest[1:]
        merged.append(out)
    return merged, (a, b)


@right("merge_step")
def recursively(words, counts, new):
    found = neighbours(words, counts)
    best = min(found.items(), key=lambda item: (-item[1], item[0]))[0]

    def merged(word):
        if len(word) < 2:
            return list(word)
        if (word[0], word[1]) == best:
            return [new, *merged(word[2:])]
        return [word[0], *merged(word[1:])]

    return [merged(word) for word in words], [*best]


def merging(choose, join=joined, count=neighbours):
    def answer(words, counts, new):
        best = choose(count(words, counts))
        return [join(word, best, new) for word in words], list(best)

    return answer


def best_of(found):
    return min(found, key=lambda pair: (-found[pair], pair))


def first_only(word, pair, new):
    for at, both in enumerate(pairwise(word)):
        if both == pair:
            return [*word[:at], new, *word[at + 2 :]]
    return list(word)


def second_kept(word, pair, new):
    return [new if both == pair else both[0] for both in pairwise([*word, -1])]


def backwards(word, pair, new):
    return joined(word[::-1], pair[::-1], new)[::-1]


def sorted_neighbours(words, counts):
    found = Counter()
    for word, count in zip(words, counts, strict=True):
        for pair in pairwise(word):
            found[tuple(sorted(pair))] += count
    return found


wrong_answers(
    "merge_step",
    types_not_tokens=("counts five times", merging(best_of, count=lambda w, c: neighbours(w, [1] * len(c)))),
    least_frequent=("the rarest pair", merging(lambda found: min(found, key=lambda pair: (found[pair], pair)))),
    most_common=("the first of equally frequent", merging(lambda found: found.most_common(1)[0][0])),
    last_of_equals=("the largest of equally", merging(lambda found: max(found, key=lambda pair: (found[pair], pair)))),
    stays_behind=("skip it", merging(best_of, second_kept)),
    one_per_word=("every occurrence", merging(best_of, first_only)),
    right_to_left=("begin at the left", merging(best_of, backwards)),
    any_order=("are two pairs", merging(best_of, count=sorted_neighbours)),
    nothing_replaced=("`merged", merging(best_of, lambda word, pair, new: list(word))),
    words_without_it_dropped=("`merged`", lambda w, c, new: ([m for m in with_a_stack(w, c, new)[0] if new in m], [])),
    exchanged=("`merged", lambda w, c, new: with_a_stack(w, c, new)[::-1]),
    words_alone=("should return", lambda w, c, new: [joined(word, best_of(neighbours(w, c)), new) for word in w]),
    old_id=("`merged", lambda w, c, new: with_a_stack(w, c, new + 1)),
)  # fmt: skip


@wrong("merge_step", "changed its argument `words` in place")
def merges_in_place(words, counts, new):
    best = best_of(neighbours(words, counts))
    for word in words:
        word[:] = joined(word, best, new)
    return words, list(best)


# --- paired_interval


@right("paired_interval")
def in_numpy(hits, totals, samples):
    h, n, s = (part.cpu().double().numpy() for part in (hits, totals, samples))
    s = s.astype(int)
    difference = (h[0][s].sum(1) - h[1][s].sum(1)) / n[s].sum(1)
    low, high = np.quantile(difference, [0.025, 0.975])
    return float(low), float(high), float((difference <= 0).mean())


@right("paired_interval")
def sample_by_sample(hits, totals, samples):
    found = []
    for sample in samples:
        first, second = (part[sample].sum() / totals[sample].sum() for part in hits)
        found.append((first - second).item())
    at = torch.tensor(found, dtype=torch.float64)
    worse = sum(value <= 0 for value in found) / len(found)
    return at.quantile(0.025).item(), at.quantile(0.975).item(), worse


@right("paired_interval")
def by_counts(hits, totals, samples):
    N = len(totals)
    times = torch.stack([torch.bincount(sample, minlength=N) for sample in samples]).to(totals.dtype)  # (R, N)
    difference = (times @ (hits[0] - hits[1])) / (times @ totals)
    ends = difference.quantile(torch.tensor([0.025, 0.975], dtype=difference.dtype))
    lost = difference.abs().lt(1e-12) | difference.lt(0)
    return (*ends.tolist(), lost.float().mean().item())


def differences(hits, totals, samples):
    drawn = hits[:, samples].sum(-1) / totals[samples].sum(-1)
    return drawn[0] - drawn[1]


def ends_of(found, ends=(0.025, 0.975), worse=lambda d: d <= 0):
    low, high = (found.quantile(end).item() for end in ends)
    return low, high, worse(found).double().mean().item()


def apart(h, t, s):
    return (h[0][s].sum(1) / t[s].sum(1)) - (h[1][s.flip(0)].sum(1) / t[s.flip(0)].sum(1))


def gaussian(h, t, s):
    found = differences(h, t, s)
    half = 1.96 * found.std(correction=0).item()
    return found.mean().item() - half, found.mean().item() + half, (found <= 0).double().mean().item()


wrong_answers(
    "paired_interval",
    macro_average=("own ratios are averaged", lambda h, t, s: ends_of(((h[0] - h[1]) / t)[s].mean(1))),
    not_paired=("samples of its own", lambda h, t, s: ends_of(apart(h, t, s))),
    turned=("the first less the second", lambda h, t, s: ends_of(-differences(h, t, s))),
    ten_percent=("a fortieth, 0.025", lambda h, t, s: ends_of(differences(h, t, s), (0.05, 0.95))),
    extremes=("the least and the most", lambda h, t, s: ends_of(differences(h, t, s), (0, 1))),
    strictly_worse=("ties do not count", lambda h, t, s: ends_of(differences(h, t, s), worse=lambda d: d < 0)),
    share_ahead=("in which it is not", lambda h, t, s: ends_of(differences(h, t, s), worse=lambda d: d > 0)),
    normal=("1.96 standard deviations", gaussian),
    of_the_first_alone=("`low`", lambda h, t, s: ends_of(h[0][s].sum(1) / t[s].sum(1))),
    sums=("`low`", lambda h, t, s: ends_of(h[0][s].sum(1) - h[1][s].sum(1))),
    relative=("`low`", lambda h, t, s: ends_of(h[0][s].sum(1) / h[1][s].sum(1) - 1)),
    ends_alone=("should return", lambda h, t, s: ends_of(differences(h, t, s))[:2]),
    in_percent=("`low`", lambda h, t, s: tuple(100 * part for part in ends_of(differences(h, t, s)))),
    as_tensors=("makes one", lambda h, t, s: tuple(map(torch.tensor, ends_of(differences(h, t, s))))),
    upside_down=("`low`", lambda h, t, s: ends_of(differences(h, t, s), (0.975, 0.025))),
)  # fmt: skip
