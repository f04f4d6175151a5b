import base64
import json
import re
from pathlib import Path

import build_views
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from course_utils.figures import style
from course_utils.messages.browser import TEMPLATES
from course_utils.views import pictures, widgets
from course_utils.views.widgets import (
    BarView,
    HeatmapView,
    LineView,
    PlaneView,
    StatusLine,
    StreamView,
    TreeView,
    pack,
    packed,
)

WIDGET = "application/vnd.jupyter.widget-view+json"
WEIGHTS = np.array([[0.7, 0.2, 0.1], [0.0, 0.1, 0.9]])
WORDS = {"rows": ["I", "read"], "columns": ["책", "+을", "읽어요"]}


def unpack(sent: dict) -> np.ndarray:
    """Decode a packed array as `views.js` does; the browser tests read the same numbers off the screen."""
    if sent["code"] == "float64":
        return np.frombuffer(sent["data"], "<f8")
    if sent["code"] == "float16":
        return np.frombuffer(sent["data"], "<f2").astype(float) * sent["high"]
    bits = np.frombuffer(sent["data"], "<u2").astype(float)
    values = 10 ** (sent["low"] + (bits - 1) / 65533 * (sent["high"] - sent["low"]))
    return np.where(bits == 65535, np.nan, np.where(bits == 0, 0.0, values))


