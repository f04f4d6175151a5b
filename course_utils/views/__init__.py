"""Pictures that move in the browser: a view per kind, and the line that says what an explorer shows."""

from course_utils.views.widgets import BarView, HeatmapView, LineView, PlaneView, SentenceView, StatusLine

__all__ = ["BarView", "HeatmapView", "LineView", "PlaneView", "SentenceView", "StatusLine"]
