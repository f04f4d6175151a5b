"""What passes from one sentence to the other through a single state, word by word."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch

from course_utils.datasets.special_tokens import EOS, SOS
from course_utils.measure.translation import Translator
from course_utils.models.decoding import evaluating


class BottleneckReading(NamedTuple):
    """A sentence read into one state and written from it.

    `source` and `target` are S and T words; `states (S + T, H)` holds the top layer's hidden state after each word
    read, and then after each word written; `dependence (S, S)` has a row for each word read: how much the state after
    it depends on each word so far, as a share of the one it depends on most; 0 for words to come.
    """

    source: list[str]
    target: list[str]
    states: np.ndarray
    dependence: np.ndarray


def read_bottleneck(translator: Translator, source: Sequence[str], *, max_length: int = 50) -> BottleneckReading:
    """Return what an encoder-decoder's state holds while a sentence is read, and while greedy search writes.

    Dependence is measured by the gradient: the Frobenius norm of the state's derivative with respect to a word's
    embedding.

    Args:
        translator: its model is a `Seq2Seq` over LSTMs, without attention.
        source: the words; those never seen are read as `<unk>`.
        max_length: most words to write.

    Raises:
        ValueError: no words.
    """
    model, written, states = translator.model, [], []
    (batch,) = translator.read([source])
    embedded = []
    handle = model.encoder.embedding.register_forward_hook(lambda _, __, output: embedded.append(output))
    try:  # cuDNN refuses a backward in evaluation mode
        with evaluating(model), torch.enable_grad(), torch.backends.cudnn.flags(enabled=False):
            # A copy of the sentence for each of H units of a state, as in `gradients.step_jacobians`.
            copies = batch.source.expand(-1, model.encoder.rnn.hidden_size)
            memory, hidden, cell = model.encoder.states(copies, batch.source_lengths.expand(copies.shape[1]))
            rows = [torch.autograd.grad(state.trace(), embedded, retain_graph=True)[0] for state in memory]  # (S, H, E)
    finally:
        handle.remove()
    memory, hidden, cell = (part[:, :1].detach() for part in (memory, hidden, cell))
    norms = torch.stack([row.cpu().double().square().sum(dim=(1, 2)).sqrt() for row in rows]).tril()  # (S, S)
    with evaluating(model):
        state, x = (hidden, cell), batch.source.new_full((1,), SOS)
        while len(written) < max_length:
            logits, state, _ = model.decode(x, state, ())
            x = logits.argmax(dim=-1)
            if x.item() == EOS:
                break
            written.append(x.item())
            states.append(state[0][-1, 0])
    target = [translator.target_words.tokens[index] for index in written]
    every = torch.cat([memory[:, 0], *(state[None] for state in states)]).cpu().double().numpy()
    most = norms.max(dim=1, keepdim=True).values.clamp_min(torch.finfo(norms.dtype).tiny)
    return BottleneckReading(list(source), target, every, (norms / most).detach().cpu().numpy())
