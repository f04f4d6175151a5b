"""Lesson 5's claims refuse numbers from wrong Transformers."""

import math
from functools import partial
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from claims import check_claim, claim_fails, run_cells

from course_utils.datasets.corpus import Translations

LESSON = "05_transformer"
TAUGHT = ("taught-heads", "taught-mha", "taught-positions", "taught-layer", "taught-decoder-layer")
BY_HAND = ("setup", *TAUGHT, "parity-helpers", "parity-run", "parity-faults")
check = partial(check_claim, LESSON)


def test_parity_holds_for_the_layers_that_are_taught():
    assert not claim_fails(LESSON, "claim-parity", run_cells(LESSON, *BY_HAND))


@pytest.mark.parametrize(
    ("cell", "old", "new"),
    [
        ("taught-heads", "x.unflatten(-1, (num_heads, -1)).transpose(0, 2)",
         "x.reshape(num_heads, x.shape[1], len(x), -1)"),
        ("taught-heads", "x.transpose(0, 2).flatten(2)", "x.reshape(x.shape[2], x.shape[1], -1)"),
        ("taught-mha", "zip(inputs, weights, biases", "zip(inputs, [*weights[:2], weights[1]], biases"),
        ("taught-mha", "zip(inputs, weights, biases", "zip(inputs, weights, [*biases[:2], biases[1]]"),
        ("taught-mha", "self.out_proj(merge_heads(context))", "merge_heads(context)"),
        ("parity-helpers", "causal_mask(6)", "causal_mask(6).tril(-1)"),
        ("parity-helpers", "causal_mask(6)", "causal_mask(6).mT"),
        ("taught-layer", "norm(x) if self.norm_first else x)", "x if self.norm_first else norm(x))"),
        ("taught-layer", "return x if self.norm_first else norm(x), *others", "return norm(x), *others"),
        ("taught-layer", "x = x + self.dropout(added)", "x = self.dropout(added)"),
        ("taught-layer", "self.linear1(x).relu()", "self.linear1(x).tanh()"),
        ("taught-decoder-layer", "memory, memory_mask)", "memory, torch.ones_like(memory_mask))"),
    ],
    ids=[
        "split by a view", "merged by a view", "values by the keys' matrix", "values with the keys' bias",
        "heads not mixed", "not itself", "mask turned", "norm on the other side", "norm after as well", "no residual",
        "another activation", "no padding mask",
    ],
)  # fmt: skip
def test_parity_refuses_a_wrong_layer(cell, old, new):
    assert claim_fails(LESSON, "claim-parity", run_cells(LESSON, *BY_HAND, changed={cell: (old, new)}))


def test_norms_refuses_settings_that_do_not_matter():
    def losses(*deep, shallow=0.03):
        settings = [np.array([loss, loss + 0.02]) for loss in deep]
        names = ("first_warm", "first_cold", "after_warm", "after_cold")
        return {
            "norms": {"two layers, 3 passes": [np.array([shallow])] * 4, "six layers, 1 pass": settings},
            **dict(zip(names, settings, strict=True)),
        }

    right = {"Translations": Translations, "device": "cpu", "math": math, **losses(0.5, 1.8, 0.5, 4.9)}
    check("claim-norms", right, {
        "all settings train": losses(0.5, 1.8, 0.5, 0.6),
        "the norm first fails": losses(0.5, 4.9, 0.5, 4.9),
        "the warm-up does not help": losses(0.5, 1.8, 4.9, 4.9),
        "worse than guessing": losses(0.5, 1.8, 0.5, 9.0),
        "two layers do not train": losses(0.5, 1.8, 0.5, 4.9, shallow=1.0),
        "not a number": losses(0.5, 1.8, 0.5, math.nan),
    })  # fmt: skip


def test_kinds_refuses_positions_that_do_not_matter():
    def kinds(far=(45.0, 63.0), **bleu):
        means = {"none": 76.0, "sinusoidal": 96.0, "learned": 95.0, "rotary": 97.0} | bleu
        long = {"sinusoidal": far[0], "rotary": far[1]}
        runs = SimpleNamespace(transformer_runs=lambda table, name, kind: {"long": np.array([long[kind]])})
        base = SimpleNamespace(_replace=lambda positions, passes: positions)
        return {"kinds": {name: {"bleu": np.array([mean - 1, mean, mean + 1])} for name, mean in means.items()},
                "recipes": runs, "base": base, "table": None}  # fmt: skip

    check("claim-kinds", kinds(), {
        "none is as good": kinds(none=93.0),
        "one kind fails": kinds(learned=60.0),
        "sinusoids carry as far": kinds(far=(62.0, 63.0)),
        "not a number": kinds(rotary=math.nan),
    })  # fmt: skip


