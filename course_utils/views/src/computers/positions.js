// The positions explorer without Python.

import { dot } from "../networks.js";
import { fill, fillPlural, fixed } from "../say.js";

const signed = (value) => fixed(value, 2).replace("-", "−");
const pairs = (vector) => Array.from({ length: vector.length / 2 }, (_, hand) => [vector[2 * hand], vector[2 * hand + 1]]);

export function positions({ length, start, names, learned, measures }, _, { T, number }) {
  const places = Array.from({ length }, (_, at) => at);
  function vectorsOf(kind, width) {
    if (kind === "none") return places.map(() => Array(width).fill(0));
    if (kind === "learned") {
      const { data, shape: [, wide] } = learned.table;
      return places.map((at) => [...data.subarray(at * wide, (at + 1) * wide)]);
    }
    const slowness = Array.from({ length: width }, (_, entry) => 10000 ** ((entry - (entry % 2)) / width));
    return places.map((at) => slowness.map((slow, entry) => (entry % 2 ? Math.cos(at / slow) : Math.sin(at / slow))));
  }
  /** A position's neighbour that is more like it; the one before where both are. */
  function nearest(like, p) {
    const round = (at) => Math.round(like[p][at] * 1e9), [one, other] = [p - 1, p + 1].filter((at) => at >= 0 && at < length);
    return other !== undefined && round(other) > round(one) ? other : one;
  }

  function sentence(p, q, like, agreement, measure, kind) {
    if (kind === "none") return fill(T.nothing, { p, q });
    const near = nearest(like, p), away = like[p][q] - like[p][near];
    const first = T[p === q ? "same" : Math.abs(away) < 5e-3 ? "equal" : away > 0 ? "more" : "less"];
    const fields = { p, q, near, measure: measures[measure], value: signed(like[p][q]), neighbour: signed(like[p][near]) };
    return `${fill(first, fields)} ${fillPlural(T.agree, agreement.filter((share) => share > 0.9).length, { all: agreement.length })}`;
  }

  return ({ kind, width, measure: chosen, places: [p, q] }, pictures) => {
    const measure = kind === "none" ? "dot" : chosen, vectors = vectorsOf(kind, width), wide = vectors[0].length;
    const unit = (vector) => { const far = Math.hypot(...vector) || 1; return vector.map((value) => value / far); };
    const compared = measure === "cosine" ? vectors.map(unit) : vectors, like = compared.map((one) => compared.map((other) => dot(one, other)));
    const longest = Math.max(...vectors.flatMap((vector) => pairs(vector).map((hand) => Math.hypot(...hand)))) || 1;
    const hands = [p, q].map((at) => pairs(vectors[at]).map((hand) => hand.map((value) => value / longest)));
    const [one, other] = [p, q].map((at) => pairs(compared[at])), added = one.map((hand, at) => dot(hand, other[at]));
    const agreement = hands[0].map((hand, at) => dot(hand, hands[1][at]) / (Math.hypot(...hand) * Math.hypot(...hands[1][at]) || 1));
    const reach = Math.max(...vectors.flat().map(Math.abs), 1), all = like.flat(), [low, high] = all.some(Boolean) ? [Math.min(...all), Math.max(...all)] : [-1, 1];
    return {
      disabled: [...(kind === "none" ? ["measure"] : []), ...(kind === "sinusoidal" ? [] : ["width"])], // as `adapt`
      views: [
        { values: vectors[0].map((_, entry) => vectors.map((vector) => vector[entry])), rows: vectors[0].map((_, entry) => entry), vmin: -reach, vmax: reach,
          hands: pictures[0].hands.map((hand, at) => ({ ...hand, column: [p, q][at] })) },
        { hands, added, names: [p, q].map((place, at) => fill(T.name, { name: names[at], place })),
          turns: kind === "sinusoidal" ? hands[0].map((_, at) => number(2 * Math.PI * 10000 ** ((2 * at) / wide), 2)) : [] },
        { x: places, lines: { "": like[p] }, mark: { x: q, y: like[p][q], text: fill(T.value, { q, value: signed(like[p][q]) }) },
          vmin: Math.min(low, 0), vmax: high },
      ],
      text: sentence(p, q, like, agreement, measure, kind),
      facts: { apart: Math.abs(p - q), beyond: Math.min(p, q), first: agreement[0], second: agreement[1] ?? 0,
        beats: like[p][q] - like[p][nearest(like, p)], off: Math.abs(like[p][q] - like[start[0]][start[1]]) },
    };
  };
}
