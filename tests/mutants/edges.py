"""Answers that are wrong only at an edge that the text names: a size of 1, more rows than needed, an empty side, …"""

import inspect
import math

import numpy as np
import torch

from course_utils.datasets.special_tokens import EOS, PAD, SOS
from course_utils.measure import probes
from mutants import attention, lstm, rnn, seq2seq, transformer, your_text  # noqa: F401 - they register the right answers
from mutants.registry import ANSWERS, right, wrong, wrong_answers

# One of the right answers for each exercise: a copy of the course may have no worked solutions.
SOLUTIONS = {answer.exercise: answer.function for answer in reversed(ANSWERS) if answer.says is None}

# --- sizes: as many rows as the longest sequence, axes of size 1


@wrong("padded_rnn", "`states` has the shape")
def rows_up_to_the_longest(x, lengths, *weights):
    states, last = SOLUTIONS["padded_rnn"](x, lengths, *weights)
    return states[: int(lengths.max())], last


@wrong("causal_mask", "`mask` has the shape")
def steps_up_to_the_longest(x):
    longest = int((x != PAD).sum(0).max())
    return SOLUTIONS["causal_mask"](x[:longest])


@wrong("token_accuracy", "should be")
def first_rows_only(outputs, target):
    shortest = int((target != PAD).sum(0).min())
    return SOLUTIONS["token_accuracy"](outputs[:shortest], target[:shortest])


def squeezed(name, *which):
    """Return a right answer whose results have lost every axis of size 1."""

    def answer(*args):
        value = SOLUTIONS[name](*args)
        return tuple(part.squeeze() for part in value) if isinstance(value, tuple) else value.squeeze()

    answer.__signature__ = inspect.signature(SOLUTIONS[name])
    return answer


STACKED = ("padded_rnn", "bidirectional_rnn", "cell_parts", "coupled_step", "paper_gru", "causal_mask")
for name in (*STACKED, "concat_scores", "two_heads"):
    wrong_answers(name, squeezes=("has the shape", squeezed(name)))


# --- dtype, device, strides, new tensors


def of_zeros(name, **options):
    """Return a right answer that writes its results into tensors of zeros made with these options."""

    def answer(*args):
        def copied(part):
            zeros = torch.zeros(part.shape, **({"dtype": part.dtype} | options))
            return zeros + part if part.dtype != torch.bool else zeros.bool() | part

        value = SOLUTIONS[name](*args)
        return tuple(map(copied, value)) if isinstance(value, tuple) else copied(value)

    answer.__signature__ = inspect.signature(SOLUTIONS[name])
    return answer


for name in ("bidirectional_rnn", "cell_parts", "coupled_step", "paper_gru", "concat_scores"):
    wrong_answers(name, zeros_on_the_cpu=("meta", of_zeros(name)))


@wrong("forget_bias", "has the dtype")
def always_float32(b_ih, b_hh, half_life):
    return tuple(bias.float() for bias in SOLUTIONS["forget_bias"](b_ih, b_hh, half_life))


@wrong("concat_scores", "raised RuntimeError (view size is not compatible")
def views_its_inputs(query, key, W, v):
    flat = query.view(-1, query.shape[-1])
    return SOLUTIONS["concat_scores"](flat.view(query.shape), key, W, v)


@wrong("clip_gradients", "shares its memory")
def short_ones_as_they_are(gradients, max_norm):
    total = math.sqrt(sum(float(g.square().sum()) for g in gradients))
    return list(gradients) if total <= max_norm else [g * (max_norm / total) for g in gradients]


@wrong("clip_gradients", "raised")
def no_tensor_without_axes(gradients, max_norm):
    total = torch.cat([g.reshape(len(g), -1).flatten() for g in gradients]).norm()
    return [g * (max_norm / total).clamp(max=1.0) for g in gradients]


# --- arguments that must be used, values below the usual


@wrong("longest_lag", "`lag` should be")
def level_of_its_own(states, x, lengths, classes, level):
    return SOLUTIONS["longest_lag"](states, x, lengths, classes, 0.9)


@wrong("longest_lag", "`lag` should be")
def above_the_level(states, x, lengths, classes, level):
    read = probes.linear_probe
    try:
        probes.linear_probe = lambda *args, **options: read(*args, **options) - 1e-9
        return SOLUTIONS["longest_lag"](states, x, lengths, classes, level)
    finally:
        probes.linear_probe = read


@wrong("forget_bias", "should be")
def at_least_a_step(b_ih, b_hh, half_life):
    return SOLUTIONS["forget_bias"](b_ih, b_hh, half_life.clamp(min=1))


# --- empty sides, overlapping sets


@wrong("pad_batch", "`x` has the shape")
def sentences_with_words_only(sentences, device):
    return SOLUTIONS["pad_batch"]([sentence for sentence in sentences if sentence], device)


