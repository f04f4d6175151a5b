// The gradient explorer without Python.

import { gradientFlow } from "../gradients.js";
import { unpack } from "../numbers.js";
import { fill, fillPlural } from "../say.js";

const PAUSE = 800; // milliseconds: moves that follow each other sooner are one move

export function gradients({ names, forgetBias, works, powers, start, ...fixed }, _, { T, number, percent }) {
  let last = null, ghost = null, then = -Infinity; // the curve on the screen, the one from before this move
  const verdicts = new Map(); // settings but the seed → whether networks that were tried work

  const compute = (settings, pictures) => {
    const { cell } = settings, flow = gradientFlow({ ...settings, ...fixed, forgetBias: cell === "lstm" ? forgetBias : null });
    const curves = [[names.norms, flow.norms], [names.bound, flow.bound], [names.tight_bound, flow.tightBound]].filter(([, y]) => y);
    const x = Float64Array.from(flow.norms, (_, at) => at + 1), now = performance.now();
    last ??= { x: unpack(pictures[0].x), y: unpack(pictures[0].lines[0].y) };
    if (now - then > PAUSE) ghost = last;
    [last, then] = [{ x, y: flow.norms }, now];
    const needed = flow.norms.reduce((most, norm) => (norm > 0 && norm < Infinity ? Math.max(most, Math.abs(Math.log10(norm))) : most), 0);
    const moved = Object.entries(start).some(([name, value]) => settings[name] !== value);
    const power = powers.find((power) => power >= needed) ?? powers.at(-1);
    return {
      views: [{ x, lines: Object.fromEntries(curves), ghosts: { [names.ghost]: ghost && moved ? ghost : { x: [], y: [] } }, vmin: 10 ** -power, vmax: 10 ** power }],
      text: sentence(flow, cell),
      facts: facts(flow, settings),
    };
  };

  function facts({ norms, bound }, { seed, ...settings }) {
    const left = norms[0] / norms.at(-1), key = JSON.stringify(settings), seen = verdicts.get(key) ?? new Set();
    verdicts.set(key, seen.add(left >= works[0] && left <= works[1]));
    return { left, bound: bound ? bound[0] : NaN, verdicts: seen.size };
  }

  function sentence({ norms, parameterNorm, clippedNorm }, cell) {
    const shares = norms.slice().reverse().map((norm) => norm / norms.at(-1)), last = shares.at(-1), count = shares.length - 1;
    const finite = Number.isFinite(parameterNorm) && shares.every(Number.isFinite), close = last >= 0.1 && last <= 10, said = [];
    if (!finite) said.push(T.not_finite);
    else if (last <= 1) said.push(fillPlural(close ? T.left_close : T.left, count, { share: percent(last) }));
    else said.push(fillPlural(close ? T.grown_close : T.grown, count, { times: number(last) }));
    if (finite && last < 1e-3) said.push(fillPlural(T.vanishes, shares.findLastIndex((share) => share >= 1e-3) + 1));
    else if (finite && last > 1e3) said.push(fillPlural(T.explodes, shares.findLastIndex((share) => share <= 1e3) + 1));
    const norm = { before: number(parameterNorm), after: number(clippedNorm) };
    if (clippedNorm < parameterNorm) said.push(fill(T.clipped, norm));
    else if (Number.isFinite(parameterNorm)) said.push(fill(T.short, norm));
    if (cell === "lstm") said.push(forgetBias == null ? T.lstm : fill(T.lstm_bias, { bias: number(forgetBias) }));
    return said.join(" ");
  }

  return Object.assign(compute, { disabled: ({ cell }) => (cell === "rnn" ? [] : ["radius", "activation"]) });
}
