"""Explorers: controls, pure functions and browser-held views; the only place that imports ipywidgets."""
