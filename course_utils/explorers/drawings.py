"""The drawings of the machines near the top of each lesson, made from a network's own numbers."""

from collections.abc import Callable, Sequence

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from course_utils.datasets.text import Pair
from course_utils.datasets.words import LANGUAGE_NAMES, Alphabet
from course_utils.measure.alignment import forced_weights
from course_utils.measure.bottleneck import read_bottleneck
from course_utils.measure.gates import read_held
from course_utils.measure.gradients import state_gradients
from course_utils.measure.interventions import Attend, intervened
from course_utils.measure.layer import read_layer
from course_utils.measure.probes import read_word
from course_utils.measure.translation import Translator
from course_utils.messages import say
from course_utils.messages.labels import label
from course_utils.models.attention import attend as taught_attend
from course_utils.models.rnn import LoopedRNN, SequenceClassifier, Step
from course_utils.views.drawings import MAX_UNITS
from course_utils.views.widgets import BottleneckView, CellView, LayerView, RecurrenceView, RibbonView


def _languages(translator: Translator) -> dict[str, str]:
    target, source = translator.target_language, translator.source_language
    return {"row_name": label("language", target), "column_name": label("language", source)}


def rnn_drawing(
    model: SequenceClassifier, alphabet: Alphabet, text: str, language: str, *, step: Step | None = None
) -> RecurrenceView:
    """Return the drawing of a recurrent network that reads a word, and of the gradient on its way back.

    Args:
        model, alphabet: a classifier of words over a one-layer RNN, trained or not, and what it reads with. Of a
            large state the first units are shown.
        text, language: a word of at most 16 letters; the language that the loss wants, such as `"Polish"`.
        step: a function like `rnn.rnn_step` in place of torch's, such as a student's own.

    Raises:
        ValueError: a text that cannot be read or is too long, or no such language.
    """
    if language not in LANGUAGE_NAMES:
        raise ValueError(f"the language is one of {', '.join(LANGUAGE_NAMES)}, not {language!r}")
    reading, device = read_word(model, text, alphabet, step), model.output.weight.device
    wanted = torch.tensor([LANGUAGE_NAMES.index(language)], device=device)
    x = model.embedding(torch.tensor(alphabet.encode(text), device=device)[:, None]).detach()
    layer = model.rnn if step is None else LoopedRNN(model.rnn, step)
    norms = state_gradients(layer, x, lambda last: cross_entropy(model.output(last), wanted, reduction="sum"))
    model.zero_grad()
    title = say("An RNN reads “{text}”", text=text)
    return RecurrenceView(reading.states[:, :MAX_UNITS], norms, reading.letters, title=title)


def cell_drawing(
    model: SequenceClassifier, text: str, alphabet: Alphabet | None = None, *, unit: int | None = None, **cell: Callable
) -> CellView:
    """Return the drawing of an LSTM's cell while the network reads a text, one unit at a time.

    Args:
        model, text, alphabet: as in `gates.read_held`; at most 16 steps.
        unit: which unit is shown first; None for the one that writes least after the first step.
        **cell: `gates` and `update`, as in `gates.trace`, such as a student's own.

    Raises:
        ValueError: the text cannot be read or is too long, or there is no such unit.
    """
    answer = read_held(model, text, alphabet, **cell)
    trace = answer.reading.trace
    unit = int(trace.input[1:].sum(axis=0).argmin()) if unit is None else unit
    return CellView(trace._asdict(), answer.steps, unit=unit, title=say("One unit of an LSTM"))


def bottleneck_drawing(translator: Translator, pair: Pair) -> BottleneckView:
    """Return the drawing of a sentence that is read into one state, and of what is written from it.

    Args:
        translator: its model is a `Seq2Seq` over LSTMs, without attention. Of a large state the first units are shown.
        pair: the sentence, at most 16 words. If the model writes exactly its translation, gold alignments number the
            words.

    Raises:
        ValueError: a sentence that is too long, on either side, or nothing written.
    """
    reading = read_bottleneck(translator, pair.source)
    known = pair.alignment if reading.target == list(pair.target) else ()
    return BottleneckView(
        reading.states[:, : 2 * MAX_UNITS], reading.dependence, rows=reading.target, columns=reading.source,
        links=[(target, source) for source, target in known], title=say("A sentence passes through one state"),
        **_languages(translator),
    )  # fmt: skip


def attention_drawing(translator: Translator, pair: Pair, *, attend: Attend = taught_attend) -> RibbonView:
    """Return the drawing of where a decoder looks while it writes the reference of a pair, word by word.

    Args:
        translator: its model has attention.
        pair: the sentence; its gold links, where there are any, are marked.
        attend: a function like `models.attention.attend` in its place, such as a student's own.

    Raises:
        ValueError: a model without attention.
    """
    with intervened(translator.model, attend):
        (weights,) = forced_weights(translator, [pair])
    return RibbonView(
        weights[:-1], rows=pair.target, columns=pair.source, title=say("Where the decoder looks at each word"),
        marked=[(target, source) for source, target in pair.alignment], marked_name=say("gold link"),
        **_languages(translator),
    )  # fmt: skip


def layer_drawing(
    translator: Translator, source: Sequence[str], *, layer: nn.Module | None = None, word: int = 0
) -> LayerView:
    """Return the drawing of the first layer of a Transformer's encoder, as a sentence's words go through it.

    Args:
        translator: its model is a `Transformer` that normalises first.
        source: the words of a sentence, at most 16.
        layer: a module like `models.transformer.TransformerEncoderLayer` in place of the model's own first layer, such
            as a student's with the same weights.
        word: the position of the word that is followed first.

    Raises:
        ValueError: as in `measure.layer.read_layer`, a sentence that is too long, or no such word.
    """
    reading = read_layer(translator, source, layer)
    title = say("A word on its way through one layer")
    return LayerView(reading.sizes, reading.streams, reading.weights, reading.words, chosen=word, title=title)
