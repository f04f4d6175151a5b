"""What every slide must be, live or exported: whole on the screen, readable from the last row, of enough contrast."""

import base64
import io
import re
from urllib.parse import unquote

from PIL import Image

from course_utils.figures.style import TEXT_HEIGHT

SIZES = [(1280, 720), (1920, 1080)]
# What moves a lecture on, and the number of a slide: nothing that is read may lie under it.
CONTROLS = ".jp-Deck-Remote button, .reveal .controls button.enabled, .reveal .slide-number"
SHOWN = {"live": ".jp-Cell.jp-deck-mod-visible", "page": ".slides section.present section.present .jp-Cell"}
POINTS_14 = 18.6  # 14 pt in pixels of a slide 720 high, rounding forgiven
CODE = 18  # pixels, likewise: a fortieth of the height
MEASURE = r"""([selector, controls]) => {
  const cells = [...document.querySelectorAll(selector)];
  const seen = { cells: cells.length, bottom: 0, right: 0, lowest: '', scrolls: [], code: [], labels: [],
    pictures: [], covered: [], shortened: [] };
  const over = [...document.querySelectorAll(controls)].map((node) => node.getBoundingClientRect());
  const covers = (box) => over.some((one) => box.width && box.left < one.right - 1 && box.right > one.left + 1
    && box.top < one.bottom - 1 && box.bottom > one.top + 1);
  const written = (node) => [...node.childNodes].filter((child) => child.nodeType === 3 && child.data.trim()).flatMap(
    (child) => { const range = document.createRange(); range.selectNode(child); return [...range.getClientRects()]; });
  const drawn = (node) => { const box = node.getBoundingClientRect(), style = getComputedStyle(node);
    return box.width && box.height && style.visibility !== 'hidden' && style.opacity !== '0' ? box : null; };
  for (const cell of cells) for (const node of cell.querySelectorAll('*')) {
    if (node.closest('aside, mjx-assistive-mml, .jp-Collapser') || (node.closest('svg') && node.localName !== 'svg'
        && !node.matches('.cu-view .plot text'))) continue;
    const box = drawn(node);
    if (!box) continue;
    const name = `${node.localName}.${node.getAttribute('class')}`, style = getComputedStyle(node);
    const size = parseFloat(style.fontSize) * node.currentCSSZoom;
    if (box.bottom > seen.bottom) { seen.bottom = box.bottom; seen.lowest = name; }
    seen.right = Math.max(seen.right, box.right);
    // MathJax writes HTML in JupyterLab, and SVG on exported pages.
    const math = node.matches('mjx-container[display]') && node.firstElementChild.getBoundingClientRect();
    if (math && math.right > cell.getBoundingClientRect().right) seen.scrolls.push(`a formula: ${math.width} wide`);
    if (node.matches('pre, .cm-scroller, .jp-RenderedHTMLCommon, .jp-OutputArea-output')
        && (node.scrollWidth > node.clientWidth + 2 || node.scrollHeight > node.clientHeight + 2)
        && /auto|scroll|hidden/.test(style.overflow))
      seen.scrolls.push(`${name}: ${node.scrollWidth} × ${node.scrollHeight}`);
    const fit = node.matches('img') && node.naturalWidth  // a picture fits into its box, from the left
      ? Math.min(box.width / node.naturalWidth, box.height / node.naturalHeight) : 0;
    const read = fit ? [new DOMRect(box.left, box.top, fit * node.naturalWidth, box.height)]
      : node.matches('img, canvas, button, input, select') ? [box] : written(node);
    if (read.some(covers)) seen.covered.push(`${name}: ${node.textContent.slice(0, 30)}`);
    if (node.matches('pre, .cm-line') && node.textContent.trim()) seen.code.push(size);
    if (node.matches('.cu-view .plot text, .cu-view .title, .cu-view .readout:not(.hint), .widget-label')
        && node.textContent.trim()) seen.labels.push([size, node.textContent.slice(0, 30)]);
    // Of a sentence the beginning is enough. The last child of a label is the tooltip with its whole text.
    const start = node.matches('.cu-view .plot text:has(> title)') ? /^(.{0,19})…$/.exec(node.firstChild.data) : null;
    if (start || (style.textOverflow === 'ellipsis' && node.scrollWidth > node.clientWidth + 1))
      seen.shortened.push(node.textContent.slice(0, 30));
    // A stored explorer's still picture stands for views that are measured live.
    if (node.matches('img') && node.naturalWidth && !/(explorer|playground)\(/.test(cell.textContent)) {
      // What fits into the box keeps its shape.
      const scale = Math.min(node.clientWidth / node.naturalWidth, node.clientHeight / node.naturalHeight);
      seen.pictures.push([node.src, scale * node.currentCSSZoom]); }
  }
  return seen; }"""
