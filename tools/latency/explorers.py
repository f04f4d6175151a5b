"""From a key press to the new picture: each explorer, and the same picture redrawn by matplotlib inline."""

import statistics

from tqdm import tqdm

from tools.browser.explorer import SETTLED
from tools.latency import table
from tools.latency.browser import notebooks
from tools.latency.cases import CASES, MODELS, SETUP, Case

WARM_UP = 3  # moves that are not counted

# Started before a key is pressed: milliseconds from the key (seen first at the window) until so many drawings of the
# output are new (0: all of them), or until the new inline picture is decoded.
ARM = """(root, redrawn) => { const views = [...root.querySelectorAll('.cu-view[data-drawn]')];
  const drawn = views.map((view) => view.dataset.drawn);
  window.measured = new Promise((done) => {
    let began = null;
    setTimeout(() => done(null), 20000);
    window.addEventListener('keydown', () => { began = performance.now(); }, { capture: true, once: true });
    const watch = new MutationObserver(async (changes) => {
      if (began === null) return;
      if (views.length) {
        if (views.filter((view, at) => view.dataset.drawn !== drawn[at]).length < (redrawn || views.length)) return;
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


def times_in(notebook, cell: int, control: str, keys: list[str], redrawn: int = 0) -> list[float]:
    """Return the milliseconds that each key took in a cell of an open notebook, without the first few."""
    notebook.page.evaluate("(i) => window.jupyterapp.shell.currentWidget.content.scrollToItem(i, 'start')", cell)
    output = notebook.page.locator(f"[data-windowed-list-index='{cell}'] .jp-OutputArea-child").first
    return times(output, control, keys, redrawn)


def times(root, control: str, keys: list[str], redrawn: int = 0) -> list[float]:
    """Return the milliseconds that each key took in an output, without the first few.

    Args:
        root, control, keys: the output, a selector of its control, what is pressed.
        redrawn: how many of its views a key redraws; 0 for all.

    Raises:
        RuntimeError: more than two keys brought no picture within 20 s; ipywidgets may send two in one message.
    """
    handle = root.locator(control).first
    # As a panel does for its own controls: else JupyterLab takes the arrow keys of a menu.
    handle.evaluate("(node) => { node.dataset.lmSuppressShortcuts = 'true'; }")
    handle.focus()
    measured, missed = [], 0
    for key in keys:
        if key in ("Home", "End"):
            handle.press(key)
            continue
        root.evaluate(ARM, redrawn)
        handle.press(key)
        took = root.page.evaluate("window.measured")
        if took is None and (missed := missed + 1) > 2:
            raise RuntimeError(f"{control}: no new picture within 20 s")
        measured += [] if took is None else [took]
        root.evaluate(SETTLED)  # otherwise two keys may share one message, and a picture never comes
    return measured[WARM_UP:]


def percentile(values: list[float], share: float) -> float:
    """Return the value that `share` of the values do not exceed."""
    return statistics.quantiles(values, n=100, method="inclusive")[round(share * 100) - 1]


def measure() -> str:
    """Return the table of explorers, and how long the large heatmap takes to open."""
    cells = [SETUP, MODELS, *(part for case in CASES for part in (case.cell, case.twin)), "stack()"]
    rows = []
    with notebooks(bench=cells) as open_:
        notebook = open_("bench")
        notebook.run_all()
        if notebook.tracebacks():
            raise RuntimeError(f"the benchmark's notebook failed: {notebook.tracebacks()}")
        opened = [notebook.page.evaluate(OPEN, len(cells) - 1) for _ in range(7)][1:]
        for at, case in enumerate(tqdm(CASES, unit="control")):
            ours = times_in(notebook, 2 + 2 * at, case.control, case.keys, case.redrawn)
            inline = times_in(notebook, 3 + 2 * at, case.twin_control, case.keys)
            rows.append(row(case, ours, inline))
            tqdm.write(f"{rows[-1]}")  # the table comes at the end; what is measured is not lost with a later control
    head = ["slider to picture, ms", "moves", "median", "p95", "inline median", "p95", "faster", "at least", ""]
    wait = f"HeatmapView 60 × 60 × 60, from running its cell to its picture: median {statistics.median(opened):.0f} ms"
    return table("Explorers", head, rows) + f"{wait} of {len(opened)}\n"


def row(case: Case, ours: list[float], inline: list[float]) -> list:
    """Return a row of the table: what was measured, its inline twin, and whether it is fast enough beside it."""
    median, p95, inline_median = statistics.median(ours), percentile(ours, 0.95), statistics.median(inline)
    cells = [case.name, str(len(ours)), median, p95, inline_median, percentile(inline, 0.95)]
    faster = inline_median / median
    return [*cells, f"{faster:.1f} ×", f"{case.times} ×", "met" if faster >= case.times else "MISSED"]
