"""The ground that all explorers stand on, in a real browser."""

import re

import numpy as np
import pytest
import workbench
from playwright.sync_api import expect

from course_utils import runtime
from course_utils.datasets import words
from course_utils.measure import gradients, probes
from course_utils.messages.explorers import gradient_sentence, word_sentence
from course_utils.models.rnn import SequenceClassifier

CELLS = workbench.ALL
LOST = re.compile("kernel was stopped or restarted")
SILENT = re.compile("Waiting for Python")


def gradient_text(cell="rnn", **settings):
    """Return what the gradient explorer says about these settings."""
    flow = gradients.gradient_flow(cell=cell, **settings)
    return gradient_sentence(flow.norms, flow.parameter_norm, flow.clipped_norm, cell)


@pytest.mark.parametrize(
    ("name", "controls"),
    [("gradient_explorer", 5), ("word_explorer", 4), ("HeatmapView(numbers", 1), ("HeatmapView(weights", 1)],
)
def test_every_control_moves_the_picture_by_keyboard_and_by_pointer(bench, name, controls):
    assert bench.explorer(name).sweep() == controls


def test_gradient_explorer_shows_the_numbers_of_the_pure_function(bench):
    explorer = bench.explorer("gradient_explorer")
    explorer.set_number("length (steps)", 25)
    explorer.set_number("spectral radius", 0.8)
    explorer.choose("activation", "identity")
    flow = gradients.gradient_flow(length=25, radius=0.8, activation="identity")
    explorer.expect_sentence(gradient_sentence(flow.norms, flow.parameter_norm, flow.clipped_norm))
    shown = explorer.read(0, "ArrowRight", "ArrowRight", "ArrowRight")
    assert number_after("gradient", shown) == pytest.approx(flow.norms[2], rel=5e-3)
    assert number_after("their product", shown) == pytest.approx(flow.tight_bound[2], rel=5e-3)
    explorer.choose("cell", "lstm")
    explorer.expect_sentence(gradient_text(length=25, cell="lstm"))
    expect(explorer.named("activation").locator("select")).to_be_disabled()
    explorer.reset()
    explorer.expect_sentence(gradient_text(length=40))


def number_after(name: str, readout: str) -> float:
    """Return the number that a readout gives after `name`, "1.2·10⁻⁵" understood."""
    digits, power = re.search(rf"{name} ([−\d.]+)(?:·?10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?", readout).groups()
    superscripts = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    return float(digits.replace("−", "-")) * 10.0 ** int((power or "0").translate(superscripts))


def test_word_explorer_shows_the_numbers_of_the_pure_function(bench):
    runtime.setup(seed=0)
    alphabet = words.Alphabet(words.load_words())
    model = SequenceClassifier(len(alphabet), 8, 16, len(words.LANGUAGE_NAMES))
    explorer = bench.explorer("word_explorer")
    for act, word in ((lambda: explorer.type("word", "polska"), "polska"), (lambda: explorer.press("suomi"), "suomi")):
        act()
        reading = probes.read_word(model, word, alphabet)
        shared = words.shared_words().get(word, ())
        explorer.expect_sentence(word_sentence(reading.letters, reading.probabilities, words.LANGUAGE_NAMES, shared))
        explorer.expect_leader(0, words.LANGUAGE_NAMES, reading.probabilities[-1])
        explorer.views.nth(0).locator(".player input").press("Home")  # back to the first letter, in the browser
        explorer.expect_leader(0, words.LANGUAGE_NAMES, reading.probabilities[0])


@pytest.mark.parametrize(
    ("text", "said"), [("", "nothing to read"), ("x" * 10_000, "10,000"), ("🙂", "🙂"), ("한", "한")]
)
def test_a_bad_word_keeps_the_last_good_picture_and_says_why(bench, text, said):
    explorer = bench.explorer("word_explorer")
    explorer.reset()
    expect(explorer.status).to_contain_text("“a”")  # of amerikansk
    good = explorer.picture()
    explorer.type("word", text)
    expect(explorer.status).to_contain_text(said)
    expect(explorer.status).to_have_class(re.compile("error"))
    assert explorer.picture() == good
    explorer.type("word", "suomi")
    expect(explorer.status).to_contain_text("suomi")
    expect(explorer.status).not_to_have_class(re.compile("error"))


