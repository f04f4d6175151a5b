"""The explorers of positions and of word order in a real browser: dragged by pointer, by touch and by keyboard."""

import os
import re

import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from playwright.sync_api import expect
from test_ground import CONTRASTS

from course_utils.datasets.corpus import Translations
from course_utils.experiments import transformer as recipes
from course_utils.measure.order import read_order, written_words
from tools.browser.lab import code_notebook

SETUP = """from course_utils import explorers, runtime
from course_utils.datasets.corpus import Translations
from course_utils.experiments import transformer as recipes
runtime.setup(seed=0)
korean = Translations.course("korean")
kept = recipes.load_translator("transformer_korean", korean)"""
SENTENCE, AT = "그는 배고팠기 때문에 잘 수 없었어요.", 0  # of the test split
ORDER_CELL = f"explorers.order_explorer(kept, korean.test, text={SENTENCE!r})"
CELLS = [SETUP, "explorers.positions_explorer()", ORDER_CELL]
ORDER = "(chips) => chips.map((chip) => [chip.getBoundingClientRect().left, Number(chip.dataset.word)])"


def order_of(explorer) -> list[int]:
    """Return in which order the words stand, from left to right."""
    return [word for _, word in sorted(explorer.root.locator(".chip").evaluate_all(ORDER))]


def test_every_control_of_the_positions_moves_the_picture(bench):
    assert bench.explorer("positions_explorer").sweep() == 5  # two menus, a slider, p and q


@pytest.mark.parametrize("name", ["positions_explorer", "order_explorer"])
def test_a_card_is_whole_on_a_laptops_screen(open_notebook, write_notebook, screenshot, name):
    notebook = open_notebook(write_notebook(f"{name}.ipynb", [SETUP, CELLS[1 + (name == "order_explorer")]]),
                             width=1280, height=800)  # fmt: skip
    notebook.run_all()
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        notebook.theme(theme)
        explorer = notebook.explorer(name)
        card = explorer.root.locator(".cu-panel")
        assert card.bounding_box()["height"] <= 560
        ratios = explorer.root.evaluate(CONTRASTS)
        assert ratios and min(ratios) >= 4.5
        screenshot(card, f"{name}-{theme.split()[1].lower()}")
    notebook.page.context.close()


def test_hands_turn_with_a_dragged_position(bench):
    explorer = bench.explorer("positions_explorer")
    explorer.reset()
    hand = explorer.root.locator(".hand").nth(1)
    for _ in range(2):
        hand.press("ArrowRight")
    expect(explorer.status).to_contain_text("Positions 4 and 11:")
    hand.press("ArrowLeft")
    assert hand.get_attribute("aria-valuetext") == "q 10"
    dial = explorer.read(1, "ArrowRight")
    assert dial.startswith("hand 1, once round in 6.3 positions: p 4 at 229°, q 10 at 213°; adds 0.96")
    assert explorer.read(1, "ArrowRight").startswith("hand 2, once round in 14 positions: p 4 at 106°")
    expect(explorer.root.locator(".challenges .met")).to_have_count(1)
    explorer.page.wait_for_timeout(1000)  # moves of one control that follow at once are taken back as one
    explorer.drag(explorer.root.locator(".hand .grip").nth(0), 70)
    expect(explorer.status).not_to_contain_text("Positions 4 and")
    explorer.undo()
    expect(explorer.status).to_contain_text("Positions 4 and 10:")
    explorer.reset()


@pytest.fixture(scope="module")
def korean():
    data = Translations.course("korean")
    return recipes.load_translator("transformer_korean", data), data.test


def told(korean, order: list[int]) -> list[str]:
    """Return the words of the sentence's translation in another order."""
    kept, pairs = korean
    return read_order(kept, written_words(pairs[AT].source), order).after


def expect_words(explorer, words: list[str]) -> None:
    """Wait until these words are shown as what one of the models makes of the order."""
    expect(explorer.root.locator(".made")).to_contain_text("now" + "".join(words))


def test_a_word_is_dragged_and_what_both_models_make_of_it_is_shown(bench, korean):
    explorer = bench.explorer("order_explorer")
    explorer.reset()
    chips, height = explorer.root.locator(".chip"), explorer.height()
    first, last = chips.nth(0).bounding_box(), chips.nth(5).bounding_box()
    explorer.page.mouse.move(first["x"] + 20, first["y"] + 12)
    explorer.page.mouse.down()
    explorer.page.mouse.move(last["x"] + last["width"] - first["width"] + 20, last["y"] + 14, steps=6)
    expect(chips.nth(0)).to_have_class(re.compile("lifted"))
    explorer.page.mouse.up()
    explorer.settle()
    order = [1, 2, 3, 4, 5, 0, 6]
    assert order_of(explorer) == order
    expect_words(explorer, told(korean, order))
    expect(explorer.status).to_contain_text("6 words stand elsewhere.")
    expect(explorer.status).to_contain_text("Positions switched off: the translation stays as it was.")
    assert abs(explorer.height() - height) <= 1
    assert explorer.read(0, "ArrowRight").startswith("“배고팠기” is at place 1, in the sentence at 2")
    explorer.undo()
    assert order_of(explorer) == sorted(order)
    expect(explorer.status).to_contain_text("as in the sentence")


