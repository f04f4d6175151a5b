"""What a translation does when its attention is interfered with.

An intervention is a function like `models.attention.attend`: `(query, memory, mask, score)` → context and weights. It
shows how the *model* uses its attention; whether weights explain a prediction to a reader is another question (Jain and
Wallace 2019; Wiegreffe and Pinter 2019).
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager

import torch
from torch import Tensor, nn

from course_utils.models import attention
from course_utils.models.attention import attend
from course_utils.models.transformer import POSITIONS, MultiheadAttention

Attend = Callable[..., tuple[Tensor, Tensor]]


def word_order(mask: Tensor, seed: int = 0) -> Tensor:
    """Return another order of each sentence's words, `(S, B)` int64; padding stays where it is.

    The same `mask` (`(S, B)` bool, True on words, padding last) and seed give the same order, so that every step of a
    decoder sees one order.
    """
    noise = torch.rand(mask.shape, generator=torch.Generator().manual_seed(seed), device="cpu").to(mask.device)
    return noise.masked_fill(~mask, 2.0).argsort(dim=0, stable=True)


def _reordered(memory: Tensor, order: Tensor) -> Tensor:
    return memory.take_along_dim(order.unsqueeze(-1), dim=0)


def permuted_together(query, memory, mask, score):
    """Attend over the words in another order, keys and values alike; the weights come back in the old order."""
    order = word_order(mask)
    context, weights = attend(query, _reordered(memory, order), mask, score)
    back = order.argsort(dim=0).T.unsqueeze(0)  # (1, B, S)
    return context, weights.take_along_dim(back, dim=-1)


def values_permuted(query, memory, mask, score):
    """Attend with the keys in place, and every value moved to another word's key."""
    return attend(query, memory, mask, score, _reordered(memory, word_order(mask)))


def uniform(query, memory, mask, score):
    """Give every word of the source the same weight."""
    return attend(query, memory, mask, attention.uniform)


def other_memory(query, memory, mask, score):
    """Attend over the memory of the next sentence of the batch, the last one over the first's."""
    return attend(query, memory.roll(-1, dims=1), mask.roll(-1, dims=1), score)


def borrowed(lent: Tensor, lent_mask: Tensor) -> Attend:
    """Return an intervention that attends over one other sentence's memory, cut or padded to the source's length.

    `other_memory` is for a batch of sentences; here every column gets the same memory, as the beams of a search must.

    `lent` is the other sentence's memory, `(S', 1, H)`, and `lent_mask` True on its words, `(S', 1)` bool.
    """

    def attend_borrowed(query, memory, mask, score):
        length, batch = mask.shape
        missing = max(length - len(lent), 0)
        other = nn.functional.pad(lent[:length], (0, 0, 0, 0, 0, missing)).expand(-1, batch, -1)
        other_mask = nn.functional.pad(lent_mask[:length], (0, 0, 0, missing)).expand(-1, batch)
        return attend(query, other, other_mask, score)

    return attend_borrowed


def as_one(intervention: Attend) -> Attend:
    """Return an intervention for columns that all hold one sentence, such as the beams of a search.

    What an intervention does to a sentence may depend on its column, as `word_order` does. A beam changes its column
    from step to step, and its memory must not: here all columns are steps of the first.
    """

    def attend_as_one(query, memory, mask, score):
        steps, batch = query.shape[:2]
        context, weights = intervention(query.reshape(steps * batch, 1, -1), memory[:, :1], mask[:, :1], score)
        return context.reshape(steps, batch, -1), weights.reshape(steps, batch, -1)

    return attend_as_one


def strongest_hidden(query, memory, mask, score):
    """Attend without the word that has the largest weight; a sentence of one word keeps it."""
    _, weights = attend(query, memory, mask, score)  # (T, B, S)
    strongest = weights.argmax(dim=-1, keepdim=True)
    lone = mask.sum(dim=0).eq(1).view(1, -1, 1)
    hidden = torch.zeros_like(weights, dtype=torch.bool).scatter(-1, strongest, True) & ~lone

    def without_it(query, key):
        return score(query, key).masked_fill(hidden.transpose(0, 1), -torch.inf)

    return attend(query, memory, mask, without_it)


