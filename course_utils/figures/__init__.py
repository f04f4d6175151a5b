"""Static figures: `draw_*` functions on arrays; they never import torch."""

from course_utils.figures.charts import draw_bars, draw_curves, draw_groups
from course_utils.figures.diagrams import (
    draw_encoder_decoder,
    draw_orders,
    draw_paths,
    draw_steps,
    draw_unrolled,
    draw_vectors,
)
from course_utils.figures.guesses import mark_curve, mark_place, mark_points
from course_utils.figures.heatmaps import draw_attention, draw_gates, draw_matrix
from course_utils.figures.results import measured, show_table
from course_utils.figures.style import bundle, describe, description, show

__all__ = [
    "bundle", "describe", "description", "draw_attention", "draw_bars", "draw_curves", "draw_encoder_decoder",
    "draw_gates", "draw_groups", "draw_matrix", "draw_orders", "draw_paths", "draw_steps", "draw_unrolled",
    "draw_vectors", "mark_curve", "mark_place", "mark_points", "measured", "show", "show_table",
]  # fmt: skip
