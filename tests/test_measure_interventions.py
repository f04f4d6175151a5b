import pytest
import torch
from test_models_seq2seq import batch, build

from course_utils.measure import interventions
from course_utils.measure.interventions import INTERVENTIONS, as_one, intervened, tempered, word_order
from course_utils.models.attention import AttentionDecoderLSTM, PositionScore, attend, scaled_dot

MASK = torch.arange(4)[:, None] < torch.tensor([4, 2, 1])


@pytest.fixture
def arrays():
    generator = torch.Generator().manual_seed(0)
    return torch.randn(5, 3, 6, generator=generator), torch.randn(4, 3, 6, generator=generator)


@pytest.fixture(params=INTERVENTIONS)
def attends(request):
    return INTERVENTIONS[request.param]


def test_every_intervention_keeps_shapes_and_distributions(arrays, attends):
    context, weights = attends(*arrays, MASK, scaled_dot)
    assert context.shape == (5, 3, 6) and weights.shape == (5, 3, 4)
    torch.testing.assert_close(weights.sum(-1), torch.ones(5, 3))
    assert torch.isfinite(context).all()


def test_an_order_moves_words_and_leaves_padding(arrays):
    mask = torch.arange(12)[:, None] < torch.tensor([12, 7, 1])
    order = word_order(mask)
    assert torch.equal(order, word_order(mask)) and not torch.equal(order, word_order(mask, seed=1))
    for b, length in enumerate((12, 7, 1)):
        assert sorted(order[:length, b].tolist()) == list(range(length))
        assert order[length:, b].tolist() == list(range(length, 12))
    assert order[:, 0].tolist() != list(range(12))


def test_the_beams_of_a_sentence_all_get_what_the_first_gets(arrays, attends):
    query, memory = arrays[0], arrays[1][:, :1].expand(-1, 3, -1)
    whole = torch.ones(4, 3, dtype=torch.bool)
    context, weights = as_one(attends)(query, memory, whole, scaled_dot)
    for beam in range(3):
        one = attends(query[:, beam : beam + 1], memory[:, :1], whole[:, :1], scaled_dot)
        torch.testing.assert_close((context[:, beam : beam + 1], weights[:, beam : beam + 1]), one)
    if attends is INTERVENTIONS["values_permuted"]:
        assert not torch.allclose(context, attends(query, memory, whole, scaled_dot)[0]), "else beams differ"


def test_permuting_keys_and_values_together_changes_nothing(arrays):
    permuted = interventions.permuted_together(*arrays, MASK, scaled_dot)
    torch.testing.assert_close(permuted, attend(*arrays, MASK, scaled_dot))


def test_permuting_together_unmasks_the_specimen(arrays):
    torch.manual_seed(0)
    score = PositionScore(6, 4)
    moved, _ = interventions.permuted_together(*arrays, MASK, score)
    assert (moved - attend(*arrays, MASK, score)[0])[:, 0].abs().max() > 0.05


def test_values_permuted_keep_the_weights_and_change_the_context(arrays):
    context, weights = interventions.values_permuted(*arrays, MASK, scaled_dot)
    expected, same = attend(*arrays, MASK, scaled_dot)
    torch.testing.assert_close(weights, same)
    assert (context - expected)[:, 0].abs().max() > 0.05
    torch.testing.assert_close(context[:, 2], expected[:, 2])  # one word has no other order


def test_uniform_weights_are_one_over_the_length(arrays):
    _, weights = interventions.uniform(*arrays, MASK, scaled_dot)
    for b, length in enumerate((4, 2, 1)):
        torch.testing.assert_close(weights[:, b, :length], torch.full((5, length), 1 / length))


def test_another_memory_is_the_next_sentences(arrays):
    query, memory = arrays
    context, _ = interventions.other_memory(query, memory, MASK, scaled_dot)
    expected, _ = attend(query[:, :1], memory[:, 1:2], MASK[:, 1:2], scaled_dot)
    torch.testing.assert_close(context[:, :1], expected)


def test_the_strongest_word_is_hidden_unless_it_is_the_only_one(arrays):
    _, before = attend(*arrays, MASK, scaled_dot)
    _, after = interventions.strongest_hidden(*arrays, MASK, scaled_dot)
    strongest = before.argmax(-1, keepdim=True)
    assert torch.all(after.gather(-1, strongest)[:, :2] == 0)
    torch.testing.assert_close(after[:, 2], before[:, 2])


def test_temperature(arrays):
    _, weights = attend(*arrays, MASK, scaled_dot)
    _, same = tempered(attend, 1.0)(*arrays, MASK, scaled_dot)
    _, sharp = tempered(attend, 0.1)(*arrays, MASK, scaled_dot)
    torch.testing.assert_close(same, weights)
    assert torch.all(sharp.amax(-1) >= weights.amax(-1) - 1e-6)
    with pytest.raises(ValueError, match="must be positive, not 0"):
        tempered(attend, 0)


def test_a_model_attends_as_told_inside_the_block_and_as_before_after_it():
    model, tensors = build(AttentionDecoderLSTM).eval(), batch()
    before = model(*tensors)
    with intervened(model, interventions.permuted_together):
        torch.testing.assert_close(model(*tensors), before)
    with pytest.raises(RuntimeError, match="stop"), intervened(model, interventions.uniform):
        assert not torch.allclose(model(*tensors), before)
        raise RuntimeError("stop")
    torch.testing.assert_close(model(*tensors), before, atol=0, rtol=0)


def test_nothing_is_created_on_a_default_device(arrays, attends):
    with torch.device("meta"):
        context, _ = attends(*arrays, MASK, scaled_dot)
    assert context.device.type == "cpu"
