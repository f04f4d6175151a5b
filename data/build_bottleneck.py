"""Rebuild `bottleneck.tsv` and `bottleneck_examples.tsv`: `nice python data/build_bottleneck.py [task …]`.

Most of an hour on one quiet core. Rows are written as points finish, and a point whose rows stand is not computed
again, so the script may be stopped and started; delete the tables to begin anew. Without an argument all tasks are
computed: `reversal`, `french`, `korean`. `PLAN` says which sizes and seeds; what the table holds was run.

One layer each, embeddings of 64, no attention, no dropout, Adam, gradients clipped at norm 1, batches of 64, full
teacher forcing, greedy search. `converged`: until held-out loss (in nats a token, rounded to two digits) brings no
new best, then again from the best weights with the next smaller learning rate; best weights kept.
- reversal: rates 0.02, 0.004, 0.0008; evaluated every 150 steps on 1,000 sequences, patience 2, at most 3,000 steps a
  rate; rows of 2 to 12 of 8 symbols, new ones in every batch. Scored on 500 rows a length.
- french, korean (into English): rates 0.005, 0.001; evaluated every epoch on `valid`, patience 1, at most 40 epochs a
  rate. `lesson`: four epochs at 0.005, which is what lesson 3 does.

Columns: `task`, `attention`, `budget`, `hidden_size`, `seed`; `split` (`test`: lengths seen in training, `long`: longer
ones, `summary`: ranges of several bins); `fewest` and `most` target tokens (reversal: symbols); `sentences` scored;
`exact`, the share without a fault; `bleu` (0 to 100; none for reversal); `steps` of training.
The examples are the first sentence of each bin in the corpus, and what the model made of it.
"""

import csv
import sys
from pathlib import Path

from course_utils import runtime
from course_utils.experiments.bottleneck import TASKS, Point, measure_point

HERE = Path(__file__).parent
GRID = ["task", "attention", "budget", "hidden_size", "seed"]
TABLES = {
    "bottleneck.tsv": [*GRID, "split", "fewest", "most", "sentences", "exact", "bleu", "steps"],
    "bottleneck_examples.tsv": [*GRID, "fewest", "most", "source", "reference", "output"],
}
# (task, attention, budget, hidden sizes, seed), in the order of need: a first seed everywhere, then the spread.
PLAN = [
    ("reversal", False, "converged", (8, 16, 32, 64), 0),
    ("french", False, "lesson", (128,), 0),
    ("french", False, "converged", (64, 128, 32), 0),
    ("korean", False, "lesson", (128,), 0),
    ("korean", False, "converged", (128,), 0),
    ("reversal", False, "converged", (8, 16, 32, 64), 1),
    ("french", False, "lesson", (128,), 1),
    ("french", False, "converged", (64, 128, 32), 1),
    ("reversal", False, "converged", (8, 16, 32, 64), 2),
    ("french", False, "lesson", (128,), 2),
    ("french", False, "converged", (64, 128, 32), 2),
    ("korean", False, "converged", (128,), 1),
    ("french", False, "converged", (256,), 0),
    ("french", False, "converged", (256,), 1),
    ("french", False, "converged", (256,), 2),
    ("korean", False, "lesson", (128,), 1),
    ("korean", False, "converged", (128,), 2),
    ("korean", False, "lesson", (128,), 2),
]


def points(wanted: list[str]) -> list[Point]:
    """Return the points of the plan that belong to the tasks wanted."""
    return [
        Point(task, attention, budget, hidden_size, seed)
        for task, attention, budget, sizes, seed in PLAN
        for hidden_size in sizes
        if task in wanted
    ]


def append(name: str, rows: list[dict]) -> None:
    """Write rows at the end of a table, exact match and BLEU with as many digits as they mean."""
    for row in rows:
        row |= {key: f"{row[key]:.{digits}f}" for key, digits in (("exact", 4), ("bleu", 2)) if key in row}
    with (HERE / name).open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, TABLES[name], delimiter="\t", lineterminator="\n")
        if not file.tell():
            writer.writeheader()
        writer.writerows(rows)


def done() -> set[tuple]:
    """Return the points whose rows stand in the table of examples, which is written last."""
    path = HERE / "bottleneck_examples.tsv"
    if not path.exists():
        return set()
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t")
        return {(r["task"], r["attention"] == "yes", r["budget"], int(r["hidden_size"]), int(r["seed"])) for r in rows}


def main() -> None:
    """Compute every point of the plan that the tables do not hold yet."""
    wanted = sys.argv[1:] or list(TASKS)
    if unknown := set(wanted) - set(TASKS):
        raise SystemExit(f"no such task: {', '.join(sorted(unknown))}; choose from {', '.join(TASKS)}")
    standing = done()
    for point in points(wanted):
        if point not in standing:
            device = runtime.setup(point.seed)
            table, examples = measure_point(point, device)
            append("bottleneck.tsv", table)
            append("bottleneck_examples.tsv", examples)


if __name__ == "__main__":
    main()