def test_a_slow_explorer_says_that_it_works_and_skips_what_the_hand_passed_over(bench):
    explorer = bench.explorer("Panel")
    explorer.expect_sentence("The top is 3.")
    handle = explorer.named("top").get_by_role("slider")
    for _ in range(6):
        handle.press("ArrowRight")
    expect(explorer.status).to_have_text("working…", timeout=5_000)
    explorer.expect_sentence("The top is 9.")
    explorer.set_number("top", 13)
    explorer.expect_sentence("Any number but 13 is welcome.")
    explorer.set_number("top", 4)
    explorer.expect_sentence("The top is 4.")
    assert bench.evaluate("len(computed) < 9") == "True"


def test_a_panel_without_a_view_answers_in_its_sentence(bench):
    explorer = bench.explorer("Panel(square")
    assert explorer.views.count() == 0
    explorer.expect_sentence("The square is 9.")
    explorer.set_number("number", 5)
    explorer.expect_sentence("The square is 25.")
    explorer.named("number").get_by_role("slider").press("ArrowRight")
    explorer.expect_sentence("The square is 36.")
    explorer.reset()
    explorer.expect_sentence("The square is 9.")


def test_a_cell_is_read_by_pointer_and_by_arrow_keys(bench):
    explorer, values = bench.explorer("HeatmapView(numbers"), workbench.numbers()
    slider = explorer.views.first.locator(".player input")
    slider.press("Home")
    for _ in range(3):
        slider.press("ArrowRight")
    shown = explorer.read(0, "ArrowRight", "ArrowRight", "ArrowDown")
    assert shown.startswith("row 2, column 2: value ")
    assert number_after("value", shown) == pytest.approx(values[3, 1, 1], rel=6e-3)
    canvas = explorer.views.first.locator(".plot > canvas").bounding_box()
    explorer.page.mouse.move(canvas["x"] + canvas["width"] - 2, canvas["y"] + canvas["height"] - 2)
    expect(explorer.views.first.locator(".readout")).to_contain_text("row 60, column 60: value ")
    last = explorer.views.first.locator(".readout").inner_text()
    assert number_after("value", last) == pytest.approx(values[3, -1, -1], rel=6e-3)


def test_colours_are_those_of_the_numbers(bench):
    explorer, values = bench.explorer("HeatmapView(numbers"), workbench.numbers()
    explorer.views.first.locator(".player input").press("Home")
    pixels = explorer.views.first.locator(".plot > canvas").evaluate(
        "(canvas) => [...canvas.getContext('2d').getImageData(0, 0, 60, 60).data]"
    )
    red, _, blue, opaque = np.array(pixels).reshape(60, 60, 4).transpose(2, 0, 1)
    assert (opaque == 255).all()
    far = np.abs(values[0]) > 0.5  # near zero the diverging scale is white
    assert ((red > blue) == (values[0] > 0))[far].all()


def test_keys_leap_to_the_ends_and_leave(bench):
    explorer, values = bench.explorer("HeatmapView(numbers"), workbench.numbers()
    explorer.views.first.locator(".player input").press("Home")
    assert explorer.read(0, "Escape", "ArrowRight", "End", "PageDown", "PageDown").startswith(
        "row 21, column 60: value "
    )
    shown = explorer.read(0, "Home", "PageUp")
    assert shown.startswith("row 11, column 1: value ")
    assert number_after("value", shown) == pytest.approx(values[0, 10, 0], rel=6e-3)
    assert explorer.read(0, "Escape") == "", "the tooltip is gone"
    described = explorer.views.first.locator(".plot > svg").get_attribute("aria-description")
    assert described.startswith("Point at a cell")
    curves = bench.explorer("LineView(lengths")
    assert curves.read(0, "Escape", "ArrowRight", "End").startswith("length 20: 4 units ")
    assert curves.read(0, "PageDown").startswith("length 10: 4 units ")


