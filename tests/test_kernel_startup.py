"""Strict comparison: what other machines' libraries say is nobody's fault, what a lesson says is its own."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

STARTUP = Path(__file__).with_name("kernel_startup.py")
# As a CUDA build without a GPU does: a line on stderr while torch is imported, and one at the first use of an LSTM.
NOISY = """import importlib.abc, sys
class Noise(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "torch":
            print("No CUDA runtime is found", file=sys.stderr)
sys.meta_path.insert(0, Noise())
"""


@pytest.fixture
def compare(tmp_path):
    """A function that compares a notebook of one cell with its output "done", on a machine whose torch talks."""
    (tmp_path / "sitecustomize.py").write_text(NOISY, encoding="utf-8")

    def passes(source: str, startup: Path | None) -> bool:
        output = nbformat.v4.new_output("stream", name="stdout", text="done\n")
        cell = nbformat.v4.new_code_cell(f"{source}\nprint('done')", execution_count=1, outputs=[output])
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "lesson.ipynb")
        environment = os.environ | {"PYTHONPATH": str(tmp_path), "PYTHONSTARTUP": str(startup or "")}
        nbval = ["-m", "pytest", "-q", "--nbval", "--nbval-current-env", "-p", "no:cacheprovider", "lesson.ipynb"]
        run = subprocess.run([sys.executable, *nbval], cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert ("1 passed" in run.stdout) != ("1 failed" in run.stdout), run.stdout
        return run.returncode == 0

    return passes


def test_a_library_that_talks_while_it_is_imported_fails_no_lesson(compare):
    assert compare("import torch", STARTUP)
    assert not compare("import torch", None), "without the start-up the same line is a difference"


def test_what_a_lesson_writes_to_stderr_is_still_compared(compare):
    assert not compare("import sys, torch; print('careful', file=sys.stderr)", STARTUP)


def test_the_start_up_leaves_no_name_behind(compare):
    assert compare("assert not {'torch', 'plt', 'pandas', '_use_libraries'} & set(globals())", STARTUP)
