"""Measurements of one model or one corpus: numbers and arrays, without pictures."""
