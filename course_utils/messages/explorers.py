"""The sentences of the explorers, made of plain numbers and labels.

Where an explorer says several things, each is a whole sentence of its own. Templates have ids, because the browser
fills in the same ones where it computes without Python (`messages/browser.py`).
"""

from collections.abc import Collection, Mapping, Sequence
from types import SimpleNamespace as Texts

import numpy as np

from course_utils.messages import note, note_plural, say, say_plural
from course_utils.messages.labels import WORD_LANGUAGES, label
from course_utils.messages.numbers import chance, number, percent

GRADIENT = Texts(
    not_finite=note("The gradient is not a finite number at every step: nothing can be said about it."),
    left_close=note_plural(
        "{count} step back, at the first, {share} of the gradient is left: it works, at least a tenth.",
        "{count} steps back, at the first, {share} of the gradient is left: it works, at least a tenth.",
    ),
    left=note_plural(
        "{count} step back, at the first, {share} of the gradient is left: it does not work.",
        "{count} steps back, at the first, {share} of the gradient is left: it does not work.",
    ),
    grown_close=note_plural(
        "{count} step back, at the first, the gradient is {times} times as large: it works, at most ten times.",
        "{count} steps back, at the first, the gradient is {times} times as large: it works, at most ten times.",
    ),
    grown=note_plural(
        "{count} step back, at the first, the gradient is {times} times as large: it does not work.",
        "{count} steps back, at the first, the gradient is {times} times as large: it does not work.",
    ),
    vanishes=note_plural(
        "It vanishes (below a thousandth after {count} step).",
        "It vanishes (below a thousandth after {count} steps).",
    ),
    explodes=note_plural(
        "It explodes (above a thousand times after {count} step).",
        "It explodes (above a thousand times after {count} steps).",
    ),
    clipped=note("Norm of the parameters' gradient: {before}, clipped to {after}."),
    short=note("Norm of the parameters' gradient: {before}, too short to be clipped."),
    lstm=note("(LSTM, forget bias about 0.)"),
    lstm_bias=note("(LSTM, forget bias {bias}.)"),
)
WORDS = Texts(
    first=note("“{word}”: the network says {language} ({share}), from the first letter on."),
    last=note("“{word}”: the network says {language} ({share}), only since the letter just read."),
    since=note("“{word}”: the network says {language} ({share}), since letter {since} of {count}."),
    few=note("Several languages have this word ({languages}): each of them is right."),
    many=note("Several languages have this word ({languages} and {others} more): each of them is right."),
    wrong=note("Several languages have this word ({languages}), and the answer is none of them."),
)
GATES = Texts(
    answer=note("{answer} ({share})"),
    right=note("{answer} ({share}, right)"),
    wrong=note("{answer} ({share}, wrong)"),
    untouched=note("“{text}”: the network answers {answer}."),
    touched=note("“{text}”: the network answers {answer}; left alone it answers {untouched}."),
    step=note("After “{text}” the network would answer {answer} ({share})."),
    forget=note("The forget gates are now {share} open on average."),
)
PLAYGROUND = Texts(
    even=note("At temperature {temperature} all keys have nearly the same weight, about {weight}."),
    alone=note(
        "At temperature {temperature} key {key} has the largest weight, {weight}; it hardly looks at the others."
    ),
    shared=note("At temperature {temperature} key {key} has the largest weight, {weight}; the others still count."),
    average=note("The weighted average of the values is ({x}, {y})."),
)
ATTENTION = Texts(
    text=note("“{text}” (probability {probability})."),
    lent=note("It looks at another sentence: “{lent}”"),
    uniform=note("It gives every word the same weight."),
    no_links=note("No gold links are known for this output."),
    no_gold=note("This text has no gold alignments."),
    right=note_plural(
        "Of {count} word with a gold link, {right} looks at a right one.",
        "Of {count} words with a gold link, {right} look at a right one.",
    ),
)
HEADS = Texts(
    predicting=note("Head {head}, at the step that predicts a word: error rate {rate} against the gold links."),
    reading=note("Head {head}, one step after a word is predicted: error rate {rate} against the gold links."),
    predicting_no_gold=note("Head {head}, at the step that predicts a word: no gold links are known for this output."),
    reading_no_gold=note("Head {head}, one step after a word is predicted: no gold links are known for this output."),
    deaf=note("It is silenced: it looks, but adds nothing."),
    all=note("No head is silenced."),
    all_bleu=note("No head is silenced: BLEU {before} on {sentences} sentences."),
    unchanged=note("Silencing {heads} changes no word."),
    changed=note_plural("Silencing {heads} changes {count} word.", "Silencing {heads} changes {count} words."),
    bleu=note("BLEU falls from {before} to {after}."),
    bleu_rises=note("BLEU rises from {before} to {after}."),
    bleu_stays=note("BLEU stays at {before}."),
)
BOTTLENECK = Texts(
    units=note_plural("{count} unit", "{count} units"),
    exact=note("{units}, {length} {unit}: {value} right."),
    exact_seeds=note("{units}, {length} {unit}: {value} right (from {low} to {high} over {seeds} seeds)."),
    bleu=note("{units}, {length} {unit}: BLEU {value}."),
    bleu_seeds=note("{units}, {length} {unit}: BLEU {value} (from {low} to {high} over {seeds} seeds)."),
    longer=note("Longer than anything in training: this is extrapolation."),
)
TRANSLATION = Texts(
    nothing=note("The model writes nothing (probability {probability})."),
    text=note("{text} (probability {probability})"),
)
POSITIONS = Texts(
    same=note("Position {p} compared with itself: {measure} {value}, as alike as can be."),
    more=note(
        "Positions {p} and {q}: {measure} {value}. That is more than the {neighbour} of {p} and its neighbour {near}."
    ),
    equal=note("Positions {p} and {q}: {measure} {value}, as much as {p} and its neighbour {near}."),
    less=note(
        "Positions {p} and {q}: {measure} {value}. Neighbours, such as {p} and {near}, are more alike: {neighbour}."
    ),
    agree=note_plural(
        "Of {all} hands {count} points nearly the same way at both.",
        "Of {all} hands {count} point nearly the same way at both.",
    ),
    nothing=note("Without positions nothing is added to a word: a model cannot tell positions {p} and {q} apart."),
    name=note("{name} {place}"),
    value=note("{q}: {value}"),
)
ORDER = Texts(
    first=note("The words stand as in the sentence. Drag one to another place."),
    moved=note_plural("{count} word stands elsewhere.", "{count} words stand elsewhere."),
    same=note("{name}: the translation stays as it was."),
    changed=note_plural(
        "{name}: {count} word of the translation is gone or moved.",
        "{name}: {count} words of the translation are gone or moved.",
    ),
    unchanged=note("unchanged"),
    lost=note_plural("{count} word changed", "{count} words changed"),
)


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
        sentences = [say(GRADIENT.not_finite)]
    elif last <= 1:
        sentences = [say_plural(*(GRADIENT.left_close if close else GRADIENT.left), count, share=percent(last))]
    else:
        sentences = [say_plural(*(GRADIENT.grown_close if close else GRADIENT.grown), count, times=number(last))]
    if finite and last < 1e-3:
        sentences += [say_plural(*GRADIENT.vanishes, int(np.flatnonzero(shares >= 1e-3)[-1]) + 1)]
    elif finite and last > 1e3:
        sentences += [say_plural(*GRADIENT.explodes, int(np.flatnonzero(shares <= 1e3)[-1]) + 1)]
    norm = {"before": number(parameter_norm), "after": number(clipped_norm)}
    if clipped_norm < parameter_norm:
        sentences += [say(GRADIENT.clipped, **norm)]
    elif np.isfinite(parameter_norm):
        sentences += [say(GRADIENT.short, **norm)]
    if cell == "lstm" and forget_bias is None:
        sentences += [say(GRADIENT.lstm)]
    elif cell == "lstm":
        sentences += [say(GRADIENT.lstm_bias, bias=number(forget_bias))]
    return " ".join(sentences)


