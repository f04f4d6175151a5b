// The networks of the lessons, forward only, from the weights that Python sent.
//
// Vectors are typed arrays; a weight is a flat array, row by row, as torch's. What is here agrees with Python's numbers
// to 1e-4 (`tests/test_browser_networks.py`).

import { addProduct, products } from "./products.js";
import { Torch } from "./random.js";

const sigmoid = (value) => 1 / (1 + Math.exp(-value));
const zeros = (size) => new Float64Array(size);

export const dot = (a, b) => { let sum = 0; for (let k = 0; k < a.length; k++) sum += a[k] * b[k]; return sum; };

export function softmax(scores) {
  const shares = zeros(scores.length);
  let most = -Infinity, sum = 0;
  for (let k = 0; k < shares.length; k++) most = Math.max(most, scores[k]);
  for (let k = 0; k < shares.length; k++) sum += shares[k] = Math.exp(scores[k] - most);
  for (let k = 0; k < shares.length; k++) shares[k] /= sum;
  return shares;
}

/** The logarithm of the sum of exponentials: what a logit is less its log-probability. */
export function logSumExp(logits) {
  let most = -Infinity, sum = 0;
  for (let k = 0; k < logits.length; k++) if (logits[k] > most) most = logits[k];
  for (let k = 0; k < logits.length; k++) sum += Math.exp(logits[k] - most);
  return most + Math.log(sum);
}

export const argmax = (values) => { let best = 0; for (let k = 1; k < values.length; k++) if (values[k] > values[best]) best = k; return best; };

/** Positions in the order of their values, largest first, equal ones as they come. */
export const descending = (values) => Array.from(values, (_, at) => at).sort((a, b) => values[b] - values[a] || a - b);

// --------------------------------------------------------------------------------------------- recurrent layers

/** Torch's parameters of a recurrent layer and its embedding; an id's part of a step is computed once. */
class Layer {
  constructor(weights, embedding, layer, addProduct = products()) {
    [this.W_ih, this.W_hh, this.b_ih, this.b_hh] = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"].map((name) => weights[`${layer}.${name}_l0`].data);
    this.addProduct = addProduct;
    this.embedding = weights[embedding].data;
    this.width = weights[embedding].shape[1];
    this.size = weights[`${layer}.weight_hh_l0`].shape[1];
    this.read = new Map();
  }
  word(id) { return Float64Array.from(this.embedding.subarray(id * this.width, (id + 1) * this.width)); }
  /** What adds up in a step: W_ih x + b_ih + b_hh of the input `id`, and W_hh h of a hidden state. */
  sums(id, hidden) { return this.addProduct(this.input(id).slice(), this.W_hh, hidden); }
  /** W_ih x + b_ih + b_hh of the input `id`. */
  input(id) {
    let rows = this.read.get(id);
    if (!rows) this.read.set(id, (rows = addProduct(Float64Array.from(this.b_ih, (bias, at) => bias + this.b_hh[at]), this.W_ih, this.word(id))));
    return rows;
  }
}

/** The states after every id of a network over `nn.RNN`. */
export function runRNN(layer, ids) {
  let h = zeros(layer.size);
  return ids.map((id) => (h = layer.sums(id, h).map(Math.tanh)));
}

/**
 * One step of an LSTM from `rows` (what the four gates add up to, overwritten) and the cell before: gates, cell and
 * hidden state.
 * `hold`: gate → value at which it is held.
 */
export function lstmStep(rows, cell, hold = {}) {
  const size = cell.length, part = (at) => rows.subarray(at * size, (at + 1) * size);
  const trace = { input: part(0), forget: part(1), candidate: part(2), output: part(3), cell: zeros(size), hidden: zeros(size) };
  const { input, forget, candidate, output } = trace; // in place of what added up to them
  for (let k = 0; k < 4 * size; k++) rows[k] = k < 2 * size || k >= 3 * size ? sigmoid(rows[k]) : Math.tanh(rows[k]);
  for (const [gate, value] of Object.entries(hold)) trace[gate].fill(value);
  for (let k = 0; k < size; k++) {
    trace.cell[k] = forget[k] * cell[k] + input[k] * candidate[k];
    trace.hidden[k] = output[k] * Math.tanh(trace.cell[k]);
  }
  return trace;
}

/** What an LSTM did at every id, from the states zero if no other is given; the bias of forgetting may be shifted. */
export function runLSTM(layer, ids, hold = {}, shift = 0, state = { hidden: zeros(layer.size), cell: zeros(layer.size) }) {
  return ids.map((id) => {
    const rows = layer.sums(id, state.hidden);
    for (let k = layer.size; k < 2 * layer.size; k++) rows[k] += shift;
    return (state = lstmStep(rows, state.cell, hold));
  });
}

