"""JupyterLab's messages as parallel text."""

import json

import pytest

from course_utils.datasets.interface import interface_messages
from course_utils.datasets.parallel import Row
from course_utils.messages import Refusal


def test_messages_are_pairs_in_the_order_of_the_catalogues(tmp_path):
    catalogues = {
        "b.json": {"": {"language": "ko-KR"}, "Delete": "삭제", "Not yet": "", "Two\nlines": "두\n줄"},
        "a.json": {"": {}, "Notebook\x04Cut": ["잘라내기", "잘라내기들"], "%1 file": ["%1 파일"]},
    }
    for name, catalogue in catalogues.items():
        (tmp_path / name).write_text(json.dumps(catalogue, ensure_ascii=False), encoding="utf-8")
    (tmp_path / "c.mo").write_bytes(b"no catalogue of text")
    assert interface_messages(folder=tmp_path) == [
        Row("잘라내기", "Cut"), Row("%1 파일", "%1 file"), Row("삭제", "Delete"), Row("두 줄", "Two lines"),
    ]  # fmt: skip


@pytest.mark.parametrize("content", ["{", "[1]", '{"a": 3}', '{"a": [4]}', '"text"'])
def test_a_file_that_is_no_catalogue_is_named(tmp_path, content):
    (tmp_path / "bad.json").write_text(content)
    with pytest.raises(ValueError, match=r"bad\.json: expected a catalogue of messages"):
        interface_messages(folder=tmp_path)


def test_a_pack_that_is_not_installed_is_refused_in_a_sentence():
    with pytest.raises(Refusal, match="xx-XX is not installed: pip install jupyterlab-language-pack-xx-XX"):
        interface_messages("xx-XX")


def test_the_published_pack_has_as_many_messages_as_the_lesson_needs():
    pytest.importorskip("jupyterlab_language_pack_ko_KR")
    rows = interface_messages("ko-KR")
    assert len(rows) > 2_000 and all(side and side == " ".join(side.split()) for row in rows for side in row)
