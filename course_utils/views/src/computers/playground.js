// The query playground without Python.

import { argmax, attention, scoreFunction } from "../networks.js";
import { fill, fixed } from "../say.js";

const spread = (numbers) => Math.max(...numbers) - Math.min(...numbers);

export function playground({ scores, keyNames, valueNames, queryName, averageName }, _, { T }) {
  return ({ query, keys, values, temperature, score }) => {
    const compare = scoreFunction(scores[score].name, scores[score].weights);
    const tempered = (query, keys) => compare(query, keys).map((value) => value / temperature);
    const { scores: found, weights, context: average } = attention(query, keys, values, tempered), last = values.at(-1);
    const place = (name, [x, y], share = null) => ({ name, x, y, share });
    return {
      views: [
        { items: [...keys.map((key, at) => place(keyNames[at], key, weights[at])), place(queryName, query)] },
        { items: [...values.map((value, at) => place(valueNames[at], value, weights[at])), place(averageName, average)] },
        { values: [found, found.map(Math.exp), weights] },
      ],
      text: sentence(weights, average, temperature),
      facts: { largest: Math.max(...weights), spread: spread(weights), away: Math.hypot(average[0] - last[0], average[1] - last[1]) },
    };
  };

  function sentence(weights, average, temperature) {
    const best = argmax(weights), rounded = Number(temperature.toFixed(3)), fields = { temperature: Number.isInteger(rounded) ? `${rounded}.0` : rounded };
    const first = spread(weights) < 0.05 ? fill(T.even, { ...fields, weight: fixed(1 / weights.length, 2) })
      : fill(weights[best] > 0.9 ? T.alone : T.shared, { ...fields, key: best + 1, weight: fixed(weights[best], 2) });
    const [x, y] = [...average].map((place) => fixed(place, 2).replace("-", "−"));
    return `${first} ${fill(T.average, { x, y })}`;
  }
}
