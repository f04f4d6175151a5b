"""The drawings of the machines in a real browser: their numbers, valves under the hand, small windows, no kernel."""

import os
import re

import numpy as np
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from playwright.sync_api import expect
from test_ground import CONTRASTS

from tools.browser.lab import code_notebook

SETUP = """import torch
from course_utils import explorers, runtime
from course_utils.datasets import words
from course_utils.datasets.corpus import Translations, load_translations
from course_utils.experiments import bottleneck, designs, memory
from course_utils.experiments import transformer as recipes
from course_utils.models.rnn import SequenceClassifier
device = runtime.setup(seed=0)
alphabet = words.Alphabet(words.load_words())
torch.manual_seed(0)
network = SequenceClassifier(len(alphabet), 8, 8, 18)
recall = memory.train_recall("lstm_bias_3", 6, seed=5, steps=60, hidden_size=8).model
few = [pair for pair in load_translations("french") if len(pair.source) <= 9][:8]
heart = bottleneck.learn_by_heart(few, hidden_size=12, source_language="french", target_language="english")
korean = Translations.course("korean")
looking = designs.load_translator("attention_korean", "states_and_words", "scaled_dot", korean)
kept = recipes.load_translator("transformer_korean", korean)
"""
DRAWINGS = {  # name → the cell's source, and how many controls it has
    "rnn_drawing": ("explorers.rnn_drawing(network, alphabet, 'polska', 'Polish')", 1),
    "cell_drawing": ("explorers.cell_drawing(recall, 'cabbag')", 2),
    "bottleneck_drawing": ("explorers.bottleneck_drawing(heart, few[0])", 1),
    "attention_drawing": ("explorers.attention_drawing(looking, korean.test[31])", 1),
    "layer_drawing": ("explorers.layer_drawing(kept, korean.test[4].source, word=1)", 1),
}
CELLS = [SETUP, *(source for source, _ in DRAWINGS.values())]
# Boxes of all texts of a drawing that can be seen, and the drawing's own size.
TEXTS = """(view) => { const svg = view.querySelector('.plot > svg'), frame = svg.getBoundingClientRect();
  const seen = (node) => { for (; node !== svg; node = node.parentElement)
    if (Number(getComputedStyle(node).opacity) < 0.5) return false; return true; };
  return { size: [frame.width, frame.height], texts: [...svg.querySelectorAll('text')]
    .filter((text) => text.textContent.trim() && seen(text)).map((text) => { const box = text.getBoundingClientRect();
      return [text.textContent, box.left - frame.left, box.top - frame.top, box.right - frame.left,
        box.bottom - frame.top]; }) }; }"""


@pytest.fixture(scope="module")
def made():
    """The same drawings, made in this process."""
    scope = {}
    exec(SETUP, scope)
    return {name: eval(source, scope) for name, (source, _) in DRAWINGS.items()}


def to_frame(drawing, frame: int) -> None:
    """Move a drawing's slider to a frame."""
    slider = drawing.views.first.locator(".player input")
    slider.evaluate("(input, at) => { input.value = at; input.dispatchEvent(new Event('input')); }", frame)


@pytest.mark.parametrize("name", DRAWINGS)
def test_every_control_moves_the_drawing_by_keyboard_and_by_pointer(bench, screenshot, name):
    drawing = bench.explorer(name)
    screenshot(drawing.root, name)
    assert drawing.sweep() == DRAWINGS[name][1]


def test_ribbons_are_as_wide_as_the_weights(bench, made):
    drawing, picture = bench.explorer("attention_drawing"), made["attention_drawing"].drawn
    for frame in (0, 5, len(picture["rows"]) - 1):
        to_frame(drawing, frame)
        groups = drawing.views.first.locator(".plot > svg > g:has(> path[data-column])")
        shown = groups.nth(frame).evaluate(
            "(g) => [...g.children].map((path) => [path.dataset.column, path.getAttribute('stroke-width')].map(Number))"
        )
        widths = np.zeros(len(picture["columns"]))
        for column, width in shown:
            widths[column] = width
        np.testing.assert_allclose(widths / widths.sum(), picture["values"][frame], atol=0.01)
    to_frame(drawing, 1)
    assert drawing.read(0, "Escape", "ArrowRight", "ArrowRight").startswith(f"{picture['rows'][1]} ← ")


