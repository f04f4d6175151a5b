// Below an explorer: Reset, Undo, and what can be taken away from it: its picture, and the call that rebuilds it.

import { snapshot } from "./snapshot.js";
import { DEAD, make, manner } from "./tools.js";

const PAUSE = 800; // milliseconds: moves of one control that follow each other sooner are undone together

/** A value as Python writes it. */
function literal(value) {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (value === null || typeof value === "boolean") return { null: "None", true: "True", false: "False" }[value];
  return JSON.stringify(value);
}

export function footer({ model, el }) {
  const root = make("div", { class: "cu-part cu-footer" }), said = make("span", { class: "said", role: "status", "aria-live": "polite" });
  const { say } = manner(model, root);
  const button = (id, text, about, act) => {
    const made = make("button", { type: "button", title: say(about), class: id }, text);
    made.addEventListener("click", act);
    return made;
  };
  const dead = () => !!root.closest(DEAD);
  const report = (text) => { said.textContent = text; setTimeout(() => { if (said.textContent === text) said.textContent = ""; }, 4000); };

  // Python knows how to go back: in one answer, and in the right order. On a page without Python the controls' own
  // models go back, one by one.
  let controls = [], first = {}, last = {}, before = [], moved = 0, mover = null;
  const values = () => Object.fromEntries(controls.map(({ name, trait, model }) => [name, model.get(trait)]));
  const remember = (control) => {
    const now = Date.now();
    if (!model.get("restoring") && !(mover === control && now - moved < PAUSE)) before.push(last);
    [last, mover, moved] = [values(), control, now];
    show();
  };
  const ready = Promise.all(model.get("controls").map(async (control) => ({ ...control, model: await model.widget_manager.get_model(control.id) }))).then((found) => {
    controls = found;
    first = last = values();
    controls.forEach((control) => control.model.on(`change:${control.trait}`, (control.watch = () => remember(control))));
  }).catch(() => {}); // a control that is gone is not brought back
  const restore = (wanted) => {
    model.set("restoring", true);
    controls.forEach((control) => control.model.set(control.trait, wanted[control.name]));
    model.set("restoring", false);
  };
  const back = (action) => {
    if (!dead()) return model.send({ action });
    if (action === "reset") { restore(first); model.set("restored", Date.now()); } else if (before.length) restore(before.pop());
    show();
  };
  const reset = button("reset", say("reset"), "reset_about", () => back("reset")), undo = button("undo", say("undo"), "undo_about", () => back("undo"));
  function show() { undo.disabled = dead() ? !before.length : !model.get("can_undo"); }

  async function state() {
    await ready;
    const status = await model.widget_manager.get_model(model.get("status")), shown = status.get("failed") ? status.get("shown") : null;
    const value = ({ name, trait, values, model }) => (shown ? shown[name] : values ? values[model.get(trait)] : model.get(trait));
    const settings = controls.map((control) => `${control.name}=${literal(value(control))}`);
    const call = `${model.get("callee")}(${[...model.get("fixed"), ...settings].join(", ")})`;
    // The step is always named: where a new explorer begins, it knows itself alone.
    const views = await Promise.all(model.get("views").map((id) => model.widget_manager.get_model(id)));
    const stepping = views.find((view) => view.get("picture").step_count > 1);
    return stepping ? `${call}.at(${stepping.get("frame")})` : call;
  }
  /** Put something on the clipboard; where a page may not, save it as a file. */
  async function give(type, data, name) {
    const blob = new Blob([data], { type });
    try {
      if (type.startsWith("image/png")) await navigator.clipboard.write([new ClipboardItem({ [type]: blob })]);
      else await navigator.clipboard.writeText(data);
      report(say("copied"));
    } catch {
      const link = make("a", { href: URL.createObjectURL(blob), download: name });
      link.click();
      report(say("saved_file", { name }));
    }
  }
  const panel = () => root.closest(".cu-panel") ?? root.parentNode;
  const copied = (kind) => async () => {
    const picture = snapshot(panel(), model.get("title"));
    root.dataset.copied = picture.svg;
    if (kind === "svg") return give("image/svg+xml", picture.svg, "explorer.svg");
    return give("image/png", await picture.png(), "explorer.png");
  };
  const call = button("call", say("copy_state"), "copy_state_about", async () => { root.dataset.copied = await state(); give("text/plain", root.dataset.copied, "explorer.py"); });
  root.append(reset, undo, said, make("span", { class: "takeaway" }, say("copy_picture"), button("svg", "SVG", "copy_picture", copied("svg")), button("png", "PNG", "copy_picture", copied("png"))),
    ...(model.get("callee") ? [call] : []));
  el.replaceChildren(root);
  model.on("change:can_undo", show);
  requestAnimationFrame(show);
  return () => {
    model.off("change:can_undo", show);
    ready.then(() => controls.forEach((control) => control.model.off(`change:${control.trait}`, control.watch)));
  };
}
