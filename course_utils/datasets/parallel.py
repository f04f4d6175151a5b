"""Read a user's own parallel text: two files, or one with tabs."""

from collections import Counter
from collections.abc import Callable
from itertools import chain
from pathlib import Path

from course_utils.datasets.text import Pair, tokenise


def _lines(path: str | Path) -> list[str]:
    """Return a file's lines: UTF-8 with or without BOM, any line end."""
    raw = Path(path).read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ValueError(
            f"{path}, line {line}: byte 0x{raw[error.start]:02x} is not UTF-8; save the file as UTF-8 text"
        ) from None
    # Not splitlines(): it would also split at characters inside sentences, such as U+2028.
    lines = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")
    if not any(line.strip() for line in lines):
        raise ValueError(f"{path}, line 1: the file is empty; expected one sentence per line")
    return lines


def _pairs(
    rows: list[tuple[str, str]],
    where: str,
    max_length: int | None,
    min_count: int,
    tokenise: Callable[[str], list[str]],
) -> list[Pair]:
    """Tokenise both sides, leave out blank, over-long and rare-word pairs, and say so if nothing is left."""
    for name, value in (("max_length", max_length), ("min_count", min_count)):
        if value is not None and value < 1:
            raise ValueError(f"{name} must be at least 1, not {value}")
    pairs = [Pair(tokenise(source), tokenise(target)) for source, target in rows]
    pairs = [pair for pair in pairs if pair.source and pair.target]
    if max_length is not None:
        pairs = [pair for pair in pairs if max(len(pair.source), len(pair.target)) <= max_length]
    if min_count > 1:
        sides = [Counter(chain.from_iterable(pair[side] for pair in pairs)) for side in (0, 1)]
        pairs = [
            pair
            for pair in pairs
            if all(count[token] >= min_count for side, count in enumerate(sides) for token in pair[side])
        ]
    if not pairs:
        raise ValueError(
            f"{where}: none of {len(rows)} pairs is left; expected sentences on both sides that pass "
            f"max_length={max_length} and min_count={min_count}"
        )
    return pairs


def read_parallel(
    source_path: str | Path,
    target_path: str | Path,
    *,
    max_length: int | None = None,
    min_count: int = 1,
    tokenise: Callable[[str], list[str]] = tokenise,
) -> list[Pair]:
    """Read two files, one sentence per line, line n of one the translation of line n of the other.

    Args:
        source_path, target_path: UTF-8 text files, with or without BOM.
        max_length: leave out pairs with a side longer than this many tokens.
        min_count: leave out pairs with a word seen fewer times than this on its side.
        tokenise: text → tokens; give your own for a script without spaces between words.

    Returns:
        The pairs in the file's order, with empty alignments; pairs with a blank side are left out.

    Raises:
        ValueError: unequal line counts, a byte that is not UTF-8, an empty file, or nothing left; the message
            names the file and the line.
    """
    source, target = _lines(source_path), _lines(target_path)
    for longer, shorter in ((source, target), (target, source)):
        while len(longer) > len(shorter) and not longer[-1].strip():
            longer.pop()
    if len(source) != len(target):
        longer = source_path if len(source) > len(target) else target_path
        raise ValueError(
            f"{longer}, line {min(len(source), len(target)) + 1}: no line to pair it with; expected two files of "
            f"equal length, found {len(source)} lines in {source_path} and {len(target)} in {target_path}"
        )
    rows = list(zip(source, target, strict=True))
    return _pairs(rows, f"{source_path} and {target_path}", max_length, min_count, tokenise)


def read_tab_separated(
    path: str | Path,
    columns: tuple[int, int] = (0, 1),
    *,
    max_length: int | None = None,
    min_count: int = 1,
    tokenise: Callable[[str], list[str]] = tokenise,
) -> list[Pair]:
    """Read one file with a pair per line, its columns separated by tabs, as sentence-pair collections come.

    Args:
        path: a UTF-8 text file, with or without BOM; blank lines are skipped.
        columns: the columns (from 0) of the source and of the target sentence.
        max_length, min_count, tokenise: as in `read_parallel`.

    Raises:
        ValueError: a line with too few columns, a byte that is not UTF-8, an empty file, or nothing left; the
            message names the file and the line.
    """
    if len(columns) != 2 or min(columns) < 0 or columns[0] == columns[1]:
        raise ValueError(f"columns must be two different numbers from 0, not {columns!r}")
    needed, rows = max(columns) + 1, []
    for number, line in enumerate(_lines(path), start=1):
        cells = line.split("\t")
        if len(cells) >= needed:
            rows.append((cells[columns[0]], cells[columns[1]]))
        elif line.strip():
            raise ValueError(
                f"{path}, line {number}: expected at least {needed} columns separated by tabs, found {len(cells)}"
            )
    return _pairs(rows, str(path), max_length, min_count, tokenise)
