"""A table of runs that grows row by row, and takes up where it was stopped."""

import csv
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path


def fill(table: Path, keys: Sequence[str], plan: Iterable[tuple], run: Callable[..., dict]) -> None:
    """Run what `table` (tab-separated) does not hold yet, and append one row a run.

    Args:
        table: the file; made where it is not there.
        keys: names of the columns that name a run; the last is the seed.
        plan: tuples like the keys, with an iterable of seeds in the last place.
        run: `run(*key) -> {column: value}`, the results of one run.
    """
    done = set()
    if table.exists():
        with table.open(encoding="utf-8", newline="") as file:
            done = {tuple(row[key] for key in keys) for row in csv.DictReader(file, delimiter="\t")}
    for *setting, seeds in plan:
        for seed in seeds:
            key = (*setting, seed)
            if tuple(map(str, key)) in done:
                continue
            row = dict(zip(keys, key, strict=True)) | run(*key)
            first = not table.exists()
            with table.open("a", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, row, delimiter="\t", lineterminator="\n")
                if first:
                    writer.writeheader()
                writer.writerow(row)
