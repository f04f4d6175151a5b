"""Static figures: `draw_*` functions on arrays; they never import torch."""
