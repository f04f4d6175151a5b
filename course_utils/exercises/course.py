"""The lessons as cards: what each asks, how long it takes, and how far this student is."""

import base64
import html
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from course_utils.exercises.checks import EXERCISES
from course_utils.exercises.solved import solved
from course_utils.messages import say, say_plural

PICTURES = Path("..", "docs", "pictures")  # from the notebooks' folder
_CARD = "display:inline-block;vertical-align:top;width:260px;min-height:385px;margin:0 12px 14px 0;padding:12px 14px;" \
    "border:1px solid #8886;border-radius:10px;box-sizing:border-box;white-space:normal"  # fmt: skip
_PICTURE = "display:block;width:100%;height:140px;object-fit:cover;object-position:left top;background:white;" \
    "border-radius:6px;margin-bottom:8px"  # fmt: skip


class Lesson(NamedTuple):
    """What a lesson's notebook says: file's name, number, title, question, minutes (None where it says none)."""

    file: str
    number: int
    title: str
    question: str
    minutes: int | None


def lessons(folder: Path) -> list[Lesson]:
    """Return the lessons whose notebooks are in a folder, in order; other notebooks are left out."""
    found = []
    for path in sorted(folder.glob("[0-9][0-9]_*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        text = "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
        title = re.search(r"^# Lesson (\d+) · (.*?)\s*\n+\*\*(.*?)\*\*", text, re.MULTILINE)
        if title:
            minutes = re.search(r"^\*\*Lesson .*?· (\d+) min", text, re.MULTILINE)
            found.append(Lesson(path.name, int(title[1]), title[2], title[3], int(minutes[1]) if minutes else None))
    return found


def _done(done: int, count: int, text: str) -> str:
    mark, colour = ("✓", "#1f8a5b") if done == count else ("◐", "#b06a00") if done else ("○", "#888")
    return f'<div><b style="color:{colour}">{mark}</b> {html.escape(text)}</div>'


def _card(lesson: Lesson, made: tuple[int, int] | None, folder: Path) -> tuple[str, str]:
    """Return a lesson's card as HTML and as a line of text."""
    picture, names = folder / PICTURES / f"{Path(lesson.file).stem}.png", []
    names = [name for name, exercise in EXERCISES.items() if exercise.lesson == lesson.number]
    done = len(solved() & set(names))
    exercises = say("{done} of {count} exercises solved", done=done, count=len(names))
    predictions = made and say("{done} of {count} predictions made", done=made[0], count=made[1])
    minutes = say_plural("{count} minute", "{count} minutes", lesson.minutes) if lesson.minutes else ""
    heading = say("Lesson {number} · {title}", number=lesson.number, title=lesson.title)
    image = ""
    if picture.is_file():
        data = base64.b64encode(picture.read_bytes()).decode()
        image = f'<a href="{lesson.file}"><img alt="" src="data:image/png;base64,{data}" style="{_PICTURE}"></a>'
    page = (
        f'<div style="{_CARD}">{image}<div style="font-size:1.1em"><a href="{lesson.file}">'
        f"<b>{html.escape(heading)}</b></a></div>"
        f'<p style="margin:6px 0 8px">{html.escape(lesson.question)}</p><div>{minutes}</div>'
        f"{_done(done, len(names), exercises) if names else ''}{_done(*made, predictions) if made else ''}</div>"
    )
    parts = [heading, minutes, exercises if names else "", predictions or ""]
    return page, " · ".join(part for part in parts if part)


def show_lessons(folder: str | Path = ".", *, made: Mapping[str, tuple[int, int]] | None = None) -> None:
    """Display a card for each lesson in a folder, with what this student has solved and predicted.

    Args:
        folder: where the lessons' notebooks are.
        made: the part of a lesson's file name behind its number, such as "rnn" → (predictions made, all there are).
    """
    from IPython.display import display

    folder = Path(folder)
    names = (lesson.file.removesuffix(".ipynb").partition("_")[2] for lesson in lessons(folder))
    cards = [_card(lesson, (made or {}).get(name), folder) for lesson, name in zip(lessons(folder), names, strict=True)]
    page = f'<div style="max-width:1150px">{"".join(page for page, _ in cards)}</div>'
    display({"text/html": page, "text/plain": "\n".join(line for _, line in cards)}, raw=True)
