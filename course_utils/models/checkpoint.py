"""A training run on disk: everything that it needs to go on after a break as if there had been none."""

import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from course_utils.files import write_whole

FORMAT = "course-training-1"


class Checkpoint:
    """The file of one training run.

    Args:
        path: a safetensors file; its folder is there, the file itself need not be.
    """

    def __init__(self, path: str | Path):
        self.path = Path(path)

    def write(
        self, model: nn.Module, optimizer: torch.optim.Optimizer, best: dict[str, Tensor], losses: Tensor, **numbers
    ) -> None:
        """Write weights, the optimizer's state, random numbers, the best weights, losses, and what JSON can hold."""
        tensors = {f"model.{name}": weight for name, weight in model.state_dict().items()}
        tensors |= {f"best.{name}": weight for name, weight in best.items()} | {"run.losses": losses}
        state = optimizer.state_dict()
        for at, entries in state["state"].items():
            tensors |= {f"optimizer.{at}.{key}": torch.as_tensor(value) for key, value in entries.items()}
        tensors["random.cpu"] = torch.get_rng_state()
        if torch.cuda.is_available():
            tensors["random.cuda"] = torch.cuda.get_rng_state()
        header = {"format": FORMAT, "state": json.dumps({"groups": state["param_groups"], **numbers})}
        tensors = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
        write_whole(self.path, save(tensors, header))

    def read(self, model: nn.Module, optimizer: torch.optim.Optimizer) -> tuple[dict[str, Tensor], Tensor, dict]:
        """Put a run's state back; return the best weights, the losses and the numbers that were written with it.

        Raises:
            ValueError: not such a file, a damaged one, or one of another model.
        """
        try:
            with safe_open(self.path, framework="pt") as file:
                header = file.metadata() or {}
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no dictionary)
        except SafetensorError as error:
            raise ValueError(f"{self.path}: damaged ({error}); delete it to begin anew") from None
        if header.get("format") != FORMAT:
            raise ValueError(f"{self.path}: not a training run of this course; delete it, or choose another file")
        parts: dict[str, dict] = {name: {} for name in ("model", "best", "run", "optimizer", "random")}
        for name, tensor in tensors.items():
            family, _, key = name.partition(".")
            parts[family][key] = tensor
        numbers = json.loads(header["state"])
        shapes = {name: weight.shape for name, weight in model.state_dict().items()}
        if shapes != {name: weight.shape for name, weight in parts["model"].items()}:
            raise ValueError(f"{self.path}: the run of another model; delete it, or train with the settings it had")
        model.load_state_dict(parts["model"])
        state: dict[int, dict] = {}
        for name, value in parts["optimizer"].items():
            at, _, key = name.partition(".")
            state.setdefault(int(at), {})[key] = value
        optimizer.load_state_dict({"state": state, "param_groups": numbers.pop("groups")})
        torch.set_rng_state(parts["random"]["cpu"])
        if "cuda" in parts["random"] and torch.cuda.is_available():
            torch.cuda.set_rng_state(parts["random"]["cuda"])
        return parts["best"], parts["run"]["losses"], numbers
