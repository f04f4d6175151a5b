"""Checks of lesson 3's exercises."""

import torch

from course_utils.datasets.special_tokens import EOS, PAD, SOS
from course_utils.exercises.checks.exercise import Case, Exercise
from course_utils.exercises.checks.inputs import META, draw
from course_utils.exercises.solutions import seq2seq as solutions

# -- padded batches ---------------------------------------------------------------------------------------------


def _pad_cases(device):
    return [
        Case("3 sentences of 2, 4 and 1 words", ([[5, 9], [4, 7, 6, 5], [8]], device)),
        Case("2 sentences of 2 words", ([[4, 6], [6, 4]], device)),
        Case("one sentence of 3 words", ([[7, 7, 5]], device)),
        Case(f"2 sentences of 1 and 3 words and {META}", ([[6], [5, 8, 4]], torch.device("meta")), values=False),
    ]


def _filled(change=lambda row, gap: row + [PAD] * gap, frame=lambda s: [SOS, *s, EOS], length=len, mask=None):
    """Return a function that pads a batch with one thing done otherwise."""

    def pad(sentences, device):
        framed = [frame(sentence) for sentence in sentences]
        longest = max(map(len, framed))
        x = torch.tensor([change(row, longest - len(row)) for row in framed], device=device)
        lengths = torch.tensor([length(row) for row in framed], device="cpu")
        real = torch.arange(longest, device=device) < torch.tensor([[len(row)] for row in framed], device=device)
        return x.T, lengths, mask(real) if mask else real

    return pad


def _longest(sentences, device):
    x, lengths, mask = solutions.pad_batch(sentences, device)
    return x, torch.full_like(lengths, len(x)), mask


pad_batch = Exercise(
    "pad_batch", 3, solutions.pad_batch, _pad_cases,
    ("x (position, sentence)", "lengths (sentence)", "mask (sentence, position)"),
    {
        "the sentences stand in the rows: steps come first, so turn the rectangle":
            lambda sentences, device: (solutions.pad_batch(sentences, device)[0].T, None, None),
        "the padding stands before the sentence: it comes after it": _filled(lambda row, gap: [PAD] * gap + row),
        "`<eos>` stands at the end of the rectangle: it comes right after the last word":
            _filled(lambda row, gap: row[:-1] + [PAD] * gap + row[-1:]),
        "`<eos>` is missing": _filled(frame=lambda s: [SOS, *s]),
        "`<sos>` is missing": _filled(frame=lambda s: [*s, EOS]),
        "`<sos>` and `<eos>` are missing": _filled(frame=lambda s: s),
        "the sentences are filled up with `<eos>`: fill them up with `<pad>`":
            _filled(lambda row, gap: row + [EOS] * gap),
        "the sentences are filled up with −1: `<pad>` is 0": _filled(lambda row, gap: row + [-1] * gap),
        "the lengths count words only: `<sos>` and `<eos>` belong to the sentence":
            _filled(length=lambda row: len(row) - 2),
        "the lengths leave out `<eos>`, or `<sos>`: both belong to the sentence":
            _filled(length=lambda row: len(row) - 1),
        "every length is that of the longest sentence": _longest,
        "the mask is turned round: it is True where there is a token, False on padding":
            _filled(mask=lambda real: ~real),
        "the mask has its axes the other way round: it is `(B, T)`": _filled(mask=lambda real: real.T),
        "the mask allows padding everywhere": _filled(mask=torch.ones_like),
        "the mask leaves out the last token, `<eos>`":
            _filled(mask=lambda real: torch.cat([real[:, 1:], torch.zeros_like(real[:, :1])], dim=1)),
    },
)  # fmt: skip

# -- token accuracy ---------------------------------------------------------------------------------------------


