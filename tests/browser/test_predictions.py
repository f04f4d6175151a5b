"""Predictions in a real browser: typed, chosen, ordered, drawn with mouse, finger and keys; kept, and never lost."""

import json
import re
import shutil
from pathlib import Path

import lecture
import nbformat
import pytest
from playwright.sync_api import expect
from slides import faults

from tools.browser.lab import LabServer, code_notebook
from tools.browser.notebook_page import OpenNotebook

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
SETUP = """from course_utils import figures, runtime
from course_utils.predictions import compare, predict, summary
device = runtime.setup(seed=0)"""
RESULT = """ax = figures.draw_curves([2, 5, 10, 20, 40], {"torch's start": [1, 1, 0.8, 0.2, 0.14]}, ylim=(0, 1.05))
compare("recall_reach", [1, 1, 0.8, 0.2, 0.14], ax=ax)
figures.show(ax)"""
CELLS = [
    SETUP, 'predict("dense_larger")', 'predict("three_back")', 'predict("gradient_order")', 'predict("recall_reach")',
    'compare("dense_larger", 4)', RESULT, 'summary("rnn")',
]  # fmt: skip


@pytest.fixture(scope="module")
def lab(chromium, tmp_path_factory):
    """A JupyterLab server whose kernels keep guesses beside the notebook, as a student's do."""
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("COURSE_PREDICTIONS", raising=False)
        server = LabServer(tmp_path_factory.mktemp("student"), tmp_path_factory.mktemp("lab"))
    with server:
        yield server


@pytest.fixture
def no_guesses(lab):
    """No guesses and no show of hands are kept, whichever test ran before."""
    for old in lab.folder.glob("my_predictions*"):
        old.unlink()


@pytest.fixture
def student(lab, chromium, no_guesses):
    """A function that opens a notebook of a student with no guesses yet, and runs it; at the end nothing went wrong."""
    opened = []

    def open_(name: str = "predictions.ipynb", **context) -> OpenNotebook:
        lab.write(name, CELLS)
        opened.append(
            OpenNotebook(
                chromium.new_context(viewport={"width": 1280, "height": 1000}, **context).new_page(), lab, name
            )
        )
        opened[-1].run_all()
        return opened[-1]

    yield open_
    for notebook in opened:
        assert notebook.errors == [] and notebook.tracebacks() == []
        notebook.page.context.close()


def card(notebook: OpenNotebook, cell: int):
    """Return the card that a cell shows, scrolled into view."""
    notebook.page.evaluate("(i) => window.jupyterapp.shell.currentWidget.content.scrollToItem(i, 'start')", cell)
    shown = notebook.page.locator(f"[data-windowed-list-index='{cell}'] .cu-card")
    expect(shown).to_be_visible()
    return shown


def output(notebook: OpenNotebook, cell: int) -> str:
    """Run a cell again and return the text of its outputs."""
    notebook.page.evaluate("(i) => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = i; }", cell)
    notebook.command("notebook:run-cell")
    notebook.idle()
    return notebook.page.evaluate(
        """(i) => window.jupyterapp.shell.currentWidget.content.widgets[i].model.toJSON().outputs
          .map((output) => [output.data?.['text/plain'] ?? output.text].flat().join('')).join('\\n')""",
        cell,
    )


def kept(lab) -> dict:
    """Return the guesses in the student's file."""
    return {
        id: e["guess"] for id, e in json.loads((lab.folder / "my_predictions.json").read_text())["predictions"].items()
    }


def lock_in(shown) -> None:
    shown.get_by_role("button", name="Lock in").click()
    expect(shown.get_by_role("button", name="Clear")).to_be_visible()


def guess_length(notebook: OpenNotebook, text: str = "5") -> None:
    shown = card(notebook, 1)
    shown.get_by_role("textbox").fill(text)
    lock_in(shown)


def test_typed_chosen_and_ordered(student, lab, screenshot):
    notebook = student()
    shown = card(notebook, 1)
    shown.get_by_role("textbox").press_sequentially("five")
    shown.get_by_role("button", name="Lock in").click()
    expect(shown).to_contain_text("“five” is not a number")
    shown.get_by_role("textbox").fill("5")
    lock_in(shown)
    expect(shown).to_contain_text("✓ Close. You predicted T = 5; measured: T = 4 (1 off).")  # all was run before
    shown = card(notebook, 2)
    shown.get_by_role("radio", name="the untrained one").check()
    lock_in(shown)
    shown = card(notebook, 3)
    shown.get_by_role("button", name="▲").nth(3).click()
    expect(shown.get_by_text("3. LSTM, forget bias 5")).to_be_visible()
    lock_in(shown)
    assert kept(lab) == {
        "dense_larger": [5], "three_back": "untrained", "gradient_order": ["rnn", "lstm", "lstm_tuned", "rnn_tuned"],
    }  # fmt: skip
    assert output(notebook, 5) == "✓ Close. You predicted T = 5; measured: T = 4 (1 off)."
    assert output(notebook, 7).startswith("1 of 1 prediction close. 1 prediction waits for its result")
    screenshot(notebook.page, "predictions-locked")


