// Sentences from Python's templates, and numbers in them, written as Python's `format` and `messages/numbers.py` do.

import { format } from "./numbers.js";

/** A number with so many decimals; exact halves go to the even digit. */
export function fixed(value, digits) {
  const more = 30, exact = value.toFixed(digits + more), cut = exact.slice(0, -more), rest = exact.slice(-more);
  return /^50*$/.test(rest) && "02468".includes(cut.replace(".", "").at(-1)) ? cut.replace(/\.$/, "") : value.toFixed(digits);
}

/** A number as Python's format `g`. */
function general(value, digits) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const size = Math.abs(value), exact = size.toExponential(20), half = new RegExp(`^\\d\\.\\d{${digits - 2}}[02468]50*e`).test(exact);
  const [mantissa, power] = (half ? exact.replace(/50*e/, "e") : size.toExponential(digits - 1)).split("e"), exponent = Number(power);
  const sign = value < 0 ? "-" : "";
  if (exponent >= -4 && exponent < digits) return sign + String(Number(`${mantissa}e${power}`));
  return `${sign}${Number(mantissa)}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

/** A text between quotes, as Python's `repr`. */
const quoted = (text) => (text.includes("'") && !text.includes('"') ? `"${text}"` : `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`);

/** A template with its fields filled in; they may ask for a format: {x:.2f}, {x:.3g}, {x!r}. */
export const fill = (template, fields = {}) => template.replace(/\{(\w+)(!r)?(?::\.(\d)([fg]))?\}/g, (_, name, repr, digits, kind) => {
  const value = fields[name];
  return repr ? quoted(value) : kind === "f" ? fixed(value, Number(digits)) : kind === "g" ? general(value, Number(digits)) : value;
});

/** One of the two templates for a count. */
export const fillPlural = (templates, count, fields = {}) => fill(templates[count === 1 ? 0 : 1], { count, ...fields });

/** `number`, `percent` and `chance` of `messages/numbers.py`, with its `texts`. */
export function numbers(texts) {
  const names = { no_value: texts.no_number, infinite: texts.infinite, minus_infinite: texts.minus_infinite };
  const number = (value, digits = 3) => format(value, names, digits);
  return {
    number,
    percent: (share) => (share >= 0.995 && share < 1 ? texts.above_99 : share >= 0.1 ? `${fixed(100 * share, 0)}%` : `${number(100 * share, 2)}%`),
    chance: (probability) => (probability >= 0.995 && probability < 1 ? texts.above_099 : number(probability, 2)),
  };
}
