"""Build the course's web site from executed notebooks: collect the pages, then run Sphinx; nothing is executed."""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import web_scripts
from execute_notebooks import WIDGET
from nbformat.v4 import new_markdown_cell, new_output

ROOT = Path(__file__).parents[1]
TEXTS = ["README.md", "CONTRIBUTING.md", "data/README.md"]  # what the site's pages include
IN_PLACE = ["LICENSE", "docs/pictures", "notebooks/README.md"]  # what those texts link to, and a page as it is
SCRIPTS = ["require.js", "embed-amd.js", "anywidget.js", "mathjax.js"]
NOTE = """:::{{admonition}} What moves on this page
:class: note

Sliders and Play inside the pictures work here. What needs Python (the controls above a picture, your own answers to
the exercises) works in the notebook: {{download}}`download it </downloads/{name}.ipynb>` into a
[copy of the course](../index.md#start).
:::"""


def prepare(notebook: nbformat.NotebookNode, name: str) -> nbformat.NotebookNode:
    """Make a page of an executed notebook, in place: each output once, progress bars dropped; return it.

    An explorer's output becomes the live view, with its still picture for readers without JavaScript.
    """
    # Sphinx would read any other metadata as settings of the page.
    kept = {"kernelspec", "language_info", "widgets"}
    notebook.metadata = {key: value for key, value in notebook.metadata.items() if key in kept}
    for cell in notebook.cells:
        shown = []
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if output.get("name") == "stderr" or (WIDGET in data and "image/png" not in data):
                continue  # warnings and progress bars are over by now
            if WIDGET in data:
                still = {"text/html": f"<noscript>{data['text/html']}</noscript>"}
                shown += [new_output("display_data", {WIDGET: data[WIDGET]}), new_output("display_data", still)]
            else:
                if "text/html" in data:
                    data.pop("image/png", None)  # the HTML holds the same picture, with its text alternative
                shown.append(output)
        if cell.cell_type == "code":
            cell.outputs = shown
    notebook.cells.insert(1, new_markdown_cell(NOTE.format(name=name)))
    return notebook


def collect(executed: Path, source: Path) -> None:
    """Lay out all that Sphinx reads: the site's own pages, the repository's texts, scripts and lessons.

    Args:
        executed: the folder with executed notebooks, widget state kept.
        source: the folder to make; what was there goes.

    Raises:
        FileNotFoundError: there is no executed notebook.
        RuntimeError: a script is missing and cannot be fetched.
    """
    notebooks = sorted(executed.glob("*.ipynb"))
    if not notebooks:
        raise FileNotFoundError(f"{executed} holds no executed notebook")
    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(ROOT / "docs" / "site", source)
    for place, names in ((source / "texts", TEXTS), (source, IN_PLACE)):
        for name in names:
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, place / name)
    scripts = web_scripts.fetch()
    for name in ("_static/scripts", "notebooks", "downloads"):
        (source / name).mkdir(exist_ok=True)
    for name in SCRIPTS:
        shutil.copy(scripts / name, source / "_static" / "scripts")
    for path in notebooks:
        notebook = prepare(nbformat.read(path, as_version=4), path.stem)
        nbformat.write(notebook, source / "notebooks" / path.name)
        shutil.copy(ROOT / "notebooks" / path.name, source / "downloads")


def build(executed: Path, site: Path) -> None:
    """Write the site's pages into the folder `site`, its sources beside it; a warning of Sphinx's is an error.

    Raises:
        FileNotFoundError, RuntimeError: as `collect` does.
        subprocess.CalledProcessError: Sphinx said no.
    """
    source, doctrees = (site.with_name(f"{site.name}-{what}") for what in ("source", "doctrees"))
    collect(executed, source)
    for old in (site, doctrees):
        shutil.rmtree(old, ignore_errors=True)
    options = ["-W", "--keep-going", "-q", "-b", "html", "-d", doctrees]
    subprocess.run([sys.executable, "-m", "sphinx", *options, source, site], check=True)
    print(f"{site / 'index.html'}: {sum(1 for _ in site.rglob('*.html'))} pages")


def main() -> None:
    """Build the site from the folder named on the command line into another."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("executed", type=Path, help="folder with executed notebooks, widget state kept")
    parser.add_argument("site", type=Path, help="folder for the site")
    options = parser.parse_args()
    build(options.executed.absolute(), options.site.absolute())


if __name__ == "__main__":
    main()
