"""The bottleneck measured: how one recipe trains every point of the grid, and how a point is scored.

A point is a task (`"reversal"`, `"french"` or `"korean"`, both into English), attention or none, a hidden size and
a seed. `data/build_bottleneck.py` computes them all into `data/bottleneck.tsv`; a lesson recomputes one.
"""

import math
from collections.abc import Iterator, Sequence
from copy import deepcopy
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from course_utils.datasets import tasks
from course_utils.datasets.corpus import Translations
from course_utils.datasets.tables import read_table
from course_utils.datasets.text import Pair
from course_utils.measure import translation
from course_utils.measure.translation import Bin, Translator, batch_loss, score_by_length
from course_utils.models import training
from course_utils.models.attention import build_seq2seq
from course_utils.models.decoding import greedy, until_eos

if TYPE_CHECKING:
    import pandas as pd

TASKS = ("reversal", "french", "korean")
SYMBOLS, LENGTHS, LONGER = 8, (2, 12), (14, 16)
BINS = [(3, 4), (5, 6), (7, 8), (9, 10), (11, 12), (13, 14), (15, 16)]
LONG_BINS = [(17, 20), (21, 24), (25, 28), (29, 32)]
# Reversal: budget → (optimiser steps, longest row in training). Rows are new in every batch, so nothing overfits.
REVERSAL_BUDGETS = {
    "short": (2500, LENGTHS[1]),
    "converged": (15_000, LENGTHS[1]),
    "long": (60_000, LENGTHS[1]),
    "longer rows": (15_000, LONGER[1]),
}
TRANSLATION_EPOCHS = 28
# Translation, converged: hidden size → the dropout, 0 or 0.3, that scored better: large networks need it.
DROPOUT = {32: 0.0, 64: 0.0, 128: 0.3, 256: 0.3}
_reversals = partial(tasks.reversal, symbols=SYMBOLS)


class Point(NamedTuple):
    """One point of the grid: what is trained, and for how long.

    `budget`: for reversal one of `REVERSAL_BUDGETS`; for translation `"converged"`, `TRANSLATION_EPOCHS` with the
    weights that held-out data likes best, or `"lesson"`, what lessons 3 and 4 do live. `dropout`: on both embeddings.
    """

    task: str
    attention: bool
    budget: str
    hidden_size: int
    dropout: float
    seed: int


