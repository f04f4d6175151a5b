"""What an explorer asks its student to bring about, checked on the numbers."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Challenge:
    """A goal of one line, and the facts that mean that it is met.

    `needs` names facts: settings of the explorer, and what its `facts` computes. Each is a range (low, high), None for
    no end, or a set of values::

        Challenge("Find a radius that works over 100 steps", {"length": (100, None), "left": (0.1, 10)})
    """

    text: str
    needs: Mapping[str, tuple[float | None, float | None] | Collection]

    def met(self, facts: Mapping[str, object]) -> bool:
        """Return whether these facts are what is needed; a fact that is missing is not."""
        return all(name in facts and _fits(facts[name], need) for name, need in self.needs.items())

    def sent(self) -> dict:
        """Return the challenge as the browser reads it, not met yet."""
        needs = {
            name: {"low": need[0], "high": need[1]} if isinstance(need, tuple) else {"among": sorted(need)}
            for name, need in self.needs.items()
        }
        return {"text": self.text, "needs": needs, "met": False}


def _fits(fact, need) -> bool:
    if not isinstance(need, tuple):
        return fact in need
    low, high = need
    return bool((low is None or fact >= low) and (high is None or fact <= high) and fact == fact)
