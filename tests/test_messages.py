"""What people read: catalogues in step with the code, and a pseudo-language that shows what is left unwrapped."""

import gettext
import re
from functools import cache, partial, wraps
from inspect import signature
from string import Formatter

import numpy as np
import pytest
import torch
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from matplotlib.text import Text
from test_measure_alignment import PAIRS, translator
from test_predictions import example

from course_utils import explorers, figures, messages
from course_utils.datasets import tasks, words
from course_utils.exercises.answers import MISTAKES, SOLUTIONS
from course_utils.exercises.checks import EXERCISES
from course_utils.explorers.panel import Panel, slider
from course_utils.explorers.texts import TextPanel
from course_utils.measure.reading import read_attention
from course_utils.messages import labels, say
from course_utils.messages.browser import TEMPLATES
from course_utils.messages.numbers import chance, number, percent
from course_utils.models.rnn import SequenceClassifier
from course_utils.predictions import cards, kept
from course_utils.predictions.lessons import LESSONS
from course_utils.predictions.questions import Choice, Curve, Numbers, Order
from course_utils.views.widgets import HeatmapView, StatusLine

KEYWORDS = {"say": None, "say_plural": (1, 2), "note": None, "note_plural": (1, 2), "Refusal": None}
PACKAGE = messages.LOCALE.parents[1]
CATALOGUES = sorted(messages.LOCALE.glob("*/LC_MESSAGES/messages.po"))


def texts_of(message) -> tuple[str, ...]:
    return (message,) if isinstance(message, str) else tuple(message)


@cache
def messages_in_code() -> set[tuple[str, ...]]:
    found = extract_from_dir(PACKAGE, [("**.py", "python")], keywords=KEYWORDS)
    return {texts_of(message) for _, _, message, _, _ in found}


def noted() -> set[str]:
    return {text for message in messages_in_code() for text in message}


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_a_catalogue_is_in_step_with_the_code(path):
    with path.open("rb") as file, path.with_suffix(".mo").open("rb") as compiled:
        catalogue, installed = read_po(file, locale=path.parts[-3]), read_mo(compiled)
    entries = [message for message in catalogue if message.id]
    assert {texts_of(message.id) for message in entries} == messages_in_code(), "run `make messages`"
    assert not catalogue.obsolete and not any(message.fuzzy for message in entries)
    own = ("course_utils/explorers/", "course_utils/messages/explorers", "course_utils/messages/labels")
    own += ("course_utils/predictions/", "course_utils/figures/guesses")
    for message in entries:
        translated = all(texts_of(message.string))
        assert translated or not any(place.startswith(own) for place, _ in message.locations), message.id
        if translated:
            assert len(texts_of(message.string)) == (catalogue.num_plurals if message.pluralizable else 1)
            english = set.union(*map(fields, texts_of(message.id)))
            assert all(fields(text) == english for text in texts_of(message.string)), message.string
            entry = installed.get(texts_of(message.id)[0])
            assert texts_of(entry.string) == texts_of(message.string), "compile the catalogue"


def test_every_class_of_words_has_a_label_and_an_unknown_id_is_its_own():
    assert list(labels.WORD_LANGUAGES) == words.LANGUAGE_NAMES
    assert labels.label("language", "korean") == "Korean" and labels.label("language", "klingon") == "klingon"
    two = [("none held", "none"), ("forget gate shut", "forget_shut")]
    assert labels.options("hold", ["none", "forget_shut"]) == two


class Pseudo(gettext.NullTranslations):
    """Wraps every message, its fields left outside, and remembers it."""

    def __init__(self):
        super().__init__()
        self.asked: set[str] = set()

    def gettext(self, message):
        self.asked.add(message)
        return "⟦" + re.sub(r"\{\w[^{}]*\}", r"⟧\g<0>⟦", message) + "⟧"

    def ngettext(self, one, many, count):
        return self.gettext(one if count == 1 else many)


@pytest.fixture
def pseudo():
    catalogue = Pseudo()
    messages.install(catalogue)
    yield catalogue
    messages.choose("en")


def unwrapped(text: str, given=()) -> list[str]:
    """Return the Latin words outside ⟦…⟧, but for code, formulas, Python's errors and what the caller gave."""
    text = re.sub(r"`[^`]*`|\$[^$]*\$|<\w+>|\{\w+\}|\btorch\.\w+|\w+Error\b(⟦: ⟧)?[^⟦]*|\de[-+]\d", "", text)
    text = re.sub(r"⟦[^⟦⟧]*⟧", " ", text)
    for name in sorted(given, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", text)
    return re.findall(r"[A-Za-zÀ-ɏ]+", text)


def strings(value, skipped: set[str]):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list | tuple):
        items = [item for key, item in value.items() if key not in skipped] if isinstance(value, dict) else value
        for item in items:
            yield from strings(item, skipped)


