// The heads explorer without Python.

import { bleu } from "../bleu.js";
import { changedWords } from "../differences.js";
import { argmax } from "../networks.js";
import { fill, fillPlural, fixed } from "../say.js";
import { join, normalise, pairOf, Refusal, segment, Vocabulary } from "../text.js";
import { Transformer } from "../transformer.js";

const SHIFTS = { predicting: 0, reading: 1 };

export function heads({ pairs, scored, whole, names, few, nothing, longest, refuseUnknown, labels }, networks, { T }) {
  const known = new Map(pairs.map(pairOf).map((pair) => [join(pair.source), pair])), tested = scored.map(pairOf);
  const model = new Transformer(networks.network), [source, target] = networks.network.words.map((words) => new Vocabulary(words));
  const muted = (silent) => (layer, head) => silent.includes(names[layer * model.heads + head]);
  const memories = new Map(), measured = new Map([["", whole]]);
  const memory = (words) => {
    const key = words.join(" ");
    if (!memories.has(key)) memories.set(key, model.encode(source.encode(words)));
    return memories.get(key);
  };
  const write = (words, silent) => target.decode(model.greedy(memory(words), muted(silent)));
  function score(silent) {
    const key = silent.join(" ");
    if (!measured.has(key)) measured.set(key, bleu(tested.map(({ source }) => write(source, silent)), tested.map(({ target }) => target)));
    return measured.get(key);
  }

  /** As `measure.reading.read_heads`. */
  function read(text, silent, { forced = false, shift = 0 } = {}) {
    const pair = known.get(normalise(text)), words = pair ? pair.source : segment(text, source, { longest, refuseUnknown });
    if (forced && !pair) throw new Refusal("heads", "reference");
    const written = forced ? pair.target : write(words, silent), rows = written.length ? written : ["."];
    const { weights } = model.forced(memory(words), target.encode(rows), muted(silent));
    const gold = pair?.links.length && written.join(" ") === pair.target.join(" ") ? pair.links : null;
    const maps = names.map((_, at) => written.map((_, row) => weights[row + shift][Math.floor(at / model.heads)][at % model.heads]));
    const rates = gold && maps.map((map) => {
      const right = map.filter((row, at) => gold.some(([s, t]) => t === at && s === argmax(row))).length;
      return 1 - (2 * right) / (map.length + gold.length);
    });
    return { columns: words, rows: written, maps, gold, rates };
  }

  let drawn = null; // the same words under other settings: stay at the word that is looked at
  const compute = ({ text, moment, output, head, silent }, pictures) => {
    const reading = read(text, silent, { forced: output === "reference", shift: SHIFTS[moment] }), { rows, columns, maps, gold, rates } = reading;
    const [before, after] = [[], silent].map((deaf) => (join(read(text, deaf).rows) || nothing).split(" "));
    if (!rows.length) throw new Refusal("heads", "nothing");
    const scores = tested.length ? [score([]), score(silent)] : null, [gone, fresh] = changedWords(before, after);
    const frame = (drawn ?? pictures[0].rows).join("\n") === rows.join("\n") ? null : 0, at = names.indexOf(head);
    drawn = rows;
    const words = { rows, columns, marked: gold ? gold.map(([s, t]) => [t, s]) : [], row_name: labels.whose[output], frame }, changed = Math.max(gone.length, fresh.length);
    const notes = scores ? scores.map((score) => fill(labels.note, { score: fixed(score, 1) })) : ["", ""];
    const without = fill(silent.length <= few ? labels.without : labels.without_many, { heads: silent.join(", "), count: silent.length });
    return {
      views: [
        { ...words, maps, rates, silent: silent.map((name) => names.indexOf(name)), chosen: at, title: rates ? labels.maps_rates : labels.maps },
        { ...words, values: maps[at], title: fill(gold ? labels.open_gold : labels.open, { head }) },
        { lines: [{ name: labels.all, words: before, note: notes[0], marked: gone },
          { name: silent.length ? without : "", words: silent.length ? after : [], note: silent.length ? notes[1] : "", marked: silent.length ? fresh : [] }] },
      ],
      text: sentence(head, moment, rates && rates[at], silent, changed, scores),
      facts: { lowest: Number(!!rates && rates[at] === Math.min(...rates) && rates[at] < Math.max(...rates)), silenced: silent.length, changed },
    };
  };

  function sentence(head, moment, rate, silent, changed, scores) {
    const said = [rate == null ? fill(T[`${moment}_no_gold`], { head }) : fill(T[moment], { head, rate: fixed(rate, 2) })];
    const [before, after] = (scores ?? [0, 0]).map((score) => fixed(score, 1));
    if (!silent.length) return [...said, scores ? fill(T.all_bleu, { before, sentences: tested.length }) : T.all].join(" ");
    if (silent.includes(head)) said.push(T.deaf);
    const heads = silent.join(", ");
    said.push(changed ? fillPlural(T.changed, changed, { heads }) : fill(T.unchanged, { heads }));
    if (scores) said.push(before === after ? fill(T.bleu_stays, { before }) : fill(scores[1] < scores[0] ? T.bleu : T.bleu_rises, { before, after }));
    return said.join(" ");
  }
  /** Whether BLEU of these heads is still to be measured. */
  const slow = ({ silent }) => tested.length > 0 && !measured.has(silent.join(" "));
  return Object.assign(compute, { slow });
}
