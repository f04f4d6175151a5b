import os
import signal

import matplotlib
import matplotlib.pyplot as plt
import pytest
import torch

matplotlib.use("agg")
os.environ["COURSE_PREDICTIONS"] = "off"  # a student's file of guesses is never read here

from course_utils.figures import style

torch.set_num_threads(1)
style.apply()


@pytest.fixture(autouse=True)
def no_figure_left_open():
    yield
    plt.close("all")


@pytest.fixture
def interrupts():
    """SIGINT as a notebook has it: a shell's background job would ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
