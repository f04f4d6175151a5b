"""Parallel text: pairs of sentences, the course's corpus with its gold alignments, vocabularies, padded batches.

data = Translations.course("korean")                      # the course's corpus, Korean to English
data = Translations.read("own.tsv")                       # your own: one file with tabs, or two files
for batch in data.batches()(): ...
"""

import random
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import accumulate, zip_longest
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from course_utils.datasets.batching import bucketed
from course_utils.datasets.cleaning import MOST_ROWS, Report, clean
from course_utils.datasets.parallel import Row, read_rows
from course_utils.datasets.special_tokens import EOS, PAD, SOS, SPECIAL, UNK
from course_utils.datasets.subwords import Subwords, Tokeniser, Words
from course_utils.datasets.tables import DATA
from course_utils.datasets.text import Pair, check_tokens

LANGUAGES = ("english", "korean", "french")
SPLITS = ("train", "valid", "test", "long")
TRANSLATIONS = DATA / "translations.tsv"
WINDOW = 50  # batches that are sorted by length together, unless more are asked for


class Vocabulary:
    """Tokens and their ids, both ways; ids 0 to 3 are `<pad> <sos> <eos> <unk>`.

    Args:
        words: the tokens in the order of their ids, without the four special ones.

    Raises:
        ValueError: `words` is not a list of different tokens, or holds a special one.
    """

    def __init__(self, words: Sequence[str]):
        check_tokens(words)
        self.tokens = [*SPECIAL, *words]
        self.ids = {token: index for index, token in enumerate(self.tokens)}
        if len(self.ids) != len(self.tokens):
            twice = [token for token, count in Counter(self.tokens).items() if count > 1]
            raise ValueError(f"expected different tokens, none of them special, but these occur twice: {twice[:5]}")

    @classmethod
    def from_sentences(cls, sentences: Iterable[Sequence[str]], min_count: int = 1) -> "Vocabulary":
        """Build a vocabulary from token lists (training text only): most frequent first, ties by spelling.

        Args:
            sentences: token lists.
            min_count: tokens seen fewer times than this become `<unk>`.

        Raises:
            ValueError: a sentence is not a token list, or there is none.
        """
        counts: Counter[str] = Counter()
        for sentence in sentences:
            check_tokens(sentence)
            counts.update(sentence)
        if not counts:
            raise ValueError("expected at least one sentence with a token, got none")
        ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return cls([token for token, count in ordered if count >= min_count and token not in SPECIAL])

    def __len__(self) -> int:
        return len(self.tokens)

    def __contains__(self, token: object) -> bool:
        return token in self.ids

    def __repr__(self) -> str:
        return f"Vocabulary({len(self)} tokens)"

    def encode(self, tokens: Sequence[str]) -> list[int]:
        """Return the tokens' ids, `<unk>`'s for an unknown token, and for a text that spells out a special one.

        Raises:
            ValueError: `tokens` is not a list of strings.
        """
        check_tokens(tokens)
        return [UNK if token in SPECIAL else self.ids.get(token, UNK) for token in tokens]

    def decode(self, ids: Iterable[int] | Tensor) -> list[str]:
        """Return the words of `ids` (a list or a tensor (T,)), up to the first `<eos>`, no `<sos>`, no `<pad>`.

        Raises:
            ValueError: an id outside the vocabulary, or a tensor of more than one dimension.
        """
        if isinstance(ids, Tensor):
            if ids.dim() != 1:
                raise ValueError(f"expected ids of one sentence, shape (T,), not {tuple(ids.shape)}")
            ids = ids.tolist()
        words = []
        for index in ids:
            if not 0 <= index < len(self.tokens):
                raise ValueError(f"expected ids from 0 to {len(self.tokens) - 1}, not {index}")
            if index == EOS:
                break
            if index not in (PAD, SOS):
                words.append(self.tokens[index])
        return words


class Batch(NamedTuple):
    """Sentence pairs as padded ids, sequence first, on the device asked for; where an id is not `<pad>`, a word is.

    Attributes:
        source: (S, B) int64, the source words, without `<sos>` and `<eos>`, then `<pad>`.
        source_lengths: (B,) int64 on the CPU.
        target: (T, B) int64, `<sos>` words `<eos>`, then `<pad>`.
        target_lengths: (B,) int64 on the CPU, `<sos>` and `<eos>` counted.
        pairs: the B pairs themselves, words and gold alignment, in the batch's order.
    """

    source: Tensor
    source_lengths: Tensor
    target: Tensor
    target_lengths: Tensor
    pairs: list[Pair]


