// One unit of an LSTM while it reads: its cell as a tank, its gates as valves that a click holds shut or open.

import { scaleBand, scaleLinear } from "d3-scale";
import { arc } from "d3-shape";

import { glide } from "./motion.js";
import { unpack } from "./numbers.js";
import { RIGHT, clamp, label, make, short, widthOf } from "./tools.js";

const NAMES = { input: "input_gate", forget: "forget_gate", output: "output_gate" }, GATES = Object.keys(NAMES), R = 17;
const pie = arc().innerRadius(0).outerRadius(R - 3).startAngle(0);

export function tank(the) {
  const { svg, say, format } = the;
  let p, traces, now = 0;
  const take = (picture) => { p = picture; traces = Object.fromEntries(Object.entries(p.traces).map(([name, array]) => [name, unpack(array)])); };
  take(the.picture);
  const count = p.steps.length, tall = Math.max(the.share, 0.9) * p.height, top = 30, deep = tall - top - 34, narrow = the.width < 420;
  // Beside the tank there is room for the names of the valves.
  const half = Math.max(...GATES.map((name) => widthOf(say(NAMES[name])))) / 2, side = Math.max(narrow ? 36 : 48, half + 4);
  const left = Math.max(narrow ? 78 : 104, side + half + 2), wide = narrow ? 48 : 72, chart = left + wide + Math.max(narrow ? 86 : 112, side + half + 10);
  const level = scaleLinear().range([top + deep, top]);
  const column = scaleBand().domain(p.steps.map((_, at) => at)).range([chart, the.width - RIGHT]).paddingInner(0.25).paddingOuter(0.1);
  const pipe = (d) => make("path", { class: "pipe", d });
  const places = { input: [left - side, top + 24], forget: [left - side, top + deep - 14], output: [left + wide + side, top + deep - 14] };
  svg.append(pipe(`M${left - side - 34} ${places.input[1]}H${left}`), pipe(`M${left - side - 34} ${places.forget[1]}H${left}`), pipe(`M${left + wide} ${places.output[1]}h${side + 34}`));
  const water = make("rect", { x: left, width: wide, class: "water" }), zero = make("line", { class: "axis", x1: left, x2: left + wide });
  const wall = make("path", { class: "wall", d: `M${left} ${top - 8}V${top + deep}H${left + wide}V${top - 8}` });
  const inside = make("text", { class: "level", "text-anchor": "middle", x: left + wide / 2, y: top - 13 });
  svg.append(water, zero, wall, inside);
  const cell = short(p.cell_name);
  const valves = Object.fromEntries(GATES.map((name) => {
    const [x, y] = places[name], group = make("g", { class: "valve", transform: `translate(${x} ${y})` });
    const fill = make("path", { class: "open" }), number = make("text", { "text-anchor": "middle", y: R + 16 });
    const title = make("text", { class: "name", "text-anchor": "middle", y: -R - 6 }, say(NAMES[name]));
    group.append(make("circle", { r: R, class: "rim" }), fill, title, number);
    if (p.hold) {
      for (const [key, value] of Object.entries({ tabindex: 0, role: "button", "data-lm-suppress-shortcuts": "true" })) group.setAttribute(key, value);
      const turn = () => { // free → shut → open → free
        const [gate, word] = p.hold.now.split("_"), next = gate !== name ? `${name}_shut` : word === "shut" ? `${name}_open` : "none";
        the.turn(p.hold.control, "index", p.hold.ids.indexOf(next));
      };
      group.addEventListener("click", (event) => { event.stopPropagation(); turn(); });
      group.addEventListener("keydown", (event) => {
        if (!["Enter", " "].includes(event.key)) return;
        event.preventDefault(); event.stopPropagation(); turn();
      });
    }
    svg.append(group);
    return [name, { group, fill, number }];
  }));
  // Right: the cell after every step.
  const bars = p.steps.map(() => make("rect", { width: column.bandwidth(), rx: 1.5 })), line = make("line", { class: "axis", x1: chart, x2: the.width - RIGHT });
  const here = make("rect", { class: "here cursor", width: column.step(), y: top - 6, height: deep + 34, rx: 4 }), pointed = make("g");
  svg.append(here, ...bars, line, label(p.cell_name, the.width - RIGHT - chart, { class: "name", x: chart, y: 14 }));
  const every = Math.ceil((Math.max(...p.steps.map(widthOf)) + 3) / column.step());
  p.steps.forEach((text, at) => { if (at % every === 0) svg.append(make("text", { "text-anchor": "middle", x: column(at) + column.bandwidth() / 2, y: top + deep + 20 }, text)); });
  svg.append(pointed);
  if (p.hold) svg.setAttribute("role", "group");
  const at = (x) => clamp(Math.floor((x - chart) / column.step()), 0, count - 1);
  const told = (value) => format(Number(value.toFixed(2)) + 0);
  return {
    height: tall, hint: say("tank_hint"),
    update(next, before) {
      if (JSON.stringify([next.steps, next.height, next.cell_name, next.hold?.control]) !== JSON.stringify([before.steps, before.height, before.cell_name, before.hold?.control])) return false;
      take(next);
      return true;
    },
    paint(frame) {
      now = frame;
      const most = Math.max(1, ...traces.cell.map(Math.abs));
      level.domain([Math.min(0, ...traces.cell) < 0 ? -most : 0, most]);
      const floor = level(0), sign = (value) => p.colours.at(value < 0 ? 1 : -2), span = (value) => [Math.min(level(value), floor), Math.abs(level(value) - floor)];
      for (const node of [zero, line]) for (const end of ["y1", "y2"]) node.setAttribute(end, floor);
      const c = traces.cell[frame];
      water.style.fill = sign(c);
      glide(water).attr("y", span(c)[0]).attr("height", span(c)[1]);
      inside.textContent = `${cell} ${told(c)}`;
      here.setAttribute("x", column(frame) - (column.step() - column.bandwidth()) / 2);
      bars.forEach((bar, k) => { bar.setAttribute("x", column(k)); bar.style.fill = sign(traces.cell[k]); bar.style.fillOpacity = k <= frame ? 1 : 0.35; });
      glide(...bars).attr("y", (_, k) => span(traces.cell[k])[0]).attr("height", (_, k) => span(traces.cell[k])[1]);
      for (const name of GATES) {
        const { group, fill, number } = valves[name], open = traces[name][frame], held = p.hold?.now.startsWith(`${name}_`);
        fill.setAttribute("d", pie.endAngle(2 * Math.PI * open)());
        number.textContent = told(open);
        group.classList.toggle("kept", !!held);
        group.setAttribute("aria-label", say(held ? "valve_held" : "valve_free", { name: say(NAMES[name]), value: told(open) }));
      }
    },
    pointAt: (x, y) => (x >= chart && y > top - 10 ? { at: at(x) } : null),
    step: (point, [dx, dy]) => ({ at: point ? clamp(point.at + dx + dy, 0, count - 1) : now }),
    showPoint: (point) => pointed.replaceChildren(...(point ? [make("rect", { class: "pointed", x: column(point.at) - 2, width: column.bandwidth() + 4, y: top - 4, height: deep + 8, rx: 3 })] : [])),
    read: ({ at: k }) => say("tank_read", { step: p.steps[k], name: cell, value: told(traces.cell[k]), candidate: told(traces.candidate[k]), hidden: told(traces.hidden[k]) }),
    place: ({ at: k }) => [column(k) + column.bandwidth() / 2, level(Math.max(traces.cell[k], 0))],
    frameAt: ({ at: k }) => k,
    scrub: (x) => (x < chart - 12 ? now : at(x)),
  };
}
