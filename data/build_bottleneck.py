"""Rebuild `bottleneck.tsv` and `bottleneck_examples.tsv`: `nice python data/build_bottleneck.py [task …]`.

About three hours on one quiet core; tasks may run side by side. Rows are written as points finish, and a point whose
rows are there is not computed again, so the script may be stopped and started; delete the tables to begin anew. Without
an argument all tasks are computed: `reversal`, `french`, `korean`. `PLAN` says which sizes and seeds.

One layer each, embeddings of 64, no attention, Adam at 0.005 falling to 0 along a cosine, gradients clipped at norm 1,
batches of 64, full teacher forcing, greedy search.
- reversal: rows of 2 to 12 of 8 symbols, new ones in every batch. `short`: 2,500 steps; `converged`: 15,000; `long`:
  60,000; `longer rows`: 15,000 steps on rows of 2 to 16. Scored on 500 rows per length.
- french, korean (into English): `converged`: 28 epochs, the weights kept that have the least loss on `valid`;
  `lesson`: four epochs at a constant 0.005, which is what lesson 3 does. `dropout`: on both embeddings.

Columns: `task`, `attention`, `budget`, `hidden_size`, `dropout`, `seed`; `split` (`test`: lengths seen in training,
`long`: longer ones, `summary`: ranges of several bins); `fewest` and `most` target tokens (reversal: symbols);
`sentences` scored; `exact`, the share without a fault; `bleu` (0 to 100; none for reversal); `bits` of a row that reach
the decoder at least (`bits_carried`; none for translation); `steps` of training.
The examples are the first sentence of each bin in the corpus, and what the model made of it.
"""

import csv
import sys
from pathlib import Path

from course_utils import runtime
from course_utils.experiments.bottleneck import TASKS, Point, measure_point

HERE = Path(__file__).parent
GRID = ["task", "attention", "budget", "hidden_size", "dropout", "seed"]
TABLES = {
    "bottleneck.tsv": [*GRID, "split", "fewest", "most", "sentences", "exact", "bleu", "bits", "steps"],
    "bottleneck_examples.tsv": [*GRID, "fewest", "most", "source", "reference", "output"],
}
# (task, attention, budget, hidden sizes, dropout, seeds), in the order of need: a first seed, then the spread.
PLAN = [
    ("reversal", False, "converged", (8, 16, 32, 64), 0.0, (0,)),
    ("reversal", False, "short", (8, 16, 32, 64), 0.0, (0, 1, 2)),
    ("reversal", False, "longer rows", (64,), 0.0, (0,)),
    ("reversal", False, "converged", (8, 16, 32, 64), 0.0, (1, 2)),
    ("reversal", False, "long", (16, 8), 0.0, (0,)),
    ("reversal", False, "longer rows", (64,), 0.0, (1, 2)),
    ("french", False, "lesson", (128,), 0.0, (0, 1, 2)),
    ("french", False, "converged", (256, 128, 64, 32), 0.3, (0,)),
    ("french", False, "converged", (256, 128, 64, 32), 0.0, (0,)),
    ("french", False, "converged", (256, 128), 0.3, (1,)),
    ("french", False, "converged", (64, 32), 0.0, (1,)),
    ("french", False, "converged", (256, 128), 0.3, (2,)),
    ("french", False, "converged", (64, 32), 0.0, (2,)),
    ("french", False, "converged", (256,), 0.0, (1, 2)),
    ("french", False, "converged", (32,), 0.3, (1, 2)),
    ("korean", False, "lesson", (128,), 0.0, (0, 1, 2)),
    ("korean", False, "converged", (256,), 0.3, (0, 1, 2)),
]


def points(wanted: list[str]) -> list[Point]:
    """Return the points of the plan that belong to the tasks wanted."""
    return [
        Point(task, attention, budget, hidden_size, dropout, seed)
        for task, attention, budget, sizes, dropout, seeds in PLAN
        for seed in seeds
        for hidden_size in sizes
        if task in wanted
    ]


def append(name: str, rows: list[dict]) -> None:
    """Write rows at the end of a table, exact match, BLEU and bits with as many digits as they mean."""
    for row in rows:
        row |= {key: f"{row[key]:.{digits}f}" for key, digits in (("exact", 4), ("bleu", 2), ("bits", 2)) if key in row}
    with (HERE / name).open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, TABLES[name], delimiter="\t", lineterminator="\n")
        if not file.tell():
            writer.writeheader()
        writer.writerows(rows)


def done() -> set[tuple]:
    """Return the points whose rows are in the table of examples, which is written last."""
    path = HERE / "bottleneck_examples.tsv"
    if not path.exists():
        return set()
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t")
        return {tuple(r[key] for key in GRID) for r in rows}


def main() -> None:
    """Compute every point of the plan that the tables do not hold yet."""
    wanted = sys.argv[1:] or list(TASKS)
    if unknown := set(wanted) - set(TASKS):
        raise SystemExit(f"no such task: {', '.join(sorted(unknown))}; choose from {', '.join(TASKS)}")
    computed = done()
    for point in points(wanted):
        described = {**point._asdict(), "attention": "yes" if point.attention else "no"}
        if tuple(str(described[key]) for key in GRID) not in computed:
            device = runtime.setup(point.seed)
            table, examples = measure_point(point, device)
            append("bottleneck.tsv", table)
            append("bottleneck_examples.tsv", examples)


if __name__ == "__main__":
    main()
