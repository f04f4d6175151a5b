"""Read a user's own parallel text: two files, or one with tabs."""

from collections.abc import Callable, Iterable
from pathlib import Path

from course_utils.datasets.text import Pair, check_tokens, tokenise

Tokenise = Callable[[str], Iterable[str]]


def _lines(path: str | Path) -> list[str]:
    """Return a file's lines: UTF-8 with or without BOM, lines ended as on Linux, Windows or old Macs."""
    raw = Path(path).read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, byte = raw[: error.start].count(b"\n") + 1, raw[error.start]
        raise ValueError(f"{path}, line {line}: byte 0x{byte:02x} is not UTF-8; save the file as UTF-8 text") from None
    # Not splitlines(): it would also split at characters inside sentences, such as U+2028, or a lone CR.
    text = text.replace("\r\n", "\n") if "\n" in text else text.replace("\r", "\n")
    lines = text.removesuffix("\n").split("\n")
    if not any(line.strip() for line in lines):
        raise ValueError(f"{path}, line 1: the file is empty; expected one sentence per line")
    return lines


def _tokens(text: str, tokenise: Tokenise) -> list[str]:
    """Return what a tokeniser makes of a text as a list, whatever it iterates over; ValueError for no tokens at all."""
    tokens = tokenise(text)
    tokens = list(tokens) if isinstance(tokens, Iterable) and not isinstance(tokens, str) else tokens
    check_tokens(tokens)
    return tokens


def _pairs(rows: list[tuple[str, str]], where: str, max_length: int | None, tokenise: Tokenise) -> list[Pair]:
    """Tokenise both sides, leave out blank and over-long pairs, and say so if nothing is left."""
    if max_length is not None and max_length < 1:
        raise ValueError(f"max_length must be at least 1, not {max_length}")
    pairs = [Pair(*(_tokens(side, tokenise) for side in row)) for row in rows]
    pairs = [pair for pair in pairs if pair.source and pair.target]
    if max_length is not None:
        pairs = [pair for pair in pairs if max(len(pair.source), len(pair.target)) <= max_length]
    if not pairs:
        expected = f"expected sentences on both sides that pass max_length={max_length}"
        raise ValueError(f"{where}: none of {len(rows)} pairs is left; {expected}")
    return pairs


def read_parallel(
    source: str | Path, target: str | Path, *, max_length: int | None = None, tokenise: Tokenise = tokenise
) -> list[Pair]:
    """Read two files, one sentence per line, line n of one the translation of line n of the other.

    Args:
        source, target: UTF-8 text files, with or without BOM.
        max_length: leave out pairs with a side longer than this many tokens.
        tokenise: text → tokens; give your own for a script without spaces between words.

    Returns:
        The pairs in the file's order, with empty alignments; pairs with a blank side are left out.

    Raises:
        ValueError: unequal line counts, a byte that is not UTF-8, an empty file, or nothing left; the message
            names the file and the line.
    """
    sides = sources, targets = _lines(source), _lines(target)
    for longer, shorter in (sides, sides[::-1]):
        while len(longer) > len(shorter) and not longer[-1].strip():
            longer.pop()
    if len(sources) != len(targets):
        longer = source if len(sources) > len(targets) else target
        raise ValueError(
            f"{longer}, line {min(map(len, sides)) + 1}: no line to pair it with; expected two files of "
            f"equal length, found {len(sources)} lines in {source} and {len(targets)} in {target}"
        )
    return _pairs(list(zip(*sides, strict=True)), f"{source} and {target}", max_length, tokenise)


def read_tab_separated(
    path: str | Path, columns: tuple = (0, 1), *, max_length: int | None = None, tokenise: Tokenise = tokenise
) -> list[Pair]:
    """Read one file with a pair per line, its columns separated by tabs, as sentence-pair collections come.

    Args:
        path: a UTF-8 text file, with or without BOM; blank lines are skipped.
        columns: the columns (from 0) of the source and of the target sentence.
        max_length, tokenise: as in `read_parallel`.

    Raises:
        ValueError: as there; or a line with too few columns.
    """
    if len(columns) != 2 or min(columns) < 0 or columns[0] == columns[1]:
        raise ValueError(f"columns must be two different numbers from 0, not {columns!r}")
    needed, rows = max(columns) + 1, []
    for number, line in enumerate(_lines(path), start=1):
        cells = line.split("\t")
        if len(cells) >= needed:
            rows.append((cells[columns[0]], cells[columns[1]]))
        elif line.strip():
            expected = f"expected at least {needed} columns separated by tabs"
            raise ValueError(f"{path}, line {number}: {expected}, found {len(cells)}")
    return _pairs(rows, str(path), max_length, tokenise)