def panel_texts(panel: Panel):
    """Yield all that a panel shows, but for what the views add by themselves."""
    yield from (panel.status.text, *panel.status.sentences, panel.head.title, panel.head.hint)
    yield from (challenge["text"] for challenge in panel.head.challenges)
    for widget in [*panel.controls.values(), *panel.children[1].children]:
        yield from (getattr(widget, name, None) or "" for name in ("description", "tooltip", "placeholder"))
        yield from getattr(widget, "_options_labels", ())
    for view in panel.views:
        still = {"step_name"} if view.drawn["step_count"] == 1 else set()
        yield from strings(view.drawn, {"alternative", "colours", "cursor", "kind", "picks", "hand", "hold"} | still)
    if isinstance(panel, TextPanel):
        yield from strings([*panel.texts.plain.items()], set())


def panels():
    """Yield every explorer after every kind of move, with what the caller gave."""

    def broken(x_t, h_prev, W_ih, W_hh, b_ih, b_hh, activation=torch.tanh):
        return torch.tanh(x_t @ W_ih.T + h_prev @ W_hh.T) if activation is torch.tanh else 1 / 0

    alphabet = words.Alphabet(words.load_words())
    reader, recall, gated = (
        SequenceClassifier(ids, 4, 6, classes, cell=cell)
        for ids, classes, cell in ((len(alphabet), 18, "rnn"), (11, 8, "lstm"), (len(alphabet), 18, "lstm"))
    )
    tokens = {"a", "b", "c", "A", "B", "THE", "zebra"}
    spelled = [word[:end] for word in ("ABX", "amerikansk") for end in range(2, len(word) + 1)]
    both = {"korean": (translator(), PAIRS), "french": (translator(), [pair._replace(alignment=()) for pair in PAIRS])}
    grids = [(explorers.bottleneck_explorer(task), task) for task in ("reversal", "french", "korean")]
    for panel, given, moves in [
        (explorers.gradient_explorer(), (), [
            {"length": 2}, {"length": 200}, {"activation": "relu", "radius": 1.6}, {"length": 2},
            {"length": 6, "radius": 1.4}, {"cell": "lstm"},
        ]),
        (explorers.gradient_explorer(cell="lstm", forget_bias=3.0), (), []),
        (explorers.gradient_explorer(step=broken), (), [{"activation": "relu"}]),
        (explorers.word_explorer(reader, alphabet, "aj"), ["aj", *alphabet.letters, *explorers.words.unseen_words()], [
            {"text": ""}, {"text": "a" * 50}, {"text": "한"},
        ]),
        (explorers.gate_explorer(recall, gated, alphabet, "ab"), ["AB", *spelled, *"ABCDEFGHX", *"amerikns"], [
            {"hold": "forget_shut"}, {"text": "x"}, {"text": "a" * 200}, {"task": "word"},
        ]),
        (explorers.playground(), (), [
            {"score": "additive"}, {"temperature": 5.0}, {"query": [2.5, 0.9], "temperature": 0.1},
        ]),
        (explorers.attention_explorer(both, output="reference"), tokens, [
            {"intervention": "uniform"}, {"intervention": "other_memory"}, {"language": "french"},
            {"output": "beam_2"}, {"text": "zebra"},
        ]),
        (explorers.translation_explorer(translator(), "a b", ["c"]), tokens, [{"sentence": "zebra"}, {"sentence": ""}]),
        *((panel, (), [{"length": "16" if task == "reversal" else "17–20"}]) for panel, task in grids),
        (grids[1][0], (), [{"measure": "bleu"}]),
    ]:  # fmt: skip
        for move in [{}, *moves]:
            for name, value in move.items():
                panel.controls[name].value = value
            texts = [text for name, text in panel.texts.plain.items() if name] if isinstance(panel, TextPanel) else ()
            yield panel, {*given, *re.findall(r"\w+", " ".join(texts))}


def explored():
    return ((text, given) for panel, given in panels() for text in panel_texts(panel))


def refusals():
    alphabet, letters = words.Alphabet(words.load_words()), translator()
    for refused in [
        *(partial(alphabet.encode, text) for text in ("", "a" * 50, "한")), partial(tasks.recall_ids, ""),
        partial(tasks.recall_ids, "x"), partial(read_attention, letters, {}, ""),
        partial(read_attention, letters, {}, "zebra"), partial(read_attention, letters, {}, "a", rank=None),
        partial(read_attention, letters, {}, "a", intervention="other_memory"),
        partial(letters, [["zebra"]], refuse_unknown=True),
    ]:  # fmt: skip
        with pytest.raises(messages.Refusal) as refusal:
            refused()
        yield str(refusal.value), ("A", "H", "X", "zebra")


