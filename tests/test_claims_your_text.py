"""Lesson 6's claims refuse numbers that do not prove them."""

import math
from collections import Counter
from functools import partial
from types import SimpleNamespace

import pandas as pd
from claims import check_claim, claim_fails, run_cells

from course_utils.datasets.cleaning import Report
from course_utils.datasets.text import Pair
from course_utils.messages.labels import label

LESSON = "06_your_text"
check = partial(check_claim, LESSON)


def split(*texts):
    return [Pair(list(text), ["."]) for text in texts]


def test_reading_holds_for_the_text_that_the_lesson_writes():
    names = run_cells(LESSON, "setup", "write-files", "read-files")
    assert not claim_fails(LESSON, "claim-reading", names)
    lax = run_cells(LESSON, "setup", "write-files", "read-files", changed={
        "read-files": ("subwords=1_000, device", "max_ratio=None, subwords=1_000, device"),
    })  # fmt: skip
    assert claim_fails(LESSON, "claim-reading", lax), "unequal pairs kept"


def test_reading_refuses_a_report_that_misses_something():
    texts = ["".join(chr(0x4E00 + 10 * at + n) for n in range(10)) for at in range(210)]
    course = SimpleNamespace(train=split(*texts) * 8, valid=split("ab") * 210, test=split("cd") * 210)
    planted = {"blank": [1, 2, 3], "duplicate": [1]}
    right = {
        "planted": planted, "course": course,
        "report": Report(kept=2_100, cleaned=5, left_out=Counter(blank=3, duplicate=1)),
    }  # fmt: skip
    leaking = SimpleNamespace(train=course.train, valid=course.valid, test=split(texts[0]) * 210)
    check("claim-reading", right, {
        "one blank row kept": {"report": Report(kept=2_100, cleaned=5, left_out=Counter(blank=2, duplicate=1))},
        "another reason": {"report": Report(kept=2_100, cleaned=5, left_out=Counter(too_long=3, duplicate=1))},
        "nothing cleaned": {"report": Report(kept=2_100, cleaned=0, left_out=Counter(blank=3, duplicate=1))},
        "good rows lost": {"report": Report(kept=2_000, cleaned=5, left_out=Counter(blank=3, duplicate=1))},
        "a test sentence in training": {"course": leaking},
    })  # fmt: skip


def test_leak_refuses_a_split_that_leaks_or_a_gain_that_is_none():
    real = SimpleNamespace(train=split("ab", "cd"), test=split("ef"))
    gains, shares = [[2.4, 1.7, 3.0, 2.2, 3.5], [-0.1, 1.2, -0.4, -1.1, 0.0]], [[0.17, 0.23], [0.06, 0.1]]
    right = {"pack": True, "leaked": shares, "gains": gains, "real": real}
    check("claim-leak", right, {
        "nothing leaks in one split": {"leaked": [[0.17, 0.0], shares[1]]},
        "whole sources leak": {"real": SimpleNamespace(train=split("ab", "cd"), test=split("cd"))},
        "no gain in one split": {"gains": [[2.4, 1.7, 3.0, -0.2, 3.5], gains[1]]},
        "hardly any gain": {"gains": [[0.1] * 5, [0.0] * 5]},
        "the same gain with each row once": {"gains": [gains[0], gains[0]]},
        "not a number": {"gains": [[math.nan] * 5, gains[1]]},
    })  # fmt: skip
    rest = {"pack": False, "leaked": [[0.0], [0.0]], "gains": [[0.0] * 5] * 2}
    assert not claim_fails(LESSON, "claim-leak", right | rest), "another text in the messages' place proves nothing"


def test_portrait_refuses_texts_that_are_alike():
    late = {"the course": 0.07, "messages": 0.22}
    check("claim-portrait", {"pack": True, "once": [0.23, 0.55], "unseen": [0.03, 0.13], "late": late}, {
        "few words occur once": {"once": [0.1, 0.3]},
        "as many as in the course": {"once": [0.5, 0.55]},
        "every word was seen": {"unseen": [0.0, 0.0]},
        "of the course, neither": {"unseen": [0.12, 0.13]},
        "the vocabulary is complete": {"late": late | {"messages": 0.07}},
    })  # fmt: skip


