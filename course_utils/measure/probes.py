"""What can be read from a network's states: letter by letter, and by a linear probe."""

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from course_utils.datasets.corpus import Batch
from course_utils.datasets.words import WordBatch
from course_utils.models.rnn import LoopedRNN, SequenceClassifier, Step


class WordReading(NamedTuple):
    """What a network computes after each of T letters: class probabilities `(T, C)` and hidden states `(T, H)`."""

    letters: list[str]
    probabilities: np.ndarray
    states: np.ndarray


def read_word(model: SequenceClassifier, text: str, alphabet, step: Step | None = None) -> WordReading:
    """Return the class probabilities and the hidden state after every letter of `text`.

    Args:
        model: a trained classifier of words.
        text: any word of 1 to 40 letters.
        alphabet: the `words.Alphabet` that the model was trained with.
        step: a function like `rnn.rnn_step` to use in place of torch's own (for a one-layer RNN).

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


VOWEL, VOWELS, COMMON = "vowel", "aeiouyæøœı", 0.02  # letters rarer than COMMON of all are left out


class Response(NamedTuple):
    """What moves a unit: `"vowel"`, a letter, or the index of a language, and the correlation of its state with it."""

    unit: int
    feature: str | int
    correlation: float


def unit_responses(
    model: SequenceClassifier, batch: WordBatch, letters: Sequence[str], count: int = 5
) -> list[Response]:
    """Return the units whose states go best with something that a reader knows, each with another thing.

    After every letter a state is compared with whether the letter is a vowel, and with which letter it is; after the
    last one, with the language of the word.

    Args:
        model: a trained classifier of words.
        batch: words that it was not trained on, on its device.
        letters: the alphabet's letters, in the order of their ids, from 1.
        count: how many units; fewer where there are fewer units or features.
    """
    with torch.no_grad():
        states = model.states(batch.x).cpu().numpy()
    lengths, ids = batch.lengths.numpy(), batch.x.cpu().numpy()
    inside, every = np.arange(len(ids))[:, None] < lengths, np.arange(len(lengths))
    read, languages = ids[inside], batch.y.cpu().numpy()
    common = [at for at in range(1, len(letters) + 1) if (read == at).mean() >= COMMON]
    vowels = [at for at, letter in enumerate(letters, start=1) if unicodedata.normalize("NFD", letter)[0] in VOWELS]
    spoken = np.unique(languages).tolist()
    tables = [
        (states[inside], np.stack([np.isin(read, vowels), *(read == at for at in common)])),
        (states[lengths - 1, every], np.stack([languages == at for at in spoken])),
    ]
    names = [VOWEL, *(letters[at - 1] for at in common), *spoken]
    correlations = np.concatenate([_correlations(*table) for table in tables])
    found, left = [], np.abs(correlations)
    for _ in range(min(count, *left.shape)):
        feature, unit = (int(at) for at in np.unravel_index(left.argmax(), left.shape))
        found.append(Response(unit, names[feature], float(correlations[feature, unit])))
        left[feature], left[:, unit] = -1, -1
    return found


def _correlations(states: np.ndarray, features: np.ndarray) -> np.ndarray:
    """Return the correlation of each feature `(F, N)` with each unit of `states (N, H)`, 0 where one is constant."""
    parts = [values - values.mean(axis=1, keepdims=True) for values in (features.astype(float), states.T.astype(float))]
    sizes = [np.maximum(np.linalg.norm(part, axis=1), 1e-12) for part in parts]
    return parts[0] @ parts[1].T / np.outer(*sizes)


def linear_probe(states: np.ndarray, labels: np.ndarray, *, classes: int) -> float:
    """Return the share of labels that a linear classifier, fitted to half of the states, reads from the others.

    The probe (Alain and Bengio 2016) is ridge regression to one-hot labels, whose closed form gives the same result
    everywhere. It is fitted to the first half of the rows.

    Args:
        states, labels: `(N, H)`, and `(N,)` integers in 0 … classes − 1.

    Raises:
        ValueError: lengths differ, or either part would be empty.
    """
    states, labels = np.asarray(states), np.asarray(labels)
    cut = len(states) // 2
    if len(states) != len(labels) or not 0 < cut < len(states):
        raise ValueError("a probe needs one label per state, and at least one row on each side of the cut")
    inputs = np.ones((len(states), states.shape[1] + 1))  # the only copy: a lesson probes 20 MB of states
    np.subtract(states, states[:cut].mean(axis=0, dtype=np.float64), out=inputs[:, :-1])
    gram = inputs[:cut].T @ inputs[:cut]
    penalty = 1e-3 * np.trace(gram) / len(gram) * np.eye(len(gram))  # relative to the mean square of the states
    weights = np.linalg.solve(gram + penalty, inputs[:cut].T @ np.eye(classes)[labels[:cut]])
    return float(((inputs[cut:] @ weights).argmax(axis=1) == labels[cut:]).mean())


class ContextProbe(NamedTuple):
    """The share of words read at each of the S positions of a sentence.

    `context`: from the state that the encoder hands to the decoder. `ceiling`: from the hidden state right after the
    word itself, the best that this probe can be expected to do. `frequent`: by always answering the word that is most
    frequent at the position.
    """

    context: list[float]
    ceiling: list[float]
    frequent: list[float]


def probe_context(model: nn.Module, batch: Batch) -> ContextProbe:
    """Return how well a linear probe reads each source word from the state that the encoder hands to the decoder.

    Args:
        model: a `Seq2Seq`.
        batch: sentences of one source length S; each probe is fitted to the first half and tested on the second.
    """
    with torch.no_grad():
        memory, *state = model.encoder.states(batch.source, batch.source_lengths)
    context = torch.cat([part.transpose(0, 1).flatten(1) for part in state], dim=1).cpu().numpy()
    words, classes = batch.source.cpu(), int(batch.source.max()) + 1
    return ContextProbe(
        [linear_probe(context, row.numpy(), classes=classes) for row in words],
        [linear_probe(at.cpu().numpy(), row.numpy(), classes=classes) for at, row in zip(memory, words, strict=True)],
        [row.bincount().max().item() / len(row) for row in words],
    )