def test_the_gradient_comes_back_state_by_state(bench, made):
    drawing, picture = bench.explorer("rnn_drawing"), made["rnn_drawing"].drawn
    to_frame(drawing, picture["step_count"] - 1)
    shown = drawing.read(0, "Escape", "ArrowRight")
    assert shown.startswith("state after p: ") and float(shown.split("gradient ")[1].split()[0]) == pytest.approx(
        picture["gradients"][0], rel=0.05
    )
    values = [float(text.replace("−", "-")) for text in shown.split(": ")[1].split(";")[0].split()]
    np.testing.assert_allclose(values, picture["values"][1], atol=0.0051)
    to_frame(drawing, 1)
    assert "gradient" not in drawing.read(0, "Escape", "ArrowRight")


def held_cell(picture: dict, hold: dict, unit: int) -> np.ndarray:
    """Return one unit's cell after every step with gates held, the others as they were."""
    trace = {name: values[:, unit] for name, values in picture["traces"].items()}
    c, cells = 0.0, []
    for t in range(len(trace["cell"])):
        f, i = (hold.get(name, trace[name][t]) for name in ("forget", "input"))
        c = f * c + i * trace["candidate"][t]
        cells.append(c)
    return np.array(cells)


def shown_cells(drawing, count: int) -> list[float]:
    """Read the cell after every step off the bars' readings."""
    said = [drawing.read(0, "Escape", "ArrowRight", "Home", *["ArrowRight"] * at) for at in range(count)]
    return [float(text.split("the cell is ")[1].split(";")[0].replace("−", "-")) for text in said]


def test_a_held_valve_is_computed_as_python_does_and_lets_go(bench, made):
    drawing, picture = bench.explorer("cell_drawing"), made["cell_drawing"].drawn
    count, unit = len(picture["letters"]), int(drawing.root.locator("select").input_value())
    first = drawing.picture()
    np.testing.assert_allclose(shown_cells(drawing, count), picture["traces"]["cell"][:, unit], atol=0.0051)
    drawing.read(0, "Escape")
    handle = drawing.root.locator("[data-gate=forget]")
    handle.press("Home")
    assert handle.get_attribute("aria-valuenow") == "0.00"
    np.testing.assert_allclose(shown_cells(drawing, count), held_cell(picture, {"forget": 0.0}, unit), atol=0.0051)
    handle.press("Escape")
    drawing.read(0, "Escape")
    drawing.expect_picture(first)
    box = drawing.root.locator("[data-gate=input] .track").bounding_box()
    drawing.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] - 2)
    drawing.page.mouse.down()
    drawing.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=4)
    drawing.page.mouse.up()
    held = float(drawing.root.locator("[data-gate=input]").get_attribute("aria-valuenow"))
    assert held == pytest.approx(0.5, abs=0.06)
    np.testing.assert_allclose(shown_cells(drawing, count), held_cell(picture, {"input": held}, unit), atol=0.0051)
    drawing.read(0, "Escape")
    drawing.press("Let go")
    drawing.expect_picture(first)


def test_ribbons_of_every_head_go_to_the_word_that_is_followed(bench, made):
    drawing, picture = bench.explorer("layer_drawing"), made["layer_drawing"].drawn
    to_frame(drawing, 3)
    word, sent = picture["chosen"], "[path.dataset.head, path.dataset.on, path.getAttribute('stroke-width')]"
    for _ in range(2):
        ribbons = drawing.views.first.locator("[data-step='3'] path[data-head]").evaluate_all(
            f"(all) => all.map((path) => {sent}.map(Number))"
        )
        widths = np.zeros(picture["weights"][:, word].shape)
        for head, on, width in ribbons:
            widths[int(head), int(on)] = width
        looks = np.where(picture["weights"][:, word] >= 0.02, picture["weights"][:, word], 0)
        largest = looks.max()
        np.testing.assert_allclose(widths / widths.max(), looks / largest, atol=0.08)  # none is thinner than a hair
        said = drawing.read(0, "Escape", "ArrowRight", "ArrowRight")
        wanted = ", ".join(f"{weight:.2f}" for weight in picture["weights"][:, word, word + 1])
        assert said == f"{picture['words'][word]} looks at {picture['words'][word + 1]}: {wanted}"
        drawing.views.first.locator(".plot > svg").press("Enter")
        word += 1
        to_frame(drawing, 3)
    to_frame(drawing, 7)
    text = f"+ {picture['sizes'][5, word]:.1f} → {picture['streams'][3, word]:.1f}"
    expect(drawing.views.first.locator(".plot > svg > text", has_text=text)).to_be_visible()


