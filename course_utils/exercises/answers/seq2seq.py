"""Worked solutions of lesson 3's exercises, and the mistakes that the checks know."""

from functools import partial

import torch

from course_utils.datasets.special_tokens import EOS, PAD, SOS

MISTAKES = {}


def _then(solution, change):
    """Return a solution whose results are changed."""
    return lambda *args: change(*solution(*args))


def pad_batch(sentences, device):
    """Frame each sentence, fill all up to the longest, and remember where each one ends.

    The frame belongs to the sentence, so `<eos>` comes right after its last word, the padding after that, and the
    length counts both. Rows of a list are sentences; the course's batches have steps first, so the rectangle is
    turned. The lengths stay on the CPU: the functions that read them (packing, for one) run there. The mask compares
    positions `(T,)` with lengths `(B, 1)`; it does not look for the id 0.
    """
    framed = [[SOS, *sentence, EOS] for sentence in sentences]
    lengths = torch.tensor([len(sentence) for sentence in framed], device="cpu")
    longest = int(lengths.max())
    x = torch.tensor([sentence + [PAD] * (longest - len(sentence)) for sentence in framed], device=device)
    mask = torch.arange(longest, device=device) < lengths.to(device).unsqueeze(1)  # (B, T)
    return x.T, lengths, mask


def _padded(frame=lambda s: [SOS, *s, EOS], fill=lambda row, gap: row + [PAD] * gap):
    """Return a function that frames each sentence, or fills it up, otherwise."""

    def padded(sentences, device):
        rows = [frame(sentence) for sentence in sentences]
        lengths = torch.tensor([len(row) for row in rows], device="cpu")
        longest = max(map(len, rows))
        x = torch.tensor([fill(row, longest - len(row)) for row in rows], device=device)
        return x.T, lengths, torch.arange(longest, device=device) < lengths.to(device).unsqueeze(1)

    return padded


MISTAKES["pad_batch"] = {
    "sentences_in_rows": _then(pad_batch, lambda x, n, mask: (x.T, None, None)),
    "eos_at_the_end": _padded(fill=lambda row, gap: row[:-1] + [PAD] * gap + row[-1:]),
    "no_eos": _padded(lambda s: [SOS, *s]),
    "no_sos": _padded(lambda s: [*s, EOS]),
    "filled_with_eos": _padded(fill=lambda row, gap: row + [EOS] * gap),
    "words_only": _then(pad_batch, lambda x, n, mask: (x, n - 2, mask)),
    "mask_turned": _then(pad_batch, lambda x, n, mask: (x, n, ~mask)),
    "mask_axes": _then(pad_batch, lambda x, n, mask: (x, n, mask.T)),
}


def greedy_batch(step, state, max_length):
    """Whoever is done leaves the batch, so three things must shrink together, and two must not.

    The last tokens, the state and the list of columns still at work are cut with the same mask: a state that stays
    behind would speak for another sentence. The tokens and the log-probabilities keep their full width, and
    are written through that list, each into its own column. The rectangle begins as padding, so nobody has to write
    it. `<eos>` is written and counted before its sentence leaves. A batch whose sentences end early gets cheaper with
    every step; the lesson's version is simpler, and pays for the longest sentence as often as there are sentences.
    """
    batch, device = len(state), state.device
    tokens = torch.full((max_length, batch), PAD, device=device)
    total = torch.zeros(batch, dtype=state.dtype, device=device)
    columns = torch.arange(batch, device=device)  # of the sentences still at work
    x, t = torch.full((batch,), SOS, device=device), 0
    while t < max_length and len(columns):
        logits, state = step(x, state)
        best, x = logits.log_softmax(dim=-1).max(dim=-1)
        tokens[t, columns] = x
        total[columns] += best
        going = x != EOS
        columns, x, state, t = columns[going], x[going], state[going], t + 1
    return tokens[:t], total


def _with_tokens(change):
    """Return the right search with its tokens changed."""
    return _then(greedy_batch, lambda tokens, total: (change(tokens), total))


def _stops_together(step, state, max_length):
    tokens, _ = greedy_batch(step, state, max_length)
    ends = (tokens == EOS).any(dim=1).tolist()
    return greedy_batch(step, state, ends.index(True) + 1 if True in ends else max_length)


def _states_stay(step, state, max_length):
    states = [state]

    def first_states(x, _):
        logits, after = step(x, states[-1][: len(x)])
        states.append(after)
        return logits, after

    return greedy_batch(first_states, state, max_length)


def _scored(score):
    """Return a search that adds up a score of the logits in place of their logarithmic softmax."""

    def search(step, state, max_length):
        tokens, total = greedy_batch(step, state, max_length)
        total, columns = torch.zeros_like(total), torch.arange(len(state), device=state.device)
        x = torch.full_like(columns, SOS)
        for row in tokens:
            logits, state = step(x, state)
            going, x = row[columns] != EOS, row[columns]
            total[columns] += score(logits).gather(1, x.unsqueeze(1)).squeeze(1)
            columns, x, state = columns[going], x[going], state[going]
        return tokens, total

    return search


