"""The course's web site in a browser that can reach nothing but the site."""

import copy
import functools
import re
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import build_site
import frame
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from playwright.sync_api import expect
from policy import FORBIDDEN, TRIES
from slides import load_axe

from tools.browser.chromium import watch
from tools.browser.explorer import Explorer

LESSONS = [path.name for path in frame.paths()]
LESSON = f"notebooks/{LESSONS[0]}".replace(".ipynb", ".html")
PAGES = ["index.html", "install.html", "instructors.html", "data/README.html", "CONTRIBUTING.html"]
PAGES += ["docs/lectures.html", LESSON]
TEXT = """# A lesson

The **gradient** (기울기) is $\\partial L / \\partial h_t$.

$$h_t = \\tanh(W h_{t-1})$$

<details><summary>Hint 1</summary>

Look at `h_t`.

</details>"""
INK = """() => [...document.querySelectorAll('.cu-view')].map((view) => [getComputedStyle(view).backgroundColor,
  ...new Set([...view.querySelectorAll('.plot > svg text')].map((text) => getComputedStyle(text).fill))])"""


@pytest.fixture(scope="module")
def site(executed, scripts, tmp_path_factory) -> Path:
    """The site, every lesson's page made from one small executed notebook."""
    folder = tmp_path_factory.mktemp("site")
    notebook = copy.deepcopy(executed)
    banner = "**Lesson 1 of 4** · [all lessons](00_start.ipynb)\n\n[1 · A part](NAME#cell-id=part)"
    section = new_markdown_cell("## 1 · A part", id="part")
    notebook.cells[:0] = [new_markdown_cell(banner, id=frame.BANNER), new_markdown_cell(TEXT), section]
    folded = new_code_cell("figures.show(x)", metadata={"jupyter": {"source_hidden": True}}, execution_count=9)
    card = {"text/html": '<a href="01_rnn.ipynb">card</a>', "text/plain": "card"}
    folded.outputs = [new_output("display_data", card)]
    notebook.cells.append(folded)
    (folder / "executed").mkdir()
    for name in ["00_start.ipynb", *LESSONS]:
        notebook.cells[0].source = banner.replace("NAME", name)
        nbformat.write(notebook, folder / "executed" / name)
    build_site.build(folder / "executed", folder / "site")
    return folder / "site"


