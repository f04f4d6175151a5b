// A beam search as a tree that grows word by word; what is no longer kept fades.

import { linkHorizontal } from "d3-shape";

import { clamp, fontSize, label, make, widthOf } from "./tools.js";

export function tree(the) {
  const { picture: p, svg, say, look, format } = the, { beams } = p, steps = beams.length, most = Math.max(...beams.map((beam) => beam.length));
  const tall = Math.max(the.share * p.row_height, fontSize + 7), top = 6, left = 16, room = the.width - left - 30;
  // A column is as wide as its longest word, in bold, and a link need; what is left is shared out.
  const needs = beams.map((beam) => Math.max(...beam.map(([, word]) => widthOf(word))) * 1.1 + 14), needed = needs.reduce((sum, need) => sum + need, 0);
  const wides = needs.map((need) => (needed > room ? (need * room) / needed : need + (room - needed) / steps));
  const starts = wides.map((_, step) => wides.slice(0, step).reduce((sum, wide) => sum + wide, left));
  const px = (step) => starts[step] + wides[step] / 2, py = (row) => top + (row + 0.5) * tall, link = linkHorizontal();
  const ended = (step, parent) => step > 0 && beams[step - 1][parent][3];
  const links = [], words = [];
  beams.forEach((beam, step) => beam.forEach(([parent, word, , end], row) => {
    const half = (at, other) => (beams[at]?.[other]?.[1] ? Math.min(widthOf(beams[at][other][1]) / 2 + 4, wides[at] / 2) : 5);
    const from = step ? [px(step - 1) + half(step - 1, parent), py(parent)] : [left - 8, py(0)], to = [px(step) - (ended(step, parent) ? -5 : half(step, row)), py(row)];
    links.push({ step, row, node: make("path", { d: link({ source: from, target: to }), ...(ended(step, parent) ? { "stroke-dasharray": "2 4" } : {}) }) });
    const stop = end && !ended(step, parent), node = stop ? make("rect", { x: px(step) - 4, y: py(row) - 4, width: 8, height: 8, rx: 1.5 })
      : label(word, wides[step], { x: px(step), y: py(row) + 4.5 });
    words.push({ step, row, node });
  }));
  const pointed = make("g"), nodes = [...links, ...words];
  svg.append(make("g", { class: "tree", style: `--lead: ${look.lines[0]}` }, ...nodes.map(({ node }) => node)), pointed);
  the.legend.append(make("span", { class: "name" }, make("svg", { width: 12, height: 12, "aria-hidden": "true" }, make("rect", { x: 2, y: 2, width: 8, height: 8, rx: 1.5, style: `fill: ${look.lines[0]}` })), say("tree_legend")));
  /** What is kept at a step, and what it came from: rows by step. */
  function kept(frame) {
    const alive = beams.map(() => new Set());
    beams[frame].forEach((_, row) => alive[frame].add(row));
    for (let step = frame; step > 0; step--) for (const row of alive[step]) alive[step - 1].add(beams[step][row][0]);
    return alive;
  }
  /** The rows of one hypothesis from its first step to `step`. */
  function trace(step, row) {
    const rows = [];
    for (let at = step; at >= 0; row = beams[at][row][0], at--) rows[at] = row;
    return rows;
  }
  let now = 0;
  const text = ({ step, row }) => trace(step, row).map((at, k) => beams[k][at][1]).filter(Boolean).join(" ").replace(/ \+/g, "");
  return {
    height: top + most * tall + 6, hint: say("tree_hint"),
    paint(frame) {
      now = frame;
      // One class says all: seven styles for each link and its word took longer.
      const alive = kept(frame), best = trace(frame, 0);
      for (const { step, row, node } of nodes) node.setAttribute("class", `ease ${step > frame ? "coming" : best[step] === row ? "kept lead" : alive[step].has(row) ? "kept" : "dropped"}`);
    },
    pointAt(x, y) {
      const step = clamp(starts.findLastIndex((start) => start <= x), 0, now), row = Math.floor((y - top) / tall);
      return row >= 0 && row < beams[step].length ? { step, row } : null;
    },
    step: (point, [dx, dy]) => {
      const step = clamp((point?.step ?? 0) + (point ? dx : 0), 0, now);
      return { step, row: clamp((point?.row ?? 0) + (point ? dy : 0), 0, beams[step].length - 1) };
    },
    showPoint: (point) => pointed.replaceChildren(...(point ? trace(point.step, point.row).map((row, step) => make("rect", { class: "pointed", x: starts[step] + 2, y: py(row) - tall / 2 + 3, width: wides[step] - 4, height: tall - 6, rx: 4 })) : [])),
    read: (point) => say("bar", { name: text(point) || "–", value_name: p.value_name, value: format(Number(Math.exp(beams[point.step][point.row][2]).toPrecision(2))) }),
    place: ({ step, row }) => [px(step), py(row) - tall / 2],
    frameAt: ({ step }) => step,
  };
}
