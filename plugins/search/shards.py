"""A sorted list cut into files of about the same size, such that a change in one place moves no cut in another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby


def cut(keys: Sequence[str], sizes: Sequence[int], most: int) -> Iterator[tuple[str, int, int]]:
    """Where to cut: for each file the text that its keys do not come before, and the range of keys in it.

    The keys are sorted. Those that begin alike stay together; if they are too many for a file they part by their next
    letter, and neighbours that are small share a file. So where a file begins depends on the keys that begin as its
    own do, and on no others.
    """
    sums = [0]
    for size in sizes:
        sums.append(sums[-1] + size)
    yield from _cut(keys, sums, 0, len(keys), "", most)


def _cut(
    keys: Sequence[str], sums: Sequence[int], start: int, end: int, prefix: str, most: int
) -> Iterator[tuple[str, int, int]]:
    if sums[end] - sums[start] <= most or end - start < 2:
        if end > start or not prefix:
            yield prefix, start, end
        return
    depth = len(prefix)
    held = held_from = ""
    first = start
    at = start
    for letter, group in groupby(range(start, end), key=lambda i: keys[i][depth : depth + 1]):
        after = at + sum(1 for _ in group)
        size = sums[after] - sums[at]
        if size > most and letter:
            if at > first:
                yield held_from or prefix, first, at
            yield from _cut(keys, sums, at, after, prefix + letter, most)
            first, held_from = after, ""
        else:
            if at > first and sums[after] - sums[first] > most:
                yield held_from or prefix, first, at
                first, held_from = at, ""
            if at == first:
                held_from = prefix + letter
        at = after
        held = letter
    if at > first and held is not None:
        yield held_from or prefix, first, at
