"""The gradient explorer: how the gradient of a loss at the last step fades or grows on its way back."""

import numpy as np

from course_utils.explorers.panel import Panel, menu, slider
from course_utils.measure import gradients
from course_utils.messages import say
from course_utils.messages.explorers import gradient_sentence
from course_utils.messages.labels import options
from course_utils.views.widgets import LineView

# Ends of the axis, which stays the same while the settings move; the bound of the first settings just fits in.
LOW, HIGH = 1e-12, 1e9


def gradient_explorer(
    length: int = 40, cell: str = "rnn", radius: float = 1.0, activation: str = "tanh", *,
    step=None, forget_bias: float | None = None, **fixed,
) -> Panel:  # fmt: skip
    """Return the gradient explorer: norm of the gradient at every step, with two bounds.

    Args:
        length: steps of the sequence, 2 to 200.
        cell: "rnn" or "lstm"; radius and activation apply to the RNN only.
        radius: spectral radius of the recurrent matrix, 0.4 to 1.6.
        activation: "tanh", "relu" or "identity".
        step: a function like `models.rnn.rnn_step` to look at in its place, such as a student's own.
        forget_bias: the LSTM's; None leaves torch's own start, about 0.
        **fixed: further arguments of `gradients.gradient_flow`, such as `seed` or `clip`.

    Raises:
        ValueError: a setting is out of its range.
    """
    controls = {
        "cell": menu(cell, options("cell", ["rnn", "lstm"]), say("cell")),
        "length": slider(length, 2, 200, say("length (steps)")),
        "radius": slider(radius, 0.4, 1.6, say("spectral radius"), step=0.05),
        "activation": menu(activation, options("activation", ["tanh", "relu", "identity"]), say("activation")),
    }
    names = {"norms": say("gradient"), "bound": say("bound: product of the steps' norms"),
             "tight_bound": say("tighter bound: norm of their product")}  # fmt: skip
    view = LineView(
        [1, 2], {names["norms"]: [1, 1]}, title=say("Norm of the gradient at every step"),
        x_name=say("step t (the loss is at the last)"), y_name=say("norm"), log=True, vmin=LOW, vmax=HIGH,
    )  # fmt: skip

    def adapt(settings: dict) -> None:
        controls["radius"].disabled = controls["activation"].disabled = settings["cell"] != "rnn"

    def compute(cell: str, **settings) -> tuple[gradients.GradientFlow, str]:
        bias = forget_bias if cell == "lstm" else None
        return gradients.gradient_flow(cell=cell, forget_bias=bias, step=step, **settings, **fixed), cell

    def show(result: tuple[gradients.GradientFlow, str]) -> str:
        flow, cell = result
        curves = {name: y for field, name in names.items() if (y := getattr(flow, field)) is not None}
        view.update(np.arange(1, len(flow.norms) + 1), curves)
        return gradient_sentence(flow.norms, flow.parameter_norm, flow.clipped_norm, cell, forget_bias)

    return Panel(controls, compute, show, [view], adapt=adapt)
