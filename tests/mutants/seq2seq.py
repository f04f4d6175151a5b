"""Answers to lesson 3's exercises."""

import heapq
import math

import numpy as np
import torch
from torch.nn.utils.rnn import pad_sequence

from course_utils.datasets.special_tokens import EOS, PAD, SOS
from mutants.registry import right, wrong, wrong_answers


@right("pad_batch")
def with_pad_sequence(sentences, device):
    rows = [torch.tensor([SOS, *sentence, EOS], device=device) for sentence in sentences]
    x = pad_sequence(rows, padding_value=PAD)
    return x, torch.tensor([len(row) for row in rows]), (x != PAD).T


@right("pad_batch")
def cell_by_cell(sentences, device):
    lengths = torch.tensor([len(sentence) + 2 for sentence in sentences])
    x = torch.zeros(lengths.max(), len(sentences), dtype=torch.long, device=device)
    mask = torch.zeros(len(sentences), lengths.max(), dtype=torch.bool, device=device)
    for b, sentence in enumerate(sentences):
        x[0, b] = SOS
        for t, word in enumerate(sentence, start=1):
            x[t, b] = word
        x[lengths[b] - 1, b] = EOS
        mask[b, : lengths[b]] = True
    return x, lengths, mask


@right("pad_batch")
def lengths_from_the_mask(sentences, device):
    x = pad_sequence(rows_of(sentences)).to(device)
    mask = (x != PAD).T
    return x, mask.sum(dim=1).cpu(), mask


@wrong("pad_batch", "without values), `x` is on the device cpu but should be on meta")
def all_on_the_cpu(sentences, device):
    return with_pad_sequence(sentences, "cpu")


@wrong("pad_batch", "without values), `mask` is on the device cpu but should be on meta")
def mask_on_the_cpu(sentences, device):
    x, lengths, mask = with_pad_sequence(sentences, "cpu")
    return x.to(device), lengths, mask


@wrong("pad_batch", "without values), `lengths` is on the device meta but should be on cpu")
def lengths_on_the_device(sentences, device):
    x, lengths, mask = with_pad_sequence(sentences, device)
    return x, lengths.to(device), mask


@wrong("pad_batch", "without values), your function raised RuntimeError")
def compares_across_devices(sentences, device):
    x, lengths, _ = with_pad_sequence(sentences, device)
    return x, lengths, torch.arange(len(x), device=device) < lengths[:, None]


def rows_of(sentences, frame=True):
    return [torch.tensor([SOS, *s, EOS] if frame else s) for s in sentences]


@wrong("pad_batch", "the sentences are the rows")
def batch_first(sentences, device):
    x = pad_sequence(rows_of(sentences), batch_first=True)
    return x, torch.tensor([len(s) + 2 for s in sentences]), x != 0


@wrong("pad_batch", "`x` has the shape (4, 4) but should have")
def not_framed(sentences, device):
    x = pad_sequence(rows_of(sentences, frame=False))
    return x, torch.tensor([len(s) for s in sentences]), x.T != 0


@wrong("pad_batch", "`<eos>` is missing")
def no_end(sentences, device):
    x = pad_sequence([torch.tensor([SOS, *s]) for s in sentences])
    return x, torch.tensor([len(s) + 1 for s in sentences]), x.T != 0


@wrong("pad_batch", "`x[0, 0]`")
def padded_in_front(sentences, device):
    x = pad_sequence(rows_of(sentences), padding_side="left")
    return x, torch.tensor([len(s) + 2 for s in sentences]), x.T != 0


@wrong("pad_batch", "`<eos>` is at the end of the rectangle")
def end_after_padding(sentences, device):
    x = pad_sequence([torch.tensor([SOS, *s]) for s in sentences])
    x = torch.cat([x, torch.full_like(x[:1], EOS)])
    return x, torch.tensor([len(s) + 2 for s in sentences]), x.T != 0


@wrong("pad_batch", "the lengths count words only")
def counts_words(sentences, device):
    x = pad_sequence(rows_of(sentences))
    return x, torch.tensor([len(s) for s in sentences]), x.T != 0


