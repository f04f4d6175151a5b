"""The questions of lesson 4, in the order in which it asks them."""

from course_utils.messages import note
from course_utils.predictions.questions import (
    BLEU,
    PERCENT,
    TIMES,
    Choice,
    Curve,
    Factor,
    Numbers,
    Order,
    Several,
    Within,
)


def translates_and_aligns(measured: tuple[float, float]) -> str:
    """Return what a design can do, from its BLEU (over 80 translates) and alignment error rate (under 0.4 aligns)."""
    bleu, error_rate = measured
    return {(1, 1): "both", (1, 0): "translates", (0, 1): "aligns", (0, 0): "neither"}[bleu > 80, error_rate < 0.4]


QUESTIONS = {
    "key_order": Order(
        text=note("Which key will get the largest weight? Which the smallest? Put the largest on top."),
        name=note("which key gets the largest weight"),
        options={"key_3": note("key 3"), "key_2": note("key 2"), "key_1": note("key 1")},
        swapped=0,
    ),
    "average_leaves": Choice(
        text=note("Can the average ever leave the area between the values?"),
        name=note("whether the average can leave the area between the values"),
        options={"yes": note("yes"), "no": note("no")},
    ),
    "entropy": Curve(
        text=note(
            "With 16 keys, equal weights have an entropy of 2.77, and one key that takes all has 0. Draw the entropy "
            "without the division, from `D` = 1 to 512."
        ),
        name=note("the entropy without the division"),
        close=Within(0.5), x=(1, 2, 4, 8, 16, 32, 64, 128, 256, 512), low=0, high=3, log_x=True,
        xlabel=note("width D of query and key"), ylabel=note("entropy (nats)"),
    ),
    "before_slower": Numbers(
        text=note("How many times as long does a training step take with the other order?"),
        name=note("the price of looking before the step"),
        unit=TIMES, close=Factor(1.5), low=0.001,
    ),
    "bleu_with_attention": Numbers(
        text=note(
            "BLEU without attention will be near 30 (lesson 3’s model, with 128 units to our 96 and another training "
            "recipe, reached 39). And with it?"
        ),
        name=note("the BLEU with attention"),
        unit=BLEU, close=Within(10), low=0, high=100,
    ),
    "gradient_17": Numbers(
        text=note("How much of the gradient is left after 17 steps, with and without attention?"),
        name=note("the gradient left after 17 steps"),
        names=(note("with attention"), note("without")), unit=PERCENT, close=Factor(5), low=0, high=100, at=(17, 17),
    ),
    "beats_diagonal": Several(
        text=note("In which language will attention beat the diagonal? Tick all that apply."),
        name=note("where attention beats the diagonal"),
        options={"french": note("French"), "korean": note("Korean")},
        none=note("in neither"), wrong=0,
    ),
    "states_alone": Choice(
        text=note("“States alone” lacks the word embeddings in its memory. Does it translate? Does it align?"),
        name=note("what states alone can do"),
        options={
            "both": note("both"), "translates": note("it translates only"), "aligns": note("it aligns only"),
            "neither": note("neither"),
        },
        measure=translates_and_aligns,
    ),
    "hurts_most": Choice(
        text=note("Which change hurts the translation most?"),
        name=note("which intervention hurts most"),
        options={
            "values_permuted": note("values permuted"), "uniform": note("uniform weights"),
            "other_memory": note("another sentence’s memory"), "strongest_hidden": note("strongest word hidden"),
        },
    ),
    "uniform_trained": Numbers(
        text=note("How well does the control translate, which was trained with uniform weights?"),
        name=note("the BLEU of the control with uniform weights"),
        unit=BLEU, close=Within(10), low=0, high=100, at=(6,),
    ),
    "specimen_moved": Numbers(
        text=note(
            "Keys and values are permuted together, which did nothing before. What is the BLEU of this model now?"
        ),
        name=note("the specimen, permuted"),
        unit=BLEU, close=Within(10), low=0, high=100,
    ),
    "division_gain": Numbers(
        text=note("How many points of BLEU (on Korean) does the division by √D bring to the dot product?"),
        name=note("what the division by √D brings"),
        unit=BLEU, close=Within(5), low=-100, high=100,
    ),
}  # fmt: skip
