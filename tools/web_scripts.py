"""Fetch the scripts that pages without a kernel need, once, with npm, into `build/scripts`.

Exported slides and the web site load them from beside the page, so both work without a network.
"""

import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

import anywidget

FOLDER = Path(__file__).parents[1] / "build" / "scripts"
# npm package → its files that are needed, inside the package → their names in the folder.
PACKAGES = {
    "@jupyter-widgets/html-manager@1.0.15": {"dist/embed-amd.js": "embed-amd.js"},
    "requirejs@2.3.7": {"require.js": "require.js"},
    "mathjax@3.2.2": {"es5/tex-svg-full.js": "mathjax.js"},
    "reveal.js@4.6.1": {
        "dist/reveal.js": "reveal/dist/reveal.js",
        "dist/reveal.css": "reveal/dist/reveal.css",
        "plugin/notes/notes.js": "reveal/plugin/notes/notes.js",
    },
    "axe-core@4.14.1": {"axe.min.js": "axe.js"},  # measures contrast in the browser tests
}


def put(content: bytes, file: Path, scratch: Path) -> None:
    """Write a file whole or not at all: two processes may fetch at the same time."""
    file.parent.mkdir(parents=True, exist_ok=True)
    whole = scratch / "whole"
    whole.write_bytes(content)
    whole.replace(file)


def unpack(package: str, files: dict[str, str], folder: Path) -> None:
    """Fetch one npm package and write the files wanted into the folder.

    Raises:
        RuntimeError: npm could not fetch the package.
    """
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        done = subprocess.run(["npm", "pack", "--silent", package], cwd=scratch, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"npm could not fetch {package}: {done.stderr.strip()[-200:]}")
        with tarfile.open(Path(scratch) / done.stdout.split()[-1]) as packed:
            for inside, name in files.items():
                put(packed.extractfile(f"package/{inside}").read(), folder / name, Path(scratch))


def fetch(folder: Path = FOLDER) -> Path:
    """Return the folder with all scripts in it, fetching only what is missing.

    Raises:
        RuntimeError: a script is missing and npm is not installed, or could not fetch it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for package, files in PACKAGES.items():
        if not all((folder / name).exists() for name in files.values()):
            if shutil.which("npm") is None:
                raise RuntimeError("npm was not found: install Node.js, which pages without a kernel get scripts with")
            unpack(package, files, folder)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        view = Path(anywidget.__file__).parent / "nbextension" / "index.js"
        put(view.read_bytes(), folder / "anywidget.js", Path(scratch))
    return folder
