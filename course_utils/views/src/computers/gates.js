// The gate explorer without Python.

import { argmax, Classifier, descending } from "../networks.js";
import { fill } from "../say.js";
import { encodeRecall, encodeWord } from "../text.js";

const TRACES = ["input", "forget", "candidate", "output", "cell", "hidden"];

export function gates({ tasks, holds, shown, rightName, titles, starts, maps }, networks, { T, percent }) {
  const models = Object.fromEntries(Object.entries(networks).map(([name, network]) => [name, new Classifier(network)]));
  const texts = { ...starts };

  const compute = ({ task, text, hold, forget_shift: shift, look_at: look, unit }) => {
    const model = models[task], { classes, reader } = tasks[task], recall = task === "recall";
    const ids = recall ? encodeRecall(text, reader) : encodeWord(text, reader), right = recall ? ids[0] - reader.first : null;
    const steps = recall ? [...ids.slice(0, -1).map((id) => classes[id - reader.first]), "?"] : ids.map((id) => reader.letters[id - 1]);
    const untouched = model.probabilities([model.run(ids).at(-1)])[0], trace = model.run(ids, holds[hold], shift), probabilities = model.probabilities(trace);
    const map = look === "unit" ? "cell" : look, frame = steps.length - 1, size = model.layer.size, { b_ih, b_hh } = model.layer;
    const order = descending(Float32Array.from({ length: size }, (_, k) => b_ih[size + k] + b_hh[size + k]));
    const likely = probabilities.at(-1).map((value, at) => Math.max(value, untouched[at]));
    const leads = new Set(probabilities.map(argmax)), first = descending(likely).sort((a, b) => leads.has(b) - leads.has(a)); // what a step's sentence names has a bar
    const top = first.slice(0, shown).sort((a, b) => a - b), few = top.length < classes.length;
    return {
      views: [
        { traces: Object.fromEntries(TRACES.map((name) => [name, trace.map((step) => step[name][order[unit - 1]])])), steps, now: hold,
          title: fill(titles.unit, { number: unit, count: order.length }), frame },
        { values: order.map((unit) => trace.map((step) => step[map][unit])), rows: order.map((unit) => unit + 1), columns: steps, ...maps[map], frame },
        { values: probabilities.map((all) => top.map((at) => all[at])), rows: top.map((at) => classes[at]), row: right, row_name: rightName,
          title: few ? titles.few : titles.all, steps, frame },
      ],
      text: [...steps.slice(0, -1).map((_, at) => after(steps.slice(0, at + 1), classes, probabilities[at])),
        sentence(steps, classes, probabilities.at(-1), untouched, right, trace)],
      facts: facts(argmax(probabilities.at(-1)), argmax(untouched), right),
      absent: look === "unit" ? [1] : [0],
    };
  };

  const facts = (now, alone, right) => ({ right: Number(now === right), alone: Number(alone === right), same: Number(now === alone) });

  function after(steps, classes, probabilities) {
    const best = argmax(probabilities);
    return fill(T.step, { text: steps.join(""), answer: classes[best], share: percent(probabilities[best]) });
  }

  function sentence(steps, classes, probabilities, untouched, right, trace) {
    const answer = (probabilities) => {
      const best = argmax(probabilities), fields = { answer: classes[best], share: percent(probabilities[best]) };
      return fill(right == null ? T.answer : best === right ? T.right : T.wrong, fields);
    };
    const same = probabilities.every((value, at) => value === untouched[at]), fields = { text: steps.join(""), answer: answer(probabilities), untouched: answer(untouched) };
    const all = trace.flatMap(({ forget }) => [...forget]), share = percent(all.reduce((a, b) => a + b, 0) / all.length);
    return `${fill(same ? T.untouched : T.touched, fields)} ${fill(T.forget, { share })}`;
  }

  /** The other network reads another kind of text. */
  const follow = (changed, settings, before) => {
    if (changed !== "task") return {};
    texts[before.task] = settings.text;
    return { text: { value: texts[settings.task] } };
  };
  return Object.assign(compute, { follow, disabled: ({ look_at: look }) => (look === "unit" ? [] : ["unit"]) });
}
