"""Static figures: `draw_*` functions on arrays; they never import torch."""

from course_utils.figures.curves import draw_bars, draw_curves, draw_matrix
from course_utils.figures.gates import draw_gates
from course_utils.figures.style import bundle, describe, description, show

__all__ = ["bundle", "describe", "description", "draw_bars", "draw_curves", "draw_gates", "draw_matrix", "show"]
