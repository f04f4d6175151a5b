"""Checks of lesson 2's exercises."""

import torch

from course_utils.exercises.checks.exercise import Case, Exercise
from course_utils.exercises.checks.inputs import draw, weights
from course_utils.exercises.solutions import lstm as solutions
from course_utils.models.lstm import gru_step

# -- the forget gate's bias -------------------------------------------------------------------------------------


def _bias_cases(device):
    def case(about, steps, seed, dtype=torch.float64):
        half_life = torch.tensor(steps, device=device, dtype=dtype)
        b_ih, b_hh = (draw(4 * len(steps), seed=seed + at, device=device, dtype=dtype) for at in range(2))
        return Case(about, (b_ih, b_hh, half_life))

    return [
        case("3 units that keep a half over 2, 10 and 50 steps", [2.0, 10.0, 50.0], 0),
        case("one unit that keeps a half over 5 steps", [5.0], 10),
        case("2 units that keep a half over 1 and 200 steps, float32", [1.0, 200.0], 20, torch.float32),
    ]


def _bias(rows=1, value=lambda keep: torch.logit(keep), keep=lambda n: 0.5 ** (1 / n), other=lambda new, old: 0 * old):
    """Return a function that sets one block of rows, with one thing done otherwise."""

    def set_bias(b_ih, b_hh, half_life):
        H, b_ih, b_hh = len(half_life), b_ih.clone(), b_hh.clone()
        at = slice(rows * H, (rows + 1) * H)
        b_ih[at] = value(keep(half_life))
        b_hh[at] = other(b_ih[at], b_hh[at])
        return b_ih, b_hh

    return set_bias


def _everywhere(b_ih, b_hh, half_life):
    return torch.logit(0.5 ** (1 / half_life)).repeat(4), torch.zeros_like(b_hh)


def _added(b_ih, b_hh, half_life):
    new, other = _bias()(b_ih, b_hh, half_life)
    H = len(half_life)
    new[H : 2 * H] += b_ih[H : 2 * H]
    return new, other


forget_bias = Exercise(
    "forget_bias", 2, solutions.forget_bias, _bias_cases,
    ("b_ih (row)", "b_hh (row)"),
    {
        "the input gate's rows are set: torch's order is input, forget, candidate, output": _bias(rows=0),
        "the candidate's rows are set: torch's order is input, forget, candidate, output": _bias(rows=2),
        "the output gate's rows are set: torch's order is input, forget, candidate, output": _bias(rows=3),
        "all rows are set: only the forget gate's are to change": _everywhere,
        "the bias is the gate's value itself: the gate is the sigmoid of the bias": _bias(value=lambda keep: keep),
        "the sign is turned: this gate keeps what it should lose": _bias(value=lambda keep: -torch.logit(keep)),
        "the gate keeps `0.5 ** half_life` a step: over `half_life` steps it should keep a half in all":
            _bias(keep=lambda n: 0.5**n),
        "the gate keeps `1 − 1 / half_life` a step: `f ** half_life` must be 0.5": _bias(keep=lambda n: 1 - 1 / n),
        "the bias is the logarithm of the half-life": _bias(value=lambda keep: keep, keep=torch.log),
        "the new bias is added to the old one: it replaces it": _added,
        "`b_hh` keeps its old values in the forget rows, and the two biases add up": _bias(other=lambda new, old: old),
        "the bias stands in both `b_ih` and `b_hh`, and the two add up": _bias(other=lambda new, old: new),
    },
)  # fmt: skip

# -- what each step wrote into the cell -------------------------------------------------------------------------


def _gate_cases(device):
    def case(about, *shape, seed, dtype=torch.float64, shut=None):
        i, f = (draw(*shape, seed=seed + at, scale=1.5, device=device, dtype=dtype).sigmoid() for at in range(2))
        if shut is not None:
            f[shut] = 0.0
        return Case(about, (i, f, draw(*shape, seed=seed + 2, device=device, dtype=dtype).tanh()))

    return [
        case("4 steps, 2 sequences and 3 units", 4, 2, 3, seed=100),
        case("3 steps, 3 sequences and 3 units", 3, 3, 3, seed=110),
        case("one step", 1, 2, 2, seed=120),
        case("5 steps, 2 sequences and 2 units, one forget gate exactly 0", 5, 2, 2, seed=140, shut=(2, 0, 1)),
        case("6 steps, one sequence and 2 units, float32", 6, 1, 2, seed=130, dtype=torch.float32),
    ]


