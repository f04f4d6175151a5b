"""The notebooks' own rules: anatomy, claims, taught cells, stored outputs."""

import ast
import importlib
import itertools
import re
from collections import Counter
from pathlib import Path
from statistics import median

import execute_notebooks
import frame
import pytest
from lessons import CLAIMS, LESSONS, PATHS, ROOT, cells, claims_of, definitions

from course_utils import predictions

lesson = pytest.mark.parametrize("lesson", LESSONS)
HANGUL = re.compile("[가-힣]")


def headings(name: str) -> list[str]:
    text = "\n".join(cell.source for cell in cells(name, "markdown"))
    return re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)


def before_exercises(name: str) -> list:
    heading = re.compile(r"^## Exercises", re.MULTILINE)
    return list(itertools.takewhile(lambda cell: not heading.search(cell.source), LESSONS[name].cells[1:]))


def bullets(name: str, heading: str) -> list[str]:
    (cell,) = (cell for cell in cells(name, "markdown") if re.search(rf"^#+ {heading}", cell.source, re.MULTILINE))
    return re.findall(r"^[-*] (.*)$", cell.source, flags=re.MULTILINE)


def is_open(cell) -> bool:
    """Return whether a reader sees the cell's source at once."""
    return not cell.metadata.get("jupyter", {}).get("source_hidden")


def asks(cell) -> bool:
    """Return whether a cell asks for predictions."""
    return "prediction" in cell.metadata.get("tags", []) and cell.source.startswith("predict(")


def code_lines(cell) -> int:
    return sum(bool(line.strip()) for line in cell.source.splitlines())


# -- stored outputs ---------------------------------------------------------------------------------------------


@lesson
def test_every_code_cell_was_executed_in_order(lesson):
    # A cell without a count is not compared by nbval at all.
    counts = [cell.execution_count for cell in cells(lesson)]
    assert counts == list(range(1, len(counts) + 1))


@lesson
def test_ids_are_there_and_unique(lesson):
    ids = [cell.get("id") for cell in LESSONS[lesson].cells]
    assert all(ids) and len(set(ids)) == len(ids)


@lesson
def test_no_error_no_warning_no_live_widget_is_stored(lesson):
    assert "widgets" not in LESSONS[lesson].metadata
    for cell in cells(lesson):
        assert "execution" not in cell.metadata
        for output in cell.outputs:
            assert output.output_type != "error"
            assert output.get("name") != "stderr", cell.source
            assert not any("widget" in kind for kind in output.get("data", {})), cell.source


@lesson
def test_a_printed_text_is_stored_whole(lesson):
    for cell in cells(lesson):
        printed = [(at, output.name) for at, output in enumerate(cell.outputs) if output.output_type == "stream"]
        assert not any((at + 1, name) in printed for at, name in printed), cell.source


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_notebook_stays_under_a_megabyte(path):
    assert path.stat().st_size < 1_000_000


@lesson
def test_every_stored_picture_has_a_text_alternative(lesson):
    for cell in cells(lesson):
        for output in cell.outputs:
            if "image/png" in output.get("data", {}):
                assert 'alt="' in output.data["text/html"], cell.source
                assert not output.data["text/plain"].startswith(("<", "HBox", "VBox")), cell.source


@lesson
def test_what_differs_between_machines_is_not_compared(lesson):
    # Progress bars, fits and live widgets: compared as text they would fail on the next machine.
    for cell in cells(lesson):
        if re.search(r"\b(fit|\w+_explorer|playground)\(", cell.source):
            assert "nbval-ignore-output" in cell.metadata.get("tags", []), cell.source


# -- anatomy ----------------------------------------------------------------------------------------------------


@lesson
def test_a_lesson_opens_with_a_banner_a_title_a_question_and_aims(lesson):
    banner, first = LESSONS[lesson].cells[:2]
    assert banner.id == frame.BANNER
    assert first.cell_type == "markdown" and first.source.startswith("# ") and "?" in first.source
    assert 3 <= len(bullets(lesson, "You will be able to")) <= 5


