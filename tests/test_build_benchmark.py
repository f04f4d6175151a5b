"""The published benchmark: its files are found or asked for, its rows are measured, README shows its table."""

import gzip
from pathlib import Path

import build_benchmark
import pandas as pd
import pytest
from build_benchmark import SIDES, SPLITS, TABLE, TEXTS, find_files, readme_rows

from course_utils.experiments import own_text

README = Path(__file__).parents[1] / "README.md"
WORDS = {"de": ["Eins", "Zwei", "Drei", "Vier"], "en": ["One", "Two", "Three", "Four"]}


def text_of(side, form):
    lines = [f"{a} {b.lower()}." for a in WORDS[side] for b in WORDS[side]]
    return "".join(f"{line}\n" if form == "raw" else f"{line.lower().replace('.', ' .')}\n" for line in lines)


@pytest.fixture(params=["one folder", "packed", "clone"])
def folder(request, tmp_path):
    names = {"raw": "{split}.{side}", "tokens": "{split}.lc.norm.tok.{side}"}
    for form, name in names.items():
        place = tmp_path / {"raw": "data/task1/raw", "tokens": "data/task1/tok"}[form]
        place = place if request.param == "clone" else tmp_path
        place.mkdir(parents=True, exist_ok=True)
        for split in SPLITS:
            for side in SIDES:
                path, content = place / name.format(split=split, side=side), text_of(side, form).encode()
                if request.param == "packed":
                    path, content = path.with_name(f"{path.name}.gz"), gzip.compress(content)
                path.write_bytes(content)
    return tmp_path


@pytest.mark.parametrize("text", TEXTS)
def test_files_are_found_where_the_data_are_published(folder, text):
    files = find_files(folder, text)
    assert list(files) == list(SPLITS)
    assert all((".lc." in path.name) == (text == "tokens") for pair in files.values() for path in pair)
    assert build_benchmark.lines_of(files["train"][1])[0] == {"raw": "One one.", "tokens": "one one ."}[text]


def test_a_folder_without_the_data_is_told_where_they_are(folder, tmp_path, capsys):
    next(path for path in tmp_path.rglob("val.en*")).unlink()
    for wrong, missing in ((folder, "val.en"), (tmp_path / "nothing", "test_2016_flickr.lc*.tok.de")):
        assert build_benchmark.main([str(wrong)]) == 2
        error = capsys.readouterr().err
        assert missing in error and "github.com/multi30k/dataset" in error and "data/task1/tok" in error
        assert len(error.splitlines()) == 1


def test_rows_are_measured_once(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(build_benchmark, "TABLE", tmp_path / "benchmark.tsv")
    monkeypatch.setattr(build_benchmark, "SEEDS", (0,))
    monkeypatch.setitem(TEXTS, "raw", TEXTS["raw"]._replace(options={"subwords": 40}))
    recipes = []

    def quick(data, model):
        recipes.append(model)
        return own_text.Recipe(hidden_size=8, epochs=1, batch_size=8, model=model)

    monkeypatch.setattr(own_text, "recipe_for", quick)
    for _ in range(2):
        assert build_benchmark.main([str(folder), "--threads=1"]) == 0
    table = pd.read_csv(tmp_path / "benchmark.tsv", sep="\t")
    assert recipes == ["attention", "transformer"] * 2
    assert set(zip(table["text"], table["model"], strict=True)) == {(t, m) for t in TEXTS for m in own_text.MODELS}
    assert set(table["signature"].str.extract(r"tok:(\w+)")[0]) == {"none", "13a"}
    assert (table["threads"] == 1).all() and (table["passes"] == 1).all() and (table["parameters"] > 0).all()


def test_a_row_of_readme_is_a_mean_of_seeds():
    row = {
        "text": "tokens", "model": "attention", "passes": 9, "processor_seconds": 1080, "threads": 2,
        "parameters": 3_100_000,
    }  # fmt: skip
    rows = [row | {"seed": seed, "bleu": bleu} for seed, bleu in enumerate((38.0, 38.5, 39.3))]
    table = pd.DataFrame([*rows, row | {"text": "raw", "seed": 0, "bleu": 37.06}])
    assert readme_rows(table) == ["| attention, 9 passes | 38.6 (38.0 to 39.3) | 37.1 | 18 min | 2 | 3.1 M | 3 |"]
    table["parameters"] = [7_600_000] * 3 + [5_200_000]  # words for the tokens, subwords for the raw text
    assert "| 7.6 and 5.2 M | 3 |" in readme_rows(table)[0]


@pytest.mark.skipif(not TABLE.exists(), reason="the table is not measured yet")
def test_readme_shows_the_table():
    rows, text = readme_rows(pd.read_csv(TABLE, sep="\t")), README.read_text(encoding="utf-8")
    assert rows and all(row in text for row in rows), "\n".join(rows)
