"""The Transformer (Vaswani et al. 2017), part by part, and a decoder that reads source and target alike (lesson 5).

Sequence first, as everywhere; `split_heads` is the one place where heads and batch come first. Masks are True where
attending is allowed. Parameters have torch's names, so that a layer loads the weights of torch's own.
"""

import math

import torch
from torch import nn
from torch.nn.functional import linear

from course_utils.datasets.special_tokens import PAD
from course_utils.models.attention import attend, attention, dot
from course_utils.models.seq2seq import Seq2Seq, check_sizes, lengths_of

POSITIONS = ("none", "sinusoidal", "learned", "rotary")


def angles(positions, width):
    """Return the angle of each hand of the clock at each position (Vaswani et al. 2017, section 3.5).

    Hand i turns by 1 / 10000^(2i / width) per position: the first fast, the last very slowly.

    Args:
        positions: any shape `(...)`, floating point.
        width: entries, two per hand; even.

    Returns:
        Angles in radians, `(..., width / 2)`.
    """
    hands = torch.arange(0, width, 2, device=positions.device, dtype=positions.dtype)
    return positions.unsqueeze(-1) / 10000 ** (hands / width)


def sinusoids(positions, d_model):
    """Return the vector that marks each position: sine and cosine of every hand's angle, `(..., d_model)`."""
    turned = angles(positions, d_model)
    return torch.stack([turned.sin(), turned.cos()], dim=-1).flatten(-2)


def rotate(x, positions):
    """Turn each pair of entries by its hand's angle, so that dot products see distances (Su et al. 2021, eq. 34).

    Args:
        x: queries or keys, `(..., T, D)`, `D` even.
        positions: `(..., T)`, floating point.
    """
    turned = angles(positions, x.shape[-1])
    cos, sin = turned.cos(), turned.sin()
    first, second = x[..., 0::2], x[..., 1::2]
    return torch.stack([first * cos - second * sin, first * sin + second * cos], dim=-1).flatten(-2)


class Positions(nn.Module):
    """Tell a model where each word is: by a vector added to the word's own, or by turned queries and keys.

    Args:
        kind: `"none"`, `"sinusoidal"`, `"learned"`, or `"rotary"`, which adds nothing: attention turns by it.
        d_model, nhead: width of the stream and number of heads; pairs of entries need an even width.
        max_len: how many positions can be learned.

    Raises:
        ValueError: no such kind, an odd width (of sinusoids, or of a head that is turned), or a sentence longer than
            what can be learned.
    """

    def __init__(self, kind, d_model, nhead, max_len=128):
        super().__init__()
        width = {"sinusoidal": d_model, "rotary": d_model // nhead}.get(kind, 2)
        if kind not in POSITIONS or width % 2:
            raise ValueError(f"expected one of {POSITIONS}, of even width, not {kind!r} of width {width}")
        self.kind, self.max_len = kind, max_len
        if kind == "learned":
            self.table = nn.Embedding(max_len, d_model)

    def forward(self, embedded, positions, length):
        """Return the words' vectors `(T, B, d_model)` with those of their positions.

        Args:
            embedded: `(T, B, d_model)`.
            positions: `(T, 1)`, or `(T, B)` where they differ, int64, all below `length`.
        """
        if self.kind == "sinusoidal":
            return embedded + sinusoids(positions.to(embedded.dtype), embedded.shape[-1])
        if self.kind == "learned":
            if length > self.max_len:
                raise ValueError(f"this model has learned {self.max_len} positions, but the text has {length}")
            return embedded + self.table(positions)
        return embedded


def split_heads(x, num_heads):
    """Return `(N, B, T, E / N)` for `x (T, B, E)`: the one place where heads and batch come before time."""
    return x.unflatten(-1, (num_heads, -1)).transpose(0, 2)


def merge_heads(x):
    """Return `(T, B, E)` for `x (N, B, T, E / N)`: what `split_heads` split."""
    return x.transpose(0, 2).flatten(2)


class MultiheadAttention(nn.Module):
    """Several attentions side by side, each on its own small projection (Vaswani et al. 2017, section 3.2.2).

    Args:
        embed_dim, num_heads: width `E`, and how many heads `N` share it.

    Raises:
        ValueError: a size below 1, or a width that the heads cannot share evenly.
    """

    def __init__(self, embed_dim, num_heads):
        super().__init__()
        check_sizes(embed_dim, num_heads)
        if embed_dim % num_heads:
            raise ValueError(f"{num_heads} heads cannot share a width of {embed_dim} evenly")
        self.num_heads, self.head_dim = num_heads, embed_dim // num_heads
        self.in_proj_weight = nn.Parameter(torch.empty(3 * embed_dim, embed_dim))  # query, key, value
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * embed_dim))
        self.out_proj = nn.Linear(embed_dim, embed_dim)
        nn.init.xavier_uniform_(self.in_proj_weight)
        nn.init.zeros_(self.out_proj.bias)

    def project(self, *inputs):
        """Return the heads' queries, keys and values, each `(N, B, T, E / N)`, of three inputs `(T, B, E)`."""
        weights, biases = self.in_proj_weight.chunk(3), self.in_proj_bias.chunk(3)
        parts = zip(inputs, weights, biases, strict=True)
        return [split_heads(linear(x, weight, bias), self.num_heads) for x, weight, bias in parts]

    def forward(self, query, key, value, mask=None, positions=None, cache=None):
        """Attend with every head, and mix what they found.

        Args:
            query: `(T, B, E)`.
            key, value: `(S, B, E)`.
            mask: True where attending is allowed, broadcastable to `(B, T, S)`.
            positions: `(T, 1)` or `(T, B)`, to turn queries and keys by; None turns nothing.
            cache: keys and values of earlier steps, `(N, B, t, E / N)`, that come before the new ones.

        Returns:
            The output `(T, B, E)`, each head's weights `(T, B, N, S)`, and all keys and values so far.
        """
        query, key, value = self.project(query, key, value)
        if positions is not None:
            query, key = (rotate(x, positions.T.to(x.dtype)) for x in (query, key))
        if cache is not None:
            key, value = (torch.cat(both, dim=-2) for both in zip(cache, (key, value), strict=True))
        context, weights = attention(query, key, value, mask)
        return self.out_proj(merge_heads(context)), weights.transpose(0, 2), (key, value)


