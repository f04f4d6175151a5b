"""One JupyterLab server and one Chromium for all browser tests of a session, or of each of its workers."""

import os
import re
import shutil
from pathlib import Path

import pytest
import web_scripts
import workbench
from nbclient import NotebookClient
from playwright.sync_api import expect

from tools.browser.chromium import ChromiumNotFound, launch, watch
from tools.browser.explorer import PATIENCE
from tools.browser.lab import LabServer, code_notebook
from tools.browser.notebook_page import OpenNotebook

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "screenshots"
expect.set_options(timeout=PATIENCE)  # on a busy machine, five seconds are not enough


def pytest_xdist_make_scheduler(config, log):
    """Keep the tests that share an open page on one worker: those of a file, and of one lesson or theme in it.

    Not by xdist's own marks: with xdist 3.8, pytest 9.2 no longer sees them, and says nothing
    (https://github.com/pytest-dev/pytest-xdist/issues/1386).
    """
    from xdist.scheduler import LoadScopeScheduling  # only here: without `-n`, xdist is not needed

    class ByPage(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group(nodeid)

    return ByPage(config, log)


def group(nodeid: str) -> str:
    """Return the name of what a test shares: its file, and the lesson or the theme that is its first parameter."""
    file, _, test = nodeid.partition("::")
    shared = re.search(r"\[(\d\d_\w+\.ipynb|light-|dark-|light\]|dark\])", test)
    return f"{file} {shared[1].rstrip('-]') if shared else ''}"


def pytest_terminal_summary(terminalreporter):
    skipped = [r for r in terminalreporter.stats.get("skipped", []) if "tests/browser" in r.nodeid]
    for reason in sorted({str(r.longrepr[2]) for r in skipped if isinstance(r.longrepr, tuple)}):
        count = sum(isinstance(r.longrepr, tuple) and r.longrepr[2] == reason for r in skipped)
        terminalreporter.write_line(f"BROWSER TESTS NOT RUN ({count}): {reason}", red=True, bold=True)


@pytest.fixture(scope="session")
def chromium():
    """The system's Chromium, driven by Playwright."""
    try:
        with launch() as browser:
            yield browser
    except ChromiumNotFound as missing:
        pytest.skip(str(missing))


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

    def open_(name: str, *, width: int = 1400, height: int = 1000, **options) -> OpenNotebook:
        options = {"reduced_motion": "reduce"} | options  # pictures are then at once what they become
        contexts.append(chromium.new_context(viewport={"width": width, "height": height}, **options))
        return OpenNotebook(contexts[-1].new_page(), server, name)

    yield open_
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def write_notebook(server):
    """A function that writes a notebook of code cells into the server's folder and returns its name."""
    return server.write


@pytest.fixture(scope="module")
def run_notebook(request, open_notebook, write_notebook):
    """The notebook of a test file's `CELLS`, all of them run."""
    notebook = open_notebook(write_notebook(f"{request.module.__name__}.ipynb", request.module.CELLS))
    notebook.run_all()
    yield notebook
    notebook.page.context.close()


@pytest.fixture
def bench(run_notebook):
    """The notebook of a test file's `CELLS`; before and after a test, nothing may have gone wrong in it."""
    assert run_notebook.tracebacks() == []
    yield run_notebook
    assert run_notebook.errors == [] and run_notebook.tracebacks() == []


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
    notebook = code_notebook([workbench.SETUP, workbench.STACK, workbench.WORDS, workbench.GRADIENTS])
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    return NotebookClient(notebook, timeout=600, store_widget_state=True).execute()


@pytest.fixture
def offline(chromium):
    """A page of a browser without a network; in the end nothing may have failed on it."""
    context = chromium.new_context(offline=True, viewport={"width": 1000, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(90_000)
    errors = []
    watch(page, errors)
    yield page
    context.close()
    assert errors == []


@pytest.fixture(scope="session")
def screenshot():
    """A function that keeps a picture of an explorer, or of a whole page, in the ignored folder `screenshots`.

    Only where they are asked for, `make browser SCREENSHOTS=yes`: hundreds of slides take minutes.
    """
    if not os.environ.get("SCREENSHOTS"):
        return lambda shown, name: None
    SCREENSHOTS.mkdir(exist_ok=True)
    return lambda shown, name: shown.screenshot(path=str(SCREENSHOTS / f"{name}.png"))
