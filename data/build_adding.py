"""Rebuild `adding.tsv`, the long runs of the adding problem: `nice python data/build_adding.py`.

About three quarters of an hour on one core. Rows are written as runs finish, and existing rows are not computed again,
so you can stop and restart the script; delete the table to start over.
"""

from pathlib import Path

from tables import fill

from course_utils import runtime
from course_utils.experiments import memory

# (start, length, seeds): the budget at each length is what the paper needed there.
PLAN = [
    ("lstm_chrono", 100, range(10)),
    ("lstm_chrono", 500, range(10)),
    ("lstm", 100, range(3)),
    ("rnn", 100, range(3)),
    ("lstm_bias_5", 100, range(3)),
    ("lstm_chrono_forget", 100, range(3)),
    ("lstm_chrono_input", 100, range(3)),
    ("lstm_chrono", 1000, range(10)),
]


def run(start: str, length: int, seed: int) -> dict:
    """Return the results of one network, trained with the paper's stopping rule and tested."""
    device = runtime.setup(seed)
    result = memory.train_adding(start, length, seed, budget=memory.PAPER_SEQUENCES[length], device=device)
    return {
        "sequences": result.sequences,
        "solved": "yes" if result.solved else "no",
        "wrong": result.wrong,
        "mean_error": f"{result.test_errors.mean():.4f}",
    }


if __name__ == "__main__":
    fill(Path(__file__).with_name("adding.tsv"), ["start", "length", "seed"], PLAN, run)
