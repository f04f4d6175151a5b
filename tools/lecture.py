"""How the lessons look as slides, live in JupyterLab and exported, and how speaker notes are read from cells.

A cell's metadata say what it is in the lecture: `slideshow.slide_type`, none where it goes with the cell before; the
tag `slide-output` shows its output alone; `speaker` holds the notes of a slide: `minutes`, `say`, and where there are
any `ask`, `misconception`, `live`.

One style serves both kinds of slides. Lengths are multiples of `--slide-unit`, a hundredth of the slide's height, so a
slide looks the same on every screen. `CELL` stands for a cell that is shown.
"""

import re

from nbformat.v4 import new_markdown_cell

UNIT = "min(1vh, 0.5625vw)"  # live: a hundredth of the height of the largest 16:9 slide in the window
PAGE_UNIT = "7.2px"  # exported: reveal.js scales a page of 1280 × 720 as a whole
OUTPUT_ONLY = "slide-output"
STYLE_KEY = "@deathbeds/jupyterlab-fonts"  # the notebook metadata that live slides take their style from
NOTES = {"say": "Say", "ask": "Ask", "misconception": "Misconception", "live": "Live"}


def units(count: float) -> str:
    """Return a CSS length of `count` hundredths of the slide's height."""
    return f"calc({count} * var(--slide-unit))"


# Explorers grow as a whole; 15 px become 14 pt on a slide of 1280 × 720.
ZOOM = "calc(1.25 * tan(atan2(var(--slide-unit), 7.2px)))"
VIEW_TEXT = "15px"
STYLE = {
    "CELL .jp-RenderedHTMLCommon": {"font-size": units(4), "line-height": "1.36", "padding-right": "0"},
    "CELL .jp-RenderedHTMLCommon h1": {"font-size": units(6.4), "margin": f"0 0 {units(2)}", "line-height": "1.15"},
    "CELL .jp-RenderedHTMLCommon h2": {"font-size": units(5.4), "margin": f"0 0 {units(2)}", "line-height": "1.15"},
    "CELL .jp-RenderedHTMLCommon h3": {"font-size": units(4.6), "margin": f"0 0 {units(1.5)}", "line-height": "1.15"},
    "CELL .jp-RenderedHTMLCommon p, CELL .jp-RenderedHTMLCommon ul, CELL .jp-RenderedHTMLCommon ol": {
        "margin-bottom": units(1.7)
    },
    "CELL .jp-RenderedHTMLCommon code": {"font-size": "0.85em", "padding": "0 0.15em"},
    "CELL .jp-RenderedHTMLCommon table": {"font-size": units(2.7)},
    "CELL .jp-InputArea-editor, CELL .jp-InputArea-editor .cm-editor, CELL .highlight pre": {
        "font-size": units(2.75),
        "line-height": "1.34",
    },
    # JupyterLab's own colours of comments and numbers stand out by less than 4.5 : 1 from the paper of code.
    "CELL": {
        "--jp-mirror-editor-comment-color": "light-dark(#2f6b6b, #74b8b8)",
        "--jp-mirror-editor-number-color": "light-dark(#006b00, #6fc174)",
    },
    "CELL .jp-OutputArea-output pre": {"font-size": units(2.75), "line-height": "1.34"},
    "CELL .jp-Cell-outputWrapper": {"margin-bottom": units(1.2)},
    "CELL .jp-OutputArea-output > img, CELL .jp-RenderedHTMLCommon > img": {
        "display": "block",
        "width": "100%",
        "height": "auto",
        "max-height": units(76),
        "object-fit": "contain",
        "object-position": "left",
        "background": "white",
        "border-radius": units(0.8),
    },
    # A figure is lower where lines are printed beside it, and below other cells.
    "CELL .jp-OutputArea:has(> .jp-OutputArea-child:nth-child(2)) img": {"max-height": units(68)},
    "CELL ~ CELL img, CELL ~ .fragment img": {"max-height": units(58.5)},
    "CELL .highlight": {"margin": "0"},
    "CELL .highlight pre": {"box-sizing": "border-box"},
    "CELL .jp-OutputArea-output:has(.cu-view)": {
        "zoom": ZOOM,
        "--jp-widgets-font-size": VIEW_TEXT,
        "--cu-height-share": "0.54",
    },
    "CELL .cu-view, CELL .cu-status, CELL .cu-view svg text, CELL .cu-view .title": {"font-size": VIEW_TEXT},
    # A slide is wide and low: an explorer's views stand side by side.
    "CELL .cu-panel": {"flex-flow": "row wrap", "gap": "0 16px", "align-items": "flex-start", "overflow": "visible"},
    "CELL .cu-panel > .widget-hbox:first-child, CELL .cu-panel > :has(> .cu-status)": {"flex": "1 0 100%"},
    "CELL .cu-panel > .widget-hbox:not(:first-child)": {"display": "contents"},
    "CELL .cu-panel :has(> .cu-view:not(.cu-status))": {
        "flex": "1 1 28% !important",
        "min-width": "260px !important",
    },
    "CELL .cu-panel > :has(> .cu-view:not(.cu-status))": {"--cu-height-share": "0.85"},  # a view alone
    "CELL .cu-panel:has(> .widget-hbox:nth-child(5))": {"--cu-height-share": "0.45"},  # three rows of views
    "CELL .cu-view .where": {"white-space": "nowrap"},
    "CELL .cu-view .readout": {"min-height": "22px"},
    "CELL .cu-view .readout.hint": {"font-size": "0"},
    "CELL .cu-panel > .widget-html": {"flex": "1 1 40%", "min-width": "260px"},
    # A width of its own also makes a view draw itself anew when slides begin.
    "CELL .cu-view": {"max-width": "900px"},
    "CELL .jp-Collapser, CELL .anchor-link, CELL .jp-InternalAnchorLink": {"display": "none"},
    "CELL.jp-mod-active .jp-InputArea-editor": {"border-color": "transparent", "box-shadow": "none"},
}
# Only live: the top of a slide stands still while fragments appear below; JupyterLab's own parts make room.
LIVE = {
    "CELL": {"--slide-unit": UNIT, "padding": "0"},
    f"CELL[data-jpf-cell-tags*='{OUTPUT_ONLY}'] .jp-Cell-inputWrapper": {"display": "none"},
    "CELL:is([data-jp-theme-light='false'] *)": {"color-scheme": "dark"},
    ".jp-Notebook:has(.jp-deck-mod-visible) .jp-WindowedPanel-viewport": {"padding": "min(3vh, 1.7vw) 0 0"},
    ".jp-Notebook:has(.jp-deck-mod-visible)": {"overflow": "hidden auto", "height": "100vh"},
}
SHOWN = {"live": ".jp-Cell.jp-deck-mod-visible", "page": ".reveal .jp-Cell"}


