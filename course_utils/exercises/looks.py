"""How a verdict looks: solved, wrong and untouched differ in mark, colour and word, in JupyterLab and on any page."""

import html

STATES = {  # state → mark, colour of the edge and the mark, a tint behind the text
    "solved": ("✓", "#1b7f4f", "rgba(27,127,79,0.12)"),
    "wrong": ("✗", "#c2410c", "rgba(194,65,12,0.12)"),
    "untouched": ("○", "#7a7a7a", "rgba(122,122,122,0.10)"),
}


def in_notebook() -> bool:
    """Return whether a kernel runs this, so that something shows what is displayed."""
    from IPython import get_ipython

    return hasattr(get_ipython(), "kernel")


def show(state: str, text: str) -> None:
    """Show a verdict's sentences: in a notebook in a box of its state, elsewhere as plain text.

    Args:
        state: a key of `STATES`.
        text: what the student reads; its lines stay lines.
    """
    from IPython.display import display

    if not in_notebook():
        print(text)
        return
    mark, colour, tint = STATES[state]
    box = f"border-left:5px solid {colour};background:{tint};padding:7px 12px;border-radius:4px;white-space:pre-wrap"
    page = f'<div style="{box}"><b style="color:{colour};font-size:1.15em">{mark}</b> {html.escape(text)}</div>'
    display({"text/html": page, "text/plain": f"{mark} {text}"}, raw=True)
