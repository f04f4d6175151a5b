"""What all explorers share, under a hand: dragging, undo, challenges, copied picture and state, a whole card."""

import xml.etree.ElementTree as ElementTree

import pytest
import workbench
from playwright.sync_api import expect

from course_utils.explorers.playground import KEYS, VALUES, playground_scores
from course_utils.measure.reading import query_keys
from course_utils.messages.explorers import playground_sentence

CELLS = [workbench.SETUP, "explorers.playground()", workbench.GRADIENTS, workbench.WORDS]
PLACE = "(node) => node.getAttribute('aria-valuetext')"


@pytest.fixture
def playground(bench):
    explorer = bench.explorer("playground")
    explorer.reset()
    yield explorer
    explorer.reset()


def hand(explorer, name):
    return explorer.root.get_by_role("slider", name=name, exact=True)


def middle(node) -> tuple[float, float]:
    box = node.locator(".grip").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def place(node) -> tuple[float, float]:
    """Return where a hand is, from what a screen reader hears: "query: (1.2, −0.9)"."""
    text = node.get_attribute("aria-valuetext").replace("−", "-")
    return tuple(map(float, text[text.index("(") + 1 : -1].split(", ")))


def test_a_query_dragged_by_mouse_is_where_it_was_dropped_and_python_answers(playground):
    query = hand(playground, "query")
    x, y = middle(query)
    query.hover()
    assert query.evaluate("(node) => getComputedStyle(node).cursor") == "grab"
    playground.page.mouse.move(x, y)
    playground.page.mouse.down()
    playground.page.mouse.move(x - 30, y + 20)
    playground.page.mouse.move(x - 60, y + 40)
    assert query.evaluate("(node) => getComputedStyle(node).cursor") == "grabbing"
    playground.page.mouse.up()
    playground.settle()
    dropped, now = place(query), middle(query)
    assert abs(now[0] - (x - 60)) < 4 and abs(now[1] - (y + 40)) < 4
    found = query_keys(dropped, KEYS, VALUES, playground_scores()["scaled_dot"])
    playground.expect_sentence(playground_sentence(found.weights, found.average, 1.0))
    assert playground.page.evaluate("getSelection().toString()") == "", "a drag selects no text"
    playground.undo()
    assert place(query) == (1.2, 0.9), "a whole drag is one step back"


@pytest.mark.parametrize("name", ["key 3", "value 2"])
def test_keys_and_values_are_moved_by_arrows_in_small_and_large_steps(playground, name):
    node, first = hand(playground, name), place(hand(playground, name))
    node.press("ArrowRight")
    node.press("Shift+ArrowDown")
    playground.settle()
    assert place(node) == pytest.approx((first[0] + 0.1, first[1] - 0.5))
    expect(node).to_be_focused()
    playground.undo()
    assert place(node) == first


def test_a_finger_drags_too(bench, open_notebook):
    bench.command("docmanager:save")
    touched = open_notebook(bench.notebook, has_touch=True)
    explorer = touched.explorer("playground")
    query = hand(explorer, "query")
    query.scroll_into_view_if_needed()
    first, (x, y) = place(query), middle(query)
    finger = touched.page.context.new_cdp_session(touched.page)

    def touch(kind: str, *points) -> None:
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": a, "y": b} for a, b in points]})

    touch("touchStart", (x, y))
    touch("touchMove", (x - 20, y))
    touch("touchMove", (x - 40, y))
    touch("touchEnd")
    explorer.settle()
    assert place(query)[0] < first[0] and place(query)[1] == pytest.approx(first[1], abs=0.051)
    touched.page.context.close()
    bench.explorer("playground").reset()


def test_a_challenge_ticks_on_the_numbers_is_heard_and_stays(playground):
    goals = playground.root.locator(".challenges li")
    assert goals.count() == 3
    query = hand(playground, "query")
    for key, count in (("ArrowLeft", 12), ("ArrowDown", 9)):
        for _ in range(count):
            query.press(key)
    expect(goals.first).to_have_class("met fresh")
    expect(playground.root.locator(".cu-head [role=status]")).to_have_text(
        "Challenge met: Equal weights, at temperature 1"
    )
    playground.reset()
    expect(goals.first).to_contain_text("(met)")
    expect(goals.nth(1)).to_contain_text("(not met yet)")


def test_a_copied_state_rebuilds_what_is_on_the_screen(bench, playground):
    hand(playground, "key 1").press("Shift+ArrowUp")
    playground.set_number("temperature", 0.4)
    playground.choose("score", "dot")
    playground.settle()
    call = playground.copied("Copy state")
    assert call.startswith("explorers.playground(query=[1.2, 0.9], keys=[[1.6, 0.9]")
    assert bench.evaluate(f"{call}.status.text") == repr(playground.status.inner_text())


def test_a_copied_state_holds_the_step_and_what_the_cell_gave(bench):
    explorer = bench.explorer("word_explorer")
    explorer.reset()
    slider = explorer.views.first.locator(".player input")
    slider.press("Home")
    slider.press("ArrowRight")
    call = explorer.copied("Copy state")
    assert call == "explorers.word_explorer(model, alphabet, examples=['polska', 'suomi'], text=\"amerikansk\").at(1)"
    assert bench.evaluate(f"{call}.status.text") == repr(explorer.status.inner_text())
    explorer.reset()


