"""The command that tries every claim with new seeds."""

import nbformat
import pytest
import torch

from tools import seeds


@pytest.fixture
def torch_restored(monkeypatch):
    """Undo what `shift_seeds` replaces."""
    monkeypatch.setattr(torch, "manual_seed", torch.manual_seed)
    monkeypatch.setattr(torch, "Generator", torch.Generator)


def test_a_shift_moves_the_global_seed_and_every_generator(torch_restored):
    torch.manual_seed(1007)
    expected = torch.rand(3)
    expected_alone = torch.rand(3, generator=torch.Generator().manual_seed(1002))
    seeds.shift_seeds(1000)
    torch.manual_seed(7)
    assert torch.equal(torch.rand(3), expected)
    assert torch.equal(torch.rand(3, generator=torch.Generator().manual_seed(2)), expected_alone)


def test_every_assertion_is_tried_also_after_one_that_fails():
    entries = seeds.try_assertions("half = x / 2\nassert half > 1, 'text'\nassert 0 < x < 3\n", {"x": 1.0})
    assert [entry["passed"] for entry in entries] == [False, True]
    assert [entry["values"] for entry in entries] == [{"half": 0.5}, {"x": 1.0}]


def test_an_assertion_that_raises_and_a_loop_that_asserts_count_as_failed():
    entries = seeds.try_assertions("for v in values:\n    assert v > 0\nassert missing > 1\n", {"values": [1, -1]})
    assert [entry["passed"] for entry in entries] == [False, False]
    assert "AssertionError" in entries[0]["assertion"] and "NameError" in entries[1]["assertion"]


def test_a_comparison_of_nan_fails():
    assert not seeds.try_assertions("assert error < 1", {"error": float("nan")})[0]["passed"]


def test_what_is_no_number_is_left_out_of_the_spread():
    entries = seeds.try_assertions("assert set(a) == {1} and max(a) < 2", {"a": [1, 1]})
    assert entries == [{"assertion": "set(a) == {1} and max(a) < 2", "passed": True, "values": {"max(a)": 1.0}}]


def test_a_name_of_a_comprehension_that_is_another_thing_outside_fails_nothing():
    names = {"bleu": {"none": 76.0}, "name": "a lesson's own"}
    entries = seeds.try_assertions("assert all(bleu[name] > 70 for name in ['none'])", names)
    assert [(entry["passed"], entry["values"]) for entry in entries] == [(True, {})]


def test_only_claim_cells_are_measured_and_the_seeds_are_shifted_first():
    claim = nbformat.v4.new_code_cell("assert x == '1'", metadata={"tags": ["claim"], "claim": "order"})
    other = nbformat.v4.new_code_cell("x = '1'")
    notebook = seeds.with_measurements(nbformat.v4.new_notebook(cells=[other, claim]), 3000)
    first, unchanged, measured = notebook.cells
    assert "shift_seeds(3000)" in first.source and unchanged.source == "x = '1'"
    assert repr("assert x == '1'") in measured.source


def test_the_table_counts_passes_and_gives_the_spread():
    runs = [
        {"claims": {"scaling": [{"assertion": "a > 1", "passed": value > 1, "values": {"a": value}}]}, "errors": []}
        for value in (0.5, 2.0, 4.0)
    ]
    assert seeds.summary("04_attention", runs, "2026-11-27") == [
        {
            "lesson": "04_attention", "claim": "scaling", "assertion": "a > 1", "passed": 2, "tried": 3,
            "lowest": "0.5", "median": "2", "highest": "4", "date": "2026-11-27",
        }
    ]  # fmt: skip


def test_a_run_is_stored_and_done_again_when_the_lesson_changes(tmp_path, monkeypatch):
    monkeypatch.setattr(seeds, "RUNS", tmp_path / "runs")
    path = tmp_path / "99_small.ipynb"

    def write(number: int) -> None:
        cells = [
            nbformat.v4.new_code_cell(f"import torch\ntorch.manual_seed(0)\nx = torch.initial_seed() + {number}"),
            nbformat.v4.new_code_cell("assert x > 5", metadata={"tags": ["claim"], "claim": "seed"}),
        ]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), path)

    write(0)
    found = seeds.run(path, 2)
    assert found == {
        "claims": {"seed": [{"assertion": "x > 5", "passed": True, "values": {"x": 2000.0}}]},
        "errors": [],
    }
    monkeypatch.setattr(seeds, "NotebookClient", None)
    assert seeds.run(path, 2) == found
    write(1)
    with pytest.raises(TypeError):
        seeds.run(path, 2)
