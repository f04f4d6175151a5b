import pytest
import torch

from course_utils.models.attention import (
    Additive,
    AttentionDecoderLSTM,
    AttentionSeq2Seq,
    EarlyAttentionDecoderLSTM,
    General,
    PositionScore,
    ResidualEncoderLSTM,
    dot,
    scaled_dot,
)
from course_utils.models.seq2seq import EncoderLSTM

SOURCES, TARGETS, H = 11, 13, 6
SCORES = {
    "dot": lambda: dot,
    "scaled_dot": lambda: scaled_dot,
    "general": lambda: General(H, H),
    "additive": lambda: Additive(H, H, 5),
    "position": lambda: PositionScore(H, 9),
}
SOURCE = torch.tensor([[5, 9, 4], [6, 10, 0], [7, 0, 0], [8, 0, 0]])  # lengths 4, 2, 1
TARGET = torch.tensor([[1, 1, 1], [5, 6, 12], [7, 2, 8], [2, 0, 9], [0, 0, 2]])


@pytest.fixture(params=SCORES)
def score(request):
    torch.manual_seed(0)
    return SCORES[request.param]()


@pytest.fixture(params=[AttentionDecoderLSTM, EarlyAttentionDecoderLSTM])
def decoder_class(request):
    return request.param


def build(decoder_class, score=scaled_dot, encoder=ResidualEncoderLSTM, num_layers=1, p=0.0):
    torch.manual_seed(0)
    sizes = (H, H, num_layers, p)
    return AttentionSeq2Seq(encoder(SOURCES, *sizes), decoder_class(TARGETS, *sizes, TARGETS, score=score))


def test_both_orders_keep_the_contract_with_every_score(decoder_class, score):
    model = build(decoder_class, score)
    state, memory = model.encode(SOURCE)
    predictions, (hidden, cell), weights = model.decode(TARGET[:-1], state, memory)
    assert predictions.shape == (4, 3, TARGETS) and hidden.shape == cell.shape == (1, 3, H)
    torch.testing.assert_close(weights.sum(-1), torch.ones(4, 3))
    assert torch.all(weights.transpose(0, 1)[(SOURCE == 0).T.unsqueeze(1).expand(3, 4, 4)] == 0)
    step, _, row = model.decode(TARGET[0], state, memory)
    torch.testing.assert_close((step, row), (predictions[0], weights[0]))


def test_one_call_equals_one_call_per_token(decoder_class):
    model = build(decoder_class, num_layers=2, p=0.3).eval()
    state, memory = model.encode(SOURCE)
    whole, steps = model.decode(TARGET[:-1], state, memory)[0], []
    for x in TARGET[:-1]:
        step, state, _ = model.decode(x, state, memory)
        steps.append(step)
    torch.testing.assert_close(torch.stack(steps), whole)


def test_padding_never_changes_a_result(decoder_class, score):
    model = build(decoder_class, score).eval()
    together = model(SOURCE, TARGET)
    for b, length in enumerate((4, 2, 1)):
        alone = model(SOURCE[:length, b : b + 1], TARGET[:, b : b + 1])
        torch.testing.assert_close(alone[:, 0], together[:, b])


def test_every_parameter_learns(decoder_class, score):
    model = build(decoder_class, score)
    model(SOURCE, TARGET).square().mean().backward()
    for name, weight in model.named_parameters():
        assert weight.grad is not None and weight.grad.abs().max() > 0, name


def test_early_context_reaches_the_step():
    # Bahdanau's order: another memory changes the state, not only the output; Luong's leaves the state alone.
    for decoder_class, changes in ((EarlyAttentionDecoderLSTM, True), (AttentionDecoderLSTM, False)):
        model = build(decoder_class)
        state, (memory, mask) = model.encode(SOURCE)
        _, (first, _), _ = model.decode(TARGET[0], state, (memory, mask))
        _, (second, _), _ = model.decode(TARGET[0], state, (-memory, mask))
        assert torch.allclose(first, second) != changes


def test_residual_memory_is_state_plus_embedding_and_zero_on_padding():
    torch.manual_seed(0)
    encoder = ResidualEncoderLSTM(SOURCES, H, H, 1, 0.0)
    memory, hidden, cell = encoder.states(SOURCE)
    plain, *state = EncoderLSTM.states(encoder, SOURCE)
    words = SOURCE != 0
    torch.testing.assert_close(memory[words], plain[words] + encoder.embedding(SOURCE)[words])
    assert torch.all(memory[~words] == 0)
    torch.testing.assert_close([hidden, cell], state)
    with pytest.raises(ValueError, match="one width, not 4 and 6"):
        ResidualEncoderLSTM(SOURCES, 4, H, 1, 0.0)


def test_the_specimen_never_reads_a_key():
    torch.manual_seed(0)
    score, query, key = PositionScore(H, 9), torch.randn(2, 3, H), torch.randn(2, 5, H)
    assert score(query, key).shape == (2, 3, 5)
    torch.testing.assert_close(score(query, key), score(query, torch.randn(2, 5, H)))
    with pytest.raises(ValueError, match="knows 9 positions, but the source has 10 words"):
        score(query, torch.randn(2, 10, H))
    with pytest.raises(ValueError, match="at least 1"):
        PositionScore(H, 0)


@pytest.mark.parametrize("dtype", [torch.float16, torch.float64])
def test_the_specimen_in_half_and_double_precision(dtype):
    score = PositionScore(H, 9).to(dtype)
    assert score(torch.randn(1, 1, H, dtype=dtype), torch.randn(1, 1, H, dtype=dtype)).dtype == dtype


def test_nothing_is_created_on_a_default_device(decoder_class, score):
    model = build(decoder_class, score)
    with torch.device("meta"):
        model(SOURCE, TARGET).sum().backward()
    assert all(weight.grad.device.type == "cpu" for weight in model.parameters())
