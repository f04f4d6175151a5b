// Arrows and points in a plane, to be dragged where a control holds their places.

import { drag } from "d3-drag";
import { polygonHull } from "d3-polygon";
import { select } from "d3-selection";

import { glyph, tint } from "./marks.js";
import { axis, scale } from "./scales.js";
import { glide } from "./motion.js";
import { RIGHT, clamp, make, widthOf } from "./tools.js";

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1], PageUp: [0, 5], PageDown: [0, -5],
  Home: [-Infinity, 0], End: [Infinity, 0] };
const GRID = 0.05; // dragged places are multiples of it
const PATIENCE = 2000; // milliseconds for Python to say where a hand left something

export function plane(the) {
  // A plane is square: where views stand side by side, it is the width that it lacks.
  const { svg, say, look, format } = the, top = 6, marks = widthOf("−2") + 10;
  let p = the.picture, painted = false;
  const side = Math.min(Math.max(the.share, 0.85) * p.height, the.width - marks - RIGHT);
  const left = Math.max((the.width - side) / 2, marks);
  const ends = [-p.reach, p.reach], across = scale(ends, [left, left + side]), up = scale(ends, [top + side, top]);
  const px = (x) => across(clamp(x, ...ends)), py = (y) => up(clamp(y, ...ends));
  for (const [placed, edge, shift] of [[up, "left", `translate(${left} 0)`], [across, "bottom", `translate(0 ${top + side})`]]) {
    const ruler = axis(placed, edge, { write: format, across: side });
    ruler.setAttribute("transform", shift);
    svg.append(ruler);
  }
  svg.append(make("path", { class: "axis", d: `M${px(0)} ${top}V${top + side}M${left} ${py(0)}H${left + side}` }));
  const hull = make("path", { class: "hull" }), pointed = make("g"), nodes = p.items.map(() => make("g", { class: "item" }));
  svg.append(hull, ...nodes, pointed);
  const rests = {}; // item → where a hand left it, until an answer says the same
  const radius = (item) => (item.kind === "point" && item.share != null ? 5 + 18 * Math.sqrt(item.share) : 6);
  const colour = (item) => (item.special ? look.lines[1] : tint(item.mark, look));

  /** The parts of an item: an arrow from the middle or a point, and its name beside it. */
  function draw(item, node) {
    const x = px(item.x), y = py(item.y), far = Math.hypot(x - px(0), y - py(0)) || 1, paint = `fill: ${colour(item)}`;
    const dx = (x - px(0)) / far, dy = (y - py(0)) / far, parts = [];
    if (item.kind === "arrow") {
      const thick = item.share == null ? 2.4 : 1 + 8 * item.share, head = 8 + thick, bx = x - dx * head, by = y - dy * head, wing = head / 2;
      if (far >= 4) parts.push(make("line", { x1: px(0), y1: py(0), x2: item.mark == null ? bx : x, y2: item.mark == null ? by : y, style: `stroke: ${colour(item)}`, "stroke-width": thick }));
      if (item.mark == null && far >= 4) parts.push(make("path", { d: `M${x} ${y}L${bx - dy * wing} ${by + dx * wing}L${bx + dy * wing} ${by - dx * wing}Z`, style: paint }));
      else parts.push(make("path", { class: "glyph", d: glyph(item.mark, 150), transform: `translate(${x} ${y})`, style: paint }));
    } else if (item.special) {
      parts.push(make("path", { d: `M${x - 8} ${y - 8}L${x + 8} ${y + 8}M${x - 8} ${y + 8}L${x + 8} ${y - 8}`, style: `stroke: ${colour(item)}`, "stroke-width": 5, fill: "none" }));
    } else parts.push(make("path", { class: "glyph", d: glyph(item.mark, Math.PI * radius(item) ** 2), transform: `translate(${x} ${y})`, style: paint, "fill-opacity": 0.75 }));
    parts.push(name(item, x, y, dx, dy));
    if (item.hand) parts.push(make("circle", { class: "grip", cx: x, cy: y, r: Math.max(radius(item) + 4, 16) }));
    node.replaceChildren(...parts);
  }
  /** An item's name, outside it as seen from the middle; at the edge above or below, where there is no room. */
  function name(item, x, y, dx, dy) {
    const text = item.share == null ? item.name : say("curve", { name: item.name, value: item.share.toFixed(2) });
    const out = 12 + radius(item), width = widthOf(text), first = left + 4, last = the.width - 4;
    let anchor = dx > 0.4 ? "start" : dx < -0.4 ? "end" : "middle", tx = x + dx * out, ty = y + dy * out;
    if (anchor === "middle") tx = clamp(tx, first + width / 2, last - width / 2);
    const beyond = { start: tx + width > last, end: tx - width < first }[anchor];
    if (beyond) {
      const middle = anchor === "start" ? last - width / 2 : first + width / 2;
      const room = (y) => Math.min(...p.items.map((other) => (other.name === item.name ? Infinity : Math.hypot(px(other.x) - middle, py(other.y) - y))));
      [anchor, tx] = anchor === "start" ? ["end", last] : ["start", first];
      ty = [y - radius(item) - 10, y + radius(item) + 10].reduce((a, b) => (room(b) > room(a) ? b : a));
    }
    return make("text", { class: "itemname", "text-anchor": anchor, x: tx, y: clamp(ty + 4.5, top + 10, top + side - 2) }, text);
  }
  const where = ({ x, y }) => [x, y].map((place) => format(Number(place.toFixed(3))));
  /** Draw all items as they are; while one glides, it is drawn at every instant between its old and its new place. */
  function paint(old) {
    const points = p.hull.map((at) => [px(p.items[at].x), py(p.items[at].y)]);
    const lasso = points.length > 2 ? polygonHull(points) : points;
    hull.setAttribute("d", lasso?.length ? `M${lasso.map(([x, y]) => `${x} ${y}`).join("L")}Z` : "");
    p.items.forEach((item, at) => {
      const node = nodes[at], from = old?.[at];
      const settle = () => draw(item, node);
      if (from && (from.x !== item.x || from.y !== item.y || from.share !== item.share)) {
        const way = glide(node);
        if (!way.tween) settle();
        else way.tween("place", () => (t) => draw({ ...item, x: from.x + t * (item.x - from.x), y: from.y + t * (item.y - from.y),
          share: item.share == null ? null : from.share + t * (item.share - from.share) }, node));
      } else settle();
      if (!item.hand) return;
      node.classList.add("hand");
      const [x, y] = where(item);
      for (const [key, value] of Object.entries({ tabindex: 0, role: "slider", "aria-label": item.name, "data-lm-suppress-shortcuts": "true",
        "aria-valuemin": -p.reach, "aria-valuemax": p.reach, "aria-valuenow": item.x, "aria-valuetext": say("place", { name: item.name, x, y }) })) node.setAttribute(key, value);
    });
  }
  /** Move an item to a place: at once in the drawing, and in the control that holds it. */
  async function move(at, x, y) {
    const snap = (value) => clamp(Number((Math.round(value / GRID) * GRID).toFixed(4)), ...ends);
    const item = p.items[at];
    [item.x, item.y] = [snap(x), snap(y)];
    rests[at] = { x: item.x, y: item.y, until: performance.now() + PATIENCE };
    paint();
    the.tell(read({ at }), [px(item.x), py(item.y) - radius(item)]);
    const control = await the.model.widget_manager.get_model(item.hand.control);
    const place = [item.x, item.y], places = control.get("value");
    the.turn(item.hand.control, "value", item.hand.at == null ? place : places.map((old, k) => (k === item.hand.at ? place : old)));
  }
  const read = ({ at }) => {
    const { name, share } = p.items[at], [x, y] = where(p.items[at]);
    return say(share == null ? "place" : "shared_place", { name, x, y, share_name: p.share_name, share: share == null || format(share) });
  };
  nodes.forEach((node, at) => {
    let off = [0, 0]; // a hand rarely grabs the very middle
    select(node).call(drag().container(() => svg).subject(() => ({ x: 0, y: 0 })).filter((event) => !event.button && p.items[at].hand)
      .on("start", (event) => {
        const [x, y] = the.where(event.sourceEvent);
        off = [px(p.items[at].x) - x, py(p.items[at].y) - y];
        node.classList.add("held"); node.focus({ preventScroll: true });
        node.before(...nodes.slice(at + 1)); // on top while it is held; it does not move itself, and so keeps its focus
      })
      .on("drag", (event) => { const [x, y] = the.where(event.sourceEvent); move(at, across.invert(x + off[0]), up.invert(y + off[1])); })
      .on("end", () => { node.classList.remove("held"); node.after(...nodes.slice(at + 1)); }));
    node.addEventListener("keydown", (event) => {
      if (!STEPS[event.key]) return;
      event.preventDefault(); event.stopPropagation();
      const far = event.shiftKey ? 0.5 : 0.1, [dx, dy] = STEPS[event.key];
      move(at, p.items[at].x + far * dx, p.items[at].y + far * dy); // as far as the plane goes
    });
    node.addEventListener("blur", () => the.tell(""));
  });
  if (p.items.some((item) => item.hand)) svg.setAttribute("role", "group");
  return {
    height: top + side + 24, hint: say("plane_hint"),
    update(next, before) {
      const same = (p) => JSON.stringify([p.reach, p.height, p.share_name, p.hull, p.items.map(({ name, kind, special, mark, hand }) => [name, kind, special, mark, hand])]);
      if (same(next) !== same(before)) return false;
      // What a hand has moved is where the hand left it, whatever an answer to an earlier place says.
      next.items.forEach((item, at) => {
        const { x, y, until } = rests[at] ?? {};
        if (item.x === x && item.y === y) delete rests[at];
        else if (performance.now() < until || nodes[at].classList.contains("held")) [item.x, item.y] = [x, y];
      });
      const old = p.items;
      p = next;
      paint(old);
      painted = true;
      return true;
    },
    paint() {
      if (!painted) paint();
      painted = false; // by `update`, and perhaps still gliding
    },
    pointAt(x, y) {
      const away = (item) => Math.hypot(px(item.x) - x, py(item.y) - y);
      const at = p.items.reduce((best, item, k) => (away(item) < away(p.items[best]) ? k : best), 0);
      return away(p.items[at]) < 40 ? { at } : null;
    },
    step: (point, [dx, dy]) => ({ at: point ? clamp(point.at + dx + dy, 0, p.items.length - 1) : 0 }),
    showPoint: (point) => pointed.replaceChildren(...(point ? [make("circle", { class: "pointed", cx: px(p.items[point.at].x), cy: py(p.items[point.at].y), r: 14 })] : [])),
    read,
    place: ({ at }) => [px(p.items[at].x), py(p.items[at].y) - radius(p.items[at])],
  };
}