def test_a_tooltip_that_is_gone_does_not_widen_a_page_that_is_narrower_now(bench):
    curves = bench.explorer("LineView(lengths")
    assert curves.read(0, "Escape", "ArrowRight", "End") != ""
    tip = curves.views.first.locator(".readout").evaluate("(tip) => tip.offsetLeft + tip.offsetWidth")
    assert curves.read(0, "Escape") == ""
    size = bench.page.viewport_size
    bench.page.set_viewport_size({"width": 620, "height": 900})
    curves.wait_until(f"(root) => root.clientWidth < {tip}", "the page did not become narrow")
    curves.expect_fit()
    bench.page.set_viewport_size(size)


def test_numbers_in_a_row_are_named_by_round_ones(bench):
    drawing = bench.explorer("HeatmapView(numbers").views.first.locator(".plot > svg")
    named = drawing.locator("text:not(.name)").evaluate_all("(texts) => texts.map((text) => text.firstChild.data)")
    rows, columns = [str(row) for row in range(5, 61, 5)], named[12:]
    assert named[:12] == rows
    assert columns == rows, "twelve fit below just as well"


def test_a_long_label_is_cut_between_letters_and_whole_on_hover(bench):
    explorer = bench.explorer("HeatmapView([[1, np.nan")
    cut = explorer.views.first.locator("svg text", has_text="…")
    assert cut.count() == 2
    for at, whole in enumerate(["a very long label of a row", "e\u0301" * 5000]):
        said, hover = cut.nth(at).evaluate("(text) => [text.firstChild.data, text.querySelector('title').textContent]")
        assert hover == whole
        assert whole.startswith(said.removesuffix("…")) and 4 < len(said) < 20
        assert not said.endswith("e…"), "a letter keeps its accent"
        box, plot = cut.nth(at).bounding_box(), explorer.views.first.locator(".plot").bounding_box()
        assert plot["x"] <= box["x"] and box["x"] + box["width"] <= plot["x"] + 100, "left of the cells, and whole"


def test_missing_values_are_striped_and_named(bench):
    explorer = bench.explorer("HeatmapView([[1, np.nan")
    expect(explorer.views.first.locator(".legend")).to_contain_text("striped: no value")
    assert explorer.read(0, "ArrowRight", "ArrowRight").endswith("no value")
    alpha = explorer.views.first.locator(".plot > canvas").evaluate(
        "(canvas) => [...canvas.getContext('2d').getImageData(0, 0, 3, 2).data].filter((_, k) => k % 4 === 3)"
    )
    assert alpha == [255, 0, 0, 255, 255, 255]


@pytest.mark.parametrize("theme", ["JupyterLab Dark", "JupyterLab Light"])
def test_text_is_readable_in_either_theme(bench, screenshot, theme):
    bench.theme(theme)
    for name in ("gradient_explorer", "word_explorer", "HeatmapView(weights", "LineView(lengths"):
        explorer = bench.explorer(name)
        ratios = explorer.root.evaluate(CONTRASTS)
        assert ratios
        assert min(ratios) >= 4.5
        screenshot(explorer.root, f"{re.sub('[^a-z]+', '-', name.lower()).strip('-')}-{theme.split()[1].lower()}")


CONTRASTS = """(root) => {
  const light = (css) => { const canvas = document.createElement('canvas').getContext('2d'); canvas.fillStyle = css;
    canvas.fillRect(0, 0, 1, 1); const [r, g, b] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b].map((c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
      .reduce((sum, c, k) => sum + c * [0.2126, 0.7152, 0.0722][k], 0); };
  const texts = '.title, .cu-view svg text:not(.shadedname), .cu-status, .cu-view .legend, .headline, .try';
  return [...root.querySelectorAll(`${texts}, .challenges li, .cu-part button`)]
    .map((node) => { const style = getComputedStyle(node), ink = light(node.closest('svg') ? style.fill : style.color);
      const paper = light(getComputedStyle(node.closest('.cu-view, .cu-part')).backgroundColor);
      return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05); }); }"""


def test_a_screen_reader_is_told_what_each_view_shows(bench):
    for name in ("gradient_explorer", "word_explorer", "HeatmapView(weights", "LineView(lengths"):
        explorer = bench.explorer(name)
        drawings = explorer.root.locator("svg[role=img]")
        assert drawings.count() == explorer.views.count()
        for at in range(drawings.count()):
            assert len(drawings.nth(at).get_attribute("aria-label")) > 40
        for slider in explorer.root.get_by_role("slider").all():
            assert slider.get_attribute("aria-label")
    assert bench.explorer("word_explorer").status.get_attribute("aria-live") == "polite"


