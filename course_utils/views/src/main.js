// Browser-held views: they draw what Python sent once, and move without asking Python again.
//
// Every model has `kind` (the drawing function), `picture` (what to draw: numbers as little-endian buffers, labels,
// scale), `frame` (the step shown), `group` (views that move together), and `look` (colours and dashes). What it says,
// templates with {named} fields, comes from a model that all share. A new kind is one function in KINDS: it lays out a new picture, and
// returns `paint(frame)` with what pointer and keyboard need (see `stage.js`).
//
// `make views` bundles these files into `views.js`, which is what a notebook loads; commit both.

import { bars } from "./bars.js";
import drawings from "./drawings/drawings.css";
import { ribbons } from "./drawings/ribbons.js";
import { footer } from "./footer.js";
import { head } from "./head.js";
import { heatmap } from "./heatmap.js";
import { lines } from "./lines.js";
import { pipeline } from "./pipeline.js";
import { plane } from "./plane.js";
import { sketch } from "./sketch.js";
import { stage } from "./stage.js";
import { status } from "./status.js";
import { stream } from "./stream.js";
import style from "./style.css";
import { tank } from "./tank.js";
import { keepOrder, make, textsOf } from "./tools.js";
import { tree } from "./tree.js";
import { words } from "./words.js";

export { format } from "./numbers.js";

const KINDS = { heatmap, lines, bars, plane, pipeline, ribbons, tank, stream, tree }; // drawings on the common stage
const PARTS = { head, status, footer, sketch, words, order }; // the rest of an explorer's frame, and a field to draw in

/** Nothing to see: in a card, what is typed and chosen reaches Python before a press. */
async function order({ model, el }) {
  const controls = await Promise.all(model.get("controls").map((id) => model.widget_manager.get_model(id)));
  el.dataset.state = "ready";
  return keepOrder(el, controls, "button");
}

function addStyle() {
  if (document.getElementById("cu-style")) return;
  document.head.append(make("style", { id: "cu-style" }, style + drawings));
}

export default {
  async render({ model, el, texts, load }) {
    addStyle();
    textsOf.set(model, texts);
    const kind = model.get("kind");
    if (kind in PARTS) return PARTS[kind]({ model, el, load });
    // The lessons' drawings of their machines come in a bundle of their own: most pages have one of them, or none.
    return stage(model, el, KINDS[kind] ?? (await load(model.get("drawings")))[kind]);
  },
};