@wrong("pad_batch", "`lengths[0]`")
def all_as_long(sentences, device):
    x = pad_sequence(rows_of(sentences))
    return x, torch.tensor([len(x)] * len(sentences)), x.T != 0


@wrong("pad_batch", "the mask is inverted")
def masks_words(sentences, device):
    x = pad_sequence(rows_of(sentences))
    return x, torch.tensor([len(s) + 2 for s in sentences]), x.T == PAD


@wrong("pad_batch", "the axes of the mask are exchanged")
def mask_like_x(sentences, device):
    x = pad_sequence(rows_of(sentences))
    return x, torch.tensor([len(s) + 2 for s in sentences]), x != PAD


@wrong("pad_batch", "`mask` has the dtype torch.float32 but should have torch.bool")
def mask_of_ones(sentences, device):
    x = pad_sequence(rows_of(sentences))
    return x, torch.tensor([len(s) + 2 for s in sentences]), (x != PAD).T.float()


@wrong("pad_batch", "`lengths` is a list of 4 items, but should be a Tensor")
def lengths_in_a_list(sentences, device):
    x = pad_sequence(rows_of(sentences))
    return x, [len(s) + 2 for s in sentences], (x != PAD).T


@wrong("pad_batch", "changed its argument `sentences` in place")
def appends_to_them(sentences, device):
    for sentence in sentences:
        sentence.insert(0, SOS)
        sentence.append(EOS)
    x = pad_sequence(rows_of(sentences, frame=False))
    return x, torch.tensor([len(s) for s in sentences]), (x != PAD).T


@right("greedy_batch")
def one_at_a_time(step, state, max_length):
    columns, totals = [], []
    for b in range(len(state)):
        own, x, column, total = state[b : b + 1], torch.tensor([SOS], device=state.device), [], 0.0
        while len(column) < max_length and EOS not in column:
            logits, own = step(x, own)
            total = total + logits.log_softmax(-1).max()
            x = logits.argmax(-1)
            column.append(x.item())
        columns.append(torch.tensor(column, device=state.device))
        totals.append(total)
    return torch.nn.utils.rnn.pad_sequence(columns), torch.stack(totals)


@right("greedy_batch")
def unfinished_only(step, state, max_length):
    batch, device = len(state), state.device
    tokens = torch.zeros(max_length, batch, dtype=torch.long, device=device)
    total = state.new_zeros(batch)
    alive, x, t = torch.arange(batch, device=device), torch.full((batch,), SOS, device=device), 0
    while t < max_length and len(alive):
        logits, state = step(x, state)
        best, x = torch.max(torch.log_softmax(logits, 1), 1)
        tokens[t, alive] = x
        total[alive] += best
        going = x != EOS
        alive, x, state, t = alive[going], x[going], state[going], t + 1
    return tokens[:t], total


@right("greedy_batch")
def adds_in_float32(step, state, max_length):
    tokens, total = unfinished_only(step, state, max_length)
    return tokens, total.float()


@wrong("greedy_batch", "step was given a sentence that has already ended")
def as_in_the_lesson(step, state, max_length):
    x, done = torch.full((len(state),), SOS), torch.zeros(len(state), dtype=torch.bool)
    total, rows = 0.0, []
    while len(rows) < max_length and not done.all():
        logits, state = step(x, state)
        best, x = logits.log_softmax(-1).max(-1)
        total, x = total + best.masked_fill(done, 0), x.masked_fill(done, PAD)
        done = done | (x == EOS)
        rows.append(x)
    return torch.stack(rows), total


@wrong("greedy_batch", "step was given a sentence that has already ended")
def never_stops(step, state, max_length):
    x, total, rows = torch.full((len(state),), SOS), 0.0, []
    for _ in range(max_length):
        logits, state = step(x, state)
        total = total + logits.log_softmax(-1).amax(-1)
        x = logits.argmax(-1)
        rows.append(x)
    return torch.stack(rows), total


@wrong("greedy_batch", "step(x, state) needs one int64 token per sentence, x (3,), not torch.int64 (3, 1)")
def feeds_a_column(step, state, max_length):
    logits, state = step(torch.full((len(state), 1), SOS), state)
    return logits.argmax(-1)[None], state


