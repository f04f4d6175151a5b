import math
import warnings

import pytest
import torch
from test_models_attention import SCORES
from test_models_attention import D as H
from torch.nn import functional

from course_utils.models.attention import (
    AttentionDecoderLSTM,
    AttentionSeq2Seq,
    EarlyAttentionDecoderLSTM,
    PositionScore,
    ResidualEncoderLSTM,
    TiedAttentionDecoderLSTM,
)
from course_utils.models.seq2seq import DecoderLSTM, EncoderLSTM, Seq2Seq, check_batch, lengths_of

SOURCES, TARGETS, E = 11, 13, 5
DECODERS = {
    "plain": DecoderLSTM, "attention": AttentionDecoderLSTM, "attention first": EarlyAttentionDecoderLSTM,
    "tied": TiedAttentionDecoderLSTM,
}  # fmt: skip


def build(decoder=DecoderLSTM, num_layers=1, p=0.0, device="cpu", encoder=EncoderLSTM, **options):
    """Return a model of two parts; `options` are the decoder's own."""
    torch.manual_seed(0)
    whole = Seq2Seq if decoder is DecoderLSTM else AttentionSeq2Seq
    with torch.device(device):
        reader = encoder(SOURCES, H if encoder is ResidualEncoderLSTM else E, H, num_layers, p)
        width = H if decoder is TiedAttentionDecoderLSTM else E
        return whole(reader, decoder(TARGETS, width, H, num_layers, p, TARGETS, **options))


def batch(seed=0, size=4, longest=7):
    """Return source (S, B), target (T, B) and the source's lengths, padded, `<sos>` and `<eos>` in the target."""
    generator = torch.Generator().manual_seed(seed)

    def ids(vocabulary):
        lengths = torch.randint(1, longest + 1, (size,), generator=generator)
        tokens = torch.randint(4, vocabulary, (int(lengths.max()), size), generator=generator)
        return tokens.masked_fill(torch.arange(len(tokens))[:, None] >= lengths, 0), lengths

    source, lengths = ids(SOURCES)
    words, sizes = ids(TARGETS)
    target = torch.cat([torch.ones(1, size, dtype=torch.long), words, torch.zeros(1, size, dtype=torch.long)])
    target[sizes + 1, torch.arange(size)] = 2
    return source, target, lengths


@pytest.fixture(params=DECODERS)
def decoder(request):
    return DECODERS[request.param]


@pytest.fixture(params=list(DECODERS)[1:])
def attentive(request):
    return DECODERS[request.param]


@pytest.fixture(params=[*SCORES, "position"])
def score(request):
    torch.manual_seed(0)
    return (SCORES | {"position": lambda: PositionScore(H, 16)})[request.param]()


def test_the_contract_of_the_lecture_notes():
    source, target, _ = batch()
    encoder = EncoderLSTM(SOURCES, E, H, 2, 0.5)
    hidden, cell = encoder(source)
    assert hidden.shape == cell.shape == (2, 4, H)
    decoder = DecoderLSTM(TARGETS, E, H, 2, 0.5, TARGETS)
    predictions, hidden, cell = decoder(target[0], hidden, cell)
    assert predictions.shape == (4, TARGETS) and hidden.shape == cell.shape == (2, 4, H)
    outputs = Seq2Seq(encoder, decoder)(source, target)
    assert outputs.shape == (*target.shape, TARGETS)
    assert torch.all(outputs[0] == 0) and torch.all(outputs[1:].abs().sum(-1) > 0)


def test_attention_decoders_return_predictions_states_and_weights(attentive, score):
    source, target, _ = batch()
    model = build(attentive, encoder=ResidualEncoderLSTM, score=score)
    state, memory = model.encode(source)
    predictions, (hidden, cell), weights = model.decode(target[:-1], state, memory)
    assert predictions.shape == (len(target) - 1, 4, TARGETS) and hidden.shape == cell.shape == (1, 4, H)
    assert weights.shape == (len(target) - 1, 4, len(source))
    torch.testing.assert_close(weights.sum(-1), torch.ones(weights.shape[:2]))
    assert torch.all(weights[:, source.T == 0] == 0)
    step, _, row = model.decode(target[0], state, memory)
    torch.testing.assert_close((step, row), (predictions[0], weights[0]))


def test_weights_belong_to_their_own_sentence(attentive):
    # A batch read as time, or a mask of another sentence, would let one column's source reach another's output.
    source, target, _ = batch()
    model = build(attentive)
    before = model(source, target)
    source[0, 1] = 4 + (source[0, 1] - 3) % (SOURCES - 4)
    changed = (model(source, target) - before).abs().amax(dim=(0, 2)) > 0
    assert changed.tolist() == [False, True, False, False]


