"""Students' copies without solutions: nothing of the answers is in them, and every check says what it says here."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import student_copies
import torch
from mutants import collected

from course_utils.exercises import checks, outcomes, solutions
from course_utils.exercises.comparing import alike
from course_utils.messages.mistakes import MISTAKES

ALL_VERDICTS = """
import json
from mutants import collected
from course_utils.exercises import checks, solutions
solutions.show("padded_rnn")
print(json.dumps([checks.EXERCISES[answer.exercise].verdict(answer.function).text for answer in collected()]))
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("students")
    student_copies.write(folder)  # renewed without solutions, it loses those that it had
    student_copies.write(folder, solutions=False)
    return folder


def test_nothing_of_the_answers_is_in_the_copy(copy):
    texts = [path.read_bytes().decode(errors="ignore") for path in copy.rglob("*") if path.is_file()]
    assert not (copy / student_copies.ANSWERS).exists() and len(texts) > 50
    for name, function in solutions.SOLUTIONS.items():
        body = solutions.parts(name)[0].partition("\n")[2]
        for piece in (function.__doc__.splitlines()[0], body, "show_solutions", "To see the worked solutions"):
            assert not any(piece in text for text in texts), name
    assert (copy / student_copies.RECORD).stat().st_size < 30_000 * len(solutions.SOLUTIONS)


def test_every_verdict_in_the_copy_is_the_full_packages(copy):
    environment = os.environ | {"PYTHONPATH": f"{copy}{os.pathsep}{Path(__file__).parent}"}
    printed = subprocess.check_output([sys.executable, "-c", ALL_VERDICTS], cwd=copy, env=environment, text=True)
    sentence, verdicts = printed.strip().splitlines()
    assert sentence == "This copy of the course has no worked solutions."
    full = [checks.EXERCISES[answer.exercise].verdict(answer.function).text for answer in collected()]
    assert json.loads(verdicts) == full and len(full) > 250


@pytest.mark.parametrize("name", checks.EXERCISES)
def test_recorded_tensors_are_where_the_computed_ones_are(copy, monkeypatch, name):
    # Lengths stay on the CPU whatever the case's device; what follows the case follows it to `meta` here.
    meta = torch.device("meta")
    trials = outcomes.trials(checks.EXERCISES[name].cases, meta)
    computed = [outcomes.known(name, t, m) for m in ("", *MISTAKES[name]) for t in trials]
    monkeypatch.setattr(outcomes, "RECORD", copy / student_copies.RECORD)
    monkeypatch.setattr(outcomes, "answers", None)
    outcomes._record.cache_clear()
    recorded = [outcomes.known(name, t, m) for m in ("", *MISTAKES[name]) for t in trials]
    for ours, theirs in zip(computed, recorded, strict=True):
        assert ours.error or alike(ours.value, theirs.value)