@wrong("greedy_batch", "all sentences stop as soon as one is done")
def first_end_ends_all(step, state, max_length):
    x, total, rows = torch.full((len(state),), SOS), 0.0, []
    while len(rows) < max_length and not (x == EOS).any():
        logits, state = step(x, state)
        best, x = logits.log_softmax(-1).max(-1)
        total = total + best
        rows.append(x)
    return torch.stack(rows), total


@wrong("greedy_batch", "x has the length 2 but state has the length 3: each holds one row per sentence, cut both alike")
def state_stays_behind(step, state, max_length):
    tokens, alive = torch.zeros(max_length, len(state), dtype=torch.long), torch.arange(len(state))
    x = torch.full((len(state),), SOS)
    for t in range(max_length):
        logits, state = step(x, state)
        x = logits.argmax(-1)
        tokens[t, alive] = x
        alive, x = alive[x != EOS], x[x != EOS]
    return tokens, alive


def greedy(
    step, state, max_length, *, feed=None, carry=True, score=torch.log_softmax, last=True, extra=0, fill=PAD,
    whole=False, rows=None, into=None, end=True,
):  # fmt: skip
    columns = [[] for _ in range(len(state))]
    totals, alive, x = [torch.tensor(0.0, dtype=state.dtype)] * len(state), list(range(len(state))), None
    for _ in range(max_length + extra):
        if not alive:
            break
        x = torch.tensor([SOS if feed or not columns[b] else columns[b][-1] for b in alive])
        logits, after = step(x, state)
        state = after if carry else state
        for k, b in enumerate(alive):
            token = logits[k].argmax().item()
            columns[b].append(token)
            if token != EOS or last:
                target = k if into else b
                totals[target] = totals[target] + score(logits, -1)[k].max()
        keep = [k for k, b in enumerate(alive) if columns[b][-1] != EOS]
        state = state[rows(keep)] if rows else state[keep]
        alive = [alive[k] for k in keep]
    height = max_length if whole else max(map(len, columns))
    written = [[token for token in column if end or token != EOS] for column in columns]
    padded = [column + [fill] * (height - len(column)) for column in written]
    return torch.tensor(padded).T, torch.stack(totals)


@wrong("greedy_batch", "the states are not taken along")
def first_states_go_on(*args):
    return greedy(*args, rows=lambda keep: slice(0, len(keep)))


@wrong("greedy_batch", "the log-probability of `<eos>` is left out")
def stops_for_free(*args):
    return greedy(*args, last=False)


@wrong("greedy_batch", "the logits are added up")
def sums_logits(*args):
    return greedy(*args, score=lambda logits, dim: logits)


@wrong("greedy_batch", "`log_probability[0]`")
def sums_probabilities(*args):
    return greedy(*args, score=torch.softmax)


@wrong("greedy_batch", "the logits are added up")
def sums_logits_in_float32(*args):
    tokens, total = sums_logits(*args)
    return tokens, total.float()


@wrong("greedy_batch", "`log_probability[0]`")
def sums_probabilities_in_float32(*args):
    tokens, total = sums_probabilities(*args)
    return tokens, total.float()


@wrong("greedy_batch", "the log-probability of `<eos>` is left out")
def stops_for_free_in_float32(*args):
    tokens, total = stops_for_free(*args)
    return tokens, total.float()


@wrong("greedy_batch", "`log_probability` has the dtype torch.int64 but should have torch.float64")
def adds_whole_numbers(*args):
    tokens, total = unfinished_only(*args)
    return tokens, total.long()