def test_early_context_reaches_the_step(attentive):
    # Bahdanau's order: another memory changes the state, not only the output; Luong's leaves the state alone.
    source, target, _ = batch()
    model = build(attentive)
    state, (memory, mask) = model.encode(source)
    states = [model.decode(target[0], state, (other, mask))[1] for other in (memory, -memory)]
    assert torch.allclose(states[0][0], states[1][0]) == (attentive is not EarlyAttentionDecoderLSTM)


def test_a_tied_output_layer_is_the_embedding_in_value_and_gradient():
    # Written out: the logit of word v is its embedding times tanh(W [state; context] + b), plus a bias.
    source, target, _ = batch()
    model = build(TiedAttentionDecoderLSTM)
    decoder = model.decoder
    state, memory = model.encode(source)
    predictions, _, _ = model.decode(target[:-1], state, memory)
    outputs, _, _ = decoder.states(target[:-1], *state)
    context, _ = decoder.attend(outputs, *memory, decoder.score)
    combine, _, _, words = decoder.output
    joined = torch.tanh(torch.cat([outputs, context], dim=-1) @ combine.weight.T + combine.bias)
    expected = torch.einsum("tbh,vh->tbv", joined, decoder.embedding.weight) + words.bias
    torch.testing.assert_close(predictions, expected)
    names = [name for name, _ in model.named_parameters() if "decoder" in name]
    assert "decoder.embedding.weight" in names and "decoder.output.3.weight" not in names, "trained once"
    # A word that is never read but could be predicted still moves: its row is an output, too.
    gradients = [torch.autograd.grad(x.square().sum(), decoder.embedding.weight, retain_graph=True)[0]
                 for x in (predictions, expected)]  # fmt: skip
    torch.testing.assert_close(*gradients)
    unread = sorted(set(range(TARGETS)) - set(target[:-1].unique().tolist()))
    assert unread and gradients[0][unread].abs().amax(dim=1).min() > 0


def test_a_tied_decoder_begins_near_a_guess_and_drops_part_of_what_it_scores():
    torch.manual_seed(0)
    words, width = 500, 64
    decoder = TiedAttentionDecoderLSTM(words, width, width, 1, 0.5, words)
    steps, states, seen = torch.randint(4, words, (9, 20)), torch.randn(7, 20, width), []
    decoder.output[-1].register_forward_hook(lambda _, inputs, __: seen.append((inputs[0] == 0).double().mean().item()))
    for training in (True, False):
        logits, *_ = decoder.train(training)(steps, *torch.zeros(2, 1, 20, width), states, torch.ones(7, 20) == 1)
        loss = functional.cross_entropy(logits.flatten(0, 1), steps.flatten())
        assert abs(loss.item() - math.log(words)) < 0.2, "as good as a guess"
    assert 0.4 < seen[0] < 0.6 and seen[1] == 0


def test_one_call_equals_one_call_per_token(decoder):
    source, target, lengths = batch()
    model = build(decoder, num_layers=2, p=0.5).eval()
    state, memory = model.encode(source, lengths)
    expected, loop = model(source, target, lengths), []
    for x in target[:-1]:
        step, state, _ = model.decode(x, state, memory)
        loop.append(step)
    torch.testing.assert_close(expected[1:], torch.stack(loop))


def test_teacher_forcing_by_the_coin_equals_one_call_when_every_coin_forces(decoder, monkeypatch):
    source, target, _ = batch()
    model = build(decoder)
    monkeypatch.setattr(torch, "rand", lambda size, **kwargs: torch.zeros(size))
    outputs = model(source, target, teacher_forcing_ratio=0.5), model(source, target)
    torch.testing.assert_close(*outputs)
    parameters = list(model.parameters())
    torch.testing.assert_close(*(torch.autograd.grad(output.square().sum(), parameters) for output in outputs))


def test_ratio_zero_is_the_notes_loop(decoder):
    source, target, _ = batch()
    model = build(decoder)
    outputs = model(source, target, teacher_forcing_ratio=0.0)
    state, memory = model.encode(source)
    x = target[0]
    for t in range(1, len(target)):
        expected, state, _ = model.decode(x, state, memory)
        torch.testing.assert_close(outputs[t], expected)
        x = expected.argmax(1)
    other = target.clone()
    other[1:] = 5
    torch.testing.assert_close(model(source, other, teacher_forcing_ratio=0.0), outputs)  # never saw the target