def test_all_that_is_typed_or_chosen_while_a_cell_runs_is_locked_in(student, lab, tmp_path):
    notebook = student()
    for at in (1, 2, 4):  # nobody types in the first moment
        expect(card(notebook, at).locator("[data-state=ready]")).to_be_attached()
    with notebook.busy(tmp_path):
        shown = card(notebook, 1)
        shown.get_by_role("textbox").press_sequentially("125")
        shown.get_by_role("button", name="Lock in").click()
        shown = card(notebook, 2)
        for name in ("the trained one", "both the same", "the untrained one"):
            shown.get_by_role("radio", name=re.compile(name)).check()
        shown.get_by_role("button", name="Lock in").click()
        shown = card(notebook, 4)
        draw_with_keys(notebook, shown)
        shown.get_by_role("button", name="Lock in").click()
    for at in (1, 2, 4):
        expect(card(notebook, at).get_by_role("button", name="Clear")).to_be_visible()
    guesses = kept(lab)
    assert guesses.pop("recall_reach")[-1] == pytest.approx(0.05, abs=0.005)  # at the last key
    assert guesses == {"dense_larger": [125], "three_back": "untrained"}


def draw_with_mouse(notebook, shown) -> None:
    box, mouse = shown.locator(".plot > svg").bounding_box(), notebook.page.mouse
    mouse.move(box["x"] + 104, box["y"] + 20)
    mouse.down()
    for step in range(1, 21):
        mouse.move(box["x"] + 104 + step * (box["width"] - 122) / 20, box["y"] + 20 + step * 9)
    mouse.up()


def draw_with_finger(notebook, shown) -> None:
    box, session = shown.locator(".plot > svg").bounding_box(), notebook.page.context.new_cdp_session(notebook.page)
    for step in range(21):
        point = {"x": box["x"] + 104 + step * (box["width"] - 122) / 20, "y": box["y"] + 20 + step * 9}
        session.send(
            "Input.dispatchTouchEvent", {"type": "touchMove" if step else "touchStart", "touchPoints": [point]}
        )
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def draw_with_keys(notebook, shown) -> None:
    svg = shown.locator(".plot > svg")
    svg.focus()
    for key in ["ArrowDown", "PageUp", "PageUp", "PageUp", "End", "PageDown", "PageDown", "ArrowDown"]:
        svg.press(key)
    expect(shown.locator(".readout")).to_have_text("lag 40: share recalled 0.05")


@pytest.mark.parametrize(
    ("draw", "context"), [(draw_with_mouse, {}), (draw_with_finger, {"has_touch": True}), (draw_with_keys, {})]
)
def test_a_curve_is_drawn_and_shown_beside_the_truth(student, lab, screenshot, draw, context):
    notebook = student(**context)
    shown = card(notebook, 4)
    shown.get_by_role("button", name="Lock in").click()
    expect(shown).to_contain_text("Draw the curve from the left edge to the right first.")
    draw(notebook, shown)
    screenshot(shown, f"predictions-{draw.__name__}")
    lock_in(shown)
    heights = kept(lab)["recall_reach"]
    assert len(heights) == 5 and heights[0] > 0.9 and heights[4] < 0.2 and heights == sorted(heights, reverse=True)
    told = output(notebook, 6)
    assert "You drew a curve from" in told and "Your prediction is a curve from" in told
    picture = notebook.page.locator("[data-windowed-list-index='6'] img")
    picture.scroll_into_view_if_needed()
    screenshot(picture, f"predictions-result-{draw.__name__}")


def test_an_erased_curve_must_be_drawn_again(student):
    notebook = student()
    shown = card(notebook, 4)
    draw_with_mouse(notebook, shown)
    shown.get_by_role("button", name="Erase").click()
    shown.get_by_role("button", name="Lock in").click()
    expect(shown).to_contain_text("Draw the curve from the left edge to the right first.")


