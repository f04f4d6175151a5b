"""The hub for a class: what its configuration is made of, and what the load test computes."""

import importlib.util
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from lessons import cells
from traitlets.config.loader import PyFileConfigLoader

ROOT = Path(__file__).parents[1]
if sys.platform == "win32":
    pytest.skip("JupyterHub does not run on Windows", allow_module_level=True)
sys.path.insert(0, str(ROOT))
from deploy import classroom  # noqa: E402
from tools import hub_load  # noqa: E402


def test_a_class_list_names_members_and_teachers():
    text = "kim  # first row\n\nlee teacher\n# nobody\nhan-2\n"
    assert classroom.read_class(text) == ({"kim", "lee", "han-2"}, {"lee"})


@pytest.mark.parametrize("text", ["", "# nobody\n", "Kim\n", "kim admin\n", "../kim\n", "kim teacher extra\n", "-rf\n"])
def test_a_class_list_that_could_admit_others_is_refused(text):
    with pytest.raises(classroom.Unsafe):
        classroom.read_class(text)


def test_accounts_of_the_machine_are_no_students():
    assert classroom.strangers({"root", "nobody-of-this-name"}) == ["root"]
    assert classroom.strangers(set()) == []


def test_passwords_cross_no_network_in_plain_text():
    assert classroom.bind_url("127.0.0.1", 8000, None) == "http://127.0.0.1:8000/"
    assert classroom.bind_url("0.0.0.0", 443, "hub.pem") == "https://0.0.0.0:443/"
    with pytest.raises(classroom.Unsafe, match="HUB_CERTIFICATE"):
        classroom.bind_url("0.0.0.0", 80, None)


def test_the_address_of_the_pull_holds_no_secret_and_opens_the_course():
    address = urlsplit(classroom.pull_url("file:///srv/course-hub/course"))
    query = parse_qs(address.query)
    assert address.path == "/git-pull" and set(query) == {"repo", "branch", "targetpath", "urlpath"}
    assert query["repo"] == ["file:///srv/course-hub/course"]
    page = query["urlpath"][0].removeprefix(f"lab/tree/{query['targetpath'][0]}/")
    assert (ROOT / page).exists()


def test_a_closed_folder_on_the_way_is_found(tmp_path):
    file = tmp_path / "home" / "course" / "bin"
    file.mkdir(parents=True)
    tmp_path.joinpath("home").chmod(0o700)
    found = classroom.unreadable(file)
    assert found is not None and (found == tmp_path / "home" or found in tmp_path.parents or found == tmp_path)
    assert classroom.unreadable(Path("/usr/bin/env")) is None


def test_a_file_that_every_account_can_write_is_found(tmp_path):
    (tmp_path / "package").mkdir()
    file = tmp_path / "package" / "module.py"
    file.write_text("")
    file.chmod(0o644)
    assert classroom.writable(tmp_path) is None
    file.chmod(0o666)
    assert classroom.writable(tmp_path) == file


def test_the_folder_of_secrets_is_closed_even_if_it_was_open(tmp_path):
    folder = tmp_path / "private"
    folder.mkdir(mode=0o755)
    assert classroom.private_folder(folder).stat().st_mode & 0o777 == 0o700


def test_sockets_fit_into_the_longest_home_that_a_class_list_allows():
    home = "/home/" + "a" * 31
    assert classroom.NAME.fullmatch("a" * 31) and classroom.runtime_folder(home).startswith(home)
    with pytest.raises(classroom.Unsafe, match="too long"):
        classroom.runtime_folder("/srv/departments/linguistics/" + "a" * 31)


def test_a_process_under_the_limits_cannot_take_more_memory_and_writes_files_for_its_owner_alone(tmp_path):
    code = f"""
import os, resource, sys
sys.path.insert(0, {str(ROOT)!r})
from deploy import classroom
classroom.limit_process(200_000_000, processes=64)
open({str(tmp_path / "file")!r}, "w").close()
try:
    bytearray(400_000_000)
except MemoryError:
    print("refused", resource.getrlimit(resource.RLIMIT_NPROC)[0])
"""
    if sys.platform != "linux":
        pytest.skip("only Linux enforces RLIMIT_DATA")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.split() == ["refused", "64"], done.stderr
    assert os.stat(tmp_path / "file").st_mode & 0o777 == 0o600


def test_the_students_repository_has_a_commit_only_where_something_is_new(tmp_path):
    folder = tmp_path / "course"
    folder.mkdir()
    (folder / "lesson.txt").write_text("one")
    (folder / "lesson.txt").chmod(0o600)
    assert classroom.commit(folder) and not classroom.commit(folder)
    (folder / "lesson.txt").write_text("two")
    assert classroom.commit(folder)
    log = subprocess.run(["git", "-C", folder, "log", "--oneline", "main"], capture_output=True, text=True)
    assert len(log.stdout.splitlines()) == 2
    assert (folder / "lesson.txt").stat().st_mode & 0o777 == 0o644


def test_homes_are_closed_when_accounts_are_made():
    assert "HOME_MODE=0700" in classroom.new_account() and classroom.GROUP in classroom.new_account()


