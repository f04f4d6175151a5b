"""The sentences of the explorers, made of plain numbers and labels.

Where an explorer says several things, each is a whole sentence of its own.
"""

from collections.abc import Collection, Sequence

import numpy as np

from course_utils.messages import note, say, say_plural
from course_utils.messages.labels import label
from course_utils.messages.numbers import chance, number, percent


def gradient_sentence(
    norms: np.ndarray, parameter_norm: float, clipped_norm: float, cell: str = "rnn", forget_bias: float | None = None
) -> str:
    """Return how much of a gradient is left at the first step, and what clipping does.

    Args:
        norms: norm of the gradient at steps 1 … T, `(T,)`, T at least 2.
        parameter_norm, clipped_norm: norm of the parameters' gradient, before and after clipping.
        cell: `"rnn"`, `"gru"` or `"lstm"`.
        forget_bias: the LSTM's; None for torch's own start, about 0.
    """
    with np.errstate(all="ignore"):
        shares = norms[::-1] / norms[-1]  # shares[k]: what is left k steps before the last
    last, count = shares[-1], len(shares) - 1
    finite, close = np.isfinite([*shares, parameter_norm]).all(), 0.1 <= last <= 10
    if not finite:
        sentences = [say("The gradient is not a finite number at every step: nothing can be said about it.")]
    elif last <= 1 and close:
        sentences = [say_plural(
            "{count} step back, at the first, {share} of the gradient is left: between a tenth and ten times.",
            "{count} steps back, at the first, {share} of the gradient is left: between a tenth and ten times.",
            count, share=percent(last))]  # fmt: skip
    elif last <= 1:
        sentences = [say_plural("{count} step back, at the first, {share} of the gradient is left.",
                                "{count} steps back, at the first, {share} of the gradient is left.",
                                count, share=percent(last))]  # fmt: skip
    elif close:
        sentences = [say_plural(
            "{count} step back, at the first, the gradient is {times} times as large: between a tenth and ten times.",
            "{count} steps back, at the first, the gradient is {times} times as large: between a tenth and ten times.",
            count, times=number(last))]  # fmt: skip
    else:
        sentences = [say_plural("{count} step back, at the first, the gradient is {times} times as large.",
                                "{count} steps back, at the first, the gradient is {times} times as large.",
                                count, times=number(last))]  # fmt: skip
    if finite and last < 1e-3:
        sentences += [say_plural("It vanishes (below a thousandth after {count} step).",
                                 "It vanishes (below a thousandth after {count} steps).",
                                 int(np.flatnonzero(shares >= 1e-3)[-1]) + 1)]  # fmt: skip
    elif finite and last > 1e3:
        sentences += [say_plural("It explodes (above a thousand times after {count} step).",
                                 "It explodes (above a thousand times after {count} steps).",
                                 int(np.flatnonzero(shares <= 1e3)[-1]) + 1)]  # fmt: skip
    norm = {"before": number(parameter_norm), "after": number(clipped_norm)}
    if clipped_norm < parameter_norm:
        sentences += [say("Norm of the parameters' gradient: {before}, clipped to {after}.", **norm)]
    elif np.isfinite(parameter_norm):
        sentences += [say("Norm of the parameters' gradient: {before}, too short to be clipped.", **norm)]
    if cell == "lstm" and forget_bias is None:
        sentences += [say("(LSTM, forget bias about 0.)")]
    elif cell == "lstm":
        sentences += [say("(LSTM, forget bias {bias}.)", bias=number(forget_bias))]
    return " ".join(sentences)


def word_sentence(letters: Sequence[str], probabilities: np.ndarray, languages: Sequence[str]) -> str:
    """Return what a network says after the last letter of a word, and since when it has said so.

    Args:
        letters: the T letters.
        probabilities: of each language after each letter, `(T, C)`.
        languages: C labels.
    """
    best, count = probabilities.argmax(axis=1), len(letters)
    since = max((at for at in range(count) if best[at] != best[-1]), default=-1) + 2
    fields = {"language": languages[best[-1]], "share": percent(probabilities[-1, best[-1]]), "word": "".join(letters)}
    if since == 1:
        return say("“{word}”: the network says {language} ({share}), from the first letter on.", **fields)
    if since == count:
        return say("“{word}”: the network says {language} ({share}), only at the last letter.", **fields)
    fields |= {"since": since, "count": count}
    return say("“{word}”: the network says {language} ({share}), since letter {since} of {count}.", **fields)


def gate_sentence(
    steps: Sequence[str], classes: Sequence[str], probabilities: np.ndarray, untouched: np.ndarray,
    right: int | None, forget: float,
) -> str:  # fmt: skip
    """Return what a network answers now, whether that is right, and what it answers when left alone.

    Args:
        steps: what was read, a text per step.
        classes: C labels.
        probabilities, untouched: of each class after the last step, `(C,)`, now and in the untouched network.
        right: index of the right class; None if there is none.
        forget: mean of the forget gates, 0 to 1.
    """

    def answer(probabilities: np.ndarray) -> str:
        best = int(probabilities.argmax())
        fields = {"answer": classes[best], "share": percent(probabilities[best])}
        if right is None:
            return say("{answer} ({share})", **fields)
        return say(note("{answer} ({share}, right)") if best == right else note("{answer} ({share}, wrong)"), **fields)

    fields = {"text": "".join(steps), "answer": answer(probabilities), "untouched": answer(untouched)}
    if np.array_equal(probabilities, untouched):
        first = say("“{text}”: the network answers {answer}.", **fields)
    else:
        first = say("“{text}”: the network answers {answer}; left alone it answers {untouched}.", **fields)
    # Not inside an f-string, where Babel does not look for messages.
    second = say("Its forget gates are {share} open on average.", share=percent(forget))
    return f"{first} {second}"


