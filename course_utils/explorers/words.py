"""The word explorer: type any word, and watch what the network thinks of it letter by letter."""

import random
from collections.abc import Sequence
from functools import partial

from course_utils.datasets import words
from course_utils.explorers.panel import Panel, example_buttons, link, text_box
from course_utils.measure import probes
from course_utils.messages import say
from course_utils.messages.explorers import word_sentence
from course_utils.messages.labels import label
from course_utils.views.widgets import BarView, HeatmapView


def unseen_words(count: int = 5) -> list[str]:
    """Return `count` words of 6 to 10 letters that no network of the course trained on, each of another language."""
    short = [word for word in words.load_words("test") if word.text.isalpha() and 6 <= len(word.text) <= 10]
    one_per_language = {word.language: word.text for word in random.Random(0).sample(short, len(short))}
    return list(one_per_language.values())[:count]


def word_explorer(
    model, alphabet: words.Alphabet, text: str = "amerikansk", *, step=None,
    languages: Sequence[str] = words.LANGUAGE_NAMES, examples: Sequence[str] | None = None,
) -> Panel:  # fmt: skip
    """Return the word explorer: language probabilities after each letter, and the hidden units under it.

    Moving over the letters happens in the browser alone; a new word is read by the model.

    Args:
        model, alphabet: a trained `models.rnn.SequenceClassifier` of words, and the alphabet that it was trained with.
        text: the word shown first.
        step: a function like `models.rnn.rnn_step` to use in place of torch's own.
        languages: the names of the model's classes.
        examples: words on buttons; words that the model has not seen in training, where not given.

    Raises:
        ValueError: the first word cannot be read.
    """
    names = [label("language", language) for language in languages]
    box = text_box(text, say("word"), placeholder=say("type any word"))
    states = HeatmapView(
        [[0.0]], title=say("Hidden units after each letter"), row_name=say("unit"), column_name=say("letter"),
        value_name=say("state"), scale="diverging", cursor="column", step_name=say("letter"), vmin=-1, vmax=1,
        height=320, interval=600,
    )  # fmt: skip
    bars = BarView(
        [0.0] * len(names), names, title=say("Language"), value_name=say("probability"), step_name=say("letter"),
        vmax=1, bar_height=19,
    )  # fmt: skip
    states.layout.flex, bars.layout.flex = "3 1 380px", "2 1 300px"
    link([states, bars])

    def show(reading: probes.WordReading) -> str:
        last = len(reading.letters) - 1
        states.update(reading.states.T, columns=reading.letters, frame=last)
        bars.update(reading.probabilities, steps=reading.letters, frame=last)
        return word_sentence(reading.letters, reading.probabilities, names)

    buttons = example_buttons(box, unseen_words() if examples is None else examples)
    compute = partial(probes.read_word, model, alphabet=alphabet, step=step)
    return Panel({"text": box}, compute, show, [[states, bars]], beside=buttons)
