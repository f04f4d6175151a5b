"""The translation explorer: any sentence translated live, and the search that finds its translations."""

import math
from collections.abc import Sequence

import numpy as np

from course_utils.datasets.segment import LONGEST
from course_utils.datasets.subwords import Subwords
from course_utils.explorers.browser import Browser
from course_utils.explorers.browser import translator as network_of
from course_utils.explorers.challenges import Challenge
from course_utils.explorers.panel import Panel, example_buttons, link, listed, text_box
from course_utils.measure.beams import Kept, beam_history, running_log_probabilities
from course_utils.measure.translation import Translation, Translator
from course_utils.messages import say
from course_utils.messages.explorers import TRANSLATION, translation_sentence
from course_utils.views.widgets import BarView, TreeView, WordList

BEAM = 4


def translation_explorer(
    translator: Translator, sentence: str, examples: Sequence[str] = (), *, refuse_unknown: bool = True
) -> Panel:
    """Return the translation explorer: a beam search as a tree, and its four best translations, both word by word.

    Args:
        translator: any trained model with its vocabularies.
        sentence: the sentence shown first.
        examples: sentences on buttons.
        refuse_unknown: refuse a word that the model has never seen, else read it as `<unk>`.

    Raises:
        Refusal: the first sentence cannot be read.
    """
    box = text_box(sentence, say("sentence"), placeholder=say("type a sentence"))
    box.layout.width = "390px"
    words = [WordList(words={"": listed(translator.source_words)}, control=box.model_id)]
    if isinstance(translator.tokenisers[0], Subwords):
        words = []  # nobody types pieces of words
    tree = TreeView([[(0, "", 0.0, True)]], title=say("What the beam keeps, word by word"), row_height=22)
    tree.add_class("cu-wide")  # a column per word: on a slide, too, it has a row of its own
    bars = BarView(
        [0.0], ["1."], title=say("How likely the model finds each, word by word"), value_name=say("probability"),
        step_name=say("word"), vmax=1, bar_height=19,
    )  # fmt: skip
    link([tree, bars])

    def compute(sentence: str) -> tuple[list[list[Kept]], list[Translation], np.ndarray]:
        source = translator.tokens(sentence, refuse_unknown)
        (found,) = translator.beam_search([source], BEAM, length_penalty=1.0)
        history = beam_history(translator, source, BEAM)
        order = sorted(range(len(found)), key=lambda row: -found[row].log_probability)
        return history, [found[row] for row in order], np.exp(running_log_probabilities(history))[:, order]

    def show(result: tuple[list[list[Kept]], list[Translation], np.ndarray]) -> str:
        history, translations, running = result
        texts = [translator.target_text(translation.words) for translation in translations]
        tree.update(history, frame=len(history) - 1)
        bars.update(running, [f"{rank}. {text}" for rank, text in enumerate(texts, start=1)], frame=len(history) - 1)
        return translation_sentence(texts[0], math.exp(translations[0].log_probability))

    network = network_of(translator)
    data = {"longest": LONGEST, "refuseUnknown": refuse_unknown, "width": BEAM}
    browser = Browser("translation", data, TRANSLATION, {"network": network}) if network else None
    return Panel(
        {"sentence": box}, compute, show, [tree, bars], beside=[*words, *example_buttons(box, examples)],
        facts=search_facts, made_by=translation_explorer, browser=browser, title=say("Translate a sentence"),
        hint=say("Press Play and watch four translations grow and be dropped. Then change one word."),
        challenges=[
            Challenge(say("A translation of seven words, above 0.8"), {"best": (0.8, None), "words": (7, None)}),
            Challenge(say("The best below 0.1"), {"best": (None, 0.1)}),
            Challenge(say("Two above 0.1, less than 0.05 apart"), {"second": (0.1, None), "gap": (None, 0.05)}),
        ],
    )  # fmt: skip


def search_facts(result: tuple[list[list[Kept]], list[Translation], np.ndarray]) -> dict[str, float]:
    """Return what the challenges need.

    The probabilities of the two best translations, how far they are apart, and the best one's number of words.
    """
    best, second, *_ = [*(math.exp(translation.log_probability) for translation in result[1]), 0.0]
    return {"best": best, "second": second, "gap": best - second, "words": len(result[1][0].words)}
