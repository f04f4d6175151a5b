"""The Transformer: equal to torch's own layers, blind to order and to the future where it should be, and decodable."""

import pytest
import torch
from torch import nn

from course_utils.datasets.special_tokens import EOS, PAD, SOS
from course_utils.models import transformer
from course_utils.models.decoding import beam_search, greedy, log_probability, teacher_forced
from course_utils.models.seq2seq import check_batch
from course_utils.models.transformer import (
    POSITIONS,
    CrossAttention,
    DecoderOnly,
    MultiheadAttention,
    Transformer,
    TransformerDecoder,
    TransformerDecoderLayer,
    TransformerEncoder,
    TransformerEncoderLayer,
    causal_mask,
    merge_heads,
    rotate,
    sinusoids,
    split_heads,
)

T, S, B, E, N = 5, 6, 3, 16, 4
WORDS = torch.arange(S)[:, None] < torch.tensor([6, 4, 1])  # (S, B)
SOURCE = torch.randint(4, 11, (S, B), generator=torch.Generator().manual_seed(1)).masked_fill(~WORDS, PAD)
TARGET = torch.tensor([[SOS, SOS, SOS], [5, 7, 4], [6, EOS, 8], [8, PAD, 4], [EOS, PAD, EOS]])
SIZES = {"d_model": E, "nhead": N, "num_layers": 2, "dim_feedforward": 16, "dropout": 0.0}


def translator(**options):
    torch.manual_seed(0)
    options = SIZES | options
    return Transformer(TransformerEncoder(11, **options), TransformerDecoder(9, **options)).eval()


def decoder_only(**options):
    torch.manual_seed(0)
    return DecoderOnly(11, 9, **(SIZES | options)).eval()


MODELS = {"translator": translator, "decoder_only": decoder_only}


@pytest.fixture(params=MODELS)
def build(request):
    return MODELS[request.param]


@pytest.fixture(params=[torch.float32, torch.float64], ids=str)
def arrays(request):
    generator = torch.Generator().manual_seed(0)
    shapes = (T, B, E), (S, B, E), (S, B, E)
    return [torch.randn(shape, generator=generator, dtype=request.param).requires_grad_() for shape in shapes]


def twins(mine, torchs, dtype):
    """Give both the same weights, none of them zero."""
    torchs = torchs.to(dtype)
    with torch.no_grad():
        for number, parameter in enumerate(torchs.parameters()):
            noise = torch.randn(parameter.shape, generator=torch.Generator().manual_seed(number), dtype=dtype)
            parameter.add_(0.3 * noise)
    mine.to(dtype).load_state_dict(torchs.state_dict())
    return mine, torchs


def assert_twins(mine, torchs, outputs, expected, inputs):
    """Compare outputs and the gradients of inputs and parameters, weighted so that no gradient cancels."""
    tolerance = {"atol": 1e-10, "rtol": 1e-8} if expected.dtype == torch.float64 else {"atol": 2e-5, "rtol": 1e-4}
    torch.testing.assert_close(outputs, expected, **tolerance)
    weight = torch.linspace(-1, 1, expected.numel(), dtype=expected.dtype).reshape(expected.shape)
    names = [name for name, _ in torchs.named_parameters()]
    for result, module in ((outputs, mine), (expected, torchs)):
        module.zero_grad()
        gradients = torch.autograd.grad(
            (result * weight).sum(), [*inputs, *map(dict(module.named_parameters()).get, names)]
        )
        if module is mine:
            mine_gradients = gradients
    torch.testing.assert_close(mine_gradients, gradients, **tolerance)


MASKS = {
    "all": None,
    "padding": WORDS.T.unsqueeze(1),
    "padding, of each step its own": WORDS.T.unsqueeze(1) & (torch.arange(S) <= torch.arange(T)[:, None] + 1),
}


