import unicodedata

import pytest
import torch

from course_utils.datasets import corpus
from course_utils.datasets.corpus import Translations, Vocabulary
from course_utils.datasets.special_tokens import EOS, PAD, SOS, UNK
from course_utils.datasets.text import Pair, join, tokenise

PAIRS = [Pair(["a", "b", "c"], ["x", "y"]), Pair(["b"], ["y", "z", "w"]), Pair(["c", "c"], ["x"])]
SOURCE = Vocabulary.from_sentences(pair.source for pair in PAIRS)
TARGET = Vocabulary.from_sentences(pair.target for pair in PAIRS)


# --- vocabulary


def test_special_tokens_come_first_and_the_frequent_ones_next():
    assert SOURCE.tokens == ["<pad>", "<sos>", "<eos>", "<unk>", "c", "b", "a"]
    assert (PAD, SOS, EOS, UNK) == (0, 1, 2, 3) and len(SOURCE) == 7 and "a" in SOURCE and "x" not in SOURCE


def test_encoding_round_trips_and_unknown_words_are_marked():
    assert SOURCE.decode(SOURCE.encode(["a", "c", "b"])) == ["a", "c", "b"]
    assert SOURCE.encode(["a", "never"]) == [6, UNK]


def test_decoding_stops_at_the_end_of_the_sentence():
    assert SOURCE.decode([SOS, 4, 5, EOS, 6, PAD]) == ["c", "b"]
    assert SOURCE.decode(torch.tensor([SOS, 4, PAD, PAD])) == ["c"]


def test_rare_words_are_left_out():
    assert Vocabulary.from_sentences([["a", "a", "b"]], min_count=2).tokens[4:] == ["a"]


@pytest.mark.parametrize("wrong", ["a sentence", [1, 2], ["a", None]])
def test_what_is_not_a_token_list_is_refused(wrong):
    for use in (SOURCE.encode, Vocabulary, lambda tokens: Vocabulary.from_sentences([tokens]), join):
        with pytest.raises(ValueError, match="list of tokens"):
            use(wrong)


def test_repeated_special_and_missing_words_are_refused():
    for tokens in (["a", "a"], ["<pad>"]):
        with pytest.raises(ValueError, match="occur twice"):
            Vocabulary(tokens)
    with pytest.raises(ValueError, match="at least one sentence"):
        Vocabulary.from_sentences([])


@pytest.mark.parametrize("ids", [[4, 99], [-1], torch.zeros(2, 2, dtype=torch.long)])
def test_ids_outside_the_vocabulary_are_refused(ids):
    with pytest.raises(ValueError, match="expected ids"):
        SOURCE.decode(ids)


# --- the translations


@pytest.mark.parametrize("source", ["korean", "french"])
def test_alignments_are_source_target_positions_inside_the_sentence(source):
    pairs = corpus.load_translations(source, split="test")
    assert len(pairs) == 1000
    for pair in pairs:
        assert pair.alignment == tuple(sorted(set(pair.alignment)))
        assert all(0 <= i < len(pair.source) and 0 <= j < len(pair.target) for i, j in pair.alignment)
    names = [(pair.source[i], pair.target[j]) for pair in pairs for i, j in pair.alignment if pair.target[j] == "Mina"]
    assert names and {word for word, _ in names} == {"미나" if source == "korean" else "Mina"}


def test_the_other_direction_has_the_alignment_turned():
    there = corpus.load_translations("korean", "english", "valid")
    back = corpus.load_translations("english", "korean", "valid")
    for a, b in zip(there, back, strict=True):
        assert (a.source, a.target) == (b.target, b.source)
        assert sorted(a.alignment) == sorted((j, i) for i, j in b.alignment)


@pytest.mark.parametrize(
    "arguments",
    [{"source": "german"}, {"source": "korean", "target": "french"}, {"source": "english"}, {"split": "dev"}],
)
def test_what_is_not_there_is_refused_by_name(arguments):
    with pytest.raises(ValueError, match=r"korean|train"):
        corpus.load_translations(**arguments)


