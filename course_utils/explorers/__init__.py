"""Explorers: controls, pure functions and browser-held views; the only place that imports ipywidgets."""

from course_utils.explorers.attention import attention_explorer
from course_utils.explorers.bottleneck import bottleneck_explorer
from course_utils.explorers.drawings import (
    attention_drawing,
    bottleneck_drawing,
    cell_drawing,
    layer_drawing,
    rnn_drawing,
)
from course_utils.explorers.gates import gate_explorer
from course_utils.explorers.gradients import gradient_explorer
from course_utils.explorers.heads import heads_explorer
from course_utils.explorers.order import order_explorer
from course_utils.explorers.panel import Panel
from course_utils.explorers.playground import playground
from course_utils.explorers.positions import positions_explorer
from course_utils.explorers.texts import show_sentences
from course_utils.explorers.translation import translation_explorer
from course_utils.explorers.words import word_explorer

__all__ = [
    "Panel", "attention_drawing", "attention_explorer", "bottleneck_drawing", "bottleneck_explorer",
    "cell_drawing", "gate_explorer", "gradient_explorer", "heads_explorer", "layer_drawing", "order_explorer",
    "playground", "positions_explorer", "rnn_drawing", "show_sentences", "translation_explorer", "word_explorer",
]  # fmt: skip
