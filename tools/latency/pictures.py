"""Renew the README's pictures in `docs/pictures`, from the live explorers as Chromium shows them."""

import io

from PIL import Image
from tqdm import tqdm

from tools.latency import ROOT
from tools.latency.browser import notebooks

FOLDER, LARGEST, LARGEST_MOVING = ROOT / "docs" / "pictures", 150_000, 900_000
WHOLE, DRAWING = (".cu-panel", 1000), (".cu-view .plot", 640)  # what is shown, in a window of how many pixels
# Lesson → picture → the explorer that it shows. Those named like the lesson appear, small, in the table of lessons.
PICTURES = {
    "01_rnn": {"01_rnn": ("gradient_explorer", *DRAWING)},
    "02_lstm": {"02_lstm": ("gate_explorer", *DRAWING)},
    "03_seq2seq": {"03_seq2seq": ("bottleneck_explorer", *DRAWING)},
    "04_attention": {"04_attention": ("attention_explorer", *DRAWING), "attention": ("attention_explorer", *WHOLE)},
    "05_transformer": {"05_transformer": ("heads_explorer", *DRAWING)},
    "06_your_text": {"06_your_text": ("attention_explorer", *DRAWING)},
}
MOVING, PAUSE = {"attention"}, 900  # pictures that go through the explorer's steps, milliseconds at each


def small(png: bytes) -> bytes:
    """Return a picture with as many colours as fit into 150 kB.

    Raises:
        ValueError: even 32 colours are too many.
    """
    for colours in (256, 128, 64, 32):
        packed = io.BytesIO()
        Image.open(io.BytesIO(png)).convert("RGB").quantize(colours).save(packed, format="png", optimize=True)
        if packed.tell() <= LARGEST:
            return packed.getvalue()
    raise ValueError(f"a picture of {len(png):,} bytes does not fit into {LARGEST:,}: show less of it")


def moving(shown) -> bytes:
    """Return an animated GIF of an explorer that goes through its steps, the last one held longer.

    Raises:
        ValueError: even 16 colours are too many for 900 kB.
    """
    slider, frames = shown.locator(".player input").first, []
    slider.press("Home")
    for _ in range(int(slider.get_attribute("max")) + 1):
        shown.page.mouse.move(0, 0)
        frames.append(Image.open(io.BytesIO(shown.screenshot())).convert("RGB"))
        slider.press("ArrowRight")
    pauses = [PAUSE] * (len(frames) - 1) + [3 * PAUSE]
    for colours in (128, 64, 32, 16):
        first, *rest = [frame.quantize(colours) for frame in frames]
        packed = io.BytesIO()
        first.save(packed, format="gif", save_all=True, append_images=rest, duration=pauses, loop=0, optimize=True)
        if packed.tell() <= LARGEST_MOVING:
            return packed.getvalue()
    raise ValueError(f"{len(frames)} frames do not fit into {LARGEST_MOVING:,} bytes: show less of it")


def main() -> None:
    """Run every lesson, and store its pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with notebooks() as open_:
        for lesson, pictures in tqdm(PICTURES.items(), unit="lesson"):
            notebook = open_(lesson)
            notebook.command("application:toggle-left-area")
            notebook.run_all()
            for name, (explorer, part, width) in pictures.items():
                notebook.page.set_viewport_size({"width": width, "height": 1000})
                shown = notebook.explorer(explorer).root.locator(part).first
                notebook.page.wait_for_function("(node) => node.clientWidth < innerWidth", arg=shown.element_handle())
                if name in MOVING:
                    (FOLDER / f"{name}.gif").write_bytes(moving(shown))
                else:
                    (FOLDER / f"{name}.png").write_bytes(small(shown.screenshot()))
            notebook.page.context.close()


if __name__ == "__main__":
    main()