@pytest.mark.parametrize("name", MASKS)
@pytest.mark.parametrize("heads", [1, N, E])
def test_multihead_attention_is_torchs(arrays, heads, name):
    mine, torchs = twins(MultiheadAttention(E, heads), nn.MultiheadAttention(E, heads), arrays[0].dtype)
    mask = MASKS[name]
    forbidden = None if mask is None else (~mask).expand(B, T, S).repeat_interleave(heads, dim=0)
    expected, weights = torchs(*arrays, attn_mask=forbidden, average_attn_weights=False)
    output, looked, _ = mine(*arrays, mask)
    torch.testing.assert_close(looked, weights.permute(2, 0, 1, 3), atol=1e-5, rtol=1e-4)
    assert_twins(mine, torchs, output, expected, arrays)


@pytest.mark.parametrize("heads", [1, N, E])
def test_cross_attention_is_torchs_though_it_projects_nothing_of_the_memory(arrays, heads):
    query, memory, _ = arrays
    mine, torchs = twins(CrossAttention(E, heads), nn.MultiheadAttention(E, heads), query.dtype)
    expected, weights = torchs(query, memory, memory, key_padding_mask=~WORDS.T, average_attn_weights=False)
    output, looked = mine(query, memory, WORDS)
    torch.testing.assert_close(looked, weights.permute(2, 0, 1, 3), atol=1e-5, rtol=1e-4)
    assert_twins(mine, torchs, output, expected, [query, memory])


@pytest.mark.parametrize("norm_first", [True, False])
@pytest.mark.parametrize("causal", [True, False])
def test_the_encoder_layer_is_torchs(arrays, norm_first, causal):
    _, x, _ = arrays
    options = {"dim_feedforward": 16, "dropout": 0.0, "norm_first": norm_first}
    mine, torchs = (kind(E, N, **options) for kind in (TransformerEncoderLayer, nn.TransformerEncoderLayer))
    mine, torchs = twins(mine, torchs, x.dtype)
    mask, ahead = WORDS.T.unsqueeze(1), None
    if causal:
        mask, ahead = mask & causal_mask(S), ~causal_mask(S)
    expected = torchs(x, src_mask=ahead, src_key_padding_mask=~WORDS.T)
    assert_twins(mine, torchs, mine(x, mask)[0], expected, [x])


@pytest.mark.parametrize("norm_first", [True, False])
def test_the_decoder_layer_is_torchs(arrays, norm_first):
    x, memory, _ = arrays
    options = {"dim_feedforward": 16, "dropout": 0.0, "norm_first": norm_first}
    mine, torchs = (kind(E, N, **options) for kind in (TransformerDecoderLayer, nn.TransformerDecoderLayer))
    mine, torchs = twins(mine, torchs, x.dtype)
    expected = torchs(x, memory, tgt_mask=~causal_mask(T), memory_key_padding_mask=~WORDS.T)
    assert_twins(mine, torchs, mine(x, memory, WORDS, causal_mask(T))[0], expected, [x, memory])


