// A matrix as colours, or a stack of matrices.

import { drag } from "d3-drag";
import { select } from "d3-selection";

import { unpack } from "./numbers.js";
import { colours, columnLabels, scale } from "./scales.js";
import { RIGHT, brief, chosen, clamp, fontSize, label, make, short, widthOf } from "./tools.js";

// A picture whose parts of these names are the same takes new numbers into the same layout.
const LAYOUT = ["shape", "rows", "columns", "outlined", "row_name", "column_name", "value_name", "height", "vmin", "vmax",
  "below", "above", "missing", "cursor", "colours", "few"];
const KEYS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageUp: 10, PageDown: -10, Home: -Infinity, End: Infinity };

export function heatmap(the) {
  const { picture: p, svg, plot, say, look, format } = the, [, all, columns] = p.shape;
  let values = unpack(p.values);
  const some = p.few && !the.all, shownRows = some ? p.few.map(([row]) => row) : [...Array(all).keys()], rows = shownRows.length;
  const texts = some ? p.few.map(([, text]) => text) : p.rows;
  if (some) the.gutter = Math.max(...texts.map(widthOf)) + 14; // names that say more than the axis's would
  else if (p.row_name) the.gutter = Math.max(the.gutter, 92); // room for a word and the axis's name
  const inner = the.width - the.gutter - RIGHT, cell = Math.min(inner / columns, p.cell_width), wide = cell * columns;
  const high = the.share * (p.height ?? clamp(Math.round(360 / rows), 3, 26) * rows), tall = high / rows, top = p.hands.length ? fontSize + 9 : 4;
  const place = scale([p.vmin, p.vmax], [0, 1], p.log), palette = colours(p.colours);

  let canvas = plot.querySelector("canvas");
  if (!canvas) plot.prepend((canvas = make("canvas", { "aria-hidden": "true" })));
  canvas.width = columns; canvas.height = rows;
  Object.assign(canvas.style, { left: `${the.gutter}px`, top: `${top}px`, width: `${wide}px`, height: `${high}px` });
  const context = canvas.getContext("2d"), image = context.createImageData(columns, rows);

  const written = chosen(texts, Math.max(Math.ceil((fontSize + 2) / tall), 1));
  texts.forEach((text, at) => {
    if (written[at]) svg.append(label(text, the.gutter - 12 - (p.row_name && !some ? 16 : 0),
      { "text-anchor": "end", x: the.gutter - 6, y: Math.max(top + (at + 0.5) * tall + 4.5, fontSize - 2) }));
  });
  const rowName = some ? "" : widthOf(p.row_name) > high ? short(p.row_name) : p.row_name;
  if (rowName) svg.append(label(rowName, high, { class: "name", "text-anchor": "middle", transform: `translate(12 ${top + high / 2}) rotate(-90)` }));
  const below = columnLabels(the, p.columns, cell, top + high), height = top + high + below.height + 20;
  svg.append(below.group, label(p.column_name, wide, { class: "name", "text-anchor": "middle", x: the.gutter + wide / 2, y: height - 6 }));
  const box = (row, column, classes) => classes.map((name) => make("rect", { class: name,
    x: the.gutter + (column ?? 0) * cell, y: top + (row ?? 0) * tall, width: column == null ? wide : cell, height: row == null ? high : tall }));
  const moving = make("g"), pointed = make("g");
  svg.append(moving, ...p.outlined.flatMap(([row, column]) => box(row, column, ["casing", "gold"])), pointed);

  // Columns under a hand: dragged, they move at once, and so does the control that holds them.
  let held = p.hands;
  const handles = held.map(({ name }, at) => {
    const node = make("g", { class: "hand column", tabindex: 0, role: "slider", "aria-label": name, "aria-valuemin": 0, "aria-valuemax": columns - 1,
      "data-lm-suppress-shortcuts": "true" }, ...["casing", "mark"].map((name) => make("rect", { class: name, x: the.gutter - 2, width: cell + 4, y: top - 2, height: high + 4 })), make("text", { class: "level", "text-anchor": "middle", x: the.gutter + cell / 2, y: top - 6 }, name),
      make("rect", { class: "grip", x: the.gutter + cell / 2 - 11, y: 0, width: 22, height: top + high, rx: 4 }));
    node.querySelector(".mark").style.stroke = look.lines[at];
    node.addEventListener("keydown", (event) => {
      if (!KEYS[event.key]) return;
      event.preventDefault(); event.stopPropagation();
      move(at, held[at].column + KEYS[event.key] * (event.shiftKey ? 5 : 1));
    });
    select(node).call(drag().container(() => svg).subject(() => ({ x: 0, y: 0 })).on("start", () => { node.before(...handles.slice(at + 1)); node.focus({ preventScroll: true }); })
      .on("drag", ({ sourceEvent }) => move(at, Math.floor((the.where(sourceEvent)[0] - the.gutter) / cell)))
      .on("end", () => node.after(...handles.slice(at + 1)))); // on top only while it is held
    return node;
  });
  if (held.length) svg.setAttribute("role", "group");
  svg.append(...handles);
  const showHands = () => held.forEach(({ column, name }, at) => {
    handles[at].setAttribute("transform", `translate(${column * cell} 0)`);
    handles[at].setAttribute("aria-valuenow", column);
    handles[at].setAttribute("aria-valuetext", `${name} ${p.columns[column]}`);
  });
  async function move(at, to) {
    const column = clamp(to, 0, columns - 1), hand = held[at];
    if (column === hand.column) return;
    hand.column = column;
    showHands();
    const places = (await the.model.widget_manager.get_model(hand.control)).get("value");
    the.turn(hand.control, "value", places.map((old, k) => (k === hand.at ? column : old)));
  }

  const bar = make("canvas", { width: 256, height: 1, "aria-hidden": "true" }), ramp = bar.getContext("2d").createImageData(256, 1);
  palette.forEach((rgb, k) => ramp.data.set([...rgb, 255], 4 * k));
  bar.getContext("2d").putImageData(ramp, 0, 0);
  the.legend.append(make("span", {}, ...[p.value_name, (p.below ? "≤ " : "") + format(p.vmin), bar, (p.above ? "≥ " : "") + format(p.vmax), p.log ? say("log") : ""].map((part) => make("span", {}, part))));
  if (p.outlined.length && p.outlined_name) the.legend.append(make("span", {}, make("svg", { width: 18, height: 16, "aria-hidden": "true" },
    ...["casing", "gold"].map((name) => make("rect", { class: name, x: 3, y: 3, width: 12, height: 10 }))), p.outlined_name));
  if (p.missing) the.legend.append(make("span", {}, say("striped")));

  if (p.few) {
    const more = make("button", { type: "button", class: "more" }, the.all ? say("few_rows", { count: p.few.length }) : say("all_rows", { count: all }));
    more.addEventListener("click", () => { the.all = !the.all; the.again(); the.legend.querySelector(".more").focus(); });
    the.legend.append(more);
  }

  let now = 0;
  const shown = (frame) => (p.shape[0] > 1 ? frame : 0), names = { row_name: short(p.row_name), column_name: short(p.column_name), value_name: p.value_name };
  const tell = (row, column, value) => say("cell", { row, column, value, ...names }).trim();
  const nearest = (x, y) => ({ row: clamp(Math.floor((y - top) / tall), 0, rows - 1), column: clamp(Math.floor((x - the.gutter) / cell), 0, columns - 1) });
  return {
    height, hint: say("cell_hint"),
    update(next, before) {
      if (LAYOUT.some((name) => JSON.stringify(next[name]) !== JSON.stringify(before[name]))) return false;
      values = unpack(next.values);
      held = next.hands;
      return true;
    },
    paint(frame) {
      now = shown(frame);
      showHands();
      for (let at = 0, from = now * all * columns; at < rows * columns; at++) {
        const value = values[from + shownRows[Math.floor(at / columns)] * columns + (at % columns)];
        const rgb = Number.isFinite(value) ? palette[Math.round(clamp(place(value), 0, 1) * 255)] : null;
        if (rgb) [image.data[4 * at], image.data[4 * at + 1], image.data[4 * at + 2]] = rgb;
        image.data[4 * at + 3] = rgb ? 255 : 0;
      }
      context.putImageData(image, 0, 0);
      const [row, column] = p.cursor === "row" ? [frame, null] : [null, frame];
      moving.replaceChildren(...(p.cursor ? box(row, column, ["casing cursor", "mark cursor"]) : []));
    },
    pointAt(x, y) {
      const inside = y >= top && y < top + high && x >= the.gutter && x < the.gutter + wide;
      return inside ? nearest(x, y) : null;
    },
    step: (point, [dx, dy]) => point ? { row: clamp(point.row + dy, 0, rows - 1), column: clamp(point.column + dx, 0, columns - 1) } : { row: 0, column: 0 },
    showPoint: (point) => pointed.replaceChildren(...(point ? box(point.row, point.column, ["pointed"]) : [])),
    read: ({ row, column }) => tell(some ? `${p.rows[shownRows[row]]} (${texts[row]})` : brief(p.rows[row]), brief(p.columns[column]),
      format(values[(now * all + shownRows[row]) * columns + column])),
    place: ({ row, column }) => [the.gutter + (column + 0.5) * cell, top + row * tall],
    frameAt: ({ row, column }) => ({ row, column })[p.cursor],
    scrub: p.cursor && ((x, y) => nearest(x, y)[p.cursor]),
  };
}