def test_a_state_copied_after_a_refusal_is_the_one_on_the_screen(bench):
    explorer = bench.explorer("word_explorer")
    explorer.reset()
    explorer.type("word", "suomi")
    said = explorer.status.inner_text()
    for refused, why in (("", "nothing to read"), ("жa5", "ж, 5")):  # letters in the order in which they were typed
        explorer.type("word", refused)
        expect(explorer.status).to_contain_text(why)
        call = explorer.copied("Copy state")
        assert 'text="suomi"' in call
        assert bench.evaluate(f"{call}.status.text") == repr(said)
    explorer.reset()


def test_a_former_curve_has_room_before_it_comes(bench):
    explorer = bench.explorer("gradient_explorer")
    explorer.reset()
    name, plot = explorer.root.locator(".ghostname"), explorer.views.first.locator(".plot")
    expect(name).to_be_hidden()
    assert "before this move" not in explorer.copied("SVG")
    before = plot.bounding_box()
    explorer.set_number("spectral radius", 0.9)
    explorer.settle()
    expect(name).to_be_visible()
    assert plot.bounding_box() == before
    assert "before this move" in explorer.copied("SVG")
    radius = explorer.named("spectral radius").get_by_role("slider")
    assert radius.get_attribute("aria-valuetext") == radius.get_attribute("aria-valuenow") == "0.9"
    assert not explorer.root.locator("[title=null]").count(), "ipywidgets' tooltip of nothing"
    explorer.reset()


def test_the_sentence_is_that_of_the_step_and_a_dragged_cursor_moves_it(bench):
    explorer = bench.explorer("word_explorer")
    explorer.reset()
    expect(explorer.status).to_contain_text("“a”")
    canvas = explorer.views.nth(1).locator(".plot > canvas").bounding_box()
    cell, y = canvas["width"] / 10, canvas["y"] + 30
    explorer.page.mouse.move(canvas["x"] + 9.5 * cell, y)
    explorer.page.mouse.down()
    explorer.page.mouse.move(canvas["x"] + 5 * cell, y)
    explorer.page.mouse.move(canvas["x"] + 3.5 * cell, y)
    explorer.page.mouse.up()
    expect(explorer.status).to_contain_text("“amer”")
    assert explorer.views.first.locator(".where").inner_text().endswith("(4 of 10)")
    explorer.reset()


def test_a_picture_is_copied_as_svg_with_all_that_is_drawn(bench, playground):
    drawn = ElementTree.fromstring(playground.copied("SVG"))
    texts = "".join(drawn.itertext())
    assert all(text in texts for text in ("key 1", "value 4", "average", "exp(score)", "One query looks at some keys"))
    words = ElementTree.fromstring(bench.explorer("word_explorer").copied("SVG"))
    assert any(node.get("href", "").startswith("data:image/png") for node in words.iter()), "the cells' colours"


def test_the_old_picture_fades_after_a_refusal_until_there_is_a_new_one(bench):
    explorer = bench.explorer("word_explorer")
    plot = explorer.views.first.locator(".plot")
    explorer.type("word", "")
    expect(plot).to_have_css("opacity", "0.35")
    explorer.type("word", "suomi")
    expect(plot).to_have_css("opacity", "1")
    explorer.reset()


def test_pictures_glide_unless_the_reader_wants_no_motion(bench, playground):
    glides = """(root) => new Promise((done) => { const seen = new Set(), began = performance.now();
      const bar = root.querySelectorAll('.cu-view:not(.cu-status)')[2].querySelector('rect');
      const look = () => { seen.add(bar.getAttribute('width'));
        if (performance.now() - began < 1500) requestAnimationFrame(look); else done(seen.size); };
      look(); })"""

    def widths(motion: str) -> int:
        playground.page.emulate_media(reduced_motion=motion)
        playground.reset()
        scores = playground.named("score").locator("select")
        scores.select_option(index=0)
        playground.settle()
        moving = playground.root.evaluate_handle(f"(root) => ({{ count: ({glides})(root) }})")
        scores.select_option(index=3)
        return moving.evaluate("async ({ count }) => await count")

    assert widths("reduce") <= 3 < widths("no-preference")
    playground.page.emulate_media(reduced_motion="reduce")


def test_every_card_is_whole_on_a_laptops_screen(bench, screenshot):
    bench.page.set_viewport_size({"width": 1280, "height": 800})
    for name in ("playground", "gradient_explorer"):
        explorer = bench.explorer(name)
        assert explorer.root.locator(".cu-panel").bounding_box()["height"] <= 560, name
        screenshot(explorer.root, f"frame-{name}")
    bench.page.set_viewport_size({"width": 1400, "height": 1000})


def test_a_card_that_was_narrow_for_a_moment_is_as_high_as_before(bench):
    """As between two slides, where a place opens from nothing."""
    squeeze = """async (root, width) => { const frame = () => new Promise(requestAnimationFrame);
      const output = root.closest('.jp-OutputArea-child');
      output.style.maxWidth = width; for (let at = 0; at < 4; at++) await frame();
      output.style.maxWidth = ''; for (let at = 0; at < 6; at++) await frame(); }"""
    for name in ("playground", "gradient_explorer", "word_explorer"):
        explorer = bench.explorer(name)
        before = explorer.root.locator(".cu-panel").bounding_box()["height"]
        for width in ("60px", "300px"):
            explorer.root.evaluate(squeeze, width)
            same = f"(root) => root.querySelector('.cu-panel').getBoundingClientRect().height === {before}"
            explorer.wait_until(same, f"{name}, {width} wide for a moment, is not {before} px high again")
