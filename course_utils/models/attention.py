"""Attention as a pure function, its score functions, and the translators that use it (lesson 4)."""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from course_utils.datasets.special_tokens import PAD
from course_utils.models.seq2seq import DecoderLSTM, EncoderLSTM, Seq2Seq, check_sizes

Score = Callable[[Tensor, Tensor], Tensor]


def dot(query, key):
    """Return `query · key` for every pair (Luong et al. 2015, eq. 8, "dot").

    Args:
        query, key: `(..., T, D)` and `(..., S, D)`, floating point, of one dtype and one width `D`.

    Returns:
        Scores `(..., T, S)`.

    Raises:
        ValueError: query and key differ in width.
    """
    if query.shape[-1] != key.shape[-1]:
        raise ValueError(
            f"a dot product needs query and key of one width, "
            f"not {query.shape[-1]} and {key.shape[-1]}: "
            "use General or Additive to compare different widths"
        )
    return query @ key.transpose(-2, -1)


def scaled_dot(query, key):
    """Return `query · key / √D` for every pair (Vaswani et al. 2017, eq. 1).

    Shapes and errors are those of `dot`. For independent entries of variance 1 the scores' variance is 1, whatever `D`.
    """
    return dot(query, key) / math.sqrt(query.shape[-1])


class General(nn.Module):
    """The bilinear score `queryᵀ W key`, for any two widths (Luong et al. 2015, eq. 8, "general").

    Args:
        query_size, key_size: widths of query and key.
    """

    def __init__(self, query_size, key_size):
        super().__init__()
        self.project = nn.Linear(key_size, query_size, bias=False)

    def forward(self, query, key):
        """Return scores `(..., T, S)` for `query (..., T, query_size)` and `key (..., S, key_size)`."""
        return dot(query, self.project(key))


class ScaledGeneral(General):
    """`General` divided by √query_size: what `scaled_dot` is to `dot`. Arguments and shapes as in `General`."""

    def forward(self, query, key):
        """Return scores as in `General.forward`."""
        return super().forward(query, key) / math.sqrt(query.shape[-1])


class Additive(nn.Module):
    """The score `vᵀ tanh(W query + U key)`, for any two widths (Bahdanau et al. 2015, appendix A.1.2).

    Args:
        query_size, key_size, hidden_size: widths of query and key, and of the layer in which they are added.
    """

    def __init__(self, query_size, key_size, hidden_size):
        super().__init__()
        self.from_query = nn.Linear(query_size, hidden_size, bias=False)
        self.from_key = nn.Linear(key_size, hidden_size, bias=False)
        self.v = nn.Linear(hidden_size, 1, bias=False)

    def forward(self, query, key):
        """Return scores as in `General.forward`."""
        query = self.from_query(query).unsqueeze(-2)  # (..., T, 1, hidden_size)
        key = self.from_key(key).unsqueeze(-3)  # (..., 1, S, hidden_size)
        return self.v(torch.tanh(query + key)).squeeze(-1)


def uniform(query, key):
    """Return the score 0 for every pair, so that all words get the same weight: a control without any choice.

    Args:
        query, key: `(..., T, D)` and `(..., S, D')`, floating point.

    Returns:
        Zeros `(..., T, S)`.
    """
    return torch.zeros_like(query[..., :1] + key[..., :1].transpose(-2, -1))


def attention(query, key, value, mask=None, score=scaled_dot):
    """Return each query's weighted average of the values, and the weights (Vaswani et al. 2017, eq. 1).

    Args:
        query: what is looked for, `(..., T, D)`, floating point.
        key: what it is compared with, `(..., S, D)`.
        value: what is averaged, `(..., S, V)`; its width is free.
        mask: `(..., T, S)` bool, broadcastable, **True where attending is allowed**. Every row needs a True
            (a sentence has at least one word): not checked here, where it would make a GPU wait.
        score: `score(query, key)` → scores `(..., T, S)`.

    Returns:
        The context `(..., T, V)` and the weights `(..., T, S)`, which are ≥ 0, sum to 1 over `S`, and are
        exactly 0 where the mask is False.

    Raises:
        ValueError: widths that the score function cannot compare.
    """
    scores = score(query, key)
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    weights = scores.softmax(dim=-1)
    return weights @ value, weights


