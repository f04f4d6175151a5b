"""The lessons, or notebooks made for a measurement, open in Chromium."""

import contextlib
import shutil
import tempfile
from pathlib import Path

from tools.browser.chromium import ChromiumNotFound, launch
from tools.browser.lab import LabServer
from tools.browser.notebook_page import OpenNotebook
from tools.latency import ROOT


@contextlib.contextmanager
def notebooks(**cells: list[str]):
    """Yield a function that opens a lesson, or one of the notebooks made of `cells`, by its name."""
    with tempfile.TemporaryDirectory() as scratch, contextlib.ExitStack() as stack:
        folder = Path(scratch) / "notebooks"
        shutil.copytree(ROOT / "notebooks", folder, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
        try:
            chromium = stack.enter_context(launch())
        except ChromiumNotFound as missing:
            raise SystemExit(str(missing)) from missing
        server = stack.enter_context(LabServer(folder, Path(scratch)))
        for name, sources in cells.items():
            server.write(f"{name}.ipynb", sources)
        yield lambda name: OpenNotebook(
            chromium.new_context(viewport={"width": 1400, "height": 1000}).new_page(), server, f"{name}.ipynb"
        )
