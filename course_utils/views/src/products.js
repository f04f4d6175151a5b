// Matrices times vectors.

import code from "product.wasm"; // built from product.wat

/** Add `weight (rows, columns)` times a vector to `out`. */
export function addProduct(out, weight, vector) {
  const columns = vector.length, whole = columns - (columns % 4);
  for (let row = 0; row < out.length; row++) {
    let w = row * columns, k = 0, a = 0, b = 0, c = 0, d = 0; // four sums: none waits for the one before
    for (; k < whole; k += 4, w += 4) {
      a += weight[w] * vector[k]; b += weight[w + 1] * vector[k + 1];
      c += weight[w + 2] * vector[k + 2]; d += weight[w + 3] * vector[k + 3];
    }
    for (; k < columns; k++, w++) a += weight[w] * vector[k];
    out[row] += a + b + c + d;
  }
  return out;
}

const PAGE = 65536, LANES = 16; // bytes; rows that `product.wat` computes together
let compiled = null;
try { compiled = new WebAssembly.Module(Uint8Array.from(atob(code), (byte) => byte.charCodeAt(0))); } catch { /* an old browser, or a page whose policy forbids it */ }

/**
 * An `addProduct` for the weights of one network, which never change: several times as fast, with float32 sums. Each
 * weight is copied once to where WebAssembly reads it. Without WebAssembly it is `addProduct` itself.
 */
export function products() {
  const placed = new Map();
  let memory, product, free = 0;
  // A page has room for about a hundred: whoever runs an explorer's cell more often gets loops.
  try { ({ memory, product } = new WebAssembly.Instance(compiled).exports); } catch { return addProduct; }
  const floats = (at, length) => new Float32Array(memory.buffer, at, length); // anew each time: memory that grew has another buffer
  function place(weight, rows, columns) {
    const blocks = Math.ceil(rows / LANES), size = 4 * LANES * blocks, out = free, matrix = out + size, vector = matrix + size * columns;
    free = vector + 16 * Math.ceil(columns / 4);
    memory.grow(Math.max(Math.ceil((free - memory.buffer.byteLength) / PAGE), 0));
    const numbers = floats(matrix, LANES * blocks * columns);
    for (let row = 0, at = 0; row < rows; row++) {
      const block = (row - (row % LANES)) * columns + (row % LANES);
      for (let column = 0; column < columns; column++) numbers[block + LANES * column] = weight[at++];
    }
    placed.set(weight, { matrix, vector, out, blocks });
  }
  return (out, weight, vector) => {
    if (!placed.has(weight)) place(weight, out.length, vector.length);
    const at = placed.get(weight);
    floats(at.vector, vector.length).set(vector);
    product(at.matrix, at.vector, at.out, at.blocks, vector.length);
    const sums = floats(at.out, out.length);
    for (let row = 0; row < out.length; row++) out[row] += sums[row];
    return out;
  };
}
