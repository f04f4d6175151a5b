"""Synthetic memory tasks: endless batches of sequences whose answer depends on something far back.

Every task draws its numbers on the generator's own device and then moves them to `device`, so the same seed
gives the same batch on every machine. Token ids: 0 is always padding. Sequences come first: `(T, B)`.
"""

import torch
from torch import Generator, Tensor, nn

from course_utils.datasets.special_tokens import EOS, PAD, SOS, SPECIAL
from course_utils.messages import Refusal
from course_utils.messages.refusals import RECALL

# Delayed recall: what a network reads while it waits, and the question at the end; the symbols follow.
BLANK, CUE, FIRST_SYMBOL = 1, 2, 3
# Reversal: the ids of the course's vocabularies, `<unk>` included, so that words begin after them.
FIRST_WORD = len(SPECIAL)


def _check(**at_least: tuple[int, int]) -> None:
    for name, (value, least) in at_least.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise ValueError(f"{name} must be a whole number of at least {least}, not {value!r}")


def _between(low: int | Tensor, high: int | Tensor, size: int, generator: Generator) -> Tensor:
    """Return `size` whole numbers drawn evenly from low to high, both included; bounds may differ a draw."""
    share = torch.rand(size, generator=generator, device=generator.device, dtype=torch.float64)
    return (low + torch.floor(share * (high - low + 1))).long()


def delayed_recall(
    batch_size: int, lag: int, *, symbols: int = 8, distractors: bool = False, generator: Generator, device="cpu"
) -> tuple[Tensor, Tensor]:
    """Return a batch of delayed recall: a symbol, `lag - 1` steps of waiting, a cue that asks for the symbol.

    The symbol is read at step 0 and asked for at step `lag`, the last one, so the answer is `lag` steps old.
    A network waits in silence (blanks) or, harder, while other symbols pass by that must not be kept.

    Args:
        batch_size, lag: number of sequences B, and steps from the symbol to the question, both at least 1.
        symbols: number of symbols, at least 2; chance is 1 / symbols.
        distractors: wait over random symbols instead of blanks.
        generator, device: where the randomness comes from, and where the batch goes.

    Returns:
        `x (lag + 1, B)` int64 with ids `BLANK`, `CUE` and `FIRST_SYMBOL + symbol` (so a network needs
        `FIRST_SYMBOL + symbols` ids), and `y (B,)` int64 in 0 … symbols − 1.

    Raises:
        ValueError: a size is out of range.
    """
    _check(batch_size=(batch_size, 1), lag=(lag, 1), symbols=(symbols, 2))
    y = torch.randint(symbols, (batch_size,), generator=generator, device=generator.device)
    x = torch.full((lag + 1, batch_size), BLANK, dtype=torch.int64, device=generator.device)
    if distractors:
        x.random_(FIRST_SYMBOL, FIRST_SYMBOL + symbols, generator=generator)
    x[0] = y + FIRST_SYMBOL
    x[-1] = CUE
    return x.to(device), y.to(device)


