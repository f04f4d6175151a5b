"""Designs of attention compared: one recipe trains them all, one score sheet measures them.

`data/build_attention.py` computes the table `data/attention.tsv` with it; the lesson trains two of the designs
again, live, by the same recipe.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from course_utils.datasets.corpus import Translations
from course_utils.datasets.tables import DATA
from course_utils.datasets.text import Pair
from course_utils.experiments import bottleneck
from course_utils.measure import alignment, interventions, translation
from course_utils.measure.translation import Translator, batch_loss, score_by_length
from course_utils.messages import say
from course_utils.messages.labels import label
from course_utils.models import attention, training
from course_utils.models.attention import AttentionDecoderLSTM, AttentionSeq2Seq, ResidualEncoderLSTM
from course_utils.models.seq2seq import DecoderLSTM, EncoderLSTM, Seq2Seq

if TYPE_CHECKING:
    import pandas as pd

LONGEST_SOURCE = 64  # positions that the specimen has scores for
# Score id → its function, given the width of query and key.
SCORES: dict[str, Callable] = {
    "dot": lambda width: attention.dot,
    "scaled_dot": lambda width: attention.scaled_dot,
    "general": lambda width: attention.General(width, width),
    "scaled_general": lambda width: attention.ScaledGeneral(width, width),
    "additive": lambda width: attention.Additive(width, width, width),
    "uniform": lambda width: attention.uniform,
    "position": lambda width: attention.PositionScore(width, LONGEST_SOURCE),
}
DESIGNS: dict[str, tuple] = {
    "no_attention": (Seq2Seq, EncoderLSTM, DecoderLSTM),
    "states_alone": (AttentionSeq2Seq, EncoderLSTM, AttentionDecoderLSTM),
    "states_and_words": (AttentionSeq2Seq, ResidualEncoderLSTM, AttentionDecoderLSTM),
    "attention_first": (AttentionSeq2Seq, ResidualEncoderLSTM, attention.EarlyAttentionDecoderLSTM),
}


class Recipe(NamedTuple):
    """How every design is trained."""

    hidden_size: int = 96  # units, and the width of embeddings
    dropout: float = 0.1  # on both embeddings
    rates: tuple[tuple[float, int], ...] = ((7e-3, 3), (1.5e-3, 1))  # (learning rate, epochs) in turn


RECIPE = Recipe()


def build_design(design: str, score: str, data: Translations, seed: int = 0, *, recipe: Recipe = RECIPE) -> Seq2Seq:
    """Return an untrained model of one layer for these vocabularies, on their device.

    Args:
        design, score: ids in `DESIGNS` and `SCORES`; the score is `"none"` for a model without attention.
        data: the text that it is for.
        seed, recipe: of the weights; sizes and dropout.

    Raises:
        ValueError: no such design or score.
    """
    whole, encoder, decoder = DESIGNS.get(design, (None, None, None))
    if score not in (["none"] if decoder is DecoderLSTM else SCORES) or whole is None:
        expected = f"one of {list(DESIGNS)} and one of {list(SCORES)} (or 'none', without attention)"
        raise ValueError(f"expected {expected}, not {design!r} and {score!r}")
    torch.manual_seed(seed)
    sizes = recipe.hidden_size, recipe.hidden_size, 1, recipe.dropout
    extra = {} if decoder is DecoderLSTM else {"score": SCORES[score](recipe.hidden_size)}
    words = len(data.target_words)
    return whole(encoder(len(data.source_words), *sizes), decoder(words, *sizes, words, **extra)).to(data.device)


def train(
    model: nn.Module, data: Translations, seed: int = 0, label: str = "training", *, recipe: Recipe = RECIPE
) -> list[training.History]:
    """Train a model in place at the recipe's learning rates in turn; return the histories, one per rate.

    Args:
        model, data, recipe: what is trained, on which text, and how.
        seed, label: of the order of the batches; text of the progress bar.
    """
    batches = data.batches(seed=seed)
    return [
        training.fit(model, batches, batch_loss, epochs=epochs, learning_rate=rate, label=f"{label}, rate {rate:g}")
        for rate, epochs in recipe.rates
    ]


def bleu_on(translator: Translator, pairs: Sequence[Pair]) -> float:
    """Return the BLEU of a translator on these pairs."""
    return translation.bleu(translator([pair.source for pair in pairs]), [pair.target for pair in pairs])


def score_sheet(translator: Translator, data: Translations) -> dict[str, float]:
    """Return what a trained model reaches.

    Returns:
        `"bleu"` and `"exact"` on the split `test`, `"long"` (BLEU on the split `long`), `"parameters"`; and for a
        model with attention `"early"`, `"error_rate"` and `"late"`, the alignment error rate on `test` read one
        step early, at the step itself and one step late, `"together"` and `"against"`, the BLEU with keys and
        values permuted together and with values permuted against keys.
    """
    model, references = translator.model, [pair.target for pair in data.test]
    hypotheses = translator([pair.source for pair in data.test])
    sheet = {
        "bleu": translation.bleu(hypotheses, references),
        "exact": translation.exact_match(hypotheses, references),
        "long": bleu_on(translator, data.long),
        "parameters": sum(weight.numel() for weight in model.parameters()),
    }
    if isinstance(model, AttentionSeq2Seq):
        weights = alignment.forced_weights(translator, data.test)
        for name, shift in (("early", -1), ("error_rate", 0), ("late", 1)):
            sheet[name] = alignment.error_rate(weights, data.test, shift)
        for name, intervention in (("together", "permuted_together"), ("against", "values_permuted")):
            with interventions.intervened(model, interventions.INTERVENTIONS[intervention]):
                sheet[name] = bleu_on(translator, data.test)
    return sheet


def measure_design(
    data: Translations, design: str, score: str, seed: int, *, recipe: Recipe = RECIPE
) -> tuple[dict, Translator]:
    """Train and score one design; return its score sheet, and the translator.

    `"seconds"` is the processor's time for training, so that other programs do not count.
    """
    model, start = build_design(design, score, data, seed, recipe=recipe), time.process_time()
    train(model, data, seed, f"{data.source_language}, {design}, {score}", recipe=recipe)
    seconds = time.process_time() - start
    translator = Translator(model, data)
    return score_sheet(translator, data) | {"seconds": seconds}, translator


def save(model: nn.Module, path: Path) -> None:
    """Save a model's weights in half precision (safetensors): half the size, no visible difference."""
    save_file({name: weight.half().contiguous() for name, weight in model.state_dict().items()}, path)