INTERVENTIONS: dict[str, Attend] = {
    "as_trained": attend,
    "permuted_together": permuted_together,
    "values_permuted": values_permuted,
    "uniform": uniform,
    "other_memory": other_memory,
    "strongest_hidden": strongest_hidden,
}


def tempered(intervention: Attend, temperature: float) -> Attend:
    """Return an intervention with its scores divided by a positive `temperature`: below 1 sharper, above 1 flatter."""
    if not temperature > 0:
        raise ValueError(f"the temperature must be positive, not {temperature}")

    def attend_tempered(query, memory, mask, score):
        return intervention(query, memory, mask, lambda query, key: score(query, key) / temperature)

    return attend_tempered


@contextmanager
def intervened(model: nn.Module, intervention: Attend) -> Iterator[nn.Module]:
    """Let a model attend by `intervention` inside a `with` block, and as before after it.

    All modules that attend by an attribute `attend` are changed.

    Raises:
        ValueError: the model has no such module.
    """
    attending = [module for module in model.modules() if callable(getattr(module, "attend", None))]
    if not attending:
        raise ValueError("expected a model with attention: none of its modules has an attribute `attend`")
    with ExitStack() as stack:
        for module in attending:
            stack.callback(setattr, module, "attend", module.attend)
            module.attend = intervention
        yield model


def attentions(model: nn.Module, kind: str = "cross") -> list[MultiheadAttention]:
    """Return a model's multi-head attentions of one kind, one per layer.

    Args:
        model: a `Transformer`, or a `DecoderOnly`, which has the kind `"decoder"` alone.
        kind: `"cross"` (decoder to source), `"decoder"` or `"encoder"` (each to itself).

    Raises:
        ValueError: the model has none of this kind.
    """
    part = getattr(model, "encoder", None) if kind == "encoder" else getattr(model, "decoder", model)
    name = {"cross": "multihead_attn", "decoder": "self_attn", "encoder": "self_attn"}.get(kind, "")
    layers = [getattr(layer, name, None) for layer in getattr(part, "layers", [])]
    if not layers or None in layers:
        raise ValueError(f"this model has no multi-head attention of kind {kind!r}")
    return layers


@contextmanager
def silenced(model: nn.Module, heads: Iterable[tuple[int, int]], kind: str = "cross") -> Iterator[nn.Module]:
    """Let heads add nothing to the residual stream inside a `with` block (Michel et al. 2019, section 2.3).

    Their columns of the output projection are zero there, and as before after it. Weights are computed all the same.

    Args:
        model, kind: as in `attentions`.
        heads: (layer, head), both from 0.

    Raises:
        ValueError: as in `attentions`, or a head that is not there.
    """
    layers, heads = attentions(model, kind), set(heads)
    if missing := {(k, n) for k, n in heads if not (0 <= k < len(layers) and 0 <= n < layers[k].num_heads)}:
        raise ValueError(f"there is no head {sorted(missing)[0]}: (layer, head) are counted from 0")
    before = [layer.out_proj.weight.detach().clone() for layer in layers]
    try:
        with torch.no_grad():
            for at, head in heads:
                width = layers[at].head_dim
                layers[at].out_proj.weight[:, head * width : (head + 1) * width] = 0.0
        yield model
    finally:
        with torch.no_grad():
            for layer, weight in zip(layers, before, strict=True):
                layer.out_proj.weight.copy_(weight)


@contextmanager
def without_positions(model: nn.Module) -> Iterator[nn.Module]:
    """Let a Transformer's encoder read without positions inside a `with` block, and as before after it.

    Raises:
        ValueError: the model's encoder knows no positions of the kinds of `transformer.Positions`.
    """
    positions = getattr(getattr(model, "encoder", None), "positions", None)
    if getattr(positions, "kind", None) not in POSITIONS:
        raise ValueError(f"expected a model whose encoder has positions, not {type(model).__name__}")
    kind = positions.kind
    try:
        positions.kind = "none"
        yield model
    finally:
        positions.kind = kind
