import numpy as np
import pytest

from course_utils import figures


def gates(steps=4, units=3):
    return np.random.default_rng(0).uniform(0.2, 0.8, (steps, units))


def test_each_array_gets_a_heatmap_with_time_to_the_right():
    values = {"forget gate": gates(), "cell": 3 * gates() - 4}
    figure = figures.draw_gates(values, list("word"), title="A title")
    maps = [ax for ax in figure.axes if ax.get_label() != "<colorbar>"]
    assert [ax.get_ylabel() for ax in maps] == ["forget gate", "cell"]
    for ax, array in zip(maps, values.values(), strict=True):
        np.testing.assert_allclose(ax.images[0].get_array(), array.T)
    assert [tick.get_text() for tick in maps[-1].get_xticklabels()] == list("word")


def test_gates_share_one_scale_and_the_rest_is_centred_on_zero():
    figure = figures.draw_gates({"gate": gates(), "cell": 5 * gates()}, list("word"))
    gate, cell = (ax.images[0] for ax in figure.axes if ax.images and ax.get_label() != "<colorbar>")
    assert gate.get_clim() == (0, 1)
    low, high = cell.get_clim()
    assert -low == high == pytest.approx((5 * gates()).max())


def test_the_text_alternative_is_made_from_the_numbers():
    values = np.full((3, 2), 0.5)
    values[1] = 0.9
    text = figures.description(figures.draw_gates({"input gate": values}, ["a", "b", "c"]))
    assert "highest, 0.90, at step 2, lowest, 0.50, at step 1." in text


@pytest.mark.parametrize(("values", "words"), [({}, "at least one"), ({"input gate": gates(5)}, "expected 4 rows")])
def test_bad_arrays_are_refused(values, words):
    with pytest.raises(ValueError, match=words):
        figures.draw_gates(values, list("word"))
