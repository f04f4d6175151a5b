// Browser-held views: they draw what Python sent once, and move without asking Python again.
//
// Every model has `kind` (the drawing function), `picture` (what to draw: numbers as little-endian buffers, labels,
// scale), `frame` (the step shown), `group` (views that move together), `look` (colours and dashes) and `texts` (all
// sentences, templates with {named} fields). A new kind is one function in KINDS: it lays out a new picture, and
// returns `paint(frame)` with what pointer and keyboard need. The stage brings title, slider, play, readout, width.

const STYLE = `
.cu-view { --ink: var(--jp-ui-font-color1, light-dark(#212121, #eeeeee));
  --faint: var(--jp-ui-font-color2, light-dark(#5a5a5a, #b5b5b5));
  --paper: var(--jp-layout-color0, light-dark(#ffffff, #111111));
  --line: var(--jp-border-color1, light-dark(#bdbdbd, #616161));
  color-scheme: light dark; color: var(--ink); background: var(--paper); max-width: 760px; min-width: 0;
  width: 100%; box-sizing: border-box; padding: 2px 0 6px; font: 14px/1.4 var(--jp-ui-font-family, sans-serif); }
[data-jp-theme-light="true"] .cu-view { color-scheme: light; }
[data-jp-theme-light="false"] .cu-view { color-scheme: dark; }
.cu-view .title { font-weight: 600; font-size: 15px; overflow-wrap: anywhere; }
.cu-view .legend { display: flex; flex-wrap: wrap; gap: 2px 16px; align-items: center; color: var(--ink); }
.cu-view .legend canvas { height: 12px; width: 140px; border: 1px solid var(--line); }
.cu-view .legend span { display: inline-flex; gap: 6px; align-items: center; }
.cu-view .plot { position: relative; overflow: hidden; }
.cu-view .plot > canvas { position: absolute; image-rendering: pixelated; background:
  repeating-linear-gradient(45deg, #9e9e9e 0 2px, #e0e0e0 2px 5px); }
.cu-view .plot > svg { position: absolute; left: 0; top: 0; display: block; outline-offset: -2px; }
.cu-view svg text { fill: var(--ink); font-size: 13px; }
.cu-view svg .name { fill: var(--faint); }
.cu-view svg .axis { stroke: var(--line); fill: none; }
.cu-view svg .grid { stroke: var(--line); stroke-opacity: .45; fill: none; }
.cu-view svg .mark { stroke: #fff; stroke-width: 2; fill: none; }
.cu-view svg .gold { stroke: var(--gold); stroke-width: 2; fill: none; }
.cu-view svg .casing { stroke: #000; stroke-width: 4; fill: none; }
.cu-view svg .pointed { stroke: var(--ink); stroke-width: 1.5; fill: none; pointer-events: none; }
.cu-view svg :focus-visible, .cu-view svg:focus-visible { outline: 2px solid var(--jp-brand-color1, #1976d2); }
.cu-view .readout { min-height: 1.4em; color: var(--faint); overflow-wrap: anywhere; }
.cu-view .player { display: flex; gap: 10px; align-items: center; min-height: 30px; }
.cu-view .player.absent { display: none; }
.cu-view .player.resting { visibility: hidden; } /* one step only, now: the room stays */
.cu-view .player input { flex: 1 1 120px; max-width: 320px; min-width: 60px; }
.cu-view .player button { min-width: 64px; min-height: 28px; font: inherit; color: inherit; cursor: pointer;
  background: var(--jp-layout-color2, light-dark(#eee, #333)); border: 1px solid var(--line); border-radius: 3px; }
.cu-panel { font-family: var(--jp-ui-font-family, sans-serif); }
.cu-panel .jupyter-widgets select { appearance: auto !important; background-image: none !important;
  padding-right: 2px !important; } /* Lab's arrow is black on any paper; the browser's own brings its room */
.cu-status { min-height: calc(2.8em + 8px); font-size: 15px; padding: 4px 0; }
.cu-status.error { border-left: 4px solid var(--warn); padding-left: 8px; }
.cu-status.working { color: var(--faint); }
`;

// ------------------------------------------------------------------------------------------------ small tools

const GUTTER = 100, RIGHT = 14; // pixels left and right of every plot, the same so that stacked views line up
// Keys that move the point that is read in a drawing: columns to the right, rows down.
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
  Home: [-Infinity, 0], End: [Infinity, 0], PageUp: [0, -10], PageDown: [0, 10] };
const DEAD = ".jupyter-widgets-disconnected"; // what ipywidgets calls a view without a kernel

/** What a model brings: `say` fills in the {named} fields of a template, `format` writes a number, `look` has colours. */
function manner(model, root) {
  const texts = model.get("texts"), look = model.get("look");
  const say = (id, fields = {}) => texts[id].replace(/\{(\w+)\}/g, (_, name) => fields[name]);
  root.style.cssText += `; --gold: ${look.gold}; --warn: ${look.lines[1]}`;
  return { say, look, format: (value) => format(value, texts) };
}

