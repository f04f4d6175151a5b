"""The order explorer: drag the words of a sentence, and see what a Transformer makes of it, positions or none."""

from collections.abc import Sequence
from contextlib import nullcontext

from course_utils.datasets.text import Pair, join
from course_utils.explorers.browser import Browser
from course_utils.explorers.browser import transformer as network_of
from course_utils.explorers.challenges import Challenge
from course_utils.explorers.panel import Hand, Panel, menu
from course_utils.measure.interventions import without_positions
from course_utils.measure.order import OrderReading, read_order, written_words
from course_utils.measure.translation import Translator
from course_utils.messages import say
from course_utils.messages.explorers import ORDER, order_note, order_sentence
from course_utils.messages.labels import label
from course_utils.views.widgets import ChipsView

SHORTEST, LONGEST = 4, 8  # written words of the sentences that are offered
TRIED = 80  # pairs that are looked at for them


def order_explorer(
    translator: Translator, pairs: Sequence[Pair], blind: Translator | None = None, *, text: str | None = None,
    order: Sequence[int] | None = None, examples: int = 8,
) -> Panel:  # fmt: skip
    """Return the order explorer: words to drag, and their translation by a model with positions and by one without.

    Endings stay with the word that they are written onto. The sentences that are offered are translated as in the
    corpus, and two neighbours can be exchanged in them with and without a change of the translation; where fewer than
    two are, the first pairs.

    Args:
        translator: its model is a `Transformer` with positions.
        pairs: where sentences come from.
        blind: a translator whose model was trained without positions; if absent, `translator` with its encoder's
            positions switched off, each time for as long as it reads.
        text, order: shown first: a source sentence of `pairs` or of 2 to 12 words, and which word stands first, which
            second, …, from 0; the first that is offered, as it was written, where absent.
        examples: how many sentences are offered.

    Raises:
        ValueError: a model whose encoder has no positions to switch off, no pairs, a sentence that is not among the
            pairs, or an order that does not fit it.
    """
    switch = without_positions if blind is None else lambda model: nullcontext(model)
    with switch(translator.model):
        pass  # a model without positions is refused before anything is translated
    known = {join(pair.source): written_words(pair.source) for pair in pairs}
    offered = _offered(translator, pairs, examples)
    if text is not None and text not in offered:
        offered = [text, *offered]
    if not offered or not set(offered) <= set(known):
        raise ValueError(f"expected a source sentence of the pairs, not {text!r}")
    chosen, hand = offered[0] if text is None else text, Hand()
    hand.value = list(range(len(known[chosen]))) if order is None else list(order)
    sentences = menu(chosen, [(sentence, sentence) for sentence in offered], say("sentence"), width="480px")
    sentences.layout.max_width = "100%"
    controls = {"text": sentences, "order": hand}

    def change_text(change) -> None:
        # Registered before the panel's own: the words are in order when the panel looks.
        hand.value = list(range(len(known[change.new])))

    sentences.observe(change_text, "value")
    source = label("language", translator.source_language)
    view = ChipsView(["–"], [0], [{"name": "–", "before": [], "after": [], "lost": [], "new": [], "told": ""}],
                     control=hand.model_id, column_name=source, title=say("The source, word by word"))  # fmt: skip
    names = say("With positions"), say("Positions switched off") if blind is None else say("Trained without positions")

    def compute(text: str, order: list) -> tuple[list, list, list[OrderReading]]:
        groups = known[text]
        seeing = read_order(translator, groups, order)
        if blind is not None:
            return groups, order, [seeing, read_order(blind, groups, order)]
        with without_positions(translator.model):
            return groups, order, [seeing, read_order(translator, groups, order)]

    def show(result: tuple[list, list, list[OrderReading]]) -> str:
        groups, order, readings = result
        made = dict(zip(names, readings, strict=True))
        results = [
            reading._asdict() | {"name": name, "told": order_note(reading.changed)} for name, reading in made.items()
        ]
        view.update([join(group) for group in groups], order, results)
        away = sum(at != word for at, word in enumerate(order))
        return order_sentence(away, {name: reading.changed for name, reading in made.items()})

    def facts(result: tuple[list, list, list[OrderReading]]) -> dict[str, float]:
        _, order, (seeing, _) = result
        away = [at for at, word in enumerate(order) if at != word]
        swapped = len(away) == 2 and away[1] - away[0] == 1
        share = len(seeing.lost) / max(len(seeing.before), 1)
        return {"away": len(away), "swapped": int(swapped), "changed": seeing.changed, "share": share}

    challenges = [
        Challenge(say("Swap neighbours: another translation"),
                  {"swapped": {1}, "changed": (1, None)}),
        Challenge(say("Another order, the same translation"), {"away": (2, None), "changed": {0}}),
        Challenge(say("Change half of its words"), {"share": (0.5, None)}),
    ]  # fmt: skip
    networks = {"network": network_of(translator)} | ({} if blind is None else {"blind": network_of(blind)})
    data = {"sentences": [[text, known[text], list(map(join, known[text]))] for text in offered], "names": names}
    browser = Browser("order", data, ORDER, networks) if all(networks.values()) else None
    return Panel(
        controls, compute, show, [view], title=say("The same words in another order"),
        hint=say("Drag the words. The challenges ask the model with positions."),
        challenges=challenges, facts=facts, made_by=order_explorer, browser=browser,
    )  # fmt: skip


def _offered(translator: Translator, pairs: Sequence[Pair], count: int) -> list[str]:
    """Return source sentences that are translated as in the corpus and in which the order of neighbours matters."""
    found = []
    for pair in pairs[:TRIED]:
        groups = written_words(pair.source)
        if len(found) == count or not SHORTEST <= len(groups) <= LONGEST:
            continue
        whole = list(range(len(groups)))
        orders = [whole, *([*whole[:at], at + 1, at, *whole[at + 2 :]] for at in whole[:-1])]
        first, *others = translator([[word for at in order for word in groups[at]] for order in orders])
        same = [other == first for other in others]
        if first == list(pair.target) and any(same) and not all(same):
            found.append(join(pair.source))
    return found or [join(pair.source) for pair in pairs[:count]]
