"""An explorer, or a single view, on an open page: move its controls as a student would, read what it shows."""

import json
import re

from playwright.sync_api import TimeoutError, expect

PATIENCE = 90_000  # milliseconds; only a failure, or a very busy machine, waits that long
# What the eye sees of the views that an output shows: the drawings' markup to a tenth of a pixel (the browser's numbers
# and Python's differ in their last digits), the cells' colours, the slider's words.
PICTURE = """(root) => [...root.querySelectorAll('.cu-view:not(.cu-status)')]
  .filter((view) => view.getClientRects().length)
  .map((view) => [...view.querySelectorAll('.plot > svg')].map((svg) => svg.innerHTML).join()
    + [...view.querySelectorAll('.plot > canvas')].map((canvas) => canvas.toDataURL()).join()
    + (view.querySelector('.where')?.textContent ?? '')).join('|')
  .replace(/\\d+\\.\\d{4,}/g, (number) => Number(number).toFixed(1))"""
# The state of an explorer, whatever the window's width: its sentence, its controls, its frames.
STATE = """(root) => { const status = root.querySelector('.cu-status');
  return JSON.stringify([status.textContent, status.dataset.state,
    ...[...root.querySelectorAll('input:not(.player input), select')]
      .filter((control) => control.getClientRects().length).map((control) => control.value),
    ...new Set([...root.querySelectorAll('.player input')]  // views that move together count once
      .filter((slider) => slider.getClientRects().length).map((slider) => slider.value)),
    ...[...root.querySelectorAll('[role=slider]')].map((handle) => handle.getAttribute('aria-valuenow'))]); }"""
SETTLED = """(root) => new Promise((done) => { let calm = 0;
  const look = () => {
    const busy = window.jupyterapp?.shell.currentWidget.sessionContext.session?.kernel?.status === 'busy'
      || root.querySelector('.cu-status')?.dataset.state === 'busy';
    calm = busy ? 0 : calm + 1;
    if (calm > 12) done(true); else requestAnimationFrame(look); };
  look(); })"""
SLIDERS = ".widget-slider:not(:has(.noUi-target[disabled]))"


