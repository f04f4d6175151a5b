// What two sentences do not have in common: `measure/differences.py`.

/** Positions of the words that the other sentence does not have, in an order that both share: gone, and new. */
export function changedWords(before, after) {
  const common = Array.from({ length: before.length + 1 }, () => Array(after.length + 1).fill(0));
  for (let b = before.length - 1; b >= 0; b--) for (let a = after.length - 1; a >= 0; a--) {
    common[b][a] = before[b] === after[a] ? common[b + 1][a + 1] + 1 : Math.max(common[b + 1][a], common[b][a + 1]);
  }
  const gone = [], fresh = [];
  for (let b = 0, a = 0; b < before.length || a < after.length;) {
    if (b < before.length && a < after.length && before[b] === after[a]) { b++; a++; }
    else if (a === after.length || (b < before.length && common[b + 1][a] >= common[b][a + 1])) gone.push(b++);
    else fresh.push(a++);
  }
  return [gone, fresh];
}