def _accuracy_cases(device):
    def case(about, lengths, share, seed):
        T, B, V = max(lengths), len(lengths), 9
        generator = torch.Generator().manual_seed(seed)
        target = torch.randint(4, V, (T, B), generator=generator, device="cpu")
        at, end = torch.arange(T).unsqueeze(1), torch.tensor(lengths)
        target = target.masked_fill(at >= end, PAD).masked_fill(at == end - 1, EOS)
        target[0] = SOS
        outputs = draw(T, B, V, seed=seed)
        right = torch.rand(T, B, generator=generator, device="cpu") < share  # padding is "right" as often as a word
        early = (at == end - 2) & (torch.arange(B) % 2 == 0)  # some sentences are cut short
        answer = target.masked_fill(early, PAD)
        outputs += 6 * torch.nn.functional.one_hot(answer, V) * (right | early).unsqueeze(-1)
        outputs[0] = 0
        return Case(about, (outputs.to(device), target.to(device)))

    return [
        case("3 sentences of 8, 4 and 6 tokens", [8, 4, 6], 0.6, 0),
        case("4 sentences of 3 to 10 tokens", [10, 3, 7, 4], 0.5, 1),
        case("one sentence of 5 tokens", [5], 0.5, 3),
    ]


def _share(real=lambda predicted, target: target != PAD, rows=slice(1, None)):
    """Return a share of right tokens with one thing counted otherwise."""

    def accuracy(outputs, target):
        predicted, expected = outputs.argmax(dim=-1)[rows], target[rows]
        counts = real(predicted, expected)
        return ((predicted == expected) & counts).sum().item() / counts.sum().item()

    return accuracy


def _mean_of_sentences(outputs, target):
    real = target[1:] != PAD
    right = (outputs[1:].argmax(dim=-1) == target[1:]) & real
    return (right.sum(dim=0) / real.sum(dim=0)).double().mean().item()


def _whole_sentences(outputs, target):
    right = (outputs[1:].argmax(dim=-1) == target[1:]) | (target[1:] == PAD)
    return right.all(dim=0).double().mean().item()


token_accuracy = Exercise(
    "token_accuracy", 3, solutions.token_accuracy, _accuracy_cases,
    ("accuracy",),
    {
        "padding is counted": _share(real=lambda predicted, target: torch.ones_like(target, dtype=torch.bool)),
        "right answers on padding count, though padding itself does not":
            lambda outputs, target: ((outputs.argmax(-1) == target)[1:].sum() / (target[1:] != PAD).sum()).item(),
        "padding is no hit, but it still counts among the tokens: divide by the number of real ones":
            lambda outputs, target: _share()(outputs, target) * (target[1:] != PAD).sum().item() / target[1:].numel(),
        "row 0 is counted: the target has `<sos>` there, which nobody predicts": _share(rows=slice(None)),
        "row 0 and the padding are counted":
            _share(rows=slice(None), real=lambda predicted, target: torch.ones_like(target, dtype=torch.bool)),
        "padding is read off the predictions: read it off the target":
            _share(real=lambda predicted, target: predicted != PAD),
        "`<eos>` is left out: to stop at the right place is part of the task":
            _share(real=lambda predicted, target: (target != PAD) & (target != EOS)),
        "the sentences' shares are averaged: every token weighs the same": _mean_of_sentences,
        "whole sentences are counted: count tokens": _whole_sentences,
        "this is the share of wrong tokens": lambda *args: 1 - solutions.token_accuracy(*args),
        "this is in percent: a share lies between 0 and 1": lambda *args: 100 * solutions.token_accuracy(*args),
        "this is a number of tokens: divide by the number of real ones":
            lambda outputs, target: solutions.token_accuracy(outputs, target) * (target[1:] != PAD).sum().item(),
        "row `t` of the outputs is compared with row `t + 1` of the target: both are row `t`":
            lambda outputs, target: solutions.token_accuracy(outputs.roll(1, 0), target),
        "the last row is left out": _share(rows=slice(1, -1)),
    },
)  # fmt: skip
