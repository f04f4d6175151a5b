"""How every figure looks, and how it reaches a reader: picture and text alternative in one display."""

import base64
import html
import importlib.util
import io
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text

from course_utils.messages import say

# Okabe and Ito's palette, told apart in every common form of colour blindness; black is kept for text.
PALETTE = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#5C5C5C"]
ON_DARK = {"#0072B2": "#3FA2DD", "#5C5C5C": "#A3A3A3"}  # the darkest two, where a page is dark
GOLD, FAINT, MISSING = "#FFD700", "#BBBBBB", "#BDBDBD"
# Each curve's dashes, on and off, in line widths: colour alone carries no meaning.
DASHES = [(), (3.7, 1.6), (1, 1.5), (6, 1.5, 1, 1.5)]
SEQUENTIAL, DIVERGING = "viridis", "RdBu_r"
SCALES = {  # nine stops of each colour scale: perceptually even, told apart in every common form of colour blindness
    kind: [to_hex(mpl.colormaps[name](place)) for place in np.linspace(0, 1, 9)]
    for kind, name in (("sequential", SEQUENTIAL), ("diverging", DIVERGING))
}
TEXT_HEIGHT = "Smallest text (pixels)"  # what a picture says of itself
_POWER = r"$\mathdefault{"  # how matplotlib writes the ticks of a log axis

_descriptions: "weakref.WeakKeyDictionary[Axes, str]" = weakref.WeakKeyDictionary()


def hangul_font() -> Path:
    """Return the path of the font that draws Hangul (NanumGothic, SIL Open Font License).

    The font is only located inside its package, which is never imported: its import fails on Python 3.12.
    """
    package = importlib.util.find_spec("koreanize_matplotlib")
    return Path(package.submodule_search_locations[0]) / "fonts" / "NanumGothic.ttf"


def apply() -> None:
    """Set matplotlib's defaults for the course: palette, sizes for a projector, Hangul after Latin letters."""
    font_manager.fontManager.addfont(str(hangul_font()))
    mpl.rcParams.update({
        "font.family": ["DejaVu Sans", "NanumGothic"], "axes.prop_cycle": mpl.cycler(color=PALETTE),
        "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "axes.axisbelow": True,
        "axes.titlesize": 15, "axes.titlelocation": "left", "axes.labelsize": 14, "xtick.labelsize": 13,
        "ytick.labelsize": 13, "legend.fontsize": 13, "legend.frameon": False, "grid.alpha": 0.3,
        "lines.linewidth": 2.2, "figure.figsize": (8, 4), "figure.dpi": 100, "figure.facecolor": "white",
        "image.cmap": SEQUENTIAL,
    })  # fmt: skip


def new_axes(ax: Axes | None = None, **figure_options) -> Axes:
    """Return `ax`, or the axes of a new figure made with `figure_options`."""
    return ax if ax is not None else plt.subplots(layout="constrained", **figure_options)[1]


def thinned(set_ticks: Callable, positions: np.ndarray, texts: Sequence[str], **options) -> None:
    """Set tick labels with `set_ticks`, long ones cut: all of them if they are words, every k-th if they are numbers.

    Of many consecutive numbers, such as 1 to 128, the multiples of 2, 5, 10, 20, … are written.
    """
    numbers = all(text.isdecimal() for text in texts)
    every = -(-len(texts) // (12 if numbers else 40))
    written = range(0, len(texts), every)
    if numbers and every > 1 and (np.diff(np.array(texts, dtype=int)) == 1).all():
        every = min(nice for ten in (1, 10, 100, 1000) for k in (1, 2, 5) if (nice := k * ten) >= every)
        written = [at for at, text in enumerate(texts) if int(text) % every == 0]
    shown = [texts[at] if len(texts[at]) < 19 else texts[at][:18] + "…" for at in written]
    set_ticks(positions[list(written)], shown, **options)


def title_of(picture: dict, frame: int) -> str:
    """Return the title of a view's picture, with the step shown if there are several and no cursor marks it."""
    if picture["step_count"] == 1 or picture.get("cursor"):
        return picture["title"]
    step = picture["steps"][frame] if picture["steps"] else frame + 1
    return say("{title} · {step_name} {step}", title=picture["title"], step_name=picture["step_name"], step=step)


def describe(ax: Axes, text: str) -> Axes:
    """Attach the text alternative of what `ax` shows, for readers who cannot see it, and return `ax`."""
    _descriptions[ax] = " ".join(text.split())
    return ax


def figure_of(drawn: Axes | Figure) -> Figure:
    """Return the figure itself, or the one of these axes."""
    return drawn if isinstance(drawn, Figure) else drawn.figure


def description(drawn: Axes | Figure) -> str:
    """Return the text alternative of a figure, its axes' descriptions joined.

    Raises:
        ValueError: an axes of the figure was never described (colour bars excepted).
    """
    axes = [ax for ax in figure_of(drawn).axes if ax.get_label() != "<colorbar>"]
    missing = [ax.get_title(loc="left") or "untitled" for ax in axes if ax not in _descriptions]
    if missing or not axes:
        raise ValueError(f"no text alternative for {missing or 'an empty figure'}: call figures.describe")
    return " ".join(_descriptions[ax] for ax in axes)


def png(drawn: Axes | Figure) -> bytes:
    """Return the figure as PNG bytes, in at most 128 colours: a third of the size, no visible difference.

    The picture says how high its smallest text is, in pixels, so that slides can be checked to be readable. A dollar
    sign is a dollar sign: words of a corpus are not to become mathematics.
    """
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    figure = figure_of(drawn)
    canvas = FigureCanvasAgg(figure)
    for text in figure.findobj(lambda drawn: isinstance(drawn, Text) and "$" in drawn.get_text()):
        text.set_parse_math(text.get_text().startswith(_POWER))
    canvas.draw()  # makes the tick labels too
    texts = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    smallest = min(text.get_fontsize() for text in texts) * figure.dpi / 72
    about, small = PngInfo(), io.BytesIO()
    about.add_text(TEXT_HEIGHT, f"{smallest:.2f}")
    pixels = Image.frombuffer("RGBA", canvas.get_width_height(), canvas.buffer_rgba())
    pixels.convert("RGB").quantize(128).save(small, format="png", optimize=True, pnginfo=about)
    return small.getvalue()


def bundle(drawn: Axes | Figure) -> dict[str, str]:
    """Return one display bundle, MIME type → data: an `<img>` with its `alt`, the PNG, the text alternative."""
    text, data = description(drawn), base64.b64encode(png(drawn)).decode()
    image = f'<img alt="{html.escape(text)}" src="data:image/png;base64,{data}" style="max-width:100%">'
    return {"text/html": image, "image/png": data, "text/plain": text}


def composed(size: tuple[float, float], parts: Sequence[tuple[Callable, tuple[float, float, float, float]]]) -> dict:
    """Return the display bundle of one figure made of several.

    Args:
        size: width and height of the whole, inches.
        parts: `draw(ax)` and its place (left, bottom, width, height), inches.
    """
    figure = plt.figure(figsize=size)
    try:
        for draw, place in parts:
            ax = figure.add_axes([inches / size[at % 2] for at, inches in enumerate(place)])
            draw(ax)
            ax.set_visible(False)  # seaborn draws the whole figure with every heatmap
        for ax in figure.axes:
            ax.set_visible(True)
        return bundle(figure)
    finally:
        plt.close(figure)


def show(drawn: Axes | Figure) -> None:
    """Display a figure once, with its text alternative, and close it."""
    from IPython.display import display

    display(bundle(drawn), raw=True)
    plt.close(figure_of(drawn))