/** An element with attributes and children; SVG names are made in SVG's namespace. */
function make(name, attributes = {}, ...children) {
  const svg = ["svg", "g", "text", "rect", "path", "line", "circle", "title"].includes(name);
  const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

let fontSize = 13; // of the drawings' texts, in pixels; read at every layout, for a slide's are larger
const pen = document.createElement("canvas").getContext("2d");

/** How many pixels a text of the drawings is wide, in whatever script. */
const widthOf = (text) => pen.measureText(text).width;

/** Take the font in which a text is drawn for all that is measured. */
function readFont(text) {
  const style = getComputedStyle(text);
  fontSize = parseFloat(style.fontSize) || 13;
  pen.font = `${fontSize}px ${style.fontFamily}`;
}

/** Text cut to `pixels` wide, between letters as readers know them; the whole text in a tooltip. */
function label(text, pixels, attributes) {
  let cut = text;
  if (widthOf(text) > pixels) {
    const letters = [...new Intl.Segmenter().segment(text)], start = (count) => text.slice(0, letters[count]?.index) + "…";
    let fits = 1, beyond = letters.length;
    while (beyond - fits > 1) {
      const middle = (fits + beyond) >> 1;
      if (widthOf(start(middle)) > pixels) beyond = middle; else fits = middle;
    }
    if (letters.length > 1) cut = start(fits);
  }
  return make("text", attributes, cut, make("title", {}, text));
}

/** Which labels are written where only every `fewest`-th has room: of numbers in a row, multiples of 2, 5, 10, … */
function chosen(labels, fewest) {
  const first = Number(labels[0]), nice = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((step) => step >= fewest) ?? 1000;
  const inARow = labels.length >= nice && Number.isInteger(first) && labels.every((text, at) => text && Number(text) === first + at);
  return labels.map((_, at) => (inARow ? (first + at) % nice : at % fewest) === 0);
}

/** A number with three significant digits; halves go to the even digit, as `messages/numbers.py` rounds them. */
export function format(value, texts) {
  if (!Number.isFinite(value)) return texts[Number.isNaN(value) ? "no_value" : value > 0 ? "infinite" : "minus_infinite"];
  const size = Math.abs(value), exact = size.toExponential(20), half = /^\d\.\d[02468]50*e/.test(exact);
  const [digits, power] = (half ? exact.replace(/50*e/, "e") : size.toExponential(2)).split("e"), sign = value < 0 ? "−" : "";
  if (value === 0 || (size >= 1e-3 && size < 1e5)) return sign + String(Number(`${digits}e${power}`));
  return `${sign}${Number(digits) === 1 ? "" : `${Number(digits)}·`}10${superscript(Number(power))}`;
}
const power = (value) => (value === 1 ? "1" : `10${superscript(Math.round(Math.log10(value)))}`);
const superscript = (power) => String(power).replace(/./g, (digit) => (digit === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]));

/** A packed array (see `pack` in widgets.py) as numbers: `float64`, `float16` of a share of `high`, `log16`. */
function unpack({ data, code, low, high }) {
  const bytes = data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength);
  if (code === "float64") return new Float64Array(bytes);
  const table = new Float32Array(65536);
  for (let bits = 0; bits < 65536; bits++) {
    if (code === "log16") table[bits] = bits === 65535 ? NaN : bits === 0 ? 0 : 10 ** (low + ((bits - 1) / 65533) * (high - low));
    else {
      const exponent = (bits >> 10) & 31, fraction = bits & 1023;
      const size = exponent === 31 ? NaN : exponent ? 2 ** (exponent - 25) * (1024 + fraction) : fraction * 2 ** -24;
      table[bits] = (bits >> 15 ? -size : size) * high;
    }
  }
  return Float32Array.from(new Uint16Array(bytes), (bits) => table[bits]);
}

/** Round positions on an axis: decades on a log axis, else multiples of 1, 2 or 5. */
function ticks(low, high, log) {
  if (log) {
    const first = Math.ceil(Math.log10(low) - 1e-9), last = Math.floor(Math.log10(high) + 1e-9);
    const step = Math.max(Math.ceil((last - first) / 6), 1);
    return Array.from({ length: Math.max(Math.floor((last - first) / step) + 1, 0) }, (_, k) => 10 ** (first + k * step));
  }
  const raw = (high - low) / 5 || 1, unit = 10 ** Math.floor(Math.log10(raw));
  const step = unit * (raw / unit > 5 ? 10 : raw / unit > 2 ? 5 : raw / unit > 1 ? 2 : 1);
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.floor(high / step - first + 1e-9) + 1 }, (_, k) => Number(((first + k) * step).toPrecision(12)));
}

/** Where a value lies between low (0) and high (1), on a linear or a log scale. */
function scale(low, high, log) {
  if (!log) return (value) => (value - low) / (high - low || 1);
  const from = Math.log10(low), width = Math.log10(high) - from || 1;
  return (value) => (value <= 0 ? -Infinity : (Math.log10(value) - from) / width);
}

/** Give an element at least its present height from now on, so that what stands below never jumps up. */
const keepHeight = (node) => { // an element that is not yet on the page has none, and keeps what its style says
  if (node.offsetHeight) node.style.minHeight = `${Math.max(node.offsetHeight, parseFloat(node.style.minHeight) || 0)}px`;
};

/** A label as a reading names it: no longer than a line can hold. */
const brief = (text) => (text.length > 40 ? `${text.slice(0, 39)}…` : text);
/** The longest of some labels, by letters. */
const longestOf = (labels) => brief(labels.reduce((a, b) => (b.length > a.length ? b : a), ""));
/** An axis's name as a reading uses it: without what stands in parentheses behind it. */
const short = (name) => name.replace(/ \([^)]*\)$/, "");
const WIDE = "−1.23·10⁻¹²"; // as wide as a number gets

/** The 256 colours of a scale, from the stops that Python sent, as red, green, blue bytes. */
function colours(stops) {
  const rgb = stops.map((stop) => [1, 3, 5].map((at) => parseInt(stop.slice(at, at + 2), 16)));
  return Array.from({ length: 256 }, (_, k) => {
    const place = (k / 255) * (rgb.length - 1), at = Math.min(Math.floor(place), rgb.length - 2);
    return [0, 1, 2].map((c) => Math.round(rgb[at][c] + (place - at) * (rgb[at + 1][c] - rgb[at][c])));
  });
}

