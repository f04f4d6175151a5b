"""The encoder-decoder of the lecture notes (lesson 3), and the contract that every decoder of the course keeps.

    state, memory = model.encode(source, lengths)             # source (S, B)
    logits, state, weights = model.decode(x, state, memory)   # x (B,) or (T, B) → logits (…, V)

`state` is carried from step to step: a tuple of tensors with the batch in dimension 1, empty for none. `memory` is what
the encoder hands over and stays as it is: likewise a tuple. `weights` is None, `(…, S)` for one attention, or
`(…, layers, heads, S)` for several. Searches, forced scoring, interventions and explorers use nothing else.
"""

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from course_utils.datasets.special_tokens import PAD, SOS


def check_sizes(*sizes: int) -> None:
    """Raise ValueError unless every size is an integer of at least 1."""
    if not all(isinstance(size, int) and size >= 1 for size in sizes):
        raise ValueError(f"every size must be an integer of at least 1, not {', '.join(map(repr, sizes))}")


def lengths_of(x: Tensor, lengths: Tensor | None = None) -> Tensor:
    """Return how many tokens each column of ids `x (S, B)` holds before its padding: `(B,)` int64, on the CPU.

    Args:
        x: ids `(S, B)`, int64, padded with 0 at the end.
        lengths: the answer, `(B,)` int64 on the CPU, where it is known. Reading it off a GPU makes the GPU wait.

    Raises:
        ValueError: a sentence without words.
    """
    lengths = (x != PAD).sum(dim=0).cpu() if lengths is None else lengths
    if not len(lengths) or lengths.min() < 1:
        raise ValueError(f"every sentence needs at least one word, but the lengths are {lengths.tolist()}")
    return lengths


def check_batch(model: nn.Module, source: Tensor, target: Tensor | None = None) -> None:
    """Validate ids once, at the input boundary: the check forces a GPU synchronisation.

    Args:
        model: a `Seq2Seq`.
        source, target: ids `(S, B)` and `(T, B)`.

    Raises:
        ValueError: not int64, not two-dimensional, an id outside the vocabulary, a sentence without words,
            words after padding, or a target without `<sos>`.
    """
    sides = [("source", source, model.encoder.embedding.num_embeddings)]
    if target is not None:
        sides.append(("target", target, model.decoder.embedding.num_embeddings))
    for name, ids, size in sides:
        if ids.dim() != 2 or ids.dtype != torch.int64 or not ids.numel():
            raise ValueError(f"{name} must be int64 ids (length, batch), not {ids.dtype} {tuple(ids.shape)}")
        low, high = ids.min().item(), ids.max().item()
        if low < 0 or high >= size:
            raise ValueError(f"{name} holds ids from {low} to {high}, but the model knows 0 to {size - 1}")
        if ((ids[:-1] == PAD) & (ids[1:] != PAD)).any():
            raise ValueError(f"{name} has words after its padding")
        lengths_of(ids)
    if target is not None and (target[0] != SOS).any():
        raise ValueError(f"every target must begin with <sos> (id {SOS}), but row 0 is {target[0].tolist()}")


class EncoderLSTM(nn.Module):
    """Read a source sentence; its last state is all that a decoder gets (Sutskever et al. 2014).

    Args:
        input_size: number of source ids, padding (0) included.
        embedding_size, hidden_size: widths `E` and `H`.
        num_layers: LSTM layers on top of each other.
        p: probability of dropout on the embeddings, and between layers where there are several.

    Raises:
        ValueError: a size below 1, or `p` outside [0, 1].
    """

    def __init__(self, input_size, embedding_size, hidden_size, num_layers, p):
        super().__init__()
        check_sizes(input_size, embedding_size, hidden_size, num_layers)
        self.embedding = nn.Embedding(input_size, embedding_size)
        self.dropout = nn.Dropout(p)
        between = p if num_layers > 1 else 0.0  # torch's dropout is between layers
        self.rnn = nn.LSTM(embedding_size, hidden_size, num_layers, dropout=between)

    def states(self, x, lengths=None):
        """Return the top layer's states at every word, and every layer's last state.

        Args:
            x, lengths: as in `lengths_of`.

        Returns:
            `memory (S, B, H)`, zero on padding, then `hidden` and `cell`, each `(num_layers, B, H)`.
        """
        embedded = self.dropout(self.embedding(x))
        packed = pack_padded_sequence(embedded, lengths_of(x, lengths), enforce_sorted=False)
        outputs, (hidden, cell) = self.rnn(packed)  # packed: no sentence's padding is ever read
        memory, _ = pad_packed_sequence(outputs, total_length=len(x))
        return memory, hidden, cell

    def forward(self, x, lengths=None):
        """Return `hidden` and `cell` after the last word, each `(num_layers, B, H)`, for ids `x (S, B)`."""
        _, hidden, cell = self.states(x, lengths)
        return hidden, cell


