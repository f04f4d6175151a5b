import subprocess
import sys

import numpy as np
import pytest
from sacrebleu.metrics import BLEU

from course_utils.measure import alignment, translation
from course_utils.measure.ibm1 import fit_ibm1

CAT, DOG = ["the", "cat", "sat", "on", "the", "mat"], ["a", "dog", "ran"]


def test_exact_match_counts_whole_sentences():
    assert translation.exact_match([CAT, DOG], [CAT, ["a", "dog"]]) == 0.5
    assert translation.exact_match([tuple(CAT)], [CAT]) == 1.0


def test_bleu_is_sacrebleu_on_the_words_as_they_are():
    hypotheses = [["the", "cat", "sat", "on", "a", "mat"], ["a", "dog", "ran", "away", "."]]
    expected = BLEU(tokenize="none", force=True).corpus_score(
        ["the cat sat on a mat", "a dog ran away ."], [["the cat sat on the mat", "a dog ran"]]
    )
    assert translation.bleu(hypotheses, [CAT, DOG]) == pytest.approx(expected.score)
    assert translation.bleu([CAT, DOG], [CAT, DOG]) == pytest.approx(100)


def test_bleu_of_perfect_short_sentences_is_100():
    assert translation.bleu([DOG], [DOG]) == pytest.approx(100)
    assert translation.bleu([["한"]], [["한"]]) == pytest.approx(100)


@pytest.mark.parametrize("measure", [translation.exact_match, translation.bleu])
def test_sentences_must_pair_up(measure):
    with pytest.raises(ValueError, match="one length, at least 1, not 1 and 2"):
        measure([CAT], [CAT, DOG])
    with pytest.raises(ValueError, match="at least 1"):
        measure([], [])


def test_alignment_error_rate_by_hand():
    # Och and Ney's definition: A = {a, b, x}, S = {a, c}, P = {a, b, c}: 1 - (1 + 2) / (3 + 2).
    predicted, sure, possible = {(0, 0), (1, 1), (9, 9)}, {(0, 0), (2, 2)}, {(0, 0), (1, 1), (2, 2)}
    assert alignment.alignment_error_rate([predicted], [sure], [possible]) == pytest.approx(1 - 3 / 5)
    assert alignment.alignment_error_rate([predicted], [sure]) == pytest.approx(1 - 2 * 1 / 5)


def test_alignment_error_rate_bounds_and_direction():
    gold = {(0, 2), (1, 0), (2, 1)}
    assert alignment.alignment_error_rate([gold], [gold]) == 0
    assert alignment.alignment_error_rate([{(5, 5)}], [gold]) == 1
    assert alignment.alignment_error_rate([{(t, s) for s, t in gold}], [gold]) == 1  # (target, source) is wrong
    with pytest.raises(ValueError, match="no link"):
        alignment.alignment_error_rate([set()], [set()])
    with pytest.raises(ValueError, match="one length"):
        alignment.alignment_error_rate([gold, gold], [gold])


def test_alignment_error_rate_is_of_the_text_not_a_mean_over_sentences():
    short, long = {(0, 0)}, {(i, i) for i in range(9)}
    assert alignment.alignment_error_rate([{(1, 0)}, long], [short, long]) == pytest.approx(0.1)


def test_links_read_off_weights_go_from_source_to_target():
    weights = np.array([[0.1, 0.2, 0.7], [0.8, 0.1, 0.1]])  # (T = 2, S = 3)
    assert alignment.strongest_links(weights) == {(2, 0), (0, 1)}


@pytest.mark.parametrize("lengths", [(1, 1), (1, 5), (5, 1), (7, 4), (4, 9)])
def test_baselines_link_every_target_word_to_a_source_word(lengths):
    source, target = lengths
    for links in (alignment.diagonal_links(*lengths), alignment.random_links(*lengths, np.random.default_rng(0))):
        assert sorted(t for _, t in links) == list(range(target))
        assert all(0 <= s < source for s, _ in links)
    assert alignment.diagonal_links(4, 4) == {(i, i) for i in range(4)}


def test_best_single_links_are_a_floor():
    gold = {(0, 0), (1, 0), (2, 1)}  # target word 0 has two links, word 2 none
    floor = alignment.alignment_error_rate([alignment.best_single_links(gold, 3)], [gold])
    assert floor == pytest.approx(1 - 2 * 2 / (3 + 3))
    every = [{(a, 0), (b, 1), (c, 2)} for a in range(3) for b in range(3) for c in range(3)]
    assert min(alignment.alignment_error_rate([links], [gold]) for links in every) == pytest.approx(floor)


SOURCES = [["das", "haus"], ["das", "buch"], ["ein", "buch"]]
TARGETS = [["the", "house"], ["the", "book"], ["a", "book"]]


def test_ibm1_learns_the_textbook_example():
    # Koehn, Statistical Machine Translation (2010), figure 4.4.
    model = fit_ibm1(SOURCES, TARGETS, rounds=30)
    assert model.translation_table(["buch"], ["book"]) > 0.9
    assert model.translation_table(["das"], ["the"]) > 0.9
    assert model.align(["ein", "buch"], ["book", "a"]) == {(1, 0), (0, 1)}


def test_ibm1_is_a_distribution_and_its_likelihood_never_falls():
    model = fit_ibm1(SOURCES, TARGETS, rounds=8)
    np.testing.assert_allclose(model.translation_table(model.sources, model.targets).sum(axis=1), 1)
    assert np.all(np.diff(model.log_likelihood) >= -1e-12)
    assert model.log_likelihood[-1] > model.log_likelihood[0] + 1


def test_ibm1_step_equals_brute_force():
    model = fit_ibm1(SOURCES, TARGETS, rounds=1)
    table = model.translation_table(model.sources, model.targets)
    counts = np.zeros(table.shape)
    for source, target in zip(SOURCES, TARGETS, strict=True):
        for t in target:
            for s in ("", *source):
                counts[model.sources[s], model.targets[t]] += 1 / 3  # uniform over two words and the empty word
    np.testing.assert_allclose(table, counts / counts.sum(axis=1, keepdims=True))


def test_ibm1_refuses_bad_input():
    assert fit_ibm1(SOURCES, TARGETS).align(["katze"], ["the", "cat"]) == set(), "words never seen have no link"
    with pytest.raises(ValueError, match="expected pairs"):
        fit_ibm1(SOURCES, TARGETS[:1])


def test_ibm1_fits_a_text_of_30000_pairs_and_30000_words_into_2_gb():
    code = """
import resource, numpy as np
from course_utils.measure.ibm1 import fit_ibm1
rng = np.random.default_rng(0)
text = [[f"{side}{w}" for w in rng.integers(30_000, size=13)] for side in "st" for _ in range(30_000)]
model = fit_ibm1(text[:30_000], text[30_000:], rounds=2)
assert len(model.sources) > 29_000 and model.align(text[0], text[30_000])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) * (1 if sys.platform == "darwin" else 1024) < 2 * 2**30
