// Motion: a picture glides to its next state, unless a hand is moving it or the reader asked for no motion.

import { selectAll } from "d3-selection";
import "d3-transition";

const DURATION = 200; // milliseconds
let held = false;

const still = globalThis.matchMedia?.("(prefers-reduced-motion: reduce)");
const hold = (now) => () => { held = now; };
globalThis.addEventListener?.("pointerdown", hold(true), true);
for (const name of ["pointerup", "pointercancel", "blur"]) globalThis.addEventListener?.(name, hold(false), true);
globalThis.addEventListener?.("keydown", (event) => { held = event.repeat; }, true);
globalThis.addEventListener?.("keyup", hold(false), true);

/** Whether what changes now may take its time: no hand is on it, and the reader has not asked for less motion. */
export const gliding = () => !held && !still?.matches;

/** A d3 selection of some nodes, whose attributes will glide to what they are set to, if they may. */
export function glide(...nodes) {
  const chosen = selectAll(nodes).interrupt();
  return gliding() ? chosen.transition().duration(DURATION) : chosen;
}
