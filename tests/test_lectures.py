"""The lectures: slides and speaker notes in the notebooks' metadata, and what is made of them."""

import itertools
import re

import export_slides
import lecture
import nbformat
import present
import pytest
import student_copies
from lessons import LESSONS, PATHS, ROOT

each = pytest.mark.parametrize("lesson", LESSONS)
TYPES = {"slide", "subslide", "fragment", "skip"}
STARTS = {"slide", "subslide"}
PLANS = (ROOT / "notebooks" / "README.md").read_text(encoding="utf-8")


def shown(name: str) -> list:
    return [cell for cell in LESSONS[name].cells if lecture.slide_type(cell) != "skip"]


def plan(name: str) -> str:
    number = int(name[:2])
    return re.search(rf"^## Lecture {number} .*?(?=^## |\Z)", PLANS, re.MULTILINE | re.DOTALL)[0]


# -- slides -----------------------------------------------------------------------------------------------------


@each
def test_every_cell_says_what_it_is_in_the_lecture(lesson):
    # What goes with the cell before has no type at all: live slides show nothing where it is written as a dash.
    for cell in LESSONS[lesson].cells:
        assert cell.metadata["slideshow"].get("slide_type", "skip") in TYPES, cell.id


@each
def test_a_lecture_shows_about_25_cells_and_begins_with_the_title(lesson):
    assert 22 <= len(shown(lesson)) <= 28
    assert shown(lesson)[0] is LESSONS[lesson].cells[0]
    assert lecture.slide_type(LESSONS[lesson].cells[0]) == "slide"


@each
def test_set_up_code_and_exercises_are_not_in_the_lecture(lesson):
    cells = LESSONS[lesson].cells
    begin = next(at for at, cell in enumerate(cells) if cell.source.startswith("## Exercises"))
    assert all("runtime.setup(" not in cell.source for cell in shown(lesson))
    assert not any(re.match(r"ex(\d|-)", cell.id) for cell in shown(lesson))
    assert all(cells.index(cell) < begin or "Recap" in cell.source for cell in shown(lesson))


@each
def test_a_prediction_comes_before_what_it_predicts(lesson):
    cells = shown(lesson)
    prompts = [at for at, cell in enumerate(cells) if "**Predict" in cell.source]
    assert len(prompts) >= 3
    for at in prompts:
        assert lecture.slide_type(cells[at + 1]) != "-", f"{cells[at + 1].id} gives {cells[at].id} away"


@each
def test_only_cells_with_an_output_hide_their_code(lesson):
    for cell in LESSONS[lesson].cells:
        if lecture.OUTPUT_ONLY in cell.metadata.get("tags", []):
            assert cell.cell_type == "code" and cell.outputs, cell.id


@each
def test_live_slides_carry_the_style_of_today(lesson):
    assert LESSONS[lesson].metadata.get(lecture.STYLE_KEY) == lecture.live_style(), "run make notebooks"


# -- speaker notes ----------------------------------------------------------------------------------------------


@each
def test_every_slide_has_notes_and_only_slides_have(lesson):
    for cell in LESSONS[lesson].cells:
        speaker = cell.metadata.get("speaker")
        assert (speaker is not None) == (lecture.slide_type(cell) in STARTS), cell.id
        if speaker:
            assert speaker["minutes"] > 0 and len(speaker["say"]) > 40, cell.id
            assert set(speaker) <= {"minutes", *lecture.NOTES}, cell.id


@each
def test_a_lecture_takes_fifty_minutes_with_questions_and_a_plan(lesson):
    notes = [cell.metadata.speaker for cell in shown(lesson) if "speaker" in cell.metadata]
    assert 45 <= sum(note.minutes for note in notes) <= 50
    assert sum("ask" in note for note in notes) >= 5
    assert sum("misconception" in note for note in notes) >= 3
    assert any("live" in note for note in notes)
    for part in ("Before class", "| minutes |", "Cut when time is short", "If they ask"):
        assert part in plan(lesson), part
    rows = re.findall(r"^\| *([\d.]+)[–-]([\d.]+) *\|", plan(lesson), re.MULTILINE)
    times = [(float(begin), float(end)) for begin, end in rows]
    assert times[0][0] == 0 and times[-1][1] == 50
    assert all(first[1] == second[0] for first, second in itertools.pairwise(times))


def small_lecture(*cells) -> nbformat.NotebookNode:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(source) for source, _ in cells])
    for cell, (_, metadata) in zip(notebook.cells, cells, strict=True):
        cell.metadata.update(metadata)
    return notebook


@pytest.fixture
def two_slides():
    slide = {"slideshow": {"slide_type": "slide"}}
    return small_lecture(
        ("# First\n\n$x$", slide | {"speaker": {"minutes": 2, "say": "Say one.", "ask": "Why?"}}),
        ("left out", {"slideshow": {"slide_type": "skip"}}),
        ("## Second", slide | {"speaker": {"minutes": 3.5, "say": "Say two."}}),
    )


def test_exported_slides_carry_notes_and_ask_no_other_host(two_slides):
    page = export_slides.slides_page(two_slides, "small")
    assert page.count('<aside class="notes">') == 2 and "Say one." in page and "Why?" in page
    assert "left out" not in page
    assert not re.search(r'(?:src|href|from) ?=? ?["\'](?:https?:)?//', page)


def test_printed_notes_run_with_the_clock(two_slides):
    page = export_slides.notes_page(two_slides, "small")
    assert "1 · First · from minute 0" in page and "2 · Second · from minute 2" in page
    assert "Say two." in page and "3.5 min" in page


def test_both_kinds_of_slides_have_the_same_rules():
    live, page = str(lecture.live_style()), lecture.page_style()
    for name, rule in lecture.STYLE.items():
        for part in name.split(", "):
            assert part.replace("CELL", lecture.SHOWN["page"]) in page
            assert part.replace("CELL", lecture.SHOWN["live"]) in live
        assert all(value in page and value in live for value in rule.values())


# -- what students get, and what opens a lecture ----------------------------------------------------------------


def test_students_get_lessons_without_outputs_and_notes_and_keep_what_is_theirs(tmp_path):
    (tmp_path / "mine.txt").write_text("a student's file")
    lessons = student_copies.write(tmp_path)
    assert [path.name for path in lessons] == [path.name for path in PATHS]
    for path in lessons:
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            assert "speaker" not in cell.metadata
            assert cell.get("outputs", []) == [] and cell.get("execution_count") is None
        assert [cell.source for cell in notebook.cells] == [cell.source for cell in LESSONS[path.stem].cells]
    before = [path.read_bytes() for path in lessons]
    student_copies.write(tmp_path)
    assert [path.read_bytes() for path in lessons] == before
    assert (tmp_path / "mine.txt").exists() and (tmp_path / "course_utils" / "views" / "views.js").exists()
    assert not (tmp_path / "tests").exists()


def test_present_finds_a_lesson_or_says_which_there_are():
    assert present.lesson("02").name == "02_lstm.ipynb"
    with pytest.raises(ValueError, match="LESSON=0 names 4 lessons; there are 01_rnn, 02_lstm"):
        present.lesson("0")
    with pytest.raises(ValueError, match="LESSON=9 names 0 lessons"):
        present.lesson("9")


def test_present_keeps_settings_that_a_lecturer_changed(tmp_path):
    settings = present.write_settings(tmp_path)
    file = settings / "jupyterlab-slideshow" / "plugin.jupyterlab-settings"
    assert '"active": true' in file.read_text()
    file.write_text("{}")
    present.write_settings(tmp_path)
    assert file.read_text() == "{}"
