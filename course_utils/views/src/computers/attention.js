// The attention explorer without Python.

import { argmax, beamSearch, forced, Seq2Seq } from "../networks.js";
import { fill, fillPlural } from "../say.js";
import { join, normalise, pairOf, Refusal, segment, Vocabulary } from "../text.js";

export function attention({ languages, longest, refuseUnknown, width, labels }, networks, { T, chance }) {
  const known = Object.fromEntries(Object.entries(languages).map(([name, { pairs }]) => {
    const all = pairs.map(pairOf);
    return [name, new Map(all.map((pair) => [join(pair.source), pair]))];
  }));
  const translators = new Map();
  const translator = (name) => {
    if (!translators.has(name)) {
      const [source, target] = networks[name].words.map((words) => new Vocabulary(words));
      translators.set(name, { model: new Seq2Seq(networks[name]), source, target });
    }
    return translators.get(name);
  };
  const searched = new Map(); // the last two searches, broken and as trained: what is shown may change without another

  /** As `measure.reading.read_attention`. */
  function read({ language, text, output, temperature, intervention }) {
    const { model, source, target } = translator(language), rank = output === "reference" ? null : Number(output.replace("beam_", ""));
    const pair = known[language].get(normalise(text)), words = pair ? pair.source : segment(text, source, { longest, refuseUnknown });
    if (rank == null && !pair) throw new Refusal("attention", "reference");
    const look = { intervention, temperature };
    let columns = words, lent = "";
    if (intervention === "other_memory") {
      const others = [...known[language].values()].map(({ source }) => source).filter((other) => other.join(" ") !== words.join(" "));
      if (!others.length) throw new Refusal("attention", "alone");
      const away = (other) => Math.abs(other.length - words.length), other = others.reduce((best, other) => (away(other) < away(best) ? other : best));
      Object.assign(look, { lent: model.encode(source.encode(other)).memory });
      lent = join(other);
      columns = words.map((_, at) => other[at] ?? "–");
    }
    const ids = source.encode(words), key = JSON.stringify([language, ids, temperature, intervention]);
    if (rank != null && !searched.has(key)) {
      const { hypotheses } = beamSearch(model, ids, { width, lengthPenalty: 1, ...look });
      searched.set(key, hypotheses.sort((a, b) => b.logProbability - a.logProbability));
      if (searched.size > 2) searched.delete(searched.keys().next().value);
    }
    const found = rank != null && searched.get(key)[rank - 1], written = rank == null ? pair.target : found ? target.decode(found.tokens) : [];
    if (!written.length) throw new Refusal("attention", "rank", { rank });
    const { weights, logProbability } = forced(model, ids, target.encode(written), look);
    const gold = pair?.links.length && !lent && written.join(" ") === pair.target.join(" ") ? pair.links : null;
    return { columns, rows: written, weights: weights.slice(0, -1), gold, probability: Math.fround(Math.exp(logProbability)), lent }; // 0 where Python's float32 is
  }

  let drawn = null; // the same words under other settings: stay at the word that is looked at
  const compute = (settings, pictures) => {
    const reading = read(settings), broken = settings.intervention !== "as_trained", { columns, rows, weights, gold, probability, lent } = reading;
    const before = broken ? read({ ...settings, intervention: "as_trained" }) : null, { language } = settings, target = labels.targets[language];
    const marked = (of) => (settings.gold !== "hidden" && of.gold ? of.gold.map(([source, target]) => [target, source]) : []), guess = settings.gold === "guess";
    const frame = (drawn ?? pictures[0].rows).join("\n") === rows.join("\n") ? null : 0, title = labels.interventions[settings.intervention];
    const words = (of) => ({ values: of.weights, rows: of.rows, columns: of.columns, frame }), lines = (of) => ({ ...words(of), marked: marked(of), guess, row_name: target });
    drawn = rows;
    return {
      disabled: (before ?? reading).gold ? [] : ["gold"],
      views: [
        { ...lines(reading), title },
        { ...lines(before ?? reading), title: labels.interventions.as_trained },
        { ...words(reading), outlined: guess ? [] : marked(reading), row_name: fill(labels.target, { language: target, output: labels.outputs[settings.output] }),
          column_name: fill(labels.source, { attention: title }) },
      ],
      absent: [...(before ? [] : [1]), ...(guess ? [2] : [])], // the map would show what is to be guessed
      text: sentence(join(rows), probability, weights, gold, lent, languages[language].aligned),
      facts: facts(reading, before),
    };
  };

  function facts({ rows, weights, gold }, before) {
    const linked = [...new Set((gold ?? []).map(([, target]) => target))], former = (before ?? { rows }).rows;
    const right = linked.filter((word) => gold.some(([source, target]) => target === word && source === argmax(weights[word]))).length;
    return { linked: linked.length, right: right / Math.max(linked.length, 1), broken: Number(!!before), kept: former.filter((word) => rows.includes(word)).length / former.length };
  }

  function sentence(text, probability, weights, gold, lent, aligned) {
    const letters = [...text], short = letters.length <= 90 ? text : `${letters.slice(0, 89).join("")}…`;
    const first = fill(T.text, { text: short, probability: chance(probability) });
    const spans = weights.map((row) => Math.max(...row) - Math.min(...row));
    if (lent) return `${first} ${fill(T.lent, { lent })}`;
    if (weights[0].length > 1 && Math.max(...spans) < 1e-6) return `${first} ${T.uniform}`;
    if (!gold) return `${first} ${aligned ? T.no_links : T.no_gold}`;
    const linked = [...new Set(gold.map(([, target]) => target))];
    const right = linked.filter((word) => gold.some(([source, target]) => target === word && source === argmax(weights[word]))).length;
    return `${first} ${fillPlural(T.right, linked.length, { right })}`;
  }

  /** Another language brings its own sentences. */
  const follow = (changed, { language }) => {
    if (changed !== "language") return {};
    const offered = languages[language].offered;
    return { text: { options: offered, value: offered[0] ?? "" } };
  };
  return Object.assign(compute, { follow });
}
