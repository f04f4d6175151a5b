"""A claim's chip and small tables: what readers see, and the text where no HTML is shown."""

import pytest

from course_utils import figures, messages


@pytest.fixture
def shown(monkeypatch):
    seen = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: seen.append(data))
    return seen


def test_a_chip_says_what_was_measured(shown):
    figures.measured("0.01, not −0.29 & no <tag>")
    (data,) = shown
    assert data["text/plain"] == "✓ measured: 0.01, not −0.29 & no <tag>"
    assert "0.01, not −0.29 &amp; no &lt;tag&gt;" in data["text/html"] and "✓" in data["text/html"]


def test_a_table_keeps_its_rows_and_columns_in_both_forms(shown):
    rows = {"diagonal": {"Korean": 0.784, "French": 0.4}, "IBM Model 1": {"Korean": 0.2, "French": 0.149}}
    figures.show_table(rows, corner="AER")
    (data,) = shown
    assert data["text/plain"].splitlines() == [
        "AER          Korean  French",
        "diagonal       0.78    0.40",
        "IBM Model 1    0.20    0.15",
    ]
    assert data["text/html"].count("<tr>") == 3
    assert '<th style="text-align:left">IBM Model 1</th><td>0.20</td>' in data["text/html"]


def test_texts_of_a_table_begin_at_the_left_and_numbers_end_at_the_right(shown):
    figures.show_table({"a": {"source": "새 노트북", "share": "17%", "loss": "−0.5"},
                        "b": {"source": "", "share": "3%", "loss": "< 12"}})  # fmt: skip
    plain, page = shown[0]["text/plain"].splitlines(), shown[0]["text/html"]
    assert plain[1].startswith("a  새 노트북") and plain[2].endswith("     3%  < 12")
    assert '<th style="text-align:left">source</th><th>share</th><th>loss</th>' in page
    assert '<td style="text-align:left">새 노트북</td><td>17%</td><td>−0.5</td>' in page


def test_numbers_have_the_decimals_that_their_column_needs(shown):
    figures.show_table({"a": {"BLEU": 96.03, "seeds": 3, "n": 362398, "text": "3 of 4"}})
    assert shown[0]["text/plain"].splitlines()[1].split() == ["a", "96", "3", "362,398", "3", "of", "4"]


@pytest.mark.parametrize("rows", [{}, {"a": {}}, {"a": {"x": 1}, "b": {"y": 1}}])
def test_a_table_without_rows_or_with_uneven_ones_is_refused(rows):
    with pytest.raises(ValueError, match="the same columns"):
        figures.show_table(rows)


def test_the_mark_is_said_in_the_chosen_language(shown):
    messages.choose("ko")
    figures.measured("0.01")
    messages.choose("en")
    assert "측정" in shown[0]["text/plain"] and "measured" not in shown[0]["text/html"]
