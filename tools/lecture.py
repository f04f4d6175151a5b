"""How the lessons look as slides, live in JupyterLab and exported, and how speaker notes are read from cells.

A cell's metadata say what it is in the lecture: `slideshow.slide_type`, none where it goes with the cell before; the
tag `slide-output` shows its output alone; `slide.heading` is a line above the cell that only a slide has, `slide.shows`
the blocks of its Markdown that a slide shows, counted from 1; `speaker` holds the notes of a slide: `minutes`, `say`,
and where there are any `ask`, `misconception`, `live`.

One style serves both kinds of slides. Lengths are multiples of `--slide-unit`, a hundredth of the slide's height, so a
slide looks the same on every screen. `CELL` stands for a cell that is shown.
"""

import json
import re

from nbformat.v4 import new_markdown_cell

UNIT = "min(1vh, 0.5625vw)"  # live: a hundredth of the height of the largest 16:9 slide in the window
PAGE_UNIT = "7.2px"  # exported: reveal.js scales a page of 1280 × 720 as a whole
OUTPUT_ONLY = "slide-output"
STARTS = ("slide", "subslide")
STYLE_KEY = "@deathbeds/jupyterlab-fonts"  # the notebook metadata that live slides take their style from
NOTES = {"say": "Say", "ask": "Ask", "misconception": "Misconception", "live": "Live"}


ASKED = "CELL:has(.jp-OutputArea-output > p > strong:first-child)"  # a cell that asks for a prediction


def units(count: float) -> str:
    """Return a CSS length of `count` hundredths of the slide's height."""
    return f"calc({count} * var(--slide-unit))"


def kept(least: str) -> str:
    """Return a height that is at least `least`, and at least what the browser's views have kept as theirs so far."""
    return f"max(var(--kept, 0px), {least})"


