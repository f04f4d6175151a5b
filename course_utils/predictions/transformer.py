"""The questions of lesson 5, in the order in which it asks them."""

from course_utils.messages import note
from course_utils.predictions.questions import (
    BLEU,
    LENGTH,
    PLAIN,
    TIMES,
    Choice,
    Factor,
    Numbers,
    Several,
    Within,
)


def lower_and_better(measured: tuple[float, float]) -> str:
    """Return who has the lower loss and who translates; given are the twin's loss and BLEU less the honest model's."""
    loss, bleu = measured
    return ("twin" if loss < 0 else "honest") + ("_twin" if bleu > 0 else "_honest")


QUESTIONS = {
    "looks_least": Choice(
        text=note("`W_k` exchanges the two entries. At which of the three words does *she* look least?"),
        name=note("at which word *she* looks least"),
        options={"she": note("she"), "reads": note("reads"), "letters": note("letters")},
    ),
    "head_zero": Choice(
        text=note(
            "`x` holds the numbers 0 to 11, four for each of three words. With two heads, which numbers does head 0 "
            "get?"
        ),
        name=note("which numbers head 0 gets"),
        options={
            "first_half": note("0, 1, 4, 5, 8, 9"), "first_words": note("0, 1, 2, 3, 4, 5"),
            "every_other": note("0, 2, 4, 6, 8, 10"),
        },
    ),
    "shuffled_outputs": Choice(
        text=note(
            "We shuffle the five words of a sentence and send them through multi-head attention. What happens to the "
            "five outputs?"
        ),
        name=note("what shuffling does to the outputs"),
        options={
            "moved": note("the same outputs, shuffled in the same way"),
            "stay": note("the same outputs, in the old order"),
            "other": note("other outputs"),
        },
    ),
    "one_colour": Choice(
        text=note("In the matrix of the similarities of all pairs of positions, what will have one colour?"),
        name=note("what has one colour in the matrix of similarities"),
        options={"row": note("every row"), "column": note("every column"), "diagonal": note("every diagonal")},
    ),
    "outputs_that_change": Several(
        text=note("We change the last two of five words. Which outputs may change *with* the mask? Tick all that may."),
        name=note("which outputs change with the mask"),
        options={
            "1": note("output 1"), "2": note("output 2"), "3": note("output 3"), "4": note("output 4"),
            "5": note("output 5"),
        },
        none=note("none"), wrong=0,
    ),
    "norm_fails": Choice(
        text=note("In the deep stack, which of the four settings ends with the highest loss?"),
        name=note("which setting of norm and warm-up fails"),
        options={
            "first_warm": note("norm first, with warm-up"), "first": note("norm first, without"),
            "after_warm": note("norm after, with warm-up"), "after": note("norm after, without"),
        },
    ),
    "peeking": Choice(
        text=note("Which of the two will have the lower loss? Which will translate better?"),
        name=note("what the missing mask does to loss and translation"),
        options={
            "honest_honest": note("the model with the mask, both"), "twin_twin": note("the twin without, both"),
            "twin_honest": note("lower loss: without; better translation: with"),
            "honest_twin": note("lower loss: with; better translation: without"),
        },
        measure=lower_and_better,
    ),
    "shuffled_bleu": Numbers(
        text=note(
            "In order, the trained model translates these 200 sentences with a BLEU of over 90. With the words of "
            "each source shuffled, what is left?"
        ),
        name=note("the BLEU of shuffled sources"),
        unit=BLEU, close=Within(10), low=0, high=100, at=(0,),
    ),
    "no_positions": Numbers(
        text=note("With sinusoids, French reaches about 96. Trained without any positions, what will be its BLEU?"),
        name=note("the BLEU without positions"),
        unit=BLEU, close=Within(10), low=0, high=100, at=(0,),
    ),
    "best_head": Numbers(
        text=note("Lesson 4’s single attention has an error rate of 0.23. What has the best single head here?"),
        name=note("the error rate of the best head"),
        unit=PLAIN, close=Within(0.1), low=0, high=1, at=(4,),
    ),
    "dispensable_heads": Numbers(
        text=note("How many of the eight heads can be silenced, one at a time, without losing 5 points of BLEU?"),
        name=note("how many heads can be silenced"),
        unit=PLAIN, close=Within(1), low=0, high=8,
    ),
    "crossover": Numbers(
        text=note("At the width of our model, 96, from which length on do the pairs cost more than the projections?"),
        name=note("where pairs of words overtake projections"),
        unit=LENGTH, close=Factor(1.5), low=1, along_x=True,
    ),
    "cache_saves": Numbers(
        text=note("For sentences of about 10 words, how many times fewer multiplications does the cache need?"),
        name=note("what the cache saves"),
        unit=TIMES, close=Factor(1.5), low=0.01,
    ),
    "one_stack": Numbers(
        text=note("Two stacks reach a BLEU of about 96 on French. What does one stack reach, after as many passes?"),
        name=note("the BLEU of one stack"),
        unit=BLEU, close=Within(5), low=0, high=100, at=(1,),
    ),
    "on_the_chart": Numbers(
        text=note(
            "On sentences of more than 16 words, which none has seen, lesson 4’s model reaches a BLEU of about 62, and "
            "lesson 3’s about 20. What does the Transformer reach?"
        ),
        name=note("the BLEU beyond the training lengths"),
        unit=BLEU, close=Within(10), low=0, high=100,
    ),
}  # fmt: skip