@lesson
def test_the_recap_mirrors_the_aims(lesson):
    aims, recap = bullets(lesson, "You will be able to"), bullets(lesson, "Recap")
    assert len(recap) == len(aims)
    names = headings(lesson)
    assert names.index("Exercises") < names.index("Recap") < names.index("References")


@lesson
def test_one_short_set_up_cell(lesson):
    first = cells(lesson)[0]
    assert code_lines(first) <= 15 and "device = runtime.setup(seed=0)" in first.source
    assert not definitions(first.source)
    for cell in cells(lesson):
        assert not re.search(r"pip install|%matplotlib|sys\.path", cell.source)


@lesson
def test_length_and_balance(lesson):
    before, words = before_exercises(lesson), Counter()
    questions = [cell for cell in before if asks(cell)]
    assert 30 <= len(before) - len(questions) <= 70, f"{len(before)} cells before the exercises"
    for cell in filter(is_open, before):
        read = re.sub(r"^ *compare\(.*$", "", cell.source, flags=re.MULTILINE)
        words[cell.cell_type] += len(read.split()) if cell not in [*questions, cells(lesson)[0]] else 0
    words["markdown"] += sum(len(cell.outputs[0].data["text/plain"].split()) for cell in questions)  # they are read too
    assert words["markdown"] >= words["code"], words


@lesson
def test_cells_are_small(lesson):
    for cell in cells(lesson):
        limit = 30 if "taught" in cell.metadata.get("tags", []) else 20
        assert code_lines(cell) <= limit, cell.source
        assert max(map(len, cell.source.splitlines()), default=0) <= 100, cell.source
    assert median(map(code_lines, filter(is_open, cells(lesson)))) <= 8


@lesson
def test_a_figure_comes_with_an_assertion(lesson):
    code = cells(lesson)
    for cell, following in zip(code, [*code[1:], code[-1]], strict=True):
        if "figures.show(" in cell.source:
            claims = (other for other in code[code.index(cell) :] if "claim" in other.metadata.get("tags", []))
            later = next(claims, following).source
            assert "assert" in cell.source + following.source + later, cell.source


@lesson
def test_terms_are_followed_by_their_korean_names(lesson):
    assert sum(len(HANGUL.findall(cell.source)) > 1 for cell in cells(lesson, "markdown")) >= 5


@lesson
def test_every_question_is_asked_once_then_compared_and_the_end_counts(lesson):
    sources = [cell.source for cell in cells(lesson)]
    whole = "\n".join(sources)
    asked, compared = (re.findall(rf"^ *{call}\((.*)", whole, re.MULTILINE) for call in ("predict", "compare"))
    topic = lesson[3:]
    ids = [id for line in asked for id in re.findall(r'"(\w+)"', line)]
    assert ids == list(predictions.lessons.LESSONS[topic]) and len(ids) >= 3
    assert sorted(re.match(r'"(\w+)"', line)[1] for line in compared) == sorted(ids)
    for id in ids:
        before, after = (next(at for at, source in enumerate(sources) if re.search(rf'{call}\(.*"{id}"', source))
                         for call in ("predict", "compare"))  # fmt: skip
        assert before < after, id
    assert cells(lesson, tag="prediction")[-1].source == f'summary("{topic}")'


@lesson
def test_the_output_under_an_open_prediction_is_covered_and_no_other(lesson):
    given_away = [cell.id for cell in execute_notebooks.under_predictions(LESSONS[lesson]) if cell.outputs]
    covered = [cell.id for cell in cells(lesson) if cell.metadata.get("jupyter", {}).get("outputs_hidden")]
    assert covered == given_away and len(covered) >= len(cells(lesson, tag="prediction")) - 1
    for cell in cells(lesson):
        if cell.id in covered:  # JupyterLab writes the first line on the cover
            first = (
                cell.outputs[0].get("text")
                or cell.outputs[0].data.get("text/html")
                or cell.outputs[0].data["text/plain"]
            )
            assert first.startswith(execute_notebooks.COVER), cell.id


# -- taught here, kept there ------------------------------------------------------------------------------------


