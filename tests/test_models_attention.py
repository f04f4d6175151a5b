import pytest
import torch
from torch.nn import functional

from course_utils.models.attention import (
    Additive,
    General,
    PositionScore,
    ScaledGeneral,
    attend,
    attention,
    dot,
    scaled_dot,
    uniform,
)

B, T, S, D, V = 3, 4, 6, 8, 5
SCORES = {
    "dot": lambda: dot,
    "scaled_dot": lambda: scaled_dot,
    "general": lambda: General(D, D),
    "scaled_general": lambda: ScaledGeneral(D, D),
    "additive": lambda: Additive(D, D, 7),
}


@pytest.fixture
def arrays():
    generator = torch.Generator().manual_seed(0)
    shapes = [(B, T, D), (B, S, D), (B, S, V)]
    return [torch.randn(shape, generator=generator, requires_grad=True) for shape in shapes]


@pytest.fixture
def mask():
    lengths = torch.tensor([6, 3, 1])
    return (torch.arange(S) < lengths[:, None]).unsqueeze(1)  # (B, 1, S)


@pytest.fixture(params=SCORES)
def score(request):
    torch.manual_seed(0)
    return SCORES[request.param]()


def _like(score, **kwargs):
    return score.to(**kwargs) if isinstance(score, torch.nn.Module) else score


def _assert_like_torch(compute, arrays, mask):
    """Compare values and gradients with torch's own attention, weighted so that no gradient cancels."""
    expected = functional.scaled_dot_product_attention(*arrays, attn_mask=mask)
    context = compute(*arrays, mask)
    weight = torch.linspace(-1, 1, expected.numel()).reshape(expected.shape)
    torch.testing.assert_close(context, expected)
    gradients = [torch.autograd.grad((result * weight).sum(), arrays) for result in (context, expected)]
    torch.testing.assert_close(*gradients, atol=1e-5, rtol=1e-4)


def test_equals_torch_in_value_and_gradient(arrays, mask):
    for allowed in (None, mask, mask.expand(B, T, S)):
        _assert_like_torch(lambda *a: attention(*a)[0], arrays, allowed)


MUTANTS = {
    "unscaled": lambda q, k, v, m: attention(q, k, v, m, dot)[0],
    "softmax over the queries": lambda q, k, v, m: scaled_dot(q, k).softmax(-2).masked_fill(~m, 0) @ v,
    "no mask": lambda q, k, v, m: attention(q, k, v)[0],
    "mask the wrong way round": lambda q, k, v, m: attention(q, k, v, ~m)[0].nan_to_num(),
    "mask after the softmax": lambda q, k, v, m: scaled_dot(q, k).softmax(-1).masked_fill(~m, 0) @ v,
    "scores that ignore the memory": lambda q, k, v, m: attention(q, 0 * k, v, m)[0],
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_parity_catches(mutant, arrays, mask):
    with pytest.raises(AssertionError):
        _assert_like_torch(MUTANTS[mutant], arrays, mask)


def test_parity_catches_query_and_key_swapped(arrays):
    square = [x[:, :T].detach().requires_grad_() for x in arrays]
    _assert_like_torch(lambda q, k, v, m: attention(q, k, v)[0], square, None)
    with pytest.raises(AssertionError):
        _assert_like_torch(lambda q, k, v, m: attention(k, q, v)[0], square, None)


def test_weights_are_a_distribution_and_zero_on_padding(arrays, mask, score):
    query, key, value = arrays
    context, weights = attention(query, key, value, mask, score)
    assert context.shape == (B, T, V) and weights.shape == (B, T, S)
    torch.testing.assert_close(weights.sum(-1), torch.ones(B, T))
    assert weights.min() >= 0
    assert torch.all(weights[~mask.expand_as(weights)] == 0)
    assert torch.all(weights[mask.expand_as(weights)] > 0)


def test_padding_changes_nothing(arrays, mask, score):
    query, key, value = arrays
    alone, _ = attention(query[1:2], key[1:2, :3], value[1:2, :3], score=score)
    noisy = [torch.where(mask[1:2].transpose(1, 2), x[1:2], 1e4) for x in (key, value)]
    together, _ = attention(query[1:2], *noisy, mask[1:2], score)
    torch.testing.assert_close(together, alone)


def test_every_score_reaches_query_key_and_parameters(arrays, mask, score):
    query, key, value = arrays
    parameters = list(score.parameters()) if isinstance(score, torch.nn.Module) else []
    _, weights = attention(query, key, value, mask, score)
    for gradient in torch.autograd.grad(weights.square().sum(), [query, key, *parameters]):
        assert torch.isfinite(gradient).all() and gradient.abs().max() > 0


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_half_and_double_precision(arrays, mask, score, dtype):
    reference = attention(*arrays, mask, score)[0]
    context, weights = attention(*(x.to(dtype) for x in arrays), mask, _like(score, dtype=dtype))
    assert context.dtype == weights.dtype == dtype
    assert torch.all(weights[~mask.expand_as(weights)] == 0)
    tolerance = {torch.float16: 1e-2, torch.bfloat16: 1e-1, torch.float64: 1e-5}[dtype]
    torch.testing.assert_close(context.float(), reference, atol=tolerance, rtol=tolerance)


def test_one_query_and_one_key(arrays, score):
    query, key, value = arrays
    context, weights = attention(query[:, :1], key[:, :1], value[:, :1], score=score)
    torch.testing.assert_close(weights, torch.ones(B, 1, 1))
    torch.testing.assert_close(context, value[:, :1])


def test_no_batch_and_two_batch_dimensions(arrays, score):
    query, key, value = arrays
    context, weights = attention(query[0], key[0], value[0], score=score)
    assert weights.shape == (T, S)
    contexts, _ = attention(*(torch.stack([x, x]) for x in arrays), score=score)
    torch.testing.assert_close(contexts[1, 0], context)


def test_attention_is_a_set_operation(arrays, mask, score):
    query, key, value = arrays
    order = torch.tensor([4, 2, 0, 5, 1, 3])
    expected, _ = attention(query, key, value, mask, score)
    permuted, _ = attention(query, key[:, order], value[:, order], mask[..., order], score)
    torch.testing.assert_close(permuted, expected)
    against, _ = attention(query, key, value[:, order], mask, score)
    assert not torch.allclose(against, expected, atol=1e-2)


def test_widths():
    query, key, value = torch.ones(2, 3), torch.ones(4, 5), torch.ones(4, 9)
    for score in (dot, scaled_dot):
        with pytest.raises(ValueError, match="one width, not 3 and 5: use General or Additive"):
            attention(query, key, value, score=score)
    for score in (General(3, 5), Additive(3, 5, 7)):
        assert attention(query, key, value, score=score)[0].shape == (2, 9)


def test_scores_by_hand():
    query, key = torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, 4.0], [5.0, 6.0]])
    torch.testing.assert_close(dot(query, key), torch.tensor([[11.0, 17.0]]))
    torch.testing.assert_close(scaled_dot(query, key), torch.tensor([[11.0, 17.0]]) / 2**0.5)
    general, additive = General(2, 2), Additive(2, 2, 3)
    W = general.project.weight
    torch.testing.assert_close(general(query, key)[0, 1], query[0] @ W @ key[1])
    W, U, v = additive.from_query.weight, additive.from_key.weight, additive.v.weight[0]
    torch.testing.assert_close(additive(query, key)[0, 1], v @ torch.tanh(W @ query[0] + U @ key[1]))


