// A sentence whose words can be dragged into another order, and what was made of both orders.

import { clamp, fontSize, make, widthOf } from "../tools.js";

const PATIENCE = 3000; // milliseconds for Python to answer where a hand left the words

export function chips(the) {
  const { svg, say } = the, scale = 1.2, tall = Math.round(2.3 * fontSize), gap = 8, line = Math.round(1.55 * fontSize);
  let p = the.picture, order = [...p.order], lifted = null, before = null, resting = false;
  const count = p.words.length, sizes = p.words.map((word) => widthOf(word) * scale + 26), wide = the.width;

  /** Where each word stands in an order: in lines as wide as the drawing. */
  function places(order) {
    let x = 2, y = 4;
    const at = [];
    for (const word of order) {
      if (x > 2 && x + sizes[word] > wide - 2) { x = 2; y += tall + gap; }
      at[word] = [x, y];
      x += sizes[word] + gap;
    }
    return { at, bottom: y + tall };
  }
  const nodes = p.words.map((word, at) => {
    const node = make("g", { class: "chip", tabindex: 0, role: "button", "data-word": at, "data-lm-suppress-shortcuts": "true" },
      make("rect", { width: sizes[at], height: tall, rx: 7 }),
      make("text", { "text-anchor": "middle", x: sizes[at] / 2, y: tall / 2 + 0.37 * fontSize * scale, style: `font-size: ${fontSize * scale}px` }, word));
    node.addEventListener("keydown", (event) => key(event, at));
    node.addEventListener("blur", () => { if (lifted === at && !node.classList.contains("held")) drop(); });
    node.addEventListener("pointerdown", (event) => grab(event, at));
    return node;
  });
  const results = make("g", { class: "made" }), pointed = make("g");
  svg.append(...nodes, results, pointed);
  svg.setAttribute("role", "group");

  function arrange() {
    const { at } = places(order);
    nodes.forEach((node, word) => {
      const [x, y] = at[word], place = order.indexOf(word) + 1, fields = { word: p.words[word], place, count };
      if (!node.classList.contains("held")) node.style.transform = `translate(${x}px, ${y}px)`;
      node.classList.toggle("away", place !== word + 1);
      node.classList.toggle("lifted", lifted === word);
      node.classList.toggle("resting", resting);
      node.setAttribute("aria-label", say(lifted === word ? "chip_lifted" : "chip", fields));
      node.setAttribute("aria-pressed", String(lifted === word));
    });
  }
  const move = (word, to) => {
    const rest = order.filter((other) => other !== word);
    order = [...rest.slice(0, to), word, ...rest.slice(to)];
    arrange();
  };
  /** What the words' order is now, for Python; while it thinks, an older answer does not move them. */
  function send() {
    arrange();
    if (order.join() === the.picture.order.join() && !the.sent) return;
    the.sent = { order: [...order], until: performance.now() + PATIENCE };
    if (p.control) the.turn(p.control, "value", [...order]);
  }
  function drop() { lifted = null; send(); }
  function key(event, word) {
    const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key], here = order.indexOf(word);
    const press = event.key === "Enter" || event.key === " ", leave = event.key === "Escape" && lifted === word;
    if (!by && !press && !leave) return;
    event.preventDefault(); event.stopPropagation();
    if (resting) return;
    if (press) {
      if (lifted === word) return drop();
      [lifted, before] = [word, [...order]];
      return arrange();
    }
    if (leave) { [order, lifted] = [before, null]; return arrange(); }
    if (lifted === word) return move(word, clamp(here + by, 0, count - 1));
    if (event.ctrlKey || event.altKey || event.metaKey) { move(word, clamp(here + by, 0, count - 1)); return send(); }
    nodes[order[clamp(here + by, 0, count - 1)]].focus();
  }
  /** A pointer takes a word along; the others make room for it where it is. */
  function grab(event, word) {
    if (event.button || resting) return;
    event.preventDefault();
    const node = nodes[word], [x, y] = the.where(event), [left, top] = places(order).at[word];
    [lifted, before] = [word, [...order]];
    node.focus({ preventScroll: true });
    node.classList.add("held");
    node.setPointerCapture(event.pointerId);
    arrange();
    const follow = (moved) => {
      const [nx, ny] = the.where(moved), cx = left + nx - x + sizes[word] / 2, cy = top + ny - y + tall / 2;
      node.style.transform = `translate(${left + nx - x}px, ${top + ny - y}px)`;
      // The place whose middle, with the word there, is nearest to where it is held.
      const rest = order.filter((other) => other !== word), far = (to) => {
        const [px, py] = places([...rest.slice(0, to), word, ...rest.slice(to)]).at[word];
        return Math.hypot(px + sizes[word] / 2 - cx, 2 * (py + tall / 2 - cy));
      };
      const best = Array.from({ length: count }, (_, to) => to).reduce((best, to) => (far(to) < far(best) ? to : best), 0);
      if (best !== order.indexOf(word)) move(word, best);
    };
    const end = (ended) => {
      node.classList.remove("held");
      for (const [name, act] of [["pointermove", follow], ["pointerup", end], ["pointercancel", end]]) node.removeEventListener(name, act);
      if (ended.type === "pointercancel") order = before;
      drop();
    };
    for (const [name, act] of [["pointermove", follow], ["pointerup", end], ["pointercancel", end]]) node.addEventListener(name, act);
  }

  /** Words one after another from (x, y), in lines up to `right`; returns the base of the last line. */
  function write(words, x, y, right, mark, classes) {
    const left = x, space = widthOf("n") * 0.62;
    words.forEach((word, at) => {
      if (/^[.,!?;:…]$/.test(word)) x -= space; // written onto the word before
      const marked = mark.includes(at), size = widthOf(word) * (marked ? 1.13 : 1);
      if (x > left && x + size > right) { x = left; y += line; }
      results.append(make("text", { x, y, class: marked ? classes[1] : classes[0] }, word));
      x += size + space;
    });
    return y;
  }
  function tell(top) {
    results.replaceChildren();
    const side = p.results.length === 2 && wide > 520, each = side ? (wide - 24) / 2 : wide, names = Math.max(...["as_written", "as_now"].map((id) => widthOf(say(id)))) + 12;
    let y = top, lowest = top;
    p.results.forEach((result, at) => {
      const x = side ? at * (each + 24) : 0, right = x + each;
      if (side) y = top;
      results.append(make("text", { class: "told", x, y }, result.name), make("text", { class: "name", "text-anchor": "end", x: right - 2, y }, result.told));
      results.append(make("line", { class: "grid", x1: x, x2: right, y1: y + 6, y2: y + 6 }));
      y += line + 4;
      for (const [id, words, mark, classes] of [["as_written", result.before, result.lost, ["name", "gone"]], ["as_now", result.after, result.new, ["", "fresh"]]]) {
        results.append(make("text", { class: "name", x, y }, say(id)));
        y = write(words, x + names, y, right, mark, classes) + line;
      }
      lowest = Math.max(lowest, y);
      y += 8;
    });
    return lowest;
  }
  const top = places(order).bottom + line + 14, room = tell(top);
  // Room for a longer sentence, which then stays: nothing below may jump.
  if (the.laid !== wide) [the.laid, the.lowest] = [wide, room + 3 * line];
  the.lowest = Math.max(room + line * (p.results.length > 1 && wide <= 520 ? 2 : 1), the.lowest);
  // Without Python nobody could answer: the words then rest.
  the.rest = (control) => { resting = !!control.get("disabled"); arrange(); };
  if (p.control) the.model.widget_manager.get_model(p.control).then((control) => {
    the.watching ??= control.on("change:disabled", () => the.rest(control));
    the.rest(control);
  }).catch(() => {});
  if (the.focused >= 0) setTimeout(() => nodes[the.focused]?.focus());
  return {
    height: the.lowest, hint: say("chips_hint"),
    update(next, former) {
      const same = (p) => JSON.stringify([p.words, p.control, p.title, p.results.map(({ name }) => name)]);
      if (same(next) !== same(former)) return false;
      const waits = the.sent && the.sent.order.join() !== next.order.join() && performance.now() < the.sent.until;
      p = next;
      if (!waits && lifted == null) { order = [...next.order]; the.sent = null; }
      the.focused = nodes.indexOf(document.activeElement); // a longer translation asks for a new layout
      return tell(top) <= the.lowest;
    },
    paint: arrange,
    pointAt(x, y) {
      const { at } = places(order), word = at.findIndex(([left, top], word) => x >= left && x <= left + sizes[word] && y >= top && y <= top + tall);
      return word >= 0 && lifted == null ? { word } : null;
    },
    step: (point, [dx, dy]) => ({ word: point ? order[clamp(order.indexOf(point.word) + dx + dy, 0, count - 1)] : order[0] }),
    showPoint(point) {
      const [x, y] = point ? places(order).at[point.word] : [];
      pointed.replaceChildren(...(point ? [make("rect", { class: "pointed", x: x - 2, y: y - 2, width: sizes[point.word] + 4, height: tall + 4, rx: 8 })] : []));
    },
    read: ({ word }) => say("chip_read", { word: p.words[word], place: order.indexOf(word) + 1, origin: word + 1 }),
    place: ({ word }) => { const [x, y] = places(order).at[word]; return [x + sizes[word] / 2, y]; },
  };
}