def word_sentence(
    letters: Sequence[str], probabilities: np.ndarray, languages: Sequence[str], shared: Sequence[int] = ()
) -> str:
    """Return what a network says after the last letter of a word, and since when it has said so.

    Args:
        letters: the T letters.
        probabilities: of each language after each letter, `(T, C)`.
        languages: C labels.
        shared: indices of the languages that the word belongs to, where it is finished and belongs to several.
    """
    best, count = probabilities.argmax(axis=1), len(letters)
    since = max((at for at in range(count) if best[at] != best[-1]), default=-1) + 2
    fields = {"language": languages[best[-1]], "share": percent(probabilities[-1, best[-1]]), "word": "".join(letters)}
    if since == 1:
        first = say(WORDS.first, **fields)
    elif since == count:
        first = say(WORDS.last, **fields)
    else:
        first = say(WORDS.since, **fields, since=since, count=count)
    if not shared:
        return first
    names = [languages[at] for at in shared]
    template = WORDS.wrong if best[-1] not in shared else WORDS.many if len(names) > FEW else WORDS.few
    return f"{first} {say(template, languages=', '.join(names[:FEW]), others=len(names) - FEW)}"


FEW = 4  # languages that a sentence names


def response_label(feature: str | int, correlation: float) -> str:
    """Return what moves a unit, and where to: a letter, `"vowel"`, or the index of a word's language."""
    name = label("language", WORD_LANGUAGES[feature]) if isinstance(feature, int) else feature
    name = say("vowels") if feature == "vowel" else say("space") if feature == " " else name
    return f"{name} {'↑' if correlation > 0 else '↓'}"


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
            return say(GATES.answer, **fields)
        return say(GATES.right if best == right else GATES.wrong, **fields)

    fields = {"text": "".join(steps), "answer": answer(probabilities), "untouched": answer(untouched)}
    first = say(GATES.untouched if np.array_equal(probabilities, untouched) else GATES.touched, **fields)
    second = say(GATES.forget, share=percent(forget))
    return f"{first} {second}"


