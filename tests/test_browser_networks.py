"""What the browser computes without Python, against Python: the same pictures, sentences and refusals."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright._impl._driver import compute_driver_executable
from test_measure_alignment import PAIRS, translator

from course_utils import explorers, views
from course_utils.datasets import tasks, words
from course_utils.datasets.corpus import Translations
from course_utils.datasets.text import join
from course_utils.experiments import designs, transformer
from course_utils.explorers.panel import Panel
from course_utils.measure.translation import Translator
from course_utils.models.rnn import SequenceClassifier

# Bytes travel as hexadecimal digits, and what the browser packed comes back as numbers written out.
RUN = """
globalThis.document = { createElement: () => ({ getContext: () => ({}) }) };
const { build, excuse, renew } = await import(MODULE);
const walk = (value, change) => {
  const changed = change(value);
  if (changed !== undefined) return changed;
  if (Array.isArray(value)) return value.map((item) => walk(item, change));
  if (!value || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, change)]));
};
const bytes = (value) => value?.hex == null ? undefined
  : new DataView(Uint8Array.from(value.hex.match(/../g) ?? [], (two) => parseInt(two, 16)).buffer);
const numbers = (value) => value?.code === "float64" ? Array.from(new Float64Array(value.data.buffer), String)
  : value?.buffer ? [...value] : undefined;