@pytest.fixture(scope="module")
def address(site):
    """The address under which a plain file server shows the site."""

    class Silent(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Silent, directory=site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def visit(chromium, address):
    """A function that opens a page of the site in a theme; in the end nothing may have gone wrong or outside."""
    contexts, wrong = [], []

    def guard(route):
        if route.request.url.startswith((address, "data:", "blob:")):
            route.continue_()
        else:
            wrong.append(f"asked for {route.request.url}")
            route.abort()

    def open_(path: str, *, theme: str = "light"):
        contexts.append(
            chromium.new_context(color_scheme=theme, viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
        )
        page = contexts[-1].new_page()
        page.set_default_timeout(90_000)
        page.route("**/*", guard)
        watch(page, wrong)
        page.on("response", lambda answer: wrong.append(f"{answer.status}: {answer.url}") if not answer.ok else None)
        page.goto(address + path)
        if path in (LESSON, "index.html"):
            page.locator(".cu-view .plot > svg").first.wait_for()
            for view in page.locator(".cu-view:not(.cu-status):visible").all():
                view.locator(".plot > svg").wait_for()
        if path == LESSON:
            page.locator("mjx-container svg").first.wait_for()
        return page

    yield open_
    for context in contexts:
        context.close()
    assert wrong == []


def luminance(colour: str) -> float:
    """Return the relative luminance of `rgb(…)`, as WCAG defines it."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_every_link_leads_somewhere(site):
    pages = {page: page.read_text(encoding="utf-8") for page in site.rglob("*.html")}
    for page, text in pages.items():
        for target in re.findall(r'(?:href|src)="([^"]*)"', text):
            parts = urlsplit(target)
            if parts.scheme:
                continue
            aimed = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            assert aimed.is_file(), f"{page.relative_to(site)} links to {target}"
            if parts.fragment and aimed in pages:
                assert f'id="{unquote(parts.fragment)}"' in pages[aimed], f"{page.relative_to(site)}: {target}"


def test_folded_source_is_a_details_of_the_page_and_its_output_is_open(visit):
    page = visit(LESSON)
    source = page.locator("details.hide", has_text="figures.show(x)")
    assert source.count() == 1 and not source.evaluate("(node) => node.open")
    assert page.get_by_role("link", name="card").is_visible()


def test_the_lecturers_plan_is_not_in_the_students_menu(visit):
    page = visit("index.html")
    assert not page.locator(".sidebar-tree > ul > li > a", has_text="The lectures").count()
    assert visit("docs/lectures.html").locator("h1").inner_text().startswith("The lectures")


def test_no_page_names_a_script_of_another_host(site):
    for page in site.rglob("*.html"):
        assert not re.search(r'<(script|link|img)[^>]+(src|href)="(https?:)?//', page.read_text(encoding="utf-8")), page


@pytest.mark.parametrize("path", [LESSON, "search.html"])
def test_a_page_loads_nothing_from_another_host(chromium, address, path):
    page = chromium.new_page()
    page.goto(address + path)
    assert page.evaluate(TRIES) == FORBIDDEN
    page.close()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_opens_without_a_network_and_fits_the_window(visit, path):
    page = visit(path)
    assert page.locator("h1").count() == 1
    for width in (1400, 1320, 1280, 400):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_home_page_shows_every_lesson_with_its_picture(visit):
    pictures = visit("index.html").locator("table td img")
    assert pictures.count() == len(LESSONS)
    for picture in pictures.all():
        assert picture.evaluate("(img) => img.complete && img.naturalWidth > 400")
        assert len(picture.get_attribute("alt")) > 60


def test_the_home_page_begins_with_the_attention_explorer_and_it_answers(visit, site, screenshot):
    page = visit("index.html")
    shown = Explorer(page.locator(".cell_output:has(.cu-panel)"))
    title, top = page.locator("h1").bounding_box(), shown.root.locator(".cu-panel").bounding_box()
    assert title["y"] + title["height"] < top["y"] < 250  # the first thing
    assert top["height"] <= 561  # whole on the screen
    shown.type("sentence", "작가는 이 집을 그렸어요.")
    expect(shown.status).to_contain_text("house")
    before = shown.picture()
    shown.views.first.locator(".player input").press("ArrowRight")
    shown.expect_change(before, "a step to the next word")
    before = shown.picture()
    shown.choose("attention", "uniform weights")
    shown.expect_change(before, "uniform weights")
    assert "same weight" in shown.status.inner_text()
    screenshot(page, "site_home")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    box = shown.root.locator(".cu-panel").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 390
    shown.press("Reset")
    screenshot(page, "site_home_phone")
    assert (site / "index.html").stat().st_size < 4_000_000


@pytest.mark.parametrize("term", ["기울기", "gradient", "alignments"])
def test_search_finds_a_term(visit, term):
    page = visit("index.html")
    page.locator(".sidebar-search").fill(term)
    page.locator(".sidebar-search").press("Enter")
    page.locator("#search-results li .context").first.wait_for()
    assert term in page.locator("#search-results").inner_text()


def test_views_move_without_a_kernel_and_say_what_rests(visit, screenshot):
    page = visit(LESSON)
    outputs = page.locator(".cell_output")
    stack = Explorer(outputs.filter(has=page.get_by_text("Sixty frames")))
    before = stack.picture()
    stack.views.first.locator(".player input").press("ArrowRight")
    stack.expect_change(before, "a key on the slider")
    word = Explorer(outputs.filter(has=page.get_by_text("Which language is this word?")))
    bars = word.views.nth(1).locator(".plot > svg").inner_html()
    word.views.first.locator(".player input").press("End")  # moves the units too: the link is in the page
    assert word.views.nth(1).locator(".plot > svg").inner_html() != bars
    word.type("word", "polska")  # read in the page
    assert "“polska”" in word.status.inner_text()
    screenshot(page, "site_lesson")


def test_views_and_figures_follow_the_switch_from_light_to_dark(visit):
    page = visit(LESSON)
    papers = []
    for theme in ("light", "dark"):
        while page.evaluate("document.body.dataset.theme") != theme:
            page.locator(".theme-toggle:visible").first.click()
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        for view, *inks in page.evaluate(INK):
            assert contrast(view, paper) < 1.1, f"{theme}: a view on {view}, the page on {paper}"
            for ink in inks:
                assert contrast(ink, view) >= 4.5, f"{theme}: {ink} on {view}"
        papers.append(luminance(paper))
    assert papers[0] > 0.8 > 0.1 > papers[1]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", [*PAGES, "search.html?q=gradient"])
def test_text_stands_out_from_its_paper(visit, scripts, path, theme):
    page = visit(path, theme=theme)
    if path.startswith("search"):
        page.locator("#search-results li .context").first.wait_for()
    load_axe(page, scripts)
    found = page.evaluate("axe.run({ runOnly: ['color-contrast', 'aria-required-attr', 'image-alt', 'link-name'] })")
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found["violations"]] == []
    assert sum(len(rule["nodes"]) for rule in found["passes"] if rule["id"] == "color-contrast") > 20


def test_a_lesson_opened_as_a_file_is_alive(site, offline):
    offline.goto((site / LESSON).as_uri())
    stack = Explorer(offline.locator(".cell_output").filter(has=offline.get_by_text("Sixty frames")))
    before = stack.picture()
    stack.views.first.locator(".player input").press("ArrowRight")
    stack.expect_change(before, "a key on the slider")
    offline.goto((site / "search.html").as_uri() + "?q=기울기")
    offline.locator("#search-results li").first.wait_for()


def test_without_scripts_an_explorer_is_a_picture(site, chromium):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / LESSON).as_uri())
    pictures = [image.get_attribute("src") for image in page.locator(".cell_output img").all()]
    assert len(pictures) == 3
    for source in pictures:
        assert source.startswith("../_static/figures/"), "beside the page, which stays small"
        assert ((site / LESSON).parent / source).read_text(encoding="utf-8").startswith("<svg ")
    context.close()
