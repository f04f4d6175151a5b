// Numbers that pass through stages, such as scores → exponentials → weights: a row for each, a column per stage.

import { scaleLinear } from "d3-scale";

import { glyph, tint } from "./marks.js";
import { glide } from "./motion.js";
import { unpack } from "./numbers.js";
import { RIGHT, clamp, label, make, widthOf } from "./tools.js";

export function pipeline(the) {
  const { svg, say, look, format } = the;
  let p = the.picture, values = unpack(p.values);
  const count = p.rows.length, stages = p.columns.length, head = 24, tall = clamp((the.share * p.height - head - 24) / count, 30, 60), thick = Math.min(tall - 24, 14);
  const gap = 24, widest = Math.max(...p.rows.map(widthOf)) + 30, across = (gutter) => (the.width - gutter - RIGHT - gap * (stages - 1)) / stages;
  // Where numbers would touch, the marks alone tell the rows.
  const named = across(widest) > widthOf("−0.891"), gutter = named ? widest : 26, wide = across(gutter);
  const left = (stage) => gutter + stage * (wide + gap), value = (stage, row) => values[stage * count + row];
  const bars = [], texts = [], sums = [], zeros = [];
  p.columns.forEach((name, stage) => {
    svg.append(label(name, wide + gap, { class: "name", x: left(stage), y: 15 }));
    if (stage) svg.append(make("path", { class: "flow", d: `M${left(stage) - gap + 5} ${head + (count * tall) / 2}h${gap - 11}m-5 -5l5 5l-5 5` }));
    sums.push(make("text", { class: "name", x: left(stage), y: head + count * tall + 17 }));
    zeros.push(make("line", { class: "axis", y1: head, y2: head + count * tall }));
    svg.append(sums[stage], zeros[stage]);
    p.rows.forEach((_, row) => {
      bars.push(make("rect", { y: head + row * tall + tall / 2, height: thick, rx: 1.5, style: `fill: ${tint(p.marks[row], look)}` }));
      texts.push(make("text", { y: head + row * tall + tall / 2 - 4 }));
    });
  });
  p.rows.forEach((name, row) => svg.append(
    make("path", { class: "glyph", d: glyph(p.marks[row], 110), transform: `translate(10 ${head + (row + 0.5) * tall})`, style: `fill: ${tint(p.marks[row], look)}` }),
    ...(named ? [label(name, gutter - 26, { x: 22, y: head + (row + 0.5) * tall + 4.5 })] : [])));
  const pointed = make("g");
  svg.append(...bars, ...texts, pointed);
  return {
    height: head + count * tall + 26, hint: "",
    update(next, before) {
      if (JSON.stringify([next.rows, next.columns, next.marks]) !== JSON.stringify([before.rows, before.columns, before.marks])) return false;
      [p, values] = [next, unpack(next.values)];
      return true;
    },
    paint() {
      const places = p.columns.map((_, stage) => {
        const own = p.rows.map((_, row) => value(stage, row)), low = Math.min(0, p.low[stage] ?? Infinity, ...own), high = Math.max(0, p.high[stage] ?? -Infinity, ...own);
        return scaleLinear().domain([low, high > low ? high : low + 1]).range([left(stage), left(stage) + wide]);
      });
      places.forEach((place, stage) => {
        for (const end of ["x1", "x2"]) zeros[stage].setAttribute(end, place(0));
        sums[stage].textContent = p.sums[stage] ? say("sum", { value: format(p.rows.reduce((sum, _, row) => sum + value(stage, row), 0)) }) : "";
      });
      const at = (k) => [Math.floor(k / count), k % count];
      const ends = bars.map((_, k) => { const [stage, row] = at(k); return [places[stage](0), places[stage](value(stage, row))].sort((a, b) => a - b); });
      glide(...bars).attr("x", (_, k) => ends[k][0]).attr("width", (_, k) => ends[k][1] - ends[k][0]);
      texts.forEach((text, k) => {
        const [stage, row] = at(k), number = value(stage, row);
        text.textContent = format(Math.abs(number) >= 0.005 ? Number(number.toPrecision(3)) : number);
        text.setAttribute("x", left(stage));
      });
    },
    pointAt: (x, y) => ({ row: clamp(Math.floor((y - head) / tall), 0, count - 1), stage: clamp(Math.floor((x - gutter) / (wide + gap)), 0, stages - 1) }),
    step: (point, [dx, dy]) => (point ? { row: clamp(point.row + dy, 0, count - 1), stage: clamp(point.stage + dx, 0, stages - 1) } : { row: 0, stage: 0 }),
    showPoint: (point) => pointed.replaceChildren(...(point ? [make("rect", { class: "pointed", x: left(point.stage) - 3, y: head + point.row * tall + 2, width: wide + 6, height: tall - 4, rx: 3 })] : [])),
    read: ({ row, stage }) => say("bar", { name: p.rows[row], value_name: p.columns[stage], value: format(value(stage, row)) }),
    place: ({ row, stage }) => [left(stage) + wide / 2, head + row * tall],
  };
}
