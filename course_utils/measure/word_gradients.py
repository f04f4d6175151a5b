"""How a gradient travels from an output word to the source: through the recurrences, or past them by attention."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from course_utils.datasets.corpus import Batch
from course_utils.datasets.special_tokens import PAD
from course_utils.datasets.text import Pair
from course_utils.measure.alignment import gold_alignments
from course_utils.measure.translation import Translator
from course_utils.models.decoding import teacher_forced


def word_gradients(model: nn.Module, batch: Batch) -> np.ndarray:
    """Return how strongly each output word's logit depends on each source word, `(T, S, B)` float64.

    Entry t, s is the norm of the gradient of target word t's own logit with respect to source word s's
    embedding, the reference being forced. `T` counts the words and `<eos>`, `S` the source words; 0 on padding.

    Args:
        model: any model with `encode` and `decode` whose `encoder.embedding` embeds the source; left as it was.
        batch: pairs as ids on the model's device.
    """
    was_training, embedded = model.training, []
    model.eval()
    handle = model.encoder.embedding.register_forward_hook(lambda _, __, output: embedded.append(output))
    try:
        with torch.enable_grad(), torch.backends.cudnn.flags(enabled=False):  # cuDNN refuses a backward in eval mode
            logits, _ = teacher_forced(model, batch.source, batch.target, batch.source_lengths)
            logits = logits.gather(-1, batch.target[1:].unsqueeze(-1)).squeeze(-1)  # (T, B)
            logits = logits.masked_fill(batch.target[1:] == PAD, 0.0)
            # The sentences of a batch do not touch, so one backward pass per step serves them all.
            norms = [sum(torch.autograd.grad(row.sum(), embedded, retain_graph=True)).norm(dim=-1) for row in logits]
    finally:
        handle.remove()
        model.train(was_training)
    return torch.stack(norms).cpu().double().numpy()


def gradient_by_distance(
    translator: Translator, pairs: Sequence[Pair], edges: Sequence[int]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean gradient from an output word to the source word it translates, by their distance.

    The distance is the number of steps that the way through the recurrences takes: from source word s to the end
    of the source, then through the decoder to target word t: `(S − s) + t`, both counted from 0.

    Args:
        translator: with or without attention.
        pairs: sentence pairs with their gold alignment.
        edges: ends of the bins of distance, increasing; bin k holds `edges[k] <= distance < edges[k + 1]`.

    Returns:
        The geometric mean of the gradient's norm in each bin (NaN where it is empty), and the number of links in
        each, both `(len(edges) - 1,)`.

    Raises:
        Refusal: the text has no gold alignments.
    """
    gold_alignments(pairs)
    distances, norms = [], []
    for batch in translator.batches(pairs, 32):  # the graph of a batch is kept for all its steps
        gradients = word_gradients(translator.model, batch)
        for at, pair in enumerate(batch.pairs):
            for s, t in pair.alignment:
                distances.append(len(pair.source) - s + t)
                norms.append(gradients[t, s, at])
    place = np.digitize(distances, edges) - 1
    count = np.array([(place == k).sum() for k in range(len(edges) - 1)])
    logs = np.log(np.maximum(norms, np.finfo(float).tiny))
    return np.array([np.exp(logs[place == k].mean()) if n else np.nan for k, n in enumerate(count)]), count
