// An LSTM's cell, one unit at a time: a pipe with valves, which the hand may hold; what follows is computed here.

import { unpack } from "../numbers.js";
import { clamp, fontSize, label, make, widthOf } from "../tools.js";

const GATES = ["forget", "input", "output"], PIPE = 20, FULL = 16; // pixels: a pipe, and what flows where it is full
const TRACK = 44; // pixels that a valve's handle may move

/** One unit's steps: where a gate is held, its value is the hand's, and cell and state follow from it. */
export function run(trace, held, steps) {
  let c = 0;
  return Array.from({ length: steps }, (_, t) => {
    const gate = (name) => held[name] ?? trace[name][t], [f, i, o, g] = [...GATES.map(gate), trace.candidate[t]];
    const before = c, kept = f * before, written = i * g;
    c = kept + written;
    return { forget: f, input: i, output: o, g, before, kept, written, c, h: o * Math.tanh(c) };
  });
}

export function cell(the) {
  const { picture: p, svg, say, look, format } = the, count = p.letters.length, units = p.units.length;
  const arrays = Object.fromEntries(Object.entries(p.traces).map(([name, array]) => [name, unpack(array)]));
  // What the hand does outlives a new layout, not another picture.
  if (the.hand?.version !== p.version) the.hand = { version: p.version, unit: p.unit, held: {} };
  const hand = the.hand, plus = p.colours.at(-2), minus = p.colours[1];
  svg.style.setProperty("--held", look.lines[4]);
  const width = Math.min(the.width, 680), left = (the.width - width) / 2, narrow = width < 480;
  const x = (share) => left + share * width, line = fontSize + 2;
  const beside = 49 + 1.1 * widthOf(say("output")), aside = narrow ? 34 : 40; // right of the output valve; of handles
  const across = { start: x(0) + 6, forget: x(narrow ? 0.22 : 0.27), join: x(narrow ? 0.49 : 0.52), branch: Math.min(x(0.76), x(1) - beside), end: x(1) - 6 };
  const main = 2 * line + PIPE / 2 + 8, gap = Math.max(the.share, 0.85);
  const valves = { forget: [across.forget, main], input: [across.join, main + 72 * gap], output: [across.branch, main + 100 * gap] };
  const source = valves.input[1] + 58 * gap, out = valves.output[1] + 44 * gap, bus = Math.max(source + 44, out + 9 + 2 * line);
  const handles = { forget: [across.forget, main + 32], input: [across.join - aside, valves.input[1] - TRACK / 2], output: [across.branch + aside, valves.output[1] - TRACK / 2] };
  const chart = { top: bus + 28 + line, high: Math.max(76 * gap, 56) }, foot = chart.top + chart.high + line + 4;

  const say2 = (x, y, name, anchor = "middle") => { // a name, and a number below it
    const [first, second] = [make("text", { class: "name", x, y, "text-anchor": anchor }, name), make("text", { x, y: y + line, "text-anchor": anchor })];
    svg.append(first, second);
    return second;
  };
  const pipe = (d) => svg.append(make("path", { d, fill: "none", class: "wall", "stroke-width": PIPE, "stroke-linejoin": "round" }));
  const flow = (d) => { const path = make("path", { d, fill: "none", class: "flow", "stroke-linejoin": "round" }); svg.append(path); return path; };
  const [jx, bx] = [across.join, across.branch], gx = `M${jx} ${source - 14}V`;
  // The wires that set the gates: dotted, from what is read.
  const wire = (d) => svg.append(make("path", { d, fill: "none", class: "wire" }));
  const readX = across.start + 24;
  wire(`M${readX + 18} ${bus}H${handles.output[0]}V${handles.output[1] + TRACK + 8}`);
  wire(`M${handles.forget[0]} ${bus}V${handles.forget[1] + TRACK + 8}`);
  wire(`M${handles.input[0]} ${bus}V${handles.input[1] + TRACK + 8}`);
  wire(`M${jx} ${bus}V${source + 14}`);
  pipe(`M${across.start} ${main}H${across.end}`); pipe(`${gx}${main}`); pipe(`M${bx} ${main}V${out}`);
  const flows = {
    h: flow(`M${bx} ${valves.output[1]}V${out}`), shown: flow(`M${bx} ${main}V${valves.output[1]}`),
    g: flow(`${gx}${valves.input[1]}`), written: flow(`M${jx} ${valves.input[1]}V${main}`),
    before: flow(`M${across.start} ${main}H${across.forget}`), kept: flow(`M${across.forget} ${main}H${jx}`), c: flow(`M${jx} ${main}H${across.end}`),
  };
  const round = (x, y, r, content, size = 1) => svg.append(make("circle", { cx: x, cy: y, r, class: "node" }), make("text", { x, y: y + 0.36 * fontSize * size, "text-anchor": "middle", style: `font-size: ${fontSize * size}px` }, content));
  round(jx, main, 12, "+", 1.3);
  const box = (x, y, content) => {
    const wide = widthOf(content) + 12;
    svg.append(make("rect", { class: "node", x: x - wide / 2, y: y - 12, width: wide, height: 24, rx: 5 }), make("text", { x, y: y + 0.36 * fontSize, "text-anchor": "middle" }, content));
  };
  box(bx, main + 42 * gap, "tanh"); box(jx, source, "tanh");
  svg.append(make("path", { d: `M${bx} ${out + 9}l-9 -10h18Z`, style: "fill: var(--faint)" }), make("path", { d: `M${across.end + 3} ${main}l-11 -9v18Z`, style: "fill: var(--faint)" }));

  const top = main - PIPE / 2 - line - 5, at = (a, b) => (a + b) / 2;
  const numbers = {
    before: say2(at(across.start, across.forget - 17), top, "c_prev"), kept: say2(at(across.forget + 17, jx - 12), top, "f · c_prev"),
    c: say2(at(jx + 12, across.end), top, "c_t"), written: say2(jx + 16, at(main, valves.input[1]) - 2, "i · g", "start"),
    g: say2(jx + widthOf("tanh") / 2 + 12, source - 3, "g", "start"), h: make("text", { x: bx, y: out + 9 + line, "text-anchor": "middle" }),
  };
  svg.append(numbers.h);
  const pill = make("rect", { x: readX - 18, y: bus - 15, width: 36, height: 30, rx: 5, class: "node" });
  const letter = make("text", { x: readX, y: bus + 5, "text-anchor": "middle", style: `font-size: ${fontSize * 1.2}px; font-weight: 700` });
  svg.append(make("text", { class: "name", x: x(0) + 6, y: bus - 21 }, "x_t, h_prev"), pill, letter);

  // A valve turns with its handle: along the pipe it is open, across it is shut.
  const turned = Object.fromEntries(GATES.map((name) => {
    const [vx, vy] = valves[name], [hx, hy] = handles[name], lying = name === "forget";
    const circle = make("circle", { cx: vx, cy: vy, r: 15, class: "node" });
    const blade = make("path", { d: lying ? `M${vx - 11} ${vy}H${vx + 11}` : `M${vx} ${vy - 11}V${vy + 11}`, class: "blade ease", style: `transform-origin: ${vx}px ${vy}px` });
    const place = { forget: [hx + (narrow ? -14 : 14), hy + TRACK / 2 - 4, narrow ? "end" : "start"], input: [hx - 13, hy + TRACK / 2 - 4, "end"], output: [hx + 11, hy + TRACK / 2 - 4, "start"] }[name];
    const title = make("text", { x: place[0], y: place[1], "text-anchor": place[2], style: "font-weight: 700" }, say(name));
    const number = make("text", { x: place[0], y: place[1] + line, "text-anchor": place[2] });
    const track = make("path", { d: `M${hx} ${hy}V${hy + TRACK}`, class: "track" }), knob = make("circle", { cx: hx, cy: 0, r: 8, class: "knob" });
    const handle = make("g", { class: "handle", role: "slider", tabindex: 0, "aria-label": say("valve", { name: say(name) }), "aria-valuemin": 0, "aria-valuemax": 1,
      "data-lm-suppress-shortcuts": "true", "data-gate": name },
    make("rect", { x: hx - 22, y: hy - 12, width: 44, height: TRACK + 24, fill: "transparent" }), track, knob);
    const hold = (value) => { hand.held[name] = clamp(Math.round(100 * value) / 100, 0, 1); refresh(); };
    const release = () => { delete hand.held[name]; refresh(); };
    const toHand = (event) => {
      const seen = svg.getBoundingClientRect(), y = ((event.clientY - seen.top) * the.width) / seen.width;
      hold(1 - (y - hy) / TRACK);
    };
    handle.addEventListener("pointerdown", (event) => { handle.setPointerCapture(event.pointerId); handle.focus(); toHand(event); event.preventDefault(); });
    handle.addEventListener("pointermove", (event) => { if (handle.hasPointerCapture(event.pointerId)) toHand(event); });
    handle.addEventListener("dblclick", release);
    handle.addEventListener("keydown", (event) => {
      const now = runs()[frame][name], moves = { ArrowUp: 0.1, ArrowRight: 0.1, ArrowDown: -0.1, ArrowLeft: -0.1, PageUp: 0.5, PageDown: -0.5, Home: -1, End: 1 };
      if (event.key in moves) hold(now + moves[event.key]); else if (["Escape", "Delete", "Backspace"].includes(event.key)) release(); else return;
      event.preventDefault(); event.stopPropagation();
    });
    svg.append(circle, blade, title, number, handle);
    return [name, { circle, blade, number, handle, knob, track, top: hy }];
  }));

  // Below: the cell after every letter, as it is, and in outline as it would be if nobody held a valve.
  const pitch = Math.min((width - 24) / count, 84), from = at(across.start, across.end) - (pitch * count) / 2, axis = make("path", { class: "axis" });
  svg.append(label(say("cell_over_time"), the.width, { class: "name", x: left + 6, y: chart.top - 6 }));
  const bars = p.letters.map((text, t) => {
    const middle = from + (t + 0.5) * pitch, wide = Math.min(pitch * 0.5, 30);
    const here = make("rect", { class: "ease", x: from + t * pitch + 2, y: chart.top, width: pitch - 4, height: chart.high + line + 4, rx: 5, style: "fill: var(--faint)" });
    const [bar, ghost] = ["bar", "ghost"].map((name) => make("rect", { x: middle - wide / 2, width: wide, class: name }));
    svg.append(here, bar, ghost, make("text", { x: middle, y: chart.top + chart.high + line, "text-anchor": "middle" }, text));
    return { here, bar, ghost };
  });
  svg.append(axis);

  const choice = make("select", { "aria-label": say("unit"), "data-lm-suppress-shortcuts": "true" }, ...p.units.map((name, unit) => make("option", { value: unit }, name)));
  const free = make("button", { type: "button" }, say("let_go"));
  choice.value = hand.unit;
  choice.addEventListener("change", () => { hand.unit = Number(choice.value); refresh(); });
  free.addEventListener("click", () => { hand.held = {}; refresh(); });
  const sample = (colour) => make("svg", { width: 16, height: 12, "aria-hidden": "true" }, make("rect", { width: 16, height: 12, style: `fill: ${colour}` }));
  the.legend.append(make("label", {}, `${say("unit")} `, choice), make("span", {}, sample(plus), say("above_zero")), make("span", {}, sample(minus), say("below_zero")), free);

  let frame = 0;
  const column = (name) => Array.from({ length: count }, (_, t) => arrays[name][t * units + hand.unit]);
  const traces = () => Object.fromEntries(["forget", "input", "candidate", "output"].map((name) => [name, column(name)]));
  function runs() {
    const steps = run(traces(), hand.held, count);
    // Untouched, the numbers are those of the network, or of a student's own function.
    if (!Object.keys(hand.held).length) steps.forEach((step, t) => Object.assign(step, { c: column("cell")[t], h: column("hidden")[t] }));
    return steps;
  }
  const told = (value) => format(Number(value.toFixed(2)) + 0);
  function paint(now) {
    frame = now;
    const steps = runs(), own = column("cell"), step = steps[frame], most = Math.max(0.5, ...[...own, ...column("candidate")].map(Math.abs));
    const thick = (value) => (FULL * Math.min(Math.abs(value) / most, 1));
    const values = { ...step, shown: step.c };
    for (const [name, path] of Object.entries(flows)) {
      path.style.strokeWidth = `${thick(values[name])}px`;
      path.style.stroke = values[name] < 0 ? minus : plus;
    }
    for (const [name, text] of Object.entries(numbers)) text.textContent = (name === "h" ? "h_t " : "") + told(values[name]);
    for (const name of GATES) {
      const valve = turned[name], held = name in hand.held;
      valve.blade.style.transform = `rotate(${90 * (1 - step[name])}deg)`;
      valve.number.textContent = held ? say("held_at", { value: told(step[name]) }) : told(step[name]);
      valve.knob.setAttribute("cy", valve.top + TRACK * (1 - step[name]));
      valve.handle.setAttribute("aria-valuenow", step[name].toFixed(2));
      for (const part of [valve.circle, valve.knob, valve.track, valve.blade]) part.classList.toggle("held", held);
    }
    letter.textContent = p.letters[frame];
    free.style.visibility = Object.keys(hand.held).length ? "visible" : "hidden";
    const shown = [0, ...own, ...steps.map((step) => step.c)], [low, span] = [Math.min(...shown), Math.max(...shown) - Math.min(...shown) || 1];
    const place = (value) => chart.top + 3 + (chart.high - 6) * (1 - (value - low) / span), zero = place(0);
    axis.setAttribute("d", `M${from} ${zero}h${pitch * count}`);
    bars.forEach(({ here, bar, ghost }, t) => {
      here.style.fillOpacity = t === frame ? 0.16 : 0;
      for (const [rect, value] of [[bar, steps[t].c], [ghost, own[t]]]) {
        rect.setAttribute("y", Math.min(zero, place(value)));
        rect.setAttribute("height", Math.abs(zero - place(value)));
      }
      bar.style.fill = steps[t].c < 0 ? minus : plus;
      bar.style.fillOpacity = t <= frame ? 1 : 0.3;
    });
  }
  const refresh = () => { // what Python told a screen reader holds no longer
    paint(frame);
    svg.setAttribute("aria-label", say("cell_now", { title: p.title, unit: p.units[hand.unit], values: runs().map(({ c }) => told(c)).join(", ") }));
  };
  const tell = (t, value, own) => say(value === own ? "cell_at" : "cell_held", { letter: p.letters[t], value, own });
  return {
    height: foot, hint: say("cell_drawing_hint"), widest: tell(0, "−0.99", "−0.98"), paint,
    pointAt: (px, py) => (py > chart.top && px > from && px < from + pitch * count ? { at: clamp(Math.floor((px - from) / pitch), 0, count - 1) } : null),
    step: (point, [dx, dy]) => ({ at: point ? clamp(point.at + dx + dy, 0, count - 1) : frame }),
    showPoint: () => {},
    read: ({ at: t }) => tell(t, told(runs()[t].c), told(column("cell")[t])),
    frameAt: ({ at: t }) => t,
  };
}
