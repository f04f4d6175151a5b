// Corpus BLEU as `measure/translation.py` has it of sacrebleu: words as they are, zero counts smoothed, short texts scored.

const ORDER = 4;

function grams(words, size) {
  const found = new Map();
  for (let at = 0; at + size <= words.length; at++) {
    const gram = words.slice(at, at + size).join(" ");
    found.set(gram, (found.get(gram) ?? 0) + 1);
  }
  return found;
}

/** BLEU, 0 to 100, of translations against one reference each, both as lists of words. */
export function bleu(hypotheses, references) {
  const right = Array(ORDER).fill(0), all = Array(ORDER).fill(0);
  let written = 0, wanted = 0;
  hypotheses.forEach((hypothesis, at) => {
    written += hypothesis.length;
    wanted += references[at].length;
    for (let size = 1; size <= ORDER; size++) {
      const known = grams(references[at], size);
      for (const [gram, count] of grams(hypothesis, size)) {
        all[size - 1] += count;
        right[size - 1] += Math.min(count, known.get(gram) ?? 0);
      }
    }
  });
  if (!right.some(Boolean)) return 0;
  let logarithms = 0, order = 0, smooth = 1;
  for (let size = 0; size < ORDER && all[size]; size++, order++) {
    if (!right[size]) smooth *= 2;
    logarithms += Math.log(right[size] ? right[size] / all[size] : 1 / (smooth * all[size]));
  }
  const brevity = written < wanted ? (written ? Math.exp(1 - wanted / written) : 0) : 1;
  return 100 * brevity * Math.exp(logarithms / order);
}