def test_an_order_that_comes_late_for_another_sentence_changes_nothing(bench):
    explorer = bench.explorer("order_explorer")
    explorer.reset()
    found = "next(shown for shown in Out.values() if 'order' in getattr(shown, 'controls', {}))"
    bench.start(f"{found}.controls['order'].value = [2, 0, 1]")  # of three words, as a busy kernel may send it
    bench.idle()
    explorer.settle()
    assert order_of(explorer) == list(range(7))
    expect(explorer.status).to_contain_text("as in the sentence")
    explorer.reset()


def test_a_word_is_lifted_and_moved_by_keyboard(bench, korean):
    explorer = bench.explorer("order_explorer")
    explorer.reset()
    chip = explorer.root.locator(".chip").nth(0)
    chip.focus()
    for key in ("Enter", "ArrowRight", "ArrowRight"):
        chip.press(key)
    assert chip.get_attribute("aria-pressed") == "true" and "place 3 of 7" in chip.get_attribute("aria-label")
    expect(explorer.status).to_contain_text("as in the sentence")  # until it is put down
    chip.press("Escape")
    assert order_of(explorer) == list(range(7))
    for key in ("Enter", "ArrowRight", "Enter"):
        chip.press(key)
    explorer.settle()
    assert order_of(explorer) == [1, 0, 2, 3, 4, 5, 6]
    expect(explorer.status).to_contain_text("2 words stand elsewhere.")
    chip.press("Control+ArrowRight")
    explorer.settle()
    assert order_of(explorer) == [1, 2, 0, 3, 4, 5, 6]
    expect_words(explorer, told(korean, [1, 2, 0, 3, 4, 5, 6]))
    chip.press("ArrowRight")
    assert explorer.page.evaluate("document.activeElement.dataset.word") == "3", "without lifting, the focus moves"
    explorer.choose("sentence", "소라는 저 장난감을 던졌어요.")
    expect(explorer.root.locator(".chip")).to_have_count(5)
    expect(explorer.status).to_contain_text("as in the sentence")
    explorer.reset()


def test_words_that_the_browser_cannot_translate_rest_and_the_sentence_says_so(scripts, offline):
    unknown = "import course_utils.explorers.order as module\nmodule.network_of = lambda given: None"
    executed = NotebookClient(code_notebook([SETUP, unknown, CELLS[2]]), timeout=900, store_widget_state=True).execute()
    exporter = HTMLExporter(require_js_url="require.js", widget_renderer_url="embed-amd.js", mathjax_url="")
    path = scripts / "order_rests.html"
    path.write_text(exporter.from_notebook_node(executed)[0], encoding="utf-8")
    offline.goto(path.as_uri())
    chips = offline.locator(".chip")
    chips.first.wait_for()
    expect(chips.first).to_have_class(re.compile("resting"))
    expect(offline.locator(".cu-status")).to_contain_text("need Python")
    before = chips.evaluate_all(ORDER)
    for key in ("Enter", "ArrowRight", "Enter"):
        chips.first.press(key)
    assert chips.evaluate_all(ORDER) == before


def test_without_python_the_words_move_and_both_models_answer(scripts, offline, screenshot, korean):
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    executed = NotebookClient(code_notebook([SETUP, CELLS[2]]), timeout=900, store_widget_state=True).execute()
    exporter = HTMLExporter(require_js_url="require.js", widget_renderer_url="embed-amd.js", mathjax_url="")
    path = scripts / "order.html"
    path.write_text(exporter.from_notebook_node(executed)[0], encoding="utf-8")
    offline.set_viewport_size({"width": 390, "height": 844})
    offline.goto(path.as_uri())
    chips = offline.locator(".chip")
    chips.first.wait_for()
    expect(chips.first).not_to_have_class(re.compile("resting"))
    for key in ("Enter", "ArrowRight", "Enter"):
        chips.first.press(key)
    expect(offline.locator(".cu-status")).to_contain_text("2 words stand elsewhere.")
    expect(offline.locator(".made")).to_contain_text("now" + "".join(told(korean, [1, 0, 2, 3, 4, 5, 6])))
    screenshot(offline.locator(".cu-panel"), "order_explorer-390")
    assert offline.locator(".cu-panel").evaluate("(card) => card.scrollWidth <= card.clientWidth")
