"""Checks of lesson 1's exercises."""

import torch

from course_utils.exercises.checks.exercise import Case, Exercise
from course_utils.exercises.checks.inputs import draw, weights
from course_utils.exercises.solutions import rnn as solutions
from course_utils.models.rnn import run_rnn

# -- the unrolled loop over a padded batch ----------------------------------------------------------------------


def _padded_cases(device):
    def case(about, lengths, E, H, seed, dtype=torch.float64):
        x = draw(max(lengths), len(lengths), E, seed=seed, device=device, dtype=dtype)  # padding is not zero here
        return Case(about, (x, torch.tensor(lengths), *weights(1, E, H, seed=seed + 1, device=device, dtype=dtype)))

    return [
        case("3 sequences of 5, 2 and 4 steps, as many inputs as units", [5, 2, 4], 3, 3, 0),
        case("2 sequences of 1 and 3 steps", [1, 3], 3, 4, 10),
        case("one sequence of 4 steps", [4], 2, 3, 20),
        case("2 sequences of 3 and 6 steps, float32", [3, 6], 2, 3, 30, torch.float32),
    ]


def _all_steps(x, *weights, activation=torch.tanh):
    return run_rnn(x, x.new_zeros(x.shape[1], len(weights[1])), *weights, activation=activation)


def _at(states, index):
    return states[index.to(states.device), torch.arange(states.shape[1], device=states.device)]


def _held(x, lengths, *weights):
    states, last = solutions.padded_rnn(x, lengths, *weights)
    over = torch.arange(len(x), device=lengths.device).unsqueeze(1) >= lengths
    return torch.where(over.to(x.device).unsqueeze(-1), last, states), last


def _not_carried(x, lengths, W_ih, W_hh, b_ih, b_hh):
    return solutions.padded_rnn(x, lengths, W_ih, 0 * W_hh, b_ih, b_hh)


def _no_tanh(x, lengths, *weights):
    states = _all_steps(x, *weights, activation=lambda values: values)
    going = (torch.arange(len(x), device=lengths.device).unsqueeze(1) < lengths).to(x.device).unsqueeze(-1)
    return states * going, _at(states, lengths - 1)


padded_rnn = Exercise(
    "padded_rnn", 1, solutions.padded_rnn, _padded_cases,
    ("states (step, sequence, unit)", "last (sequence, unit)"),
    {
        "the padded steps keep the states that the loop computed there: set them to 0":
            lambda x, n, *w: (_all_steps(x, *w), _all_steps(x, *w)[-1]),
        "the last state is repeated over the padded steps: it is to be carried on, but 0 is to be stored": _held,
        "`last` is row T − 1 for every sequence, padding or not: each has its own end, at `lengths − 1`":
            lambda x, n, *w: (solutions.padded_rnn(x, n, *w)[0], solutions.padded_rnn(x, n, *w)[0][-1]),
        "`last` is read one step too early: after `n` steps the last one is number `n − 1`":
            lambda x, n, *w: (solutions.padded_rnn(x, n, *w)[0], _at(_all_steps(x, *w), (n - 2).clamp(min=0))),
        "each sequence reads one padded step: step `t` is real while `t < lengths`":
            lambda x, n, *w: solutions.padded_rnn(x, (n + 1).clamp(max=len(x)), *w),
        "the state is not carried from step to step": _not_carried,
        "`W_hh` is not transposed: for rows of states it is `h @ W_hh.T`":
            lambda x, n, W_ih, W_hh, *b: solutions.padded_rnn(x, n, W_ih, W_hh.T, *b),
        "`W_ih` is not transposed: for rows of inputs it is `x_t @ W_ih.T`":
            lambda x, n, W_ih, *rest: solutions.padded_rnn(x, n, W_ih.T, *rest),
        "the tanh is left out": _no_tanh,
        "the bias `b_hh` is left out": lambda x, n, *w: solutions.padded_rnn(x, n, *w[:3], 0 * w[3]),
        "the bias `b_ih` is left out": lambda x, n, *w: solutions.padded_rnn(x, n, *w[:2], 0 * w[2], w[3]),
        "both biases are left out": lambda x, n, *w: solutions.padded_rnn(x, n, *w[:2], 0 * w[2], 0 * w[3]),
    },
    gradient=True,
)  # fmt: skip

# -- a bidirectional pass ---------------------------------------------------------------------------------------