# Explorers grow as a whole; 15 px become 14 pt on a slide of 1280 × 720.
ZOOM = "calc(1.25 * tan(atan2(var(--slide-unit), 7.2px)))"
VIEW_TEXT = "15px"
STYLE = {
    "CELL .jp-RenderedHTMLCommon": {
        "font-size": units(4),
        "line-height": "1.36",
        "padding-right": "0",
        "overflow": "visible",
    },
    # A title is large, above the lesson's question and nothing else.
    "CELL .jp-RenderedHTMLCommon h1": {
        "font-size": units(7.6),
        "margin": f"{units(20)} 0 {units(4)}",
        "line-height": "1.15",
    },
    "CELL .jp-RenderedHTMLCommon h1 ~ p": {"font-size": units(5)},
    "CELL .jp-RenderedHTMLCommon h2": {"font-size": units(5.4), "margin": f"0 0 {units(1.2)}", "line-height": "1.15"},
    "CELL .jp-RenderedHTMLCommon h3": {"font-size": units(4.6), "margin": f"0 0 {units(1.5)}", "line-height": "1.15"},
    "CELL .jp-RenderedHTMLCommon p, CELL .jp-RenderedHTMLCommon ul, CELL .jp-RenderedHTMLCommon ol": {
        "margin-bottom": units(1.7)
    },
    "CELL .jp-RenderedHTMLCommon code": {"font-size": "0.85em", "padding": "0 0.15em", "white-space": "nowrap"},
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
    # JupyterLab breaks a printed line in the middle of a word.
    "CELL .jp-OutputArea-output pre": {"font-size": units(2.75), "line-height": "1.34", "word-break": "normal"},
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
    # On a page a question is a line or two above its result.
    "CELL .jp-OutputArea-output > p:has(> strong:first-child)": {"margin": "0"},
    f"{ASKED} ~ .fragment .jp-OutputArea-child ~ .jp-OutputArea-child pre": {"margin": "0", "padding": "0"},
    f"{ASKED} ~ .fragment .jp-OutputArea:has(> .jp-OutputArea-child:nth-child(2)) img": {"max-height": units(47.7)},
    "CELL .highlight": {"margin": "0"},
    "CELL .highlight pre": {"box-sizing": "border-box"},
    "CELL .jp-OutputArea-output:has(.cu-view), CELL .jp-OutputArea-output:has(.cu-card)": {
        "zoom": ZOOM,
        "--jp-widgets-font-size": VIEW_TEXT,
        "--cu-height-share": "0.54",
    },
    "CELL .jp-OutputArea-output:has(.cu-view):not(:has(.cu-panel))": {"--cu-height-share": "1"},  # a drawing alone
    "CELL .cu-view, CELL .cu-status, CELL .cu-view svg text, CELL .cu-view .title": {"font-size": VIEW_TEXT},
    # A slide is wide and low: an explorer's views stand side by side.
    "CELL .cu-panel": {
        "flex-flow": "row wrap",
        "gap": "0 16px",
        "align-items": "flex-start",
        "overflow": "visible",
        "padding": "5px 14px",
    },
    "CELL .cu-panel > .cu-controls, CELL .cu-panel > :has(> .cu-head)": {"flex": "1 0 100%"},
    "CELL .cu-panel > :has(> .cu-status)": {"flex": "1 1 calc(100% - 270px)"},
    "CELL .cu-panel > :has(> .cu-footer)": {"flex": "0 0 auto", "align-self": "flex-end"},
    "CELL .cu-panel .cu-status": {"min-height": kept("calc(4.2em + 8px)")},  # three lines, whatever the sentence
    # Gradients are told in up to four lines.
    "CELL .cu-panel:has(.shaded) .cu-status": {"min-height": kept("calc(5.6em + 8px)")},
    "CELL .cu-panel > .widget-hbox:not(.cu-controls)": {"display": "contents"},
    # A slide has its question as its heading. What students try and take home stays in their notebooks.
    "CELL .cu-head .headline, CELL .cu-head .try, CELL .cu-head .challenges": {"display": "none"},
    "CELL .cu-footer .takeaway, CELL .cu-footer .said": {"display": "none"},
    "CELL .cu-footer button": {"font-size": VIEW_TEXT},
    "CELL .cu-footer": {"padding": "0", "border": "none"},
    "CELL .cu-panel :has(> .cu-view:not(.cu-status))": {
        "flex": "1 1 28% !important",
        "min-width": "260px !important",
    },
    # Heads: two columns as in the notebook, a little more for the maps, which have their error rates above them.
    "CELL .cu-panel > .widget-hbox.cu-beside:not(.cu-controls)": {
        "display": "grid",
        "flex": "1 0 100%",
        "grid-template-columns": "1.15fr 1fr",
        "gap": "0 16px",
    },
    "CELL .cu-panel > .cu-beside > :has(> .cu-view:not(.cu-status))": {"min-width": "0 !important"},
    "CELL .cu-panel select": {"padding": "0 0 0 4px"},
    "CELL .cu-panel .cu-controls .jupyter-button": {"max-width": "none"},
    "CELL .cu-panel > .cu-wide:has(> .cu-view:not(.cu-status))": {"flex-basis": "100% !important"},
    "CELL .cu-panel > :has(> .cu-view:not(.cu-status))": {"--cu-height-share": "0.85"},  # a view alone
    "CELL .cu-panel:not(:has(> .widget-hbox:nth-child(4)))": {"--cu-height-share": "0.8"},  # one row of views
    "CELL .cu-panel:has(> .widget-hbox:nth-child(5))": {"--cu-height-share": "0.45"},  # three rows of views
    "CELL .cu-view .legend:has(.share)": {"min-height": kept("67px")},  # three lines, whatever the word
    # Two lines where a former curve may join three names.
    "CELL .cu-view .legend:has(> span:nth-child(3)):not(:has(.share))": {"min-height": kept("46px")},
    # What an ending is, the notebook says. On a slide there is one line, whether or not gold links have a name in it.
    "CELL .cu-view .legend .ending": {"display": "none"},
    "CELL .cu-view .legend:has(.ending)": {"min-height": kept("1.4em")},
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
    # JupyterLab's arrows are at the lower right.
    "CELL .cu-panel": {"padding-right": "80px"},
    # On a slide the question is large, and hands are counted; at home everyone has a field.
    "CELL .cu-card .cu-hands": {"display": "flex"},
    "CELL .cu-card .cu-own": {"display": "none"},
    "CELL .cu-card .widget-html-content, CELL .cu-card .widget-label": {"font-size": VIEW_TEXT},
    "CELL .cu-card .cu-question .widget-html-content": {"font-size": "18px", "line-height": "1.3"},
    "CELL .cu-card": {"padding": "0 0 0 12px", "margin": "0", "gap": "0"},
    "CELL:has(.cu-card) ~ CELL img, CELL:has(.cu-card) ~ .fragment img": {"max-height": units(57.5)},
    "CELL:is([data-jp-theme-light='false'] *)": {"color-scheme": "dark"},
    ".jp-Notebook:has(.jp-deck-mod-visible) .jp-WindowedPanel-viewport": {"padding": "min(1.7vh, 0.95vw) 0 0"},
    ".jp-Notebook:has(.jp-deck-mod-visible)": {"overflow": "hidden auto", "height": "100vh"},
}
# F8 runs the lesson: Lab's own indicator, in the toolbar that slides hide, counts cells and says when they are done.
BAR = ".jp-NotebookPanel-toolbar:has(~ .jp-Notebook .jp-deck-mod-visible)"
RAN = f"{BAR} .jp-Notebook-ExecutionIndicator:has(span ~ span)"
LIVE |= {
    BAR: {"opacity": "1 !important", "background": "none", "pointer-events": "none", "box-shadow": "none"},
    f"{BAR} > *": {"visibility": "hidden"},
    f"{RAN} .jp-Notebook-ExecutionIndicator-tooltip": {
        "visibility": "visible", "display": "block", "position": "fixed", "top": "auto", "right": "auto",
        "bottom": "6px", "left": "max(12vw, 150px)", "transform": "none",
        "margin": "0", "width": "auto", "height": "auto", "opacity": "1", "z-index": "5",
        "font-size": "15px", "padding": "0", "background": "none", "color": "var(--jp-content-font-color2)",
        "box-shadow": "none", "white-space": "nowrap",
    },
    f"{RAN} span": {"display": "inline", "padding-right": "1em"},
    f"{RAN} span:first-child": {"display": "none"},  # the kernel's status: the sentence before it says more
    f"{RAN}[data-status='idle'] .jp-Notebook-ExecutionIndicator-tooltip::before": {
        "content": "'✓ all cells are ready ·'", "color": "light-dark(#1b6b45, #6fc48f)", "padding-right": "0.6em",
    },
}  # fmt: skip
NUMBER = {  # at the lower left: the controls are at the lower right
    "position": "fixed", "left": "max(3.4vw, 52px)", "bottom": "6px", "font-size": "15px",
    "color": "var(--jp-content-font-color2)", "z-index": "5",
}  # fmt: skip
HEADED = {  # live: a heading that its notebook does not have
    "display": "block", "font-size": units(5.4), "line-height": "1.15", "margin": f"0 0 {units(1.2)}",
    "font-family": "var(--jp-content-font-family)", "color": "var(--jp-content-font-color1)",
}  # fmt: skip
SHOWN = {"live": ".jp-Cell.jp-deck-mod-visible", "page": ".reveal .jp-Cell"}


