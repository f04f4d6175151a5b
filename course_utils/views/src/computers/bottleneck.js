// The bottleneck explorer without Python: look-ups in the measured table.

import { fill, fillPlural, fixed } from "../say.js";

export function bottleneck({ sizes, names, trained, curves, examples, measures, labels, task }, _, { T, percent }) {
  const mean = (runs) => runs.reduce((a, b) => a + b, 0) / runs.length, units = (count) => fillPlural(T.units, count);
  return ({ hidden_size: size, length, measure = "exact" }) => {
    const at = names.indexOf(length), of = curves[measure], columns = (runs, pick) => names.map((_, bin) => pick(runs.map((run) => run[bin])));
    const runs = of[size].map((run) => run[at]), { texts, right, kept } = examples[size][at];
    return {
      views: [{
        x: names.map((_, bin) => bin), lines: Object.fromEntries(sizes.map((count) => [units(count), columns(of[count], mean)])),
        bands: Object.fromEntries(sizes.filter((count) => of[count].length > 1)
          .map((count) => [units(count), [(v) => Math.min(...v), (v) => Math.max(...v)].map((pick) => columns(of[count], pick))])),
        mark: { x: at, y: mean(runs), text: fixed(mean(runs), 0) }, y_name: measures[measure],
        title: fill(labels.title, { task, measure: measures[measure] }),
      }],
      texts,
      text: sentence(size, length, measure, runs, at < trained),
      facts: { exact: mean(curves.exact[size].map((run) => run[at])), trained: Number(at < trained), right, kept },
    };
  };

  function sentence(size, length, measure, runs, trained) {
    const write = (value) => (measure === "exact" ? percent(value / 100) : fixed(value, 0));
    const fields = { value: write(mean(runs)), low: write(Math.min(...runs)), high: write(Math.max(...runs)), units: units(size), length, unit: labels.unit, seeds: runs.length };
    const first = fill(T[runs.length > 1 ? `${measure}_seeds` : measure], fields);
    return trained ? first : `${first} ${T.longer}`;
  }
}
