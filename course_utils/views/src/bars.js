// Horizontal bars.

import { scaleLinear } from "d3-scale";

import { glide } from "./motion.js";
import { unpack } from "./numbers.js";
import { RIGHT, brief, clamp, label, make, widthOf } from "./tools.js";

export function bars(the) {
  const { svg, say, look, format } = the, count = the.picture.rows.length;
  let p = the.picture, values = unpack(p.values), now = 0;
  const tall = Math.max(the.share * p.bar_height, Math.min(p.bar_height, 16));
  const gutter = Math.min(Math.max(...p.rows.map(widthOf)) + 12, the.width / 2); // bars line up with no other view
  const wide = the.width - gutter - RIGHT - 36, top = 4, place = scaleLinear().domain([0, p.vmax]).range([0, wide]).clamp(true);
  const rects = [], texts = [];
  p.rows.forEach((text, at) => {
    const y = top + at * tall;
    rects.push(make("rect", { x: gutter, y: y + 1.5, height: tall - 3, width: 0, rx: 1.5 }));
    texts.push(make("text", { x: gutter + 5, y: y + tall / 2 + 4.5 }));
    svg.append(label(text, gutter - 6, { "text-anchor": "end", x: gutter - 6, y: y + tall / 2 + 4.5 }), rects[at], texts[at]);
    if (at === p.row) svg.append(make("rect", { class: "pointed", x: 1, y: y + 0.5, width: the.width - 2, height: tall - 1, rx: 3 }));
  });
  svg.append(make("path", { class: "axis", d: `M${gutter} ${top}V${top + count * tall}` }));
  the.legend.append(make("span", {}, p.value_name), ...(p.row != null && p.row_name ? [make("span", {}, say("framed", { name: p.row_name }))] : []));
  const value = (at) => values[now * count + at] || 0;
  return {
    height: top + count * tall + 4, hint: "",
    update(next, before) {
      if (next.rows.join("\n") !== before.rows.join("\n") || next.row !== before.row || next.vmax !== before.vmax || next.value_name !== before.value_name) return false;
      [p, values] = [next, unpack(next.values)];
      return true;
    },
    paint(frame) {
      now = p.shape[0] > 1 ? frame : 0;
      const most = Math.max(...p.rows.map((_, at) => value(at))), longest = p.rows.map((_, at) => value(at) >= most * (1 - 1e-6));
      const alone = longest.filter(Boolean).length === 1;
      for (let at = 0; at < count; at++) {
        rects[at].style.fill = look.lines[longest[at] && alone ? 1 : 0];
        texts[at].textContent = format(value(at) >= 0.005 ? Number(value(at).toFixed(2)) : Number(value(at).toPrecision(1)));
      }
      glide(...rects).attr("width", (_, at) => place(value(at)));
      glide(...texts).attr("x", (_, at) => gutter + place(value(at)) + 5);
    },
    pointAt: (x, y) => ({ at: clamp(Math.floor((y - top) / tall), 0, count - 1) }),
    step: (point, [dx, dy]) => ({ at: point ? clamp(point.at + dx + dy, 0, count - 1) : 0 }),
    showPoint: () => {},
    read: ({ at }) => say("bar", { name: brief(p.rows[at]), value_name: p.value_name, value: format(value(at)) }),
    place: ({ at }) => [gutter + place(value(at)), top + at * tall],
  };
}
