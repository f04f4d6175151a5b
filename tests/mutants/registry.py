"""Wrong and right answers to the exercises, as students write them; each module of answers registers its own."""

from collections.abc import Callable
from typing import NamedTuple


class Answer(NamedTuple):
    """A function handed in for an exercise; `says`: what the check's answer must contain, None where it is right."""

    exercise: str
    function: Callable
    says: str | None


ANSWERS: list[Answer] = []


def wrong(exercise: str, says: str | None) -> Callable[[Callable], Callable]:
    """Register a wrong answer, whose check must answer with a sentence that contains `says`."""

    def register(function: Callable) -> Callable:
        ANSWERS.append(Answer(exercise, function, says))
        return function

    return register


def wrong_answers(exercise: str, **answers: tuple[str, Callable]) -> None:
    """Register wrong answers of one line: name → what the check must say, the function."""
    for name, (says, function) in answers.items():
        function.__name__ = name
        wrong(exercise, says)(function)


def right(exercise: str) -> Callable[[Callable], Callable]:
    """Register an answer that is written otherwise than the worked solution, and right."""
    return wrong(exercise, None)
