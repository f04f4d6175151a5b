import math

import pytest
from sacrebleu import corpus_bleu

from course_utils.datasets.text import Pair
from course_utils.measure import text_scores

REFERENCES = [
    "The cat sits on the mat.",
    "A dog runs in the park.",
    "Two men are talking.",
    "She reads a long book.",
] * 5
WORSE = ["The cat sits on a mat.", "A dog walks in the park.", "Two men talk.", "She reads a book."] * 5


def test_a_perfect_text_scores_a_hundred_and_the_signature_says_how():
    score = text_scores.score_texts(REFERENCES, REFERENCES, resamples=50)
    assert score.bleu == pytest.approx(100) and score.chrf == pytest.approx(100)
    assert (score.low, score.high) == pytest.approx((100, 100)) and "tok:13a" in score.signature


def test_the_score_is_sacrebleus_and_lies_in_its_interval():
    score = text_scores.score_texts(WORSE, REFERENCES, resamples=200)
    assert score.bleu == corpus_bleu(WORSE, [REFERENCES]).score and score.low < score.bleu < score.high
    assert text_scores.score_texts(WORSE, REFERENCES, resamples=200) == score
    assert text_scores.score_texts([text.upper() for text in WORSE], REFERENCES).bleu < score.bleu  # case counts


def test_a_text_without_spaces_is_scored_by_its_characters():
    japanese, other = ["私は本を読みます。", "猫が好きです。"], ["私は本を読みました。", "犬が好きです。"]
    by_words = text_scores.score_texts(other, japanese, tokenize="13a")
    score = text_scores.score_texts(other, japanese)
    assert by_words.bleu < 5 < 40 < score.bleu < 100, "two thirds of the characters are right"
    assert "tok:char" in score.signature and "tok:13a" in text_scores.score_texts(["네."], ["네."]).signature
    rows = text_scores.compare_systems({"other": other, "same": japanese}, japanese)
    assert rows[0]["bleu"] == pytest.approx(score.bleu) and rows[1]["bleu"] == pytest.approx(100)


def test_a_difference_has_a_p_value_and_an_equal_system_a_large_one():
    hardly = ["A cat sits on the mat.", *REFERENCES[1:]]
    systems = {"perfect": REFERENCES, "worse": WORSE, "the same": list(REFERENCES), "hardly worse": hardly}
    rows = text_scores.compare_systems(systems, REFERENCES, resamples=200)
    assert [row["system"] for row in rows] == list(systems) and math.isnan(rows[0]["p"])
    assert rows[1]["p"] < 0.05 < rows[3]["p"] and rows[2]["p"] == 1 and rows[1]["bleu"] < rows[0]["bleu"]


@pytest.mark.parametrize(
    "call",
    [lambda: text_scores.score_texts([], []), lambda: text_scores.score_texts(["a"], ["a", "b"]),
     lambda: text_scores.compare_systems({"one": ["a"]}, ["a"]), lambda: text_scores.nearest_translations([], [["a"]]),
     lambda: text_scores.compare_systems({"one": ["a"], "two": []}, ["a"])],
)  # fmt: skip
def test_what_cannot_be_scored_is_refused(call):
    with pytest.raises(ValueError, match="expected"):
        call()


def test_the_nearest_sentence_shares_the_rare_words():
    train = [Pair(["the", "dog", "sees", "the", "cat"], ["1"]), Pair(["the", "zebra", "sleeps"], ["2"]),
             Pair(["the", "the", "the", "the", "dog"], ["3"])]  # fmt: skip
    sources = [["the", "zebra", "sees"], ["the", "dog", "sees", "a", "cat"], ["unheard-of"], []]
    assert text_scores.nearest_translations(train, sources) == [["2"], ["1"], ["1"], ["1"]]


def test_examples_are_chosen_by_their_score():
    hypotheses = ["The cat sits on the mat.", "xx", "A dog runs.", "The cat sits."]
    references = ["The cat sits on the mat.", "A long way home.", "A dog runs in the park.", "The cat sits on it."]
    chosen = text_scores.by_quality(hypotheses, references)
    assert chosen["good"] == [0] and chosen["bad"] == [1] and chosen["middling"][0] in (2, 3)
    assert len(text_scores.by_quality(WORSE, REFERENCES)["good"]) == 3