def test_coins_come_from_the_generator(decoder):
    source, target, _ = batch(longest=12)
    model = build(decoder)
    generators = (torch.Generator().manual_seed(seed) for seed in (1, 1, 2, 3))
    runs = [model(source, target, teacher_forcing_ratio=0.5, generator=generator) for generator in generators]
    torch.testing.assert_close(runs[0], runs[1], atol=0, rtol=0)
    assert any(not torch.equal(runs[0], run) for run in runs[2:])


def _alone_equals_padded(model):
    source, target, lengths = batch(longest=9)
    assert len(set(lengths.tolist())) > 1
    together = model(source, target, lengths)
    torch.testing.assert_close(model(source, target), together)  # lengths read off the padding
    noise = torch.cat([source, torch.zeros(3, 4, dtype=torch.long)])
    torch.testing.assert_close(model(noise, target, lengths), together)  # more padding, the same numbers
    for b, length in enumerate(lengths):
        torch.testing.assert_close(model(source[:length, b : b + 1], target[:, b : b + 1])[:, 0], together[:, b])


def test_padding_never_changes_a_result(decoder):
    _alone_equals_padded(build(decoder, num_layers=2).eval())


def test_padding_never_changes_a_result_with_any_score(attentive, score):
    _alone_equals_padded(build(attentive, encoder=ResidualEncoderLSTM, score=score).eval())


class UnpackedEncoder(EncoderLSTM):
    """The notes' encoder: it reads the padding as if it were words, and so needs no lengths."""

    def states(self, x, lengths=None):
        memory, (hidden, cell) = self.rnn(self.dropout(self.embedding(x)))
        return memory, hidden, cell


def test_padding_that_leaks_is_caught(decoder):
    with pytest.raises(AssertionError):
        _alone_equals_padded(build(decoder, encoder=UnpackedEncoder).eval())


def test_states_agree_with_forward():
    source, _, lengths = batch()
    encoder = build().encoder
    memory, hidden, cell = encoder.states(source, lengths)
    assert memory.shape == (*source.shape, H)
    torch.testing.assert_close((hidden, cell), encoder(source, lengths))
    torch.testing.assert_close(memory[lengths - 1, torch.arange(4)], hidden[-1])
    assert torch.all(memory[source == 0] == 0)
    assert lengths_of(source).tolist() == lengths.tolist()


def test_residual_memory_is_state_plus_embedding_and_zero_on_padding():
    source, _, _ = batch()
    encoder = build(encoder=ResidualEncoderLSTM).encoder
    memory, *state = encoder.states(source)
    plain, *expected = EncoderLSTM.states(encoder, source)
    words = source != 0
    torch.testing.assert_close(memory[words], plain[words] + encoder.embedding(source)[words])
    assert torch.all(memory[~words] == 0)
    torch.testing.assert_close(state, expected)


def test_dropout_is_on_the_embeddings_and_silent():
    source, target, _ = batch()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = build(p=0.5)
    assert not torch.equal(model(source, target), model(source, target))
    model.eval()
    torch.testing.assert_close(model(source, target), model(source, target), atol=0, rtol=0)
    for part, x in ((model.encoder, source), (model.decoder, target[:-1])):
        seen = []
        handle = part.dropout.register_forward_hook(lambda _, args, __, seen=seen: seen.append(args[0]))
        model(source, target)
        handle.remove()
        torch.testing.assert_close(seen[0], part.embedding(x))
    assert build(num_layers=2, p=0.5).encoder.rnn.dropout == 0.5


@pytest.mark.parametrize(
    ("part", "arguments", "message"),
    [
        (EncoderLSTM, (0, E, H, 1, 0.0), f"every size must be an integer of at least 1, not 0, {E}, {H}, 1"),
        (EncoderLSTM, (SOURCES, 0, H, 1, 0.0), "every size must be"),
        (EncoderLSTM, (SOURCES, E, 0, 1, 0.0), "every size must be"),
        (EncoderLSTM, (SOURCES, E, H, 0, 0.0), "every size must be"),
        (EncoderLSTM, (SOURCES, E, H, 1, 1.5), "dropout probability"),
        (DecoderLSTM, (TARGETS, E, H, 1, -0.1, TARGETS), "dropout probability"),
        (DecoderLSTM, (TARGETS, E, 0, 1, 0.0, TARGETS), "every size must be"),
        (DecoderLSTM, (TARGETS, E, H, 1, 0.0, 0), "every size must be"),
        (DecoderLSTM, (TARGETS, E, 2.5, 1, 0.0, TARGETS), "every size must be"),
        (AttentionDecoderLSTM, (TARGETS, E, 0, 1, 0.0, TARGETS), "every size must be"),
        (ResidualEncoderLSTM, (SOURCES, 4, 6, 1, 0.0), "one width, not 4 and 6"),
        (TiedAttentionDecoderLSTM, (TARGETS, 4, 6, 1, 0.0, TARGETS), "widths 4 and 6"),
        (TiedAttentionDecoderLSTM, (TARGETS, 6, 6, 1, 0.0, 7), f"not {TARGETS} and 7 tokens"),
    ],
)
def test_constructors_refuse_bad_sizes(part, arguments, message):
    with pytest.raises(ValueError, match=message):
        part(*arguments)