def playground_sentence(weights: np.ndarray, average: Sequence[float], temperature: float) -> str:
    """Return which key a query looks at most, and where the average of the values is.

    Args:
        weights: of the keys, `(S,)`, with sum 1.
        average: the weighted average of the values, two numbers.
        temperature: what the scores were divided by.
    """
    best, fields = int(np.argmax(weights)), {"temperature": round(float(temperature), 3)}
    if np.ptp(weights) < 0.05:
        fields["weight"] = f"{np.mean(weights):.2f}"
        first = say("At temperature {temperature} all keys have nearly the same weight, about {weight}.", **fields)
    else:
        alone = note("At temperature {temperature} key {key} has the largest weight, {weight}; it hardly looks at the "
                     "others.")  # fmt: skip
        shared = note(
            "At temperature {temperature} key {key} has the largest weight, {weight}; the others still count."
        )
        fields |= {"key": best + 1, "weight": f"{weights[best]:.2f}"}
        first = say(alone if weights[best] > 0.9 else shared, **fields)
    x, y = (f"{place:.2f}".replace("-", "−") for place in average)
    second = say("The weighted average of the values is ({x}, {y}).", x=x, y=y)
    return f"{first} {second}"


def attention_sentence(
    text: str, probability: float, weights: np.ndarray, gold: Collection[tuple[int, int]] | None, *,
    lent: str = "", aligned: bool = True,
) -> str:  # fmt: skip
    """Return the translation, how likely it is, and how attention agrees with the gold links.

    Args:
        text, probability: the translation, and the model's probability of it.
        weights: attention weights, `(T, S)`.
        gold: links (source, target); None where they are not known.
        lent: the sentence whose memory was attended to in place of the own one.
        aligned: whether the text that the sentence is from has gold alignments.
    """
    text = text if len(text) <= 90 else text[:89] + "…"  # the explorer has room for two lines
    first = say("“{text}” (probability {probability}).", text=text, probability=chance(probability))
    if lent:
        second = say("It looks at another sentence: “{lent}”", lent=lent)
    elif weights.shape[1] > 1 and np.ptp(weights, axis=1).max() < 1e-6:
        second = say("It gives every word the same weight.")
    elif not gold and aligned:
        second = say("No gold links are known for this output.")
    elif not gold:
        second = say("This text has no gold alignments.")
    else:
        linked = {target for _, target in gold}
        right = sum((int(weights[target].argmax()), target) in set(gold) for target in linked)
        second = say_plural("Of {count} word with a gold link, {right} looks at a right one.",
                            "Of {count} words with a gold link, {right} look at a right one.",
                            len(linked), right=right)  # fmt: skip
    return f"{first} {second}"


def units(count: int) -> str:
    """Return a hidden size in words: "32 units"."""
    return say_plural("{count} unit", "{count} units", count)


def bottleneck_sentence(
    task: str, hidden_size: int, length: str, measure: str, runs: Sequence[float], *, trained: bool
) -> str:
    """Return how well sentences of one length are translated at one hidden size.

    Args:
        task: an id with a label in the family `"unit"`.
        hidden_size, length: units of the network; the length as the table names it, such as `"5–6"`.
        measure, runs: `"exact"` or `"bleu"`, and its values, 0 to 100, one per seed.
        trained: whether there were sentences as long in training.
    """
    numbers = {"value": np.mean(runs), "low": np.min(runs), "high": np.max(runs)}
    fields = {name: percent(n / 100) if measure == "exact" else f"{n:.0f}" for name, n in numbers.items()}
    fields |= {"units": units(hidden_size), "length": length, "unit": label("unit", task), "seeds": len(runs)}
    one, several = {
        "exact": (note("{units}, {length} {unit}: {value} right."),
                  note("{units}, {length} {unit}: {value} right (from {low} to {high} over {seeds} seeds).")),
        "bleu": (note("{units}, {length} {unit}: BLEU {value}."),
                 note("{units}, {length} {unit}: BLEU {value} (from {low} to {high} over {seeds} seeds).")),
    }[measure]  # fmt: skip
    first = say(several if len(runs) > 1 else one, **fields)
    second = say("Longer than anything in training: this is extrapolation.")
    return first if trained else f"{first} {second}"


def translation_sentence(text: str, probability: float) -> str:
    """Return the best translation and the model's probability of it."""
    if not text:
        return say("The model writes nothing (probability {probability}).", probability=chance(probability))
    return say("{text} (probability {probability})", text=text, probability=chance(probability))
