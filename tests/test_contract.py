"""The contract of every decoder, kept by decoders that the package does not contain."""

import itertools

import pytest
import torch
from torch import nn

from course_utils.datasets.corpus import Translations
from course_utils.datasets.special_tokens import EOS, SOS
from course_utils.datasets.text import Pair
from course_utils.explorers import attention_explorer, translation_explorer
from course_utils.measure import alignment, interventions
from course_utils.measure.translation import Translator, batch_loss
from course_utils.models.attention import attend, scaled_dot
from course_utils.models.decoding import beam_search, greedy, log_probability, teacher_forced, until_eos
from course_utils.models.training import fit

V, H = 6, 8


class Encoder(nn.Module):
    """The mean of the words so far: states `(S, B, H)` without any recurrent layer."""

    def __init__(self, vocabulary):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, H)

    def forward(self, source):
        mask = source != 0
        embedded = self.embedding(source) * mask.unsqueeze(-1)
        return embedded.cumsum(dim=0) / mask.cumsum(dim=0).clamp(min=1).unsqueeze(-1), mask


class AttentionGRU(nn.Module):
    """A state of one tensor, a memory of two, and two heads: weights `(…, layers, heads, S)`."""

    def __init__(self, sources=V, targets=V):
        super().__init__()
        self.encoder, self.words = Encoder(sources), nn.Embedding(targets, H)
        self.gru, self.output, self.attend = nn.GRU(H, H), nn.Linear(3 * H, targets), attend

    def encode(self, source, lengths=None):
        states, mask = self.encoder(source)
        return (states[-1:].contiguous(),), (states, mask)

    def decode(self, x, state, memory):
        steps, state = self.gru(self.words(x.reshape(-1, x.shape[-1])), state[0])
        heads = [self.attend(query, *memory, scaled_dot) for query in (steps, -steps)]
        logits = self.output(torch.cat([steps, *(context for context, _ in heads)], dim=-1))
        weights = torch.stack([weights for _, weights in heads], dim=-2).unsqueeze(-3)
        return logits.reshape(*x.shape, -1), (state,), weights.reshape(*x.shape, 1, 2, -1)


class DeepLSTM(nn.Module):
    """A state of three tensors: two layers' hidden and cell, and a count of the steps; no memory."""

    def __init__(self, sources=V, targets=V):
        super().__init__()
        self.encoder, self.words = Encoder(sources), nn.Embedding(targets, H)
        self.lstm, self.output = nn.LSTM(H, H, 2), nn.Linear(H + 1, targets)

    def encode(self, source, lengths=None):
        last = self.encoder(source)[0][-1:]
        return (last.repeat(2, 1, 1), last.repeat(2, 1, 1).tanh(), torch.zeros_like(last[..., :1])), ()

    def decode(self, x, state, memory):
        hidden, cell, count = state
        steps, (hidden, cell) = self.lstm(self.words(x.reshape(-1, x.shape[-1])), (hidden, cell))
        counts = count + torch.arange(1, len(steps) + 1).view(-1, 1, 1)
        logits = self.output(torch.cat([steps, counts.sin()], dim=-1))
        return logits.reshape(*x.shape, -1), (hidden, cell, counts[-1:]), None


class Stateless(nn.Module):
    """No state at all: the next word depends on the last one and on the source."""

    def __init__(self, sources=V, targets=V):
        super().__init__()
        self.encoder, self.words, self.output = Encoder(sources), nn.Embedding(targets, H), nn.Linear(H, targets)

    def encode(self, source, lengths=None):
        return (), (self.encoder(source)[0][-1:],)

    def decode(self, x, state, memory):
        steps = self.words(x.reshape(-1, x.shape[-1])) + memory[0]
        return self.output(steps.tanh()).reshape(*x.shape, -1), (), None


@pytest.fixture(params=[AttentionGRU, DeepLSTM, Stateless])
def model(request):
    torch.manual_seed(0)
    model = request.param()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter *= 3
    return model.eval()


