"""Worked solutions of lesson 2's exercises, and the mistakes that the checks know."""

import torch

MISTAKES = {}


def _rows(weights, order):
    """Return weights whose blocks of rows change places."""
    return [torch.cat([weight.chunk(len(order))[at] for at in order]) for weight in weights]


def forget_bias(b_ih, b_hh, half_life):
    """The forget gate is a sigmoid, so the bias is the sigmoid's inverse of the share that each step should keep.

    After `n` steps the share `f ** n` is left; for a half after `half_life` steps, `f = 0.5 ** (1 / half_life)`.
    The inverse of the sigmoid is the logit, `log(f / (1 − f))`. torch stacks the gates in the order input, forget,
    candidate, output, so the forget gate owns the rows `H` to `2H` of both biases. Only their sum counts: the whole
    goes into one, and the other is set to 0, or its old value would be added.
    """
    H = len(half_life)
    keep = 0.5 ** (1 / half_life)
    b_ih, b_hh = b_ih.clone(), b_hh.clone()
    b_ih[H : 2 * H] = torch.logit(keep)
    b_hh[H : 2 * H] = 0.0
    return b_ih, b_hh


def _logit(half_life):
    return torch.logit(0.5 ** (1 / half_life))


def _set(value=_logit, gate=1):
    """Return a function that sets one gate's rows of `b_ih` to a value, and those of `b_hh` to 0."""

    def set_bias(b_ih, b_hh, half_life):
        b_ih, b_hh = b_ih.clone(), b_hh.clone()
        b_ih.unflatten(0, (4, -1))[gate] = value(half_life)
        b_hh.unflatten(0, (4, -1))[gate] = 0.0
        return b_ih, b_hh

    return set_bias


MISTAKES["forget_bias"] = {
    "input_rows": _set(gate=0),
    "output_rows": _set(gate=3),
    "gate_not_bias": _set(lambda half_life: 0.5 ** (1 / half_life)),
    "sign_turned": _set(lambda half_life: -_logit(half_life)),
    "power_not_root": _set(lambda half_life: torch.logit(0.5**half_life)),
    "added": lambda b_ih, *rest: (b_ih + forget_bias(0 * b_ih, *rest)[0], forget_bias(b_ih, *rest)[1]),
    "b_hh_kept": lambda b_ih, b_hh, half_life: (forget_bias(b_ih, b_hh, half_life)[0], b_hh.clone()),
    "in_both": lambda b_ih, b_hh, half_life: tuple(forget_bias(bias, bias, half_life)[0] for bias in (b_ih, b_hh)),
}


def cell_parts(i, f, g):
    """What step `t` wrote was `i_t g_t`; every later step kept the share `f` of it.

    So part `t` is `i_t g_t` times the product of the forget gates of the steps *after* `t`; its own forget gate
    acted on what was there before, not on what it wrote. Walking back from the end, the product grows by one gate a
    step. All parts together are the cell: the sum over `t` is `c_T`, if the cell began at 0.
    """
    kept, parts = torch.ones_like(f[0]), []
    for i_t, f_t, g_t in zip(i.flip(0), f.flip(0), g.flip(0), strict=True):
        parts.append(i_t * g_t * kept)
        kept = kept * f_t
    return torch.stack(parts[::-1])


def _after(f, skip=1):
    """Return for each step the product of the forget gates from `skip` steps later to the end."""
    later = torch.cat([f[skip:], torch.ones_like(f[:skip])])
    return later.flip(0).cumprod(0).flip(0)


MISTAKES["cell_parts"] = {
    "one_gate_too_long": lambda i, f, g: i * g * _after(f, 0),
    "one_gate_too_short": lambda i, f, g: i * g * _after(f, 2) if len(f) > 1 else i * g,
    "from_the_front": lambda i, f, g: i * g * f.cumprod(0),
    "nothing_forgotten": lambda i, f, g: i * g,
    "no_input_gate": lambda i, f, g: g * _after(f),
    "divided": lambda i, f, g: i * g * f.prod(0) / f.cumprod(0),
    "reverse_order": lambda i, f, g: cell_parts(i, f, g).flip(0),
    "summed": lambda i, f, g: cell_parts(i, f, g).cumsum(0),
}


def coupled_step(x_t, h_prev, c_prev, W_ih, W_hh, b_ih, b_hh):
    """One gate decides twice: where the cell forgets, there it writes.

    With `i = 1 − f` the new cell is a weighted average of the old cell and the candidate, so it can never leave the
    range −1 to 1 if it began in it. There are three blocks of rows in place of four, a quarter fewer weights.
    Greff et al. (2017) compared this cell with the full one on three tasks and found it about as good.
    """
    f, g, o = (x_t @ W_ih.T + b_ih + h_prev @ W_hh.T + b_hh).chunk(3, dim=-1)
    f, g, o = f.sigmoid(), g.tanh(), o.sigmoid()
    c_t = f * c_prev + (1 - f) * g
    h_t = o * c_t.tanh()
    return h_t, c_t