class CrossAttention(MultiheadAttention):
    """Multi-head attention over an encoder's memory, by lesson 4's `attend`: each head is one more query of a step.

    Each head's query is turned into one for the *memory itself*, and no key or value of it is ever computed. A score
    q · (W k + b) is (Wᵀ q) · k but for a constant, which the softmax ignores; and an average of projected values is the
    projected average. So a step of decoding projects nothing of the source.
    """

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)
        self.attend = attend

    def forward(self, query, memory, mask):
        """Attend with every head, and mix what they found.

        Args:
            query: `(T, B, E)`.
            memory, mask: the encoder's states, `(S, B, E)`, and True on words, False on padding, `(S, B)` bool.

        Returns:
            The output `(T, B, E)` and each head's weights `(T, B, N, S)`.
        """
        heads = [weight.unflatten(0, (self.num_heads, -1)) for weight in self.in_proj_weight.chunk(3)]  # (N, D, E)
        biases = [bias.unflatten(0, (self.num_heads, -1)) for bias in self.in_proj_bias.chunk(3)]  # (N, D)
        query = torch.einsum("tbe,nde->tbnd", query, heads[0]) + biases[0]
        query = torch.einsum("tbnd,nde->tnbe", query, heads[1]) / math.sqrt(query.shape[-1])
        context, weights = self.attend(query.flatten(0, 1), memory, mask, dot)  # (T · N, B, E), (T · N, B, S)
        context, weights = (part.unflatten(0, (-1, self.num_heads)) for part in (context, weights))
        context = torch.einsum("tnbe,nde->tbnd", context, heads[2]) + biases[2]
        return self.out_proj(context.flatten(2)), weights.transpose(1, 2)


class TransformerEncoderLayer(nn.Module):
    """Self-attention, then a feed-forward network; each adds to the residual stream (section 3.1).

    Args:
        d_model, nhead: width and number of heads.
        dim_feedforward: width of the network's hidden layer.
        dropout: on what is added to the stream, and in the network.
        norm_first: normalise what a sublayer reads (Xiong et al. 2020), instead of the stream after each sum.

    Raises:
        ValueError: as in `MultiheadAttention`, a size below 1, or a dropout outside [0, 1].
    """

    def __init__(self, d_model, nhead, dim_feedforward=2048, dropout=0.1, norm_first=False):
        super().__init__()
        check_sizes(dim_feedforward)
        self.self_attn = MultiheadAttention(d_model, nhead)
        self.linear1, self.linear2 = nn.Linear(d_model, dim_feedforward), nn.Linear(dim_feedforward, d_model)
        self.norm1, self.norm2 = nn.LayerNorm(d_model), nn.LayerNorm(d_model)
        self.dropout, self.norm_first = nn.Dropout(dropout), norm_first

    def add(self, x, norm, sublayer):
        """Return the stream `x` plus what a sublayer makes of it, and whatever else the sublayer returns."""
        added, *others = sublayer(norm(x) if self.norm_first else x)
        x = x + self.dropout(added)
        return x if self.norm_first else norm(x), *others

    def feed_forward(self, x):
        """Return what the network makes of each word by itself, as a tuple of one."""
        return (self.linear2(self.dropout(self.linear1(x).relu())),)

    def forward(self, x, mask=None, positions=None, cache=None):
        """Return `x (T, B, E)` after the layer, weights and cache; arguments as in `MultiheadAttention.forward`."""
        x, weights, cache = self.add(x, self.norm1, lambda x: self.self_attn(x, x, x, mask, positions, cache))
        (x,) = self.add(x, self.norm2, self.feed_forward)
        return x, weights, cache