def gate_step_sentence(steps: Sequence[str], classes: Sequence[str], probabilities: np.ndarray) -> str:
    """Return what a network would answer if a text ended here: steps read so far, C labels, probabilities `(C,)`."""
    best = int(probabilities.argmax())
    fields = {"text": "".join(steps), "answer": classes[best], "share": percent(probabilities[best])}
    return say(GATES.step, **fields)


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
        first = say(PLAYGROUND.even, **fields)
    else:
        fields |= {"key": best + 1, "weight": f"{weights[best]:.2f}"}
        first = say(PLAYGROUND.alone if weights[best] > 0.9 else PLAYGROUND.shared, **fields)
    x, y = (f"{place:.2f}".replace("-", "−") for place in average)
    second = say(PLAYGROUND.average, x=x, y=y)
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
    first = say(ATTENTION.text, text=text, probability=chance(probability))
    if lent:
        second = say(ATTENTION.lent, lent=lent)
    elif weights.shape[1] > 1 and np.ptp(weights, axis=1).max() < 1e-6:
        second = say(ATTENTION.uniform)
    elif not gold and aligned:
        second = say(ATTENTION.no_links)
    elif not gold:
        second = say(ATTENTION.no_gold)
    else:
        linked = {target for _, target in gold}
        right = sum((int(weights[target].argmax()), target) in set(gold) for target in linked)
        second = say_plural(*ATTENTION.right, len(linked), right=right)
    return f"{first} {second}"


