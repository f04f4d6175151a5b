"""The gradient explorer: how the gradient of a loss at the last step fades or grows on its way back."""

from functools import partial

import numpy as np

from course_utils.explorers.panel import Panel, choice, float_slider, slider
from course_utils.measure import gradients
from course_utils.messages.numbers import number, percent
from course_utils.views.widgets import LineView

# Ends of the axis, which stands still while the settings move; the bound of the first settings just fits in.
LOW, HIGH = 1e-12, 1e9


def gradient_sentence(flow: gradients.GradientFlow) -> str:
    """Return in words what a gradient flow shows: how much is left, and what clipping does.

    Args:
        flow: the numbers of `probes.gradient_flow`, `norms (T,)`.
    """
    share = flow.norms[::-1] / flow.norms[-1]  # share[k]: what is left k steps before the last
    steps = len(share) - 1
    said = f"{steps} step{'s' if steps > 1 else ''} back, at the first, "
    if share[-1] <= 1:
        said += f"{percent(share[-1])} of the gradient is left"
    else:
        said += f"the gradient is {number(share[-1])} times as large"
    if share[-1] < 1e-3:
        said += f": it vanishes (below a thousandth after {np.flatnonzero(share >= 1e-3)[-1] + 1} steps)"
    elif share[-1] > 1e3:
        said += f": it explodes (above a thousand times after {np.flatnonzero(share <= 1e3)[-1] + 1} steps)"
    elif 0.1 <= share[-1] <= 10:
        said += ": between a tenth and ten times"
    before, after = flow.parameter_norm, flow.clipped_norm
    said += f". Norm of the parameters' gradient: {number(before)}, "
    said += f"clipped to {number(after)}." if after < before else "too short to be clipped."
    return said + ("" if flow.bound is not None else " (LSTM, forget bias about 0.)")


def gradient_explorer(
    length: int = 40, cell: str = "rnn", radius: float = 1.0, activation: str = "tanh", *, step=None, **fixed
) -> Panel:
    """Return the gradient explorer: norm of the gradient at every step, with its bound and its prediction.

    Args:
        length: steps of the sequence, 2 to 200.
        cell: "rnn" or "lstm"; radius and activation apply to the RNN only.
        radius: spectral radius of the recurrent matrix, 0.4 to 1.6.
        activation: "tanh", "relu" or "identity".
        step: a function like `recurrent.rnn_step` to look at in its place, such as a student's own.
        **fixed: further arguments of `probes.gradient_flow`, such as `seed` or `clip`.

    Raises:
        ValueError: a setting is out of its range.
    """
    controls = {
        "cell": choice(cell, ["rnn", "lstm"], "cell"),
        "length": slider(length, 2, 200, "length (steps)"),
        "radius": float_slider(radius, 0.4, 1.6, "spectral radius", step=0.05),
        "activation": choice(activation, ["tanh", "relu", "identity"], "activation"),
    }
    view = LineView(
        [1, 2],
        {"gradient": [1, 1]},
        title="Norm of the gradient at every step",
        x_name="step t (the loss is at the last)",
        y_name="norm",
        log=True,
        vmin=LOW,
        vmax=HIGH,
    )

    def adapt(settings: dict) -> None:
        controls["radius"].disabled = controls["activation"].disabled = settings["cell"] != "rnn"

    def show(flow: gradients.GradientFlow) -> str:
        curves = {"gradient": flow.norms, "bound: product of the steps' norms": flow.bound}
        curves["prediction: norm of their product"] = flow.prediction
        drawn = {name: values for name, values in curves.items() if values is not None}
        view.update(np.arange(1, len(flow.norms) + 1), drawn)
        return gradient_sentence(flow)

    return Panel(controls, partial(gradients.gradient_flow, step=step, **fixed), show, [view], adapt=adapt)
