"""Explorers: controls, pure functions and browser-held views; the only place that imports ipywidgets."""

from course_utils.explorers.attention import attention_explorer
from course_utils.explorers.bottleneck import bottleneck_explorer
from course_utils.explorers.gates import gate_explorer
from course_utils.explorers.gradients import gradient_explorer
from course_utils.explorers.panel import Panel
from course_utils.explorers.playground import playground
from course_utils.explorers.texts import show_sentences
from course_utils.explorers.translation import translation_explorer
from course_utils.explorers.words import word_explorer

__all__ = [
    "Panel", "attention_explorer", "bottleneck_explorer", "gate_explorer", "gradient_explorer", "playground",
    "show_sentences", "translation_explorer", "word_explorer",
]  # fmt: skip
