"""Rebuild `adding.tsv`, the long runs of the adding problem: `nice python data/build_adding.py`.

About half an hour on one core. Rows are written as runs finish, and a row that stands is not computed again, so
the script may be stopped and started; delete the table to begin anew.
"""

from pathlib import Path

from tables import fill

from course_utils import runtime
from course_utils.experiments import memory

SEQUENCES = memory.PAPER_SEQUENCES
# (start, length, seeds): the budget at each length is what the paper needed there.
PLAN = [
    ("LSTM, chrono", 100, range(10)),
    ("LSTM, chrono", 500, range(10)),
    ("LSTM", 100, range(3)),
    ("RNN", 100, range(3)),
    ("LSTM, chrono", 1000, range(10)),
]


def run(start: str, length: int, seed: int) -> dict:
    """Return the results of one network, trained with the paper's stopping rule and tested."""
    device = runtime.setup(seed)
    result = memory.train_adding(start, length, seed, budget=SEQUENCES[length], device=device)
    return {
        "sequences": result.sequences,
        "solved": "yes" if result.solved else "no",
        "wrong": result.wrong,
        "mean_error": f"{result.test_errors.mean():.4f}",
    }


if __name__ == "__main__":
    fill(Path(__file__).with_name("adding.tsv"), ["start", "length", "seed"], PLAN, run)
