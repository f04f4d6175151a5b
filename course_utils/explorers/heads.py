"""The heads explorer: where every head of a Transformer looks, and what is lost when some of them are silenced."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import ipywidgets as widgets

from course_utils.datasets.segment import LONGEST as TYPED
from course_utils.datasets.text import Pair, join
from course_utils.experiments.designs import bleu_on
from course_utils.explorers.browser import Browser
from course_utils.explorers.browser import transformer as network_of
from course_utils.explorers.challenges import Challenge
from course_utils.explorers.panel import LABEL, Hand, Panel, link, listed, menu
from course_utils.explorers.sentences import offered_sentences, sent
from course_utils.measure.differences import changed_words
from course_utils.measure.interventions import attentions, silenced
from course_utils.measure.reading import HeadsReading, corpus_index, read_heads
from course_utils.measure.translation import Translator
from course_utils.messages import Refusal, note, say, template
from course_utils.messages.explorers import HEADS, heads_sentence
from course_utils.messages.labels import label, options
from course_utils.messages.refusals import HEADS as REFUSED
from course_utils.views.heads import head_names
from course_utils.views.widgets import HeadsView, RibbonView, VersionsView, WordList

MOMENTS = {"predicting": 0, "reading": 1}  # → `shift` of `reading.read_heads`
OUTPUTS = ["own", "reference"]
LONGEST = 13  # words of a source sentence that is offered: as many as ribbons have room for
OPEN, OPEN_GOLD, NOTE = note("Head {head}"), note("Head {head}, with the gold links"), note("BLEU {score}")
MAPS, MAPS_RATES = note("Every head, layer by layer"), note("Every head and its error rate (AER)")
ALL, WITHOUT, WITHOUT_MANY = note("all {count} heads"), note("without {heads}"), note("without {count} heads")
ROW = note("{language} ({output})")
NOTHING = "–"  # in place of an empty translation
FEW = 3  # silenced heads that a line names


class HeadsAnswer(NamedTuple):
    """What the explorer shows: `reading` with the chosen heads silenced, and the model's own translations.

    `before` is the translation of all heads, `after` that without the silenced ones, both as words of a text; `gone`
    and `new` the positions of the words that the other does not have; `scores` BLEU of all heads, and without those.
    """

    reading: HeadsReading
    before: list[str]
    after: list[str]
    gone: list[int]
    new: list[int]
    scores: tuple[float, float] | None
    settings: dict

    @property
    def changed(self) -> int:
        """How many words of the translation the silence changes."""
        return max(len(self.gone), len(self.new))


def heads_explorer(
    translator: Translator, pairs: Sequence[Pair], *, text: str | None = None, output: str = "own",
    moment: str = "predicting", head: str = "1.1", silent: Sequence[str] = (), examples: int = 8,
    sentences: int = 100, refuse_unknown: bool = True,
) -> Panel:  # fmt: skip
    """Return the heads explorer: a small map for each head of the cross attention, one of them open as ribbons.

    Heads are named by layer and head, both counted from 1, such as `"2.3"`. BLEU of each set of silenced heads is
    measured when it is first asked for, and kept: a model that is trained on needs a new explorer.

    Args:
        translator: of a Transformer.
        pairs: pairs with or without gold alignments: the first `examples` short ones are offered, and BLEU is measured
            on the first `sentences`, not at all if that is 0.
        text: shown first; the first example where absent.
        output: whose words the maps are read at: `"own"`, the model's own translation, or `"reference"`.
        moment: `"predicting"`, the step that predicts a word, or `"reading"`, one step later.
        head, silent: the head that is open, and those that are silenced.
        refuse_unknown: refuse a typed word that the model has never seen, else read it as `<unk>`.

    Raises:
        ValueError: a model without several heads, or first settings that cannot be shown.
    """
    layers = attentions(translator.model)
    names = head_names(len(layers), layers[0].num_heads)
    places = {name: divmod(at, layers[0].num_heads) for at, name in enumerate(names)}
    if unknown := [name for name in (head, *silent) if name not in places]:
        raise ValueError(f"heads: expected some of {', '.join(names)}, not {unknown[0]!r}")
    known, scored = corpus_index(pairs), list(pairs[:sentences])
    offered = offered_sentences(translator, [pair for pair in pairs if len(pair.source) <= LONGEST], examples)
    controls = {
        "text": widgets.Combobox(
            value=next(iter(offered), "") if text is None else text, options=offered, style=LABEL,
            description=say("sentence"), placeholder=say("choose or type a sentence"), layout={"width": "290px"},
        ),
        "moment": menu(moment, options("moment", MOMENTS), say("read at"), width="194px"),
        "output": menu(output, options("output", OUTPUTS), say("words of"), width="170px"),
        "head": Hand(value=head), "silent": Hand(value=sorted(set(silent), key=names.index)),
    }  # fmt: skip
    vocabulary = WordList(words={"": listed(translator.source_words)}, control=controls["text"].model_id)
    target, source = label("language", translator.target_language), label("language", translator.source_language)
    whose = {id: say(ROW, language=target, output=label("output", id)) for id in OUTPUTS}
    look = {"column_name": source, "value_name": say("weight"), "step_name": say("word"),
            "rows": ["–"], "columns": ["–"]}  # fmt: skip
    hands = {"chosen": controls["head"].model_id, "silent": controls["silent"].model_id}
    grid = HeadsView([[[[0.0]]]], rate_name=say("AER"), marked_name=say("gold link"), hands=hands, height=170, **look)
    ribbons = RibbonView([[0.0]], height=200, interval=900, **look)
    both = VersionsView([["–"], []], ["–", ""])
    link([ribbons, grid])
    measured: dict[frozenset, float] = {}

    def bleu(silent: Sequence[str]) -> float:
        key = frozenset(silent)
        if key not in measured:
            with silenced(translator.model, [places[name] for name in silent]):
                measured[key] = bleu_on(translator, scored)
        return measured[key]

    @lru_cache(maxsize=8)  # another head of the same sentence needs no other reading
    def read(text: str, silent: tuple[str, ...], *, forced: bool = False, shift: int = 0) -> HeadsReading:
        deaf, options = [places[name] for name in silent], {"forced": forced, "shift": shift}
        return read_heads(translator, known, text, deaf, refuse_unknown=refuse_unknown, **options)

    def compute(text: str, moment: str, output: str, head: str, silent: list[str]) -> HeadsAnswer:
        reading = read(text, (*silent,), forced=output == "reference", shift=MOMENTS[moment])
        before, after = (join(read(text, deaf).target or [NOTHING]).split() for deaf in ((), (*silent,)))
        if not reading.target:
            raise Refusal(REFUSED.nothing)
        scores = (bleu([]), bleu(silent)) if scored else None
        settings = {"moment": moment, "output": output, "head": head, "silent": silent}
        return HeadsAnswer(reading, before, after, *changed_words(before, after), scores, settings)

    def show(answer: HeadsAnswer) -> str:
        reading, silent, head = answer.reading, answer.settings["silent"], answer.settings["head"]
        words = {"rows": reading.target, "columns": reading.source, "row_name": whose[answer.settings["output"]]}
        words["marked"] = [(target, source) for source, target in reading.gold or ()]
        rates = None if reading.error_rates is None else reading.error_rates.ravel()
        # The same words under other settings: stay at the word that is looked at.
        frame = None if grid.drawn["rows"] == reading.target else 0
        deaf = [names.index(name) for name in silent]
        title = say(MAPS if rates is None else MAPS_RATES)
        grid.update(reading.maps, rates=rates, silent=deaf, chosen=names.index(head), frame=frame, title=title, **words)
        title = say(OPEN_GOLD if words["marked"] else OPEN, head=head)
        ribbons.update(reading.maps[places[head]], frame=frame, title=title, **words)
        all_heads = say(ALL, count=len(names))
        few = {"heads": ", ".join(silent), "count": len(silent)}
        without = say(WITHOUT if len(silent) <= FEW else WITHOUT_MANY, **few)
        notes = [say(NOTE, score=f"{score:.1f}") for score in answer.scores or ()] or ["", ""]
        both.update(
            [answer.before, answer.after if silent else []], [all_heads, without if silent else ""],
            marked=[answer.gone, answer.new], notes=notes if silent else [notes[0], ""],
        )  # fmt: skip
        rate = None if rates is None else rates[names.index(head)]
        return heads_sentence(
            head, answer.settings["moment"], rate, silent, answer.changed, answer.scores, len(scored)
        )  # fmt: skip

    network = network_of(translator)
    data = {
        "pairs": [sent(pair) for pair in known.values()], "scored": [sent(pair) for pair in scored],
        "whole": bleu([]) if scored else None, "names": names, "few": FEW, "nothing": NOTHING, "longest": TYPED,
        "refuseUnknown": refuse_unknown,
        "labels": {
            "open": template(OPEN), "open_gold": template(OPEN_GOLD), "note": template(NOTE), "maps": say(MAPS),
            "maps_rates": say(MAPS_RATES), "all": say(ALL, count=len(names)), "without": template(WITHOUT),
            "without_many": template(WITHOUT_MANY), "whose": whose,
        },
    }  # fmt: skip
    # Where there is a kernel, Python answers: it translates all that BLEU needs at once.
    browser = Browser("heads", data, HEADS, {"network": network}, own=True) if network else None
    panel = Panel(
        controls, compute, show, [[grid, ribbons, both]], still_columns=2, made_by=heads_explorer, facts=heads_facts,
        browser=browser, beside=[vocabulary], title=say("What does each head do?"),
        hint=say("Click a map to open its head. Click its switch to silence it, and see what the translation loses."),
        challenges=[
            Challenge(say("Open the head with the lowest AER"), {"lowest": (1, None)}),
            Challenge(say("Silence one, change no word"), {"silenced": (1, 1), "changed": (0, 0)}),
            Challenge(say("Silence one, change a word"), {"silenced": (1, 1), "changed": (1, None)}),
        ],
    )  # fmt: skip
    panel.children[2].add_class("cu-beside")  # the translations below the maps, the ribbons beside both
    return panel


def heads_facts(answer: HeadsAnswer) -> dict[str, float]:
    """Return what the challenges need.

    Whether the open head has the lowest error rate on the sentence, of rates that differ; how many heads are silenced;
    and how many words of the translation that changes.
    """
    rates, silent = answer.reading.error_rates, answer.settings["silent"]
    lowest = False
    if rates is not None:
        layer, number = map(int, answer.settings["head"].split("."))
        lowest = rates[layer - 1, number - 1] == rates.min() < rates.max()
    return {"lowest": int(lowest), "silenced": len(silent), "changed": answer.changed}
