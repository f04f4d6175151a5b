"""The bottleneck measured: how one recipe trains every point of the grid, and how a point is scored.

A point is a task (`"reversal"`, `"french"` or `"korean"`, both into English), attention or none, a hidden size and
a seed. `data/build_bottleneck.py` computes them all into `data/bottleneck.tsv`; a lesson recomputes one.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from course_utils.datasets import tasks
from course_utils.datasets.corpus import Translations
from course_utils.datasets.tables import read_table
from course_utils.measure import translation
from course_utils.measure.translation import Bin, Translator, batch_loss, score_by_length
from course_utils.models import training
from course_utils.models.attention import build_seq2seq
from course_utils.models.decoding import greedy, until_eos

TASKS = ("reversal", "french", "korean")
SYMBOLS, LENGTHS, LONGER = 8, (2, 12), (14, 16)
BINS = [(3, 4), (5, 6), (7, 8), (9, 10), (11, 12), (13, 14), (15, 16)]
LONG_BINS = [(17, 20), (21, 24), (25, 28), (29, 32)]
_reversals = partial(tasks.reversal, symbols=SYMBOLS)


class Point(NamedTuple):
    """One point of the grid: what is trained, and for how long.

    `budget`: `"converged"`, until held-out data says stop; `"lesson"`, what lessons 3 and 4 do live (translation).
    """

    task: str
    attention: bool
    budget: str
    hidden_size: int
    seed: int


def train_to_convergence(
    model: nn.Module, batches: Callable, loss: Callable, evaluate: Callable, *, rates: tuple, label: str, **options
) -> int:
    """Train until `evaluate` no longer improves, at each learning rate in turn, and keep the best weights.

    Args:
        model, batches, loss, evaluate, label: as in `training.fit`; `batches` is a function.
        rates: learning rates, each used until `patience` evaluations bring nothing better, by 0.01 at least.
        **options: `every`, `patience` and `steps`, as there; `steps` per rate.

    Returns:
        The number of optimiser steps taken in all.
    """
    best, best_weights, taken = -float("inf"), deepcopy(model.state_dict()), 0

    def keep_best(candidate: nn.Module) -> float:
        nonlocal best, best_weights
        value = round(evaluate(candidate), 2)
        if value > best:
            best, best_weights = value, deepcopy(candidate.state_dict())
        return value

    options |= {"epochs": options["steps"], "evaluate": keep_best}
    for rate in rates:
        history = training.fit(model, batches, loss, learning_rate=rate, label=f"{label}, rate {rate:g}", **options)
        if history.ended == "interrupted":
            raise KeyboardInterrupt
        taken += len(history.loss)
        model.load_state_dict(best_weights)
    return taken


def reversal_loss(model: nn.Module, batch: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    """Return the `translation.sequence_loss` of a batch of reversals."""
    source, lengths, target = batch
    return translation.sequence_loss(model(source, target, lengths)[1:], target)


def train_reversal(point: Point, device="cpu") -> tuple[nn.Module, int]:
    """Return a model trained to convergence on reversal, and the number of steps it took."""
    torch.manual_seed(point.seed)
    ids = tasks.FIRST_WORD + SYMBOLS
    model = build_seq2seq(point.hidden_size, ids, ids, point.attention).to(device)
    generator = torch.Generator().manual_seed(point.seed)
    held_out = _reversals(1000, LENGTHS, generator=torch.Generator().manual_seed(10**6), device=device)

    def batches() -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        while True:
            yield _reversals(64, LENGTHS, generator=generator, device=device)

    def score(trained: nn.Module) -> float:
        return -reversal_loss(trained, held_out).item()

    options = {"rates": (2e-2, 4e-3, 8e-4), "every": 150, "patience": 2, "steps": 3000, "label": _label(point)}
    return model, train_to_convergence(model, batches, reversal_loss, score, **options)


def _label(point: Point) -> str:
    return f"{point.task}, {point.hidden_size} units, seed {point.seed}"


def score_reversal(model: nn.Module, length: int, device="cpu", count: int = 500) -> tuple[float, list[str]]:
    """Return the share of sequences of `length` symbols reversed without a fault, and one example.

    The example is the first sequence: source, reference and the model's output, symbols as letters from A.
    """
    generator = torch.Generator().manual_seed(length)
    source, lengths, target = _reversals(count, (length, length), generator=generator, device=device)
    hypotheses, references = until_eos(greedy(model, source, lengths, max_length=length + 4)), until_eos(target[1:])
    right = sum(a == b for a, b in zip(hypotheses, references, strict=True)) / count
    return right, [_letters(ids) for ids in (references[0][::-1], references[0], hypotheses[0])]


def _letters(ids: list[int]) -> str:
    return " ".join(chr(ord("A") + i - tasks.FIRST_WORD) if i >= tasks.FIRST_WORD else "?" for i in ids)


def train_translator(point: Point, data: Translations) -> tuple[Translator, int]:
    """Return a translator of this text, trained as the point's budget says, and the number of steps it took."""
    model = translation.new_model(data, point.hidden_size, point.attention, seed=point.seed)
    batches, epoch = data.batches(seed=point.seed), len(data.train) // data.batch_size
    if point.budget == "lesson":
        steps = len(training.fit(model, batches, batch_loss, epochs=4, learning_rate=5e-3).loss)
    else:
        options = {"rates": (5e-3, 1e-3), "every": epoch, "patience": 1, "steps": 40 * epoch, "label": _label(point)}
        steps = train_to_convergence(model, batches, batch_loss, translation.valid_score(data), **options)
    return Translator(model, data), steps


def measure_point(point: Point, device="cpu") -> tuple[list[dict], list[dict]]:
    """Train one point of the grid; return its rows of the table, and of the table of examples."""
    described = {**point._asdict(), "attention": "yes" if point.attention else "no"}
    rows, examples = [], []
    if point.task == "reversal":
        model, steps = train_reversal(point, device)
        for length in (*range(LENGTHS[0], LENGTHS[1] + 1), *LONGER):
            exact, example = score_reversal(model, length, device)
            split = "long" if length in LONGER else "test"
            rows.append({"split": split, "fewest": length, "most": length, "sentences": 500, "exact": exact})
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
    task: str, table: str = "bottleneck", *, attention: bool = False, budget: str = "converged"
) -> pd.DataFrame:
    """Return one task's rows of a committed table of the grid.

    Args:
        task, attention, budget: as in `Point`.
        table: `"bottleneck"` or `"bottleneck_examples"`.

    Raises:
        FileNotFoundError: the table was deleted; `python data/build_bottleneck.py` rebuilds it.
        ValueError: the table holds nothing of that kind.
    """
    rows, wanted = read_table(table), {"task": task, "attention": "yes" if attention else "no", "budget": budget}
    rows = rows[(rows[list(wanted)] == pd.Series(wanted)).all(axis=1)]
    if rows.empty:
        raise ValueError(f"{table}.tsv holds no row with {wanted}")
    return rows


def by_length(table: pd.DataFrame, measure: str, split: str = "test") -> tuple[list[Bin], dict[int, np.ndarray]]:
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
