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
from course_utils.explorers import Panel, gradient_explorer, panel, turns, word_explorer
from course_utils.explorers.gradients import gradient_sentence
from course_utils.explorers.words import unseen_words, word_sentence
from course_utils.measure import gradients, probes
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
    assert not explorer.status.failed, explorer.status.text
    assert not explorer.status.busy
    assert explorer.status.text


# ------------------------------------------------------------------------------------------------------- the panel


def counting_panel(**options):
    calls, view = [], LineView([1, 2], {"y": [1, 2]})

    def compute(top):
        calls.append(top)
        if top == 13:
            raise ValueError("expected any number but 13")
        if top == 14:
            raise KeyError("surprise")
        return top

    def show(top):
        view.update([1, 2], {"y": [1, top]})
        return f"The top is {top}."

    return Panel({"top": panel.slider(3, 1, 30, "top")}, compute, show, [view], **options), calls, view


def test_a_panel_answers_a_control_with_a_sentence_and_new_numbers():
    explorer, calls, view = counting_panel()
    explorer.controls["top"].value = 7
    assert calls == [3, 7]
    assert list(view.drawn["lines"][0]["y"]) == [1, 7]
    assert explorer.status.text == "The top is 7."
    assert explorer.settings == {"top": 7}


@pytest.mark.parametrize(("bad", "said"), [(13, "Expected any number but 13"), (14, "KeyError: 'surprise'")])
def test_a_bad_setting_keeps_the_last_good_picture_and_says_why(bad, said):
    explorer, _, view = counting_panel()
    before = view.picture
    explorer.controls["top"].value = bad
    assert explorer.status.failed
    assert said in explorer.status.text
    assert view.picture is before
    explorer.controls["top"].value = 5
    good(explorer)


def test_an_explorer_that_cannot_begin_raises():
    def compute(top):
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        Panel({"top": panel.slider(3, 1, 30, "top")}, compute, str, [LineView([1, 2], {"y": [1, 2]})])


def test_reset_brings_back_the_first_settings_and_computes_once():
    explorer, calls, _ = counting_panel()
    explorer.controls["top"].value = 20
    explorer.reset_button.click()
    assert explorer.settings == {"top": 3}
    assert calls == [3, 20, 3]


def test_a_slow_computation_waits_until_the_hand_rests(monkeypatch):
    monkeypatch.setattr(panel, "REST", 0)
    explorer, calls, _ = counting_panel()
    explorer.seconds = panel.SLOW + 1

    async def moves():
        for value in (4, 5, 6, 7):
            explorer.controls["top"].value = value
        assert explorer.status.busy  # the browser says "working…" if this lasts
        assert calls == [3]
        while explorer.status.busy:
            await asyncio.sleep(0)

    asyncio.run(asyncio.wait_for(moves(), 10))
    assert calls == [3, 7]
    good(explorer)


def test_a_reset_drops_a_computation_that_still_waits(monkeypatch):
    monkeypatch.setattr(panel, "REST", 0)
    explorer, calls, _ = counting_panel()
    explorer.seconds = panel.SLOW + 1

    async def moves():
        explorer.controls["top"].value = 9
        explorer.reset()
        for _ in range(5):
            await asyncio.sleep(0)

    asyncio.run(moves())
    assert calls == [3, 3]


def test_the_display_bundle_holds_widget_and_still_picture_and_closes_its_figure():
    explorer, _, view = counting_panel()
    bundle = explorer._repr_mimebundle_()
    assert set(bundle) >= {WIDGET, "text/html", "image/png", "text/plain"}
    assert bundle["text/plain"] == f"The top is 3. {view.drawn['alternative']}"
    assert "VBox" not in bundle["text/plain"]
    assert repr(explorer) == "Panel(top=3)"
    assert plt.get_fignums() == []


