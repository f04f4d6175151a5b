"""What of a text can be trained on, and an account of what was left out."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice

from course_utils.datasets.parallel import Row
from course_utils.datasets.scripts import NO_SPACES, SCRIPTS, letters_by_script, main_script
from course_utils.datasets.text import has_invisible, normalise

# Ids; `messages.labels` has what people read.
REASONS = ("blank", "too_long", "too_unequal", "other_script", "duplicate")
MOST_ROWS = 500_000  # about an hour per pass on a laptop
EXAMPLES, SHOWN = 3, 80  # pairs kept as examples of each reason, and characters of each that are shown


@dataclass
class Report:
    """What became of the rows of a text.

    `rows` were read and `kept` of them are pairs; `left_out` counts the others by an id in `REASONS`, `examples` holds
    the first three of each, cut to 80 characters; in `cleaned` rows an invisible character was left out; `scripts` are
    the two sides' main scripts, such as `"LATIN"`, None for a side without letters.
    """

    rows: int = 0
    kept: int = 0
    cleaned: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[Row]] = field(default_factory=dict)
    scripts: tuple[str | None, str | None] = (None, None)

    def leave_out(self, reason: str, row: Row) -> None:
        """Count a row that is left out, and keep it as an example if it is one of the first."""
        self.left_out[reason] += 1
        examples = self.examples.setdefault(reason, [])
        if len(examples) < EXAMPLES:
            examples.append(Row(*(side if len(side) <= SHOWN else f"{side[:SHOWN]}…" for side in row)))

    def summary(self) -> str:
        """Return the counts as one line for an error: `3 rows: 2 blank, 1 duplicate`."""
        reasons = ", ".join(f"{count:,} {reason.replace('_', ' ')}" for reason, count in self.left_out.most_common())
        return f"{self.rows:,} rows{': ' + reasons if reasons else ''}"


def _reason(row: Row, scripts: tuple, max_length: int | None, max_ratio: float | None, one_script: bool) -> str | None:
    """Return why a normalised row is left out, if it is."""
    if not all(row):
        return "blank"
    lengths = list(map(_length, row, scripts))
    if max_length is not None and max(lengths) > max_length:
        return "too_long"
    if max_ratio is not None and max(lengths) > max_ratio * min(lengths):
        return "too_unequal"
    others = [
        script
        for side, script in zip(row, scripts, strict=True)
        if (letters := letters_by_script(side)) and script not in letters
    ]
    return "other_script" if one_script and others else None


def _length(side: str, script: str | None) -> int:
    """Return how many words a side has: what spaces part, but at least one in 30 characters, each of Chinese is one."""
    return len(side) if script in NO_SPACES else max(side.count(" ") + 1, len(side) // 30)


def _check_scripts(scripts: tuple, languages: tuple[str, str]) -> None:
    """Raise ValueError where a side is in a script that its language is not written in."""
    wanted = [SCRIPTS.get(language.lower()) for language in languages]
    wrong = [at for at in (0, 1) if wanted[at] and scripts[at] and wanted[at] != scripts[at]]
    if wrong:
        at, side = wrong[0], ("source", "target")[wrong[0]]
        swapped = "; the sides seem to be swapped" if tuple(wanted) == scripts[::-1] else ""
        raise ValueError(
            f"the {side} side is said to be {languages[at]}, but most of its letters are {scripts[at]}{swapped}"
        )


def clean(
    rows: Iterable[Row],
    *,
    max_length: int | None = 100,
    max_ratio: float | None = 9.0,
    max_rows: int | None = MOST_ROWS,
    one_script: bool = True,
    unique: bool = True,
    languages: tuple[str, str] = ("source", "target"),
    spaces: bool = True,
) -> tuple[list[Row], Report]:
    """Return the rows that can be trained on, in their order and in one spelling, and the report of the others.

    Args:
        rows: a text as it was read.
        max_length: most words of a side, as spaces part them (characters, in a script without spaces), or None.
        max_ratio: how many times as many words as the other side a side may have (9 as in Moses'
            `clean-corpus-n.perl`, Koehn et al. 2007), or None.
        max_rows: refuse a text of more rows than this, before they fill the memory, or None.
        one_script: leave out a row with a side that has letters, but none in the script that most of its side is in.
        unique: leave out a pair that was there before.
        languages: what the sides are called: one of a known language must be in its script.
        spaces: words are to be found between spaces, so that a script without spaces is refused.

    Raises:
        ValueError: a limit below 1; more rows than `max_rows`; a side in another script than its language's, or in one
            without spaces; nothing left, with the counts.
    """
    if (max_length is not None and max_length < 1) or (max_ratio is not None and max_ratio < 1):
        raise ValueError(f"max_length and max_ratio must be at least 1, not {max_length} and {max_ratio}")
    rows = list(islice(rows, None if max_rows is None else max_rows + 1))
    if max_rows is not None and len(rows) > max_rows:
        raise ValueError(f"more than {max_rows:,} pairs: take a part of the text, or ask for more with max_rows")
    report, spelled = Report(rows=len(rows)), []
    for row in rows:
        report.cleaned += any(map(has_invisible, row))
        spelled.append(Row(*map(normalise, row)))
    report.scripts = main_script(row.source for row in spelled), main_script(row.target for row in spelled)
    _check_scripts(report.scripts, languages)
    if spaces and (without := [script for script in report.scripts if script in NO_SPACES]):
        raise ValueError(
            f"most letters of a side are {without[0]}, which puts no spaces between words: use subwords, or give "
            "a tokeniser, such as tokenise=list for single characters"
        )
    seen, kept = set(), []
    for row in spelled:
        reason = _reason(row, report.scripts, max_length, max_ratio, one_script)
        if reason is None and unique and row in seen:
            reason = "duplicate"
        if reason is not None:
            report.leave_out(reason, row)
        else:
            seen.add(row)
            kept.append(row)
    report.kept = len(kept)
    if not kept:
        raise ValueError(f"none of the pairs is left of {report.summary()}")
    return kept, report
