// Numbers: how they travel, and how they are written.

/** A number with few significant digits; halves go to the even digit, as `messages/numbers.py` rounds them. */
export function format(value, texts, digits = 3) {
  if (!Number.isFinite(value)) return texts[Number.isNaN(value) ? "no_value" : value > 0 ? "infinite" : "minus_infinite"];
  const size = Math.abs(value), exact = size.toExponential(20), half = new RegExp(`^\\d\\.\\d{${digits - 2}}[02468]50*e`).test(exact);
  const [mantissa, power] = (half ? exact.replace(/50*e/, "e") : size.toExponential(digits - 1)).split("e"), sign = value < 0 ? "−" : "";
  if (value === 0 || (size >= 1e-3 && size < 1e5)) return sign + String(Number(`${mantissa}e${power}`));
  return `${sign}${Number(mantissa) === 1 ? "" : `${Number(mantissa)}·`}10${superscript(Number(power))}`;
}

export const power = (value) => (value === 1 ? "1" : `10${superscript(Math.round(Math.log10(value)))}`);
const superscript = (power) => String(power).replace(/./g, (digit) => (digit === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]));

/** A half-precision number from its bits. */
function half(bits) {
  const exponent = (bits >> 10) & 31, fraction = bits & 1023, sign = bits >> 15 ? -1 : 1;
  return sign * (exponent === 31 ? NaN : exponent ? 2 ** (exponent - 25) * (1024 + fraction) : fraction * 2 ** -24);
}

/** A packed array (see `pack` in widgets.py) as numbers: `float64`, `float16` of a share of `high`, `log16`. */
export function unpack({ data, code, low, high }) {
  const bytes = data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength);
  if (code === "float64") return new Float64Array(bytes);
  const table = new Float32Array(65536);
  for (let bits = 0; bits < 65536; bits++) {
    if (code === "log16") table[bits] = bits === 65535 ? NaN : bits === 0 ? 0 : 10 ** (low + ((bits - 1) / 65533) * (high - low));
    else table[bits] = half(bits) * high;
  }
  return Float32Array.from(new Uint16Array(bytes), (bits) => table[bits]);
}

/** Weights (see `pack_weights` in explorers/browser.py) as float32 numbers, wherever they are in a value. */
export function unpackWeights(value) {
  if (Array.isArray(value)) return value.map(unpackWeights);
  if (!value || typeof value !== "object") return value;
  if (!value.code) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unpackWeights(item)]));
  const { data, code, shape } = value, bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength), width = { float16: 2, float24: 3, float32: 4 }[code];
  const numbers = new Float32Array(bytes.length / width), whole = new Uint8Array(numbers.buffer);
  if (code === "float16") for (let at = 0; at < numbers.length; at++) numbers[at] = half(bytes[2 * at] | (bytes[2 * at + 1] << 8));
  else for (let at = 0, to = 4 - width; at < bytes.length; at += width, to += 4) whole.set(bytes.subarray(at, at + width), to); // low bits are 0
  return { data: numbers, shape };
}
