"""The translation explorer: any sentence translated live."""

import math
from collections.abc import Sequence

from course_utils.datasets.segment import segment
from course_utils.datasets.text import join
from course_utils.explorers.panel import Panel, example_buttons, text_box
from course_utils.explorers.texts import TextPanel, Texts
from course_utils.measure.translation import Translation, Translator
from course_utils.messages import say
from course_utils.messages.explorers import translation_sentence
from course_utils.views.widgets import BarView


def translation_explorer(
    translator: Translator, sentence: str, examples: Sequence[str] = (), *, refuse_unknown: bool = True
) -> Panel:
    """Return the translation explorer: type a sentence, and see the four best translations of a beam search.

    Args:
        translator: any trained model with its vocabularies.
        sentence: the sentence shown first.
        examples: sentences on buttons.
        refuse_unknown: refuse a word that the model has never seen, else read it as `<unk>`.

    Raises:
        Refusal: the first sentence cannot be read.
    """
    box = text_box(sentence, say("sentence"), placeholder=say("type a sentence"))
    box.layout.width = "700px"
    texts = Texts()
    view = BarView(
        [0.0],
        ["1."],
        title=say("How likely the model finds each"),
        value_name=say("probability"),
        vmax=1,
        bar_height=32,
    )

    def compute(sentence: str) -> tuple[list[str], list[Translation]]:
        source = segment(sentence, translator.source_words, refuse_unknown=refuse_unknown)
        (translations,) = translator.beam_search([source], 4, length_penalty=1.0)
        return source, sorted(translations, key=lambda translation: -translation.log_probability)

    def show(result: tuple[list[str], list[Translation]]) -> str:
        source, translations = result
        probabilities = [math.exp(translation.log_probability) for translation in translations]
        ranked = {f"{rank}.": join(translation.words) for rank, translation in enumerate(translations, start=1)}
        view.update(probabilities, list(ranked))  # a small vocabulary has fewer translations
        texts.write({say("source"): join(source)} | ranked)
        return translation_sentence(ranked["1."], probabilities[0])

    return TextPanel(texts, 230, {"sentence": box}, compute, show, [view], beside=example_buttons(box, examples))
