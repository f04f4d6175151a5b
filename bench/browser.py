"""A notebook open in Chromium, for measurements."""

import contextlib
import shutil
import tempfile
from pathlib import Path

import nbformat
from lab import FLAGS, LabServer, find_chromium
from nbformat.v4 import new_code_cell, new_notebook
from notebook_page import OpenNotebook
from playwright.sync_api import sync_playwright

from bench import ROOT


@contextlib.contextmanager
def notebooks(**cells: list[str]):
    """Yield a function that opens one of the lessons, or one of the notebooks made of `cells`, by its name."""
    if find_chromium() is None:
        raise SystemExit("no Chromium was found: install Debian's packages chromium and fonts-nanum, or set CHROMIUM")
    with tempfile.TemporaryDirectory() as scratch, contextlib.ExitStack() as stack:
        folder = Path(scratch) / "notebooks"
        shutil.copytree(ROOT / "notebooks", folder, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        for name, sources in cells.items():
            made = new_notebook(cells=[new_code_cell(c) for c in sources], metadata={"kernelspec": kernel})
            nbformat.write(made, folder / f"{name}.ipynb")
        server = stack.enter_context(LabServer(folder, Path(scratch)))
        chromium = stack.enter_context(sync_playwright()).chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield lambda name: OpenNotebook(
            chromium.new_context(viewport={"width": 1400, "height": 1000}).new_page(), server, f"{name}.ipynb"
        )