def test_a_guess_survives_a_reload_and_a_new_kernel_and_can_be_cleared(student, lab):
    notebook = student()
    guess_length(notebook)
    notebook.command("docmanager:save")
    notebook.page.reload()
    notebook.page.wait_for_function(
        "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.info"
    )
    notebook.restart_kernel()
    notebook.errors.clear()  # Lab's own debugger asks the kernel that is gone
    notebook.run_all()
    shown = card(notebook, 1)
    expect(shown).to_contain_text("✓ Close. You predicted T = 5")
    shown.get_by_role("button", name="Clear").click()
    expect(shown.get_by_role("textbox")).to_be_visible()
    assert kept(lab) == {}


def test_two_notebooks_lose_nothing(student, lab):
    one, other = student("one.ipynb"), student("other.ipynb")
    guess_length(one, "5")
    shown = card(other, 2)
    shown.get_by_role("radio", name="the trained one").check()
    lock_in(shown)
    shown = card(other, 1)  # has been open since before the first guess
    shown.get_by_role("textbox").fill("9")
    lock_in(shown)
    expect(shown).to_contain_text("already locked in, perhaps in another window: T = 5")
    assert kept(lab) == {"dense_larger": [5], "three_back": "trained"}


def test_a_broken_file_is_set_aside_with_a_sentence(student, lab):
    (lab.folder / "my_predictions.json").write_text('{"predictions": ')
    notebook = student()
    expect(card(notebook, 1)).to_contain_text(
        "It was set aside as my_predictions.unreadable-1.json, and a new one begins."
    )
    guess_length(notebook)
    assert kept(lab) == {"dense_larger": [5]}
    assert (lab.folder / "my_predictions.unreadable-1.json").read_text() == '{"predictions": '


def test_a_result_is_covered_until_someone_looks_or_runs_it(lab, chromium):
    shutil.copy(NOTEBOOKS / "01_rnn.ipynb", lab.folder)
    page = chromium.new_context(viewport={"width": 1280, "height": 1000}).new_page()
    notebook = OpenNotebook(page, lab, "01_rnn.ipynb")
    at = notebook.cell('compare("dense_larger"')
    notebook.page.evaluate("(i) => window.jupyterapp.shell.currentWidget.content.scrollToItem(i, 'start')", at)
    question, result = (notebook.page.locator(f"[data-windowed-list-index='{k}']") for k in (at - 1, at))
    expect(question).to_contain_text("Predict. E = 8, H = 16. From what length T on is the dense network larger?")
    expect(result.locator(".jp-OutputPlaceholder")).to_be_visible()
    assert result.locator("img, svg.cu-figure").count() == 0
    assert not re.search(r"\d|recurrent|dense", result.locator(".jp-Cell-outputWrapper").inner_text())
    result.locator(".jp-OutputPlaceholder").click()
    expect(result.locator(".jp-Cell-outputWrapper img").first).to_be_visible()
    notebook.page.context.close()


def test_a_show_of_hands_is_entered_on_a_slide_and_shown_with_the_result(lab, chromium, no_guesses, screenshot):
    notebook = code_notebook([SETUP, 'predict("three_back")', 'compare("three_back", -0.2)'])
    for cell, kind in zip(notebook.cells, ("skip", "slide", "slide"), strict=True):
        cell.metadata.update(slideshow={"slide_type": kind}, tags=["slide-output"])
    notebook.metadata[lecture.STYLE_KEY] = lecture.live_style()
    nbformat.write(notebook, lab.folder / "lecture.ipynb")
    room = OpenNotebook(chromium.new_context(viewport={"width": 1280, "height": 720}).new_page(), lab, "lecture.ipynb")
    room.run_all()
    shown = card(room, 1)
    expect(shown.get_by_role("spinbutton").first).to_be_hidden()  # at home, a student has the field alone
    room.start_slides()
    room.show_slide([1])
    expect(room.page.get_by_role("button", name="Lock in")).to_be_hidden()
    for count, box in zip(("12", "3", "5"), room.page.get_by_role("spinbutton").all(), strict=True):
        box.fill(count)
        box.press("Tab")
    expect(room.page.locator(".cu-card")).to_contain_text("Show of hands:")
    assert faults(room.page, "live") == []
    screenshot(room.page, "predictions-hands")
    room.idle()
    room.command("deck:stop")
    assert output(room, 2).splitlines()[0] == "Your class, 20 votes:"
    assert output(room, 2).splitlines()[2] == "✓ the untrained one █████ 3"
    room.start_slides()
    room.show_slide([2])
    screenshot(room.page, "predictions-hands-result")
    assert faults(room.page, "live") == [] and room.tracebacks() == []
    room.page.context.close()
