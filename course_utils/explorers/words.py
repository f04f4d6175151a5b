"""The word explorer: type any word, and watch what the network thinks of it letter by letter."""

import random
from collections.abc import Sequence
from functools import partial

import ipywidgets as widgets

from course_utils.datasets import words
from course_utils.explorers.panel import Panel, link, text_box
from course_utils.measure import probes
from course_utils.messages.numbers import percent
from course_utils.views.widgets import BarView, HeatmapView


def unseen_words(count: int = 5) -> list[str]:
    """Return `count` words of 6 to 10 letters that no network of the course trained on, each of another language."""
    short = [word for word in words.load_words("test") if word.text.isalpha() and 6 <= len(word.text) <= 10]
    drawn = random.Random(0).sample(short, len(short))
    found = {word.language: word.text for word in drawn}
    return list(found.values())[:count]


def word_sentence(reading: probes.WordReading, languages: Sequence[str]) -> str:
    """Return in words what the network says after the last letter, and since when it has said so.

    Args:
        reading: the numbers of `probes.read_word`, `probabilities (T, C)`.
        languages: the C names.
    """
    best = reading.probabilities.argmax(axis=1)
    last, count = best[-1], len(best)
    since = max((at for at in range(count) if best[at] != last), default=-1) + 2
    steady = "only at the last letter" if since == count else f"since letter {since} of {count}"
    steady = "from the first letter on" if since == 1 else steady
    share = percent(reading.probabilities[-1, last])
    return f"“{''.join(reading.letters)}”: the network says {languages[last]} ({share}), {steady}."


def word_explorer(
    model,
    alphabet: words.Alphabet,
    text: str = "amerikansk",
    *,
    step=None,
    languages: Sequence[str] = words.LANGUAGE_NAMES,
    examples: Sequence[str] | None = None,
) -> Panel:
    """Return the word explorer: language probabilities after each letter, and the hidden units under it.

    Moving over the letters happens in the browser alone; a new word is read by the model.

    Args:
        model: a trained `recurrent.SequenceClassifier` of words.
        alphabet: the alphabet that it was trained with.
        text: the word shown first.
        step: a function like `recurrent.rnn_step` to use in place of torch's own.
        languages: the names of the model's classes.
        examples: words on buttons; words that the model has not seen in training, where not given.

    Raises:
        ValueError: the first word cannot be read.
    """
    box = text_box(text, "word", placeholder="type any word")
    states = HeatmapView(
        [[0.0]],
        title="Hidden units after each letter",
        row_name="unit",
        column_name="letter",
        value_name="state",
        scale="diverging",
        cursor="column",
        step_name="letter",
        vmin=-1,
        vmax=1,
        height=320,
        interval=600,
    )
    bars = BarView(
        [0.0] * len(languages),
        languages,
        title="Language",
        value_name="probability",
        step_name="letter",
        vmax=1,
        bar_height=19,
    )
    states.layout.flex, bars.layout.flex = "3 1 380px", "2 1 300px"
    link([states, bars])

    def show(reading: probes.WordReading) -> str:
        last = len(reading.letters) - 1
        states.update(reading.states.T, columns=reading.letters, frame=last)
        bars.update(reading.probabilities, steps=reading.letters, frame=last)
        return word_sentence(reading, languages)

    buttons = [
        widgets.Button(description=word, tooltip=f"Read “{word}”", layout={"width": "auto"})
        for word in (unseen_words() if examples is None else examples)
    ]
    for button in buttons:
        button.on_click(lambda pressed: setattr(box, "value", pressed.description))
    compute = partial(probes.read_word, model, alphabet=alphabet, step=step)
    return Panel({"text": box}, compute, show, [[states, bars]], beside=buttons)
