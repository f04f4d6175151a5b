"""Build `translations.tsv`: draw meanings, render each in three languages, align, split, write.

    python data/build_translations.py            # writes data/translations.tsv, prints its SHA-256 and sizes

The same bytes on every machine: one seeded generator, no sets iterated, no dates. Sentences with a word too rare
to learn are dropped and others drawn in their place, until each word that is left is frequent in the training split.
"""

import hashlib
import random
from collections import Counter
from itertools import chain
from pathlib import Path

from grammar.lexicon import Lexicon
from grammar.meaning import Sentence
from grammar.render import Renderer, Row
from grammar.sampling import Sampler

SEED = 2026
RARE = 20  # a word type stands at least this often in the training split
LONGEST = 16  # English tokens in training; longer sentences go to the split "long"
# Sentences by English length; the shortest are few because there are not many different ones to say.
MEASURED = {3: 40, 4: 60, **dict.fromkeys(range(5, 17), 75)}
TRAINING = {3: 160, 4: 640, 5: 1000, 6: 1200, **dict.fromkeys(range(7, 17), 1300)}
LONG = dict.fromkeys(range(17, 33), 125)
COLUMNS = ("split", "english", "korean", "french", "english-korean", "english-french")


class Pool:
    """Different sentences by English length, topped up until there are as many as wanted."""

    def __init__(self, renderer: Renderer, sampler: Sampler, wanted: dict[int, int]):
        self.renderer, self.sampler, self.wanted = renderer, sampler, wanted
        self.rows: dict[int, list[Row]] = {length: [] for length in wanted}
        self.banned: tuple[set[str], ...] = (set(), set(), set())
        self._seen: tuple[set[str], ...] = (set(), set(), set())

    def fill(self) -> None:
        """Draw until each length has what is wanted, without the banned words.

        Raises:
            ValueError: the sampler finds no more new sentences of some length.
        """
        for length in sorted(self.wanted, reverse=True):
            for _ in range(400 * self.wanted[length]):
                if len(self.rows[length]) == self.wanted[length]:
                    break
                sentence = self.sampler.sentence(length)
                if sentence is not None:
                    self._offer(sentence)
            else:
                raise ValueError(f"found only {len(self.rows[length])} sentences of {length} English tokens")

    def _offer(self, sentence: Sentence) -> None:
        tokens = self.renderer.english.sentence(sentence)
        length, words = len(tokens), [text for text, _ in tokens]
        full = len(self.rows.get(length, ())) >= self.wanted.get(length, 0)
        if full or " ".join(words) in self._seen[0] or not self.banned[0].isdisjoint(words):
            return
        row = self.renderer.row(sentence, tokens)
        texts = [" ".join(words) for words in row.words]
        if not self.allowed(row) or any(text in seen for text, seen in zip(texts, self._seen, strict=True)):
            return
        for text, seen in zip(texts, self._seen, strict=True):
            seen.add(text)
        self.rows[length].append(row)

    def allowed(self, row: Row) -> bool:
        """Say whether a row has no banned word in any language."""
        return all(banned.isdisjoint(words) for banned, words in zip(self.banned, row.words, strict=True))

    def ban(self, words: list[set[str]]) -> None:
        """Drop the rows with these words (a set a language), and let none in again."""
        for banned, more in zip(self.banned, words, strict=True):
            banned |= more
        for length, rows in self.rows.items():
            self.rows[length] = [row for row in rows if self.allowed(row)]


def split(rows: dict[int, list[Row]]) -> dict[str, list[Row]]:
    """Cut the rows of each length into the splits, in the order they come."""
    splits: dict[str, list[Row]] = {"train": [], "valid": [], "test": [], "long": []}
    for length in sorted(rows):
        if length > LONGEST:
            splits["long"] += rows[length][: LONG[length]]
            continue
        step = len(rows[length]) // (2 * MEASURED[length])  # spread over the rows, which are drawn common first
        measured = rows[length][: 2 * MEASURED[length] * step : step]
        splits["valid"] += measured[::2]
        splits["test"] += measured[1::2]
        rest = [row for index, row in enumerate(rows[length]) if index % step or index >= step * len(measured)]
        splits["train"] += rest[: TRAINING[length]]
    return splits


def rare_words(splits: dict[str, list[Row]], limit: int) -> list[set[str]]:
    """Return, language by language, the words that stand in training fewer times than `limit`."""
    rare = []
    for index in range(3):
        counts = Counter(chain.from_iterable(row.words[index] for row in splits["train"]))
        words = set(chain.from_iterable(row.words[index] for rows in splits.values() for row in rows))
        rare.append({word for word in words if counts[word] < limit})
    return rare


def build(seed: int = SEED) -> dict[str, list[Row]]:
    """Return the corpus, split → rows.

    Raises:
        ValueError: the sampler cannot find enough different sentences of some length.
    """
    lexicon = Lexicon()
    renderer = Renderer(lexicon)
    wanted = {length: TRAINING[length] + 2 * MEASURED[length] for length in MEASURED} | LONG
    pool = Pool(renderer, Sampler(lexicon, seed), wanted)
    pool.fill()
    for limit in (RARE // 2, RARE):  # in two steps: what is drawn in place of the rarest makes the less rare common
        while any(rare := rare_words(split(pool.rows), limit)):
            pool.ban(rare)
            pool.fill()
    splits = split(pool.rows)
    shuffler = random.Random(seed)
    for name in splits:
        shuffler.shuffle(splits[name])
    return splits


def table(splits: dict[str, list[Row]]) -> bytes:
    """Return the corpus as tab-separated UTF-8 with a header line."""
    lines = ["\t".join(COLUMNS)]
    for name, rows in splits.items():
        lines += ["\t".join((name, *map(" ".join, row.words), *row.alignments)) for row in rows]
    return ("\n".join(lines) + "\n").encode()


def main() -> None:
    """Write the table beside this script and say what is in it."""
    splits = build()
    data = table(splits)
    Path(__file__).with_name("translations.tsv").write_bytes(data)
    print("sha256", hashlib.sha256(data).hexdigest(), len(data), "bytes")
    for name, rows in splits.items():
        lengths = Counter(len(row.words[0]) for row in rows)
        print(f"{name:6}{len(rows):7}", dict(sorted(lengths.items())))
    for index, language in enumerate(COLUMNS[1:4]):
        print(language, len({word for row in splits["train"] for word in row.words[index]}), "word types")


if __name__ == "__main__":
    main()