def test_nothing_is_created_on_a_default_device(arrays, mask, score):
    with torch.device("meta"):
        context, _ = attention(*arrays, mask, score)
        context.sum().backward()
    assert context.device.type == "cpu"
    context, weights = attention(*(x.to("meta") for x in arrays), mask.to("meta"), _like(score, device="meta"))
    assert context.device.type == weights.device.type == "meta"


def test_attend_is_attention_sentence_by_sentence():
    lengths = torch.tensor([6, 3, 1])
    query, memory = torch.randn(T, B, D), torch.randn(S, B, D)
    context, weights = attend(query, memory, torch.arange(S)[:, None] < lengths)
    for b, length in enumerate(lengths):
        alone = functional.scaled_dot_product_attention(query[:, b], memory[:length, b], memory[:length, b])
        torch.testing.assert_close(context[:, b], alone)
    assert weights.shape == (T, B, S)


def test_the_specimen_never_reads_a_key():
    torch.manual_seed(0)
    score, query, key = PositionScore(D, 9), torch.randn(2, 3, D), torch.randn(2, 5, D)
    assert score(query, key).shape == (2, 3, 5)
    torch.testing.assert_close(score(query, key), score(query, torch.randn(2, 5, D)))
    with pytest.raises(ValueError, match="knows 9 positions, but the source has 10 words"):
        score(query, torch.randn(2, 10, D))
    with pytest.raises(ValueError, match="at least 1"):
        PositionScore(D, 0)
    for dtype in (torch.float16, torch.float64):
        assert score.to(dtype)(query.to(dtype), key.to(dtype)).dtype == dtype


def test_scaled_general_with_the_identity_is_scaled_dot(arrays):
    score = ScaledGeneral(D, D)
    torch.nn.init.eye_(score.project.weight)
    torch.testing.assert_close(score(*arrays[:2]), scaled_dot(*arrays[:2]))
    with pytest.raises(ValueError, match="one width"):
        ScaledGeneral(D + 1, D)(*arrays[:2])


def test_uniform_weights_are_equal_on_words_of_any_widths(arrays, mask):
    query, key, value = arrays
    context, weights = attention(query[..., :3], key, value, mask, uniform)
    torch.testing.assert_close(weights, (mask / mask.sum(dim=-1, keepdim=True)).expand(B, T, S))
    torch.testing.assert_close(context[1, 0], value[1, :3].mean(dim=0))