def _coupled(update=lambda f, g, c: f * c + (1 - f) * g, out=lambda o, c_t, _: o * c_t.tanh(), candidate=torch.tanh):
    """Return a coupled step that updates the cell, shows it, or computes the candidate otherwise."""

    def step(x_t, h_prev, c_prev, W_ih, W_hh, b_ih, b_hh):
        f, g, o = (x_t @ W_ih.T + b_ih + h_prev @ W_hh.T + b_hh).chunk(3, dim=-1)
        c_t = update(f.sigmoid(), candidate(g), c_prev)
        return out(o.sigmoid(), c_t, c_prev), c_t

    return step


MISTAKES["coupled_step"] = {
    "forget_and_write_exchanged": _coupled(lambda f, g, c: (1 - f) * c + f * g),
    "f_for_both": _coupled(lambda f, g, c: f * c + f * g),
    "candidate_in_full": _coupled(lambda f, g, c: f * c + g),
    "sigmoid_candidate": _coupled(candidate=torch.sigmoid),
    "no_cell_tanh": _coupled(out=lambda o, c_t, c_prev: o * c_t),
    "old_cell_shown": _coupled(out=lambda o, c_t, c_prev: o * c_prev.tanh()),
    "results_exchanged": lambda *args: coupled_step(*args)[::-1],
    "forget_and_candidate_rows": lambda x, h, c, *weights: coupled_step(x, h, c, *_rows(weights, (1, 0, 2))),
}


def paper_gru(x, h_0, W_ih, W_hh, b_ih, b_hh):
    """The paper's reset gate acts on the state *before* the matrix product, torch's after it.

    So the candidate's product `(r ∘ h) W_hnᵀ` cannot be computed together with those of the two gates: the gates
    come first. That is why torch chose the other order, in which one product serves all three. The two agree only
    where the reset gate is the same for all units. The update gate `z` keeps the old state, `1 − z` takes the
    candidate, as in torch and in Cho et al. (2014).
    """
    H = W_hh.shape[1]
    h_t, states = h_0, []
    for x_t in x:
        r_x, z_x, n_x = (x_t @ W_ih.T + b_ih).chunk(3, dim=-1)
        r_h, z_h = (h_t @ W_hh[: 2 * H].T + b_hh[: 2 * H]).chunk(2, dim=-1)
        r, z = (r_x + r_h).sigmoid(), (z_x + z_h).sigmoid()
        n = (n_x + (r * h_t) @ W_hh[2 * H :].T + b_hh[2 * H :]).tanh()
        h_t = z * h_t + (1 - z) * n
        states.append(h_t)
    return torch.stack(states)


def _gru(reset=lambda r, h, W, b: (r * h) @ W.T + b, update=lambda z, h, n, r: z * h + (1 - z) * n, squash=torch.tanh):
    """Return the paper's GRU that resets the state, updates it, or computes the candidate otherwise."""

    def run(x, h_0, W_ih, W_hh, b_ih, b_hh):
        H, h_t, states = W_hh.shape[1], h_0, []
        for x_t in x:
            r_x, z_x, n_x = (x_t @ W_ih.T + b_ih).chunk(3, dim=-1)
            r_h, z_h = (h_t @ W_hh[: 2 * H].T + b_hh[: 2 * H]).chunk(2, dim=-1)
            r, z = (r_x + r_h).sigmoid(), (z_x + z_h).sigmoid()
            n = squash(n_x + reset(r, h_t, W_hh[2 * H :], b_hh[2 * H :]))
            h_t = update(z, h_t, n, r)
            states.append(h_t)
        return torch.stack(states)

    return run


MISTAKES["paper_gru"] = {
    "torchs_gru": _gru(lambda r, h, W, b: r * (h @ W.T + b)),
    "update_turned": _gru(update=lambda z, h, n, r: (1 - z) * h + z * n),
    "no_reset": _gru(lambda r, h, W, b: h @ W.T + b),
    "reset_turned": _gru(lambda r, h, W, b: ((1 - r) * h) @ W.T + b),
    "reset_and_update_rows": lambda x, h_0, *weights: paper_gru(x, h_0, *_rows(weights, (1, 0, 2))),
    "state_not_carried": lambda x, h_0, *weights: torch.cat([paper_gru(x_t, h_0, *weights) for x_t in x.split(1)]),
    "no_candidate_tanh": _gru(squash=lambda rows: rows),
    "no_candidate_bias": _gru(lambda r, h, W, b: (r * h) @ W.T),
}