def load_translator(name: str, design: str, score: str, data: Translations) -> Translator:
    """Return the translator of a committed checkpoint, `data/{name}.safetensors`.

    Args:
        name: the file's name, such as `"attention_french"`.
        design, score, data: what was trained, and on which corpus, which gives the vocabularies.

    Raises:
        FileNotFoundError: the checkpoint was deleted; `python data/build_attention.py` rebuilds it.
        RuntimeError: it is another design's, or was trained on another corpus.
    """
    return restored(build_design(design, score, data), checkpoint(name), data)


def checkpoint(name: str) -> Path:
    """Return the file of a committed checkpoint."""
    return DATA / f"{name}.safetensors"


def restored(model: nn.Module, file: Path, data: Translations) -> Translator:
    """Return the translator of a model whose weights are those of a file that `save` wrote.

    Raises:
        FileNotFoundError: there is no such file.
        RuntimeError: it holds another model's weights.
    """
    model.load_state_dict({key: weight.float() for key, weight in load_file(file).items()})
    return Translator(model.eval(), data)


class BleuByLength(NamedTuple):
    """How well sentences of each length are translated: BLEU on `test`, on `long`, and in each bin of length."""

    test: float
    long: float
    by_length: list[float]


BINS = [*bottleneck.BINS, *bottleneck.LONG_BINS]


def bleu_by_length(translator: Translator, data: Translations) -> BleuByLength:
    """Return the BLEU of a translator on `test`, on `long`, and in each of `BINS` that holds a sentence."""
    test, long = (translator([pair.source for pair in pairs]) for pairs in (data.test, data.long))
    rows = score_by_length(data.test + data.long, test + long, BINS)
    splits = ((test, data.test), (long, data.long))
    whole = [translation.bleu(hypotheses, [pair.target for pair in pairs]) for hypotheses, pairs in splits]
    return BleuByLength(*whole, [row["bleu"] for row in rows])


def converged_bleu(language: str) -> BleuByLength:
    """Return what lesson 3's largest model without attention reaches at convergence, mean over its seeds."""
    table = bottleneck.task_runs(language)
    table = table[table["hidden_size"] == table["hidden_size"].max()]
    bleu = table.groupby(["split", "fewest", "most"])["bleu"].mean()
    curve = [bleu["long" if low > 16 else "test", low, high] for low, high in BINS]
    return BleuByLength(bleu["summary", 3, 16], bleu["summary", 17, 32], curve)


def bleu_under_interventions(translator: Translator, pairs: Sequence[Pair]) -> dict[str, float]:
    """Return intervention's id → BLEU on these pairs, for every intervention there is."""
    scores = {}
    for name, intervention in interventions.INTERVENTIONS.items():
        with interventions.intervened(translator.model, intervention):
            scores[name] = bleu_on(translator, pairs)
    return scores


def overview(
    table: "pd.DataFrame", names: Sequence[tuple[str, str]], columns: Sequence[str]
) -> dict[str, dict[str, float | int]]:
    """Return means over the seeds: a row for each (design, score) and a column for each measure and language.

    Rows and columns are named by labels. The last column counts the seeds, of the language that has fewest.
    """
    means = table.groupby(["design", "score", "language"])[list(columns)].mean().unstack("language")
    counts = table.groupby(["design", "score", "language"])["seed"].nunique().groupby(["design", "score"]).min()
    whole = [pair for pair in means if (means[pair].loc[list(names)] % 1 == 0).all()]  # such as parameters
    rows = {}
    for design, score in names:
        both = {"design": label("design", design), "score": label("score", score)}
        name = both["design"] if score == "none" else say("{design}, {score}", **both)
        values = means.loc[(design, score)]
        rows[name] = {
            f"{label('measure', pair[0])}, {label('language', pair[1])}": int(values[pair])
            if pair in whole
            else round(float(values[pair]), 2)
            for pair in means
        } | {say("seeds"): int(counts[design, score])}
    return rows


def design_runs(table: "pd.DataFrame", language: str, design: str, score: str | None = None) -> "pd.DataFrame":
    """Return the table's rows of one design, one per seed; of any score function where none is named.

    Raises:
        ValueError: the table has no such row.
    """
    rows = table[(table["language"] == language) & (table["design"] == design)]
    rows = rows if score is None else rows[rows["score"] == score]
    if rows.empty:
        raise ValueError(f"the table has no row of {language!r}, {design!r}, {score!r}")
    return rows.sort_values("seed")
