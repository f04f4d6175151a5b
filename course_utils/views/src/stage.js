// The common stage: everything around a drawing.

import { drag } from "d3-drag";
import { select } from "d3-selection";

import { GUTTER, clamp, fontOf, keepHeight, make, manner, measureWith } from "./tools.js";

// Keys that move the point that is read in a drawing: columns to the right, rows down.
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
  Home: [-Infinity, 0], End: [Infinity, 0], PageUp: [0, -10], PageDown: [0, 10] };
const LEAST = 120; // pixels: a place that is still opening, as between two slides, has no room for a drawing

/**
 * Everything around a drawing: title, legend, plot, tooltip, slider with play and pause, keyboard, width.
 *
 * `kind(the)` lays a picture out in `the.svg`, `the.width` wide, and returns the drawing: `height`; `paint(frame)`;
 * `pointAt(x, y)`, what a pointer points at; `step(point, [dx, dy])`, where an arrow key leads from there;
 * `showPoint(point)`; `read(point)`, its text; `place(point)`, where the tooltip points. It may also bring `hint`, for
 * screen readers; `update(picture)`, which takes new numbers without a new layout, or says false; `frameAt(point)`,
 * the frame that a click there leads to; `scrub(x, y)`, the frame that a drag there leads to; `pick(point)`, what a
 * click on it does besides; `stays(point)`, whether it is still there in a new picture.
 */