const { parts, networks, pictures, kinds, settings } = walk(JSON.parse(process.argv[1]), bytes);
const compute = build(parts, networks);
let shown = pictures;
console.log(JSON.stringify(settings.map((setting) => {
  try {
    const { views, text, texts } = compute(setting, shown);
    shown = views.map((changes, at) => renew(kinds[at], shown[at], changes, parts.texts.pictures));
    return walk({ pictures: shown, text, texts: texts ?? null }, numbers);
  } catch (error) {
    if (!error.kind) throw error;
    return { text: excuse(error, parts.texts) };
  }
})));
"""


def hexed(value):
    """Return a value with bytes as hexadecimal digits."""
    if isinstance(value, dict):
        return {str(key): hexed(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [hexed(item) for item in value]
    return {"hex": value.hex()} if isinstance(value, bytes) else value


def browser_answers(panel: Panel, settings: list[dict], folder: Path, before: str = "") -> list[dict]:
    """Return what the browser shows for each of some settings, one after another; `before`: JavaScript to run first."""
    computer = panel.computer
    sent = {
        "parts": {"name": computer.name, "data": computer.data, "texts": computer.texts},
        "networks": {name: network.network for name, network in panel.browser.networks.items()},
        "pictures": [view.picture for view in panel.views], "kinds": [view.kind for view in panel.views],
        "settings": settings,
    }  # fmt: skip
    module, told = folder / "computers.mjs", folder / "sent.json"
    module.write_text((Path(views.__file__).parent / "computers.js").read_text(encoding="utf-8"), encoding="utf-8")
    told.write_text(json.dumps(hexed(sent)), encoding="utf-8")
    script = RUN.replace("MODULE", json.dumps(module.as_uri())).replace(
        "process.argv[1]", f"(await import('node:fs')).readFileSync({json.dumps(str(told))}, 'utf8')"
    )
    node = [str(compute_driver_executable()[0]), "--input-type=module"]
    done = subprocess.run(node, input=before + script, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def compare(wanted, shown, where: str) -> None:
    """Require that two pictures agree: numbers to 1e-4 of the larger of 1 and their size, all else exactly."""
    if isinstance(wanted, np.ndarray):
        shown = np.array([float(number.replace("Infinity", "inf")) for number in shown])
        np.testing.assert_allclose(shown, wanted.ravel(), atol=1e-4, rtol=1e-4, equal_nan=True, err_msg=where)
    elif isinstance(wanted, dict):
        assert wanted.keys() <= shown.keys(), where
        for key, value in wanted.items():
            compare(value, shown[key], f"{where}.{key}")
    elif isinstance(wanted, list):
        assert len(wanted) == len(shown), where
        for at, (one, other) in enumerate(zip(wanted, shown, strict=True)):
            compare(one, other, f"{where}[{at}]")
    elif isinstance(wanted, float):
        assert shown == pytest.approx(wanted, abs=1e-4, rel=1e-4), where
    else:
        assert shown == wanted, where


def agree(panel: Panel, moves: list[dict], folder: Path, without: tuple = ()) -> None:
    """Require that browser and Python show and say the same after each of some changes of the settings.

    Fields of a picture that depend on the clock are left `without`.
    """
    settings, wanted = [], []
    for move in moves:
        for name, value in move.items():
            panel.controls[name].value = value
        settings.append(panel.settings)  # a control may have brought another along
        pictures = [{k: v for k, v in view.drawn.items() if k not in without} for view in panel.views]
        texts = [[*pair] for pair in panel.texts.drawn.items()] if hasattr(panel, "texts") else None
        said = panel.status.sentences or panel.status.text
        wanted.append({"text": said, "failed": panel.status.failed, "pictures": pictures, "texts": texts})
    for move, one, other in zip(moves, wanted, browser_answers(panel, settings, folder), strict=True):
        said = other["text"]
        assert (said[0] if isinstance(said, list) and len(said) == 1 else said) == one["text"], move
        if one["failed"]:
            continue
        assert other["texts"] == one["texts"], move
        for at, picture in enumerate(one["pictures"]):
            compare(picture, other["pictures"][at], f"{move}, view {at}")


@pytest.fixture(scope="module")
def alphabet():
    return words.Alphabet(words.load_words())


def classifier(alphabet, cell: str, hidden_size: int = 24) -> SequenceClassifier:
    torch.manual_seed(0)
    return SequenceClassifier(len(alphabet), 8, hidden_size, len(words.LANGUAGE_NAMES), cell=cell)


TYPED = [
    "polska", "İstanbul", "  Żubr ", "a", "", "x" * 41, "日本", "l’homme", "Φως", "naïve", "e\u0301te", "a\u200bb",
    "hongkong-dollar", "漢b漢c字d語e", "\u2028tab\tnew",
]  # fmt: skip


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_words_are_read_as_python_reads_them(alphabet, cell, tmp_path):
    panel = explorers.word_explorer(classifier(alphabet, cell), alphabet, "amerikansk")
    agree(panel, [{"text": text} for text in TYPED], tmp_path)


def test_the_playground_has_the_same_weights_and_average(tmp_path):
    moves = [{"score": score, "query": [x, 0.9], "temperature": t} for score in ("dot", "quarter_turn", "additive",
             "scaled_dot") for x, t in ((-2.5, 0.1), (0.0, 1.0), (1.3, 5.0))]  # fmt: skip
    panel = explorers.playground()
    keys, values = (panel.controls[name].value for name in ("keys", "values"))
    moves += [{"keys": [[-2.0, 1.5], *keys[1:]]}, {"values": [*values[:3], [2.5, -0.3]]}, {"query": [-2.5, -2.5]}]
    agree(panel, moves, tmp_path)


@pytest.mark.parametrize("options", [{}, {"seed": 3, "clip": 0.5}, {"forget_bias": 2.0, "hidden_size": 20}], ids=str)
def test_gradients_travel_back_alike(options, tmp_path):
    moves = [{"length": length, "radius": radius, "activation": act} for length in (2, 41, 200)
             for radius in (0.4, 1.0, 1.6) for act in ("tanh", "relu", "identity")]  # fmt: skip
    panel = explorers.gradient_explorer(**options)
    moves += [{"cell": "lstm", "length": 30}, {"length": 200}, {"seed": 7}]
    agree(panel, moves, tmp_path, without=("ghosts",))


@pytest.mark.parametrize("task", ["reversal", "french", "korean"])
def test_the_measured_grid_is_looked_up_alike(task, tmp_path):
    panel = explorers.bottleneck_explorer(task)
    sizes, lengths = (panel.controls[name].options for name in ("hidden_size", "length"))
    moves = [{"hidden_size": size, "length": length} for size in (sizes[0], sizes[-1]) for length in lengths]
    agree(panel, moves if task == "reversal" else [*moves, {"measure": "bleu"}, {"length": lengths[2]}], tmp_path)


def test_gates_are_held_and_shifted_alike(alphabet, tmp_path):
    torch.manual_seed(1)
    recall = SequenceClassifier(tasks.FIRST_SYMBOL + 8, 6, 12, 8, cell="lstm")
    panel = explorers.gate_explorer(recall, classifier(alphabet, "lstm"), alphabet)
    holds = [hold for _, hold in panel.controls["hold"].options]
    moves = [{"hold": hold} for hold in holds] + [{"forget_shift": shift} for shift in (-10.0, 6.0, 0.0)]
    moves += [{"text": text} for text in ("abc d", "", "xyz", "h", "a" * 101)]
    moves += [{"look_at": id} for _, id in panel.controls["look_at"].options] + [{"look_at": "unit", "unit": 5}]
    moves += [{"task": "word", "text": "amerikansk"}, {"hold": "output_open"}, {"text": "polska"}, {"text": "日本"}]
    agree(panel, moves, tmp_path)


SENTENCES = [join(PAIRS[1].source), "", "zzz", "x" * 501, " ".join(PAIRS[0].source), join(PAIRS[0].source).upper()]


@pytest.mark.parametrize("design", ["no_attention", "states_alone", "states_and_words"])
@pytest.mark.parametrize("refuse_unknown", [True, False])
def test_typed_sentences_are_translated_alike(design, refuse_unknown, tmp_path):
    panel = explorers.translation_explorer(translator(design), join(PAIRS[0].source), refuse_unknown=refuse_unknown)
    agree(panel, [{"sentence": text} for text in SENTENCES], tmp_path)


@pytest.fixture(scope="module")
def korean():
    data = Translations.course("korean")
    return designs.load_translator("attention_korean", "states_and_words", "scaled_dot", data), data.test[:60]


# A page that has no room for one more WebAssembly memory: Chromium stops at 125.
FULL = "WebAssembly.Instance = class { constructor() { throw new RangeError('out of memory'); } };"


def test_a_browser_without_webassembly_answers_the_same(korean, tmp_path):
    kept = transformer.load_translator("transformer_korean", Translations.course("korean"))
    order = explorers.order_explorer(kept, korean[1])
    typed = explorers.translation_explorer(korean[0], join(korean[1][0].source))
    reversed_order = {"order": order.settings["order"][::-1]}
    for panel, move in (order, reversed_order), (typed, {"sentence": join(korean[1][1].source)}):
        answers = [
            browser_answers(panel, [panel.settings | move], tmp_path, before)[0]
            for before in ("", "delete globalThis.WebAssembly;", FULL)
        ]
        fast, slow, full = ([answer["text"], *(one["alternative"] for one in answer["pictures"])] for answer in answers)
        assert fast == slow == full


def test_attention_and_every_intervention_agree(korean, tmp_path):
    panel = explorers.attention_explorer({"korean": korean, "own": (translator(), PAIRS)})
    moves = [{"intervention": id, "temperature": t} for _, id in panel.controls["intervention"].options
             for t in (0.3, 1.0, 4.0)]  # fmt: skip
    moves += [{"output": id} for _, id in panel.controls["output"].options] + [{"gold": "hidden"}, {"gold": "shown"}]
    moves += [{"text": text} for text in panel.controls["text"].options[1:]]
    moves += [{"text": "작가는 이 집을 그렸어요."}, {"text": "작가 +는 이 집"}, {"text": "그는 컴퓨터를 샀어요."}]
    agree(panel, [*moves, {"language": "own"}, *({"text": text} for text in SENTENCES)], tmp_path)


def test_a_real_sentence_is_translated_alike_by_the_beam(korean, tmp_path):
    made, pairs = korean
    panel = explorers.translation_explorer(made, join(pairs[0].source), refuse_unknown=False)
    agree(panel, [{"sentence": join(pair.source)} for pair in pairs[1:8]] + [{"sentence": "Hello, 세계!"}], tmp_path)


def test_positions_are_compared_alike(tmp_path):
    table = torch.nn.Embedding(40, 10, _weight=torch.randn(40, 10, generator=torch.Generator().manual_seed(0))).weight
    panel = explorers.positions_explorer(learned=table)
    looks = (([4, 9], "dot"), ([30, 30], "cosine"), ([0, 39], "dot"), ([39, 1], "cosine"))
    moves = [{"width": size, "places": places, "measure": way} for size in (4, 24, 96) for places, way in looks]
    moves += [{"kind": "none"}, {"measure": "dot"}, {"places": [3, 2]}, {"kind": "learned"}, {"measure": "cosine"}]
    agree(panel, [*moves, {"places": [0, 1]}, {"kind": "sinusoidal"}, {"width": 12}], tmp_path)


@pytest.mark.parametrize("design", [
    {}, {"positions": "learned", "norm": "after"}, {"positions": "rotary"}, {"positions": "none", "heads": 2},
], ids=str)  # fmt: skip
def test_heads_of_every_kind_of_transformer_agree(design, tmp_path):
    from test_experiments_transformer import DATA, QUICK
    from test_experiments_transformer import PAIRS as LETTERS

    model = transformer.build_transformer(DATA, transformer.BASE._replace(**design), seed=3, recipe=QUICK).eval()
    panel = explorers.heads_explorer(Translator(model, DATA), LETTERS, output="reference")
    names = panel.views[0].drawn["names"]
    moves = [{"head": name, "silent": names[:at]} for at, name in enumerate(names)] + [{"silent": names}]
    moves += [{"moment": "reading"}, {"text": "c a b"}, {"output": "own"}, {"text": "zzz"}, {"text": ""}]
    agree(panel, [*moves, *({"text": text} for text in panel.controls["text"].options)], tmp_path)


def test_silenced_heads_of_a_trained_transformer_and_bleu_agree(tmp_path):
    data = Translations.course("korean")
    made = transformer.load_translator("transformer_korean", data)
    panel = explorers.heads_explorer(made, data.test[:60], sentences=20)
    names = panel.views[0].drawn["names"]
    moves = [{"silent": [name]} for name in names] + [{"silent": names[:at], "head": names[at - 1]} for at in (2, 5, 8)]
    moves += [{"silent": ["2.2"], "moment": "reading"}, {"output": "reference"}, {"text": "작가는 이 집을 그렸어요."}]
    moves += [{"output": "own"}, {"moment": "predicting"}, {"silent": []}, {"text": "그는 컴퓨터를 샀어요."}]
    agree(panel, [*moves, *({"text": text} for text in panel.controls["text"].options[1:])], tmp_path)


@pytest.mark.parametrize("trained_blind", [False, True])
def test_words_in_another_order_are_translated_alike(trained_blind, tmp_path):
    data = Translations.course("korean")
    made = transformer.load_translator("transformer_korean", data)
    blind = None
    if trained_blind:
        design = transformer.BASE._replace(positions="none")
        blind = Translator(transformer.build_transformer(data, design).eval(), data)
    panel = explorers.order_explorer(made, data.test[:60], blind)
    draws, moves = torch.Generator().manual_seed(0), []
    for _, text in panel.controls["text"].options[::2]:
        panel.controls["text"].value = text
        orders = [torch.randperm(len(panel.settings["order"]), generator=draws).tolist() for _ in range(3)]
        moves += [{"text": text}, *({"order": order} for order in orders)]
    panel.reset()
    agree(panel, moves, tmp_path)


def test_a_transformer_that_the_browser_cannot_compute_is_left_to_python():
    from test_experiments_transformer import DATA, PAIRS, QUICK

    model = transformer.build_transformer(DATA, transformer.BASE._replace(model="no_causal_mask"), recipe=QUICK).eval()
    assert explorers.heads_explorer(Translator(model, DATA), PAIRS).computer is None
