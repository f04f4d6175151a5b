"""What the committed table promises: sizes, splits, variety, alignments, and the same bytes when it is built again."""

import hashlib
import itertools
import re
from collections import Counter
from pathlib import Path

import build_translations
import pytest
from grammar.lexicon import Lexicon

DATA = Path(build_translations.__file__).parent
LANGUAGES = ("english", "korean", "french")
LINES = (DATA / "translations.tsv").read_text(encoding="utf-8").splitlines()
ROWS = [dict(zip(LINES[0].split("\t"), line.split("\t"), strict=True)) for line in LINES[1:]]
SPLITS = {name: [row for row in ROWS if row["split"] == name] for name in ("train", "valid", "test", "long")}
# English words that another language may leave unsaid.
FUNCTION = set("the a an it is are am was were be do does did to on in at , that has have not".split())  # noqa: SIM905


def links(row: dict[str, str], other: str) -> list[tuple[int, int]]:
    return [(int(i), int(j)) for i, j in (link.split("-") for link in row[f"english-{other}"].split(" "))]


def test_the_splits_have_their_sizes_and_lengths():
    sizes = {name: len(rows) for name, rows in SPLITS.items()}
    assert sizes == {"train": 16000, "valid": 1000, "test": 1000, "long": 2000}
    for name, rows in SPLITS.items():
        lengths = Counter(len(row["english"].split(" ")) for row in rows)
        assert set(lengths) == set(range(17, 33) if name == "long" else range(3, 17))
        assert name == "train" or min(lengths.values()) >= 40, "every length can be measured on each split"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_appears_twice(language):
    assert len({row[language] for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_word_appears_at_least_twenty_times_in_training(language):
    counts = Counter(word for row in SPLITS["train"] for word in row[language].split(" "))
    assert min(counts.values()) >= 20 and {word for row in ROWS for word in row[language].split(" ")} == set(counts)
    assert len(counts) >= 250


def test_there_is_something_of_everything():
    text = "\n".join(row["english"] for row in SPLITS["train"]) + "\n"
    for pattern in ("\\?\n", "\\+n't", "will ", "ing ", "because", "when", "if .* ,", " who ",
                    ", and", ", but", "slowly", "very", "every day", "in the park", "with a knife",
                    "there (is|are)", "[a-z]+ies "):  # fmt: skip
        assert len(re.findall(pattern, text)) >= 20, pattern


@pytest.mark.parametrize("other", ["korean", "french"])
def test_every_content_word_is_aligned(other):
    unaligned = Counter()
    for row in ROWS:
        aligned = {i for i, _ in links(row, other)}
        assert all(j < len(row[other].split(" ")) for _, j in links(row, other))
        unaligned.update(word for index, word in enumerate(row["english"].split(" ")) if index not in aligned)
    assert set(unaligned) <= FUNCTION, set(unaligned) - FUNCTION


def crossing_rate(other: str) -> float:
    """Return the share of pairs of links that cross, over the test split."""
    crossed = total = 0
    for row in SPLITS["test"]:
        for (i, j), (k, m) in itertools.combinations(links(row, other), 2):
            total += i != k and j != m
            crossed += (i - k) * (j - m) < 0
    return crossed / total


def test_korean_crosses_far_more_often_than_french():
    korean, french = crossing_rate("korean"), crossing_rate("french")
    print(f"crossing rates: Korean {korean:.3f}, French {french:.3f}")
    assert korean > 5 * french > 0


def test_names_and_nouns_are_aligned_to_their_translations():
    nouns = Lexicon().nouns
    for row in SPLITS["test"]:
        english, korean = row["english"].split(" "), row["korean"].split(" ")
        for i, j in links(row, "korean"):
            if english[i] in nouns and korean[j] in {noun.ko for noun in nouns.values()}:
                alike = {noun.ko for noun in nouns.values() if noun.name == english[i]}
                assert korean[j] in alike, (row["english"], english[i], korean[j])


def test_nobody_sleeps_with_somebody():
    # A companion follows its verb within a few words, before any other verb or clause.
    asleep = re.compile(
        r"\b(sleep|sleeps|slept|sleeping|rest|rests|rested|resting|bark|barks|barked|barking)\b"
        r"(?: (?!and |but |because |when |or |if )[\w'+]+){0,7}? with "
    )
    found = [row["english"] for row in ROWS if asleep.search(row["english"])]
    assert not [
        text for text in found if not re.search(r"with (a|the|this|that|his|her|my|our|your) (knife|pen)", text)
    ]


def test_french_puts_gentil_before_its_noun():
    kind = re.compile(r"\b(gentil|gentille|gentils|gentilles)\b")
    after = [row["french"] for row in ROWS if re.search(r"\b(roi|reine|fille|ami|enfant)s? gentil", row["french"])]
    assert not after and sum(bool(kind.search(row["french"])) for row in ROWS) > 500


def test_the_table_is_built_again_to_the_same_bytes():
    table = build_translations.table(build_translations.build())
    digest = hashlib.sha256(table).hexdigest()
    assert table == (DATA / "translations.tsv").read_bytes()
    assert digest in (DATA / "README.md").read_text(encoding="utf-8")