@pytest.mark.parametrize("theme", ["JupyterLab Dark", "JupyterLab Light"])
def test_text_has_contrast_and_movement_can_be_turned_off(bench, screenshot, theme):
    bench.theme(theme)
    bench.page.emulate_media(reduced_motion="reduce")
    for name in DRAWINGS:
        drawing = bench.explorer(name)
        ratios = drawing.root.evaluate(CONTRASTS)
        assert ratios and min(ratios) >= 4.5, name
        moving = drawing.root.locator(".ease, .flow, .thread")
        seconds = moving.evaluate_all("(parts) => parts.map((part) => getComputedStyle(part).transitionDuration)")
        assert set(seconds) == {"0s"}, name
        screenshot(drawing.root, f"{name}-{theme.split()[1].lower()}")
    bench.page.emulate_media(reduced_motion="no-preference")


def overlapping(seen: dict) -> list[str]:
    """Return what is wrong with the texts of a drawing: those that lie over each other, or leave it."""
    wide, high = seen["size"]
    wrong = [
        f"{text!r} leaves the drawing"
        for text, left, top, right, bottom in seen["texts"]
        if min(left, top) < -1 or right > wide + 1 or bottom > high + 4
    ]
    for at, (text, left, top, right, bottom) in enumerate(seen["texts"]):
        for other, x0, y0, x1, y1 in seen["texts"][:at]:
            if min(right, x1) - max(left, x0) > 1 and min(bottom, y1) - max(top, y0) > 4:
                wrong.append(f"{text!r} over {other!r}")
    return wrong


@pytest.fixture(scope="module")
def page_file(scripts):
    """The drawings, executed and exported as a page that needs neither a kernel nor a network."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    notebook = NotebookClient(code_notebook(CELLS), timeout=900, store_widget_state=True).execute()
    exporter = HTMLExporter(require_js_url="require.js", widget_renderer_url="embed-amd.js", mathjax_url="")
    path = scripts / "drawings.html"
    path.write_text(exporter.from_notebook_node(notebook)[0], encoding="utf-8")
    return path


@pytest.mark.parametrize("width", [390, 1280])
def test_on_a_page_without_a_kernel_every_frame_is_whole_at_any_width(page_file, offline, screenshot, width):
    offline.set_viewport_size({"width": width, "height": 844 if width < 500 else 800})
    offline.goto(page_file.as_uri())
    offline.locator(".cu-view .plot > svg > *").first.wait_for(state="attached")
    views = offline.locator(".cu-view")
    expect(views).to_have_count(len(DRAWINGS))
    for at, name in enumerate(DRAWINGS):
        view = views.nth(at)
        heights, wrong = set(), {}
        slider = view.locator(".player input")
        expect(slider).to_have_attribute("max", re.compile(r"\d"))  # the views of a page are drawn one after another
        slider.press("Home")
        for frame in range(int(slider.get_attribute("max")) + 1):
            offline.wait_for_timeout(250)  # for the movement to end
            if found := overlapping(view.evaluate(TEXTS)):
                wrong[frame] = found
            heights.add(round(view.bounding_box()["height"]))
            if frame in (0, 4, 8):
                screenshot(view, f"{name}-{width}-{frame}")
            slider.press("ArrowRight")
        assert wrong == {}, name
        assert len(heights) == 1, f"{name} jumps"
        assert view.evaluate("(view) => view.scrollWidth <= view.clientWidth"), name
        if width == 1280:
            assert heights.pop() <= 480, name


def test_a_valve_is_held_by_touch_on_a_page_without_a_kernel(page_file, chromium):
    context = chromium.new_context(offline=True, viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.goto(page_file.as_uri())
    handle = page.locator("[data-gate=forget]")
    handle.scroll_into_view_if_needed()
    box = handle.locator(".track").bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] - 1)
    expect(page.get_by_text("held 0", exact=False).first).to_be_visible()
    assert float(handle.get_attribute("aria-valuenow")) < 0.1
    context.close()