SOURCE = torch.tensor([[4, 5, 4, 3], [5, 4, 0, 5], [3, 0, 0, 5]])


def test_one_call_equals_one_call_per_token(model):
    target = torch.randint(3, V, (5, 4), generator=torch.Generator().manual_seed(0))
    state, memory = model.encode(SOURCE)
    whole, steps = teacher_forced(model, SOURCE, target)[0], []
    for x in target[:-1]:
        logits, state, _ = model.decode(x, state, memory)
        steps.append(logits)
    torch.testing.assert_close(torch.stack(steps), whole)


def test_a_beam_of_one_is_greedy(model):
    expected = until_eos(greedy(model, SOURCE, max_length=6))
    assert [[h.tokens for h in beams] for beams in beam_search(model, SOURCE, width=1, max_length=6)] == [
        [tokens] for tokens in expected
    ]


def test_a_beam_as_wide_as_all_prefixes_is_exhaustive(model):
    limit = 3
    others = [token for token in range(V) if token != EOS]
    every = [s for n in range(limit + 1) for s in itertools.product(others, repeat=n)]
    beams = beam_search(model, SOURCE, width=V**limit, max_length=limit)
    for b, hypotheses in enumerate(beams):
        scores = {}
        for tokens in every:  # `<pad>` is a token like any other: score without masking it
            target = torch.tensor([SOS, *tokens, *([EOS] if len(tokens) < limit else [])])[:, None]
            log_p = teacher_forced(model, SOURCE[:, b : b + 1], target)[0][:, 0].log_softmax(dim=-1)
            scores[tokens] = log_p.gather(-1, target[1:]).sum().item()
        best = max(scores, key=scores.get)
        assert len(hypotheses) == len(every) and tuple(hypotheses[0].tokens) == best
        assert hypotheses[0].log_probability == pytest.approx(scores[best], abs=1e-4)


def test_every_tensor_of_the_state_follows_its_beam(model):
    beams = beam_search(model, SOURCE, width=5, max_length=6)
    for b, hypotheses in enumerate(beams):
        for h in hypotheses:
            if 0 not in h.tokens:
                target = torch.tensor([SOS, *h.tokens, *([EOS] if h.finished else [])])[:, None]
                alone = log_probability(model, SOURCE[:, b : b + 1], target)
                assert h.log_probability == pytest.approx(alone.item(), abs=1e-4)


PAIRS = [Pair(list(text), list(text.upper())) for text in ("abc", "ba", "cab", "c", "acb", "bca")]


@pytest.fixture(scope="module")
def data():
    return Translations(PAIRS * 8, PAIRS, PAIRS, source_language="small", target_language="large", batch_size=8)


@pytest.mark.parametrize("kind", [AttentionGRU, DeepLSTM, Stateless])
def test_it_trains_translates_and_is_shown(kind, data):
    torch.manual_seed(0)
    model = kind(len(data.source_words), len(data.target_words))
    history = fit(model, data.batches(), batch_loss, epochs=30)
    assert history.loss[-1] < 0.7 * history.loss[0]
    translator = Translator(model, data)
    panel = translation_explorer(translator, "a b c")
    assert not panel.status.failed and len(translator.beam_search([["a"]], 3)[0]) == 3
    if kind is not AttentionGRU:
        with pytest.raises(ValueError, match="none of its modules has an attribute `attend`"):
            interventions.intervened(model, interventions.uniform).__enter__()
        with pytest.raises(ValueError, match="its decoder has no weights"):
            alignment.forced_weights(translator, PAIRS)
        return
    weights = alignment.forced_weights(translator, PAIRS)
    assert [w.shape for w in weights] == [(len(p.target) + 1, len(p.source)) for p in PAIRS]
    assert all(w.sum(axis=1) == pytest.approx(1, abs=1e-5) for w in weights)
    with interventions.intervened(model, interventions.uniform):
        assert alignment.forced_weights(translator, PAIRS[:1])[0] == pytest.approx(1 / 3, abs=1e-5)
    assert not attention_explorer({"small": (translator, PAIRS)}).status.failed
