"""Edges for checks: inputs from a seed, with each size 1 in turn, in another dtype, layout and on another device."""

from collections.abc import Iterator

import torch
from torch import Tensor

from course_utils.exercises.outcomes import Case
from course_utils.messages import say


def draw(*shape: int, seed: int, scale: float = 0.8, device="cpu", dtype=torch.float64) -> Tensor:
    """Return normal numbers of this standard deviation, the same on every device."""
    generator = torch.Generator().manual_seed(seed)
    return (scale * torch.randn(shape, generator=generator, dtype=torch.float64, device="cpu")).to(device, dtype)


def draw_each(*shapes: tuple[int, ...], seed: int, **options) -> tuple[Tensor, ...]:
    """Return a tensor per shape, drawn from `seed`, `seed + 1`, …; options as in `draw`."""
    return tuple(draw(*shape, seed=seed + at, **options) for at, shape in enumerate(shapes))


def weights(gates: int, E: int, H: int, **options) -> tuple[Tensor, ...]:
    """Return `W_ih (gates·H, E)`, `W_hh (gates·H, H)`, `b_ih` and `b_hh (gates·H,)`, all different from zero."""
    return draw_each((gates * H, E), (gates * H, H), (gates * H,), (gates * H,), **options)


def sizes(device, seed: int, **usual: int) -> Iterator[tuple[str, list[int], dict]]:
    """Yield texts, sizes and options of `draw`: the usual sizes, then each in turn 1, then all larger in float32."""
    changes = [{}, *({name: 1} for name in usual), {name: size + 1 for name, size in usual.items()}]
    for at, change in enumerate(changes):
        dtype = torch.float32 if at == len(changes) - 1 else torch.float64
        text = ", ".join(f"{name} = {size}" for name, size in (usual | change).items())
        about = say("{sizes}, {dtype}", sizes=text, dtype=str(dtype).removeprefix("torch."))
        yield about, [*(usual | change).values()], {"seed": seed + 20 * at, "device": device, "dtype": dtype}


def derived(cases, device, meta: bool) -> Iterator[Case]:
    """Yield an exercise's cases, the first again in memory of another order, and with `meta` on that device."""
    first, *rest = cases(device)
    yield from (first, *rest)
    turned = tuple(_turned(arg) for arg in first.args)
    if any(isinstance(part, Tensor) and part.dim() > 1 for arg in turned for part in _parts(arg)):
        yield Case(say("{case}, the tensors not contiguous", case=first.about), turned)
    if meta:
        about, args, _ = next(cases(torch.device("meta")))
        about = say("{case}, on the device `meta` (in place of a GPU, without values)", case=about)
        yield Case(about, args, values=False)


def _parts(arg) -> list:
    return list(arg) if isinstance(arg, list | tuple) else [arg]


def _turned(arg):
    """Return equal tensors whose first two axes are exchanged in memory, as those of a transposed batch are."""
    if isinstance(arg, list | tuple):
        return type(arg)([_turned(item) for item in arg])
    if not isinstance(arg, Tensor) or arg.dim() < 2:
        return arg
    turned = arg.transpose(0, 1).contiguous().transpose(0, 1)
    return turned if not turned.is_contiguous() else arg.contiguous()