function addStyle() {
  if (document.getElementById("cu-style")) return;
  document.head.append(make("style", { id: "cu-style" }, STYLE));
}

// ---------------------------------------------------------------------------------------------- the common stage

/** Everything around a drawing: title, legend, plot, readout, slider with play and pause, keyboard, width. */
function stage(model, el, kind) {
  const root = make("div", { class: "cu-view", role: "group" });
  const title = make("div", { class: "title" }), legend = make("div", { class: "legend" });
  const plot = make("div", { class: "plot" }), svg = make("svg", { role: "img", tabindex: 0, "data-lm-suppress-shortcuts": "true" });
  const readout = make("div", { class: "readout", "aria-live": "polite" });
  const { say, look, format } = manner(model, root);
  const play = make("button", { type: "button" }, say("play")), slider = make("input", { type: "range", min: 0, "data-lm-suppress-shortcuts": "true" });
  const where = make("span", { class: "where" }), player = make("div", { class: "player" }, play, slider, where);
  plot.append(svg);
  root.append(title, legend, plot, player, readout); // the player below, so that drawings side by side line up
  el.replaceChildren(root);
  const the = { model, title, legend, plot, svg, readout, say, look, format, point: null };
  let drawing = null, timer = null, width = 0, drawn = 0, widest = "";

  const stop = () => { clearInterval(timer); timer = null; play.textContent = say("play"); };
  // The frame is the browser's own: it is never saved to Python, whose echo could come late and move it back. Views
  // of one group follow each other by an event of the page, and so without a kernel too.
  const go = (frame) => {
    model.set("frame", frame);
    if (model.get("group")) window.dispatchEvent(new CustomEvent("cu-frame", { detail: { group: model.get("group"), frame } }));
  };
  const follow = ({ detail }) => {
    if (detail.group === model.get("group") && detail.frame !== model.get("frame")) model.set("frame", detail.frame);
  };
  const read = () => {
    const said = the.point ? drawing.read(the.point) : drawing?.hint ?? "";
    if (said === readout.textContent) return; // to measure a height takes time
    keepHeight(readout);
    readout.textContent = said;
    readout.classList.toggle("hint", !the.point);
  };

  function paint() {
    if (!drawing) return;
    const frame = clamp(model.get("frame"), 0, the.steps - 1);
    if (Number(slider.value) !== frame) slider.value = frame;
    const name = the.picture.steps?.[frame] ?? String(frame + 1);
    where.textContent = say(the.picture.steps ? "named_step" : "step", { name: the.picture.step_name, step: name, at: frame + 1, count: the.steps });
    slider.setAttribute("aria-valuetext", where.textContent);
    drawing.paint(frame);
    read();
    root.dataset.drawn = ++drawn; // what tests and measurements watch
  }
  function layout() {
    if (!width) return;
    the.picture = model.get("picture");
    the.steps = the.picture.step_count;
    title.textContent = the.picture.title;
    svg.setAttribute("aria-label", the.picture.alternative);
    root.setAttribute("aria-label", the.picture.title || the.picture.alternative);
    slider.max = the.steps - 1;
    slider.setAttribute("aria-label", the.picture.step_name);
    player.classList.toggle("absent", !the.picture.player || !(the.steps > 1 || the.picture.cursor));
    player.classList.toggle("resting", the.steps < 2);
    if (the.steps < 2) stop();
    the.width = width;
    // A page with little height, such as a slide, may ask for lower drawings.
    the.share = parseFloat(getComputedStyle(root).getPropertyValue("--cu-height-share")) || 1;
    the.gutter = width < 440 ? 76 : GUTTER;
    legend.replaceChildren();
    svg.replaceChildren(make("text"));
    readFont(svg.firstChild);
    svg.replaceChildren();
    drawing = kind(the);
    keepHeight(legend);
    if (drawing.widest && drawing.widest !== widest) readout.textContent = widest = drawing.widest; // `read` then keeps its height
    plot.style.height = `${drawing.height}px`;
    svg.setAttribute("width", width);
    svg.setAttribute("height", drawing.height);
    paint();
  }

  const onPicture = () => {
    the.point = null;
    const start = model.get("picture").start; // where Python wants the slider; the browser may have moved it since
    if (start != null) go(start);
    layout();
  };
  model.on("change:picture", onPicture);
  model.on("change:frame", paint);
  window.addEventListener("cu-frame", follow);
  slider.addEventListener("input", () => { stop(); go(Number(slider.value)); });
  play.addEventListener("click", () => {
    if (timer) return stop();
    play.textContent = say("pause");
    if (model.get("frame") >= the.steps - 1) go(0);
    timer = setInterval(() => {
      if (model.get("frame") >= the.steps - 1) stop(); else go(model.get("frame") + 1);
    }, the.picture.interval);
  });
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect(), zoom = the.width / box.width; // a slide may be drawn larger than it is
    the.point = drawing?.pointAt((event.clientX - box.left) * zoom, (event.clientY - box.top) * zoom) ?? null;
    drawing?.showPoint(the.point); read();
  });
  svg.addEventListener("pointerleave", () => { the.point = null; drawing?.showPoint(null); read(); });
  svg.addEventListener("click", () => {
    const frame = the.point && drawing.frameAt?.(the.point);
    if (frame != null) { stop(); go(frame); }
  });
  svg.addEventListener("keydown", (event) => {
    const leave = event.key === "Escape" && the.point, aimed = event.key === "Enter" && the.point ? drawing.frameAt?.(the.point) : null;
    if (!drawing || !(MOVES[event.key] || leave || aimed != null)) return;
    event.preventDefault(); event.stopPropagation();
    if (aimed != null) { stop(); go(aimed); return; }
    the.point = leave ? null : drawing.step(the.point, MOVES[event.key]); drawing.showPoint(the.point); read();
  });
  const observer = new ResizeObserver(() => {
    const now = Math.floor(root.clientWidth);
    if (now && now !== width) { width = now; widest = legend.style.minHeight = readout.style.minHeight = ""; layout(); }
  });
  observer.observe(root);
  return () => {
    stop(); observer.disconnect(); window.removeEventListener("cu-frame", follow);
    model.off("change:picture", onPicture); model.off("change:frame", paint);
  };
}

