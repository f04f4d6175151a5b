// One layer of a Transformer: every word's stream runs upwards, and sublayers read it and add to it.

import { unpack } from "../numbers.js";
import { clamp, fontSize, make, widthOf } from "../tools.js";

// What happens in each step.
const CAPTIONS = ["layer_0", "layer_1", "layer_2", "layer_3", "layer_4", "layer_5", "layer_6", "layer_7"];

const SEEN = 0.02; // smaller weights get no ribbon
const [WORD, PLACE, NORM, HEADS, ADD, NORM_2, NETWORK, ADD_2] = Array(8).keys();

export function layer(the) {
  const { picture: p, svg, say, look } = the, count = p.words.length, line = fontSize + 8;
  const [sizes, streams, weights] = [p.sizes, p.streams, p.weights].map(unpack);
  const size = (row, word) => sizes[row * count + word], stream = (row, word) => streams[row * count + word];
  const weight = (head, word, on) => weights[(head * count + word) * count + on];
  const blue = look.lines[0], colours = Array.from({ length: p.heads }, (_, head) => look.lines[(head + 1) % look.lines.length]);
  if (the.words !== p.words.join("\n")) [the.words, the.chosen] = [p.words.join("\n"), p.chosen];

  // Columns: names of the steps, a stream for each word, lengths of the chosen one's vectors.
  const short = the.width < 520, digits = (value) => value.toFixed(1);
  const names = Math.max(...p.steps.map((text) => widthOf(text) * 1.08)) + 12, ends = widthOf(short ? "+ 99.9" : "+ 99.9 → 99.9") + 12;
  const pitch = Math.min((the.width - names - ends) / count, 96), left = names + (the.width - names - ends - pitch * count) / 2;
  const x = (word) => left + (word + 0.38) * pitch, aside = clamp(pitch * 0.38, 9, 34), thick = Math.min(pitch * 0.4, 22) / Math.max(...streams);
  const lines = clamp(Math.ceil((Math.max(...p.words.map(widthOf)) * 1.07 + 10) / pitch), 1, 4);
  // Rows, from the words upwards.
  const rise = [29, 33, 33, 82, 34, 36, 39, 35].map((pixels) => pixels * Math.max(the.share, 0.9));
  const foot = rise.reduce((sum, pixels) => sum + pixels, 26), y = rise.map((_, step) => foot - rise.slice(0, step + 1).reduce((sum, pixels) => sum + pixels, 0) + 10);

  const path = (d, width, colour, attributes = {}) => make("path", { d, fill: "none", "stroke-width": Math.max(width, 0.6).toFixed(2), style: `stroke: ${colour}`, ...attributes });
  const bend = (x1, y1, x2, y2) => `M${x1} ${y1}C${x1} ${(y1 + y2) / 2} ${x2} ${(y1 + y2) / 2} ${x2} ${y2}`;
  const plus = (word, step) => make("g", {}, make("circle", { class: "plus", cx: x(word), cy: y[step], r: 7 }), make("path", { d: `M${x(word) - 4} ${y[step]}h8M${x(word)} ${y[step] - 4}v8`, "stroke-width": 1.5, stroke: "var(--ink)" }));

  /** The parts of a word's way by the step that brings them; `followed`: with all that sublayers do. */
  function way(word, followed) {
    const at = x(word), by = at + aside, colour = followed ? blue : "var(--faint)", parts = [[], [], [], [], [], [], [], []];
    const put = (step, ...nodes) => parts[step].push(...nodes);
    // The stream is drawn anew at every step as far as it has come.
    const spans = [[foot, y[PLACE], 0], [y[PLACE], y[ADD], 1], [y[ADD], y[ADD_2], 2], [y[ADD_2], 14, 3]];
    const reach = [y[WORD] - 4, y[PLACE] - 12, y[NORM], y[HEADS], y[ADD] - 12, y[NORM_2], y[NETWORK], 14];
    put(WORD, ...spans.map(([from, to, row]) => path(`M${at} ${from}V${to}`, thick * stream(row, word), colour, { "data-stream": row })));
    const cover = (frame) => spans.forEach(([from, to], row) => {
      const end = Math.max(to, reach[frame]);
      parts[WORD][row].setAttribute("d", end < from ? `M${at} ${from}V${end}` : "");
    });
    put(PLACE, path(bend(at - aside, y[PLACE] + 26, at, y[PLACE]), thick * size(1, word), followed ? "var(--good)" : "var(--faint)"), ...(followed ? [plus(word, PLACE)] : []));
    const node = (step) => make("rect", { class: "node", x: by - Math.max(thick * size(2, word) / 2 + 2, 6), y: y[step] - 5, width: 2 * Math.max(thick * size(2, word) / 2 + 2, 6), height: 10, rx: 5, style: followed ? "" : "stroke: var(--faint); stroke-width: 1" });
    put(NORM, path(bend(at, y[PLACE] - 8, by, y[NORM]), thick * size(2, word) * 0.6, colour), node(NORM));
    if (followed) {
      const wide = clamp(pitch * 0.86, 26, 70), slot = wide / p.heads, middle = (head) => by + (head - (p.heads - 1) / 2) * slot;
      for (let head = 0; head < p.heads; head++) {
        let used = middle(head) - slot * 0.46;
        for (let on = 0; on < count; on++) {
          const share = weight(head, word, on) * slot * 0.92, from = x(on) + aside + (head - (p.heads - 1) / 2) * Math.min(4, pitch * 0.1);
          used += share;
          if (weight(head, word, on) >= SEEN) put(HEADS, path(bend(from, y[NORM] - 6, used - share / 2, y[HEADS] + 9), share, colours[head], { "data-head": head, "data-on": on, "stroke-opacity": 0.8 }));
        }
        put(HEADS, make("rect", { x: middle(head) - slot / 2 + 0.5, y: y[HEADS] - 8, width: slot - 1, height: 17, rx: 3, style: `fill: ${colours[head]}` }));
      }
      put(ADD, path(bend(by, y[HEADS] - 8, at, y[ADD]), thick * size(3, word), look.lines[1], { "data-added": "heads" }), plus(word, ADD));
      put(NORM_2, path(bend(at, y[ADD] - 8, by, y[NORM_2]), thick * size(4, word) * 0.6, colour), node(NORM_2));
      const half = clamp(pitch * 0.36, 10, 30);
      put(NETWORK, path(`M${by} ${y[NORM_2] - 5}V${y[NETWORK] + 12}`, thick * size(4, word) * 0.6, colour),
        make("path", { d: `M${by - half * 0.45} ${y[NETWORK] + 14}L${by - half} ${y[NETWORK]}L${by - half * 0.45} ${y[NETWORK] - 14}H${by + half * 0.45}L${by + half} ${y[NETWORK]}L${by + half * 0.45} ${y[NETWORK] + 14}Z`,
          style: `fill: color-mix(in srgb, ${look.lines[2]} 30%, var(--paper)); stroke: ${look.lines[2]}`, "stroke-width": 1.5 }));
      put(ADD_2, path(bend(by, y[NETWORK] - 14, at, y[ADD_2]), thick * size(5, word), look.lines[2], { "data-added": "network" }), plus(word, ADD_2),
        make("path", { d: `M${at} 4l-${Math.max(thick * stream(3, word) * 0.8, 7)} 12h${2 * Math.max(thick * stream(3, word) * 0.8, 7)}Z`, style: `fill: ${colour}` }));
    }
    const groups = parts.map((nodes, step) => make("g", { class: "ease", ...(followed ? { "data-step": step } : {}) }, ...nodes));
    return { node: make("g", { opacity: followed ? 1 : 0.32 }, ...groups), groups, cover };
  }

  const levels = p.steps.map((text, step) => make("text", { class: "level-name", x: 2, y: y[step] + 4.5 }, text));
  const lengths = p.steps.map((_, step) => make("text", { class: "ease", "text-anchor": "end", x: the.width - 2, y: y[step] + 4.5 }));
  const keys = p.words.map((word, at) => {
    const width = widthOf(word) * 1.07 + 8, top = foot + 4 + (at % lines) * line;
    const rect = make("rect", { class: "ease", x: x(at) - width / 2, y: top, width, height: line - 1, rx: 4, "stroke-width": 1.5 }), text = make("text", { "text-anchor": "middle", x: x(at), y: top + fontSize + 1 }, word);
    return { rect, text, top, width };
  });
  const ways = make("g"), pointed = make("g");
  svg.append(...levels, ...lengths, ways, ...keys.flatMap(({ rect, text }) => [rect, text]), pointed);
  svg.style.cursor = "";

  const unplaced = sizes.slice(count, 2 * count).every((size) => size === 0); // as with rotary positions
  const captions = make("span", { class: "captions" }, ...p.steps.map((_, step) => make("span", {}, say(step === PLACE && unplaced ? "layer_unplaced" : CAPTIONS[step]))));
  const sample = (colour) => make("svg", { width: 16, height: 12, "aria-hidden": "true" }, make("rect", { y: 1, width: 14, height: 10, rx: 3, style: `fill: ${colour}` }));
  the.legend.append(captions, ...colours.map((colour, head) => make("span", {}, sample(colour), say("head", { number: head + 1 }))), make("span", { class: "name" }, say("layer_legend")));

  let now = 0, drawn = [];
  function follow(word) {
    the.chosen = word;
    drawn = p.words.map((_, at) => way(at, at === word));
    ways.replaceChildren(...drawn.filter((_, at) => at !== word).map(({ node }) => node), drawn[word].node);
    const sum = (row, after) => (short ? `+ ${digits(size(row, word))}` : `+ ${digits(size(row, word))} → ${digits(stream(after, word))}`);
    [digits(size(0, word)), sum(1, 1), digits(size(2, word)), "", sum(3, 2), digits(size(4, word)), "", sum(5, 3)].forEach((text, step) => { lengths[step].textContent = text; });
    keys.forEach(({ rect, text }, at) => {
      rect.style.fill = at === word ? blue : "transparent";
      rect.style.fillOpacity = 0.16;
      rect.style.stroke = at === word ? blue : "none";
      text.style.fontWeight = at === word ? "700" : "400";
    });
  }
  const drawing = {
    height: foot + 6 + lines * line, hint: say("layer_hint"),
    paint(frame) {
      now = frame;
      if (!drawn.length) follow(the.chosen);
      drawn.forEach(({ groups, cover }) => {
        cover(frame);
        groups.forEach((group, step) => { group.style.opacity = step <= frame ? 1 : 0; });
      });
      levels.forEach((text, step) => text.classList.toggle("on", step === frame));
      lengths.forEach((text, step) => { text.style.opacity = step <= frame ? 1 : 0; });
      [...captions.children].forEach((caption, step) => caption.classList.toggle("on", step === frame));
    },
    pointAt(px, py) {
      const word = Math.floor((px - left) / pitch);
      return word >= 0 && word < count && py > 0 ? { word } : null;
    },
    step: (point, [dx, dy]) => ({ word: point ? clamp(point.word + dx + dy, 0, count - 1) : the.chosen }),
    showPoint(point) {
      const key = point && keys[point.word];
      pointed.replaceChildren(...(point ? [make("rect", { class: "pointed", x: x(point.word) - key.width / 2 - 1, y: key.top - 1, width: key.width + 2, height: line + 1, rx: 5 })] : []));
    },
    read({ word }) {
      if (now < HEADS) return say("layer_word", { word: p.words[word], size: digits(stream(now < PLACE ? 0 : 1, word)) });
      const list = colours.map((_, head) => weight(head, the.chosen, word).toFixed(2)).join(", ");
      return say("layer_looks", { chosen: p.words[the.chosen], word: p.words[word], weights: list });
    },
    place: ({ word }) => [x(word), keys[word].top],
    pick({ word }) {
      follow(word);
      drawing.paint(now);
      svg.setAttribute("aria-label", say("layer_now", { title: p.title, word: p.words[word] }));
    },
  };
  return drawing;
}
