"""What a student reads, whatever they hand in; what an autograder gets; and that nothing of ours leaks out."""

import contextlib
import dataclasses
import io
import linecache
import os
import re
import subprocess
import sys
import threading
import time
import types
from pathlib import Path

import nbformat
import pytest
import torch
from mutants.lstm import by_definition
from nbclient import NotebookClient

from course_utils.exercises import checks, solutions
from course_utils.exercises.comparing import alike, difference
from course_utils.exercises.containing import in_time
from course_utils.exercises.running import call, wants_values
from course_utils.messages import Refusal

EXERCISE = checks.cell_parts


def said(function, capsys) -> str:
    EXERCISE(function)
    return capsys.readouterr().out


def written(source: str, name: str = "answer"):
    """Return a function as a notebook cell would define it, with its lines where tracebacks look for them."""
    linecache.cache["cell_7"] = (len(source), None, source.splitlines(keepends=True), "cell_7")
    names = {"torch": torch}
    exec(compile(source, "cell_7", "exec"), names)
    return names[name]


def test_solved_comes_with_the_lessons_progress(capsys):
    assert said(by_definition, capsys) == "cell_parts: solved. Lesson 2: 1 of 4 exercises solved.\n"
    checks.forget_bias(solutions.SOLUTIONS["forget_bias"])
    assert capsys.readouterr().out.endswith("Lesson 2: 2 of 4 exercises solved.\n")
    said(lambda i, f, g: i, capsys)
    assert checks.progress(2) == "Lesson 2: 1 of 4 exercises solved."


def test_a_strict_check_raises_the_sentence_that_is_printed(capsys):
    def wrong(i, f, g):
        return i * g

    printed = said(wrong, capsys)
    with pytest.raises(checks.CheckFailed) as raised:
        EXERCISE(wrong, strict=True)
    assert printed == f"{raised.value}\n" and isinstance(raised.value, AssertionError)
    EXERCISE(by_definition, strict=True)


def test_the_sentence_says_what_was_expected_what_came_and_where_first(capsys):
    text = said(lambda i, f, g: i * g, capsys)
    assert text.startswith("cell_parts: not right yet. On T = 4, B = 2, H = 3, float64, `parts[0, 0, 0]` (step 0, ")
    assert "should be" in text and "but is" in text and "\nIt looks as if nothing is forgotten" in text


def test_a_students_exception_is_shown_with_their_line_and_without_ours(capsys):
    source = "def answer(i, f, g):\n    kept = torch.ones(5)\n    return i * g * kept\n"
    text = said(written(source), capsys)
    assert "your function raised RuntimeError (The size of tensor" in text
    assert text.endswith("in line 3: return i * g * kept\n") and "Traceback" not in text and "running.py" not in text


def test_an_exception_in_a_function_that_the_student_calls_names_the_students_line(capsys):
    source = "def helper(x):\n    return x[99]\n\ndef answer(i, f, g):\n    return helper(i)\n"
    assert "raised IndexError" in said(written(source), capsys) and "in line 2" in said(written(source), capsys)
    source = "def answer(i, f, g):\n    return torch.cat([i, f], dim=9)\n"
    assert said(written(source), capsys).endswith("in line 2: return torch.cat([i, f], dim=9)\n")


def test_only_the_stubs_own_not_implemented_counts_as_not_attempted(capsys):
    assert said(written("def answer(i, f, g):\n    raise NotImplementedError\n"), capsys).endswith(
        "not attempted yet\n"
    )

    def fails_in_torch(i, f, g):
        return torch.nn.Module()(i)

    assert "your function raised NotImplementedError" in said(fails_in_torch, capsys)


@pytest.mark.parametrize("answer", [3, None, torch.ones(2), "cell_parts"])
def test_what_is_no_function_is_asked_for(answer, capsys):
    assert "without brackets" in said(answer, capsys)


def test_a_wrong_number_of_arguments_is_said_before_anything_runs(capsys):
    assert "must take 3 arguments: i, f, g" in said(lambda i, f: i, capsys)
    assert "must take 3 arguments: i, f, g" in said(lambda i, f, g, h: i, capsys)
    assert "solved" in said(lambda i, f, g, spare=None: by_definition(i, f, g), capsys)


def test_exit_does_not_end_the_kernel(capsys):
    def leaves(i, f, g):
        raise SystemExit("bye")

    assert "your function raised SystemExit (bye)" in said(leaves, capsys)


