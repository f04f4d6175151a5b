// The sentence of an explorer.

import { DEAD, keepHeight, keepOrder, make, manner } from "./tools.js";


/** One sentence that a screen reader hears; "working…" once Python is busy for 200 ms; a lost kernel is named. */
export function status({ model, el, load }) {
  const line = make("div", { class: "cu-view cu-status", role: "status", "aria-live": "polite" });
  el.replaceChildren(line);
  const { say } = manner(model, line);
  keepHeight(line);
  let timer = null, lost = false, saved = false, controls = [], end = null, asked = false;
  // A sentence for every step: the one of the step that the first view with as many steps shows.
  let stepping = null;
  const text = () => {
    const sentences = model.get("sentences");
    return model.get("failed") || !stepping || !sentences.length ? model.get("text") : sentences[Math.min(stepping.get("frame"), sentences.length - 1)];
  };
  function show() { // whatever Python says ends a silence
    clearTimeout(timer);
    line.classList.remove("working");
    line.classList.toggle("error", lost || model.get("failed"));
    line.textContent = lost ? say("lost") : saved ? say("saved", { text: text() }) : text();
    line.dataset.state = lost ? "lost" : model.get("busy") ? "busy" : model.get("failed") ? "failed" : "ready";
    if (!lost && model.get("busy")) timer = setTimeout(() => {
      line.classList.add("working");
      line.textContent = say("working");
    }, 200);
  }
  // A moved control asks Python. No sign of an answer for a second: say so, for nothing else tells that a kernel was
  // shut down, or that another cell keeps it busy.
  function ask() {
    asked = true;
    if (end || lost || saved || model.get("busy")) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      line.classList.add("working");
      line.textContent = say("silent");
      line.dataset.state = "silent";
    }, 1000);
  }
  const found = Promise.all(model.get("controls").map((id) => model.widget_manager.get_model(id))).then((models) => {
    controls = models;
    controls.forEach((control) => control.on("change:value change:index", ask));
    return keepOrder(line, controls, ".cu-controls button, .reset, .undo");
  }).catch(() => {}); // a control that is gone asks nothing
  const gone = () => setTimeout(() => { lost = !end && !!line.closest(DEAD); show(); }); // once the panel has its class
  const watched = Promise.all(model.get("views").map((id) => model.widget_manager.get_model(id))).then((views) => {
    const count = () => model.get("sentences").length;
    stepping = views.find((view) => view.get("picture").step_count === count()) ?? views.find((view) => view.get("picture").steps) ?? null;
    stepping?.on("change:frame", show);
    show();
  }).catch(() => {});
  const events = ["change:text", "change:sentences", "change:failed", "change:busy"];
  events.forEach((event) => model.on(event, show));
  model.on("comm_live_update", gone);
  show();
  // Three gaps of ipywidgets in JupyterLab: sliders have no name for a screen reader (take it from the label beside
  // them), their value is read as 0.8999999999999999, and Lab's shortcuts swallow the arrow keys of menus and text boxes.
  let panel = null;
  const rounding = new MutationObserver((changes) => changes.forEach(({ target, attributeName }) => {
    const read = target.getAttribute(attributeName);
    if (/\.\d{9}/.test(read)) target.setAttribute(attributeName, Number(Number(read).toFixed(9)));
  }));
  const mend = () => panel?.querySelectorAll("[role=slider], select, input").forEach((control) => {
    control.dataset.lmSuppressShortcuts = "true";
    if (control.role === "slider") rounding.observe(control, { attributeFilter: ["aria-valuenow", "aria-valuetext"] });
    const name = control.closest(".widget-slider, .jupyter-widgets")?.querySelector(".widget-label")?.textContent;
    if (name && !control.hasAttribute("aria-label")) control.setAttribute("aria-label", name);
  });
  // The browser's own answers: their code comes only where an explorer has them.
  async function answered(alone) {
    const computer = await model.widget_manager.get_model(model.get("computer"));
    return (await load(computer.get("library"))).attach(model, { alone, asked: () => asked });
  }
  const mending = requestAnimationFrame(() => {
    panel = line.closest(".cu-panel");
    panel?.addEventListener("focusin", mend); // controls that were mounted later
    mend();
    // Born without a kernel: an exported page. Its controls answer if the browser can compute, else they are grey.
    const alone = !!line.closest(DEAD);
    if (model.get("computer") && (alone || !model.get("own"))) answered(alone).then((ended) => { end = ended; });
    else if (alone) {
      saved = true;
      found.then(() => controls.forEach((control) => control.set("disabled", true)));
      show();
    }
  });
  return () => {
    end?.(); rounding.disconnect(); clearTimeout(timer); cancelAnimationFrame(mending); panel?.removeEventListener("focusin", mend);
    watched.then(() => stepping?.off("change:frame", show));
    found.then((release) => { release?.(); controls.forEach((control) => control.off("change:value change:index", ask)); });
    events.forEach((event) => model.off(event, show)); model.off("comm_live_update", gone);
  };
}
