"""Explorers without JupyterLab: in the frame that VS Code shows outputs in, with VS Code's own manager of widgets.

The manager is the package that VS Code's Jupyter extension loads, the policy of the page is the strictest that VS Code
can be set to, the kernel is real. Only VS Code around them is missing: `webview.html` passes messages on in its place.
"""

import base64
import os
import queue
from pathlib import Path

import pytest
import test_drawings
import test_without_python
import web_scripts
from jupyter_client.manager import KernelManager
from kernels import ENCRYPTED
from playwright.sync_api import expect

from course_utils.views import widgets
from tools.browser.chromium import watch

HERE = Path(__file__).parent
ROOT = Path(__file__).parents[2]
ADDRESS = "https://webview.test/"
# The sandbox of VS Code's webviews, and its setting `notebook.experimental.enableCsp`, which is off by default; `blob:`
# is added, without which it lets no anywidget at all run, and connections are forbidden.
POLICY = (
    "sandbox allow-same-origin allow-pointer-lock allow-scripts allow-downloads allow-forms; default-src 'none'; "
    "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'none'"
)
VIEW = "application/vnd.jupyter.widget-view+json"
CASES = {name: cell for name, (cell, _) in test_without_python.CASES.items()}
CASES |= {"own": "my_panel()"}  # answered by Python alone
CASES |= {"order": "explorers.order_explorer(kept, korean.test[:40])"}
CASES |= {name: cell for name, (cell, _) in test_drawings.DRAWINGS.items()}


class Kernel:
    """A kernel whose messages about widgets are kept until the page asks for them."""

    def __init__(self):
        self.manager = KernelManager(config=ENCRYPTED)
        self.manager.start_kernel(env=os.environ | {"COURSE_PREDICTIONS": "off"})
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)
        self.waiting, self.errors, self.kinds = [], [], set()

    def run(self, code: str) -> list[str]:
        """Run a cell to its end and return the ids of the widgets that it shows."""
        asked, shown = self.client.execute(code), []
        while True:
            message = self.client.get_iopub_msg(timeout=120)
            self.keep(message)
            content = message["content"]
            if message["parent_header"].get("msg_id") == asked and content.get("execution_state") == "idle":
                return shown
            if VIEW in content.get("data", {}):
                shown.append(content["data"][VIEW]["model_id"])

    def keep(self, message: dict) -> None:
        """Keep a message for the page, and what went wrong."""
        kind, content = message["msg_type"], message["content"]
        if kind == "error" or content.get("name") == "stderr":
            self.errors.append(content)
        if kind == "comm_open":
            self.kinds.add(content["data"]["state"].get("kind"))
        if kind in ("comm_open", "comm_msg", "status"):
            self.waiting.append(
                {
                    "type": kind,
                    "parent": message["parent_header"].get("msg_id"),
                    "content": content,
                    "metadata": message["metadata"],
                    "buffers": [base64.b64encode(buffer).decode() for buffer in message["buffers"]],
                }
            )

    def read(self) -> list[dict]:
        """Return the messages that have come since the last call."""
        try:
            while True:
                self.keep(self.client.get_iopub_msg(timeout=0))
        except queue.Empty:
            waiting, self.waiting = self.waiting, []
            return waiting

    def send(self, comm: str, id: str, data: dict) -> None:
        """Send what the page says to a widget."""
        message = self.client.session.msg("comm_msg", {"comm_id": comm, "data": data})
        message["header"]["msg_id"] = message["msg_id"] = id
        self.client.shell_channel.send(message)


@pytest.fixture(scope="module")
def kernel():
    """A kernel in which every explorer, every drawing and a prediction was made; `shown` maps their names to ids."""
    kernel = Kernel()
    for setup in (test_without_python.SETUP, test_drawings.SETUP, "from course_utils.predictions import predict"):
        kernel.run(setup)
    kernel.shown = {name: kernel.run(cell) for name, cell in {**CASES, "card": "predict('dense_larger')"}.items()}
    assert kernel.errors == []
    yield kernel
    kernel.client.stop_channels()
    kernel.manager.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def page(chromium, scripts, kernel):
    """VS Code's frame with all of them; `asked` is all that it asked for."""
    folder = ROOT / "build" / "editors"
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "vscode.js").exists():
        web_scripts.unpack("@vscode/jupyter-ipywidgets8@1.0.9", {"dist/ipywidgets.js": "vscode.js"}, folder)
    files = {"vscode.js": folder / "vscode.js", "": HERE / "webview.html"}
    files |= {name: scripts / name for name in ("require.js", "anywidget.js")}
    context = chromium.new_context(viewport={"width": 1000, "height": 800}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(90_000)
    page.asked, page.errors = [], []
    watch(page, page.errors)
    page.on("request", lambda request: page.asked.append(request.url))

    def answer(route):
        name = route.request.url.removeprefix(ADDRESS)
        kind = "text/html" if name == "" else "text/javascript"
        route.fulfill(path=files[name], content_type=kind, headers={"Content-Security-Policy": POLICY})

    page.route(f"{ADDRESS}**", answer)
    page.expose_function("fromKernel", kernel.read)
    page.expose_function("toKernel", kernel.send)
    page.goto(ADDRESS)
    page.wait_for_selector("html[data-ready=true]")
    for ids in kernel.shown.values():
        page.evaluate("async (ids) => { for (const id of ids) await show(id); }", ids)
    yield page
    context.close()


@pytest.fixture
def output(page, kernel):
    """A function that returns an output by its name; in the end nothing may have gone wrong."""
    yield lambda name: page.locator(".output").nth([*kernel.shown].index(name))
    assert page.errors == [] and kernel.errors == []


def test_every_kind_of_view_is_tried(kernel):
    kinds, classes = set(), [widgets.BrowserHeld]
    while classes:
        kind = classes[-1].class_traits()["kind"].default_value
        classes[-1:] = classes[-1].__subclasses__()
        kinds |= {kind} - {""}
    assert len(kinds) > 15 and kinds - kernel.kinds == set()


@pytest.mark.parametrize("name", CASES)
def test_an_explorer_answers(output, screenshot, name):
    shown = test_without_python.Saved(output(name))
    shown.root.locator("button:visible").first.focus()  # and what was mounted late gets its name
    kinds = ("sliders", "texts", "hands", "frames", "menus")
    assert any(getattr(shown, f"sweep_{kind}")(0.0) for kind in kinds)  # the first kind that it has
    screenshot(shown.root, f"editors-{name}")


def test_a_prediction_is_locked_in(output):
    card = output("card")
    card.locator("input:visible").first.fill("40")
    card.get_by_role("button", name="Lock in").click()
    expect(card).to_contain_text("Your prediction: T = 40")


def test_nothing_is_asked_for_but_the_frame_and_what_shows_widgets(page):
    assert {url for url in page.asked if not url.startswith(("blob:", "data:"))} == {
        ADDRESS + name for name in ("", "require.js", "vscode.js", "anywidget.js")
    }
