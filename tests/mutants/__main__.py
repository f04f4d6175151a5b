"""Print which wrong answers to exercises, and which wrong models shown to claims, were caught."""

import sys
import time
from collections import Counter
from pathlib import Path

import claims
import pytest
import torch
from lessons import cells, claims_of

from course_utils.exercises import checks
from mutants import collected

TESTS = Path(__file__).parents[1]


class ClaimRecorder:
    """A pytest plugin that counts, for each claim cell, what the tests showed it and what it said.

    A test ends at its first surprise. So where one fails, the numbers it showed last are those that the cell should
    have refused (`missed`) or accepted.
    """

    def __init__(self):
        self.refused, self.accepted, self.missed, self.failed = Counter(), Counter(), Counter(), []
        self._last = None
        self._claim_fails = claims.claim_fails
        claims.claim_fails = self.recorded

    def recorded(self, lesson: str, id: str, names: dict) -> bool:
        """Run a claim cell and count what it said."""
        failed = self._claim_fails(lesson, id, names)
        self._last = (self.refused if failed else self.accepted), (lesson, id)
        self._last[0][lesson, id] += 1
        return failed

    def pytest_collectreport(self, report) -> None:
        """Keep the names of files that cannot be read."""
        if report.failed:
            self.failed.append(report.nodeid)

    def pytest_runtest_logreport(self, report) -> None:
        """Keep the names of failing tests, and book what a cell wrongly accepted as missed."""
        if report.failed:
            self.failed.append(report.nodeid)
            if self._last and self._last[0] is self.accepted:
                self.accepted[self._last[1]] -= 1
                self.missed[self._last[1]] += 1
        if report.when == "teardown":
            self._last = None


def exercises() -> list[tuple]:
    """Return a row for each exercise: lesson, name, mutants, caught, right answers, accepted."""
    rows = []
    for exercise in sorted(checks.EXERCISES.values(), key=lambda exercise: exercise.lesson):
        answers = [answer for answer in collected() if answer.exercise == exercise.name]
        wrong = [answer for answer in answers if answer.says is not None]
        caught = [not (v := exercise.verdict(a.function)).solved and a.says in v.text for a in wrong]
        right = [exercise.verdict(answer.function).solved for answer in answers if answer.says is None]
        rows.append((exercise.lesson, exercise.name, len(wrong), sum(caught), len(right), sum(right)))
    return rows


def claim_rows() -> tuple[list[tuple], list[str]]:
    """Return a row for each claim cell that the tests try on wrong models, and the tests that failed."""
    recorder = ClaimRecorder()
    files = sorted(map(str, TESTS.glob("test_claims_*.py")))
    options = ["-q", "--no-header", "--no-summary", "-p", "no:cacheprovider", "--continue-on-collection-errors"]
    pytest.main([*files, *options], plugins=[recorder])
    rows = []
    for lesson, id in sorted({**recorder.refused, **recorder.accepted, **recorder.missed}):
        named = next(claims_of(cell) for cell in cells(lesson) if cell.id == id)
        caught, right = recorder.refused[lesson, id], recorder.accepted[lesson, id]
        rows.append((int(lesson[:2]), ", ".join(named), caught + recorder.missed[lesson, id], caught, right, right))
    return rows, recorder.failed


def main() -> int:
    """Print the table and return 0 where everything was caught and every right answer accepted."""
    torch.set_num_threads(1)
    began = time.perf_counter()
    tried = exercises()
    taken = time.perf_counter() - began
    found, failed = claim_rows()
    print(f"\n{'lesson':>6}  {'exercise or claim':44} {'mutants':>8} {'caught':>7} {'right':>6} {'accepted':>9}")
    for lesson, name, wrong, caught, right, accepted in [*tried, *found]:
        print(f"{lesson:6}  {name:44} {wrong:8} {caught:7} {right:6} {accepted:9}")
    mutants, caught, right, accepted = (sum(row[at] for row in tried) for at in (2, 3, 4, 5))
    shown, refused = (sum(row[at] for row in found) for at in (2, 3))
    print(f"\nexercises: {caught} of {mutants} wrong caught, {accepted} of {right} right accepted, in {taken:.0f} s")
    print(f"claims: {refused} of {shown} wrong models refused")
    for name in failed:
        print("failed:", name)
    return int(caught < mutants or accepted < right or bool(failed))


if __name__ == "__main__":
    sys.exit(main())
