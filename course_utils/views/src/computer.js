// Explorers that answer without Python: their controls move, the browser computes, and the views show it.
//
// A status line whose model names a `computer` (see `explorers/browser.py`) brings what Python would need: the networks'
// weights, vocabularies, templates of sentences, and which models are controls and views. Where there is no kernel the
// browser answers always; where there is one, unless the explorer was given a student's own function.

import { attention } from "./computers/attention.js";
import { bottleneck } from "./computers/bottleneck.js";
import { gates } from "./computers/gates.js";
import { gradients } from "./computers/gradients.js";
import { heads } from "./computers/heads.js";
import { order } from "./computers/order.js";
import { playground } from "./computers/playground.js";
import { positions } from "./computers/positions.js";
import { translation } from "./computers/translation.js";
import { words } from "./computers/words.js";
import { unpackWeights } from "./numbers.js";
import { renew } from "./renew.js";
import { fill, numbers } from "./say.js";
import { Refusal } from "./text.js";

export { renew };

const COMPUTERS = { attention, bottleneck, gates, gradients, heads, order, playground, positions, translation, words };

/** A network as Python sent it, its weights as numbers. */
const network = ({ weights, ...rest }) => ({ ...rest, weights: unpackWeights(weights) });

/**
 * What answers for an explorer: `compute(settings, pictures)` → { views, text, texts, facts, disabled, absent }, as the
 * functions in `computers`; `text` is one sentence, or one for each step; `absent`: positions of views not shown; a bad
 * setting makes it throw a Refusal. `compute.slow(settings)`, if there is one: whether the eye would notice how long it
 * takes. `networks`: name → what `Network` holds.
 */
export function build({ name, data, texts }, networks) {
  const ready = Object.fromEntries(Object.entries(networks).map(([key, value]) => [key, network(value)]));
  return COMPUTERS[name](unpackWeights(data), ready, { T: texts.sentence, ...numbers(texts.numbers) });
}

/** What went wrong, as a sentence. */
export const excuse = (error, texts) => (error instanceof Refusal ? fill(texts.refusals[error.kind][error.id], error.fields)
  : fill(texts.stopped, { type: error.name, text: error.message }));

