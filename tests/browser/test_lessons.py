"""Every lesson in a real browser: run all its cells, then move every control of each of its explorers.

A new lesson adds one line to EXPLORERS: notebook → name of the explorer → how many controls it has.
"""

import lecture
import nbformat
import pytest
from playwright.sync_api import expect
from slides import SIZES, faults, low_contrast

from tools.browser.explorer import Explorer
from tools.latency.cases import CASES

EXPLORERS = {
    "01_rnn.ipynb": {"gradient_explorer": 5, "word_explorer": 7},
    "02_lstm.ipynb": {"gate_explorer": 7},
    "03_seq2seq.ipynb": {"bottleneck_explorer": 3, "translation_explorer": 4},
    "04_attention.ipynb": {"playground": 11, "attention_explorer": 7},
    "05_transformer.ipynb": {"positions_explorer": 5, "order_explorer": 1, "heads_explorer": 4},
    "06_your_text.ipynb": {"attention_explorer": 7},
}

# Whether something has kept its place on the screen for a hundred frames: a page that is busy drawing shows
# none for seconds, and what is going to move has kept its place until then.
STILL = """(node) => { const top = Math.round(node.getBoundingClientRect().top);
  if (top !== window.lastTop) [window.lastTop, window.frames] = [top, 0];
  return ++window.frames > 100; }"""


@pytest.fixture(scope="module", params=EXPLORERS)
def lesson(request, open_notebook):
    notebook = open_notebook(request.param)
    notebook.stored = {name: notebook.outputs(name) for name in EXPLORERS[request.param]}
    notebook.run_all()
    yield notebook
    notebook.page.context.close()


def test_two_key_presses_on_the_first_page_bring_something_to_hold(open_notebook, screenshot):
    notebook = open_notebook("00_start.ipynb", width=1366, height=768)
    notebook.page.keyboard.press("Shift+Enter")
    notebook.page.keyboard.press("Shift+Enter")
    playground = notebook.page.locator(".cu-panel")
    query = playground.locator("[role=slider][aria-label^=query]").first
    query.wait_for()
    expect(query).to_be_in_viewport()
    expect(playground).to_be_in_viewport(ratio=0.8)
    screenshot(notebook.page, "start")
    assert notebook.errors == [] and notebook.tracebacks() == []
    notebook.page.context.close()


def test_before_it_is_run_every_explorer_is_a_stored_picture(lesson):
    for name, kinds in lesson.stored.items():
        assert "image/png" in kinds, name
        assert "application/vnd.jupyter.widget-view+json" not in kinds, name


def test_all_cells_run_without_a_traceback(lesson):
    assert lesson.tracebacks() == []
    assert lesson.errors == []


def test_a_link_of_the_banner_leads_to_its_section(open_notebook):
    notebook = open_notebook("04_attention.ipynb", width=1280, height=800)
    heading = notebook.page.locator(".jp-MarkdownCell h2:has-text('Exercises')")
    # JupyterLab draws cells as they come into view, so what is above a section still grows when it has scrolled there.
    # When that is done, a second click is exact; a third is for a machine that draws slowly.
    for _ in range(3):
        notebook.scroll_to(0)
        notebook.page.locator(".jp-MarkdownCell a:text-is('Exercises')").first.click()
        notebook.page.evaluate("window.lastTop = null")
        notebook.page.wait_for_function(STILL, arg=heading.element_handle())
        if 0 <= heading.bounding_box()["y"] < 400:
            break
    expect(heading).to_be_in_viewport()
    notebook.page.context.close()


def test_every_control_of_every_explorer_moves_its_picture(lesson, screenshot):
    for name, controls in EXPLORERS[lesson.notebook].items():
        explorer = lesson.explorer(name)
        screenshot(explorer.root, f"{lesson.notebook.removesuffix('.ipynb')}-{name}")
        assert explorer.sweep() == controls
    assert lesson.tracebacks() == []
    assert lesson.errors == []


def test_every_card_is_whole_on_a_laptops_screen(lesson, screenshot):
    lesson.page.set_viewport_size({"width": 1280, "height": 800})
    for name in EXPLORERS[lesson.notebook]:
        explorer = lesson.explorer(name)
        # The window has just changed: its views are laid out anew a frame later, on a busy machine seconds later.
        explorer.settle()
        low = "(root) => root.querySelector('.cu-panel').getBoundingClientRect().height <= 560"
        explorer.wait_until(low, f"{name} is higher than 560 px")
        screenshot(explorer.root, f"{name}-laptop")
    lesson.page.set_viewport_size({"width": 1400, "height": 1000})


def test_every_explorer_fits_a_narrow_window(lesson, screenshot):
    lesson.page.set_viewport_size({"width": 620, "height": 900})
    lesson.command("application:toggle-left-area")
    for name in EXPLORERS[lesson.notebook]:
        explorer = lesson.explorer(name)
        explorer.settle()
        explorer.expect_fit()
        screenshot(explorer.root, f"{name}-narrow")
    lesson.command("application:toggle-left-area")
    lesson.page.set_viewport_size({"width": 1400, "height": 1000})


def slides_of(path) -> list[list[int]]:
    """Return the positions of the cells of every slide of a lesson."""
    slides = []
    for at, cell in enumerate(nbformat.read(path, as_version=4).cells):
        kind = lecture.slide_type(cell)
        if kind in ("slide", "subslide"):
            slides.append([at])
        elif kind != "skip":
            slides[-1].append(at)
    return slides


@pytest.fixture
def show(lesson, server):
    """A function that shows slide after slide of a lesson, on a screen and in a theme, and yields their numbers."""

    def slides(size, theme):
        lesson.page.set_viewport_size({"width": size[0], "height": size[1]})
        lesson.theme(f"JupyterLab {theme}")
        lesson.start_slides()
        for number, cells in enumerate(slides_of(server.folder / lesson.notebook), start=1):
            lesson.show_slide(cells)
            yield number

    yield slides
    lesson.command("deck:stop")


@pytest.mark.parametrize(("size", "theme"), list(zip(SIZES, ("Light", "Dark"), strict=True)), ids=str)
def test_every_live_slide_is_whole_and_readable_and_its_explorer_moves(lesson, show, size, theme, scripts, screenshot):
    found, texts, moved = {}, 0, 0
    for number in show(size, theme):
        found[number] = faults(lesson.page, "live")
        screenshot(lesson.page, f"{lesson.notebook.removesuffix('.ipynb')}-live-{theme}-{number:02}")
        faint, passed = low_contrast(lesson.page, "live", scripts)
        found[number] += faint
        texts += passed
        output = lesson.page.locator(".jp-deck-mod-visible .jp-OutputArea-child:has(.cu-panel)")
        if output.count():
            explorer = Explorer(output, lesson)
            sweeps = explorer.sweep_sliders, explorer.sweep_buttons, explorer.sweep_frames
            moved += next((count for sweep in sweeps if (count := sweep(explorer.height()))), 0)
    assert {number: wrong for number, wrong in found.items() if wrong} == {}
    assert texts > 50 and moved > 0
    assert lesson.errors == []


def test_every_explorer_is_measured_by_the_bench():
    names = [name.replace("_", " ") for explorers in EXPLORERS.values() for name in explorers]
    assert [name for name in names if not any(name in case.name for case in CASES)] == []


def test_every_lesson_with_an_explorer_is_in_the_table(server):
    with_explorers = {
        path.name for path in server.folder.glob("[0-9]*.ipynb") if "_explorer(" in path.read_text(encoding="utf-8")
    }
    assert with_explorers == set(EXPLORERS)
