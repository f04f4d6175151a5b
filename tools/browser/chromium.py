"""The system's Chromium, driven by Playwright."""

import contextlib
import os
import shutil

FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync", "--force-color-profile=srgb"]


class ChromiumNotFound(Exception):
    """No Chromium is installed, and `CHROMIUM` names none."""

    def __init__(self):
        super().__init__("no Chromium was found; install Debian's packages chromium and fonts-nanum, or set CHROMIUM")


def watch(page, errors: list[str]) -> None:
    """Collect what goes wrong on a page from now on: errors of the console, exceptions, failed requests."""
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(f"uncaught: {error.stack or error}"))
    page.on("requestfailed", lambda request: errors.append(f"failed: {request.url}"))


@contextlib.contextmanager
def launch():
    """Yield Playwright's handle of the system's Chromium, or of the one that `CHROMIUM` names.

    Raises:
        ChromiumNotFound: there is none.
    """
    names = [os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"]
    path = next((path for name in names if name and (path := shutil.which(name))), None)
    if path is None:
        raise ChromiumNotFound
    from playwright.sync_api import sync_playwright  # only here: where Chromium is missing, Playwright may be too

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()