FAULTS = {
    "heads split by a view": ("split_heads", lambda x, heads: x.reshape(heads, x.shape[1], x.shape[0], -1)),
    "heads merged by a view": ("merge_heads", lambda x: x.reshape(x.shape[2], x.shape[1], -1)),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_parity_catches(fault, arrays, monkeypatch):
    mine, torchs = twins(MultiheadAttention(E, N), nn.MultiheadAttention(E, N), arrays[0].dtype)
    monkeypatch.setattr(transformer, *FAULTS[fault])
    with pytest.raises(AssertionError):
        torch.testing.assert_close(mine(*arrays)[0], torchs(*arrays)[0])


def test_heads_are_slices_of_the_width_and_come_back():
    x = torch.arange(T * B * E).view(T, B, E)
    heads = split_heads(x, N)
    assert heads.shape == (N, B, T, E // N)
    assert torch.equal(heads[1, 2], x[:, 2, 4:8]) and torch.equal(merge_heads(heads), x)


def test_sinusoids_by_hand():
    table = sinusoids(torch.arange(50.0), 6)
    assert table.shape == (50, 6) and torch.equal(table[0], torch.tensor([0.0, 1, 0, 1, 0, 1]))
    for position in (1, 7, 49):
        for hand in range(3):
            angle = torch.tensor(position / 10000 ** (2 * hand / 6))
            torch.testing.assert_close(
                table[position, 2 * hand : 2 * hand + 2], torch.stack([angle.sin(), angle.cos()])
            )
    # The dot product of two of them depends on their distance alone.
    products = table @ table.T
    torch.testing.assert_close(products[3, 10], products[20, 27])


def test_rotated_scores_depend_on_the_distance_alone():
    generator = torch.Generator().manual_seed(0)
    query, key = (torch.randn(1, 8, generator=generator, dtype=torch.float64) for _ in range(2))

    def score(at, other):
        turned = (rotate(x, torch.tensor([p], dtype=x.dtype)) for x, p in ((query, at), (key, other)))
        return torch.mul(*turned).sum()

    torch.testing.assert_close(score(3, 1), score(33, 31))
    assert (score(3, 1) - score(1, 3)).abs() > 0.01 and (score(3, 1) - score(4, 1)).abs() > 0.01
    torch.testing.assert_close(rotate(query, torch.tensor([5.0])).norm(), query.norm())
    torch.testing.assert_close(rotate(query, torch.tensor([0.0])), query)


@pytest.mark.parametrize("positions", POSITIONS)
def test_without_positions_the_encoder_is_blind_to_order(positions):
    model, order = translator(positions=positions), torch.tensor([3, 1, 0, 2, 4, 5])
    same = SOURCE[:, :2]
    moved = same.gather(0, order[:, None].expand(S, 2))  # the words of both sentences, padding where it was
    before, after = (model.encoder(source)[0] for source in (same, moved))
    gap = (after - before[order]).abs().max()
    assert gap < 1e-5 if positions == "none" else gap > 1e-2
    logits, permuted = (teacher_forced(model, source, TARGET[:, :2])[0] for source in (same, moved))
    assert (gap < 1e-5) == torch.allclose(logits, permuted, atol=1e-5)


@pytest.mark.parametrize("positions", POSITIONS)
def test_no_step_sees_a_later_one(build, positions):
    model, changed = build(positions=positions), TARGET.clone()
    changed[3:] = 4
    before, after = (teacher_forced(model, SOURCE, torch.cat([x, x[-1:]]))[0] for x in (TARGET, changed))
    torch.testing.assert_close(after[:3], before[:3], atol=0, rtol=0)
    assert (after[3:] - before[3:]).abs().max() > 1e-2


@pytest.mark.parametrize("positions", POSITIONS)
@pytest.mark.parametrize("norm_first", [True, False])
@pytest.mark.parametrize("cuts", [(1, 2, 3, 4, 5), (2, 5), (4, 5)])
def test_steps_with_a_cache_are_the_whole_without_one(build, positions, norm_first, cuts):
    model = build(positions=positions, norm_first=norm_first)
    state, memory = model.encode(SOURCE)
    whole, after, weights = model.decode(TARGET, state, memory)
    parts, looked, start = [], [], 0
    for end in cuts:
        x = TARGET[start] if end == start + 1 else TARGET[start:end]
        logits, state, rows = model.decode(x, state, memory)
        assert logits.shape == (*x.shape, 9) and rows.shape == (*x.shape, 2, N, S)
        parts.append(logits.reshape(-1, B, 9))
        looked.append(rows.reshape(-1, B, 2, N, S))
        start = end
    torch.testing.assert_close(torch.cat(parts), whole)
    torch.testing.assert_close(torch.cat(looked), weights)
    torch.testing.assert_close(state, after)


@pytest.mark.parametrize("positions", POSITIONS)
def test_a_sentence_is_translated_as_if_it_were_alone(build, positions):
    model = build(positions=positions)
    together, weights = teacher_forced(model, SOURCE, TARGET)
    for b, length in enumerate((6, 4, 1)):
        alone, rows = teacher_forced(model, SOURCE[:length, b : b + 1], TARGET[:, b : b + 1])
        torch.testing.assert_close(together[:, b : b + 1], alone)
        torch.testing.assert_close(weights[:, b : b + 1, ..., :length], rows)
        assert (weights[:, b, ..., length:] == 0).all()


def test_weights_are_a_distribution_over_the_source():
    _, weights = teacher_forced(translator(), SOURCE, TARGET)
    torch.testing.assert_close(weights.sum(-1), torch.ones(T - 1, B, 2, N))
    _, shares = teacher_forced(decoder_only(), SOURCE, TARGET)
    assert (shares >= 0).all() and (shares.sum(-1) < 1).all()


def test_searches_agree_with_each_other_and_with_forced_scores(build):
    model = build()
    ids = greedy(model, SOURCE, max_length=6)
    hypotheses = beam_search(model, SOURCE, width=3, max_length=6)
    for b, (column, beams) in enumerate(zip(ids.T.tolist(), hypotheses, strict=True)):
        greedy_tokens = column[: column.index(EOS)] if EOS in column else column
        (only,) = beam_search(model, SOURCE, width=1, max_length=6)[b]
        assert only.tokens == greedy_tokens and len(beams) == 3
        for hypothesis in beams:
            target = torch.tensor([[SOS, *hypothesis.tokens, *[EOS] * hypothesis.finished]]).T
            length = int((SOURCE[:, b] != PAD).sum())
            forced = log_probability(model, SOURCE[:length, b : b + 1], target).item()
            assert forced == pytest.approx(hypothesis.log_probability, abs=1e-4)


def test_a_sentence_without_words_is_refused_where_it_comes_in(build):
    empty = torch.cat([SOURCE, torch.zeros_like(SOURCE[:, :1])], dim=1)
    with pytest.raises(ValueError, match="every sentence needs at least one word"):
        build().encode(empty)


def test_ids_are_checked_as_of_any_model():
    check_batch(translator(), SOURCE, TARGET)
    with pytest.raises(ValueError, match="source holds ids from 0 to 99, but the model knows 0 to 10"):
        check_batch(translator(), torch.cat([SOURCE, torch.full_like(SOURCE[:1], 99)]), TARGET)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"nhead": 5}, "5 heads cannot share a width of 16 evenly"),
        ({"d_model": 0}, "at least 1"),
        ({"num_layers": 0}, "at least 1"),
        ({"positions": "alphabetical"}, "not 'alphabetical'"),
        ({"positions": "sinusoidal", "d_model": 9, "nhead": 3}, "even width, not 'sinusoidal' of width 9"),
        ({"positions": "rotary", "d_model": 12}, "even width, not 'rotary' of width 3"),
    ],
)
def test_sizes_are_refused(build, options, message):
    with pytest.raises(ValueError, match=message):
        build(**options)


def test_a_text_longer_than_what_was_learned_is_refused(build):
    model = build(positions="learned")
    with pytest.raises(ValueError, match="has learned 128 positions, but the text has 129"):
        model.encode(torch.full((129, 1), 4))


def test_every_parameter_learns(build):
    for positions in POSITIONS:
        model = build(positions=positions).train()
        teacher_forced(model, SOURCE, TARGET)[0].square().sum().backward()
        silent = [name for name, p in model.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
        assert silent == []


def test_half_precision_and_devices(build):
    for dtype in (torch.float64, torch.bfloat16):
        logits, weights = teacher_forced(build().to(dtype), SOURCE, TARGET)
        assert logits.dtype == weights.dtype == dtype and torch.isfinite(logits).all()
    for positions in POSITIONS:
        model = build(positions=positions)
        with torch.device("meta"):
            logits, _ = teacher_forced(model, SOURCE, TARGET, torch.tensor([6, 4, 1], device="cpu"))
            logits.sum().backward()
            greedy(model, SOURCE, torch.tensor([6, 4, 1], device="cpu"), max_length=3)
        assert logits.device.type == "cpu"
