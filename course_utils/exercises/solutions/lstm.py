"""Worked solutions of lesson 2."""

import torch


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
