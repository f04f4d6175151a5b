// An encoder, one state, a decoder: words are read and left behind, and others come out in another order.

import { unpack } from "../numbers.js";
import { colours } from "../scales.js";
import { clamp, fontSize, label, make, widthOf } from "../tools.js";

const SCALE = 1.15, WIDEST = 11; // of the words; pixels of a thread on which the state depends most

export function bottleneck(the) {
  const { picture: p, svg, say, look, format } = the, [, units] = p.shape, read = p.columns.length, written = p.rows.length;
  const states = unpack(p.values), dependence = unpack(p.dependence), palette = colours(p.colours);
  const [blue, orange] = look.lines, rows = Math.max(read, written), line = fontSize + 6;
  const each = clamp((the.share * 250) / rows, fontSize + 7, 32), head = 2 * line + 10, tall = rows * each, middle = head + tall / 2;
  const ordinal = fontSize + 5, room = (texts) => Math.max(...texts.map((text) => widthOf(text) * SCALE * 1.07)) + 12;
  const wide = Math.min(the.width, 700), left = (the.width - wide) / 2, most = 0.34 * wide - ordinal;
  const source = { width: Math.min(room(p.columns), most) }, target = { width: Math.min(room(p.rows), most) };
  const inset = wide < 480 ? 0 : 0.07 * wide;
  source.x = left + inset + ordinal + 4;
  const marks = p.rows.map((_, at) => p.links.filter(([row]) => row === at).map(([, column]) => column + 1).join(" "));
  target.x = left + wide - inset - Math.max(...marks.map(widthOf), ordinal) - 8 - target.width;
  const strip = clamp(wide * 0.05, 18, 30), from = source.x + source.width, to = target.x, x = (from + to) / 2;
  const place = (count) => (at) => middle + (at - (count - 1) / 2) * each, ys = { source: place(read), target: place(written) };

  // The shape says it: wide, narrow, wide.
  const funnel = (a, b) => `M${a} ${head - 4}C${(a + b) / 2} ${head - 4} ${(a + b) / 2} ${middle - 0.38 * tall} ${b} ${middle - 0.38 * tall}V${middle + 0.38 * tall}C${(a + b) / 2} ${middle + 0.38 * tall} ${(a + b) / 2} ${head + tall + 4} ${a} ${head + tall + 4}Z`;
  const funnels = [[funnel(from + 2, x - strip / 2), blue], [funnel(to - 2, x + strip / 2), orange]].map(([d, colour]) => make("path", { class: "ease", d, style: `fill: ${colour}` }));
  svg.append(...funnels);
  const name = (text, at, anchor, y = line - 4) => svg.append(make("text", { class: "name", x: at, y, "text-anchor": anchor }, text));
  name(p.column_name, from - 6, "end", 2 * line); name(p.row_name, to + 6, "start", 2 * line);
  name(say("encoder"), (from + x - strip / 2) / 2, "middle", 2 * line); name(say("decoder"), (to + x + strip / 2) / 2, "middle", 2 * line);
  const caption = make("text", { x: left + inset, y: line - 3, style: "font-weight: 700" });

  const cell = (0.76 * tall) / units, cells = Array.from({ length: units }, (_, unit) => make("rect", { x: x - strip / 2, y: middle - 0.38 * tall + unit * cell, width: strip, height: cell + 0.4 }));
  const frame = make("rect", { class: "ease", x: x - strip / 2 - 2, y: middle - 0.38 * tall - 2, width: strip + 4, height: 0.76 * tall + 4, rx: 3, fill: "none", stroke: "var(--ink)" });
  const curve = (x1, y1, x2, y2) => `M${x1} ${y1}C${(x1 + x2) / 2} ${y1} ${(x1 + x2) / 2} ${y2} ${x2} ${y2}`;
  const ending = (y) => middle + (y - middle) * 0.62;
  const threads = p.columns.map((_, at) => make("path", { class: "ease thread", d: curve(from + 2, ys.source(at), x - strip / 2 - 2, ending(ys.source(at))), fill: "none", style: `stroke: ${blue}` }));
  const outs = p.rows.map((_, at) => {
    const y = ys.target(at), tip = to - 3;
    return make("g", { class: "ease" }, make("path", { d: curve(x + strip / 2 + 2, ending(y), tip - 7, y), fill: "none", "stroke-width": 5, style: `stroke: ${orange}` }),
      make("path", { d: `M${tip} ${y}l-9 -7v14Z`, style: `fill: ${orange}` }));
  });
  svg.append(...threads, ...outs, ...cells, frame, caption);

  const word = (text, side, at, anchor, colour) => {
    const { x: start, width } = side === "source" ? source : target, y = ys[side](at), edge = anchor === "end" ? start + width - 6 : start + 6;
    const rect = make("rect", { class: "ease", x: start, y: y - each / 2 + 1.5, width, height: each - 3, rx: 5, style: `fill: ${colour}; stroke-width: 1.5` });
    const shown = label(text, (width - 8) / SCALE, { class: "ease", "text-anchor": anchor, x: edge, y: y + 0.36 * fontSize * SCALE, style: `font-size: ${fontSize * SCALE}px` });
    const mark = make("text", { class: "name ease", "text-anchor": anchor, x: anchor === "end" ? start - 5 : start + width + 6, y: y + 0.36 * fontSize });
    svg.append(rect, shown, mark);
    return { rect, text: shown, mark };
  };
  const ins = p.columns.map((text, at) => word(text, "source", at, "end", blue)), ends = p.rows.map((text, at) => word(text, "target", at, "start", orange));
  if (p.links.length) {
    ins.forEach(({ mark }, at) => { mark.textContent = at + 1; });
    ends.forEach(({ mark }, at) => { mark.textContent = marks[at]; });
  }
  const pointed = make("g");
  svg.append(pointed);

  const bar = make("svg", { width: 90, height: 12, "aria-hidden": "true" }, ...Array.from({ length: 30 }, (_, k) =>
    make("rect", { x: 3 * k, y: 0, width: 3.5, height: 12, style: `fill: rgb(${palette[Math.round((k / 29) * 255)]})` })));
  const sample = make("svg", { width: 30, height: 14, "aria-hidden": "true" }, make("path", { d: "M0 7H30", "stroke-width": 5, style: `stroke: ${blue}` }));
  the.legend.append(make("span", {}, ...[p.value_name, "−1", bar, "1"].map((part) => make("span", {}, part))), make("span", {}, sample, say("dependence")),
    ...(p.links.length ? [make("span", {}, say("ordinals", { name: p.column_name }))] : []));

  let now = 0;
  const depends = (at) => dependence[Math.min(now, read - 1) * read + at];
  return {
    height: head + tall + 8, hint: say("bottleneck_hint", { column: p.column_name }),
    widest: say("depends", { word: p.columns.reduce((a, b) => (b.length > a.length ? b : a)), value: "0.999" }),
    paint(frameNow) {
      now = frameNow;
      const reading = now < read, handed = now === read, out = now - read - 1; // which word is written, from 0
      const at = reading ? now : handed ? read - 1 : read + out;
      cells.forEach((rect, unit) => { rect.style.fill = `rgb(${palette[Math.round(clamp((states[at * units + unit] + 1) / 2, 0, 1) * 255)]})`; });
      frame.style.strokeWidth = handed ? "4px" : "1px";
      funnels.forEach((path, side) => { path.style.fillOpacity = reading === (side === 0) && !handed ? 0.12 : 0.04; });
      caption.textContent = say(reading ? "encoder_reads" : handed ? "hands_over" : "decoder_writes");
      threads.forEach((path, k) => { path.style.strokeWidth = `${reading && k <= now ? Math.max(WIDEST * depends(k), 0.3) : 0}px`; });
      ins.forEach(({ rect, text }, k) => {
        rect.style.fillOpacity = reading && k === now ? 0.16 : 0;
        rect.style.stroke = reading && k === now ? blue : "none";
        text.style.fontWeight = reading && k === now ? "700" : "400";
        text.style.fill = reading && k >= now ? "var(--ink)" : "var(--faint)";
      });
      outs.forEach((group, k) => { group.style.opacity = k === out ? 1 : 0; });
      ends.forEach(({ rect, text, mark }, k) => {
        rect.style.fillOpacity = k === out ? 0.16 : 0;
        rect.style.stroke = k === out ? orange : "none";
        text.style.fontWeight = k === out ? "700" : "400";
        for (const part of [text, mark]) part.style.opacity = k <= out ? 1 : 0;
      });
    },
    pointAt(px, py) {
      const near = (side, count) => clamp(Math.round((py - ys[side](0)) / each), 0, count - 1);
      if (py < head) return null;
      return px < x - strip / 2 ? { at: near("source", read) } : px > to - 10 ? { row: near("target", written) } : null;
    },
    step(point, [dx, dy]) {
      if (!point) return { at: 0 };
      if (dx) return dx > 0 ? { row: point.row ?? 0 } : { at: point.at ?? 0 };
      return point.row == null ? { at: clamp(point.at + dy, 0, read - 1) } : { row: clamp(point.row + dy, 0, written - 1) };
    },
    showPoint(point) {
      const side = point?.row == null ? source : target, y = point && (point.row == null ? ys.source(point.at) : ys.target(point.row));
      pointed.replaceChildren(...(point ? [make("rect", { class: "pointed", x: side.x - 1, y: y - each / 2, width: side.width + 2, height: each, rx: 6 })] : []));
    },
    read({ at, row }) {
      if (row != null) return row <= now - read - 1 ? say("target_word", { name: p.row_name, word: p.rows[row] }) : say("not_written");
      return at > now ? say("not_read", { word: p.columns[at] }) : say("depends", { word: p.columns[at], value: format(Number(depends(at).toFixed(2))) });
    },
    frameAt: ({ at, row }) => (row == null ? at : read + 1 + row),
  };
}
