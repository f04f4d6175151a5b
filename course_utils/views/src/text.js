// Typed text, read as Python reads it: `datasets/text.py`, `words.py`, `tasks.py`, `segment.py` and `hangul.py`.

const MARK = "+", CLOSING = new Set(".,!?;:…)]}»”%。、！？"), OPENING = new Set("([{«“¿¡");
const SPECIAL = ["<pad>", "<sos>", "<eos>", "<unk>"];
const isLetter = (text) => /^\p{L}$/u.test(text), isDigit = (text) => /^\p{Nd}$/u.test(text), inWord = (text) => /^[_\p{L}\p{N}\p{M}]$/u.test(text);

/** Why an input cannot be taken: kind and id of a template in `messages/refusals.py`, and its fields. */
export class Refusal extends Error {
  constructor(kind, id, fields = {}) { super(id); Object.assign(this, { kind, id, fields }); }
}

const thousands = (count) => String(count).replace(/\B(?=(\d{3})+$)/g, ",");

export function normalise(text) {
  const spelt = text.normalize("NFC").replace(/[\u2018\u2019\u201b\u02bc\u00b4\uff07]/g, "'").replace(/[\u2010\u2011\uff0d]/g, "-")
    .replace(/[\p{Zs}\p{Zl}\p{Zp}\t-\r\x1c-\x1f\x85\ufeff]/gu, " ").replace(/(?![\u200c\u200d])[\p{Cc}\p{Cf}]/gu, "")
    .replace(/[\u034f\u115f\u1160\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\u{e0100}-\u{e01ef}]/gu, "");
  return spelt.replace(/(?<!\S)[\u200c\u200d]+|[\u200c\u200d]+(?!\S)/gu, "").split(" ").filter(Boolean).join(" ");
}

