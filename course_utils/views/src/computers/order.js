// The order explorer without Python.

import { changedWords } from "../differences.js";
import { fill, fillPlural } from "../say.js";
import { isEnding, join, Vocabulary } from "../text.js";
import { Transformer } from "../transformer.js";

/** As `measure.order.written_words`: words with the endings that are written onto them. */
function writtenWords(words) {
  const groups = [];
  for (const word of words) if (groups.length && isEnding(word)) groups.at(-1).push(word); else groups.push([word]);
  return groups;
}

/** `sentences`: [text, its written words as they are read, as they are shown]. */
export function order({ sentences, names }, networks, { T }) {
  const known = new Map(sentences.map(([text, groups, shown]) => [text, { groups, shown }]));
  const models = [networks.network, networks.blind ?? networks.network].map((network, at) => {
    const model = new Transformer(network), [source, target] = network.words.map((words) => new Vocabulary(words));
    if (at && !networks.blind) Object.assign(model.encoder, { positions: "none", turns: false });
    const made = new Map(); // what was translated already, for a sentence in its own order is asked for again and again
    return (words) => {
      const key = words.join(" ");
      if (!made.has(key)) made.set(key, writtenWords(target.decode(model.greedy(model.encode(source.encode(words))))).map(join));
      return made.get(key);
    };
  });
  const compute = ({ text, order }) => {
    const { groups, shown } = known.get(text), whole = groups.flat(), now = order.flatMap((at) => groups[at]);
    const readings = models.map((translate) => {
      const [before, after] = [translate(whole), translate(now)], [lost, fresh] = changedWords(before, after);
      return { before, after, lost, new: fresh, changed: Math.max(lost.length, fresh.length) };
    });
    const away = order.flatMap((word, at) => (word === at ? [] : [at])), [seeing] = readings;
    return {
      views: [{ words: shown, order: [...order], results: readings.map(({ changed, ...reading }, at) => ({ ...reading, name: names[at], told: changed ? fillPlural(T.lost, changed) : T.unchanged })) }],
      text: sentence(away.length, readings),
      facts: { away: away.length, swapped: Number(away.length === 2 && away[1] - away[0] === 1), changed: seeing.changed, share: seeing.lost.length / Math.max(seeing.before.length, 1) },
    };
  };

  function sentence(away, readings) {
    if (!away) return T.first;
    const told = readings.map(({ changed }, at) => (changed ? fillPlural(T.changed, changed, { name: names[at] }) : fill(T.same, { name: names[at] })));
    return [fillPlural(T.moved, away), ...told].join(" ");
  }

  /** Another sentence begins in its own order; so does one that meets the order of a sentence before, which a slow Python sent back late. */
  const follow = (changed, { text, order }) => {
    const own = known.get(text).groups.map((_, at) => at);
    return changed === "text" || order.length !== own.length ? { order: { value: own } } : {};
  };
  return Object.assign(compute, { follow });
}
