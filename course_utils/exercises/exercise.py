"""What an exercise is: inputs that tell mistakes apart, a verdict on a function, and what a student reads."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch

from course_utils import runtime
from course_utils.exercises import edges, looks, outcomes
from course_utils.exercises.comparing import alike, difference, evidence, kind, results, short
from course_utils.exercises.containing import Pages, contained, in_time, shown
from course_utils.exercises.outcomes import Case, Trial
from course_utils.exercises.running import Outcome, accepts, call, own_line, wants_values
from course_utils.exercises.solved import note_verdict, solved
from course_utils.messages import note, say
from course_utils.messages.mistakes import MISTAKES

SECONDS = 1.5  # of processor time, for all calls of a function together; a right one takes milliseconds
EVIDENCE = 3  # so many whole numbers or truth values must be wrong in the way of a mistake before it is named
# What the axes of results count, noted for the catalogues.
AXES = [note("step"), note("sequence"), note("unit"), note("row"), note("position"), note("sentence"), note("head")]
AXES += [note("query"), note("key"), note("entry"), note("t"), note("s"), note("pair")]
EXERCISES: dict[str, "Exercise"] = {}


class CheckFailed(AssertionError):
    """A strict check's verdict on an exercise that is not solved."""


class Verdict(NamedTuple):
    """`solved` or not, and the sentence for the student; `attempted` is False for an untouched stub."""

    solved: bool
    text: str
    attempted: bool = True