@pytest.mark.parametrize("line", ["train\ta b\tc\td\t0-0", "train\ta b\tc\td\t0:0\t0-0", "train\ta b\tc\td\t0-x\t0-0"])
def test_a_damaged_table_is_refused_with_its_line(tmp_path, monkeypatch, line):
    path = tmp_path / "translations.tsv"
    good = "train\ta b\tc\td\t0-0\t0-0"
    path.write_text("split\tenglish\tkorean\tfrench\tenglish-korean\tenglish-french\n" + good + "\n" + line + "\n")
    monkeypatch.setattr(corpus, "TRANSLATIONS", path)
    with pytest.raises(ValueError, match="line 3"):
        corpus.load_translations("korean"), corpus.load_translations("french")


# --- batches


def test_a_batch_is_padded_sequence_first():
    batch = corpus.pair_batch(PAIRS, SOURCE, TARGET)
    assert batch.source.tolist() == [[6, 5, 4], [5, 0, 4], [4, 0, 0]]
    assert batch.source_lengths.tolist() == [3, 1, 2] and batch.target_lengths.tolist() == [4, 5, 3]
    assert batch.target[:, 2].tolist() == [SOS, *TARGET.encode(["x"]), EOS, PAD, PAD]
    assert batch.target.shape == (5, 3) and batch.pairs == PAIRS
    assert batch.source.dtype == torch.int64 and batch.target.dtype == torch.int64


def many(count: int) -> list[Pair]:
    return [Pair(["a"] * (1 + index * 7 % 13), ["x"] * (1 + index * 5 % 11)) for index in range(count)]


def test_an_epoch_holds_each_pair_once():
    pairs = many(103)
    seen = [pair for batch in corpus.pair_batches(pairs, SOURCE, TARGET, 8) for pair in batch.pairs]
    assert sorted(map(id, seen)) == sorted(map(id, pairs))


def test_batches_hold_sentences_of_about_the_same_length():
    pairs = corpus.load_translations("korean", split="valid")
    lengths = [batch.source_lengths for batch in corpus.pair_batches(pairs, SOURCE, TARGET, 20)]
    plain = [batch.source_lengths for batch in corpus.pair_batches(pairs, SOURCE, TARGET, 20, shuffle=False)]
    padding = [sum(int((batch.max() - batch).sum()) for batch in group) for group in (lengths, plain)]
    assert padding[0] < padding[1] / 10, "bucketing saves most of the padding"


def test_a_wider_window_saves_padding_on_the_target_side_too():
    pairs = corpus.load_translations("korean", split="valid")
    padding = {}
    for window in (2, 1000):
        batches = list(corpus.pair_batches(pairs, SOURCE, TARGET, 20, window=window))
        assert sorted(id(pair) for batch in batches for pair in batch.pairs) == sorted(map(id, pairs))
        padding[window] = sum(int((batch.target == PAD).sum()) for batch in batches)
    assert padding[1000] < padding[2] / 2, padding


def test_the_same_generator_gives_the_same_batches_and_the_next_epoch_another_order():
    def epoch(generator):
        return [batch.source for batch in corpus.pair_batches(many(60), SOURCE, TARGET, 8, generator=generator)]

    first, again = torch.Generator().manual_seed(1), torch.Generator().manual_seed(1)
    batches, repeated, second = epoch(first), epoch(again), epoch(again)
    torch.testing.assert_close(batches, repeated)
    assert not all(torch.equal(a, b) for a, b in zip(repeated, second, strict=True))


def test_unshuffled_batches_keep_the_order():
    pairs = many(30)
    seen = [pair for batch in corpus.pair_batches(pairs, SOURCE, TARGET, 8, shuffle=False) for pair in batch.pairs]
    assert seen == pairs


def test_tensors_go_where_they_are_sent_and_lengths_stay():
    for default in ("cpu", "meta"):
        with torch.device(default):
            batch = next(corpus.pair_batches(PAIRS, SOURCE, TARGET, 3, device="meta"))
            assert {batch.source.device.type, batch.target.device.type} == {"meta"}
            assert batch.source_lengths.device.type == batch.target_lengths.device.type == "cpu"
            assert next(corpus.pair_batches(PAIRS, SOURCE, TARGET, 3)).target.device.type == "cpu"


