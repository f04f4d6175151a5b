import matplotlib
import matplotlib.pyplot as plt
import pytest
import torch

matplotlib.use("agg")

from course_utils.figures import style

torch.set_num_threads(1)
style.apply()


@pytest.fixture(autouse=True)
def no_figure_left_open():
    yield
    plt.close("all")
