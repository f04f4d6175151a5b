"""Explorers on a translator of one's own text: pieces in place of words, no gold links."""

import numpy as np
import pytest
import torch

from course_utils import explorers
from course_utils.datasets.corpus import Translations, Vocabulary
from course_utils.datasets.segment import read_sentence
from course_utils.datasets.subwords import Subwords, Words
from course_utils.experiments import own_text
from course_utils.explorers import browser
from course_utils.measure.reading import corpus_index, read_attention
from course_utils.measure.translation import Translator
from course_utils.messages import Refusal
from course_utils.models.attention import TiedAttentionDecoderLSTM

VERBS = ("저장합니다.", "엽니다.", "읽습니다.", "닫습니다.")
PAIRS = [
    (f"파일{end} {verb}", f"{noun} the file")
    for end, noun in zip("을이에의", ("Save", "Open", "Read", "Close"), strict=True)
    for verb in VERBS
]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    path = tmp_path_factory.mktemp("own") / "own.tsv"
    path.write_text(
        "".join(f"{source}\t{target} {at}\n" for at, (source, target) in enumerate(PAIRS)), encoding="utf-8"
    )
    return Translations.read(path, valid=0.2, test=0.2, subwords=60)


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "tied"])
def translator(request, data):
    torch.manual_seed(0)
    recipe = own_text.Recipe(hidden_size=8, tied=request.param)
    return Translator(own_text.build(recipe, len(data.source_words), len(data.target_words)).eval(), data)


def test_typed_sentences_are_read_by_the_translators_own_tokens(data, translator):
    text = PAIRS[0][0]
    tokens = translator.tokens(text)
    assert tokens == data.tokenisers[0].split(text) and translator.source_text(tokens) == text
    assert translator.tokens(f"  {text}\u200b ") == tokens, "put into one spelling first"
    with pytest.raises(Refusal, match="nothing to read"):
        translator.tokens(" ")
    with pytest.raises(Refusal, match="up to 500"):
        translator.tokens("파" * 501)
    with pytest.raises(Refusal, match="“Ω”"):
        translator.tokens(f"{text}Ω", refuse_unknown=True)
    assert "Ω" in "".join(translator.tokens(f"{text}Ω")), "else it is read as <unk>"


def test_words_of_the_course_are_still_found_by_their_endings():
    words = Vocabulary(["작가", "+는", "집"])
    assert read_sentence("작가는 집", words, Words()) == ["작가", "+는", "집"]
    assert read_sentence("작가는 집", words, Words(str.split), refuse_unknown=False) == ["작가는", "집"]


def test_an_attention_reading_shows_texts_as_people_write_them(data, translator):
    known = corpus_index(data.test, translator.source_text)
    assert not any("▁" in text for text in known)
    text = next(iter(known))
    reading = read_attention(translator, known, text, rank=None)
    assert reading.weights.shape == (len(reading.target), len(reading.source))
    np.testing.assert_allclose(reading.weights.sum(axis=1), 1, atol=1e-5)
    other = read_attention(translator, known, text, rank=None, intervention="other_memory")
    assert "▁" not in other.lent and other.lent != text


def test_the_attention_explorer_works_on_pieces_and_asks_for_no_gold_links(data, translator):
    explorer = explorers.attention_explorer({"own": (translator, data.test)}, refuse_unknown=False)
    assert not any("▁" in text for text in explorer.controls["text"].options)
    assert explorer.controls["gold"].layout.display == "none"
    explorer.controls["intervention"].value = "uniform"
    weights, before = (np.array(view.drawn["values"]) for view in explorer.views[:2])
    assert np.ptp(weights, axis=1).max() < 1e-6 < np.ptp(before, axis=1).max()


def test_the_translation_explorer_writes_texts(data, translator):
    explorer = explorers.translation_explorer(translator, PAIRS[0][0], refuse_unknown=False)
    assert "▁" not in explorer.views[1].drawn["alternative"] and "▁" not in explorer.status.text


def test_a_translator_of_pieces_or_with_tied_weights_is_left_to_python(data, translator):
    assert browser.translator(translator) is None
    by_words = Translations(data.train, data.valid, data.test)
    assert isinstance(data.tokenisers[0], Subwords)
    tied = isinstance(translator.model.decoder, TiedAttentionDecoderLSTM)
    assert (browser.translator(Translator(translator.model, by_words)) is None) == tied