def test_a_function_that_returns_nothing_is_asked_for_a_return(capsys):
    assert "returned None: is there a `return`?\n" in said(lambda i, f, g: None, capsys)


def test_what_the_function_printed_on_the_input_that_is_reported_is_shown_up_to_ten_lines(capsys):
    def talks(i, f, g):
        print("parts", tuple(i.shape))
        return i * g if i.shape[1] == 1 else by_definition(i, f, g)

    text = said(talks, capsys)
    assert text.endswith("\nYour function printed:\n  parts (4, 1, 3)\n") and text.count("parts (") == 1

    def floods(i, f, g):
        while True:
            print("on and on")

    text = said(floods, capsys)
    assert "did not come back" in text and text.count("on and on") == 10 and text.endswith("  …\n")
    before = sys.stdout
    assert said(lambda i, f, g: print("quiet") or by_definition(i, f, g), capsys).startswith("cell_parts: solved.")
    assert sys.stdout is before


def test_a_mistake_is_named_only_where_whole_numbers_cannot_agree_by_accident():
    full, padded = checks.pad_batch, solutions.SOLUTIONS["pad_batch"]
    few = dataclasses.replace(full, cases=lambda device: full.cases(device)[2:3])  # one sentence: one wrong length

    def words_only(sentences, device):
        x, lengths, mask = padded(sentences, device)
        return x, lengths - 2, mask

    for exercise, named in ((full, True), (few, False)):
        text = exercise.verdict(words_only).text
        assert "`lengths" in text and ("\nIt looks as if the lengths count words only" in text) == named
    right = solutions.SOLUTIONS["longest_lag"]
    assert "It looks as if" not in checks.longest_lag.verdict(lambda *args: max(right(*args), 0)).text


def test_the_titles_of_cases_are_true_and_the_toy_model_names_what_lost_its_axis():
    (gradients, limit) = next(c for c in checks.clip_gradients.cases("cpu") if "only both together" in c.about).args
    assert all(g.norm() < limit for g in gradients) and torch.cat(gradients).norm() > limit
    step, state, _ = checks.greedy_batch.cases("cpu")[0].args
    with pytest.raises(Refusal, match=r"one row of state per sentence, \(b, 3\), not \(3,\)"):
        step(torch.tensor(1), state[0])


def test_randomness_and_memory_are_recognised(capsys):
    kept = []

    def remembers(i, f, g):
        kept.append(1)
        return by_definition(i, f, g) * (1 if len(kept) < 5 else 2)

    assert "two calls with equal arguments" in said(remembers, capsys)
    assert "two calls with equal arguments" in said(lambda i, f, g: torch.rand_like(i), capsys)
    seeded = torch.get_rng_state()
    EXERCISE(by_definition)
    assert torch.equal(seeded, torch.get_rng_state()), "a check draws nothing from the student's generator"


def test_an_endless_loop_is_stopped():
    def without_end():
        while True:
            pass

    before = threading.active_count()
    assert not in_time(without_end, 0.2)
    for _ in range(100):
        if threading.active_count() == before:
            return
        threading.Event().wait(0.05)
    raise AssertionError("the thread goes on")


def test_time_in_which_others_had_the_processor_is_not_held_against_an_answer():
    assert in_time(lambda: time.sleep(0.3), 0.1)
    began = time.monotonic()
    assert not in_time(lambda: time.sleep(5), 0.1)
    assert time.monotonic() - began < 2.5, "what only waits is not waited for much longer"


def test_a_call_that_cannot_be_stopped_is_not_waited_for():
    release, threads = threading.Event(), threading.active_count()

    def sleeps(i, f, g):
        release.wait(60)

    page = io.StringIO()
    with contextlib.redirect_stdout(page):
        EXERCISE(sleeps)
    assert "did not come back within 1.5 s. Does every loop end?" in page.getvalue()
    before = sys.stdout
    release.set()
    for _ in range(100):
        if threading.active_count() <= threads:
            break
        threading.Event().wait(0.05)
    assert sys.stdout is before, "a call that comes back late turns the output to where it was when it began"


def test_arguments_are_compared_before_and_after():
    numbers = torch.ones(2)
    assert call(lambda x: x.add_(1), (numbers,)).changed == 0
    assert call(lambda n, parts: parts[0].append(1), (1, [[2]])).changed == 1
    assert call(lambda x: x + 1, (numbers,)).changed is None and torch.equal(numbers, torch.ones(2))


