"""Real words and the language each is written in, from the CLDR tables that Babel ships."""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import torch
from babel import Locale, localedata
from torch import Tensor

from course_utils.datasets.batching import bucketed
from course_utils.datasets.text import normalise as normalise_text
from course_utils.messages import Refusal
from course_utils.messages.refusals import WORD, check_length

LANGUAGES = ["cs", "da", "de", "en", "es", "et", "fi", "fr", "hu", "is", "it", "lt", "nl", "pl", "pt", "ro", "sv", "tr"]
LANGUAGE_NAMES = [Locale("en").languages[code] for code in LANGUAGES]
SHORTEST, LONGEST = 3, 40
_LETTERS_ONLY = re.compile(r"[^\W\d_]+(?:[ '-][^\W\d_]+)*")


class Word(NamedTuple):
    """A word, lower case, and the index of its language in `LANGUAGE_NAMES`."""

    text: str
    language: int


class WordBatch(NamedTuple):
    """Words of mixed lengths: `x (T, B)` int64 padded with 0, `lengths (B,)` int64 on the CPU, `y (B,)`."""

    x: Tensor
    lengths: Tensor
    y: Tensor


def normalise(text: str) -> str:
    """Return `text` in the form that the network reads: as every text of the course, and in lower case."""
    return re.sub("[ʻ`]", "'", normalise_text(text).replace("İ", "i").lower())


def split_of(text: str) -> str:
    """Return the split of a word, `"train"` (80 %), `"valid"` or `"test"` (10 % each), by a hash of its text."""
    bucket = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") % 10
    return {8: "valid", 9: "test"}.get(bucket, "train")


@cache
def _names(code: str) -> frozenset[str]:
    """Return the names of territories, languages and currencies in a language, of 3 to 40 letters."""
    locale = Locale.parse(code)
    tables = (locale.territories, locale.languages, locale.currencies)
    every = {normalise(re.sub(r"\(.*?\)", "", name)) for table in tables for name in table.values()}
    # Babel keeps whatever it read: 20 MB for 18 languages, of which the course needs the names alone.
    getattr(localedata, "_cache", {}).clear()
    return frozenset(filter(_is_word, every))


def _is_word(text: str) -> bool:
    return bool(_LETTERS_ONLY.fullmatch(text)) and SHORTEST <= len(text) <= LONGEST


@cache
def _all_words() -> tuple[Word, ...]:
    """Return every word of 3 to 40 letters that belongs to exactly one of the languages, sorted."""
    times = Counter(name for code in LANGUAGES for name in _names(code))
    words = (Word(name, at) for at, code in enumerate(LANGUAGES) for name in _names(code) if times[name] == 1)
    return tuple(sorted(words))


@cache
def shared_words() -> dict[str, list[int]]:
    """Return text → indices in `LANGUAGE_NAMES`, two or more, of the languages that share it.

    A text counts as a language's if it is one of its names, or is part of one, between spaces or hyphens: "amerikansk"
    is Danish and Swedish.
    """
    found = defaultdict(list)
    for at, code in enumerate(LANGUAGES):
        parts = {part for name in _names(code) for part in (name, *re.split("[ -]", name))}
        for part in filter(_is_word, parts):
            found[part].append(at)
    return {text: languages for text, languages in sorted(found.items()) if len(languages) > 1}


def load_words(split: str = "train") -> list[Word]:
    """Return the words of one split: names of territories, languages and currencies in 18 languages.

    A "word" may be written with spaces or hyphens (`"hongkong-dollar"`). Each belongs to one language only and
    is in one split only, on every machine that has the pinned Babel.

    Raises:
        ValueError: `split` is not `"train"`, `"valid"` or `"test"`.
    """
    if split not in ("train", "valid", "test"):
        raise ValueError(f'the split is "train", "valid" or "test", not {split!r}')
    return [word for word in _all_words() if split_of(word.text) == split]


class Alphabet:
    """The letters of the training words and their ids, 1 and up; id 0 is padding."""

    def __init__(self, words: Sequence[Word]):
        self.letters = sorted({letter for word in words for letter in word.text})
        self._ids = {letter: index for index, letter in enumerate(self.letters, start=1)}

    def __len__(self) -> int:
        return len(self.letters) + 1

    def encode(self, text: str) -> list[int]:
        """Return the ids of the letters of `text`, normalised first.

        Raises:
            Refusal: nothing to read, more than 40 letters, or a letter that no training word contains.
        """
        text = normalise(text)
        check_length(text, LONGEST, WORD)
        unknown = list(dict.fromkeys(letter for letter in text if letter not in self._ids))  # as they were typed
        if unknown:
            seen = (letter if letter.isprintable() else f"U+{ord(letter):04X}" for letter in unknown[:5])
            letters = ", ".join(seen) + (" …" if len(unknown) > 5 else "")
            raise Refusal(WORD.unknown, letters=letters, count=len(LANGUAGES))
        return [self._ids[letter] for letter in text]


def word_batch(words: Sequence[Word], alphabet: Alphabet, device: torch.device | str = "cpu") -> WordBatch:
    """Return `words` as one batch on `device`; ValueError if there are none, or one cannot be encoded."""
    if not words:
        raise ValueError("a batch needs at least one word")
    rows = [torch.tensor(alphabet.encode(word.text), device="cpu") for word in words]
    x = torch.nn.utils.rnn.pad_sequence(rows)
    lengths = torch.tensor([len(row) for row in rows], device="cpu")
    y = torch.tensor([word.language for word in words], device="cpu")
    return WordBatch(x.to(device), lengths, y.to(device))


def word_batches(
    words: Sequence[Word],
    alphabet: Alphabet,
    batch_size: int = 64,
    *,
    generator: torch.Generator | None = None,
    device: torch.device | str = "cpu",
) -> Iterator[WordBatch]:
    """Yield all words once in batches of similar length; with a CPU `generator`, in a new order each time."""
    # Sorting inside a window of 20 batches keeps padding low and leaves the order of batches random.
    lengths, shuffle = [len(word.text) for word in words], generator is not None
    for group in bucketed(lengths, batch_size, 20, shuffle=shuffle, generator=generator):
        yield word_batch([words[index] for index in group], alphabet, device)
