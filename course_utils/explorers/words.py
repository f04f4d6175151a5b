"""The word explorer: type any word, and watch what the network thinks of it letter by letter."""

import random
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from course_utils.datasets import words
from course_utils.explorers.browser import Browser, classifier
from course_utils.explorers.challenges import Challenge
from course_utils.explorers.panel import Panel, example_buttons, link, text_box
from course_utils.measure import probes
from course_utils.messages import say
from course_utils.messages.explorers import WORDS, response_label, word_sentence
from course_utils.messages.labels import label
from course_utils.views.widgets import HeatmapView, StreamView


def unseen_words(count: int = 5) -> list[str]:
    """Return `count` words of 6 to 10 letters that no network of the course trained on, each of another language."""
    short = [word for word in words.load_words("test") if word.text.isalpha() and 6 <= len(word.text) <= 10]
    one_per_language = {word.language: word.text for word in random.Random(0).sample(short, len(short))}
    return list(one_per_language.values())[:count]


def chosen_units(model, alphabet: words.Alphabet) -> dict[int, str]:
    """Return the units that are worth looking at, each with what moves it; none where the alphabet has other words."""
    readable = [word for word in words.load_words("test")[::2] if set(word.text) <= set(alphabet.letters)]
    if len(readable) < 2:
        return {}
    batch = words.word_batch(readable, alphabet, model.output.weight.device)
    found = probes.unit_responses(model, batch, alphabet.letters)
    return {unit: response_label(feature, correlation) for unit, feature, correlation in found}


def word_facts(reading: probes.WordReading, shared: Mapping[str, Sequence[int]]) -> dict[str, float]:
    """Return what the challenges need.

    The number of letters, how often the network changes its mind, at which letter it is 90 % sure first, and how many
    languages share the word.
    """
    best, sure = reading.probabilities.argmax(axis=1), np.flatnonzero(reading.probabilities.max(axis=1) >= 0.9)
    return {
        "letters": len(best), "changes": int((np.diff(best) != 0).sum()),
        "sure": int(sure[0]) + 1 if len(sure) else np.inf, "shared": len(shared.get("".join(reading.letters), ())),
    }  # fmt: skip


def word_explorer(
    model, alphabet: words.Alphabet, text: str = "amerikansk", *, step=None,
    languages: Sequence[str] = words.LANGUAGE_NAMES, examples: Sequence[str] | None = None,
) -> Panel:  # fmt: skip
    """Return the word explorer: language probabilities as a stream over the letters, and a few hidden units beside it.

    Moving over the letters happens in the browser alone; a new word is read by the model.

    Args:
        model, alphabet: a trained `models.rnn.SequenceClassifier` of words, and the alphabet that it was trained with.
        text: the word shown first, from its first letter on.
        step: a function like `models.rnn.rnn_step` to use in place of torch's own.
        languages: the names of the model's classes.
        examples: words on buttons; words that the model has not seen in training, where not given.

    Raises:
        ValueError: the first word cannot be read.
    """
    names = [label("language", language) for language in languages]
    box = text_box(text, say("word"), placeholder=say("type any word"))
    box.layout.width = "260px"  # its examples find room beside it
    stream = StreamView(
        [[1 / len(names)] * len(names)], names, title=say("Language after each letter"), row_name=say("language"),
        value_name=say("probability"), step_name=say("letter"), interval=600, height=176,
    )  # fmt: skip
    few = chosen_units(model, alphabet)
    shared = words.shared_words() if list(languages) == words.LANGUAGE_NAMES else {}
    states = HeatmapView(
        np.zeros((model.output.in_features, 1)), row_name=say("unit"), column_name=say("letter"), few=few,
        title=say("Hidden units, and what moves them") if few else say("Hidden units"), value_name=say("state"),
        scale="diverging", cursor="column", step_name=say("letter"), vmin=-1, vmax=1, height=176, interval=600,
    )  # fmt: skip
    stream.layout.flex, states.layout.flex = "3 1 380px", "2 1 300px"
    link([stream, states])
    started = False

    def show(reading: probes.WordReading) -> list[str]:
        nonlocal started
        frame, started = len(reading.letters) - 1 if started else 0, True
        stream.update(reading.probabilities, steps=reading.letters, frame=frame)
        states.update(reading.states.T, columns=reading.letters, frame=frame)
        every = range(1, len(reading.letters))
        before = [word_sentence(reading.letters[:at], reading.probabilities[:at], names) for at in every]
        owners = shared.get("".join(reading.letters), ())
        return [*before, word_sentence(reading.letters, reading.probabilities, names, owners)]

    buttons = example_buttons(box, unseen_words() if examples is None else examples)
    compute = partial(probes.read_word, model, alphabet=alphabet, step=step)
    browser, network = None, classifier(model)
    if network is not None and (step is None or network.network["cell"] == "rnn"):
        data = {"letters": alphabet.letters, "longest": words.LONGEST, "count": len(words.LANGUAGES), "names": names,
                "shared": shared}  # fmt: skip
        browser = Browser("words", data, WORDS, {"network": network}, own=step is not None)
    return Panel(
        {"text": box}, compute, show, [[stream, states]], beside=buttons, made_by=word_explorer, browser=browser,
        facts=partial(word_facts, shared=shared),
        title=say("Which language is this word?"),
        hint=say("Type a word, press Play, and watch the network change its mind letter by letter."),
        challenges=[
            Challenge(say("At most one change of mind in 8 letters"), {"letters": (8, None), "changes": (None, 1)}),
            Challenge(say("At least 90% by letter 4"), {"sure": (None, 4)}),
            Challenge(say("A word that three languages share"), {"shared": (3, None)}),
        ],
    )  # fmt: skip
