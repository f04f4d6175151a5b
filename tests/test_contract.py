"""The contract of every decoder, kept by decoders that the package does not contain.

`test_models_decoding.py` searches with them.
"""

import pytest
import torch
from torch import nn

from course_utils.datasets.corpus import Translations
from course_utils.datasets.text import Pair
from course_utils.explorers import attention_explorer, translation_explorer
from course_utils.measure import alignment, interventions
from course_utils.measure.translation import Translator, batch_loss
from course_utils.models.attention import attend, scaled_dot
from course_utils.models.training import fit

H = 8


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

    def __init__(self, sources, targets):
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

    def __init__(self, sources, targets):
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

    def __init__(self, sources, targets):
        super().__init__()
        self.encoder, self.words, self.output = Encoder(sources), nn.Embedding(targets, H), nn.Linear(H, targets)

    def encode(self, source, lengths=None):
        return (), (self.encoder(source)[0][-1:],)

    def decode(self, x, state, memory):
        steps = self.words(x.reshape(-1, x.shape[-1])) + memory[0]
        return self.output(steps.tanh()).reshape(*x.shape, -1), (), None


PAIRS = [Pair(list(text), list(text.upper())) for text in ("abc", "ba", "cab", "c", "acb", "bca")]


@pytest.mark.parametrize("kind", [AttentionGRU, DeepLSTM, Stateless])
def test_it_trains_translates_and_is_shown(kind):
    data = Translations(PAIRS * 8, PAIRS, PAIRS, source_language="small", target_language="large", batch_size=8)
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
