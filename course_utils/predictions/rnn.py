"""The questions of lesson 1, in the order in which it asks them."""

from course_utils.messages import note
from course_utils.predictions.questions import LENGTH, PERCENT, Choice, Curve, Factor, Numbers, Within

QUESTIONS = {
    "second_step": Choice(
        text=note(
            "Without memory, step 2 would give the tanh of the second column of `W_ih`: −0.29 for the first unit. "
            "What will the first unit be after step 2?"
        ),
        name=note("what step 2 gives"),
        options={"smaller": note("smaller"), "same": note("−0.29"), "larger": note("larger")},
        measure=lambda gap: "same" if abs(gap) < 0.005 else "larger" if gap > 0 else "smaller",
    ),
    "dense_larger": Numbers(
        text=note("`E` = 8, `H` = 16. From what length `T` on is the dense network larger?"),
        name=note("the length from which the dense network is larger"),
        unit=LENGTH, close=Within(1), low=1, high=500, along_x=True,
    ),
    "words_right": Numbers(
        text=note(
            "Guessing the most frequent language is right for fewer than 1 word in 10. What share of new words can a "
            "network name rightly after reading 10,000 words six times, and nothing else?"
        ),
        name=note("how many new words the network names rightly"),
        unit=PERCENT, close=Within(10), low=0, high=100,
    ),
    "fifty_steps": Numbers(
        text=note("What is left of the gradient after 50 steps for *w* = 0.9? And for *w* = 1.1?"),
        name=note("the gradient left after 50 steps"),
        names=(note("*w* = 0.9"), note("*w* = 1.1")), close=Factor(5), low=0,
    ),
    "bound_grows": Choice(
        text=note("Can the first bound grow while the gradient vanishes?"),
        name=note("whether the bound can grow while the gradient vanishes"),
        options={"yes": note("yes"), "no": note("no")},
    ),
    "invented_words": Numbers(
        text=note(
            "After four passes over the words of 18 languages it will invent words (temperature 0.7: it mostly draws "
            "what it finds likely). How many of them will be words of the list that it read?"
        ),
        name=note("how many invented words are words of the list"),
        unit=PERCENT, close=Within(15), low=0, high=100,
    ),
    "three_back": Choice(
        text=note("At `k` = 3, which state says more, the trained one or the untrained one?"),
        name=note("which state says more about the letter three steps back"),
        options={
            "trained": note("the trained one"), "untrained": note("the untrained one"), "same": note("both the same"),
        },
        measure=lambda lead: "same" if abs(lead) < 0.03 else "trained" if lead > 0 else "untrained",
    ),
    "sign_gradient": Choice(
        text=note(
            "What is the gradient of the last state with respect to the first input, in a network that keeps a sign "
            "for ever?"
        ),
        name=note("the gradient of a network that keeps a sign for ever"),
        options={"zero": note("0"), "between": note("between 0 and 1"), "one": note("1 or more")},
        measure=lambda size: "zero" if size < 1e-6 else "between" if size < 1 else "one",
    ),
    "recall_reach": Curve(
        text=note(
            "32 units, 200 training steps at most; guessing is right 1 time in 8. Draw the share recalled against "
            "the lag, for torch’s start."
        ),
        name=note("how far torch’s start recalls"),
        close=Within(0.15), x=(2, 5, 10, 20, 40), low=0, high=1,
        xlabel=note("lag (steps)"), ylabel=note("share recalled"),
    ),
}  # fmt: skip
