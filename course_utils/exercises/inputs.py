"""Inputs for checks: drawn from a seed, the same on every device, never so large that something saturates."""

import torch
from torch import Tensor


def draw(*shape: int, seed: int, scale: float = 0.8, device="cpu", dtype=torch.float64) -> Tensor:
    """Return normal numbers of this standard deviation."""
    generator = torch.Generator().manual_seed(seed)
    return (scale * torch.randn(*shape, generator=generator, dtype=torch.float64, device="cpu")).to(device, dtype)


def draw_each(*shapes: tuple[int, ...], seed: int, **options) -> tuple[Tensor, ...]:
    """Return a tensor per shape, drawn from `seed`, `seed + 1`, …; options as in `draw`."""
    return tuple(draw(*shape, seed=seed + at, **options) for at, shape in enumerate(shapes))


def weights(gates: int, E: int, H: int, **options) -> tuple[Tensor, ...]:
    """Return `W_ih (gates·H, E)`, `W_hh (gates·H, H)`, `b_ih` and `b_hh (gates·H,)`, all different from zero."""
    return draw_each((gates * H, E), (gates * H, H), (gates * H,), (gates * H,), **options)
