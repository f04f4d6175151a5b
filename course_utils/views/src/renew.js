// The pictures of `views/pictures.py` with other numbers in them, as the browser computes them without Python.
//
// A renewed picture keeps what its explorer never changes: the ends of its scales, names of axes, sizes.

import { argmax } from "./networks.js";
import { fill, fixed } from "./say.js";

/** Numbers as `unpack` takes them. */
const packed = (numbers) => ({ code: "float64", data: new DataView(Float64Array.from(numbers).buffer), low: 0, high: 0 });
const texts = (labels) => labels.map(String);

/** The range of the finite values in words, and how many have none. */
function extent(T, name, values) {
  let low = Infinity, high = -Infinity, missing = 0;
  for (const value of values) {
    if (!Number.isFinite(value)) missing++;
    else { low = Math.min(low, value); high = Math.max(high, value); }
  }
  return fill(missing === values.length ? T.all_missing : missing ? T.extent_missing : T.extent, { name, low, high, missing });
}

function steps(p, count, names) { Object.assign(p, { step_count: count, steps: names ? texts(names) : p.steps }); }

/** Weights between two sentences. */
function between(p, { values, rows, columns, marked = p.marked, ...names }, T) {
  Object.assign(p, names, { rows: texts(rows), columns: texts(columns), marked, values: packed(values.flatMap((row) => [...row])) });
  steps(p, rows.length, rows);
  const pairs = values.map((share, at) => fill(T.pair, { target: rows[at], source: columns[argmax(share)], weight: Math.max(...share) }));
  p.alternative = fill(T.ribbons, { title: p.title || T.ribbon_title, pairs: pairs.join("; "), row_name: p.row_name, column_name: p.column_name, value_name: p.value_name });
}

