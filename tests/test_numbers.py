import gettext
import json
import subprocess
from pathlib import Path

import pytest
from playwright._impl._driver import compute_driver_executable

from course_utils import messages, views
from course_utils.messages.browser import texts
from course_utils.messages.numbers import chance, number, percent


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "0"),
        (0.57, "0.57"),
        (5049, "5050"),
        (-1.5, "−1.5"),
        (5.09e39, "5.09·10³⁹"),
        (float("inf"), "infinite"),
        (float("-inf"), "minus infinite"),
        (float("nan"), "no number"),
        (1e-7, "10⁻⁷"),
        (-2e-9, "−2·10⁻⁹"),
        (-1e-7, "−10⁻⁷"),
    ],
)
def test_a_number_has_three_digits_and_a_readable_power(value, words):
    assert number(value) == words


@pytest.mark.parametrize(
    ("share", "words"),
    [(0, "0%"), (1, "100%"), (0.97, "97%"), (0.9999, "above 99%"), (0.0057, "0.57%"), (3e-7, "3·10⁻⁵%")],
)
def test_a_share_is_never_rounded_to_none_or_all(share, words):
    assert percent(share) == words


@pytest.mark.parametrize(
    ("probability", "words"), [(0.75, "0.75"), (9.1e-7, "9.1·10⁻⁷"), (0.9999, "above 0.99"), (1, "1")]
)
def test_a_chance_is_never_rounded_to_none_or_all(probability, words):
    assert chance(probability) == words


def test_words_for_numbers_come_from_the_catalogue():
    class Brackets(gettext.NullTranslations):
        def gettext(self, message):
            return f"⟦{message}⟧"

    messages.install(Brackets())
    try:
        words = number(float("nan")), number(float("-inf")), percent(0.999), chance(0.999)
    finally:
        messages.install(gettext.NullTranslations())
    assert words == ("⟦no number⟧", "⟦minus infinite⟧", "⟦above 99%⟧", "⟦above 0.99⟧")


def test_the_browser_writes_numbers_as_python_does():
    sizes = [0.0, 1, 0.57, 5049, 1.125, 1.135, 2.5, 1005, 1015, 99949, 99950, 0.00099949, 0.001, 1e-7, 2e-9, 5.09e39]
    sizes += [
        1.5e5,
        123456,
        1e5,
        9.995e-4,
        9.995,
        0.1 + 0.2,
        1 / 3,
        1e-300,
        1.7976931348623157e308,
        12345.5,
        float("inf"),
    ]
    values = [sign * size for size in sizes for sign in (1, -1)]
    script = (Path(views.__file__).parent / "views.js").read_text()
    stub = "globalThis.document = { createElement: () => ({ getContext: () => ({}) }) };\n"
    sent = json.dumps([repr(value).replace("inf", "Infinity") for value in values])
    run = f"\nconsole.log(JSON.stringify({sent}.map((value) => format(Number(value), {json.dumps(texts())}))));"
    node = [str(compute_driver_executable()[0]), "--input-type=module"]
    written = subprocess.run(node, input=stub + script + run, capture_output=True, text=True, check=True).stdout
    assert list(zip(values, json.loads(written), strict=True)) == [(value, number(value)) for value in values]
