"""The policy that exported pages carry: which scripts of a page may run, and where it is refused."""

import pytest
from content_policy import hashes, with_policy

PAGE = """<html><head><meta charset="utf-8" /><script src="beside.js"></script></head><body>
<script>alert('Hello, world.');</script>
<script type="application/json">{"data": 1}</script></body></html>"""
# The example of the specification, Content Security Policy Level 3, section 8.4.
HELLO = "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"


def test_a_script_that_the_page_holds_has_its_hash_and_data_have_none():
    assert hashes(PAGE) == [HELLO]


def test_the_policy_follows_the_charset_and_forbids_what_it_does_not_name():
    page = with_policy(PAGE)
    assert page.index("utf-8") < page.index("Content-Security-Policy") < page.index("beside.js")
    policy = page.partition('content="')[2].partition('"')[0].split("; ")
    assert policy[0] == "default-src 'none'" and f"script-src 'self' file: {HELLO}" in policy
    assert "http" not in page.partition('content="')[2].partition('"')[0]


def test_only_a_page_with_widgets_may_evaluate_text():
    state = '<script type="application/vnd.jupyter.widget-state+json">{}</script>'
    assert "unsafe-eval" not in with_policy(PAGE)
    assert f"{HELLO} blob: 'unsafe-eval'" in with_policy(PAGE + state)


def test_a_window_that_the_page_writes_runs_its_own_scripts():
    assert HELLO in with_policy('<meta charset="utf-8">', PAGE)


def test_a_page_without_a_charset_is_refused():
    with pytest.raises(ValueError, match="charset"):
        with_policy("<html><head></head></html>")