wrong_answers(
    "greedy_batch",
    pads_to_the_limit=("`tokens` has the shape (9, 3) but should have", lambda *args: greedy(*args, whole=True)),
    totals_of_others=("`log_probability[0]`", lambda *args: greedy(*args, into=True)),
    feeds_the_start=("the model is fed `<sos>` at every step", lambda *args: greedy(*args, feed=True)),
    forgets_the_state=("`tokens` has the shape (9, 3) but should have", lambda *args: greedy(*args, carry=False)),
    swallows_the_end=("`<eos>` itself is left out", lambda *args: greedy(*args, end=False)),
    one_more=("`tokens` has the shape (5, 2) but should have", lambda *args: greedy(*args, extra=1)),
    repeats_the_end=("finished sentences are filled up with `<eos>`", lambda *args: greedy(*args, fill=EOS)),
)


@wrong("greedy_batch", "did not come back within")
def waits_for_the_end(step, state, max_length):
    x, written = torch.full((len(state),), SOS), []
    while not (x == EOS).all():
        logits, _ = step(x, state)
        x = logits.argmax(-1)
        written = [*written, x][-max_length:]
    return torch.stack(written), x


@right("token_accuracy")
def token_by_token(outputs, target):
    right_ones = real = 0
    for t in range(1, len(target)):
        for b in range(target.shape[1]):
            if target[t, b] != PAD:
                real += 1
                right_ones += int(outputs[t, b].argmax() == target[t, b])
    return right_ones / real


@right("token_accuracy")
def by_selection(outputs, target):
    real = target[1:].ne(PAD)
    return (outputs[1:].argmax(2)[real] == target[1:][real]).float().mean(dtype=torch.float64).item()


@wrong("token_accuracy", "padding is counted")
def counts_padding(outputs, target):
    return (outputs.argmax(-1) == target)[1:].double().mean().item()


@wrong("token_accuracy", "row 0 is counted")
def counts_row_0(outputs, target):
    real = target != PAD
    return (outputs.argmax(-1) == target)[real].double().mean().item()


@wrong("token_accuracy", "padding is read off the predictions")
def asks_the_predictions(outputs, target):
    guess = outputs[1:].argmax(-1)
    return (guess == target[1:])[guess != PAD].double().mean().item()


@wrong("token_accuracy", "`<eos>` is left out")
def words_only(outputs, target):
    real = target[1:] > EOS
    return (outputs[1:].argmax(-1) == target[1:])[real].double().mean().item()


@wrong("token_accuracy", "the sentences' shares are averaged")
def mean_of_means(outputs, target):
    shares = [token_by_token(outputs[:, b : b + 1], target[:, b : b + 1]) for b in range(target.shape[1])]
    return float(np.mean(shares))


wrong_answers(
    "token_accuracy",
    error_rate=("this is the share of wrong tokens", lambda outputs, target: 1 - by_selection(outputs, target)),
    percent=("`accuracy` should be", lambda outputs, target: by_selection(outputs, target) * 100),
)


@wrong("token_accuracy", "right answers on padding count")
def numerator_with_padding(outputs, target):
    return (outputs.argmax(-1) == target)[1:].sum().item() / (target[1:] != PAD).sum().item()


@wrong("token_accuracy", "`accuracy` should be")
def shifted(outputs, target):
    real = target[1:] != PAD
    return (outputs[:-1].argmax(-1) == target[1:])[real].double().mean().item()


@wrong("token_accuracy", "`accuracy` should be")
def exact_match(outputs, target):
    hits = (outputs[1:].argmax(-1) == target[1:]) | (target[1:] == PAD)
    return hits.all(0).sum().item() / hits.shape[1]


@wrong("token_accuracy", "should be a plain number")
def a_tensor(outputs, target):
    real = target[1:] != PAD
    return (outputs[1:].argmax(-1) == target[1:])[real].double().mean()


@wrong("token_accuracy", "raised RuntimeError")
def wrong_axis(outputs, target):
    real = target[1:] != PAD
    return (outputs[1:].argmax(0) == target[1:])[real].double().mean().item()


