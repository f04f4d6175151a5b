"""The heads explorer in a real browser: open a head, silence heads, by mouse and by keyboard."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from course_utils.datasets.corpus import Translations
from course_utils.datasets.text import join
from course_utils.experiments import transformer
from course_utils.explorers import heads_explorer
from course_utils.measure.reading import corpus_index, read_heads

SETUP = """from course_utils import explorers, runtime
from course_utils.datasets.corpus import Translations
from course_utils.experiments import transformer
device = runtime.setup(seed=0)
korean = Translations.course("korean", device=device)
kept = transformer.load_translator("transformer_korean", korean)
"""
CELLS = [SETUP, "explorers.heads_explorer(kept, korean.test)"]


@pytest.fixture(scope="module")
def kept():
    korean = Translations.course("korean")
    return transformer.load_translator("transformer_korean", korean), korean.test


@pytest.fixture
def heads(bench):
    explorer = bench.explorer("heads_explorer")
    explorer.reset()
    yield explorer
    explorer.reset()


def grid(explorer):
    """Return the drawing of the small maps."""
    return explorer.views.nth(0).locator(".plot > svg")


def press(explorer, *keys: str) -> str:
    """Press keys in the grid and return its tooltip."""
    grid(explorer).focus()
    for key in keys:
        grid(explorer).press(key)
    explorer.settle()
    return explorer.views.nth(0).locator(".readout").inner_text()


def click(explorer, name: str, *, switch: bool = False) -> None:
    """Click a head's map, or its switch."""
    layer, number = map(int, name.split("."))
    nodes = grid(explorer).locator(".switch" if switch else ".framed")
    box = nodes.nth(4 * (layer - 1) + number - 1).bounding_box()
    explorer.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    explorer.settle()


def test_every_control_moves_the_picture_and_nothing_jumps(heads, screenshot):
    screenshot(heads.root, "heads")
    assert heads.sweep() == 4


def test_a_clicked_map_is_opened_and_its_ribbons_are_those_of_the_head(heads, kept):
    translator, pairs = kept
    text = heads.named("sentence").locator("input").input_value()
    reading = read_heads(translator, corpus_index(pairs), text)
    click(heads, "2.4")
    expect(heads.status).to_contain_text(f"error rate {reading.error_rates[1, 3]:.2f}")
    expect(heads.views.nth(1).locator(".title")).to_have_text("Head 2.4, with the gold links")
    assert grid(heads).locator(".framed.open").count() == 1
    at = heads.views.nth(1).locator(".player input")
    at.press("Home")
    numbers = [text for text in heads.views.nth(1).locator(".plot > svg > text.name").all_text_contents() if text]
    wanted = [f"{weight:.2f}" for weight in reading.maps[1, 3, 0] if weight >= 0.045]
    assert [number for number in numbers if re.fullmatch(r"\d\.\d\d", number)] == wanted
    heads.undo()
    expect(heads.views.nth(1).locator(".title")).to_have_text("Head 1.1, with the gold links")


def test_a_switch_silences_a_head_and_the_translation_and_bleu_answer(heads, kept):
    click(heads, "2.2", switch=True)
    click(heads, "1.3", switch=True)
    own = heads_explorer(kept[0], kept[1], silent=["1.3", "2.2"])
    heads.expect_sentence(own.status.text)
    texts = " ".join(heads.views.nth(2).locator("svg text").all_text_contents())
    first, second = own.views[2].drawn["lines"]
    assert first["note"] in texts and second["note"] in texts and second["name"] in texts
    assert heads.views.nth(2).locator("svg .added").count() == len(second["marked"])
    assert heads.views.nth(2).locator("svg .strike").count() == len(first["marked"])
    click(heads, "2.2", switch=True)
    heads.expect_sentence(heads_explorer(kept[0], kept[1], silent=["1.3"]).status.text)


def test_the_keyboard_opens_and_silences_without_losing_its_place(heads):
    assert "head 2.1" in press(heads, "Escape", "ArrowDown", "ArrowDown", "ArrowDown")
    expect(heads.status).to_contain_text("Head 1.1,")
    press(heads, "Enter")
    expect(heads.status).to_contain_text("Head 2.1,")
    assert press(heads, "ArrowRight", "ArrowUp") == "head 2.2: click to silence it"
    assert press(heads, "Enter").startswith("head 2.2 is silenced")
    expect(heads.status).to_contain_text("Silencing 2.2")
    press(heads, "Enter")
    expect(heads.status).to_contain_text("No head is silenced")


def test_a_copied_state_rebuilds_open_and_silenced_heads(bench, heads):
    click(heads, "2.3")
    click(heads, "2.3", switch=True)
    call = heads.copied("Copy state")
    assert call.startswith("explorers.heads_explorer(kept, korean.test, ")
    assert call.endswith('head="2.3", silent=["2.3"]).at(0)')
    assert bench.evaluate(f"{call}.status.text") == repr(heads.status.inner_text())
    assert "silenced" in heads.copied("SVG")


def test_challenges_tick_and_a_bad_sentence_is_named(heads, kept):
    goals = heads.root.locator(".challenges li")
    text = heads.named("sentence").locator("input").input_value()
    rates = read_heads(kept[0], corpus_index(kept[1]), text).error_rates
    layer, number = np.unravel_index(rates.argmin(), rates.shape)
    click(heads, f"{layer + 1}.{number + 1}")
    expect(goals.first).to_contain_text("(met)")
    heads.type("sentence", "나는 xyz")
    expect(heads.status).to_contain_text("does not know")
    heads.type("sentence", join(kept[1][1].source))
    expect(heads.status).to_contain_text("error rate")


def test_the_card_is_whole_on_a_laptop_and_fits_a_narrow_window(bench, heads, screenshot):
    bench.page.set_viewport_size({"width": 1280, "height": 800})
    heads = bench.explorer("heads_explorer")
    for theme in ("Dark", "Light"):
        bench.theme(f"JupyterLab {theme}")
        screenshot(heads.root, f"heads-laptop-{theme}")
    assert heads.root.locator(".cu-panel").bounding_box()["height"] <= 560
    bench.page.set_viewport_size({"width": 620, "height": 900})
    bench.command("application:toggle-left-area")
    heads.expect_fit()
    bench.command("application:toggle-left-area")
    bench.page.set_viewport_size({"width": 1400, "height": 1000})