@dataclass(frozen=True, eq=False)
class Exercise:
    """A check that is called with the student's function: `checks.padded_rnn(padded_rnn_exercise)`.

    Its attributes are those that `exercise` takes.
    """

    name: str
    lesson: int
    cases: Callable[[torch.device], list[Case]]
    results: Sequence[tuple[str, ...]]
    gradient: bool = False
    any_float: bool = False
    fresh: bool = False

    def __call__(self, function: Callable, *, strict: bool = False) -> None:
        """Try a function, and show in a sentence or two whether it solves the exercise and, if not, what differs.

        Args:
            function: the student's function itself, not its result.
            strict: raise instead of showing where the exercise is not solved, for autograders.

        Raises:
            CheckFailed: `strict`, and the exercise is not solved or not attempted.
        """
        verdict = self.verdict(function)
        note_verdict(self.name, verdict.solved)
        text = say("{exercise}: {verdict}", exercise=self.name, verdict=verdict.text)
        if strict and not verdict.solved:
            raise CheckFailed(text)
        state = "solved" if verdict.solved else "wrong" if verdict.attempted else "untouched"
        looks.show(state, f"{text} {progress(self.lesson)}" if verdict.solved else text)

    def trials(self) -> list[Trial]:
        """Return every case on the CPU, and on the GPU where there is one."""
        devices = [torch.device(name) for name in runtime.available_devices()[:2]]
        return [trial for device in devices for trial in outcomes.trials(self.cases, device)]

    def verdict(self, function: Callable) -> Verdict:
        """Return what is to be said about a function, without printing or counting it."""
        names = outcomes.parameters(self.name)
        if not callable(function):
            return Verdict(False, say(
                "hand over the function itself, `{exercise}_exercise`, without brackets: this is {kind}.",
                exercise=self.name, kind=kind(function),
            ))  # fmt: skip
        if not accepts(function, len(names)):
            text = say("the function must take {count} arguments: {names}.", count=len(names), names=", ".join(names))
            return Verdict(False, text)
        trials, came, shared = self.trials(), [], []
        expected = [outcomes.known(self.name, trial, gradient=self.gradient) for trial in trials]
        printed = Pages()
        if not all(trial.case.values for trial in trials):  # torch imports what `meta` needs at its first use: seconds
            torch.lt(torch.arange(1, device="meta"), 1)

        def watched(*args):
            value = function(*args)
            shared.append(self.fresh and bool(_storages(value) & _storages(args)))
            return value

        def work() -> None:
            for trial in [*trials, trials[0]]:
                printed.pages.append("")
                came.append(call(watched, trial.case.args, self.gradient))

        with contained(function, printed):
            came_back = in_time(work, SECONDS)
        pages = printed.pages
        if not came_back:
            text = say("your function did not come back within {seconds} s. Does every loop end?", seconds=SECONDS)
            return _wrong(trials[(len(pages) - 1) % len(trials)].case, text, "", pages[-1])
        *came, again = came
        if self._differ(came[0], again):
            return _wrong(trials[0].case, say(
                "two calls with equal arguments gave different results. Is there something random in it, or "
                "something that it keeps from call to call?"
            ))  # fmt: skip
        for trial, outcome, should, page in zip(trials, came, expected, pages[:-1], strict=True):
            if outcome.error is not None:
                if not trial.case.values and wants_values(outcome.error):
                    continue
                return self._raised(function, trial.case, outcome.error, page)
            problem, part = self._problem(trial.case, should, outcome)
            if problem:
                named = part is not None and trial.case.values
                return _wrong(trial.case, problem, self._mistake(trials, came, expected, part) if named else "", page)
        if any(shared):
            return _wrong(trials[shared.index(True)].case, say(
                "a result shares its memory with an argument: return new tensors, also where nothing changes."
            ))  # fmt: skip
        return Verdict(True, say("solved."))

    def _problem(self, case: Case, expected: Outcome, outcome: Outcome) -> tuple[str | None, int | None]:
        """Return what is wrong with one outcome, and the number of the result in which it shows, where it is one."""
        if outcome.value is None:
            return say("your function returned None: is there a `return`?"), None
        if outcome.changed is not None:
            name = outcomes.parameters(self.name)[outcome.changed]
            return say("your function changed its argument `{name}` in place: make a new one instead.", name=name), None
        values = results(outcome.value, len(self.results))
        if values is None:
            *names, last = (f"`{name}`" for name, *_ in self.results)
            return say(
                "your function returned {kind}, but should return {names} and {last}.",
                kind=kind(outcome.value), names=", ".join(names), last=last,
            ), None  # fmt: skip
        for part, should in enumerate(results(expected.value, len(self.results))):
            name, *axes = self.results[part]
            text = difference(should, values[part], name, axes, self.any_float)
            if text:
                return text, part
        return self._gradient_problem(case, expected, outcome), None

    def _gradient_problem(self, case: Case, expected: Outcome, outcome: Outcome) -> str | None:
        if not self.gradient:
            return None
        args = zip(outcomes.parameters(self.name), case.args, strict=True)
        parts = [(name, part) for name, arg in args for part in (arg if isinstance(arg, list | tuple) else [arg])]
        names = [name for name, part in parts if isinstance(part, torch.Tensor) and part.is_floating_point()]
        for name, should, came in zip(names, expected.gradients, outcome.gradients, strict=True):
            if should is not None and came is None:
                return say(
                    "the values are right, but no gradient reaches `{name}`: does `.item()`, `.detach()`, `.data` or a "
                    "new `torch.tensor` cut it off?", name=name,
                )  # fmt: skip
            if should is not None and not alike(should, came):
                return say(
                    "the values are right, but a wrong gradient reaches `{name}`: does `.item()`, `.detach()`, `.data` "
                    "or a new `torch.tensor` cut it off?", name=name,
                )  # fmt: skip
        return None

    def _differ(self, outcome: Outcome, again: Outcome) -> bool:
        if again.error is not None or outcome.error is not None:
            return (again.error is None) != (outcome.error is None)
        return not alike(outcome.value, again.value, self.any_float)

    def _mistake(self, trials: list[Trial], came: list[Outcome], expected: list[Outcome], part: int) -> str:
        """Return the sentence on the first known mistake whose results these are, as far as they are no accident."""
        rows = [row for row in zip(trials, came, expected, strict=True) if row[0].case.values]
        returned = [(should, outcome) for _, outcome, should in rows if outcome.error is None]
        parts = ([self._parts(outcome, part) for outcome in pair] for pair in returned)
        if sum(evidence(*pair, self.any_float) for pair in parts) < EVIDENCE:
            return ""
        for mistake, sentence in MISTAKES[self.name].items():
            pairs = ((outcomes.known(self.name, trial, mistake), outcome) for trial, outcome, _ in rows)
            if all(self._alike(known, outcome, part) for known, outcome in pairs):
                return say(sentence)
        return ""

    def _parts(self, outcome: Outcome, part: int) -> Sequence | None:
        values = results(outcome.value, len(self.results))
        return None if values is None else values[: part + 1]

    def _alike(self, known: Outcome, outcome: Outcome, part: int) -> bool:
        if known.error is not None or outcome.error is not None:
            return known.error is not None and outcome.error is not None
        a, b = self._parts(known, part), self._parts(outcome, part)
        return a is not None and b is not None and alike(a, b, self.any_float)

    def _raised(self, function: Callable, case: Case, error: BaseException, page: str) -> Verdict:
        place = own_line(function, error)
        if isinstance(error, NotImplementedError) and place and place[2]:
            return Verdict(False, say("not attempted yet"), attempted=False)
        if self.gradient and "modified by an inplace operation" in str(error):  # it comes from our `backward`
            return _wrong(case, say(
                "no gradient can be taken: your function writes over a tensor that the gradient needs. Collect the "
                "parts in a list and join them by `torch.stack`."
            ), "", page)  # fmt: skip
        number, line, _ = place or (None, "", False)
        raised = f"{type(error).__name__} ({short(error, 160)})" if str(error) else type(error).__name__
        if line:
            text = say("your function raised {error} in line {number}: {line}", error=raised, number=number, line=line)
        elif place:
            text = say("your function raised {error} in line {number}.", error=raised, number=number)
        else:
            text = say("your function raised {error}.", error=raised)
        return _wrong(case, text, "", page)


