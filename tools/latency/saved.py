"""The same explorers on a page without Python: from a key press to the new picture, all computed in the page.

A shared machine makes everything seem slow. So the table also shows how much of the processor the page's own thread
used for a sentence: other work on the machine does not lengthen that.
"""

import statistics
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter

from course_utils.datasets.corpus import Translations
from course_utils.datasets.text import join
from tools.browser.chromium import launch
from tools.browser.lab import code_notebook
from tools.kernels import ENCRYPTED
from tools.latency import ROOT, table
from tools.latency.cases import CASES, MODELS, SETUP
from tools.latency.explorers import WARM_UP, percentile, times

LIMIT = 100  # milliseconds, for a typed translation as for all else
SCRIPTS = ROOT / "build" / "scripts"  # what `make site` fetched
# Explorers into which whole sentences are typed, none of them seen before: each is translated by beam search.
SENTENCES = ["translation explorer: full stop", "attention explorer: temperature"]
COUNT = 30
# Milliseconds from a box's new text until every picture of the explorer is drawn: the page answers at once.
TYPE = """([box, text]) => { const root = box.closest('.cu-panel');
  const drawn = () => [...root.querySelectorAll('.cu-view[data-drawn]')]
    .filter((view) => view.getClientRects().length).map((view) => view.dataset.drawn);
  const before = drawn(), began = performance.now();
  box.value = text;
  box.dispatchEvent(new Event('input', { bubbles: true }));
  const took = performance.now() - began;
  if (drawn().some((count, at) => count === before[at])) throw new Error(`no new picture of ${text}`);
  return took; }"""


def saved_page(cells: list[str], folder: Path) -> Path:
    """Return a page of executed cells whose widgets are alive without a kernel."""
    notebook = NotebookClient(code_notebook(cells), timeout=600, store_widget_state=True, config=ENCRYPTED).execute()
    nbformat.validate(notebook)
    scripts = SCRIPTS.as_uri()
    options = {"require_js_url": f"{scripts}/require.js", "widget_renderer_url": f"{scripts}/embed-amd.js"}
    page = folder / "saved.html"
    page.write_text(HTMLExporter(mathjax_url="", **options).from_notebook_node(notebook)[0], encoding="utf-8")
    (folder / "anywidget.js").write_bytes((SCRIPTS / "anywidget.js").read_bytes())
    return page


class Processor:
    """What a page's own thread has used of the processor so far, as Chromium counts it."""

    def __init__(self, page):
        self.session = page.context.new_cdp_session(page)
        self.session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def used(self) -> float:
        """Return the milliseconds since the page began."""
        metrics = self.session.send("Performance.getMetrics")["metrics"]
        return 1000 * next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")


def sentence_times(root, sentences: list[str]) -> list[float]:
    """Return the milliseconds that each sentence took, typed at once into an explorer's box; not the first few's."""
    box = root.locator("input[type=text]").first
    return [box.evaluate("(box, text) => (" + TYPE + ")([box, text])", text) for text in sentences][WARM_UP:]


def measure() -> str:
    """Return the tables of explorers on a page without Python, and of sentences typed there."""
    moves, typed = [], []
    sentences = [join(pair.source) for pair in Translations.course("korean").valid[: COUNT + WARM_UP]]
    with tempfile.TemporaryDirectory() as scratch, launch() as chromium:
        path = saved_page([SETUP, MODELS, *(case.cell for case in CASES)], Path(scratch))
        page = chromium.new_page(viewport={"width": 1400, "height": 1000})
        page.goto(path.as_uri())
        outputs, processor = page.locator(".jp-OutputArea-output:has(.cu-view)"), Processor(page)
        outputs.nth(len(CASES) - 1).wait_for()
        for at, case in enumerate(CASES):
            moves.append(row(case.name, times(outputs.nth(at), case.control, case.keys)))
            if case.name in SENTENCES:
                before = processor.used()
                took = sentence_times(outputs.nth(at), sentences)
                used = (processor.used() - before) / len(sentences)
                typed.append([*row(case.name.partition(":")[0], took), used, verdict(used)])
    head = ["moves", "median", "p95"]
    return "\n".join([
        table("Explorers without Python", ["control to picture, ms", *head, f"limit {LIMIT}"],
              [[*moved, verdict(moved[2])] for moved in moves]),
        table("Sentences typed without Python",
              ["sentence to picture, ms", *head, "of processor", f"limit {LIMIT} of processor"], typed),
    ])  # fmt: skip


def row(name: str, took: list[float]) -> list:
    """Return the beginning of a row: what was measured, how often, median and 95th percentile."""
    return [name, str(len(took)), statistics.median(took), percentile(took, 0.95)]


def verdict(milliseconds: float) -> str:
    """Return whether a time keeps the limit."""
    return "met" if milliseconds <= LIMIT else "MISSED"
