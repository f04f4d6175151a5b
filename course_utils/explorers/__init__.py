"""Explorers: controls, pure functions and browser-held views; the only place that imports ipywidgets."""

from course_utils.explorers.gates import gate_explorer
from course_utils.explorers.gradients import gradient_explorer
from course_utils.explorers.panel import Panel
from course_utils.explorers.words import word_explorer

__all__ = ["Panel", "gate_explorer", "gradient_explorer", "word_explorer"]
