// How a gradient travels back through an untrained network: `measure/gradients.py` in closed form, all in float64.

import { lstmStep } from "./networks.js";
import { addProduct } from "./products.js";
import { Torch } from "./random.js";

// Loops in place of `reduce` and `map` where a slider moves thousands of numbers.
function length(vector) {
  let sum = 0;
  for (let k = 0; k < vector.length; k++) sum += vector[k] * vector[k];
  return Math.sqrt(sum);
}
const ACT = { tanh: Math.tanh, relu: (value) => Math.max(value, 0), identity: (value) => value };
// Derivatives, from the value of the function.
const SLOPE = { tanh: (h) => 1 - h * h, relu: (h) => (h > 0 ? 1 : 0), identity: () => 1 };

/** The product of two square matrices. */
function product(a, b, n) {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let k = 0; k < n; k++) {
    const value = a[i * n + k];
    if (value) for (let j = 0; j < n; j++) out[i * n + j] += value * b[k * n + j];
  }
  return out;
}

/** The largest absolute eigenvalue, by Gelfand's formula: the norm of a high power, squared again and again. */
function spectralRadius(matrix, n) {
  let log = 0, power = matrix;
  for (let squarings = 0; squarings < 40; squarings++) {
    const size = length(power);
    if (!size) return 0;
    log += Math.log(size) / 2 ** squarings;
    power = power.map((value) => value / size);
    power = product(power, power, n);
  }
  return Math.exp(log);
}

/** The largest singular value: the root of the largest eigenvalue of JᵀJ, made tridiagonal (Householder), then bisected. */
export function largestSingularValue(matrix, n) {
  let most = 0;
  for (let k = 0; k < matrix.length; k++) most = Math.max(most, Math.abs(matrix[k]));
  if (!(most > 0 && most < Infinity)) return most === 0 ? 0 : NaN;
  const a = new Float64Array(n * n), diagonal = new Float64Array(n), beside = new Float64Array(n), p = new Float64Array(n);
  const once = 1 / most;
  for (let row = 0; row < n; row++) for (let i = 0; i < n; i++) {
    const value = matrix[row * n + i] * once * once;
    for (let j = 0; j <= i; j++) a[i * n + j] += value * matrix[row * n + j];
  }
  for (let i = n - 1; i > 1; i--) {
    const u = a.subarray(i * n, i * n + i), alpha = -Math.sign(u[i - 1] || 1) * length(u);
    beside[i] = alpha;
    diagonal[i] = a[i * n + i];
    if (!alpha) continue;
    u[i - 1] -= alpha;
    let half = 0;
    for (let k = 0; k < i; k++) half += u[k] * u[k] / 2;
    if (!half) continue;
    let k = 0;
    for (let r = 0; r < i; r++) {
      let sum = 0;
      for (let c = 0; c <= r; c++) sum += a[r * n + c] * u[c];
      for (let c = r + 1; c < i; c++) sum += a[c * n + r] * u[c];
      p[r] = sum / half;
      k += u[r] * p[r];
    }
    k /= 2 * half;
    for (let r = 0; r < i; r++) p[r] -= k * u[r];
    for (let r = 0; r < i; r++) for (let c = 0; c <= r; c++) a[r * n + c] -= u[r] * p[c] + p[r] * u[c];
  }
  diagonal[0] = a[0];
  if (n > 1) { diagonal[1] = a[n + 1]; beside[1] = a[n]; }
  let low = 0, high = 0; // between them is the largest eigenvalue
  for (let i = 0; i < n; i++) high = Math.max(high, diagonal[i] + Math.abs(beside[i]) + Math.abs(beside[i + 1] ?? 0));
  for (let halvings = 0; halvings < 60 && high - low > 1e-9 * high; halvings++) {
    const middle = (low + high) / 2;
    let above = false, d = 1; // whether an eigenvalue is above: a pivot of T − middle that is not negative
    for (let i = 0; i < n && !above; i++) {
      d = diagonal[i] - middle - (i ? (beside[i] * beside[i]) / d : 0);
      above = d >= 0;
    }
    if (above) low = middle; else high = middle;
  }
  return most * Math.sqrt((low + high) / 2);
}

/** Add the outer product of two vectors to a matrix. */
function addOuter(out, a, b) {
  for (let i = 0; i < a.length; i++) if (a[i]) for (let j = 0; j < b.length; j++) out[i * b.length + j] += a[i] * b[j];
}

/** `weight (rows, columns)` transposed, times a vector. */
function back(weight, vector, columns) {
  const out = new Float64Array(columns);
  for (let row = 0; row < vector.length; row++) for (let k = 0; k < columns; k++) out[k] += weight[row * columns + k] * vector[row];
  return out;
}

const RADII = new Map(); // width and seed → the matrix's own radius

/** Weights of `gradients.random_layer`, in torch's order of drawing. */
function randomLayer({ cell, hiddenSize: n, radius, seed, forgetBias }) {
  const torch = new Torch(seed), rows = (cell === "lstm" ? 4 : 1) * n, end = 1 / Math.sqrt(n);
  const [W_ih, W_hh, b_ih, b_hh] = [rows * n, rows * n, rows, rows].map((size) => torch.uniforms(size, -end, end));
  if (cell === "rnn") {
    const matrix = torch.normals(n * n), key = `${n} ${seed}`;
    if (!RADII.has(key)) RADII.set(key, spectralRadius(matrix, n));
    const scale = radius / RADII.get(key);
    return { W_ih, W_hh: matrix.map((value) => value * scale), bias: new Float64Array(n) };
  }
  const bias = b_ih.map((value, at) => value + b_hh[at]);
  if (forgetBias != null) bias.fill(forgetBias, n, 2 * n);
  return { W_ih, W_hh, bias };
}

