"""A text of one's own: reading files, leaving out what cannot be trained on, words and subwords, splits."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from course_utils.datasets import corpus, coverage, parallel
from course_utils.datasets.cleaning import REASONS, clean
from course_utils.datasets.corpus import Translations, Vocabulary
from course_utils.datasets.parallel import Row, read_rows
from course_utils.datasets.special_tokens import EOS, SPECIAL, UNK
from course_utils.datasets.subwords import Subwords, Words
from course_utils.datasets.text import Pair, normalise
from course_utils.messages.labels import LABELS


def write(path, text, encoding="utf-8", newline="\n"):
    path.write_bytes(text.replace("\n", newline).encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_two_files_are_read_line_by_line(tmp_path, encoding, newline):
    source = write(tmp_path / "a.txt", "저는 가요.\n\n네.\n\n", encoding, newline)
    target = write(tmp_path / "b.txt", "I go.\n\nYes.\n", encoding, newline)
    assert list(read_rows(source, target)) == [Row("저는 가요.", "I go."), Row("", ""), Row("네.", "Yes.")]


def test_tab_separated_columns_are_chosen(tmp_path):
    path = write(tmp_path / "fra.txt", "1\tGo.\tVa !\tCC-BY\n\n2\tRun!\tCours !\tCC-BY\n")
    assert list(read_rows(path, columns=(2, 1))) == [Row("Va !", "Go."), Row("Cours !", "Run!")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "p.tsv, line 1.*empty"),
        (b"\xef\xbb\xbf \n \n", "p.tsv, line 1.*empty"),
        (b"a\tb\nonly one\n", "p.tsv, line 2.*at least 2 columns.*found 1"),
        (b"a\tb\nc\tcaf\xe9\n", "p.tsv, line 2.*0xe9.*UTF-8"),
        ("a\tb\n".encode("utf-16"), "p.tsv, line 1.*0xff.*UTF-16"),
        ("가나다\ta\n".encode("cp949"), "p.tsv, line 1.*CP949"),
    ],
)
def test_a_bad_file_is_refused_by_name_and_line(tmp_path, content, message):
    (tmp_path / "p.tsv").write_bytes(content)
    with pytest.raises(ValueError, match=message):
        list(read_rows(tmp_path / "p.tsv"))


def test_unequal_files_are_refused_by_name_and_line(tmp_path):
    source, target = write(tmp_path / "a.txt", "1\n2\n3\n"), write(tmp_path / "b.txt", "1\n2\n")
    for pair in ((source, target), (target, source)):
        with pytest.raises(ValueError, match=r"a.txt, line 3: .*found \d lines in"):
            list(read_rows(*pair))


@pytest.mark.parametrize("options", [{"columns": (0, 0)}, {"columns": (-1, 0)}, {"columns": ("en", "ko")}])
def test_impossible_columns_are_refused(tmp_path, options):
    with pytest.raises(ValueError, match="must be two different"):
        list(read_rows(write(tmp_path / "p.tsv", "a\tb\n"), **options))


def test_an_archive_is_unpacked_and_a_damaged_one_refused(tmp_path):
    packed = gzip.compress("네.\tYes.\n".encode())
    (tmp_path / "p.tsv.gz").write_bytes(packed)
    assert list(read_rows(tmp_path / "p.tsv.gz")) == [Row("네.", "Yes.")]
    for damaged in (packed[:-9], b"no archive", packed[:12] + b"\xff" * 9 + packed[21:]):
        (tmp_path / "p.tsv.gz").write_bytes(damaged)
        with pytest.raises(ValueError, match="archive is damaged"):
            list(read_rows(tmp_path / "p.tsv.gz"))


def test_a_file_larger_than_memory_allows_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(parallel, "LIMIT", 100)
    (tmp_path / "p.tsv.gz").write_bytes(gzip.compress(b"a\tb\n" * 26))
    with pytest.raises(ValueError, match="more than 100 bytes"):
        list(read_rows(tmp_path / "p.tsv.gz"))


def test_quotes_of_spreadsheets_are_taken_off_where_asked_for(tmp_path):
    path = write(tmp_path / "p.tsv", '"say ""hi"""\t"two\nlines"\nplain\tx\n')
    assert list(read_rows(path, quoted=True)) == [Row('say "hi"', "two\nlines"), Row("plain", "x")]
    path = write(tmp_path / "q.tsv", '"a\tb\n')
    assert list(read_rows(path)) == [Row('"a', "b")]
    with pytest.raises(ValueError, match="quotes do not fit"):
        list(read_rows(path, quoted=True))


