"""Try every claim with seeds that nobody has tried: `python -m tools.seeds [lesson …] [--seeds 20] [--first 1]`.

Slow: every lesson is run as often as there are seeds (about six minutes per seed for all four, on one quiet core).
Each run adds a number of its own to all seeds that a lesson passes to torch, so that networks, data and batches are
drawn anew; the corpus, the committed tables and the stored weights stay. In every claim cell each assertion is tried
by itself, and the numbers that it compares are kept. Runs are stored in build/seeds, so that the command can be
stopped and started; a run of a lesson whose code has changed since is done again. The table is data/seeds.tsv.
"""

import argparse
import ast
import csv
import datetime
import hashlib
import json
import os
import statistics
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from tqdm import tqdm

from tools import frame
from tools.kernels import ENCRYPTED

ROOT = Path(__file__).parents[1]
RUNS = ROOT / "build" / "seeds"
TABLE = ROOT / "data" / "seeds.tsv"
COLUMNS = ["lesson", "claim", "assertion", "passed", "tried", "lowest", "median", "highest", "date"]
STEP = 1000  # further apart than any two seeds of a lesson, so that no run shares a seed with another
MEASURED = "application/vnd.course.measured+json"


def shift_seeds(offset: int) -> None:
    """Add `offset` to every seed that is given to torch from now on, as a whole or for one generator."""
    import torch

    seed_all, plain = torch.manual_seed, torch.Generator

    class Generator(plain):
        def manual_seed(self, seed: int) -> "Generator":
            super().manual_seed(seed + offset)
            return self

    torch.manual_seed = lambda seed: seed_all(seed + offset)
    torch.Generator = Generator


def try_assertions(source: str, names: dict) -> list[dict]:
    """Run a claim cell and return what each of its assertions found, whether or not one before it failed.

    Args:
        source: the cell.
        names: the lesson's names; changed as the cell changes them.

    Returns:
        one entry per assertion outside of loops and functions, `assertion` (its text), `passed` and `values` (text →
        number of each side of its comparisons that is no literal); a loop or function that raises is an entry too.
    """
    results = []
    for node in ast.parse(source).body:
        text = ast.unparse(node.test if isinstance(node, ast.Assert) else node)
        values = {}
        try:
            if isinstance(node, ast.Assert):
                passed = bool(eval(text, names))
                values = compared_numbers(node.test, names)
            else:
                exec(text, names)
                passed = True
        except Exception as error:  # what a claim raises is what it found
            passed, text = False, f"{text}: {type(error).__name__}"
        if isinstance(node, ast.Assert) or not passed:
            results.append({"assertion": text, "passed": passed, "values": values})
    return results


def compared_numbers(test: ast.expr, names: dict) -> dict[str, float]:
    """Return text → number of every side of a comparison in `test` that is a number and no literal."""
    sides = [
        side for node in ast.walk(test) if isinstance(node, ast.Compare) for side in (node.left, *node.comparators)
    ]
    numbers = {}
    for side in sides:
        try:
            if not isinstance(side, ast.Constant):
                numbers[ast.unparse(side)] = float(eval(ast.unparse(side), names))
        except Exception:
            continue  # a set, a shape, or what only a comprehension's own names make sense of
    return numbers


