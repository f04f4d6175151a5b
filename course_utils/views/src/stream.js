// Shares that flow from step to step: stacked areas, the largest named, the others folded.

import { area, curveBumpX, stack } from "d3-shape";

import { glide } from "./motion.js";
import { unpack } from "./numbers.js";
import { axis, columnLabels, scale } from "./scales.js";
import { RIGHT, brief, clamp, label, make, widthOf } from "./tools.js";

const NAMED = 5; // as in `figures/charts.py`

/** The rows with the highest peaks, where the end counts twice and what is largest there thrice; largest end first. */
function leading(values, steps, rows) {
  const at = (step, row) => values[step * rows + row], last = steps - 1, every = [...Array(rows).keys()];
  const most = Math.max(...every.map((row) => at(last, row)));
  const peak = every.map((row) => Math.max(...Array.from({ length: steps }, (_, step) => at(step, row))) + at(last, row) + (at(last, row) === most));
  return every.sort((a, b) => peak[b] - peak[a] || a - b).slice(0, NAMED).sort((a, b) => at(last, b) - at(last, a));
}

const argmax = (shares) => shares.indexOf(Math.max(...shares));

export function stream(the) {
  const { picture: p, svg, say, look, format } = the, [steps, rows] = p.shape, values = unpack(p.values);
  const named = leading(values, steps, rows), top = 6, high = the.share * p.height;
  const folded = rows > named.length ? say("others", { count: rows - named.length }) : "";
  const names = [...named.map((row) => p.rows[row]), ...(folded ? [folded] : [])];
  const of = (step) => {
    const shares = named.map((row) => values[step * rows + row]);
    return folded ? [...shares, Math.max(1 - shares.reduce((sum, share) => sum + share, 0), 0)] : shares;
  };
  const shares = Array.from({ length: steps }, (_, step) => of(step));
  the.gutter = 56;
  const wide = the.width - the.gutter - RIGHT, cell = wide / steps, up = scale([0, 1], [top + high, top]);
  const px = (step) => the.gutter + (step + 0.5) * cell, nearest = (x) => clamp(Math.floor((x - the.gutter) / cell), 0, steps - 1);
  const layers = stack().keys(names.keys())(shares);

  svg.append(label(p.value_name, high, { class: "name", "text-anchor": "middle", transform: `translate(12 ${top + high / 2}) rotate(-90)` }));
  const left = axis(up, "left", { write: format, across: wide, count: 2 });
  left.setAttribute("transform", `translate(${the.gutter} 0)`);
  svg.append(left);
  // From edge to edge: a word of one letter has an area too. Curves of this kind never cross.
  const ends = (layer) => [[the.gutter, layer[0]], ...layer.map((span, step) => [px(step), span]), [the.gutter + wide, layer.at(-1)]];
  const shape = area().x(([x]) => x).y0(([, span]) => up(span[0])).y1(([, span]) => up(span[1])).curve(curveBumpX).digits(1);
  const colour = (at) => (at < named.length ? look.lines[at] : "var(--line)");
  svg.append(...layers.map((layer, at) => make("path", { class: "layer", d: shape(ends(layer)), style: `fill: ${colour(at)}` })));
  // What is not read yet lies under a veil.
  const veil = make("rect", { class: "veil", x: the.gutter, y: top - 1, width: wide, height: high + 2 });
  const cursor = make("line", { class: "mark cursor stem", y1: top, y2: top + high }), pointed = make("g");
  svg.append(veil);
  // Where an area is high enough, its name is written in it, clear of the names before it; the highest areas come first.
  const written = [], room = named.map((row, at) => layers[at].map(([low, above], step) => {
    // At an edge a name moves inwards, and what is high enough there too has room for it.
    const half = widthOf(p.rows[row]) / 2 + 4, inner = Math.min(the.gutter + half, the.gutter + wide / 2), x = clamp(px(step), inner, 2 * the.gutter + wide - inner);
    const [otherLow, otherAbove] = layers[at][nearest(x)], bottom = Math.max(low, otherLow), ceiling = Math.min(above, otherAbove);
    return { at, half, x, y: up((bottom + ceiling) / 2) + 4.5, free: 2 * half < wide ? (ceiling - bottom) * high : 0 };
  }));
  for (const spot of room.flat().filter(({ free }) => free > 20).sort((a, b) => b.free - a.free)) {
    if (written.some((one) => one.at === spot.at || (Math.abs(one.x - spot.x) < one.half + spot.half && Math.abs(one.y - spot.y) < 18))) continue;
    written.push(spot);
    svg.append(make("text", { class: "itemname", "text-anchor": "middle", x: spot.x, y: spot.y }, names[spot.at]));
  }
  const below = columnLabels(the, p.steps, cell, top + high), height = top + high + below.height + 20;
  svg.append(below.group, label(p.step_name, wide, { class: "name", "text-anchor": "middle", x: the.gutter + wide / 2, y: height - 6 }), cursor, pointed);

  const counts = names.map((name, at) => {
    const number = make("span", { class: "count" });
    the.legend.append(make("span", { class: "share" }, make("svg", { width: 12, height: 12, "aria-hidden": "true" }, make("rect", { width: 12, height: 12, rx: 2, style: `fill: ${colour(at)}` })), name, number));
    return number;
  });
  const at = (step, y) => clamp(layers.findIndex((layer) => up(layer[step][1]) <= y), 0, names.length - 1);
  return {
    height, hint: say("stream_hint"),
    paint(step) {
      glide(veil).attr("x", the.gutter + (step + 1) * cell).attr("width", Math.max(wide - (step + 1) * cell, 0));
      glide(cursor).attr("x1", px(step)).attr("x2", px(step));
      const round = (share) => format(Number(share.toFixed(2)));
      const first = argmax(p.rows.map((_, row) => values[step * rows + row])), leads = named.indexOf(first);
      counts.forEach((node, k) => {
        node.textContent = round(shares[step][k]);
        node.parentNode.classList.toggle("most", k === (leads < 0 ? named.length : leads));
      });
      // Where the largest is one of the folded, it is named while it leads.
      if (leads < 0) counts.at(-1).textContent += ` (${p.rows[first]} ${round(values[step * rows + first])})`;
    },
    pointAt(x, y) {
      if (x < the.gutter || x > the.gutter + wide || y < top - 6 || y > height) return null;
      return { step: nearest(x), row: y > top + high ? 0 : at(nearest(x), y) };
    },
    step: (point, [dx, dy]) => point ? { step: clamp(point.step + dx, 0, steps - 1), row: clamp(point.row - dy, 0, names.length - 1) } : { step: 0, row: 0 },
    showPoint: (point) => pointed.replaceChildren(...(point ? [make("line", { class: "pointed", x1: px(point.step), x2: px(point.step),
      y1: up(layers[point.row][point.step][0]), y2: up(layers[point.row][point.step][1]), style: "stroke-width: 4" })] : [])),
    read: ({ step, row }) => say("cell", { row_name: p.step_name, row: `${step + 1} (${p.steps[step]})`, column_name: p.row_name, column: brief(names[row]),
      value_name: p.value_name, value: format(shares[step][row]) }).trim(),
    place: ({ step, row }) => [px(step), up(layers[row][step][1])],
    frameAt: ({ step }) => step,
    scrub: (x) => nearest(x),
  };
}
