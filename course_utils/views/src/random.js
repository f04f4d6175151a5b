// Torch's random numbers on the CPU, number for number: the Mersenne Twister, and what torch makes of its bits.

/** A generator as `torch.Generator().manual_seed(seed)`, seed below 2**32. */
export class Torch {
  constructor(seed) {
    const state = (this.state = new Uint32Array(624));
    state[0] = seed;
    for (let at = 1; at < 624; at++) state[at] = Math.imul(1812433253, state[at - 1] ^ (state[at - 1] >>> 30)) + at;
    this.next = 624;
  }
  bits32() {
    const { state } = this;
    if (this.next === 624) {
      for (let at = 0; at < 624; at++) {
        const mixed = (state[at] & 0x80000000) | (state[(at + 1) % 624] & 0x7fffffff);
        state[at] = state[(at + 397) % 624] ^ (mixed >>> 1) ^ (mixed & 1 ? 0x9908b0df : 0);
      }
      this.next = 0;
    }
    let bits = state[this.next++];
    bits ^= bits >>> 11;
    bits ^= (bits << 7) & 0x9d2c5680;
    bits ^= (bits << 15) & 0xefc60000;
    return (bits ^ (bits >>> 18)) >>> 0;
  }
  /** A float32 number of [0, 1), as `torch.rand`. */
  uniform32() { return (this.bits32() & 0xffffff) / 2 ** 24; }
  /** A float64 number of [0, 1). */
  uniform() {
    const high = this.bits32(), low = this.bits32();
    return ((high & 0x1fffff) * 2 ** 32 + low) / 2 ** 53;
  }
  /** `size` float64 numbers of [low, high). */
  uniforms(size, low, high) { return Float64Array.from({ length: size }, () => this.uniform() * (high - low) + low); }
  /** `size` standard normal float64 numbers, as `torch.randn`; at least 16. */
  normals(size) {
    const numbers = this.uniforms(size, 0, 1), turn = (from) => {
      for (let at = from; at < from + 8; at++) {
        const radius = Math.sqrt(-2 * Math.log(1 - numbers[at])), angle = 2 * Math.PI * numbers[at + 8];
        numbers[at] = radius * Math.cos(angle);
        numbers[at + 8] = radius * Math.sin(angle);
      }
    };
    for (let from = 0; from < size - 15; from += 16) turn(from);
    if (size % 16) { // the last sixteen are drawn again
      numbers.set(this.uniforms(16, 0, 1), size - 16);
      turn(size - 16);
    }
    return numbers;
  }
}
