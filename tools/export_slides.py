"""Export executed lessons as reveal.js slides that work without a network, and their speaker notes for print.

`make slides` executes the lessons first, into `build/executed`, with the state of their explorers.
"""

import argparse
import ast
import re
import shutil
import time
from pathlib import Path

import lecture
import nbformat
import web_scripts
from content_policy import with_policy
from nbconvert import HTMLExporter, SlidesExporter
from nbformat.v4 import new_markdown_cell, new_notebook

HERE = Path(__file__).parent
SCRIPTS = "scripts"  # the folder beside the pages


def slides_page(notebook: nbformat.NotebookNode, name: str, theme: str = "light") -> str:
    """Return a lesson's slides as one HTML page, which expects the folder `scripts` beside it.

    Args:
        notebook: executed, with its widgets' state.
        name: the page's title.
        theme: "light" or "dark".
    """
    exporter = SlidesExporter(
        template_name="slides",
        extra_template_basedirs=[str(HERE)],
        theme=theme,
        reveal_url_prefix=f"{SCRIPTS}/reveal",
        reveal_theme="course",
        require_js_url=f"{SCRIPTS}/require.js",
        mathjax_url=f"{SCRIPTS}/mathjax.js",
        widget_renderer_url=f"{SCRIPTS}/embed-amd.js",
    )
    return exporter.from_notebook_node(lecture.as_slides(notebook), {"metadata": {"name": name}})[0]


def speaker_window(plugin: str) -> str:
    """Return the HTML that reveal.js's notes plugin, given as its code, writes into the window that the key S opens."""
    written = re.search(r'document\.write\(("(?:[^"\\]|\\.)*")', plugin)[1]
    return ast.literal_eval(written.replace("\\/", "/"))  # Python's escapes are JavaScript's, but for this one


def notes_page(notebook: nbformat.NotebookNode, name: str) -> str:
    """Return a lecture's speaker notes as one HTML page for print: slide by slide, with the clock."""
    minutes, cells = 0.0, [new_markdown_cell(f"# {name}: speaker notes")]
    for number, cell in enumerate((c for c in notebook.cells if "speaker" in c.metadata), start=1):
        heading = f"## {number} · {lecture.title(cell)} · from minute {minutes:g}"
        cells.append(new_markdown_cell(f"{heading}\n\n{lecture.notes_text(cell.metadata.speaker)}"))
        minutes += cell.metadata.speaker.minutes
    return HTMLExporter(mathjax_url="", require_js_url="").from_notebook_node(new_notebook(cells=cells))[0]


def export(path: Path, folder: Path, theme: str = "light") -> Path:
    """Write a lesson's slides and speaker notes into the folder, scripts beside them; return the slides' path."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(web_scripts.fetch(), folder / SCRIPTS, dirs_exist_ok=True)
    # anywidget's front end is looked for beside the page.
    shutil.copy(folder / SCRIPTS / "anywidget.js", folder / "anywidget.js")
    look = folder / SCRIPTS / "reveal" / "dist" / "theme" / "course.css"
    look.parent.mkdir(exist_ok=True)
    look.write_text((HERE / "slides" / "course.css").read_text() + lecture.page_style(), encoding="utf-8")
    notebook = nbformat.read(path, as_version=4)
    notes = with_policy(notes_page(notebook, path.stem))
    (folder / f"{path.stem}-notes.html").write_text(notes, encoding="utf-8")
    window = speaker_window((folder / SCRIPTS / "reveal" / "plugin" / "notes" / "notes.js").read_text(encoding="utf-8"))
    page = folder / f"{path.stem}.html"
    page.write_text(with_policy(slides_page(notebook, path.stem, theme), window), encoding="utf-8")
    return page


def main() -> None:
    """Export the notebooks named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notebooks", nargs="+", type=Path, help="executed lessons, widget state kept")
    parser.add_argument("--to", type=Path, default=Path("build/slides"), help="folder to write into")
    parser.add_argument("--theme", choices=["light", "dark"], default="light")
    options = parser.parse_args()
    for path in options.notebooks:
        began = time.perf_counter()
        page = export(path, options.to, options.theme)
        print(f"{page}: {time.perf_counter() - began:.1f} s, {page.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
