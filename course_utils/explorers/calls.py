"""The Python call that rebuilds an explorer: as its cell wrote it, settings left out."""

import ast
import inspect
from collections.abc import Callable, Collection

from IPython import get_ipython


def written_call(function: Callable, settings: Collection[str]) -> tuple[str, list[str]]:
    """Return how the running cell calls `function`, and the arguments of that call that are no settings.

    Where no cell runs, or it calls the function through another, the arguments are the names of the parameters.

    Args:
        function: a function that makes an explorer.
        settings: names of its parameters that controls hold.
    """
    shell = get_ipython()
    source = shell.user_ns.get("In", [""])[-1] if shell is not None else ""
    try:
        nodes = ast.walk(ast.parse(source))
    except SyntaxError:  # a cell with magics
        nodes = ()
    for node in nodes:
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == function.__name__:
            return ast.unparse(node.func), _fixed(node, function, settings)
    required = [
        name for name, parameter in inspect.signature(function).parameters.items()
        if parameter.default is parameter.empty and parameter.kind is parameter.POSITIONAL_OR_KEYWORD
    ]  # fmt: skip
    return f"explorers.{function.__name__}", [name for name in required if name not in settings]


def _fixed(call: ast.Call, function: Callable, settings: Collection[str]) -> list[str]:
    """Return the arguments of a call that are no settings, as they were written; those by position come first."""
    names, fixed = list(inspect.signature(function).parameters), []
    for name, argument in zip(names, call.args, strict=False):
        if name not in settings:
            # Behind a setting that is now named, an argument by position would land in its place.
            plain = len(fixed) == names.index(name)
            fixed.append(ast.unparse(argument) if plain else f"{name}={ast.unparse(argument)}")
    named = [keyword for keyword in call.keywords if keyword.arg not in settings]
    return [*fixed, *(f"{k.arg}={ast.unparse(k.value)}" if k.arg else f"**{ast.unparse(k.value)}" for k in named)]