def package_definitions(folder: Path = ROOT / "course_utils") -> dict[str, dict[str, str]]:
    """Return name → file → syntax tree, for every definition at the top level of a file of the package."""
    package = {}
    for path in folder.rglob("*.py"):
        for name, tree in definitions(path.read_text(encoding="utf-8")).items():
            package.setdefault(name, {})[path.relative_to(folder).as_posix()] = tree
    return package


@lesson
def test_taught_cells_hold_the_packages_definitions(lesson):
    package = package_definitions()
    for cell in cells(lesson, tag="taught"):
        here = definitions(cell.source)
        assert here, "a taught cell defines something"
        for name, tree in here.items():
            files = package.get(name, {})
            assert len(files) == 1, f"{name} must be kept in one file, not in {[*files]}"
            assert tree in files.values(), f"{name}: the notebook and the package differ"


def test_a_definition_is_found_in_every_folder_and_never_hidden_by_its_namesake(tmp_path):
    for place, source in {"a.py": "def f(): return 1", "room/b.py": "def f(): return 2"}.items():
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).write_text(source)
    assert set(package_definitions(tmp_path)["f"]) == {"a.py", "room/b.py"}


def test_the_comparison_of_taught_cells_can_fail():
    source = 'def f(x):\n    """Doc."""\n    return x + 1'
    assert definitions(source) == definitions("def f(x):\n    return x + 1  # comment")
    assert definitions(source) != definitions("def f(x):\n    return x - 1")


@lesson
def test_definitions_are_in_taught_cells_or_have_names_of_their_own(lesson):
    for cell in cells(lesson):
        if not {"taught", "exercise"} & set(cell.metadata.get("tags", [])):
            for name in definitions(cell.source):
                assert name.startswith(("my_", "My", "slide_", "Slide")), f"{name} is defined in an untagged cell"


def test_nothing_is_defined_in_two_notebooks():
    names = Counter(name for lesson in LESSONS for cell in cells(lesson) for name in definitions(cell.source))
    assert not [name for name, count in names.items() if count > 1]


@lesson
def test_imports_of_the_package_exist(lesson):
    for cell in cells(lesson):
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] == "course_utils":
                for alias in node.names:
                    try:
                        importlib.import_module(f"{node.module}.{alias.name}")
                    except ModuleNotFoundError:
                        assert hasattr(importlib.import_module(node.module), alias.name)


# -- claims -----------------------------------------------------------------------------------------------------


@lesson
def test_every_claim_of_the_design_is_shown_once(lesson):
    shown = [claim for cell in cells(lesson, tag="claim") for claim in claims_of(cell)]
    assert sorted(shown) == sorted(CLAIMS[lesson])


@lesson
def test_a_claim_cell_asserts_and_computes_nothing_long(lesson):
    for cell in cells(lesson):
        tagged = "claim" in cell.metadata.get("tags", [])
        assert tagged == bool(claims_of(cell))
        if tagged:
            tree = ast.parse(cell.source)
            assert any(isinstance(node, ast.Assert) for node in ast.walk(tree))
            called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
            assert not {name for name in called if "fit" in name or name.startswith(("probes.", "training."))}


def test_lessons_are_named_as_the_design_names_them():
    assert set(LESSONS) <= set(CLAIMS) and Path(PATHS[0]).stem == "01_rnn"


# -- exercises --------------------------------------------------------------------------------------------------


@lesson
def test_every_exercise_tells_its_difficulty_and_its_minutes(lesson):
    tasks = [cell.source for cell in cells(lesson, "markdown") if cell.source.startswith("### Exercise ")]
    assert len(tasks) == 4
    levels = [re.search(r"^\*\*([●○]{3}) · about \d+ minutes\*\*$", task, re.MULTILINE)[1].count("●") for task in tasks]
    assert levels == sorted(levels) and (levels[0], levels[-1]) == (1, 3)


@lesson
def test_the_introduction_says_that_answers_must_let_gradients_through(lesson):
    (intro,) = (cell.source for cell in cells(lesson, "markdown") if cell.source.startswith("## Exercises"))
    assert "must let gradients through" in intro