def test_a_still_picture_may_stand_in_other_columns_than_the_live_views():
    views = [BarView([0.0], ["A"], title=name) for name in "abc"]

    def shape(**options) -> tuple[int, int]:
        explorer = panel.Panel({}, lambda: None, lambda _: "said", [[views[0]], views[1:]], **options)
        data = explorer._repr_mimebundle_()["image/png"]
        return Image.open(io.BytesIO(base64.b64decode(data))).size

    (width, height), (wide, low) = shape(), shape(still_columns=3)
    assert wide > width and low < height


@pytest.mark.parametrize("make", [panel.slider, lambda *a: panel.float_slider(*a, step=1)])
def test_a_slider_outside_its_range_is_refused(make):
    with pytest.raises(ValueError, match="from 1 to 5, not 9"):
        make(9, 1, 5, "top")


# ---------------------------------------------------------------------------------------------------- the gradients


def flow(norms, before=1.0, after=1.0):
    return gradients.GradientFlow(np.array(norms), None, None, before, after)


def test_the_sentence_counts_the_steps_until_a_thousandth_is_left():
    norms = 0.5 ** np.arange(20)[::-1]  # 2**-10 is the first power of a half below a thousandth
    assert "19 steps back, at the first, 1.9·10⁻⁴% of the gradient is left" in gradient_sentence(flow(norms))
    assert "it vanishes (below a thousandth after 10 steps)" in gradient_sentence(flow(norms))
    assert "it explodes (above a thousand times after 10 steps)" in gradient_sentence(flow(1 / norms))
    assert "100% of the gradient is left:" in gradient_sentence(flow(np.ones(20)))


def test_the_sentence_judges_by_the_first_step():
    dips = np.array([0.01, 1e-5, 1.0])
    assert "vanishes" not in gradient_sentence(flow(dips)) and ", 1% of the gradient" in gradient_sentence(flow(dips))
    assert "the gradient is 1.43 times as large: between a tenth" in gradient_sentence(flow([1.43, 1]))
    assert gradient_sentence(flow([5, 1])).startswith("1 step back, ")


def test_the_sentence_says_what_clipping_does():
    assert "gradient: 12, clipped to 1." in gradient_sentence(flow([1, 1], 12.0, 1.0))
    assert "gradient: 0.5, too short to be clipped." in gradient_sentence(flow([1, 1], 0.5, 0.5))


def test_the_gradient_explorer_answers_at_every_end_of_every_control():
    explorer = gradient_explorer()
    for name, values in {
        "length": (2, 3, 200, 40),
        "radius": (0.4, 1.6, 1.0),
        "activation": ("relu", "identity", "tanh"),
        "cell": ("lstm", "rnn"),
    }.items():
        for value in values:
            explorer.controls[name].value = value
            good(explorer)
            wanted = gradients.gradient_flow(**explorer.settings)
            drawn = {line["name"].split(":")[0]: line["y"] for line in explorer.views[0].drawn["lines"]}
            np.testing.assert_allclose(drawn["gradient"], wanted.norms)
            assert ("bound" in drawn) == (explorer.settings["cell"] == "rnn")
            assert explorer.status.text == gradient_sentence(wanted)


def test_radius_and_activation_are_greyed_out_where_they_do_not_apply():
    explorer = gradient_explorer(cell="lstm")
    assert explorer.controls["radius"].disabled
    assert explorer.controls["activation"].disabled
    explorer.controls["cell"].value = "rnn"
    assert not explorer.controls["radius"].disabled
    assert not explorer.controls["activation"].disabled


def test_the_gradient_explorer_runs_a_students_own_step():
    def forgets(x_t, h_prev, W_ih, W_hh, b_ih, b_hh, activation=torch.tanh):
        return rnn_step(x_t, 0.1 * h_prev, W_ih, W_hh, b_ih, b_hh, activation)

    theirs, ours = gradient_explorer(length=20, step=forgets), gradient_explorer(length=20)
    assert "vanishes" in theirs.status.text
    assert "vanishes" not in ours.status.text


