"""Predictions that are made: a card asks, a guess is locked in, the result is shown beside it.

A lesson's cell `predict("dense_larger")` asks, the cell of the result says `compare("dense_larger", 4, ax=ax)`, and the
lesson ends with `summary("rnn")`. The questions are in one file per lesson; guesses are kept in `my_predictions.json`
beside the notebook, or as the environment variable `COURSE_PREDICTIONS` says (a path, or `off`).
"""

from course_utils.predictions.cards import predict
from course_utils.predictions.comparing import compare, summary
from course_utils.predictions.kept import clear, progress

__all__ = ["clear", "compare", "predict", "progress", "summary"]
