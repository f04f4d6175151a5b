"""Rules of the house: what may import what, and one list of dependencies in two files."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "course_utils"
# A module may import those to its left only; figures and views stand beside the mathematics.
ORDER = [
    "wording", "figures", "picture_checks", "pictures", "scenes", "runtime", "tasks", "words", "parallel_text",
    "corpus", "recurrent", "attention", "seq2seq", "designs", "interventions", "decoding", "training", "benchmarks",
    "ibm1", "metrics", "gates", "probes", "translation", "alignments", "reading", "bottleneck", "comparison", "views",
    "explorers", "solutions", "checks",
]  # fmt: skip
MODULES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))
CONDA_NAMES = {"pytorch": "torch", "matplotlib-base": "matplotlib"}


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse((PACKAGE / path).read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} uses a relative import"
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def theme(name: str) -> str:
    return name.removesuffix(".py").split("/")[0].split(".")[0]


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_imports_go_one_way(path):
    here = theme(str(path))
    if here == "__init__":
        assert not imports(path)
        return
    ours = {name.removeprefix("course_utils.") for name in imports(path) if name.startswith("course_utils.")}
    for other in {theme(name) for name in ours} - {here}:
        assert ORDER.index(other) < ORDER.index(here), f"{path} imports {other}, which comes after it"


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_each_toolkit_stays_in_its_place(path):
    here, roots = theme(str(path)), {name.split(".")[0] for name in imports(path)}
    assert "ipywidgets" not in roots or here in ("explorers", "views")
    assert "anywidget" not in roots or here == "views"
    assert "torch" not in roots or here not in ("figures", "views")
    assert not roots & {"matplotlib", "seaborn"} or here in ("figures", "explorers")


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_modules_stay_small(path):
    assert len((PACKAGE / path).read_text().splitlines()) <= 300, f"{path}: split it into two things"


def python_dependencies() -> set[str]:
    return set(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"])


def test_conda_and_pip_list_the_same_dependencies_with_the_same_ranges():
    listed = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    conda = {entry for entry in listed if isinstance(entry, str)} - {"pip"}
    by_pip = {entry for part in listed if isinstance(part, dict) for entry in part["pip"]}
    python = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert f"python{python}" in conda and "-e ." in by_pip
    both = (conda - {f"python{python}"}) | (by_pip - {"-e ."})
    mapped = {re.sub(r"^[\w-]+", lambda name: CONDA_NAMES.get(name[0], name[0]), entry) for entry in both}
    assert mapped == python_dependencies()


def test_every_dependency_is_pinned_inside_its_range():
    from packaging.requirements import Requirement

    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = {pin.name.lower(): pin for pin in map(Requirement, (line for line in lines if not line.startswith("#")))}
    for requirement in map(Requirement, python_dependencies()):
        (pin,) = pins[requirement.name.lower()].specifier
        assert pin.operator == "==" and pin.version in requirement.specifier, requirement
    assert Requirement("torch").name in pins
    assert "2.13.0" in next(Requirement(d).specifier for d in python_dependencies() if d.startswith("torch>"))


def test_browser_tests_that_find_no_browser_say_so():
    nowhere = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")} | {"PATH": "/nowhere"}
    wanted = "tests/browser/test_ground.py::test_missing_values_are_striped_and_named"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", wanted]
    said = subprocess.run(command, cwd=ROOT, env=nowhere | {"CHROMIUM": ""}, capture_output=True, text=True)
    assert "BROWSER TESTS NOT RUN (1): Skipped: no Chromium was found; install" in said.stdout
    assert "1 skipped" in said.stdout
