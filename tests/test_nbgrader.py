"""Assignments for nbgrader; graded by nbgrader itself where it is installed (`pip install nbgrader`)."""

import csv
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from course_utils.exercises import checks, solutions
from tools import nbgrader_copies

STUB = "raise NotImplementedError"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nbgrader")
    nbgrader_copies.write(folder)
    return folder


def cells(course, kind):
    """Return grade_id → cell of all lessons, of those cells where `kind` ("grade", "solution") is set."""
    found = {}
    for path in sorted(course.glob("source/*/*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.metadata.get("nbgrader", {}).get(kind):
                found[cell.metadata.nbgrader.grade_id] = cell
    return found


def test_every_exercise_is_an_answer_between_marks_and_a_strict_test_with_points(course):
    answers, tests = cells(course, "solution"), cells(course, "grade")
    assert set(answers) == set(checks.EXERCISES) and set(tests) == {f"{name}_check" for name in answers}
    for name, cell in answers.items():
        head, rest = cell.source.split("    ### BEGIN SOLUTION\n")
        body, tail = rest.split("    ### END SOLUTION")
        assert head.startswith(f"def {name}_exercise(") and not tail and STUB not in body
        assert body.strip() in solutions.parts(name)[0]
    for name, cell in tests.items():
        assert cell.metadata.nbgrader.points > 0 and cell.metadata.nbgrader.locked
        assert cell.source.endswith("strict=True)"), name


def test_every_assignment_passes_its_own_tests_and_gives_no_solution_away(course):
    for path in course.glob("source/*/*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        text = "\n".join(cell.source for cell in notebook.cells)
        assert "solutions.show" not in text and "show_solutions" not in text
        names = {}
        for cell in notebook.cells:
            if cell.cell_type == "code":
                exec(compile(cell.source, path.stem, "exec"), names)  # a strict check raises


def test_a_schools_own_settings_stay(course):
    config = course / "nbgrader_config.py"
    config.write_text("own = 1\n")
    nbgrader_copies.write(course)
    assert config.read_text() == "own = 1\n"
    config.unlink()
    nbgrader_copies.write(course)


@pytest.mark.skipif(importlib.util.find_spec("nbgrader") is None, reason="nbgrader is not installed")
def test_twenty_submissions_are_released_collected_graded_and_get_feedback(course):
    def nbgrader(*arguments):
        command = [sys.executable, "-m", "nbgrader", *arguments]
        path = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}  # it calls alembic by name
        done = subprocess.run(command, cwd=course, capture_output=True, text=True, timeout=900, env=os.environ | path)
        assert done.returncode == 0, done.stderr[-3000:]

    name = "lesson_02"
    nbgrader("generate_assignment", name)
    released = next((course / "release" / name).glob("*.ipynb"))
    assert released.read_text().count(STUB) == 4 and "BEGIN SOLUTION" not in released.read_text()

    answers = {cell: solutions.parts(cell)[0] for cell in ("forget_bias", "cell_parts", "coupled_step", "paper_gru")}
    broken = {"coupled_step": answers["coupled_step"].replace("(1 - f)", "f"), "paper_gru": "def paper_gru(:\n    pass"}
    kinds = {"untouched": ({}, 0), "all": (answers, 8), "first": ({"forget_bias": answers["forget_bias"]}, 1),
             "wrong": (answers | {"coupled_step": broken["coupled_step"]}, 6),
             "no Python": (answers | {"paper_gru": broken["paper_gru"]}, 5)}  # fmt: skip
    expected = {}
    for number in range(20):
        kind = list(kinds)[number % len(kinds)]
        given, points = kinds[kind]
        notebook = nbformat.read(released, as_version=4)
        for cell in notebook.cells:
            written = given.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
            if written:
                cell.source = written.replace("def ", "def ", 1).replace("(", "_exercise(", 1)
        student = f"student_{number:02}"
        expected[student] = points
        target = course / "submitted" / student / name / released.name
        target.parent.mkdir(parents=True)
        nbformat.write(notebook, target)
    nbgrader("autograde", name, "--create")
    nbgrader("generate_feedback", name)
    nbgrader("export")
    with (course / "grades.csv").open(newline="") as file:
        grades = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file) if row["assignment"] == name}
    assert grades == expected
    pages = list(course.glob(f"feedback/*/{name}/*.html"))
    assert len(pages) == 20 and any("not right yet" in page.read_text(encoding="utf-8") for page in pages)
