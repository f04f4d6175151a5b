// Two versions of a sentence, one below the other: what the second lost is crossed out, what is new is set off.

import { clamp, fontSize, make, widthOf } from "../tools.js";

const BOLD = 1.07, SPACE = 5; // how much wider a text in bold is; pixels between words

export function versions(the) {
  const { picture: p, svg, say } = the, line = Math.round(1.6 * fontSize), middle = (y) => y + line / 2 + 0.36 * fontSize;
  const words = [], pointed = make("g");
  let y = 2;
  p.lines.forEach(({ name, words: texts, marked, note }, row) => {
    if (!name) return;
    svg.append(make("text", { class: "name", x: 0, y: middle(y) }, name), make("text", { x: the.width - 2, y: middle(y), "text-anchor": "end", style: "font-weight: 600" }, note));
    let x = 0;
    y += line;
    texts.forEach((text, at) => {
      const changed = marked.includes(at), width = widthOf(text) * (changed && row ? BOLD : 1) + (changed ? 8 : 0);
      if (x && x + width > the.width) { x = 0; y += line; }
      if (changed) svg.append(make("rect", { class: row ? "added" : "lost", x, y: y + 1, width, height: line - 2, rx: 4 }));
      svg.append(make("text", { x: x + width / 2, y: middle(y), "text-anchor": "middle", style: changed ? (row ? "font-weight: 700" : "fill: var(--faint)") : "" }, text));
      if (changed && !row) svg.append(make("line", { class: "strike", x1: x + 2, x2: x + width - 2, y1: y + line / 2, y2: y + line / 2 }));
      words.push({ x, y, width, row, text, changed });
      x += width + SPACE;
    });
    y += line + 2;
  });
  svg.append(pointed);
  the.tallest = Math.max(y, 4 * line + 6, the.tallest ?? 0); // two versions have room from the start: nothing below may jump
  return {
    height: the.tallest, hint: say("version_hint"),
    paint() {},
    pointAt(x, y) {
      const at = words.findIndex((word) => x >= word.x - SPACE / 2 && x <= word.x + word.width + SPACE / 2 && y >= word.y && y < word.y + line);
      return at < 0 ? null : { at };
    },
    step: (point, [dx, dy]) => ({ at: point ? clamp(point.at + dx + dy, 0, words.length - 1) : 0 }),
    showPoint(point) { const { at } = point ?? {}; pointed.replaceChildren(...(at == null ? [] : [make("rect", { class: "pointed", x: words[at].x - 2, y: words[at].y + 1, width: words[at].width + 4, height: line - 2, rx: 4 })])); },
    read: ({ at }) => say(words[at].changed ? "version_gone" : "version_kept", { name: p.lines[words[at].row].name, word: words[at].text }),
    place: ({ at }) => [words[at].x + words[at].width / 2, words[at].y],
  };
}
