"""The Transformer of lesson 5 and its variants: one recipe trains them all, one score sheet measures them.

`data/build_transformer.py` computes the table `data/transformer.tsv` with it, one factor at a time from a base design;
the lesson trains some of the designs again, live, by the same recipe.
"""

import math
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import nn

from course_utils.datasets.corpus import Translations
from course_utils.datasets.text import Pair
from course_utils.experiments.designs import bleu_on, checkpoint, restored
from course_utils.measure import alignment, translation
from course_utils.measure.interventions import attentions, silenced
from course_utils.measure.translation import Translator, batch_loss, language_loss
from course_utils.models import training
from course_utils.models.transformer import (
    DecoderOnly,
    Transformer,
    TransformerDecoder,
    TransformerEncoder,
)

if TYPE_CHECKING:
    import pandas as pd

MODELS = ("encoder_decoder", "no_causal_mask", "decoder_only", "language_model")


class Design(NamedTuple):
    """What varies between the runs of the table; the defaults are the base design.

    `model` is one of `MODELS`; a `"language_model"` is a `"decoder_only"` that learns to write the source too.
    `positions` is a kind of `models.transformer.Positions`, `norm` is `"first"` or `"after"`, `warm_up` counts steps,
    and `passes` those over the training split.
    """

    model: str = "encoder_decoder"
    positions: str = "sinusoidal"
    norm: str = "first"
    warm_up: int = 200
    heads: int = 4
    layers: int = 2  # on each side
    passes: int = 3


class Recipe(NamedTuple):
    """How every design is built and trained: Adam, clipped at norm 1, its rate falling to 0 along a cosine."""

    d_model: int = 96
    dim_feedforward: int = 256
    dropout: float = 0.0  # in a few passes over a small text, dropout only slows learning down
    learning_rate: float = 3e-3
    batch_size: int = 32


BASE, RECIPE = Design(), Recipe()


# The checkpoints of lesson 5: language and design, all of seed 0. Four passes are the budget of lesson 4's models.
KEPT = {
    "transformer_korean": ("korean", BASE._replace(positions="rotary", passes=4)),
    "decoder_only_french": ("french", BASE._replace(model="language_model")),
}


class LookAheadDecoder(TransformerDecoder):
    """A specimen: a decoder without a causal mask, which reads the word that it has to predict."""

    def mask(self, steps, past):
        """Return None: every step may see every other."""
        return None


def build_transformer(
    data: Translations, design: Design = BASE, seed: int = 0, *, recipe: Recipe = RECIPE
) -> Transformer | DecoderOnly:
    """Return an untrained model for these vocabularies, on their device; `seed` sets its weights.

    Raises:
        ValueError: no such model, norm or positions, or heads that cannot share the width.
    """
    if design.model not in MODELS or design.norm not in ("first", "after"):
        raise ValueError(f"expected a model of {MODELS} and norm 'first' or 'after', not {design}")
    torch.manual_seed(seed)
    sizes = recipe.d_model, design.heads, design.layers, recipe.dim_feedforward, recipe.dropout
    options = {"norm_first": design.norm == "first", "positions": design.positions}
    sources, targets = len(data.source_words), len(data.target_words)
    if design.model in ("decoder_only", "language_model"):
        return DecoderOnly(sources, targets, *sizes, **options).to(data.device)
    decoder = LookAheadDecoder if design.model == "no_causal_mask" else TransformerDecoder
    whole = Transformer(TransformerEncoder(sources, *sizes, **options), decoder(targets, *sizes, **options))
    return whole.to(data.device)


def train(
    model: nn.Module, data: Translations, design: Design = BASE, seed: int = 0, *,
    recipe: Recipe = RECIPE, label: str = "training",
) -> training.History:  # fmt: skip
    """Train a model in place by the recipe; `seed` is of the order of the batches, `label` the progress bar's text."""
    loss = language_loss if design.model == "language_model" else batch_loss
    steps = design.passes * math.ceil(len(data.train) / recipe.batch_size)
    return training.fit(
        model, data.batches(seed=seed, batch_size=recipe.batch_size), loss, epochs=design.passes, steps=steps,
        learning_rate=recipe.learning_rate, cosine=True, warm_up=design.warm_up, label=label,
    )  # fmt: skip


