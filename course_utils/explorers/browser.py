"""What a browser needs to answer for an explorer without Python: networks, vocabularies, templates of sentences.

An explorer that can be computed by `views/src/computers/NAME.js` hands its panel `Browser(NAME, …)`. Without a kernel
(the web site, exported slides) the browser then answers every control; with one, it answers at once in place of Python,
unless the explorer was given a function of a student's own.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from types import SimpleNamespace
from typing import NamedTuple
from weakref import WeakKeyDictionary

import ipywidgets as widgets
import numpy as np
import torch
import traitlets
from torch import Tensor, nn

from course_utils.datasets.special_tokens import SPECIAL
from course_utils.datasets.subwords import finds_course_words
from course_utils.measure.translation import Translator
from course_utils.messages import say, template
from course_utils.messages.browser import texts as browser_texts
from course_utils.messages.numbers import NUMBERS
from course_utils.messages.refusals import REFUSALS
from course_utils.models import attention
from course_utils.models.attention import AttentionDecoderLSTM, AttentionSeq2Seq, ResidualEncoderLSTM
from course_utils.models.decoding import evaluating
from course_utils.models.seq2seq import DecoderLSTM, EncoderLSTM, Seq2Seq
from course_utils.models.transformer import Transformer, TransformerDecoder, TransformerEncoder
from course_utils.views.pictures import TEXTS
from course_utils.views.widgets import Library

EXACT = 250_000  # numbers; the weights of a larger network are rounded to three bytes each
SCORES = {"dot": attention.dot, "scaled_dot": attention.scaled_dot, "uniform": attention.uniform}
TRAINED = {"general": attention.General, "scaled_general": attention.ScaledGeneral, "additive": attention.Additive}


class Network(widgets.Widget):
    """A network's numbers in the browser: sent, and stored in a page, once, however many explorers share them."""

    network = traitlets.Dict().tag(sync=True)


class Computer(widgets.Widget):
    """What `views/src/computer.js` reads of one explorer; `active` says that a browser answers in place of Python."""

    library = traitlets.Unicode().tag(sync=True)
    name = traitlets.Unicode().tag(sync=True)
    data = traitlets.Dict().tag(sync=True)
    texts = traitlets.Dict().tag(sync=True)
    networks = traitlets.Dict().tag(sync=True)
    controls = traitlets.Dict().tag(sync=True)
    choices = traitlets.Dict().tag(sync=True)
    views = traitlets.List().tag(sync=True)
    table = traitlets.Unicode().tag(sync=True)
    head = traitlets.Unicode().tag(sync=True)
    footer = traitlets.Unicode().tag(sync=True)
    frames = traitlets.List().tag(sync=True)
    buttons = traitlets.Dict().tag(sync=True)
    presses = traitlets.Dict().tag(sync=True)
    active = traitlets.Bool(False).tag(sync=True)


class Browser(NamedTuple):
    """How the browser computes for a panel.

    Attributes:
        name: of the file in `views/src/computers`.
        data: what its function gets, numbers and texts alone.
        sentence: the templates of the explorer's sentence.
        networks: name → a network from `classifier` or `translator`.
        own: whether a student's own function was given: then Python answers wherever there is a kernel.
    """

    name: str
    data: dict
    sentence: SimpleNamespace
    networks: Mapping[str, Network] = {}
    own: bool = False


def templates(table: SimpleNamespace) -> dict:
    """Return id → template of a table, in the chosen language."""
    return {id: template(text) for id, text in vars(table).items()}


def computer(
    browser: Browser, controls: Mapping[str, widgets.Widget], views: Iterable[widgets.Widget],
    frame: tuple[widgets.Widget, widgets.Widget], frames: Iterable[int], table: str = "",
    buttons: Mapping[str, tuple[widgets.Widget, dict]] = {},
) -> Computer:  # fmt: skip
    """Return the computer of a panel.

    Args:
        browser: what computes.
        controls: name of a setting → control.
        views, frames: in the order in which the function returns their changes; the step of each at first.
        frame: what shows the challenges, and what holds Reset.
        table: the model's id of the texts beside the views, if there are some.
        buttons: name → button and the settings that it puts.
    """
    texts = {"sentence": templates(browser.sentence), "numbers": templates(NUMBERS), "pictures": templates(TEXTS)}
    texts["refusals"] = {kind: templates(table) for kind, table in REFUSALS.items()}
    texts["working"] = browser_texts()["working"]
    texts["stopped"] = say("The computation stopped with {type}: {text}", type="{type}", text="{text}")
    menus = {name: control for name, control in controls.items() if control.has_trait("index")}
    return Computer(
        library=Library.of_this_kernel("computers.js").model_id, name=browser.name, data=browser.data, texts=texts,
        networks={name: network.model_id for name, network in browser.networks.items()},
        controls={name: control.model_id for name, control in controls.items()},
        choices={name: [value for _, value in menu._options_full] for name, menu in menus.items()},
        views=[view.model_id for view in views], head=frame[0].model_id, footer=frame[1].model_id,
        frames=list(frames), table=table,
        buttons={name: button.model_id for name, (button, _) in buttons.items()},
        presses={name: settings for name, (_, settings) in buttons.items()},
    )  # fmt: skip