MEMORY = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE tmx SYSTEM "tmx14.dtd">
<tmx version="1.4"><header srclang="en-US"/><body>
<tu><tuv xml:lang="en-US"><seg>Save &amp; <bpt i="1">&lt;b&gt;</bpt>close<ept i="1">&lt;/b&gt;</ept></seg></tuv>
 <tuv xml:lang="ko"><seg>저장하고 닫기</seg></tuv><tuv xml:lang="fr"><seg>Fermer</seg></tuv></tu>
<tu><tuv xml:lang="en-US"><seg>Only English</seg></tuv></tu>
<tu><tuv lang="ko"><seg>네</seg></tuv><tuv lang="EN-us"><seg>Yes</seg></tuv></tu>
</body></tmx>
"""


def test_a_translation_memory_gives_the_units_that_have_both_languages(tmp_path):
    path = write(tmp_path / "m.tmx", MEMORY)
    assert list(read_rows(path)) == [Row("Save & close", "저장하고 닫기"), Row("Yes", "네")]
    assert list(read_rows(path, columns=("fr", "en"))) == [Row("Fermer", "Save & close")]
    (tmp_path / "m.tmx.gz").write_bytes(gzip.compress(MEMORY.encode()))
    assert list(read_rows(tmp_path / "m.tmx.gz", columns=("ko", "en")))[1] == Row("네", "Yes")


@pytest.mark.parametrize(
    ("text", "columns", "message"),
    [
        (MEMORY, ("en", "de"), "two languages out of en-us, ko, fr, not columns"),
        (MEMORY[:-20], (0, 1), r"m.tmx, line 7: not well-formed"),
        ("<tmx><body/></tmx>", (0, 1), "units in two languages, found none"),
        (
            '<!DOCTYPE tmx [<!ENTITY x SYSTEM "file:///etc/hostname">]>\n<tmx>&x;</tmx>',
            (0, 1),
            "declares the entity 'x'",
        ),
        ('<!DOCTYPE tmx [<!ENTITY x "ha">]>\n<tmx>&x;</tmx>', (0, 1), "declares the entity 'x'"),
    ],
)
def test_a_memory_that_cannot_be_read_is_refused(tmp_path, text, columns, message):
    with pytest.raises(ValueError, match=message):
        list(read_rows(write(tmp_path / "m.tmx", text), columns=columns))


# --- what is left out


def test_what_is_left_out_is_counted_by_its_reason():
    rows = [
        Row("ein kleiner Hund läuft", "a small dog runs"), Row("", "x"), Row("w " * 101, "w " * 90),
        Row("ein", "a b c d e f g h i j"), Row("이것은 한국어", "this is Korean"),
        Row("ein kleiner\u00a0Hund läuft", "a small dog runs"), Row("Ja\u200b!", "yes!"), Row("3", "3"),
    ]  # fmt: skip
    kept, report = clean(rows)
    assert kept == [rows[0], Row("Ja!", "yes!"), Row("3", "3")]
    assert set(report.left_out) == set(REASONS) and set(report.left_out.values()) == {1}
    assert (report.rows, report.kept, report.cleaned, report.scripts) == (8, 3, 1, ("LATIN", "LATIN"))
    assert report.examples["other_script"] == [rows[4]] and len(report.examples["too_long"][0].source) == 81
    assert len(clean(rows, max_length=None, max_ratio=None, one_script=False, unique=False)[0]) == 7
    assert set(REASONS) == set(LABELS["left_out"])


def test_a_text_that_would_fill_the_memory_is_refused():
    rows = [Row("a", "b")] * 11
    with pytest.raises(ValueError, match="more than 10 pairs: take a part of the text"):
        clean(rows, max_rows=10)
    assert clean(rows, max_rows=11)[1].rows == clean(rows, max_rows=None)[1].rows == 11
    endless = (Row("a", "b") for _ in iter(int, 1))
    with pytest.raises(ValueError, match="more than 500,000 pairs"):
        clean(endless)


def test_one_endless_word_is_too_long_too():
    kept, report = clean([Row("a" * 100_000, "b"), Row("a", "b")])
    assert len(kept) == 1 and report.left_out["too_long"] == 1


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        ([Row("hello there", "안녕")], {"languages": ("korean", "english")}, "source side.*korean.*LATIN; .*swapped"),
        ([Row("hello", "hi")], {"languages": ("english", "ko")}, "target side is said to be ko, .*LATIN$"),
        ([Row("你好", "hello")], {}, "CJK, which puts no spaces.*subwords"),
        ([Row("", "a"), Row(" ", "b")], {}, "none of the pairs is left of 2 rows: 2 blank"),
        ([Row("a", "b")], {"max_length": 0}, "at least 1"),
        ([], {}, "none of the pairs is left of 0 rows"),
    ],
)
def test_a_text_that_cannot_be_what_was_said_is_refused(rows, options, message):
    with pytest.raises(ValueError, match=message):
        clean(rows, **options)


# --- words and subwords

TEXTS = [
    "저는 학생입니다.",
    "그는 학생이었어요!",
    "Ça va ? 3,14 €",
    "שלום עולם",
    "नमस्ते दुनिया",
    "你好，世界",
    "😀 smile 👍🏽",
]


@pytest.mark.parametrize("kind", ["unigram", "bpe"])
def test_subwords_join_to_exactly_their_text(kind):
    subwords = Subwords.learned(TEXTS * 5, size=120, kind=kind)
    for text in map(normalise, [*TEXTS, "새 글자 ♞ und unseen words"]):
        assert subwords.join(subwords.split(text)) == text
    again = Subwords.learned(TEXTS * 5, size=120, kind=kind)
    assert again.split(TEXTS[1]) == subwords.split(TEXTS[1]) and again.model == subwords.model
    assert Subwords(subwords.model).split(TEXTS[0]) == subwords.split(TEXTS[0]) and len(subwords) <= 120


def test_a_frequent_word_is_one_piece_and_no_piece_is_a_special_token():
    subwords = Subwords.learned(["the cat sat on the mat <eos> the"] * 50, size=40)
    assert "▁the" in subwords.split("the mat") and len(subwords.split("theme")) > 1
    assert not set(subwords.split("a <eos> b <pad>")) & set(SPECIAL)


@pytest.mark.parametrize(
    ("options", "message"), [({"kind": "word"}, "unigram"), ({"size": 3}, "no 3 subwords .* different characters")]
)
def test_impossible_subwords_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        Subwords.learned(TEXTS, **options)
    with pytest.raises(ValueError, match="sentencepiece model"):
        Subwords(b"no model")


def test_words_join_as_sentences():
    words = Words()
    assert words.join(words.split("L'homme marche.")) == "L'homme marche."


# --- Translations.read


def written(folder: Path, count: int = 40) -> list[Pair]:
    """Write a text of one's own as one file with tabs and as two files; return its pairs."""
    pairs = [Pair([f"w{k % 9}", f"v{k // 2}"], [f"W{k % 9}".lower(), "x"]) for k in range(count)]
    rows = [(" ".join(pair.source), " ".join(pair.target)) for pair in pairs]
    (folder / "own.tsv").write_text("".join(f"{source}\t{target}\n" for source, target in rows), encoding="utf-8")
    for side, name in enumerate(("own.a", "own.b")):
        (folder / name).write_text("".join(row[side] + "\n" for row in rows), encoding="utf-8")
    return pairs


