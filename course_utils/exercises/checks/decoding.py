"""Checks of lesson 3's two exercises that search for a sentence."""

import math

import torch

from course_utils.datasets.special_tokens import EOS, PAD, SOS
from course_utils.exercises.checks.exercise import Case, Exercise
from course_utils.exercises.checks.inputs import draw
from course_utils.exercises.solutions import seq2seq as solutions

# -- a toy model that tells a search's mistakes apart -----------------------------------------------------------

VOCABULARY = 8  # four special tokens, four words
FIRST_WORD = 4


def speaker(stops, *, seed, device, dtype=torch.float64, ending=-3.0, leave=False, positions=12):
    """Return `step` and its first state `(B, 3)`, for B sentences.

    The state holds the sentence's number, the position, and a memory of the tokens that were fed; all three
    decide about the logits, so a search that loses one of them says something else.

    Args:
        stops: for each sentence the position at which `<eos>` is the likeliest token, None for nowhere.
        seed: of the logits.
        device, dtype: of logits and state.
        ending: the logit of `<eos>` elsewhere, None for a random one.
        leave: refuse a sentence that has ended.
        positions: how many positions the model tells apart.
    """
    table = draw(len(stops), positions, VOCABULARY, seed=seed, scale=1.0, device=device, dtype=dtype)
    table[..., [PAD, SOS]] -= 5
    if ending is not None:
        table[..., EOS] = ending
    for number, stop in enumerate(stops):
        if stop is not None:
            table[number, stop, EOS] = 5.0
    phases = torch.arange(VOCABULARY, device=device, dtype=dtype)

    def step(x, state):
        if not isinstance(x, torch.Tensor) or x.dtype != torch.int64 or x.dim() != 1:
            found = f"{x.dtype} {tuple(x.shape)}" if isinstance(x, torch.Tensor) else type(x).__name__
            raise ValueError(f"step(x, state) needs one int64 token a sentence, x ({len(state)},), not {found}")
        if len(x) != len(state):
            sizes = f"x has the length {len(x)} but state has the length {len(state)}"
            raise ValueError(f"{sizes}: each holds one row a sentence, cut both alike")
        if leave and ((x == EOS) | (x == PAD)).any():
            raise ValueError("step was given a sentence that has already ended: it must leave the batch")
        number, position, memory = state.unbind(dim=1)
        memory = 0.6 * memory + x
        logits = table[number.long(), position.long().clamp(max=positions - 1)]
        logits = logits + torch.sin(memory.unsqueeze(1) * (1 + phases)) * (phases >= FIRST_WORD)
        return logits, torch.stack([number, position + 1, memory], dim=1)

    state = torch.zeros(len(stops), 3, device=device, dtype=dtype)
    state[:, 0] = torch.arange(len(stops))
    return step, state


# -- greedy decoding of a batch ---------------------------------------------------------------------------------


def _greedy_cases(device):
    def case(about, stops, longest, seed, dtype=torch.float64):
        return Case(about, (*speaker(stops, seed=seed, device=device, dtype=dtype, leave=True), longest))

    return [
        case("3 sentences that end after 2, 5 and 3 tokens", [1, 4, 2], 9, 0),
        case("2 sentences of which one never ends, at most 4 tokens", [2, None], 4, 1),
        case("one sentence that ends at once", [0], 5, 2),
        case("2 sentences that end at the limit of 3 tokens, float32", [2, 2], 3, 3, torch.float32),
    ]


def _greedy(
    step, state, max_length, *, feed=lambda best: best, carry=True, add=torch.log_softmax, pad=PAD, own_state=True,
    own_column=True, own_total=True, together=False, swallow=False, free=False, cut=True, spare=0,
):  # fmt: skip
    """Return a greedy search with one thing done otherwise."""
    batch, device = len(state), state.device
    tokens = torch.full((max_length - spare, batch), pad, device=device)
    total = torch.zeros(batch, dtype=state.dtype, device=device)
    columns, x, t = torch.arange(batch, device=device), torch.full((batch,), SOS, device=device), 0
    while t < len(tokens) and len(columns):
        logits, after = step(x, state)
        best = logits.argmax(dim=-1)
        ended, first = best == EOS, torch.arange(len(columns), device=device)
        tokens[t, columns if own_column else first] = best.masked_fill(ended & swallow, pad)
        total[columns if own_total else first] += add(logits, dim=-1).amax(dim=-1).masked_fill(ended & free, 0.0)
        t += 1
        if together and ended.any():
            break
        state = after if carry else state
        state = state[~ended] if own_state else state[: (~ended).sum()]
        columns, x = columns[~ended], feed(best[~ended])
    return tokens[:t] if cut else tokens, total


def _greedily(**otherwise):
    return lambda *args: _greedy(*args, **otherwise)


