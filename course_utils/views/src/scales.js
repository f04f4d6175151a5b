// Scales and axes: positions, round ticks, colours, the labels below columns. The arithmetic is d3's.

import { axisBottom, axisLeft } from "d3-axis";
import { scaleLinear, scaleLog } from "d3-scale";
import { select } from "d3-selection";

import { power } from "./numbers.js";
import { chosen, label, make, widthOf } from "./tools.js";

/** A scale from values to pixels; on a log scale what is not positive lies below everything. */
export function scale([low, high], range, log) {
  const placed = (log ? scaleLog() : scaleLinear()).domain([low, high]).range(range);
  if (!log) return placed;
  const away = range[0] + 10 * (range[0] - range[1]);
  return Object.assign((value) => (value <= 0 ? away : placed(value)), { log, ticks: placed.ticks, copy: placed.copy, range: placed.range, domain: placed.domain });
}

/** Round positions on an axis: powers of ten on a log axis, else multiples of 1, 2 or 5. */
export function ticks(placed, count = 5) {
  const all = placed.ticks(count);
  const powers = all.filter((value) => Number.isInteger(Number(Math.log10(value).toFixed(9))));
  return placed.log && powers.length > 1 ? powers : all;
}

/** Draw an axis into a group: `side` is "left" or "bottom", `across` how long its grid lines are. */
export function axis(placed, side, { write, across = 0, count = 5 }) {
  const d3scale = placed.copy(), group = make("g", { class: `d3axis ${side}` });
  const drawn = (side === "left" ? axisLeft : axisBottom)(d3scale).tickValues(ticks(placed, count))
    .tickFormat((value) => (placed.log ? power(value) : write(value))).tickSizeOuter(0).tickSizeInner(-across).tickPadding(across ? 6 : 5);
  select(group).call(drawn).attr("font-size", null).attr("font-family", null);
  return group;
}

const mixed = new Map(); // stops → their colours

/** The 256 colours of a scale, from the stops that Python sent, as red, green, blue bytes. */
export function colours(stops) {
  const key = stops.join();
  if (!mixed.has(key)) {
    const mix = scaleLinear().domain(stops.map((_, at) => (255 * at) / (stops.length - 1))).range(stops);
    mixed.set(key, Array.from({ length: 256 }, (_, k) => mix(k).match(/\d+/g).map(Number)));
  }
  return mixed.get(key);
}

/** The labels below columns of equal width: thinned out when they are numbers, turned when they are long words. */
export function columnLabels(the, labels, cell, top) {
  const group = make("g"), longest = Math.max(...labels.map(widthOf), 0);
  const upright = labels.every((text) => /^([-–\d.]*|.)$/u.test(text)), turned = !upright && longest + 4 > cell;
  const apart = labels.every((text) => text.length < 2) ? 4 : 8; // single letters are told apart sooner than numbers
  const every = Math.max(Math.ceil((upright ? longest + apart : 15) / cell), 1), written = chosen(labels, every);
  labels.forEach((text, at) => {
    if (!written[at]) return;
    const x = the.gutter + (at + 0.5) * cell;
    group.append(turned
      ? label(text, 80, { "text-anchor": "end", transform: `translate(${x + 4} ${top + 12}) rotate(-50)` })
      : label(text, Math.max(cell * every, 8), { "text-anchor": "middle", x, y: top + 15 }));
  });
  // Where Python fixed the height of the cells, words of any length must find room: nothing below may jump. A slide
  // has no such room to spare.
  const roomy = the.picture.height && !upright && labels.some((text) => [...text].length > 1);
  return { group, height: roomy && the.share === 1 ? 80 : turned ? Math.min(longest * 0.77 + 18, 80) : 20 };
}
