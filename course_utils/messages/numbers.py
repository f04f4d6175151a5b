"""How numbers are written in sentences: few digits, and never rounded to nothing or to all.

`views.js` writes numbers by the same rule; a test compares the two.
"""

import math
from types import SimpleNamespace as Texts

from course_utils.messages import note, say

NUMBERS = Texts(
    no_number=note("no number"), infinite=note("infinite"), minus_infinite=note("minus infinite"),
    above_99=note("above 99%"), above_099=note("above 0.99"),
)  # fmt: skip
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float, digits: int = 3) -> str:
    """Return a number with so many significant digits: 0.57, 5050, 5.09·10³⁹."""
    if math.isnan(value):
        return say(NUMBERS.no_number)
    if math.isinf(value):
        return say(NUMBERS.infinite if value > 0 else NUMBERS.minus_infinite)
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return f"{float(f'{value:.{digits}g}') + 0.0:g}".replace("-", "−")
    mantissa, power = f"{abs(value):.{digits - 1}e}".split("e")
    sign, factor = "−" if value < 0 else "", "" if float(mantissa) == 1 else f"{float(mantissa):g}·"
    return f"{sign}{factor}10{str(int(power)).translate(SUPERSCRIPTS)}"


def percent(share: float) -> str:
    """Return a share in percent: 97%, 0.57%, 3·10⁻⁵%, above 99%."""
    if 0.995 <= share < 1:
        return say(NUMBERS.above_99)
    return f"{100 * share:.0f}%" if share >= 0.1 else f"{number(100 * share, 2)}%"


def chance(probability: float) -> str:
    """Return a probability: 0.75, 9·10⁻⁷, above 0.99."""
    return say(NUMBERS.above_099) if 0.995 <= probability < 1 else number(probability, 2)
