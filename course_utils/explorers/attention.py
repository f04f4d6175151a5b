"""The attention explorer: translate a sentence word by word and see where the decoder looks, beside the truth."""

from collections.abc import Mapping, Sequence

import ipywidgets as widgets

from course_utils.datasets.text import Pair, join
from course_utils.explorers.panel import LABEL, Panel, link, menu, slider
from course_utils.measure.interventions import INTERVENTIONS
from course_utils.measure.reading import AttentionReading, corpus_index, read_attention
from course_utils.measure.translation import Translator
from course_utils.messages import say
from course_utils.messages.explorers import attention_sentence
from course_utils.messages.labels import label, options
from course_utils.views.widgets import HeatmapView, SentenceView

BEAM = 4
OUTPUTS = ["reference", *(f"beam_{rank}" for rank in range(1, BEAM + 1))]


def attention_explorer(
    translators: Mapping[str, tuple[Translator, Sequence[Pair]]], *, language: str | None = None,
    text: str | None = None, output: str = "beam_1", temperature: float = 1.0, intervention: str = "as_trained",
    examples: int = 8, refuse_unknown: bool = True,
) -> Panel:  # fmt: skip
    """Return the attention explorer: weights with the gold links drawn on them, and words that light up.

    Moving from word to word happens in the browser alone; a new sentence is translated by the model.

    Args:
        translators: language (an id, or any name) → a translator with attention, and pairs, with or without gold
            alignments; the first `examples` of them are offered.
        language, text: shown first; the first language and its first example where absent.
        output: `"reference"`, or `"beam_1"` to `"beam_4"`.
        temperature: what scores are divided by, 0.2 to 5.
        intervention: an id in `interventions.INTERVENTIONS`.
        refuse_unknown: refuse a typed word that the model has never seen, else read it as `<unk>`.

    Raises:
        ValueError: no language, one that is not there, or first settings that cannot be shown.
    """
    if not translators:
        raise ValueError("expected at least one language with its translator")
    known = {name: corpus_index(pairs) for name, (_, pairs) in translators.items()}
    aligned = {name: any(pair.alignment for pair in pairs) for name, (_, pairs) in translators.items()}
    offered = {name: [join(pair.source) for pair in pairs[:examples]] for name, (_, pairs) in translators.items()}
    first = next(iter(translators)) if language is None else language
    controls = {
        "language": menu(first, options("language", translators), say("language")),
        "text": widgets.Combobox(
            value=next(iter(offered[first]), "") if text is None else text, options=offered[first], style=LABEL,
            description=say("sentence"), placeholder=say("choose or type a sentence"), layout={"width": "560px"},
        ),
        "output": menu(output, options("output", OUTPUTS), say("translation")),
        "gold": menu("shown", options("gold", ["shown", "hidden"]), say("gold links")),
        "temperature": slider(temperature, 0.2, 5.0, say("temperature"), step=0.1),
        "intervention": menu(intervention, options("intervention", INTERVENTIONS), say("attention"), width="360px"),
    }  # fmt: skip

    def change_language(change) -> None:
        # Registered before the panel's own: the sentence is then in the new language when the panel looks.
        controls["text"].options = offered[change.new]
        controls["text"].value = next(iter(offered[change.new]), "")

    controls["language"].observe(change_language, "value")
    heatmap = HeatmapView(
        [[0.0]], title=say("Where it looks"), value_name=say("weight"), vmin=0, vmax=1, height=360,
        outlined_name=say("gold link"), cursor="row", step_name=say("word"), interval=900,
    )  # fmt: skip
    words = SentenceView(
        [[0.0]], rows=["–"], columns=["–"], title=say("Word by word"), value_name=say("weight"), step_name=say("word"),
        column_name=say("source"), lines=4,
    )  # fmt: skip
    heatmap.layout.flex, words.layout.flex = "1 1 420px", "1 1 330px"
    link([heatmap, words])

    def compute(language: str, output: str, gold: str, **settings) -> tuple[AttentionReading, dict]:
        rank = None if output == "reference" else int(output.removeprefix("beam_"))
        options = {"rank": rank, "width": BEAM, "refuse_unknown": refuse_unknown}
        reading = read_attention(translators[language][0], known[language], **options, **settings)
        return reading, {"language": language, "output": output, "gold": gold, **settings}

    def show(result: tuple[AttentionReading, dict]) -> str:
        reading, settings = result
        controls["gold"].disabled = reading.gold is None  # nothing to show or hide
        gold = reading.gold_cells if settings["gold"] == "shown" else []
        target = label("language", translators[settings["language"]][0].target_language)
        labels = {"rows": reading.target, "columns": reading.source}
        # The same words under other settings: stay at the word that is looked at.
        labels["frame"] = None if heatmap.drawn["rows"] == reading.target else 0
        heatmap.update(
            reading.weights, outlined=gold, **labels,
            row_name=say("{language} ({output})", language=target, output=label("output", settings["output"])),
            column_name=say("source ({attention})", attention=label("intervention", settings["intervention"])),
        )  # fmt: skip
        words.update(reading.weights, marked=gold, row_name=target, **labels)
        return attention_sentence(
            join(reading.target), reading.probability, reading.weights, reading.gold,
            lent=reading.lent, aligned=aligned[settings["language"]],
        )  # fmt: skip

    return Panel(controls, compute, show, [[heatmap, words]])
