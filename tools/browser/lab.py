"""JupyterLab over a folder of notebooks, on a free loopback port."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from tools.present import QUIET, write_settings


def code_notebook(cells: list[str]) -> nbformat.NotebookNode:
    """Return a notebook of code cells, with the kernel that every lesson names."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=[new_code_cell(cell) for cell in cells], metadata={"kernelspec": kernel})


def free_port() -> int:
    """Return a free loopback port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class LabServer:
    """JupyterLab over one folder, with its own settings; a context manager."""

    def __init__(self, folder: Path, scratch: Path):
        self.folder, self.port, self.token = Path(folder), free_port(), "browser-tests"
        settings = write_settings(scratch, QUIET)
        environment = os.environ | {
            "JUPYTER_CONFIG_DIR": str(scratch / "config"),
            "JUPYTER_RUNTIME_DIR": str(scratch / "runtime"),
            "IPYTHONDIR": str(scratch / "ipython"),
            "OMP_NUM_THREADS": "1",
        }
        options = {
            "ServerApp.root_dir": self.folder,
            "ServerApp.port": self.port,
            "ServerApp.ip": "127.0.0.1",
            "IdentityProvider.token": self.token,
            "ServerApp.open_browser": False,
            "ServerApp.allow_root": True,
            "LabApp.expose_app_in_browser": True,
            "LabApp.user_settings_dir": settings,
            "LabApp.workspaces_dir": scratch / "workspaces",
        }
        self.log = scratch / "lab.log"
        arguments = [f"--{name}={value}" for name, value in options.items()]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jupyterlab", "--no-browser", *arguments],
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def __enter__(self):
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/status?token={self.token}", timeout=5)
                return self
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.1)  # no event tells that a port has begun to listen
        self.__exit__()
        raise RuntimeError(f"JupyterLab did not start:\n{self.log.read_text()[-3000:]}")

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def write(self, name: str, cells: list[str]) -> str:
        """Write a notebook of code cells into the server's folder and return its name."""
        nbformat.write(code_notebook(cells), self.folder / name)
        return name

    def url(self, notebook: str) -> str:
        """Return the address that opens one notebook, in a workspace of its own."""
        workspace = f"w{time.monotonic_ns()}"
        return f"http://127.0.0.1:{self.port}/lab/workspaces/{workspace}/tree/{notebook}?token={self.token}"
