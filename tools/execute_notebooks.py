"""Execute lessons in place and store their outputs as readers see them: the only way outputs are written.

With `--to FOLDER` the lessons are left as they are, and copies whose explorers keep their state are written there.
"""

import argparse
import time
from pathlib import Path

import lecture
import nbformat
from nbclient import NotebookClient
from tqdm import tqdm

WIDGET = "application/vnd.jupyter.widget-view+json"
CELL_TIMEOUT = 600


def without_widget(output: dict) -> dict | None:
    """Return an output without its live widget: its stored picture where it has one, else nothing.

    A widget's view means nothing without its state, which is not stored; a progress bar is over by then.
    """
    data = output.get("data", {})
    if WIDGET not in data:
        return output
    if "image/png" not in data:
        return None
    return nbformat.from_dict({**output, "data": {kind: value for kind, value in data.items() if kind != WIDGET}})


def clean(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Drop, in place, what differs from run to run or machine to machine: widgets, times, versions; return it.

    The slides' style is written into the notebook's metadata, from where live slides read it.
    """
    notebook.metadata.pop("widgets", None)
    notebook.metadata[lecture.STYLE_KEY] = lecture.live_style()
    notebook.metadata.get("language_info", {}).pop("version", None)
    notebook.metadata.kernelspec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            kept = (without_widget(output) for output in cell.outputs)
            cell.outputs = [output for output in kept if output is not None and output.get("name") != "stderr"]
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
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        store_widget_state=folder is not None,
    )
    began = time.perf_counter()
    code_cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    with tqdm(total=code_cells, desc=path.name, unit="cell") as bar:
        client.on_cell_executed = lambda **_: bar.update()
        client.execute()
    written = path
    if folder is None:
        notebook = clean(notebook)
    else:
        folder.mkdir(parents=True, exist_ok=True)
        written = folder / path.name
    nbformat.write(notebook, written)
    print(f"{path.name}: {time.perf_counter() - began:.0f} s, {written.stat().st_size / 1024:.0f} kB")


def main() -> None:
    """Execute the notebooks named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notebooks", nargs="+", type=Path)
    parser.add_argument("--to", type=Path, metavar="FOLDER", help="write copies there, widget state kept")
    options = parser.parse_args()
    for path in options.notebooks:
        execute(path, options.to)


if __name__ == "__main__":
    main()