def live_style(notebook=None) -> dict:
    """Return the slides' style as notebook metadata that jupyterlab-fonts reads, beside jupyterlab-slideshow.

    Each slide of a notebook has its number, and how many there are, by the id of its first cell.
    """
    # The extension puts the notebook's own selector before a rule, once: each part of a list becomes its own rule.
    rules = {}
    for names, rule in [*STYLE.items(), *LIVE.items()]:
        for name in names.replace("CELL", SHOWN["live"]).split(", "):
            rules.setdefault(name, {}).update(rule)
    cells = notebook.cells if notebook else ()
    begins = [cell.id for cell in cells if slide_type(cell) in STARTS]
    for at, cell_id in enumerate(begins, start=1):
        number = {"content": f"'{at} / {len(begins)}'"} | NUMBER
        rules[f"{SHOWN['live']}[data-jpf-cell-id='{cell_id}']::after"] = number
    for cell in cells:
        this = f"{SHOWN['live']}[data-jpf-cell-id='{cell.id}']"
        if heading := cell.metadata.get("slide", {}).get("heading"):
            rules[f"{this}::before"] = {"content": json.dumps(heading, ensure_ascii=False)} | HEADED
        for at in sorted({*range(1, len(blocks(cell)) + 1)} - {*shown_blocks(cell)}):
            rules[f"{this} .jp-MarkdownOutput > :nth-child({at})"] = {"display": "none"}
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


def blocks(cell) -> list[str]:
    """Return the parts of a Markdown cell that blank lines separate: headings, paragraphs, lists, tables, formulas."""
    return re.split(r"\n\s*\n", cell.source.strip()) if cell.cell_type == "markdown" else []


def shown_blocks(cell) -> list[int]:
    """Return the numbers, from 1, of the blocks of a cell that its slide shows: all, unless its metadata say which."""
    return cell.metadata.get("slide", {}).get("shows", [*range(1, len(blocks(cell)) + 1)])


def slide_text(cell) -> str:
    """Return the Markdown that a slide shows of a cell."""
    return "\n\n".join(blocks(cell)[at - 1] for at in shown_blocks(cell))


def notes_text(speaker: dict) -> str:
    """Return a slide's notes as Markdown: the minutes, then what to say, ask and do."""
    said = [f"**{speaker['minutes']:g} min**"]
    return "\n\n".join(said + [f"**{name}.** {speaker[key]}" for key, name in NOTES.items() if key in speaker])


def as_slides(notebook):
    """Leave what slides show, in place, put headings before and notes cells after, and return the notebook."""
    cells = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = slide_text(cell)
        if heading := cell.metadata.get("slide", {}).get("heading"):
            cells.append(new_markdown_cell(f"## {heading}", metadata={"slideshow": cell.metadata.pop("slideshow")}))
        cells.append(cell)
        if "speaker" in cell.metadata:
            metadata = {"slideshow": {"slide_type": "notes"}}
            cells.append(new_markdown_cell(notes_text(cell.metadata.speaker), metadata=metadata))
    notebook.cells = cells
    return notebook


def title(cell) -> str:
    """Return a name for a slide: its heading, else its id in words."""
    if "heading" in cell.metadata.get("slide", {}):
        return cell.metadata.slide.heading
    heading = re.search(r"^#+ (.*)$", cell.source, re.MULTILINE) if cell.cell_type == "markdown" else None
    return heading[1] if heading else cell.id.replace("-", " ")
