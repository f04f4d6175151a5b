"""A translator of one's own text: a recipe from the size of the text, training that resumes, a saved folder.

data = Translations.read("own.tsv", subwords=4000)
recipe = recipe_for(data)  # or recipe_for(data, "transformer")
translator, history = train(data, recipe, checkpoint="run.safetensors")
save(translator, recipe, "my_translator")
"""

import json
import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import nn

from course_utils.datasets.corpus import WINDOW, Translations, Vocabulary
from course_utils.datasets.special_tokens import SPECIAL
from course_utils.datasets.subwords import Subwords, Words
from course_utils.datasets.text import normalise
from course_utils.files import write_whole
from course_utils.measure.translation import Translator, batch_loss, valid_score
from course_utils.models import training
from course_utils.models.attention import (
    AttentionDecoderLSTM,
    AttentionSeq2Seq,
    ResidualEncoderLSTM,
    TiedAttentionDecoderLSTM,
)
from course_utils.models.transformer import Transformer, TransformerDecoder, TransformerEncoder

FORMAT, SETTINGS, WEIGHTS = "course-translator-2", "settings.json", "weights.safetensors"
MODELS = ("attention", "transformer")  # an LSTM with attention (lesson 4), a Transformer (lesson 5)
HEADS, FEED_FORWARD = 4, 2  # of a Transformer: heads, and the feed-forward network's width in units of its own
MOST_TOKENS, TEXTS_AT_ONCE = 500, 128  # most tokens of one text; texts of similar length translated together
# What reading a damaged folder raises; a JSON or Unicode error is a ValueError.
DAMAGE = (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError)


class Recipe(NamedTuple):
    """How a translator is built and trained; `recipe_for` chooses one from the size of a text.

    `hidden_size` units, which is the width of embeddings too; `dropout` on both embeddings, and inside a Transformer's
    layers; `epochs` at most, with `patience` passes without a better validation loss; Adam's `learning_rate`, which
    rises over `warm_up` steps and falls along a cosine, or stays until `cooldown`, a share of the steps at the end, and
    falls in a straight line; `model`, one of `MODELS`, of `num_layers` per side;
    `label_smoothing` as in `translation.sequence_loss`; `tied`, whether the decoder of an LSTM is a
    `TiedAttentionDecoderLSTM`; `window`, how many batches are sorted by length together.
    """

    hidden_size: int = 256
    dropout: float = 0.3
    epochs: int = 4
    patience: int = 2
    batch_size: int = 128
    learning_rate: float = 3e-3
    seed: int = 0
    model: str = "attention"
    num_layers: int = 1
    warm_up: int = 0
    label_smoothing: float = 0.0
    cooldown: float = 0.0
    tied: bool = False
    window: int = WINDOW


class _AnotherFormat(Exception):
    """A folder whose settings tell another format."""


class _Saved(NamedTuple):
    """What a `Translator` takes from the text that it was trained on."""

    source_words: Vocabulary
    target_words: Vocabulary
    source_language: str
    target_language: str
    tokenisers: tuple