def test_one_stack_refuses_one_that_is_as_good_as_two():
    def given(two=96.0, one=88.0, language=79.0, spread=(78.0, 50.0, 2.0)):
        names = ("two stacks", "one stack", "one stack, a\nlanguage model")
        runs = {name: {"bleu": np.array([mean - 0.5, mean + 0.5])}
                for name, mean in zip(names, (two, one, language), strict=True)}  # fmt: skip
        return {"runs": runs, "spread": dict(zip((0.3, 1.0, 2.0), spread, strict=True))}

    check("claim-one-stack", given(), {
        "it cannot translate": given(one=20.0),
        "as good as two": given(one=96.5),
        "the language model is better": given(language=95.0),
        "temperature does nothing": given(spread=(78.0, 78.0, 78.0)),
        "bolder is better": given(spread=(2.0, 50.0, 78.0)),
        "not a number": given(two=math.nan),
    })  # fmt: skip


def test_no_looking_ahead_refuses_a_model_that_peeks():
    names = ("causal mask", "no mask", "causal mask, 4 passes")

    def three(*values):
        return dict(zip(names, values, strict=True))

    right = {"losses": three(1.6, 1.0, 0.1), "leaks": three(0.0, 3.0, 0.0), "bleu": three(15.0, 0.1, 93.0)}
    check("claim-no-looking-ahead", right, {
        "the mask leaks": {"leaks": three(0.5, 3.0, 0.0)},
        "the trained model leaks": {"leaks": three(0.0, 3.0, 0.5)},
        "the twin does not": {"leaks": three(0.0, 0.0, 0.0)},
        "not a number": {"leaks": three(math.nan, 3.0, 0.0)},
        "no gain from peeking": {"losses": three(1.6, 1.6, 0.1)},
        "the twin translates": {"bleu": three(15.0, 14.0, 93.0)},
        "nobody translates": {"bleu": three(0.1, 0.1, 93.0)},
        "the trained one does not": {"bleu": three(15.0, 0.1, 20.0)},
    })  # fmt: skip


def test_order_refuses_a_model_that_does_not_care():
    def scores(*four):
        return {"order_bleu": {"with positions": [*four[:2]], "switched off": [*four[2:]]}}

    right = {"blind_gap": 1e-7, "logit_gap": 1e-6, **scores(93.0, 50.0, 50.0, 50.0)}
    check("claim-order", right, {
        "attention sees an order": {"blind_gap": 0.1},
        "the translator sees one": {"logit_gap": 0.5},
        "not a number": {"logit_gap": math.nan},
        "the order does not matter": scores(93.0, 92.0, 50.0, 50.0),
        "it matters without positions": scores(93.0, 50.0, 90.0, 50.0),
        "a model that cannot translate": scores(30.0, 10.0, 10.0, 10.0),
    })  # fmt: skip


def test_heads_refuses_heads_that_are_all_alike():
    by_head = np.array([[0.7, 0.7, 0.65, 0.65], [0.6, 0.5, 0.5, 0.4]])
    predicts, reads = (SimpleNamespace(mean=mean, best_rate=best, by_head=rates) for mean, best, rates in (
        (0.3, 0.4, by_head), (0.9, 0.85, np.full((2, 4), 0.9))))  # fmt: skip
    error = {"diagonal": 0.78, "IBM\nModel 1": 0.23, "lesson 4": 0.23}
    silent = np.array([[1.0, 2.0, 0.5, 3.0], [6.0, 9.0, 12.0, 8.0]])
    by_number = {count: pd.DataFrame({"bleu": bleu}) for count, bleu in ((1, [94, 95]), (4, [96, 97]), (8, [96, 97]))}
    right = {"read_at": [predicts, reads], "error": error, "silent": silent, "by_number": by_number}
    check("claim-heads", right, {
        "read a step later": {"read_at": [reads, predicts]},
        "no better than the diagonal": {"read_at": [SimpleNamespace(mean=0.8, best_rate=0.8, by_head=by_head), reads]},
        "all heads alike": {"read_at": [SimpleNamespace(mean=0.3, best_rate=0.4, by_head=by_head * 0 + 0.4), reads]},
        "better than lesson 4": {"read_at": [SimpleNamespace(mean=0.1, best_rate=0.2, by_head=by_head), reads]},
        "no head matters": {"silent": silent * 0},
        "every head is everything": {"silent": silent * 0 + 60},
        "one wide head is as good": {"by_number": by_number | {1: by_number[4]}},
    })  # fmt: skip


