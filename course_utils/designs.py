"""Other designs of attention, kept to be compared: Bahdanau's order, and a specimen that never looks."""

import torch
from torch import nn

from course_utils.attention import scaled_dot
from course_utils.seq2seq import DecoderLSTM, attend, check_sizes


class EarlyAttentionDecoderLSTM(DecoderLSTM):
    """A decoder that looks back before each step (the order of Bahdanau et al. 2015, section 3.1 and figure 1).

    The query is the state *before* the step, and the context goes into the step beside the word. So every step
    waits for the context of its own, and a known target cannot go through in one call.

    Args:
        input_size, embedding_size, hidden_size, num_layers, p, output_size: as in `DecoderLSTM`.
        score: `score(query, key)` → scores `(..., T, S)`.
    """

    def __init__(self, input_size, embedding_size, hidden_size, num_layers, p, output_size, score=scaled_dot):
        super().__init__(input_size, embedding_size, hidden_size, num_layers, p, output_size)
        self.score, self.attend = score, attend
        dropout = p if num_layers > 1 else 0.0
        self.rnn = nn.LSTM(embedding_size + hidden_size, hidden_size, num_layers, dropout=dropout)
        self.output = nn.Linear(2 * hidden_size, output_size)

    def forward(self, x, hidden, cell, memory, mask):
        """Take one step, or as many as there are tokens, one after another.

        Args:
            x: the tokens before those to predict: `(B,)` for one step, `(T, B)` for a known target; int64.
            hidden, cell: state before the step, `(num_layers, B, H)`.
            memory: the encoder's states, `(S, B, H)`.
            mask: True on words, False on padding, `(S, B)` bool.

        Returns:
            `predictions`, logits `(B, output_size)` or `(T, B, output_size)`; `hidden` and `cell` after it;
            `weights`, `(B, S)` or `(T, B, S)`.
        """
        seen, looked = [], []
        for embedded in self.dropout(self.embedding(x.reshape(-1, x.shape[-1]))):
            context, weights = self.attend(hidden[-1:], memory, mask, self.score)  # (1, B, H), (1, B, S)
            joined = torch.cat([embedded.unsqueeze(0), context], dim=-1)
            outputs, (hidden, cell) = self.rnn(joined, (hidden, cell))
            seen.append(torch.cat([outputs, context], dim=-1))
            looked.append(weights)
        predictions = self.output(torch.cat(seen))
        return predictions.reshape(*x.shape, -1), hidden, cell, torch.cat(looked).reshape(*x.shape, -1)


class PositionScore(nn.Module):
    """A specimen: scores from the query alone, one for each position of the source, the keys unread.

    The translation tutorial of PyTorch computed its weights like this until 2022 at least (issues 1098 and 2121 of
    github.com/pytorch/tutorials). The weights sum to 1 and their heatmaps look plausible, but nothing that the encoder
    wrote can change them.

    Args:
        query_size: width of the query.
        max_length: most source words that it has scores for.

    Raises:
        ValueError: a size below 1.
    """

    def __init__(self, query_size, max_length):
        super().__init__()
        check_sizes(query_size, max_length)
        self.positions = nn.Linear(query_size, max_length)

    def forward(self, query, key):
        """Return scores `(..., T, S)` for `query (..., T, query_size)`; of `key (..., S, D)` only S is used.

        Raises:
            ValueError: more source words than it has scores for.
        """
        if key.shape[-2] > self.positions.out_features:
            raise ValueError(
                f"this score knows {self.positions.out_features} positions, but the source has {key.shape[-2]} words"
            )
        return self.positions(query)[..., : key.shape[-2]]
