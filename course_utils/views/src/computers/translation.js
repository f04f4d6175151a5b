// The translation explorer without Python.

import { beamSearch, Seq2Seq } from "../networks.js";
import { fill } from "../say.js";
import { join, segment, Vocabulary } from "../text.js";

export function translation({ longest, refuseUnknown, width }, { network }, { T, chance }) {
  const model = new Seq2Seq(network), [source, target] = network.words.map((words) => new Vocabulary(words));
  return ({ sentence }) => {
    const ids = source.encode(segment(sentence, source, { longest, refuseUnknown }));
    const { hypotheses: found, steps } = beamSearch(model, ids, { width, lengthPenalty: 1 });
    let rows = found.map((_, row) => row).sort((a, b) => found[b].logProbability - found[a].logProbability);
    const hypotheses = rows.map((row) => found[row]), running = []; // how likely each was after each word: back through the beams
    for (const beam of [...steps].reverse()) {
      running.unshift(rows.map((row) => Math.exp(beam[row].logProbability)));
      rows = rows.map((row) => beam[row].from);
    }
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
