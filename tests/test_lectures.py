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
MOST_WORDS = 40  # on a slide, its heading included
MOST_LETTERS = 60  # in one line of a heading
NO_WORDS = r"(?s)```.*?```|\$\$.*?\$\$|\$[^$]*\$|`[^`]*`|<[^>]*>|\]\([^)]*\)"  # code, formulas, tags, addresses
PLANS = (ROOT / "docs" / "lectures.md").read_text(encoding="utf-8")


def shown(name: str) -> list:
    return [cell for cell in LESSONS[name].cells if lecture.slide_type(cell) != "skip"]


def slides(name: str) -> list[list]:
    """Return the cells of every slide of a lesson."""
    starts = [at for at, cell in enumerate(shown(name)) if lecture.slide_type(cell) in STARTS]
    return [shown(name)[begin:end] for begin, end in itertools.pairwise([*starts, None])]


def headings(cells: list) -> list[str]:
    own = [cell.metadata["slide"]["heading"] for cell in cells if "heading" in cell.metadata.get("slide", {})]
    return own + [
        line.lstrip("# ") for cell in cells for line in lecture.slide_text(cell).splitlines() if line[:1] == "#"
    ]


def count_words(markdown: str) -> int:
    return sum(any(map(str.isalnum, word)) for word in re.sub(NO_WORDS, " ", markdown).split())


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
    assert 22 <= sum("prediction" not in cell.metadata.get("tags", []) for cell in shown(lesson)) <= 28
    assert shown(lesson)[0] is LESSONS[lesson].cells[1]
    assert lecture.slide_type(LESSONS[lesson].cells[1]) == "slide"


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
    prompts = [at for at, cell in enumerate(cells) if "prediction" in cell.metadata.get("tags", [])]
    assert len(prompts) >= 3
    for at in prompts:
        assert lecture.slide_type(cells[at + 1]) != "-", f"{cells[at + 1].id} gives {cells[at].id} away"


@each
def test_only_cells_with_an_output_hide_their_code(lesson):
    for cell in LESSONS[lesson].cells:
        if lecture.OUTPUT_ONLY in cell.metadata.get("tags", []):
            assert cell.cell_type == "code" and cell.outputs, cell.id


@each
def test_what_is_folded_in_the_notebook_is_not_read_on_a_slide(lesson):
    for cell in shown(lesson):
        if cell.metadata.get("jupyter", {}).get("source_hidden"):
            assert lecture.OUTPUT_ONLY in cell.metadata.get("tags", []), cell.id


@each
def test_live_slides_carry_the_style_of_today(lesson):
    notebook = LESSONS[lesson]
    assert notebook.metadata.get(lecture.STYLE_KEY) == lecture.live_style(notebook), "run make frame"


@each
def test_every_live_slide_has_its_number(lesson):
    starts = [cell.id for cell in LESSONS[lesson].cells if lecture.slide_type(cell) in STARTS]
    rules = LESSONS[lesson].metadata[lecture.STYLE_KEY]["styles"]
    for at, cell_id in enumerate(starts, start=1):
        assert (
            rules[f"{lecture.SHOWN['live']}[data-jpf-cell-id='{cell_id}']::after"]["content"]
            == f"'{at} / {len(starts)}'"
        )


# -- what is read on a slide ------------------------------------------------------------------------------------


@each
def test_a_slide_holds_few_words(lesson):
    for cells in slides(lesson):
        own = [cell.metadata.get("slide", {}).get("heading", "") for cell in cells]
        text = "\n\n".join([*own, *map(lecture.slide_text, cells)])
        assert count_words(text) <= MOST_WORDS, f"{cells[0].id}: {count_words(text)} words"


def test_words_are_counted_without_code_formulas_and_addresses():
    assert count_words("## Two · words\n\n$$x = 1$$\n\n`code`, $h_t$ and **a** [link](to/nowhere)") == 5
    assert count_words("a hidden state (은닉 상태) of 12 units") == 8


