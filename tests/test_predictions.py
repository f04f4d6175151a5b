"""Predictions: what is close, what is kept and never lost, what a card shows, what the end of a lesson counts."""

import json
import multiprocessing
import re

import build_site
import execute_notebooks
import numpy as np
import pytest
from matplotlib import pyplot as plt
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course_utils import figures, predictions
from course_utils.messages import Refusal
from course_utils.predictions import cards, kept
from course_utils.predictions.lessons import LESSONS, question
from course_utils.predictions.questions import (
    PERCENT,
    Choice,
    Curve,
    Factor,
    Numbers,
    Order,
    Several,
    Within,
    read_number,
)  # fmt: skip
from course_utils.predictions.store import Store, of_environment

GUESSES = {
    "second_step": "larger",
    "dense_larger": [5],
    "words_right": [40],
    "fifty_steps": [0.05, 100],
    "bound_grows": "no",
}


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A store in a file of its own, which all cards and comparisons use."""
    made = Store(tmp_path / "my_predictions.json")
    monkeypatch.setattr(kept, "STORE", made)
    monkeypatch.setattr(kept, "measured_here", {})
    return made


@pytest.fixture
def shown(monkeypatch):
    """What comparisons display, as lists of lines."""
    seen = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: seen.append(data["text/plain"].split("\n")))
    return seen


def press(card, name: str) -> None:
    """Press the button of a card that says `name`."""
    waiting = [card]
    while waiting:
        widget = waiting.pop()
        if getattr(widget, "description", "") == name:
            return widget.click()
        waiting += getattr(widget, "children", ())
    raise AssertionError(f"no button {name}")


def texts(widget) -> str:
    """Return all that a card says, without HTML."""
    own = re.sub(r"<style>.*?</style>|<[^>]*>", "", str(getattr(widget, "value", "")), flags=re.DOTALL)
    return " ".join([own, *map(texts, getattr(widget, "children", ()))])


# -- questions --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.5", 0.5), ("0,5", 0.5), (" 70 % ", 70), ("1,000", 1000), ("74,000", 74_000), ("1/20", 0.05), ("3e-5", 3e-5),
        ("3·10⁻⁵", 3e-5), ("3*10^-5", 3e-5), ("10^4", 1e4), ("−2", -2), ("105", 105), ("1,234,567.5", 1_234_567.5),
    ],
)  # fmt: skip
def test_numbers_are_read_as_students_write_them(text, value):
    assert read_number(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "about 5", "1/0", "nan", "inf", "5;6", "1e999"])
def test_what_is_no_number_is_refused_in_a_sentence(text):
    with pytest.raises(Refusal, match="is not a number"):
        read_number(text)


def test_a_number_out_of_range_is_refused():
    share = Numbers(text="?", name="x", close=Within(5), unit=PERCENT, low=0, high=100)
    with pytest.raises(Refusal, match="from 0 to 100"):
        share.read(["101"])
    assert share.read(["100"]) == [100]


def test_close_is_a_difference_a_factor_or_a_number_of_faults():
    assert Within(10).miss(60, 69) == pytest.approx(0.9)
    assert Factor(10).miss(1, 100) == pytest.approx(2)
    assert Factor(10, least=1e-3).miss(0, 8e-31) == 0
    two = Numbers(text="?", name="x", close=Factor(5), names=("a", "b"))
    assert two.miss([0.005, 1], [0.00515, 117]) > 1, "each must be close"
    options = {"a": "A", "b": "B", "c": "C"}
    assert Choice(text="?", name="x", options=options).miss("a", "b") > 1
    several = Several(text="?", name="x", options=options, none="none", wrong=1)
    assert several.miss(["a", "b"], ["a"]) == 1 and several.miss(["b"], ["a"]) == 2
    order = Order(text="?", name="x", options=options, swapped=1)
    assert order.truth([0.1, 3, 2]) == ["b", "c", "a"]
    assert order.miss(["b", "a", "c"], ["b", "c", "a"]) == 1 and order.miss(["a", "b", "c"], ["b", "c", "a"]) == 2


def test_a_curve_is_off_by_the_mean_distance_and_gaps_do_not_count():
    curve = Curve(text="?", name="x", close=Within(0.1), x=(1, 2, 4), xlabel="x", ylabel="y", low=0, high=1)
    assert curve.miss([0.5, 0.5, 0.5], [0.6, 0.5, 0.4]) == pytest.approx(2 / 3)
    assert curve.miss([0.5, 0.5, 0.5], [np.nan, 0.5, 0.5]) == 0
    assert curve.words([0.1, 0.5, 0.9]) == "from 0.1 at 1 to 0.9 at 4"


def test_percent_is_typed_and_a_share_is_measured():
    asked = question("words_right")
    assert asked.truth(0.69) == [pytest.approx(69)]
    assert asked.verdict([65], [69.0]) == "✓ Close. You predicted 65 %; measured: 69 % (4 percentage points off)."
    assert asked.verdict([9], [69.0]).startswith("✗ Not close.")


def example(asked):
    """Return a guess that fits, for any question."""
    if isinstance(asked, Numbers | Curve):
        return [max(asked.low, 0.5)] * len(asked.names if isinstance(asked, Numbers) else asked.x)
    ids = list(asked.options)
    return ids[0] if isinstance(asked, Choice) else ids


@pytest.mark.parametrize("id", [id for questions in LESSONS.values() for id in questions])
def test_every_question_states_what_is_close_and_judges_a_guess(id):
    asked = question(id)
    guess = example(asked)
    assert asked.fits(guess) and asked.fits(json.loads(json.dumps(guess))) and not asked.fits({"odd": 1})
    assert asked.miss(guess, guess) == 0 and asked.verdict(guess, guess).startswith("✓")
    assert asked.rule().startswith("Close means at ") or isinstance(asked, Choice) or 0 in (
        getattr(asked, "wrong", 1), getattr(asked, "swapped", 1))  # fmt: skip
    assert "\n" not in asked.asked() and "**" not in asked.asked() and not asked.name.endswith((".", "?"))


def test_ids_are_unique_and_an_unknown_one_is_named():
    ids = [id for questions in LESSONS.values() for id in questions]
    assert len(set(ids)) == len(ids)
    with pytest.raises(ValueError, match="no question 'klingon'; there are: second_step, "):
        predictions.predict("klingon")
    with pytest.raises(ValueError, match="no lesson 'klingon'"):
        predictions.summary("klingon")


# -- the file ---------------------------------------------------------------------------------------------------


def test_a_guess_survives_and_the_file_is_readable(store):
    for id, guess in GUESSES.items():
        kept.lock_in(id, guess)
    again = Store(store.path).read()["predictions"]
    assert {id: entry["guess"] for id, entry in again.items()} == GUESSES
    assert [path.name for path in store.path.parent.iterdir()] == ["my_predictions.json"], (
        "no lock, no half-written file"
    )


def test_a_guess_that_is_locked_in_stays(store):
    kept.lock_in("dense_larger", [5])
    with pytest.raises(Refusal, match="already locked in, perhaps in another window: T = 5"):
        kept.lock_in("dense_larger", [4])
    assert kept.prediction("dense_larger") == {"guess": [5]}


def write_many(path, ids):
    for id in ids:
        Store(path).change(lambda kept, id=id: kept["predictions"].update({id: {"guess": [1]}}))


def test_nothing_is_lost_when_many_write_at_the_same_time(tmp_path):
    path, spawn = tmp_path / "my_predictions.json", multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=write_many, args=(path, [f"{k}-{n}" for n in range(20)])) for k in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert len(Store(path).read()["predictions"]) == 60


@pytest.mark.parametrize("text", ["{", "", "[]", '{"predictions": 3}', '{"predictions": {"a": 3}}', "\udc80"])
def test_a_broken_file_is_set_aside_with_a_sentence(store, text):
    store.path.write_text(text, encoding="utf-8", errors="surrogateescape")
    assert kept.prediction("dense_larger") is None
    kept.lock_in("dense_larger", [5])
    (news,) = store.news()
    assert "could not be read" in news and "my_predictions.unreadable-1.json" in news
    assert store.path.with_name("my_predictions.unreadable-1.json").read_bytes() == text.encode(
        "utf-8", "surrogateescape"
    )
    assert Store(store.path).read()["predictions"] == {"dense_larger": {"guess": [5]}}
    store.path.write_text("}", encoding="utf-8")
    assert store.read()["predictions"] == {} and "unreadable-2" in store.news()[0]


def test_a_guess_that_does_not_fit_its_question_any_more_is_as_if_it_were_open(store):
    store.change(lambda kept: kept["predictions"].update(dense_larger={"guess": "seven"}))
    assert kept.prediction("dense_larger") is None and predictions.progress()["rnn"][0] == 0
    kept.lock_in("dense_larger", [5])
    assert kept.prediction("dense_larger") == {"guess": [5]}


def test_a_lock_that_a_killed_kernel_left_does_not_block(store, monkeypatch):
    monkeypatch.setattr("course_utils.files.STALE", -1.0)
    store.path.with_name(f"{store.path.name}.lock").touch()
    kept.lock_in("dense_larger", [5])
    assert kept.prediction("dense_larger") is not None


def test_a_folder_that_cannot_be_written_keeps_guesses_until_the_kernel_ends(monkeypatch, tmp_path):
    store = Store(tmp_path / "nowhere" / "my_predictions.json")
    monkeypatch.setattr(kept, "STORE", store)
    monkeypatch.setattr(kept, "measured_here", {})
    kept.lock_in("dense_larger", [5])
    assert kept.prediction("dense_larger") == {"guess": [5]} and "until the kernel ends" in store.news()[0]


def test_the_environment_says_where_guesses_are(monkeypatch, tmp_path):
    assert of_environment().path is None, "tests never read a student's file"
    monkeypatch.setenv("COURSE_PREDICTIONS", str(tmp_path / "guesses.json"))
    assert of_environment().path == tmp_path / "guesses.json"
    monkeypatch.delenv("COURSE_PREDICTIONS")
    monkeypatch.chdir(tmp_path)
    assert of_environment().path == tmp_path / "my_predictions.json"


# -- cards ------------------------------------------------------------------------------------------------------


def test_without_a_guess_a_card_is_one_quiet_line_and_a_comparison_shows_nothing(store, shown):
    bundle = predictions.predict("dense_larger")._repr_mimebundle_()
    bundle = bundle[0] if isinstance(bundle, tuple) else bundle
    assert bundle["text/plain"] == "Predict. E = 8, H = 16. From what length T on is the dense network larger?"
    assert bundle["text/html"].count("<p>") == 1 and "<code>E</code> = 8" in bundle["text/html"]
    predictions.compare("dense_larger", 4)
    assert shown == [] and not store.path.exists()


def test_a_guess_is_locked_in_compared_and_cleared(store, shown):
    card = predictions.predict("dense_larger")
    press(card, "Lock in")
    assert "Type a number first." in texts(card)
    card.field.boxes[0].value = "five"
    press(card, "Lock in")
    assert "“five” is not a number" in texts(card) and card.field.boxes[0].value == "five"
    card.field.boxes[0].value = "5"
    press(card, "Lock in")
    assert "Your prediction: T = 5." in texts(card) and not hasattr(card, "absent")
    predictions.compare("dense_larger", 4)
    assert shown == [["✓ Close. You predicted T = 5; measured: T = 4 (1 off)."]]
    assert "✓ Close." in texts(card), "the card that is on the page says it too"
    assert "✓ Close." in texts(predictions.predict("dense_larger")), "and so does a new one"
    press(card, "Clear")
    assert kept.prediction("dense_larger") is None and "Lock in" in str([b.description for b in buttons(card)])


def buttons(widget) -> list:
    own = [widget] if type(widget).__name__ == "Button" else []
    return own + [button for child in getattr(widget, "children", ()) for button in buttons(child)]


def test_a_guess_made_after_the_result_is_compared_at_once(store, shown):
    predictions.compare("bound_grows", True)
    card = predictions.predict("bound_grows")
    card.field.value = "no"
    press(card, "Lock in")
    assert "✗ Not this time. You predicted “no”; measured: “yes”." in texts(card)


def test_choices_ticks_and_orders_are_taken_from_their_fields(store):
    choice = predictions.predict("three_back")
    press(choice, "Lock in")
    assert "Choose an answer first." in texts(choice)
    ticks = predictions.predict("hold_breaks")
    ticks.field.boxes["forget_shut"].value = ticks.field.boxes["input_open"].value = True
    press(ticks, "Lock in")
    assert kept.prediction("hold_breaks")["guess"] == ["input_open", "forget_shut"]
    order = predictions.predict("gradient_order")
    up = [button for button in buttons(order) if button.description == "▲"]
    assert up[0].disabled and not up[3].disabled
    up[3].click()
    press(order, "Lock in")
    assert kept.prediction("gradient_order")["guess"] == ["rnn", "lstm", "lstm_tuned", "rnn_tuned"]


def test_two_cards_of_one_question_do_not_overwrite_each_other(store):
    one, other = predictions.predict("dense_larger"), predictions.predict("dense_larger")
    for card, text in ((one, "5"), (other, "9")):
        card.field.boxes[0].value = text
        press(card, "Lock in")
    assert kept.prediction("dense_larger")["guess"] == [5]
    assert "already locked in" in texts(other) and "Your prediction: T = 5" in texts(other)


def test_a_broken_file_is_a_sentence_on_the_card(store):
    store.path.write_text("{", encoding="utf-8")
    assert "could not be read" in texts(predictions.predict("dense_larger"))


def test_several_questions_of_one_cell_are_as_many_cards():
    both = predictions.predict("beam_bleu", "beam_worse")
    assert len(both.children) == 2 and cards.quiet(both.ids)["text/plain"].count("Predict. ") == 2


# -- results ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("id", "guess", "measured"),
    [
        ("dense_larger", [20], 4), ("bits_carried", [24, 36], [23.6, 31.6]),
        ("recall_reach", [1, 0.9, 0.5, 0.3, 0.2], [1] * 5),
    ],
)  # fmt: skip
def test_a_guess_is_drawn_beside_the_truth_and_described(store, shown, id, guess, measured):
    ax = figures.draw_curves([1, 12, 40], {"measured": [1, 2, 3]}, title="Truth")
    before, parts = figures.description(ax), len(ax.get_children())
    predictions.compare(id, measured, ax=ax)
    assert figures.description(ax) == before and len(ax.get_children()) == parts, "nothing without a guess"
    kept.lock_in(id, guess)
    predictions.compare(id, measured, ax=ax)
    assert figures.description(ax).startswith(before) and "Your prediction is" in figures.description(ax)
    assert any(text.get_text().startswith("your prediction") for text in ax.texts)


def test_a_drawn_guess_uses_the_units_of_the_figure(store, shown):
    ax = plt.subplots()[1]
    figures.describe(ax, "Bars.")
    kept.lock_in("gradient_17", [30, 1])
    predictions.compare("gradient_17", [0.3, 0.0007], ax=ax)
    assert list(ax.lines[-1].get_ydata()) == [0.3, 0.01]


def test_a_show_of_hands_is_shown_beside_the_measurement(store, shown):
    card = predictions.predict("three_back")
    for box, count in zip(card.hands.boxes, (12, 3, 0), strict=True):
        box.value = count
    predictions.compare("three_back", -0.2)
    assert shown[-1] == [
        "Your class, 15 votes:", "  the trained one ████████████████████ 12", "✓ the untrained one █████ 3",
        "  both the same  0",
    ]  # fmt: skip
    called = predictions.predict("words_right")
    called.hands.boxes[0].value = "30 many"
    assert "“many” is not a number" in texts(called)
    called.hands.boxes[0].value = "30 65 70"
    predictions.compare("words_right", 0.69)
    assert shown[-1] == ["Your class: 30 %, 65 %, 70 % (2 of 3 close)."]
    assert Store(store.path).read()["hands"]["words_right"] == {"numbers": [[30, 65, 70]]}
    assert predictions.predict("words_right").hands.boxes[0].value == "30 65 70"


def test_what_is_covered_reaches_from_the_question_to_the_text_behind_its_result():
    sources = ["1", 'predict("a", "b")', "2", 'compare("a", 1)', "text", "3", 'compare("b", 2)', "4", "text", "5"]
    notebook = new_notebook()
    for at, source in enumerate(sources):
        notebook.cells.append(new_markdown_cell(source) if source == "text" else new_code_cell(source))
        notebook.cells[at].id = f"cell-{at}"
    assert [int(cell.id[5:]) for cell in execute_notebooks.under_predictions(notebook)] == [2, 3, 5, 6, 7]


def test_on_the_site_a_question_is_a_line_and_its_result_is_folded():
    card, result = new_code_cell('predict("a")'), new_code_cell("2", metadata={"jupyter": {"outputs_hidden": True}})
    card.outputs = [new_output("display_data", {execute_notebooks.WIDGET: {}, "text/html": "<p>?</p>"})]
    assert execute_notebooks.without_widget(card.outputs[0]).data == {"text/html": "<p>?</p>"}
    page = build_site.prepare(new_notebook(cells=[new_markdown_cell("# Title"), card, result]), "name")
    assert [cell.source for cell in page.cells if "hide-output" in cell.metadata.get("tags", [])] == ["2"]


# -- the end of a lesson ----------------------------------------------------------------------------------------


def test_the_end_counts_and_names_the_surprise(store):
    assert kept.summary("rnn") == "All 9 predictions of this lesson are still open."
    for id, guess in GUESSES.items():
        kept.lock_in(id, guess)
    for id, measured in {
        "second_step": 0.3,
        "dense_larger": 4,
        "words_right": 0.69,
        "fifty_steps": [0.00515, 117],
    }.items():
        kept.record(id, question(id).truth(measured))
    assert kept.summary("rnn") == (
        "2 of 4 predictions close. The surprise was how many new words the network names rightly: you predicted 40 %; "
        "measured: 69 %. 1 prediction waits for its result: run its cell. 4 questions are still open."
    )
    assert predictions.progress()["rnn"] == (5, 9) and predictions.progress()["lstm"][0] == 0


def test_a_lesson_or_everything_can_be_cleared(store):
    kept.lock_in("dense_larger", [5])
    kept.lock_in("who_learns", ["rnn"])
    predictions.clear("rnn")
    assert (predictions.progress()["rnn"][0], predictions.progress()["lstm"][0]) == (0, 1)
    predictions.clear()
    assert predictions.progress()["lstm"][0] == 0
