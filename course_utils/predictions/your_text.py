"""The questions of lesson 6, in the order in which it asks them."""

from course_utils.messages import note
from course_utils.predictions.questions import BLEU, PERCENT, PLAIN, Choice, Numbers, Within


def best_of(scores: dict[str, float]) -> str:
    """Return the system with the highest score."""
    return max(scores, key=scores.get)


QUESTIONS = {
    "leaked": Numbers(
        text=note(
            "We draw a tenth of the messages at random and hold them out. What share of the Korean messages held out "
            "is also among those left for training?"
        ),
        name=note("how many held-out messages are in training, too"),
        unit=PERCENT, close=Within(5), low=0, high=100,
    ),
    "seen_once": Numbers(
        text=note("What share of the different Korean words of the messages occurs once in all training text?"),
        name=note("how many words occur once"),
        unit=PERCENT, close=Within(10), low=0, high=100,
    ),
    "words_or_subwords": Choice(
        text=note(
            "From Korean messages, after at most 16 passes: which translator has the higher chrF, letter case left out?"
        ),
        name=note("whether words or subwords translate better"),
        options={
            "words": note("words"), "subwords": note("subwords"),
            "level": note("about level: less than two points apart"),
        },
    ),
    "corpus_bleu": Numbers(
        text=note(
            "The same recipe, as many pairs, as many passes: what BLEU will the course’s own sentences reach, which a "
            "grammar made from about 500 stems, particles and endings?"
        ),
        name=note("the BLEU of the course’s own text"),
        unit=BLEU, close=Within(10), low=0, high=100, at=(0,),
    ),
    "best_system": Choice(
        text=note("Who has the highest BLEU on JupyterLab’s messages?"),
        name=note("who is best on the messages"),
        options={
            "translator": note("the translator"), "nearest": note("the translation of the nearest training sentence"),
            "copy": note("the source, copied"),
        },
        measure=best_of,
    ),
    "same_without_attention": Numbers(
        text=note(
            "Every piece of the source gets the same weight. Of 100 messages, how many are still translated exactly as "
            "before?"
        ),
        name=note("how many translations need no attention"),
        unit=PLAIN, close=Within(10), low=0, high=100,
    ),
}  # fmt: skip
