// The Transformer of lesson 5, forward only, one word after another, with torch's names of weights.

import { argmax, average, dot, logSumExp, softmax, EOS, SOS } from "./networks.js";
import { products } from "./products.js";

const EPSILON = 1e-5; // of torch's LayerNorm
const sum = (a, b) => a.map((value, k) => value + b[k]);

/** The angle of every hand of the clock at a position. */
const angles = (position, width) => Array.from({ length: width / 2 }, (_, hand) => position / 10000 ** ((2 * hand) / width));

/** Every pair of entries turned by its hand's angle. */
function rotate(x, position) {
  const turned = x.slice();
  angles(position, x.length).forEach((angle, hand) => {
    const [a, b] = [x[2 * hand], x[2 * hand + 1]], [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    turned[2 * hand] = a * cos - b * sin;
    turned[2 * hand + 1] = a * sin + b * cos;
  });
  return turned;
}

/** Attention of several heads: the parts of a query, of keys and of values that are a head's. */
class Heads {
  constructor(weights, name, count, addProduct) {
    const { [`${name}.in_proj_weight`]: inside, [`${name}.in_proj_bias`]: bias, [`${name}.out_proj.weight`]: out, [`${name}.out_proj.bias`]: outBias } = weights;
    const width = out.shape[0], part = (at) => [inside.data.subarray(at * width * width, (at + 1) * width * width), bias.data.subarray(at * width, (at + 1) * width)];
    Object.assign(this, { addProduct, width, count, depth: width / count, parts: [0, 1, 2].map(part), out: [out.data, outBias.data] });
  }
  split = (x) => Array.from({ length: this.count }, (_, head) => x.subarray(head * this.depth, (head + 1) * this.depth));
  /** The heads' queries (0), keys (1) or values (2) of a vector. */
  project(at, x, position = null) {
    const [weight, bias] = this.parts[at], heads = this.split(this.addProduct(new Float64Array(bias), weight, x));
    return position == null ? heads : heads.map((head) => rotate(head, position));
  }
  /** What the heads find for a query among keys and values, mixed, and where they look; a silent head adds nothing. */
  look(query, keys, values, silent = () => false) {
    const found = new Float64Array(this.width), scale = Math.sqrt(this.depth);
    const weights = query.map((of, head) => {
      const shares = softmax(keys.map((key) => dot(of, key[head]) / scale));
      if (!silent(head)) found.set(average(shares, values.map((value) => value[head])), head * this.depth);
      return shares;
    });
    return { added: this.addProduct(new Float64Array(this.out[1]), this.out[0], found), weights };
  }
}

/** The layers of a side: "encoder" or "decoder". */
class Stack {
  constructor(weights, side, { heads, layers, positions, normFirst }, addProduct) {
    Object.assign(this, { addProduct, weights, side, positions, normFirst, turns: positions === "rotary" });
    this.layers = Array.from({ length: layers }, (_, at) => {
      const name = `${side}.layers.${at}`;
      return { name, own: new Heads(weights, `${name}.self_attn`, heads, addProduct), cross: side === "decoder" ? new Heads(weights, `${name}.multihead_attn`, heads, addProduct) : null };
    });
  }
  linear = (name, x) => this.addProduct(new Float64Array(this.weights[`${name}.bias`].data), this.weights[`${name}.weight`].data, x);
  norm(name, x) {
    const mean = x.reduce((a, b) => a + b, 0) / x.length, variance = x.reduce((a, b) => a + (b - mean) ** 2, 0) / x.length, size = Math.sqrt(variance + EPSILON);
    const { [`${name}.weight`]: weight, [`${name}.bias`]: bias } = this.weights;
    return x.map((value, k) => ((value - mean) / size) * weight.data[k] + bias.data[k]);
  }
  /** The stream plus what a sublayer makes of it; the norm comes before, or after. */
  add(x, norm, sublayer) { return this.normFirst ? sum(x, sublayer(this.norm(norm, x))) : this.norm(norm, sum(x, sublayer(x))); }
  feedForward = (name) => (x) => this.linear(`${name}.linear2`, this.linear(`${name}.linear1`, x).map((value) => Math.max(value, 0)));
  last = (x) => (this.normFirst ? this.norm(`${this.side}.norm`, x) : x);
  /** The vector of an id at a position. */
  embed(id, position) {
    const { [`${this.side}.embedding.weight`]: table, [`${this.side}.positions.table.weight`]: learned } = this.weights, width = table.shape[1];
    const x = Float64Array.from(table.data.subarray(id * width, (id + 1) * width));
    if (this.positions === "sinusoidal") return sum(x, Float64Array.from(angles(position, width).flatMap((angle) => [Math.sin(angle), Math.cos(angle)])));
    return this.positions === "learned" ? sum(x, learned.data.subarray(position * width, (position + 1) * width)) : x;
  }
}

/** A `Transformer`: `heads`, `layers`, `positions` (a kind) and `normFirst`, as `explorers/browser.py` sends them. */
export class Transformer {
  constructor({ weights, ...kind }) {
    const addProduct = products(), [encoder, decoder] = ["encoder", "decoder"].map((side) => new Stack(weights, side, kind, addProduct));
    Object.assign(this, { weights, heads: kind.heads, encoder, decoder });
  }
  /** What the decoder's layers need of a source: for each layer the keys and values of its words. */
  encode(ids) {
    const { encoder, decoder } = this, where = (at) => (encoder.turns ? at : null);
    let stream = ids.map((id, at) => encoder.embed(id, at));
    for (const { name, own } of encoder.layers) {
      const seen = encoder.normFirst ? stream.map((x) => encoder.norm(`${name}.norm1`, x)) : stream;
      const keys = seen.map((x, at) => own.project(1, x, where(at))), values = seen.map((x) => own.project(2, x));
      stream = stream.map((x, at) => encoder.add(encoder.add(x, `${name}.norm1`, (x) => own.look(own.project(0, x, where(at)), keys, values).added), `${name}.norm2`, encoder.feedForward(name)));
    }
    const states = stream.map(encoder.last);
    return decoder.layers.map(({ cross }) => ({ keys: states.map((x) => cross.project(1, x)), values: states.map((x) => cross.project(2, x)) }));
  }
  /** A decoder before its first word; `silent(layer, head)`: which heads of the cross attention add nothing. */
  begin(memory, silent = () => false) {
    const { decoder } = this, cache = decoder.layers.map(() => ({ keys: [], values: [] }));
    let position = 0;
    /** Read a token: the logits of the next one, and where the heads of every layer look. */
    return (token) => {
      const at = position++, where = decoder.turns ? at : null, weights = [];
      let x = decoder.embed(token, at);
      decoder.layers.forEach(({ name, own, cross }, layer) => {
        const { keys, values } = cache[layer];
        x = decoder.add(x, `${name}.norm1`, (x) => {
          keys.push(own.project(1, x, where));
          values.push(own.project(2, x));
          return own.look(own.project(0, x, where), keys, values).added;
        });
        x = decoder.add(x, `${name}.norm2`, (x) => {
          const found = cross.look(cross.project(0, x), memory[layer].keys, memory[layer].values, (head) => silent(layer, head));
          weights.push(found.weights);
          return found.added;
        });
        x = decoder.add(x, `${name}.norm3`, decoder.feedForward(name));
      });
      return { logits: decoder.linear("decoder.output", decoder.last(x)), weights };
    };
  }
  /** The likeliest token at every step, without `<eos>`. */
  greedy(memory, silent, maxLength = 50) {
    const step = this.begin(memory, silent), tokens = [];
    for (let token = SOS; tokens.length < maxLength; tokens.push(token)) {
      token = argmax(step(token).logits);
      if (token === EOS) break;
    }
    return tokens;
  }
  /** A target's log-probability, `<eos>` included, and where every head looked at each of its words. */
  forced(memory, target, silent) {
    const step = this.begin(memory, silent), weights = [];
    let logProbability = 0;
    [...target, EOS].forEach((token, at) => {
      const { logits, weights: looked } = step(at ? target[at - 1] : SOS);
      logProbability += logits[token] - logSumExp(logits);
      weights.push(looked);
    });
    return { logProbability, weights };
  }
}