@right("beam")
def as_a_batch(step, state, width, max_length):
    sentences, totals, ended = [[]], state.new_zeros(1), torch.tensor([False])
    x = torch.tensor([SOS])
    while len(sentences[0]) < max_length and not ended.all():
        logits, state = step(x, state)
        log_p = logits.log_softmax(1)
        log_p[ended] = -math.inf
        log_p[ended, PAD] = 0.0
        totals, places = (totals[:, None] + log_p).flatten().topk(min(width, log_p.numel()))
        parents, x = places // log_p.shape[1], places % log_p.shape[1]
        sentences = [[*sentences[p], token] for p, token in zip(parents.tolist(), x.tolist(), strict=True)]
        state, ended = state[parents], ended[parents] | (x == EOS)
    return [
        (s[: s.index(EOS) + 1] if EOS in s else s, total) for s, total in zip(sentences, totals.tolist(), strict=True)
    ]


@right("beam")
def with_a_heap(step, state, width, max_length):
    kept = [(0.0, (), state)]
    for _ in range(max_length):
        found = [one for one in kept if one[1][-1:] == (EOS,)]
        for total, tokens, own in kept:
            if tokens[-1:] != (EOS,):
                logits, after = step(torch.tensor([(SOS, *tokens)[-1]], device=state.device), own)
                scores = (logits - logits.logsumexp(1, keepdim=True))[0]
                found += [(total + scores[token].item(), (*tokens, token), after) for token in range(len(scores))]
        kept = heapq.nlargest(width, found, key=lambda one: one[0])
    return [(list(tokens), total) for total, tokens, _ in kept]


def search(
    step, state, width, max_length, *, best=lambda tokens, total: total, ends=True, lose=False, shared=False,
    value=torch.log_softmax, first=False, shorter=0, wide=True,
):  # fmt: skip
    kept = [([], 0.0, state)]
    for _ in range(max_length - shorter):
        found = []
        for tokens, total, own in kept:
            if ends and EOS in tokens:
                found += [] if lose else [(tokens, total, own)]
                continue
            logits, after = step(torch.tensor(tokens[-1:] or [SOS]), kept[0][2] if shared else own)
            scores = value(logits[0], -1)
            found += [([*tokens, token], total + scores[token].item(), after) for token in range(len(scores))]
        found.sort(key=lambda one: best(one[0], one[1]), reverse=True)
        kept = found[: width if wide else 1]
        if not kept or (first and EOS in kept[0][0]):
            break
    return [(tokens, total) for tokens, total, _ in kept]


@wrong("beam", "`hypotheses[0][0]`")
def keeps_the_worst(*args):
    return search(*args, best=lambda tokens, total: -total)


@wrong("beam", "`hypotheses[0][0]`")
def without_the_end(*args):
    return [([token for token in tokens if token != EOS], total) for tokens, total in search(*args)]


wrong_answers(
    "beam",
    greedy_only=("`hypotheses` has one item but should have", lambda *args: search(*args, wide=False)),
    goes_on=("a hypothesis goes on after its `<eos>`", lambda *args: search(*args, ends=False)),
    loses_the_finished=("`hypotheses[0][0]` should be [2]", lambda *args: search(*args, lose=True)),
    shares_a_state=("go on from the best one's state", lambda *args: search(*args, shared=True)),
    adds_logits=("the logits are added up", lambda *args: search(*args, value=lambda logits, dim: logits)),
    adds_probabilities=("`hypotheses[0][0]`", lambda *args: search(*args, value=torch.softmax)),
    by_the_mean=("ranked by their mean", lambda *args: search(*args, best=lambda tokens, total: total / len(tokens))),
    too_short=("`hypotheses[2][0]`", lambda *args: search(*args, shorter=1)),
    worst_first=("`hypotheses[0][0]`", lambda *args: sorted(search(*args), key=lambda one: one[1])),
    stops_at_the_first=("should be", lambda *args: search(*args, first=True)),
    one_hypothesis=("but should be a list", lambda *args: torch.tensor(search(*args)[0][0])),
    the_best_pair=("`hypotheses` has 2 items but should have", lambda *args: search(*args)[0]),
)


@wrong("beam", "`hypotheses[0]` has one item but should have 2")
def tokens_only(*args):
    return [tokens for tokens, _ in search(*args)]


@wrong("beam", "step(x, state) needs one int64 token")
def feeds_numbers(step, state, width, max_length):
    logits, state = step(SOS, state)
    return [([logits.argmax().item()], 0.0)]
