// The word explorer without Python.

import { argmax, Classifier } from "../networks.js";
import { fill } from "../say.js";
import { encodeWord } from "../text.js";

const SURE = 0.9, FEW = 4; // as in `explorers/words.py` and `messages/explorers.py`

export function words({ letters, longest, count, names, shared }, { network }, { T, percent }) {
  const model = new Classifier(network);
  return ({ text }) => {
    const ids = encodeWord(text, { letters, longest, languages: count }), steps = model.run(ids), probabilities = model.probabilities(steps);
    const read = ids.map((id) => letters[id - 1]), frame = read.length - 1, word = read.join("");
    const units = Array.from(steps[0].hidden, (_, unit) => steps.map(({ hidden }) => hidden[unit]));
    const owners = Object.hasOwn(shared, word) ? shared[word] : [], best = probabilities.map(argmax), sure = probabilities.findIndex((at) => Math.max(...at) >= SURE);
    return {
      views: [{ values: probabilities, steps: read, frame }, { values: units, rows: units.map((_, at) => at + 1), columns: read, frame }],
      text: read.map((_, at) => sentence(read.slice(0, at + 1), probabilities.slice(0, at + 1), at === frame ? owners : [])), // one for each step
      facts: { letters: read.length, changes: best.filter((at, step) => step && at !== best[step - 1]).length, shared: owners.length,
        sure: sure < 0 ? Infinity : sure + 1 },
    };
  };

  function sentence(read, probabilities, owners) {
    const best = probabilities.map(argmax), last = best.at(-1), since = best.findLastIndex((at) => at !== last) + 2;
    const fields = { language: names[last], share: percent(probabilities.at(-1)[last]), word: read.join(""), since, count: read.length };
    const first = fill(since === 1 ? T.first : since === read.length ? T.last : T.since, fields);
    if (!owners.length) return first;
    const template = !owners.includes(last) ? T.wrong : owners.length > FEW ? T.many : T.few;
    return `${first} ${fill(template, { languages: owners.slice(0, FEW).map((at) => names[at]).join(", "), others: owners.length - FEW })}`;
  }
}
