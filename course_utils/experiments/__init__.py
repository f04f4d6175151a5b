"""Comparisons of designs over seeds: what is trained, and what is counted."""