def test_one_file_or_two_give_the_same_splits(tmp_path):
    pairs = written(tmp_path)
    tabs = Translations.read(tmp_path / "own.tsv", source_language="small", target_language="large", batch_size=8)
    two = Translations.read(tmp_path / "own.a", tmp_path / "own.b")
    for split in ("train", "valid", "test", "long"):
        assert getattr(tabs, split) == getattr(two, split)
    assert sorted(tabs.train + tabs.valid + tabs.test) == sorted(pairs) and not tabs.long
    assert (len(tabs.train), len(tabs.valid), len(tabs.test)) == (32, 4, 4)
    assert (tabs.source_language, two.source_language) == ("small", "source")
    assert sum(len(batch.pairs) for batch in tabs.batches()()) == 32
    other = Translations.read(tmp_path / "own.tsv", seed=1)
    assert other.test != tabs.test and Translations.read(tmp_path / "own.tsv", seed=1).test == other.test


def test_equal_sources_stay_in_one_split(tmp_path):
    (tmp_path / "own.tsv").write_text("".join(f"s{k % 10}\tt{k}\n" for k in range(100)), encoding="utf-8")
    data = Translations.read(tmp_path / "own.tsv", valid=0.2, test=0.2)
    sides = [{tuple(pair.source) for pair in split} for split in (data.train, data.valid, data.test)]
    assert not sides[0] & sides[1] and not sides[0] & sides[2] and not sides[1] & sides[2]
    assert len(data.valid) == len(data.test) == 20


