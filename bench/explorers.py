"""From a key press to the new picture: each explorer, beside the same picture redrawn by matplotlib inline."""

import statistics
import sys
from typing import NamedTuple

from explorer import SETTLED

from bench import table
from bench.browser import notebooks

WARM = 3
SETUP = """%matplotlib inline
import ipywidgets as widgets, matplotlib.pyplot as plt, numpy as np
from course_utils import explorers, runtime, words
from course_utils.recurrent import SequenceClassifier
from course_utils.views import HeatmapView
device = runtime.setup(seed=0)
alphabet = words.Alphabet(words.load())
model = SequenceClassifier(len(alphabet), 32, 128, len(words.LANGUAGE_NAMES))
numbers = np.random.default_rng(0).normal(size=(60, 60, 60))

def inline(control, explorer, name):
    "The explorer's own numbers, drawn anew by matplotlib at every move of a control."
    def redraw(value):
        explorer.controls[name].value = value
        figure, axes = plt.subplots(1, len(explorer.views), figsize=(8, 3.4), squeeze=False)
        for view, ax in zip(explorer.views, axes[0]):
            view.draw(ax)
        plt.show()
    return widgets.VBox([control, widgets.interactive_output(redraw, {"value": control})])

def inline_frames(control, view):
    def redraw(value):
        view.frame = value
        view.draw()
        plt.show()
    return widgets.VBox([control, widgets.interactive_output(redraw, {"value": control})])
"""


class Case(NamedTuple):
    """What is measured: the cell, its twin drawn inline, the control's place in each, keys, the limit in ms."""

    name: str
    cell: str
    twin: str
    control: str
    twin_control: str
    keys: list[str]
    limit: float


SLIDER, BOX, FRAMES = "[role=slider]", "input[type=text]", ".player input"
FORTH_AND_BACK = ["ArrowRight"] * 20 + ["ArrowLeft"] * 20
CASES = [
    Case(
        "gradient explorer: length",
        "explorers.gradient_explorer(length=40)",
        "inline(widgets.IntSlider(40, 2, 200), explorers.gradient_explorer(length=40), 'length')",
        SLIDER,
        SLIDER,
        FORTH_AND_BACK,
        35,
    ),
    Case(
        "word explorer: a letter typed",
        "explorers.word_explorer(model, alphabet, 'polska')",
        "inline(widgets.Text('polska'), explorers.word_explorer(model, alphabet, 'polska'), 'text')",
        BOX,
        BOX,
        ["End", *(["n", "Backspace"] * 20)],
        35,
    ),
    Case(
        "word explorer: letter slider",
        "explorers.word_explorer(model, alphabet, 'amerikansk amerikansk amerikansk')",
        "inline_frames(widgets.IntSlider(32, 0, 32),"
        " explorers.word_explorer(model, alphabet, 'amerikansk amerikansk amerikansk').views[0])",
        FRAMES,
        SLIDER,
        ["ArrowLeft"] * 20 + ["ArrowRight"] * 20,
        5,
    ),
    Case(
        "HeatmapView 60 × 60, 60 frames",
        "HeatmapView(numbers, scale='diverging')",
        "inline_frames(widgets.IntSlider(0, 0, 59), HeatmapView(numbers, scale='diverging'))",
        FRAMES,
        SLIDER,
        FORTH_AND_BACK,
        5,
    ),
]

# Started before a key is pressed: milliseconds from the key (seen first at the window) until every drawing of the
# output is new, or until the new inline picture is decoded.
ARM = """(root) => { const views = [...root.querySelectorAll('.cu-view[data-drawn]')];
  const drawn = views.map((view) => view.dataset.drawn);
  window.measured = new Promise((done, fail) => {
    let began = null;
    setTimeout(() => fail(new Error('no new picture within 20 s')), 20000);
    window.addEventListener('keydown', () => { began = performance.now(); }, { capture: true, once: true });
    const watch = new MutationObserver(async (changes) => {
      if (began === null) return;
      if (views.length) {
        if (!views.every((view, at) => view.dataset.drawn !== drawn[at])) return;
      } else {
        const picture = changes.flatMap((change) => [...change.addedNodes])
          .map((node) => node.matches?.('img') ? node : node.querySelector?.('img')).find(Boolean);
        if (!picture) return;
        await picture.decode().catch(() => null);
      }
      watch.disconnect();
      done(performance.now() - began);
    });
    watch.observe(root, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-drawn'] });
  }); }"""

