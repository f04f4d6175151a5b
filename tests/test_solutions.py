"""The worked solutions agree with torch and with the package, and are shown as they stand."""

from functools import partial

import numpy as np
import pytest
import torch
from torch import nn

from course_utils.datasets.cleaning import clean
from course_utils.datasets.parallel import Row
from course_utils.exercises import answers, checks, solutions
from course_utils.exercises.comparing import alike
from course_utils.exercises.running import call
from course_utils.measure import probes
from course_utils.models import decoding, transformer
from course_utils.models.lstm import lstm_weights
from course_utils.models.seq2seq import DecoderLSTM, EncoderLSTM, Seq2Seq

SOLUTIONS = solutions.SOLUTIONS


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_bidirectional_equals_torchs_layer_in_value_and_gradient():
    torch.manual_seed(0)
    layer, x = nn.RNN(3, 4, bidirectional=True), torch.randn(5, 2, 3)
    weights = list(layer.parameters())
    mine, theirs = SOLUTIONS["bidirectional_rnn"](x, tuple(weights[:4]), tuple(weights[4:])), layer(x)[0]
    assert torch.allclose(mine, theirs, atol=1e-6)
    for m, t in zip(*(torch.autograd.grad(s.square().sum(), weights) for s in (mine, theirs)), strict=True):
        assert torch.allclose(m, t, atol=1e-5)


def test_a_forget_bias_keeps_a_half_over_the_half_life():
    layer, half_life = nn.LSTM(2, 3), torch.tensor([2.0, 7.0, 40.0])
    b_ih, b_hh = SOLUTIONS["forget_bias"](layer.bias_ih_l0.detach(), layer.bias_hh_l0.detach(), half_life)
    gate = (b_ih + b_hh)[3:6].sigmoid()
    assert torch.allclose(gate**half_life, torch.full((3,), 0.5), atol=1e-4)


def test_the_parts_of_a_cell_add_up_to_torchs_cell():
    torch.manual_seed(0)
    layer, x = nn.LSTM(2, 3), torch.randn(6, 4, 2)
    W_ih, W_hh, b_ih, b_hh = lstm_weights(layer)
    states = torch.cat([torch.zeros(1, 4, 3), layer(x)[0][:-1]])
    i, f, g, _ = (x @ W_ih.T + b_ih + states @ W_hh.T + b_hh).chunk(4, dim=-1)
    parts = SOLUTIONS["cell_parts"](i.sigmoid(), f.sigmoid(), g.tanh())
    assert torch.allclose(parts.sum(0), layer(x)[1][1][0], atol=1e-6)


def test_the_papers_gru_is_torchs_where_the_reset_gate_is_open():
    torch.manual_seed(0)
    layer, x, h_0 = nn.GRU(2, 3), torch.randn(5, 4, 2), torch.randn(4, 3)
    with torch.no_grad():
        layer.bias_ih_l0[:3] = 50.0
        assert torch.allclose(SOLUTIONS["paper_gru"](x, h_0, *lstm_weights(layer)), layer(x, h_0[None])[0], atol=1e-6)
        layer.bias_ih_l0[:3] = 0.0
        assert not torch.allclose(
            SOLUTIONS["paper_gru"](x, h_0, *lstm_weights(layer)), layer(x, h_0[None])[0], atol=1e-3
        )


