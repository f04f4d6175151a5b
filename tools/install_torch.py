"""Install the build of torch that fits this machine: `python tools/install_torch.py [INDEX]`.

On Linux the package index gives everybody torch's CUDA build: 3 GB to download, useless without an NVIDIA card. So
where no card is seen, torch comes from PyTorch's own index of CPU builds; where that index cannot be reached, from the
package index after all. INDEX is an address to take it from instead, or `default` for the package index, unasked.
"""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
CPU_BUILDS = "https://download.pytorch.org/whl/cpu"
IMPATIENT = ["--retries", "1", "--timeout", "15"]  # of an index that may be out of reach: seconds, not minutes


def has_nvidia_card() -> bool:
    """Return whether this machine shows an NVIDIA card: its driver's file, or its tool."""
    return Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi") is not None


def choose_index(wanted: str, system: str, nvidia: bool) -> str | None:
    """Return the index to take torch from, None for pip's usual one.

    Args:
        wanted: an address, `"default"` for pip's usual index, or `""` to choose by the machine.
        system: as `platform.system()` names it; only Linux's usual build is the large one.
        nvidia: whether there is an NVIDIA card.
    """
    if wanted:
        return None if wanted == "default" else wanted
    return CPU_BUILDS if system == "Linux" and not nvidia else None


def install(wanted: str, system: str, nvidia: bool, pip: Callable[[list[str]], bool]) -> str:
    """Install torch and return a sentence that says which build and why.

    Args:
        wanted, system, nvidia: as for `choose_index`.
        pip: `pip(options) -> bool` installs torch with these options and returns whether it could.

    Raises:
        SystemExit: torch could not be installed.
    """
    index = choose_index(wanted, system, nvidia)
    if index and pip(["--index-url", index, *([] if wanted else IMPATIENT)]):
        return f"torch comes from {index}" + ("" if wanted else ": no NVIDIA card was seen, so the CPU build will do")
    if index and wanted:
        raise SystemExit(f"torch could not be installed from {index}")
    if not pip([]):
        raise SystemExit("torch could not be installed from the package index")
    if index:
        return f"{index} could not be reached, so torch comes from the package index (on Linux, 3 GB with CUDA)"
    return "torch comes from the package index"


def run_pip(options: list[str]) -> bool:
    """Let pip install torch in the version that CI has tested, or that CONSTRAINTS names; return whether it could."""
    constraints = os.environ.get("CONSTRAINTS", "constraints.txt")
    command = [sys.executable, "-m", "pip", "install", "-c", constraints, "torch", *options]
    return subprocess.run(command, cwd=ROOT).returncode == 0


if __name__ == "__main__":
    print(install("".join(sys.argv[1:2]), platform.system(), has_nvidia_card(), run_pip))
