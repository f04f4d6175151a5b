// The words that a sentence may be made of: suggested while it is typed, and listed on demand.

import { make, manner } from "./tools.js";

const MOST = 8; // suggestions

export function words({ model, el }) {
  const root = make("div", { class: "cu-part cu-words" }), { say } = manner(model, root);
  const open = make("button", { type: "button", "aria-expanded": "false" }), list = make("div", { class: "list", hidden: "" });
  const offered = make("div", { class: "offered", role: "group", "aria-label": say("suggested"), hidden: "" });
  root.append(open, list, offered);
  el.replaceChildren(root);
  let control = null, chooser = null;
  const known = () => model.get("words")[chooser ? model.get("names")[chooser.get("index")] : Object.keys(model.get("words"))[0]] ?? [];
  const put = (text) => { control.set("value", text); control.save_changes(); };
  const input = () => root.closest(".cu-panel")?.querySelector(".cu-controls :is(.widget-text, .widget-combobox) input");
  const chip = (word, press) => {
    const made = make("button", { type: "button" }, word);
    made.addEventListener("mousedown", (event) => event.preventDefault()); // the text box keeps its focus
    made.addEventListener("click", () => press(word));
    return made;
  };
  /** Where another element is, seen from this one's corner; a slide may show both larger than they are. */
  const from = (node) => {
    const own = root.getBoundingClientRect(), { left, right, bottom } = node.getBoundingClientRect(), zoom = own.width / root.offsetWidth || 1;
    return { left: (left - own.left) / zoom, right: (right - own.left) / zoom, bottom: (bottom - own.top) / zoom };
  };
  /** A word at the end of the sentence, before its full stop. */
  const add = (word) => {
    const [, text, end] = /^(.*?)\s*([.?!]*)\s*$/s.exec(control.get("value"));
    put(`${text} ${word}`.trim() + (end && word.startsWith("+") ? ` ${end}` : end));
  };
  function show(on) {
    list.hidden = !on;
    open.setAttribute("aria-expanded", String(on));
    open.textContent = on ? say("close_words") : say("all_words", { count: known().length });
    if (!on) return;
    list.replaceChildren(make("div", { class: "about" }, say("words_about")), ...known().map((word) => chip(word, () => add(word))));
    const card = from(root.closest(".cu-panel")), wide = Math.min(560, card.right - card.left - 16); // below its button, and inside the card
    Object.assign(list.style, { width: `${wide}px`, left: `${Math.max(Math.min(0, card.right - wide - 8), card.left + 8)}px` });
  }
  // What is being typed is the last word of the box: offer words with this beginning.
  function offer() {
    const box = input(), typed = box?.value ?? "", start = typed.split(/\s+/).at(-1).toLowerCase(), head = typed.slice(0, typed.length - start.length);
    const fits = start && box === document.activeElement ? known().filter((word) => word.toLowerCase().startsWith(start) && word.toLowerCase() !== start).slice(0, MOST) : [];
    offered.hidden = !fits.length;
    if (!fits.length) return;
    offered.replaceChildren(...fits.map((word) => chip(word, () => { box.value = head + word; put(head + word); offer(); })));
    const card = from(root.closest(".cu-panel")), at = from(box);
    Object.assign(offered.style, { left: `${at.left}px`, top: `${at.bottom + 2}px`, maxWidth: `${card.right - at.left - 16}px` });
  }
  const typing = (event) => { if (event.target === input()) offer(); };
  const away = (event) => { if (!root.contains(event.target)) show(false); };
  const escape = (event) => { if (event.key === "Escape") { show(false); offered.hidden = true; } };
  open.addEventListener("click", () => show(list.hidden));
  const fresh = () => show(false);
  const find = (id) => (id ? model.widget_manager.get_model(id) : Promise.resolve(null));
  Promise.all([find(model.get("control")), find(model.get("chooser"))]).then(([box, menu]) => {
    [control, chooser] = [box, menu];
    chooser?.on("change:index", fresh);
    show(false);
  }).catch(() => {}); // a control that is gone takes no words
  for (const [name, act] of [["input", typing], ["focusout", typing], ["pointerdown", away], ["keydown", escape]]) document.addEventListener(name, act, true);
  return () => {
    chooser?.off("change:index", fresh);
    for (const [name, act] of [["input", typing], ["focusout", typing], ["pointerdown", away], ["keydown", escape]]) document.removeEventListener(name, act, true);
  };
}
