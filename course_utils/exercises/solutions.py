"""Worked solutions of the exercises; `solutions.show("padded_rnn")` displays one, with the reason why."""

import ast
import inspect
import re
import textwrap

from course_utils.exercises import outcomes
from course_utils.messages import say

SOLUTIONS = outcomes.answers.SOLUTIONS if outcomes.answers else {}  # name → function


def parts(name: str) -> tuple[str, str]:
    """Return the source of a worked solution, its docstring left out, and the paragraph that explains it.

    Raises:
        ValueError: there is no exercise of that name.
    """
    if name not in SOLUTIONS:
        raise ValueError(f"there is no exercise {name!r}; choose one of: {', '.join(SOLUTIONS)}")
    function = SOLUTIONS[name]
    source = inspect.getsource(function)
    docstring = ast.parse(source).body[0].body[0]
    lines = source.splitlines()
    del lines[docstring.lineno - 1 : docstring.end_lineno]
    return re.sub(r":\n\n", ":\n", "\n".join(lines), count=1), " ".join(inspect.getdoc(function).split())


def show(name: str) -> None:
    """Display a worked solution, coloured as the notebook colours code, and one paragraph of why.

    A copy without solutions says so instead.

    Raises:
        ValueError: there is no exercise of that name.
    """
    from IPython.display import display

    if not SOLUTIONS:
        print(say("This copy of the course has no worked solutions."))
        return
    source, why = parts(name)
    text = f"{source}\n\n{textwrap.fill(why, 100)}"
    display({"text/markdown": f"```python\n{source}\n```\n\n{why}", "text/plain": text}, raw=True)