@pytest.fixture(scope="module")
def translator():
    torch.manual_seed(1)
    model = Seq2Seq(EncoderLSTM(9, 8, 8, 1, 0.0), DecoderLSTM(9, 8, 8, 1, 0.0, 9)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(3)
        model.decoder.output.bias[2] += 1.0  # <eos> is likely enough that sentences end

    def step(x, state):
        """Speak through a state of shape (B, 2, H), as the exercises have it."""
        with torch.no_grad():
            hidden, cell = (part.contiguous()[None] for part in state.unbind(1))
            predictions, hidden, cell = model.decoder(x, hidden, cell)
        return predictions, torch.stack([hidden[0], cell[0]], dim=1)

    source = torch.randint(4, 9, (5, 6), generator=generator())
    with torch.no_grad():
        (hidden, cell), _ = model.encode(source)
    return model, source, step, torch.stack([hidden[0], cell[0]], dim=1)


def test_greedy_decoding_equals_the_packages(translator):
    model, source, step, state = translator
    tokens, total = SOLUTIONS["greedy_batch"](step, state, 12)
    assert torch.equal(tokens, decoding.greedy(model, source, max_length=12))
    target = torch.cat([torch.ones_like(tokens[:1]), tokens])
    assert torch.allclose(total, decoding.log_probability(model, source, target), atol=1e-4)
    assert len({len(words) for words in decoding.until_eos(tokens)}) > 1, "sentences of different lengths"


def test_beam_search_equals_the_packages(translator):
    model, source, step, state = translator
    for b, theirs in enumerate(decoding.beam_search(model, source, width=3, max_length=8)):
        mine = SOLUTIONS["beam"](step, state[b : b + 1], 3, 8)
        assert [tokens for tokens, _ in mine] == [h.tokens + [2] * h.finished for h in theirs]
        assert np.allclose([total for _, total in mine], [h.log_probability for h in theirs], atol=1e-4)


def test_token_accuracy_is_the_share_of_words_right():
    outputs, target = torch.randn(7, 5, 6, generator=generator()), torch.randint(0, 6, (7, 5), generator=generator(1))
    right = (outputs.argmax(-1) == target)[1:][target[1:] != 0]
    assert SOLUTIONS["token_accuracy"](outputs, target) == pytest.approx(right.double().mean().item())


def test_two_heads_equal_torchs_attention_with_identity_projections():
    torch.manual_seed(0)
    layer, D = nn.MultiheadAttention(8, 2, bias=False, batch_first=True), 8
    with torch.no_grad():
        layer.in_proj_weight.copy_(torch.eye(D).repeat(3, 1))
        layer.out_proj.weight.copy_(torch.eye(D))
    query, key, value = torch.randn(3, 4, D), torch.randn(3, 5, D), torch.randn(3, 5, D)
    mask = torch.rand(3, 4, 5) > 0.3
    mask[..., 0] = True
    theirs = layer(query, key, value, attn_mask=~mask.repeat_interleave(2, 0), average_attn_weights=False)
    for m, t in zip(SOLUTIONS["two_heads"](query, key, value, mask), theirs, strict=True):
        assert torch.allclose(m, t, atol=1e-5)


def test_halved_sinusoids_are_the_packages_in_another_order():
    embedded = torch.randn(6, 2, 8, generator=generator(), dtype=torch.float64)
    clock = transformer.sinusoids(torch.arange(3, 9, dtype=torch.float64), 8)
    halves = torch.cat([clock[:, 0::2], clock[:, 1::2]], dim=-1).unsqueeze(1)
    assert torch.allclose(SOLUTIONS["halved_sinusoids"](embedded, 3), embedded + halves)


def test_a_mask_behind_a_cache_is_the_packages_causal_mask_where_the_window_is_wide():
    x = torch.randint(4, 9, (7, 2), generator=generator())
    assert torch.equal(SOLUTIONS["sliding_mask"](x, 3, 7), transformer.causal_mask(4, 3).expand(2, -1, -1))


def test_grouped_heads_equal_torchs_grouped_attention():
    query, (key, value) = torch.randn(3, 2, 24), torch.randn(2, 5, 2, 12)
    mask = torch.rand(2, 3, 5) > 0.3
    mask[..., 0] = True
    parts = (x.unflatten(-1, (-1, 6)).permute(1, 2, 0, 3) for x in (query, key, value))
    theirs = nn.functional.scaled_dot_product_attention(*parts, attn_mask=mask.unsqueeze(1), enable_gqa=True)
    mine, _ = SOLUTIONS["grouped_heads"](query, key, value, mask, 4)
    assert torch.allclose(mine, theirs.permute(2, 0, 1, 3).flatten(2), atol=1e-5)


def test_a_sandwich_layer_normalises_as_torch_does():
    x, gains, matrix = torch.randn(4, 2, 6), torch.rand(2, 1, 6), torch.randn(6, 6)
    norms = [partial(nn.functional.rms_norm, normalized_shape=(6,), weight=gain[0], eps=1e-6) for gain in gains]
    expected = x + norms[1](norms[0](x) @ matrix)
    assert torch.allclose(SOLUTIONS["sandwich_layer"](x, [lambda x: x @ matrix], *gains), expected, atol=1e-5)


def test_the_longest_lag_is_where_the_probes_accuracy_falls():
    x = torch.randint(1, 5, (6, 300), generator=generator())
    one_hot = nn.functional.one_hot(x, 5).double()
    states = torch.cat([one_hot, torch.cat([torch.zeros(1, 300, 5), one_hot[:-1]])], dim=-1)
    lengths = torch.full((300,), 6)
    assert SOLUTIONS["longest_lag"](states, x, lengths, 5, 0.9) == 1
    assert [probes.linear_probe(states[-1], x[5 - k], classes=5) > 0.9 for k in range(4)] == [True, True, False, False]


def test_pairs_are_kept_as_the_packages_filter_keeps_them():
    counts = [(a, b) for a in range(5) for b in range(0, 13, 2)]
    rows = [Row(*(" ".join(side * size) for side, size in zip(("a", "b"), pair, strict=True))) for pair in counts]
    kept, _ = clean(rows, max_length=9, max_ratio=2.5, unique=False, one_script=False)
    mask = SOLUTIONS["keep_pairs"](torch.tensor(counts), 9, 2.5)
    assert [row for row, keep in zip(rows, mask.tolist(), strict=True) if keep] == kept


def test_merges_learn_the_pieces_of_the_papers_example():
    # Sennrich et al. (2016), section 3.2: low, lower, newest and widest, each with an end of its own.
    letters = sorted(set("lowernewestwidest·"))
    words = [[letters.index(letter) for letter in f"{word}·"] for word in ("low", "lower", "newest", "widest")]
    names, learned = list(letters), []
    for new in range(len(letters), len(letters) + 5):
        words, pair = SOLUTIONS["merge_step"](words, [5, 2, 6, 3], new)
        names.append("".join(names[piece] for piece in pair))
        learned.append(names[-1])
    assert learned[0] == "es" and {"est·", "low"} <= set(learned)


def test_a_paired_interval_is_the_bootstraps():
    hits, totals = torch.tensor([[3.0, 4, 0, 9], [2.0, 4, 1, 6]]), torch.tensor([5.0, 6, 3, 12])
    samples = torch.randint(0, 4, (500, 4), generator=generator())
    differences = sorted(((hits[0] - hits[1])[row].sum() / totals[row].sum()).item() for row in samples)
    low, high, worse = SOLUTIONS["paired_interval"](hits, totals, samples)
    assert np.allclose([low, high], np.quantile(differences, [0.025, 0.975]), atol=1e-6)
    assert worse == pytest.approx(np.mean([value <= 1e-9 for value in differences]))


def test_rows_held_out_share_no_source_with_the_others():
    sources = torch.randint(0, 30, (100,), generator=generator()).tolist()
    rows = SOLUTIONS["hold_out"](sources, sorted(set(sources)), 20)
    assert 20 <= len(rows) <= 30 and rows == sorted(rows)
    assert not {sources[row] for row in rows} & {sources[row] for row in range(100) if row not in rows}


def test_a_solution_is_shown_as_code_and_as_a_paragraph(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: shown.append(data))
    solutions.show("causal_mask")
    (bundle,) = shown
    assert bundle["text/markdown"].startswith("```python\ndef causal_mask(x):\n    steps =")
    assert "Two conditions" in bundle["text/markdown"] and "def causal_mask(x):" in bundle["text/plain"]


def test_an_unknown_exercise_is_refused_with_the_list_of_those_there_are():
    with pytest.raises(ValueError, match="there is no exercise 'rnn'; choose one of: padded_rnn, bidirectional_rnn"):
        solutions.show("rnn")


def test_solutions_work_on_the_meta_device_where_nothing_is_read_off():
    meta = torch.device("meta")
    x, weights = torch.zeros(4, 2, 3, device=meta), [torch.zeros(*s, device=meta) for s in ((9, 3), (9, 3), (9,), (9,))]
    assert SOLUTIONS["paper_gru"](x, x[0], *weights).device == meta
    assert SOLUTIONS["coupled_step"](x[0], x[0], x[0], *weights)[0].device == meta
    assert SOLUTIONS["cell_parts"](x, x, x).device == meta
    ids = torch.zeros(4, 2, dtype=torch.int64, device=meta)
    assert SOLUTIONS["causal_mask"](ids).device == meta
    mask = torch.ones(4, 2, 2, dtype=torch.bool, device=meta)
    assert SOLUTIONS["two_heads"](*(torch.zeros(4, 2, 6, device=meta),) * 3, mask)[1].device == meta


@pytest.mark.parametrize("name", SOLUTIONS)
def test_solutions_and_known_mistakes_name_their_devices(name):
    # What a check runs on a GPU must not make a tensor on a default device (device discipline, checked without one).
    exercise = checks.EXERCISES[name]
    for case in exercise.cases(torch.device("cpu")):
        for function in (SOLUTIONS[name], *answers.MISTAKES[name].values()):
            alone = call(function, case.args)
            with torch.device("meta"):
                inside = call(function, case.args)
            assert alike(alone.value, inside.value) and (alone.error is None) == (inside.error is None)


@pytest.mark.parametrize("name", SOLUTIONS)
def test_inputs_are_made_on_the_device_asked_for(name):
    for case in checks.EXERCISES[name].cases(torch.device("meta")):
        tensors = [part for arg in case.args for part in (arg if isinstance(arg, list | tuple) else [arg])]
        for part in tensors:
            if isinstance(part, torch.Tensor) and part.dtype != torch.int64:
                assert part.device.type == "meta"
