"""Corpora, grammars and tensors: the text, its vocabulary, its batches, and the truth about them."""
