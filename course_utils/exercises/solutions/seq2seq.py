"""Worked solutions of lesson 3."""

import torch

from course_utils.datasets.special_tokens import EOS, PAD, SOS


def pad_batch(sentences, device):
    """Frame each sentence, fill all up to the longest, and remember where each one ends.

    The frame belongs to the sentence, so `<eos>` stands right after its last word, the padding after that, and the
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
