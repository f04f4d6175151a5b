import base64
import io
from xml.etree import ElementTree

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from course_utils import figures
from course_utils.figures import style


def luminance(colour):
    def linear(c):
        return c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4

    r, g, b = (linear(c) for c in mpl.colors.to_rgb(colour))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def test_a_bundle_carries_the_picture_and_its_alternative():
    ax = style.new_axes()
    ax.plot([1, 2])
    figures.describe(ax, 'a line\n   that "rises"')
    bundle = figures.bundle(ax)
    assert bundle["text/plain"] == 'a line that "rises"'
    assert 'alt="a line that &quot;rises&quot;"' in bundle["text/html"]
    assert 'src="data:image/svg+xml,' in bundle["text/html"] and bundle["text/html"].count('"') == 8
    picture = Image.open(io.BytesIO(base64.b64decode(bundle["image/png"])))
    assert picture.size == (400, 200) and 'width="800"' in bundle["text/html"]


def heading(drawn):
    return style.svg(figures.describe(drawn, "x")).partition(">")[0]


def test_a_vector_picture_is_small_and_the_same_each_time():
    def drawn():
        return figures.draw_attention(np.eye(30), list("ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊ") * 3, ["그리고"] * 30, [(1, 1)])

    one = style.svg(drawn())
    assert one == style.svg(drawn()) and "<image" in one and "date" not in one.lower()
    assert len(one) < 120_000, "900 cells are one picture inside"
    ElementTree.fromstring(one)
    assert len(ElementTree.fromstring(one).findall(".//{*}text")) == 0, "letters are outlines: no reader lacks the font"


def test_a_picture_says_how_high_its_smallest_text_is_in_both_forms():
    ax = figures.draw_curves([1, 2], {"a": [1, 2]}, title="T")
    assert 'data-smallest-text="18.06"' in heading(ax)
    assert Image.open(io.BytesIO(style.png(ax))).text[style.TEXT_HEIGHT] == "18.06"


def test_the_palette_of_dark_pages_is_in_the_vector_picture():
    text = style.svg(figures.draw_curves([1, 2], {"a": [1, 2]}))
    for light, dark in style.ON_DARK.items():
        assert f"stroke: {light.lower()}" in text and dark in text


def test_every_axes_of_a_figure_must_be_described_and_colour_bars_need_not_be():
    figure, (left, right) = plt.subplots(1, 2)
    figures.describe(left, "one.")
    with pytest.raises(ValueError, match="text alternative"):
        figures.description(figure)
    figures.describe(right, "two.")
    figure.colorbar(right.imshow([[1, 2]]), ax=right)
    assert figures.description(figure) == "one. two."


def test_hangul_is_drawn_and_a_missing_glyph_fails():
    # A missing glyph is a warning, and warnings of that kind are errors in this project's tests.
    ax = figures.describe(style.new_axes(), "title only")
    ax.set_title("기울기 소실: the gradient vanishes")
    assert style.png(ax)
    ax.set_title("\u1200")
    with pytest.raises(UserWarning, match="Glyph"):
        style.png(ax)


def test_show_displays_once_and_closes(monkeypatch):
    seen = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: seen.append(data))
    ax = style.new_axes()
    figures.show(figures.describe(ax, "empty"))
    assert len(seen) == 1 and not plt.get_fignums()


def test_palette_stands_out_from_white():
    # WCAG asks for 3 : 1 for lines that carry meaning; the two lightest colours are for areas only.
    contrast = [1.05 / (luminance(colour) + 0.05) for colour in style.PALETTE]
    assert sum(value >= 3 for value in contrast) >= 5


def test_dollar_signs_are_no_mathematics_and_the_powers_of_a_log_axis_are():
    texts = {"title": r"$5 and $6 \frac{1", "xlabel": "5 $ $", "ylabel": "$x_1$"}
    ax = figures.draw_curves([1, 2, 3], {r"$\alpha$": [1e-4, 1e-2, 1]}, log_y=True, **texts)
    figures.describe(ax, "a curve")
    assert style.png(ax)
    shown = {
        text.get_text(): text.get_parse_math() for text in ax.figure.findobj(mpl.text.Text) if "$" in text.get_text()
    }
    assert {text: parsed for text, parsed in shown.items() if "mathdefault" not in text} == dict.fromkeys(
        [*texts.values()], False
    )
    assert any(shown.values()), "10⁻⁴ is still set as a power"
