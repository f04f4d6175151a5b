"""Word alignments: tokens of two languages that express the same part of the meaning translate each other."""

Token = tuple[str, tuple[str, ...]]


def aligned(first: list[Token], second: list[Token]) -> list[tuple[int, int]]:
    """Return the sorted (first, second) positions of tokens that have a key in common."""
    where: dict[str, list[int]] = {}
    for index, (_, keys) in enumerate(second):
        for key in keys:
            where.setdefault(key, []).append(index)
    links = {(index, other) for index, (_, keys) in enumerate(first) for key in keys for other in where.get(key, ())}
    return sorted(links)
