"""What a stopwatch counts: on the CPU its own work alone, on another device all that passes until the work is done."""

import time

import torch

from course_utils.measure import timing


def test_on_the_cpu_time_that_others_have_the_processor_does_not_count():
    assert timing.stopwatch(lambda: time.sleep(0.05), torch.device("cpu")).timeit(2).mean < 0.01


def test_on_another_device_waiting_for_it_counts():
    assert timing.stopwatch(lambda: time.sleep(0.05), torch.device("meta")).timeit(2).mean >= 0.05


def test_work_counts():
    def work():
        began = time.process_time()
        while time.process_time() - began < 0.05:
            pass

    assert 0.05 <= timing.stopwatch(work, torch.device("cpu")).timeit(2).mean < 0.2
