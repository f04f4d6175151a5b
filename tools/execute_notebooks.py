"""Execute lessons in place and store their outputs as readers see them: the only way outputs are written.

With `--to FOLDER` the lessons are left as they are, and copies whose explorers keep their state are written there.
`--frame-only` runs nothing: it renews the banner, the next lesson's card and the folded cells (`tools/frame.py`).
"""

import argparse
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import frame
import lecture
import nbformat
from kernels import ENCRYPTED
from nbclient import NotebookClient
from tqdm import tqdm

COVER = " \n"  # JupyterLab writes the first line of a covered output on its cover
WIDGET = "application/vnd.jupyter.widget-view+json"
CELL_TIMEOUT = 600
os.environ["COURSE_EXERCISES"] = "off"  # what is stored is what a student sees at first


def under_predictions(notebook: nbformat.NotebookNode) -> Iterator[nbformat.NotebookNode]:
    """Yield the cells whose outputs would give away what a prediction asks for: from its card to the text behind."""
    open_ids, told = set(), False
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.source.startswith("predict("):
            open_ids, told = open_ids | set(re.findall(r'"(\w+)"', cell.source)), False
        elif cell.cell_type == "code" and (open_ids or told):
            open_ids -= set(re.findall(r'\bcompare\("(\w+)"', cell.source))
            told = not open_ids
            yield cell
        elif told:
            told = False


def without_widget(output: dict) -> dict | None:
    """Return an output without its live widget: what it shows where no widget runs, if there is such a thing.

    A widget's view means nothing without its state, which is not stored; a progress bar is over by then.
    """
    data = output.get("data", {})
    if WIDGET not in data:
        return output
    if "text/html" not in data:
        return None
    return nbformat.from_dict({**output, "data": {kind: value for kind, value in data.items() if kind != WIDGET}})


def cover(output: nbformat.NotebookNode) -> None:
    """Begin an output, in place, with a line that gives nothing away; comparisons leave it out (nbval_sanitize.cfg)."""
    texts = output if "text" in output else output.data
    kind = next(kind for kind in ("text", "text/html", "text/plain") if kind in texts)
    texts[kind] = COVER + texts[kind].removeprefix(COVER)


def joined(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Return outputs with neighbouring parts of one stream as one: where a kernel cuts a text depends on the moment."""
    whole = []
    for output in outputs:
        if whole and output.output_type == whole[-1].output_type == "stream" and output.name == whole[-1].name:
            whole[-1].text += output.text
        else:
            whole.append(output)
    return whole


def clean(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Drop, in place, what differs from run to run or machine to machine: widgets, times, versions; return it.

    The slides' style is written into the notebook's metadata, from where live slides read it. Outputs that would give a
    prediction away are covered until someone clicks or runs their cell.
    """
    notebook.metadata.pop("widgets", None)
    notebook.metadata[lecture.STYLE_KEY] = lecture.live_style(notebook)
    notebook.metadata.get("language_info", {}).pop("version", None)
    notebook.metadata.kernelspec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            kept = (without_widget(output) for output in cell.outputs)
            cell.outputs = joined([out for out in kept if out is not None and out.get("name") != "stderr"])
    covered = [cell.id for cell in under_predictions(notebook) if cell.outputs]
    for cell in notebook.cells:
        cell.metadata.get("jupyter", {}).pop("outputs_hidden", None)
        if cell.id in covered:
            cell.metadata.setdefault("jupyter", {})["outputs_hidden"] = True
            cover(cell.outputs[0])
    return notebook


def execute(path: Path, folder: Path | None = None) -> None:
    """Run one notebook from top to bottom in its folder and write it back; on an error nothing is written.

    Args:
        path: the notebook.
        folder: where to write a copy with its widgets' state instead; None writes it back without.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell failed.
    """
    notebook = nbformat.read(path, as_version=4)
    os.environ["COURSE_PREDICTIONS"] = "off"  # nobody's guesses get into what is stored
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        kernel_name="python3",
        config=ENCRYPTED,
        resources={"metadata": {"path": str(path.parent)}},
        store_widget_state=folder is not None,
    )
    began = time.perf_counter()
    code_cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    with tqdm(total=code_cells, desc=path.name, unit="cell") as bar:
        client.on_cell_executed = lambda **_: bar.update()
        client.execute()
    written = path
    notebook = frame.framed(path.stem, notebook, frame.lessons())
    if folder is None:
        notebook = clean(notebook)
    else:
        for cell in notebook.cells:
            if "prediction" in cell.metadata.get("tags", []):  # nobody can answer where no kernel is
                cell.outputs = [kept for output in cell.outputs if (kept := without_widget(output)) is not None]
        folder.mkdir(parents=True, exist_ok=True)
        written = folder / path.name
    nbformat.write(notebook, written)
    print(f"{path.name}: {time.perf_counter() - began:.0f} s, {written.stat().st_size / 1024:.0f} kB")


def main() -> None:
    """Execute the notebooks named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notebooks", nargs="+", type=Path)
    parser.add_argument("--to", type=Path, metavar="FOLDER", help="write copies there, widget state kept")
    parser.add_argument("--frame-only", action="store_true", help="renew what is around the lessons, and run nothing")
    options = parser.parse_args()
    for path in options.notebooks:
        if options.frame_only:
            notebook = nbformat.read(path, as_version=4)
            nbformat.write(clean(frame.framed(path.stem, notebook, frame.lessons())), path)
        else:
            execute(path, options.to)


if __name__ == "__main__":
    main()
