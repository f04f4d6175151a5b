"""What an installed package holds, and a clone made on Windows: in both, the lessons find what they read."""

import subprocess
import sys
import zipfile
from pathlib import Path

import editables
import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[1]
READ = """
from pathlib import Path
from safetensors.torch import load_file
import course_utils
from course_utils.datasets.corpus import Translations
from course_utils.datasets.tables import DATA, read_table
from course_utils.views import widgets
root = Path("{root}")
assert Path(course_utils.__file__).is_relative_to(root) and DATA.is_relative_to(root), (course_utils.__file__, DATA)
for language in ("korean", "french"):
    pairs = Translations.course(language).test
    assert len(pairs) == 1000
    assert not any("\\r" in word for pair in pairs for word in (*pair.source, *pair.target))
assert not read_table("recall").empty
assert load_file(DATA / "attention_korean.safetensors")
assert "as default" in Path(widgets.__file__).with_name("views.js").read_text(encoding="utf-8")
"""


def read_from(root: Path, folder: Path) -> None:
    """Read the corpus, a table, a checkpoint and the JavaScript with the package that `root` holds."""
    code = f"import sys; sys.path.insert(0, {str(root)!r})" + READ.format(root=root)
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", folder]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, ROOT], check=True, cwd=folder)
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_a_wheel_holds_all_that_lessons_read(wheel, tmp_path):
    wheel.extractall(tmp_path / "installed")
    read_from(tmp_path / "installed", tmp_path)


def test_a_wheel_holds_the_package_and_its_data_alone(wheel):
    top = {Path(name).parts[0] for name in wheel.namelist()}
    assert {name for name in top if not name.endswith(".dist-info")} == {"course_utils"}
    assert {Path(name).suffix for name in wheel.namelist() if "/data/" in name} == {".md", ".tsv", ".safetensors"}


def test_an_editable_install_offers_the_package_alone(tmp_path):
    (path,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["editable"])
    with zipfile.ZipFile(path) as editable:
        editable.extractall(tmp_path / "site")
    code = """import importlib.util, site, sys
installed, packages, root = sys.argv[1:]
sys.path += [installed, packages]  # the second for `editables` alone: what is installed there is not activated
site.addsitedir(installed)
specs = map(importlib.util.find_spec, ("course_utils", "data", "tests", "tools"))
print(*(spec.name for spec in specs if spec and root in str(list(spec.submodule_search_locations))))"""
    command = [sys.executable, "-I", "-S", "-c", code, tmp_path / "site", Path(editables.__file__).parents[1], ROOT]
    report = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert report.stdout.split() == ["course_utils"]


def test_a_clone_by_git_for_windows_reads_every_language(tmp_path):
    clone = ["git", "-c", "core.autocrlf=true", "clone", "--quiet", ROOT, tmp_path / "clone"]
    subprocess.run(clone, check=True, capture_output=True)
    read_from(tmp_path / "clone", tmp_path)