OPEN = """async (index) => {
  const content = window.jupyterapp.shell.currentWidget.content, cell = content.widgets[index];
  content.activeCellIndex = index;
  await content.scrollToItem(index);
  const began = performance.now();
  const drawn = new Promise((done, fail) => { setTimeout(() => fail(new Error('no picture within 20 s')), 20000);
    const watch = new MutationObserver(() => {
    if (cell.node.querySelector('.cu-view[data-drawn]')) { watch.disconnect(); done(performance.now() - began); } });
    watch.observe(cell.node, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-drawn'] }); });
  await window.jupyterapp.commands.execute('notebook:clear-cell-output');
  window.jupyterapp.commands.execute('notebook:run-cell');
  return await drawn; }"""


def times(notebook, cell: int, control: str, keys: list[str]) -> list[float]:
    """Return the milliseconds that each key took, the first few left out."""
    notebook.page.evaluate("(i) => window.jupyterapp.shell.currentWidget.content.scrollToItem(i, 'start')", cell)
    root = notebook.page.locator(f"[data-windowed-list-index='{cell}'] .jp-OutputArea-child").first
    handle = root.locator(control).first
    handle.focus()
    measured = []
    for key in keys:
        if key in ("Home", "End"):
            handle.press(key)
            continue
        root.evaluate(ARM)
        handle.press(key)
        measured.append(notebook.page.evaluate("window.measured"))
        root.evaluate(SETTLED)  # else two keys may melt into one message, and a picture never comes
    return measured[WARM:]


def percentile(values: list[float], share: float) -> float:
    """Return the value that a share of the values does not exceed."""
    return statistics.quantiles(values, n=100, method="inclusive")[round(share * 100) - 1]


def measure() -> str:
    """Return the table of explorers, and how long the large heatmap takes to open."""
    cells = [SETUP, *(part for case in CASES for part in (case.cell, case.twin)), "HeatmapView(numbers)"]
    rows = []
    with notebooks(bench=cells) as open_:
        notebook = open_("bench")
        notebook.run_all()
        if notebook.tracebacks():
            raise RuntimeError(f"the benchmark's notebook failed: {notebook.tracebacks()}")
        opened = [notebook.page.evaluate(OPEN, len(cells) - 1) for _ in range(7)][1:]
        for at, case in enumerate(CASES):
            ours = times(notebook, 1 + 2 * at, case.control, case.keys)
            inline = times(notebook, 2 + 2 * at, case.twin_control, case.keys)
            median, late = statistics.median(ours), percentile(ours, 0.95)
            slow, slow_late = statistics.median(inline), percentile(inline, 0.95)
            good = median <= case.limit and late <= 2 * case.limit and slow >= 4 * median
            rows.append([case.name, str(len(ours)), median, late, slow, slow_late, f"{slow / median:.0f} ×"])
            print(f"{case.name}: {median:.1f} ms, inline {slow:.0f} ms", file=sys.stderr, flush=True)
            rows[-1] += [f"{case.limit} / {2 * case.limit}", "met" if good else "MISSED"]
    head = ["slider to picture, ms", "moves", "median", "p95", "inline median", "p95", "faster", "limit", ""]
    wait = f"HeatmapView 60 × 60 × 60, from running its cell to its picture: median {statistics.median(opened):.0f} ms"
    return table("Explorers", head, rows) + f"{wait} of {len(opened)} (limit 300)\n"
