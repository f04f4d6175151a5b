"""What a translator makes of the same words in another order."""

from collections.abc import Sequence
from typing import NamedTuple

from course_utils.datasets.text import MARK, join
from course_utils.measure.differences import changed_words
from course_utils.measure.translation import Translator


def written_words(words: Sequence[str]) -> list[list[str]]:
    """Return a sentence's words with the endings that are written onto them: `[["책", "+을"], ["읽어요"]]`."""
    groups = []
    for word in words:
        if groups and word.startswith(MARK) and word != MARK:
            groups[-1].append(word)
        else:
            groups.append([word])
    return groups


class OrderReading(NamedTuple):
    """The translations of a sentence and of its words in another order.

    `before` and `after` are written words; `lost` are the positions of words of `before` that the other does not have
    in this order, `new` those of `after`.
    """

    before: list[str]
    after: list[str]
    lost: list[int]
    new: list[int]

    @property
    def changed(self) -> int:
        """How many words are gone or moved, or, where there are more of them, have come."""
        return max(len(self.lost), len(self.new))


def compare_words(before: Sequence[str], after: Sequence[str]) -> OrderReading:
    """Return what two translations do not have in common, in one order."""
    return OrderReading(list(before), list(after), *changed_words(before, after))


def read_order(translator: Translator, groups: Sequence[Sequence[str]], order: Sequence[int]) -> OrderReading:
    """Return what a translator makes of a sentence, and of its words in another order.

    Args:
        translator: any.
        groups: as `written_words` returns them; what is in a group stays together.
        order: which group comes first, which second, …

    Raises:
        ValueError: an order that is no permutation of the groups.
    """
    if sorted(order) != list(range(len(groups))):
        raise ValueError(f"expected the numbers 0 to {len(groups) - 1} in some order, not {list(order)}")
    read = [[word for at in places for word in groups[at]] for places in (range(len(groups)), order)]
    return compare_words(*([join(group) for group in written_words(words)] for words in translator(read)))
