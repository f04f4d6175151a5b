"""Exported slides in a browser without a network: every slide of every lesson, on two screens, in two themes."""

import export_slides
import frame
import pytest
from playwright.sync_api import expect
from policy import FORBIDDEN, TRIES
from slides import SIZES, faults, low_contrast

from tools.browser.chromium import watch
from tools.browser.explorer import Explorer

LESSONS = frame.paths()
SHOW_ALL = "() => { while (Reveal.availableFragments().next) Reveal.nextFragment(); }"


@pytest.fixture(scope="module", params=["light", "dark"])
def theme(request):
    return request.param


@pytest.fixture(scope="module")
def folder(theme, scripts, tmp_path_factory):
    """A folder with the slides of all lessons as they are stored: explorers as still pictures."""
    folder = tmp_path_factory.mktemp(f"slides-{theme}")
    for path in LESSONS:
        export_slides.export(path, folder, theme)
    return folder


@pytest.fixture
def opened(offline):
    """A function that opens exported slides."""

    def open_(page_file, size=SIZES[0]):
        offline.set_viewport_size({"width": size[0], "height": size[1]})
        offline.goto(page_file.as_uri())
        offline.wait_for_selector("html[data-ready=true]")
        return offline

    return open_


def every_slide(page):
    """Show slide after slide, fragments and all, and yield its number."""
    for number in range(1, page.evaluate("Reveal.getTotalSlides()") + 1):
        page.evaluate(SHOW_ALL)
        yield number
        page.evaluate("Reveal.next()")


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_every_slide_is_whole_and_readable(folder, theme, opened, scripts, screenshot, path):
    found, texts = {}, 0
    for size in SIZES:
        page = opened(folder / f"{path.stem}.html", size)
        for number in every_slide(page):
            found[number, size] = faults(page, "page", scale=size[1] / 720)
            if size == SIZES[0]:
                screenshot(page, f"{path.stem}-{theme}-{number:02}")
                faint, passed = low_contrast(page, "page", scripts)
                found[number, size] += faint
                texts += passed
    assert {place: wrong for place, wrong in found.items() if wrong} == {}
    assert texts > 50


def test_faint_text_is_found(folder, opened, scripts):
    page = opened(folder / f"{LESSONS[0].stem}.html")
    assert low_contrast(page, "page", scripts)[0] == []
    heading = page.locator("section.present section.present :is(h1, h2)").first
    heading.evaluate("(node) => { node.style.opacity = 0.2; }")
    faint, _ = low_contrast(page, "page", scripts)
    assert faint and all("insufficient color contrast" in text for text in faint)


def test_speaker_notes_come_with_the_slides(folder, opened):
    page = opened(folder / f"{LESSONS[0].stem}.html")
    assert "min" in page.evaluate("Reveal.getSlideNotes()")
    page.goto((folder / f"{LESSONS[0].stem}-notes.html").as_uri())
    assert page.get_by_role("heading", level=2).count() > 15


def test_the_key_s_opens_a_window_with_the_notes(folder, opened):
    page, errors = opened(folder / f"{LESSONS[0].stem}.html"), []
    with page.context.expect_page() as window:
        page.keyboard.press("s")
    watch(window.value, errors)
    expect(window.value.locator(".speaker-controls-notes .value")).to_contain_text("min")
    assert errors == []


def test_a_page_loads_nothing_from_another_host(folder, chromium):
    for name in (f"{LESSONS[0].stem}.html", f"{LESSONS[0].stem}-notes.html"):
        page = chromium.new_page()
        page.goto((folder / name).as_uri())
        assert page.evaluate(TRIES) == FORBIDDEN
        page.close()


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_an_explorer_moves_on_an_exported_slide(executed, scripts, tmp_path, opened, size):
    for cell in executed.cells:
        cell.metadata["slideshow"] = {"slide_type": "slide"}
    folder = tmp_path
    (folder / "x.ipynb").write_text(export_slides.nbformat.writes(executed), encoding="utf-8")
    page = opened(export_slides.export(folder / "x.ipynb", folder), size)
    page.evaluate("Reveal.next()")
    stack = Explorer(page.locator("section.present section.present .jp-OutputArea-output").last)
    before = stack.picture()
    stack.views.first.locator(".player input").press("ArrowRight")
    stack.expect_change(before, "a key on the slider")
    # The pointer reads the cell it stands on, although the slide is drawn larger than it is laid out.
    canvas = stack.views.first.locator(".plot > canvas").bounding_box()
    page.mouse.move(canvas["x"] + canvas["width"] * 0.99, canvas["y"] + canvas["height"] * 0.01)
    assert stack.views.first.locator(".readout").inner_text().startswith("row 1, column 60: value ")
