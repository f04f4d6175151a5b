import asyncio
import base64
import io
from concurrent.futures import ThreadPoolExecutor

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell
from PIL import Image

from course_utils.datasets import words
from course_utils.experiments import memory
from course_utils.explorers import Panel, gradient_explorer, panel, turns, word_explorer
from course_utils.explorers.playground import playground, playground_scores
from course_utils.explorers.words import unseen_words
from course_utils.measure import gradients, probes
from course_utils.messages import Refusal
from course_utils.messages.explorers import bottleneck_sentence, gradient_sentence, translation_sentence, word_sentence
from course_utils.models.rnn import SequenceClassifier, rnn_step
from course_utils.views.widgets import BarView, LineView

WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def alphabet():
    return words.Alphabet(words.load_words())


@pytest.fixture(scope="module")
def model(alphabet):
    torch.manual_seed(0)
    return SequenceClassifier(len(alphabet), 8, 16, len(words.LANGUAGE_NAMES))


def good(explorer: Panel) -> None:
    """Require that an explorer shows a good answer to its last setting."""
    assert explorer.status.text and not explorer.status.failed and not explorer.status.busy, explorer.status.text


def counting_panel(**options):
    calls, view = [], LineView([1, 2], {"y": [1, 2]})

    def compute(top):
        calls.append(top)
        if top == 13:
            raise Refusal("Choose any number but {number}.", number=13)
        if top == 14:
            raise KeyError("surprise")
        if top == 15:
            raise ValueError("for developers")
        return top

    def show(top):
        view.update([1, 2], {"y": [1, top]})
        return f"The top is {top}."

    return Panel({"top": panel.slider(3, 1, 30, "top")}, compute, show, [view], **options), calls, view


def test_a_panel_follows_a_control_with_a_sentence_and_new_numbers():
    explorer, calls, view = counting_panel()
    explorer.controls["top"].value = 7
    assert calls == [3, 7] and list(view.drawn["lines"][0]["y"]) == [1, 7]
    assert explorer.status.text == "The top is 7." and explorer.settings == {"top": 7}


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        (13, "Choose any number but 13."),
        (14, "The computation stopped with KeyError: 'surprise'"),
        (15, "The computation stopped with ValueError: for developers"),
    ],
)
def test_a_bad_setting_keeps_the_last_good_picture_and_says_why(bad, sentence):
    explorer, _, view = counting_panel()
    before = view.picture
    explorer.controls["top"].value = bad
    assert explorer.status.failed and explorer.status.text == sentence
    assert view.picture is before
    explorer.controls["top"].value = 5
    good(explorer)


def test_an_explorer_that_cannot_begin_raises():
    with pytest.raises(ZeroDivisionError):
        Panel({"top": panel.slider(3, 1, 30, "top")}, lambda top: 1 / 0, str, [LineView([1, 2], {"y": [1, 2]})])


def test_reset_brings_back_the_first_settings_and_computes_once():
    explorer, calls, _ = counting_panel()
    explorer.controls["top"].value = 20
    explorer.reset()
    assert explorer.settings == {"top": 3} and calls == [3, 20, 3]


@pytest.mark.parametrize("resets", [False, True])
def test_a_slow_computation_waits_until_the_hand_rests_and_a_reset_drops_it(monkeypatch, resets):
    monkeypatch.setattr(panel, "REST", 0)
    explorer, calls, _ = counting_panel()
    explorer.seconds = panel.SLOW + 1

    async def moves():
        for value in (4, 5, 6, 7):
            explorer.controls["top"].value = value
        assert explorer.status.busy  # the browser says "working…" if this lasts
        assert calls == [3]
        if resets:
            explorer.reset()
        for _ in range(5):
            await asyncio.sleep(0)

    asyncio.run(moves())
    assert calls == [3, 3 if resets else 7]
    good(explorer)


def test_the_display_bundle_holds_widget_and_still_picture_and_closes_its_figure():
    explorer, _, view = counting_panel()
    bundle = explorer._repr_mimebundle_()
    assert set(bundle) >= {WIDGET, "text/html", "image/png", "text/plain"}
    assert bundle["text/plain"] == f"The top is 3. {view.drawn['alternative']}"
    assert "VBox" not in bundle["text/plain"]
    assert repr(explorer) == "Panel(top=3)"
    assert plt.get_fignums() == []