/** The labels below columns of equal width: thinned out when they are numbers, turned when they are long words. */
function columnLabels(the, labels, cell, top) {
  const group = make("g"), longest = Math.max(...labels.map(widthOf), 0);
  const upright = labels.every((text) => /^([-–\d.]*|.)$/u.test(text)), turned = !upright && longest + 4 > cell;
  const every = Math.max(Math.ceil((upright ? longest + 8 : 15) / cell), 1), written = chosen(labels, every);
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

// ------------------------------------------------------------------------------------------------------ heatmap

function heatmap(the) {
  const { picture: p, svg, plot, say, format } = the, [, rows, columns] = p.shape, values = unpack(p.values);
  const inner = the.width - the.gutter - RIGHT, cell = Math.min(inner / columns, p.cell_width), wide = cell * columns;
  const high = the.share * (p.height ?? clamp(Math.round(360 / rows), 3, 26) * rows), tall = high / rows, top = 4;
  const place = scale(p.vmin, p.vmax, p.log), palette = colours(p.colours);

  let canvas = plot.querySelector("canvas");
  if (!canvas) plot.prepend((canvas = make("canvas", { "aria-hidden": "true" })));
  canvas.width = columns; canvas.height = rows;
  Object.assign(canvas.style, { left: `${the.gutter}px`, top: `${top}px`, width: `${wide}px`, height: `${high}px` });
  const context = canvas.getContext("2d"), image = context.createImageData(columns, rows);

  const written = chosen(p.rows, Math.max(Math.ceil((fontSize + 2) / tall), 1));
  p.rows.forEach((text, at) => {
    if (written[at]) svg.append(label(text, the.gutter - 12 - (p.row_name ? 16 : 0),
      { "text-anchor": "end", x: the.gutter - 6, y: Math.max(top + (at + 0.5) * tall + 4.5, fontSize - 2) }));
  });
  const rowName = widthOf(p.row_name) > high ? short(p.row_name) : p.row_name;
  if (rowName) svg.append(label(rowName, high, { class: "name", "text-anchor": "middle", transform: `translate(12 ${top + high / 2}) rotate(-90)` }));
  const below = columnLabels(the, p.columns, cell, top + high), height = top + high + below.height + 20;
  svg.append(below.group, label(p.column_name, wide, { class: "name", "text-anchor": "middle", x: the.gutter + wide / 2, y: height - 6 }));
  const box = (row, column, classes) => classes.map((name) => make("rect", { class: name,
    x: the.gutter + (column ?? 0) * cell, y: top + (row ?? 0) * tall, width: column == null ? wide : cell, height: row == null ? high : tall }));
  const moving = make("g"), pointed = make("g");
  svg.append(moving, ...p.outlined.flatMap(([row, column]) => box(row, column, ["casing", "gold"])), pointed);

  const bar = make("canvas", { width: 256, height: 1, "aria-hidden": "true" }), ramp = bar.getContext("2d").createImageData(256, 1);
  palette.forEach((rgb, k) => ramp.data.set([...rgb, 255], 4 * k));
  bar.getContext("2d").putImageData(ramp, 0, 0);
  the.legend.append(make("span", {}, ...[p.value_name, (p.below ? "≤ " : "") + format(p.vmin), bar, (p.above ? "≥ " : "") + format(p.vmax), p.log ? say("log") : ""].map((part) => make("span", {}, part))));
  if (p.outlined.length && p.outlined_name) the.legend.append(make("span", {}, make("svg", { width: 18, height: 16, "aria-hidden": "true" },
    ...["casing", "gold"].map((name) => make("rect", { class: name, x: 3, y: 3, width: 12, height: 10 }))), p.outlined_name));
  if (p.missing) the.legend.append(make("span", {}, say("striped")));

  let now = 0;
  const shown = (frame) => (p.shape[0] > 1 ? frame : 0), names = { row_name: short(p.row_name), column_name: short(p.column_name), value_name: p.value_name };
  const tell = (row, column, value) => say("cell", { row, column, value, ...names }).trim();
  return {
    height, hint: say("cell_hint"), widest: tell(longestOf(p.rows), longestOf(p.columns), WIDE),
    paint(frame) {
      now = shown(frame);
      for (let at = 0, from = now * rows * columns; at < rows * columns; at++) {
        const value = values[from + at];
        if (Number.isFinite(value)) image.data.set([...palette[Math.round(clamp(place(value), 0, 1) * 255)], 255], 4 * at);
        else image.data[4 * at + 3] = 0;
      }
      context.putImageData(image, 0, 0);
      const row = p.cursor === "row" ? frame : null, column = p.cursor === "column" ? frame : null;
      moving.replaceChildren(...(row == null ? [] : box(row, null, ["casing", "mark"])), ...(column == null ? [] : box(null, column, ["casing", "mark"])));
    },
    pointAt(x, y) {
      const row = Math.floor((y - top) / tall), column = Math.floor((x - the.gutter) / cell);
      return row >= 0 && row < rows && column >= 0 && column < columns ? { row, column } : null;
    },
    step: (point, [dx, dy]) => point ? { row: clamp(point.row + dy, 0, rows - 1), column: clamp(point.column + dx, 0, columns - 1) } : { row: 0, column: 0 },
    showPoint: (point) => pointed.replaceChildren(...(point ? box(point.row, point.column, ["pointed"]) : [])),
    read: ({ row, column }) => tell(brief(p.rows[row]), brief(p.columns[column]), format(values[(now * rows + row) * columns + column])),
    frameAt: ({ row, column }) => ({ row, column })[p.cursor],
  };
}

// -------------------------------------------------------------------------------------------------------- lines

function lines(the) {
  const { picture: p, svg, say, look, format } = the, x = unpack(p.x), series = p.lines.map((line) => ({ ...line, y: unpack(line.y) }));
  const bands = p.bands.map((band) => ({ ...band, low: unpack(band.low), high: unpack(band.high) }));
  const top = 8, high = the.share * p.height, count = x.length;
  const cell = Math.min((the.width - the.gutter - RIGHT) / count, p.cell_width), wide = p.columns ? cell * count : the.width - the.gutter - RIGHT;
  const across = scale(p.xmin, p.xmax), up = scale(p.vmin, p.vmax, p.log);
  const px = (at) => the.gutter + (p.columns ? (at + 0.5) * cell : across(x[at]) * wide);
  const py = (value) => top + (1 - clamp(up(value), -1, 2)) * high;

  for (const value of ticks(p.vmin, p.vmax, p.log)) {
    svg.append(make("line", { class: "grid", x1: the.gutter, x2: the.gutter + wide, y1: py(value), y2: py(value) }),
      make("text", { "text-anchor": "end", x: the.gutter - 6, y: py(value) + 4.5 }, p.log ? power(value) : format(value)));
  }
  svg.append(label(p.y_name, high, { class: "name", "text-anchor": "middle", transform: `translate(12 ${top + high / 2}) rotate(-90)` }));
  let below = 20;
  if (p.columns) {
    const labels = columnLabels(the, p.columns, cell, top + high);
    svg.append(labels.group);
    below = labels.height;
  } else for (const value of ticks(p.xmin, p.xmax)) {
    svg.append(make("text", { "text-anchor": "middle", x: the.gutter + across(value) * wide, y: top + high + 17 }, format(value)));
  }
  svg.append(label(p.x_name, wide, { class: "name", "text-anchor": "middle", x: the.gutter + wide / 2, y: top + high + below + 14 }));
  svg.append(make("path", { class: "axis", d: `M${the.gutter} ${top}V${top + high}H${the.gutter + wide}` }));

  const areas = bands.map((band) => make("path", { style: `fill: ${look.lines[band.colour]}`, "fill-opacity": 0.2 }));
  const stroke = (line, d) => make("path", { d, fill: "none", "stroke-width": 2.4, "stroke-linejoin": "round",
    style: `stroke: ${look.lines[line.colour]}`, "stroke-dasharray": look.dashes[line.colour % look.dashes.length].map((part) => part * 2.4).join(" ") });
  const paths = series.map((line) => stroke(line, ""));
  const moving = make("g"), pointed = make("g");
  // What lies beyond the axis is cut off at its edge: an inner SVG is the frame.
  const frame = make("svg", { x: 0, y: top - 3, width: the.width, height: high + 6, viewBox: `0 ${top - 3} ${the.width} ${high + 6}` });
  frame.append(...areas, ...paths);
  svg.append(frame, moving, pointed);
  series.forEach((line) => {
    the.legend.append(make("span", {}, make("svg", { width: 30, height: 10, "aria-hidden": "true" }, stroke(line, "M0 5H30")), line.name));
  });

  let now = 0;
  const start = (array) => (array.length > count ? now * count : 0);
  const trace = (y) => {
    let d = "", pen = false;
    for (let at = 0, from = start(y); at < count; at++) {
      const value = y[from + at], ok = Number.isFinite(value) && !(p.log && value <= 0);
      if (ok) d += `${pen ? "L" : "M"}${px(at).toFixed(1)} ${py(value).toFixed(1)}`;
      pen = ok;
    }
    return d;
  };
  const around = ({ low, high: upper }) => {
    const from = start(low), a = [], b = [];
    for (let at = 0; at < count; at++) if (Number.isFinite(low[from + at]) && Number.isFinite(upper[from + at])) {
      a.push(`${px(at).toFixed(1)} ${py(low[from + at]).toFixed(1)}`); b.unshift(`${px(at).toFixed(1)} ${py(upper[from + at]).toFixed(1)}`);
    }
    return a.length ? `M${a.join("L")}L${b.join("L")}Z` : "";
  };
  const tell = (x, value) => say("curves", { x_name: short(p.x_name), x, values: series.map((line) => say("curve", { name: line.name, value: value(line) })).join(", ") });
  const upright = (at, name) => make("line", { class: name, x1: px(at), x2: px(at), y1: top, y2: top + high });
  return {
    height: top + high + below + 20, hint: say("curve_hint"),
    widest: tell(p.columns ? longestOf(p.columns) : WIDE, () => WIDE),
    paint(frame) {
      now = frame;
      series.forEach((line, k) => paths[k].setAttribute("d", trace(line.y)));
      bands.forEach((band, k) => areas[k].setAttribute("d", around(band)));
      moving.replaceChildren();
      if (p.mark) {
        const cx = p.columns ? the.gutter + (p.mark.x + 0.5) * cell : the.gutter + across(p.mark.x) * wide, cy = py(p.mark.y);
        const left = cx > the.gutter + wide / 2;
        moving.append(make("circle", { cx, cy, r: 6, style: `fill: ${look.lines[4]}`, stroke: "#000", "stroke-width": 1.5 }),
          label(p.mark.text, wide / 2, { x: cx + (left ? -11 : 11), y: clamp(cy - 9, top + 12, top + high - 4), "text-anchor": left ? "end" : "start" }));
      }
    },
    pointAt(mouse) {
      let best = 0;
      for (let at = 1; at < count; at++) if (Math.abs(px(at) - mouse) < Math.abs(px(best) - mouse)) best = at;
      return { at: best };
    },
    step: (point, [dx, dy]) => ({ at: point ? clamp(point.at + dx - dy, 0, count - 1) : 0 }),
    showPoint: (point) => pointed.replaceChildren(...(point ? [upright(point.at, "pointed")] : [])),
    read: ({ at }) => tell(p.columns ? brief(p.columns[at]) : format(x[at]), (line) => format(line.y[start(line.y) + at])),
  };
}

// --------------------------------------------------------------------------------------------------------- bars

function bars(the) {
  const { picture: p, svg, say, look, format } = the, values = unpack(p.values), count = p.rows.length;
  const tall = Math.max(the.share * p.bar_height, Math.min(p.bar_height, 16));
  const gutter = Math.min(Math.max(...p.rows.map(widthOf)) + 12, the.width / 2); // bars line up with no other view
  const wide = the.width - gutter - RIGHT - 36, top = 4, place = (value) => clamp(value / p.vmax, 0, 1) * wide;
  const rects = [], texts = [];
  p.rows.forEach((text, at) => {
    const y = top + at * tall;
    rects.push(make("rect", { x: gutter, y: y + 1.5, height: tall - 3, width: 0 }));
    texts.push(make("text", { y: y + tall / 2 + 4.5 }));
    svg.append(label(text, gutter - 6, { "text-anchor": "end", x: gutter - 6, y: y + tall / 2 + 4.5 }), rects[at], texts[at]);
    if (at === p.row) svg.append(make("rect", { class: "pointed", x: 1, y: y + 0.5, width: the.width - 2, height: tall - 1, rx: 3 }));
  });
  svg.append(make("path", { class: "axis", d: `M${gutter} ${top}V${top + count * tall}` }));
  the.legend.append(make("span", {}, p.value_name), ...(p.row != null && p.row_name ? [make("span", {}, say("framed", { name: p.row_name }))] : []));
  let now = 0;
  const value = (at) => values[now * count + at], tell = (name, value) => say("bar", { name, value_name: p.value_name, value });
  return {
    height: top + count * tall + 4, hint: "", widest: tell(longestOf(p.rows), WIDE),
    paint(frame) {
      now = p.shape[0] > 1 ? frame : 0;
      const most = Math.max(...p.rows.map((_, at) => value(at))), longest = p.rows.map((_, at) => value(at) >= most * (1 - 1e-6));
      const alone = longest.filter(Boolean).length === 1;
      for (let at = 0; at < count; at++) {
        rects[at].setAttribute("width", place(value(at) || 0));
        rects[at].style.fill = look.lines[longest[at] && alone ? 1 : 0];
        texts[at].setAttribute("x", gutter + place(value(at) || 0) + 5);
        texts[at].textContent = format(value(at) >= 0.005 ? Number(value(at).toFixed(2)) : Number(value(at).toPrecision(1)));
      }
    },
    pointAt: (x, y) => ({ at: clamp(Math.floor((y - top) / tall), 0, count - 1) }),
    step: (point, [dx, dy]) => ({ at: point ? clamp(point.at + dx + dy, 0, count - 1) : 0 }),
    showPoint: () => {},
    read: ({ at }) => tell(brief(p.rows[at]), format(value(at))),
  };
}

// -------------------------------------------------------------------------------------------------------- plane

function plane(the) {
  // A plane is square: where views stand side by side, it is the width that it lacks.
  const { picture: p, svg, say, look, format } = the, top = 6, marks = widthOf("−2") + 10;
  const side = Math.min(Math.max(the.share, 0.85) * p.height, the.width - marks - RIGHT);
  const left = Math.max((the.width - side) / 2, marks), half = side / 2;
  const px = (x) => left + half + (clamp(x, -p.reach, p.reach) / p.reach) * half, py = (y) => top + half - (clamp(y, -p.reach, p.reach) / p.reach) * half;
  for (const value of ticks(-p.reach, p.reach, false)) {
    svg.append(make("line", { class: "grid", x1: px(value), x2: px(value), y1: top, y2: top + side }),
      make("line", { class: "grid", x1: left, x2: left + side, y1: py(value), y2: py(value) }),
      make("text", { class: "name", "text-anchor": "middle", x: px(value), y: top + side + 16 }, format(value)),
      make("text", { class: "name", "text-anchor": "end", x: left - 5, y: py(value) + 4.5 }, format(value)));
  }
  svg.append(make("path", { class: "axis", d: `M${px(0)} ${top}V${top + side}M${left} ${py(0)}H${left + side}` }));
  const texts = p.items.map((item) => (item.share == null ? item.name : say("curve", { name: item.name, value: item.share.toFixed(2) })));
  p.items.forEach((item, at) => {
    const x = px(item.x), y = py(item.y), colour = look.lines[item.special ? 1 : 0], far = Math.hypot(x - px(0), y - py(0)) || 1;
    const dx = (x - px(0)) / far, dy = (y - py(0)) / far;
    if (item.kind === "arrow" && Math.hypot(x - px(0), y - py(0)) < 4) svg.append(make("circle", { cx: x, cy: y, r: 5, style: `fill: ${colour}` }));
    else if (item.kind === "arrow") {
      const thick = item.share == null ? 2.2 : 1 + 8 * item.share, head = 8 + thick;
      const bx = x - dx * head, by = y - dy * head, wing = head / 2;
      svg.append(make("line", { x1: px(0), y1: py(0), x2: bx, y2: by, style: `stroke: ${colour}`, "stroke-width": thick }),
        make("path", { d: `M${x} ${y}L${bx - dy * wing} ${by + dx * wing}L${bx + dy * wing} ${by - dx * wing}Z`, style: `fill: ${colour}` }));
    } else if (item.special) {
      svg.append(make("path", { d: `M${x - 8} ${y - 8}L${x + 8} ${y + 8}M${x - 8} ${y + 8}L${x + 8} ${y - 8}`, style: `stroke: ${colour}`, "stroke-width": 5, fill: "none" }));
    } else svg.append(make("circle", { cx: x, cy: y, r: item.share == null ? 6 : 4 + 20 * Math.sqrt(item.share), style: `fill: ${colour}`, "fill-opacity": 0.6 }));
    const out = 16 + (item.kind === "point" && item.share != null ? 12 * Math.sqrt(item.share) : 0), width = widthOf(texts[at]);
    const first = left + 4, last = the.width - 4;
    let anchor = dx > 0.4 ? "start" : dx < -0.4 ? "end" : "middle", tx = x + dx * out, ty = y + dy * out;
    if (anchor === "middle") tx = clamp(tx, first + width / 2, last - width / 2);
    const beyond = { start: tx + width > last, end: tx - width < first }[anchor];
    if (beyond) { // no room at its side: at the edge, above or below it, away from the others
      const radius = item.kind === "point" && item.share != null ? 4 + 20 * Math.sqrt(item.share) : 6;
      const middle = anchor === "start" ? last - width / 2 : first + width / 2;
      const room = (y) => Math.min(...p.items.map((other) => (other === item ? Infinity : Math.hypot(px(other.x) - middle, py(other.y) - y))));
      [anchor, tx] = anchor === "start" ? ["end", last] : ["start", first];
      ty = [y - radius - 10, y + radius + 10].reduce((a, b) => (room(b) > room(a) ? b : a));
    }
    svg.append(make("text", { "text-anchor": anchor, x: tx, y: clamp(ty + 4.5, top + 10, top + side - 2) }, texts[at]));
  });
  const pointed = make("g");
  svg.append(pointed);
  return {
    height: top + side + 24, hint: say("plane_hint"),
    paint: () => {},
    pointAt(x, y) {
      const away = (item) => Math.hypot(px(item.x) - x, py(item.y) - y);
      const at = p.items.reduce((best, item, k) => (away(item) < away(p.items[best]) ? k : best), 0);
      return away(p.items[at]) < 40 ? { at } : null;
    },
    step: (point, [dx, dy]) => ({ at: point ? clamp(point.at + dx + dy, 0, p.items.length - 1) : 0 }),
    showPoint: (point) => pointed.replaceChildren(...(point ? [make("circle", { class: "pointed", cx: px(p.items[point.at].x), cy: py(p.items[point.at].y), r: 14 })] : [])),
    read({ at }) {
      const { name, x, y, share } = p.items[at];
      const [left, up] = [x, y].map((place) => format(Number(place.toFixed(3))));
      return say(share == null ? "place" : "shared_place", { name, x: left, y: up, share_name: p.share_name, share: share == null || format(share) });
    },
  };
}

// ----------------------------------------------------------------------------------------------------- sentence

function sentence(the) {
  const { picture: p, svg, say, look, format } = the, values = unpack(p.values), tall = 30, left = 14, columns = p.columns.length;
  const boxes = [], words = [];
  /** Place words from left to right and line by line; return the place of each and where the text ends. */
  function flow(texts, top) {
    let x = left, y = top;
    const places = texts.map((text) => {
      const width = Math.min(widthOf(text) * 1.15 + 14, the.width - left - RIGHT);
      if (x > left && x + width > the.width - RIGHT) { x = left; y += tall; }
      const place = { x, y, width };
      x += width + 3;
      return place;
    });
    return { places, bottom: Math.max(y, top + (p.lines - 1) * tall) + tall };
  }
  const source = flow(p.columns, 22), target = flow(p.rows, source.bottom + 26);
  svg.append(make("text", { class: "name", x: left, y: 14 }, p.column_name), make("text", { class: "name", x: left, y: source.bottom + 18 }, p.row_name));
  const put = (places, texts, list) => places.forEach(({ x, y, width }, at) => {
    const rect = make("rect", { x, y, width, height: tall - 4, rx: 5, "stroke-width": 2 });
    const text = make("text", { "text-anchor": "middle", x: x + width / 2, y: y + 18, style: "font-size: 15px" }, texts[at]);
    list.push({ rect, text });
    svg.append(rect, text);
  });
  put(source.places, p.columns, boxes);
  put(target.places, p.rows, words);
  const pointed = make("g"), names = { column: p.column_name, value: p.value_name };
  svg.append(pointed);
  the.legend.append(make("span", {}, say("brightness", names)), ...(p.marked.length ? [make("span", {}, say("framed_gold"))] : []));
  let now = 0;
  return {
    height: target.bottom + 4, hint: say("sentence_hint", names),
    paint(frame) {
      now = frame;
      const gold = new Set(p.marked.filter(([row]) => row === frame).map(([, column]) => column));
      boxes.forEach(({ rect, text }, at) => {
        const weight = clamp(values[frame * columns + at], 0, 1);
        rect.style.fill = look.lines[4];
        rect.style.fillOpacity = weight.toFixed(3);
        rect.style.stroke = gold.has(at) ? "var(--ink)" : "none";
        text.style.fill = weight > 0.55 ? "#111" : "";
      });
      words.forEach(({ rect, text }, at) => {
        rect.style.fill = "none";
        rect.style.stroke = at === frame ? "var(--ink)" : "none";
        text.style.fontWeight = at === frame ? "700" : "400";
        text.style.fill = at <= frame ? "var(--ink)" : "var(--faint)";
      });
    },
    pointAt(x, y) {
      const inside = (place) => x >= place.x && x <= place.x + place.width && y >= place.y && y <= place.y + tall - 4;
      const at = source.places.findIndex(inside), row = target.places.findIndex(inside);
      return at >= 0 ? { at } : row >= 0 ? { row } : null;
    },
    step(point, [dx, dy]) {
      if (!point) return { at: 0 };
      if (dy) return dy > 0 ? { row: point.row ?? now } : { at: point.at ?? 0 };
      return point.row == null ? { at: clamp(point.at + dx, 0, columns - 1) } : { row: clamp(point.row + dx, 0, p.rows.length - 1) };
    },
    showPoint(point) {
      const { x, y, width } = (point?.row == null ? source.places[point?.at] : target.places[point.row]) ?? {};
      pointed.replaceChildren(...(x == null ? [] : [make("rect", { class: "pointed", x: x - 1.5, y: y - 1.5, width: width + 3, height: tall - 1, rx: 6 })]));
    },
    read: ({ at, row }) => (at == null ? say("target_word", { name: p.row_name, word: p.rows[row] })
      : say("word", { target: p.rows[now], source: p.columns[at], value_name: p.value_name, value: format(values[now * columns + at]) })),
    frameAt: ({ row }) => row,
  };
}

// ------------------------------------------------------------------------------------------------------- status

/** One sentence that a screen reader hears; "working…" once Python is busy for 200 ms; a lost kernel is named. */
function status({ model, el }) {
  const line = make("div", { class: "cu-view cu-status", role: "status", "aria-live": "polite" });
  el.replaceChildren(line);
  const { say } = manner(model, line);
  let timer = null, lost = false, saved = false, controls = [];
  function show() { // whatever Python says ends a silence
    clearTimeout(timer);
    line.classList.remove("working");
    line.classList.toggle("error", lost || model.get("failed"));
    line.textContent = lost ? say("lost") : saved ? say("saved", { text: model.get("text") }) : model.get("text");
    line.dataset.state = lost ? "lost" : model.get("busy") ? "busy" : model.get("failed") ? "failed" : "ready";
    keepHeight(line);
    if (!lost && model.get("busy")) timer = setTimeout(() => {
      line.classList.add("working");
      line.textContent = say("working");
    }, 200);
  }
  // A moved control asks Python. No sign of an answer for a second: say so, for nothing else tells that a kernel was
  // shut down, or that another cell keeps it busy.
  function ask() {
    if (lost || saved || model.get("busy")) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      line.classList.add("working");
      line.textContent = say("silent");
      line.dataset.state = "silent";
      keepHeight(line);
    }, 1000);
  }
  const found = Promise.all(model.get("controls").map((id) => model.widget_manager.get_model(id))).then((models) => {
    controls = models;
    controls.forEach((control) => control.on("change:value", ask));
  }).catch(() => {}); // a control that is gone asks nothing
  const gone = () => setTimeout(() => { lost = !!line.closest(DEAD); show(); }); // once the panel has its class
  const events = ["change:text", "change:failed", "change:busy"];
  events.forEach((event) => model.on(event, show));
  model.on("comm_live_update", gone);
  show();
  // Two gaps of ipywidgets in JupyterLab: sliders have no name for a screen reader (take it from the label beside
  // them), and Lab's shortcuts swallow the arrow keys of menus and text boxes.
  let panel = null;
  const mend = () => panel?.querySelectorAll("[role=slider], select, input").forEach((control) => {
    control.dataset.lmSuppressShortcuts = "true";
    const name = control.closest(".widget-slider, .jupyter-widgets")?.querySelector(".widget-label")?.textContent;
    if (name && !control.hasAttribute("aria-label")) control.setAttribute("aria-label", name);
  });
  const mending = requestAnimationFrame(() => {
    panel = line.closest(".cu-panel");
    panel?.addEventListener("focusin", mend); // controls that were mounted later
    mend();
    if (line.closest(DEAD)) { saved = true; show(); } // born without a kernel: an exported page
  });
  return () => {
    clearTimeout(timer); cancelAnimationFrame(mending); panel?.removeEventListener("focusin", mend);
    found.then(() => controls.forEach((control) => control.off("change:value", ask)));
    events.forEach((event) => model.off(event, show)); model.off("comm_live_update", gone);
  };
}

const KINDS = { heatmap, lines, bars, plane, sentence };

export default {
  render({ model, el }) {
    addStyle();
    const kind = model.get("kind");
    return kind === "status" ? status({ model, el }) : stage(model, el, KINDS[kind]);
  },
};