def test_splits_from_files_and_words_seen_once(tmp_path):
    pairs = written(tmp_path)
    own, two = tmp_path / "own.tsv", (tmp_path / "own.a", tmp_path / "own.b")
    data = Translations.read(own, valid=own, test=two, long=own, min_count=3)
    assert data.train == data.valid == data.test == data.long == pairs
    assert "w0" in data.source_words and "v0" not in data.source_words
    assert data.batch(pairs[:1]).source.tolist()[1] == [UNK]


@pytest.mark.parametrize(
    ("options", "message"),
    [({"valid": 0.0}, "shares between 0 and 1"), ({"valid": 0.6, "test": 0.6}, "leave pairs to train on"),
     ({"valid": 0.001}, "too few to hold some out"), ({"max_length": 1}, "none of the pairs is left of 40 rows"),
     ({"subwords": 20, "tokenise": str.split}, "not both")],
)  # fmt: skip
def test_shares_that_leave_nothing_are_refused(tmp_path, options, message):
    written(tmp_path)
    with pytest.raises(ValueError, match=message):
        Translations.read(tmp_path / "own.tsv", **options)


def test_a_blank_last_line_is_a_line(tmp_path):
    texts = {"a": "one\ntwo\n\n", "b": "하나\n둘\n셋\n", "c": "하나\n둘\n셋\n넷\n"}
    a, b, c = (write(tmp_path / name, text) for name, text in texts.items())
    assert len(list(read_rows(a, b))) == len(list(read_rows(b, a))) == 3
    assert len(clean(read_rows(a, b))[0]) == 2
    with pytest.raises(ValueError, match="line 4: no line to pair it with"):
        list(read_rows(a, c))


def test_a_lone_carriage_return_is_a_space_unless_it_ends_every_line(tmp_path):
    path = tmp_path / "own.tsv"
    path.write_bytes(b"hello\rthere\tsalut\r\nyes\toui\r\n\r\n")
    assert clean(read_rows(path))[0] == [Row("hello there", "salut"), Row("yes", "oui")]
    path.write_bytes(b"hello\tsalut\ryes\toui\r")
    assert clean(read_rows(path))[0] == [Row("hello", "salut"), Row("yes", "oui")]


@pytest.mark.parametrize("own", [lambda text: iter(text.split()), lambda text: map(str.lower, text.split()), tuple])
def test_a_tokeniser_may_return_anything_that_iterates(own):
    tokens = Words(own).split("a b")
    assert isinstance(tokens, list) and tokens[0] == "a" and tokens[-1] == "b"


def test_tokens_with_spaces_between_them_come_back_with_their_spaces():
    text = "the cat 's hat , a man ."
    assert Words(str.split).join(Words(str.split).split(text)) == text
    assert Words().join(Words(str.split).split(text)) != text  # for people: no space before a comma


@pytest.mark.parametrize("own", [lambda text: text, lambda text: None, lambda text: [1, 2]])
def test_a_tokeniser_that_returns_no_tokens_is_refused(own):
    with pytest.raises(ValueError, match="expected a list of tokens"):
        Words(own).split("a b")


