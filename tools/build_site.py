"""Build the course's web site from executed notebooks: collect the pages, then run Sphinx.

Nothing is executed but the explorer on the home page, in a few seconds.
"""

import argparse
import itertools
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import frame
import nbformat
import web_scripts
from content_policy import WIDGETS as STATE
from content_policy import with_policy
from execute_notebooks import WIDGET
from kernels import ENCRYPTED
from mdit_py_plugins.anchors.index import slugify
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

ROOT = Path(__file__).parents[1]
TEXTS = ["README.md", "CONTRIBUTING.md", "data/README.md"]  # what the site's pages include
IN_PLACE = ["LICENSE", "docs/pictures", "docs/lectures.md", "docs/hub.md"]  # what those texts link to, and pages
SCRIPTS = ["require.js", "embed-amd.js", "anywidget.js", "mathjax.js"]
FIGURES = "_static/figures"  # beside the pages; browsers keep its files, and ask for those alone that they show
NOTE = """:::{{admonition}} What moves on this page
:class: note

Every explorer answers here: its network runs in your browser. What needs Python (code that you change, your own answers
to the exercises) works in the notebook: {{download}}`download it </downloads/{name}.ipynb>` into a
[copy of the course](../index.ipynb#start).
:::"""

# What the home page begins with, in the place of this line; a committed translator, so it takes seconds.
HOME_LINE = "% the attention explorer\n"
HOME = """from course_utils import explorers, runtime
from course_utils.datasets.corpus import Translations
from course_utils.experiments import designs
device = runtime.setup(seed=0)
korean = Translations.course("korean", device=device)
translator = designs.load_translator("attention_korean", "states_and_words", "scaled_dot", korean)
explorers.attention_explorer({"korean": (translator, korean.test)})"""


def home(text: str) -> nbformat.NotebookNode:
    """Return the home page: the site's text for it, and where it says so the attention explorer, alive."""
    above, below = (new_markdown_cell(part) for part in text.split(HOME_LINE))
    explorer = new_code_cell(HOME, metadata={"tags": ["remove-input"]})
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = new_notebook(cells=[above, explorer, below], metadata={"kernelspec": kernel})
    NotebookClient(notebook, timeout=120, store_widget_state=True, config=ENCRYPTED).execute()
    explorer.outputs = alive(explorer.outputs)
    return notebook


def alive(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Return outputs as a page shows them: an explorer as its live view, with its still picture without JavaScript."""
    shown = []
    for output in outputs:
        data = output.get("data", {})
        if output.get("name") == "stderr" or (WIDGET in data and "image/png" not in data):
            continue  # warnings and progress bars are over by now
        if WIDGET in data:
            still = {"text/html": f"<noscript>{data['text/html']}</noscript>"}
            shown += [new_output("display_data", {WIDGET: data[WIDGET]}), new_output("display_data", still)]
        else:
            if "text/html" in data:
                data["text/html"] = re.sub(r'href="(\d\d_\w+)\.ipynb"', r'href="\1.html"', data["text/html"])
                data.pop("image/png", None)  # the HTML holds the same picture, with its text alternative
            shown.append(output)
    return shown


def lighten(notebook: nbformat.NotebookNode, name: str, source: Path) -> nbformat.NotebookNode:
    """Lay a page's figures beside it, in place, and leave out what its widgets' layouts do not set; return it.

    Args:
        notebook: a page, whose figures are SVG inside its HTML.
        name: of the page, which the figures' files take.
        source: the folder with the folder of the pages, and with `FIGURES` for the files.
    """
    count = itertools.count(1)

    def aside(found: re.Match) -> str:
        file = f"{FIGURES}/{name}-{next(count)}.svg"
        (source / file).write_text(unquote(found[1]).strip(), encoding="utf-8")
        return f'src="../{file}"'

    for cell in notebook.cells:
        for data in (output.get("data", {}) for output in cell.get("outputs", [])):
            if "text/html" in data:
                data["text/html"] = re.sub(r'src="data:image/svg\+xml,([^"]*)"', aside, data["text/html"])
    for model in notebook.metadata.get("widgets", {}).get(STATE, {}).get("state", {}).values():
        if model["model_name"] == "LayoutModel":
            model["state"] = {trait: value for trait, value in model["state"].items() if value is not None}
    return notebook


def prepare(notebook: nbformat.NotebookNode, name: str) -> nbformat.NotebookNode:
    """Make a page of an executed notebook, in place: each output once, no progress bars, results folded; return it."""
    # Sphinx would read any other metadata as settings of the page.
    kept = {"kernelspec", "language_info", "widgets"}
    notebook.metadata = {key: value for key, value in notebook.metadata.items() if key in kept}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = alive(cell.outputs)
        if cell.metadata.get("jupyter", {}).get("outputs_hidden"):
            cell.metadata.setdefault("tags", []).append("hide-output")  # folded, until the reader has a guess
    for cell in notebook.cells:
        if cell.metadata.get("jupyter", {}).get("source_hidden"):
            cell.metadata["tags"] = [*cell.metadata.get("tags", []), "hide-input"]  # a <details> of the page
        if cell.id == frame.BANNER:
            for heading, cell_id in frame.sections(notebook).items():
                cell.source = cell.source.replace(f"({frame.anchor(name, cell_id)})", f"(#{slugify(heading)})")
    title = next((at for at, cell in enumerate(notebook.cells) if cell.source.startswith("# ")), 0)
    notebook.cells.insert(title + 1, new_markdown_cell(NOTE.format(name=name)))
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
    index = source / "index.md"
    nbformat.write(home(index.read_text(encoding="utf-8")), index.with_suffix(".ipynb"))
    index.unlink()
    scripts = web_scripts.fetch()
    for name in ("_static/scripts", FIGURES, "notebooks", "downloads"):
        (source / name).mkdir(exist_ok=True)
    for name in SCRIPTS:
        shutil.copy(scripts / name, source / "_static" / "scripts")
    for path in notebooks:
        notebook = lighten(prepare(nbformat.read(path, as_version=4), path.stem), path.stem, source)
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
    pages = [*site.rglob("*.html")]
    for page in pages:
        page.write_text(with_policy(page.read_text(encoding="utf-8")), encoding="utf-8")
    largest = max(page.stat().st_size for page in pages) / 1e6
    print(f"{site / 'index.html'}: {len(pages)} pages, the largest of {largest:.1f} MB")


def main() -> None:
    """Build the site from the folder named on the command line into another."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("executed", type=Path, help="folder with executed notebooks, widget state kept")
    parser.add_argument("site", type=Path, help="folder for the site")
    options = parser.parse_args()
    build(options.executed.absolute(), options.site.absolute())


if __name__ == "__main__":
    main()
