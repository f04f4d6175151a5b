"""What this student has predicted, and what became of it: lock in, clear, count."""

from typing import Any

from course_utils.messages import Refusal, say, say_plural
from course_utils.predictions.lessons import LESSONS, of_lesson, question
from course_utils.predictions.questions import plain
from course_utils.predictions.store import of_environment

STORE = of_environment()
measured_here: dict[str, Any] = {}  # id → what this kernel has measured, in the form of a guess


def prediction(id: str) -> dict | None:
    """Return `{"guess": …}`, with `"truth"` once it was compared, or None where nothing is locked in."""
    entry = STORE.read()["predictions"].get(id)
    return entry if entry is not None and question(id).fits(entry["guess"]) else None


def lock_in(id: str, guess) -> dict:
    """Keep a guess and return its entry. One that is already locked in, perhaps in another notebook, stays.

    Raises:
        Refusal: there is one, and it is another.
    """
    new = {"guess": guess} | ({"truth": measured_here[id]} if id in measured_here else {})

    def edit(kept: dict) -> None:
        entry = kept["predictions"].get(id)
        if entry is None or not question(id).fits(entry["guess"]):
            kept["predictions"][id] = new

    entry = STORE.change(edit)["predictions"][id]
    if entry["guess"] != guess:
        raise Refusal("A prediction is already locked in, perhaps in another window: {guess}.",
                      guess=question(id).words(entry["guess"]))  # fmt: skip
    return entry


def record(id: str, truth) -> None:
    """Keep what was measured: beside the guess, where there is one, so that the lesson's end can count it."""
    measured_here[id] = truth
    entry = prediction(id)
    if entry is not None and entry.get("truth") != truth:
        STORE.change(lambda kept: kept["predictions"].get(id, {}).update(truth=truth))


def forget(*ids: str) -> None:
    """Drop the guesses of these questions."""
    STORE.change(lambda kept: [kept["predictions"].pop(id, None) for id in ids])


def clear(lesson: str | None = None) -> None:
    """Drop every guess and show of hands of a lesson, such as "rnn", or of all lessons."""
    ids = [id for name in ([lesson] if lesson else LESSONS) for id in of_lesson(name)]
    STORE.change(lambda kept: [part.pop(id, None) for part in kept.values() for id in ids])


def hands(id: str) -> dict:
    """Return the class's show of hands: option → count, or `{"numbers": [[…], …]}`; empty where there was none."""
    entry = STORE.read()["hands"].get(id)
    return entry if isinstance(entry, dict) else {}


def keep_hands(id: str, shown: dict) -> None:
    """Keep a show of hands; an empty one is dropped."""
    STORE.change(lambda kept: kept["hands"].update({id: shown}) if shown else kept["hands"].pop(id, None))


def progress() -> dict[str, tuple[int, int]]:
    """Return for every lesson how many of its predictions are made, and how many there are."""
    made = STORE.read()["predictions"]
    return {
        name: (sum(id in made and asked.fits(made[id]["guess"]) for id, asked in questions.items()), len(questions))
        for name, questions in LESSONS.items()
    }


def summary(lesson: str) -> str:
    """Return in one or two sentences how a lesson's predictions went, with the one that was farthest off."""
    questions = of_lesson(lesson)
    entries = {id: entry for id in questions if (entry := prediction(id)) is not None}
    compared = {id: entry for id, entry in entries.items() if "truth" in entry}
    misses = {id: questions[id].miss(entry["guess"], entry["truth"]) for id, entry in compared.items()}
    if not entries:
        return say_plural(
            "The {count} prediction of this lesson is still open.",
            "All {count} predictions of this lesson are still open.", len(questions),
        )  # fmt: skip
    texts = []
    if misses:
        close = sum(miss <= 1 for miss in misses.values())
        texts.append(
            say_plural("{close} of {count} prediction close.", "{close} of {count} predictions close.",
                       len(misses), close=close)
        )  # fmt: skip
        worst = max(misses, key=misses.get)
        if misses[worst] > 1:
            asked, entry = questions[worst], compared[worst]
            texts.append(
                say("The surprise was {name}: you predicted {guess}; measured: {truth}.", name=plain(say(asked.name)),
                    guess=asked.words(entry["guess"]), truth=asked.words(entry["truth"]))
            )  # fmt: skip
    if waiting := len(entries) - len(compared):
        texts.append(say_plural("{count} prediction waits for its result: run its cell.",
                                "{count} predictions wait for their results: run their cells.", waiting))  # fmt: skip
    if left := len(questions) - len(entries):
        texts.append(say_plural("{count} question is still open.", "{count} questions are still open.", left))
    return " ".join(texts)