def _after(f, skip=1):
    """Return for each step the product of the forget gates from `skip` steps later to the end."""
    later = torch.cat([f[skip:], torch.ones_like(f[:skip])])
    return later.flip(0).cumprod(0).flip(0)


cell_parts = Exercise(
    "cell_parts", 2, solutions.cell_parts, _gate_cases,
    ("parts (step, sequence, unit)",),
    {
        "each product is one gate too long: a step's own forget gate does not act on what it writes":
            lambda i, f, g: i * g * _after(f, 0),
        "each product is one gate too short: the next step's forget gate acts already":
            lambda i, f, g: i * g * _after(f, 2) if len(f) > 1 else i * g,
        "the products run from the front: what was written at `t` meets the gates of the steps *after* `t`":
            lambda i, f, g: i * g * f.cumprod(0),
        "nothing is forgotten: the products of the forget gates are missing": lambda i, f, g: i * g,
        "the input gate is missing: step `t` writes `i_t g_t`": lambda i, f, g: g * _after(f),
        "the candidate is missing: step `t` writes `i_t g_t`": lambda i, f, g: i * _after(f),
        "only the products of the forget gates are returned": lambda i, f, g: _after(f),
        "input and forget gate are exchanged": lambda i, f, g: solutions.cell_parts(f, i, g),
        "it divides by a product of gates, which may be 0": lambda i, f, g: i * g * f.prod(0) / f.cumprod(0),
        "only one forget gate is applied: there is one for every later step":
            lambda i, f, g: i * g * torch.cat([f[1:], torch.ones_like(f[:1])]),
        "the same product is applied to every step": lambda i, f, g: i * g * f.prod(0),
        "the forget gates are added, not multiplied":
            lambda i, f, g: i * g * torch.cat([f[1:].flip(0).cumsum(0).flip(0), torch.ones_like(f[:1])]),
        "the steps stand in reverse order": lambda i, f, g: solutions.cell_parts(i, f, g).flip(0),
        "the parts are summed up: that is the cell after every step, and the parts were asked for":
            lambda i, f, g: solutions.cell_parts(i, f, g).cumsum(0),
    },
)  # fmt: skip

# -- coupled gates ----------------------------------------------------------------------------------------------


def _step_cases(device):
    def case(about, B, E, H, seed, dtype=torch.float64):
        drawn = (draw(B, size, seed=seed + at, device=device, dtype=dtype) for at, size in enumerate((E, H, H)))
        return Case(about, (*drawn, *weights(3, E, H, seed=seed + 3, device=device, dtype=dtype)))

    return [
        case("a batch of 3, 3 inputs and 3 units", 3, 3, 3, 210),
        case("a batch of 2, 3 inputs and 4 units", 2, 3, 4, 200),
        case("a batch of one, 2 inputs and one unit, float32", 1, 2, 1, 220, torch.float32),
    ]


def _coupled(order="fgo", update=None, out=None, candidate=torch.tanh, bias=(1, 1)):
    """Return a coupled step with one thing done otherwise."""

    def step(x_t, h_prev, c_prev, W_ih, W_hh, b_ih, b_hh):
        rows = x_t @ W_ih.T + bias[0] * b_ih + h_prev @ W_hh.T + bias[1] * b_hh
        named = dict(zip(order, rows.chunk(3, dim=-1), strict=True))
        f, g, o = named["f"].sigmoid(), candidate(named["g"]), named["o"].sigmoid()
        c_t = update(f, g, c_prev) if update else f * c_prev + (1 - f) * g
        return (out(o, c_t, c_prev) if out else o * c_t.tanh()), c_t

    return step


def _exchanged(*args):
    return solutions.coupled_step(*args)[::-1]


def _no_recurrence(x_t, h_prev, c_prev, *rest):
    return solutions.coupled_step(x_t, 0 * h_prev, c_prev, *rest)


