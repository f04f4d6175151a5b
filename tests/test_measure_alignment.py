import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from course_utils.datasets.corpus import Translations
from course_utils.datasets.text import Pair
from course_utils.experiments.designs import DESIGNS, build_design
from course_utils.measure import alignment, word_gradients
from course_utils.measure.ibm1 import fit_ibm1
from course_utils.measure.translation import Translator
from course_utils.messages import Refusal
from course_utils.models.attention import AttentionSeq2Seq

PAIRS = [
    Pair(["b", "a", "c"], ["A", "B"], ((0, 1), (1, 0))),
    Pair(["a"], ["A"], ((0, 0),)),
    Pair(["c", "b", "a", "c"], ["B", "A", "THE"], ((1, 0), (2, 1))),
]
DATA = Translations(PAIRS, PAIRS, PAIRS, PAIRS, source_language="a", target_language="b", batch_size=2)


def translator(design="states_and_words", data=DATA):
    return Translator(build_design(design, "none" if design == "no_attention" else "scaled_dot", data, seed=0), data)


def test_forced_weights_are_those_of_each_sentence_alone():
    together = alignment.forced_weights(translator(), PAIRS)
    assert [weights.shape for weights in together] == [(3, 3), (2, 1), (4, 4)]
    for pair, weights in zip(PAIRS, together, strict=True):
        np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-5)
        np.testing.assert_allclose(alignment.forced_weights(translator(), [pair])[0], weights, rtol=1e-4)


def perfect(shift=0):
    """Weights that look at the gold word of each target word, `shift` steps after it is written."""
    sentences = [np.full((len(pair.target) + 1, len(pair.source)), 0.01) for pair in PAIRS]
    for weights, pair in zip(sentences, PAIRS, strict=True):
        for s, t in pair.alignment:
            weights[t + shift, s] = 1
    return sentences


def test_error_rate_of_perfect_weights_is_that_of_the_one_word_without_a_link():
    assert alignment.error_rate(perfect(), PAIRS) == pytest.approx(1 - 2 * 5 / (6 + 5))


def test_a_late_decoder_is_found_by_reading_late():
    late = perfect(shift=1)
    assert alignment.error_rate(late, PAIRS, shift=1) == alignment.error_rate(perfect(), PAIRS)
    assert alignment.error_rate(late, PAIRS) > 0.3


def test_a_word_without_a_link_may_be_left_out():
    # The one word that gold does not link has no heavy weight: with a threshold nothing is wrong any more.
    weights = perfect()
    assert alignment.error_rate(weights, PAIRS, threshold=0.5) == 0
    assert 0 < alignment.best_threshold(weights, PAIRS) < 1
    assert alignment.error_rate(weights, PAIRS, threshold=alignment.best_threshold(weights, PAIRS)) == 0


def test_a_text_without_gold_alignments_says_so():
    bare = [pair._replace(alignment=()) for pair in PAIRS]
    weights = alignment.forced_weights(translator(), bare)
    for ask in (
        lambda: alignment.error_rate(weights, bare),
        lambda: alignment.best_threshold(weights, bare),
        lambda: alignment.baseline_error_rates(bare, bare),
        lambda: alignment.error_rates(translator(), SimpleNamespace(train=bare, valid=bare, test=bare)),
        lambda: alignment.disagreements(translator(), bare),
        lambda: word_gradients.gradient_by_distance(translator(), bare, [1, 5]),
    ):
        with pytest.raises(Refusal, match="no gold alignments"):
            ask()


def test_weights_of_a_model_in_half_precision_are_read():
    half = translator()
    half.model.bfloat16()
    assert all(w.sum(axis=1) == pytest.approx(1, abs=0.02) for w in alignment.forced_weights(half, PAIRS))


def test_baselines_are_ordered():
    rng = np.random.default_rng(0)
    orders = [rng.permutation(8).tolist() for _ in range(200)]
    text = [Pair([f"s{k}" for k in order], [f"t{k}" for k in range(8)], tuple(enumerate(order))) for order in orders]
    rates = alignment.baseline_error_rates(text, text)
    assert rates["one_link"] == 0
    assert rates["random"] == pytest.approx(7 / 8, abs=0.04)
    assert 0 <= rates["ibm1"] <= 1 and 0.7 < rates["diagonal"] < 1


def test_all_error_rates_of_one_translator():
    rates = alignment.error_rates(translator(), DATA)
    assert set(rates) == {"random", "diagonal", "ibm1", "one_link", "attention", "attention_abstains"}
    assert rates["one_link"] <= rates["attention"] <= 1
    assert rates["attention_abstains"] <= rates["attention"], "tuned on the same pairs"


def test_disagreements_count_every_word_once():
    shares, examples = alignment.disagreements(translator(), PAIRS)
    assert sum(shares.values()) == pytest.approx(1)
    words = sum(len(pair.target) for pair in PAIRS)
    assert sum(share for kind, share in shares.items() if "no_link" in kind) == pytest.approx(1 / words)
    assert all("←" in example for texts in examples.values() for example in texts)


def test_word_gradients_equal_central_differences():
    model, batch = translator().model.double().eval(), DATA.batch(PAIRS)
    norms = word_gradients.word_gradients(model, batch)
    assert norms.shape == (len(batch.target) - 1, len(batch.source), 3)
    assert np.all(norms[:, batch.source.numpy() == 0] == 0), "padding has no gradient"
    weight, word, eps = model.encoder.embedding.weight, batch.source[0, 1], 1e-5

    @torch.no_grad()
    def logit(k: int, change: float) -> float:
        weight[word, k] += change
        # Sentence 1 is the single word "a".
        value = model(batch.source[:1, 1:2], batch.target[:, 1:2])[1, 0, batch.target[1, 1]].item()
        weight[word, k] -= change
        return value

    slopes = [(logit(k, eps) - logit(k, -eps)) / (2 * eps) for k in range(weight.shape[1])]
    assert norms[0, 0, 1] == pytest.approx(np.linalg.norm(slopes), rel=1e-6)


@pytest.mark.parametrize("design", DESIGNS)
def test_word_gradients_leave_the_model_as_it_was(design):
    model = translator(design).model.train()
    word_gradients.word_gradients(model, DATA.batch(PAIRS))
    assert model.training and all(weight.grad is None for weight in model.parameters())
    assert not model.encoder.embedding._forward_hooks


def test_attention_shortens_the_way_even_before_training():
    words = [f"w{k}" for k in range(30)]
    pairs, shares = [Pair(words, words, tuple((k, k) for k in range(30)))] * 2, {}
    for design in ("states_and_words", "no_attention"):
        reader = translator(design, Translations(pairs, pairs, pairs))
        assert isinstance(reader.model, AttentionSeq2Seq) == (design != "no_attention")
        mean, count = word_gradients.gradient_by_distance(reader, pairs, [29, 31, 33])
        assert count.tolist() == [60, 0] and np.isnan(mean[1])
        shares[design] = mean[0]
    assert shares["states_and_words"] > 10 * shares["no_attention"]


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
