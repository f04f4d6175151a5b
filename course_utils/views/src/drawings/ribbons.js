// Ribbons between two lines of words: how much of each source word is used where a target word is written.

import { unpack } from "../numbers.js";
import { clamp, fontSize, label, make, widthOf } from "../tools.js";

const BOLD = 1.07; // how much wider a text in bold is
const SEEN = 0.005; // smaller weights get no ribbon

export function ribbons(the) {
  const { picture: p, svg, say, look, format } = the, values = unpack(p.values), columns = p.columns.length;
  const SCALE = p.height ? 1 : 1.15; // of the words, against the drawings' other texts
  const words = { source: p.columns, target: p.rows }, tall = Math.round(2.1 * fontSize), line = fontSize + 6;
  const size = (text) => widthOf(text) * SCALE * BOLD + 14;
  const names = Math.max(widthOf(p.row_name), widthOf(p.column_name)) + 16;
  const natural = Math.max(...Object.values(words).map((texts) => texts.reduce((sum, text) => sum + size(text) + 6, 0)));
  const lying = natural <= the.width - names; // two lines, one above the other; else two columns side by side
  const colour = look.lines[0];

  /** The box of every word of both lines, and where the ribbons end: at `edge`, within `room` pixels. */
  function lie() {
    const span = Math.min(the.width - names - 8, Math.max(natural, 0.9 * (the.width - names)));
    const gap = p.height ? Math.max(80, the.share * p.height - 2 * tall - line) : Math.max(110, the.share * 210), from = names + (the.width - names - 8 - span) / 2;
    const place = (texts, y, edge) => {
      const free = span - texts.reduce((sum, text) => sum + size(text), 0), between = Math.min(free / Math.max(texts.length - 1, 1), 58);
      let x = from + (free - between * (texts.length - 1)) / 2;
      return texts.map((text) => {
        const box = { x, y, width: size(text), height: tall, edge };
        x += box.width + between;
        return { ...box, middle: box.x + box.width / 2 };
      });
    };
    const top = line + 2, below = top + tall + gap;
    return { source: place(words.source, top, top + tall), target: place(words.target, below, below), height: below + tall + 4,
      room: 34, point: (along, across) => `${along.toFixed(1)} ${across.toFixed(1)}` };
  }
  function stand() {
    const rows = Math.max(columns, p.rows.length), head = line + 4, most = clamp((the.share * (p.height ?? 340)) / rows, fontSize + (p.height ? 2 : 5), 30);
    const wide = Object.fromEntries(Object.entries(words).map(([side, texts]) => [side, Math.min(Math.max(...texts.map(size)), 0.3 * the.width)]));
    const number = widthOf("0.99") + 8, middle = clamp(the.width - number - wide.source - wide.target - 4, 60, 260);
    const left = Math.max((the.width - number - wide.source - wide.target - middle) / 2, 0) + number;
    const place = (texts, x, width, edge) => {
      const each = (rows * most) / texts.length;
      return texts.map((_, at) => {
        const y = head + (at + 0.5) * each - (most - 2) / 2;
        return { x, y, width, height: most - 2, edge, middle: y + (most - 2) / 2 };
      });
    };
    return { source: place(words.source, left, wide.source, left + wide.source), room: most - 3, height: head + rows * most + 4,
      target: place(words.target, left + wide.source + middle, wide.target, left + wide.source + middle),
      point: (along, across) => `${across.toFixed(1)} ${along.toFixed(1)}` };
  }
  const { source, target, room, height, point } = lying ? lie() : stand();

  /** The way from a word of the source to one of the target, straight at both ends. */
  const curve = (a, b) => {
    const from = source[0].edge, to = target[0].edge, half = (from + to) / 2;
    return `M${point(a, from)}C${point(a, half)} ${point(b, half)} ${point(b, to)}`;
  };
  const ribbon = (d, width) => make("path", { d, fill: "none", "stroke-width": width.toFixed(2), style: `stroke: ${colour}` });
  const bands = p.rows.map((_, row) => {
    const group = make("g", { class: "ease" }), widths = source.map((_, at) => room * clamp(values[row * columns + at], 0, 1));
    let used = target[row].middle - widths.reduce((sum, width) => sum + width, 0) / 2;
    source.forEach(({ middle }, at) => {
      used += widths[at];
      if (widths[at] < SEEN * room) return;
      group.append(ribbon(curve(middle, used - widths[at] / 2), widths[at]));
      group.lastChild.dataset.column = at;
    });
    return group;
  });
  const golden = (d) => [["casing", 3.5], ["gold", 1.8]].map(([name, width]) => make("path", { class: name, d, style: `stroke-width: ${width}` }));
  const marks = p.rows.map((_, row) => make("g", { class: "ease" }, ...p.marked.filter(([at]) => at === row)
    .flatMap(([, column]) => golden(curve(source[column].middle, target[row].middle)))));
  svg.append(...bands, ...marks);

  const put = (boxes, texts, side) => boxes.map((box, at) => {
    const rect = make("rect", { class: "ease", x: box.x, y: box.y, width: box.width, height: box.height, rx: 5, "stroke-width": 1.5 });
    const anchor = lying ? "middle" : side === "source" ? "end" : "start", inset = { middle: box.width / 2, end: box.width - 6, start: 6 }[anchor];
    const text = label(texts[at], (box.width - 8) / SCALE, { "text-anchor": anchor, x: box.x + inset, y: box.y + box.height / 2 + 0.36 * fontSize * SCALE,
      class: "ease", style: `font-size: ${fontSize * SCALE}px` });
    svg.append(rect, text);
    return { rect, text };
  });
  const from = put(source, p.columns, "source"), into = put(target, p.rows, "target");
  const numbers = source.map((box) => make("text", lying
    ? { class: "name", "text-anchor": "middle", x: box.middle, y: line - 3 }
    : { class: "name", "text-anchor": "end", x: box.x - 4, y: box.y + box.height / 2 + 4.5 }));
  const pointed = make("g");
  svg.append(...numbers, pointed);
  if (lying) for (const [text, box] of [[p.column_name, source[0]], [p.row_name, target[0]]]) {
    svg.append(label(text, names - 12, { class: "name", x: 2, y: box.y + tall / 2 + 4.5 }));
  } else svg.append(label(p.column_name, the.width / 2, { class: "name", "text-anchor": "end", x: source[0].x + source[0].width - 6, y: line - 4 }),
    label(p.row_name, the.width / 2, { class: "name", x: Math.max(Math.min(target[0].x + 6, the.width - widthOf(p.row_name) - 2), the.width / 2), y: line - 4 }));

  const sample = (...parts) => make("svg", { width: 30, height: 14, "aria-hidden": "true" }, ...parts);
  if (!p.height) the.legend.append(make("span", {}, sample(ribbon("M0 7H30", 6)), say("ribbon", { name: p.value_name })));
  if (p.marked.length && p.marked_name && !p.guess) the.legend.append(make("span", {}, sample(...golden("M0 7H30")), p.marked_name));

  // An ending is written onto the word before it: say so once, where there is one.
  const ending = p.columns.find((word) => word.length > 1 && word.startsWith("+"));
  if (ending && !p.guess && the.width > 300) the.legend.append(make("span", { class: "name ending" }, say("ending", { word: ending })));

  // Before ribbons and lines are shown, the reader may guess; the guesses stay as long as the sentences do.
  const gold = p.rows.map((_, row) => new Set(p.marked.filter(([at]) => at === row).map(([, column]) => column)));
  const pair = JSON.stringify([p.rows, p.columns, p.guess]);
  if (the.pair !== pair) [the.pair, the.guesses] = [pair, new Map()];
  const asked = (row) => p.guess && gold[row].size > 0 && !the.guesses.has(row);
  const asking = make("span", { class: "asking", role: "status" }), tally = make("span", { class: "name" });
  if (p.guess) the.legend.append(asking, tally);
  const strongest = (row) => source.reduce((best, _, at) => (values[row * columns + at] > values[row * columns + best] ? at : best), 0);
  function judge(row) {
    const mine = the.guesses.get(row), made = [...the.guesses], right = made.filter(([at, column]) => gold[at].has(column)).length;
    asking.textContent = !gold[row].size ? say("guess_none", { word: p.rows[row] }) : mine == null ? say("guess_ask", { word: p.rows[row], column: p.column_name })
      : gold[row].has(mine) ? say("guess_right", { word: p.columns[mine] }) : say("guess_wrong", { word: p.columns[mine] });
    tally.textContent = made.length ? say("guess_score", { right, count: made.length, attention: made.filter(([at]) => gold[at].has(strongest(at))).length }) : "";
  }

  // Where Python fixed the height, nothing below may jump: an empty legend keeps its line, a shorter pair its room.
  if (p.height && !the.legend.childElementCount) the.legend.append(make("span", {}, "\u00a0"));
  // Only so much of it: a sentence of fifty words leaves no hole behind.
  the.tallest = p.height ? Math.max(height, Math.min(the.tallest ?? 0, 1.25 * the.share * p.height)) : height;

  let now = 0;
  const drawing = {
    height: the.tallest, hint: say("ribbon_hint", { column: p.column_name, value: p.value_name }),
    paint(frame) {
      now = frame;
      if (p.guess) judge(frame);
      bands.forEach((group, row) => { group.style.opacity = asked(row) ? 0 : row === frame ? 0.8 : row < frame ? 0.13 : 0; });
      marks.forEach((group, row) => { group.style.opacity = row === frame && !asked(row) ? 1 : 0; });
      from.forEach(({ rect }, at) => {
        const weight = asked(frame) ? 0 : clamp(values[frame * columns + at], 0, 1);
        rect.style.stroke = p.guess && the.guesses.get(frame) === at ? "var(--ink)" : "none";
        rect.style.fill = colour;
        rect.style.fillOpacity = (0.4 * weight).toFixed(3);
        numbers[at].textContent = weight >= 0.045 ? weight.toFixed(2) : "";
      });
      into.forEach(({ rect, text }, at) => {
        rect.style.fill = colour;
        rect.style.fillOpacity = at === frame ? 0.12 : 0;
        rect.style.stroke = at === frame ? colour : "none";
        text.style.fontWeight = at === frame ? "700" : "400";
        text.style.fill = at <= frame ? "var(--ink)" : "var(--faint)";
      });
    },
    pointAt(x, y) {
      const inside = (box) => x >= box.x - 2 && x <= box.x + box.width + 2 && y >= box.y - 2 && y <= box.y + box.height + 2;
      const at = source.findIndex(inside), row = target.findIndex(inside);
      if (at >= 0 || row >= 0) return at >= 0 ? { at } : { row };
      const place = Object.assign(svg.createSVGPoint(), { x, y }), hit = [...bands[now].children].find((path) => path.isPointInStroke(place));
      return hit ? { at: Number(hit.dataset.column) } : null;
    },
    step(point, [dx, dy]) {
      const [along, across] = lying ? [dx, dy] : [dy, dx];
      if (!point) return { at: 0 };
      if (across) return across > 0 ? { row: point.row ?? now } : { at: point.at ?? 0 };
      return point.row == null ? { at: clamp(point.at + along, 0, columns - 1) } : { row: clamp(point.row + along, 0, p.rows.length - 1) };
    },
    showPoint(point) {
      const box = point && (point.row == null ? source[point.at] : target[point.row]);
      pointed.replaceChildren(...(box ? [make("rect", { class: "pointed", x: box.x - 1, y: box.y - 1, width: box.width + 2, height: box.height + 2, rx: 6 })] : []));
    },
    read: ({ at, row }) => (at == null ? say("target_word", { name: p.row_name, word: p.rows[row] })
      : asked(now) ? say("target_word", { name: p.column_name, word: p.columns[at] }) : say("word", { target: p.rows[now], source: p.columns[at], value_name: p.value_name, value: format(values[now * columns + at]) })),
    place: ({ at, row }) => { const box = row == null ? source[at] : target[row]; return [box.x + box.width / 2, box.y]; },
    frameAt: ({ row }) => row,
    pick: p.guess && (({ at }) => {
      if (at == null || !asked(now)) return;
      the.guesses.set(now, at);
      drawing.paint(now);
    }),
  };
  return drawing;
}
