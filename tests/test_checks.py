"""Every wrong answer is refused with a sentence that names it, every right one accepted, and no check ever raises."""

import numpy as np
import pytest
import torch
from mutants import collected

from course_utils.exercises import answers, checks, solutions
from course_utils.messages.mistakes import MISTAKES

ANSWERS = collected()
WRONG = [answer for answer in ANSWERS if answer.says is not None]
RIGHT = [answer for answer in ANSWERS if answer.says is None]
EXERCISES = list(checks.EXERCISES.values())


def named(answer) -> str:
    return f"{answer.exercise}-{answer.function.__name__}"


each = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)


@pytest.mark.parametrize("answer", WRONG, ids=named)
def test_a_wrong_answer_is_refused_and_named(answer):
    verdict = checks.EXERCISES[answer.exercise].verdict(answer.function)
    assert not verdict.solved and verdict.attempted
    assert answer.says in verdict.text, verdict.text


@pytest.mark.parametrize("answer", RIGHT, ids=named)
def test_a_right_answer_written_otherwise_is_accepted(answer):
    verdict = checks.EXERCISES[answer.exercise].verdict(answer.function)
    assert verdict.solved, verdict.text


@each
def test_every_known_mistake_is_told_from_the_solution_and_from_every_other(exercise):
    assert list(MISTAKES[exercise.name]) == list(answers.MISTAKES[exercise.name]), "each id has its sentence"
    assert len(MISTAKES[exercise.name]) <= 8, "a check names what students really do"
    for mistake, function in answers.MISTAKES[exercise.name].items():
        sentence = MISTAKES[exercise.name][mistake]
        assert sentence.startswith("It looks as if ") and sentence.endswith(".")
        assert f"\n{sentence}" in exercise.verdict(function).text


# Exercises in which an edge does not exist: no array of floating numbers, or none that a right answer does not read.
LISTS = {"hold_out", "merge_step"}  # of whole numbers: no tensors at all
NO_DTYPE = {"longest_lag", "pad_batch", "causal_mask", "alignment_error", "sliding_mask", "keep_pairs", *LISTS}
# Values must be read off.
NO_DEVICE = {"longest_lag", "greedy_batch", "token_accuracy", "beam", "alignment_error", "paired_interval", *LISTS}
NO_LAYOUT = {"forget_bias", "pad_batch", "beam", "alignment_error", *LISTS}  # vectors, one row, arrays of NumPy


@each
def test_every_edge_that_exists_is_tried(exercise):
    parts = [
        part
        for case in exercise.cases(torch.device("cpu"))
        for arg in case.args
        for part in (arg if isinstance(arg, list | tuple) else [arg])
    ]
    tensors = [part for part in parts if isinstance(part, torch.Tensor)]
    found = {
        "dtype": len({part.dtype for part in tensors if part.is_floating_point()}) > 1,
        "device": any(part.is_meta for part in tensors)
        or any(isinstance(p, torch.device) and p.type == "meta" for p in parts),
        "layout": any(not part.is_contiguous() for part in tensors),
    }
    lacking = {"dtype": NO_DTYPE, "device": NO_DEVICE, "layout": NO_LAYOUT}
    assert found == {kind: exercise.name not in names for kind, names in lacking.items()}
    sizes = [part.shape for part in parts if isinstance(part, torch.Tensor | np.ndarray)]
    lists = [arg for case in exercise.cases(torch.device("cpu")) for arg in case.args]
    short = any(isinstance(part, list) and len(part) < 2 for part in [*parts, *lists])
    assert short or any(1 in shape for shape in sizes)
    numbers = [
        [case.args[at] for case in exercise.cases(torch.device("cpu"))]
        for at, arg in enumerate(exercise.cases(torch.device("cpu"))[0].args)
        if isinstance(arg, int | float)
    ]
    assert all(len(set(values)) > 1 for values in numbers), "a number that a text names takes two values at least"


@each
def test_there_are_enough_mutants(exercise):
    answers = [answer for answer in ANSWERS if answer.exercise == exercise.name]
    assert sum(answer.says is not None for answer in answers) >= 6
    assert sum(answer.says is None for answer in answers) >= 2


def test_the_exercises_are_four_a_lesson_and_the_mutants_more_than_120():
    assert [sum(exercise.lesson == lesson for exercise in EXERCISES) for lesson in range(1, 7)] == [4] * 6
    assert len(WRONG) >= 120


@each
def test_a_stub_is_not_attempted_yet(exercise, capsys):
    def stub(*args):
        raise NotImplementedError

    exercise(stub)
    assert capsys.readouterr().out == f"{exercise.name}: not attempted yet\n"
    with pytest.raises(checks.CheckFailed, match="not attempted yet"):
        exercise(stub, strict=True)


@each
@pytest.mark.parametrize(
    "value",
    [None, 3, 2.5, "text", [], (), {}, [None], (1, 2), torch.zeros(0), torch.ones(2, 3), torch.eye(3).to_sparse(),
     torch.ones(2, 3, device="meta"), torch.zeros((), device="meta"), [([torch.zeros((), device="meta")], 0.5)] * 3,
     (torch.zeros(1), None), [[1], [2]], [([4], "x")], object(), True, float("nan"), 1j],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_no_result_makes_a_check_raise(exercise, value):
    verdict = exercise.verdict(lambda *args: value)
    assert not verdict.solved and "random" not in verdict.text
    assert verdict.text.endswith((".", "?"))


@each
def test_no_argument_survives_a_vandal_but_the_check_does(exercise):
    def vandal(*args):
        for arg in args:
            for part in arg if isinstance(arg, list | tuple) else [arg]:
                if isinstance(part, torch.Tensor):
                    part.zero_()
        return args[0]

    assert not exercise.verdict(vandal).solved
    assert exercise.verdict(solutions.SOLUTIONS[exercise.name]).solved


@each
def test_every_exercise_has_its_worked_solution(exercise):
    source, why = solutions.parts(exercise.name)
    assert source.startswith(f"def {exercise.name}(") and '"""' not in source and len(why) > 200
    assert exercise.results and set(solutions.SOLUTIONS) == set(checks.EXERCISES)
