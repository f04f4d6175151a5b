"""What the browser says by itself: templates that `views.js` fills in, sent along with every view."""

from string import Formatter

from course_utils.messages import note, say

TEMPLATES = {
    "play": note("Play"),
    "pause": note("Pause"),
    "step": note("{name} {step} of {count}"),
    "named_step": note("{name} {step} ({at} of {count})"),
    "no_value": note("no value"),
    "infinite": note("infinite"),
    "minus_infinite": note("minus infinite"),
    "striped": note("striped: no value"),
    "log": note("(log)"),
    "framed": note("framed: {name}"),
    "brightness": note("The brighter a {column} word, the larger its {value}."),
    "framed_gold": note("Framed: gold link."),
    "cell_hint": note("Point at a cell, or move with the arrow keys, to read its value."),
    "curve_hint": note("Point at the curves, or move with the arrow keys, to read their values."),
    "plane_hint": note("Point at an arrow or a point, or move with the arrow keys, to read its place."),
    "sentence_hint": note(
        "Point at a {column} word to read its {value}; click a word below, or press Enter on it, to go to it."
    ),
    "cell": note("{row_name} {row}, {column_name} {column}: {value_name} {value}"),
    "curves": note("{x_name} {x}: {values}"),
    "curve": note("{name} {value}"),
    "bar": note("{name}: {value_name} {value}"),
    "place": note("{name}: ({x}, {y})"),
    "shared_place": note("{name}: ({x}, {y}), {share_name} {share}"),
    "target_word": note("{name} {word}"),
    "word": note("{target} ← {source}: {value_name} {value}"),
    "working": note("working…"),
    "saved": note("{text} (Saved page: these controls need Python and rest; sliders and Play below work.)"),
    "silent": note("Waiting for Python: it is busy, or it was stopped. If nothing is running, run the notebook again."),
    "lost": note("The kernel was stopped or restarted: run the cell again to bring this explorer back."),
}


def texts() -> dict[str, str]:
    """Return id → template in the chosen language, its `{named}` fields left for the browser to fill in."""
    return {name: say(text, **{field: f"{{{field}}}" for _, field, *_ in Formatter().parse(text) if field})
            for name, text in TEMPLATES.items()}  # fmt: skip