def heads_sentence(
    head: str, moment: str, rate: float | None, silent: Sequence[str], changed: int,
    scores: tuple[float, float] | None, sentences: int,
) -> str:  # fmt: skip
    """Return what the open head is worth, and what the silence of others costs.

    Args:
        head, moment: its name, and `"predicting"` or `"reading"`.
        rate: its alignment error rate on the sentence; None where no gold links are known.
        silent: names of the heads that are silenced.
        changed: how many words of the translation that changes.
        scores: BLEU of all heads, and without these, on so many `sentences`; None where it is not measured.
    """
    with_gold, without_gold = {
        "predicting": (HEADS.predicting, HEADS.predicting_no_gold), "reading": (HEADS.reading, HEADS.reading_no_gold),
    }[moment]  # fmt: skip
    said = [say(without_gold, head=head) if rate is None else say(with_gold, head=head, rate=f"{rate:.2f}")]
    before, after = (f"{score:.1f}" for score in scores or (0, 0))
    if not silent:
        said += [say(HEADS.all_bleu, before=before, sentences=sentences) if scores else say(HEADS.all)]
        return " ".join(said)
    if head in silent:
        said += [say(HEADS.deaf)]
    names = ", ".join(silent)
    said += [say_plural(*HEADS.changed, changed, heads=names) if changed else say(HEADS.unchanged, heads=names)]
    if scores and before == after:
        said += [say(HEADS.bleu_stays, before=before)]
    elif scores:
        said += [say(HEADS.bleu if scores[1] < scores[0] else HEADS.bleu_rises, before=before, after=after)]
    return " ".join(said)


def units(count: int) -> str:
    """Return a hidden size in words: "32 units"."""
    return say_plural(*BOTTLENECK.units, count)


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
        "exact": (BOTTLENECK.exact, BOTTLENECK.exact_seeds),
        "bleu": (BOTTLENECK.bleu, BOTTLENECK.bleu_seeds),
    }[measure]
    first = say(several if len(runs) > 1 else one, **fields)
    second = say(BOTTLENECK.longer)
    return first if trained else f"{first} {second}"


def translation_sentence(text: str, probability: float) -> str:
    """Return the best translation and the model's probability of it."""
    if not text:
        return say(TRANSLATION.nothing, probability=chance(probability))
    return say(TRANSLATION.text, text=text, probability=chance(probability))


def position_sentence(
    places: tuple[int, int], likeness: np.ndarray, agreement: np.ndarray, measure: str, kind: str
) -> str:
    """Return how alike two positions are, beside two neighbours, and how many hands agree.

    Args:
        places: the two positions, from 0.
        likeness: of every pair of positions, `(T, T)`.
        agreement: cosine of the angle between the two positions' hands, `(E / 2,)`.
        measure, kind: ids with labels in the families `"similarity"` and `"positions"`.
    """
    p, q = places
    if kind == "none":
        return say(POSITIONS.nothing, p=p, q=q)
    fields = {"p": p, "q": q, "measure": label("similarity", measure), "value": signed(likeness[p, q])}
    near = nearest(likeness, p)
    fields |= {"near": near, "neighbour": signed(likeness[p, near])}
    away = likeness[p, q] - likeness[p, near]
    chosen = "same" if p == q else "equal" if abs(away) < 5e-3 else "more" if away > 0 else "less"
    first = say(vars(POSITIONS)[chosen], **fields)
    return f"{first} {say_plural(*POSITIONS.agree, int((agreement > 0.9).sum()), all=len(agreement))}"


def nearest(likeness: np.ndarray, p: int) -> int:
    """Return the neighbour of a position that is more like it; the one before it where both are."""
    beside = [at for at in (p - 1, p + 1) if 0 <= at < len(likeness)]
    return max(beside, key=lambda at: round(float(likeness[p, at]), 9))


def signed(value: float) -> str:
    """Return a number with two decimals and a true minus sign."""
    return f"{value:.2f}".replace("-", "−")


def order_sentence(moved: int, changes: Mapping[str, int]) -> str:
    """Return what another order of words changes.

    Args:
        moved: how many words do not stand where they did.
        changes: name of a model → how many words of its translation are gone or moved.
    """
    if not moved:
        return say(ORDER.first)
    told = [say_plural(*ORDER.changed, count, name=name) if count else say(ORDER.same, name=name)
            for name, count in changes.items()]  # fmt: skip
    return " ".join([say_plural(*ORDER.moved, moved), *told])


def order_note(changed: int) -> str:
    """Return beside a translation how many of its words another order changed."""
    return say_plural(*ORDER.lost, changed) if changed else say(ORDER.unchanged)