class Explorer:
    """One output that holds an explorer; `root` is its locator, `first` its state when its cell had run."""

    def __init__(self, root, notebook=None):
        self.root, self.page, self.notebook, self.first = root, root.page, notebook, None
        self.status, self.views = root.locator(".cu-status"), root.locator(".cu-view:not(.cu-status):visible")
        root.locator(".cu-status, .cu-view .plot > svg").first.wait_for()
        if self.views.count():  # a panel may have none
            self.views.first.locator(".plot > svg").wait_for()

    def state(self) -> str | None:
        """Return sentence, controls and frames as text to compare; None for a single view."""
        return self.root.evaluate(STATE) if self.status.count() else None

    def picture(self) -> str:
        """Return all that the views show, as text to compare."""
        return self.root.evaluate(PICTURE)

    def wait_until(self, check: str, what: str, wanted: str | None = None) -> None:
        """Wait until a JavaScript function of the root and of `wanted` is true; what is wrong if it never is."""
        try:
            handle = self.root.element_handle()
            self.page.wait_for_function(
                f"([root, wanted]) => ({check})(root, wanted)", arg=[handle, wanted], timeout=PATIENCE
            )
        except TimeoutError as error:
            raise AssertionError(f"{what}; it shows {self.state()}") from error

    def expect_change(self, before: str, what: str) -> None:
        """Wait until the picture differs from `before`."""
        self.wait_until(
            f"(root, before) => ({PICTURE})(root) !== before", f"the picture did not change: {what}", before
        )

    def expect_picture(self, wanted: str) -> None:
        """Wait until the picture is `wanted` again."""
        self.wait_until(f"(root, wanted) => ({PICTURE})(root) === wanted", "the picture did not come back", wanted)

    def expect_fit(self) -> None:
        """Wait until no view is wider than the explorer's place on the page."""
        fits = "(root) => [...root.querySelectorAll('.cu-view')].every((view) => view.scrollWidth <= root.clientWidth)"
        self.wait_until(fits, "a view is wider than its place")

    def expect_sentence(self, text: str) -> None:
        """Wait until the explorer's sentence is exactly `text`."""
        expect(self.status).to_have_text(text, timeout=PATIENCE)
        self.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def settle(self) -> None:
        """Wait until Python has answered all that was asked: kernel idle and status not busy, frame after frame.

        A slider that was dragged asks several times; a late answer to one move must not pass for the next.
        """
        if self.notebook is not None:
            self.page.wait_for_function(SETTLED, arg=self.root.element_handle(), timeout=PATIENCE)

    def named(self, label: str):
        """Return the control beside a label."""
        return self.root.locator(f".jupyter-widgets:has(> .widget-label:text-is({json.dumps(label)}))")

    def set_number(self, label: str, value) -> None:
        """Type a number into a slider's readout."""
        readout = self.named(label).locator(".widget-readout")
        readout.fill(str(value))
        readout.press("Enter")

    def choose(self, label: str, option: str) -> None:
        """Choose from a menu."""
        self.named(label).locator("select").select_option(option)

    def type(self, label: str, text: str) -> None:
        """Replace the text in a box."""
        self.named(label).locator("input").fill(text)

    def press(self, button: str) -> None:
        """Press a button by its text."""
        self.root.get_by_role("button", name=button, exact=True).first.click()

    def reset(self) -> None:
        """Press Reset, if there is one, and wait until the explorer is back in its first state."""
        if self.status.count():
            self.press("Reset")
            arrived = f"(root, wanted) => ({STATE})(root) === wanted"
            self.wait_until(arrived, f"Reset did not bring {self.first}", self.first)
        self.settle()

    def read(self, view: int, *keys: str) -> str:
        """Return the readout of a view after pressing keys in its drawing, from the first cell or point on."""
        drawing = self.views.nth(view).locator(".plot > svg")
        drawing.focus()
        for key in keys:
            drawing.press(key)
        return self.views.nth(view).locator(".readout").inner_text()

    def undo(self) -> None:
        """Press Undo, and wait until Python has answered."""
        self.press("Undo")
        self.settle()

    def copied(self, button: str) -> str:
        """Press a button that copies something, and return what it copied."""
        footer = self.root.locator(".cu-footer")
        footer.evaluate("(node) => { delete node.dataset.copied; }")
        self.press(button)
        self.page.wait_for_function("(node) => node.dataset.copied", arg=footer.element_handle(), timeout=PATIENCE)
        return footer.get_attribute("data-copied")

    def expect_leader(self, view: int, names, shares) -> None:
        """Require that a stream's legend sets off the largest share, by its name, to two decimals."""
        best = max(range(len(shares)), key=lambda at: shares[at])
        text = re.compile(f"{re.escape(names[best])} ?{re.escape(f'{round(float(shares[best]), 2):g}')}")
        expect(self.views.nth(view).locator(".legend .most")).to_have_text(text)

    def height(self) -> float:
        """Return the height of the whole output in pixels."""
        return self.root.bounding_box()["height"]

    def sweep(self) -> int:
        """Move every control that is not greyed out, by keyboard and by pointer; return how many there were.

        Each move must change the picture and must leave everything at its height; Reset must bring the
        first picture back. Reading a value off a drawing must leave the height as it is, too.
        """
        self.reset()  # an earlier test may have moved it
        first, height, moved = self.picture(), self.height(), 0
        for name in ("sliders", "menus", "texts", "buttons", "hands", "frames"):
            moved += getattr(self, f"sweep_{name}")(height)
        for view in range(self.views.count()):
            assert self.read(view, "ArrowRight"), "nothing to read"
            assert abs(self.height() - height) <= 1, "reading a value moved what is below"
            self.read(view, "Escape")
        self.reset()
        if self.first is not None:
            self.expect_picture(first)
        return moved

    def moved(self, what: str, act, height: float) -> None:
        """Do `act`, and require a new picture of the same height."""
        before = self.picture()
        act()
        self.expect_change(before, what)
        self.settle()
        assert abs(self.height() - height) <= 1, f"{what}: the output jumped from {height} to {self.height()} pixels"

    def sweep_sliders(self, height: float) -> int:
        """Move sliders of ipywidgets by arrow key and by dragging the handle."""
        sliders = self.root.locator(SLIDERS)
        for at in range(sliders.count()):
            handle = sliders.nth(at).get_by_role("slider")
            name = handle.get_attribute("aria-label")
            assert name, "a slider without a name for a screen reader"
            low, now, high = (float(handle.get_attribute(f"aria-value{end}")) for end in ("min", "now", "max"))
            key = "ArrowRight" if now < high else "ArrowLeft"
            self.moved(f"{name} by keyboard", lambda key=key, handle=handle: handle.press(key), height)
            zoom = handle.evaluate("(node) => node.currentCSSZoom")  # a slide shows the explorer larger
            side = zoom * (45 if now < (low + high) / 2 else -45)
            self.moved(f"{name} by pointer", lambda side=side, handle=handle: self.drag(handle, side), height)
        return sliders.count()

    def drag(self, handle, pixels: float) -> None:
        """Drag something to the right by some pixels."""
        box = handle.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + pixels / 2, y)
        self.page.mouse.move(x + pixels, y)
        self.page.mouse.up()

    def sweep_menus(self, height: float) -> int:
        """Choose every option of every menu, the next one by arrow key, then back to the first choice."""
        menus = self.root.locator("select")
        for at in range(menus.count()):
            menu = menus.nth(at)
            if menu.is_disabled():
                continue
            options, chosen = menu.locator("option").all_inner_texts(), menu.input_value()
            step = "ArrowUp" if chosen == options[-1] else "ArrowDown"
            self.moved(f"menu by {step}", lambda menu=menu, step=step: menu.press(step), height)
            for option in [*(o for o in options if o != menu.input_value()), chosen]:
                if option != menu.input_value():
                    self.moved(f"menu to {option}", lambda menu=menu, o=option: menu.select_option(o), height)
        return menus.count()

    def sweep_texts(self, height: float) -> int:
        """Take the last letter off every text box, by keyboard after a click."""
        boxes = self.root.locator("input[type=text]")
        for at in range(boxes.count()):
            box = boxes.nth(at)
            box.click()
            box.press("End")
            self.moved("text box", lambda box=box: box.press("Backspace"), height)
        return boxes.count()

    def sweep_buttons(self, height: float) -> int:
        """Press every button but Reset: the first by Enter, the others by a click."""
        buttons = self.root.locator("button.jupyter-button:not(:text-is('Reset'))")
        for at in range(buttons.count()):
            button = buttons.nth(at)
            act = (lambda b=button: b.press("Enter")) if at == 0 else (lambda b=button: b.click())
            self.moved(f"button {button.inner_text()}", act, height)
        return buttons.count()

    def sweep_hands(self, height: float) -> int:
        """Move everything that can be dragged in a drawing, by arrow key and by pointer."""
        hands = self.root.locator(".plot .hand")
        for at in range(hands.count()):
            hand = hands.nth(at)
            name = hand.get_attribute("aria-label")
            assert name and hand.get_attribute("aria-valuetext"), "a hand without a name or a place for a screen reader"
            self.moved(f"{name} by keyboard", lambda hand=hand: hand.press("ArrowUp"), height)
            self.moved(f"{name} by pointer", lambda hand=hand: self.drag(hand.locator(".grip"), -30), height)
        return hands.count()

    def sweep_frames(self, height: float) -> int:
        """Move each frame slider that is shown, by key, by pointer, and with Play and Pause."""
        players = self.root.locator(".player:visible")
        for at in range(players.count()):
            slider, play = players.nth(at).locator("input"), players.nth(at).locator("button")
            self.moved(
                "frames, Home or End", lambda s=slider: s.press("Home" if s.input_value() != "0" else "End"), height
            )
            slider.press("Home")
            self.moved("frames by key", lambda s=slider: s.press("ArrowRight"), height)
            self.moved("frames by pointer", lambda s=slider: s.click(position={"x": 3, "y": 8}), height)
            self.moved("Play", play.click, height)
            if play.inner_text() == "Pause":
                play.click()
            expect(play).to_have_text("Play")
        return players.count()