def test_an_empty_sentence_is_refused(decoder):
    target = torch.ones(2, 2, dtype=torch.long)
    with pytest.raises(ValueError, match=r"at least one word, but the lengths are \[2, 0\]"):
        build(decoder)(torch.tensor([[5, 0], [6, 0]]), target)
    with pytest.raises(ValueError, match="at least one word"):
        build(decoder)(torch.tensor([[5, 5], [6, 6]]), target, torch.tensor([2, 0]))


def test_ids_are_checked_at_the_boundary():
    model = build()
    source, target, _ = batch()
    check_batch(model, source)
    check_batch(model, source, target)
    for bad, message in [
        ((torch.where(source == source.max(), SOURCES, source),), f"source holds ids from 0 to {SOURCES}, but"),
        ((source - 1,), "source holds ids from -1"),
        ((source, torch.where(target == 2, TARGETS, target)), f"target holds ids from 0 to {TARGETS}"),
        ((source, target[1:]), "must begin with <sos>"),
        ((source.float(),), "int64 ids"),
        ((source[:, 0],), "int64 ids"),
        ((source[:0],), "int64 ids"),
        ((source.flip(0),), "words after its padding"),
        ((source.clone().index_fill_(1, torch.tensor([1]), 0),), "at least one word"),
    ]:
        with pytest.raises(ValueError, match=message):
            check_batch(model, *bad)


@pytest.mark.parametrize("encoder", [EncoderLSTM, ResidualEncoderLSTM])
def test_every_parameter_learns_with_every_score(attentive, score, encoder):
    source, target, lengths = batch()
    model = build(attentive, encoder=encoder, score=score)
    model(source, target, lengths).square().mean().backward()
    for name, weight in model.named_parameters():
        assert torch.isfinite(weight.grad).all() and weight.grad.abs().max() > 0, name


# Device discipline, checked without a GPU (it is no test of one).


def _step(model, source, target, lengths, ratio=1.0):
    outputs = model(source, target, lengths, ratio)
    loss = functional.cross_entropy(outputs[1:].flatten(0, 1), target[1:].flatten(), ignore_index=0)
    model.zero_grad()
    loss.backward()
    torch.optim.SGD(model.parameters(), lr=0.1).step()
    return outputs


def test_no_default_device_over_a_hundred_batches(decoder):
    model = build(decoder, num_layers=2, p=0.1)
    for seed in range(100):
        source, target, lengths = batch(seed, longest=4)
        with torch.device("meta"):
            for ratio in (1.0, 0.5):
                outputs = _step(model, source, target, lengths, ratio)
        assert outputs.device.type == "cpu" and torch.isfinite(outputs).all()


def test_no_default_device_with_any_score(attentive, score):
    model, tensors = build(attentive, encoder=ResidualEncoderLSTM, score=score), batch()
    with torch.device("meta"):
        _step(model, *tensors)
    assert all(weight.grad.device.type == "cpu" for weight in model.parameters())


def test_a_step_on_the_meta_device(decoder):
    # Packing asks for numbers, which this device does not have: only shapes and devices matter here.
    model = build(decoder, num_layers=2, p=0.1, device="meta", encoder=UnpackedEncoder)
    for seed in range(2):
        source, target, lengths = batch(seed, longest=2)
        for ratio in (1.0, 0.5, 0.0):
            outputs = _step(model, source.to("meta"), target.to("meta"), lengths, ratio)
            assert outputs.device.type == "meta"


class NotesSeq2Seq(Seq2Seq):
    """The notes' fault: outputs allocated wherever the default device is."""

    def forward(self, source, target, lengths=None, teacher_forcing_ratio=1.0):
        outputs = torch.zeros(*target.shape, TARGETS)
        outputs[1:] = super().forward(source, target, lengths)[1:]
        return outputs


def test_outputs_on_a_default_device_are_caught():
    notes, tensors = NotesSeq2Seq(*build().children()), batch()
    with pytest.raises((RuntimeError, NotImplementedError)), torch.device("meta"):
        _step(notes, *tensors)
