import time
import unicodedata
from functools import partial

import numpy as np
import pytest
from test_measure_alignment import PAIRS, translator

from course_utils.datasets.corpus import Translations, Vocabulary
from course_utils.datasets.segment import segment
from course_utils.datasets.text import join
from course_utils.measure.reading import corpus_index, read_attention
from course_utils.messages import Refusal
from course_utils.messages.explorers import attention_sentence

KOREAN = Vocabulary(["작가", "+는", "이", "집", "+을", "그려", "+ㅆ", "+어요", "잘", "자", "+ㄹ", "크", "+ㄴ", "."])
KNOWN = corpus_index(PAIRS)


def test_a_sentence_in_ordinary_spelling_is_cut_into_tokens():
    tokens = ["작가", "+는", "크", "+ㄴ", "집", "+을", "그려", "+ㅆ", "+어요", "."]
    assert join(tokens) == "작가는 큰 집을 그렸어요."
    assert segment("작가는  큰 집을 그렸어요.", KOREAN) == tokens
    assert segment("작가 +는 집 +을", KOREAN) == ["작가", "+는", "집", "+을"]
    assert segment("작가는 잘", KOREAN) == ["작가", "+는", "잘"], "a whole word before a stem and its ending"
    french = Vocabulary(["l'", "homme", "aime", "Anna", "d'", "."])
    assert segment("L'homme aime Anna.", french) == ["l'", "homme", "aime", "Anna", "."]


@pytest.mark.parametrize(("text", "message"), [("", "nothing to read"), ("작가는 개를", "“개를”"), ("xyz", "“xyz”")])
def test_what_cannot_be_cut_is_named(text, message):
    with pytest.raises(ValueError, match=message):
        segment(text, KOREAN)


@pytest.mark.parametrize("language", ["korean", "french"])
def test_sentences_of_the_corpus_come_back_however_they_are_typed(language):
    data = Translations.course(language)
    texts = [join(pair.source) for pair in data.test]
    tokens = [segment(text, data.source_words) for text in texts]
    assert [join(cut) for cut in tokens] == texts
    assert sum(cut == pair.source for cut, pair in zip(tokens, data.test, strict=True)) >= 950
    for change in (
        lambda text: unicodedata.normalize("NFD", text),
        lambda text: text.replace("'", "\u2019").replace("-", "\u2011"),
        lambda text: text.replace("?", "\u202f?").replace(".", " ."),
    ):
        assert [segment(change(text), data.source_words) for text in texts[:60]] == tokens[:60]


def test_a_sentence_without_spaces_does_not_scan_the_vocabulary():
    class Counted(list):
        """Tokens that count how often they are gone through."""

        passes = 0

        def __iter__(self):
            Counted.passes += 1
            return super().__iter__()

    vocabulary = Vocabulary([f"+{syllable}" for syllable in "는을그려어요"] + ["작가", "집", "."])
    vocabulary.tokens = Counted(vocabulary.tokens)
    assert segment("작가는을는을는을.", vocabulary)[0] == "작가" and Counted.passes == 0
    assert segment("작가 개를 그려.", vocabulary, refuse_unknown=False) == ["작가", "개를", "그려", "."]


def test_reading_a_known_sentence_with_its_reference():
    reading = read_attention(translator(), KNOWN, join(PAIRS[0].source), None)
    assert reading.source == PAIRS[0].source and reading.target == PAIRS[0].target
    assert reading.weights.shape == (2, 3) and reading.gold == PAIRS[0].alignment
    assert 0 < reading.probability < 1
    sentence = attention_sentence(join(reading.target), reading.probability, reading.weights, reading.gold)
    assert "Of 2 words with a gold link" in sentence


def test_temperature_and_interventions_change_the_weights():
    read = partial(read_attention, translator(), KNOWN, join(PAIRS[2].source), None)
    plain = read().weights
    assert read(temperature=5.0).weights.max() < plain.max()
    np.testing.assert_allclose(read(intervention="uniform").weights, 0.25, rtol=1e-5)
    np.testing.assert_array_equal(read().weights, plain)


def test_a_typed_sentence_has_no_reference_and_no_gold():
    with pytest.raises(ValueError, match="no reference"):
        read_attention(translator(), {}, "a b", None)
    with pytest.raises(ValueError, match="must be positive"):
        read_attention(translator(), {}, "a b", temperature=0)


def test_another_sentences_memory_is_another_one_and_is_named():
    read = partial(read_attention, translator(), intervention="other_memory")
    text = join(PAIRS[2].source)
    plain, lent = read(KNOWN, text, None, intervention="as_trained"), read(KNOWN, text, None)
    assert np.abs(lent.weights - plain.weights).max() > 0.05
    assert lent.source == ["b", "a", "c", "–"] and lent.gold is None, "three words, the nearest to four"
    np.testing.assert_allclose(lent.weights.sum(axis=1), 1, rtol=1e-5)
    assert (lent.weights[:, 3] == 0).all()
    sentence = attention_sentence(join(lent.target), lent.probability, lent.weights, lent.gold, lent=lent.lent)
    assert sentence.endswith("It looks at another sentence: “b a c”")
    assert read(KNOWN, "a", None).weights.shape == (1, 1), "what is longer than the own sentence is cut off"
    assert read(KNOWN, "b a c", 1).lent == "c b a c"
    with pytest.raises(ValueError, match="no other sentence"):
        read({}, "a b")


def test_capitals_within_a_sentence_do_not_matter_where_no_name_has_them():
    french = Vocabulary(["l'", "homme", "aime", "Anna", "et", "."])
    assert segment("L'homme aime Anna et L'HOMME aime Anna.", french)[4:] == ["et", "l'", "homme", "aime", "Anna", "."]


@pytest.mark.parametrize(
    "text",
    ["x" * 100_000, "가" * 100_000, "L'homme dort. " * 5000, "L'HOMME DORT. " * 35, "미나는 우유를 마셔요. " * 38],
)
def test_a_long_pasted_text_is_answered_or_refused_at_once(text):
    vocabularies = [Translations.course(language).source_words for language in ("french", "korean")]
    began = time.process_time()
    for vocabulary in vocabularies:
        try:
            assert segment(text, vocabulary)
        except Refusal as refusal:
            assert len(str(refusal)) < 700
    assert time.process_time() - began < 4  # milliseconds; a quadratic search takes minutes


def test_a_special_token_that_is_typed_is_refused():
    with pytest.raises(Refusal, match="<eos>"):
        segment("<eos>", Translations.course("french").source_words)
