// Two positions as clocks: a small dial for each hand, fast ones first, and both positions' hands on it.

import { unpack } from "../numbers.js";
import { clamp, fontSize, make, widthOf } from "../tools.js";

// A picture whose parts of these names are the same takes new numbers into the same layout.
const LAYOUT = ["count", "height", "title", "value_name"];

export function clock(the) {
  const { svg, say, look } = the;
  let p = the.picture, values, added;
  const take = (picture) => { p = picture; values = unpack(p.values); added = unpack(p.added); };
  take(p);
  const count = p.count, high = Math.max(the.share, 0.85) * p.height, line = fontSize + 5;
  /** Across and down so that dials become as large as they can. */
  const sizes = Array.from({ length: count }, (_, at) => at + 1).map((across) => {
    const down = Math.ceil(count / across), wide = the.width / across, room = high / down > 2.6 * line && wide > widthOf("−0.00") + 6 ? line : 0;
    return { across, wide, tall: high / down, room, radius: Math.min(wide / 2 - 4, (high / down - room) / 2 - 3, 46) };
  });
  const { across, wide, tall, room, radius } = sizes.reduce((best, size) => (size.radius > best.radius ? size : best));
  const middle = (dial) => [((dial % across) + 0.5) * wide, Math.floor(dial / across) * tall + radius + 3];
  const legend = p.names.map((_, at) => make("span", {}, make("svg", { width: 30, height: 14, "aria-hidden": "true" }, hand(at, 4, 7, 22, 90)), make("span")));
  the.legend.append(...legend, ...(room ? [make("span", { class: "name" }, say("dial_number"))] : []));

  /** A hand from (x, y), `far` long, `turn` degrees from upright: p's is thick, q's has an open tip. */
  function hand(at, x, y, far, turn) {
    const parts = [make("line", { x1: 0, y1: 0, x2: 0, y2: -far, "stroke-width": at ? 2 : 4.5, "stroke-linecap": "round", style: `stroke: ${look.lines[at]}` })];
    if (at) parts.push(make("circle", { cx: 0, cy: -far, r: 3, class: "tip", style: `stroke: ${look.lines[at]}` }));
    return make("g", { transform: `translate(${x} ${y})` }, make("g", { class: "ease", style: `transform: rotate(${turn}deg)` }, ...parts));
  }
  // One dial, then its copies: to copy a node is cheaper than to make its parts.
  const one = make("g", {}, make("circle", { class: "ease", r: radius }), make("circle", { class: "axis", r: radius }), make("line", { class: "axis", y1: -radius, y2: 4 - radius }),
    ...[0, 1].map((at) => hand(at, 0, 0, radius - 3, 0)), make("text", { "text-anchor": "middle", y: radius + fontSize + 1 }), make("text", { class: "name", x: -radius - 3, y: fontSize - 3 - radius }));
  const dials = Array.from({ length: count }, (_, dial) => {
    const node = one.cloneNode(true), [face, , , thick, open, text, number] = node.children;
    node.setAttribute("transform", `translate(${middle(dial).join(" ")})`);
    number.textContent = radius > 24 ? dial + 1 : "";
    svg.append(node);
    return { face, text, hands: [thick.firstChild, open.firstChild], turns: [0, 0] };
  });
  const pointed = make("g");
  svg.append(pointed);

  const of = (at, dial) => [0, 1].map((part) => values[(at * count + dial) * 2 + part]);
  const degrees = (at, dial) => { const [sine, cosine] = of(at, dial); return (Math.atan2(sine, cosine) * 180) / Math.PI; };
  const fixed = (value) => value.toFixed(2).replace("-", "−"), around = (angle) => Math.round((angle + 360) % 360) % 360;
  return {
    height: Math.ceil(count / across) * tall + 4, hint: say("clock_hint"),
    update(next, before) {
      if (LAYOUT.some((name) => next[name] !== before[name])) return false;
      take(next);
      return true;
    },
    paint() {
      legend.forEach((part, at) => { part.lastChild.textContent = p.names[at]; });
      const largest = Math.max(...added.map(Math.abs)) || 1, still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      dials.forEach(({ face, text, hands, turns }, dial) => {
        const share = added[dial] / largest;
        face.style.fill = share > 0 ? "var(--good)" : "var(--warn)";
        face.style.fillOpacity = (0.26 * Math.abs(share)).toFixed(3);
        text.textContent = room ? fixed(added[dial]) : "";
        hands.forEach((node, at) => {
          const far = Math.hypot(...of(at, dial)), wanted = degrees(at, dial);
          turns[at] = still ? wanted : turns[at] + ((((wanted - turns[at]) % 360) + 540) % 360) - 180; // the short way round
          node.style.transform = `rotate(${turns[at].toFixed(2)}deg) scale(1, ${far.toFixed(4)})`;
        });
      });
    },
    pointAt(x, y) {
      const dial = Math.floor(y / tall) * across + Math.floor(x / wide);
      return dial >= 0 && dial < count && x < across * wide ? { dial } : null;
    },
    step: (point, [dx, dy]) => ({ dial: point ? clamp(point.dial + dx + dy * across, 0, count - 1) : 0 }),
    showPoint(point) {
      const [cx, cy] = point ? middle(point.dial) : [];
      pointed.replaceChildren(...(point ? [make("circle", { class: "pointed", cx, cy, r: radius + 2 })] : []));
    },
    read({ dial }) {
      const fields = { hand: dial + 1, first: p.names[0], second: p.names[1], value_name: p.value_name, value: fixed(added[dial]),
        one: around(degrees(0, dial)), other: around(degrees(1, dial)), turn: p.turns[dial] };
      return say(p.turns.length ? "dial_turn" : "dial", fields);
    },
    place: ({ dial }) => { const [x, y] = middle(dial); return [x, y - radius]; },
  };
}
