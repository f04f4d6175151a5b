"""What an exercise is: a solution, inputs that tell mistakes apart, known mistakes, and what a student reads."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import NamedTuple

import torch

from course_utils import runtime
from course_utils.exercises.checks.compare import alike, difference, kind, results, short
from course_utils.exercises.checks.running import (
    Outcome,
    Pages,
    Printed,
    accepts,
    call,
    in_time,
    own_line,
    parameters,
    wants_values,
)

SECONDS = 1.5  # for all calls of a student's function together; a right one takes milliseconds
EXERCISES: dict[str, "Exercise"] = {}
_solved: set[str] = set()


class CheckFailed(AssertionError):
    """A strict check's verdict on an exercise that is not solved."""


class Case(NamedTuple):
    """One input: `about` says in words what it is ("3 sequences of 5, 2 and 4 steps"), `args` are passed in order.

    `values` is False on the device `meta`, which keeps shape and dtype but no values: it stands in for a GPU, to see
    whether results are on the right device. An answer that must read values there is not blamed for it.
    """

    about: str
    args: tuple
    values: bool = True


class Verdict(NamedTuple):
    """`solved` or not, and the sentence for the student; `attempted` is False for an untouched stub."""

    solved: bool
    text: str
    attempted: bool = True


@dataclass(frozen=True, eq=False)
class Exercise:
    """A check that is called with the student's function: `checks.padded_rnn(padded_rnn_exercise)`.

    Attributes:
        name: the exercise's name; the student's function is called `<name>_exercise`.
        lesson: the lesson's number.
        solution: the worked solution, whose results are the expected ones.
        cases: device → inputs, chosen so that every known mistake differs somewhere.
        results: for each result its name and what its axes count: "states (step, sequence, unit)".
        mistakes: what went wrong, as a clause → a function that does it.
        gradient: whether gradients must pass through the function.
        any_float: whether results may have any floating dtype; their values are compared all the same.
    """

    name: str
    lesson: int
    solution: Callable
    cases: Callable[[torch.device], list[Case]]
    results: Sequence[str]
    mistakes: Mapping[str, Callable]
    gradient: bool = False
    any_float: bool = False

    def __post_init__(self):
        EXERCISES[self.name] = self

    def __call__(self, function: Callable, *, strict: bool = False) -> None:
        """Try a function, and print in a sentence or two whether it solves the exercise and, if not, what differs.

        Args:
            function: the student's function itself, not its result.
            strict: raise instead of printing where the exercise is not solved, for autograders.

        Raises:
            CheckFailed: `strict`, and the exercise is not solved or not attempted.
        """
        verdict = self.verdict(function)
        (_solved.add if verdict.solved else _solved.discard)(self.name)
        if strict and not verdict.solved:
            raise CheckFailed(f"{self.name}: {verdict.text}")
        print(f"{self.name}: {verdict.text}" + (f" {progress(self.lesson)}" if verdict.solved else ""))

    def verdict(self, function: Callable) -> Verdict:
        """Return what is to be said about a function, without printing or counting it."""
        tried = [case for device in _devices() for case in self.cases(device)]
        wanted = parameters(self.solution)
        if not callable(function):
            text = f"hand over the function itself, `{self.name}_exercise`, without brackets: this is {kind(function)}."
            return Verdict(False, text)
        if not accepts(function, len(wanted)):
            return Verdict(False, f"the function must take {len(wanted)} arguments: {', '.join(wanted)}.")
        right = [call(self.solution, case.args, self.gradient) for case in tried]
        outcomes: list[Outcome] = []
        printed = Pages()

        def work() -> None:
            for case in [*tried, tried[0]]:
                printed.turn()
                outcomes.append(call(function, case.args, self.gradient))

        # Turned and turned back here, never in the thread: one that comes back late must not touch it any more.
        with redirect_stdout(printed):
            came_back = in_time(work, SECONDS)
        pages = printed.pages
        if not came_back:
            text = f"your function did not come back within {SECONDS} s. Does every loop end?"
            return _wrong(tried[(len(pages) - 1) % len(tried)], text, pages[-1])
        *outcomes, again = outcomes
        if self._differ(outcomes[0], again):
            text = "two calls with equal arguments gave different results. "
            return _wrong(
                tried[0], text + "Is there something random in it, or something that it keeps from call to call?"
            )
        for case, outcome, expected, page in zip(tried, outcomes, right, pages[:-1], strict=True):
            if outcome.error is not None:
                if not case.values and wants_values(outcome.error):
                    continue
                return self._raised(function, case, outcome.error, page)
            problem, part = self._problem(case, expected, outcome)
            if problem:
                text = problem + ("" if problem.endswith("?") else ".")
                known = part is not None and case.values
                return _wrong(case, text + self._guess(tried, outcomes, part) if known else text, page)
        return Verdict(True, "solved.")

    def _problem(self, case: Case, expected: Outcome, outcome: Outcome) -> tuple[str | None, int | None]:
        """Return what is wrong with one outcome, and the number of the result in which it shows, where it is one."""
        if outcome.value is None:
            return "your function returned None: is there a `return`?", None
        if outcome.changed is not None:
            name = parameters(self.solution)[outcome.changed]
            return f"your function changed its argument `{name}` in place: make a new one instead", None
        found = results(outcome.value, len(self.results))
        if found is None:
            names = " and ".join(f"`{what.split(' ')[0]}`" for what in self.results)
            return f"your function returned {kind(outcome.value)}, but should return {names}", None
        for part, should in enumerate(results(expected.value, len(self.results))):
            text = difference(should, found[part], self.results[part], self.any_float)
            if text:
                return text, part
        return self._gradient_problem(case, expected, outcome), None

    def _gradient_problem(self, case: Case, expected: Outcome, outcome: Outcome) -> str | None:
        if not self.gradient:
            return None
        names = []  # one a floating tensor; those of a tuple share its name
        for name, arg in zip(parameters(self.solution), case.args, strict=True):
            parts = arg if isinstance(arg, list | tuple) else [arg]
            names += [name for part in parts if isinstance(part, torch.Tensor) and part.is_floating_point()]
        for name, should, came in zip(names, expected.gradients, outcome.gradients, strict=True):
            if should is not None and (came is None or not alike(should, came)):
                return (
                    f"the values are right, but {'no' if came is None else 'a wrong'} gradient reaches `{name}`: "
                    "does `.item()`, `.detach()`, `.data` or a new `torch.tensor` cut it off?"
                )
        return None

    def _differ(self, outcome: Outcome, again: Outcome) -> bool:
        if again.error is not None or outcome.error is not None:
            return (again.error is None) != (outcome.error is None)
        return not alike(outcome.value, again.value, self.any_float)

    def _guess(self, tried: list[Case], outcomes: list[Outcome], part: int) -> str:
        """Return the sentence that names the known mistake whose results these are, or nothing."""
        told = [(case, outcome) for case, outcome in zip(tried, outcomes, strict=True) if case.values]
        for clause, mistake in self.mistakes.items():
            if all(self._alike(call(mistake, case.args), outcome, part) for case, outcome in told):
                return f"\nIt looks as if {clause}."
        return ""

    def _alike(self, known: Outcome, outcome: Outcome, part: int) -> bool:
        if known.error is not None or outcome.error is not None:
            return known.error is not None and outcome.error is not None
        count = len(self.results)
        a, b = results(known.value, count), results(outcome.value, count)
        return a is not None and b is not None and alike(a[: part + 1], b[: part + 1], self.any_float)

    def _raised(self, function: Callable, case: Case, error: BaseException, page: Printed) -> Verdict:
        place = own_line(function, error)
        if isinstance(error, NotImplementedError) and place and place[2]:
            return Verdict(False, "not attempted yet", attempted=False)
        if self.gradient and "modified by an inplace operation" in str(error):  # it comes from our `backward`
            text = "no gradient can be taken: your function writes over a tensor that the gradient needs. "
            return _wrong(case, text + "Collect the parts in a list and join them by `torch.stack`.", page)
        text = f"your function raised {type(error).__name__}"
        text += f" ({short(error, 160)})" if str(error) else ""
        if place:
            number, line, _ = place
            text += f" in line {number}" + (f": {line}" if line else "")
        return _wrong(case, text, page)


def _wrong(case: Case, text: str, page: Printed | None = None) -> Verdict:
    return Verdict(False, f"not right yet. On {case.about}, {text}{page.shown() if page else ''}")


def progress(lesson: int) -> str:
    """Return how many of a lesson's exercises were solved in this kernel: "Lesson 1: 3 of 4 exercises solved."."""
    here = [name for name, exercise in EXERCISES.items() if exercise.lesson == lesson]
    done = sum(name in _solved for name in here)
    return f"Lesson {lesson}: {done} of {len(here)} exercises solved."


def _devices() -> list[torch.device]:
    return [torch.device(name) for name in runtime.available_devices()[:2]]