def exercise(
    lesson: int, *results: tuple[str, ...], gradient=False, any_float=False, fresh=False, reads=False
) -> Callable:
    """Make an exercise of the function that yields its cases on a device, under that function's name.

    The cases are chosen so that every known mistake differs somewhere; the student's function is `<name>_exercise`.

    Args:
        lesson: the lesson's number.
        *results: for each result its name and what its axes count: `("states", "step", "sequence", "unit")`; "..."
            is any number of axes at the front.
        gradient: whether gradients must pass through the function.
        any_float: whether results may have any floating dtype; their values are compared all the same.
        fresh: whether no result may share memory with an argument.
        reads: whether right answers read values off tensors, so that `meta` cannot stand in for a GPU.
    """

    def register(cases: Callable[[torch.device], Iterator[Case]]) -> Exercise:
        name, listed = cases.__name__, lambda device: list(edges.derived(cases, device, meta=not reads))
        EXERCISES[name] = Exercise(name, lesson, listed, results, gradient, any_float, fresh)
        return EXERCISES[name]

    return register


def _storages(value) -> set[int]:
    """Return where the tensors among results or arguments keep their values."""
    if isinstance(value, list | tuple):
        return {place for part in value for place in _storages(part)}
    return {value.untyped_storage().data_ptr()} - {0} if isinstance(value, torch.Tensor) else set()


def _wrong(case: Case, problem: str, mistake: str = "", page: str = "") -> Verdict:
    text = say("not right yet. On {case}, {problem}", case=case.about, problem=problem)
    return Verdict(False, "\n".join(filter(None, (text, mistake, shown(page)))))


def progress(lesson: int) -> str:
    """Return how many of a lesson's exercises are solved: "Lesson 1: 3 of 4 exercises solved."."""
    names = [name for name, exercise in EXERCISES.items() if exercise.lesson == lesson]
    done = len(solved() & set(names))
    return say("Lesson {lesson}: {done} of {count} exercises solved.", lesson=lesson, done=done, count=len(names))