@each
def test_every_slide_but_bare_code_has_a_heading_of_one_line(lesson):
    for cells in slides(lesson):
        if not all("taught" in cell.metadata.get("tags", []) for cell in cells):
            assert headings(cells), f"{cells[0].id}: no heading"
        assert all(len(heading) <= MOST_LETTERS for heading in headings(cells)), headings(cells)


@each
def test_an_explorers_slide_asks_its_question(lesson):
    with_explorers = [cells for cells in slides(lesson) if re.search(r"explorer\(|playground\(", cells[0].source)]
    assert with_explorers
    for cells in with_explorers:
        assert headings(cells)[0].endswith("?"), cells[0].id


@each
def test_only_a_slide_has_a_heading_of_its_own_and_only_markdown_is_shown_in_part(lesson):
    for cell in LESSONS[lesson].cells:
        slide = cell.metadata.get("slide", {})
        assert set(slide) <= {"heading", "shows"}, cell.id
        assert "heading" not in slide or lecture.slide_type(cell) in STARTS, cell.id
        if "shows" in slide:
            assert lecture.slide_type(cell) != "skip" and "```" not in cell.source, cell.id
            assert slide["shows"] == sorted({*slide["shows"]} & {*range(1, len(lecture.blocks(cell)) + 1)}), cell.id


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


@pytest.fixture
def long_slide():
    start = {"slideshow": {"slide_type": "slide"}, "speaker": {"minutes": 1, "say": "Say."}}
    shows = {"slide": {"heading": "What “it” finds", "shows": [1, 3]}}
    return small_lecture(("Shown first.\n\nRead at home.\n\n$$x$$", start | shows))


def test_an_exported_slide_has_its_heading_and_the_blocks_that_its_cell_names(long_slide):
    page = export_slides.slides_page(long_slide, "small")
    section = page[page.index("<section", page.index("<section") + 1) : page.index("</section>")]
    assert re.search(r"<h2[^>]*>What “it” finds", section)
    assert "Shown first." in section and "$$x$$" in section and "Read at home." not in page
    assert page.count('<aside class="notes">') == 1


def test_a_live_slide_has_its_heading_and_hides_the_other_blocks(long_slide):
    (cell,), rules = long_slide.cells, lecture.live_style(long_slide)["styles"]
    this = f"{lecture.SHOWN['live']}[data-jpf-cell-id='{cell.id}']"
    assert rules[f"{this}::before"]["content"] == '"What “it” finds"'
    assert [name for name in rules if "nth-child" in name and this in name] == [
        f"{this} .jp-MarkdownOutput > :nth-child(2)"
    ]


def test_notes_name_a_slide_by_its_own_heading(long_slide):
    assert "1 · What “it” finds · from minute 0" in export_slides.notes_page(long_slide, "small")


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
    assert [path.name for path in lessons] == ["00_start.ipynb", *(path.name for path in PATHS)]
    for path in lessons[1:]:
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            assert "speaker" not in cell.metadata
            assert cell.get("execution_count") is None and "outputs_hidden" not in cell.metadata.get("jupyter", {})
            assert bool(cell.get("outputs", [])) == cell.source.startswith("predict("), "questions are there to be read"
        assert [cell.source for cell in notebook.cells] == [cell.source for cell in LESSONS[path.stem].cells]
    before = [path.read_bytes() for path in lessons]
    student_copies.write(tmp_path)
    assert [path.read_bytes() for path in lessons] == before
    assert (tmp_path / "mine.txt").exists() and (tmp_path / "course_utils" / "views" / "views.js").exists()
    assert (tmp_path / "docs" / "pictures" / "01_rnn.png").exists() and not (tmp_path / "docs" / "lectures.md").exists()
    assert not (tmp_path / "tests").exists()


def test_present_finds_a_lesson_or_says_which_there_are():
    assert present.lesson("02").name == "02_lstm.ipynb"
    with pytest.raises(ValueError, match="LESSON=0 names 6 lessons; there are 01_rnn, 02_lstm"):
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