def test_a_text_that_spells_out_a_special_token_does_not_become_one(tmp_path):
    path = write(tmp_path / "own.tsv", "a <eos> b\t<pad> c\n")
    pairs = Translations.read(path, valid=path, test=path, tokenise=str.split).train * 4
    words = Vocabulary.from_sentences(pair.source for pair in pairs)
    assert words.encode(pairs[0].source) == [words.ids["a"], UNK, words.ids["b"]]
    batch = corpus.pair_batch(pairs, words, Vocabulary.from_sentences(pair.target for pair in pairs))
    assert batch.target[1, 0] == UNK and (batch.target[-1] == EOS).all()


def test_letters_of_another_case_do_not_leak_into_the_test(tmp_path):
    lines = [f"{word} {mark}\tt{k}\n" for k in range(20) for word, mark in ((f"Wort{k}", "."), (f"WORT{k}", "!"))]
    data = Translations.read(write(tmp_path / "own.tsv", "".join(lines)), valid=0.2, test=0.2)
    words = [{pair.source[0] for pair in split} for split in (data.train, data.valid, data.test)]
    assert not (words[0] & words[1] or words[0] & words[2] or words[1] & words[2])


def test_subwords_are_learned_from_the_training_split_alone(tmp_path):
    train = write(
        tmp_path / "train.tsv", "aba bab\txyx yxy\n" + "".join(f"ab {'ab' * k}\txy {'xy' * k}\n" for k in range(1, 9))
    )
    test = write(tmp_path / "test.tsv", "qqq abab\txy\n")
    data = Translations.read(train, valid=test, test=test, subwords=12)
    assert data.train[0].source[0].startswith("▁") and data.report.kept == 9
    assert not any("q" in piece for piece in data.source_words.tokens)
    assert data.tokenisers[0].join(data.test[0].source) == "qqq abab" and UNK in data.batch(data.test).source


def test_a_script_without_spaces_needs_subwords_or_characters(tmp_path):
    path = write(tmp_path / "own.tsv", "你好世界\thello world\n再见\tgood bye\n")
    with pytest.raises(ValueError, match="CJK, which puts no spaces"):
        Translations.read(path, valid=path, test=path)
    assert Translations.read(path, valid=path, test=path, tokenise=list).train[1].source == ["再", "见"]
    data = Translations.read(path, valid=path, test=path, subwords=30)
    assert data.tokenisers[0].join(data.train[0].source) == "你好世界"


def test_a_file_to_measure_on_is_taken_whole(tmp_path):
    own = write(tmp_path / "own.tsv", "a\tb\na\tb\n" + "c\t" + "d " * 120 + "\n\n")
    data = Translations.read(own, valid=own, test=own, long=own)
    assert [len(part) for part in (data.train, data.valid, data.test, data.long)] == [1, 3, 3, 3]
    assert data.report.left_out == {"duplicate": 1, "too_long": 1}
    assert Translations.course("french").report is None


# --- what a text is made of


def test_sizes_count_tokens_types_and_what_training_has_not_shown():
    data = Translations([Pair(["a", "b", "a"], ["x"])], [Pair(["a"], ["y", "x"])], [Pair(["c", "c"], ["x"])])
    rows = {(row["split"], row["side"]): row for row in coverage.text_sizes(data)}
    assert len(rows) == 6  # no row for a split without sentences
    assert {key: rows["train", "source"][key] for key in ("tokens", "types", "once", "longest")} == {
        "tokens": 3, "types": 2, "once": 1, "longest": 3}  # fmt: skip
    assert rows["valid", "target"]["unknown"] == 0.5 and rows["test", "source"]["unknown"] == 1.0
    assert rows["train", "target"]["unknown"] == 0


def test_a_vocabulary_grows_as_words_are_met():
    read, seen = coverage.vocabulary_growth([["a", "b"], ["a", "c"], ["a", "a"]], points=6)
    assert read.tolist() == [1, 2, 3, 4, 5, 6] and seen.tolist() == [1, 2, 2, 3, 3, 3]
    read, seen = coverage.vocabulary_growth([[f"w{k % 700}" for k in range(10_000)]])
    assert len(read) == 50 and seen[-1] == 700 and (np.diff(seen) >= 0).all()
