// A small map for every head of every layer: a click opens a head, its switch silences it.

import { unpack } from "../numbers.js";
import { colours } from "../scales.js";
import { clamp, fontSize, label, make, widthOf } from "../tools.js";

const GAP = 10, SWITCH = [24, 14], LEAST = 66; // pixels: between maps, the size of a switch, the narrowest map
// A picture whose parts of these names are the same takes new numbers into the same layout.
const LAYOUT = ["shape", "rows", "columns", "marked", "height", "rate_name", "hands"];

export function heads(the) {
  const { svg, plot, say, format } = the, [layers, each, rows, columns] = the.picture.shape, count = layers * each;
  let p, values, now = 0;
  const take = (picture) => { p = picture; values = unpack(p.values); };
  take(the.picture);
  const left = fontSize + 8, inner = the.width - left - 2, across = clamp(Math.floor((inner + GAP) / (LEAST + GAP)), 1, each), lines = Math.ceil(each / across);
  const wide = (inner - GAP * (across - 1)) / across, head = Math.max(fontSize + 7, SWITCH[1] + 3), tall = Math.max((the.share * p.height) / layers - head - 8, 40), step = head + tall + 8;
  const cell = [wide / columns, tall / rows];
  const boxes = p.names.map((_, at) => {
    const layer = Math.floor(at / each), place = at % each;
    return { x: left + (place % across) * (wide + GAP), y: (layer * lines + Math.floor(place / across)) * step + head, layer };
  });
  const palette = colours(p.colours);

  plot.querySelectorAll("canvas").forEach((canvas) => canvas.remove());
  const maps = boxes.map(({ x, y }) => {
    const canvas = make("canvas", { width: columns, height: rows, "aria-hidden": "true" });
    Object.assign(canvas.style, { left: `${x}px`, top: `${y}px`, width: `${wide}px`, height: `${tall}px` });
    svg.before(canvas);
    return canvas;
  });
  for (let layer = 0; layer < layers; layer++) {
    const middle = layer * lines * step + head + (lines * step - head - 8) / 2;
    svg.append(label(say("layer", { layer: layer + 1 }), lines * step, { class: "name", "text-anchor": "middle", transform: `translate(${fontSize} ${middle}) rotate(-90)` }));
  }
  const parts = boxes.map(({ x, y }, at) => {
    const dots = p.marked.map(([row, column]) => make("circle", { class: "golden", cx: x + (column + 0.5) * cell[0], cy: y + (row + 0.5) * cell[1], r: clamp(Math.min(...cell) / 4, 1.3, 3) }));
    const cursor = make("rect", { class: "reading", x, width: wide, height: cell[1] });
    const veil = make("rect", { class: "veil", x, y, width: wide, height: tall }), frame = make("rect", { class: "framed", x, y, width: wide, height: tall });
    const name = make("text", { x, y: y - 7 }), rate = make("text", { class: "name", x: x + widthOf(p.names[at]) * 1.08 + 5, y: y - 7 }), deaf = make("text", { x: x + wide / 2, y: y + tall / 2 + 4.5, "text-anchor": "middle" }, say("head_deaf"));
    const track = make("rect", { class: "switch", x: x + wide - SWITCH[0], y: y - head + 1, width: SWITCH[0], height: SWITCH[1], rx: SWITCH[1] / 2 });
    const knob = make("circle", { class: "knob", cy: y - head + 1 + SWITCH[1] / 2, r: SWITCH[1] / 2 - 3.5 });
    svg.append(...dots, cursor, veil, deaf, frame, name, rate, ...(p.hands ? [track, knob] : []));
    return { cursor, veil, frame, name, rate, deaf, track, knob };
  });
  const pointed = make("g");
  svg.append(pointed);
  if (p.hands) svg.setAttribute("role", "group");

  const bar = make("canvas", { width: 256, height: 1, "aria-hidden": "true" }), ramp = bar.getContext("2d").createImageData(256, 1);
  palette.forEach((rgb, k) => ramp.data.set([...rgb, 255], 4 * k));
  bar.getContext("2d").putImageData(ramp, 0, 0);
  bar.style.width = "70px";
  the.legend.append(make("span", {}, ...[p.value_name, format(0), bar, format(1)].map((part) => make("span", {}, part))));
  if (p.marked.length) the.legend.append(make("span", {}, make("svg", { width: 12, height: 14, "aria-hidden": "true" }, make("circle", { class: "golden", cx: 6, cy: 7, r: 3 })), p.marked_name));

  const free = wide - (p.hands ? SWITCH[0] + 3 : 0), roomy = Math.max(...p.names.map(widthOf)) * 1.08 + 5 + widthOf("0.00") <= free; // for names and numbers
  const isSilent = (at) => p.silent.includes(at);
  const inMap = ({ x, y }, mx, my) => mx >= x && mx < x + wide && my >= y && my < y + tall;
  return {
    height: layers * lines * step, hint: say("heads_hint"),
    update(next, before) {
      if (LAYOUT.some((name) => JSON.stringify(next[name]) !== JSON.stringify(before[name])) || !next.rates !== !before.rates) return false;
      take(next);
      return true;
    },
    paint(frame) {
      now = frame;
      maps.forEach((canvas, at) => {
        const context = canvas.getContext("2d"), image = context.createImageData(columns, rows), from = at * rows * columns;
        for (let k = 0; k < rows * columns; k++) image.data.set([...palette[Math.round(clamp(values[from + k], 0, 1) * 255)], 255], 4 * k);
        context.putImageData(image, 0, 0);
      });
      parts.forEach(({ cursor, veil, frame: framed, name, rate, deaf, track, knob }, at) => {
        const silent = isSilent(at), open = at === p.chosen;
        cursor.setAttribute("y", boxes[at].y + now * cell[1]);
        for (const node of [veil, deaf]) node.style.display = silent ? "" : "none";
        framed.classList.toggle("open", open);
        name.textContent = p.names[at];
        rate.textContent = p.rates && roomy ? p.rates[at].toFixed(2) : "";
        name.style.fontWeight = open ? "700" : "400";
        name.style.fill = silent ? "var(--faint)" : "";
        for (const node of [track, knob]) node.classList.toggle("off", silent);
        knob.setAttribute("cx", boxes[at].x + wide - (silent ? SWITCH[0] - SWITCH[1] / 2 : SWITCH[1] / 2));
      });
    },
    pointAt(x, y) {
      const at = boxes.findIndex((box) => x >= box.x && x < box.x + wide + 2 && y >= box.y - head && y < box.y + tall);
      if (at < 0) return null;
      if (inMap(boxes[at], x, y)) return { at, part: "map", row: Math.floor((y - boxes[at].y) / cell[1]), column: Math.floor((x - boxes[at].x) / cell[0]) };
      return p.hands && x >= boxes[at].x + wide - SWITCH[0] - 4 ? { at, part: "switch" } : { at, part: "map" };
    },
    step(point, [dx, dy]) {
      if (!point) return { at: p.chosen, part: "map" };
      const { x, y } = boxes[point.at], below = boxes.findIndex((box) => box.x === x && box.y > y), above = boxes.findLastIndex((box) => box.x === x && box.y < y);
      let next = { at: clamp(point.at + dx, 0, count - 1), part: point.part };
      if (dy < 0) next = point.part === "map" && p.hands ? { at: point.at, part: "switch" } : { at: above < 0 ? point.at : above, part: above < 0 ? point.part : "map" };
      if (dy > 0) next = point.part === "switch" ? { at: point.at, part: "map" } : below < 0 ? point : { at: below, part: p.hands ? "switch" : "map" };
      return next;
    },
    showPoint(point) {
      if (!point) return pointed.replaceChildren();
      const { x, y } = boxes[point.at], [w, h] = SWITCH;
      pointed.replaceChildren(point.part === "switch"
        ? make("rect", { class: "pointed", x: x + wide - w - 2, y: y - head - 1, width: w + 4, height: h + 4, rx: h / 2 + 2 })
        : make("rect", { class: "pointed", x: x - 3, y: y - 3, width: wide + 6, height: tall + 6 }));
    },
    read({ at, part, row, column }) {
      const name = p.names[at];
      if (part === "switch") return say(isSilent(at) ? "head_silenced" : "head_heard", { head: name });
      if (row != null) return say("head_cell", { head: name, target: p.rows[row], source: p.columns[column], value: format(values[(at * rows + row) * columns + column]) });
      return p.rates ? say("head_map_rate", { head: name, rate_name: p.rate_name, rate: p.rates[at].toFixed(2) }) : say("head_map", { head: name });
    },
    place: ({ at, part }) => (part === "switch" ? [boxes[at].x + wide - SWITCH[0] / 2, boxes[at].y - head] : [boxes[at].x + wide / 2, boxes[at].y]),
    stays: ({ at, row = 0, column = 0 }) => at < count && row < rows && column < columns,
    pick: p.hands && (({ at, part }) => {
      if (part === "map") return the.turn(p.hands.chosen, "value", p.names[at]);
      const silent = isSilent(at) ? p.silent.filter((other) => other !== at) : [...p.silent, at].sort((a, b) => a - b);
      the.turn(p.hands.silent, "value", silent.map((other) => p.names[other]));
    }),
  };
}