def adding_problem(
    batch_size: int, length: int, *, generator: Generator, device: torch.device | str = "cpu"
) -> tuple[Tensor, Tensor, Tensor]:
    """Return a batch of the adding problem: sum two marked numbers of a long row of numbers.

    Hochreiter and Schmidhuber (1997), section 5.4. Every element is a pair: a value drawn evenly from
    [−1, 1], and a marker. One of the first ten pairs is marked 1 (its value is X1), then one of the first
    `length / 2 − 1` still unmarked pairs (X2). The first and the last pair carry the marker −1, all others 0.
    Where the first pair is drawn for marking, its value counts as zero and its marker stays −1
    (the paper says so for X1; we do the same for X2).

    Args:
        batch_size, generator, device: as in `delayed_recall`.
        length: the paper's T, at least 20: sequences are T to T + T/10 pairs long, all equally likely.

    Returns:
        `x (L, B, 2)`, of torch's default dtype, zero after a sequence's end, `L` the longest length of the batch;
        `lengths (B,)` int64 on the CPU; `y (B,)` of that dtype = 0.5 + (X1 + X2) / 4, within [0, 1].

    Raises:
        ValueError: a size is out of range.
    """
    _check(batch_size=(batch_size, 1), length=(length, 20))
    home, each = generator.device, torch.arange(batch_size, device=generator.device)
    lengths = _between(length, length + length // 10, batch_size, generator)
    size = int(lengths.max())
    values = torch.rand((size, batch_size), generator=generator, device=home, dtype=torch.float32) * 2 - 1
    values = values.to(torch.get_default_dtype())  # drawn in float32, so that the numbers are the same in any dtype
    first = _between(0, 9, batch_size, generator)
    second = _between(0, length // 2 - 2, batch_size, generator)
    second = second + (second >= first).long()  # step over the pair that is marked already
    counted = values.clone()
    counted[0] = 0.0
    y = 0.5 + (counted[first, each] + counted[second, each]) / 4
    markers = torch.zeros_like(values)
    markers[first, each] = 1.0
    markers[second, each] = 1.0
    markers[0] = -1.0
    markers[lengths - 1, each] = -1.0
    x = torch.stack([values, markers], dim=-1)
    x[torch.arange(size, device=home)[:, None] >= lengths] = 0.0
    return x.to(device), lengths.cpu(), y.to(device)


def reversal(
    batch_size: int, lengths: tuple[int, int] = (2, 16), *, symbols: int = 8, generator: Generator, device="cpu"
) -> tuple[Tensor, Tensor, Tensor]:
    """Return a batch of reversal: write a sequence of symbols backwards, a translation with a known answer.

    Args:
        batch_size, generator, device: as in `delayed_recall`.
        lengths: fewest and most symbols of a sequence, 1 ≤ fewest ≤ most; every number equally likely.
        symbols: number of different symbols, at least 2.

    Returns:
        `source (S, B)` int64: `<sos>`, the symbols, `<eos>`, then padding; `source_lengths (B,)` int64 on
        the CPU, both marks counted; `target (S, B)` int64: `<sos>`, the symbols backwards, `<eos>`, padding.
        Symbols have ids 4 … 3 + symbols, so a network needs `FIRST_WORD + symbols` ids.

    Raises:
        ValueError: a size is out of range.
    """
    fewest, most = lengths
    _check(batch_size=(batch_size, 1), fewest=(fewest, 1), most=(most, fewest), symbols=(symbols, 2))
    home = generator.device
    counts = _between(fewest, most, batch_size, generator)
    size = int(counts.max())
    ids = torch.randint(symbols, (size, batch_size), generator=generator, device=home) + FIRST_WORD
    place = torch.arange(size, device=home)[:, None]
    inside = place < counts
    backwards = ids.gather(0, (counts - 1 - place).clamp(min=0))
    # A row in front for <sos>, one behind for the <eos> of the longest.
    source, target = (
        nn.functional.pad(row.masked_fill(~inside, PAD), (0, 0, 1, 1), value=PAD) for row in (ids, backwards)
    )
    for sequence in (source, target):
        sequence[0] = SOS
        sequence[counts + 1, torch.arange(batch_size, device=home)] = EOS
    return source.to(device), (counts + 2).cpu(), target.to(device)


def recall_ids(text: str, symbols: int = 8) -> list[int]:
    """Return a written recall sequence as ids: its first letter is to be kept, the cue is put at the end.

    Args:
        text: letters from A on, one per symbol, upper or lower case; 1 to 100 of them; spaces are left out.
        symbols: how many letters there are, at most 26.

    Raises:
        Refusal: nothing to read, too much, or another letter.
    """
    letters = text.upper().replace(" ", "")
    last = chr(ord("A") + symbols - 1)
    if not 1 <= len(letters) <= 100:
        raise Refusal(RECALL.count, last=last, count=f"{len(letters):,}")
    unknown = list(dict.fromkeys(letter for letter in letters if not "A" <= letter <= last))  # as they were typed
    if unknown:
        others = ", ".join(unknown[:5])
        raise Refusal(RECALL.unknown, last=last, others=others)
    return [FIRST_SYMBOL + ord(letter) - ord("A") for letter in letters] + [CUE]