def test_tensors_without_values_can_be_handed_over_and_whoever_must_read_them_is_not_blamed():
    ids = torch.ones(3, 2, dtype=torch.int64, device="meta")
    outcome = call(lambda x: x != 0, (ids,))
    assert outcome.error is None and outcome.changed is None and outcome.value.is_meta
    for reads in (lambda x: x.tolist(), lambda x: x.cpu(), lambda x: x.max().item(), lambda x: x[x != 0], torch.any):
        outcome = call(lambda x, reads=reads: bool(torch.as_tensor(reads(x)).any()), (ids,))
        assert wants_values(outcome.error), outcome.error
    for mixes in (lambda x: x + torch.ones(3, 2), lambda x: torch.stack([x, torch.ones(3, 2, dtype=torch.int64)])):
        assert not wants_values(call(mixes, (ids,)).error)
    assert not wants_values(ValueError("the padding is missing"))


@pytest.mark.parametrize(
    ("expected", "got", "words"),
    [
        (torch.zeros(2), torch.zeros(3), "has the shape (3,) but should have (2,): (unit)"),
        (torch.zeros(2), torch.zeros(2).double(), "has the dtype torch.float64 but should have torch.float32"),
        (torch.zeros(2), torch.zeros(2, device="meta"), "is on the device meta but should be on cpu"),
        (torch.zeros(2, device="meta"), torch.zeros(2), "is on the device cpu but should be on meta"),
        (torch.zeros(2, device="meta"), torch.zeros(3, device="meta"), "has the shape (3,) but should have (2,)"),
        ([1], [torch.zeros((), device="meta")], "should be [1] but is [tensor(..., device='meta'"),
        (torch.zeros(2), [0, 0], "is a list of 2 items, but should be a Tensor"),
        (torch.zeros(2), torch.tensor([0, float("nan")]), "(unit 1) should be 0 but is nan; all the rest is right"),
        (torch.ones(2) / 3, torch.tensor([1 / 3, 0.33]), "should be 0.3333 but is 0.33"),
        (torch.tensor(1.0).double(), torch.tensor(1.0001).double(), "`h` should be 1 but is 1.0001"),
        (torch.tensor([True]), torch.tensor([False]), "should be True but is False"),
        (2, 2.0, "is the float 2.0 but should be a whole number"),
        (2, 3, "`h` should be 2 but is 3"),
        (0.5, True, "is a bool, but should be a number"),
        (0.5, torch.tensor(0.5), "should be a plain number: `.item()` makes one"),
        (0.5, float("nan"), "should be 0.5 but is nan"),
        ([torch.zeros(2)], [torch.ones(2)], "`h[0][0]` should be 0 but is 1"),
        ([torch.zeros(2)], [torch.ones(3)], "`h[0]` has the shape (3,) but should have (2,)"),
        ([1, 2], [1, 3], "`h` should be [1, 2] but is [1, 3]"),
        ([1, 2], [1, torch.zeros(2)], "should be [1, 2]"),
        ([(1, [2])], [(1, [2]), (3, [4])], "`h` has 2 items but should have 1"),
        ([([4], 0.5)], [([4], 0.25)], "`h[0][1]` should be 0.5 but is 0.25"),
    ],
)  # fmt: skip
def test_differences_in_words(expected, got, words):
    assert words in difference(expected, got, "h", ["unit"])
    assert difference(expected, expected, "h", ["unit"]) is None


def test_rounding_is_no_difference_but_the_fourth_digit_is():
    x = torch.linspace(-1, 1, 7, dtype=torch.float64)
    assert difference(x, x * (1 + 1e-7), "x", ["at"]) is None
    assert difference(x, x * (1 + 1e-4), "x", ["at"])
    assert difference(x, x.float(), "x", ["at"], any_float=True) is None and difference(x, x.float(), "x", ["at"])
    assert "should be -1 but is -1.01" in difference(x, x.float() * 1.01, "x", ["at"], any_float=True)
    assert "has the dtype torch.int64" in difference(x, x.long(), "x", ["at"], any_float=True)
    assert alike((x, [1]), (x.float(), [1]), any_float=True) and not alike(x, x.float())
    assert not alike(x, x.float() * 1.01, any_float=True)
    assert alike((x, [1]), (x.clone(), [1])) and not alike((x, [1]), (x, [2])) and not alike(x, [1])


# --- an answer that would harm the kernel costs one sentence


def bare_except(i, f, g):
    while True:
        try:
            print("again")
            raise ValueError
        except:  # noqa: E722 - as students write it
            pass


def nested_except(i, f, g):
    while True:
        try:
            try:
                sum(range(100))
            finally:
                sum(range(10))
        except BaseException:
            continue


