"""The questions of lesson 2, in the order in which it asks them."""

from course_utils.messages import note
from course_utils.predictions.questions import PERCENT, Choice, Curve, Factor, Numbers, Order, Several, Within

QUESTIONS = {
    "hundred_steps": Numbers(
        text=note(
            "A state of three numbers, a hundred steps. What is left of each gradient ∂c_T / ∂c_t if each step "
            "multiplies by 0.9? And if each step adds 0.1?"
        ),
        name=note("the gradient left after a hundred steps"),
        names=(note("multiplies by 0.9"), note("adds 0.1")), close=Factor(5), low=0,
    ),
    "new_cell": Numbers(
        text=note(
            "What is `c_t`? `c_prev` is (1, −2, 0.5), `f` is (1, 0, 0.5), `i` is (0, 1, 0.5) and `g` is (0.8, 0.8, "
            "−0.8)."
        ),
        name=note("the new cell, by hand"),
        names=(note("unit 1"), note("unit 2"), note("unit 3")), close=Within(0.05),
    ),
    "memory_left": Numbers(
        text=note("torch starts every bias near 0. How much of a memory is left after 100 steps?"),
        name=note("how much of a memory torch’s start keeps"),
        unit=PERCENT, close=Within(5), low=0, high=100,
    ),
    "gradient_order": Order(
        text=note("Which network has most of its gradient left at the first of 100 steps? Put the most on top."),
        name=note("whose gradient is left"),
        options={
            "rnn": note("RNN as torch starts it"), "lstm": note("LSTM as torch starts it"),
            "rnn_tuned": note("RNN, radius 1.5"), "lstm_tuned": note("LSTM, forget bias 5"),
        },
    ),
    "who_learns": Several(
        text=note("Lag 20, 200 training steps. Who learns it? Tick all that do."),
        name=note("who learns lag 20"),
        options={"rnn": note("RNN"), "lstm": note("LSTM"), "lstm_bias_5": note("LSTM, forget bias 5")},
        none=note("none of them"), wrong=0,
    ),
    "mixed_practice": Curve(
        text=note(
            "The RNN learned lag 5 in the table above, where it met nothing else. How will it do after mixed "
            "practice, from lag 5 to lag 200? Draw the share recalled."
        ),
        name=note("what mixed practice gives the RNN"),
        close=Within(0.15), x=(5, 10, 20, 40, 100, 200), low=0, high=1,
        xlabel=note("lag (steps)"), ylabel=note("share recalled"),
    ),
    "sequences_needed": Numbers(
        text=note("The paper’s cell needed 74,000 training sequences. How many will ours need?"),
        name=note("how many sequences the LSTM needs"),
        close=Factor(2), low=1,
    ),
    "forget_enough": Choice(
        text=note("Is it enough to open the forget gates, with a bias of 5?"),
        name=note("whether open forget gates are enough"),
        options={"yes": note("yes"), "no": note("no")},
    ),
    "gate_values": Numbers(
        text=note(
            "From 0 (shut) to 1 (open): how far open is the input gate of such a unit at a mark, and elsewhere? And "
            "its forget gate, between the marks?"
        ),
        name=note("how far the gates are open"),
        names=(note("input gate at a mark"), note("input gate elsewhere"), note("forget gate")),
        close=Within(0.25), low=0, high=1,
    ),
    "hold_breaks": Several(
        text=note("There are six ways to hold a gate. Which break recall? Tick all that do."),
        name=note("which held gates break recall"),
        options={
            "input_shut": note("input gate shut"), "input_open": note("input gate open"),
            "forget_shut": note("forget gate shut"), "forget_open": note("forget gate open"),
            "output_shut": note("output gate shut"), "output_open": note("output gate open"),
        },
        none=note("none of them"),
    ),
    "lstm_words": Numbers(
        text=note("The RNN got more than 6 words in 10 right. And the LSTM of 128 units?"),
        name=note("how many words the LSTM names rightly"),
        unit=PERCENT, close=Within(5), low=0, high=100,
    ),
    "lstm_where": Choice(
        text=note("Where will the difference be larger?"),
        name=note("where the LSTM is ahead"),
        options={"short": note("in the shortest words"), "long": note("in the longest words")},
        measure=lambda gains: "long" if gains[-1] > gains[0] else "short",
    ),
}  # fmt: skip