MISTAKES["greedy_batch"] = {
    "stops_together": _stops_together,
    "states_stay": _states_stay,
    "columns_move": _with_tokens(lambda tokens: tokens.gather(1, (tokens == PAD).int().argsort(stable=True))),
    "no_eos": _with_tokens(lambda tokens: tokens.masked_fill(tokens == EOS, PAD)),
    "filled_with_eos": _with_tokens(lambda tokens: tokens.masked_fill((tokens == EOS).cumsum(0) > 0, EOS)),
    "fed_sos": lambda step, *rest: greedy_batch(lambda x, state: step(torch.full_like(x, SOS), state), *rest),
    "eos_not_counted": _scored(lambda logits: logits.log_softmax(-1) * (logits != logits[:, [EOS]])),
    "logits_added": _scored(lambda logits: logits),
}


def token_accuracy(outputs, target):
    """Count the places that were real, and among them the ones that were right.

    Row 0 is out: the target has `<sos>` there, which nobody predicts, and the outputs have zeros. Padding is read
    off the *target*: a model that writes `<pad>` too early is wrong there, not excused. `<eos>` counts: to stop at the
    right place is part of the task. One division at the end weighs every token alike; a mean of the
    sentences' shares would give the tokens of short sentences more weight.
    """
    predicted, wanted = outputs[1:].argmax(dim=-1), target[1:]
    real = wanted != PAD
    return ((predicted == wanted) & real).sum().item() / real.sum().item()


def _share(counts=lambda predicted, target: target != PAD, rows=slice(1, None)):
    """Return a share of right tokens that counts other places."""

    def accuracy(outputs, target):
        predicted, expected = outputs.argmax(dim=-1)[rows], target[rows]
        counted = counts(predicted, expected)
        return ((predicted == expected) & counted).sum().item() / counted.sum().item()

    return accuracy


def _words(target):
    return (target[1:] != PAD).sum().item()


def _mean_of_sentences(outputs, target):
    real = target[1:] != PAD
    right = (outputs[1:].argmax(dim=-1) == target[1:]) & real
    return (right.sum(dim=0) / real.sum(dim=0)).double().mean().item()


MISTAKES["token_accuracy"] = {
    "padding_counted": _share(lambda predicted, target: target >= PAD),
    "hits_on_padding": lambda outputs, target: (outputs.argmax(-1) == target)[1:].sum().item() / _words(target),
    "padding_in_the_denominator":
        lambda outputs, target: token_accuracy(outputs, target) * _words(target) / target[1:].numel(),
    "row_0_counted": _share(rows=slice(None)),
    "padding_of_predictions": _share(lambda predicted, target: predicted != PAD),
    "no_eos": _share(lambda predicted, target: (target != PAD) & (target != EOS)),
    "mean_of_sentences": _mean_of_sentences,
    "share_of_wrong": lambda *args: 1 - token_accuracy(*args),
}  # fmt: skip


def beam(step, state, width, max_length):
    """At every step all continuations of all kept sentences compete for `width` places.

    A hypothesis carries its tokens, its log-probability, and the state after them: each continuation must go on from
    its *own* parent's state. One that has ended competes too, with the log-probability that it has; it is dropped
    only when `width` better ones are found. Adding logarithms is multiplying probabilities, without numbers
    that become too small.
    """
    beams = [([], 0.0, state)]
    for _ in range(max_length):
        candidates = []
        for tokens, total, state in beams:
            if tokens and tokens[-1] == EOS:
                candidates.append((tokens, total, state))
                continue
            x = torch.tensor([tokens[-1] if tokens else SOS], device=state.device)
            logits, after = step(x, state)
            log_p = logits[0].log_softmax(dim=-1).tolist()
            candidates += [([*tokens, token], total + p, after) for token, p in enumerate(log_p)]
        beams = sorted(candidates, key=lambda candidate: -candidate[1])[:width]
        if all(tokens[-1] == EOS for tokens, _, _ in beams):
            break
    return [(tokens, total) for tokens, total, _ in beams]


def _grown(step, hypothesis, beams=(), value=torch.log_softmax):
    """Return all continuations of a hypothesis."""
    tokens, total, state = hypothesis
    logits, after = step(torch.tensor([tokens[-1] if tokens else SOS], device=state.device), state)
    return [([*tokens, token], total + v, after) for token, v in enumerate(value(logits[0], dim=-1).tolist())]


def _search(
    grow=_grown, ended=lambda hypothesis: EOS in hypothesis[0], keep=True, stop=all, rank=lambda tokens, total: total
):
    """Return a beam search that grows, ends, keeps or ranks hypotheses otherwise."""

    def search(step, state, width, max_length):
        beams = [([], 0.0, state)]
        for _ in range(max_length):
            candidates = [c for b in beams for c in ([b] * keep if ended(b) else grow(step, b, beams))]
            beams = sorted(candidates, key=lambda c: -rank(*c[:2]))[:width]
            if stop(map(ended, beams)):
                break
        return [(tokens, total) for tokens, total, _ in beams]

    return search


MISTAKES["beam"] = {
    "best_only": lambda *args: beam(*args)[:1],
    "goes_on_after_eos": _search(ended=lambda hypothesis: False),
    "ended_dropped": _search(keep=False),
    "stops_at_the_first": _search(stop=any),
    "best_ones_state": _search(lambda step, hypothesis, beams: _grown(step, (*hypothesis[:2], beams[0][2]))),
    "state_not_carried": lambda step, *rest: beam(lambda x, state: (step(x, state)[0], state), *rest),
    "logits_added": _search(partial(_grown, value=lambda logits, dim: logits)),
    "ranked_by_mean": _search(rank=lambda tokens, total: total / len(tokens)),
}