@cache
def _link(text: str, reverse: bool) -> tuple[int, int]:
    """Return the positions of a link written as i-j, in the other order if `reverse`; each link is kept once."""
    first, second = map(int, text.split("-"))
    return (second, first) if reverse else (first, second)


def load_translations(source: str = "korean", target: str = "english", split: str = "train") -> list[Pair]:
    """Read one split of the course's corpus as pairs with their gold alignment.

    Args:
        source, target: two of `"english"`, `"korean"`, `"french"`, one of them English (the gold alignments
            are between English and the other).
        split: `"train"`, `"valid"`, `"test"` (3 to 16 English tokens) or `"long"` (17 to 32).

    Returns:
        The split's pairs, in the file's order; alignments are sorted (source, target) word positions from 0.

    Raises:
        ValueError: no such split or pair of languages, or a damaged file (its line is named).
    """
    if {source, target} - set(LANGUAGES) or (source == "english") == (target == "english"):
        raise ValueError(f"expected English and one of korean, french, not source={source!r} and target={target!r}")
    if split not in SPLITS:
        raise ValueError(f"there is no split {split!r}; choose one of: {', '.join(SPLITS)}")
    other = target if source == "english" else source
    wanted = ["split", "english", other, f"english-{other}"]
    pairs = []
    with TRANSLATIONS.open(encoding="utf-8", newline="\n") as file:
        header = file.readline().rstrip("\r\n").split("\t")
        if not set(wanted) <= set(header):
            raise ValueError(f"{TRANSLATIONS}, line 1: expected the columns {wanted}, found {header}")
        english_column, other_column, alignment_column = (header.index(name) for name in wanted[1:])
        for number, line in enumerate(file, start=2):
            if not line.startswith(split):  # the split is the first column: three quarters of lines stop here
                continue
            cells = line.rstrip("\r\n").split("\t")
            try:
                links = cells[alignment_column].split(" ")
                alignment = tuple(sorted(_link(link, source != "english") for link in links))
                # Interned: the text repeats a few hundred words, and each is kept once.
                sides = [list(map(sys.intern, cells[at].split(" "))) for at in (english_column, other_column)]
            except (IndexError, ValueError):
                expected = f"expected {len(header)} columns, alignments as i-j"
                raise ValueError(f"{TRANSLATIONS}, line {number}: {expected}") from None
            pairs.append(Pair(*(sides if source == "english" else sides[::-1]), alignment))
    return pairs


def _padded(rows: list[list[int]], device: torch.device | str | None) -> tuple[Tensor, Tensor]:
    """Return ids (length, B) on `device`, lengths (B,) on the CPU."""
    ids = torch.tensor(list(zip_longest(*rows, fillvalue=PAD)), device=device or "cpu")
    return ids, torch.tensor([len(row) for row in rows], device="cpu")


def pair_batch(
    pairs: Sequence[Pair], source_words: Vocabulary, target_words: Vocabulary, device: torch.device | str | None = None
) -> Batch:
    """Return these pairs, in this order, as one batch; arguments and errors as in `pair_batches`."""
    if not pairs:
        raise ValueError("expected at least one pair, got none")
    empty = [index for index, pair in enumerate(pairs) if not pair.source or not pair.target]
    if empty:
        raise ValueError(f"expected words on both sides, but pair {empty[0]} has an empty side")
    sources = [source_words.encode(pair.source) for pair in pairs]
    targets = [[SOS, *target_words.encode(pair.target), EOS] for pair in pairs]
    return Batch(*_padded(sources, device), *_padded(targets, device), list(pairs))


