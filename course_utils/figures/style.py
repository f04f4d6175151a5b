"""How every figure looks, and how it reaches a reader: picture and text alternative in one display."""

import base64
import html
import importlib.util
import io
import re
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import quote

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text

from course_utils.messages import say

# Okabe and Ito's palette, told apart in every common form of colour blindness; black is kept for text.
PALETTE = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#5C5C5C"]
# Colours and symbols of marked things, by the number of the mark; the second colour is left for what is special.
MARKED = [PALETTE[at] for at in (0, 2, 3, 4, 5, 6)]
MARKERS = ["o", "s", "^", "D", "P", "*", "1"]
ON_DARK = {"#0072B2": "#3FA2DD", "#5C5C5C": "#A3A3A3"}  # the darkest two, where a page is dark
GOLD, FAINT, MISSING = "#FFD700", "#BBBBBB", "#BDBDBD"
# Each curve's dashes, on and off, in line widths: colour alone carries no meaning.
DASHES = [(), (3.7, 1.6), (1, 1.5), (6, 1.5, 1, 1.5)]
SEQUENTIAL, DIVERGING = "viridis", "RdBu_r"
SCALES = {  # nine stops of each colour scale: perceptually even, told apart in every common form of colour blindness
    kind: [to_hex(mpl.colormaps[name](place)) for place in np.linspace(0, 1, 9)]
    for kind, name in (("sequential", SEQUENTIAL), ("diverging", DIVERGING))
}
TEXT_HEIGHT = "data-smallest-text"  # what a picture says of itself, in pixels
PIXELS = 100  # in an inch of a figure
# What a vector picture looks like where the page is dark. Its text and its lines have no colour of their own or black;
# fills that carry black text get darker with it. A page that is light keeps the picture as it was drawn.
_INK, _PAPER = "#e4e4e4", "#16181b"
_FILLS = {"#eeeeee": "#3b3f45", "#cfe4f3": "#1d4562", "#f8d9b8": "#6a4314", "#d5ecdf": "#1e5138"}  # of boxes with text
DARK = "@media (prefers-color-scheme:dark){" + "".join([
    f"svg{{fill:{_INK};background:{_PAPER}}}",
    f"path[style*='fill: #ffffff']{{fill:{_PAPER}!important}}",
    f"[style*='stroke: #000000'],[style*='stroke: #444444']{{stroke:{_INK}!important}}",
    f"[style*='fill: #000000']{{fill:{_INK}!important}}",
    *(f"[style*='{what}: {old.lower()}']{{{what}:{new}!important}}"
      for old, new in ON_DARK.items() for what in ("stroke", "fill")),
    *(f"[style*='fill: {old}']{{fill:{new}!important}}" for old, new in _FILLS.items()),
]) + "}"  # fmt: skip
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
        "axes.titlesize": 14, "axes.titlelocation": "left", "axes.labelsize": 13, "xtick.labelsize": 13,
        "ytick.labelsize": 13, "legend.fontsize": 13, "legend.frameon": False, "grid.alpha": 0.3,
        "lines.linewidth": 2.2, "figure.figsize": (8, 4), "figure.dpi": PIXELS, "figure.facecolor": "white",
        "image.cmap": SEQUENTIAL, "svg.fonttype": "path", "svg.hashsalt": "course",
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


def add_description(ax: Axes, text: str) -> Axes:
    """Add to the text alternative of what `ax` shows, and return `ax`."""
    return describe(ax, f"{_descriptions.get(ax, '')} {text}")


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


def _prepared(drawn: Axes | Figure, canvas_of: Callable) -> tuple:
    """Return a figure's canvas, and how high its smallest text is, in pixels.

    A dollar sign is a dollar sign: words of a corpus are not to become mathematics.
    """
    figure = figure_of(drawn)
    canvas = canvas_of(figure)
    for text in figure.findobj(lambda drawn: isinstance(drawn, Text) and "$" in drawn.get_text()):
        text.set_parse_math(text.get_text().startswith(_POWER))
    figure.draw_without_rendering()  # makes the tick labels too
    texts = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    return canvas, min((text.get_fontsize() for text in texts), default=np.inf) * PIXELS / 72