def test_a_panel_needs_no_picture():
    explorer = Panel({"top": panel.slider(3, 1, 30, "top")}, lambda top: top, lambda top: f"The top is <{top}>.", [])
    bundle = explorer._repr_mimebundle_()
    assert bundle["text/html"] == "<p>The top is &lt;3&gt;.</p>" and bundle["text/plain"] == "The top is <3>."
    assert WIDGET in bundle and "image/png" not in bundle
    explorer.controls["top"].value = 7
    assert explorer.status.text == "The top is <7>."
    explorer.reset()
    assert explorer.settings == {"top": 3} and explorer.status.text == "The top is <3>."


def test_a_still_picture_may_stand_in_other_columns_than_the_live_views():
    views = [BarView([0.0], ["A"], title=name) for name in "abc"]

    def shape(**options) -> tuple[int, int]:
        explorer = panel.Panel({}, lambda: None, lambda _: "text", [[views[0]], views[1:]], **options)
        data = explorer._repr_mimebundle_()["image/png"]
        return Image.open(io.BytesIO(base64.b64decode(data))).size

    (width, height), (wide, low) = shape(), shape(still_columns=3)
    assert wide > width and low < height


@pytest.mark.parametrize(("step", "low"), [(None, 1), (0.5, 1.5)])
def test_a_slider_outside_its_range_is_refused(step, low):
    with pytest.raises(ValueError, match=f"from {low} to 5, not 9"):
        panel.slider(9, low, 5, "top", step=step)


def test_the_sentence_counts_the_steps_until_a_thousandth_is_left():
    norms = 0.5 ** np.arange(20)[::-1]  # 2**-10 is the first power of a half below a thousandth
    start = "19 steps back, at the first, 1.9·10⁻⁴% of the gradient is left: it does not work. "
    assert gradient_sentence(norms, 1, 1).startswith(f"{start}It vanishes (below a thousandth after 10 steps). Norm")
    assert "It explodes (above a thousand times after 10 steps)." in gradient_sentence(1 / norms, 1, 1)
    assert "100% of the gradient is left:" in gradient_sentence(np.ones(20), 1, 1)
    assert "after 1 step)" in gradient_sentence(np.array([1e-4, 1]), 1, 1)


@pytest.mark.parametrize(
    ("norms", "sentence"),
    [
        ([0.01, 1e-5, 1.0], "2 steps back, at the first, 1% of the gradient is left: it does not work. Norm"),
        ([1.43, 1], "1 step back, at the first, the gradient is 1.43 times as large: it works"),
        ([50, 1], "1 step back, at the first, the gradient is 50 times as large: it does not work. Norm"),
    ],
)
def test_the_sentence_judges_by_the_first_step(norms, sentence):
    assert gradient_sentence(np.array(norms), 1, 1).startswith(sentence)


def test_the_sentence_says_what_clipping_does():
    assert "gradient: 12, clipped to 1." in gradient_sentence(np.ones(2), 12.0, 1.0)
    assert "gradient: 0.5, too short to be clipped." in gradient_sentence(np.ones(2), 0.5, 0.5)
    broken = gradient_sentence(np.array([np.nan, 1]), np.nan, np.nan)
    assert "not a finite number" in broken and "clipped" not in broken


def test_the_sentence_names_the_forget_bias_that_is_used():
    """It once said "about 0" whatever the bias, and the RNN refused what only the LSTM has."""
    explorer = gradient_explorer(cell="lstm", forget_bias=5.0)
    assert explorer.status.text.endswith("(LSTM, forget bias 5.)")
    explorer.controls["cell"].value = "rnn"
    good(explorer)
    assert "LSTM" not in explorer.status.text
    assert gradient_explorer(cell="lstm").status.text.endswith("(LSTM, forget bias about 0.)")
    assert "LSTM" not in gradient_sentence(np.ones(2), 1, 1, "gru")


def test_the_gradient_explorer_answers_at_every_end_of_every_control():
    explorer = gradient_explorer()
    for name, values in {
        "length": (2, 3, 200, 40),
        "radius": (0.4, 1.6, 1.0),
        "activation": ("relu", "identity", "tanh"),
        "cell": ("lstm", "rnn"),
        "seed": (19, 0),
    }.items():
        for value in values:
            explorer.controls[name].value = value
            good(explorer)
            flow, cell = gradients.gradient_flow(**explorer.settings), explorer.settings["cell"]
            drawn = {line["name"].split(":")[0]: line["y"] for line in explorer.views[0].drawn["lines"]}
            np.testing.assert_allclose(drawn["gradient"], flow.norms)
            assert ("bound" in drawn) == (cell == "rnn")
            greyed = [explorer.controls[control].disabled for control in ("radius", "activation")]
            assert greyed == [cell != "rnn"] * 2, "greyed out where they do not apply"
            assert explorer.status.text == gradient_sentence(flow.norms, flow.parameter_norm, flow.clipped_norm, cell)


