"""The start page's cards, and the small file that keeps what a student has solved."""

import json
import subprocess
import sys

import pytest
from lessons import PATHS, ROOT

from course_utils.exercises import course, solved


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(solved, "_memory", set())
    monkeypatch.setenv(solved.VARIABLE, str(tmp_path / "mine.json"))
    return tmp_path / "mine.json"


@pytest.fixture
def cards(monkeypatch):
    def show(**options):
        seen = []
        monkeypatch.setattr("IPython.display.display", lambda data, raw: seen.append(data))
        course.show_lessons(ROOT / "notebooks", **options)
        return seen[0]

    return show


def test_a_card_per_lesson_has_picture_question_minutes_and_link(cards, file):
    data = cards()
    assert len(data["text/plain"].splitlines()) == len(PATHS)
    for path in PATHS:
        assert f'href="{path.name}"' in data["text/html"]
    assert data["text/html"].count("data:image/png") >= 4
    assert "Lesson 1 · The recurrent neural network · 50 minutes · 0 of 4 exercises solved" in data["text/plain"]
    assert "predictions" not in data["text/plain"]


def test_cards_count_what_is_solved_and_predicted(cards, file):
    solved.note_verdict("padded_rnn", True)
    data = cards(made={"rnn": (2, 9)})
    assert "1 of 4 exercises solved · 2 of 9 predictions made" in data["text/plain"]


def test_solved_exercises_outlive_the_kernel_and_can_be_undone(file, monkeypatch):
    solved.note_verdict("beam", True)
    solved.note_verdict("padded_rnn", True)
    monkeypatch.setattr(solved, "_memory", set())  # as in a new kernel
    assert solved.solved() == {"beam", "padded_rnn"}
    solved.note_verdict("beam", False)
    assert json.loads(file.read_text()) == {"solved": ["padded_rnn"]}


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"solved": 3}', '{"other": []}'])
def test_a_broken_file_counts_as_empty_and_is_written_anew(file, broken):
    file.write_text(broken)
    assert solved.solved() == set()
    solved.note_verdict("beam", True)
    assert json.loads(file.read_text()) == {"solved": ["beam"]}


def test_without_a_notebook_or_switched_off_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(solved, "_memory", set())
    monkeypatch.chdir(tmp_path)
    for chosen in ("", "off"):
        monkeypatch.setenv(solved.VARIABLE, chosen)
        solved.note_verdict("beam", True)
        assert solved.solved() == {"beam"}
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_keeps_it_in_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(solved, "_memory", set())
    monkeypatch.setenv(solved.VARIABLE, str(tmp_path / "nowhere" / "mine.json"))
    solved.note_verdict("beam", True)
    assert solved.solved() == {"beam"}


def test_notebooks_that_are_no_lessons_have_no_card(tmp_path):
    cell = {"cell_type": "markdown", "source": ["# Lesson 3 · Three\n", "\n", "**Why?**"]}
    (tmp_path / "03_three.ipynb").write_text(json.dumps({"cells": [cell]}))
    (tmp_path / "04_note.ipynb").write_text(json.dumps({"cells": [{"cell_type": "markdown", "source": "# Notes"}]}))
    assert course.lessons(tmp_path) == [course.Lesson("03_three.ipynb", 3, "Three", "Why?", None)]


def test_two_notebooks_at_once_lose_nothing(file):
    program = (
        "import sys; from course_utils.exercises import solved\n"
        "for at in range(60): solved.note_verdict(f'{sys.argv[1]}{at:02}', True)"
    )
    notebooks = [subprocess.Popen([sys.executable, "-c", program, name], cwd=ROOT) for name in "ab"]
    assert [notebook.wait(60) for notebook in notebooks] == [0, 0]
    assert json.loads(file.read_text())["solved"] == [f"{name}{at:02}" for name in "ab" for at in range(60)]
    assert [path.name for path in file.parent.iterdir()] == [file.name]