/** `gradients.gradient_flow`: norms, bounds (null for an LSTM), the parameters' norm before and after clipping. */
export function gradientFlow({ length: steps, cell, radius, activation, hiddenSize = 16, clip = 1, forgetBias = null, seed = 0 }) {
  const n = hiddenSize, layer = randomLayer({ cell, hiddenSize, radius, seed, forgetBias }), torch = new Torch(seed + 1);
  const noise = torch.normals(steps * n).map((value) => 0.3 * value), toLoss = torch.normals(n), size = length(toLoss);
  const x = Array.from({ length: steps }, (_, t) => noise.subarray(t * n, (t + 1) * n)), direction = toLoss.map((value) => value / size);
  const run = cell === "lstm" ? backThroughLSTM : backThroughRNN, { norms, gradients, jacobians } = run(layer, x, direction, activation);
  const [weights, biases] = gradients.map(length), parameterNorm = Math.hypot(weights, Math.SQRT2 * biases); // b_ih and b_hh alike
  const clippedNorm = parameterNorm * Math.min(clip / (parameterNorm + 1e-6), 1);
  return { norms, parameterNorm, clippedNorm, ...(jacobians ? bounds(jacobians, norms[steps - 1], n) : { bound: null, tightBound: null }) };
}

function bounds(jacobians, last, n) {
  const steps = jacobians.length, bound = new Float64Array(steps).fill(last), tightBound = bound.slice();
  let norm = 1, chain = null;
  for (let t = steps - 2; t >= 0; t--) {
    const jacobian = jacobians[t + 1]();
    norm *= largestSingularValue(jacobian, n);
    chain = chain ? product(chain, jacobian, n) : jacobian;
    bound[t] = last * norm;
    tightBound[t] = last * largestSingularValue(chain, n);
  }
  return { bound, tightBound };
}

function backThroughRNN({ W_ih, W_hh, bias }, x, direction, activation) {
  const n = direction.length, act = ACT[activation], slope = SLOPE[activation], states = [];
  for (const x_t of x) states.push(addProduct(addProduct(bias.slice(), W_ih, x_t), W_hh, states.at(-1) ?? bias).map(act));
  const norms = new Float64Array(x.length), gradients = [new Float64Array(2 * n * n), new Float64Array(n)];
  let gradient = direction;
  for (let t = x.length - 1; t >= 0; t--) {
    norms[t] = length(gradient);
    const before = gradient.map((value, k) => value * slope(states[t][k]));
    addOuter(gradients[0].subarray(0, n * n), before, x[t]);
    addOuter(gradients[0].subarray(n * n), before, states[t - 1] ?? bias);
    before.forEach((value, k) => { gradients[1][k] += value; });
    gradient = back(W_hh, before, n);
  }
  const jacobians = states.map((state) => () => {
    const out = new Float64Array(n * n);
    for (let row = 0, at = 0; row < n; row++) for (let k = 0, d = slope(state[row]); k < n; k++, at++) out[at] = d * W_hh[at];
    return out;
  });
  return { norms, gradients, jacobians };
}

function backThroughLSTM({ W_ih, W_hh, bias }, x, direction) {
  const n = direction.length, nothing = new Float64Array(n), traces = [];
  for (const x_t of x) {
    const before = traces.at(-1) ?? { hidden: nothing, cell: nothing };
    traces.push(lstmStep(addProduct(addProduct(bias.slice(), W_ih, x_t), W_hh, before.hidden), before.cell));
  }
  const norms = new Float64Array(x.length), gradients = [new Float64Array(8 * n * n), new Float64Array(4 * n)];
  let dh = direction, dc = nothing;
  for (let t = x.length - 1; t >= 0; t--) {
    const { input, forget, candidate, output, cell } = traces[t], before = traces[t - 1] ?? { hidden: nothing, cell: nothing };
    norms[t] = Math.hypot(length(dh), length(dc));
    const rows = new Float64Array(4 * n), through = new Float64Array(n);
    for (let k = 0; k < n; k++) {
      const shown = Math.tanh(cell[k]), d = dc[k] + dh[k] * output[k] * (1 - shown * shown);
      rows[k] = d * candidate[k] * input[k] * (1 - input[k]);
      rows[n + k] = d * before.cell[k] * forget[k] * (1 - forget[k]);
      rows[2 * n + k] = d * input[k] * (1 - candidate[k] * candidate[k]);
      rows[3 * n + k] = dh[k] * shown * output[k] * (1 - output[k]);
      through[k] = d * forget[k];
    }
    addOuter(gradients[0].subarray(0, 4 * n * n), rows, x[t]);
    addOuter(gradients[0].subarray(4 * n * n), rows, before.hidden);
    rows.forEach((value, k) => { gradients[1][k] += value; });
    dh = back(W_hh, rows, n);
    dc = through;
  }
  return { norms, gradients, jacobians: null };
}