def score_sheet(translator: Translator, data: Translations) -> dict[str, float | str]:
    """Return what a trained model reaches.

    Returns:
        `"bleu"` and `"exact"` on the split `test`; `"long"`, BLEU on the split `long`; `"parameters"`. And alignment
        error rates on `test`, the reference being forced: of the mean of all heads, `"mean_predicting"` (at the step
        that predicts a word) and `"mean_reading"` (one step later); of the head that is best on `valid`,
        `"best_predicting"` and `"best_reading"`. `"head_predicting"` and `"head_reading"` name it: layer and head,
        counted from 1.
    """
    references = [pair.target for pair in data.test]
    hypotheses = translator([pair.source for pair in data.test])
    sheet = {
        "bleu": translation.bleu(hypotheses, references),
        "exact": translation.exact_match(hypotheses, references),
        "long": bleu_on(translator, data.long),
        "parameters": sum(weight.numel() for weight in translator.model.parameters()),
    }
    steps = zip(("predicting", "reading"), alignment.head_alignments(translator, data), strict=True)
    for step, found in steps:
        layer, head = found.best
        sheet |= {
            f"mean_{step}": found.mean,
            f"best_{step}": found.best_rate,
            f"head_{step}": f"{layer + 1}.{head + 1}",
        }
    return sheet


def measure_design(
    data: Translations, design: Design, seed: int, *, recipe: Recipe = RECIPE
) -> tuple[dict[str, float | str], Translator]:
    """Train and score one design; return its score sheet, and the translator.

    `"loss"` is the mean of the last 50 steps, in nats per token; `"seconds"` is the processor's time for training, so
    that other programs do not count.
    """
    model, start = build_transformer(data, design, seed, recipe=recipe), time.process_time()
    name = f"{data.source_language}, {design.model}, {design.positions}"
    history = train(model, data, design, seed, recipe=recipe, label=name)
    seconds = time.process_time() - start
    translator = Translator(model, data)
    loss = sum(history.loss[-50:]) / len(history.loss[-50:])
    return score_sheet(translator, data) | {"loss": loss, "seconds": seconds}, translator


def bleu_without_heads(translator: Translator, pairs: Sequence[Pair], kind: str = "cross") -> np.ndarray:
    """Return the BLEU on these pairs with each head silenced in turn, `(layers, heads)`.

    `kind` is an attention, as in `interventions.attentions`, with its errors.
    """
    model = translator.model
    layers = attentions(model, kind)
    scores = np.zeros((len(layers), layers[0].num_heads))
    for head in np.ndindex(*scores.shape):
        with silenced(model, [head], kind):
            scores[head] = bleu_on(translator, pairs)
    return scores


def load_translator(name: str, data: Translations) -> Translator:
    """Return the translator of a committed checkpoint.

    Args:
        name, data: a name in `KEPT`, such as `"transformer_korean"`; the corpus, which gives the vocabularies.

    Raises:
        ValueError: no such name.
        FileNotFoundError: the checkpoint was deleted; `python data/build_transformer.py` rebuilds it.
        RuntimeError: it was trained on another corpus.
    """
    if name not in KEPT:
        raise ValueError(f"there is no checkpoint {name!r}; there are: {', '.join(KEPT)}")
    return restored(build_transformer(data, KEPT[name][1]), checkpoint(name), data)


def transformer_runs(table: "pd.DataFrame", language: str = "french", design: Design = BASE) -> "pd.DataFrame":
    """Return the table's rows of one design, one per seed.

    Args:
        table: `datasets.tables.read_table("transformer")`.
        language, design: of the rows.

    Raises:
        ValueError: the table has no such row.
    """
    rows = table[table["language"] == language]
    for name, value in design._asdict().items():
        rows = rows[rows[name] == value]
    if rows.empty:
        raise ValueError(f"the table has no row of {language!r} and {design}")
    return rows.sort_values("seed")


def one_factor(
    table: "pd.DataFrame", factor: str, language: str = "french", base: Design = BASE
) -> "dict[str | int, pd.DataFrame]":
    """Return the rows of the designs that differ from the base in one factor alone: value → rows, one per seed.

    Args:
        table, language: as in `transformer_runs`.
        factor: a field of `Design`; the base's own value is among the keys.

    Raises:
        ValueError: the table has no row of the base design.
    """
    transformer_runs(table, language, base)
    rows = table[table["language"] == language]
    for name, value in base._asdict().items():
        rows = rows if name == factor else rows[rows[name] == value]
    return {value: part.sort_values("seed") for value, part in rows.groupby(factor, sort=False)}
