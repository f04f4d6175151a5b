"""Without torch's compiler every optimiser does what it does with it, and who asks for the compiler gets it."""

import subprocess
import sys

TRAINED = """
import sys, torch
from course_utils import runtime
if {spared}:
    runtime.setup()
    runtime.setup()  # as in a notebook whose first cell is run again
torch.set_num_threads(1)
for kind in ("Adam", "AdamW", "SGD", "RMSprop", "LBFGS"):
    torch.manual_seed(0)
    layer = torch.nn.Linear(3, 3)
    optimizer = getattr(torch.optim, kind)(layer.parameters(), lr=0.1)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer)
    def closure():
        optimizer.zero_grad()
        loss = layer(torch.ones(2, 3)).square().sum()
        loss.backward()
        return loss
    for _ in range(3):
        optimizer.step(closure)
        schedule.step()
    optimizer.load_state_dict(optimizer.state_dict())
    if kind != "LBFGS":
        optimizer.add_param_group(dict(params=[torch.zeros(1, requires_grad=True)]))
    print(kind, layer.weight.tolist(), sum(map(len, optimizer.state.values())), optimizer.param_groups[0]["lr"])
print("compiler" if "torch._dynamo" in sys.modules else "no compiler")
"""


MEASURED = """
import sys, torch
from course_utils import runtime
from course_utils.measure import gradients
runtime.setup()
gradients.gradient_flow(length=20)
(torch.arange(9.0, device="meta").reshape(3, 3) @ torch.ones(3, 3, device="meta")).tanh()
print("compiler" if "torch._dynamo" in sys.modules else "no compiler")
"""
COMPILED = """
import torch
from course_utils import runtime
runtime.setup()
weight = torch.ones(2, requires_grad=True)
optimizer = torch.optim.SGD([weight], lr=0.5)
@torch.compile(backend="eager")
def step():
    weight.square().sum().backward()
    optimizer.step()
step()
print(weight.tolist())
"""


def run(code: str) -> list[str]:
    """Return the lines that a fresh Python prints."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.splitlines()


def test_without_the_compiler_every_optimiser_takes_the_same_steps():
    own, spared = (run(TRAINED.format(spared=spared)) for spared in (False, True))
    assert spared[:-1] == own[:-1] and len(own) == 6
    assert (own[-1], spared[-1]) == ("compiler", "no compiler")


def test_neither_gradients_nor_tensors_without_values_need_the_compiler():
    assert run(MEASURED) == ["no compiler"]


def test_a_student_may_still_compile():
    assert run(COMPILED) == ["[0.0, 0.0]"]
