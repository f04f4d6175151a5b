"""Read a user's own parallel text as rows: two files, one with tabs, or a translation memory (TMX); gzipped or not."""

import csv
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.parsers import expat

LIMIT = 1_000_000_000  # bytes of one file after unpacking: a damaged or hostile archive must not fill the memory


class Row(NamedTuple):
    """A sentence and its translation as they are in the file, before anything is cleaned or split."""

    source: str
    target: str


def _bytes(path: str | Path) -> bytes:
    """Return what a file holds, unpacked where its name ends in `.gz`."""
    try:
        with (gzip.open if str(path).endswith(".gz") else open)(path, "rb") as file:
            raw = file.read(LIMIT + 1)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{path}: the archive is damaged ({error}); unpack it with another tool to see more") from None
    if len(raw) > LIMIT:
        raise ValueError(f"{path}: more than {LIMIT:,} bytes; take a part of the text")
    return raw


def _hint(raw: bytes) -> str:
    """Return which other encoding a file seems to have, as the end of a sentence, or nothing."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return " (it begins like UTF-16)"
    try:
        korean = sum("가" <= character <= "힣" for character in raw[:100_000].decode("cp949", "strict"))
    except UnicodeDecodeError:
        return ""
    return " (it reads well as CP949, the Korean Windows encoding)" if korean > 1 else ""


def _lines(path: str | Path) -> list[str]:
    """Return a file's lines: UTF-8 with or without BOM, lines ended as on Linux, Windows or old Macs."""
    raw = _bytes(path)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, byte = raw[: error.start].count(b"\n") + 1, raw[error.start]
        expected = f"byte 0x{byte:02x} is not UTF-8{_hint(raw)}; save the file as UTF-8 text"
        raise ValueError(f"{path}, line {line}: {expected}") from None
    # Not splitlines(): it would also split at characters inside sentences, such as U+2028, or a lone CR.
    text = text.replace("\r\n", "\n") if "\n" in text else text.replace("\r", "\n")
    lines = text.removesuffix("\n").split("\n")
    if not any(line.strip() for line in lines):
        raise ValueError(f"{path}, line 1: the file is empty; expected one sentence per line")
    return lines


def _two_files(source: str | Path, target: str | Path) -> Iterator[Row]:
    """Yield line n of one file with line n of the other; blank lines at the end of the longer one do not count."""
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
    yield from map(Row, sources, targets)


def _tab_separated(path: str | Path, columns: tuple[int, int], quoted: bool) -> Iterator[Row]:
    """Yield two columns of a file with tabs; blank lines are skipped."""
    if not all(isinstance(column, int) and column >= 0 for column in columns):
        raise ValueError(f"columns of a file with tabs must be two different numbers from 0, not {columns!r}")
    if quoted:
        reader = csv.reader((line + "\n" for line in _lines(path)), delimiter="\t", strict=True)
        csv.field_size_limit(LIMIT)
    else:
        reader = (line.split("\t") for line in _lines(path))
    number, needed = 0, max(columns) + 1
    try:
        for number, cells in enumerate(reader, start=1):
            if len(cells) >= needed:
                yield Row(cells[columns[0]], cells[columns[1]])
            elif any(cell.strip() for cell in cells):
                expected = f"expected at least {needed} columns separated by tabs"
                raise ValueError(f"{path}, line {number}: {expected}, found {len(cells)}")
    except csv.Error as error:
        raise ValueError(f"{path}, after line {number}: the quotes do not fit ({error}); is the text quoted?") from None


class _Memory:
    """What expat tells of a translation memory: for each unit, language → text of its first segment."""

    MARKUP = ("bpt", "ept", "it", "ph", "ut")  # formatting codes of the program that wrote the text, not words

    def __init__(self, path: str | Path):
        self.path, self.units = path, []
        self.language, self.text, self.depth = None, None, 0
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler, self.parser.EndElementHandler = self.start, self.end
        self.parser.CharacterDataHandler, self.parser.EntityDeclHandler = self.characters, self.entity

    def start(self, name: str, attributes: dict) -> None:
        if name == "tu":
            self.units.append({})
        elif name == "tuv":
            self.language = (attributes.get("xml:lang") or attributes.get("lang") or "").lower()
        elif name == "seg":
            self.text = []
        self.depth += name in self.MARKUP

    def end(self, name: str) -> None:
        self.depth -= name in self.MARKUP
        if name == "seg" and self.units:
            self.units[-1].setdefault(self.language, "".join(self.text))
            self.text = None

    def characters(self, text: str) -> None:
        if self.text is not None and not self.depth:
            self.text.append(text)

    def entity(self, name: str, *_) -> None:
        # Neither a file that an entity names nor one that grows a thousandfold has a place in a text.
        line = self.parser.CurrentLineNumber
        raise ValueError(f"{self.path}, line {line}: it declares the entity {name!r}; a text needs none, remove it")


def _same_language(code: str, wanted: str) -> bool:
    return code == wanted.lower() or code.startswith(f"{wanted.lower()}-")


def _memory(path: str | Path, columns: tuple) -> Iterator[Row]:
    """Yield the units of a translation memory (TMX 1.4) that have both languages."""
    memory = _Memory(path)
    try:
        memory.parser.Parse(_bytes(path), True)
    except expat.ExpatError as error:
        raise ValueError(
            f"{path}, line {error.lineno}: not well-formed XML ({expat.ErrorString(error.code)})"
        ) from None
    found = list(dict.fromkeys(language for unit in memory.units for language in unit))
    if len(found) < 2:
        raise ValueError(f"{path}: expected units in two languages, found {', '.join(found) or 'none'}")
    if columns == (0, 1):
        wanted = found[:2]
    else:
        wanted = [next((code for code in found if _same_language(code, str(column))), None) for column in columns]
    if None in wanted:
        raise ValueError(f"{path}: expected two languages out of {', '.join(found)}, not columns={columns!r}")
    for unit in memory.units:
        if all(language in unit for language in wanted):
            yield Row(unit[wanted[0]], unit[wanted[1]])


def read_rows(
    source: str | Path, target: str | Path | None = None, *, columns: tuple = (0, 1), quoted: bool = False
) -> Iterator[Row]:
    """Yield the pairs of a text in the file's order, as they are.

    Args:
        source, target: UTF-8 text with or without BOM, `.gz` or not: two files with one sentence per line (line n of
            one is the translation of line n of the other); or without `target`, one file: a translation memory where
            its name ends in `.tmx`, else one pair per line, its columns separated by tabs.
        columns: of a file with tabs, the columns (from 0) of source and target; of a translation memory, two of its
            language codes (`("en", "ko")`), its first two languages where not given.
        quoted: cells may be in double quotes, as spreadsheets write them, with tabs and line ends inside.

    Raises:
        ValueError: unequal line counts, a line with too few columns, a byte that is not UTF-8, an empty or damaged
            file, or a memory that declares entities; the message names the file and the line.
    """
    if target is not None:
        return _two_files(source, target)
    if len(columns) != 2 or columns[0] == columns[1]:
        raise ValueError(f"columns must be two different ones, not {columns!r}")
    if str(source).removesuffix(".gz").endswith(".tmx"):
        return _memory(source, columns)
    return _tab_separated(source, columns, quoted)
