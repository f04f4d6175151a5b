"""One call that makes a lesson repeatable: device, seeds, threads, figure style."""

import os
import random

import numpy as np
import torch

from course_utils import messages
from course_utils.figures import style
from course_utils.measure import parity
from course_utils.uncompiled import spare_the_compiler


def available_devices() -> list[str]:
    """Return the names of the devices that a lesson may choose by itself here, `"cpu"` always first."""
    return ["cpu"] + [f"cuda:{index}" for index in range(torch.cuda.device_count())]


def why_not_mps() -> str | None:
    """Return why Apple's `mps` may not be used here, None if it may: if it computes what the CPU computes."""
    if not torch.backends.mps.is_built():
        return "this build of torch was made without it"
    if not torch.backends.mps.is_available():
        return "torch finds no Apple GPU, or macOS is too old"
    return "; ".join(parity.faults(torch.device("mps"))) or None


def choose_device(wanted: str | None = None) -> torch.device:
    """Return the device named by `wanted`, or CUDA where there is one, else the CPU.

    Apple's `"mps"` is used only if it is named, and only after each of the course's networks has given there what it
    gives on the CPU (`measure.parity`).

    Raises:
        ValueError: `wanted` is no device of this machine, or `"mps"` and it fails; the message says why, and lists the
            devices that can be chosen.
    """
    devices = available_devices()
    if not wanted:
        return torch.device("cuda" if len(devices) > 1 else "cpu")
    if wanted == "mps":
        if reason := why_not_mps():
            raise ValueError(f"mps cannot be used here: {reason}. Choose one of: {', '.join(devices)}")
        return torch.device("mps")
    if ("cuda:0" if wanted == "cuda" else wanted) not in devices:
        raise ValueError(f"there is no device {wanted!r} here; choose one of: {', '.join(devices)}")
    return torch.device(wanted)


def setup(seed: int = 0, language: str | None = None) -> torch.device:
    """Seed Python, NumPy and torch, set threads, figure style and language, and return the device to use.

    The environment variable `COURSE_DEVICE` (`"cpu"`, `"cuda"`, `"cuda:1"`, `"mps"`) overrides the choice of device.

    One torch thread, always: a recurrent step is a small matrix product, so a second thread gains little on
    a quiet laptop and costs a factor of 5 to 10 on a classroom server whose cores are busy. One thread also
    gives the same rounding, and so the same numbers, whatever the machine.

    Args:
        seed: the seed of all three generators, 0 ≤ seed < 2**32.
        language: of all that people read, such as `"ko"`; None: the one that the environment variable
            `COURSE_LANGUAGE` names, else English.

    Raises:
        ValueError: `COURSE_DEVICE` names a device that cannot be used here, the seed is out of range, or there is no
            such language; the message lists those there are.
    """
    device = choose_device(os.environ.get("COURSE_DEVICE"))
    if not 0 <= seed < 2**32:
        raise ValueError(f"the seed must be between 0 and 2**32 - 1, not {seed}")
    messages.choose(language or os.environ.get("COURSE_LANGUAGE") or "en")
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - students' own cells may use the global generator
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    # MKL would keep every buffer it ever asked for: in lesson 5, 30 MB that nothing uses any more.
    os.environ.setdefault("MKL_DISABLE_FAST_MM", "1")
    spare_the_compiler()
    style.apply()
    return device
