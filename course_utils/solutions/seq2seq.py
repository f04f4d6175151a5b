"""Worked solutions of lesson 3."""

import torch

from course_utils.corpus import EOS, PAD, SOS


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
    """A sentence that is done goes on taking steps, for the batch is a rectangle; they just must not count.

    `done` remembers who has written `<eos>`. Whoever has, writes `<pad>` and adds nothing to its log-probability.
    The order of the lines matters: `<eos>` itself still counts, so `done` is updated after the token was written
    and added. When all are done there is nothing left to compute.
    """
    x = torch.full((len(state),), SOS, device=state.device)
    done = torch.zeros_like(x, dtype=torch.bool)
    total = torch.zeros(len(state), dtype=state.dtype, device=state.device)
    tokens = []
    while len(tokens) < max_length and not done.all():
        logits, state = step(x, state)
        best, x = logits.log_softmax(dim=-1).max(dim=-1)
        total = total + best.masked_fill(done, 0.0)
        x = x.masked_fill(done, PAD)
        done = done | (x == EOS)
        tokens.append(x)
    return torch.stack(tokens), total


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
