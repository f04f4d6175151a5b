"""An executed notebook as a page without a kernel and without a network."""

import base64
import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import anywidget
import nbformat
import pytest
import workbench
from explorer import Explorer
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook

ROOT = Path(__file__).parents[2]
# What a live page needs beside it: two scripts from npm, and anywidget's own from its Python package.
PACKAGES = {
    "embed-amd.js": ("@jupyter-widgets/html-manager@1.0.15", "package/dist/embed-amd.js"),
    "require.js": ("requirejs@2.3.7", "package/require.js"),
}
CELLS = [workbench.SETUP, workbench.STACK, workbench.WORDS, workbench.GRADIENTS]


@pytest.fixture(scope="session")
def scripts() -> Path:
    """The folder with the scripts that a live page needs, fetched once with npm into the ignored `build`."""
    folder = ROOT / "build" / "widget-scripts"
    if not all((folder / name).exists() for name in PACKAGES):
        if shutil.which("npm") is None:
            pytest.skip("no npm was found to fetch the widgets' scripts (html-manager, requirejs) for exported pages")
        folder.mkdir(parents=True, exist_ok=True)
        for name, (package, inside) in PACKAGES.items():
            done = subprocess.run(["npm", "pack", "--silent", package], cwd=folder, capture_output=True, text=True)
            if done.returncode:
                pytest.skip(f"npm could not fetch {package} for exported pages: {done.stderr.strip()[-200:]}")
            archive = folder / done.stdout.split()[-1]
            with tarfile.open(archive) as packed, packed.extractfile(inside) as script:
                (folder / name).write_bytes(script.read())
            archive.unlink()
    shutil.copy(Path(anywidget.__file__).parent / "nbextension" / "index.js", folder / "anywidget.js")
    return folder


@pytest.fixture(scope="session")
def executed():
    """A notebook with explorers, executed, its widgets' state kept."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = new_notebook(cells=[new_code_cell(c) for c in CELLS], metadata={"kernelspec": kernel})
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    return NotebookClient(notebook, timeout=120, store_widget_state=True).execute()


@pytest.fixture
def offline(chromium):
    context = chromium.new_context(offline=True, viewport={"width": 1000, "height": 900})
    page = context.new_page()
    page.set_default_timeout(30_000)
    yield page
    context.close()


def test_browser_held_views_stay_alive_in_an_exported_page_with_the_network_off(executed, scripts, offline, screenshot):
    exporter = HTMLExporter(require_js_url="require.js", widget_renderer_url="embed-amd.js", mathjax_url="")
    page_file = scripts / "exported.html"
    page_file.write_text(exporter.from_notebook_node(executed)[0], encoding="utf-8")
    errors = []
    offline.on("pageerror", lambda error: errors.append(str(error)))
    offline.goto(page_file.as_uri())
    outputs = offline.locator(".jp-OutputArea-output")
    stack = Explorer(outputs.filter(has=offline.get_by_text("Sixty frames")))
    values = workbench.numbers()
    assert stack.sweep() == 1  # key, pointer, play and pause
    stack.views.first.locator(".player input").press("End")
    shown = stack.read(0, "ArrowUp")
    assert shown.startswith("row 1, column 1: value ")
    assert float(shown.split()[-1].replace("−", "-")) == pytest.approx(values[-1, 0, 0], rel=6e-3)
    word = Explorer(outputs.filter(has=offline.get_by_text("Hidden units after each letter")))
    word.views.first.locator(".player input").press("Home")
    bars = word.views.nth(1).locator(".plot > svg").inner_html()
    word.views.first.locator(".player input").press("End")  # moves the bars too: the link is in the page
    assert word.views.nth(1).locator(".plot > svg").inner_html() != bars
    assert "Saved page" in word.status.inner_text()
    screenshot(offline, "exported")
    assert errors == []


def test_a_stored_notebook_shows_pictures_where_no_widget_runs(executed, offline):
    stored = without_widgets(executed)
    body, _ = HTMLExporter(mathjax_url="", require_js_url="").from_notebook_node(stored)
    offline.set_content(body)
    pictures = offline.locator(".jp-OutputArea-output img")
    assert pictures.count() == 3
    for at in range(3):
        assert pictures.nth(at).evaluate("(picture) => picture.complete && picture.naturalWidth > 400")
        assert len(pictures.nth(at).get_attribute("alt")) > 60
    assert "VBox" not in body
    assert "model_id" not in body


def without_widgets(notebook):
    """Return a notebook as it is committed: no widget view, no widget state; see `make notebooks`."""
    stored = nbformat.reads(nbformat.writes(notebook), as_version=4)
    stored.metadata.pop("widgets", None)
    for cell in stored.cells:
        for output in cell.outputs:
            output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
    return stored


def test_sizes_of_sixty_frames(executed):
    state = executed.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    stack = [model for model in state.values() if model["state"].get("picture", {}).get("title") == "Sixty frames"]
    assert len(stack) == 1
    assert len(json.dumps(stack[0])) < 700_000
    data = executed.cells[1].outputs[0].data
    assert len(base64.b64decode(data["image/png"])) < 80_000
    assert sum(len(str(data[kind])) for kind in ("image/png", "text/html", "text/plain")) < 80_000