const RENEW = {
  /** `values`: rows of numbers. */
  heatmap(p, { values, rows, columns = p.columns, outlined = p.outlined, ...names }, T) {
    Object.assign(p, names, { rows: texts(rows), columns: texts(columns), outlined, shape: [1, values.length, values[0].length] });
    const flat = values.flatMap((row) => [...row]), finite = flat.filter(Number.isFinite);
    p.values = packed(flat);
    p.missing = finite.length < flat.length;
    Object.assign(p, { below: finite.some((value) => value < p.vmin), above: finite.some((value) => value > p.vmax) });
    if (p.cursor) steps(p, p.cursor === "row" ? rows.length : columns.length, p.cursor === "row" ? rows : columns);
    const fields = { title: p.title, rows: rows.length, columns: columns.length, row_name: p.row_name, column_name: p.column_name };
    p.alternative = fill(T.heatmap, { ...fields, values: extent(T, p.value_name, flat) });
    if (outlined.length) p.alternative += ` ${fill(p.outlined_name ? T.outlined_name : T.outlined, { count: outlined.length, meaning: p.outlined_name })}`;
    if (p.hands.length) p.alternative += ` ${fill(T.hands, { names: p.hands.map(({ name, column }) => `${name} ${p.columns[column]}`).join(", ") })}`;
  },
  /** `hands`: [sine, cosine] of each hand at both positions; `added`, what each adds. */
  clock(p, { hands, added, names, turns }, T) {
    Object.assign(p, { values: packed(hands.flat(2)), added: packed(added), count: added.length, names: texts(names), turns: texts(turns) });
    const values = [...added].map((value) => fixed(value, 2)).join(", ");
    p.alternative = fill(T.clock, { title: p.title, count: p.count, first: names[0], second: names[1], value_name: p.value_name, values });
  },
  /** `lines`: name → numbers; `bands`: name → [low, high]; `ghosts`: name → { x, y }; `mark`: { x, y, text }. */
  lines(p, { x, lines, bands = {}, ghosts = {}, mark = null, ...names }, T) {
    const order = Object.keys(lines), entries = Object.entries(lines);
    Object.assign(p, names, { mark, x: packed(x), xmin: x[0], xmax: x[x.length - 1] });
    p.lines = entries.map(([name, y], colour) => ({ name, y: packed(y), colour }));
    p.bands = Object.entries(bands).map(([name, [low, high]]) => ({ low: packed(low), high: packed(high), colour: order.indexOf(name) }));
    p.ghosts = Object.entries(ghosts).map(([name, { x, y }], colour) => ({ name, x: packed(x), y: packed(y), colour }));
    const fields = { title: p.title, x_name: p.x_name, first: x[0], last: x[x.length - 1], mark: mark?.text };
    p.alternative = fill(mark ? T.lines_mark : T.lines, { ...fields, y_name: p.log ? fill(T.log, { name: p.y_name }) : p.y_name,
      curves: entries.map(([name, y]) => extent(T, name, y)).join("; ") });
  },
  /** `values`: frames of bars. */
  bars(p, { values, rows = p.rows, steps: names, ...others }, T) {
    Object.assign(p, others, { rows: texts(rows), values: packed(values.flatMap((bars) => [...bars])), shape: [values.length, rows.length] });
    steps(p, values.length, names);
    const last = values.at(-1), best = argmax(last), fields = { title: p.title, value_name: p.value_name, count: rows.length };
    p.alternative = fill(values.length > 1 ? T.bars_frames : T.bars,
      { ...fields, name: p.rows[best], value: last[best], frames: values.length, step_name: p.step_name });
  },
  /** `values`: the shares at each step. */
  stream(p, { values, steps: names }, T) {
    Object.assign(p, { values: packed(values.flatMap((shares) => [...shares])), shape: [values.length, p.rows.length] });
    steps(p, values.length, names);
    const last = values.at(-1), best = argmax(last);
    p.alternative = fill(T.stream, { title: p.title, value_name: p.value_name, count: p.rows.length, steps: values.length,
      step_name: p.step_name, name: p.rows[best], value: last[best] });
  },
  /** `beams`: after each step [parent, word, log-probability, ended] of what is kept. */
  tree(p, { beams }, T) {
    p.beams = beams;
    steps(p, beams.length);
    p.alternative = fill(T.tree, { title: p.title, steps: beams.length, most: Math.max(...beams.map((beam) => beam.length)), value: Math.exp(beams.at(-1)[0][2]) });
  },
  /** `items`: { name, x, y, share }, in any order of the picture's own. */
  plane(p, { items }, T) {
    const now = new Map(items.map((item) => [item.name, item]));
    p.items = p.items.map((item) => ({ ...item, ...now.get(item.name) }));
    const tell = (item) => fill(item.share == null ? T.place : T.place_share, { ...item, share_name: p.share_name });
    p.alternative = fill(T.plane, { title: p.title, items: p.items.map(tell).join("; ") });
  },
  /** `traces`: name → numbers; `now`: the gate that is held. */
  tank(p, { traces, steps: names, now, ...others }, T) {
    Object.assign(p, others, { hold: p.hold && { ...p.hold, now }, traces: Object.fromEntries(Object.entries(traces).map(([name, values]) => [name, packed(values)])) });
    steps(p, names.length, names);
    const told = Object.fromEntries(["cell", "input", "forget"].map((name) => [name, traces[name].map((value) => fixed(value, 2)).join(", ")]));
    p.alternative = fill(T.tank, { title: p.title, steps: names.join(" "), ...told });
  },
  /** `words`, their `order`, and `results`: { name, before, after, lost, new, told }. */
  chips(p, { words, order, results }, T) {
    Object.assign(p, { words, order, results });
    const told = results.map(({ name, before, after }) => fill(T.made, { name, before: before.join(" "), after: after.join(" ") }));
    p.alternative = fill(T.chips, { title: p.title, words: order.map((at) => words[at]).join(" "), results: told.join("; ") });
  },
  /** `values`: the numbers of each stage. */
  pipeline(p, { values }, T) {
    p.values = packed(values.flatMap((stage) => [...stage]));
    const list = (stage) => stage.map((value, at) => fill("{row} {value:.3g}", { row: p.rows[at], value })).join(", ");
    const stages = values.map((stage, at) => fill(T.stage, { name: p.columns[at], values: list([...stage]) }));
    p.alternative = fill(T.stages, { title: p.title, stages: stages.join("; ") });
  },
  /** `values`: a row of weights for each word of `rows`. */
  ribbons(p, changes, T) {
    if (!changes.values) return Object.assign(p, changes);
    between(p, changes, T);
    p.rest = p.rows.length >> 1; // the frame that a page shows first
    if (p.marked.length) p.alternative += ` ${fill(T.ribbons_marked, { count: p.marked.length, meaning: p.marked_name || T.marked })}`;
  },
  /** `maps`: for each head, layer by layer, a row of weights for each word of `rows`; `rates`: a number for each, or none. */
  heads(p, { maps, rows, columns, ...others }, T) {
    Object.assign(p, others, { rows: texts(rows), columns: texts(columns), shape: [p.shape[0], p.shape[1], rows.length, columns.length] });
    p.values = packed(maps.flatMap((map) => map.flatMap((row) => [...row])));
    steps(p, rows.length, rows);
    p.rest = rows.length >> 1;
    const fields = { title: p.title, count: p.names.length, layers: p.shape[0], chosen: p.names[p.chosen] };
    p.alternative = fill(T.heads, { ...fields, row_name: p.row_name, column_name: p.column_name, value_name: p.value_name });
    if (p.rates) p.alternative += ` ${fill(T.heads_rates, { name: p.rate_name, rates: p.rates.map((rate, at) => `${p.names[at]} ${fixed(rate, 2)}`).join(", ") })}`;
    if (p.silent.length) p.alternative += ` ${fill(T.heads_silent, { heads: p.silent.map((at) => p.names[at]).join(", ") })}`;
  },
  /** `lines`: two of { name, words, note, marked }. */
  versions(p, { lines }, T) {
    p.lines = lines;
    const told = lines.map(({ name, words, note }) => fill(T.version, { name, note, text: words.join(" ") }));
    p.alternative = fill(T.versions, { title: p.title, versions: told.join("; ") });
  },
};

/** A picture of a kind with changes; `frame` is the step to go to, none if absent. `T`: the templates of `pictures.TEXTS`. */
export function renew(kind, picture, { frame = null, ...changes }, T) {
  const p = { ...picture, version: (picture.version ?? 0) + 1 };
  if (Object.keys(changes).length) RENEW[kind](p, changes, T);
  p.start = frame == null ? null : Math.min(frame, p.step_count - 1);
  return p;
}