def _two_way_cases(device):
    def case(about, T, B, E, H, seed, dtype=torch.float64):
        ways = (weights(1, E, H, seed=seed + at, device=device, dtype=dtype) for at in (1, 5))
        return Case(about, (draw(T, B, E, seed=seed, device=device, dtype=dtype), *ways))

    return [
        case("3 sequences of 3 steps, as many inputs as units", 3, 3, 3, 3, 120),
        case("2 sequences of 4 steps", 4, 2, 3, 2, 100),
        case("one sequence of one step", 1, 1, 2, 3, 140),
        case("2 sequences of 5 steps, float32", 5, 2, 2, 4, 160, torch.float32),
    ]


def _halves(x, ahead, back):
    return _all_steps(x, *ahead), _all_steps(x.flip(0), *back).flip(0)


def _joined(change):
    return lambda x, ahead, back: torch.cat(change(*_halves(x, ahead, back)), dim=-1)


bidirectional_rnn = Exercise(
    "bidirectional_rnn", 1, solutions.bidirectional_rnn, _two_way_cases,
    ("states (step, sequence, unit)",),
    {
        "the backward states stand in the order in which they were read: flip them back before you join":
            _joined(lambda ahead, back: (ahead, back.flip(0))),
        "both networks read from the front: the second is to read `x.flip(0)`":
            lambda x, ahead, back: torch.cat([_all_steps(x, *ahead), _all_steps(x, *back)], dim=-1),
        "the second network's states are flipped, but it read from the front":
            lambda x, ahead, back: torch.cat([_all_steps(x, *ahead), _all_steps(x, *back).flip(0)], dim=-1),
        "the halves are exchanged: the forward network's states come first":
            _joined(lambda ahead, back: (back, ahead)),
        "the forward weights are used both ways":
            lambda x, ahead, back: solutions.bidirectional_rnn(x, ahead, ahead),
        "the two weights are exchanged": lambda x, ahead, back: solutions.bidirectional_rnn(x, back, ahead),
        "the states of both are added: join them side by side": lambda *args: sum(_halves(*args)),
        "the two are joined along the steps: join them along the units": lambda *args: torch.cat(_halves(*args)),
        "the batch is flipped: the steps are the first axis":
            lambda x, ahead, back: torch.cat([_all_steps(x, *ahead), _all_steps(x.flip(1), *back)], dim=-1),
        "the backward network goes on from the forward network's last state: both start at 0":
            lambda x, ahead, back: torch.cat(
                [_all_steps(x, *ahead), run_rnn(x.flip(0), _all_steps(x, *ahead)[-1], *back).flip(0)], dim=-1
            ),
    },
    gradient=True,
)  # fmt: skip

# -- clipping by norm -------------------------------------------------------------------------------------------


def _clip_cases(device):
    def case(about, shapes, scale, limit, seed, dtype=torch.float64):
        drawn = [
            draw(*shape, seed=seed + at, scale=scale, device=device, dtype=dtype) for at, shape in enumerate(shapes)
        ]
        return Case(about, (drawn, limit))

    zero = [torch.zeros(2, 3, device=device, dtype=torch.float64)]
    return [
        case("3 tensors whose norm is far above the limit", [(4, 3), (4, 4), (4,)], 2.0, 1.5, 200),
        case("3 tensors whose norm is below the limit", [(2, 3), (2, 2), (2,)], 0.1, 5.0, 210),
        case("2 tensors of which only both together are above the limit", [(3,), (3,)], 0.8, 2.0, 224),
        case("one tensor, float32", [(5, 2)], 3.0, 0.5, 230, torch.float32),
        Case("one tensor of zeros", (zero, 1.0)),
    ]


def _scaled(norm, only_down=True):
    def clip(gradients, max_norm):
        scale = max_norm / norm(gradients)
        return [gradient * (scale.clamp(max=1.0) if only_down else scale) for gradient in gradients]

    return clip


def _norm(gradients):
    return torch.cat([gradient.flatten() for gradient in gradients]).norm()


clip_gradients = Exercise(
    "clip_gradients", 1, solutions.clip_gradients, _clip_cases,
    ("clipped",),
    {
        "each tensor is clipped by its own norm: the norm is that of all of them together":
            lambda gradients, limit: [solutions.clip_gradients([gradient], limit)[0] for gradient in gradients],
        "each entry is clipped by itself: shorten the whole gradient instead, it keeps its direction":
            lambda gradients, limit: [gradient.clamp(-limit, limit) for gradient in gradients],
        "a short gradient is stretched to the limit: leave it as it is": _scaled(_norm, only_down=False),
        "the root is missing in the norm": _scaled(lambda gradients: _norm(gradients).square()),
        "the norms of the tensors are added: add the squares of all entries, then take the root":
            _scaled(lambda gradients: sum(gradient.norm() for gradient in gradients)),
        "the largest entry is taken for the norm":
            _scaled(lambda gradients: max(gradient.abs().max() for gradient in gradients)),
        "the absolute values are added in place of the squares":
            _scaled(lambda gradients: sum(gradient.abs().sum() for gradient in gradients)),
        "the gradient is shortened to length 1: shorten it to `max_norm`":
            lambda gradients, limit: solutions.clip_gradients(gradients, 1.0 if _norm(gradients) > limit else 1e9),
        "nothing is clipped": lambda gradients, limit: gradients,
        "gradients that are too long are set to 0: shorten them, or nothing would be learned":
            lambda gradients, limit: [gradient * (_norm(gradients) <= limit) for gradient in gradients],
    },
)  # fmt: skip