def test_bad_batches_are_refused():
    with pytest.raises(ValueError, match="batch_size"):
        next(corpus.pair_batches(PAIRS, SOURCE, TARGET, 0))
    with pytest.raises(ValueError, match="at least one pair"):
        next(corpus.pair_batches([], SOURCE, TARGET, 4))
    with pytest.raises(ValueError, match="pair 1 has an empty side"):
        corpus.pair_batch([PAIRS[0], Pair([], ["x"])], SOURCE, TARGET)


# --- joining


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        ("미나 +는 우유 +를 마셔 +ㅆ +어요 .", "미나는 우유를 마셨어요."),
        ("먹 +었 +어요 .", "먹었어요."),
        ("저 +는 크 +ㄴ 집 +을 사 +ㄹ 거예요 .", "저는 큰 집을 살 거예요."),
        ("가 +ㅁ", "감"),
        ("하 +ㅆ +어요", "핬어요"),
        ("책 +ㄴ", "책ㄴ"),  # nothing fits under a closed syllable: it is written as it stands
        ("she does +n't sleep ?", "She doesn't sleep?"),
        ("l' homme n' est pas là .", "L'homme n'est pas là."),
        ("ce livre +-là", "ce livre-là"),
        ("( wait ) , he said : « no » !", "(wait), he said: «no»!"),
        ("1 + 1", "1 + 1"),
        ("+ㅆ 가", "+ㅆ 가"),
        ("", ""),
    ],
)
def test_tokens_are_joined_into_readable_text(tokens, text):
    assert join(tokens.split()) == text and unicodedata.is_normalized("NFC", text)


# --- a user's own text


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("L’homme n'a pas 3.14 €!", "l' homme n' a pas 3.14 € !"),
        ("I don't know (really), John…", "i don't know ( really ) , john …"),
        ("안녕하세요? 저는 학생입니다.", "안녕하세요 ? 저는 학생입니다 ."),
        ("Привет, мир!", "привет , мир !"),
        ("¿Qué? peut-être - 'non'", "¿ qué ? peut-être - ' non '"),
        ("हिन्दी है।", "हिन्दी है ।"),
        ("1,000 words,and more", "1,000 words , and more"),
    ],
)
def test_punctuation_is_split_off_in_any_script(text, tokens):
    assert tokenise(text) == tokens.split()


def test_decomposed_hangul_is_composed():
    assert tokenise(unicodedata.normalize("NFD", "한국어")) == ["한국어"]


@pytest.mark.parametrize(("source", "target"), [("korean", "english"), ("english", "french")])
def test_the_course_in_either_direction(source, target):
    data = Translations.course(source, target)
    assert (data.source_language, data.target_language) == (source, target) and len(data.train) == 16_000
    assert all(s < len(pair.source) and t < len(pair.target) for pair in data.test for s, t in pair.alignment)


def test_text_is_read_in_one_spelling():
    assert tokenise("l\u2019ami\u00a0? porte\u2011cl\u00e9s\u200b") == ["l'", "ami", "?", "porte-clés"]
    assert tokenise("\u200b hel\u00adlo") == ["hello"] and tokenise("می\u200cخواهم") == ["می\u200cخواهم"]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("a\U000e0100b 가\u3164나", ["ab", "가나"]),  # a variation selector, a Hangul filler
        ("\u202aabc\u202c \u2066def\u2069", ["abc", "def"]),  # marks of direction
        ("a\x00b\x07c\x1fd", ["abc", "d"]),  # controls; one of them separates
        ("❤\ufe0f you", ["❤", "you"]),
        ("l\u00b4ami l\uff07ami", ["l'", "ami", "l'", "ami"]),  # apostrophes of other keyboards
        ("a-\u0301b", ["a-\u0301b"]),  # a mark on a hyphen
        ("हिन्दी-भाषा दि'न", ["हिन्दी-भाषा", "दि'न"]),  # vowel signs are marks, and belong to the word
        ("-3,5 a- -b 1.000.", ["-", "3,5", "a", "-", "-", "b", "1.000", "."]),
    ],
)
def test_what_cannot_be_seen_makes_no_word_and_marks_stay_with_theirs(text, tokens):
    assert tokenise(text) == tokens
