"""Rebuild `recall.tsv`, delayed recall by lag: `nice python data/build_recall.py`.

About half an hour on one core. Rows are written as runs finish, and existing rows are not computed again, so you
can stop and restart the script; delete the table to start over.
"""

from pathlib import Path

from tables import fill

from course_utils import runtime
from course_utils.experiments import memory

PLAN = [(start, lag, range(3)) for lag in (2, 5, 10, 20, 40, 100) for start in memory.STARTS]


def run(start: str, lag: int, seed: int) -> dict:
    """Return the results of one network."""
    result = memory.train_recall(start, lag, seed, device=runtime.setup(seed))
    return {"accuracy": f"{result.accuracy:.4f}", "steps": result.steps}


if __name__ == "__main__":
    fill(Path(__file__).with_name("recall.tsv"), ["start", "lag", "seed"], PLAN, run)