def pack_weights(weights: Mapping[str, Tensor]) -> dict:
    """Return weights as little-endian bytes: float16 where that loses nothing, else float32.

    The lowest byte of each float32 is left out in large networks, which changes a weight by 2**-17 of it at most.
    """
    arrays = {name: weight.detach().cpu().float().numpy().astype("<f4") for name, weight in weights.items()}
    if all((array == array.astype("<f2")).all() for array in arrays.values()):
        return {name: _packed(array, "float16", array.astype("<f2")) for name, array in arrays.items()}
    if sum(array.size for array in arrays.values()) <= EXACT:
        return {name: _packed(array, "float32", array) for name, array in arrays.items()}
    return {name: _packed(array, "float24", _three_bytes(array)) for name, array in arrays.items()}


def _packed(array: np.ndarray, code: str, data: np.ndarray) -> dict:
    return {"shape": list(array.shape), "code": code, "data": data.tobytes()}


def _three_bytes(array: np.ndarray) -> np.ndarray:
    """Return the upper three bytes of each float32, rounded."""
    bits = np.ascontiguousarray(array).view("<u4").astype(np.uint64) + 0x80
    return bits.astype("<u4").view(np.uint8).reshape(-1, 4)[:, 1:].copy()


_networks: WeakKeyDictionary[nn.Module, tuple[tuple, Network]] = WeakKeyDictionary()


def _shared(model: nn.Module, make: Callable[[], dict], *extra) -> Network:
    """Return the network of a model; the same one as long as its weights are the same, whatever was tried between."""
    weights = hashlib.sha256()
    for weight in model.parameters():
        weights.update(weight.detach().cpu().contiguous().numpy())
    state = (weights.digest(), *map(id, extra))
    known = _networks.get(model)
    if known is None or known[0] != state or known[1].comm is None:
        known = _networks[model] = (state, Network(network=make()))
    return known[1]


def classifier(model: nn.Module) -> Network | None:
    """Return a `SequenceClassifier` of one RNN or LSTM layer for the browser; None where it cannot compute it."""
    layer = getattr(model, "rnn", None)
    cell = {nn.RNN: "rnn", nn.LSTM: "lstm"}.get(type(layer))
    plain = (
        type(getattr(model, "embedding", None)) is nn.Embedding and type(getattr(model, "output", None)) is nn.Linear
    )
    if cell is None or not plain or not _single(layer) or (cell == "rnn" and layer.nonlinearity != "tanh"):
        return None
    return _shared(model, lambda: {"cell": cell, "weights": pack_weights(model.state_dict())})


def _single(layer: nn.RNNBase) -> bool:
    return layer.num_layers == 1 and layer.bias and not layer.bidirectional and not layer.proj_size


def score_weights(score) -> tuple[str, Mapping[str, Tensor]] | None:
    """Return the id of a score function and its weights; None for one that the browser does not know."""
    for name, function in SCORES.items():
        if score is function:
            return name, {}
    for name, kind in TRAINED.items():
        if type(score) is kind:
            return name, score.state_dict()
    return None


def _of_translator(given: Translator, kind: dict) -> Network:
    """Return the network of a translator: what `kind` says of its model, both vocabularies, the weights."""
    model, words = given.model, (given.source_words, given.target_words)

    def make() -> dict:
        texts = [vocabulary.tokens[len(SPECIAL) :] for vocabulary in words]
        return {**kind, "words": texts, "weights": pack_weights(model.state_dict())}

    return _shared(model, make, *words)


