// Curves over one x.

import { area, line as curve } from "d3-shape";

import { glide } from "./motion.js";
import { unpack } from "./numbers.js";
import { axis, columnLabels, scale } from "./scales.js";
import { RIGHT, brief, clamp, label, make, short } from "./tools.js";

// A picture whose parts of these names are the same takes new numbers into the same layout.
const LAYOUT = ["columns", "x_name", "y_name", "log", "vmin", "vmax", "xmin", "xmax", "shaded", "height", "cell_width"];
const shape = (p) => JSON.stringify([...LAYOUT.map((name) => p[name]), p.x.data.byteLength, p.lines.map(({ name, colour }) => [name, colour]),
  p.bands.map(({ colour }) => colour), p.ghosts.length]);

export function lines(the) {
  const { svg, say, look, format } = the;
  let p, x, series, bands, ghosts, now = 0;
  function take(picture) {
    p = picture;
    x = unpack(p.x);
    series = p.lines.map((line) => ({ ...line, y: unpack(line.y) }));
    bands = p.bands.map((band) => ({ ...band, low: unpack(band.low), high: unpack(band.high) }));
    ghosts = p.ghosts.map((ghost) => ({ ...ghost, x: unpack(ghost.x), y: unpack(ghost.y) }));
  }
  take(the.picture);
  const top = 8, high = the.share * p.height, count = x.length;
  const cell = Math.min((the.width - the.gutter - RIGHT) / count, p.cell_width), wide = p.columns ? cell * count : the.width - the.gutter - RIGHT;
  const across = scale([p.xmin, p.xmax > p.xmin ? p.xmax : p.xmin + 1], [the.gutter, the.gutter + wide]), up = scale([p.vmin, p.vmax], [top + high, top], p.log);
  const px = (at) => (p.columns ? the.gutter + (at + 0.5) * cell : across(x[at]));
  const py = (value) => clamp(up(value), top - high, top + 2 * high);

  const [from, to] = p.shaded ? [py(p.shaded.high), py(p.shaded.low)].map((y) => clamp(y, top, top + high)) : [];
  if (p.shaded) svg.append(make("rect", { class: "shaded", x: the.gutter, width: wide, y: from, height: to - from }));
  const left = axis(up, "left", { write: format, across: wide });
  left.setAttribute("transform", `translate(${the.gutter} 0)`);
  svg.append(left, label(p.y_name, high, { class: "name", "text-anchor": "middle", transform: `translate(12 ${top + high / 2}) rotate(-90)` }));
  let below = 20;
  if (p.columns) {
    const labels = columnLabels(the, p.columns, cell, top + high);
    svg.append(labels.group);
    below = labels.height;
  } else {
    const bottom = axis(across, "bottom", { write: format });
    bottom.setAttribute("transform", `translate(0 ${top + high})`);
    svg.append(bottom);
  }
  svg.append(label(p.x_name, wide, { class: "name", "text-anchor": "middle", x: the.gutter + wide / 2, y: top + high + below + 14 }));
  svg.append(make("path", { class: "axis", d: `M${the.gutter} ${top}V${top + high}H${the.gutter + wide}` }));

  const areas = bands.map((band) => make("path", { style: `fill: ${look.lines[band.colour]}`, "fill-opacity": 0.2 }));
  const faint = ghosts.map((ghost) => make("path", { class: "ghost", style: `stroke: ${look.lines[ghost.colour]}` }));
  const stroke = (line, d) => make("path", { d, fill: "none", "stroke-width": 2.4, "stroke-linejoin": "round",
    style: `stroke: ${look.lines[line.colour]}`, "stroke-dasharray": look.dashes[line.colour % look.dashes.length].map((part) => part * 2.4).join(" ") });
  const paths = series.map((line) => stroke(line, ""));
  const moving = make("g"), pointed = make("g");
  // What lies beyond the axis is cut off at its edge: an inner SVG is the frame.
  const frame = make("svg", { x: 0, y: top - 3, width: the.width, height: high + 6, viewBox: `0 ${top - 3} ${the.width} ${high + 6}` });
  frame.append(...faint, ...areas, ...paths);
  svg.append(frame);
  if (p.shaded) svg.append(label(p.shaded.text, wide - 12, { class: "itemname shadedname", x: the.gutter + 8, y: from + 17 })); // no curve crosses it
  svg.append(moving, pointed);
  series.forEach((line) => {
    if (line.name) the.legend.append(make("span", {}, make("svg", { width: 30, height: 10, "aria-hidden": "true" }, stroke(line, "M0 5H30")), line.name));
  });
  // A ghost that is still to come has its room: nothing moves when it comes.
  const ghostNames = ghosts.map((ghost) => make("span", { class: "ghostname" }, make("svg", { width: 30, height: 10, "aria-hidden": "true" },
    make("path", { class: "ghost", d: "M0 5H30", style: `stroke: ${look.lines[ghost.colour]}` })), ghost.name));
  the.legend.append(...ghostNames);

  const shown = (value) => Number.isFinite(value) && !(p.log && value <= 0);
  const start = (array) => (array.length > count ? now * count : 0);
  const at = Array.from({ length: count }, (_, k) => k);
  const trace = (y) => curve().defined((k) => shown(y[start(y) + k])).x(px).y((k) => py(y[start(y) + k])).digits(1)(at) ?? "";
  const around = ({ low, high: upper }) => area().defined((k) => shown(low[start(low) + k]) && shown(upper[start(low) + k])).x(px)
    .y0((k) => py(low[start(low) + k])).y1((k) => py(upper[start(low) + k])).digits(1)(at) ?? "";
  const upright = (k, name) => make("line", { class: name, x1: px(k), x2: px(k), y1: top, y2: top + high });
  const value = (line, k) => line.y[start(line.y) + k];
  return {
    height: top + high + below + 20, hint: say("curve_hint"),
    update(next, before) {
      if (shape(next) !== shape(before)) return false;
      take(next);
      return true;
    },
    paint(step) {
      now = step;
      glide(...paths).attr("d", (_, k) => trace(series[k].y));
      glide(...areas).attr("d", (_, k) => around(bands[k]));
      ghosts.forEach((ghost, k) => {
        ghostNames[k].classList.toggle("coming", !ghost.x.length);
        faint[k].setAttribute("d", curve().defined((y) => shown(y)).x((_, j) => across(ghost.x[j])).y((y) => py(y)).digits(1)(Array.from(ghost.y)) ?? "");
      });
      moving.replaceChildren();
      if (p.mark) {
        const cx = p.columns ? the.gutter + (p.mark.x + 0.5) * cell : across(p.mark.x), cy = py(p.mark.y), right = cx > the.gutter + wide / 2;
        moving.append(make("circle", { cx, cy, r: 6, style: `fill: ${look.lines[4]}`, stroke: "#000", "stroke-width": 1.5 }),
          label(p.mark.text, wide / 2, { class: "itemname", x: cx + (right ? -11 : 11), y: clamp(cy - 9, top + 12, top + high - 4), "text-anchor": right ? "end" : "start" }));
      }
    },
    pointAt(mouse, high) {
      const near = (best, k) => (Math.abs(px(k) - mouse) < Math.abs(px(best) - mouse) ? k : best), k = at.reduce(near, 0);
      const away = (line) => (shown(value(line, k)) ? Math.abs(py(value(line, k)) - high) : Infinity);
      return { at: k, line: series.reduce((best, line, j) => (away(line) < away(series[best]) ? j : best), 0) };
    },
    step: (point, [dx, dy]) => (point ? { at: clamp(point.at + dx - (p.picks ? 0 : dy), 0, count - 1), line: clamp(point.line + (p.picks ? dy : 0), 0, series.length - 1) } : { at: 0, line: 0 }),
    showPoint(point) {
      pointed.replaceChildren(...(point ? [upright(point.at, "pointed")] : []));
      if (point) series.forEach((line, k) => {
        if (shown(value(line, point.at))) pointed.append(make("circle", { class: "dot", cx: px(point.at), cy: py(value(line, point.at)), r: p.picks && k === point.line ? 7 : 4, style: `fill: ${look.lines[line.colour]}` }));
      });
    },
    read: ({ at: k }) => say("curves", { x_name: short(p.x_name), x: p.columns ? brief(p.columns[k]) : format(x[k]),
      values: series.map((line) => say("curve", { name: line.name, value: format(value(line, k)) })).join(", ") }),
    place: ({ at: k, line }) => [px(k), py(value(series[line], k))],
    // A click on a point chooses what it stands for: each pick names a control, and its value by line or by x.
    pick: p.picks && (({ at: k, line }) => p.picks.forEach(({ control, trait, by, values }) => the.turn(control, trait, values[by === "line" ? line : k]))),
  };
}