const escaped = (text) => text.replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`);

const MUCH = 560; // letters, as there

/** Pairs of a name and a text as `explorers/texts.py` writes them: a text is a string, or pieces [text, mark]. */
function written(texts) {
  const piece = ([text, mark]) => (mark === "kept" ? escaped(text) : `${/^\s*/.exec(text)[0]}<span class="cu-word ${mark}">${escaped(text.trimStart())}</span>`);
  const lines = texts.map(([name, text]) => `<p><b>${escaped(name)}</b> ${typeof text === "string" ? escaped(text) : text.map(piece).join("")}</p>`);
  const letters = texts.map(([, text]) => (typeof text === "string" ? text : text.map(([part]) => part).join("")).length);
  return `<div class="cu-texts${letters.reduce((sum, count) => sum + count) > MUCH ? " much" : ""}">${lines.join("")}</div>`;
}

const attached = new WeakMap(); // a computer's model → how many lines on the page show it

/**
 * Answer for the explorer of a status line from now on; return what ends it.
 *
 * `alone`: there is no kernel, so buttons are answered too, and nothing is told to Python. `asked()`: whether a control
 * has moved already.
 */
export async function attach(status, { alone, asked }) {
  const find = (id) => status.widget_manager.get_model(id), model = await find(status.get("computer"));
  const lines = attached.get(model) ?? 0;
  attached.set(model, lines + 1);
  const detach = () => attached.set(model, attached.get(model) - 1);
  if (lines) return detach; // shown twice: the first answers
  const parts = Object.fromEntries(["name", "data", "texts"].map((name) => [name, model.get(name)])), { texts } = parts;
  const findAll = async (ids) => Object.fromEntries(await Promise.all(Object.entries(ids).map(async ([name, id]) => [name, await find(id)])));
  const footer = await find(model.get("footer"));
  const [controls, networks, views] = await Promise.all([findAll(model.get("controls")), findAll(model.get("networks")), Promise.all(model.get("views").map(find))]);
  const beside = model.get("table") ? await find(model.get("table")) : null, head = await find(model.get("head")), choices = model.get("choices");
  const value = (name) => (choices[name] ? choices[name][controls[name].get("index")] : controls[name].get("value"));
  const settings = () => Object.fromEntries(Object.keys(controls).map((name) => [name, value(name)]));
  let compute = null, before = settings(), quiet = false, waiting = null;

  function put(name, changes) {
    const { value, ...others } = changes, control = controls[name];
    quiet = true;
    control.set(value === undefined ? others : { ...others, ...(choices[name] ? { index: choices[name].indexOf(value) } : { value }) });
    quiet = false;
    if (!alone) control.save_changes();
  }
  function answer(changed = null) {
    if (quiet || footer.get("restoring")) return; // not for each of the controls that Reset and Undo bring back
    compute ??= build(parts, Object.fromEntries(Object.entries(networks).map(([name, network]) => [name, network.get("network")])));
    const patches = changed && compute.follow ? compute.follow(changed, settings(), before) : {};
    for (const [name, patch] of Object.entries(patches)) put(name, patch);
    before = settings();
    clearTimeout(waiting);
    if (!compute.slow?.(before)) return respond();
    status.set({ text: texts.working, sentences: [], failed: false }); // seen before the work begins
    waiting = setTimeout(respond, 30);
  }
  function respond() {
    try {
      const pictures = views.map((view) => view.get("picture")), result = compute(before, pictures);
      const disabled = result.disabled ?? compute.disabled?.(before) ?? [];
      for (const [name, control] of Object.entries(controls)) if (control.get("disabled") !== disabled.includes(name)) put(name, { disabled: disabled.includes(name) });
      result.views.forEach((changes, at) => views[at].set("picture", renew(views[at].get("kind"), pictures[at], changes, texts.pictures)));
      views.forEach((view, at) => { if (result.absent) view.get("layout").set("display", result.absent.includes(at) ? "none" : null); });
      if (result.texts && beside) beside.set("value", written(result.texts));
      const said = [result.text].flat(), frame = views.find((view) => view.get("picture").step_count > 1)?.get("frame") ?? 0;
      status.set({ text: said[Math.min(frame, said.length - 1)], sentences: said.length > 1 ? said : [], failed: false, busy: false, shown: before });
      head.trigger("facts", { ...before, ...result.facts });
    } catch (error) {
      status.set({ text: excuse(error, texts), failed: true, busy: false });
      if (!(error instanceof Refusal)) console.error(error);
    }
  }
  const listening = Object.entries(controls).map(([name, control]) => [control, choices[name] ? "change:index" : "change:value", () => answer(name)]);
  for (const [control, event, act] of listening) control.on(event, act);

  // Reset on a page without Python: back to the first steps, too.
  const restoring = () => answer(), restored = () => {
    views.forEach((view, at) => view.set("picture", renew(view.get("kind"), view.get("picture"), { frame: model.get("frames")[at] }, texts.pictures)));
  };
  footer.on("change:restoring", restoring);
  footer.on("change:restored", restored);
  const buttons = alone ? await findAll(model.get("buttons")) : {}, patches = model.get("presses");
  for (const [name, button] of Object.entries(buttons)) {
    button.send = ({ event }) => { // without a kernel nobody else hears a press
      if (event !== "click") return;
      for (const [key, value] of Object.entries(patches[name])) controls[key].set("value", value);
    };
  }
  if (!alone) {
    model.set("active", true); // from now on Python lets the browser answer
    model.save_changes();
  }
  if (asked()) answer();
  return () => {
    detach();
    clearTimeout(waiting);
    footer.off("change:restoring", restoring);
    footer.off("change:restored", restored);
    for (const [control, event, act] of listening) control.off(event, act);
  };
}