def some(shape, seed=0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


def test_small_arrays_travel_exactly():
    values = some((3, 4, 5)) * 1e-200
    assert (unpack(pack(values)) == values.ravel()).all()


def test_large_arrays_keep_three_significant_digits():
    values = some((60, 60, 60)) * 1e7
    sent = pack(values)
    assert sent["code"] == "float16"
    large = np.abs(values.ravel()) > np.abs(values).max() * 2**-14
    error = np.abs(unpack(sent) - values.ravel())
    assert (error[large] <= 5e-4 * np.abs(values.ravel()[large])).all()
    assert (error[~large] <= np.abs(values).max() * 2**-24).all()


def test_large_arrays_on_a_log_scale_keep_three_significant_digits_over_twenty_decades():
    values = 10.0 ** np.random.default_rng(0).uniform(-15, 5, size=(40, 40, 40))
    values[0, 0, 0] = 0
    sent = pack(values, log=True)
    assert sent["code"] == "log16"
    np.testing.assert_allclose(unpack(sent), values.ravel(), rtol=5e-4)


@pytest.mark.parametrize("log", [False, True])
def test_missing_values_stay_missing_when_packed(log):
    values = np.abs(some((40, 40, 40)))
    values[1, 2, 3], values[3, 2, 1] = np.nan, np.inf
    received = unpack(pack(values, log=log)).reshape(values.shape)
    assert (np.isfinite(received) == np.isfinite(values)).all()


BAD_HEATMAPS = {
    "at least one value": {"values": np.zeros((0, 3))},
    "2 or 3 dimensions": {"values": [1, 2, 3]},
    "array of numbers": {"values": [["a", "b"]]},
    "finite value": {"values": [[np.nan, np.inf]]},
    "at most 62,500 cells": {"values": np.zeros((1000, 1000))},
    "1,000,000 values": {"values": np.zeros((17, 250, 250))},
    "rows: expected 2 labels": {"values": np.eye(2), "rows": ["a"]},
    "columns: expected 2 labels": {"values": np.eye(2), "columns": ["a", "b", "c"]},
    "steps: expected 2 labels": {"values": np.zeros((2, 3, 3)), "steps": ["one"]},
    "zero or more": {"values": -np.eye(2), "log": True},
    "vmin < vmax": {"values": np.eye(2), "vmin": 1, "vmax": 0},
    "position from 0 to 1": {"values": np.eye(2), "outlined": [(0, 2)]},
    "scale: expected one of sequential, diverging": {"values": np.eye(2), "scale": "rainbow"},
    "cursor: expected": {"values": np.zeros((2, 3, 3)), "cursor": "row"},
    "20 milliseconds": {"values": np.eye(2), "interval": 1},
    "height: expected 1 to 10,000 pixels": {"values": np.eye(2), "height": 0},
    "finite vmin < vmax": {"values": [[1e308, -1e308]]},
    "requires grad": {"values": torch.ones(2, 2, requires_grad=True)},
}


BAD_LINES = {
    "increasing": ([2, 1], {"y": [1, 2]}, {}),
    "expected 2 values each": ([1, 2], {"y": [1, 2, 3]}, {}),
    "1 to 7 lines": ([1, 2], {}, {}),
    "names of lines": ([1, 2], {"y": [1, 2]}, {"bands": {"z": ([1, 1], [2, 2])}}),
    "columns: expected 2": ([1, 2], {"y": [1, 2]}, {"columns": ["a"]}),
    "at least one of them positive": ([1, 2], {"y": [0, 0]}, {"log": True}),
    "mark: expected": ([1, 2], {"y": [1, 2]}, {"mark": (1, np.nan, "here")}),
    "y positive on a log axis": ([1, 2], {"y": [1, 2]}, {"mark": (1, 0, "here"), "log": True}),
    "cell_width: expected 1 to 10,000 pixels": ([1, 2], {"y": [1, 2]}, {"cell_width": -3}),
}


QUERY = {"a": (1, 2)}
BAD_OTHERS = [
    (BarView, "zero or more", [[1, -1], "ab"], {}),
    (BarView, "2 labels", [[1, 2], "abc"], {}),
    (HeatmapView, "few: expected a position from 0 to 1", [np.eye(2)], {"few": {2: "c"}}),
    (HeatmapView, "no cursor over rows", [np.eye(2)], {"few": {0: "a"}, "cursor": "row"}),
    (StreamView, "sum is 1", [[[0.5, 0.2]], "ab"], {}),
    (StreamView, "sum is 1", [[[1.5, -0.5]], "ab"], {}),
    (TreeView, "at least one hypothesis", [[]], {}),
    (TreeView, "parents from 0 to 0", [[[(0, "a", -1.0, False)], [(1, "b", -1.0, True)]]], {}),
    (TreeView, "log-probabilities", [[[(0, "a", 1.0, False)]]], {}),
    (StreamView, "2 labels", [[[0.5, 0.5]], "abc"], {}),
    (PlaneView, "at least one", [{}], {}),
    (PlaneView, "two finite numbers for 'a'", [{"a": (1, 2, 3)}], {}),
    (PlaneView, "two finite numbers", [{"a": (1, np.nan)}], {}),
    (PlaneView, "these names only", [QUERY], {"shares": {"b": 0.5}}),
    (PlaneView, "from 0 to 1", [QUERY], {"shares": {"a": 1.5}}),
    (PlaneView, "these names only", [QUERY], {"special": ["b"]}),
    (PlaneView, "these names only", [QUERY], {"points": {"a": (0, 0)}}),
    (PlaneView, "positive reach", [QUERY], {"reach": 0}),
    (PlaneView, "at most 12", [{str(k): (k, k) for k in range(13)}], {}),
]
BAD = [(HeatmapView, said, [options.pop("values")], options) for said, options in BAD_HEATMAPS.items()]
BAD += [(LineView, said, [x, lines], options) for said, (x, lines, options) in BAD_LINES.items()] + BAD_OTHERS


@pytest.mark.parametrize(("view", "expected", "arrays", "settings"), BAD)
def test_a_bad_picture_is_refused_with_what_was_expected(view, expected, arrays, settings):
    with pytest.raises(ValueError, match=expected):
        view(*arrays, **settings)


def test_a_plane_holds_every_arrow_and_point_with_its_share():
    shares = {"shares": {"key 1": 0.25}, "special": ["query"]}
    picture = pictures.plane({"query": (1.0, 0.5), "key 1": (0, 2)}, points={"v1": (1, -1)}, **shares)
    assert [(item["name"], item["kind"], item["share"], item["special"]) for item in picture["items"]] == [
        ("query", "arrow", None, True), ("key 1", "arrow", 0.25, False), ("v1", "point", None, False),
    ]  # fmt: skip
    assert "key 1 at (0.00, 2.00), share 0.25" in picture["alternative"]


def test_the_ends_of_a_scale_fit_the_values_and_say_what_goes_beyond():
    assert pictures.heatmap([[1.0, np.nan], [np.inf, 2.0]])["missing"]
    low, high = (pictures.heatmap(np.full((2, 2), 3.0))[end] for end in ("vmin", "vmax"))
    assert low < 3 < high
    assert pictures.heatmap([[0.0, 1e-3], [0.1, 1]], log=True)["vmin"] == 1e-3
    even = pictures.heatmap([[-1, 5]], scale="diverging")
    assert (even["vmin"], even["vmax"]) == (-5, 5), "even about zero"
    picture = pictures.heatmap([[-7, 0, 3]], vmin=-5, vmax=5)
    assert (picture["below"], picture["above"]) == (True, False)
    log = pictures.heatmap([[0, 1e-3, 9]], log=True, vmax=1)
    assert (log["below"], log["above"]) == (False, True), "zero has no place on a log scale"


def test_a_cursor_walks_over_rows_or_columns_with_their_labels():
    picture = pictures.heatmap(some((2, 5)), columns=list("hallo"), cursor="column")
    assert (picture["step_count"], picture["steps"]) == (5, list("hallo"))


def test_update_keeps_what_is_not_given_and_keeps_the_old_picture_when_refused():
    view = HeatmapView(some((4, 3, 3)), title="kept", frame=3)
    view.update(some((2, 3, 3)))
    assert (view.drawn["title"], view.picture["step_count"], view.picture["start"]) == ("kept", 2, None)
    assert (view.draw().collections[0].get_array() == view.drawn["values"][1]).all()  # the last there is
    before = view.picture
    with pytest.raises(ValueError, match="finite"):
        view.update([[np.nan]])
    assert view.picture is before
    view.update(title="new")
    assert view.drawn["shape"] == [2, 3, 3]


def test_python_may_move_the_slider_even_if_the_browser_moved_it_since():
    view = HeatmapView(some((4, 3, 3)), frame=3)
    assert view.picture["start"] is None
    view.update(frame=3)
    first = view.picture
    view.update(frame=3)
    assert first["start"] == view.picture["start"] == 3
    assert first != view.picture  # otherwise nothing would be sent


def test_the_picture_that_is_sent_holds_the_numbers():
    values = some((2, 3, 4))
    sent = packed(pictures.heatmap(values))
    assert (unpack(sent["values"]).reshape(sent["shape"]) == values).all()
    json.dumps({key: value for key, value in sent.items() if key != "values"})  # nothing but plain data beside


VIEWS = {
    "HeatmapView": lambda: HeatmapView(some((3, 4)), title="states", outlined=[(0, 1)], cursor="column"),
    "LineView": lambda: LineView([1, 2, 3], {"a": [1, 2, 3], "b": [3, 2, 1]}, title="states", mark=(2, 2, "here")),
    "TreeView": lambda: TreeView([[(0, "a", -0.1, False), (0, "b", -2, True)], [(0, "c", -1, True)]], title="states"),
    "StreamView": lambda: StreamView([[0.2, 0.8], [0.6, 0.4]], ["x", "y"], title="states", steps="ab"),
    "BarView": lambda: BarView([[0.2, 0.8], [0.6, 0.4]], ["x", "y"], title="states"),
}


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_brings_a_still_picture_with_an_alternative_and_no_address(name):
    view = VIEWS[name]()
    bundle, _ = view._repr_mimebundle_()
    assert set(bundle) >= {WIDGET, "image/png", "text/html", "text/plain"}
    assert bundle["text/plain"] == view.drawn["alternative"] and "'states'" in bundle["text/plain"]
    assert 'alt="' in bundle["text/html"] and base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    assert repr(view).startswith(name) and "0x" not in repr(view)
    assert plt.get_fignums() == []


def test_sixty_frames_fit_the_limits_of_an_exported_page_and_of_a_stored_notebook():
    view = HeatmapView(some((60, 60, 60)))
    state = view.get_state()
    data = state["picture"].pop("values")["data"]
    assert len(base64.b64encode(data)) + len(json.dumps(state, default=str)) < 700_000
    bundle = widgets.still_bundle([[view]])
    assert sum(map(len, bundle.values())) < 80_000


@pytest.mark.parametrize("name", build_views.BUNDLES)
def test_a_bundle_belongs_to_its_sources_is_small_and_asks_no_network(name):
    bundle = (build_views.VIEWS / name).read_text(encoding="utf-8")
    assert bundle.startswith(build_views.banner()), "run `make views`, and commit what it writes"
    assert len(bundle.encode()) < 150_000
    assert not re.findall(r"\b(?:fetch|import|XMLHttpRequest|WebSocket|EventSource|sendBeacon|Worker)\(", bundle)
    named = set(re.findall(r"https?://[\w.]+", bundle)) - {"https://d3js.org"}  # in d3's licence
    assert named <= {"http://www.w3.org"}  # namespaces, which nothing loads


def test_the_bundle_travels_once_however_many_views_there_are():
    first, second = (BarView([1, 2], ["a", "b"]).get_state() for _ in range(2))
    assert first["library"] == second["library"] and len(first["_esm"]) < 1000
    library = widgets.Library.of_this_kernel()
    assert library.model_id == first["library"] and library.code == (build_views.VIEWS / "views.js").read_text(
        encoding="utf-8"
    )
    library.close()
    assert BarView([1], ["a"]).library != first["library"], "closed by someone: made again"


def test_the_script_has_neither_colours_nor_texts_of_its_own():
    sources = Path(widgets.__file__).with_name("src")
    script = "".join(path.read_text(encoding="utf-8") for path in sources.rglob("*.js"))
    assert set(re.findall(r'say\("(\w+)"', script)) <= set(TEMPLATES) <= set(re.findall(r'"(\w+)"', script))
    assert not [text for text in TEMPLATES.values() if " " in text and text in script]
    assert not {*map(str.lower, style.PALETTE), style.GOLD.lower()} & set(re.findall(r"#[0-9a-f]{6}", script.lower()))
    assert all(colour in sent for colour, sent in zip(style.PALETTE, StatusLine().look["lines"], strict=True))
    assert repr(StatusLine(text="All is well.")) == "StatusLine('All is well.')", "no address"