def drawn():
    two, matrix = ["가", "나"], np.array([[0.7, 0.3], [0.2, 0.8]])
    calls = {
        "attention": [(matrix, two, two, [(0, 0)])], "bars": [(two, [1, 2])], "encoder_decoder": [(two, two)],
        "curves": [([1, 2], {"가": [1, 2]}), ([1, 2], {"가": matrix})],
        "gates": [({"가": matrix}, two)], "groups": [(two, {"가": [1, 2]}), (two, {"가": matrix})],
        "matrix": [(matrix,)], "orders": [()], "paths": [(two,)], "steps": [({"가": "나"},)], "unrolled": [(3,)],
        "vectors": [({"가": (1, 2)},)],
    }  # fmt: skip
    assert {f"draw_{name}" for name in calls} == {name for name in figures.__all__ if name.startswith("draw_")}
    for name, arguments in ((name, arguments) for name, every in calls.items() for arguments in every):
        picture = getattr(figures, f"draw_{name}")(*arguments)
        figure = picture.get_figure() or picture
        figure.canvas.draw()
        yield from (
            (text.get_text(), ("LSTM", "W_hh", "h₀", "h₁", "h₂", "h₃", "x₁", "x₂", "x₃"))
            for text in figure.findobj(Text)
        )
        yield figures.description(picture), ()


def viewed():
    for panel, given in panels():
        yield from ((text, given) for view in [*panel.views, panel.status] for text in view.texts.values())
        yield from ((view.drawn["alternative"], given) for view in panel.views)


def judged():
    changes = [
        lambda value: None, lambda value: 1 / 0, lambda value: "words", lambda value: (value, value),
        lambda value: value + 1, lambda value: value[:-1], lambda value: value.float(), lambda value: value.tolist(),
        lambda value: tuple(part + 1 for part in value), lambda value: [part * 0 for part in value],
    ]  # fmt: skip

    def changed(solution, change):
        return wraps(solution)(lambda *arguments: change(solution(*arguments)))

    python = ("int", "str", "list", "tuple", "True", "False", "None", "nan", "inf", "tensor", "float32", "float64")
    sizes = ("T", "S", "B", "E", "H", "D", "K", "G", "M", "half")
    for name, exercise in EXERCISES.items():
        wrong = [changed(SOLUTIONS[name], change) for change in changes]
        given = {*python, *sizes, *signature(SOLUTIONS[name]).parameters}
        for function in (7, lambda: 0, SOLUTIONS[name], *wrong, *MISTAKES[name].values()):
            yield exercise.verdict(function).text, given


def predicted():
    """Yield what cards, verdicts and the end of a lesson say."""
    for lesson, questions in LESSONS.items():
        yield kept.summary(lesson), ()
        for id, asked in questions.items():
            guess = example(asked)
            far = guess if isinstance(asked, Choice) else guess[::-1] if isinstance(asked, Order) else guess[:-1]
            other = [9e9] * len(guess) if isinstance(asked, Numbers | Curve) else far
            for text in (cards.quiet([id])["text/plain"], asked.rule(), asked.verdict(guess, guess), say(asked.name)):
                yield text, ()
            yield asked.verdict(guess, other), ()


PARTS = {"explorers": explored, "refusals": refusals, "figures": drawn, "views": viewed, "exercises": judged}
PARTS |= {"predictions": predicted}


@pytest.mark.parametrize("part", PARTS)
def test_nothing_is_read_that_no_catalogue_can_translate(pseudo, part):
    left = {text: names for text, given in PARTS[part]() if (names := unwrapped(text, given))}
    assert left == {}
    assert pseudo.asked and pseudo.asked <= noted()


def test_a_sentence_left_unwrapped_is_found(pseudo):
    panel = Panel({"top": slider(3, 1, 30, say("measure"))}, lambda top: top, lambda top: f"The top is {top}.", [])
    assert [names for text in panel_texts(panel) if (names := unwrapped(text))] == [["The", "top", "is"]]
    assert unwrapped(say("{answer} ({share})", answer="left alone", share="1%")) == ["left", "alone"]
    say("never noted")
    assert pseudo.asked - noted() == {"never noted"}


def test_views_bring_their_texts_and_numbers_in_the_chosen_language(pseudo):
    view, line = HeatmapView(np.eye(2)), StatusLine()
    assert view.texts == line.texts == {name: pseudo.gettext(text) for name, text in TEMPLATES.items()}, "fields stay"
    assert view.picture["row_name"] == "⟦row⟧" and view.picture["alternative"].startswith("⟦Heatmap")
    numbers = number(float("nan")), number(float("-inf")), percent(0.999), chance(0.999)
    assert numbers == ("⟦no number⟧", "⟦minus infinite⟧", "⟦above 99%⟧", "⟦above 0.99⟧")
