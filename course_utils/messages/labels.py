"""What people read for the ids in code and tables."""

from collections.abc import Iterable

from course_utils.messages import note, say

# The languages of the word task, as `datasets.words` names its classes.
WORD_LANGUAGES = (
    note("Czech"), note("Danish"), note("German"), note("English"), note("Spanish"), note("Estonian"),
    note("Finnish"), note("French"), note("Hungarian"), note("Icelandic"), note("Italian"), note("Lithuanian"),
    note("Dutch"), note("Polish"), note("Portuguese"), note("Romanian"), note("Swedish"), note("Turkish"),
)  # fmt: skip
# Family → id → English label.
LABELS: dict[str, dict[str, str]] = {
    "activation": {"tanh": note("tanh"), "relu": note("relu"), "identity": note("identity")},
    "cell": {"rnn": note("rnn"), "lstm": note("lstm"), "gru": note("gru")},
    "design": {
        "no_attention": note("no attention"), "states_alone": note("states alone"),
        "states_and_words": note("states and words"), "attention_first": note("attention before the step"),
    },
    "disagreement": {
        "right_gold": note("writes right, looks at gold"), "right_elsewhere": note("writes right, looks elsewhere"),
        "right_no_link": note("writes right, gold has no link"), "wrong_gold": note("writes wrong, looks at gold"),
        "wrong_elsewhere": note("writes wrong, looks elsewhere"),
        "wrong_no_link": note("writes wrong, gold has no link"),
    },
    "error_rate": {
        "random": note("random"), "diagonal": note("diagonal"), "ibm1": note("IBM Model 1"),
        "one_link": note("best, one link per word"), "attention": note("attention"),
        "attention_abstains": note("attention may abstain"),
    },
    "gate_task": {"recall": note("recall"), "word": note("word")},
    "gold": {"shown": note("shown"), "hidden": note("hidden"), "guess": note("guess first")},
    "hold": {
        "none": note("none held"), "input_shut": note("input gate shut"), "input_open": note("input gate open"),
        "forget_shut": note("forget gate shut"), "forget_open": note("forget gate open"),
        "output_shut": note("output gate shut"), "output_open": note("output gate open"),
    },
    "intervention": {
        "as_trained": note("as trained"), "permuted_together": note("keys and values permuted together"),
        "values_permuted": note("values permuted against keys"), "uniform": note("uniform weights"),
        "other_memory": note("another sentence's memory"), "strongest_hidden": note("strongest word hidden"),
    },
    "language": {name.lower(): name for name in (*WORD_LANGUAGES, note("Korean"))} | {n: n for n in WORD_LANGUAGES},
    "left_out": {
        "blank": note("a side is blank"), "too_long": note("a side is too long"),
        "too_unequal": note("one side is far longer"), "other_script": note("a side is in another script"),
        "duplicate": note("the same pair again"),
    },
    "measure": {
        "exact": note("exact match (%)"), "bleu": note("BLEU"), "long": note("BLEU on long sentences"),
        "error_rate": note("AER"), "parameters": note("parameters"), "seconds": note("seconds of training"),
    },
    "moment": {"predicting": note("predicting step"), "reading": note("one step later")},
    "output": {
        "own": note("the model"), "reference": note("reference"), "beam_1": note("beam 1"),
        "beam_2": note("beam 2"), "beam_3": note("beam 3"), "beam_4": note("beam 4"),
    },
    "playground_score": {
        "dot": note("dot"), "scaled_dot": note("scaled dot"), "quarter_turn": note("general (a quarter turn)"),
        "additive": note("additive (untrained)"),
    },
    "positions": {
        "sinusoidal": note("sinusoidal"), "learned": note("learned"), "none": note("none"),
    },
    "similarity": {"dot": note("dot product"), "cosine": note("cosine")},
    "score": {
        "dot": note("dot"), "scaled_dot": note("scaled dot"), "general": note("general"), "additive": note("additive"),
        "scaled_general": note("general, 1/√D"), "uniform": note("uniform"), "position": note("position only"),
        "none": note("none"),
    },
    "start": {
        "rnn": note("RNN"), "gru": note("GRU"), "lstm": note("LSTM"), "lstm_bias_1": note("LSTM, forget bias 1"),
        "lstm_bias_3": note("LSTM, forget bias 3"), "lstm_bias_5": note("LSTM, forget bias 5"),
        "lstm_chrono": note("LSTM, chrono"), "lstm_chrono_forget": note("LSTM, chrono's forget half"),
        "lstm_chrono_input": note("LSTM, chrono's input half"),
    },
    "task": {
        "reversal": note("Reversing symbols"), "french": note("French to English"), "korean": note("Korean to English"),
    },
    "unit": {"reversal": note("symbols"), "french": note("tokens"), "korean": note("tokens")},
}  # fmt: skip


def label(family: str, id: str) -> str:
    """Return what people read for an id, in the chosen language; an id that has no label is shown as it is.

    Args:
        family: a key of `LABELS`, such as `"hold"`.
        id: such as `"forget_shut"`.
    """
    return say(LABELS[family][id]) if id in LABELS[family] else id


def options(family: str, ids: Iterable[str]) -> list[tuple[str, str]]:
    """Return the pairs (label, id) of a menu that offers `ids` in this order; `family` is a key of `LABELS`."""
    return [(label(family, id), id) for id in ids]