class DecoderLSTM(nn.Module):
    """Write a target sentence, one token after another, from the encoder's last state.

    Args:
        input_size, output_size: numbers of target ids that can be read, padding (0) included, and predicted.
        embedding_size, hidden_size, num_layers, p: as in `EncoderLSTM`; `hidden_size` and `num_layers` are the same.

    Raises:
        ValueError: a size below 1, or `p` outside [0, 1].
    """

    def __init__(self, input_size, embedding_size, hidden_size, num_layers, p, output_size):
        super().__init__()
        check_sizes(input_size, embedding_size, hidden_size, num_layers, output_size)
        self.embedding = nn.Embedding(input_size, embedding_size)
        self.dropout = nn.Dropout(p)
        between = p if num_layers > 1 else 0.0  # torch's dropout is between layers
        self.rnn = nn.LSTM(embedding_size, hidden_size, num_layers, dropout=between)
        self.output = nn.Linear(hidden_size, output_size)

    def states(self, x, hidden, cell):
        """Return the top layer's states `(T, B, H)` and the last `hidden, cell`, for ids `x`: `(T, B)` or `(B,)`."""
        steps = x.reshape(-1, x.shape[-1])  # one token a sentence, (B,), is a target of T = 1
        outputs, (hidden, cell) = self.rnn(self.dropout(self.embedding(steps)), (hidden, cell))
        return outputs, hidden, cell

    def forward(self, x, hidden, cell):
        """Take one step, or as many as there are tokens.

        Args:
            x: the tokens before those to predict: `(B,)` for one step, `(T, B)` for a known target; int64.
            hidden, cell: state before the step, `(num_layers, B, H)`.

        Returns:
            `predictions`, logits `(B, output_size)` or `(T, B, output_size)`; `hidden` and `cell` after it.
        """
        outputs, hidden, cell = self.states(x, hidden, cell)
        return self.output(outputs).reshape(*x.shape, -1), hidden, cell


class Seq2Seq(nn.Module):
    """An encoder and a decoder, joined by nothing but a state (Sutskever et al. 2014).

    The arguments are an `EncoderLSTM` and a `DecoderLSTM` of one hidden size and number of layers.
    """

    def __init__(self, encoder, decoder):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def encode(self, source, lengths=None):
        """Return the decoder's first state, `(hidden, cell)`, and its memory: nothing, `()`."""
        return self.encoder(source, lengths), ()

    def decode(self, x, state, memory):
        """Return logits `(..., output_size)`, the state after them, and no weights, for tokens `x (B,)` or `(T, B)`."""
        predictions, hidden, cell = self.decoder(x, *state)
        return predictions, (hidden, cell), None

    def forward(self, source, target, lengths=None, teacher_forcing_ratio=1.0, generator=None):
        """Predict every token of the target but the first.

        Args:
            source, lengths: as in `lengths_of`.
            target: ids `(T, B)`, int64, `<sos>` in row 0.
            teacher_forcing_ratio: probability that a step is given the target's token; otherwise it is given
                the model's own. One coin per step is thrown for the whole batch (Bengio et al. 2015).
            generator: a CPU generator for the coins; torch's own where absent.

        Returns:
            Logits `(T, B, output_size)`: row t is the prediction of `target[t]`; row 0 is zero.
        """
        state, memory = self.encode(source, lengths)
        if teacher_forcing_ratio == 1.0:  # every input is known: one call
            predictions, _, _ = self.decode(target[:-1], state, memory)
        else:
            coins = torch.rand(len(target), generator=generator, device="cpu").tolist()
            x, steps = target[0], []
            for t in range(1, len(target)):
                step, state, _ = self.decode(x, state, memory)
                steps.append(step)
                x = target[t] if coins[t] < teacher_forcing_ratio else step.argmax(dim=-1)
            predictions = torch.stack(steps)
        return torch.cat([torch.zeros_like(predictions[:1]), predictions])
