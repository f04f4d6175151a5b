"""Batches of sequences of about the same length: little padding, yet another order each time."""

from collections.abc import Sequence
from itertools import chain

import torch


def bucketed(
    lengths: Sequence, batch_size: int, window: int, *, shuffle: bool, generator: torch.Generator | None = None
) -> list[list[int]]:
    """Return groups of indices: each index once, in groups of `batch_size`; the last may be smaller.

    Shuffled, then sorted by length within windows, then the groups shuffled.

    Args:
        lengths: of each sequence, a number or anything else that can be compared.
        batch_size: indices per group, at least 1.
        window: batches that are sorted together; 0 leaves the order as it is.
        shuffle: False keeps everything but the sorting.
        generator: a CPU generator; the same state gives the same groups. None: torch's own generator.

    Raises:
        ValueError: a batch size below 1.
    """
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, not {batch_size}")
    order = list(range(len(lengths)))
    if shuffle:
        order = torch.randperm(len(order), generator=generator, device="cpu").tolist()
    if window:
        size = window * batch_size
        windows = (order[start : start + size] for start in range(0, len(order), size))
        order = list(chain.from_iterable(sorted(part, key=lengths.__getitem__) for part in windows))
    groups = [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
    if shuffle:
        groups = [groups[at] for at in torch.randperm(len(groups), generator=generator, device="cpu").tolist()]
    return groups
