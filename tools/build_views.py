"""Bundle the JavaScript of `course_utils/views/src` and d3's modules into what a notebook loads.

`views.js` draws explorers; `drawings.js`, the machines of the lessons, and `computers.js`, which answers in place of
Python, are loaded only where they are needed.
Run it with `make views`. Versions are locked by `package-lock.json`. A bundle's first line names the sources that it
was built from, so that a test can tell whether it belongs to them.
"""

import hashlib
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]
VIEWS = ROOT / "course_utils" / "views"
# Bundle → the file in `src` that it begins with.
BUNDLES = {"views.js": "main.js", "drawings.js": "drawings/main.js", "computers.js": "computer.js"}
# d3's licence asks that this notice stays with every copy.
ISC = """Includes modules of d3 (https://d3js.org), copyright 2010-2023 Mike Bostock, ISC License:
Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted,
provided that the above copyright notice and this permission notice appear in all copies. THE SOFTWARE IS PROVIDED "AS
IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF
MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL
DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT,
NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE."""


def fingerprint() -> str:
    """Return a hash of all that the bundles are built from: the sources, the locked versions, and this file."""
    sources = sorted(path for path in (VIEWS / "src").rglob("*") if path.suffix in (".js", ".css", ".wat"))
    digest = hashlib.sha256()
    for path in [*sources, ROOT / "package-lock.json", Path(__file__)]:
        digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_text(encoding="utf-8").encode())
    return digest.hexdigest()


def banner() -> str:
    """Return the first lines of a bundle of the present sources: where it comes from, and d3's licence."""
    origin = f"// Built by `make views` from course_utils/views/src; change those files. Sources: {fingerprint()}"
    return f"{origin}\n/* {ISC} */"


def main() -> None:
    """Install the locked modules and write the bundles."""
    subprocess.run(["npm", "ci", "--silent"], cwd=ROOT, check=True)
    wasm = ROOT / "build" / "product.wasm"
    wasm.parent.mkdir(exist_ok=True)
    subprocess.run(["npx", "wat2wasm", VIEWS / "src" / "product.wat", "-o", wasm], cwd=ROOT, check=True)
    loaders = ["--loader:.css=text", "--loader:.wasm=base64", f"--alias:{wasm.name}={wasm}"]
    options = ["--bundle", "--minify", "--format=esm", "--charset=utf8", *loaders]
    for bundle, entry in BUNDLES.items():
        named = [VIEWS / "src" / entry, *options, f"--banner:js={banner()}", f"--outfile={VIEWS / bundle}"]
        subprocess.run(["npx", "esbuild", *named], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
