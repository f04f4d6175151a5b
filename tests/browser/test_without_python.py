"""Every explorer on a page without a kernel and without a network: all controls answer, with Python's numbers."""

import os

import nbformat
import pytest
import torch
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from playwright.sync_api import expect

from course_utils.datasets import words
from course_utils.datasets.corpus import Translations
from course_utils.datasets.segment import segment
from course_utils.datasets.text import join
from course_utils.experiments import designs, transformer
from course_utils.explorers import bottleneck_explorer, heads_explorer
from course_utils.measure.probes import read_word
from course_utils.messages.explorers import translation_sentence
from course_utils.models.rnn import SequenceClassifier
from tools.browser.explorer import Explorer
from tools.browser.lab import code_notebook

SETUP = """from course_utils import explorers, runtime
from course_utils.datasets import tasks, words
from course_utils.datasets.corpus import Translations
from course_utils.datasets.text import join
from course_utils.experiments import designs, transformer
from course_utils.models.lstm import lstm_gates
from course_utils.models.rnn import SequenceClassifier, rnn_step
from course_utils.views.widgets import BarView
device = runtime.setup(seed=0)
alphabet = words.Alphabet(words.load_words())
model = SequenceClassifier(len(alphabet), 8, 16, len(words.LANGUAGE_NAMES))
reader = SequenceClassifier(len(alphabet), 8, 16, len(words.LANGUAGE_NAMES), cell="lstm")
recall = SequenceClassifier(tasks.FIRST_SYMBOL + 8, 8, 16, 8, cell="lstm")
korean = Translations.course("korean")
translator = designs.load_translator("attention_korean", "states_and_words", "scaled_dot", korean)
kept = transformer.load_translator("transformer_korean", korean)
def my_step(*arguments): return rnn_step(*arguments)
def my_panel():
    view = BarView([0.0], ["a"])
    return explorers.Panel({"number": explorers.panel.slider(3, 1, 9, "number")}, lambda number: number,
        lambda number: view.update([float(number)]) or "Only Python knows this.", [view])"""
# The explorer, the cell that makes it, and how many controls it has at least.
CASES = {
    "words": ("explorers.word_explorer(model, alphabet, 'amerikansk', step=my_step, examples=['polska', 'suomi'])", 4),
    "playground": ("explorers.playground()", 2),
    "gradients": ("explorers.gradient_explorer(length=40)", 4),
    "positions": ("explorers.positions_explorer()", 5),
    "bottleneck": ("explorers.bottleneck_explorer('french', length='5–6')", 3),
    "gates": ("explorers.gate_explorer(recall, reader, alphabet, gates=lambda *a: lstm_gates(*a))", 5),
    "translation": ("explorers.translation_explorer(translator, *(join(pair.source) for pair in korean.test[:1]), "
                    "[join(pair.source) for pair in korean.test[1:3]])", 4),
    "attention": ("explorers.attention_explorer({'one': (translator, korean.test[:40]), "
                  "'two': (translator, korean.test[40:80])})", 7),
    "heads": ("explorers.heads_explorer(kept, korean.test[:40])", 4),
    "order": ("explorers.order_explorer(kept, korean.test[:40])", 1),
}  # fmt: skip


class Saved(Explorer):
    """An explorer of a saved page; its heights are tried in JupyterLab."""

    def height(self) -> float:
        """Return the same height, whatever is shown."""
        return 0.0


