"""What is around a lesson is what the tool writes, whatever lessons there are."""

import copy
import os
import re
import subprocess
import sys

import frame
import nbformat
import pytest
from frame import Lesson, framed
from lessons import LESSONS
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

COURSE = [
    Lesson("01_one", 1, "One", "Why one?", 50),
    Lesson("02_two", 2, "Two", "Why two?", 45),
    Lesson("03_three", 3, "Three", "Why three?", 50),
]


def small(*sources: str) -> nbformat.NotebookNode:
    return new_notebook(cells=[new_markdown_cell(source) for source in sources])


@pytest.mark.parametrize("name", LESSONS)
def test_what_is_stored_is_what_the_tool_writes(name):
    stored = LESSONS[name]
    assert framed(name, copy.deepcopy(stored), frame.lessons()) == stored, "run make frame"


@pytest.mark.parametrize("name", LESSONS)
def test_links_of_banner_and_card_lead_to_files_and_headings(name):
    cells = LESSONS[name].cells
    targets = re.findall(r"\]\((.*?)\)(?:[ <]|$)", cells[0].source + " " + cells[-1].source)
    assert len(targets) > 10
    for target in targets:
        if "#" in target:
            file, _, cell_id = target.partition("#cell-id=")
            assert file == f"{name}.ipynb"
            (cell,) = (cell for cell in cells if cell.id == cell_id)
            assert re.search("^## ", cell.source, re.MULTILINE), target
        else:
            assert (frame.NOTEBOOKS / target).is_file(), target


def test_a_banner_names_place_minutes_neighbours_and_sections():
    notebook = framed(
        "02_two", small("# Lesson 2 · Two\n\n**Why?**", "## You will be able to", "## 1 · A and b"), COURSE
    )
    banner, *_, card = notebook.cells
    assert "Lesson 2 of 3" in banner.source and "45 min" in banner.source
    assert "[← 1 · One](01_one.ipynb)" in banner.source and "[3 · Three →](03_three.ipynb)" in banner.source
    assert (
        f"[1 · A and b](02_two.ipynb#cell-id={notebook.cells[3].id})" in banner.source
        and "able to" not in banner.source
    )
    assert "Lesson 3 · Three" in card.source and "Why three?" in card.source and "50 min" in card.source


def test_ends_of_the_course_have_one_neighbour_and_a_new_lesson_changes_them():
    first, last = (framed(name, small("# x"), COURSE).cells for name in ("01_one", "03_three"))
    assert "←" not in first[0].source and "→" in first[0].source
    assert "→" not in last[0].source and "last lesson" in last[-1].source
    longer = [*COURSE, Lesson("04_four", 4, "Four", "Why four?", 50)]
    assert "Lesson 4 · Four" in framed("03_three", new_notebook(cells=last), longer).cells[-1].source


def test_framing_twice_changes_nothing_and_leaves_other_cells_alone():
    once = framed("01_one", small("# One", "## 1 · Begin"), COURSE)
    again = framed("01_one", copy.deepcopy(once), COURSE)
    assert again == once and [cell.source for cell in once.cells[1:-1]] == ["# One", "## 1 · Begin"]


def test_a_lesson_says_its_title_question_and_minutes():
    notebook = small("# Lesson 7 · Seven\n\n**Why seven?**\n\nMore.")
    notebook.cells[0].metadata.speaker = {"minutes": 47.5}
    assert frame.lesson_of("07_seven", notebook) == Lesson("07_seven", 7, "Seven", "Why seven?", 50)
    with pytest.raises(ValueError, match="07_seven: expected a heading"):
        frame.lesson_of("07_seven", small("# Seven"))


@pytest.mark.parametrize(
    ("source", "tags", "folded"),
    [
        ("assert gap < 1\nfigures.measured('small')", ["claim"], True),
        ("x = 1\nprint(x)", ["folded"], True),
        ("ax = figures.draw_curves(x, y)\nax.legend()\nfigures.show(ax)\nassert y", [], True),
        ("ax = figures.draw_curves(x, y)\nfigures.show(ax)", ["open"], False),
        ("y = f(x)\nfigures.show(figures.draw_curves(x, y))", [], False),
        ("for x in y:\n    figures.show(x)", [], False),
        ("def my_step(x):\n    return figures.x", ["taught"], False),
        ("assert x", [], False),
    ],
)
def test_only_what_plots_or_asserts_is_folded(source, tags, folded):
    assert frame.is_folded(new_code_cell(source, metadata={"tags": tags})) == folded


def test_folding_is_undone_where_a_cell_no_longer_only_plots():
    cell = new_code_cell("y = f(x)", metadata={"jupyter": {"source_hidden": True}})
    assert "jupyter" not in frame.fold(new_notebook(cells=[cell])).cells[0].metadata


def test_an_exported_page_folds_what_the_notebook_folds_and_its_links_stay_on_it(tmp_path):
    # What `make lab` gives JupyterLab, and so its own "Save and Export Notebook As … HTML".
    folded = new_code_cell("hidden = 1", metadata={"jupyter": {"source_hidden": True}})
    part = new_markdown_cell("## A part")
    links = new_markdown_cell(f"[a part]({frame.anchor('x', part.id)}) [next](y.ipynb)")
    cells = [links, part, folded, new_code_cell("seen = 2")]
    nbformat.write(new_notebook(cells=cells), tmp_path / "x.ipynb")
    environment = os.environ | {"JUPYTER_CONFIG_PATH": str(frame.NOTEBOOKS.parent / "tools" / "lab")}
    command = [sys.executable, "-m", "nbconvert", "--to", "html", str(tmp_path / "x.ipynb")]
    subprocess.run(command, env=environment, cwd=tmp_path, check=True, capture_output=True)
    page = (tmp_path / "x.html").read_text(encoding="utf-8")
    (details,) = re.findall(r"<details.*?</details>", page, re.DOTALL)
    assert "hidden" in details and "seen" not in details and "seen" in page
    assert f'href="#cell-id={part.id}"' in page and f'id="cell-id={part.id}"' in page and 'href="y.ipynb"' in page
