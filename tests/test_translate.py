"""The command line: a text is trained on, scored and translated by the commands that README shows."""

import io
import sys

import pytest

from course_utils import translate

NAMES = ["하나", "둘", "셋", "넷", "다섯"]
WORDS = ["one", "two", "three", "four", "five"]


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    path = tmp_path_factory.mktemp("own") / "own.tsv"
    rows = [(f"{WORDS[a]} {WORDS[b]}.", f"{NAMES[b]} {NAMES[a]}.") for a in range(5) for b in range(5)]
    path.write_text("".join("\t".join(row) + "\n" for row in [*rows, rows[0], ("", "x")]), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def folder(own, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved") / "mine"
    held_out = [f"--{split}={own}" for split in ("valid", "test")]
    command = ["train", str(own), f"--to={folder}", "--subwords=60", "--epochs=30", "--hidden-size=32", *held_out]
    assert translate.main([*command, "--source-language=english", "--target-language=korean", "--threads=1"]) == 0
    return folder


def test_training_saves_a_folder_and_leaves_no_other_file(folder):
    assert [path.name for path in folder.parent.iterdir()] == ["mine"]


def test_a_saved_translator_is_scored_and_tells_what_was_left_out(folder, own, capsys):
    assert translate.main(["score", str(folder), str(own)]) == 0
    out, err = capsys.readouterr()
    assert "27 pairs read, 26 kept" in err and "1 left out: a side is blank" in err
    assert "BLEU" in out and "chrF" in out and "tok:13a" in out


def test_lines_are_translated_one_by_one(folder, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("one two.\n\nfive four.\n"))
    assert translate.main(["translate", str(folder)]) == 0
    typed = capsys.readouterr().out
    (tmp_path / "lines.txt").write_text("one two.\n\nfive four.\n", encoding="utf-8")
    assert translate.main(["translate", str(folder), str(tmp_path / "lines.txt"), "--width=1"]) == 0
    assert typed.splitlines()[1] == "" and typed.splitlines()[0].endswith(".")
    assert len(capsys.readouterr().out.splitlines()) == 3


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["train", "no such file", "--to=x"], "no such file"),
        (["translate", "no such folder"], "no translator is saved here"),
        (["train", "OWN", "--to=x", "--valid=0.9", "--test=0.9"], "shares between 0 and 1"),
        (["train", "OWN", "--to=x", "--source-language=korean"], "said to be korean"),
        (["train", "OWN", "--to=x", "--max-rows=10"], "more than 10 pairs"),
        (["score", "no such folder", "OWN", "--device=cuda:9"], "no device 'cuda:9'"),
    ],
)
def test_bad_input_is_told_in_one_line(command, message, own, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert translate.main([str(own) if part == "OWN" else part for part in command]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ") and message in error and "Traceback" not in error
    assert list(tmp_path.iterdir()) == []


def test_the_help_explains_every_option(capsys):
    for command in ("train", "score", "translate"):
        with pytest.raises(SystemExit):
            translate.main([command, "--help"])
        options = capsys.readouterr().out.split("options:")[1].split("\n  -")[1:]
        assert len(options) > 3
        assert all(len(option.split()) > 3 for option in options), options  # the option, its value, and what it is
