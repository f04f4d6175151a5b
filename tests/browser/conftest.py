"""One JupyterLab server and one Chromium for all browser tests of a session."""

import os
import shutil
from pathlib import Path

import nbformat
import pytest
import web_scripts
import workbench
from lab import FLAGS, LabServer, find_chromium
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
from notebook_page import OpenNotebook

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "screenshots"


def pytest_terminal_summary(terminalreporter):
    skipped = [r for r in terminalreporter.stats.get("skipped", []) if "tests/browser" in r.nodeid]
    for reason in sorted({str(r.longrepr[2]) for r in skipped if isinstance(r.longrepr, tuple)}):
        count = sum(isinstance(r.longrepr, tuple) and r.longrepr[2] == reason for r in skipped)
        terminalreporter.write_line(f"BROWSER TESTS NOT RUN ({count}): {reason}", red=True, bold=True)


@pytest.fixture(scope="session")
def chromium():
    """The system's Chromium, driven by Playwright."""
    path = find_chromium()
    if path is None:
        pytest.skip("no Chromium was found; install Debian's packages chromium and fonts-nanum, or set CHROMIUM")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(chromium, tmp_path_factory):
    """A JupyterLab server over a folder with copies of the lessons."""
    folder = tmp_path_factory.mktemp("notebooks")
    for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
        shutil.copy(notebook, folder)
    with LabServer(folder, tmp_path_factory.mktemp("lab")) as server:
        yield server


@pytest.fixture(scope="session")
def open_notebook(chromium, server):
    """A function that opens a notebook of the server's folder in a new window, by name."""
    contexts = []

    def open_(name: str, *, width: int = 1400, height: int = 1000) -> OpenNotebook:
        contexts.append(chromium.new_context(viewport={"width": width, "height": height}))
        return OpenNotebook(contexts[-1].new_page(), server, name)

    yield open_
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def write_notebook(server):
    """A function that writes a notebook of code cells into the server's folder and returns its name."""

    def write(name: str, sources: list[str]) -> str:
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        cells = [new_code_cell(source) for source in sources]
        nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), server.folder / name)
        return name

    return write


@pytest.fixture(scope="session")
def scripts() -> Path:
    """The folder with the scripts that pages without a kernel need."""
    try:
        return web_scripts.fetch()
    except RuntimeError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def executed():
    """A notebook with explorers, executed, its widgets' state kept."""
    sources = [workbench.SETUP, workbench.STACK, workbench.WORDS, workbench.GRADIENTS]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = new_notebook(cells=[new_code_cell(s) for s in sources], metadata={"kernelspec": kernel})
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    return NotebookClient(notebook, timeout=120, store_widget_state=True).execute()


@pytest.fixture
def offline(chromium):
    """A page of a browser without a network."""
    context = chromium.new_context(offline=True, viewport={"width": 1000, "height": 900})
    page = context.new_page()
    page.set_default_timeout(30_000)
    yield page
    context.close()


@pytest.fixture(scope="session")
def screenshot():
    """A function that keeps a picture of an explorer, or of a whole page, in the ignored folder `screenshots`."""
    SCREENSHOTS.mkdir(exist_ok=True)
    return lambda shown, name: shown.screenshot(path=str(SCREENSHOTS / f"{name}.png"))
