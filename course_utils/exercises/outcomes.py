"""What the worked solutions and the known mistakes do on the cases: computed, or recorded where answers are left out.

Students' copies can leave out the folder `answers`. Such a copy holds the file `outcomes.safetensors` in its place:
the tensors, each stored once, and as JSON in the file's header which outcome has which.
"""

import importlib.util
import inspect
import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor

from course_utils.exercises.comparing import plain
from course_utils.exercises.running import Outcome, call

RECORD = Path(__file__).with_name("outcomes.safetensors")
ON_CASE, ON_CPU = "case", "cpu"

if importlib.util.find_spec("course_utils.exercises.answers"):
    from course_utils.exercises import answers
else:
    answers = None


class Case(NamedTuple):
    """One input: `about` says in words what it is ("3 sequences of 5, 2 and 4 steps"), `args` are passed in order.

    `values` is False on the device `meta`, which keeps shape and dtype but no values: it stands in for a GPU, to see
    whether results are on the right device. An answer that must read values there is not blamed for it.
    """

    about: str
    args: tuple
    values: bool = True


class Trial(NamedTuple):
    """A case on a device, and its number among the exercise's cases."""

    case: Case
    number: int
    device: torch.device


def parameters(exercise: str) -> list[str]:
    """Return the names of the parameters that a function for an exercise takes."""
    if answers is None:
        return _record()[0][exercise]["parameters"]
    return list(inspect.signature(answers.SOLUTIONS[exercise]).parameters)


def mistakes(exercise: str) -> list[str]:
    """Return the ids of an exercise's known mistakes."""
    return list(answers.MISTAKES[exercise] if answers else _record()[0][exercise]["mistakes"])


def known(exercise: str, trial: Trial, mistake: str | None = None, gradient: bool = False) -> Outcome:
    """Return what the worked solution, or a known mistake, does on a case.

    Args:
        exercise: the exercise's name.
        trial: the case, its number and its device.
        mistake: the mistake's id, None for the solution.
        gradient: whether the outcome has gradients.
    """
    if answers is not None:
        function = answers.MISTAKES[exercise][mistake] if mistake else answers.SOLUTIONS[exercise]
        return call(function, trial.case.args, gradient)
    table, tensors = _record()
    entry = table[exercise]["mistakes"][mistake] if mistake else table[exercise]["solution"]
    fields = entry[trial.number]
    if fields is None:
        return Outcome(error=RuntimeError("recorded"))
    value, gradients = (_decoded(part, tensors, trial.device) for part in fields)
    return Outcome(value, gradients=gradients if gradient else None)


def record(exercises: list, file: Path) -> None:
    """Write the outcomes of all solutions and mistakes on all cases into one file.

    Args:
        exercises: whose `name`, `cases` and `gradient` are read.
        file: a safetensors file; the table of outcomes is JSON in its header.
    """
    table, tensors = {}, {}

    def recorded(exercise, mistake: str | None = None) -> list:
        return [
            _encoded(*pair, tensors) for pair in zip(*(outcomes(exercise, mistake, d) for d in devices), strict=True)
        ]

    def outcomes(exercise, mistake: str | None, device: torch.device) -> list[Outcome]:
        trials = [Trial(case, number, device) for number, case in enumerate(exercise.cases(device))]
        return [known(exercise.name, trial, mistake, exercise.gradient and not mistake) for trial in trials]

    devices = torch.device("cpu"), torch.device("meta")
    for exercise in exercises:
        table[exercise.name] = {
            "parameters": parameters(exercise.name),
            "solution": recorded(exercise),
            "mistakes": {mistake: recorded(exercise, mistake) for mistake in mistakes(exercise.name)},
        }
    stored = {str(key): tensor for tensor, key in tensors.values()}
    file.write_bytes(save(stored, {"outcomes": json.dumps(table, ensure_ascii=False, separators=(",", ":"))}))


@cache
def _record() -> tuple[dict, dict[str, Tensor]]:
    with safe_open(RECORD, framework="pt") as file:
        return json.loads(file.metadata()["outcomes"]), {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118


def _encoded(outcome: Outcome, elsewhere: Outcome, tensors: dict) -> list | None:
    """Return an outcome as JSON, its tensors put into `tensors`; None where it is an error.

    Args:
        outcome: of the case on the CPU.
        elsewhere: of the same case on the device `meta`: tensors that are on the CPU there are there on any device.
            Where values must be read, it is an error, and all tensors are taken to follow the case.
        tensors: contents → tensor and key.
    """

    def parts(value, other):
        if isinstance(value, Tensor):
            if value.is_meta:
                return {"meta": list(value.shape), "dtype": str(value.dtype).removeprefix("torch.")}
            value = value.detach().contiguous()
            content = (str(value.dtype), tuple(value.shape), value.numpy().tobytes())
            _, key = tensors.setdefault(content, (value.clone(), len(tensors)))
            return {"key": str(key), "on": ON_CPU if isinstance(other, Tensor) and not other.is_meta else ON_CASE}
        if isinstance(value, list | tuple):
            others = other if isinstance(other, list | tuple) and len(other) == len(value) else [None] * len(value)
            return {type(value).__name__: [parts(*pair) for pair in zip(value, others, strict=True)]}
        return plain(value)

    if outcome.error is not None:
        return None
    return [parts(outcome.value, elsewhere.value), parts(outcome.gradients, elsewhere.gradients)]


def _decoded(part, tensors: dict[str, Tensor], device: torch.device):
    if not isinstance(part, dict):
        return part
    if "key" in part:
        return tensors[part["key"]].to(device if part["on"] == ON_CASE else ON_CPU)
    if "meta" in part:
        return torch.empty(part["meta"], dtype=getattr(torch, part["dtype"]), device="meta")
    items = [_decoded(item, tensors, device) for item in part.get("list", part.get("tuple"))]
    return tuple(items) if "tuple" in part else items