def png(drawn: Axes | Figure) -> bytes:
    """Return the figure as a small PNG, for where no HTML is shown: half as wide as the SVG, in at most 32 colours.

    The picture says how high the smallest text of the SVG is, in pixels, so that slides can be checked to be readable.
    """
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    canvas, smallest = _prepared(drawn, FigureCanvasAgg)
    canvas.draw()
    about, small = PngInfo(), io.BytesIO()
    about.add_text(TEXT_HEIGHT, f"{smallest:.2f}")
    pixels = Image.frombuffer("RGBA", canvas.get_width_height(), canvas.buffer_rgba()).convert("RGB")
    pixels.reduce(2).quantize(32).save(small, format="png", optimize=True, pnginfo=about)
    return small.getvalue()


def _shorter(text: str) -> str:
    """Return an SVG document with shorter names and coarser outlines of letters, and no space that can be spared.

    An outline's points are on a grid of 1/800 of a letter's height, in place of 1/6400.
    """
    letters = dict.fromkeys(re.findall(r'<path id="([A-Z]\w*-\w+)"', text))
    short = {name: f"g{at}" for at, name in enumerate(letters)}
    text = re.sub(r'(id="|href="#)([A-Z]\w*-\w+)"', lambda found: f'{found[1]}{short.get(found[2], found[2])}"', text)

    def outline(found: re.Match) -> str:
        steps, last = [], ""
        for step, numbers in re.findall(r"\s*([A-Za-z])\s*([^A-Za-z]*)", found[2]):
            # A command that is repeated need not be written again.
            steps.append((" " if step == last and step in "LQC" else step) + numbers.strip())
            last = step
        return f'{found[1]}{"".join(steps).replace(" -", "-")}"'

    def coarser(found: re.Match) -> str:
        points = re.sub(r"-?\d+(?:\.\d+)?", lambda number: str(round(float(number[0]) / 8)), found[2])
        return f'{found[1]}{points}" transform="scale(0.125)"'

    text = re.sub(r'(<path id="g\d+" d=")([^"]*)" transform="scale\(0\.015625\)"', coarser, text)
    return re.sub(r'( d=")([^"]*)"', outline, text)


def svg(drawn: Axes | Figure) -> str:
    """Return the figure as an SVG document, sharp at any size; equal figures give equal documents.

    Letters are outlines, so that every reader sees Hangul; heatmaps are small pictures inside. Where the page that
    shows it is dark, so is the picture. It says how high its smallest text is, as `png` does.
    """
    figure = figure_of(drawn)
    dpi, written = figure.dpi, io.StringIO()
    canvas, smallest = _prepared(drawn, FigureCanvasSVG)
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    canvas.print_figure(written, format="svg", dpi=2 * PIXELS, metadata=nothing)
    figure.set_dpi(dpi)
    text = written.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", text, flags=re.DOTALL)
    # A hundredth of a point is finer than any screen; the scale of letters needs all its digits.
    text = re.sub(r"(scale\([^)]*\))|(\d\.\d\d)\d+", lambda found: found[1] or found[2], text)
    text = _shorter(re.sub(r"\s*\n\s*", " ", text).replace("> <", "><"))
    size = (round(length * PIXELS) for length in figure.get_size_inches())
    head = 'width="{}" height="{}"'.format(*size) + f' {TEXT_HEIGHT}="{smallest:.2f}"'
    text = re.sub(r'width="[\d.]+pt" height="[\d.]+pt"|height="[\d.]+pt" width="[\d.]+pt"', "", text, count=1)
    text = re.sub(r"<svg ", f"<svg {head} ", text, count=1)
    return re.sub(r'<style type="text/css">', f'<style type="text/css">{DARK}', text, count=1)


def bundle(drawn: Axes | Figure) -> dict[str, str]:
    """Return one display bundle, MIME type → data: an `<img>` of the SVG with its `alt`, a PNG for where no HTML is
    shown, the text alternative."""
    text, width = description(drawn), round(figure_of(drawn).get_figwidth() * PIXELS)
    # Not base64: a third shorter.
    source = quote(svg(drawn).replace('"', "'"), safe=" =:/;,()'+*?!@-._~|$^`[]{}&").replace("&", "&amp;")
    look = f'width="{width}" style="max-width:100%"'
    image = f'<img alt="{html.escape(text)}" src="data:image/svg+xml,{source}" {look}>'
    return {"text/html": image, "image/png": base64.b64encode(png(drawn)).decode(), "text/plain": text}


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
