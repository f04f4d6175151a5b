"""Greedy search, sampling, beam search and forced scoring for any model that keeps the contract of `seq2seq`."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_utils.datasets.special_tokens import EOS, PAD, SOS


class Hypothesis(NamedTuple):
    """One sentence that a search found.

    `tokens` are its ids without `<sos>` and `<eos>`; `log_probability` is the model's, in nats, `<eos>`
    included; `score` is what the search ranked it by; `finished` is False where the length limit cut it.
    """

    tokens: list[int]
    log_probability: float
    score: float
    finished: bool


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Switch dropout and gradients off inside a `with` block, and the model's mode back after it."""
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        model.train(was_training)


def greedy(model, source, lengths=None, max_length=50):
    """Translate a batch, taking the likeliest token at each step, until all reached `<eos>` or the limit.

    Args:
        model: any model with `encode` and `decode`.
        source: ids `(S, B)`, int64, padded with 0 at the end.
        lengths: words of each sentence, `(B,)` int64 on the CPU; read off the padding where absent.
        max_length: most tokens to write, `<eos>` included, at least 1.

    Returns:
        Ids `(T, B)`, int64: each column ends in `<eos>` unless the limit cut it, then padding.

    Raises:
        ValueError: `max_length` below 1.
    """
    if max_length < 1:
        raise ValueError(f"max_length must be at least 1, not {max_length}")
    with evaluating(model):
        state, memory = model.encode(source, lengths)
        x = torch.full_like(source[0], SOS)
        done = torch.zeros_like(x, dtype=torch.bool)
        tokens = []
        while len(tokens) < max_length and not done.all():
            logits, state, _ = model.decode(x, state, memory)
            x = logits.argmax(dim=-1).masked_fill(done, PAD)
            done = done | (x == EOS)
            tokens.append(x)
    return torch.stack(tokens)


class _Drawing(nn.Module):
    """A model as `greedy` sees it whose likeliest token is one that it has drawn."""

    def __init__(self, model: nn.Module, generator: torch.Generator | None, temperature: float):
        super().__init__()
        self.model, self.encode, self.generator, self.temperature = model, model.encode, generator, temperature
        self.training = model.training

    def decode(self, x, state, memory):
        logits, state, weights = self.model.decode(x, state, memory)
        token = torch.multinomial((logits / self.temperature).softmax(dim=-1), 1, generator=self.generator)
        return torch.zeros_like(logits).scatter(-1, token, 1.0), state, weights


def sample(
    model: nn.Module,
    source: Tensor,
    lengths: Tensor | None = None,
    max_length: int = 50,
    generator: torch.Generator | None = None,
    temperature: float = 1.0,
) -> Tensor:
    """Translate a batch, drawing each token from the model's own distribution; ids as from `greedy`.

    Args:
        model, source, lengths, max_length: as in `greedy`.
        generator: of the draws, on the device of `source`.
        temperature: what logits are divided by: below 1 nearer to greedy search, above 1 nearer to chance.

    Raises:
        ValueError: `max_length` below 1, or a temperature that is not positive.
    """
    if not temperature > 0:
        raise ValueError(f"the temperature must be positive, not {temperature}")
    return greedy(_Drawing(model, generator, temperature), source, lengths, max_length)


def until_eos(ids: Tensor) -> list[list[int]]:
    """Return the columns of ids `(T, B)` as lists, each up to its `<eos>`, which is left out."""
    return [column[: column.index(EOS)] if EOS in column else column for column in ids.T.tolist()]


