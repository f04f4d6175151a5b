import pytest

from course_utils.messages.numbers import chance, number, percent


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0"),
        (0.57, "0.57"),
        (5049, "5050"),
        (-1.5, "−1.5"),
        (5.09e39, "5.09·10³⁹"),
        (float("inf"), "infinite"),
        (1e-7, "10⁻⁷"),
        (-2e-9, "−2·10⁻⁹"),
    ],
)
def test_a_number_has_three_digits_and_a_readable_power(value, said):
    assert number(value) == said


@pytest.mark.parametrize(
    ("share", "said"),
    [(0, "0%"), (1, "100%"), (0.97, "97%"), (0.9999, "above 99%"), (0.0057, "0.57%"), (3e-7, "3·10⁻⁵%")],
)
def test_a_share_is_never_rounded_to_none_or_all(share, said):
    assert percent(share) == said


@pytest.mark.parametrize(
    ("probability", "said"), [(0.75, "0.75"), (9.1e-7, "9.1·10⁻⁷"), (0.9999, "above 0.99"), (1, "1")]
)
def test_a_chance_is_never_rounded_to_none_or_all(probability, said):
    assert chance(probability) == said
