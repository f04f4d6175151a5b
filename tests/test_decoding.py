import itertools
import math

import pytest
import torch

from course_utils.datasets.special_tokens import EOS, PAD, SOS
from course_utils.measure import timing
from course_utils.models import decoding
from course_utils.models.attention import AttentionDecoderLSTM, AttentionSeq2Seq
from course_utils.models.decoding import beam_search, greedy, log_probability, until_eos
from course_utils.models.seq2seq import DecoderLSTM, EncoderLSTM, Seq2Seq


def build(attends, vocabulary, seed=0, sharpness=4.0):
    """Return an untrained model whose output layer is sharpened, so that its choices differ."""
    torch.manual_seed(seed)
    encoder = EncoderLSTM(vocabulary, 6, 8, 1, 0.5)
    kind, whole = (AttentionDecoderLSTM, AttentionSeq2Seq) if attends else (DecoderLSTM, Seq2Seq)
    model = whole(encoder, kind(vocabulary, 6, 8, 1, 0.5, vocabulary))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter *= sharpness
    return model


def sources(vocabulary, count, longest=5, seed=0):
    generator = torch.Generator().manual_seed(seed)
    lengths = torch.randint(1, longest + 1, (count,), generator=generator)
    tokens = torch.randint(3, vocabulary, (longest, count), generator=generator)
    return tokens.masked_fill(torch.arange(longest)[:, None] >= lengths, PAD), lengths


@pytest.fixture(params=[False, True], ids=["plain", "attention"])
def attends(request):
    return request.param


def padded(sentences, limit):
    """Return target ids (T, B) with `<sos>`, and `<eos>` where the sentence is shorter than the limit."""
    rows = [[SOS, *s, *([EOS] if len(s) < limit else [])] for s in sentences]
    width = max(map(len, rows))
    return torch.tensor([row + [PAD] * (width - len(row)) for row in rows]).T


def test_greedy_is_the_argmax_at_every_step(attends):
    model = build(attends, 12).eval()
    source, lengths = sources(12, 20)
    ids = greedy(model, source, lengths, max_length=8)
    forced = model(source, torch.cat([torch.full((1, 20), SOS), ids]), lengths)[1:].argmax(-1)
    alive = torch.cat([torch.zeros(1, 20), (ids == EOS).cumsum(0)[:-1]]) == 0
    assert torch.all(ids[alive] == forced[alive]) and torch.all(ids[~alive] == PAD)


def test_greedy_stops_at_eos_and_at_the_limit(attends):
    model = build(attends, 12)
    source, lengths = sources(12, 20)
    assert greedy(model, source, lengths, max_length=3).shape == (3, 20)
    with torch.no_grad():
        model.decoder.output.bias[EOS] = 1e4
    assert greedy(model, source, lengths).tolist() == [[EOS] * 20]
    assert until_eos(torch.tensor([[5, 5], [EOS, 6], [PAD, 7]])) == [[5], [5, 6, 7]]


def test_a_batch_decodes_as_its_sentences_alone(attends):
    model = build(attends, 12)
    source, lengths = sources(12, 12)
    together, beams = until_eos(greedy(model, source, lengths, 7)), beam_search(model, source, lengths, max_length=7)
    for b, length in enumerate(lengths):
        alone = source[:length, b : b + 1]
        assert until_eos(greedy(model, alone, max_length=7)) == [together[b]]
        assert [h.tokens for h in beam_search(model, alone, max_length=7)[0]] == [h.tokens for h in beams[b]]


@pytest.mark.parametrize("penalty", [0.0, 1.0])
def test_beam_of_one_equals_greedy(attends, penalty):
    model = build(attends, 12)
    source, lengths = sources(12, 40)
    expected = until_eos(greedy(model, source, lengths, max_length=9))
    found = beam_search(model, source, lengths, width=1, length_penalty=penalty, max_length=9)
    assert [[h.tokens for h in beams] for beams in found] == [[tokens] for tokens in expected]


@pytest.mark.parametrize("penalty", [0.0, 0.6, 1.0])
def test_a_wide_beam_equals_exhaustive_search(attends, penalty):
    vocabulary, limit = 5, 3
    model = build(attends, vocabulary, sharpness=2.0).eval()
    source, lengths = sources(vocabulary, 3)
    others = [i for i in range(vocabulary) if i != EOS]
    every = [list(s) for n in range(limit + 1) for s in itertools.product(others, repeat=n)]
    found = beam_search(model, source, lengths, width=vocabulary**limit, length_penalty=penalty, max_length=limit)
    for b, length in enumerate(lengths):
        # <pad> is a token like any other to the model: score each sentence by hand, without masking it.
        scored = []
        for tokens in every:
            target = torch.tensor([SOS, *tokens, *([EOS] if len(tokens) < limit else [])])[:, None]
            with torch.no_grad():
                log_p = model(source[:length, b : b + 1], target)[1:, 0].log_softmax(-1)
            total = log_p.gather(-1, target[1:]).sum().item()
            scored.append((total / (len(target) - 1) ** penalty, tokens))
        scored.sort(key=lambda pair: -pair[0])
        assert len(found[b]) == len(every)
        assert found[b][0].tokens == scored[0][1]
        assert [h.score for h in found[b]] == pytest.approx([score for score, _ in scored], abs=1e-4)


