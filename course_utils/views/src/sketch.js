// A curve drawn by hand: with the mouse, a finger, or the arrow keys.
//
// The model has `axes` (x, ticks or null, x_name, y_name, low, high, log_x, log_y) and sets `heights`, one per x:
// empty until the curve reaches from one end to the other. Only a finished stroke is sent to Python.

import { power } from "./numbers.js";
import { scale, ticks } from "./scales.js";
import { GUTTER, RIGHT, chosen, clamp, fontOf, label, make, manner, measureWith, short } from "./tools.js";

const PLACES = 121, TALL = 210, TOP = 10, BELOW = 46; // places across that remember a height; pixels
const REACH = 0.12; // a stroke that begins or ends this close to an end of the axis is drawn on to it

export function sketch({ model, el }) {
  const root = make("div", { class: "cu-view cu-sketch", role: "group" }), { say, format } = manner(model, root);
  const plot = make("div", { class: "plot" });
  const svg = make("svg", { role: "slider", tabindex: 0, "data-lm-suppress-shortcuts": "true" });
  const readout = make("span", { class: "readout", "aria-live": "polite" });
  const erase = make("button", { type: "button" }, say("erase")), foot = make("div", { class: "foot" }, erase, readout);
  plot.append(svg);
  root.append(plot, foot);
  el.replaceChildren(root);

  const axes = model.get("axes"), count = axes.x.length, up = scale([axes.low, axes.high], [0, 1], axes.log_y);
  const across = scale([axes.x[0], axes.x[count - 1]], [0, 1], axes.log_x);
  const place = (at) => (axes.ticks ? (at + 0.5) / count : across(axes.x[at])); // 0 … 1
  const value = (height) => (axes.log_y ? axes.low * (axes.high / axes.low) ** height : axes.low + (axes.high - axes.low) * height);
  const named = (at) => axes.ticks?.[at] ?? format(axes.x[at]);
  let trail = Array(PLACES).fill(null), at = 0, width = 0, gutter = GUTTER, last = null, line, dot;

  const px = (share) => gutter + share * (width - gutter - RIGHT), py = (height) => TOP + (1 - height) * TALL;
  const heightAt = (share) => {
    const from = Math.min(Math.floor(share * (PLACES - 1)), PLACES - 2), rest = share * (PLACES - 1) - from;
    return rest ? trail[from] * (1 - rest) + trail[from + 1] * rest : trail[from];
  };
  const whole = () => trail.every((height) => height !== null);
  const heights = () => axes.x.map((_, k) => heightAt(place(k)));

  /** Fill what lies between the drawn places, and the ends where they are nearly reached. */
  function mend() {
    const drawn = trail.flatMap((height, k) => (height === null ? [] : [k]));
    if (!drawn.length) return;
    const first = drawn[0], end = drawn[drawn.length - 1];
    if (first <= REACH * PLACES) trail.fill(trail[first], 0, first);
    if (end >= (1 - REACH) * PLACES - 1) trail.fill(trail[end], end);
    drawn.slice(1).forEach((k, n) => {
      for (let j = drawn[n] + 1; j < k; j++) trail[j] = trail[drawn[n]] + ((j - drawn[n]) / (k - drawn[n])) * (trail[k] - trail[drawn[n]]);
    });
  }
  function send() {
    model.set("heights", whole() ? heights().map(value) : []);
    model.save_changes();
  }
  function tell(text) {
    readout.textContent = text ?? (whole() ? say("sketch_whole") : say("sketch_hint"));
    svg.setAttribute("aria-valuetext", text ?? readout.textContent);
  }
  function paint() {
    if (!line) return;
    let d = "", pen = false;
    trail.forEach((height, k) => {
      if (height !== null) d += `${pen ? "L" : "M"}${px(k / (PLACES - 1)).toFixed(1)} ${py(height).toFixed(1)}`;
      pen = height !== null;
    });
    for (const stroke of line) stroke.setAttribute("d", d);
    const here = heightAt(place(at)), marked = document.activeElement === svg && here !== null && last === null;
    dot.setAttribute("visibility", marked ? "visible" : "hidden");
    if (marked) { dot.setAttribute("cx", px(place(at))); dot.setAttribute("cy", py(here)); }
  }
  function layout() {
    if (!width) return;
    gutter = width < 440 ? 76 : GUTTER;
    svg.replaceChildren(make("text"));
    measureWith(fontOf(svg.firstChild));
    svg.replaceChildren();
    const wide = width - gutter - RIGHT;
    svg.setAttribute("width", width); svg.setAttribute("height", TOP + TALL + BELOW);
    plot.style.height = `${TOP + TALL + BELOW}px`;
    for (const tick of ticks(up)) {
      svg.append(make("line", { class: "grid", x1: gutter, x2: gutter + wide, y1: py(up(tick)), y2: py(up(tick)) }),
        make("text", { "text-anchor": "end", x: gutter - 6, y: py(up(tick)) + 4.5 }, axes.log_y ? power(tick) : format(tick)));
    }
    const labels = axes.x.map((_, k) => named(k)), every = Math.ceil((44 * count) / wide), written = chosen(labels, every);
    let free = -Infinity; // where x are uneven, labels must not touch either
    labels.forEach((text, k) => {
      const x = px(place(k));
      svg.append(make("line", { class: "axis", x1: x, x2: x, y1: TOP + TALL, y2: TOP + TALL + 4 }));
      if (!written[k] || x < free) return;
      svg.append(make("text", { "text-anchor": "middle", x, y: TOP + TALL + 18 }, text));
      free = x + (axes.ticks ? 0 : 26);
    });
    svg.append(label(axes.y_name, TALL, { class: "name", "text-anchor": "middle", transform: `translate(14 ${TOP + TALL / 2}) rotate(-90)` }),
      label(axes.x_name, wide, { class: "name", "text-anchor": "middle", x: gutter + wide / 2, y: TOP + TALL + 37 }),
      make("path", { class: "axis", d: `M${gutter} ${TOP}V${TOP + TALL}H${gutter + wide}` }));
    line = [make("path", { class: "casing" }), make("path", { class: "drawn" })];
    dot = make("circle", { class: "here", r: 6 });
    svg.append(...line, dot);
    paint();
  }

  // The pointer: a height for every place that it passed since the last event.
  function draw(event) {
    const box = svg.getBoundingClientRect(), zoom = width / box.width; // a slide may be drawn larger than it is
    const share = clamp(((event.clientX - box.left) * zoom - gutter) / (width - gutter - RIGHT), 0, 1);
    const height = clamp(1 - ((event.clientY - box.top) * zoom - TOP) / TALL, 0, 1), k = Math.round(share * (PLACES - 1));
    const from = last ?? { k, height }, step = Math.sign(k - from.k) || 1;
    for (let j = from.k; j !== k + step; j += step) trail[j] = k === from.k ? height : from.height + ((j - from.k) / (k - from.k)) * (height - from.height);
    last = { k, height };
    paint();
  }
  svg.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault(); event.stopPropagation();
    svg.focus({ preventScroll: true });
    svg.setPointerCapture(event.pointerId);
    last = null;
    draw(event);
  });
  svg.addEventListener("pointermove", (event) => { if (last && svg.hasPointerCapture(event.pointerId)) draw(event); });
  const lift = () => {
    if (!last) return;
    last = null;
    mend(); paint(); send(); tell();
  };
  svg.addEventListener("pointerup", lift);
  svg.addEventListener("pointercancel", lift);

  const reset = () => { trail = Array(PLACES).fill(null); at = 0; paint(); tell(); };
  erase.addEventListener("click", () => { reset(); send(); });
  svg.addEventListener("keydown", (event) => {
    const across = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    const rise = { ArrowUp: 0.05, ArrowDown: -0.05, PageUp: 0.2, PageDown: -0.2 }[event.key];
    if (across === undefined && rise === undefined) return;
    event.preventDefault(); event.stopPropagation();
    if (!whole()) { // begin with a level line, or with what was drawn and its ends drawn on
      const drawn = trail.findIndex((height) => height !== null), end = trail.findLastIndex((height) => height !== null);
      if (drawn < 0) trail.fill(0.5); else { trail.fill(trail[drawn], 0, drawn); trail.fill(trail[end], end); mend(); }
    } else if (across !== undefined) at = clamp(at + across, 0, count - 1);
    else {
      const points = heights();
      points[at] = clamp(points[at] + rise, 0, 1);
      trail = trail.map((_, k) => {
        const share = k / (PLACES - 1), next = axes.x.findIndex((_, j) => place(j) >= share - 1e-9);
        if (next <= 0) return points[next ? count - 1 : 0];
        const low = place(next - 1), rest = (share - low) / (place(next) - low);
        return points[next - 1] * (1 - rest) + points[next] * rest;
      });
    }
    paint(); send();
    tell(say("sketch_point", { x_name: short(axes.x_name), x: named(at), y_name: short(axes.y_name), y: format(value(heightAt(place(at)))) }));
  });
  svg.addEventListener("focus", paint);
  svg.addEventListener("blur", paint);

  root.setAttribute("aria-label", say("sketch_name", { y_name: axes.y_name, x_name: axes.x_name }));
  svg.setAttribute("aria-label", root.getAttribute("aria-label"));
  svg.setAttribute("aria-valuemin", 0); svg.setAttribute("aria-valuemax", 1); svg.setAttribute("aria-valuenow", 0);
  tell();
  const observer = new ResizeObserver(() => {
    const now = Math.floor(root.clientWidth);
    if (now && now !== width) { width = now; layout(); }
  });
  observer.observe(root);
  return () => observer.disconnect();
}