def recipe_for(data: Translations, model: str = "attention") -> Recipe:
    """Return a recipe for the size of a text: fewer sentences take a smaller model, more dropout, and more passes.

    Passes are chosen so that the model sees about 120,000 sentences (230,000 from 15,000 pairs on), within 4 to 40.
    A large text takes smoothed labels, and an LSTM's weights are tied: `data/README.md` tells what each was worth on
    Multi30k, and what tied weights cost on a small text.

    Args:
        data: the text.
        model: one of `MODELS`.

    Raises:
        ValueError: no such model.
    """
    if model not in MODELS:
        raise ValueError(f"there is no model {model!r}; choose one of: {', '.join(MODELS)}")
    count = len(data.train)
    epochs = min(max(round((120_000 if count < 15_000 else 230_000) / count), 4), 40)
    if count < 5_000:
        recipe = Recipe(hidden_size=128, dropout=0.4, epochs=epochs, patience=4, batch_size=32)
    elif count < 15_000:
        recipe = Recipe(hidden_size=160, epochs=epochs, batch_size=64)
    else:
        recipe = Recipe(hidden_size=256, epochs=epochs, cooldown=0.2, label_smoothing=0.1, window=1000,
                        tied=model == "attention")  # fmt: skip
    if model == "transformer":
        steps = epochs * -(-count // recipe.batch_size)
        layers, rate = (2, 2e-3) if count < 15_000 else (3, 1e-3)
        recipe = recipe._replace(model=model, num_layers=layers, learning_rate=rate, warm_up=min(400, steps // 10))
        recipe = recipe._replace(dropout=0.3 if count < 5_000 else 0.1, cooldown=0.0)
    return recipe


def build(recipe: Recipe, source_size: int, target_size: int) -> nn.Module:
    """Return the untrained model of a recipe for vocabularies of these sizes, special tokens included."""
    torch.manual_seed(recipe.seed)
    if recipe.model == "transformer":
        size = recipe.hidden_size
        sizes = size, HEADS, recipe.num_layers, FEED_FORWARD * size, recipe.dropout
        return Transformer(TransformerEncoder(source_size, *sizes), TransformerDecoder(target_size, *sizes))
    sizes = recipe.hidden_size, recipe.hidden_size, recipe.num_layers, recipe.dropout
    encoder = ResidualEncoderLSTM(source_size, *sizes)
    decoder = TiedAttentionDecoderLSTM if recipe.tied else AttentionDecoderLSTM
    return AttentionSeq2Seq(encoder, decoder(target_size, *sizes, target_size))


def train(
    data: Translations, recipe: Recipe, checkpoint: str | Path | None = None
) -> tuple[Translator, training.History]:
    """Train a translator, and return it with the weights of the lowest loss on the split `valid`.

    It takes as many threads as torch is set to. Lessons set one (`runtime.setup` tells why); for a longer training on a
    machine of your own, call `torch.set_num_threads(2)` first.

    Args:
        data: the text.
        recipe: how.
        checkpoint: a file to go on from after an interrupt or a restart, as in `training.fit`.
    """
    model = build(recipe, len(data.source_words), len(data.target_words)).to(data.device)
    epoch = data.batches(seed=recipe.seed, batch_size=recipe.batch_size, window=recipe.window)
    steps = recipe.epochs * -(-len(data.train) // recipe.batch_size)
    history = training.fit(
        model, epoch, partial(batch_loss, label_smoothing=recipe.label_smoothing), epochs=recipe.epochs, steps=steps,
        learning_rate=recipe.learning_rate, cosine=not recipe.cooldown, cooldown=recipe.cooldown,
        warm_up=recipe.warm_up, evaluate=valid_score(data),
        patience=recipe.patience, keep_best=True, checkpoint=checkpoint,
        label=f"{data.source_language} → {data.target_language}",
    )  # fmt: skip
    return Translator(model, data), history


def translate_texts(translator: Translator, texts: Sequence[str], width: int = 5) -> list[str]:
    """Return the translations of texts as texts; a text without anything to read stays empty.

    Args:
        translator: with the tokenisers of its text.
        texts: one sentence each, in any spelling that `normalise` reads.
        width: of the beam search, whose score is the mean log-probability of a token.

    Raises:
        ValueError: a text of more than 500 tokens.
    """
    read, write = translator.tokenisers
    tokens = [read.split(normalise(text)) for text in texts]
    long = next((at for at, sentence in enumerate(tokens) if len(sentence) > MOST_TOKENS), None)
    if long is not None:
        found = f"has {len(tokens[long]):,} tokens; a translator reads {MOST_TOKENS} at most"
        raise ValueError(f"text {long + 1} {found}: split it into sentences")
    translations = [""] * len(texts)
    # Texts of about the same length together: little padding, and a limit for each group.
    order = sorted((at for at, sentence in enumerate(tokens) if sentence), key=lambda at: len(tokens[at]))
    for start in range(0, len(order), TEXTS_AT_ONCE):
        chunk = order[start : start + TEXTS_AT_ONCE]
        longest = max(50, 2 * len(tokens[chunk[-1]]))
        found = translator.beam_search([tokens[at] for at in chunk], width, length_penalty=1.0, max_length=longest)
        for at, hypotheses in zip(chunk, found, strict=True):
            translations[at] = write.join(hypotheses[0].words)
    return translations


def save(translator: Translator, recipe: Recipe, folder: str | Path) -> None:
    """Save a translator as a folder: weights, vocabularies, tokenisers and settings, none of them executable.

    The folder is written beside the old one and takes its place when it is complete, so that an error on the way,
    such as a full disk, leaves the old one as it was.

    Raises:
        ValueError: the translator's tokeniser is a function of one's own, which a file cannot hold.
        OSError: what the disk said.
    """
    folder = Path(folder)
    kinds = []
    for tokeniser in translator.tokenisers:
        if isinstance(tokeniser, Words) and tokeniser.is_own:
            raise ValueError("a tokeniser of one's own cannot be saved with a translator: use words or subwords")
        kinds.append("subwords" if isinstance(tokeniser, Subwords) else "words")
    vocabularies = translator.source_words, translator.target_words
    settings = {
        "format": FORMAT, "recipe": recipe._asdict(), "tokenisers": kinds,
        "languages": [translator.source_language, translator.target_language],
        "vocabularies": [words.tokens[len(SPECIAL) :] for words in vocabularies],
    }  # fmt: skip
    # Copies: safetensors refuses tensors that share memory, as tied weights do.
    weights = {name: weight.cpu().contiguous().clone() for name, weight in translator.model.state_dict().items()}
    fresh, old = (folder.with_name(f"{folder.name}.{part}") for part in ("part", "old"))
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        fresh.mkdir(parents=True)
        write_whole(fresh / SETTINGS, json.dumps(settings, ensure_ascii=False).encode())
        write_whole(fresh / WEIGHTS, save_tensors(weights))
        for side, kind, tokeniser in zip(("source", "target"), kinds, translator.tokenisers, strict=True):
            if kind == "subwords":
                write_whole(fresh / f"{side}.subwords", tokeniser.model)
    except OSError:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    fresh.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def load(folder: str | Path, device: torch.device | str = "cpu") -> tuple[Translator, Recipe]:
    """Return a saved translator and its recipe.

    Raises:
        ValueError: no such folder, one that something else wrote, or a damaged one; the message says which.
    """
    folder = Path(folder)
    if not (folder / SETTINGS).is_file():
        raise ValueError(f"{folder}: no translator is saved here (there is no {SETTINGS})")
    try:
        settings = json.loads((folder / SETTINGS).read_bytes())
        if settings["format"] != FORMAT:
            raise _AnotherFormat(settings["format"])
        recipe, (source_words, target_words) = Recipe(**settings["recipe"]), map(Vocabulary, settings["vocabularies"])
        tokenisers = tuple(
            Subwords((folder / f"{side}.subwords").read_bytes()) if kind == "subwords" else Words()
            for side, kind in zip(("source", "target"), settings["tokenisers"], strict=True)
        )
        model = build(recipe, len(source_words), len(target_words))
        model.load_state_dict(load_tensors((folder / WEIGHTS).read_bytes()))
        saved = _Saved(source_words, target_words, *settings["languages"], tokenisers)
    except _AnotherFormat as error:
        written = f"its format is {error}, and this version of the course reads {FORMAT}"
        raise ValueError(f"{folder}: something else or another version wrote this ({written}); train again") from None
    except (*DAMAGE, SafetensorError) as error:
        expected = "train it again, or copy it anew"
        raise ValueError(f"{folder}: the saved translator is damaged ({error}); {expected}") from None
    return Translator(model.to(device).eval(), saved), recipe