def pair_batches(
    pairs: Sequence[Pair],
    source_words: Vocabulary,
    target_words: Vocabulary,
    batch_size: int,
    *,
    generator: torch.Generator | None = None,
    shuffle: bool = True,
    device: torch.device | str | None = None,
    window: int = WINDOW,
) -> Iterator[Batch]:
    """Yield each pair once, in batches of sentences of about the same length, on both sides.

    With `shuffle=False` the pairs keep their order and nothing is sorted.

    Args:
        pairs, source_words, target_words: sentence pairs, at least one, and the vocabularies of the two sides.
        batch_size: pairs per batch; the last may be smaller.
        generator: a CPU generator; the same state gives the same batches. None: torch's own generator.
        shuffle, device: False for measuring; where ids go, None means the CPU.
        window: batches that are sorted together, as in `bucketed`: the more, the less padding.

    Raises:
        ValueError: `batch_size` below 1, no pairs, or a pair with an empty side.
    """
    if not pairs:
        raise ValueError("expected at least one pair, got none")
    lengths = [(len(pair.source), len(pair.target)) for pair in pairs]
    for group in bucketed(lengths, batch_size, window if shuffle else 0, shuffle=shuffle, generator=generator):
        yield pair_batch([pairs[index] for index in group], source_words, target_words, device)


