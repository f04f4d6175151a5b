"""Sentences on known mistakes: exercise → id → what it looks like and what to do; the functions are in the answers."""

# ruff: noqa: E501 - one sentence per line

from course_utils.messages import note

MISTAKES = {
    "padded_rnn": {
        "padding_keeps_states": note(
            "It looks as if the padded steps keep the states that the loop computed there: set them to 0."
        ),
        "state_repeated": note(
            "It looks as if the last state is repeated over the padded steps: carry it on, but store 0."
        ),
        "last_row": note(
            "It looks as if `last` is row T − 1 for every sequence, padding or not: each has its own end, at `lengths − 1`."
        ),
        "last_too_early": note(
            "It looks as if `last` is read one step too early: after `n` steps the last one is number `n − 1`."
        ),
        "one_padded_step": note(
            "It looks as if each sequence reads one padded step: step `t` is real while `t < lengths`."
        ),
        "state_not_carried": note("It looks as if the state is not carried from step to step."),
        "W_hh_not_transposed": note("It looks as if `W_hh` is not transposed: for rows of states it is `h @ W_hh.T`."),
        "W_ih_not_transposed": note(
            "It looks as if `W_ih` is not transposed: for rows of inputs it is `x_t @ W_ih.T`."
        ),
        "no_tanh": note("It looks as if the tanh is left out."),
        "no_b_hh": note("It looks as if the bias `b_hh` is left out."),
        "no_b_ih": note("It looks as if the bias `b_ih` is left out."),
        "no_biases": note("It looks as if both biases are left out."),
    },
    "bidirectional_rnn": {
        "not_flipped_back": note(
            "It looks as if the backward states are in the order in which they were read: flip them back before you join."
        ),
        "both_forward": note("It looks as if both networks read from the front: the second should read `x.flip(0)`."),
        "states_flipped_only": note(
            "It looks as if the second network's states are flipped, but it read from the front."
        ),
        "halves_exchanged": note("It looks as if the halves are exchanged: the forward network's states come first."),
        "forward_weights_twice": note("It looks as if the forward weights are used both ways."),
        "weights_exchanged": note("It looks as if the two weights are exchanged."),
        "states_added": note("It looks as if the states of both are added: join them side by side."),
        "joined_along_steps": note("It looks as if the two are joined along the steps: join them along the units."),
        "batch_flipped": note("It looks as if the batch is flipped: the steps are the first axis."),
        "goes_on_from_forward": note(
            "It looks as if the backward network goes on from the forward network's last state: both start at 0."
        ),
    },
    "clip_gradients": {
        "each_tensor": note(
            "It looks as if each tensor is clipped by its own norm: the norm is that of all of them together."
        ),
        "each_entry": note(
            "It looks as if each entry is clipped by itself: shorten the whole gradient instead, it keeps its direction."
        ),
        "short_stretched": note("It looks as if a short gradient is stretched to the limit: leave it as it is."),
        "no_root": note("It looks as if the root is missing in the norm."),
        "norms_added": note(
            "It looks as if the norms of the tensors are added: add the squares of all entries, then take the root."
        ),
        "largest_entry": note("It looks as if the largest entry is used as the norm."),
        "absolute_values": note("It looks as if the absolute values are added in place of the squares."),
        "length_1": note("It looks as if the gradient is shortened to length 1: shorten it to `max_norm`."),
        "nothing_clipped": note("It looks as if nothing is clipped."),
        "set_to_0": note(
            "It looks as if gradients that are too long are set to 0: shorten them, or nothing would be learned."
        ),
    },
    "longest_lag": {
        "goes_on_after_a_miss": note(
            "It looks as if the search goes on after the first lag that the probe misses: stop there."
        ),
        "first_missed": note("It looks as if the first lag that is missed is returned: return the one before it."),
        "zero_for_none": note(
            "It looks as if the answer is 0 where not even the last token can be read: it should be −1."
        ),
        "end_of_rectangle": note(
            "It looks as if every sequence is read at the end of the rectangle: each has its own, at `lengths − 1`."
        ),
        "lengths_unused": note(
            "It looks as if the lengths are not used: each sequence has its own end, at `lengths − 1`."
        ),
        "step_k": note("It looks as if lag `k` means the token at step `k`: it is the one `k` steps *before the end*."),
        "one_step_off": note(
            "It looks as if the tokens are one step off: lag 0 is the last token itself, at `lengths − 1`."
        ),
        "begins_at_lag_1": note("It looks as if the search begins at lag 1."),
        "short_ones_stay": note(
            "It looks as if sequences too short for a lag are kept: leave out those of at most `k` tokens."
        ),
    },
    "forget_bias": {
        "input_rows": note(
            "It looks as if the input gate's rows are set: torch's order is input, forget, candidate, output."
        ),
        "candidate_rows": note(
            "It looks as if the candidate's rows are set: torch's order is input, forget, candidate, output."
        ),
        "output_rows": note(
            "It looks as if the output gate's rows are set: torch's order is input, forget, candidate, output."
        ),
        "all_rows": note("It looks as if all rows are set: only the forget gate's are to change."),
        "gate_not_bias": note(
            "It looks as if the bias is the gate's value itself: the gate is the sigmoid of the bias."
        ),
        "sign_turned": note("It looks as if the sign is wrong: this gate keeps what it should forget."),
        "power_not_root": note(
            "It looks as if the gate keeps `0.5 ** half_life` per step: over `half_life` steps it should keep a half in all."
        ),
        "one_minus_inverse": note(
            "It looks as if the gate keeps `1 − 1 / half_life` per step: `f ** half_life` must be 0.5."
        ),
        "logarithm": note("It looks as if the bias is the logarithm of the half-life."),
        "added": note("It looks as if the new bias is added to the old one: it replaces it."),
        "b_hh_kept": note("It looks as if `b_hh` keeps its old values in the forget rows, and the two biases add up."),
        "in_both": note("It looks as if the bias is in both `b_ih` and `b_hh`, and the two add up."),
    },
    "cell_parts": {
        "one_gate_too_long": note(
            "It looks as if each product is one gate too long: a step's own forget gate does not act on what it writes."
        ),
        "one_gate_too_short": note(
            "It looks as if each product is one gate too short: the next step's forget gate acts already."
        ),
        "from_the_front": note(
            "It looks as if the products run from the front: what was written at `t` meets the gates of the steps *after* `t`."
        ),
        "nothing_forgotten": note("It looks as if nothing is forgotten: the products of the forget gates are missing."),
        "no_input_gate": note("It looks as if the input gate is missing: step `t` writes `i_t g_t`."),
        "no_candidate": note("It looks as if the candidate is missing: step `t` writes `i_t g_t`."),
        "products_only": note("It looks as if only the products of the forget gates are returned."),
        "gates_exchanged": note("It looks as if input and forget gate are exchanged."),
        "divided": note("It looks as if it divides by a product of gates, which may be 0."),
        "one_gate_only": note("It looks as if only one forget gate is applied: there is one for every later step."),
        "same_product": note("It looks as if the same product is applied to every step."),
        "gates_added": note("It looks as if the forget gates are added, not multiplied."),
        "reverse_order": note("It looks as if the steps are in reverse order."),
        "summed": note(
            "It looks as if the parts are summed up: that is the cell after every step, and the parts were asked for."
        ),
    },
    "coupled_step": {
        "forget_and_write_exchanged": note(
            "It looks as if forgetting and writing are exchanged: `f` keeps the old cell, `1 − f` takes the candidate."
        ),
        "f_for_both": note("It looks as if `f` is used for both: the input gate is `1 − f`."),
        "candidate_in_full": note("It looks as if the candidate is written in full: its gate is `1 − f`."),
        "nothing_kept": note("It looks as if nothing of the old cell is kept."),
        "never_forgets": note("It looks as if the cell never forgets."),
        "sigmoid_candidate": note("It looks as if the candidate is a sigmoid: it is a tanh."),
        "no_candidate_tanh": note("It looks as if the candidate's tanh is left out."),
        "no_cell_tanh": note("It looks as if the tanh around the cell is left out in `h_t`."),
        "old_cell_shown": note("It looks as if `h_t` shows the old cell."),
        "no_output_gate": note("It looks as if the output gate is left out."),
        "results_exchanged": note("It looks as if the two results are exchanged: first `h_t`, then `c_t`."),
        "no_recurrence": note("It looks as if the hidden state before the step is not used."),
        "no_b_ih": note("It looks as if the bias `b_ih` is left out."),
        "no_b_hh": note("It looks as if the bias `b_hh` is left out."),
        "forget_and_candidate_rows": note(
            "It looks as if forget gate and candidate are exchanged: the rows hold forget, candidate, output."
        ),
        "candidate_and_output_rows": note(
            "It looks as if candidate and output gate are exchanged: the rows hold forget, candidate, output."
        ),
    },
    "paper_gru": {
        "torchs_gru": note(
            "It looks as if this is torch's GRU: in the paper the reset gate multiplies the state *before* the matrix product."
        ),
        "update_turned": note(
            "It looks as if the update gate is inverted: `z` keeps the old state, `1 − z` takes the candidate."
        ),
        "no_reset": note("It looks as if the reset gate is left out."),
        "reset_turned": note("It looks as if the reset gate is inverted: the candidate sees `r * h`."),
        "reset_and_update_rows": note(
            "It looks as if reset and update gate are exchanged: the rows hold reset, update, candidate."
        ),
        "reset_and_candidate_rows": note(
            "It looks as if reset gate and candidate are exchanged: the rows hold reset, update, candidate."
        ),
        "state_not_carried": note("It looks as if the state is not carried from step to step."),
        "old_state_reset": note("It looks as if the old state is reset as well: only the candidate sees `r * h`."),
        "no_candidate_tanh": note("It looks as if the candidate's tanh is left out."),
        "sigmoid_candidate": note("It looks as if the candidate is a sigmoid: it is a tanh."),
        "no_candidate_bias": note("It looks as if the candidate's bias `b_hh` is left out."),
        "no_update": note("It looks as if the candidate replaces the state: the update gate is left out."),
    },
    "pad_batch": {
        "sentences_in_rows": note(
            "It looks as if the sentences are the rows: steps come first, so turn the rectangle."
        ),
        "padding_first": note("It looks as if the padding comes before the sentence: it comes after it."),
        "eos_at_the_end": note(
            "It looks as if `<eos>` is at the end of the rectangle: it comes right after the last word."
        ),
        "no_eos": note("It looks as if `<eos>` is missing."),
        "no_sos": note("It looks as if `<sos>` is missing."),
        "no_frame": note("It looks as if `<sos>` and `<eos>` are missing."),
        "filled_with_eos": note("It looks as if the sentences are filled up with `<eos>`: fill them up with `<pad>`."),
        "filled_with_minus_one": note("It looks as if the sentences are filled up with −1: `<pad>` is 0."),
        "words_only": note("It looks as if the lengths count words only: `<sos>` and `<eos>` belong to the sentence."),
        "length_without_eos": note(
            "It looks as if the lengths leave out `<eos>`, or `<sos>`: both belong to the sentence."
        ),
        "longest_length": note("It looks as if every length is that of the longest sentence."),
        "mask_turned": note(
            "It looks as if the mask is inverted: it is True where there is a token, False on padding."
        ),
        "mask_axes": note("It looks as if the axes of the mask are exchanged: it is `(B, T)`."),
        "mask_everywhere": note("It looks as if the mask allows padding everywhere."),
        "mask_without_eos": note("It looks as if the mask leaves out the last token, `<eos>`."),
    },
    "greedy_batch": {
        "stops_together": note("It looks as if all sentences stop as soon as one is done: each stops on its own."),
        "states_stay": note("It looks as if the states are not taken along: keep the same rows of `state` as of `x`."),
        "columns_move": note(
            "It looks as if the sentences that are left move to the first columns: each keeps its own."
        ),
        "totals_move": note(
            "It looks as if the log-probabilities of those that are left are added to the first sentences."
        ),
        "padding_at_the_end": note(
            "It looks as if there are rows of padding left at the end: stop when all sentences are done."
        ),
        "no_eos": note("It looks as if `<eos>` itself is left out: it is still written."),
        "filled_with_eos": note(
            "It looks as if finished sentences are filled up with `<eos>`: fill them up with `<pad>`."
        ),
        "fed_sos": note(
            "It looks as if the model is fed `<sos>` at every step: feed it the token that it has just written."
        ),
        "state_not_carried": note("It looks as if the state is not carried from step to step."),
        "too_early": note("It looks as if the loop ends one token too early."),
        "too_late": note("It looks as if the loop ends one token too late."),
        "sos_first": note("It looks as if `<sos>` is in the first row: return only what was written."),
        "eos_not_counted": note(
            "It looks as if the log-probability of `<eos>` is left out: to stop is a decision as well."
        ),
        "logits_added": note("It looks as if the logits are added up: a log-probability is a `log_softmax`."),
        "probabilities_added": note("It looks as if the probabilities are added up: add their logarithms."),
    },
    "token_accuracy": {
        "padding_counted": note("It looks as if padding is counted."),
        "hits_on_padding": note("It looks as if right answers on padding count, though padding itself does not."),
        "padding_in_the_denominator": note(
            "It looks as if padding is no hit, but it still counts among the tokens: divide by the number of real ones."
        ),
        "row_0_counted": note("It looks as if row 0 is counted: the target has `<sos>` there, which nobody predicts."),
        "row_0_and_padding": note("It looks as if row 0 and the padding are counted."),
        "padding_of_predictions": note("It looks as if padding is read off the predictions: read it off the target."),
        "no_eos": note("It looks as if `<eos>` is left out: to stop at the right place is part of the task."),
        "mean_of_sentences": note("It looks as if the sentences' shares are averaged: every token weighs the same."),
        "whole_sentences": note("It looks as if whole sentences are counted: count tokens."),
        "share_of_wrong": note("It looks as if this is the share of wrong tokens."),
        "percent": note("It looks as if this is in percent: a share is between 0 and 1."),
        "number_of_tokens": note("It looks as if this is a number of tokens: divide by the number of real ones."),
        "rows_shifted": note(
            "It looks as if row `t` of the outputs is compared with row `t + 1` of the target: both are row `t`."
        ),
        "no_last_row": note("It looks as if the last row is left out."),
    },
    "beam": {
        "width_ignored": note("It looks as if the width is ignored: this is greedy search."),
        "best_only": note(
            "It looks as if only the best hypothesis is returned: return all that were kept, best first."
        ),
        "one_pair": note(
            "It looks as if one pair is returned: return a list of pairs, one for each hypothesis that was kept."
        ),
        "worst_first": note("It looks as if the hypotheses are in reverse order: the best comes first."),
        "goes_on_after_eos": note("It looks as if a hypothesis goes on after its `<eos>`."),
        "ended_dropped": note(
            "It looks as if a hypothesis that has ended is dropped: it keeps its place while it is among the best."
        ),
        "stops_at_the_first": note(
            "It looks as if the search stops as soon as one hypothesis has ended: others may still become better."
        ),
        "best_ones_state": note(
            "It looks as if all hypotheses go on from the best one's state: each goes on from its own."
        ),
        "state_not_carried": note("It looks as if the state is not carried from step to step."),
        "logits_added": note("It looks as if the logits are added up: a log-probability is a `log_softmax`."),
        "probabilities_added": note("It looks as if the probabilities are added up: add their logarithms."),
        "ranked_by_mean": note(
            "It looks as if hypotheses are ranked by their mean log-probability per token: rank them by the sum."
        ),
        "best_continuation_only": note(
            "It looks as if each hypothesis passes on its own best continuation only: all continuations compete."
        ),
        "eos_cut_off": note("It looks as if `<eos>` is cut off: leave it where the hypothesis has ended."),
        "sos_first": note("It looks as if `<sos>` comes first: return only what was written."),
        "no_logarithms": note("It looks as if these are probabilities: return their logarithms."),
        "too_early": note("It looks as if the search ends one token too early."),
        "too_late": note("It looks as if the search ends one token too late."),
        "worst_kept": note("It looks as if the worst continuations are kept."),
    },
    "causal_mask": {
        "turned": note("It looks as if the mask is inverted: it is True where attending is allowed."),
        "past_hidden": note(
            "It looks as if the past is hidden and the future shown: `[t, s]` is allowed where `s ≤ t`."
        ),
        "not_itself": note(
            "It looks as if a word may not look at itself: it may, or the first would have nothing to look at."
        ),
        "one_step_ahead": note("It looks as if a word may look one step into the future."),
        "future_shown": note("It looks as if only the padding is hidden: hide the future as well."),
        "padding_shown": note("It looks as if the padding is not hidden."),
        "padding_as_query": note(
            "It looks as if the padding is hidden as the word that looks, so its row has nothing to look at: hide it as the word that is looked at."
        ),
        "axes_exchanged": note("It looks as if `t` and `s` are exchanged: `t`, the word that looks, comes first."),
        "sentence_not_first": note("It looks as if the sentence is not the first axis."),
        "one_before_only": note(
            "It looks as if only the word itself and the one before are allowed: all earlier ones are."
        ),
        "either_condition": note(
            "It looks as if a word or an earlier one is enough for this mask: both conditions must hold."
        ),
    },
    "concat_scores": {
        "no_tanh": note("It looks as if the tanh is left out."),
        "sigmoid": note("It looks as if a sigmoid takes the place of the tanh."),
        "relu": note("It looks as if a ReLU takes the place of the tanh."),
        "key_first": note("It looks as if the key comes before the query: `W` wants the query first."),
        "axes_exchanged": note("It looks as if the scores have queries and keys exchanged: queries are rows."),
        "no_v": note("It looks as if `v` is left out and the entries are added up."),
        "mean": note("It looks as if the mean over the entries is taken: `v` weighs their sum."),
        "softmax": note("It looks as if the scores are weights already: the softmax comes later."),
        "divided_by_width": note(
            "It looks as if the scores are divided by the root of the width: that is for dot products."
        ),
        "divided_by_hidden_width": note(
            "It looks as if the scores are divided by the root of the hidden width: that is for dot products."
        ),
        "late_tanh": note("It looks as if the tanh comes after `v`: it belongs between `W` and `v`."),
        "no_query": note("It looks as if the query is not used."),
        "no_key": note("It looks as if the key is not used."),
        "subtracted": note("It looks as if query and key are subtracted."),
    },
    "alignment_error": {
        "target_first": note(
            "It looks as if the links are (target, source): a link is (source, target), and the rows of the weights are target words."
        ),
        "heaviest_of_row": note(
            "It looks as if only the heaviest weight of each row makes a link: every weight of at least `level` does."
        ),
        "heaviest_of_column": note(
            "It looks as if the heaviest weight of each column makes a link: every weight of at least `level` does."
        ),
        "below_level": note("It looks as if weights *below* the level make the links."),
        "above_level": note("It looks as if a weight equal to the level makes no link: *at least* `level` is `>=`."),
        "at_most_level": note("It looks as if weights of *at most* the level make the links."),
        "every_pair": note("It looks as if every pair is a link, whatever its weight."),
        "mean_of_rates": note(
            "It looks as if the sentences' rates are averaged: add up the counts of all sentences, then divide once."
        ),
        "share_right": note("It looks as if this is the share that is right: the error is 1 minus it."),
        "no_possible": note("It looks as if the possible links are not used."),
        "only_possible": note("It looks as if only the possible links are used."),
        "sure_not_possible": note(
            "It looks as if sure links are not counted as possible ones: each sure link is both."
        ),
        "possible_in_denominator": note(
            "It looks as if the denominator has the possible links in place of the sure ones."
        ),
        "precision": note("It looks as if this is 1 minus the precision."),
        "recall": note("It looks as if this is 1 minus the recall."),
        "mean_of_precision_and_recall": note(
            "It looks as if precision and recall are averaged: add numerators and denominators."
        ),
        "twice_the_links": note("It looks as if the denominator is twice the number of links."),
    },
    "two_heads": {
        "divided_by_root_D": note("It looks as if the scores are divided by √D: a head's dot product has D/2 terms."),
        "not_scaled": note("It looks as if the scores are not scaled: divide by √(D/2)."),
        "divided_by_half_D": note("It looks as if the scores are divided by D/2: divide by its root."),
        "divided_by_D": note("It looks as if the scores are divided by D."),
        "divided_by_root_heads": note("It looks as if the scores are divided by the root of the number of heads."),
        "softmax_over_queries": note(
            "It looks as if the weights sum to 1 over the queries: the softmax goes over the keys, the last axis."
        ),
        "softmax_over_heads": note(
            "It looks as if the weights sum to 1 over the heads: the softmax goes over the keys, the last axis."
        ),
        "no_mask": note("It looks as if the mask is not used."),
        "mask_turned": note("It looks as if the mask is inverted: it is True where attending is allowed."),
        "first_head_masked": note("It looks as if only the first head is masked: both share the mask."),
        "masked_with_0": note(
            "It looks as if masked scores are set to 0: a score of 0 still gets weight, set them to −∞."
        ),
        "late_mask": note("It looks as if the mask is applied after the softmax, and the weights no longer sum to 1."),
        "every_other_entry": note(
            "It looks as if the heads take every other entry: the first takes the first half of the width."
        ),
        "steps_dealt": note(
            "It looks as if steps are dealt out to the heads: split the last axis, then move the head's axis before the steps."
        ),
        "steps_dealt_by_reshape": note(
            "It looks as if `reshape` deals out steps to the heads: split the last axis by `unflatten`, then move the head's axis forward."
        ),
        "heads_not_moved_back": note(
            "It looks as if the contexts are joined without moving the heads back behind the steps."
        ),
        "halves_exchanged": note("It looks as if the halves are exchanged: the first head's context comes first."),
        "contexts_alternate": note(
            "It looks as if the heads' contexts alternate entry by entry: one follows the other."
        ),
        "query_and_key_exchanged": note("It looks as if query and key are exchanged."),
        "keys_as_values": note("It looks as if keys take the place of the values."),
        "one_head": note(
            "It looks as if there is only one head: each should have weights of its own, from its half of the width."
        ),
    },
}
