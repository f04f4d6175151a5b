"""Rules of the house: what may import what, and one list of dependencies for pip and for conda."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
import yaml
from lessons import LESSONS, cells
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "course_utils"
# Which room may import which: the table of the design. A room may always import itself, one way.
ROOMS = {
    "messages": set(),
    "files": set(),
    "uncompiled": set(),
    "datasets": {"messages"},
    "models": {"files", "datasets"},
    "measure": {"models", "datasets", "messages"},
    "experiments": {"files", "measure", "models", "datasets", "messages"},
    "figures": {"messages"},
    "views": {"figures", "messages"},
    "runtime": {"measure", "figures", "messages", "uncompiled"},
    "predictions": {"files", "views", "figures", "messages"},
    "explorers": {"experiments", "measure", "models", "datasets", "views", "figures", "messages", "runtime"},
    "exercises": {"files", "measure", "models", "datasets", "messages", "runtime"},
    "translate": {"experiments", "measure", "models", "datasets", "messages", "runtime"},
}
ROOTS = {"torch": set(ROOMS) - {"figures", "views", "messages", "predictions"}, "anywidget": {"views"}}
ROOTS |= {"ipywidgets": {"explorers", "predictions"}}
ROOTS |= {name: {"figures"} for name in ("matplotlib", "seaborn")}
MODULES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))
CONDA_NAMES = {"pytorch": "torch", "matplotlib-base": "matplotlib"}


def imports(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse((PACKAGE / path).read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} uses a relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def room(path: Path | str) -> str:
    return re.split(r"[/.]", str(path))[0]


def ours(path: Path) -> set[str]:
    """Return the modules of the package that a file imports: a name imported from a module is that module."""
    named = {name.removeprefix("course_utils.") for name in imports(path) if name.startswith("course_utils.")}
    modules = {str(other.with_suffix("")).replace("/", ".").removesuffix(".__init__") for other in MODULES}
    return {name if name in modules else name.rpartition(".")[0] for name in named}


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_room_imports_what_the_table_allows(path):
    if str(path) == "__init__.py":
        assert not imports(path)
        return
    for other in {room(name) for name in ours(path)} - {room(path)}:
        assert other in ROOMS[room(path)], f"{path} imports {other}"


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_each_toolkit_stays_in_its_rooms(path):
    for root in {name.split(".")[0] for name in imports(path)} & set(ROOTS):
        assert room(path) in ROOTS[root], f"{path} imports {root}"


def test_models_take_nothing_but_special_tokens_from_datasets():
    for path in MODULES:
        if room(path) == "models":
            assert {name for name in ours(path) if room(name) == "datasets"} <= {"datasets.special_tokens"}, path


def test_files_of_a_room_import_each_other_one_way():
    graph = {str(path.with_suffix("")).replace("/", ".").removesuffix(".__init__"): ours(path) for path in MODULES}
    TopologicalSorter({name: others - {name} for name, others in graph.items()}).prepare()  # raises CycleError


def doubled_elsewhere(source: str) -> list[str]:
    """Return the calls `x.double()` of a source whose `x` was not brought to the CPU first."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    doubled = [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "double"]
    return [text for text in (ast.unparse(call.func.value) for call in doubled) if not text.endswith(".cpu()")]


def test_float64_is_used_on_the_cpu_alone_for_not_every_device_has_it():
    sources = {str(path): (PACKAGE / path).read_text() for path in MODULES if room(path) != "exercises"}
    sources |= {name: "\n".join(cell.source for cell in cells(name)) for name in LESSONS}
    assert {name: found for name, source in sources.items() if (found := doubled_elsewhere(source))} == {}
    assert doubled_elsewhere("x.double().cpu()") == ["x"]


def test_every_room_of_the_table_is_there_and_no_other():
    assert {room(path) for path in MODULES} == {*ROOMS, "__init__"}


def test_the_map_names_files_that_are_there():
    names = re.findall(r"[\w/]+\.py", (PACKAGE / "__init__.py").read_text())
    assert len(names) > 15 and [name for name in names if not (PACKAGE / name).is_file()] == []


def dependencies() -> dict[str, set[str]]:
    """Return what students need, and what the extras add for contributors."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    interface, *extras = map(set, project["optional-dependencies"].values())  # the first is for students, too
    contributors = {entry for entry in set().union(*extras) if not entry.startswith("course-utils[")}
    return {"students": set(project["dependencies"]) | interface, "contributors": contributors}


@pytest.mark.parametrize(
    ("name", "readers", "besides"),
    [
        ("environment.yml", "students", {"python>=3.11", "pip", "-e ."}),
        ("environment-contributors.yml", "contributors", set()),
    ],
)
def test_conda_and_pip_list_the_same_dependencies_with_the_same_ranges(name, readers, besides):
    entries = yaml.safe_load((ROOT / name).read_text())["dependencies"]
    by_pip = {entry for part in entries if isinstance(part, dict) for entry in part["pip"]}
    by_conda = {entry for entry in entries if isinstance(entry, str)}
    assert besides <= by_conda | by_pip
    mapped = {re.sub(r"^[\w-]+", lambda name: CONDA_NAMES.get(name[0], name[0]), entry) for entry in by_conda | by_pip}
    assert mapped - besides == dependencies()[readers]


def test_the_package_imports_only_what_students_install():
    installed = {re.match(r"[\w-]+", entry)[0] for entry in dependencies()["students"]}
    installed |= {"IPython", "traitlets"}  # come with ipywidgets
    roots = {name.split(".")[0] for path in MODULES for name in imports(path)} - sys.stdlib_module_names
    assert {{"PIL": "pillow"}.get(root, root) for root in roots} <= installed | {"course_utils"}


def test_every_dependency_is_pinned_inside_its_range():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = {pin.name.lower(): pin for pin in map(Requirement, (line for line in lines if not line.startswith("#")))}
    for requirement in map(Requirement, set().union(*dependencies().values())):
        (pin,) = pins[requirement.name.lower()].specifier
        assert pin.operator == "==" and pin.version in requirement.specifier, requirement


def test_binder_gets_the_versions_that_ci_has_tested():
    folder = ROOT / "binder"
    lines = [line for line in (folder / "requirements.txt").read_text().splitlines() if not line.startswith("#")]
    options = dict(line.split(" ", 1) for line in lines)
    assert (folder / options["-c"]).resolve() == ROOT / "constraints.txt"
    assert options["-e"] == ".[interface]" and options["--extra-index-url"].endswith("/whl/cpu")
    assert (folder / "runtime.txt").read_text() == "python-3.11\n"


def test_browser_tests_that_find_no_browser_say_so():
    nowhere = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")} | {"PATH": "/nowhere"}
    wanted = "tests/browser/test_ground.py::test_missing_values_are_striped_and_named"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", wanted]
    report = subprocess.run(command, cwd=ROOT, env=nowhere | {"CHROMIUM": ""}, capture_output=True, text=True)
    assert "BROWSER TESTS NOT RUN (1): Skipped: no Chromium was found; install" in report.stdout
    assert "1 skipped" in report.stdout