class TransformerDecoderLayer(TransformerEncoderLayer):
    """An encoder's layer with cross attention between its two sublayers; arguments as there."""

    def __init__(self, d_model, nhead, dim_feedforward=2048, dropout=0.1, norm_first=False):
        super().__init__(d_model, nhead, dim_feedforward, dropout, norm_first)
        self.multihead_attn, self.norm3 = CrossAttention(d_model, nhead), nn.LayerNorm(d_model)

    def forward(self, x, memory, memory_mask, mask=None, positions=None, cache=None):
        """Return `x (T, B, E)` after the layer, the cross attention's weights `(T, B, N, S)`, and the cache.

        Args:
            x, mask, positions, cache: as in `TransformerEncoderLayer.forward`.
            memory, memory_mask: the encoder's states `(S, B, E)`, and True on words, `(S, B)` bool.
        """
        x, _, cache = self.add(x, self.norm1, lambda x: self.self_attn(x, x, x, mask, positions, cache))
        x, weights = self.add(x, self.norm2, lambda x: self.multihead_attn(x, memory, memory_mask))
        (x,) = self.add(x, self.norm3, self.feed_forward)
        return x, weights, cache


def causal_mask(length, past=0, device=None):
    """Return which steps each new step may see, `(length, past + length)` bool: all before it, and itself."""
    return torch.ones(length, past + length, dtype=torch.bool, device=device).tril(past)


class Stack(nn.Module):
    """What all models of this file share: words with their positions go in, then come the layers.

    Args:
        input_size: number of ids, padding (0) included.
        d_model, nhead, num_layers, dim_feedforward, dropout, norm_first: of the layers; dropout also on what goes in.
        positions: a kind of `Positions`.

    Raises:
        ValueError: as in `TransformerEncoderLayer` and `Positions`.
    """

    layer = TransformerEncoderLayer

    def __init__(
        self, input_size, d_model, nhead, num_layers, dim_feedforward, dropout=0.1, norm_first=True,
        positions="sinusoidal",
    ):  # fmt: skip
        super().__init__()
        check_sizes(input_size, d_model, nhead, num_layers)
        self.embedding, self.dropout = nn.Embedding(input_size, d_model), nn.Dropout(dropout)
        self.positions, self.nhead = Positions(positions, d_model, nhead), nhead
        sizes = d_model, nhead, dim_feedforward, dropout, norm_first
        self.layers = nn.ModuleList([self.layer(*sizes) for _ in range(num_layers)])
        # With norm first, nothing has normalised the stream when it leaves the last layer.
        self.norm = nn.LayerNorm(d_model) if norm_first else nn.Identity()

    def empty_cache(self, batch):
        """Return the state before the first step: for each layer no keys and no values, `(N, B, 0, D)`."""
        width = self.embedding.embedding_dim // self.nhead
        return tuple(self.embedding.weight.new_empty(self.nhead, batch, 0, width) for _ in range(2 * len(self.layers)))

    def run(self, x, positions, length, state, mask, *memory):
        """Send tokens through all layers.

        Args:
            x: ids `(T, B)`.
            positions, length: as in `Positions.forward`.
            state: of each layer the keys and the values so far, `(N, B, t, D)`.
            mask: as in `MultiheadAttention.forward`.
            *memory: states and mask, for layers that look at a source.

        Returns:
            The stream `(T, B, E)`, weights `(T, B, layers, N, S)`, and the state after these tokens.
        """
        x, weights, after = self.dropout(self.positions(self.embedding(x), positions, length)), [], []
        turned = positions if self.positions.kind == "rotary" else None
        for layer, cache in zip(self.layers, zip(state[::2], state[1::2], strict=True), strict=True):
            x, looked, cache = layer(x, *memory, mask, turned, cache)
            weights.append(looked)
            after += cache
        return self.norm(x), torch.stack(weights, dim=2), tuple(after)


class TransformerEncoder(Stack):
    """Read a source sentence, every word looking at every word; arguments as in `Stack`."""

    def forward(self, x):
        """Return the states of ids `x (S, B)`, `(S, B, E)`, and the weights `(S, B, layers, N, S)`."""
        positions = torch.arange(len(x), device=x.device).unsqueeze(1)  # (S, 1): of every sentence the same
        mask = (x != PAD).T.unsqueeze(1)  # (B, 1, S)
        states, weights, _ = self.run(x, positions, len(x), self.empty_cache(x.shape[1]), mask)
        return states, weights


