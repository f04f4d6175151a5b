from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from course_utils.datasets.corpus import Vocabulary
from course_utils.datasets.text import Pair
from course_utils.experiments.designs import DESIGNS, build_design
from course_utils.measure import alignment, word_gradients
from course_utils.measure.translation import Translator
from course_utils.messages import Refusal
from course_utils.models.attention import AttentionSeq2Seq

PAIRS = [
    Pair(["b", "a", "c"], ["A", "B"], ((0, 1), (1, 0))),
    Pair(["a"], ["A"], ((0, 0),)),
    Pair(["c", "b", "a", "c"], ["B", "A", "THE"], ((1, 0), (2, 1))),
]


def translator(design="states_and_words"):
    words = [Vocabulary.from_sentences(pair[side] for pair in PAIRS) for side in (0, 1)]
    data = SimpleNamespace(
        source_words=words[0], target_words=words[1], source_language="a", target_language="b", device="cpu"
    )
    score = "none" if design == "no_attention" else "scaled_dot"
    return Translator(build_design(design, score, data, seed=0), data)


def test_forced_weights_are_those_of_each_sentence_alone():
    found = translator()
    together = alignment.forced_weights(found, PAIRS)
    assert [one.shape for one in together] == [(3, 3), (2, 1), (4, 4)]
    for pair, one in zip(PAIRS, together, strict=True):
        np.testing.assert_allclose(one.sum(axis=1), 1, rtol=1e-5)
        np.testing.assert_allclose(alignment.forced_weights(found, [pair])[0], one, rtol=1e-4)


def perfect(shift=0):
    """Weights that look at the gold word of each target word, `shift` steps after it is written."""
    found = []
    for pair in PAIRS:
        one = np.full((len(pair.target) + 1, len(pair.source)), 0.01)
        for s, t in pair.alignment:
            if 0 <= t + shift < len(one):
                one[t + shift, s] = 1
        found.append(one)
    return found


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
    found = translator()
    found.model.bfloat16()
    assert all(w.sum(axis=1) == pytest.approx(1, abs=0.02) for w in alignment.forced_weights(found, PAIRS))


def test_baselines_are_ordered():
    rng = np.random.default_rng(0)
    text = []
    for _ in range(200):
        order = rng.permutation(8)
        text.append(
            Pair(
                [f"s{k}" for k in order],
                [f"t{k}" for k in range(8)],
                tuple((int(p), int(k)) for p, k in enumerate(order)),
            )
        )
    rates = alignment.baseline_error_rates(text, text)
    assert rates["one_link"] == 0
    assert rates["random"] == pytest.approx(7 / 8, abs=0.04)
    assert 0 <= rates["ibm1"] <= 1 and 0.7 < rates["diagonal"] < 1


def test_all_error_rates_of_one_translator():
    data = SimpleNamespace(train=PAIRS, valid=PAIRS, test=PAIRS)
    rates = alignment.error_rates(translator(), data)
    assert set(rates) == {
        "random", "diagonal", "ibm1", "one_link", "attention", "attention_abstains",
    }  # fmt: skip
    assert rates["one_link"] <= rates["attention"] <= 1
    assert rates["attention_abstains"] <= rates["attention"], "tuned on the same pairs"


def test_disagreements_count_every_word_once():
    found = alignment.disagreements(translator(), PAIRS)
    assert sum(found.shares.values()) == pytest.approx(1)
    words = sum(len(pair.target) for pair in PAIRS)
    linkless = sum(share for kind, share in found.shares.items() if "no_link" in kind)
    assert linkless == pytest.approx(1 / words)
    assert all("←" in example for examples in found.examples.values() for example in examples)


def test_word_gradients_equal_central_differences():
    found = translator()
    model = found.model.double().eval()
    (batch,) = found.batches(PAIRS, 3)
    norms = word_gradients.word_gradients(model, batch)
    assert norms.shape == (len(batch.target) - 1, len(batch.source), 3)
    assert np.all(norms[:, batch.source.numpy() == 0] == 0), "padding has no gradient"
    weight, word, eps = model.encoder.embedding.weight, batch.source[0, 1], 1e-5

    def logit() -> float:
        # Sentence 1 is the one word "a".
        with torch.no_grad():
            return model(batch.source[:1, 1:2], batch.target[:, 1:2])[1, 0, batch.target[1, 1]].item()

    slopes = []
    for k in range(weight.shape[1]):
        with torch.no_grad():
            weight[word, k] += eps
            up = logit()
            weight[word, k] -= 2 * eps
            down = logit()
            weight[word, k] += eps
        slopes.append((up - down) / (2 * eps))
    assert norms[0, 0, 1] == pytest.approx(np.linalg.norm(slopes), rel=1e-6)


@pytest.mark.parametrize("design", DESIGNS)
def test_word_gradients_leave_the_model_as_it_was(design):
    found = translator(design)
    found.model.train()
    (batch,) = found.batches(PAIRS, 3)
    word_gradients.word_gradients(found.model, batch)
    assert found.model.training and all(weight.grad is None for weight in found.model.parameters())
    assert not found.model.encoder.embedding._forward_hooks


def test_attention_shortens_the_way_even_before_training():
    shares = {}
    for design in ("states_and_words", "no_attention"):
        words = [f"w{k}" for k in range(30)]
        pairs = [Pair(words, words, tuple((k, k) for k in range(30)))] * 2
        vocabulary = Vocabulary.from_sentences([words])
        data = SimpleNamespace(
            source_words=vocabulary, target_words=vocabulary, source_language="a", target_language="a", device="cpu"
        )
        model = build_design(design, "none" if design == "no_attention" else "scaled_dot", data, seed=0)
        assert isinstance(model, nn.Module) and isinstance(model, AttentionSeq2Seq) == (design != "no_attention")
        mean, count = word_gradients.gradient_by_distance(Translator(model, data), pairs, [29, 31, 33])
        assert count.tolist() == [60, 0] and np.isnan(mean[1])
        shares[design] = mean[0]
    assert shares["states_and_words"] > 10 * shares["no_attention"]