# JupyterLab's body has no height of its own, and axe-core takes what hangs over its edge for hidden. It also reads the
# whole page for each slide, thousands of nodes, so whatever is not around the slide leaves the page meanwhile. What
# lies over the slide, `MEASURE` has found.
CONTRAST = """async (selector) => { document.body.style.minHeight = '100vh';
  const shown = [...document.querySelectorAll(selector)], around = new Set([document.body]);
  for (const cell of shown)
    for (let node = cell.parentElement; node !== document.body; node = node.parentElement) around.add(node);
  const others = [...around].flatMap((node) => [...node.children])
    .filter((node) => !around.has(node) && !shown.includes(node) && !node.matches('style, link'));
  const places = others.map((node) => { const place = new Comment(); node.replaceWith(place); return place; });
  const found = await axe.run({ include: [selector] }, { runOnly: ['color-contrast'] })
    .finally(() => places.forEach((place, at) => place.replaceWith(others[at])));
  return [
    found.violations.flatMap((rule) => rule.nodes.map((node) => `${node.target}: ${node.any[0]?.message}`)),
    found.passes.flatMap((rule) => rule.nodes).length]; }"""


def text_height(source: str) -> float:
    """Return how high the smallest text of a picture's data URL is, in its own pixels."""
    if source.startswith("data:image/svg"):
        return float(re.search(rf"{TEXT_HEIGHT}='([\d.]+)'", unquote(source))[1])
    picture = Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2])))
    return float(picture.text[TEXT_HEIGHT])


def faults(page, kind: str, *, scale: float = 1.0) -> list[str]:
    """Return what is wrong with the slide that is shown; nothing, if all is well.

    Args:
        page: Playwright's page, its viewport the screen.
        kind: "live" or "page".
        scale: how much larger the page is drawn than it is laid out (exported slides on a large screen).
    """
    seen, screen = page.evaluate(MEASURE, [SHOWN[kind], CONTROLS]), page.viewport_size
    unit = screen["height"] / 720
    found = [] if seen["cells"] else ["no cell is shown"]
    if seen["bottom"] > screen["height"] or seen["right"] > screen["width"]:
        found.append(f"cut off at {seen['right']:.0f} × {seen['bottom']:.0f} by {seen['lowest']}")
    found += [f"under the controls: {name}" for name in seen["covered"]]
    found += [f"must be scrolled: {name}" for name in seen["scrolls"]]
    found += [f"shortened: {text!r}" for text in seen["shortened"]]
    found += [f"code of {size * scale:.1f} px" for size in seen["code"] if size * scale < CODE * unit]
    found += [f"{text!r} of {size * scale:.1f} px" for size, text in seen["labels"] if size * scale < POINTS_14 * unit]
    for source, share in seen["pictures"]:
        if source.startswith("data:image/") and (size := text_height(source) * share * scale) < POINTS_14 * unit:
            found.append(f"a picture with text of {size:.1f} px")
    return found


def load_axe(page, scripts) -> None:
    """Bring axe-core into the page, unless it is there."""
    if not page.evaluate("'axe' in window"):
        # RequireJS, where it is loaded, would take the script for one of its modules.
        script = (scripts / "axe.js").read_text(encoding="utf-8")
        page.evaluate(f"(() => {{ const module = undefined, exports = undefined, define = undefined; {script} }})()")


def low_contrast(page, kind: str, scripts) -> tuple[list[str], int]:
    """Return the texts of the slide shown whose contrast is under 4.5 : 1, and how many texts axe-core passed."""
    load_axe(page, scripts)
    return tuple(page.evaluate(CONTRAST, SHOWN[kind]))
