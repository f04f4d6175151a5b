"""Lesson 3's exercises: their results, and the inputs that tell mistakes apart."""

import torch

from course_utils.datasets.special_tokens import EOS, PAD, SOS
from course_utils.exercises import edges
from course_utils.exercises.exercise import Case, exercise
from course_utils.messages import Refusal, say

VOCABULARY = 8  # of the toy model: four special tokens, four words
FIRST_WORD = 4
POSITIONS = 12  # that the toy model tells apart


@exercise(3, ("x", "position", "sentence"), ("lengths", "sentence"), ("mask", "sentence", "position"))
def pad_batch(device):
    """Padded batches."""
    yield Case(say("4 sentences of 2, 4, 1 and 3 words"), ([[5, 9], [4, 7, 6, 5], [8], [9, 9, 4]], device))
    yield Case(say("2 sentences of 2 words"), ([[4, 6], [6, 4]], device))
    yield Case(say("one sentence of 3 words"), ([[7, 7, 5]], device))
    yield Case(say("2 sentences of 1 word and of none"), ([[6], []], device))


def speaker(stops, *, seed, device, dtype=torch.float64, ending=-3.0, leave=False, shape=(3,), pad=None):
    """Return `step` and its first state `(B, *shape)`, for B sentences.

    The state holds the sentence's number, the position, and a memory of the tokens that were
    fed; all three decide about the logits, so a search that loses one of them says something else.

    Args:
        stops: for each sentence the position at which `<eos>` is the likeliest token, None for nowhere.
        seed: of the logits.
        device, dtype: of logits and state.
        ending: the logit of `<eos>` elsewhere, None for a random one.
        leave: refuse a sentence that has ended.
        shape: of one sentence's state, 3 numbers.
        pad: the position at which `<pad>` is the likeliest token, though no sentence ends there.
    """
    table = edges.draw(len(stops), POSITIONS, VOCABULARY, seed=seed, scale=1.0, device=device, dtype=dtype)
    table[..., [PAD, SOS]] -= 5
    if ending is not None:
        table[..., EOS] = ending
    for number, stop in enumerate(stops):
        if stop is not None:
            table[number, stop, EOS] = 5.0
    if pad is not None:
        table[:, pad, PAD] = 6.0
    phases = torch.arange(VOCABULARY, device=device, dtype=dtype)

    def step(x, state):
        if not isinstance(state, torch.Tensor) or state.shape[1:] != shape:
            raise Refusal(
                "step(x, state) needs one row of state per sentence, {needed}, not {shape}",
                needed=f"(b, {', '.join(map(str, shape))})", shape=tuple(getattr(state, "shape", ())),
            )  # fmt: skip
        if not isinstance(x, torch.Tensor):
            raise Refusal(
                "step(x, state) needs one int64 token per sentence, x ({count},), not {type}",
                count=len(state), type=type(x).__name__,
            )  # fmt: skip
        if x.dtype != torch.int64 or x.dim() != 1:
            raise Refusal(
                "step(x, state) needs one int64 token per sentence, x ({count},), not {type} {shape}",
                count=len(state), type=x.dtype, shape=tuple(x.shape),
            )  # fmt: skip
        if len(x) != len(state):
            raise Refusal(
                "x has the length {tokens} but state has the length {rows}: each holds one row per sentence, "
                "cut both alike",
                tokens=len(x), rows=len(state),
            )  # fmt: skip
        number, position, memory = state.flatten(1).unbind(dim=1)
        if leave and ((x == EOS) | ((x == PAD) & (pad is None))).any():
            raise Refusal("step was given a sentence that has already ended: it must leave the batch")
        memory = 0.6 * memory + x
        logits = table[number.long(), position.long().clamp(max=POSITIONS - 1)]
        logits = logits + torch.sin(memory.unsqueeze(1) * (1 + phases)) * (phases >= FIRST_WORD)
        return logits, torch.stack([number, position + 1, memory], dim=1).reshape(state.shape)

    state = torch.zeros(len(stops), 3, device=device, dtype=dtype)
    state[:, 0] = torch.arange(len(stops))
    return step, state.reshape(-1, *shape)


