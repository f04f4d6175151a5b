"""A notebook open in a real browser: run it, find its explorers, collect what went wrong."""

import re
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import TimeoutError

from tools.browser.explorer import Explorer
from tools.browser.lab import LabServer

READY = """() => { const widget = window.jupyterapp?.shell.currentWidget, session = widget?.sessionContext;
  return !!(session?.isReady && session.session?.kernel?.info && session.session.kernel.connectionStatus === 'connected'
    && widget.content?.widgets?.length); }"""
OUTPUTS_GONE_WRONG = """() => { const cells = window.jupyterapp.shell.currentWidget.content.model.cells, found = [];
  for (const cell of cells) for (const output of cell.type === 'code' ? cell.toJSON().outputs : [])
    if (output.output_type === 'error') found.push(`${output.ename}: ${output.evalue}`);
    else if (output.name === 'stderr') found.push([output.text].flat().join(''));
  return found; }"""


class OpenNotebook:
    """A notebook open in a page: run it, find its explorers, collect what went wrong."""

    # What Chromium or Lab itself reports, with or without our explorers. The last: slides change how Lab draws cells,
    # and a late callback of Lab's own then looks for an observer that is gone.
    HARMLESS = re.compile(
        r"favicon|ERR_INTERNET_DISCONNECTED|ResizeObserver loop|GCM|DevTools|reading 'observe'\)\n.*jlab_core"
    )

    def __init__(self, page, server: LabServer, notebook: str):
        self.page, self.server, self.notebook, self.errors = page, server, notebook, []
        self.first = {}  # name → the explorer's state when it was first looked for
        page.on("console", lambda message: self.note(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.note(f"uncaught: {error.stack or error}"))
        page.set_default_timeout(120_000)
        page.goto(server.url(notebook))
        page.wait_for_function(READY, timeout=300_000)

    def note(self, text: str) -> None:
        """Keep an error of the browser's console, unless it is none of ours."""
        if not self.HARMLESS.search(text):
            self.errors.append(text)

    def command(self, name: str, *, seconds: float = 120, **arguments) -> None:
        """Run one of Lab's commands and wait until it is done."""
        self.page.evaluate(
            """([name, args]) => { window.commandDone = false;
              window.jupyterapp.commands.execute(name, args).then(() => { window.commandDone = true; }); }""",
            [name, arguments],
        )
        self.page.wait_for_function("window.commandDone", timeout=1000 * seconds)

    def run_all(self) -> None:
        """Run every cell, wait for the last, and for the kernel to be idle."""
        self.command("notebook:run-all-cells", seconds=1200)
        self.idle()

    def idle(self) -> None:
        """Wait until the kernel is idle."""
        self.page.wait_for_function(
            "() => window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'",
            timeout=900_000,
        )

    def evaluate(self, expression: str) -> str:
        """Return the representation of a Python expression's value in the kernel."""
        return self.page.evaluate(
            """async (code) => { const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
              const future = kernel.requestExecute({ code: '', user_expressions: { value: code } });
              return (await future.done).content.user_expressions.value.data['text/plain']; }""",
            expression,
        )

    def start(self, code: str) -> None:
        """Let the kernel begin with some code, as with a cell, and do not wait for it."""
        self.page.evaluate(
            """(code) => { const session = window.jupyterapp.shell.currentWidget.sessionContext.session;
              session.kernel.requestExecute({ code }); }""",
            code,
        )

    @contextmanager
    def busy(self, folder: Path):
        """Keep the kernel busy with a cell, from before the block begins until it ends, whatever happens in it."""
        began, go = folder / "began", folder / "go"
        for old in (began, go):
            old.unlink(missing_ok=True)
        self.start(
            f"import pathlib\npathlib.Path({str(began)!r}).touch()\nwhile not pathlib.Path({str(go)!r}).exists(): pass"
        )
        while not began.exists():  # a control that is moved before would be answered before
            self.page.wait_for_timeout(50)
        try:
            yield
        finally:
            go.touch()

    def restart_kernel(self) -> None:
        """Restart the kernel without asking, and wait until the new one answers."""
        self.of_session("session.kernel.restart")
        self.page.wait_for_function(READY)

    def shut_down_kernel(self) -> None:
        """Shut the kernel down, as the menu does, or a server that has not seen its student for an hour."""
        self.of_session("shutdown")

    def start_kernel(self) -> None:
        """Start a kernel where there is none, and wait until it answers."""
        self.of_session("startKernel")
        self.page.wait_for_function(READY)

    def of_session(self, call: str) -> None:
        """Call a method of the notebook's session, and wait until it is done."""
        self.page.evaluate(f"() => window.jupyterapp.shell.currentWidget.sessionContext.{call}().then(() => null)")

    def theme(self, name: str) -> None:
        """Switch to "JupyterLab Light" or "JupyterLab Dark"."""
        self.command("apputils:change-theme", theme=name)
        light = "true" if "Light" in name else "false"
        self.page.wait_for_selector(f"body[data-jp-theme-light='{light}']", state="attached")
        self.page.wait_for_selector("#jupyterlab-splash", state="detached")  # lies over the page for a while

    def cell(self, name: str) -> int:
        """Return the position of the first code cell that calls `name`, or that holds the text `name`."""
        index = self.page.evaluate(
            """(name) => window.jupyterapp.shell.currentWidget.content.widgets.findIndex((cell) =>
              cell.model.type === 'code' && cell.model.sharedModel.source.includes(name))""",
            name if "(" in name else f"{name}(",
        )
        assert index >= 0, f"no cell of {self.notebook} calls {name}"
        return index

    def outputs(self, name: str) -> list[str]:
        """Return the MIME types of the outputs of the cell that calls `name`, as the notebook holds them."""
        return self.page.evaluate(
            """(index) => window.jupyterapp.shell.currentWidget.content.widgets[index].model.toJSON().outputs
              .flatMap((output) => Object.keys(output.data ?? {}))""",
            self.cell(name),
        )

    def explorer(self, name: str):
        """Return the explorer that the cell calling `name` shows, scrolled into view."""
        index = self.cell(name)
        self.scroll_to(index)
        output = self.page.locator(f"[data-windowed-list-index='{index}'] .jp-OutputArea-child").last
        explorer = Explorer(output, self)
        if name not in self.first:
            explorer.settle()
            self.first[name] = explorer.state()
        explorer.first = self.first[name]
        return explorer

    def scroll_to(self, cell: int) -> None:
        """Scroll the cell at a position to the top of the window."""
        self.page.evaluate("(i) => window.jupyterapp.shell.currentWidget.content.scrollToItem(i, 'start')", cell)

    def start_slides(self) -> None:
        """Show the notebook as slides, from its first cell."""
        self.page.evaluate("window.jupyterapp.shell.currentWidget.content.activeCellIndex = 0")
        self.command("deck:start")

    def show_slide(self, cells: list[int]) -> None:
        """Show the slide that consists of the cells at these positions, all its fragments included."""
        shown = """(cells) => { const seen = window.jupyterapp.shell.currentWidget.content.widgets.flatMap(
            (cell, at) => cell.node.classList.contains('jp-deck-mod-visible') ? [at] : []);
          const pictures = [...document.querySelectorAll('.jp-deck-mod-visible img')];
          return String(seen) === String(cells) && pictures.every((img) => img.complete); }"""
        go = "(at) => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = at; }"
        # On a busy machine the extension may miss that a cell became the active one: then come again, from elsewhere.
        for seconds in (3, 10, 30, 60):
            self.page.evaluate(go, cells[-1])
            try:
                self.page.wait_for_function(shown, arg=cells, timeout=1000 * seconds)
                return
            except TimeoutError:
                if seconds == 60:
                    raise
            self.page.evaluate(go, 0)

    def tracebacks(self) -> list[str]:
        """Return every error and every line on stderr among the notebook's outputs."""
        return self.page.evaluate(OUTPUTS_GONE_WRONG)
