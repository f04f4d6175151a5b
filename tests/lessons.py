"""What the tests of the notebooks share: the lessons, their cells, and the design's list of claims."""

import ast
from pathlib import Path

import frame
import nbformat

ROOT = Path(__file__).parents[1]
PATHS = frame.paths()
LESSONS = {path.stem: nbformat.read(path, as_version=4) for path in PATHS}

# The syllabus: every claim of the course and the lessons that show it.
CLAIMS = {
    "01_rnn": [
        "variable-length", "size-independent-of-length", "shared-weights", "can-see-far-in-theory",
        "sequential-cost", "vanishing-gradient", "truncated-backpropagation", "recency", "fails-at-long-range",
    ],
    "02_lstm": [
        "fails-at-long-range", "lstm-cell", "additive-path", "forget-bias", "adding-problem", "gates-at-work",
    ],
    "03_seq2seq": ["dropout", "teacher-forcing", "decoding-is-sequential", "bottleneck"],
    "04_attention": [
        "weighted-average", "comparable-q-k", "scaling", "attention-removes-bottleneck", "attention-aligns",
        "path-length", "attention-needed", "scores-compared",
    ],
    "05_transformer": [
        "self-attention-parity", "norm-and-warm-up", "no-looking-ahead", "order-is-lost", "positions", "heads",
        "parallel-training", "cache", "decoder-only", "same-chart",
    ],
    "06_your_text": [
        "reading", "no-leak", "real-text", "subwords", "best-weights", "baselines", "attention-used", "saved",
    ],
}  # fmt: skip


def cells(lesson: str, kind: str = "code", tag: str | None = None) -> list[nbformat.NotebookNode]:
    """Return a lesson's cells of one kind, with a tag where one is named."""
    of_kind = (cell for cell in LESSONS[lesson].cells if cell.cell_type == kind)
    return [cell for cell in of_kind if tag is None or tag in cell.metadata.get("tags", [])]


def claims_of(cell: nbformat.NotebookNode) -> list[str]:
    """Return the claims that a cell shows."""
    named = cell.metadata.get("claim", [])
    return [named] if isinstance(named, str) else list(named)


def definitions(source: str) -> dict[str, str]:
    """Return name → syntax tree of the functions and classes that a source defines, docstrings left out."""
    return {
        node.name: ast.dump(without_docstrings(node))
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }


def without_docstrings(tree: ast.AST) -> ast.AST:
    """Drop the docstrings of functions and classes, in place, and return the tree."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                node.body = node.body[1:]
    return tree