@pytest.fixture(scope="module")
def page(chromium, scripts):
    """A page of all explorers, exported after they ran, opened without a network."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    notebook = code_notebook([SETUP, *(cell for cell, _ in CASES.values()), "my_panel()"])
    NotebookClient(notebook, timeout=900, store_widget_state=True).execute()
    notebook = nbformat.reads(nbformat.writes(notebook), as_version=4)  # saved: what has names is then sorted by them
    exporter = HTMLExporter(require_js_url="require.js", widget_renderer_url="embed-amd.js", mathjax_url="")
    file = scripts / "explorers.html"
    file.write_text(exporter.from_notebook_node(notebook)[0], encoding="utf-8")
    context = chromium.new_context(offline=True, viewport={"width": 1000, "height": 800}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(90_000)
    page.goto(file.as_uri())
    page.size = file.stat().st_size
    yield page
    context.close()


@pytest.fixture
def explorer(page):
    """A function that returns an explorer of the page by its name in `CASES`."""

    def find(name: str) -> Explorer:
        panels = page.locator(".jp-OutputArea-output:has(.cu-panel)")
        found = Saved(panels.nth([*CASES, "own"].index(name)))
        found.first = found.first or found.state()
        return found

    return find


@pytest.mark.parametrize("name", CASES)
def test_every_control_answers(explorer, name, screenshot):
    shown = explorer(name)
    kinds = ("sliders", "menus", "texts", "buttons", "hands", "frames")
    assert sum(getattr(shown, f"sweep_{kind}")(0.0) for kind in kinds) >= CASES[name][1]
    shown.reset()
    screenshot(shown.root, f"without_python-{name}")


def test_a_typed_word_is_read(explorer):
    shown = explorer("words")
    shown.type("word", "Żubrówka")
    torch.manual_seed(0)
    alphabet = words.Alphabet(words.load_words())
    model = SequenceClassifier(len(alphabet), 8, 16, len(words.LANGUAGE_NAMES))
    shown.expect_leader(0, words.LANGUAGE_NAMES, read_word(model, "Żubrówka", alphabet).probabilities[-1])
    shown.type("word", "漢")
    shown.expect_sentence("The network has never seen 漢: it learned its letters from words of 18 languages.")
    shown.reset()


def test_a_point_of_a_curve_is_chosen_and_its_outputs_are_marked_as_python_marks_them(explorer):
    shown, panel = explorer("bottleneck"), bottleneck_explorer("french", length="5–6")
    sizes, names = (panel.controls[name].options for name in ("hidden_size", "length"))
    drawing = shown.views.first.locator(".plot > svg")
    drawing.focus()
    for key in ("ArrowRight", *["ArrowRight"] * names.index("15–16"), "ArrowDown", "Enter"):
        drawing.press(key)
    panel.set({"hidden_size": sizes[1], "length": "15–16"})
    shown.expect_sentence(panel.status.text)
    wanted = shown.page.evaluate(
        "(html) => Object.assign(document.createElement('div'), { innerHTML: html }).innerHTML", panel.texts.value
    )
    written = shown.root.locator(".cu-texts")
    assert written.evaluate("(node) => node.outerHTML") == wanted
    assert written.locator(".cu-word.replaced").count() > 2
    shown.reset()


def test_a_typed_sentence_is_translated(explorer):
    korean = Translations.course("korean")
    translator = designs.load_translator("attention_korean", "states_and_words", "scaled_dot", korean)
    shown, typed = explorer("translation"), join(korean.test[5].source)
    shown.type("sentence", typed)
    (found,) = translator.beam_search([segment(typed, korean.source_words)], 4, length_penalty=1.0)
    best = max(found, key=lambda translation: translation.log_probability)
    shown.expect_sentence(translation_sentence(join(best.words), 2.718281828459045**best.log_probability))
    shown.type("sentence", "컴퓨터")
    count = len(korean.source_words) - 4
    shown.expect_sentence(f"The model does not know “컴퓨터”: it has seen {count} words.")
    shown.reset()


def test_a_head_is_silenced_and_bleu_is_measured(explorer):
    shown, korean = explorer("heads"), Translations.course("korean")
    kept = transformer.load_translator("transformer_korean", korean)
    switch = shown.views.nth(0).locator(".plot > svg .switch").nth(5)
    switch.scroll_into_view_if_needed()
    box = switch.bounding_box()
    shown.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    shown.expect_sentence(heads_explorer(kept, korean.test[:40], silent=["2.2"]).status.text)
    shown.reset()


def test_reset_ticks_no_challenge_on_its_way(explorer):
    shown = explorer("playground")
    goal = shown.root.locator(".challenges li", has_text="A weight of 0.95")
    hand = shown.root.locator(".hand[aria-label=query]").first
    for _ in range(6):
        hand.press("Shift+ArrowUp")
    shown.choose("score", "additive (untrained)")
    shown.set_number("temperature", 0.1)
    expect(goal).to_contain_text("(not met yet)")
    shown.reset()  # one control after the other: between two of them the weight would be large
    expect(goal).to_contain_text("(not met yet)")


def test_what_only_python_can_compute_is_grey_and_says_so(explorer):
    shown = explorer("own")
    assert "need Python" in shown.status.inner_text()
    assert shown.root.locator(".noUi-target[disabled]").count() == 1


def test_a_page_with_every_explorer_is_small(page):
    assert page.size < 4_000_000