class Translations:
    """Parallel text in one direction, ready to train on: four splits, two vocabularies, batches.

    Its attributes are its arguments, except `min_count`, and `source_words, target_words`, the vocabularies of the
    training split; `report` tells what became of a text of one's own, None for any other.

    Args:
        train, valid, test, long: the splits; `long` holds sentences longer than any in training, or nothing.
        source_language, target_language: what the two sides are called.
        min_count: words seen fewer times than this in the training split become `<unk>`.
        device, batch_size: where batches go, and pairs per batch of training.
        tokenisers: what turns texts of the two sides into tokens and back; the course's words where not given.
    """

    report: Report | None = None

    def __init__(
        self,
        train: Sequence[Pair],
        valid: Sequence[Pair],
        test: Sequence[Pair],
        long: Sequence[Pair] = (),
        *,
        source_language: str = "source",
        target_language: str = "target",
        min_count: int = 1,
        device: torch.device | str = "cpu",
        batch_size: int = 64,
        tokenisers: tuple[Tokeniser, Tokeniser] | None = None,
    ):
        self.train, self.valid, self.test, self.long = list(train), list(valid), list(test), list(long)
        self.source_words = Vocabulary.from_sentences((pair.source for pair in self.train), min_count)
        self.target_words = Vocabulary.from_sentences((pair.target for pair in self.train), min_count)
        self.source_language, self.target_language = source_language, target_language
        self.device, self.batch_size = device, batch_size
        self.tokenisers = (Words(), Words()) if tokenisers is None else tokenisers

    @classmethod
    def course(cls, source: str = "french", target: str = "english", **options) -> "Translations":
        """Return the course's corpus in one direction, English and one of Korean and French.

        Args:
            source, target: `"english"`, `"korean"` or `"french"`, one of them English.
            **options: `device`, `batch_size`.

        Raises:
            ValueError: no such pair of languages.
        """
        splits = (load_translations(source, target, split) for split in SPLITS)
        return cls(*splits, source_language=source, target_language=target, **options)

    @classmethod
    def read(
        cls,
        source: str | Path,
        target: str | Path | None = None,
        *,
        valid: float | str | Path | tuple = 0.1,
        test: float | str | Path | tuple = 0.1,
        long: str | Path | tuple | None = None,
        seed: int = 0,
        columns: tuple = (0, 1),
        quoted: bool = False,
        max_length: int | None = 100,
        max_ratio: float | None = 9.0,
        max_rows: int | None = MOST_ROWS,
        one_script: bool = True,
        tokenise: Callable[[str], Iterable[str]] | None = None,
        subwords: int | None = None,
        subword_kind: str = "unigram",
        **options,
    ) -> "Translations":
        """Return a text of one's own: two files with one sentence per line, one file with tabs, or a TMX file.

        Args:
            source, target: the files, `.gz` or not; without `target`, `source` is a translation memory where its name
                ends in `.tmx`, else it has its columns separated by tabs.
            valid, test: a share of the pairs to hold out, or files: a path, or a pair of paths, like `source` and
                `target`. Pairs with equal sources go to one split, so that nothing in training is in a test.
            long: files of sentences longer than any in training; none where absent.
            seed: decides which pairs are held out.
            columns, quoted: as in `parallel.read_rows`.
            max_length, max_ratio, one_script: which pairs are left out, as in `cleaning.clean`, and repeated ones with
                them; of `valid`, `test` and `long` as files, none but blank ones.
            max_rows: refuse a text of more pairs than this, or None.
            tokenise: text → tokens, for both sides; the course's own words where absent.
            subwords, subword_kind: learn so many subwords per side from the training split, in place of words.
            **options: `source_language`, `target_language`, `min_count`, `device`, `batch_size`, as in the class.

        Raises:
            ValueError: a file that cannot be read as such (its line is named), one with too many pairs, a share
                outside 0 to 1, a tokeniser and subwords at once, or a split that would be empty.
        """
        if tokenise is not None and subwords is not None:
            raise ValueError("expected a tokeniser or a number of subwords, not both")
        shares = [share for share in (valid, test) if isinstance(share, int | float)]
        if not all(0 < share < 1 for share in shares) or sum(shares) >= 1:
            raise ValueError(f"expected shares between 0 and 1 that leave pairs to train on, not {shares}")
        languages = tuple(options.get(f"{side}_language", side) for side in ("source", "target"))
        spaces = tokenise is None and subwords is None

        def rows(files: str | Path | tuple, **limits) -> tuple[list[Row], Report]:
            read = read_rows(*(files if isinstance(files, tuple) else (files,)), columns=columns, quoted=quoted)
            return clean(read, spaces=spaces, languages=languages, max_rows=max_rows, **limits)

        limits = {"max_length": max_length, "max_ratio": max_ratio, "one_script": one_script}
        # A file to be measured on is taken whole: with a sentence less, its scores are of another text.
        whole = {"max_length": None, "max_ratio": None, "one_script": False, "unique": False}
        rest, report = rows(source if target is None else (source, target), **limits)
        size, splits = len(rest), []
        for held_out in (valid, test):
            if isinstance(held_out, int | float):
                rest, part = _held_out(rest, round(held_out * size), seed)
            else:
                part = rows(held_out, **whole)[0]
            splits.append(part)
        if not rest or not all(splits):
            counts = ", ".join(str(len(part)) for part in (rest, *splits))
            few = f"{size} pairs are too few to hold some out: {counts} for training, valid and test"
            raise ValueError(f"{few} (of {report.summary()})")
        if subwords is None:
            tokenisers = (Words(),) * 2 if tokenise is None else (Words(tokenise),) * 2
        else:
            tokenisers = tuple(Subwords.learned((row[side] for row in rest), subwords, subword_kind) for side in (0, 1))
        splits = [rest, *splits, [] if long is None else rows(long, **whole)[0]]
        data = cls(*(_tokenised(part, tokenisers) for part in splits), tokenisers=tokenisers, **options)
        data.report = report
        return data

    def batch(self, pairs: Sequence[Pair]) -> Batch:
        """Return these pairs as one batch."""
        return pair_batch(pairs, self.source_words, self.target_words, self.device)

    def batches(
        self, pairs: Sequence[Pair] | None = None, seed: int = 0, *, batch_size: int | None = None, window: int = WINDOW
    ) -> Callable[[], Iterator[Batch]]:
        """Return a function that shuffles `pairs` (the training split) anew each time and yields their batches.

        `batch_size` is the text's own where absent; `window` as in `pair_batches`.
        """
        generator, epoch = torch.Generator().manual_seed(seed), self.train if pairs is None else pairs
        words, size = (self.source_words, self.target_words), batch_size or self.batch_size
        return lambda: pair_batches(epoch, *words, size, generator=generator, device=self.device, window=window)


def _held_out(rows: list[Row], count: int, seed: int) -> tuple[list[Row], list[Row]]:
    """Return rows in two parts, the second with about `count` of them; rows with equal sources stay together.

    Sources are equal that have the same letters and digits, whatever their case, spaces and punctuation.
    """
    keys = ["".join(filter(str.isalnum, row.source.casefold())) or row.source for row in rows]
    sizes = Counter(keys)
    sources = list(sizes)
    random.Random(seed).shuffle(sources)
    totals = accumulate((sizes[source] for source in sources), initial=0)  # before each source
    taken = {source for source, total in zip(sources, totals, strict=False) if total < count}
    parts = [], []
    for row, key in zip(rows, keys, strict=True):
        parts[key in taken].append(row)
    return parts


def _tokenised(rows: list[Row], tokenisers: tuple[Tokeniser, Tokeniser]) -> list[Pair]:
    """Return rows as pairs of tokens; each token is kept once in memory. A side of no tokens leaves its row out."""
    pairs = (
        Pair(*(list(map(sys.intern, by.split(side))) for by, side in zip(tokenisers, row, strict=True))) for row in rows
    )
    return [pair for pair in pairs if pair.source and pair.target]
