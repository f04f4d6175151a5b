// The translation explorer without Python.

import { beamSearch, Seq2Seq } from "../networks.js";
import { fill } from "../say.js";
import { join, segment, Vocabulary } from "../text.js";

export function translation({ longest, refuseUnknown, width }, { network }, { T, chance }) {
  const model = new Seq2Seq(network), [source, target] = network.words.map((words) => new Vocabulary(words));
  return ({ sentence }) => {
    const ids = source.encode(segment(sentence, source, { longest, refuseUnknown }));
    const { hypotheses, steps } = beamSearch(model, ids, { width, lengthPenalty: 1 });
    const order = hypotheses.map((_, row) => row).sort((a, b) => hypotheses[b].logProbability - hypotheses[a].logProbability);
    const running = steps.map(() => []); // how likely each was after each word: back through the beams
    for (let row of order) for (let step = steps.length; step--; row = steps[step][row].from) running[step].push(Math.exp(steps[step][row].logProbability));
    hypotheses.sort((a, b) => b.logProbability - a.logProbability);
    const probabilities = hypotheses.map(({ logProbability }) => Math.exp(logProbability));
    const written = hypotheses.map(({ tokens }) => join(target.decode(tokens)));
    const beams = steps.map((beam, step) => beam.map(({ from, tokens, logProbability, finished }) => [from, finished ? "" : target.decode(tokens.slice(-1))[0] ?? "", logProbability, finished]));
    return {
      views: [{ beams, frame: beams.length - 1 }, { values: running, rows: written.map((text, at) => `${at + 1}. ${text}`), frame: beams.length - 1 }],
      text: fill(written[0] ? T.text : T.nothing, { text: written[0], probability: chance(probabilities[0]) }),
      facts: { best: probabilities[0], second: probabilities[1] ?? 0, gap: probabilities[0] - (probabilities[1] ?? 0), words: target.decode(hypotheses[0].tokens).length },
    };
  };
}