/** A `SequenceClassifier` of one recurrent layer. */
export class Classifier {
  constructor({ cell, weights }) {
    Object.assign(this, { cell, weights, layer: new Layer(weights, "embedding.weight", "rnn") });
  }
  /** The layer's states after every id; of an LSTM all its gates too. */
  run(ids, hold, shift) {
    return this.cell === "lstm" ? runLSTM(this.layer, ids, hold, shift) : runRNN(this.layer, ids).map((hidden) => ({ hidden }));
  }
  /** Probabilities of the classes after every step. */
  probabilities(steps) {
    const { "output.weight": weight, "output.bias": bias } = this.weights;
    return steps.map(({ hidden }) => softmax(addProduct(new Float64Array(bias.data), weight.data, hidden)));
  }
}

// ---------------------------------------------------------------------------------------------------- attention

/** `score(query, keys)` → an array of scores, by its name and, of a trained one, its weights. */
export function scoreFunction(name, weights = {}) {
  const rows = (weight, vector) => addProduct(zeros(weight.shape[0]), weight.data, vector);
  const project = (keys) => keys.map((key) => rows(weights["project.weight"], key));
  return {
    dot: (query, keys) => keys.map((key) => dot(query, key)),
    scaled_dot: (query, keys) => keys.map((key) => dot(query, key) / Math.sqrt(query.length)),
    general: (query, keys) => project(keys).map((key) => dot(query, key)),
    scaled_general: (query, keys) => project(keys).map((key) => dot(query, key) / Math.sqrt(query.length)),
    additive: (query, keys) => {
      const from = rows(weights["from_query.weight"], query);
      return keys.map((key) => dot(rows(weights["from_key.weight"], key).map((k, at) => Math.tanh(from[at] + k)), weights["v.weight"].data));
    },
    uniform: (_, keys) => keys.map(() => 0),
  }[name];
}

/** The weighted average of some values. */
export function average(weights, values) {
  const sum = zeros(values[0].length);
  for (let at = 0; at < values.length; at++) {
    const value = values[at], share = weights[at];
    if (share) for (let k = 0; k < sum.length; k++) sum[k] += share * value[k];
  }
  return sum;
}

/** Scores, their softmax, and the average of the values. */
export function attention(query, keys, values, score) {
  const scores = score(query, keys), weights = softmax(scores);
  return { scores, weights, context: average(weights, values) };
}

/** The order in which the interventions shuffle `length` words, as torch draws it. */
export function wordOrder(length) {
  const torch = new Torch(0), noise = Array.from({ length }, () => torch.uniform32());
  return Array.from({ length }, (_, word) => word).sort((a, b) => noise[a] - noise[b] || a - b);
}

/**
 * Interventions by their id: `(memory, score, lent)` → `attend(query)` → { weights, context }; `lent` is the memory of
 * another sentence. All beams of a search get the same.
 */
export const INTERVENTIONS = {
  as_trained: (memory, score) => (query) => attention(query, memory, memory, score),
  permuted_together(memory, score) {
    const order = wordOrder(memory.length), words = order.map((word) => memory[word]);
    return (query) => {
      const { weights, context } = attention(query, words, words, score);
      const back = zeros(memory.length);
      order.forEach((word, at) => { back[word] = weights[at]; });
      return { weights: back, context };
    };
  },
  values_permuted(memory, score) {
    const values = wordOrder(memory.length).map((word) => memory[word]);
    return (query) => attention(query, memory, values, score);
  },
  uniform: (memory) => (query) => attention(query, memory, memory, scoreFunction("uniform")),
  other_memory(memory, score, lent) {
    const words = lent.slice(0, memory.length), missing = memory.length - words.length;
    return (query) => {
      const { weights, context } = attention(query, words, words, score);
      return { weights: Float64Array.from([...weights, ...Array(missing).fill(0)]), context };
    };
  },
  strongest_hidden: (memory, score) => (query) => {
    const { weights } = attention(query, memory, memory, score), strongest = memory.length > 1 ? argmax(weights) : -1;
    return attention(query, memory, memory, (query, keys) => score(query, keys).map((value, at) => (at === strongest ? -Infinity : value)));
  },
};

// -------------------------------------------------------------------------------------------------- translation

export const [PAD, SOS, EOS, UNK] = [0, 1, 2, 3];