@exercise(3, ("tokens", "position", "sentence"), ("log_probability", "sentence"), any_float=True, reads=True)
def greedy_batch(device):
    """Greedy decoding of a batch."""

    def case(about, stops, longest, seed, **options):
        return Case(about, (*speaker(stops, seed=seed, device=device, leave=True, **options), longest))

    yield case(say("3 sentences that end after 2, 5 and 3 tokens"), [1, 4, 2], 9, 0)
    yield case(say("2 sentences of which one never ends, at most 4 tokens"), [2, None], 4, 1)
    yield case(say("one sentence that ends at once"), [0], 5, 2)
    yield case(say("2 sentences that end at the limit of 3 tokens, float32"), [2, 2], 3, 3, dtype=torch.float32)
    yield case(say("2 sentences that write `<pad>` before they end"), [3, 2], 6, 4, pad=1)
    yield case(say("3 sentences with a state of the shape (3, 1, 3)"), [1, 2, 1], 4, 5, shape=(1, 3))
    yield case(say("2 sentences, at most one token"), [0, None], 1, 6)


@exercise(3, ("accuracy",), reads=True)
def token_accuracy(device):
    """Token accuracy."""

    def case(about, lengths, share, seed, spare=0, dtype=torch.float64):
        T, B, V = max(lengths) + spare, len(lengths), 9
        generator = torch.Generator().manual_seed(seed)
        target = torch.randint(4, V, (T, B), generator=generator, device="cpu")
        at, end = torch.arange(T).unsqueeze(1), torch.tensor(lengths)
        target = target.masked_fill(at >= end, PAD).masked_fill(at == end - 1, EOS)
        target[0] = SOS
        outputs = edges.draw(T, B, V, seed=seed, dtype=dtype)
        right = torch.rand(T, B, generator=generator, device="cpu") < share  # padding is "right" as often as a word
        early = (at == end - 2) & (torch.arange(B) % 2 == 0)  # some sentences are cut short
        answer = target.masked_fill(early, PAD)
        outputs += 6 * torch.nn.functional.one_hot(answer, V) * (right | early).unsqueeze(-1)
        outputs[0] = 0
        return Case(about, (outputs.to(device), target.to(device)))

    yield case(say("3 sentences of 8, 4 and 6 tokens"), [8, 4, 6], 0.6, 0)
    yield case(say("4 sentences of 3 to 10 tokens"), [10, 3, 7, 4], 0.5, 1)
    yield case(say("one sentence of 5 tokens"), [5], 0.5, 3)
    yield case(say("3 sentences of up to 5 tokens, in 7 rows, float32"), [5, 2, 4], 0.6, 4, 2, torch.float32)
    yield case(say("2 sentences of 2 and 3 tokens"), [2, 3], 0.6, 6)


@exercise(3, ("hypotheses",), reads=True)
def beam(device):
    """Beam search; from these seeds each mistake says something else than the right search, and than every other."""

    def case(about, seed, width, longest, **options):
        return Case(about, (*speaker([None], seed=seed, device=device, ending=None, **options), width, longest))

    yield case(say("a beam of width 3 and at most 5 tokens"), 3, 3, 5)
    yield case(say("a beam of width 1, which is greedy search"), 5, 1, 6)
    yield case(say("a beam of width 2 and at most 6 tokens"), 21, 2, 6)
    yield case(say("a beam of width 4 and at most 3 tokens"), 11, 4, 3)
    yield case(say("a beam of width 10, above the vocabulary of 8, and at most 2 tokens"), 12, 10, 2)
    yield case(say("a beam of width 3 and at most one token"), 13, 3, 1)
    yield case(say("a beam of width 2 and a state of the shape (1, 1, 3)"), 14, 2, 4, shape=(1, 3))
    yield case(say("a beam of width 3 that writes `<pad>`, float32"), 15, 3, 4, pad=1, dtype=torch.float32)
