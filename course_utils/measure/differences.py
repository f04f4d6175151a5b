"""Two texts, word by word: what was kept, replaced, left out and added, or which words only one of them has."""

from collections.abc import Sequence

import numpy as np

from course_utils.datasets.text import check_tokens

MARKS = ("kept", "replaced", "missing", "extra")


def word_differences(output: Sequence[str], reference: Sequence[str]) -> list[tuple[str, str]]:
    """Return the fewest edits that turn the reference into the output (Wagner and Fischer 1974), in reading order.

    Args:
        output, reference: tokens, any number.

    Returns:
        Pairs of a token and its mark: `"kept"`, `"replaced"` (the output's token in place of another), `"missing"` (a
        token of the reference) or `"extra"` (a token of the output). Of several ways with equally few edits, the one
        that keeps and replaces rather than leaves out and adds, seen from the end.

    Raises:
        ValueError: a text that is a string, not a list of tokens.
    """
    check_tokens(output)
    check_tokens(reference)
    edits = [list(range(len(reference) + 1))]  # edits[i][j]: between the first i and the first j tokens
    for i, written in enumerate(output):
        edits.append([i + 1])
        for j, wanted in enumerate(reference):
            edits[-1].append(min(edits[i][j] + (written != wanted), edits[i][j + 1] + 1, edits[-1][j] + 1))
    i, j, marked = len(output), len(reference), []
    while i or j:
        if i and j and edits[i][j] == edits[i - 1][j - 1] + (output[i - 1] != reference[j - 1]):
            i, j = i - 1, j - 1
            marked.append((output[i], "kept" if output[i] == reference[j] else "replaced"))
        elif j and edits[i][j] == edits[i][j - 1] + 1:
            j -= 1
            marked.append((reference[j], "missing"))
        else:
            i -= 1
            marked.append((output[i], "extra"))
    return marked[::-1]


def changed_words(before: Sequence[str], after: Sequence[str]) -> tuple[list[int], list[int]]:
    """Return the positions of the words of two sentences that the other does not have, in an order that both share.

    All other words are a longest common subsequence: as many words as can be found in both without changing places.
    """
    rows, columns = len(before), len(after)
    common = np.zeros((rows + 1, columns + 1), dtype=int)  # of what is left from these positions on
    for b in reversed(range(rows)):
        for a in reversed(range(columns)):
            same = before[b] == after[a]
            common[b, a] = common[b + 1, a + 1] + 1 if same else max(common[b + 1, a], common[b, a + 1])
    gone, new, b, a = [], [], 0, 0
    while b < rows or a < columns:
        if b < rows and a < columns and before[b] == after[a]:
            b, a = b + 1, a + 1
        elif a == columns or (b < rows and common[b + 1, a] >= common[b, a + 1]):
            gone.append(b)
            b += 1
        else:
            new.append(a)
            a += 1
    return gone, new
