"""Explorers answer between cells, never while one runs.

JupyterLab lets a moved control reach a kernel that is busy with a cell: on a subshell, in a thread of its own. An
answer given then would draw from the same random numbers and use the same models as the cell, and change what the
cell computes. So whoever computes takes the turn first.
"""

import threading

from IPython import get_ipython

TURN = threading.RLock()  # held by a cell while it runs, and by an explorer while it answers
_running: list[object] = []  # the cells that hold it


def begin_cell(info) -> None:
    """Take the turn for a cell; `info` is what IPython says of it."""
    TURN.acquire()
    _running.append(info)


def end_cell(result) -> None:
    """Give the turn back after a cell, if it was taken: the cell that calls `take_turns` began without it."""
    if _running:
        _running.pop()
        TURN.release()


def take_turns(shell=None) -> None:
    """From now on let every cell of `shell`, or of the notebook that runs, take the turn; nothing happens twice."""
    shell = shell or get_ipython()
    if shell is not None:
        shell.events.register("pre_run_cell", begin_cell)
        shell.events.register("post_run_cell", end_cell)
