"""Checks of the exercises: `checks.padded_rnn(padded_rnn_exercise)` says in a sentence what differs."""

# ruff: noqa: F401 - imported for lessons, which say `checks.padded_rnn`

from course_utils.exercises.attention import alignment_error, causal_mask, concat_scores, two_heads
from course_utils.exercises.exercise import EXERCISES, CheckFailed, progress
from course_utils.exercises.lstm import cell_parts, coupled_step, forget_bias, paper_gru
from course_utils.exercises.rnn import bidirectional_rnn, clip_gradients, longest_lag, padded_rnn
from course_utils.exercises.seq2seq import beam, greedy_batch, pad_batch, token_accuracy
from course_utils.exercises.transformer import grouped_heads, halved_sinusoids, sandwich_layer, sliding_mask
from course_utils.exercises.your_text import hold_out, keep_pairs, merge_step, paired_interval
