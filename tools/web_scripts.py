"""Fetch the scripts that pages without a kernel need, once, with npm, into `build/scripts`.

Exported slides and the web site load them from beside the page, so both work without a network.
"""

import shutil
import subprocess
import tarfile
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


def unpack(package: str, files: dict[str, str], folder: Path) -> None:
    """Fetch one npm package and write the files wanted into the folder.

    Raises:
        RuntimeError: npm could not fetch the package.
    """
    done = subprocess.run(["npm", "pack", "--silent", package], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"npm could not fetch {package}: {done.stderr.strip()[-200:]}")
    archive = folder / done.stdout.split()[-1]
    with tarfile.open(archive) as packed:
        for inside, name in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(packed.extractfile(f"package/{inside}").read())
    archive.unlink()


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
    shutil.copy(Path(anywidget.__file__).parent / "nbextension" / "index.js", folder / "anywidget.js")
    return folder
