"""What a question can ask for, how far a guess is off, and when it counts as close.

A guess is kept as JSON: a list of numbers, an option's id, a list of ids, or a curve's heights at the question's x.
A miss is how far off a guess is, as a multiple of what still counts as close: at most 1 is close.
"""

import html
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from course_utils.messages import Refusal, note, say
from course_utils.messages.numbers import number

SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
POWER = re.compile(r"(?:(-?[\d.]+)\*)?10(?:\^|\*\*)(-?\d+)")


class Unit(NamedTuple):
    """How a number is written, how a difference is, and what one typed unit is worth in what is measured."""

    value: str
    difference: str
    worth: float = 1.0


PLAIN = Unit(note("{value}"), note("{value}"))
PERCENT = Unit(note("{value} %"), note("{value} percentage points"), 0.01)
LENGTH = Unit(note("T = {value}"), note("{value}"))
TIMES = Unit(note("{value}×"), note("{value}"))
BLEU = Unit(note("{value} BLEU"), note("{value} BLEU"))
BITS = Unit(note("{value} bit"), note("{value} bit"))


class Within(NamedTuple):
    """Close is a difference of at most `amount`, in the question's unit."""

    amount: float

    def miss(self, guess, truth):
        """Return the miss of numbers, elementwise."""
        return np.abs(np.asarray(guess, float) - np.asarray(truth, float)) / self.amount

    def rule(self, unit: Unit) -> str:
        """Return in a sentence what counts as close."""
        return say("Close means at most {amount} off.", amount=say(unit.difference, value=number(self.amount)))

    def distance(self, miss: float, unit: Unit) -> str:
        """Return in words how far off a miss is."""
        return say("{amount} off", amount=say(unit.difference, value=number(miss * self.amount, 2)))


class Factor(NamedTuple):
    """Close means at most `times` as large or as small; what is under `least` counts as `least`."""

    times: float
    least: float = 1e-12

    def miss(self, guess, truth):
        """Return the miss of numbers, elementwise."""
        guess, truth = (np.log(np.maximum(np.asarray(part, float), self.least)) for part in (guess, truth))
        return np.abs(guess - truth) / math.log(self.times)

    def rule(self, unit: Unit) -> str:
        """Return in a sentence what counts as close."""
        return say("Close means at most a factor of {times} off.", times=number(self.times))

    def distance(self, miss: float, unit: Unit) -> str:
        """Return in words how far off a miss is."""
        return say("a factor of {times} off", times=number(self.times**miss, 2))


def read_number(text: str) -> float:
    """Return the number that a student typed: 0.5, 0,5, 1,000, 1/20, 3e-5, 3·10⁻⁵, 70 %.

    Raises:
        Refusal: it is no number.
    """
    typed = re.sub("[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda power: "^" + power[0].translate(SUPERSCRIPTS), text)
    typed = re.sub(r"[·×]", "*", typed.replace("−", "-")).replace(" ", "").rstrip("%")
    typed = typed.replace(",", "") if re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d*)?", typed) else typed.replace(",", ".")
    above, slash, below = typed.partition("/")
    try:
        if power := POWER.fullmatch(typed):
            value = float(power[1] or 1) * 10.0 ** int(power[2])
        else:
            value = float(above) / float(below) if slash else float(above)
    except (ValueError, ZeroDivisionError, OverflowError):
        value = math.nan
    if not math.isfinite(value):
        raise Refusal("“{text}” is not a number. Type it as 0.5, 1/20 or 3e-5.", text=text.strip())
    return value


def markup(text: str) -> str:
    """Return a question's text as HTML: `code` and *emphasis* are set as in the lessons."""
    coded = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))
    return re.sub(r"\*([^*]+)\*", r"<em>\1</em>", coded)


