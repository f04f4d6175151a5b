"""How gradients travel back through time, and from an output word to the source."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from course_utils.models.lstm import set_forget_bias
from course_utils.models.rnn import Step, recurrent_layer, rnn_step, rnn_weights

ACTIVATIONS = {"tanh": torch.tanh, "relu": torch.relu, "identity": lambda values: values}


def state_gradients(layer: nn.Module, x: Tensor, loss) -> np.ndarray:
    """Return the norm of the gradient of a loss with respect to the state after every step, `(T,)` float64.

    The layer runs one step at a time; its parameters' gradients stay in place. For an LSTM the norm is over both
    parts of its state, h_t and c_t, and each counts only what passes through it to later steps (and, for the last
    h_t, to the loss).

    Args:
        layer: a one-layer `nn.RNN`, `nn.LSTM` or `nn.GRU`, or a `LoopedRNN`.
        x: inputs `(T, B, E)`; the norm is the mean over the B sequences.
        loss: a function from the last output `(B, H)` to a scalar that sums over the sequences.
    """
    was_training = layer.training
    layer.train()  # cuDNN can only run backward through a recurrent layer in training mode
    layer.zero_grad()
    _, norms = _run_back(_one_step(layer), x, loss)
    layer.train(was_training)
    return norms


def _one_step(layer: nn.Module) -> Callable:
    """Return `advance(x_t, state) -> state`, which runs a recurrent layer for one step."""
    return lambda x_t, state: layer(x_t[None], state)[1]


def _run_back(advance: Callable, x: Tensor, loss) -> tuple[list[tuple[Tensor, ...]], np.ndarray]:
    """Run one step at a time, then a loss backward; return T states, each a tuple, and their gradients' norms `(T,)`.

    In `advance(x_t, state) -> state` the first state is None; a state is one tensor `(…, H)` or a tuple of parts.
    """
    state, states = None, []
    for x_t in x:
        state = advance(x_t, state)
        parts = state if isinstance(state, tuple) else (state,)
        for part in parts:
            part.retain_grad()
        states.append(parts)
    # The loss reads the state itself, so that its gradient reaches the last h_t as well.
    loss(states[-1][0].flatten(0, -2)).backward()
    gradients = [[torch.zeros_like(p) if p.grad is None else p.grad for p in parts] for parts in states]
    gradients = torch.stack([torch.cat(parts, dim=-1).flatten(0, -2) for parts in gradients])  # (T, B, H or 2H)
    return states, gradients.cpu().double().norm(dim=-1).mean(dim=-1).numpy()


def step_jacobians(states: Tensor, x: Tensor, weights: tuple[Tensor, ...], activation, step=rnn_step) -> Tensor:
    """Return ∂h_t/∂h_{t-1} for every step, `(T, H, H)`, for one sequence.

    Args:
        states, x: the state before each step, h_0 … h_{T-1}, `(T, H)`, and inputs `(T, E)`.
        weights, activation: `W_ih, W_hh, b_ih, b_hh`, and an elementwise function.
        step: a function like `rnn.rnn_step`.
    """
    # Not by torch.func, which imports torch's compiler (`uncompiled` tells why not): a copy of the steps for each unit,
    # all of them in one batch, and the gradient of that unit in its copy.
    steps, size = states.shape
    with torch.enable_grad():
        copies = states.detach().repeat(size, 1).requires_grad_()
        after = step(x.repeat(size, 1), copies, *weights, activation).unflatten(0, (size, steps))
        chosen = after.diagonal(dim1=0, dim2=2).sum() + 0 * copies.sum()  # a step may leave the state unread
        (rows,) = torch.autograd.grad(chosen, copies)
    return rows.unflatten(0, (size, steps)).transpose(0, 1)


def bounds(
    states: Tensor, x: Tensor, weights: tuple[Tensor, ...], activation, step=rnn_step, elements: int = 2**18
) -> tuple[Tensor, Tensor]:
    """Return two upper bounds of ‖∂h_T/∂h_t‖ for t = 1 … T, `(T,)` each, from the same step Jacobians.

    The first is the product of the largest singular values of the steps after t (Hochreiter 1991; Pascanu et al. 2013,
    eq. 7), the tighter one the largest singular value of their product. The steps are taken in chunks of about
    `elements` numbers, so that memory does not grow with T; other arguments as in `step_jacobians`.
    """
    product = torch.eye(states.shape[-1], dtype=states.dtype, device=states.device)  # ∂h_T/∂h_t
    bound = tight_bound = product.new_ones(1)
    chunk = max(2, elements // product.numel())
    for end in range(len(states), 0, -chunk):
        steps = slice(max(end - chunk, 0), end)
        jacobians = step_jacobians(states[steps], x[steps], weights, activation, step)
        norms = torch.cat([torch.linalg.svdvals(jacobians)[:, 0], bound[:1]])
        bound = torch.cat([norms.flip(0).cumprod(0).flip(0), bound[1:]])
        products = [product := product @ jacobian for jacobian in jacobians.flip(0)]
        tight_bound = torch.cat([torch.linalg.svdvals(torch.stack(products[::-1]))[:, 0], tight_bound])
    return bound[1:], tight_bound[1:]  # without h_0


class GradientFlow(NamedTuple):
    """How a gradient travels back from the last of T steps.

    Attributes:
        norms: ‖∂L/∂h_t‖ for t = 1 … T, `(T,)`.
        bound, tight_bound: ‖∂L/∂h_T‖ times those of `bounds`, `(T,)`; None for an LSTM or a GRU. Neither is
            ever below the norm.
        parameter_norm, clipped_norm: norm of the parameters' whole gradient, before and after clipping.
    """

    norms: np.ndarray
    bound: np.ndarray | None
    tight_bound: np.ndarray | None
    parameter_norm: float
    clipped_norm: float


def random_layer(
    cell: str, hidden_size: int, radius: float = 1.0, seed: int = 0, forget_bias: float | None = None
) -> nn.Module:
    """Return an untrained recurrent layer in double precision, inputs as wide as its state.

    An RNN's recurrent matrix has normal entries, scaled to the spectral radius asked for (the largest absolute
    eigenvalue); its biases are zero. Other cells start as torch starts them, apart from the LSTM's `forget_bias`.
    """
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)  # torch.manual_seed would take a millisecond to reach GPUs
        layer = recurrent_layer(cell, hidden_size, hidden_size, device="cpu", dtype=torch.float64)
        if cell == "rnn":
            matrix = torch.randn(hidden_size, hidden_size, device="cpu", dtype=torch.float64)
            with torch.no_grad():
                layer.weight_hh_l0.copy_(matrix * (radius / torch.linalg.eigvals(matrix).abs().max()))
                layer.bias_ih_l0.zero_()
                layer.bias_hh_l0.zero_()
    if forget_bias is not None:
        set_forget_bias(layer, forget_bias)
    return layer


def _check_settings(length: int, cell: str, radius: float, activation: str, forget_bias: float | None) -> None:
    if not 2 <= length <= 500:
        raise ValueError(f"the length must be between 2 and 500 steps, not {length}")
    if not 0 < radius <= 3:
        raise ValueError(f"the spectral radius must be above 0 and at most 3, not {radius}")
    if activation not in ACTIVATIONS:
        raise ValueError(f"the activation is one of {', '.join(ACTIVATIONS)}, not {activation!r}")
    if forget_bias is not None and cell != "lstm":
        raise ValueError(f"only an LSTM has a forget bias, not the cell {cell!r}")


def gradient_flow(
    *,
    length: int = 40,
    cell: str = "rnn",
    radius: float = 1.0,
    activation: str = "tanh",
    hidden_size: int = 16,
    clip: float = 1.0,
    forget_bias: float | None = None,
    seed: int = 0,
    step: Step | None = None,
) -> GradientFlow:
    """Return how the gradient of a loss at the last step reaches every earlier step of an untrained network.

    The loss is the last state's component along a fixed random direction of length 1, so ‖∂L/∂h_T‖ = 1. Inputs are
    normal noise of standard deviation 0.3. Everything is in double precision, on the CPU, and depends on `seed` only.

    Args:
        length: steps T, 2 to 500.
        cell, hidden_size: `"rnn"`, `"gru"` or `"lstm"`, and its units H.
        radius: spectral radius of an RNN's recurrent matrix, above 0 and at most 3.
        activation: of an RNN: `"tanh"`, `"relu"` or `"identity"`.
        clip: largest norm of the parameters' gradient after clipping.
        forget_bias: the LSTM's forget bias; None leaves torch's own start, about 0.
        seed: of the weights, the inputs and the direction.
        step: a function like `rnn.rnn_step` in its place.

    Raises:
        ValueError: an argument is out of the ranges above.
    """
    _check_settings(length, cell, radius, activation, forget_bias)
    layer = random_layer(cell, hidden_size, radius, seed, forget_bias)
    step, function = step or rnn_step, ACTIVATIONS[activation]
    generator = torch.Generator().manual_seed(seed + 1)
    x = 0.3 * torch.randn(length, 1, hidden_size, generator=generator, dtype=torch.float64, device="cpu")
    direction = torch.randn(hidden_size, generator=generator, dtype=torch.float64, device="cpu")
    direction = nn.functional.normalize(direction, dim=0)
    h_0, weights = x.new_zeros(1, hidden_size), rnn_weights(layer) if cell == "rnn" else ()

    def bare_step(x_t, state):  # without what a layer brings around its step, which would double the time
        return step(x_t, h_0 if state is None else state, *weights, function)

    advance, bound, tight_bound = bare_step if cell == "rnn" else _one_step(layer), None, None
    states, norms = _run_back(advance, x, lambda last: (last @ direction).sum())
    if cell == "rnn":
        before = torch.cat([h_0, *(h_t.detach() for (h_t,) in states[:-1])])
        factors = bounds(before, x[:, 0], tuple(w.detach() for w in weights), function, step)
        bound, tight_bound = (norms[-1] * factor.numpy() for factor in factors)
    parameter_norm = nn.utils.clip_grad_norm_(layer.parameters(), clip).item()
    gradients = [weight.grad for weight in layer.parameters() if weight.grad is not None]
    return GradientFlow(norms, bound, tight_bound, parameter_norm, nn.utils.get_total_norm(gradients).item())
