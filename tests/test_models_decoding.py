import itertools
import math

import pytest
import torch
from test_contract import AttentionGRU, DeepLSTM, Stateless

from course_utils.datasets.special_tokens import EOS, PAD, SOS
from course_utils.measure import timing
from course_utils.models import decoding
from course_utils.models.attention import AttentionDecoderLSTM, AttentionSeq2Seq
from course_utils.models.decoding import beam_search, greedy, log_probability, sample, teacher_forced, until_eos
from course_utils.models.seq2seq import DecoderLSTM, EncoderLSTM, Seq2Seq

SIZES = (6, 8, 1, 0.5)
MODELS = {
    "plain": lambda ids: Seq2Seq(EncoderLSTM(ids, *SIZES), DecoderLSTM(ids, *SIZES, ids)),
    "attention": lambda ids: AttentionSeq2Seq(EncoderLSTM(ids, *SIZES), AttentionDecoderLSTM(ids, *SIZES, ids)),
} | {kind.__name__: lambda ids, kind=kind: kind(ids, ids) for kind in (AttentionGRU, DeepLSTM, Stateless)}


def build(kind="plain", vocabulary=12, seed=0, sharpness=4.0):
    """Return an untrained model whose parameters are scaled up, so that its choices differ."""
    torch.manual_seed(seed)
    model = MODELS[kind](vocabulary)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter *= sharpness
    return model


def sources(vocabulary, count, longest=5, seed=0):
    generator = torch.Generator().manual_seed(seed)
    lengths = torch.randint(1, longest + 1, (count,), generator=generator)
    tokens = torch.randint(3, vocabulary, (longest, count), generator=generator)
    return tokens.masked_fill(torch.arange(longest)[:, None] >= lengths, PAD), lengths


@pytest.fixture(params=MODELS)
def kind(request):
    return request.param


@pytest.fixture
def model(kind):
    return build(kind)


def padded(sentences, limit):
    """Return target ids (T, B) with `<sos>`, and `<eos>` where the sentence is shorter than the limit."""
    rows = [[SOS, *s, *([EOS] if len(s) < limit else [])] for s in sentences]
    width = max(map(len, rows))
    return torch.tensor([row + [PAD] * (width - len(row)) for row in rows]).T


def test_one_call_equals_one_call_per_token(model):
    source, lengths = sources(12, 4)
    target = torch.randint(3, 12, (5, 4), generator=torch.Generator().manual_seed(0))
    state, memory = model.eval().encode(source, lengths)
    whole, steps = teacher_forced(model, source, target, lengths)[0], []
    for x in target[:-1]:
        logits, state, _ = model.decode(x, state, memory)
        steps.append(logits)
    torch.testing.assert_close(torch.stack(steps), whole)


def test_greedy_is_the_argmax_at_every_step(model):
    source, lengths = sources(12, 20)
    ids = greedy(model.eval(), source, lengths, max_length=8)
    forced = teacher_forced(model, source, torch.cat([torch.full((1, 20), SOS), ids]), lengths)[0].argmax(-1)
    alive = torch.cat([torch.zeros(1, 20), (ids == EOS).cumsum(0)[:-1]]) == 0
    assert torch.all(ids[alive] == forced[alive]) and torch.all(ids[~alive] == PAD)


def test_greedy_stops_at_eos_and_at_the_limit(model):
    source, lengths = sources(12, 20)
    assert greedy(model, source, lengths, max_length=3).shape == (3, 20)
    with torch.no_grad():
        getattr(model, "decoder", model).output.bias[EOS] = 1e4
    assert greedy(model, source, lengths).tolist() == [[EOS] * 20]
    assert until_eos(torch.tensor([[5, 5], [EOS, 6], [PAD, 7]])) == [[5], [5, 6, 7]]


