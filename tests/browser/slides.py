"""What every slide must be, live or exported: whole on the screen, readable from the last row, of enough contrast."""

import base64
import io

from PIL import Image

from course_utils.figures.style import TEXT_HEIGHT

SIZES = [(1280, 720), (1920, 1080)]
SHOWN = {"live": ".jp-Cell.jp-deck-mod-visible", "page": ".slides section.present section.present .jp-Cell"}
POINTS_14 = 18.6  # 14 pt in pixels of a slide 720 high, rounding forgiven
CODE = 18  # pixels, likewise: a fortieth of the height
MEASURE = r"""(selector) => {
  const cells = [...document.querySelectorAll(selector)];
  const seen = { cells: cells.length, bottom: 0, right: 0, lowest: '', scrolls: [], code: [], labels: [],
    pictures: [] };
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
    if (node.matches('pre, .cm-scroller, .jp-RenderedHTMLCommon, .jp-OutputArea-output')
        && (node.scrollWidth > node.clientWidth + 2 || node.scrollHeight > node.clientHeight + 2)
        && /auto|scroll|hidden/.test(style.overflow))
      seen.scrolls.push(`${name}: ${node.scrollWidth} × ${node.scrollHeight}`);
    if (node.matches('pre, .cm-line') && node.textContent.trim()) seen.code.push(size);
    if (node.matches('.cu-view .plot text, .cu-view .title, .cu-view .readout:not(.hint), .widget-label')
        && node.textContent.trim()) seen.labels.push([size, node.textContent.slice(0, 30)]);
    // A stored explorer's still picture stands for views that are measured live.
    if (node.matches('img') && node.naturalWidth && !/(explorer|playground)\(/.test(cell.textContent)) {
      // What fits into the box keeps its shape.
      const scale = Math.min(node.clientWidth / node.naturalWidth, node.clientHeight / node.naturalHeight);
      seen.pictures.push([node.src, scale * node.currentCSSZoom]); }
  }
  return seen; }"""
# JupyterLab's body has no height of its own, and axe-core takes what hangs over its edge for hidden.
CONTRAST = """(selector) => { document.body.style.minHeight = '100vh';
  return axe.run({ include: [selector] }, { runOnly: ['color-contrast'] }).then((found) => [
  found.violations.flatMap((rule) => rule.nodes.map((node) => `${node.target}: ${node.any[0]?.message}`)),
  found.passes.flatMap((rule) => rule.nodes).length]); }"""


def text_height(source: str) -> float:
    """Return how high the smallest text of a PNG's data URL is, in its own pixels."""
    picture = Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2])))
    return float(picture.text[TEXT_HEIGHT])


def faults(page, kind: str, *, scale: float = 1.0) -> list[str]:
    """Return what is wrong with the slide that is shown; nothing, if all is well.

    Args:
        page: Playwright's page, its viewport the screen.
        kind: "live" or "page".
        scale: how much larger the page is drawn than it is laid out (exported slides on a large screen).
    """
    seen, screen = page.evaluate(MEASURE, SHOWN[kind]), page.viewport_size
    unit = screen["height"] / 720
    found = [] if seen["cells"] else ["no cell is shown"]
    if seen["bottom"] > screen["height"] or seen["right"] > screen["width"]:
        found.append(f"cut off at {seen['right']:.0f} × {seen['bottom']:.0f} by {seen['lowest']}")
    found += [f"must be scrolled: {name}" for name in seen["scrolls"]]
    found += [f"code of {size * scale:.1f} px" for size in seen["code"] if size * scale < CODE * unit]
    found += [f"{text!r} of {size * scale:.1f} px" for size, text in seen["labels"] if size * scale < POINTS_14 * unit]
    for source, share in seen["pictures"]:
        if source.startswith("data:image/png") and (size := text_height(source) * share * scale) < POINTS_14 * unit:
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
