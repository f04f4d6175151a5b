"""The attention explorer: translate a sentence word by word and see where the decoder looks, beside the truth."""

from collections.abc import Mapping, Sequence

import ipywidgets as widgets

from course_utils.datasets.segment import LONGEST
from course_utils.datasets.subwords import Subwords
from course_utils.datasets.text import Pair
from course_utils.explorers.browser import Browser
from course_utils.explorers.browser import translator as network_of
from course_utils.explorers.challenges import Challenge
from course_utils.explorers.panel import LABEL, Panel, link, listed, menu, slider
from course_utils.explorers.sentences import offered_sentences, sent
from course_utils.measure.interventions import INTERVENTIONS
from course_utils.measure.reading import AttentionReading, corpus_index, read_attention
from course_utils.measure.translation import Translator
from course_utils.messages import note, say, template
from course_utils.messages.explorers import ATTENTION, attention_sentence
from course_utils.messages.labels import label, options
from course_utils.views.widgets import HeatmapView, RibbonView, WordList

BEAM = 4
ROW_NAME, COLUMN_NAME = note("{language} ({output})"), note("source ({attention})")
OUTPUTS = ["reference", *(f"beam_{rank}" for rank in range(1, BEAM + 1))]


def attention_explorer(
    translators: Mapping[str, tuple[Translator, Sequence[Pair]]], *, language: str | None = None,
    text: str | None = None, output: str = "beam_1", temperature: float = 1.0, intervention: str = "as_trained",
    gold: str = "shown", examples: int = 8, refuse_unknown: bool = True,
) -> Panel:  # fmt: skip
    """Return the attention explorer: ribbons and a map of the weights, with the gold links drawn on them.

    Where the attention is broken, what it was trained to do is shown beside it. A sentence that is translated as in the
    corpus comes first among those that are offered.

    Moving from word to word happens in the browser alone; a new sentence is translated by the model.

    Args:
        translators: language (an id, or any name) → a translator with attention, and pairs, with or without gold
            alignments; the first `examples` of them are offered.
        language, text: shown first; the first language and its first example where absent.
        output: `"reference"`, or `"beam_1"` to `"beam_4"`.
        temperature: what scores are divided by, 0.2 to 5.
        intervention: an id in `interventions.INTERVENTIONS`.
        gold: `"shown"`, `"hidden"` or `"guess"`, the gold links: shown, or only once the reader has guessed.
        refuse_unknown: refuse a typed word that the model has never seen, else read it as `<unk>`.

    Raises:
        ValueError: no language, one that is not there, or first settings that cannot be shown.
    """
    if not translators:
        raise ValueError("expected at least one language with its translator")
    known = {name: corpus_index(pairs, made.source_text) for name, (made, pairs) in translators.items()}
    aligned = {name: any(pair.alignment for pair in pairs) for name, (_, pairs) in translators.items()}
    offered = {name: offered_sentences(*given, examples) for name, given in translators.items()}
    first = next(iter(translators)) if language is None else language
    controls = {
        "language": menu(first, options("language", translators), say("language"), width="160px"),
        "text": widgets.Combobox(
            value=next(iter(offered[first]), "") if text is None else text, options=offered[first], style=LABEL,
            description=say("sentence"), placeholder=say("choose or type a sentence"), layout={"width": "335px"},
        ),
        "temperature": slider(temperature, 0.2, 5.0, say("temperature"), step=0.1),
        "output": menu(output, options("output", OUTPUTS), say("translation")),
        "intervention": menu(intervention, options("intervention", INTERVENTIONS), say("attention"), width="280px"),
        "gold": menu(gold, options("gold", ["shown", "hidden", "guess"]), say("gold links"), width="170px"),
    }  # fmt: skip
    controls["output"].layout.width, controls["temperature"].layout.width = "165px", "215px"
    if len(translators) == 1:
        controls["language"].layout.display = "none"  # nothing to choose
    if not any(aligned.values()):
        controls["gold"].layout.display = "none"
    # Words can be listed and chosen; nobody types pieces of words.
    beside = [] if any(isinstance(made.tokenisers[0], Subwords) for made, _ in translators.values()) else [WordList(
        words={name: listed(made.source_words) for name, (made, _) in translators.items()},
        control=controls["text"].model_id, chooser=controls["language"].model_id, names=list(translators),
    )]  # fmt: skip

    def change_language(change) -> None:
        # Registered before the panel's own: the sentence is then in the new language when the panel looks.
        controls["text"].options = offered[change.new]
        controls["text"].value = next(iter(offered[change.new]), "")

    controls["language"].observe(change_language, "value")
    look = {"value_name": say("weight"), "step_name": say("word"), "column_name": say("source"), "height": 200,
            "marked_name": say("gold link"), "interval": 900, "rows": ["–"], "columns": ["–"]}  # fmt: skip
    ribbons, trained = RibbonView([[0.0]], **look), RibbonView([[0.0]], **look)
    heatmap = HeatmapView(
        [[0.0]], title=say("Where it looks"), value_name=say("weight"), vmin=0, vmax=1, height=140,
        outlined_name=say("gold link"), cursor="row", step_name=say("word"), interval=900,
    )  # fmt: skip
    ribbons.layout.flex, trained.layout.flex, heatmap.layout.flex = "3 1 250px", "3 1 250px", "2 1 230px"
    for view in (ribbons, trained, heatmap):
        view.layout.min_width = "0"  # three fit side by side, however wide each was while there were two
    link([ribbons, trained, heatmap])

    def compute(language: str, output: str, gold: str, **settings) -> tuple[AttentionReading, dict]:
        rank = None if output == "reference" else int(output.removeprefix("beam_"))
        options = {"rank": rank, "width": BEAM, "refuse_unknown": refuse_unknown}
        reading = read_attention(translators[language][0], known[language], **options, **settings)
        broken = settings["intervention"] != "as_trained"
        untouched = settings | {"intervention": "as_trained"}
        before = read_attention(translators[language][0], known[language], **options, **untouched) if broken else None
        return reading, before, {"language": language, "output": output, "gold": gold, **settings}

    def show(result: tuple[AttentionReading, AttentionReading | None, dict]) -> str:
        reading, before, settings = result
        controls["gold"].disabled = (before or reading).gold is None  # nothing to show or hide
        made = translators[settings["language"]][0]
        target = label("language", made.target_language)
        now = label("intervention", settings["intervention"])
        shown, guess = settings["gold"] != "hidden", settings["gold"] == "guess"

        def drawn(of: AttentionReading) -> dict:
            return {"rows": of.target, "columns": of.source, "row_name": target}

        # The same words under other settings: stay at the word that is looked at.
        frame = None if heatmap.drawn["rows"] == reading.target else 0
        marked = reading.gold_cells if shown else []
        ribbons.update(reading.weights, marked=marked, guess=guess, title=now, frame=frame, **drawn(reading))
        untouched = before or reading
        trained.update(
            untouched.weights, marked=untouched.gold_cells if shown else [], frame=frame, **drawn(untouched),
            guess=guess, title=label("intervention", "as_trained"),
        )  # fmt: skip
        trained.layout.display = "none" if before is None else None
        heatmap.layout.display = "none" if guess else None  # it would show what is to be guessed
        heatmap.update(
            reading.weights, outlined=[] if guess else marked, frame=frame, **drawn(reading) | {
                "row_name": say(ROW_NAME, language=target, output=label("output", settings["output"])),
                "column_name": say(COLUMN_NAME, attention=now),
            },
        )  # fmt: skip
        return attention_sentence(
            made.target_text(reading.target), reading.probability, reading.weights, reading.gold,
            lent=reading.lent, aligned=aligned[settings["language"]],
        )  # fmt: skip

    networks = {name: network_of(made) for name, (made, _) in translators.items()}
    data = {
        "longest": LONGEST, "refuseUnknown": refuse_unknown, "width": BEAM,
        "languages": {name: {"pairs": [sent(pair) for pair in known[name].values()], "aligned": aligned[name],
                             "offered": offered[name]} for name in translators},
        "labels": {
            "target": template(ROW_NAME), "source": template(COLUMN_NAME),
            "targets": {name: label("language", made.target_language) for name, (made, _) in translators.items()},
            "outputs": {id: label("output", id) for id in OUTPUTS},
            "interventions": {id: label("intervention", id) for id in INTERVENTIONS},
        },
    }  # fmt: skip
    browser = Browser("attention", data, ATTENTION, networks) if all(networks.values()) else None
    hint = say("Walk over the translation. Then break the attention and see what is lost.")
    challenges = [
        Challenge(say("Break it, keep every word"), {"broken": (1, None), "kept": (1, None)}),
        Challenge(say("Break it, lose half of its words"), {"broken": (1, None), "kept": (None, 0.5)}),
    ]  # fmt: skip
    if any(aligned.values()):
        hint = say("Walk over the translation. Then guess the gold links, or break the attention and see what is lost.")
        linked = {"linked": (10, None), "right": (1, None)}
        challenges.insert(0, Challenge(say("10 linked words, all looking right"), linked))
    return Panel(
        controls, compute, show, [[ribbons, trained, heatmap]], made_by=attention_explorer, browser=browser,
        facts=attention_facts, beside=beside, title=say("Where does it look?"), hint=hint,
        challenges=challenges,
    )  # fmt: skip


def attention_facts(result: tuple[AttentionReading, AttentionReading | None, dict]) -> dict[str, float]:
    """Return what the challenges need.

    How many words have a gold link, the share of them that looks at one, whether the attention is broken, and the share
    of the words written as trained that are still written.
    """
    reading, before, _ = result
    linked = {target for _, target in reading.gold or ()}
    right = sum((int(reading.weights[target].argmax()), target) in set(reading.gold or ()) for target in linked)
    kept = [word in reading.target for word in (before or reading).target]
    return {
        "linked": len(linked), "right": right / max(len(linked), 1), "broken": int(before is not None),
        "kept": sum(kept) / len(kept),
    }  # fmt: skip