def test_subwords_refuses_pieces_that_lose_something():
    def long_runs(words, pieces):
        rows = {"words": words, "1,000 pieces": pieces, "600 pieces": [42.0, 43.0]}
        return {"whole": {name: pd.DataFrame({"chrf_lower": scores}) for name, scores in rows.items()}}

    def runs(words, pieces):
        return {
            "kinds": {
                "words": pd.DataFrame({"bleu": words, "chrf_lower": [41.0, 42.0]}),
                "pieces": pd.DataFrame({"bleu": pieces, "chrf_lower": [39.0, 40.0]}),
            }
        }

    right = {"pack": True, "gain": -1.8, "back": {"pieces": 1.0, "words": 0.44},
             "unknown": {"pieces": 0.017, "words": 0.13}} | long_runs([39.0, 40.5], [44.0, 45.5])  # fmt: skip
    check("claim-subwords", right | runs([9.0, 10.0], [14.0, 17.0]), {
        "a text does not come back": {"back": {"pieces": 0.99, "words": 0.44}},
        "words lose nothing either": {"back": {"pieces": 1.0, "words": 1.0}},
        "pieces are unknown, too": {"unknown": {"pieces": 0.12, "words": 0.13}},
        "one seed of words is ahead": runs([9.0, 15.0], [14.0, 17.0]),
        "pieces are ahead without case, too": {"gain": 2.5},
        "a long run of words is ahead": long_runs([39.0, 44.5], [44.0, 45.5]),
        "not a number": {"gain": math.nan},
    })  # fmt: skip


def test_best_weights_refuses_the_last_ones_and_texts_alike():
    def given(course=-0.8, messages=-3.3, gaps=(0.4, 2.3), seen=0.0):
        scores = {"course": course, "real": messages}
        histories = {
            "the course": SimpleNamespace(metric=[(1, -3.0), (2, course)]),
            "messages": SimpleNamespace(metric=[(1, -5.0), (2, messages + seen)]),
        }
        return {
            "pack": True, "histories": histories, "gaps": dict(zip(("the course", "messages"), gaps, strict=True)),
            "translation": SimpleNamespace(valid_score=lambda data: lambda model: scores[data]),
            "course": "course", "real": "real", "course_translator": SimpleNamespace(model=None),
            "real_translator": SimpleNamespace(model=None),
        }  # fmt: skip

    check("claim-training", given(), {
        "worse weights are kept": given(seen=0.2),
        "no gap on the messages": given(gaps=(0.4, 0.5)),
        "the course is overfitted as much": given(gaps=(2.3, 2.3)),
        "not a number": given(messages=math.nan),
    })  # fmt: skip


def test_baselines_refuses_scores_that_say_otherwise():
    def score(bleu, low, high, chrf):
        return SimpleNamespace(bleu=bleu, low=low, high=high, chrf=chrf)

    course = {"translator": score(53, 48, 57, 69), "nearest": score(22, 19, 26, 43), "copy": score(0.1, 0, 0.2, 1)}
    real = {"translator": score(16, 9, 22, 38), "nearest": score(22, 16, 28, 40), "copy": score(7, 2, 12, 4)}

    def given(of_course=None, of_real=None):
        return {"pack": True, "scores": {"the course": course | (of_course or {}), "messages": real | (of_real or {})}}

    check("claim-baselines", given(), {
        "the course is not learned": given(of_course={"translator": score(25, 21, 29, 45)}),
        "the messages are": given(of_real={"translator": score(50, 45, 55, 70)}),
        "far above the lookup": given(of_real={"translator": score(35, 30, 40, 60)}),
        "worse than nothing": given(of_real={"translator": score(5, 1, 9, 6)}),
        "an interval of nothing": given(of_real={"translator": score(16, 15.9, 16.1, 38)}),
        "not a number": given(of_real={"translator": score(math.nan, 9, 22, 38)}),
    })  # fmt: skip


def test_looks_refuses_an_attention_that_nobody_needs():
    kinds = ("as_trained", "permuted_together", "values_permuted", "uniform", "other_memory")
    names = [label("intervention", kind) for kind in kinds]

    def given(*messages, course=(100, 100, 1, 0, 0)):
        rows = {
            "the course": dict(zip(names, course, strict=True)),
            "messages": dict(zip(names, messages, strict=True)),
        }
        return {"changed": rows, "same": list(messages), "label": label}

    check("claim-looks", given(100, 100, 26, 31, 5), {
        "the order of the memory matters": given(100, 60, 26, 31, 5),
        "uniform weights do as well": given(100, 100, 26, 90, 5),
        "another memory does as well": given(100, 100, 26, 31, 80),
        "on the course, too": given(100, 100, 26, 31, 5, course=(100, 100, 70, 70, 70)),
    })  # fmt: skip


def test_saved_refuses_a_folder_that_is_not_the_same():
    said = {"damaged": "my_translator: the saved translator is damaged", "foreign": "my_translator: another program"}
    check("claim-saved", {"equal": True, "recipe": 1, "kept_recipe": 1, "said": said}, {
        "other translations": {"equal": False},
        "another recipe": {"kept_recipe": 2},
        "a damaged folder is loaded": {"said": said | {"damaged": ""}},
        "a foreign folder is loaded": {"said": said | {"foreign": ""}},
        "refused without a reason": {"said": said | {"damaged": "my_translator: wrong"}},
    })  # fmt: skip