def test_secrets_in_a_log_are_found_and_blanked_ones_are_not():
    quiet = "302 GET /hub/login?next=%2Fhub -> /oauth_callback?code=[secret]&state=[secret] (kim@::1)\n/lab?token=short"
    assert not hub_load.leaks(quiet)
    assert len(hub_load.leaks("GET /lab?token=0123456789abcdef HTTP/1.1\nGET /x?a=1&code=AbCdEfGhIj")) == 2


def test_the_summary_of_seconds():
    assert hub_load.summary([3.0]) == {"median": 3.0, "p95": 3.0}
    assert hub_load.summary([float(value) for value in range(1, 21)]) == {"median": 10.5, "p95": 19.0}


def test_the_report_has_a_line_for_each_step_and_kind_of_memory():
    students = [hub_load.Student("http://127.0.0.1:8000", name, deadline=0) for name in ("kim", "lee")]
    students[0].seconds = {"pull": 1.0, "save": 2.0}
    students[1].seconds = {"pull": 3.0}
    lines = hub_load.report(students, {"kim": (500_000_000, 400_000_000), "lee": (700_000_000, 600_000_000)})
    assert [line.split()[0] for line in lines] == ["pull", "save", "memory", "of"]
    assert "median    2.00 s" in lines[0] and "median     600 MB" in lines[2] and "700 MB" in lines[2]
    assert len(hub_load.report(students, {"kim": (0, 0), "lee": (0, 0)})) == 2


def test_a_step_that_fails_is_the_students_failure():
    student = hub_load.Student("http://127.0.0.1:8000", "kim", deadline=0)
    with pytest.raises(TimeoutError), student.step("pull"):
        student.left()
    assert student.failures == ["kim, pull: TimeoutError: out of time"] and not student.seconds


def test_the_table_of_sizes_follows_the_model_above_it():
    text = (ROOT / "docs" / "hub.md").read_text(encoding="utf-8")
    system, shared, each = map(float, re.search(r"= (\S+) GB for.* \+ (\S+) GB for.* \+ (\S+) GB per", text).groups())
    seconds, minutes = 55, 4
    assert f"{seconds} s × students ÷ cores" in text and f"done in {minutes} minutes" in text
    rows = re.findall(r"^\| ([\d,]+) \| (all|\d+) \| (\d+) GB \| (\d+) GB \| (\d+) \|", text, re.M)
    assert len(rows) == 3
    for students, active, memory, ample, cores in rows:
        active = int(students) if active == "all" else int(active)
        assert round(system + shared + each * active) == int(memory)
        assert round(system + shared + active) == int(ample)
        assert round(seconds * active / (60 * minutes)) == int(cores)


def test_the_versions_of_the_hub_are_pinned_and_the_image_reads_the_same_files():
    lines = (ROOT / "deploy" / "requirements.txt").read_text().splitlines()
    assert all("==" in line for line in lines if line and not line.startswith("#"))
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text()
    copied = [word for line in dockerfile.splitlines() if line.startswith("COPY") for word in shlex.split(line)[1:-1]]
    assert {"deploy/requirements.txt", "constraints.txt", "pyproject.toml"} <= set(copied)
    assert all((ROOT / path).exists() for path in copied)


def test_the_values_for_kubernetes_hold_no_secret_and_pull_the_same_course():
    values = yaml.safe_load((ROOT / "deploy" / "zero-to-jupyterhub.yaml").read_text())
    ours, theirs = (
        parse_qs(urlsplit(address).query)
        for address in (classroom.pull_url("https://REPOSITORY"), values["singleuser"]["defaultUrl"])
    )
    assert ours == theirs
    assert "transport=ipc" in values["singleuser"]["cmd"][1]


@pytest.mark.skipif(importlib.util.find_spec("jupyterhub") is None, reason="JupyterHub is not installed: make hub")
def test_the_configuration_loads_and_refuses_the_accounts_of_the_machine(tmp_path, monkeypatch):
    if os.geteuid() != 0:
        pytest.skip("the hub's configuration is for root")
    if closed := classroom.unreadable(Path(sys.executable)) or classroom.unreadable(ROOT):
        pytest.skip(f"students could not read {closed}")
    (tmp_path / "class.txt").write_text("a-new-student\na-new-teacher teacher\n")
    monkeypatch.setenv("HUB_STATE", str(tmp_path))
    load = PyFileConfigLoader("jupyterhub_config.py", path=str(ROOT / "deploy")).load_config
    config = load()
    assert config.Authenticator.admin_users == {"a-new-teacher"} and not config.Authenticator.allow_all
    assert config.Spawner.args == ["--KernelManager.transport=ipc"]
    (tmp_path / "class.txt").write_text("root\n")
    with pytest.raises(Exception, match="not accounts of the group"):
        load()


def test_a_kernel_of_lesson_1_holds_no_library_that_only_other_lessons_use():
    lines = [line for cell in cells("01_rnn") for line in cell.source.splitlines()]
    imports = "\n".join(line for line in lines if re.match(r"(from|import) ", line))
    heavy = {"pandas", "sacrebleu", "seaborn", "scipy", "sentencepiece", "sympy", "torch._dynamo"}
    code = f"import sys\n{imports}\nprint(sorted({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