def beam_search(
    model: nn.Module,
    source: Tensor,
    lengths: Tensor | None = None,
    *,
    width: int = 4,
    length_penalty: float = 0.0,
    max_length: int = 50,
) -> list[list[Hypothesis]]:
    """Translate a batch, keeping the `width` best partial translations of each sentence at every step.

    A finished hypothesis keeps its place as long as no better one takes it. Width 1 is greedy search; a width
    of at least the number of all prefixes is exhaustive.

    Args:
        model, source, lengths, max_length: as in `greedy`.
        width: hypotheses kept for each sentence, at least 1.
        length_penalty: exponent α of the score, log-probability / length**α, `<eos>` counted. 0 is the model's
            own score, which favours short sentences; 1 is the mean of a token (Wu et al. 2016, section 7).

    Returns:
        For each sentence its hypotheses, best score first: `width` of them, or all there are.

    Raises:
        ValueError: a width or `max_length` below 1.
    """
    if width < 1 or max_length < 1:
        raise ValueError(f"width and max_length must be at least 1, not {width} and {max_length}")
    with evaluating(model):
        batch = source.shape[1]
        # The beams of one sentence are neighbours in the batch: row b * width + w. The state's batch is dimension 1.
        state, memory = (
            tuple(part.repeat_interleave(width, dim=1) for part in parts) for parts in model.encode(source, lengths)
        )
        first_row = torch.arange(batch, device=source.device).unsqueeze(1) * width  # (B, 1)
        tokens = torch.full_like(source[0], SOS).repeat_interleave(width).unsqueeze(0)  # (t, B * width)
        # All beams begin alike: only the first of each sentence is real.
        total = torch.full((batch, width), -torch.inf, device=source.device)
        total[:, 0] = 0.0
        size = torch.zeros_like(total)
        done = torch.zeros_like(total, dtype=torch.bool)
        while len(tokens) <= max_length and not done.all():
            logits, state, _ = model.decode(tokens[-1], state, memory)
            log_p = logits.log_softmax(dim=-1).view(batch, width, -1)  # (B, width, V)
            # A finished hypothesis has one continuation, padding, at no cost.
            log_p = log_p.masked_fill(done.unsqueeze(-1), -torch.inf)
            log_p[..., PAD] = log_p[..., PAD].masked_fill(done, 0.0)
            totals = (total.unsqueeze(-1) + log_p).flatten(1)  # (B, width * V)
            sizes = size + ~done
            scores = totals / sizes.repeat_interleave(log_p.shape[-1], dim=1) ** length_penalty
            best = scores.topk(width, dim=1).indices  # (B, width)
            beam, token = best // log_p.shape[-1], best % log_p.shape[-1]
            total, size, done = totals.gather(1, best), sizes.gather(1, beam), done.gather(1, beam) | (token == EOS)
            rows = (first_row + beam).flatten()
            state = tuple(part[:, rows] for part in state)
            tokens = torch.cat([tokens[:, rows], token.view(1, -1)])
        score = total / size**length_penalty
    columns = tokens[1:].T.reshape(batch, width, -1)
    beams = zip(*(part.flatten(0, 1).tolist() for part in (columns, total, score, size, done)), strict=True)
    hypotheses = [Hypothesis(ids[: int(n) - end], log_p, rank, end) for ids, log_p, rank, n, end in beams]
    return [
        [hypothesis for hypothesis in hypotheses[first : first + width] if hypothesis.log_probability > -torch.inf]
        for first in range(0, len(hypotheses), width)
    ]


def teacher_forced(
    model: nn.Module, source: Tensor, target: Tensor, lengths: Tensor | None = None
) -> tuple[Tensor, Tensor | None]:
    """Return what a model predicts at every step when it is given the target's own tokens.

    Args:
        model, source, lengths: as in `greedy`.
        target: ids `(T, B)`, int64, `<sos>` in row 0.

    Returns:
        Logits `(T − 1, B, V)`, row t for `target[t + 1]`, and the decoder's weights, None for none.
    """
    state, memory = model.encode(source, lengths)
    logits, _, weights = model.decode(target[:-1], state, memory)
    return logits, weights


def log_probability(model: nn.Module, source: Tensor, target: Tensor, lengths: Tensor | None = None) -> Tensor:
    """Return each target's log-probability, `(B,)`, in nats, padding left out; arguments as in `teacher_forced`."""
    with evaluating(model):
        log_p = teacher_forced(model, source, target, lengths)[0].log_softmax(dim=-1)
    of_target = log_p.gather(-1, target[1:].unsqueeze(-1)).squeeze(-1)
    return of_target.masked_fill(target[1:] == PAD, 0.0).sum(dim=0)
