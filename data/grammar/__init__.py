"""One meaning in English, Korean and French: the rules that the translation corpus is rendered by."""