def test_the_gradient_explorer_runs_a_students_own_step():
    def forgets(x_t, h_prev, W_ih, W_hh, b_ih, b_hh, activation=torch.tanh):
        return rnn_step(x_t, 0.1 * h_prev, W_ih, W_hh, b_ih, b_hh, activation)

    theirs, ours = gradient_explorer(length=20, step=forgets), gradient_explorer(length=20)
    assert "vanishes" in theirs.status.text and "vanishes" not in ours.status.text


@pytest.mark.parametrize("bad", [{"length": 1}, {"radius": 5}, {"cell": "gru"}, {"activation": "sine"}])
def test_the_gradient_explorer_refuses_a_bad_beginning(bad):
    with pytest.raises(ValueError, match=f"{next(iter(bad.values()))}"):
        gradient_explorer(**bad)


def test_the_word_explorer_shows_what_the_probe_reads(model, alphabet):
    explorer = word_explorer(model, alphabet)
    for word in ("a", "polska", "ÅLAND", "new-zealand", "x" * 40, *unseen_words()):
        explorer.controls["text"].value = word
        good(explorer)
        wanted = probes.read_word(model, word, alphabet)
        stream, states = explorer.views
        np.testing.assert_allclose(states.drawn["values"][0], wanted.states.T)
        np.testing.assert_allclose(stream.drawn["values"], wanted.probabilities)
        assert states.drawn["columns"] == stream.drawn["steps"] == wanted.letters
        assert states.frame == stream.frame == len(wanted.letters) - 1
        shared = words.shared_words().get("".join(wanted.letters), ())
        sentence = word_sentence(wanted.letters, wanted.probabilities, words.LANGUAGE_NAMES, shared)
        assert explorer.status.text == sentence


def test_the_word_explorer_starts_at_the_first_letter_and_says_what_is_true_there(model, alphabet):
    explorer = word_explorer(model, alphabet)
    assert [view.frame for view in explorer.views] == [0, 0] and explorer.status.text.startswith("“a”: ")
    explorer.controls["text"].value = "suomi"
    assert explorer.views[0].frame == 4 and explorer.status.text.startswith("“suomi”: ")
    explorer.reset()
    assert explorer.views[0].frame == 0


def test_a_word_of_several_languages_is_right_in_each(model, alphabet):
    assert words.shared_words()["amerikansk"] == [words.LANGUAGES.index(code) for code in ("da", "sv")]
    last = word_explorer(model, alphabet).status.sentences[-1]
    assert "Several languages have this word (Danish, Swedish)" in last
    names, letters = ["Czech", "Danish", "Swedish"], list("ab")
    for best, shared, end in (
        (1, [1, 2], "(Danish, Swedish): each of them is right."),
        (0, [1, 2], "(Danish, Swedish), and the answer is none of them."),
        (1, [0, 1, 2, 0, 1, 2], "(Czech, Danish, Swedish, Czech and 2 more): each of them is right."),
    ):
        sentence = word_sentence(letters, np.eye(3)[[0, best]], names, shared)
        assert sentence.endswith(f"Several languages have this word {end}")


def test_a_word_that_meets_a_challenge_ticks_it_for_good(model, alphabet):
    explorer = word_explorer(model, alphabet)

    def met() -> list[bool]:
        return [challenge["met"] for challenge in explorer.head.challenges]

    assert met()[2] is False
    explorer.controls["text"].value = "euro"
    assert met()[2] is True
    explorer.controls["text"].value = "suomi"
    assert met()[2] is True


def test_a_few_units_stand_for_all_each_with_what_moves_it(model, alphabet):
    picture = word_explorer(model, alphabet).views[1].drawn
    units, names = zip(*picture["few"], strict=True)
    assert len(set(units)) == len(set(names)) == 5 and set(units) <= set(range(16))
    assert all(name[-1] in "↑↓" for name in names)
    assert word_explorer(model, words.Alphabet([words.Word("ab", 0)]), "ab").views[1].drawn["few"] is None


