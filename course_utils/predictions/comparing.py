"""The guess beside the truth: in a sentence, and in the figure."""

import html

from course_utils import figures
from course_utils.messages import say, say_plural
from course_utils.predictions import cards, kept
from course_utils.predictions.lessons import question
from course_utils.predictions.questions import Curve, Numbers, Question, plain


def show(lines: list[str]) -> None:
    """Display sentences, one a line; nothing where there are none."""
    from IPython.display import display

    if lines:
        shown = "".join(f"<p>{html.escape(line)}</p>" for line in lines)
        display({"text/html": shown, "text/plain": "\n".join(lines)}, raw=True)


def class_lines(asked: Question, shown: dict, truth) -> list[str]:
    """Return the class's show of hands in lines: a bar of blocks for each option, or the numbers in their order."""
    if isinstance(asked, Numbers):
        lines = []
        for at, values in enumerate(shown.get("numbers", [])):
            if values:
                close = sum(bool(asked.close.miss(value, truth[at]) <= 1) for value in values)
                numbers = ", ".join(say(asked.unit.value, value=f"{value:g}") for value in sorted(values))
                name = plain(say(asked.names[at]))
                text = say("Your class: {numbers} ({close} of {count} close).",
                           numbers=numbers, close=close, count=len(values))  # fmt: skip
                lines.append(say("{name}: {value}", name=name, value=text) if name else text)
        return lines
    total = sum(shown.values())
    right = {truth} if isinstance(truth, str) else set(truth)
    lines = [say_plural("Your class, {count} vote:", "Your class, {count} votes:", total)] if total else []
    for id, text in asked.options.items() if total else ():
        bar = "█" * round(20 * shown.get(id, 0) / max(shown.values()))
        mark = "✓" if id in right else " "
        lines.append(f"{mark} {plain(say(text))} {bar} {shown.get(id, 0)}")
    return lines


def draw(asked: Question, ax, guess, crowd: list) -> None:
    """Draw a guess, and a class's, on the axes of the result."""
    if isinstance(asked, Curve):
        if guess is not None:
            figures.mark_curve(ax, list(asked.x), guess)
        return
    heights = None if guess is None else [value * asked.unit.worth for value in guess]
    crowd = [[value * asked.unit.worth for value in values] for values in crowd]
    if asked.along_x:
        figures.mark_place(ax, None if guess is None else heights[0], crowd[0] if crowd else ())
    elif asked.at is not None:
        figures.mark_points(ax, asked.at, heights, crowd, [plain(say(name)) for name in asked.names])


def compare(id: str, measured, *, ax=None) -> None:
    """Show the prediction of a question beside what was measured; without a prediction nothing is shown.

    Args:
        id: the question's.
        measured: a number or several, an option's id or what the question's `measure` reads, a truth value for yes and
            no, the ids that hold, one number per item of an order, or a curve's heights at the question's x.
        ax: the axes of the result, where the guess is drawn too; call this before the figure is shown.

    Raises:
        ValueError: there is no such question.
    """
    asked = question(id)
    truth = asked.truth(measured)
    kept.record(id, truth)
    entry, shown = kept.prediction(id), kept.hands(id)
    lines = kept.STORE.news()
    if entry is not None:
        lines.append(asked.verdict(entry["guess"], truth))
    if shown:
        lines += class_lines(asked, shown, truth)
    if ax is not None and (entry is not None or shown):
        draw(asked, ax, entry and entry["guess"], shown.get("numbers", []))
    show(lines)
    cards.refresh(id)


def summary(lesson: str) -> None:
    """Say how many of a lesson's predictions were close, and what the surprise was.

    Args:
        lesson: "rnn", "lstm", "seq2seq" or "attention".
    """
    show([kept.summary(lesson), *kept.STORE.news()])
