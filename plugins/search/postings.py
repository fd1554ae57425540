"""How much a word says about a text, as one of sixteen levels, and lists of texts written in readable characters."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

LEVELS = 16
HIGHEST = LEVELS - 1
VALUES = tuple(0.125 * 1.5**level for level in range(LEVELS))
"""What each level stands for: a word's weighted frequency in a text. The client has the same."""
LIMITS = [VALUES[level] * 1.5**0.5 for level in range(HIGHEST)]

# The alphabet of the lists: printable ASCII without quotation mark and backslash, which JSON would write as two.
_CHARACTERS = "".join(map(chr, [*range(0x23, 0x5C), *range(0x5D, 0x7F)]))
MARKS = _CHARACTERS[:LEVELS]
HIGH = _CHARACTERS[LEVELS : LEVELS + 27]
LOW = _CHARACTERS[LEVELS + 27 :]

SHIFT = 28
_MASK = (1 << SHIFT) - 1


def level_of(frequency: float) -> int:
    return bisect_right(LIMITS, frequency)


def posting(number: int, level: int) -> int:
    """A text's number and a word's level in it as one number: sorted, the highest levels come first."""
    return (HIGHEST - level) << SHIFT | number


def number_and_level(entry: int) -> tuple[int, int]:
    return entry & _MASK, HIGHEST - (entry >> SHIFT)


def merged(lists: Iterable[Iterable[int]]) -> list[int]:
    """Several lists as one, the frequencies of the same text added."""
    found: dict[int, float] = {}
    for entries in lists:
        for entry in entries:
            number = entry & _MASK
            found[number] = found.get(number, 0.0) + VALUES[HIGHEST - (entry >> SHIFT)]
    return sorted((HIGHEST - bisect_right(LIMITS, value)) << SHIFT | number for number, value in found.items())


def written(entries: Iterable[int]) -> str:
    """Sorted postings as text: for each level its mark, then the distances between the numbers, from -1 on.

    A distance less one is written to the base 27 in `HIGH`, then one character of `LOW`, to the base 48.
    """
    out: list[str] = []
    add = out.append
    current, last = -1, -1
    for entry in entries:
        level, number = entry >> SHIFT, entry & _MASK
        if level != current:
            current, last = level, -1
            add(MARKS[level])
        gap = number - last - 1
        last = number
        if gap < _BASE:
            add(LOW[gap])
        elif gap < _TWO:
            add(_PAIRS[gap])
        else:
            add(_long(gap))
    return "".join(out)


def _long(gap: int) -> str:
    gap, low = divmod(gap, _BASE)
    text = LOW[low]
    while gap:
        gap, high = divmod(gap, len(HIGH))
        text = HIGH[high] + text
    return text


_BASE = len(LOW)
_TWO = 27 * _BASE
_PAIRS = [_long(gap) for gap in range(_TWO)]
