"""Make the README's pictures again, from the live explorers as Chromium shows them, into `docs/pictures`."""

import io

from PIL import Image
from tqdm import tqdm

from bench import ROOT
from bench.browser import notebooks

FOLDER, LARGEST = ROOT / "docs" / "pictures", 150_000
# Lesson → picture → the explorer that it shows: whole, or its first row of views, or its first view alone.
WHOLE, ROW, VIEW = ".cu-panel", ".cu-panel > .widget-hbox:has(.cu-view)", ".cu-view:not(.cu-status)"
PICTURES = {
    "01_rnn": {"word_explorer": ("word_explorer", WHOLE), "01_rnn": ("gradient_explorer", VIEW)},
    "02_lstm": {"02_lstm": ("gate_explorer", ROW)},
    "03_seq2seq": {"03_seq2seq": ("bottleneck_explorer", VIEW)},
    "04_attention": {"04_attention": ("attention_explorer", ROW)},
}


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


def main() -> None:
    """Run every lesson, and store its pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with notebooks() as open_:
        for lesson, pictures in tqdm(PICTURES.items(), unit="lesson"):
            notebook = open_(lesson)
            notebook.run_all()
            for name, (explorer, part) in pictures.items():
                shown = notebook.explorer(explorer).root.locator(part).first
                (FOLDER / f"{name}.png").write_bytes(small(shown.screenshot()))
            notebook.page.context.close()


if __name__ == "__main__":
    main()