def live_style() -> dict:
    """Return the slides' style as notebook metadata that jupyterlab-fonts reads, beside jupyterlab-slideshow."""
    # The extension puts the notebook's own selector before a rule, once: each part of a list becomes its own rule.
    rules = {}
    for names, rule in [*STYLE.items(), *LIVE.items()]:
        for name in names.replace("CELL", SHOWN["live"]).split(", "):
            rules.setdefault(name, {}).update(rule)
    return {"styles": rules}


def page_style() -> str:
    """Return the slides' style as CSS for exported pages."""
    rules = (
        f"{name.replace('CELL', SHOWN['page'])} {{ {' '.join(f'{key}: {value};' for key, value in rule.items())} }}"
        for name, rule in STYLE.items()
    )
    return "\n".join([f":root {{ --slide-unit: {PAGE_UNIT}; }}", *rules])


def slide_type(cell) -> str:
    """Return what a cell is in the lecture: slide, subslide, fragment, skip, or `-` for what goes with the last."""
    return cell.metadata.get("slideshow", {}).get("slide_type", "-")


def notes_text(speaker: dict) -> str:
    """Return a slide's notes as Markdown: the minutes, then what to say, ask and do."""
    said = [f"**{speaker['minutes']:g} min**"]
    return "\n\n".join(said + [f"**{name}.** {speaker[key]}" for key, name in NOTES.items() if key in speaker])


def with_notes(notebook):
    """Put a notes cell after every cell that carries speaker notes, in place, and return the notebook."""
    cells = []
    for cell in notebook.cells:
        cells.append(cell)
        if "speaker" in cell.metadata:
            metadata = {"slideshow": {"slide_type": "notes"}}
            cells.append(new_markdown_cell(notes_text(cell.metadata.speaker), metadata=metadata))
    notebook.cells = cells
    return notebook


def title(cell) -> str:
    """Return a name for a slide: its heading, else its id in words."""
    heading = re.search(r"^#+ (.*)$", cell.source, re.MULTILINE) if cell.cell_type == "markdown" else None
    return heading[1] if heading else cell.id.replace("-", " ")