def attend(query, memory, mask, score=scaled_dot, value=None):
    """Attend over the encoder's states: `attention` for sequence-first arrays.

    The one place where time and batch change places; `attention` would read a batch as time.

    Args:
        query: `(T, B, D)`.
        memory, value: keys `(S, B, H)`, and values `(S, B, V)` where they are not the keys.
        mask: True on words, False on padding, `(S, B)` bool.
        score: as in `attention`.

    Returns:
        The context `(T, B, H)` and the weights `(T, B, S)`.
    """
    value = memory if value is None else value
    # (T, B, D), (S, B, H), (S, B, V) → (B, T, D), (B, S, H), (B, S, V)
    query, key, value = (part.transpose(0, 1) for part in (query, memory, value))
    context, weights = attention(query, key, value, mask.T.unsqueeze(1), score)
    return context.transpose(0, 1), weights.transpose(0, 1)


class ResidualEncoderLSTM(EncoderLSTM):
    """An encoder whose memory holds, for every word, the state there plus the word's own embedding.

    A state sums up all words read so far, so attention can find a word's meaning at later words too. The sum
    with the embedding, a residual connection (He et al. 2016), marks the place of the word itself.

    Args:
        input_size, embedding_size, hidden_size, num_layers, p: as in `EncoderLSTM`, the two widths equal.

    Raises:
        ValueError: as in `EncoderLSTM`, or widths that differ.
    """

    def __init__(self, input_size, embedding_size, hidden_size, num_layers, p):
        super().__init__(input_size, embedding_size, hidden_size, num_layers, p)
        if embedding_size != hidden_size:
            raise ValueError(
                "a sum needs embeddings and states of one width, "
                f"not {embedding_size} and {hidden_size}"
            )  # fmt: skip

    def states(self, x, lengths=None):
        """Return `memory (S, B, H)`, zero on padding, `hidden` and `cell`, each `(num_layers, B, H)`."""
        memory, hidden, cell = super().states(x, lengths)
        words = self.dropout(self.embedding(x)).masked_fill((x == PAD).unsqueeze(-1), 0.0)
        return memory + words, hidden, cell


class AttentionDecoderLSTM(DecoderLSTM):
    """A decoder that looks back at every word of the source (Luong et al. 2015, section 3.1).

    The query is the decoder's state after the step, so no step waits for another's context, and a known target
    goes through in one call. The context is joined to that state before the output layer.

    Args:
        input_size, embedding_size, hidden_size, num_layers, p, output_size: as in `DecoderLSTM`.
        score: as in `attention`.
    """

    def __init__(
        self, input_size, embedding_size, hidden_size, num_layers, p, output_size, score=scaled_dot
    ):  # fmt: skip
        super().__init__(input_size, embedding_size, hidden_size, num_layers, p, output_size)
        self.score, self.attend = score, attend
        self.output = nn.Linear(2 * hidden_size, output_size)

    def forward(self, x, hidden, cell, memory, mask):
        """Take one step, or as many as there are tokens.

        Args:
            x, hidden, cell: as in `DecoderLSTM.forward`.
            memory, mask: the encoder's states, `(S, B, H)`, and True on words, False on padding, `(S, B)` bool.

        Returns:
            `predictions`, `hidden` and `cell` as there; `weights`, `(B, S)` or `(T, B, S)`.
        """
        outputs, hidden, cell = self.states(x, hidden, cell)
        context, weights = self.attend(outputs, memory, mask, self.score)
        predictions = self.output(torch.cat([outputs, context], dim=-1))
        return predictions.reshape(*x.shape, -1), hidden, cell, weights.reshape(*x.shape, -1)


class TiedAttentionDecoderLSTM(AttentionDecoderLSTM):
    """A decoder whose output layer scores words by their own embeddings (Press and Wolf 2017, section 3).

    State and context first become one vector as wide as an embedding, tanh(W [state; context] + b) (Luong et al. 2015,
    eq. 5). The output layer, most of a step's work where the vocabulary is large, is then half as large, and has no
    weights of its own but a bias.

    Args:
        input_size, embedding_size, hidden_size, num_layers, output_size, score: as in `AttentionDecoderLSTM`, with one
            number of tokens and one width.
        p: probability of dropout, as there, and on the vector.

    Raises:
        ValueError: as in `DecoderLSTM`, or sizes that differ.
    """

    def __init__(
        self, input_size, embedding_size, hidden_size, num_layers, p, output_size, score=scaled_dot
    ):  # fmt: skip
        super().__init__(input_size, embedding_size, hidden_size, num_layers, p, output_size, score)
        if (input_size, embedding_size) != (output_size, hidden_size):
            raise ValueError(
                "tied weights need as many tokens that are read as are predicted, and embeddings as wide as states, "
                f"not {input_size} and {output_size} tokens, and widths {embedding_size} and {hidden_size}"
            )
        # With torch's embeddings (entries of size 1) the first loss is far above that of a guess, 11.0 instead of 8.7.
        nn.init.normal_(self.embedding.weight, std=0.1)
        words = nn.Linear(hidden_size, output_size)
        words.weight = self.embedding.weight
        self.output = nn.Sequential(nn.Linear(2 * hidden_size, hidden_size), nn.Tanh(), nn.Dropout(p), words)


