"""The command that runs the suite in other environments."""

import yaml
from packaging.version import Version

from tools import matrix


def test_the_oldest_versions_are_the_lower_bounds():
    wanted = ["torch>=2.6,<3", "Babel>=2.18,<2.19", "course-utils[site]", "pytest", "packaging>=25"]
    assert matrix.lowest(wanted) == ["Babel==2.18", "packaging==25", "torch==2.6"]


def test_every_dependency_has_an_oldest_version_no_newer_than_the_pinned_one(tmp_path, monkeypatch):
    monkeypatch.setattr(matrix, "FOLDER", tmp_path)

    def pins(name):
        lines = matrix.constraints(name).read_text().lower().splitlines()
        return dict(line.split("==") for line in lines if "==" in line)

    read = {name: pins(name) for name in matrix.VERSIONS}
    assert not read["newest"] and {"torch", "anywidget", "pytest", "sphinx"} <= set(read["oldest"])
    later = {name for name, low in read["oldest"].items() if Version(low) > Version(read["pinned"][name])}
    assert not later, "a lower bound above what CI tests"


def test_a_run_reports_what_failed_and_the_parts_after_it_still_run(tmp_path, monkeypatch):
    monkeypatch.setattr(matrix, "FOLDER", tmp_path)
    monkeypatch.setattr(matrix, "find_python", {"3.12": "python3.12"}.get)
    called = []

    def make(arguments, log):
        called.append(arguments)
        return arguments[-1] == "units"

    assert matrix.run("3.12", "oldest", ["units", "lessons"], make)["result"] == "failed: units"
    assert [arguments[-1] for arguments in called] == ["environment", "units", "lessons"]
    assert called[0][:3] == ["PYTHON=python3.12", f"VENV={tmp_path}/3.12-oldest", f"CONSTRAINTS={tmp_path}/oldest.txt"]
    assert matrix.run("3.13", "pinned", ["units"], lambda *_: 0)["result"] == "no such Python here"
    assert matrix.run("3.12", "pinned", ["units"], lambda *_: 0)["result"] == "passed"


def test_the_workflow_tries_the_same_pythons_and_versions():
    workflow = yaml.safe_load((matrix.ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8"))
    tried = workflow["jobs"]["versions"]["strategy"]["matrix"]
    assert tried["python"] == matrix.PYTHONS and set(tried["versions"]) == {"oldest", "newest"} < set(matrix.VERSIONS)
    assert {"ubuntu-latest", "macos-latest", "windows-latest"} == set(tried["os"])
