"""What one layer of a Transformer adds to the stream of every word, and where its heads look."""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from course_utils.measure.translation import Translator
from course_utils.models.decoding import evaluating

PARTS = ("norm1", "self_attn", "norm2", "linear2")


class LayerReading(NamedTuple):
    """One sentence on its way through one layer.

    `sizes (6, T)` are lengths of vectors, one row per step: the word's, the position's, what is read after the first
    norm, what all heads together add, what is read after the second norm, and what the feed-forward network adds;
    `streams (4, T)`: the stream after the word, the position, the heads and the network. `weights (N, T, T)`: each
    head's, of each word (row) on each.
    """

    words: list[str]
    sizes: np.ndarray
    streams: np.ndarray
    weights: np.ndarray


def read_layer(translator: Translator, words: Sequence[str], layer: nn.Module | None = None) -> LayerReading:
    """Return what the first layer of a translator's encoder does with a sentence.

    Args:
        translator: its model is a `Transformer` that normalises first.
        words: of the source; at least one.
        layer: a module like `TransformerEncoderLayer` in place of the model's own first layer, such as a student's,
            with `norm1`, `self_attn`, `norm2` and `linear2`; it is called as `layer(x, mask, positions)`,
            with None in the last place unless positions are rotary.

    Raises:
        ValueError: a model or a layer of another kind, or no words.
    """
    encoder = getattr(translator.model, "encoder", None)
    layers = getattr(encoder, "layers", None)
    if not isinstance(layers, nn.ModuleList) or not len(words):
        raise ValueError("expected a translator with a Transformer's encoder, and at least one word")
    layer = layers[0] if layer is None else layer
    if missing := [name for name in PARTS if not isinstance(getattr(layer, name, None), nn.Module)]:
        raise ValueError(f"expected a layer with {', '.join(PARTS)}: it has no {missing[0]}")
    if not getattr(layer, "norm_first", False):
        raise ValueError("expected a layer that normalises what its sublayers read (norm_first=True)")
    device, found = encoder.embedding.weight.device, {}

    def keep(name: str):
        def hook(module, inputs, output):
            found[name] = output

        return hook

    ids = torch.tensor(translator.source_words.encode(words), device=device)[:, None]
    with evaluating(translator.model), evaluating(layer), torch.no_grad(), ExitStack() as hooks:
        for name in PARTS:
            hooks.callback(getattr(layer, name).register_forward_hook(keep(name)).remove)
        word = encoder.embedding(ids)
        positions = torch.arange(len(ids), device=device)[:, None]
        start = encoder.positions(word, positions, len(ids))
        turned = positions if encoder.positions.kind == "rotary" else None
        after = layer(start, torch.ones(1, 1, len(ids), dtype=torch.bool, device=device), turned)[0]
    attended, weights = found["self_attn"][:2]
    middle = start + attended

    def sizes(*vectors) -> np.ndarray:
        return np.stack([vector[:, 0].norm(dim=-1).cpu().double().numpy() for vector in vectors])

    added = sizes(word, start - word, found["norm1"], attended, found["norm2"], found["linear2"])
    looked = weights[:, 0].transpose(0, 1).cpu().double().numpy()
    return LayerReading(list(words), added, sizes(word, start, middle, after), looked)
