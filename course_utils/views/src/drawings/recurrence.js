// A recurrent network: one box with a loop that unrolls while letters are read, and the gradient on its way back.

import { unpack } from "../numbers.js";
import { colours } from "../scales.js";
import { clamp, fontSize, make, widthOf } from "../tools.js";

const SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉", WIDEST = 18; // pixels of a gradient of size 1
const below = (number) => String(number).replace(/\d/g, (digit) => SUBSCRIPTS[digit]);

export function recurrence(the) {
  const { picture: p, svg, say, look, format } = the, count = p.letters.length, units = p.shape[1];
  const states = unpack(p.values), sizes = unpack(p.gradients), palette = colours(p.colours);
  const colour = look.lines[0], red = look.lines[1];
  // Where everything is: states 0 to `count` stand between the boxes.
  const edge = Math.max(widthOf(say("loss")) / 2 + 12, 26), pitch = Math.min((the.width - 2 * edge) / count, 132);
  const left = (the.width - pitch * count) / 2, strip = clamp(pitch * 0.16, 9, 18), gap = clamp(pitch * 0.17, 7, 22);
  const tall = clamp(Math.round((the.share * 112) / units), 6, 14) * units, lossTall = fontSize + 14;
  const arc = clamp(pitch * 0.5, 34, 46), head = lossTall + 0.75 * arc + WIDEST / 2 + fontSize + 6, top = 2 + head, middle = top + tall / 2, foot = top + tall + fontSize + 8;
  const key = fontSize + 16, letters = foot + 24, high = letters + key + 4;
  const at = (state) => left + state * pitch, box = (step) => at(step) - pitch / 2, wide = pitch - strip - 2 * gap;

  const arrow = (x1, y1, x2, y2, stroke = "var(--ink)") => { // straight, with a head of its own
    const far = Math.hypot(x2 - x1, y2 - y1), [dx, dy] = [(x2 - x1) / far, (y2 - y1) / far], size = 6;
    const [bx, by] = [x2 - dx * size, y2 - dy * size];
    return make("g", { style: `stroke: ${stroke}; fill: ${stroke}` }, make("path", { d: `M${x1} ${y1}L${bx} ${by}`, "stroke-width": 1.5 }),
      make("path", { stroke: "none", d: `M${x2} ${y2}L${bx - dy * 4} ${by + dx * 4}L${bx + dy * 4} ${by - dx * 4}Z` }));
  };
  const text = (x, y, content, attributes = {}) => make("text", { "text-anchor": "middle", x, y, ...attributes }, content);

  /** A state as a strip of cells, one per unit. */
  function cells(state) {
    const cell = tall / units, x = at(state) - strip / 2;
    return make("g", {}, ...Array.from({ length: units }, (_, unit) => {
      const value = states[state * units + unit], rgb = palette[Math.round(clamp((value + 1) / 2, 0, 1) * 255)];
      return make("rect", { x, y: top + unit * cell, width: strip, height: cell, style: `fill: rgb(${rgb})` });
    }), make("rect", { class: "axis", x, y: top, width: strip, height: tall }), text(at(state), foot - 3, `h${below(state)}`, { class: "name" }));
  }

  /** What belongs to one step: the box, its letter's arrow, the state that it takes and the state that it makes. */
  const steps = p.letters.map((_, k) => {
    const step = k + 1, x = box(step);
    return make("g", { class: "ease" }, make("rect", { x: x - wide / 2, y: top, width: wide, height: tall, rx: 7, style: `fill: ${colour}`, "fill-opacity": 0.14 }),
      make("rect", { x: x - wide / 2, y: top, width: wide, height: tall, rx: 7, fill: "none", "stroke-width": 1.5, style: `stroke: ${colour}` }),
      text(x, middle + 5, "W", { style: `font-size: ${fontSize * 1.25}px; font-style: italic` }), arrow(x, letters - 3, x, top + tall + 3),
      arrow(at(k) + strip / 2 + 1, middle, x - wide / 2 - 1, middle));
  });
  const made = p.letters.map((_, k) => make("g", { class: "ease" }, arrow(box(k + 1) + wide / 2 + 1, middle, at(k + 1) - strip / 2 - 1, middle), cells(k + 1)));
  const loops = p.letters.map((_, k) => {
    const [a, b] = [at(k) , at(k + 1)], up = top - 18, r = 9;
    const d = `M${b} ${top - 5}V${up + r}Q${b} ${up} ${b - r} ${up}H${a + r}Q${a} ${up} ${a} ${up + r}V${top - 11}`;
    return make("g", { class: "ease" }, make("path", { d, fill: "none", "stroke-width": 1.5, "stroke-dasharray": "5 4", stroke: "var(--ink)" }),
      make("path", { style: "fill: var(--ink)", d: `M${a} ${top - 4}l-4.5 -8h9Z` }));
  });
  // Before anything is read there is no state yet: what comes out of the box goes back in.
  const folded = make("g", { class: "ease" }, make("path", { fill: "none", "stroke-width": 1.5, stroke: "var(--ink)",
    d: `M${box(1) + wide / 2} ${middle}H${at(1) - 9}Q${at(1)} ${middle} ${at(1)} ${middle - 9}V${top - 9}Q${at(1)} ${top - 18} ${at(1) - 9} ${top - 18}H${at(0) + 9}Q${at(0)} ${top - 18} ${at(0)} ${top - 9}` }),
    make("path", { style: "fill: var(--ink)", d: `M${at(0)} ${top - 3}l-4.5 -8h9Z` }));
  const caption = text(left - strip / 2, fontSize + 4, "", { "text-anchor": "start" });
  const keys = p.letters.map((letter, k) => {
    const width = Math.max(widthOf(letter) * 1.25 + 14, key), x = box(k + 1);
    const rect = make("rect", { class: "ease", x: x - width / 2, y: letters, width, height: key, rx: 5, "stroke-width": 1.5, style: `fill: ${colour}` });
    const name = text(x, letters + key / 2 + 5, letter, { style: `font-size: ${fontSize * 1.2}px` });
    svg.append(rect, name);
    return { rect, name };
  });
  const last = at(count), lossWide = Math.max(widthOf(say("loss")) + 16, 44);
  const loss = make("g", { class: "ease" }, make("rect", { x: last - lossWide / 2, y: 2, width: lossWide, height: lossTall, rx: 5, style: `fill: ${red}`, "fill-opacity": 0.14 }),
    make("rect", { x: last - lossWide / 2, y: 2, width: lossWide, height: lossTall, rx: 5, fill: "none", style: `stroke: ${red}`, "stroke-width": 1.5 }),
    text(last, 2 + lossTall / 2 + 0.35 * fontSize, say("loss")));
  const upwards = make("g", { class: "ease" }, arrow(last, top - 4, last, lossTall + 5));

  /** The gradient that reaches a state: a red arrow as wide as it is large, from the state after it, or from the loss. */
  const back = Array.from({ length: count }, (_, k) => {
    const state = k + 1, size = sizes[k], width = Math.max(WIDEST * size, 0.3), x = at(state), point = clamp(width * 0.95 + 4, 6, 22);
    const tip = make("path", { stroke: "none", style: `fill: ${red}`, d: `M${x} ${top - 2}l${-point / 2} ${-point * 0.7}h${point}Z` });
    const neck = top - 2 - point * 0.7 + 0.5, from = at(state + 1);
    const d = state === count ? `M${x} ${lossTall + 2}V${neck}`
      : `M${from} ${top - 2}C${from} ${top - arc - 6} ${x} ${top - arc - 6} ${x} ${neck}`;
    const place = state === count ? { x: x + width / 2 + 5, y: lossTall + fontSize + 8, "text-anchor": "start" } : { x: box(state + 1), y: top - 2 - 0.75 * (arc + 4) - width / 2 - 4 };
    return make("g", { class: "ease" }, make("path", { d, fill: "none", "stroke-width": width, style: `stroke: ${red}` }), tip,
      text(place.x, place.y, format(Number(size.toPrecision(2))), place));
  });
  const pointed = make("g"), start = cells(0);
  svg.append(start, ...steps, ...made, ...loops, folded, caption, loss, upwards, ...back, pointed);

  const bar = make("svg", { width: 90, height: 12, "aria-hidden": "true" }, ...Array.from({ length: 30 }, (_, k) =>
    make("rect", { x: 3 * k, y: 0, width: 3.5, height: 12, style: `fill: rgb(${palette[Math.round((k / 29) * 255)]})` })));
  const red_sample = make("svg", { width: 30, height: 14, "aria-hidden": "true" }, make("path", { d: "M30 7H8", "stroke-width": 6, style: `stroke: ${red}` }), make("path", { style: `fill: ${red}`, d: "M0 7l9 -6v12Z" }));
  the.legend.append(make("span", {}, ...[p.value_name, "−1", bar, "1"].map((part) => make("span", {}, part))), make("span", {}, red_sample, say("gradient_width")), make("span", {}, say("same_weights")));

  const show = (node, visible) => { node.style.opacity = visible; };
  const values = (state) => Array.from({ length: units }, (_, unit) => format(Number(states[state * units + unit].toFixed(2)))).join("  ");
  const tell = (state, list, size) => (size == null ? say("state_after", { letter: p.letters[state - 1], values: list }) : say("state_and_gradient", { letter: p.letters[state - 1], values: list, size }));
  let read = 0, returned = count + 1; // how many letters are read; down to which state the gradient has come
  return {
    height: high, hint: say("recurrence_hint"),
    widest: tell(count, Array.from({ length: units }, () => "−0.99").join("  "), "0.0123"),
    paint(frame) {
      read = clamp(frame, 0, count);
      returned = count + 1 - Math.max(frame - count, 0);
      const later = returned <= count; // the gradient is on its way: reading is over, and steps back
      steps.forEach((group, k) => show(group, k < Math.max(read, 1) ? 1 : 0));
      made.forEach((group, k) => show(group, k < read ? 1 : 0));
      loops.forEach((group, k) => show(group, k === read - 1 && read < count ? 1 : 0));
      show(folded, read ? 0 : 1);
      caption.textContent = say(later ? "gradient_returns" : read ? "copies" : "loop");
      keys.forEach(({ rect, name }, k) => {
        rect.style.fillOpacity = k === read - 1 && !later ? 0.22 : 0;
        rect.style.stroke = k === read - 1 && !later ? colour : "none";
        name.style.fill = k < read ? "var(--ink)" : "var(--faint)";
        name.style.fontWeight = k === read - 1 && !later ? "700" : "400";
      });
      show(loss, read === count ? 1 : 0);
      show(upwards, read === count && !later ? 1 : 0);
      back.forEach((group, k) => show(group, k + 1 >= returned ? 1 : 0));
    },
    pointAt(x) {
      const state = clamp(Math.round((x - left + pitch * 0.25) / pitch), 1, count);
      return state <= read ? { state } : null;
    },
    step: (point, [dx, dy]) => (read ? { state: point ? clamp(point.state + dx + dy, 1, read) : 1 } : null),
    showPoint: (point) => pointed.replaceChildren(...(point ? [make("rect", { class: "pointed", x: at(point.state) - strip / 2 - 3, y: top - 3, width: strip + 6, height: tall + 6, rx: 4 })] : [])),
    read: ({ state }) => tell(state, values(state), state >= returned ? format(Number(sizes[state - 1].toPrecision(2))) : null),
    frameAt: ({ state }) => state,
  };
}
