"""The query playground and the attention explorer in a real browser."""

import pytest
from playwright.sync_api import expect

from course_utils.explorers.playground import KEYS, VALUES, playground_scores
from course_utils.measure.reading import query_keys
from course_utils.messages.explorers import playground_sentence

SETUP = """from course_utils import explorers, runtime
from course_utils.datasets.corpus import Translations
from course_utils.experiments import designs
device = runtime.setup(seed=0)
data = Translations.course("korean", device=device)
found = designs.load_translator("attention_korean", "states_and_words", "scaled_dot", data)
translators = {"korean": (found, data.test), "more korean": (found, data.test[20:])}
"""
CELLS = [SETUP, "explorers.playground()", "explorers.attention_explorer(translators)"]


def test_the_playground_shows_the_numbers_of_the_pure_function(bench):
    explorer = bench.explorer("playground")
    explorer.set_number("query, to the right", -1.5)
    explorer.set_number("temperature", 0.5)
    explorer.choose("score", "dot")
    found = query_keys((-1.5, 0.9), KEYS, VALUES, playground_scores()["dot"], 0.5)
    explorer.expect_sentence(playground_sentence(found.weights, found.average, 0.5))
    explorer.expect_bars(2, found.weights)
    shown = explorer.read(0, "ArrowRight", "ArrowRight")
    assert shown.startswith("key 2: (0.5, 1.7), weight ")
    explorer.reset()


def test_words_light_up_with_the_row_of_the_heatmap(bench):
    explorer = bench.explorer("attention_explorer")
    heatmap, words = explorer.views.nth(0), explorer.views.nth(1)
    slider = heatmap.locator(".player input")
    slider.press("Home")
    opacity = "(view) => [...view.querySelectorAll('.plot > svg > rect')].map((rect) => rect.style.fillOpacity)"
    first = words.evaluate(opacity)
    slider.press("ArrowRight")
    assert words.evaluate(opacity) != first
    lit = [float(one) for one in words.evaluate(opacity) if one]
    assert sum(lit) == pytest.approx(1, abs=0.02)
    assert words.locator(".player:visible").count() == 0, "one slider moves both"


def test_keys_go_to_a_word_of_either_sentence(bench):
    explorer = bench.explorer("attention_explorer")
    explorer.views.nth(0).locator(".player input").press("Home")
    assert explorer.read(1, "Escape", "ArrowRight", "ArrowRight").startswith("he ← ")
    assert explorer.read(1, "ArrowDown", "ArrowRight", "ArrowRight").startswith("English ")
    explorer.read(1, "Enter")
    assert explorer.views.nth(0).locator(".where").inner_text().endswith("(3 of 9)")
    explorer.reset()


def test_another_sentences_memory_is_seen(bench):
    explorer = bench.explorer("attention_explorer")
    before = explorer.views.nth(0).locator(".plot > canvas").evaluate("(canvas) => canvas.toDataURL()")
    explorer.choose("translation", "reference")
    explorer.choose("attention", "another sentence's memory")
    expect(explorer.status).to_contain_text("It looks at another sentence")
    assert explorer.views.nth(0).locator(".plot > canvas").evaluate("(canvas) => canvas.toDataURL()") != before
    explorer.reset()


def test_a_typed_sentence_of_known_words_is_read_and_an_unknown_word_is_named(bench):
    explorer = bench.explorer("attention_explorer")
    explorer.type("sentence", "나는 xyz")
    expect(explorer.status).to_contain_text("fits at", timeout=15_000)
    good = explorer.picture()
    explorer.choose("translation", "reference")
    assert explorer.picture() == good
    explorer.reset()
    expect(explorer.status).to_contain_text("probability", timeout=15_000)