def test_a_batch_decodes_as_its_sentences_alone(model):
    source, lengths = sources(12, 12)
    together, beams = until_eos(greedy(model, source, lengths, 7)), beam_search(model, source, lengths, max_length=7)
    for b, length in enumerate(lengths):
        alone = source[:length, b : b + 1]
        assert until_eos(greedy(model, alone, max_length=7)) == [together[b]]
        assert [h.tokens for h in beam_search(model, alone, max_length=7)[0]] == [h.tokens for h in beams[b]]


@pytest.mark.parametrize("penalty", [0.0, 1.0])
def test_beam_of_one_equals_greedy(model, penalty):
    source, lengths = sources(12, 40)
    expected = until_eos(greedy(model, source, lengths, max_length=9))
    beams = beam_search(model, source, lengths, width=1, length_penalty=penalty, max_length=9)
    assert [[h.tokens for h in hypotheses] for hypotheses in beams] == [[tokens] for tokens in expected]


@pytest.mark.parametrize("penalty", [0.0, 0.6, 1.0])
def test_a_wide_beam_equals_exhaustive_search(kind, penalty):
    vocabulary, limit = 5, 3
    model = build(kind, vocabulary, sharpness=2.0).eval()
    source, lengths = sources(vocabulary, 3)
    others = [i for i in range(vocabulary) if i != EOS]
    every = [list(s) for n in range(limit + 1) for s in itertools.product(others, repeat=n)]
    beams = beam_search(model, source, lengths, width=vocabulary**limit, length_penalty=penalty, max_length=limit)
    for b, length in enumerate(lengths):
        # <pad> is a token like any other to the model: score each sentence by hand, without masking it.
        scored = []
        for tokens in every:
            target = padded([tokens], limit)
            with torch.no_grad():
                log_p = teacher_forced(model, source[:length, b : b + 1], target)[0][:, 0].log_softmax(-1)
            total = log_p.gather(-1, target[1:]).sum().item()
            scored.append((total / (len(target) - 1) ** penalty, tokens))
        scored.sort(key=lambda pair: -pair[0])
        assert len(beams[b]) == len(every)
        assert beams[b][0].tokens == scored[0][1]
        assert [h.score for h in beams[b]] == pytest.approx([score for score, _ in scored], abs=1e-4)


def test_a_narrow_beam_is_not_exhaustive():
    # The test above can fail: a beam of 1 misses the best sentence of some source.
    model = build(vocabulary=5, sharpness=2.0)
    source, lengths = sources(5, 30)
    best, narrow = (beam_search(model, source, lengths, width=w, max_length=3) for w in (125, 1))
    assert any(b[0].tokens != n[0].tokens for b, n in zip(best, narrow, strict=True))


def test_n_best_is_ranked_scored_and_distinct(model):
    source, lengths = sources(12, 10)
    for beams in beam_search(model, source, lengths, width=5, length_penalty=0.7, max_length=6):
        assert len(beams) == 5
        assert [h.score for h in beams] == sorted((h.score for h in beams), reverse=True)
        assert len({(tuple(h.tokens), h.finished) for h in beams}) == 5
        for h in beams:
            assert EOS not in h.tokens and len(h.tokens) + h.finished <= 6
            assert h.score == pytest.approx(h.log_probability / (len(h.tokens) + h.finished) ** 0.7)


def test_scores_are_the_models_log_probabilities(model):
    # So every tensor of the state has followed its beam.
    with torch.no_grad():
        getattr(model, "decoder", model).output.bias[PAD] = -1e4  # `log_probability` leaves <pad> out
    source, lengths = sources(12, 10)
    beams = beam_search(model, source, lengths, width=5, max_length=6)
    columns, hypotheses = zip(*((b, h) for b, hypotheses in enumerate(beams) for h in hypotheses), strict=True)
    assert any(len(h.tokens) > 1 for h in hypotheses)
    target = padded([h.tokens for h in hypotheses], 6)
    expected = log_probability(model, source[:, columns], target, lengths[[*columns]])
    assert [h.log_probability for h in hypotheses] == pytest.approx(expected.tolist(), abs=1e-4)