def reversal_loss(model: nn.Module, batch: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    """Return the `translation.sequence_loss` of a batch of reversals."""
    source, lengths, target = batch
    return translation.sequence_loss(model(source, target, lengths)[1:], target)


def train_reversal(point: Point, device="cpu") -> tuple[nn.Module, int]:
    """Return a model trained on reversal for the point's budget, its rate falling along a cosine, and the steps."""
    torch.manual_seed(point.seed)
    ids, (steps, longest) = tasks.FIRST_WORD + SYMBOLS, REVERSAL_BUDGETS[point.budget]
    model = build_seq2seq(point.hidden_size, ids, ids, point.attention, dropout=point.dropout).to(device)
    generator = torch.Generator().manual_seed(point.seed)

    def batches() -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        while True:
            yield _reversals(64, (LENGTHS[0], longest), generator=generator, device=device)

    options = {"steps": steps, "learning_rate": 5e-3, "cosine": True, "label": _label(point)}
    return model, _taken(training.fit(model, batches, reversal_loss, **options))


def learn_by_heart(pairs: Sequence[Pair], *, hidden_size: int = 24, seed: int = 0, **options) -> Translator:
    """Return a tiny translator without attention, trained until it writes all these pairs without a mistake.

    That takes a second or two for a few dozen short pairs; it has then learned nothing else.

    Args:
        pairs, options: a few sentence pairs; languages and device, as in `Translations`.
        hidden_size, seed: units H; of the weights and of the order of the batches.
    """
    data = Translations(pairs, [], [], **options)
    torch.manual_seed(seed)
    model = build_seq2seq(hidden_size, len(data.source_words), len(data.target_words)).to(data.device)
    translator, sources, targets = Translator(model, data), [p.source for p in pairs], [p.target for p in pairs]
    training.fit(
        model, data.batches(seed=seed), batch_loss, epochs=400, every=20, target=1.0, label="by heart",
        evaluate=lambda _: translation.exact_match(translator(sources), targets),
    )  # fmt: skip
    return translator


def _label(point: Point) -> str:
    return f"{point.task}, {point.hidden_size} units, seed {point.seed}"


def _taken(history: training.History) -> int:
    """Return the steps of a run; an interrupted one must not become a row of the table."""
    if history.ended == "interrupted":
        raise KeyboardInterrupt
    return len(history.loss)


def _fresh_rows(length: int, count: int, device="cpu") -> tuple[Tensor, Tensor, Tensor]:
    return _reversals(count, (length, length), generator=torch.Generator().manual_seed(length), device=device)


def score_reversal(model: nn.Module, length: int, device="cpu", count: int = 500) -> tuple[float, list[str]]:
    """Return the share of sequences of `length` symbols reversed without a fault, and one example.

    The example is the first sequence: source, reference and the model's output, symbols as letters from A.
    """
    source, lengths, target = _fresh_rows(length, count, device)
    hypotheses, references = until_eos(greedy(model, source, lengths, max_length=length + 4)), until_eos(target[1:])
    right = sum(a == b for a, b in zip(hypotheses, references, strict=True)) / count
    return right, [_letters(ids) for ids in (references[0][::-1], references[0], hypotheses[0])]


def bits_carried(model: nn.Module, length: int, device="cpu", count: int = 500) -> float:
    """Return how many bits of a row of `length` symbols reach the decoder, at least; below 0 where none do.

    A row of n symbols, each one of 8, is 3n bits. What the decoder, which has nothing but the vector and the symbols
    before, still needs to be told of it is its negative log-likelihood. The difference is a lower bound of the mutual
    information between the row and the vector (Barber and Agakov 2003, eq. 3).
    """
    batch = _fresh_rows(length, count, device)
    nats = training.metric_of(model, lambda trained: reversal_loss(trained, batch).item()) * (length + 1)
    return length * math.log2(SYMBOLS) - nats / math.log(2)


def _letters(ids: list[int]) -> str:
    return " ".join(chr(ord("A") + i - tasks.FIRST_WORD) if i >= tasks.FIRST_WORD else "?" for i in ids)


def train_translator(point: Point, data: Translations) -> tuple[Translator, int]:
    """Return a translator of this text, trained as the point's budget says, and the number of steps it took."""
    model = translation.new_model(data, point.hidden_size, point.attention, seed=point.seed, dropout=point.dropout)
    batches = data.batches(seed=point.seed)
    if point.budget == "lesson":
        return Translator(model, data), _taken(training.fit(model, batches, batch_loss, epochs=4, learning_rate=5e-3))
    best, best_weights, score = -float("inf"), model.state_dict(), translation.valid_score(data)

    def keep_best(candidate: nn.Module) -> float:
        nonlocal best, best_weights
        value = score(candidate)
        if value > best:
            best, best_weights = value, deepcopy(candidate.state_dict())
        return value

    options = {"epochs": TRANSLATION_EPOCHS, "steps": TRANSLATION_EPOCHS * len(list(batches())), "cosine": True}
    options |= {"learning_rate": 5e-3, "evaluate": keep_best, "label": _label(point)}
    steps = _taken(training.fit(model, batches, batch_loss, **options))
    model.load_state_dict(best_weights)
    return Translator(model, data), steps


def measure_point(point: Point, device="cpu") -> tuple[list[dict], list[dict]]:
    """Train one point of the grid; return its rows of the table, and of the table of examples."""
    described = {**point._asdict(), "attention": "yes" if point.attention else "no"}
    rows, examples = [], []
    if point.task == "reversal":
        model, steps = train_reversal(point, device)
        for length in (*range(LENGTHS[0], LENGTHS[1] + 1), *LONGER):
            exact, example = score_reversal(model, length, device)
            row = {"split": "long" if length in LONGER else "test", "fewest": length, "most": length, "sentences": 500}
            rows.append({**row, "exact": exact, "bits": bits_carried(model, length, device)})
            examples.append(example)
    else:
        data = Translations.course(point.task, device=device)
        translator, steps = train_translator(point, data)
        for split, bins, whole in (("test", BINS, [(3, 8), (3, 16)]), ("long", LONG_BINS, [(17, 32)])):
            pairs = getattr(data, split)
            hypotheses = translator([pair.source for pair in pairs])
            for row in score_by_length(pairs, hypotheses, [*bins, *whole]):
                summary = (row["fewest"], row["most"]) in whole
                rows.append({"split": "summary" if summary else split, **row})
                # The same sentence for every model: the first of that length in the file.
                i = next(i for i, pair in enumerate(pairs) if row["fewest"] <= len(pair.target) <= row["most"])
                examples.append([" ".join(words) for words in (pairs[i].source, pairs[i].target, hypotheses[i])])
    table = [{**described, **row, "steps": steps} for row in rows]
    texts = [
        {**described, "fewest": row["fewest"], "most": row["most"], "source": s, "reference": r, "output": o}
        for row, (s, r, o) in zip(rows, examples, strict=True)
    ]
    return table, texts


def task_runs(
    task: str,
    table: str = "bottleneck",
    *,
    attention: bool = False,
    budget: str = "converged",
    dropout: float | None = None,
) -> "pd.DataFrame":
    """Return one task's rows of a committed table of the grid.

    Args:
        task, attention, budget, dropout: as in `Point`. If dropout is absent: `DROPOUT` of its size for a
            translator that converged, else 0.
        table: `"bottleneck"` or `"bottleneck_examples"`.

    Raises:
        FileNotFoundError: the table was deleted; `python data/build_bottleneck.py` rebuilds it.
        ValueError: the table holds nothing of that kind.
    """
    described = {"task": task, "attention": "yes" if attention else "no", "budget": budget}
    rows = read_table(table)
    best = rows["hidden_size"].map(DROPOUT) if task != "reversal" and budget == "converged" else 0.0
    rows = rows[rows["dropout"] == (best if dropout is None else dropout)]
    rows = rows[(rows[list(described)] == list(described.values())).all(axis=1)]
    if rows.empty:
        raise ValueError(f"{table}.tsv holds no row with {described}")
    return rows


def by_length(table: "pd.DataFrame", measure: str, split: str = "test") -> tuple[list[Bin], dict[int, np.ndarray]]:
    """Return the bins of one split in order, and for each hidden size the measure there, `(seeds, bins)`.

    Args:
        table, measure: rows of one task; `"exact"` (0 to 1) or `"bleu"` (0 to 100).
        split: `"test"`, the lengths of training; `"long"`, beyond them; `"summary"`, whole splits.
    """
    table = table[table["split"] == split]
    bins = sorted(set(zip(table["fewest"].tolist(), table["most"].tolist(), strict=True)))
    runs = {
        int(size): rows.pivot(index="seed", columns=["fewest", "most"], values=measure)[bins].to_numpy(float)
        for size, rows in table.groupby("hidden_size")
    }
    return bins, runs