def test_a_step_that_fails_later_gets_a_sentence():
    def breaks(x_t, h_prev, W_ih, W_hh, b_ih, b_hh, activation=torch.tanh):
        if activation is not torch.tanh:
            raise TypeError("only tanh")
        return rnn_step(x_t, h_prev, W_ih, W_hh, b_ih, b_hh, activation)

    explorer = gradient_explorer(step=breaks)
    before = explorer.views[0].picture
    explorer.controls["activation"].value = "relu"
    assert explorer.status.failed
    assert "TypeError: only tanh" in explorer.status.text
    assert explorer.views[0].picture is before


@pytest.mark.parametrize("bad", [{"length": 1}, {"radius": 5}, {"cell": "gru"}, {"activation": "sine"}])
def test_the_gradient_explorer_refuses_a_bad_beginning(bad):
    with pytest.raises(ValueError, match=f"{next(iter(bad.values()))}"):
        gradient_explorer(**bad)


# -------------------------------------------------------------------------------------------------------- the words


def test_the_word_explorer_shows_what_the_probe_reads(model, alphabet):
    explorer = word_explorer(model, alphabet)
    for word in ("a", "polska", "ÅLAND", "new-zealand", "x" * 40, *unseen_words()):
        explorer.controls["text"].value = word
        good(explorer)
        wanted = probes.read_word(model, word, alphabet)
        states, bars = explorer.views
        np.testing.assert_allclose(states.drawn["values"][0], wanted.states.T)
        np.testing.assert_allclose(bars.drawn["values"], wanted.probabilities)
        assert states.drawn["columns"] == bars.drawn["steps"] == wanted.letters
        assert states.frame == bars.frame == len(wanted.letters) - 1
        assert explorer.status.text == word_sentence(wanted, words.LANGUAGE_NAMES)


@pytest.mark.parametrize("bad", ["", "   ", "a" * 10_000, "🙂", "한국", "ab\tc?", "Ω"])
def test_bad_text_gets_a_sentence_and_keeps_the_last_good_picture(model, alphabet, bad):
    explorer = word_explorer(model, alphabet, "suomi")
    before = [view.picture for view in explorer.views]
    explorer.controls["text"].value = bad
    assert explorer.status.failed
    assert explorer.status.text.endswith((".", "…"))
    assert "Traceback" not in explorer.status.text
    assert [view.picture for view in explorer.views] == before


def test_the_buttons_offer_words_of_different_languages_that_no_training_word_equals():
    offered = unseen_words()
    known = {word.text: word.language for word in words.load_words("test")}
    assert len({known[word] for word in offered}) == len(offered) == 5
    assert not set(offered) & {word.text for word in words.load_words("train")}


def test_a_button_puts_its_word_into_the_box(model, alphabet):
    explorer = word_explorer(model, alphabet, examples=["suomi"])
    button = next(child for child in explorer.children[0].children if getattr(child, "description", "") == "suomi")
    button.click()
    assert explorer.settings == {"text": "suomi"}
    assert "“suomi”" in explorer.status.text


def test_the_word_explorer_runs_a_students_own_step(model, alphabet):
    def forgets(x_t, h_prev, *weights, **options):
        return rnn_step(x_t, 0 * h_prev, *weights, **options)

    theirs, ours = word_explorer(model, alphabet, step=forgets), word_explorer(model, alphabet)
    assert not np.allclose(theirs.views[1].drawn["values"], ours.views[1].drawn["values"])
    letters = theirs.views[1].drawn["steps"]
    first, again = letters.index("a"), len(letters) - 1 - letters[::-1].index("a")
    np.testing.assert_allclose(*(theirs.views[1].drawn["values"][at] for at in (first, again)))


def test_the_word_sentence_says_since_when():
    reading = probes.WordReading(list("abc"), np.array([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7]]), np.zeros((3, 2)))
    assert word_sentence(reading, ["Czech", "Dutch"]) == "“abc”: the network says Dutch (70%), since letter 2 of 3."
    steady = reading._replace(probabilities=reading.probabilities[1:], letters=list("bc"))
    assert word_sentence(steady, ["Czech", "Dutch"]).endswith("from the first letter on.")


def test_explorers_and_cells_take_turns():
    """A cell's numbers must not hang on whether somebody moves an explorer while it runs."""
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
