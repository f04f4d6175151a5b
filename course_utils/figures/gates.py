"""The gates of an LSTM over time, one heatmap each."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from course_utils.figures.style import DIVERGING, SEQUENTIAL, describe


def draw_gates(gates: Mapping[str, np.ndarray], steps: Sequence[str], *, title: str = "") -> Figure:
    """Draw one heatmap for each gate, candidate, cell or hidden state, units against steps, one below the other.

    Gates (all values within 0 … 1) share one scale; everything else has a scale centred on zero.

    Args:
        gates: name → `(T, H)`.
        steps: T labels, such as the letters read; empty where a step needs none.
        title: of the whole figure.

    Raises:
        ValueError: there is nothing to draw, or an array has not one row a step.
    """
    if not gates:
        raise ValueError("expected at least one array of gates")
    figure, axes = plt.subplots(
        len(gates), figsize=(9, 0.95 + 1.2 * len(gates)), layout="constrained", sharex=True, squeeze=False
    )
    for ax, (name, values) in zip(axes[:, 0], gates.items(), strict=True):
        values = np.asarray(values, dtype=float)
        if values.ndim != 2 or len(values) != len(steps):
            raise ValueError(f"{name}: expected {len(steps)} rows, one a step, not shape {values.shape}")
        is_gate = values.min() >= 0 and values.max() <= 1
        high = 1.0 if is_gate else np.abs(values).max()
        colours = {"cmap": SEQUENTIAL, "vmin": 0.0} if is_gate else {"cmap": DIVERGING, "vmin": -high}
        image = ax.imshow(values.T, aspect="auto", interpolation="nearest", vmax=high, **colours)
        figure.colorbar(image, ax=ax, pad=0.01)
        ax.set_ylabel(name, rotation=0, ha="right", va="center")
        ax.set_yticks([])
        ax.grid(False)
        mean = values.mean(axis=1)
        most, least = int(mean.argmax()), int(mean.argmin())
        describe(
            ax,
            f"Heatmap, {name}: {values.shape[1]} units by {len(steps)} steps; the mean over units is highest, "
            f"{mean[most]:.2f}, at step {most + 1}, lowest, {mean[least]:.2f}, at step {least + 1}.",
        )
    labelled = [at for at, step in enumerate(steps) if step]
    axes[-1, 0].set_xticks(labelled, [steps[at] for at in labelled])
    axes[-1, 0].set_xlabel("step (what is read)")
    figure.suptitle(title, x=0.01, ha="left", fontsize=15)
    return figure