def translator(given: Translator) -> Network | None:
    """Return a translator's model, with its vocabularies, for the browser; None where it cannot compute it."""
    # The browser cuts sentences into words alone.
    found = _twin(given.model) if all(map(finds_course_words, given.tokenisers)) else None
    if found is None:
        return None

    return _of_translator(given, found)


def transformer(given: Translator) -> Network | None:
    """Return a translator's `Transformer`, with its vocabularies, for the browser; None where it cannot compute it."""
    model = given.model
    try:
        layers, positions = model.encoder.layers, model.encoder.positions
        heads, norm_first = layers[0].self_attn.num_heads, layers[0].norm_first
        sizes = heads * layers[0].self_attn.head_dim, heads, len(layers)
        options = layers[0].linear1.out_features, 0.0, norm_first, positions.kind
        with torch.random.fork_rng(devices=[]):
            twin = Transformer(
                TransformerEncoder(model.encoder.embedding.num_embeddings, *sizes, *options),
                TransformerDecoder(model.decoder.embedding.num_embeddings, *sizes, *options),
            ).to(model.encoder.embedding.weight.device)
        twin.load_state_dict(model.state_dict())
        if not _agree(model, twin):
            return None
    except (RuntimeError, TypeError, ValueError, AttributeError, IndexError):
        return None
    kind = {"heads": heads, "layers": len(layers), "positions": positions.kind, "normFirst": norm_first}

    return _of_translator(given, kind)


def _twin(model: nn.Module) -> dict | None:
    """Return what kind of `Seq2Seq` a model is; None unless the course's own classes give the same numbers.

    So a class that a lesson defines again counts, and one that a student has changed does not.
    """
    encoder, decoder = getattr(model, "encoder", None), getattr(model, "decoder", None)
    layers = [getattr(part, "rnn", None) for part in (encoder, decoder)]
    if not all(type(layer) is nn.LSTM and _single(layer) for layer in layers):
        return None
    named = {name.__name__: name for name in SCORES.values()} | {kind.__name__: kind for kind in TRAINED.values()}
    score = getattr(decoder, "score", None)
    attends = score is not None
    given = named.get(getattr(score, "__name__", type(score).__name__)) if attends else None
    if attends and given is None:
        return None
    source, target = encoder.embedding, decoder.embedding
    sizes = [(part.num_embeddings, part.embedding_dim, layer.hidden_size, 1, 0.0)
             for part, layer in zip((source, target), layers, strict=True)]  # fmt: skip
    for residual in (False, True):
        if residual and source.embedding_dim != layers[0].hidden_size:
            continue
        try:
            twin = _built(sizes, residual, given, score).to(source.weight.device)
            twin.load_state_dict(model.state_dict())
            same = _agree(model, twin)
        except (RuntimeError, TypeError, ValueError, AttributeError):
            continue
        if same:
            name = next((id for id, kind in {**SCORES, **TRAINED}.items() if kind is given), None)
            return {"residual": residual, "attends": attends, "score": name}
    return None


def _built(sizes: list[tuple], residual: bool, kind, score) -> Seq2Seq:
    """Return an untrained model of the course's classes; `kind` of the score, `score` the one to be like."""
    with torch.random.fork_rng(devices=[]):
        encoder = (ResidualEncoderLSTM if residual else EncoderLSTM)(*sizes[0])
        if kind is None:
            return Seq2Seq(encoder, DecoderLSTM(*sizes[1], sizes[1][0]))
        widths = [weight.shape[1] for weight in score.parameters()] if isinstance(score, nn.Module) else []
        made = kind if kind in SCORES.values() else kind(sizes[1][2], sizes[0][2], *widths[2:])
        return AttentionSeq2Seq(encoder, AttentionDecoderLSTM(*sizes[1], sizes[1][0], made))


def _agree(model: nn.Module, twin: nn.Module) -> bool:
    """Return whether two models say the same of one sentence, at several steps that are given at once."""
    count = model.encoder.embedding.num_embeddings
    source = torch.arange(4, 10, device=model.encoder.embedding.weight.device).remainder(count).unsqueeze(1)
    outputs = []
    for network in (model, twin):
        with evaluating(network):
            state, memory = network.encode(source, torch.tensor([len(source)]))
            logits, _, weights = network.decode(torch.ones_like(source[:3]), state, memory)
            outputs.append([logits, *state, *([] if weights is None else [weights])])
    pairs = zip(*outputs, strict=True)
    return all(a.shape == b.shape and torch.allclose(a, b, atol=1e-5) for a, b in pairs)
