"""What a lesson costs: seconds and peak kernel memory to run it, seconds from opening it to its first picture."""

import os
import time

import nbformat
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell

from tools import frame
from tools.kernels import ENCRYPTED
from tools.latency import table
from tools.latency.browser import notebooks

# Peak resident memory and processor seconds of the kernel itself, on Linux, macOS and Windows.
COST = """import os as _os, sys as _sys, psutil as _psutil
_me = _psutil.Process()
if _os.name == "nt":
    _peak = _me.memory_info().peak_wset
else:
    import resource as _resource
    _peak = _resource.getrusage(_resource.RUSAGE_SELF).ru_maxrss * (1 if _sys.platform == "darwin" else 1024)
print(_peak, sum(_me.cpu_times()[:2]))"""
FIRST_STORED = """() => [...document.querySelectorAll('.jp-Notebook .jp-OutputArea-output img')]
  .some((picture) => picture.complete && picture.naturalWidth > 100)"""


def run(path) -> list:
    """Return seconds, processor seconds and peak memory in MB of running a lesson from top to bottom."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(new_code_cell(COST))
    began = time.perf_counter()
    os.environ["COURSE_PREDICTIONS"] = "off"
    where = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, timeout=600, resources=where, config=ENCRYPTED).execute()
    peak, processor = notebook.cells[-1].outputs[0].text.split()
    return [time.perf_counter() - began, float(processor), int(peak) / 2**20]


def measure() -> str:
    """Return the table of lessons."""
    paths = frame.paths()
    rows = []
    with notebooks() as open_:
        for path in paths:
            began = time.perf_counter()
            notebook = open_(path.stem)
            notebook.page.evaluate(
                """async () => { const content = window.jupyterapp.shell.currentWidget.content;
                  const at = content.widgets.findIndex((cell) => cell.model.type === 'code'
                    && cell.model.toJSON().outputs.some((output) => output.data?.['image/png']));
                  await content.scrollToItem(at); }"""
            )
            notebook.page.wait_for_function(FIRST_STORED)
            opening = time.perf_counter() - began
            notebook.page.context.close()
            rows.append([path.stem, *run(path), opening])
    head = ["lesson", "s to run", "s of processor", "peak MB of kernel", "s to first picture"]
    return table("Lessons", head, rows)