# -- the longest lag that a probe can read ----------------------------------------------------------------------


def _memory(about, lengths, held, level, device, seed):
    """Return states that hold, for each sequence, the tokens `held` steps back, one place for each token."""
    generator = torch.Generator().manual_seed(seed)
    T, B, classes = max(lengths), len(lengths), 5
    over = torch.arange(T).unsqueeze(1) >= torch.tensor(lengths)
    x = torch.randint(1, classes, (T, B), generator=generator, device="cpu").masked_fill(over, 0)
    before = torch.randint(1, classes, (T, B), generator=generator, device="cpu")  # what no probe should be asked for
    one_hot = torch.nn.functional.one_hot(torch.cat([before, x]), classes).double()
    parts = [one_hot[T - k : 2 * T - k] for k in held]
    states = torch.cat([*parts, 0.1 * torch.randn(T, B, 2, generator=generator, dtype=torch.float64)], dim=-1)
    states = states.masked_fill(over.unsqueeze(-1), 0.0)
    return Case(about, (states.to(device), x.to(device), torch.tensor(lengths), classes, level))


def _lag_cases(device):
    mixed = [3 + at % 5 for at in range(120)]
    return [
        _memory(
            "states that hold the last 3 tokens, and by chance the first of 6", [6] * 100, (0, 1, 2, 5), 0.9, device, 1
        ),
        _memory(
            "sequences of 3 to 7 steps, padded, whose states hold their last 2 tokens", mixed, (0, 1), 0.9, device, 2
        ),
        _memory("states that hold two tokens, but not the last one", [5] * 100, (1, 2), 0.9, device, 3),
        _memory("states that hold all 4 tokens", [4] * 100, (0, 1, 2, 3), 0.9, device, 4),
        _memory("sequences of 3 to 7 steps whose states hold everything", mixed, tuple(range(7)), 0.9, device, 5),
    ]


def _lag(states, x, lengths, classes, level, *, stop=True, start=0, token=None, last=None, drop=True, known=None):
    """Return the longest lag with one thing done otherwise."""
    columns, found = torch.arange(len(lengths), device=lengths.device), -1
    ends = states[lengths - 1 if last is None else last(lengths), columns].cpu()
    for k in range(start, len(x)):
        rows = columns[lengths > k] if drop else columns
        place = lengths[rows] - 1 - k if token is None else token(lengths[rows], k)
        if solutions.probes.linear_probe(ends[rows], x[place, rows].cpu(), classes=classes) >= level:
            found = k
        elif stop:
            break
    return found if known is None else known(found)


def _lag_mistake(**otherwise):
    return lambda *args: _lag(*args, **otherwise)


longest_lag = Exercise(
    "longest_lag", 1, solutions.longest_lag, _lag_cases,
    ("lag",),
    {
        "the search goes on after the first lag that the probe misses: stop there": _lag_mistake(stop=False),
        "the first lag that is missed is returned: return the one before it": _lag_mistake(known=lambda k: k + 1),
        "the answer is 0 where not even the last token can be read: it should be −1":
            _lag_mistake(known=lambda k: max(k, 0)),
        "the end of the rectangle is taken for the end of every sequence: each has its own, at `lengths − 1`":
            _lag_mistake(last=lambda n: -1),
        "the lengths are not used: each sequence has its own end, at `lengths − 1`":
            lambda states, x, n, *rest: solutions.longest_lag(states, x, torch.full_like(n, len(x)), *rest),
        "lag `k` means the token at step `k`: it is the one `k` steps *before the end*":
            _lag_mistake(token=lambda n, k: k),
        "the tokens are one step off: lag 0 is the last token itself, at `lengths − 1`":
            _lag_mistake(token=lambda n, k: n - 2 - k),
        "the search begins at lag 1": _lag_mistake(start=1),
        "sequences too short for a lag are kept: leave out those of at most `k` tokens": _lag_mistake(drop=False),
    },
)  # fmt: skip
