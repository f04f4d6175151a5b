// An explorer's title, one line on what to try, and its challenges.

import { make, manner } from "./tools.js";

/** Whether facts, numbers or names by name, are what a challenge needs: each inside its range, or one of its values. */
const meets = (needs, facts) => Object.entries(needs).every(([name, { low, high, among }]) => {
  const fact = facts[name];
  return among ? among.includes(fact) : Number.isFinite(fact) && fact >= (low ?? -Infinity) && fact <= (high ?? Infinity);
});

/** Title, hint, challenges: a met one is ticked, stays ticked, and is read aloud. */
export function head({ model, el }) {
  const root = make("div", { class: "cu-part cu-head" }), list = make("ul", { class: "challenges" });
  const title = make("div", { class: "headline", role: "heading", "aria-level": 3 }), hint = make("div", { class: "try" });
  const heard = make("div", { class: "unseen", role: "status", "aria-live": "polite" });
  const { say } = manner(model, root);
  root.append(title, hint, list, heard);
  el.replaceChildren(root);
  let before = null;
  function show() {
    const challenges = model.get("challenges");
    title.textContent = model.get("title");
    hint.textContent = model.get("hint");
    list.replaceChildren(...challenges.map(({ text, met }, at) => make("li", { class: met ? (before && !before[at] ? "met fresh" : "met") : "open" },
      make("span", { class: "tick", "aria-hidden": "true" }, met ? "✓" : ""), text, make("span", { class: "unseen" }, met ? say("challenge_met") : say("challenge_open")))));
    const fresh = challenges.filter(({ met }, at) => met && before && !before[at]);
    if (fresh.length) heard.textContent = fresh.map(({ text }) => say("challenge_heard", { text })).join(" ");
    before = challenges.map(({ met }) => met);
    root.hidden = !model.get("title");
  }
  // What computes in the browser tells its facts here; Python checks its own.
  const check = (facts) => {
    const challenges = model.get("challenges"), now = challenges.map((one) => ({ ...one, met: one.met || meets(one.needs, facts) }));
    if (now.some(({ met }, at) => met !== challenges[at].met)) model.set("challenges", now);
  };
  const changes = "change:title change:hint change:challenges";
  model.on(changes, show);
  model.on("facts", check);
  show();
  return () => { model.off(changes, show); model.off("facts", check); };
}
