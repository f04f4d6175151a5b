"""The gradient explorer: how the gradient of a loss at the last step fades or grows on its way back."""

import time

import numpy as np

from course_utils.explorers.browser import Browser
from course_utils.explorers.challenges import Challenge
from course_utils.explorers.panel import PAUSE, Panel, menu, slider
from course_utils.measure import gradients
from course_utils.messages import say
from course_utils.messages.explorers import GRADIENT, gradient_sentence
from course_utils.messages.labels import options
from course_utils.views.widgets import LineView

# The axis is as wide as the gradient needs, in these powers of ten, so that a move within one leaves it where it is.
POWERS = (3, 6, 12, 24)
WORKS = (0.1, 10.0)  # what may be left of a gradient, as a share of it: at most ten times less, or more


def gradient_explorer(
    length: int = 40, cell: str = "rnn", radius: float = 1.0, activation: str = "tanh", seed: int = 0, *,
    step=None, forget_bias: float | None = None, **fixed,
) -> Panel:  # fmt: skip
    """Return the gradient explorer: norm of the gradient at every step, with two bounds.

    Args:
        length: steps of the sequence, 2 to 200.
        cell: "rnn" or "lstm"; radius and activation apply to the RNN only.
        radius: spectral radius of the recurrent matrix, 0.4 to 1.6.
        activation: "tanh", "relu" or "identity".
        seed: of the network, 0 to 19.
        step: a function like `models.rnn.rnn_step` to look at in its place, such as a student's own.
        forget_bias: the LSTM's; None leaves torch's own start, about 0.
        **fixed: further arguments of `gradients.gradient_flow`, such as `clip`.

    Raises:
        ValueError: a setting is out of its range.
    """
    controls = {
        "cell": menu(cell, options("cell", ["rnn", "lstm"]), say("cell"), width="150px"),
        "activation": menu(activation, options("activation", ["tanh", "relu", "identity"]), say("activation"),
                           width="180px"),
        "length": slider(length, 2, 200, say("length (steps)")),
        "radius": slider(radius, 0.4, 1.6, say("spectral radius"), step=0.05),
        "seed": slider(seed, 0, 19, say("network (seed)")),
    }  # fmt: skip
    names = {"norms": say("gradient"), "bound": say("bound: product of the steps' norms"),
             "tight_bound": say("tighter bound: norm of their product")}  # fmt: skip
    view = LineView(
        [1, 2], {names["norms"]: [1, 1]}, title=say("Norm of the gradient at every step"),
        x_name=say("step t (the loss is at the last)"), y_name=say("norm"), log=True, vmin=1e-3, vmax=1e3, height=186,
        shaded=(*WORKS, say("works: a tenth to ten times")),
    )  # fmt: skip
    ghost_name = say("before this move")
    start = {name: control.value for name, control in controls.items()}  # where no move has been made
    drawn = {"last": None, "ghost": None, "then": 0.0}  # curves (x, norms), and when the last one was drawn
    verdicts: dict[tuple, set[bool]] = {}  # settings but the seed → whether networks that were tried work

    def adapt(settings: dict) -> None:
        controls["radius"].disabled = controls["activation"].disabled = settings["cell"] != "rnn"

    def compute(**settings) -> tuple[gradients.GradientFlow, dict]:
        bias = forget_bias if settings["cell"] == "lstm" else None
        return gradients.gradient_flow(forget_bias=bias, step=step, **settings, **fixed), settings

    def show(result: tuple[gradients.GradientFlow, dict]) -> str:
        flow, settings = result
        x = np.arange(1, len(flow.norms) + 1)
        now = time.monotonic()
        if drawn["last"] and now - drawn["then"] > PAUSE:  # the curve from before this move, not from within it
            drawn["ghost"] = drawn["last"]
        drawn["last"], drawn["then"] = (x, flow.norms), now
        curves = {name: y for field, name in names.items() if (y := getattr(flow, field)) is not None}
        sizes = flow.norms[np.isfinite(flow.norms) & (flow.norms > 0)]
        needed = np.abs(np.log10(sizes)).max(initial=0)
        power = next((power for power in POWERS if power >= needed), POWERS[-1])
        ghosts = {ghost_name: None if settings == start else drawn["ghost"]}
        view.update(x, curves, ghosts=ghosts, vmin=10.0**-power, vmax=10.0**power)
        return gradient_sentence(flow.norms, flow.parameter_norm, flow.clipped_norm, settings["cell"], forget_bias)

    def facts(result: tuple[gradients.GradientFlow, dict]) -> dict[str, float]:
        flow, settings = result
        left = float(flow.norms[0] / flow.norms[-1])
        case = tuple(value for name, value in settings.items() if name != "seed")
        verdicts.setdefault(case, set()).add(WORKS[0] <= left <= WORKS[1])
        bound = float("nan") if flow.bound is None else float(flow.bound[0])
        return {"left": left, "bound": bound, "verdicts": len(verdicts[case])}

    challenges = [
        Challenge(say("A radius that works over 100 steps"), {"cell": {"rnn"}, "length": (100, None), "left": WORKS}),
        Challenge(say("It vanishes, and the bound explodes"), {"left": (0, 1e-3), "bound": (1e3, None)}),
        Challenge(say("Two networks that disagree"), {"verdicts": (2, None)}),
    ]
    spelt = {"hidden_size": "hiddenSize", "clip": "clip"}
    data = {"names": names | {"ghost": ghost_name}, "forgetBias": forget_bias, "works": WORKS, "powers": POWERS,
            "start": start}  # fmt: skip
    data |= {spelt[name]: value for name, value in fixed.items()}
    small = data.get("hiddenSize", 16) < 16  # torch draws fewer numbers than that in another way
    browser = None if small else Browser("gradients", data, GRADIENT, own=step is not None)
    return Panel(
        controls, compute, show, [view], adapt=adapt, title=say("How far back does the gradient reach?"),
        hint=say("Move the radius until the gradient that reaches step 1 lies in the shaded band."),
        challenges=challenges, facts=facts, made_by=gradient_explorer, browser=browser,
    )  # fmt: skip