class TransformerDecoder(Stack):
    """Write a target sentence, each step looking at the steps before it and at the source; arguments as in `Stack`."""

    layer = TransformerDecoderLayer

    def __init__(self, input_size, d_model, *options, **named):
        super().__init__(input_size, d_model, *options, **named)
        self.output = nn.Linear(d_model, input_size)

    def mask(self, steps, past):
        """Return the causal mask of these steps, `(T, past + T)`."""
        return causal_mask(len(steps), past, steps.device)

    def forward(self, x, state, memory, memory_mask):
        """Take one step, or as many as there are tokens.

        Args:
            x: the tokens before those to predict: `(B,)` for one step, `(T, B)` for a known target; int64.
            state: the keys and values of the steps before, as in `Stack.run`.
            memory, memory_mask: the encoder's states, `(S, B, E)`, and True on words, False on padding, `(S, B)` bool.

        Returns:
            Logits `(..., input_size)`, the state after the steps, and the cross attention's weights
            `(..., layers, N, S)`.
        """
        steps, past = x.reshape(-1, x.shape[-1]), state[0].shape[-2]  # (T, B), and how many steps came before
        length = past + len(steps)
        positions = torch.arange(past, length, device=x.device).unsqueeze(1)
        stream, weights, state = self.run(steps, positions, length, state, self.mask(steps, past), memory, memory_mask)
        return self.output(stream).reshape(*x.shape, -1), state, weights.reshape(*x.shape, *weights.shape[2:])


class Transformer(Seq2Seq):
    """A translator: a `TransformerEncoder` and a `TransformerDecoder` of one width, with the course's contract."""

    def encode(self, source, lengths=None):
        """Return the first state, an empty cache, and the memory: states `(S, B, E)`, mask `(S, B)`.

        Raises:
            ValueError: a sentence without words: its row would have nothing to attend to.
        """
        lengths_of(source, lengths)
        states, _ = self.encoder(source)
        return self.decoder.empty_cache(source.shape[1]), (states, source != PAD)

    def decode(self, x, state, memory):
        """Return logits `(..., V)`, the state after them and weights `(..., layers, N, S)`, for tokens `x`."""
        return self.decoder(x, state, *memory)


class DecoderOnly(Stack):
    """One stack reads `source <sep> target` as one sequence, as a GPT does (Radford et al. 2018); `<sos>` separates.

    Source words and target words have ids of their own, target ids after all source ids. Padding stays between a
    short source and its target, where nothing attends to it, and no position is counted for it.

    Args:
        source_size, target_size: numbers of ids of the two sides.
        *options, **named: of `Stack`, from `d_model`.
    """

    def __init__(self, source_size, target_size, d_model, *options, **named):
        super().__init__(source_size + target_size, d_model, *options, **named)
        self.source_size, self.output = source_size, nn.Linear(d_model, source_size + target_size)

    def read(self, source):
        """Return logits of the id after each source word, `(S, B, source_size + target_size)`, and the state."""
        positions = torch.arange(len(source), device=source.device).unsqueeze(1)
        mask = causal_mask(len(source), device=source.device) & (source != PAD).T.unsqueeze(1)
        stream, _, state = self.run(source, positions, len(source), self.empty_cache(source.shape[1]), mask)
        return self.output(stream), state

    def encode(self, source, lengths=None):
        """Return the state after the source, keys and values of its words, and the memory: the mask `(S, B)` alone.

        Raises:
            ValueError: a sentence without words.
        """
        lengths_of(source, lengths)
        return self.read(source)[1], (source != PAD,)

    def decode(self, x, state, memory):
        """Return logits of target words, the state after them, and the share of each head's weight on each source word.

        Shapes as in `Transformer.decode`. The rest of a head's weight is on the target's own words.
        """
        (words,) = memory
        steps, past = x.reshape(-1, x.shape[-1]), state[0].shape[-2]
        length = past + len(steps)
        positions = words.sum(dim=0) + torch.arange(past, length, device=x.device).unsqueeze(1) - len(words)
        seen = torch.cat([words, words.new_ones(length - len(words), x.shape[-1])]).T.unsqueeze(1)  # (B, 1, length)
        mask = causal_mask(len(steps), past, x.device) & seen
        stream, weights, state = self.run(steps + self.source_size, positions, length, state, mask)
        logits = linear(stream, self.output.weight[self.source_size :], self.output.bias[self.source_size :])
        weights = weights[..., : len(words)]
        return logits.reshape(*x.shape, -1), state, weights.reshape(*x.shape, *weights.shape[2:])
