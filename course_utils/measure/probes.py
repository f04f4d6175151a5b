"""What can be read off a network's states: word by word, and by a linear probe."""

from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from course_utils.datasets.corpus import Batch
from course_utils.models.rnn import LoopedRNN, SequenceClassifier, Step


class WordReading(NamedTuple):
    """What a network thinks of a word after each of its T letters.

    `letters`: the T letters read; `probabilities (T, C)`, rows sum to 1; `states (T, H)`.
    """

    letters: list[str]
    probabilities: np.ndarray
    states: np.ndarray


def read_word(model: SequenceClassifier, text: str, alphabet, step: Step | None = None) -> WordReading:
    """Return the class probabilities and the hidden state after every letter of `text`.

    Args:
        model: a trained classifier of words.
        text: any word of 1 to 40 letters.
        alphabet: the `words.Alphabet` that the model was trained with.
        step: a function like `recurrent.rnn_step` to use in place of torch's own (for a one-layer RNN).

    Raises:
        ValueError: the alphabet cannot encode the text (the message is a sentence for the reader).
    """
    ids = alphabet.encode(text)
    with torch.no_grad():
        x = torch.tensor(ids, device="cpu").to(model.output.weight.device)[:, None]
        layer = model.rnn if step is None else LoopedRNN(model.rnn, step)
        states = layer(model.embedding(x))[0][:, 0]
        probabilities = model.output(states).softmax(dim=-1)
    letters = [alphabet.letters[index - 1] for index in ids]
    return WordReading(letters, probabilities.cpu().numpy(), states.cpu().numpy())


def linear_probe(
    states: np.ndarray, labels: np.ndarray, *, classes: int, train_share: float = 0.5, ridge: float = 1e-3
) -> float:
    """Return how often a linear classifier, fitted to half of the states, reads the label off the other half.

    Ridge regression to one-hot labels (a probe as in Alain and Bengio 2016): closed form, so the same everywhere.

    Args:
        states: `(N, H)`.
        labels: `(N,)` integers in 0 … classes − 1.
        classes: number of classes.
        train_share: share of the N rows, from the front, that the probe is fitted to.
        ridge: weight of the penalty, relative to the mean square of the states.

    Raises:
        ValueError: lengths differ, or either part would be empty.
    """
    states, labels = np.asarray(states, dtype=np.float64), np.asarray(labels)
    cut = int(len(states) * train_share)
    if len(states) != len(labels) or not 0 < cut < len(states):
        raise ValueError("a probe needs one label a state, and at least one row on each side of the cut")
    centred = states - states[:cut].mean(axis=0)
    inputs = np.concatenate([centred, np.ones((len(states), 1))], axis=1)
    gram = inputs[:cut].T @ inputs[:cut]
    penalty = ridge * np.trace(gram) / len(gram) * np.eye(len(gram))
    weights = np.linalg.solve(gram + penalty, inputs[:cut].T @ np.eye(classes)[labels[:cut]])
    return float(((inputs[cut:] @ weights).argmax(axis=1) == labels[cut:]).mean())


def probe_context(model: nn.Module, batch: Batch) -> tuple[list[float], list[float]]:
    """Return how well a linear probe reads each source word off all that a decoder without attention is given.

    Args:
        model: a `Seq2Seq`.
        batch: sentences of one source length S; the probe is fitted to the first half and tested on the other.

    Returns:
        The share read correctly at each position, S numbers; and that of always answering the word that is most
        frequent there.
    """
    with torch.no_grad():
        state = model.encoder(batch.source, batch.source_lengths)
    context = torch.cat([part.transpose(0, 1).flatten(1) for part in state], dim=1).cpu().numpy()
    words = batch.source.cpu()
    read = [linear_probe(context, row.numpy(), classes=int(words.max()) + 1) for row in words]
    return read, [row.bincount().max().item() / len(row) for row in words]
