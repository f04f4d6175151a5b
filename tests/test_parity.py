"""Devices compared with the CPU: one that agrees passes, any other is named; Apple's mps must pass before its use."""

import pytest
import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from course_utils import runtime
from course_utils.measure import parity

KINDS = ["classifier (rnn)", "classifier (lstm)", "classifier (gru)", "LSTM translator", "attention translator"]
KINDS += ["Transformer", "decoder-only Transformer"]


@pytest.mark.parametrize("name", runtime.available_devices())
def test_every_device_of_this_machine_computes_what_the_cpu_computes(name):
    assert parity.faults(torch.device(name)) == []


def test_a_device_that_cannot_run_a_network_is_named_with_its_reason():
    found = parity.faults(torch.device("meta"))
    assert [line.split(":")[0] for line in found] == KINDS
    assert all("meta" in line for line in found)


# Operation → what a faulty device would make of its result.
def larger(result):
    return result * 1.01


FAULTS = {
    "rnn_tanh": lambda result: (larger(result[0]), result[1]),
    "lstm": lambda result: (result[0], *map(larger, result[1:])),
    "gru": lambda result: (larger(result[0]), result[1]),
    "embedding": larger,
    "softmax": larger,
    "layer_norm": larger,
    "masked_fill": torch.zeros_like,
    "index_select": lambda result: result.flip(0),  # packed sentences put back in their order
    "argmax": torch.zeros_like,  # right in value and gradient, wrong in words
    "cross_entropy": lambda result: result + 0.01 * (result - result.detach()),  # right in value, wrong in gradient
}


@pytest.mark.parametrize("operation", FAULTS)
def test_a_device_with_one_faulty_operation_is_found(monkeypatch, operation):
    """The faulty device is the CPU, with one operation changed for whatever was moved to it."""
    faulty, moved = False, nn.Module.to

    class Faulty(TorchFunctionMode):
        def __torch_function__(self, function, types, args=(), kwargs=None):
            result = function(*args, **(kwargs or {}))
            return FAULTS[operation](result) if faulty and getattr(function, "__name__", "") == operation else result

    def to(self, device):
        nonlocal faulty
        faulty = device.index == 1
        return moved(self, "cpu")

    monkeypatch.setattr(nn.Module, "to", to)
    with Faulty():
        assert parity.faults(torch.device("cpu")) == []
        assert parity.faults(torch.device("cpu", 1))


@pytest.mark.parametrize(
    ("built", "available", "found", "reason"),
    [
        (False, False, [], "without it"),
        (True, False, [], "no Apple GPU"),
        (True, True, ["Transformer: not close"], "Transformer: not close"),
    ],
)
def test_mps_is_refused_with_the_reason_and_the_devices_there_are(monkeypatch, built, available, found, reason):
    monkeypatch.setattr(torch.backends.mps, "is_built", lambda: built)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: available)
    monkeypatch.setattr(parity, "faults", lambda device: found)
    monkeypatch.setenv("COURSE_DEVICE", "mps")
    with pytest.raises(ValueError, match=rf"mps cannot be used here: .*{reason}.* Choose one of: cpu"):
        runtime.setup()


def test_mps_is_used_on_request_alone_and_only_if_it_agrees_with_the_cpu(monkeypatch):
    asked = []
    monkeypatch.setattr(torch.backends.mps, "is_built", lambda: True)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    monkeypatch.setattr(parity, "faults", lambda device: asked.append(device) or [])
    assert runtime.choose_device() == torch.device("cpu") and asked == []
    assert runtime.choose_device("mps") == torch.device("mps") == asked[0]


def test_comparing_leaves_the_global_generator_alone():
    torch.manual_seed(3)
    before = torch.get_rng_state()
    parity.faults(torch.device("cpu"))
    assert torch.equal(torch.get_rng_state(), before)
