"""Solved, wrong and untouched look different at a glance, whatever shows them."""

import pytest

from course_utils.exercises import checks, looks
from course_utils.exercises.answers import SOLUTIONS


@pytest.fixture
def shown(monkeypatch):
    seen = []
    monkeypatch.setattr(looks, "in_notebook", lambda: True)
    monkeypatch.setattr("IPython.display.display", lambda data, raw: seen.append(data))
    return seen


def untouched(gradients, max_norm):
    raise NotImplementedError


def test_the_three_states_differ_in_mark_colour_and_word(shown):
    for function in (SOLUTIONS["clip_gradients"], lambda gradients, max_norm: [2 * g for g in gradients], untouched):
        checks.clip_gradients(function)
    texts = [data["text/plain"] for data in shown]
    assert [text[0] for text in texts] == ["✓", "✗", "○"]
    assert "solved" in texts[0] and "not right yet" in texts[1] and "not attempted yet" in texts[2]
    colours = {colour for data, (_, colour, _) in zip(shown, looks.STATES.values(), strict=True)
               if colour in data["text/html"]}  # fmt: skip
    assert len(colours) == 3


def test_what_a_student_wrote_is_no_markup(shown):
    looks.show("wrong", "got <b>3</b>\nand 4")
    assert "&lt;b&gt;3&lt;/b&gt;\nand 4" in shown[0]["text/html"] and "pre-wrap" in shown[0]["text/html"]


def test_outside_a_notebook_it_is_plain_text(capsys):
    looks.show("untouched", "clip_gradients: not attempted yet")
    assert capsys.readouterr().out == "clip_gradients: not attempted yet\n"
