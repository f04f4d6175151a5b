"""Strict comparison: what other machines' libraries say is nobody's fault, what a lesson says is its own."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

STARTUP = Path(__file__).with_name("kernel_startup.py")
ROOT = STARTUP.parents[1]
# As a CUDA build without a GPU does: a line on stderr while one of torch's modules is imported.
NOISY = """import importlib.abc, sys
class Noise(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name in ("torch", "torch.utils.cpp_extension"):
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


def test_a_module_that_torch_imports_late_fails_no_lesson(compare):
    assert compare("from torch.utils.benchmark import Timer", STARTUP)


def imported(source: str) -> set[str]:
    """Return the modules that a source names in its imports, those inside functions too."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module)
    return names


def test_the_start_up_imports_all_that_the_package_and_the_lessons_import():
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "course_utils").rglob("*.py")]
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        sources += [cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    ours = {"course_utils", *sys.stdlib_module_names}
    wanted = sorted(name for name in set().union(*map(imported, sources)) if name.partition(".")[0] not in ours)
    assert {"torch", "torch.utils.benchmark", "matplotlib.pyplot"} <= set(wanted)
    check = f"import runpy, sys; runpy.run_path({str(STARTUP)!r}); print(sorted(set({wanted}) - set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]", "these are first imported in a lesson"


def test_what_a_lesson_writes_to_stderr_is_still_compared(compare):
    assert not compare("import sys, torch; print('careful', file=sys.stderr)", STARTUP)


def test_the_start_up_leaves_no_name_behind(compare):
    assert compare("assert not {'torch', 'plt', 'pandas', '_use_libraries'} & set(globals())", STARTUP)
