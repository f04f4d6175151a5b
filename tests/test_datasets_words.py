import hashlib

import pytest
import torch

from course_utils.datasets import words
from course_utils.messages import Refusal

# Of Babel 2.18: another release of CLDR spells some names otherwise.
EXPECTED = "5e4a575a3e9759a378cabaeccd8d471a71065e378f3dfb147a8c9f4b1418517b"


@pytest.fixture(scope="module")
def splits():
    return {name: words.load_words(name) for name in ("train", "valid", "test")}


@pytest.fixture(scope="module")
def alphabet(splits):
    return words.Alphabet(splits["train"])


def test_same_words_on_every_machine(splits):
    text = "\n".join(f"{word.text}\t{word.language}" for name in sorted(splits) for word in splits[name])
    assert {name: len(split) for name, split in splits.items()} == {"train": 10043, "valid": 1223, "test": 1238}
    assert hashlib.sha256(text.encode()).hexdigest() == EXPECTED


def test_no_word_appears_twice_in_two_splits_or_two_languages(splits):
    texts = [word.text for split in splits.values() for word in split]
    assert len(set(texts)) == len(texts)


def test_words_are_letters_of_3_to_40_and_every_language_is_there(splits):
    for split in splits.values():
        assert all(3 <= len(word.text) <= 40 and word.text == words.normalise(word.text) for word in split)
        assert {word.language for word in split} == set(range(18))
    assert {len(word.text) for word in splits["train"]} >= set(range(3, 37))


def test_alphabet_round_trips_and_keeps_zero_for_padding(alphabet):
    ids = alphabet.encode("Österreich")
    assert min(ids) > 0 and max(ids) < len(alphabet)
    assert "".join(alphabet.letters[index - 1] for index in ids) == "österreich"


def test_decomposed_and_composed_letters_are_read_alike(alphabet):
    assert alphabet.encode("o\u0308ste") == alphabet.encode("öste")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("", "nothing to read"), ("   ", "nothing to read"), ("a" * 10_000, "10,000 letters"),
     ("🙂", "never seen 🙂"), ("대한민국", "never seen"), ("a1", "never seen 1")],
)  # fmt: skip
def test_bad_text_gets_a_sentence(alphabet, text, sentence):
    with pytest.raises(Refusal, match=sentence):
        alphabet.encode(text)


def test_a_batch_is_padded_after_the_end_and_carries_lengths(splits, alphabet):
    sample = splits["test"][:5]
    batch = words.word_batch(sample, alphabet)
    assert batch.x.shape == (max(len(word.text) for word in sample), 5)
    for column, word in enumerate(sample):
        assert batch.x[: len(word.text), column].tolist() == alphabet.encode(word.text)
        assert (batch.x[len(word.text) :, column] == 0).all()
    assert batch.lengths.tolist() == [len(word.text) for word in sample]
    assert batch.lengths.device.type == "cpu"


def test_batches_hold_every_word_once_and_follow_the_generator(splits, alphabet):
    def run(seed):
        generator = torch.Generator().manual_seed(seed)
        return list(words.word_batches(splits["valid"], alphabet, 64, generator=generator))

    first, again, other = run(0), run(0), run(1)
    assert sum(len(batch.y) for batch in first) == len(splits["valid"])
    assert all(torch.equal(a.x, b.x) for a, b in zip(first, again, strict=True))
    assert any(a.x.shape != b.x.shape or not torch.equal(a.x, b.x) for a, b in zip(first, other, strict=True))
    padding = sum((batch.x == 0).sum().item() for batch in first) / sum(batch.x.numel() for batch in first)
    assert padding < 0.15


def test_an_unknown_split_or_an_empty_batch_is_refused(alphabet):
    with pytest.raises(ValueError, match="train"):
        words.load_words("dev")
    with pytest.raises(ValueError, match="at least one"):
        words.word_batch([], alphabet)


def test_what_cannot_be_seen_is_left_out_of_a_typed_word_or_named_by_its_code():
    alphabet = words.Alphabet(words.load_words())
    for typed in ("hallo\u200b", "hal\u00adlo", "\u200ehallo", "ha\u2060llo", "\ufeffhallo"):
        assert alphabet.encode(typed) == alphabet.encode("hallo")
    with pytest.raises(Refusal, match=r"U\+200C"):  # a joiner inside a word belongs to its spelling
        alphabet.encode("ab\u200ccd")
