"""The questions of lesson 3, in the order in which it asks them."""

import numpy as np

from course_utils.messages import note
from course_utils.predictions.questions import BITS, BLEU, TIMES, Choice, Curve, Factor, Numbers, Order, Unit, Within

OF_200 = Unit(note("{value} of 200"), note("{value} sentences"))


def equal_position(shares: dict) -> str:
    """Return the position at which forced and free-running agree for every model; shares are (forced, free) by name."""
    gaps = np.max([np.abs(np.subtract(*both)) for both in shares.values()], axis=0)
    equal = np.flatnonzero(gaps < 1e-6)
    return {0: "first", len(gaps) - 1: "last"}.get(equal[0], "middle") if len(equal) else "none"


def control_gap(shares: dict) -> str:
    """Return whether the control's gap at positions 2 to 5 is smaller or larger than that of the model itself."""
    gaps = {name: np.mean(np.subtract(*both)[1:5]) for name, both in shares.items()}
    return "smaller" if gaps["control"] < gaps["ratio 1.0"] else "larger"


def helped(gains: dict) -> str:
    """Return which sizes gain by dropout: gains in BLEU, by the number of units."""
    return {(1, 1): "both", (1, 0): "small", (0, 1): "large", (0, 0): "neither"}[gains[32] > 0, gains[256] > 0]


QUESTIONS = {
    "padding_leaks": Choice(
        text=note("Does the state of our shorter sentence change when the longer one joins it?"),
        name=note("whether padding changes the state"),
        options={"yes": note("yes"), "no": note("no")},
    ),
    "one_by_one": Numbers(
        text=note(
            "The numbers are the same. At a target of 64 tokens, how many times as long does one call per token take "
            "as one call? (64 sentences, 128 units, 600 words.)"
        ),
        name=note("the price of one call per token"),
        unit=TIMES, close=Factor(1.5), low=0.001,
    ),
    "bleu_by_length": Curve(
        text=note("How good are translations of 3 or 4 tokens, and those of 15 or 16? Draw the BLEU between them."),
        name=note("the BLEU of short and long sentences"),
        close=Within(12), x=range(7), ticks=("3–4", "5–6", "7–8", "9–10", "11–12", "13–14", "15–16"), low=0, high=100,
        xlabel=note("tokens in the English sentence"), ylabel=note("BLEU"),
    ),
    "beam_bleu": Numbers(
        text=note("Greedy search keeps 1 beginning. What will the BLEU of these 200 sentences be with a beam of 8?"),
        name=note("the BLEU of a wide beam"),
        unit=BLEU, close=Within(4), low=0, high=100,
    ),
    "beam_worse": Numbers(
        text=note("Of these 200 sentences, how many get a worse score with width 8 than with width 2?"),
        name=note("how many sentences a wider beam makes worse"),
        unit=OF_200, close=Within(5), low=0, high=200,
    ),
    "equal_position": Choice(
        text=note("At which position are forced and free-running equal, whatever the model?"),
        name=note("where forced and free-running are equal"),
        options={
            "first": note("the first"), "middle": note("in the middle"), "last": note("the last"),
            "none": note("at none"),
        },
        measure=equal_position,
    ),
    "control_gap": Choice(
        text=note("With the control, is the gap smaller or larger than that of the model itself?"),
        name=note("the gap of the control"),
        options={"smaller": note("smaller"), "larger": note("larger")},
        measure=control_gap,
    ),
    "dropout_place": Order(
        text=note(
            "Does it matter where dropout drops? Put the place with the lowest loss on pairs never seen on top."
        ),
        name=note("where dropout helps"),
        options={
            "none": note("nowhere"), "encoder": note("encoder’s embeddings"), "decoder": note("decoder’s embeddings"),
            "both": note("both"),
        },
    ),
    "dropout_sizes": Choice(
        text=note("Whom does dropout help, the network of 32 units or that of 256?"),
        name=note("whom dropout helps"),
        options={
            "small": note("32 units only"), "large": note("256 units only"), "both": note("both"),
            "neither": note("neither"),
        },
        measure=helped,
    ),
    "bits_carried": Numbers(
        text=note("Of the 36 bits of 12 symbols, how many do 8 units carry? And 16 units?"),
        name=note("how many bits the vector carries"),
        names=(note("8 units"), note("16 units")), unit=BITS, close=Within(4), low=0, high=36, at=(12, 12),
    ),
    "probe_context": Curve(
        text=note(
            "Will the first word or the last be remembered better? Draw the share read from the context vector of "
            "sentences of 14 tokens."
        ),
        name=note("which words the context vector keeps"),
        close=Within(0.15), x=range(-14, 0), low=0, high=1,
        xlabel=note("position of the word, counted from the end"), ylabel=note("share read"),
    ),
}  # fmt: skip
