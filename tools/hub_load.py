"""Let made-up students use a running hub over HTTP and websockets, and report seconds, memory and failures.

`python -m tools.hub_load --students 2 --lesson 01 --faults`, as root on the hub's machine, so that memory can be read.
The hub's class list names the students: student-1, student-2, … With `--start "make hub"` the tool starts the hub,
can restart it, and searches its log for tokens in addresses. Never on a hub with real students: see docs/hub.md.
"""

import argparse
import json
import os
import re
import shlex
import signal
import statistics
import subprocess
import sys
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil
import requests
import websocket
from jupyter_server.services.kernels.connection.base import deserialize_binary_message

from course_utils.exercises import solutions

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # `deploy` is not part of the installed package
from deploy import classroom  # noqa: E402

PASSWORD = "only for the load test"
SECRET = re.compile(r"[?&](?:token|auth_token|code|state|_xsrf)=(?!\[secret\])[^\s&\"')]{8,}")


def leaks(log: str) -> list[str]:
    """Return the secrets in addresses that a log holds: tokens and one-time codes that are not blanked."""
    return SECRET.findall(log)


def summary(seconds: list[float]) -> dict[str, float]:
    """Return the median and the 95th percentile of a list that is not empty; the percentile is a value of the list."""
    ordered = sorted(seconds)
    return {"median": statistics.median(ordered), "p95": ordered[-(-95 * len(ordered) // 100) - 1]}


class Student:
    """One browser of one student: cookies, a server, a kernel and a websocket to it."""

    def __init__(self, url: str, name: str, deadline: float):
        self.url, self.name, self.deadline = url.rstrip("/"), name, deadline
        self.base = f"{self.url}/user/{name}"
        self.http, self.seconds, self.failures = requests.Session(), {}, []
        self.socket, self.kernel = None, None

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time one step; an error counts as this student's failure and ends the student's run."""
        began = time.monotonic()
        try:
            yield
        except Exception as error:
            self.failures.append(f"{self.name}, {name}: {type(error).__name__}: {str(error)[:300]}")
            raise
        self.seconds[name] = time.monotonic() - began

    def left(self) -> float:
        """Return the seconds until the deadline; a TimeoutError if there are none."""
        if (left := self.deadline - time.monotonic()) <= 0:
            raise TimeoutError("out of time")
        return left

    def call(self, method: str, path: str, **options) -> requests.Response:
        """Send a request to the student's server, or to the hub for a path that begins with `/hub`."""
        hub = path.startswith("/hub/")
        prefix = urlsplit(self.url).path + ("/hub/" if hub else f"/user/{self.name}/")
        tokens = [cookie.value for cookie in self.http.cookies if cookie.name == "_xsrf" and cookie.path == prefix]
        headers = {"X-XSRFToken": tokens[0]} if tokens else {}
        if "timeout" not in options:
            options["timeout"] = min(120, self.left())
        return self.http.request(method, (self.url if hub else self.base) + path, headers=headers, **options)

    def log_in(self) -> None:
        """Log in with the form; the first time sets the password."""
        self.http.get(f"{self.url}/hub/login", timeout=self.left()).raise_for_status()
        token = next(cookie.value for cookie in self.http.cookies if cookie.name == "_xsrf")
        form = {"username": self.name, "password": PASSWORD, "_xsrf": token}
        self.http.post(f"{self.url}/hub/login?next=%2Fhub%2Fhome", data=form, timeout=self.left()).raise_for_status()
        answer = self.http.get(f"{self.url}/hub/home", timeout=self.left())
        if not urlsplit(answer.url).path.endswith("/hub/home"):
            raise RuntimeError("the hub did not accept the log-in")

    def start_server(self) -> None:
        """Ask for the server and wait until its pages answer."""
        self.http.get(f"{self.url}/hub/spawn/{self.name}", timeout=self.left()).raise_for_status()
        while True:
            answer = self.http.get(f"{self.base}/lab", timeout=self.left())
            if answer.ok and f"/user/{self.name}/" in answer.url and "spawn-pending" not in answer.url:
                return
            time.sleep(min(1, self.left()))

    def pull(self, repository: str) -> None:
        """Fetch the course with nbgitpuller."""
        query = parse_qs(urlsplit(classroom.pull_url(repository)).query)
        wanted = {name: query[name] for name in ("repo", "branch", "targetpath")}
        answer = self.call("GET", "/git-pull/api", params=wanted)
        if '"phase": "finished"' not in answer.text:
            raise RuntimeError(answer.text[-300:])

    def load(self, path: str) -> dict:
        """Return what the server has under a path of the home."""
        answer = self.call("GET", f"/api/contents/{path}")
        answer.raise_for_status()
        return answer.json()

    def save(self, path: str, notebook: dict) -> requests.Response:
        """Save a notebook under a path of the home and return the server's answer."""
        body = {"type": "notebook", "format": "json", "content": notebook}
        return self.call("PUT", f"/api/contents/{path}", json=body)

    def open_kernel(self, path: str) -> None:
        """Start the kernel of a notebook and connect to it."""
        kind = {"path": path, "name": path, "type": "notebook", "kernel": {"name": "python3"}}
        answer = self.call("POST", "/api/sessions", json=kind)
        answer.raise_for_status()
        self.kernel = answer.json()["kernel"]["id"]
        self.socket = self.connect()

    def connect(self) -> websocket.WebSocket:
        """Return a new websocket to the kernel: one tab."""
        path = f"/user/{self.name}/"
        sent = [cookie for cookie in self.http.cookies if path.startswith(cookie.path)]
        cookies = {cookie.name: cookie.value for cookie in sorted(sent, key=lambda cookie: len(cookie.path))}
        address = f"{self.base}/api/kernels/{self.kernel}/channels?session_id={uuid.uuid4().hex}"
        return websocket.create_connection(
            "ws" + address.removeprefix("http"), timeout=self.left(), origin=self.url,
            cookie="; ".join(f"{name}={value}" for name, value in cookies.items()),
        )  # fmt: skip

    def send(self, kind: str, content: dict, socket: websocket.WebSocket | None = None) -> str:
        """Send one message to the kernel and return its id."""
        header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "username": "", "session": "load", "version": "5.3"}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
        (socket or self.socket).send(json.dumps(message))
        return header["msg_id"]

    def until_idle(self, ids: list[str], socket: websocket.WebSocket | None = None) -> dict[str, list[dict]]:
        """Read until the kernel has dealt with these messages; return what it said about each.

        Raises:
            RuntimeError: a cell failed.
            TimeoutError: the deadline.
        """
        socket, heard, waiting = socket or self.socket, defaultdict(list), set(ids)
        while waiting:
            socket.settimeout(self.left())
            kind, data = socket.recv_data()
            if kind == websocket.ABNF.OPCODE_CLOSE:
                raise ConnectionError("the websocket was closed")
            message = deserialize_binary_message(data) if kind == websocket.ABNF.OPCODE_BINARY else json.loads(data)
            parent = message["parent_header"].get("msg_id")
            if parent not in ids or message["channel"] != "iopub":
                continue
            heard[parent].append(message)
            if message["msg_type"] == "error":
                raise RuntimeError(f"{message['content']['ename']}: {message['content']['evalue']}")
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                waiting.discard(parent)
        return heard

    def run(self, sources: list[str], socket: websocket.WebSocket | None = None) -> list[list[dict]]:
        """Run cells as “Run All” does, all sent at once, and return the messages of each."""
        options = {"silent": False, "store_history": True, "allow_stdin": False, "stop_on_error": True}
        ids = [self.send("execute_request", {"code": source, **options}, socket) for source in sources]
        heard = self.until_idle(ids, socket)
        return [heard[id] for id in ids]

    def value(self, source: str, socket: websocket.WebSocket | None = None) -> str:
        """Return what a cell prints."""
        messages = self.run([source], socket)[0]
        return "".join(message["content"]["text"] for message in messages if message["msg_type"] == "stream")

    def widget(self, widget: str, **data) -> None:
        """Send a widget's model what its view in the browser would send, and wait for the kernel."""
        self.until_idle([self.send("comm_msg", {"comm_id": widget, "data": data})])


def widgets_of(messages: list[dict]) -> dict[str, dict]:
    """Return the state of each widget that a cell made, by the id of its comm."""
    made = [message["content"] for message in messages if message["msg_type"] == "comm_open"]
    return {content["comm_id"]: content["data"].get("state", {}) for content in made}


def move_explorer(student: Student, made: dict[str, dict]) -> None:
    """Move the first slider among the widgets of the lesson's explorers by one step."""
    for id, state in made.items():
        if state.get("_model_name") in ("IntSliderModel", "FloatSliderModel"):
            to = state["value"] - state["step"] if state["value"] >= state["max"] else state["value"] + state["step"]
            return student.widget(id, method="update", state={"value": to}, buffer_paths=[])
        if state.get("_model_name") in ("SelectionSliderModel", "DropdownModel"):
            to = (state["index"] + 1) % len(state["_options_labels"])
            return student.widget(id, method="update", state={"index": to}, buffer_paths=[])
    raise RuntimeError("no explorer has a slider")


def make_prediction(student: Student, messages: list[dict]) -> None:
    """Answer a prediction's card and lock it in: 0.5 in each field, the first of its options, the order as it is."""
    made = widgets_of(messages)
    for id, state in made.items():
        if state.get("_model_name") == "TextModel":
            student.widget(id, method="update", state={"value": "0.5"}, buffer_paths=[])
        elif state.get("_model_name") == "RadioButtonsModel":
            student.widget(id, method="update", state={"index": 0}, buffer_paths=[])
    button = next(id for id, state in made.items() if state.get("description") == "Lock in")
    student.widget(button, method="custom", content={"event": "click"})


def use(student: Student, repository: str, path: str) -> None:
    """Do what a student does in a lesson: log in, pull, run all cells, move, predict, submit, save."""
    with student.step("log in"):
        student.log_in()
    with student.step("start the server"):
        student.start_server()
    with student.step("pull"):
        student.pull(repository)
    with student.step("open the lesson"):
        student.call("DELETE", f"/api/contents/{Path(path).parent}/my_predictions.json")  # of an earlier run
        notebook = student.load(path)["content"]
        student.open_kernel(path)
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    with student.step("run all cells"):
        heard = dict(zip([cell["id"] for cell in cells], student.run([cell["source"] for cell in cells]), strict=True))
    with student.step("move an explorer"):
        explorers = [widgets_of(heard[cell["id"]]) for cell in cells if "_explorer(" in cell["source"]]
        move_explorer(student, {id: state for made in explorers for id, state in made.items()})
    with student.step("predict"):
        asked = next(cell for cell in cells if cell["source"].startswith("predict("))
        make_prediction(student, heard[asked["id"]])
        kept = student.load(f"{Path(path).parent}/my_predictions.json")["content"]
        if re.search(r'"(\w+)"', asked["source"])[1] not in json.loads(kept)["predictions"]:
            raise RuntimeError("the prediction was not kept")
    with student.step("submit an exercise"):
        check = next(cell for cell in cells if re.match(r"checks\.\w+\(\w+\)$", cell["source"]))
        name, function = re.match(r"checks\.(\w+)\((\w+)\)", check["source"]).groups()
        solved, _ = solutions.parts(name)
        student.run(
            [
                f"{solved}\n{function} = {re.match(r'def (.+?)[(]', solved)[1]}",
                f"checks.{name}({function}, strict=True)",
            ]
        )
    with student.step("save"):
        notebook["metadata"]["load"] = student.name
        student.save(path, notebook).raise_for_status()
        if student.load(path)["content"]["metadata"].get("load") != student.name:
            raise RuntimeError("what was saved is not what is there")


def wait_for(happens: Callable[[], bool], student: Student) -> None:
    """Wait until something happens; meanwhile a server or kernel that is away is no error."""
    while True:
        try:
            if happens():
                return
        except (requests.RequestException, websocket.WebSocketException, OSError, RuntimeError):
            student.left()
        time.sleep(min(1, student.left()))


def reconnect(student: Student) -> bool:
    """Connect again and see whether the kernel answers."""
    student.socket = student.connect()
    return student.value("print(6 * 7)") == "42\n"


def kill_kernel(student: Student, path: str) -> None:
    """A kernel dies: the server starts it again, and the saved notebook is as it was."""
    student.send("execute_request", {"code": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"})
    time.sleep(2)
    wait_for(lambda: reconnect(student), student)


def stop_server(student: Student, path: str) -> None:
    """The culler's call stops a server: after a new start everything that was saved is there."""
    student.call("DELETE", f"/hub/api/users/{student.name}/server").raise_for_status()
    wait_for(lambda: student.call("GET", f"/hub/api/users/{student.name}").json()["server"] is None, student)
    student.start_server()
    student.open_kernel(path)
    student.run(["1"])


def fill_disk(student: Student, path: str) -> None:
    """The student's disk is full: saving fails with a sentence, and the last version stays."""
    folder = Path(f"~{student.name}").expanduser() / "full"
    folder.mkdir(exist_ok=True)
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size=256k,uid={folder.parent.stat().st_uid}", "tmpfs", folder], check=True
    )
    try:
        empty = {"cells": [], "metadata": {"version": 1}, "nbformat": 4, "nbformat_minor": 5}
        student.save("full/small.ipynb", empty).raise_for_status()
        large = {**empty, "metadata": {"version": 2, "text": "x" * 1_000_000}}
        answer = student.save("full/small.ipynb", large)
        if answer.ok or student.load("full/small.ipynb")["content"]["metadata"]["version"] != 1:
            raise RuntimeError(f"answer {answer.status_code}; the last version is lost")
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def two_tabs(student: Student, path: str) -> None:
    """Two tabs of one notebook: one kernel serves both, and saving from both leaves one of the two versions."""
    other, notebook = student.connect(), student.load(path)["content"]
    student.run(["from_one_tab = 'seen'"])
    if student.value("print(from_one_tab)", other) != "seen\n":
        raise RuntimeError("the tabs do not share a kernel")
    for tab in ("one", "two"):
        notebook["metadata"]["tab"] = tab
        student.save(path, notebook).raise_for_status()
    if student.load(path)["content"] != notebook:
        raise RuntimeError("the notebook is neither tab's")
    other.close()


FAULTS = {"kernel killed": kill_kernel, "server stopped": stop_server, "disk full": fill_disk, "two tabs": two_tabs}


def memory(names: list[str]) -> dict[str, tuple[int, int]]:
    """Return the memory of each student's processes in bytes: proportional (shared pages shared out), and private.

    Only root may read it.
    """
    held = dict.fromkeys(names, (0, 0))
    for process in psutil.process_iter(["username"]):
        if (name := process.info["username"]) in held:
            try:
                used = process.memory_full_info()
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
            held[name] = (held[name][0] + used.pss, held[name][1] + used.uss)
    return held


class Hub:
    """A hub that this tool starts, restarts and ends; its log is a file."""

    def __init__(self, command: str, url: str, log: Path):
        self.command, self.url, self.log, self.process = shlex.split(command), url, log, None
        log.parent.mkdir(parents=True, exist_ok=True)
        log.unlink(missing_ok=True)

    def start(self, limit: float = 600) -> None:
        """Start the hub and wait until it answers."""
        with self.log.open("a") as file:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True
            )
        deadline = time.monotonic() + limit
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if requests.get(f"{self.url}/hub/health", timeout=5).ok:
                    return
            except requests.RequestException:
                time.sleep(0.5)
        raise RuntimeError(f"the hub does not answer; its log is {self.log}")

    def stop(self) -> None:
        """End the hub as a service manager does."""
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(timeout=60)


def together(students: list[Student], action: Callable[[Student], None]) -> None:
    """Let all students act at once, one thread each; failures are on their lists."""

    def act(student: Student) -> None:
        try:
            action(student)
        except Exception as error:
            if not student.failures:
                student.failures.append(f"{student.name}: {error}")

    threads = [threading.Thread(target=act, args=(student,)) for student in students]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def try_fault(name: str, act: Callable[[], None], student: Student, path: str, others: list[Student]) -> str:
    """Let one fault happen to one student while the others work, and return one line about it."""
    saved, over = student.load(path)["content"], threading.Event()
    noticed, asked = [], []

    def work(other: Student) -> None:
        while not over.is_set():
            try:
                asked.append(other.value("print(6 * 7)") == "42\n")
            except Exception as error:
                noticed.append(f"{other.name}: {error}")
                return
            over.wait(0.2)

    threads = [threading.Thread(target=work, args=(other,)) for other in others]
    for thread in threads:
        thread.start()
    began, result = time.monotonic(), "nothing saved is lost"
    try:
        act()
        now = student.load(path)["content"]
        if now != saved and name != "two tabs":
            result = "FAILED: the saved notebook differs"
    except Exception as error:
        result = f"FAILED: {type(error).__name__}: {error}"
    seconds = time.monotonic() - began
    over.set()
    for thread in threads:
        thread.join()
    seen = f"others noticed: {noticed}" if noticed else f"{len(asked)} cells of others ran meanwhile"
    return f"{name}: {result}, {seconds:.1f} s; {seen}"


def report(students: list[Student], peak: dict[str, tuple[int, int]]) -> list[str]:
    """Return a line for each step, and one for each kind of memory if it was read."""
    steps = dict.fromkeys(step for student in students for step in student.seconds)
    tables = {step: [student.seconds[step] for student in students if step in student.seconds] for step in steps}
    lines = []
    for name, values in tables.items():
        found = summary(values)
        lines.append(f"{name:20} median {found['median']:7.2f} s   95th percentile {found['p95']:7.2f} s")
    for at, name in enumerate(["memory at its peak", "  of it private"]):
        if any(held[at] for held in peak.values()):
            found = summary([held[at] / 1e6 for held in peak.values()])
            lines.append(f"{name:20} median {found['median']:7.0f} MB  95th percentile {found['p95']:7.0f} MB")
    return lines


def main() -> None:
    """Run the load test and print the report."""
    parser = argparse.ArgumentParser(prog="python -m tools.hub_load", description=__doc__)
    parser.add_argument("--students", type=int, default=2)
    parser.add_argument("--lesson", default="01", help="the first digits of a lesson's file")
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--repository", default=f"file://{os.environ.get('HUB_STATE', '/srv/course-hub')}/course")
    parser.add_argument("--limit", type=float, help="seconds for everything; else 300, and 60 for each student")
    parser.add_argument("--faults", action="store_true", help="afterwards, break things for the first student")
    parser.add_argument("--start", metavar="COMMAND", help="start the hub with this command, and end it")
    options = parser.parse_args()
    options.limit = options.limit or 300 + 60 * options.students
    deadline = time.monotonic() + options.limit
    path = f"{classroom.FOLDER}/notebooks/{next((ROOT / 'notebooks').glob(f'{options.lesson}*.ipynb')).name}"
    students = [Student(options.url, f"student-{at + 1}", deadline) for at in range(options.students)]
    names = [student.name for student in students]
    hub = Hub(options.start, options.url, ROOT / "build" / "hub.log") if options.start else None
    if hub:
        hub.start(options.limit)
    peak, over = dict.fromkeys(names, (0, 0)), threading.Event()

    def watch() -> None:
        while not over.wait(2):
            for name, held in memory(names).items():
                peak[name] = max(peak[name], held)

    watcher = threading.Thread(target=watch)
    if os.geteuid() == 0:
        watcher.start()
    lines = []
    try:
        began = time.monotonic()
        together(students, lambda student: use(student, options.repository, path))
        load = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
        print(f"{options.students} students, {Path(path).name}: {time.monotonic() - began:.0f} s; {load}")
        failures = [failure for student in students for failure in student.failures]
        if options.faults and not failures:
            first, others = students[0], students[1:]
            for name, fault in FAULTS.items():
                act = lambda fault=fault: fault(first, path)  # noqa: E731
                lines.append(try_fault(name, act, first, path, others))
                print(lines[-1], flush=True)
            if hub:
                began = time.monotonic()
                hub.stop()
                hub.start()
                for student in students:
                    wait_for(lambda student=student: reconnect(student), student)
                lines.append(f"hub restarted: every kernel answers again after {time.monotonic() - began:.1f} s")
                print(lines[-1])
    finally:
        over.set()
        if watcher.is_alive():
            watcher.join()
        if hub:
            for student in students:
                student.call("DELETE", f"/hub/api/users/{student.name}/server", timeout=60)  # even when time is up
            hub.stop()
    print(*report(students, peak), sep="\n")
    print(f"failures: {len(failures)}", *failures, sep="\n")
    if hub and (found := leaks(hub.log.read_text(errors="replace"))):
        failures.append(f"{len(found)} secrets in the hub's log")
        print(failures[-1])
    sys.exit(bool(failures) or any("FAILED" in line or "noticed" in line for line in lines))


if __name__ == "__main__":
    main()