def with_measurements(notebook: nbformat.NotebookNode, offset: int) -> nbformat.NotebookNode:
    """Shift a lesson's seeds and let every claim cell display what its assertions found; in place, and return it."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and "claim" in cell.metadata.get("tags", []):
            cell.source = (
                "from IPython.display import display as _display\nfrom tools.seeds import try_assertions\n"
                f"_display({{'{MEASURED}': try_assertions({cell.source!r}, globals())}}, raw=True)"
            )
    first = f"import sys\nsys.path.insert(0, {str(ROOT)!r})\nfrom tools.seeds import shift_seeds\nshift_seeds({offset})"
    notebook.cells.insert(0, nbformat.v4.new_code_cell(first))
    return notebook


def run(path: Path, number: int) -> dict:
    """Run one lesson with shifted seeds and return its results, from build/seeds if this lesson was run before.

    Returns:
        `claims`: claim → entries of `try_assertions`; `errors`: what other cells raised, `id: error`.
    """
    text = path.read_text(encoding="utf-8")
    sources = [cell["source"] for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    stored = RUNS / f"{path.stem}-{number}-{hashlib.sha256(json.dumps(sources).encode()).hexdigest()[:12]}.json"
    if stored.exists():
        return json.loads(stored.read_text(encoding="utf-8"))
    os.environ["COURSE_PREDICTIONS"] = "off"
    notebook = with_measurements(nbformat.reads(text, as_version=4), STEP * number)
    NotebookClient(
        notebook,
        timeout=1200,
        allow_errors=True,
        kernel_name="python3",
        config=ENCRYPTED,
        resources={"metadata": {"path": path.parent}},
    ).execute()
    found = {"claims": {}, "errors": []}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                found["errors"].append(f"{cell.id}: {output.ename}: {output.evalue}"[:200])
            elif entries := output.get("data", {}).get(MEASURED):
                named = cell.metadata.claim
                found["claims"].setdefault(named if isinstance(named, str) else ", ".join(named), []).extend(entries)
    RUNS.mkdir(parents=True, exist_ok=True)
    stored.write_text(json.dumps(found, indent=1), encoding="utf-8")
    return found


def summary(lesson: str, runs: list[dict], date: str) -> list[dict]:
    """Return the table's rows of one lesson: per assertion how often it passed, and the spread of what it compared."""
    rows = {}
    for claims in (found["claims"] for found in runs):
        for claim, entries in claims.items():
            for entry in entries:
                rows.setdefault((claim, entry["assertion"]), []).append(entry)
    table = []
    for (claim, assertion), entries in rows.items():
        row = {"lesson": lesson, "claim": claim, "assertion": assertion, "tried": len(entries), "date": date}
        row["passed"] = sum(entry["passed"] for entry in entries)
        # The first side that is no literal is what the claim measures.
        if numbers := [next(iter(entry["values"].values())) for entry in entries if entry["values"]]:
            spread = {"lowest": min(numbers), "median": statistics.median(numbers), "highest": max(numbers)}
            row |= {key: f"{value:.3g}" for key, value in spread.items()}
        table.append(row)
    return table


def main() -> None:
    """Run the lessons named, or all, and write their rows of the table; other lessons' rows stay."""
    lessons = frame.paths()
    parser = argparse.ArgumentParser(prog="python -m tools.seeds", description=__doc__)
    parser.add_argument("lessons", nargs="*", choices=[*(path.stem for path in lessons), []], help="all by default")
    parser.add_argument("--seeds", type=int, default=20, help="how many runs per lesson")
    parser.add_argument("--first", type=int, default=1, help=f"the first run's number; it adds {STEP} times its number")
    options = parser.parse_args()
    wanted = [path for path in lessons if path.stem in (options.lessons or [path.stem])]
    numbers = range(options.first, options.first + options.seeds)
    for path in wanted:
        runs = [run(path, number) for number in tqdm(numbers, desc=path.stem, unit="seed")]
        for error in sorted({error for found in runs for error in found["errors"]}):
            print(f"{path.stem}: {error}")
        new = summary(path.stem, runs, datetime.datetime.now(tz=datetime.UTC).date().isoformat())
        kept = []
        if TABLE.exists():
            with TABLE.open(encoding="utf-8", newline="") as file:
                kept = [row for row in csv.DictReader(file, delimiter="\t") if row["lesson"] != path.stem]
        with TABLE.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, delimiter="\t", lineterminator="\n", restval="")
            writer.writeheader()
            writer.writerows(sorted([*kept, *new], key=lambda row: row["lesson"]))
        for row in new:
            print(f"{row['passed']:2} of {row['tried']}  {row['claim']}: {row['assertion'][:90]}")


if __name__ == "__main__":
    main()