def test_parallel_refuses_costs_that_do_not_cross():
    trained = {"LSTM, no attention": [0.9, 1.8, 3.6, 7.2], "LSTM with attention": [1.0, 2.0, 4.0, 8.5],
               "Transformer": [1.0, 2.1, 4.6, 10.0]}  # fmt: skip
    written = {"LSTM, no attention": [0.5] * 4, "LSTM with attention": [0.6, 0.7, 0.8, 1.0],
               "Transformer": [1.0, 1.1, 1.3, 1.7]}  # fmt: skip
    right = {
        "waits": {"LSTM with attention": [16, 32, 64, 128], "Transformer": [4] * 4},
        "lengths": [16, 32, 64, 128, 256, 512], "crossover": 256, "width": 96, "spans": [8, 16, 32, 64],
        "trained": trained, "written": written,
        "left": {"LSTM, no attention": [1.0, 1e-4], "Transformer": [1.0, 0.9]}, "links": np.array([100, 50, 40]),
    }  # fmt: skip
    check("claim-parallel", right, {
        "words wait": {"waits": right["waits"] | {"Transformer": [8, 16, 32, 64]}},
        "pairs overtake at once": {"crossover": 64},
        "pairs overtake late": {"crossover": 512},
        "its work is linear": {"trained": trained | {"Transformer": [1.0, 2.0, 4.0, 8.0]}},
        "the bare LSTM looks back": {"written": written | {"LSTM, no attention": [0.5, 0.6, 0.7, 0.8]}},
        "attention costs nothing": {"written": written | {"LSTM with attention": [0.6] * 4}},
        "no cache": {"written": written | {"Transformer": [1.0, 2.0, 4.0, 8.0]}},
        "the gradient fades in both": {"left": {"LSTM, no attention": [1.0, 1e-4], "Transformer": [1.0, 1e-4]}},
        "in neither": {"left": {"LSTM, no attention": [1.0, 0.9], "Transformer": [1.0, 0.9]}},
        "not a number": {"left": {"LSTM, no attention": [1.0, 1e-4], "Transformer": [1.0, math.nan]}},
        "too few links": {"links": np.array([100, 50, 3])},
    })  # fmt: skip


def test_cache_refuses_one_that_changes_the_logits():
    right = {"saving": SimpleNamespace(gap=1e-5), "with_cache": 30, "without_cache": 200}
    check("claim-cache", right, {
        "other logits": {"saving": SimpleNamespace(gap=0.3)},
        "not a number": {"saving": SimpleNamespace(gap=math.nan)},
        "nothing saved": {"with_cache": 200},
    })  # fmt: skip


def test_chart_refuses_curves_that_say_otherwise():
    def sheet(test, long, *ends):
        return SimpleNamespace(test=test, long=long, by_length=[98, 97, 96, 95, 94, 92, ends[0], 60, 50, 40, ends[1]])

    names = ("Transformer", "lesson 4, attention", "lesson 3, no attention")

    def given(french=(71.0, 63.0), korean=(63.0, 45.0), **changed):
        three = {"new": sheet(97, 62, 95, 45), "attended": sheet(97, 61, 93, 45), "alone": sheet(72, 20, 55, 10)}
        beyond = {("korean", "rotary"): korean[0], ("korean", "sinusoidal"): korean[1], ("french", "rotary"): french[1],
                  ("french", "sinusoidal"): 54.0}  # fmt: skip
        runs = SimpleNamespace(
            transformer_runs=lambda table, name, kind: {"long": np.array([beyond[name, kind], 0.0])[:1]}
        )
        lstm = {"korean": 62.0, "french": french[0]}
        found = SimpleNamespace(design_runs=lambda table, name, *design: {"long": np.array([lstm[name]])})
        base = SimpleNamespace(_replace=lambda positions, passes: positions)
        return {"sheets": dict(zip(names, (three | changed).values(), strict=True)), "recipes": runs, "designs": found,
                "base": base, "table": None, "placed": ["sinusoidal", "learned", "rotary"],
                "read_table": lambda name: None}  # fmt: skip

    check("claim-chart", given(), {
        "no better than the bottleneck": given(new=sheet(75, 30, 86, 30)),
        "far behind": given(new=sheet(85, 60, 88, 45)),
        "behind beyond the training lengths": given(new=sheet(97, 40, 95, 30)),
        "ahead there": given(new=sheet(97, 80, 95, 45)),
        "falls within the training lengths": given(new=sheet(97, 62, 60, 45)),
        "does not fall": given(new=sheet(97, 62, 95, 80)),
        "French is level": given(french=(63.0, 64.0)),
        "not a number": given(new=sheet(math.nan, 62, 95, 45)),
    })  # fmt: skip