greedy_batch = Exercise(
    "greedy_batch", 3, solutions.greedy_batch, _greedy_cases,
    ("tokens (position, sentence)", "log_probability (sentence)"),
    {
        "all sentences stop as soon as one is done: each stops on its own": _greedily(together=True),
        "the states are not taken along: keep the same rows of `state` as of `x`": _greedily(own_state=False),
        "the sentences that are left move to the first columns: each keeps its own": _greedily(own_column=False),
        "the log-probabilities of those that are left are added to the first sentences": _greedily(own_total=False),
        "there are rows of padding left at the end: stop when all sentences are done": _greedily(cut=False),
        "`<eos>` itself is left out: it is still written": _greedily(swallow=True),
        "finished sentences are filled up with `<eos>`: fill them up with `<pad>`": _greedily(pad=EOS),
        "the model is fed `<sos>` at every step: feed it the token that it has just written":
            _greedily(feed=lambda best: torch.full_like(best, SOS)),
        "the state is not carried from step to step": _greedily(carry=False),
        "the loop ends one token too early": _greedily(spare=1),
        "the loop ends one token too late": _greedily(spare=-1),
        "`<sos>` stands in the first row: return only what was written":
            lambda *args: (torch.cat([torch.full_like(_greedy(*args)[0][:1], SOS), _greedy(*args)[0]]), None),
        "the log-probability of `<eos>` is left out: to stop is a decision as well": _greedily(free=True),
        "the logits are added up: a log-probability is a `log_softmax`": _greedily(add=lambda logits, dim: logits),
        "the probabilities are added up: add their logarithms": _greedily(add=torch.softmax),
    },
    any_float=True,
)  # fmt: skip

# -- beam search ------------------------------------------------------------------------------------------------


def _beam_cases(device):
    def case(about, seed, width, longest):
        return Case(about, (*speaker([None], seed=seed, device=device, ending=None), width, longest))

    return [  # from these seeds each mistake says something else than the right search, and than every other
        case("a beam of width 3 and at most 5 tokens", 3, 3, 5),
        case("a beam of width 1, which is greedy search", 5, 1, 6),
        case("a beam of width 2 and at most 6 tokens", 21, 2, 6),
        case("a beam of width 4 and at most 3 tokens", 11, 4, 3),
    ]


def _beam(
    step, state, width, max_length, *, value=torch.log_softmax, rank=lambda tokens, total: total, ends=True,
    parent=lambda own, best, start: own, alone=False, drop=False, first=False, spare=0,
):  # fmt: skip
    """Return a beam search with one thing done otherwise."""
    beams = [([], 0.0, state)]
    for _ in range(max_length - spare):
        candidates = []
        for tokens, total, own in beams:
            if ends and EOS in tokens:
                candidates += [] if drop else [(tokens, total, own)]
                continue
            x = torch.tensor([tokens[-1] if tokens else SOS], device=state.device)
            logits, after = step(x, parent(own, beams[0][2], state))
            found = [([*tokens, t], total + p, after) for t, p in enumerate(value(logits[0], dim=-1).tolist())]
            candidates += sorted(found, key=lambda c: -c[1])[:1] if alone and tokens else found
        beams = sorted(candidates, key=lambda c: -rank(*c[:2]))[:width]
        done = [EOS in tokens for tokens, _, _ in beams]
        if not beams or (ends and all(done)) or (first and any(done)):
            break
    return [(tokens, total) for tokens, total, _ in beams]


def _beamed(**otherwise):
    return lambda *args: _beam(*args, **otherwise)


def _changed(change):
    return lambda *args: [change(tokens, total) for tokens, total in solutions.beam(*args)]


beam = Exercise(
    "beam", 3, solutions.beam, _beam_cases,
    ("hypotheses",),
    {
        "the width is ignored: this is greedy search":
            lambda step, state, width, longest: solutions.beam(step, state, 1, longest),
        "only the best hypothesis is returned: return all that were kept, best first":
            lambda *args: solutions.beam(*args)[:1],
        "one pair is returned: return a list of pairs, one for each hypothesis that was kept":
            lambda *args: solutions.beam(*args)[0],
        "the hypotheses stand the wrong way round: best first": lambda *args: solutions.beam(*args)[::-1],
        "a hypothesis goes on after its `<eos>`": _beamed(ends=False),
        "a hypothesis that has ended is dropped: it keeps its place while it is among the best": _beamed(drop=True),
        "the search stops as soon as one hypothesis has ended: others may still become better": _beamed(first=True),
        "all hypotheses go on from the best one's state: each goes on from its own":
            _beamed(parent=lambda own, best, start: best),
        "the state is not carried from step to step": _beamed(parent=lambda own, best, start: start),
        "the logits are added up: a log-probability is a `log_softmax`": _beamed(value=lambda logits, dim: logits),
        "the probabilities are added up: add their logarithms": _beamed(value=torch.softmax),
        "hypotheses are ranked by their mean log-probability a token: rank them by the sum":
            _beamed(rank=lambda tokens, total: total / len(tokens)),
        "each hypothesis passes on its own best continuation only: all continuations compete":
            _beamed(alone=True),
        "`<eos>` is cut off: leave it where the hypothesis has ended":
            _changed(lambda tokens, total: ([t for t in tokens if t != EOS], total)),
        "`<sos>` stands at the front: return only what was written":
            _changed(lambda tokens, total: ([SOS, *tokens], total)),
        "these are probabilities: return their logarithms": _changed(lambda tokens, total: (tokens, math.exp(total))),
        "the search ends one token too early": _beamed(spare=1),
        "the search ends one token too late": _beamed(spare=-1),
        "the worst continuations are kept": _beamed(rank=lambda tokens, total: -total),
    },
)  # fmt: skip
