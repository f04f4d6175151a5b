"""All questions of the course, lesson by lesson."""

from course_utils.predictions import attention, lstm, rnn, seq2seq, transformer, your_text
from course_utils.predictions.questions import Question

LESSONS: dict[str, dict[str, Question]] = {
    "rnn": rnn.QUESTIONS, "lstm": lstm.QUESTIONS, "seq2seq": seq2seq.QUESTIONS, "attention": attention.QUESTIONS,
    "transformer": transformer.QUESTIONS, "your_text": your_text.QUESTIONS,
}  # fmt: skip


def question(id: str) -> Question:
    """Return the question of an id.

    Raises:
        ValueError: there is none; the message lists those there are.
    """
    for questions in LESSONS.values():
        if id in questions:
            return questions[id]
    ids = ", ".join(id for questions in LESSONS.values() for id in questions)
    raise ValueError(f"there is no question {id!r}; there are: {ids}")


def of_lesson(lesson: str) -> dict[str, Question]:
    """Return a lesson's questions by id, in the order in which it asks them; ValueError where there is no such "
    "lesson."""
    if lesson not in LESSONS:
        raise ValueError(f"there is no lesson {lesson!r}; there are: {', '.join(LESSONS)}")
    return LESSONS[lesson]
