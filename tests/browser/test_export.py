"""An executed notebook as a page without a kernel and without a network."""

import base64
import copy
import json

import execute_notebooks
import pytest
import workbench
from nbconvert import HTMLExporter

from tools.browser.explorer import Explorer


def test_browser_held_views_stay_alive_in_an_exported_page_with_the_network_off(executed, scripts, offline, screenshot):
    exporter = HTMLExporter(require_js_url="require.js", widget_renderer_url="embed-amd.js", mathjax_url="")
    page_file = scripts / "exported.html"
    page_file.write_text(exporter.from_notebook_node(executed)[0], encoding="utf-8")
    offline.goto(page_file.as_uri())
    outputs = offline.locator(".jp-OutputArea-output")
    stack = Explorer(outputs.filter(has=offline.get_by_text("Sixty frames")))
    values = workbench.numbers()
    assert stack.sweep() == 1  # key, pointer, play and pause
    stack.views.first.locator(".player input").press("End")
    shown = stack.read(0, "ArrowUp")
    assert shown.startswith("row 1, column 1: value ")
    assert float(shown.split()[-1].replace("−", "-")) == pytest.approx(values[-1, 0, 0], rel=6e-3)
    word = Explorer(outputs.filter(has=offline.get_by_text("Which language is this word?")))
    word.views.first.locator(".player input").press("Home")
    units = word.views.nth(1).locator(".plot > svg").inner_html()
    word.views.first.locator(".player input").press("End")  # moves the units too: the link is in the page
    assert word.views.nth(1).locator(".plot > svg").inner_html() != units
    assert "“amerikansk”" in word.status.inner_text()  # and the sentence goes with the letters
    screenshot(offline, "exported")


def test_a_stored_notebook_shows_pictures_where_no_widget_runs(executed, offline):
    stored = execute_notebooks.clean(copy.deepcopy(executed))
    body, _ = HTMLExporter(mathjax_url="", require_js_url="").from_notebook_node(stored)
    offline.set_content(body)
    pictures = offline.locator(".jp-OutputArea-output img")
    assert pictures.count() == 3
    for at in range(3):
        assert pictures.nth(at).evaluate("(picture) => picture.complete && picture.naturalWidth > 400")
        assert len(pictures.nth(at).get_attribute("alt")) > 60
    assert "VBox" not in body
    assert "model_id" not in body


def test_sizes_of_sixty_frames(executed):
    state = executed.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    stack = [model for model in state.values() if model["state"].get("picture", {}).get("title") == "Sixty frames"]
    assert len(stack) == 1
    assert len(json.dumps(stack[0])) < 700_000
    data = executed.cells[1].outputs[0].data
    assert len(base64.b64decode(data["image/png"])) < 80_000
    assert sum(len(str(data[kind])) for kind in ("image/png", "text/html", "text/plain")) < 120_000