def test_a_second_tab_shows_the_same_explorer_and_follows(bench, open_notebook):
    bench.command("docmanager:save")
    explorer = bench.explorer("gradient_explorer")
    second = open_notebook(bench.notebook)
    twin = second.explorer("gradient_explorer")
    explorer.set_number("length (steps)", 60)
    wanted = gradient_text(length=60)
    explorer.expect_sentence(wanted)
    twin.expect_sentence(wanted)
    twin.set_number("length (steps)", 15)
    explorer.expect_sentence(gradient_text(length=15))
    explorer.expect_picture(twin.picture())
    assert second.errors == []
    second.page.context.close()
    explorer.reset()


def test_an_explorer_waits_while_a_cell_runs_says_so_and_answers_afterwards(bench, tmp_path):
    explorer = bench.explorer("gradient_explorer")
    with bench.busy(tmp_path):
        explorer.set_number("length (steps)", 55)
        expect(explorer.status).to_have_text(SILENT)
    explorer.expect_sentence(gradient_text(length=55))
    explorer.reset()


def test_what_the_browser_computes_does_not_wait_for_a_cell(bench, tmp_path):
    explorer = bench.explorer("gradient_explorer(length=30)")
    with bench.busy(tmp_path):
        explorer.set_number("length (steps)", 55)
        explorer.expect_sentence(gradient_text(length=55))
    explorer.choose("cell", "lstm")
    explorer.expect_sentence(gradient_text(length=55, cell="lstm"))
    explorer.reset()


@pytest.mark.parametrize("name", ["gradient_explorer", "gradient_explorer(length=30)"])  # Python answers; the browser
def test_reset_and_undo_do_not_overtake_the_moves_before_them(bench, tmp_path, name):
    explorer = bench.explorer(name)
    explorer.reset()
    explorer.set_number("spectral radius", 0.7)
    explorer.settle()
    moved = explorer.state()
    for button, wanted in (("Undo", moved), ("Reset", explorer.first)):
        with bench.busy(tmp_path):
            for length in (50, 51, 52):  # the first is on its way; the browser keeps the last back
                explorer.set_number("length (steps)", length)
            explorer.press(button)
        explorer.settle()
        assert explorer.state() == wanted, button


def test_an_example_does_not_disappear_under_the_letters_typed_before_it(bench, tmp_path):
    explorer = bench.explorer("word_explorer")
    with bench.busy(tmp_path):
        explorer.named("word").locator("input").press_sequentially("abc")
        explorer.press("suomi")
    explorer.settle()
    expect(explorer.named("word").locator("input")).to_have_value("suomi")
    explorer.reset()


def test_a_restarted_kernel_is_named_and_the_browser_goes_on(bench):
    explorer, stack = bench.explorer("gradient_explorer"), bench.explorer("HeatmapView(numbers")
    bench.restart_kernel()
    expect(explorer.status).to_have_text(LOST)
    before = explorer.picture()
    explorer.named("length (steps)").get_by_role("slider").press("ArrowRight")
    assert explorer.picture() == before
    assert stack.sweep() == 1  # frames held by the browser need no kernel
    own = bench.explorer("gradient_explorer(length=30)")
    own.set_number("length (steps)", 25)  # nor does what the browser computes
    own.expect_sentence(gradient_text(length=25))
    expect(explorer.status).to_have_text(LOST)
    bench.run_all()
    fresh = bench.explorer("gradient_explorer")
    fresh.expect_sentence(gradient_text(length=40))


def test_an_explorer_whose_kernel_was_shut_down_says_so_when_it_is_moved(bench):
    explorer = bench.explorer("gradient_explorer")
    bench.shut_down_kernel()
    explorer.named("length (steps)").get_by_role("slider").press("ArrowRight")
    expect(explorer.status).to_have_text(SILENT)
    assert {error.partition(" Error:")[0] for error in bench.errors} == {"Could not send widget sync message"}
    bench.errors.clear()  # ipywidgets' own
    bench.start_kernel()
    bench.run_all()
    fresh = bench.explorer("gradient_explorer")
    fresh.expect_sentence(gradient_text(length=40))