@pytest.mark.parametrize("bad", ["", "   ", "a" * 10_000, "🙂", "한국", "ab\tc?", "Ω"])
def test_bad_text_gets_a_sentence_and_keeps_the_last_good_picture(model, alphabet, bad):
    explorer = word_explorer(model, alphabet, "suomi")
    before = [view.picture for view in explorer.views]
    explorer.controls["text"].value = bad
    assert explorer.status.failed and explorer.status.text.endswith((".", "…"))
    assert "Traceback" not in explorer.status.text
    assert [view.picture for view in explorer.views] == before


def test_the_buttons_offer_words_of_different_languages_that_no_training_word_equals():
    offered = unseen_words()
    known = {word.text: word.language for word in words.load_words("test")}
    assert len({known[word] for word in offered}) == len(offered) == 5
    assert not set(offered) & {word.text for word in words.load_words("train")}


def test_a_button_puts_its_word_into_the_box(model, alphabet):
    explorer = word_explorer(model, alphabet, examples=["suomi"])
    next(child for child in explorer.children[1].children if child.description == "suomi").click()
    assert explorer.settings == {"text": "suomi"} and "“suomi”" in explorer.status.text


def test_the_word_explorer_runs_a_students_own_step(model, alphabet):
    def forgets(x_t, h_prev, *weights, **options):
        return rnn_step(x_t, 0 * h_prev, *weights, **options)

    theirs, ours = word_explorer(model, alphabet, step=forgets), word_explorer(model, alphabet)
    assert not np.allclose(theirs.views[0].drawn["values"], ours.views[0].drawn["values"])
    letters = theirs.views[0].drawn["steps"]
    first, again = letters.index("a"), len(letters) - 1 - letters[::-1].index("a")
    np.testing.assert_allclose(*(theirs.views[0].drawn["values"][at] for at in (first, again)))


def test_the_word_sentence_says_since_when():
    probabilities, names = np.array([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7]]), ["Czech", "Dutch"]
    sentence = word_sentence("abc", probabilities, names)
    assert sentence == "“abc”: the network says Dutch (70%), since letter 2 of 3."
    assert word_sentence("bc", probabilities[1:], names).endswith("from the first letter on.")
    assert word_sentence("ab", probabilities[:2], names).endswith("only since the letter just read.")


def test_sentences_never_round_a_fault_away_and_name_a_translation_without_words():
    sentence = bottleneck_sentence("french", 64, "5–6", "exact", [99.8, 99.7, 100], trained=False)
    assert sentence.startswith("64 units, 5–6 tokens: above 99% right (from above 99% to 100% over 3 seeds). Longer")
    assert bottleneck_sentence("reversal", 1, "3", "bleu", [7], trained=True) == "1 unit, 3 symbols: BLEU 7."
    assert translation_sentence("", 0.25) == "The model writes nothing (probability 0.25)."


def test_explorers_and_cells_take_turns():
    """A cell's numbers must not depend on whether somebody moves an explorer while it runs."""
    shell = InteractiveShell()
    turns.take_turns(shell)
    turns.take_turns(shell)

    def free() -> bool:
        with ThreadPoolExecutor(1) as other:
            taken = other.submit(lambda: turns.TURN.acquire(blocking=False) and not turns.TURN.release()).result()
        return taken

    shell.user_ns.update(free=free, seen=(seen := []))
    shell.run_cell("seen.append(free())")
    shell.run_cell("seen.append(free()); raise_ = 1 / 0")
    assert seen == [False, False]
    assert free()


@pytest.fixture
def float64_by_default():
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def test_everything_answers_with_another_default_dtype(float64_by_default):
    for score in playground_scores():
        assert not playground(score=score).status.failed
    alphabet = words.Alphabet(words.load_words())
    model = SequenceClassifier(len(alphabet), 8, 16, len(words.LANGUAGE_NAMES))
    assert not word_explorer(model, alphabet).status.failed and not gradient_explorer().status.failed
    assert memory.train_recall("rnn", 3, 0, steps=2, device=torch.device("cpu")).steps == 2
    result = memory.train_adding("lstm_chrono", 20, 0, budget=32, device=torch.device("cpu"))
    assert result.test_errors.dtype == np.float64 or result.test_errors.dtype == torch.float64
