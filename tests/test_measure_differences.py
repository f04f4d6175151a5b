import itertools

import pytest

from course_utils.measure.differences import MARKS, word_differences

WORDS = ["a", "b", "c"]


def fewest_edits(output, reference) -> int:
    """Return the edit distance by its recursive definition."""
    if not output or not reference:
        return len(output) + len(reference)
    (*before, last), (*wanted, end) = output, reference
    both = fewest_edits(before, wanted) + (last != end)
    return min(both, fewest_edits(before, reference) + 1, fewest_edits(output, wanted) + 1)


@pytest.mark.parametrize(
    ("output", "reference", "marks"),
    [
        ("the old book", "the old book", ["kept"] * 3),
        ("the new book", "the old book", ["kept", "replaced", "kept"]),
        ("the book", "the old book", ["kept", "missing", "kept"]),
        ("the very old book", "the old book", ["kept", "extra", "kept", "kept"]),
        ("", "the book", ["missing", "missing"]),
        ("the book", "", ["extra", "extra"]),
        ("", "", []),
    ],
)
def test_each_word_gets_its_mark(output, reference, marks):
    assert [mark for _, mark in word_differences(output.split(), reference.split())] == marks


def test_the_marks_rebuild_both_texts_with_the_fewest_edits():
    texts = [list(text) for count in range(4) for text in itertools.product(WORDS, repeat=count)]
    for output, reference in itertools.product(texts[::3], texts[::2]):
        marked = word_differences(output, reference)
        assert {mark for _, mark in marked} <= set(MARKS)
        assert [word for word, mark in marked if mark != "missing"] == output
        kept = [word for word, mark in marked if mark in ("kept", "missing")]
        replaced = iter(mark == "replaced" for _, mark in marked if mark != "extra")
        assert kept == [word for word, gone in zip(reference, replaced, strict=True) if not gone]
        assert sum(mark != "kept" for _, mark in marked) == fewest_edits(output, reference)


def test_a_string_is_no_list_of_tokens():
    with pytest.raises(ValueError, match="list of tokens"):
        word_differences("the book", ["the", "book"])