coupled_step = Exercise(
    "coupled_step", 2, solutions.coupled_step, _step_cases,
    ("h_t (sequence, unit)", "c_t (sequence, unit)"),
    {
        "forgetting and writing are exchanged: `f` keeps the old cell, `1 − f` takes the candidate":
            _coupled(update=lambda f, g, c: (1 - f) * c + f * g),
        "`f` is used for both: the input gate is `1 − f`": _coupled(update=lambda f, g, c: f * c + f * g),
        "the candidate is written in full: its gate is `1 − f`": _coupled(update=lambda f, g, c: f * c + g),
        "nothing of the old cell is kept": _coupled(update=lambda f, g, c: (1 - f) * g),
        "the cell never forgets": _coupled(update=lambda f, g, c: c + (1 - f) * g),
        "the candidate is a sigmoid: it is a tanh": _coupled(candidate=torch.sigmoid),
        "the candidate's tanh is left out": _coupled(candidate=lambda rows: rows),
        "the tanh around the cell is left out in `h_t`": _coupled(out=lambda o, c, _: o * c),
        "`h_t` shows the old cell": _coupled(out=lambda o, _, c: o * c.tanh()),
        "the output gate is left out": _coupled(out=lambda o, c, _: c.tanh()),
        "the two results are exchanged: first `h_t`, then `c_t`": _exchanged,
        "the hidden state before the step is not used": _no_recurrence,
        "the bias `b_ih` is left out": _coupled(bias=(0, 1)),
        "the bias `b_hh` is left out": _coupled(bias=(1, 0)),
        "forget gate and candidate are exchanged: the rows hold forget, candidate, output": _coupled("gfo"),
        "candidate and output gate are exchanged: the rows hold forget, candidate, output": _coupled("fog"),
    },
    gradient=True,
)  # fmt: skip

# -- the GRU of the paper ---------------------------------------------------------------------------------------


def _gru_cases(device):
    def case(about, T, B, E, H, seed, dtype=torch.float64):
        x, h_0 = (
            draw(T, B, E, seed=seed, device=device, dtype=dtype),
            draw(B, H, seed=seed + 1, device=device, dtype=dtype),
        )
        return Case(about, (x, h_0, *weights(3, E, H, seed=seed + 2, device=device, dtype=dtype)))

    return [
        case("3 steps, 3 sequences, 3 inputs and 3 units", 3, 3, 3, 3, 310),
        case("4 steps, 2 sequences, 3 inputs and 4 units", 4, 2, 3, 4, 300),
        case("one step, one sequence", 1, 1, 2, 2, 320),
        case("5 steps, 2 sequences, 2 inputs and 3 units, float32", 5, 2, 2, 3, 330, torch.float32),
    ]


def _gru(order="rzn", carry=True, reset=lambda r, h: r * h, update=None, candidate=torch.tanh, bias=True):
    """Return the paper's GRU with one thing done otherwise."""

    def run(x, h_0, W_ih, W_hh, b_ih, b_hh):
        h_t, states, H = h_0, [], W_hh.shape[1]
        at = {name: slice(place * H, (place + 1) * H) for place, name in enumerate(order)}
        for x_t in x:
            before = h_t if carry else h_0
            r, z = (
                (x_t @ W_ih[at[gate]].T + b_ih[at[gate]] + before @ W_hh[at[gate]].T + b_hh[at[gate]]).sigmoid()
                for gate in "rz"
            )
            n = candidate(
                x_t @ W_ih[at["n"]].T + b_ih[at["n"]] + reset(r, before) @ W_hh[at["n"]].T + bias * b_hh[at["n"]]
            )
            h_t = update(z, before, n, r) if update else z * before + (1 - z) * n
            states.append(h_t)
        return torch.stack(states)

    return run


def _torchs(x, h_0, *weights):
    h_t, states = h_0, []
    for x_t in x:
        h_t = gru_step(x_t, h_t, *weights)
        states.append(h_t)
    return torch.stack(states)


paper_gru = Exercise(
    "paper_gru", 2, solutions.paper_gru, _gru_cases,
    ("states (step, sequence, unit)",),
    {
        "this is torch's GRU: in the paper the reset gate multiplies the state *before* the matrix product": _torchs,
        "the update gate is turned round: `z` keeps the old state, `1 − z` takes the candidate":
            _gru(update=lambda z, h, n, r: (1 - z) * h + z * n),
        "the reset gate is left out": _gru(reset=lambda r, h: h),
        "the reset gate is turned round: the candidate sees `r * h`": _gru(reset=lambda r, h: (1 - r) * h),
        "reset and update gate are exchanged: the rows hold reset, update, candidate": _gru("zrn"),
        "reset gate and candidate are exchanged: the rows hold reset, update, candidate": _gru("nzr"),
        "the state is not carried from step to step": _gru(carry=False),
        "the old state is reset as well: only the candidate sees `r * h`":
            _gru(update=lambda z, h, n, r: z * r * h + (1 - z) * n),
        "the candidate's tanh is left out": _gru(candidate=lambda rows: rows),
        "the candidate is a sigmoid: it is a tanh": _gru(candidate=torch.sigmoid),
        "the candidate's bias `b_hh` is left out": _gru(bias=False),
        "the candidate replaces the state: the update gate is left out": _gru(update=lambda z, h, n, r: n),
    },
    gradient=True,
)  # fmt: skip
