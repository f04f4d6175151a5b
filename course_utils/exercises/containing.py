"""Keep a student's function from harming the kernel: its time, its threads, its output, and calls that would end it."""

import builtins
import contextlib
import contextvars
import ctypes
import inspect
import io
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator

import torch

from course_utils.messages import say

PATIENCE = 4  # times the limit, for an answer that does not compute, or that others keep from computing
LINES = 10  # so many of what one call prints are shown
# What would end the kernel, or wait for somebody: name → the exception that is raised in its place.
REFUSED = {
    "exit": SystemExit, "quit": SystemExit, "_exit": SystemExit, "abort": SystemExit,
    "input": EOFError, "breakpoint": EOFError,
}  # fmt: skip


class TimeLimit(BaseException):
    """Stops a student's function, also one whose `except:` catches everything.

    Whoever catches it meets it again at the next line: it is created in the thread that it stops, and then traces it.
    """

    def __init__(self):
        super().__init__()

        def trace(frame, event, value):
            if frame.f_code.co_filename in (__file__, threading.__file__):
                return None
            if event == "line":
                raise TimeLimit
            return trace

        frame = inspect.currentframe().f_back
        while frame is not None:
            frame.f_trace = trace
            frame = frame.f_back
        sys.settrace(trace)


class Pages(io.TextIOBase):
    """Where output goes while a check runs: onto the last of `pages`, one page per call of the student's function."""

    def __init__(self):
        self.pages: list[str] = []

    def write(self, text: str) -> int:
        """Write onto the last page: its first lines are kept, a flood is not."""
        if self.pages[-1].count("\n") <= LINES and len(self.pages[-1]) < 100 * LINES:
            self.pages[-1] += text
        return len(text)


def shown(page: str) -> str:
    """Return a paragraph with the first lines of what a function printed, or nothing."""
    lines = [f"  {line}" for line in page.splitlines()]
    return "\n".join([say("Your function printed:"), *lines[:LINES], *["  …"] * (len(lines) > LINES)]) if lines else ""


@contextlib.contextmanager
def contained(function: Callable, pages: Pages) -> Iterator[None]:
    """Meanwhile print and display onto `pages`, and let calls that would end the kernel, or wait for input, raise.

    What it sets in torch for everybody (default dtype and device, threads, random numbers) is as before at the end.
    Turned and turned back here, never in the thread: one that comes back late must not touch it any more.

    Args:
        function: the student's; a notebook has names such as `exit` of its own, among the globals of its functions.
        pages: where output goes.
    """

    def refused(name: str) -> Callable:
        def refuse(*args, **options):
            raise REFUSED[name](say("{name}() cannot be called in a check", name=name))

        return refuse

    own = getattr(inspect.unwrap(function), "__globals__", {})
    spaces = [(space, name) for space in (vars(builtins), vars(os), own) for name in REFUSED if name in space]
    kept = [
        (space, name, space[name]) for space, name in spaces if space is not own or not inspect.isfunction(own[name])
    ]
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    dtype, device, count = torch.get_default_dtype(), torch.get_default_device(), torch.get_num_threads()
    with (
        contextlib.redirect_stdout(pages), contextlib.redirect_stderr(pages), _displayed_by_print(shell),
        torch.random.fork_rng(range(torch.cuda.device_count())),
    ):  # fmt: skip
        for space, name, _ in kept:
            space[name] = refused(name)
        try:
            yield
        finally:
            for space, name, value in kept:
                space[name] = value
            torch.set_default_dtype(dtype)
            if torch.get_default_device() != device:  # setting one slows every later call down a little
                torch.set_default_device(device)
            torch.set_num_threads(count)


@contextlib.contextmanager
def _displayed_by_print(shell) -> Iterator[None]:
    """Meanwhile print what is displayed in this IPython shell, if there is one."""
    if shell is None:
        yield
        return
    from IPython.core.displaypub import DisplayPublisher

    class Printed(DisplayPublisher):
        def publish(self, data: dict, *args, **options) -> None:
            print(data.get("text/plain", ""))

    publisher, shell.display_pub = shell.display_pub, Printed()
    try:
        yield
    finally:
        shell.display_pub = publisher


def in_time(work: Callable[[], None], seconds: float) -> bool:
    """Run `work` in a thread of its own and return whether it came to an end within `seconds` of processor time.

    Processor time, since a right answer must not be called endless where a class shares two cores; what only waits has
    `PATIENCE` times as long by the clock. A thread, since no signal can interrupt a call in C or on Windows; the caller
    gets its answer in any case. At the end the thread, and those that it started, are told to stop.
    """

    def stoppable(run: Callable[[], None]) -> Callable[[], None]:
        def body() -> None:
            try:
                run()
            except TimeLimit:
                sys.settrace(None)

        return body

    def start(self: threading.Thread) -> None:
        if threading.current_thread() in family:
            family.append(self)
            self.run = stoppable(self.run)
        begin(self)

    context = contextvars.copy_context()  # what is printed in there still belongs to this cell
    thread = threading.Thread(target=stoppable(lambda: context.run(work)), daemon=True)
    family, begin = [thread], threading.Thread.start
    threading.Thread.start = start
    try:
        used, began = time.process_time(), time.monotonic()
        begin(thread)
        while (
            thread.is_alive() and time.process_time() - used < seconds and time.monotonic() - began < PATIENCE * seconds
        ):
            thread.join(0.02)
        return not thread.is_alive()
    finally:
        _stop(family)
        threading.Thread.start = begin


def _stop(threads: list[threading.Thread]) -> None:
    """Tell threads to stop at their next line of Python, for up to a second: one may be in a call in C."""
    for _ in range(20):
        alive = [thread for thread in threads if thread.is_alive()]
        for thread in alive:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(TimeLimit))
        if alive:
            alive[0].join(0.05)