export function stage(model, el, kind) {
  const root = make("div", { class: "cu-view", role: "group" });
  const title = make("div", { class: "title" }), legend = make("div", { class: "legend" });
  const plot = make("div", { class: "plot" }), svg = make("svg", { role: "img", tabindex: 0, "data-lm-suppress-shortcuts": "true" });
  const tip = make("div", { class: "readout", "aria-live": "polite" }), gauge = make("div", { class: "gauge" });
  const { say, look, format } = manner(model, root);
  const play = make("button", { type: "button" }, say("play")), slider = make("input", { type: "range", min: 0, "data-lm-suppress-shortcuts": "true" });
  const where = make("span", { class: "where" }), player = make("div", { class: "player" }, play, slider, where);
  plot.append(svg, tip, gauge);
  root.append(title, legend, plot, player); // the player below, so that drawings side by side line up
  el.replaceChildren(root);
  const the = { model, title, legend, plot, svg, readout: tip, say, look, format, point: null };
  keepHeight(legend);
  let drawing = null, timer = null, width = 0, share = 1, drawn = 0, told = null, coming = false;

  const stop = () => { clearInterval(timer); timer = null; play.textContent = say("play"); };
  // The frame is the browser's own: it is never saved to Python, whose echo could come late and move it back. Views
  // of one group follow each other by an event of the page, and so without a kernel too.
  const go = (frame) => {
    if (frame === model.get("frame")) return;
    model.set("frame", frame);
    if (model.get("group")) window.dispatchEvent(new CustomEvent("cu-frame", { detail: { group: model.get("group"), frame } }));
  };
  const follow = ({ detail }) => {
    if (detail.group === model.get("group") && detail.frame !== model.get("frame")) model.set("frame", detail.frame);
  };
  /** Set a control of the explorer, as its own hand would: Python answers, where there is one. */
  the.turn = async (id, trait, value) => {
    const control = await model.widget_manager.get_model(id);
    if (control.get("disabled")) return; // a saved page that needs Python
    control.set(trait, value);
    control.save_changes();
  };
  /** Show a text beside a place of the drawing; none hides it. */
  the.tell = (text, place) => {
    tip.textContent = text;
    if (!text) return void (tip.style.left = 0); // where it was may lie outside, once the page is narrower
    const [x, y] = place ?? [the.width / 2, 40], wide = tip.offsetWidth, tall = tip.offsetHeight;
    tip.style.left = `${clamp(x - wide / 2, 0, Math.max(the.width - wide, 0))}px`;
    tip.style.top = `${y - tall - 12 >= -30 ? y - tall - 12 : y + 20}px`;
  };
  const read = () => the.tell(the.point ? drawing.read(the.point) : "", told ?? (the.point && drawing.place?.(the.point)));
  const point = (next, at = null) => { the.point = next; told = at; drawing?.showPoint(next); read(); };

  function paint() {
    if (!drawing || coming) return;
    const frame = clamp(model.get("frame"), 0, the.steps - 1);
    if (Number(slider.value) !== frame) slider.value = frame;
    const name = the.picture.steps?.[frame] ?? String(frame + 1);
    where.textContent = say(the.picture.steps ? "named_step" : "step", { name: the.picture.step_name, step: name, at: frame + 1, count: the.steps });
    slider.setAttribute("aria-valuetext", where.textContent);
    drawing.paint(frame);
    if (the.point) read();
    root.dataset.drawn = ++drawn; // what tests and measurements watch
  }
  function layout() {
    if (!width) return;
    const before = the.picture, changed = the.width !== width || the.share !== share;
    the.picture = model.get("picture");
    the.steps = the.picture.step_count;
    title.textContent = the.picture.title;
    svg.setAttribute("aria-label", the.picture.alternative);
    root.setAttribute("aria-label", the.picture.title || the.picture.alternative);
    slider.max = the.steps - 1;
    slider.setAttribute("aria-label", the.picture.step_name);
    player.classList.toggle("absent", !the.picture.player || !(the.steps > 1 || the.picture.cursor));
    player.classList.toggle("resting", the.steps < 2);
    if (the.steps < 2) stop();
    the.width = width;
    if (!changed && before && drawing?.update?.(the.picture, before)) return paint();
    the.share = share;
    the.gutter = width < 440 ? 76 : GUTTER;
    legend.replaceChildren();
    if (changed) { // else it is the same, and to ask for it takes milliseconds on a long page
      svg.replaceChildren(make("text"));
      the.font = fontOf(svg.firstChild);
    }
    measureWith(the.font);
    svg.replaceChildren();
    drawing = kind(the);
    svg.setAttribute("aria-description", drawing.hint ?? "");
    svg.style.cursor = drawing.scrub ? (the.picture.cursor === "row" ? "ns-resize" : "ew-resize") : "";
    plot.style.height = `${drawing.height}px`;
    svg.setAttribute("width", width);
    svg.setAttribute("height", drawing.height);
    paint();
  }

  /** Lay the picture out again: its drawing shows something else of it. */
  the.again = () => { the.width = null; layout(); };
  const onPicture = () => {
    const pointed = the.point;
    point(null);
    const start = model.get("picture").start; // where Python wants the slider; the browser may have moved it since
    if (start != null) {
      coming = true; // the picture before it has no such step to show
      go(start);
      coming = false;
    }
    layout();
    if (pointed && drawing?.stays?.(pointed)) point(pointed);
  };
  model.on("change:picture", onPicture);
  model.on("change:frame", paint);
  window.addEventListener("cu-frame", follow);
  slider.addEventListener("input", () => { stop(); go(Number(slider.value)); });
  play.addEventListener("click", () => {
    if (timer) return stop();
    play.textContent = say("pause");
    if (model.get("frame") >= the.steps - 1) go(0);
    timer = setInterval(() => {
      if (model.get("frame") >= the.steps - 1) stop(); else go(model.get("frame") + 1);
    }, the.picture.interval);
  });
  /** Where an event of a mouse, a pen or a finger is, in the drawing's own pixels: a slide may show it larger. */
  the.where = (event) => {
    const { clientX, clientY } = event.touches?.[0] ?? event.changedTouches?.[0] ?? event, box = svg.getBoundingClientRect();
    const zoom = the.width / box.width;
    return [(clientX - box.left) * zoom, (clientY - box.top) * zoom];
  };
  const aim = (next) => {
    const frame = drawing.frameAt?.(next);
    if (frame != null) { stop(); go(frame); }
    if (drawing.pick) drawing.pick(next);
  };
  svg.addEventListener("pointermove", (event) => {
    const at = the.where(event);
    point(drawing?.pointAt(...at) ?? null, event.pointerType === "touch" ? null : at);
    if (drawing?.pick) svg.style.cursor = the.point ? "pointer" : "";
  });
  svg.addEventListener("pointerleave", () => point(null));
  svg.addEventListener("blur", () => point(null));
  svg.addEventListener("click", (event) => { const next = drawing?.pointAt(...the.where(event)); if (next) aim(next); });
  svg.addEventListener("keydown", (event) => {
    const leave = event.key === "Escape" && the.point, aimed = event.key === "Enter" && the.point && (drawing.frameAt || drawing.pick);
    if (!drawing || event.target !== svg || !(MOVES[event.key] || leave || aimed)) return;
    event.preventDefault(); event.stopPropagation();
    if (aimed) return aim(the.point);
    point(leave ? null : drawing.step(the.point, MOVES[event.key]));
  });
  // The step is dragged over a drawing that has a place for each: a finger grabs the cursor itself, so that a page
  // still scrolls under it.
  const scrub = (event) => { const frame = drawing.scrub(...the.where(event.sourceEvent)); stop(); go(frame); };
  select(svg).call(drag().container(() => svg).subject(() => ({ x: 0, y: 0 })).on("start drag", scrub)
    .filter((event) => !event.button && drawing?.scrub && (!event.touches || event.target.closest(".cursor"))))
    .style("touch-action", "manipulation");
  // A page with little height, such as a slide, may ask for lower drawings: its style sets the width of the gauge, whose
  // observer hears of it without a layout of its own.
  const observer = new ResizeObserver(() => {
    const wide = Math.floor(root.clientWidth), asked = gauge.offsetWidth / 100;
    if (wide < LEAST || (wide === width && asked === share)) return;
    [width, share] = [wide, asked];
    layout();
  });
  for (const node of [root, gauge]) observer.observe(node);
  return () => {
    stop(); observer.disconnect(); window.removeEventListener("cu-frame", follow);
    model.off("change:picture", onPicture); model.off("change:frame", paint);
  };
}