def test_a_narrow_beam_is_not_exhaustive():
    # The test above can fail: a beam of 1 misses the best sentence of some source.
    model = build(False, 5, sharpness=2.0)
    source, lengths = sources(5, 30)
    best, narrow = (beam_search(model, source, lengths, width=w, max_length=3) for w in (125, 1))
    assert any(b[0].tokens != n[0].tokens for b, n in zip(best, narrow, strict=True))


def test_n_best_is_ranked_scored_and_distinct(attends):
    model = build(attends, 12)
    source, lengths = sources(12, 10)
    for beams in beam_search(model, source, lengths, width=5, length_penalty=0.7, max_length=6):
        assert len(beams) == 5
        assert [h.score for h in beams] == sorted((h.score for h in beams), reverse=True)
        assert len({(tuple(h.tokens), h.finished) for h in beams}) == 5
        for h in beams:
            assert EOS not in h.tokens and len(h.tokens) + h.finished <= 6
            assert h.score == pytest.approx(h.log_probability / (len(h.tokens) + h.finished) ** 0.7)


def test_scores_are_the_models_log_probabilities(attends):
    model = build(attends, 12)
    source, lengths = sources(12, 10)
    best = [beams[0] for beams in beam_search(model, source, lengths, max_length=6)]
    clean = [i for i, h in enumerate(best) if PAD not in h.tokens]
    assert clean
    target = padded([best[i].tokens for i in clean], 6)
    expected = log_probability(model, source[:, clean], target, lengths[clean])
    assert [best[i].log_probability for i in clean] == pytest.approx(expected.tolist(), abs=1e-4)


@pytest.mark.parametrize("seed", range(3))
def test_the_mean_score_does_not_fall_as_the_beam_widens(attends, seed):
    model = build(attends, 12, seed)
    source, lengths = sources(12, 200, seed=seed)
    means = [
        sum(beams[0].score for beams in beam_search(model, source, lengths, width=w, max_length=8)) / 200
        for w in (1, 2, 4, 8)
    ]
    assert means == sorted(means) and means[-1] > means[0]


def test_length_penalty_lengthens():
    model = build(False, 12, sharpness=2.0)
    source, lengths = sources(12, 100)
    sizes = [
        sum(len(b[0].tokens) for b in beam_search(model, source, lengths, width=8, length_penalty=a, max_length=12))
        for a in (0.0, 1.0)
    ]
    assert sizes[1] > sizes[0]


def test_a_source_longer_than_any_other_is_translated(attends):
    model = build(attends, 12)
    source = torch.randint(3, 12, (300, 1), generator=torch.Generator().manual_seed(0))
    assert len(greedy(model, source, max_length=10)) <= 10
    assert math.isfinite(beam_search(model, source, max_length=10)[0][0].score)


def test_searching_leaves_the_model_as_it_was(attends):
    model = build(attends, 12).train()
    source, lengths = sources(12, 4)
    assert torch.equal(greedy(model, source, lengths, 5), greedy(model, source, lengths, 5))  # dropout is off
    beam_search(model, source, lengths, max_length=5)
    assert model.training
    model.eval()
    greedy(model, source, lengths, 5)
    assert not model.training
    with pytest.raises(RuntimeError, match="boom"), decoding.evaluating(model.train()):
        raise RuntimeError("boom")
    assert model.training


def test_bad_limits_are_refused(attends):
    model = build(attends, 12)
    source, lengths = sources(12, 2)
    for call in (
        lambda: greedy(model, source, lengths, max_length=0),
        lambda: beam_search(model, source, lengths, max_length=0),
        lambda: beam_search(model, source, lengths, width=0),
    ):
        with pytest.raises(ValueError, match="at least 1"):
            call()


def test_no_default_device(attends):
    model = build(attends, 12)
    source, lengths = sources(12, 4)
    with torch.device("meta"):
        ids = greedy(model, source, lengths, 5)
        beams = beam_search(model, source, lengths, max_length=5)
    assert ids.device.type == "cpu" and len(beams) == 4


def test_the_timed_runs_give_the_same_numbers_and_leave_the_mode():
    model = build(False, 12).train()
    source, lengths = sources(12, 4)
    at_once, one_by_one, gap = timing.time_decoder(model.decoder, source, *model.encoder(source, lengths))
    assert at_once > 0 and one_by_one > 0 and gap < 1e-4 and model.decoder.training


def test_the_timed_runs_notice_a_decoder_that_differs():
    class Forgetful(DecoderLSTM):
        """In single steps it forgets its state."""

        def forward(self, x, hidden, cell):
            return super().forward(x, *(part * 0 if x.dim() == 1 else part for part in (hidden, cell)))

    torch.manual_seed(0)
    state = torch.randn(1, 4, 8), torch.randn(1, 4, 8)
    assert timing.time_decoder(Forgetful(12, 6, 8, 1, 0.0, 12), sources(12, 4)[0], *state)[2] > 1e-3
