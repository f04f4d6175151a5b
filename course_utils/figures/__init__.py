"""Static figures: `draw_*` functions on arrays; they never import torch."""

from course_utils.figures.alignment import draw_alignment
from course_utils.figures.attention import draw_attention, draw_orders, draw_paths, draw_vectors
from course_utils.figures.curves import draw_bars, draw_curves, draw_groups, draw_matrix
from course_utils.figures.gates import draw_gates
from course_utils.figures.seq2seq import draw_encoder_decoder
from course_utils.figures.style import bundle, describe, description, show

__all__ = [
    "bundle",
    "describe",
    "description",
    "draw_alignment",
    "draw_attention",
    "draw_bars",
    "draw_curves",
    "draw_encoder_decoder",
    "draw_gates",
    "draw_groups",
    "draw_matrix",
    "draw_orders",
    "draw_paths",
    "draw_vectors",
    "show",
]
