// Small tools of every view: elements, labels, measured text.

import { format } from "./numbers.js";

export const GUTTER = 100, RIGHT = 14; // pixels left and right of every plot, the same so that stacked views line up

export const DEAD = ".jupyter-widgets-disconnected"; // what ipywidgets calls a view without a kernel

export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

const OF_SVG = new Set(["svg", "g", "text", "rect", "path", "line", "circle", "title", "image"]);

/** An element with attributes and children; SVG names are made in SVG's namespace. */
export function make(name, attributes = {}, ...children) {
  const node = OF_SVG.has(name) ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const key in attributes) node.setAttribute(key, attributes[key]);
  if (children.length) node.append(...children);
  return node;
}

export const textsOf = new WeakMap(); // model → what its view can say, as the loader found it

/** What a model brings: `say` fills in the {named} fields of a template, `format` writes a number, `look` has colours. */
export function manner(model, root) {
  const texts = textsOf.get(model), look = model.get("look");
  const say = (id, fields = {}) => texts[id].replace(/\{(\w+)\}/g, (_, name) => fields[name]);
  root.style.cssText += `; --gold: ${look.gold}; --warn: ${look.lines[1]}`;
  return { say, look, format: (value) => format(value, texts) };
}

export let fontSize = 13; // of the texts of the drawing that is being laid out, in pixels: a slide's are larger
const pen = document.createElement("canvas").getContext("2d");

const measured = {}; // font → text → its width: a new picture has most of the words of the one before
let widths = new Map();

/** How many pixels a text of the drawings is wide, in whatever script. */
export function widthOf(text) {
  if (!widths.has(text)) widths.set(text, pen.measureText(text).width);
  return widths.get(text);
}

/** The font in which a text is drawn, in pixels and in whole. */
export function fontOf(text) {
  const style = getComputedStyle(text), size = parseFloat(style.fontSize) || 13;
  return { size, font: `${size}px ${style.fontFamily}` };
}

/** Take a font for all that is measured from now on. */
export function measureWith({ size, font }) {
  fontSize = size;
  pen.font = font;
  widths = measured[font] ??= new Map();
}

/** Text cut to `pixels` wide, between letters as readers know them; what is cut has the whole text in a tooltip. */
export function label(text, pixels, attributes) {
  let cut = text;
  if (widthOf(text) > pixels) {
    const letters = [...new Intl.Segmenter().segment(text)], start = (count) => text.slice(0, letters[count]?.index) + "…";
    let fits = 1, beyond = letters.length;
    while (beyond - fits > 1) {
      const middle = (fits + beyond) >> 1;
      if (widthOf(start(middle)) > pixels) beyond = middle; else fits = middle;
    }
    if (letters.length > 1) cut = start(fits);
  }
  return make("text", attributes, cut, ...(cut === text ? [] : [make("title", {}, text)]));
}

/** Which labels are written where only every `fewest`-th has room: of numbers in a row, multiples of 2, 5, 10, … */
export function chosen(labels, fewest) {
  const first = Number(labels[0]), nice = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((step) => step >= fewest) ?? 1000;
  const inARow = labels.length >= nice && Number.isInteger(first) && labels.every((text, at) => text && Number(text) === first + at);
  return labels.map((_, at) => (inARow ? (first + at) % nice : at % fewest) === 0);
}

/** Let an element never become lower than it was at its width, so that what is below never jumps up. At another width
 *  it begins anew: a slide that opens is narrow for a moment, and then its text is a tall column.
 *  An observer hears of a height after the page is laid out anyway: to ask for it would lay the page out at once.
 *  Styles say `min-height: max(var(--kept, 0px), …)`: an element keeps its height, and slides may ask for more room. */
export function keepHeight(node) {
  let kept = 0, wide = 0;
  const observer = new ResizeObserver(([{ borderBoxSize: [{ blockSize, inlineSize }] }]) => {
    if (inlineSize !== wide) {
      wide = inlineSize;
      if (kept) { // this height may be the kept one: look again without it
        kept = 0;
        node.style.removeProperty("--kept");
        observer.unobserve(node);
        observer.observe(node);
        return;
      }
    }
    if (blockSize > kept) node.style.setProperty("--kept", `${kept = blockSize}px`);
  });
  observer.observe(node);
}

/** A label as a reading names it: no longer than a line can hold. */
export const brief = (text) => (text.length > 40 ? `${text.slice(0, 39)}…` : text);
/** An axis's name as a reading uses it: without the parentheses behind it. */
export const short = (name) => name.replace(/ \([^)]*\)$/, "");

/** Let no press of a button overtake a move, in the explorer or the card that holds `node`: it waits until Python has
 *  answered all moves. Until then a model of ipywidgets keeps its newest change back, and sends a press at once; and Lab may
 *  bring the two to Python on different threads, so that being sent first is not enough. Returns what ends it. */
export function keepOrder(node, controls, buttons) {
  const waiting = () => node.isConnected && !node.closest(DEAD) && controls.some((control) => control._pending_msgs > 0);
  const hold = (event) => {
    const button = event.target.closest(buttons);
    if (!button || !node.closest(".cu-panel, .cu-card")?.contains(button) || !waiting()) return;
    event.stopImmediatePropagation();
    (function again() { if (waiting()) setTimeout(again, 20); else button.click(); })();
  };
  document.addEventListener("click", hold, true); // before the button hears of it
  return () => document.removeEventListener("click", hold, true);
}