def swallows_the_interrupt(i, f, g):
    while True:
        try:
            threading.Event().wait(0.01)
            print("on and on")
        except (KeyboardInterrupt, SystemExit):
            print("not yet")


def starts_threads(i, f, g):
    threading.Thread(target=swallows_the_interrupt, args=(i, f, g)).start()
    return by_definition(i, f, g)


@pytest.mark.parametrize("answer", [bare_except, nested_except, swallows_the_interrupt, starts_threads])
def test_when_the_verdict_is_given_nothing_of_an_answer_runs_or_prints_any_more(answer, capsys):
    before = set(threading.enumerate())

    def running() -> list[threading.Thread]:  # one that is told to stop while it ends stays in Python's list
        return [thread for thread in threading.enumerate() if thread not in before and thread.is_alive()]

    text = said(answer, capsys)
    assert ("did not come back" in text) == (answer is not starts_threads)
    for _ in range(40):
        if not running():
            break
        threading.Event().wait(0.05)
    assert running() == []
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", ["exit", "quit", "input", "breakpoint", "os._exit", "os.abort"])
def test_what_would_end_or_hold_up_the_kernel_raises(name, capsys):
    module, _, function = name.rpartition(".")
    text = said(lambda i, f, g: getattr(sys.modules[module or "builtins"], function)(), capsys)
    assert f"{function}() cannot be called in a check" in text


def test_a_notebooks_own_exit_raises_and_comes_back_and_a_students_function_of_that_name_stays(capsys):
    names = {"exit": object(), "abort": by_definition}
    exec("def leaves(i, f, g): exit()\ndef own(i, f, g): return abort(i, f, g)", names)
    kept = names["exit"]
    assert "exit() cannot be called" in said(names["leaves"], capsys)
    assert names["exit"] is kept
    own = types.FunctionType(names["own"].__code__, {"abort": lambda *args: by_definition(*args)})
    assert said(own, capsys).startswith("cell_parts: solved.")


def test_what_an_answer_writes_to_stderr_is_shown_with_the_rest(capsys):
    text = said(lambda i, f, g: print("careful", file=sys.stderr), capsys)
    assert text.endswith("\nYour function printed:\n  careful\n") and capsys.readouterr().err == ""


def test_exit_in_an_answer_leaves_the_kernel_and_all_that_was_computed(tmp_path):
    cells = [
        "from course_utils.exercises import checks\ntrained = 42",
        "def pad_batch_exercise(sentences, device):\n    if len(sentences) > 1:\n        exit()",
        "checks.pad_batch(pad_batch_exercise)",
        "def pad_batch_exercise(sentences, device):\n    display('seen')\n    return input('how many?')",
        "checks.pad_batch(pad_batch_exercise)",
        "import time\ntime.sleep(0.5)\nprint('kept', trained)",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    texts = ([out.get("text") or out["data"]["text/plain"] for out in cell.outputs] for cell in notebook.cells)
    _, _, left, _, asked, kept = map("".join, texts)
    assert "exit() cannot be called in a check" in left and "line 3: exit()" in left
    assert "input() cannot be called in a check" in asked and "'seen'" in asked
    assert kept == "kept 42\n"


def test_what_an_answer_sets_in_torch_for_everybody_is_as_before_afterwards(capsys):
    def sets_everything(x):
        torch.set_default_dtype(torch.float64)
        torch.set_default_device("meta")
        torch.set_num_threads(3)
        torch.manual_seed(5)
        return x

    threads, state = torch.get_num_threads(), torch.get_rng_state()
    checks.causal_mask(sets_everything)
    assert "not right yet" in capsys.readouterr().out
    assert torch.get_default_dtype() == torch.float32 and torch.empty(0).device.type == "cpu"
    assert torch.get_num_threads() == threads and torch.equal(torch.get_rng_state(), state)


def test_the_command_that_counts_mutants_finds_all_its_modules():
    root = Path(__file__).parents[1]
    command = subprocess.run(["make", "-n", "mutants"], cwd=root, capture_output=True, text=True, check=True).stdout
    settings = re.search(r"PYTHONPATH=(\S+)", command)[1]  # pytest's own search path does not hold for the command
    environment = os.environ | {"PYTHONPATH": settings}
    code = "import claims, frame, lecture, mutants.__main__"
    tried = subprocess.run(
        [sys.executable, "-c", code], cwd=root / "tests", env=environment, capture_output=True, text=True
    )
    assert tried.returncode == 0, tried.stderr