def plain(text: str) -> str:
    """Return a question's text without its marks."""
    return re.sub(r"[`*]", "", text)


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question: `text` is what is asked, `name` what it is about, in words that fit into a sentence."""

    text: str
    name: str

    def asked(self) -> str:
        """Return the whole question in one line."""
        return say(self.text)

    def rule(self) -> str:
        """Return in a sentence what counts as close."""
        raise NotImplementedError

    def truth(self, measured) -> Any:
        """Return what was measured in the form of a guess."""
        raise NotImplementedError

    def miss(self, guess, truth) -> float:
        """Return how far off a guess is, as a multiple of what counts as close."""
        raise NotImplementedError

    def fits(self, guess) -> bool:
        """Return whether a guess from a file can be one of this question."""
        raise NotImplementedError

    def words(self, guess) -> str:
        """Return a guess, or the truth, in words."""
        raise NotImplementedError

    def verdict(self, guess, truth) -> str:
        """Return in a sentence how far off a guess is."""
        fields = {"guess": self.words(guess), "truth": self.words(truth)}
        if self.miss(guess, truth) <= 1:
            return say("✓ Right. You predicted {guess}; measured: {truth}.", **fields)
        return say("✗ Not this time. You predicted {guess}; measured: {truth}.", **fields)


@dataclass(frozen=True, kw_only=True)
class Numbers(Question):
    """One number or several.

    Args:
        close: what counts as close; of several numbers, every one must be.
        unit: theirs.
        names: what each is called; one number needs no name.
        low, high: the range of what can be typed, in the unit.
        at: where each is in the figure, along x; None: not there.
        along_x: the number is a place on the x axis, and is drawn as an upright line.
    """

    close: Within | Factor
    unit: Unit = PLAIN
    names: Sequence[str] = ("",)
    low: float = -math.inf
    high: float = math.inf
    at: Sequence[float] | None = None
    along_x: bool = False

    def rule(self) -> str:
        """Return in a sentence what counts as close; empty where only the right answer does."""
        return self.close.rule(self.unit)

    def read(self, texts: Sequence[str]) -> list[float]:
        """Return the numbers that were typed; a Refusal says which is none, or out of range."""
        guess = [read_number(text) for text in texts]
        for value in guess:
            if not self.low <= value <= self.high:
                if math.isinf(self.high):
                    raise Refusal("Type a number of at least {low}.", low=number(self.low))
                raise Refusal("Type a number from {low} to {high}.", low=number(self.low), high=number(self.high))
        return guess

    def truth(self, measured) -> list[float]:
        """Return what was measured in the form of a guess."""
        return [float(value) / self.unit.worth for value in np.atleast_1d(np.asarray(measured, float))]

    def fits(self, guess) -> bool:
        """Return whether a guess from a file can be one of this question."""
        return (
            isinstance(guess, list)
            and len(guess) == len(self.names)
            and all(isinstance(value, int | float) and math.isfinite(value) for value in guess)
        )

    def miss(self, guess, truth) -> float:
        """Return how far off a guess is, as a multiple of what counts as close."""
        return float(self.close.miss(guess, truth).max())

    def words(self, guess) -> str:
        """Return a guess, or the truth, in words."""
        values = [say(self.unit.value, value=number(value)) for value in guess]
        if len(values) == 1:
            return values[0]
        named = (say("{name}: {value}", name=plain(say(n)), value=v) for n, v in zip(self.names, values, strict=True))
        return ", ".join(named)

    def verdict(self, guess, truth) -> str:
        """Return in a sentence how far off a guess is."""
        miss = self.miss(guess, truth)
        fields = {
            "guess": self.words(guess), "truth": self.words(truth), "off": self.close.distance(miss, self.unit),
        }  # fmt: skip
        if miss <= 1:
            return say("✓ Close. You predicted {guess}; measured: {truth} ({off}).", **fields)
        return say("✗ Not close. You predicted {guess}; measured: {truth} ({off}).", **fields)


@dataclass(frozen=True, kw_only=True)
class Options(Question):
    """What has options to choose from or to order: `options`, id → what it says."""

    options: Mapping[str, str]

    def asked(self) -> str:
        """Return the question and its options in one line."""
        return say(
            "{question} ({options})", question=say(self.text), options=" / ".join(map(say, self.options.values()))
        )


@dataclass(frozen=True, kw_only=True)
class Choice(Options):
    """One of several options.

    Args:
        options: id → what it says.
        measure: turns what was measured into an id; None: an id, or a truth value for `yes` and `no`, is given.
    """

    measure: Callable[[Any], str] | None = None

    def rule(self) -> str:
        """Return in a sentence what counts as close; empty where only the right answer does."""
        return ""

    def truth(self, measured) -> str:
        """Return what was measured in the form of a guess."""
        if self.measure is not None:
            measured = self.measure(measured)
        return measured if isinstance(measured, str) else "yes" if measured else "no"

    def fits(self, guess) -> bool:
        """Return whether a guess from a file can be one of this question."""
        return isinstance(guess, str) and guess in self.options

    def miss(self, guess, truth) -> float:
        """Return how far off a guess is, as a multiple of what counts as close."""
        return 0.0 if guess == truth else 2.0

    def words(self, guess) -> str:
        """Return a guess, or the truth, in words."""
        return say("“{option}”", option=plain(say(self.options[guess])))


@dataclass(frozen=True, kw_only=True)
class Several(Options):
    """Any number of several options; close is at most `wrong` options judged wrongly.

    Args:
        options: id → what it says.
        none: what is said where none is chosen.
        wrong: how many wrong options are still close.
    """

    none: str
    wrong: int = 1

    def rule(self) -> str:
        """Return in a sentence what counts as close; empty where only the right answer does."""
        if not self.wrong:
            return ""
        rights = len(self.options) - self.wrong
        return say("Close means at least {rights} of {count} judged rightly.", rights=rights, count=len(self.options))

    def truth(self, measured) -> list[str]:
        """Return what was measured in the form of a guess."""
        return [id for id in self.options if id in set(measured)]

    def fits(self, guess) -> bool:
        """Return whether a guess from a file can be one of this question."""
        return isinstance(guess, list) and all(isinstance(id, str) and id in self.options for id in guess)

    def miss(self, guess, truth) -> float:
        """Return how far off a guess is, as a multiple of what counts as close."""
        return len(set(guess) ^ set(truth)) / max(self.wrong, 0.5)

    def words(self, guess) -> str:
        """Return a guess, or the truth, in words."""
        return ", ".join(plain(say(self.options[id])) for id in self.options if id in guess) or say(self.none)

    def verdict(self, guess, truth) -> str:
        """Return in a sentence how far off a guess is."""
        fields = {
            "guess": self.words(guess), "truth": self.words(truth), "count": len(self.options),
            "rights": len(self.options) - len(set(guess) ^ set(truth)),
        }  # fmt: skip
        if self.miss(guess, truth) <= 1:
            return say("✓ Close. You predicted: {guess}; measured: {truth} ({rights} of {count} right).", **fields)
        return say("✗ Not close. You predicted: {guess}; measured: {truth} ({rights} of {count} right).", **fields)


@dataclass(frozen=True, kw_only=True)
class Order(Options):
    """An order of several items, the first on top; close is at most `swapped` pairs the other way round.

    Args:
        options: id → what the item says.
        swapped: how many pairs in the wrong order are still close.
    """

    swapped: int = 1

    def rule(self) -> str:
        """Return in a sentence what counts as close; empty where only the right answer does."""
        if not self.swapped:
            return ""
        pairs = math.comb(len(self.options), 2)
        return say(
            "Close means at most {swapped} of {pairs} pairs in the wrong order.", swapped=self.swapped, pairs=pairs
        )

    def truth(self, measured) -> list[str]:
        """Return the ids from the largest to the smallest of the measured numbers, one per option, in their order."""
        values = dict(zip(self.options, map(float, measured), strict=True))
        return sorted(values, key=values.get, reverse=True)

    def fits(self, guess) -> bool:
        """Return whether a guess from a file can be one of this question."""
        return isinstance(guess, list) and all(isinstance(id, str) for id in guess) and set(guess) == set(self.options)

    def wrong_pairs(self, guess, truth) -> int:
        """Return how many pairs of items are in the wrong order."""
        return sum(guess.index(a) > guess.index(b) for a, b in combinations(truth, 2))

    def miss(self, guess, truth) -> float:
        """Return how far off a guess is, as a multiple of what counts as close."""
        return self.wrong_pairs(guess, truth) / max(self.swapped, 0.5)

    def words(self, guess) -> str:
        """Return a guess, or the truth, in words."""
        return " > ".join(plain(say(self.options[id])) for id in guess)

    def verdict(self, guess, truth) -> str:
        """Return in a sentence how far off a guess is."""
        wrong, pairs = self.wrong_pairs(guess, truth), math.comb(len(self.options), 2)
        fields = {"guess": self.words(guess), "truth": self.words(truth), "wrong": wrong, "pairs": pairs}
        if self.miss(guess, truth) <= 1:
            template = note("✓ Close. You predicted {guess}; measured: {truth} ({wrong} of {pairs} pairs swapped).")
        else:
            template = note("✗ Not close. You predicted {guess}; measured: {truth} ({wrong} of {pairs} pairs swapped).")
        return say(template, **fields)


@dataclass(frozen=True, kw_only=True)
class Curve(Question):
    """A curve drawn by hand into the axes of the figure to come.

    Args:
        close: what counts as close, on the average over x.
        x: where the truth is measured, ascending.
        ticks: what is written under each x; None writes the numbers.
        xlabel, ylabel: the axes' labels.
        low, high: the ends of the y axis.
        log_x, log_y: logarithmic axes.
    """

    close: Within | Factor
    x: Sequence[float]
    xlabel: str
    ylabel: str
    low: float
    high: float
    ticks: Sequence[str] | None = None
    log_x: bool = False
    log_y: bool = False

    def rule(self) -> str:
        """Return in a sentence what counts as close; empty where only the right answer does."""
        if isinstance(self.close, Within):
            return say("Close means at most {amount} off, averaged along the curve.", amount=number(self.close.amount))
        return say(
            "Close means at most a factor of {times} off, averaged along the curve.", times=number(self.close.times)
        )

    def truth(self, measured) -> list[float]:
        """Return what was measured in the form of a guess."""
        return [float(value) for value in np.asarray(measured, float)]

    def fits(self, guess) -> bool:
        """Return whether a guess from a file can be one of this question."""
        return (
            isinstance(guess, list)
            and len(guess) == len(self.x)
            and all(isinstance(value, int | float) and math.isfinite(value) for value in guess)
        )

    def miss(self, guess, truth) -> float:
        """Return how far off a guess is, as a multiple of what counts as close."""
        return float(np.nanmean(self.close.miss(guess, truth)))

    def words(self, guess) -> str:
        """Return a guess, or the truth, in words."""
        first, last = (self.ticks or [number(x) for x in self.x])[:: len(self.x) - 1]
        ends = {"start": number(guess[0], 2), "end": number(guess[-1], 2), "first": first, "last": last}
        return say("from {start} at {first} to {end} at {last}", **ends)

    def verdict(self, guess, truth) -> str:
        """Return in a sentence how far off a guess is."""
        miss = self.miss(guess, truth)
        fields = {"guess": self.words(guess), "truth": self.words(truth), "off": self.close.distance(miss, PLAIN)}
        if miss <= 1:
            return say("✓ Close. You drew a curve {guess}; measured: {truth} (on average {off}).", **fields)
        return say("✗ Not close. You drew a curve {guess}; measured: {truth} (on average {off}).", **fields)