function joinedTo(one, other) {
  const both = zeros(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

/** A `Seq2Seq` of one layer, with attention or without. */
export class Seq2Seq {
  constructor({ weights, residual, attends, score }) {
    Object.assign(this, { weights, residual, attends, score });
    this.addProduct = products();
    this.encoder = new Layer(weights, "encoder.embedding.weight", "encoder.rnn", this.addProduct);
    this.decoder = new Layer(weights, "decoder.embedding.weight", "decoder.rnn", this.addProduct);
    this.of = (name) => ({ weights: Object.fromEntries(Object.entries(weights).filter(([key]) => key.startsWith(name)).map(([key, weight]) => [key.slice(name.length), weight])) });
    this.scores = attends ? scoreFunction(score, this.of("decoder.score.").weights) : null;
    this.last = { ids: [], steps: [] }; // what was read last: a sentence that begins alike goes on from there
  }
  /** The decoder's first state, and its memory: a vector for each word. */
  encode(ids) {
    const other = ids.findIndex((id, at) => id !== this.last.ids[at]), same = this.last.steps.slice(0, other < 0 ? ids.length : other);
    const steps = [...same, ...runLSTM(this.encoder, ids.slice(same.length), {}, 0, same.at(-1))], last = steps.at(-1);
    this.last = { ids, steps };
    const memory = steps.map(({ hidden }, at) => {
      if (!this.residual) return hidden;
      const word = this.encoder.word(ids[at]);
      return hidden.map((value, k) => value + word[k]);
    });
    return { state: { hidden: last.hidden, cell: last.cell }, memory };
  }
  /** The state after one step. */
  step(token, { hidden, cell }) { return lstmStep(this.decoder.sums(token, hidden), cell); }
  /** What is predicted at a state: logits, and weights if there is attention; `attend(hidden)` as `attending` gives it. */
  predict({ hidden }, attend) {
    const { "decoder.output.weight": weight, "decoder.output.bias": bias } = this.weights, { context, weights } = attend?.(hidden) ?? {};
    return { logits: this.addProduct(new Float64Array(bias.data), weight.data, context ? joinedTo(hidden, context) : hidden), weights };
  }
  /** How the decoder attends: by an intervention, its scores divided by a temperature. */
  attending(memory, { intervention = "as_trained", temperature = 1, lent = null } = {}) {
    if (!this.attends) return null;
    const score = temperature === 1 ? this.scores : (query, keys) => this.scores(query, keys).map((value) => value / temperature);
    return INTERVENTIONS[intervention](memory, score, lent);
  }
}

/** The `width` best of all continuations, best first; of `rows`, each has `scores`, less a `shift`, times a `share`. */
function best(rows, width) {
  const found = []; // few, in order: an insertion is cheaper than a sort
  rows.forEach(({ scores, shift, share }, beam) => {
    for (let token = 0; token < scores.length; token++) {
      const score = (scores[token] - shift) * share;
      if (found.length === width && !(score > found[width - 1].score)) continue;
      let at = found.length;
      while (at > 0 && found[at - 1].score < score) at--;
      found.splice(at, 0, { beam, token, score });
      if (found.length > width) found.pop();
    }
  });
  return found;
}

/**
 * Beam search: hypotheses `{ tokens, logProbability, score, finished }`, best score first, as `decoding.beam_search`.
 * `steps`: what the beam held after every step, for drawings of it.
 */
export function beamSearch(model, ids, { width = 4, lengthPenalty = 0, maxLength = 50, ...look } = {}) {
  const { state, memory } = model.encode(ids), attend = model.attending(memory, look), steps = [];
  let beams = [{ tokens: [], state, logProbability: 0, score: 0, finished: false }];
  for (let t = 0; t < maxLength && beams.some((beam) => !beam.finished); t++) {
    // A finished hypothesis keeps its place at no cost, unless a better one takes it.
    const open = beams.filter((beam) => !beam.finished), columns = open.map((beam) => beams.indexOf(beam));
    const states = open.map((beam) => model.step(beam.tokens.at(-1) ?? SOS, beam.state)), logits = states.map((state) => model.predict(state, attend).logits);
    const rows = beams.map((beam) => ({ scores: [beam.score], shift: 0, share: 1 }));
    open.forEach((beam, at) => {
      const shift = logSumExp(logits[at]) - beam.logProbability, share = 1 / (beam.tokens.length + 1) ** lengthPenalty;
      rows[columns[at]] = { scores: logits[at], shift, share };
    });
    const state = new Map(open.map((beam, at) => [beam, states[at]]));
    beams = best(rows, width).map(({ beam: from, token, score }) => {
      const beam = beams[from];
      if (beam.finished) return { ...beam, from };
      const finished = token === EOS, tokens = finished ? beam.tokens : [...beam.tokens, token];
      return { from, tokens, state: state.get(beam), logProbability: rows[from].scores[token] - rows[from].shift, score, finished };
    });
    steps.push(beams.map(({ from, tokens, logProbability, finished }) => ({ from, tokens, logProbability, finished })));
  }
  return { hypotheses: beams.map(({ tokens, logProbability, score, finished }) => ({ tokens, logProbability, score, finished })), steps };
}

/** A target's log-probability, `<eos>` included, and where the decoder looked at each of its words. */
export function forced(model, ids, target, look = {}) {
  let { state, memory } = model.encode(ids);
  const attend = model.attending(memory, look), seen = [SOS, ...target].map((token) => model.predict((state = model.step(token, state)), attend));
  const logProbability = [...target, EOS].reduce((sum, token, at) => sum + seen[at].logits[token] - logSumExp(seen[at].logits), 0);
  return { logProbability, weights: attend ? seen.map(({ weights }) => weights) : [] };
}
