import random

import numpy as np
import pytest
import torch

from course_utils import messages, runtime


def draws():
    return random.random(), np.random.rand(), torch.rand(3).tolist()  # noqa: NPY002


def test_same_seed_same_numbers_from_all_three_generators():
    runtime.setup(seed=7)
    first = draws()
    runtime.setup(seed=7)
    assert draws() == first
    runtime.setup(seed=8)
    assert all(new != old for new, old in zip(draws(), first, strict=True))


def test_setup_decides_threads_and_course_device_overrides(monkeypatch):
    torch.set_num_threads(2)
    monkeypatch.setenv("COURSE_DEVICE", "cpu")
    assert runtime.setup() == torch.device("cpu") and torch.get_num_threads() == 1


@pytest.mark.parametrize("name", ["tpu", "cuda:99", "cpu:3", "CPU", "meta"])
def test_a_device_that_is_not_here_is_refused_with_the_list(monkeypatch, name):
    monkeypatch.setenv("COURSE_DEVICE", name)
    with pytest.raises(ValueError, match=r"choose one of: cpu"):
        runtime.setup()


def test_cuda_is_chosen_where_there_is_one(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert runtime.available_devices() == ["cpu", "cuda:0", "cuda:1"]
    assert runtime.choose_device() == torch.device("cuda")
    assert runtime.choose_device("cuda") == torch.device("cuda")
    assert runtime.choose_device("cuda:1") == torch.device("cuda:1")
    with pytest.raises(ValueError, match="cuda:0, cuda:1"):
        runtime.choose_device("cuda:2")


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_out_of_range_is_refused(seed):
    with pytest.raises(ValueError, match="seed"):
        runtime.setup(seed=seed)


@pytest.mark.parametrize(
    ("argument", "variable", "label"),
    [(None, "", "Reset"), (None, "ko", "처음으로"), ("ko", "en", "처음으로"), ("en", "ko", "Reset")],
)
def test_the_argument_chooses_the_language_then_the_environment(monkeypatch, argument, variable, label):
    monkeypatch.setenv("COURSE_LANGUAGE", variable)
    runtime.setup(language=argument)
    assert messages.say("Reset") == label
    runtime.setup(language="en")


def test_an_unknown_language_is_refused_with_the_list(monkeypatch):
    with pytest.raises(ValueError, match="'xx'; choose one of: en, ko"):
        runtime.setup(language="xx")
    monkeypatch.setenv("COURSE_LANGUAGE", "yy")
    with pytest.raises(ValueError, match="yy"):
        runtime.setup()