@wrong("alignment_error", "`rate` should be")
def sentences_with_sure_links_only(weights, sure, possible, level):
    rows = [row for row in zip(weights, sure, possible, strict=True) if row[1]]
    return SOLUTIONS["alignment_error"](*zip(*rows, strict=True), level)


@wrong("alignment_error", "`rate` should be")
def counts_twice_what_is_named_twice(weights, sure, possible, level):
    hits = total = 0
    for w, s, p in zip(weights, sure, possible, strict=True):
        links = {(int(j), int(t)) for t, j in np.argwhere(w >= level)}
        hits += 2 * sum(link in links for link in s) + sum(link in links for link in p)
        total += len(links) + len(s)
    return 1 - hits / total


# --- what a model may write, and the state that it carries


@wrong("greedy_batch", "On 2 sentences that write `<pad>`")
def stops_at_padding(step, state, max_length):
    batch = len(state)
    tokens, total = torch.full((max_length, batch), PAD), state.new_zeros(batch)
    columns, x, t = torch.arange(batch), torch.full((batch,), SOS), 0
    while t < max_length and len(columns):
        logits, state = step(x, state)
        best, x = logits.log_softmax(-1).max(-1)
        tokens[t, columns] = x
        total[columns] += best
        going = (x != EOS) & (x != PAD)
        columns, x, state, t = columns[going], x[going], state[going], t + 1
    return tokens[:t], total


@wrong("greedy_batch", "the shape (3, 1, 3)")
def a_row_of_state_per_sentence(step, state, max_length):
    return SOLUTIONS["greedy_batch"](lambda x, s: step(x, s[:, :]), state.reshape(len(state), -1), max_length)


def searched(ended, kept):
    """Return a beam search over the whole vocabulary that asks `ended` and keeps what `kept` chooses."""

    def search(step, state, width, max_length):
        beams = [([], 0.0, state)]
        for _ in range(max_length):
            found = []
            for tokens, total, own in beams:
                if tokens and ended(tokens[-1]):
                    found.append((tokens, total, own))
                    continue
                logits, after = step(torch.tensor([tokens[-1] if tokens else SOS]), own)
                found += [([*tokens, i], total + p, after) for i, p in enumerate(logits[0].log_softmax(-1).tolist())]
            beams = kept(sorted(found, key=lambda c: -c[1]), width)
            if all(ended(tokens[-1]) for tokens, _, _ in beams):
                break
        return [(tokens, total) for tokens, total, _ in beams]

    return search


def at_most_three(found, width):
    return found[: min(width, 3)]


wrong_answers(
    "beam",
    ends_at_padding=("should be", searched(lambda token: token in (EOS, PAD), lambda found, width: found[:width])),
    a_width_of_its_own=("should have", searched(lambda token: token == EOS, at_most_three)),
)


@wrong("beam", "raised")
def picks_width_of_the_vocabulary(step, state, width, max_length):
    logits, _ = step(torch.tensor([SOS]), state)
    logits[0].topk(width)
    return SOLUTIONS["beam"](step, state, width, max_length)


# --- right all the same: unusual ways to write it


@right("two_heads")
def by_einsum(query, key, value, mask):
    q, k, v = (x.unflatten(-1, (2, -1)) for x in (query, key, value))
    scores = torch.einsum("bthd,bshd->bhts", q, k) / q.shape[-1] ** 0.5
    weights = torch.where(mask[:, None], scores, torch.full_like(scores, -torch.inf)).softmax(-1)
    return torch.einsum("bhts,bshd->bthd", weights, v).flatten(2), weights


@right("concat_scores")
def pair_by_pair(query, key, W, v):
    def score(q, k):
        return torch.tanh(torch.cat([q, k], -1) @ W.T) @ v

    rows = [torch.stack([score(q, k) for k in key.unbind(-2)], -1) for q in query.unbind(-2)]
    return torch.stack(rows, -2)


@right("causal_mask")
def by_tril_not_contiguous(x):
    T = len(x)
    allowed = torch.ones(T, T, dtype=torch.bool, device=x.device).tril()
    return (allowed[:, :, None] & (x != PAD)[None]).permute(2, 0, 1)


@right("clip_gradients")
def with_torchs_own_norm(gradients, max_norm):
    total = torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(g) for g in gradients]))
    return [g * torch.clamp(max_norm / total, max=1) for g in gradients]


@right("alignment_error")
def with_sorted_lists(weights, sure, possible, level):
    above = below = 0
    for w, s, p in zip(weights, sure, possible, strict=True):
        sure_links = set(map(tuple, s))
        for t in range(w.shape[0]):
            for j in range(w.shape[1]):
                if w[t, j] >= level:
                    above += ((j, t) in sure_links) + ((j, t) in sure_links or (j, t) in p)
                    below += 1
        below += len(sure_links)
    return np.float64(1 - above / below)
