"""The attention explorer: translate a sentence word by word and see where the decoder looks, beside the truth."""

from collections.abc import Mapping, Sequence

import ipywidgets as widgets

from course_utils.datasets.text import Pair, join
from course_utils.explorers.panel import LABEL, Panel, choice, float_slider, link
from course_utils.measure.interventions import INTERVENTIONS
from course_utils.measure.reading import AttentionReading, corpus_index, read_attention
from course_utils.measure.translation import Translator
from course_utils.messages.numbers import chance
from course_utils.views.widgets import HeatmapView, SentenceView

BEAM = 4
REFERENCE = "reference"


def attention_sentence(reading: AttentionReading) -> str:
    """Return in words what a reading shows: the translation, how likely it is, and how it agrees with gold."""
    text = join(reading.target)
    text = text if len(text) <= 90 else text[:89] + "…"  # the explorer has room for two lines
    said = f"“{text}” (probability {chance(reading.probability)})"
    if reading.lent:
        return f"{said}. It looks at another sentence: “{reading.lent}”"
    if reading.gold is None:
        return f"{said}. No gold links are known for this output."
    linked = sorted({target for _, target in reading.gold})
    right = sum((int(reading.weights[t].argmax()), t) in set(reading.gold) for t in linked)
    return f"{said}. Of {len(linked)} words with a gold link, {right} look at a right one."


def attention_explorer(
    translators: Mapping[str, tuple[Translator, Sequence[Pair]]],
    *,
    language: str | None = None,
    text: str | None = None,
    output: str = "beam 1",
    temperature: float = 1.0,
    intervention: str = "as_trained",
    examples: int = 8,
) -> Panel:
    """Return the attention explorer: weights with the gold links drawn on them, and words that light up.

    Moving from word to word happens in the browser alone; a new sentence is translated by the model.

    Args:
        translators: language → a translator with attention, and pairs whose gold alignment is known; the first
            `examples` of them are offered.
        language: the language shown first; the first one where absent.
        text: the sentence shown first, in ordinary spelling or as tokens; the first example where absent.
        output: `"reference"`, or `"beam 1"` to `"beam 4"`.
        temperature: what scores are divided by, 0.2 to 5.
        intervention: a key of `interventions.INTERVENTIONS`.
        examples: sentences offered in each language.

    Raises:
        ValueError: no language, one that is not there, or first settings that cannot be shown.
    """
    if not translators:
        raise ValueError("expected at least one language with its translator")
    known = {name: corpus_index(pairs) for name, (_, pairs) in translators.items()}
    offered = {name: [join(pair.source) for pair in pairs[:examples]] for name, (_, pairs) in translators.items()}
    first = next(iter(translators)) if language is None else language
    controls = {
        "language": choice(first, list(translators), "language"),
        "text": widgets.Combobox(
            value=offered[first][0] if text is None else text,
            options=offered[first],
            description="sentence",
            placeholder="choose or type a sentence",
            style=LABEL,
            layout={"width": "560px"},
        ),
        "output": choice(output, [REFERENCE, *(f"beam {rank}" for rank in range(1, BEAM + 1))], "translation"),
        "gold": choice("shown", ["shown", "hidden"], "gold links"),
        "temperature": float_slider(temperature, 0.2, 5.0, "temperature", step=0.1),
        "intervention": choice(intervention, list(INTERVENTIONS), "attention"),
    }
    controls["intervention"].layout.width = "360px"

    def change_language(change) -> None:
        # Registered before the panel's own: the sentence is then in the new language when the panel looks.
        controls["text"].options = offered[change.new]
        controls["text"].value = offered[change.new][0]

    controls["language"].observe(change_language, "value")
    heatmap = HeatmapView(
        [[0.0]], title="Where it looks", row_name="target", value_name="weight", vmin=0, vmax=1, height=360,
        outlined_name="gold link", cursor="row", step_name="word", interval=900,
    )  # fmt: skip
    words = SentenceView([[0.0]], rows=["–"], columns=["–"], title="Word by word", lines=4)
    heatmap.layout.flex, words.layout.flex = "1 1 420px", "1 1 330px"
    link([heatmap, words])

    def compute(gold: str, language: str, **settings) -> tuple[AttentionReading, bool, str]:
        translator, _ = translators[language]
        output = settings.pop("output")
        rank = None if output == REFERENCE else int(output.removeprefix("beam "))
        reading = read_attention(translator, known[language], rank=rank, width=BEAM, **settings)
        return reading, gold == "shown", settings["intervention"]

    def show(answer: tuple[AttentionReading, bool, str]) -> str:
        reading, with_gold, how = answer
        controls["gold"].disabled = reading.gold is None  # nothing to show or hide
        gold = reading.gold_cells if with_gold else []
        names = {"row_name": "English", "column_name": f"source ({how})"}
        labels = {"rows": reading.target, "columns": reading.source}
        # The same words under other settings: stay at the word that is looked at.
        frame = None if heatmap.drawn["rows"] == reading.target else 0
        heatmap.update(reading.weights, outlined=gold, frame=frame, **labels, **names)
        words.update(reading.weights, marked=gold, frame=frame, **labels, column_name="source", row_name="English")
        return attention_sentence(reading)

    return Panel(controls, compute, show, [[heatmap, words]])
