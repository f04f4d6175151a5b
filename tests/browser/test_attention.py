"""The query playground and the attention explorer in a real browser."""

import numpy as np
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
    query = explorer.root.get_by_role("slider", name="query", exact=True)
    for _ in range(3):
        query.press("ArrowLeft")
    query.press("Shift+ArrowLeft")
    explorer.set_number("temperature", 0.5)
    explorer.choose("score", "dot")
    found = query_keys((0.4, 0.9), KEYS, VALUES, playground_scores()["dot"], 0.5)
    explorer.expect_sentence(playground_sentence(found.weights, found.average, 0.5))
    shown = explorer.read(0, "ArrowRight", "ArrowRight")
    assert shown.startswith("key 2: (0.5, 1.7), weight ")
    stages = explorer.views.nth(2).locator(".plot > svg > text").all_text_contents()
    assert f"{found.weights[0]:.3g}" in stages and f"{np.exp(found.scores[0]):.3g}" in stages
    explorer.reset()


def test_ribbons_and_words_follow_the_row_of_the_map(bench):
    explorer = bench.explorer("attention_explorer")
    ribbons, heatmap = explorer.views.first, explorer.views.last
    slider = ribbons.locator(".player input")
    slider.press("Home")
    opacity = "(view) => [...view.querySelectorAll('.plot > svg > rect')].map((rect) => rect.style.fillOpacity)"
    first = ribbons.evaluate(opacity)
    slider.press("ArrowRight")
    assert ribbons.evaluate(opacity) != first
    lit = [float(one) for one in ribbons.evaluate(opacity) if one]
    assert sum(lit) == pytest.approx(0.4 + 0.12, abs=0.02), "the source words, by their weights, and the target word"
    assert heatmap.locator(".player:visible").count() == 0, "one slider moves both"


def test_keys_go_to_a_word_of_either_sentence(bench):
    explorer = bench.explorer("attention_explorer")
    explorer.views.nth(0).locator(".player input").press("Home")
    assert explorer.read(0, "Escape", "ArrowDown", "ArrowDown").startswith("he ← ")
    assert explorer.read(0, "ArrowRight", "ArrowDown", "ArrowDown").startswith("English ")
    explorer.read(0, "Enter")
    assert explorer.views.nth(0).locator(".where").inner_text().endswith("(3 of 9)")
    explorer.reset()


def test_a_gold_link_is_shown_once_it_was_guessed(bench):
    explorer = bench.explorer("attention_explorer")
    explorer.choose("gold links", "guess first")
    explorer.settle()
    ribbons = explorer.views.nth(0)
    ribbons.locator(".player input").press("Home")
    expect(ribbons.locator(".asking")).to_contain_text("Click it")
    explorer.read(0, "Escape", "ArrowDown", "Enter")
    expect(ribbons.locator(".legend")).to_contain_text("You: 1 of 1.")
    expect(explorer.views).to_have_count(1)  # the map, which would show what is to be guessed, is hidden
    explorer.reset()
    expect(explorer.views).to_have_count(2)


def test_words_are_suggested_and_listed(bench):
    explorer = bench.explorer("attention_explorer")
    words = explorer.root.locator(".cu-words")
    words.get_by_role("button", name="All", exact=False).first.click()
    expect(words.locator(".list")).to_contain_text("joins the word before it")
    words.get_by_role("button", name="Close the list").click()
    expect(words.locator(".list")).to_be_hidden()


def test_another_sentences_memory_is_seen(bench):
    explorer = bench.explorer("attention_explorer")
    before = explorer.views.last.locator(".plot > canvas").evaluate("(canvas) => canvas.toDataURL()")
    explorer.choose("translation", "reference")
    explorer.choose("attention", "another sentence's memory")
    expect(explorer.status).to_contain_text("It looks at another sentence")
    assert explorer.views.last.locator(".plot > canvas").evaluate("(canvas) => canvas.toDataURL()") != before
    explorer.reset()


def test_a_typed_sentence_of_known_words_is_read_and_an_unknown_word_is_named(bench):
    explorer = bench.explorer("attention_explorer")
    explorer.type("sentence", "나는 xyz")
    expect(explorer.status).to_contain_text("does not know")
    good = explorer.picture()
    explorer.choose("translation", "reference")
    assert explorer.picture() == good
    explorer.reset()
    expect(explorer.status).to_contain_text("probability")