class AttentionSeq2Seq(Seq2Seq):
    """An encoder and an `AttentionDecoderLSTM`: the decoder is given every state of the encoder."""

    def encode(self, source, lengths=None):
        """Return the first state, `(hidden, cell)`, and the memory: the encoder's states `(S, B, H)`, mask `(S, B)`."""
        states, hidden, cell = self.encoder.states(source, lengths)
        return (hidden, cell), (states, source != PAD)

    def decode(self, x, state, memory):
        """Return logits `(..., V)`, the state after them and weights `(..., S)`, for tokens `x (B,)` or `(T, B)`."""
        predictions, hidden, cell, weights = self.decoder(x, *state, *memory)
        return predictions, (hidden, cell), weights


class EarlyAttentionDecoderLSTM(DecoderLSTM):
    """A decoder that looks back before each step (the order of Bahdanau et al. 2015, section 3.1 and figure 1).

    The query is the state *before* the step, and the context goes into the step beside the word. So every step
    waits for its own context, and a known target cannot go through in one call. Arguments as in `AttentionDecoderLSTM`.
    """

    def __init__(self, input_size, embedding_size, hidden_size, num_layers, p, output_size, score=scaled_dot):
        super().__init__(input_size, embedding_size, hidden_size, num_layers, p, output_size)
        self.score, self.attend = score, attend
        dropout = p if num_layers > 1 else 0.0
        self.rnn = nn.LSTM(embedding_size + hidden_size, hidden_size, num_layers, dropout=dropout)
        self.output = nn.Linear(2 * hidden_size, output_size)

    def forward(self, x, hidden, cell, memory, mask):
        """Take the steps one after another; arguments and results as in `AttentionDecoderLSTM.forward`."""
        outputs, rows = [], []
        for embedded in self.dropout(self.embedding(x.reshape(-1, x.shape[-1]))):
            context, weights = self.attend(hidden[-1:], memory, mask, self.score)  # (1, B, H), (1, B, S)
            joined = torch.cat([embedded.unsqueeze(0), context], dim=-1)
            states, (hidden, cell) = self.rnn(joined, (hidden, cell))
            outputs.append(torch.cat([states, context], dim=-1))
            rows.append(weights)
        predictions = self.output(torch.cat(outputs))
        return predictions.reshape(*x.shape, -1), hidden, cell, torch.cat(rows).reshape(*x.shape, -1)


class PositionScore(nn.Module):
    """A specimen: scores from the query alone, one for each position of the source, the keys unread.

    This is the *location* score of Luong et al. (2015, eq. 8). The translation tutorial of PyTorch computed its weights
    like this until June 2023 (issues 87, 1098 and 2121 of github.com/pytorch/tutorials). The values that it weighs are
    real, and the query starts from the encoder's last state; but the word at a position does not change its weight.

    Args:
        query_size, max_length: width of the query; most source words that it has scores for (else a ValueError).

    Raises:
        ValueError: a size below 1.
    """

    def __init__(self, query_size, max_length):
        super().__init__()
        check_sizes(query_size, max_length)
        self.positions = nn.Linear(query_size, max_length)

    def forward(self, query, key):
        """Return scores `(..., T, S)` for `query (..., T, query_size)`; of `key (..., S, D)` only S is used."""
        length, known = key.shape[-2], self.positions.out_features
        if length > known:
            raise ValueError(f"this score knows {known} positions, but the source has {length} words")
        return self.positions(query)[..., :length]


def build_seq2seq(
    hidden_size: int, source_size: int, target_size: int, attention: bool = False, *, dropout: float = 0.0
) -> Seq2Seq:
    """Return an untrained one-layer `Seq2Seq`, its embeddings 64 wide, or an `AttentionSeq2Seq`.

    Args:
        hidden_size: width `H`.
        source_size, target_size: numbers of ids, padding (0) included.
        attention: whether the decoder attends.
        dropout: on both embeddings.

    Raises:
        ValueError: a size below 1.
    """
    encoder = EncoderLSTM(source_size, 64, hidden_size, 1, dropout)
    sizes = (target_size, 64, hidden_size, 1, dropout, target_size)
    if attention:
        return AttentionSeq2Seq(encoder, AttentionDecoderLSTM(*sizes))
    return Seq2Seq(encoder, DecoderLSTM(*sizes))