/** The ids of a word's letters; `letters` have the ids 1 and up. */
export function encodeWord(text, { letters, longest, languages }) {
  const word = [...normalise(text).replaceAll("İ", "i").toLowerCase().replace(/[ʻ`]/g, "'")], ids = word.map((letter) => letters.indexOf(letter) + 1);
  if (!word.length) throw new Refusal("word", "empty");
  if (word.length > longest) throw new Refusal("word", "long", { count: thousands(word.length), longest });
  const unknown = [...new Set(word.filter((_, at) => !ids[at]))]; // as they were typed
  if (unknown.length) {
    const seen = unknown.slice(0, 5).map((letter) => (letter !== " " && /[\p{C}\p{Z}]/u.test(letter) ? `U+${letter.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}` : letter));
    throw new Refusal("word", "unknown", { letters: seen.join(", ") + (unknown.length > 5 ? " …" : ""), count: languages });
  }
  return ids;
}

/** The ids of a recall sequence: its letters from `first`, then the cue. */
export function encodeRecall(text, { symbols, first, cue }) {
  const letters = [...text.toUpperCase().replaceAll(" ", "")], last = String.fromCharCode(64 + symbols);
  if (!letters.length || letters.length > 100) throw new Refusal("recall", "count", { last, count: thousands(letters.length) });
  const unknown = [...new Set(letters.filter((letter) => !(letter >= "A" && letter <= last)))];
  if (unknown.length) throw new Refusal("recall", "unknown", { last, others: unknown.slice(0, 5).join(", ") });
  return [...letters.map((letter) => first + letter.charCodeAt(0) - 65), cue];
}

export function tokenise(text) {
  const spaced = normalise(text).replace(/(?!['\-.,_])[\p{P}\p{S}]/gu, " $& ");
  const setOff = (mark, at, whole) => {
    const sides = [[...whole.slice(0, at)].at(-1) ?? " ", [...whole.slice(at + 1, at + 3)][0] ?? ""];
    return sides.every(".,".includes(mark) ? isDigit : inWord) ? mark : ` ${mark} `;
  };
  return spaced.replace(/['.,-]/g, setOff).replace(/(?<![\p{L}\p{N}_])([\p{L}\p{N}_]{1,2}')(?=[\p{L}\p{N}_])/gu, "$1 ")
    .toLowerCase().split(/\s+/).filter((token) => token.replace(/^[\u200c\u200d]+|[\u200c\u200d]+$/g, ""));
}

// ------------------------------------------------------------------------------------------------------- Hangul

const FINALS = "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ", FIRST = 0xac00, LAST = 0xd7a3;
/** The number of a syllable's final consonant, 0 for none; -1 if it is no syllable. */
const finalOf = (letter) => { const code = letter.codePointAt(0); return code >= FIRST && code <= LAST ? (code - FIRST) % 28 : -1; };

/** A text's letters with every final consonant after its open syllable as a letter of its own: 갔어요 → 가ㅆ어요. */
export const spread = (text) => [...text].flatMap((letter) => {
  const final = finalOf(letter);
  return final > 0 ? [String.fromCharCode(letter.charCodeAt(0) - final), FINALS[final - 1]] : [letter];
});

// ------------------------------------------------------------------------------------------------- tokens, text

function followsDirectly(before, token) {
  if (!before || CLOSING.has(token)) return true;
  const letters = [...before.slice(-4)], last = letters.at(-1);
  return OPENING.has(last) || (last === "'" && letters.length > 1 && isLetter(letters.at(-2)));
}

export const isEnding = (token) => token.startsWith(MARK) && token.length > 1;

/** Tokens as a readable sentence: `["먹", "+었", "+어요", "."]` → `"먹었어요."`. */
export function join(tokens) {
  let text = "";
  for (const token of tokens) {
    if (text && isEnding(token)) {
      const ending = token.slice(1), final = FINALS.indexOf(ending[0]) + 1, last = text.at(-1);
      text = final && finalOf(last) === 0 ? text.slice(0, -1) + String.fromCharCode(last.charCodeAt(0) + final) + ending.slice(1) : text + ending;
    } else text += followsDirectly(text, token) ? token : ` ${token}`;
  }
  const [first = "", ...rest] = text;
  return /[.!?]$/.test(text) ? first.toUpperCase() + rest.join("") : text;
}

/** Pairs as Python sent them: two sentences as texts of tokens, and the gold links as source-target positions. */
export const pairOf = ([source, target, links]) => ({
  source: source.split(" "), target: target.split(" "), links: links ? links.split(" ").map((link) => link.split("-").map(Number)) : [],
});

const lowerFirst = (text) => { const [first = "", ...rest] = text; return first.toLowerCase() + rest.join(""); };

/** A vocabulary: its tokens in the order of their ids, the four special ones first; and how its words are written. */
export class Vocabulary {
  constructor(words) {
    this.tokens = [...SPECIAL, ...words];
    this.ids = new Map(this.tokens.map((token, id) => [token, id]));
    const plain = words.filter((token) => !isEnding(token)), form = (text) => spread(text).join("");
    this.words = new Map(plain.map((token) => [form(token), token]));
    this.endings = new Map(words.filter(isEnding).map((token) => [form(token.slice(1)), token]));
    this.first = new Map(plain.map((token) => [form(lowerFirst(token)), token]));
    this.lengths = [...new Set([...this.words.keys(), ...this.endings.keys()].map((form) => [...form].length))].sort((a, b) => b - a);
  }
  knows(word) { return this.ids.has(word) && !SPECIAL.includes(word); }
  encode(tokens) { return tokens.map((token) => (this.knows(token) ? this.ids.get(token) : 3)); }
  decode(ids) {
    const end = ids.indexOf(2);
    return (end < 0 ? ids : ids.slice(0, end)).filter((id) => id > 1).map((id) => this.tokens[id]);
  }
}

/** Every `[end, token]` that can be written at a place. */
function fitting(letters, at, vocabulary) {
  const found = [], space = letters[at] === " ", form = (from, length) => letters.slice(from, from + length).join("");
  for (const length of vocabulary.lengths) {
    if (at && !space) {
      const token = at + length <= letters.length && vocabulary.endings.get(form(at, length));
      if (token) found.push([at + length, token]);
    }
    const start = at + space;
    if (start + length > letters.length) continue;
    const written = form(start, length), token = at ? vocabulary.words.get(written) : vocabulary.first.get(written) ?? vocabulary.words.get(written);
    if (token && space !== followsDirectly(letters.slice(Math.max(at - 2, 0), at).join(""), token)) found.push([start + length, token]);
  }
  return found;
}

function search(text, vocabulary) {
  const letters = spread(text), starts = [0];
  for (const syllable of text) starts.push(starts.at(-1) + spread(syllable).length);
  const boundaries = new Set(starts), reached = new Set([0]), stack = [[0, []]];
  while (stack.length) {
    const [at, tokens] = stack.pop();
    if (at === letters.length) return { tokens };
    // What can follow depends on the place alone, so a place that was reached is not reached again.
    const fits = new Map(fitting(letters, at, vocabulary).filter(([end]) => !reached.has(end)));
    for (const end of fits.keys()) reached.add(end);
    // Tokens that end with a syllable first, then long ones; the last is tried first.
    const ends = [...fits.keys()].sort((a, b) => boundaries.has(a) - boundaries.has(b) || a - b);
    stack.push(...ends.map((end) => [end, [...tokens, fits.get(end)]]));
  }
  const most = Math.max(...reached);
  return { tokens: null, place: starts.findLastIndex((start) => start <= most) };
}

/** A sentence cut into the vocabulary's tokens; the longest token that fits is tried first. */
export function segment(typed, vocabulary, { longest, refuseUnknown }) {
  let text = normalise(typed);
  if (!text) throw new Refusal("sentence", "empty");
  if ([...text].length > longest) throw new Refusal("sentence", "long", { count: thousands([...text].length), longest });
  if (text.split(" ").every((word) => vocabulary.knows(word))) return text.split(" ");
  text = text.replace(/ +(?=[.,!?;:…)\]}»”%。、！？])/g, "");
  const found = search(lowerFirst(text), vocabulary);
  if (found.tokens) return found.tokens;
  const letters = [...text], place = letters.slice(0, found.place + 1).lastIndexOf(" ") + 1, options = { longest, refuseUnknown };
  const word = letters.slice(place).join("").split(" ")[0], before = letters.slice(0, place).join(""), after = letters.slice(place + [...word].length).join("");
  if (word !== word.toLowerCase()) return segment(before + word.toLowerCase() + after, vocabulary, options); // a capital that is no name's
  if (refuseUnknown) throw new Refusal("sentence", "unknown", { count: vocabulary.tokens.length - SPECIAL.length, word });
  const [first, last] = [before, after].map((part) => (part.trim() ? segment(part.trim(), vocabulary, options) : []));
  return [...first, ...tokenise(word), ...last];
}