@pytest.mark.parametrize("seed", range(3))
def test_the_mean_score_does_not_fall_as_the_beam_widens(kind, seed):
    model = build(kind, seed=seed)
    source, lengths = sources(12, 200, seed=seed)
    searches = [beam_search(model, source, lengths, width=width, max_length=8) for width in (1, 2, 4, 8)]
    means = [sum(hypotheses[0].score for hypotheses in beams) / 200 for beams in searches]
    assert means == sorted(means) and means[-1] > means[0]


def test_length_penalty_lengthens():
    model = build(sharpness=2.0)
    source, lengths = sources(12, 100)
    searches = [beam_search(model, source, lengths, width=8, length_penalty=a, max_length=12) for a in (0.0, 1.0)]
    short, long = (sum(len(hypotheses[0].tokens) for hypotheses in beams) for beams in searches)
    assert long > short


def test_a_source_longer_than_any_other_is_translated(model):
    source = torch.randint(3, 12, (300, 1), generator=torch.Generator().manual_seed(0))
    assert len(greedy(model, source, max_length=10)) <= 10
    assert math.isfinite(beam_search(model, source, max_length=10)[0][0].score)


def test_searching_leaves_the_model_as_it_was(model):
    source, lengths = sources(12, 4)
    assert torch.equal(greedy(model.train(), source, lengths, 5), greedy(model, source, lengths, 5))  # dropout is off
    beam_search(model, source, lengths, max_length=5)
    assert model.training
    model.eval()
    greedy(model, source, lengths, 5)
    assert not model.training
    with pytest.raises(RuntimeError, match="boom"), decoding.evaluating(model.train()):
        raise RuntimeError("boom")
    assert model.training


def test_samples_follow_the_models_own_probabilities(model):
    source, lengths = (part[..., :1] for part in sources(12, 4))
    many, count = source.expand(-1, 4000), 4000
    ids = sample(model, many, lengths.expand(count), 1, torch.Generator().manual_seed(0))
    start = torch.full((2, 1), SOS)
    with torch.no_grad():
        expected = teacher_forced(model.eval(), source, start, lengths)[0][0, 0].softmax(dim=-1)
    shares = ids[0].bincount(minlength=12) / count
    assert (shares - expected).abs().max() < 4 * 0.5 / math.sqrt(count)  # four standard errors at most


def test_samples_end_like_greedy_search_and_repeat_with_their_seed(model):
    source, lengths = sources(12, 20)
    first, again = (sample(model, source, lengths, 8, torch.Generator().manual_seed(3)) for _ in range(2))
    assert torch.equal(first, again) and len(first) <= 8
    ended = torch.cat([torch.zeros(1, 20), (first == EOS).cumsum(0)[:-1]]) > 0
    assert torch.all(first[ended] == PAD)


def test_a_low_temperature_draws_what_greedy_search_takes(model):
    source, lengths = sources(12, 20)
    cold = sample(model, source, lengths, 8, torch.Generator().manual_seed(0), temperature=1e-4)
    assert torch.equal(cold, greedy(model, source, lengths, 8))
    with pytest.raises(ValueError, match="temperature must be positive, not 0"):
        sample(model, source, lengths, temperature=0)


@pytest.mark.parametrize(
    ("search", "options"),
    [
        (sample, {"max_length": 0}),
        (greedy, {"max_length": 0}),
        (beam_search, {"max_length": 0}),
        (beam_search, {"width": 0}),
    ],
)
def test_bad_limits_are_refused(search, options):
    with pytest.raises(ValueError, match="at least 1"):
        search(build(), *sources(12, 2), **options)


@pytest.mark.parametrize("kind", ["plain", "attention"])
def test_no_default_device(model):
    source, lengths = sources(12, 4)
    with torch.device("meta"):
        ids = greedy(model, source, lengths, 5)
        beams = beam_search(model, source, lengths, max_length=5)
    assert ids.device.type == "cpu" and len(beams) == 4


def test_the_timed_runs_give_the_same_numbers_and_leave_the_mode():
    model = build().train()
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
