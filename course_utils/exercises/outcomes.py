"""What the worked solutions and the known mistakes do on the cases: computed, or recorded where answers are left out.

Students' copies can leave out the folder `answers`. Such a copy holds the file `outcomes.safetensors` in its place:
the tensors, each stored once, and as JSON in the file's header which outcome has which.
"""

import importlib.util
import inspect
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor

from course_utils.exercises.comparing import plain
from course_utils.exercises.running import Outcome, call
from course_utils.messages.mistakes import MISTAKES

RECORD = Path(__file__).with_name("outcomes.safetensors")

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


def trials(cases: Callable[[torch.device], list[Case]], device: torch.device) -> list[Trial]:
    """Return an exercise's cases on a device."""
    return [Trial(case, number, device) for number, case in enumerate(cases(device))]


def known(exercise: str, trial: Trial, mistake: str = "", gradient: bool = False) -> Outcome:
    """Return what the worked solution, or a known mistake, does on a case.

    Args:
        exercise: the exercise's name.
        trial: the case, its number and its device.
        mistake: the mistake's id, empty for the solution.
        gradient: whether the outcome has gradients.
    """
    if answers is not None:
        function = answers.MISTAKES[exercise][mistake] if mistake else answers.SOLUTIONS[exercise]
        return call(function, trial.case.args, gradient)
    table, tensors = _record()
    fields = table[exercise]["outcomes"][mistake][trial.number]
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
    table, tensors, devices = {}, {}, (torch.device("cpu"), torch.device("meta"))
    for exercise in exercises:
        outcomes = {}
        for mistake in ("", *MISTAKES[exercise.name]):
            both = (
                [known(exercise.name, trial, mistake, exercise.gradient and not mistake) for trial in on_device]
                for on_device in (trials(exercise.cases, device) for device in devices)
            )
            outcomes[mistake] = [_encoded(*pair, tensors) for pair in zip(*both, strict=True)]
        table[exercise.name] = {"parameters": parameters(exercise.name), "outcomes": outcomes}
    header = {"outcomes": json.dumps(table, ensure_ascii=False, separators=(",", ":"))}
    file.write_bytes(save({key: tensor for tensor, key in tensors.values()}, header))


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
            _, key = tensors.setdefault(content, (value.clone(), str(len(tensors))))
            return {"key": key, "on_cpu": isinstance(other, Tensor) and not other.is_meta}
        if isinstance(value, list | tuple):
            others = other if isinstance(other, list | tuple) and len(other) == len(value) else [None] * len(value)
            return {type(value).__name__: list(map(parts, value, others))}
        return plain(value)

    if outcome.error is not None:
        return None
    return [parts(outcome.value, elsewhere.value), parts(outcome.gradients, elsewhere.gradients)]


def _decoded(part, tensors: dict[str, Tensor], device: torch.device):
    if not isinstance(part, dict):
        return part
    if "key" in part:
        return tensors[part["key"]].to("cpu" if part["on_cpu"] else device)
    if "meta" in part:
        return torch.empty(part["meta"], dtype=getattr(torch, part["dtype"]), device="meta")
    items = [_decoded(item, tensors, device) for item in part.get("list", part.get("tuple"))]
    return tuple(items) if "tuple" in part else items
