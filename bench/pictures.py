"""Make the README's pictures again: every explorer of every lesson, as Chromium shows it, into `docs/pictures`."""

import io

from PIL import Image
from test_lessons import EXPLORERS

from bench import ROOT
from bench.browser import notebooks

FOLDER, LARGEST = ROOT / "docs" / "pictures", 150_000


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
    """Run every lesson that has explorers, and store a picture of each."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with notebooks() as open_:
        for lesson, explorers in EXPLORERS.items():
            notebook = open_(lesson.removesuffix(".ipynb"))
            notebook.run_all()
            for name in explorers:
                shown = notebook.explorer(name).root.locator(".cu-panel")
                (FOLDER / f"{name}.png").write_bytes(small(shown.screenshot()))
                print(f"docs/pictures/{name}.png")
            notebook.page.context.close()


if __name__ == "__main__":
    main()
