import os

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
