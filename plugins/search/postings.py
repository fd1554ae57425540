"""How much a word says about a text, as one of eight levels, and lists of texts written in readable characters.

A posting is an integer: 7 less the level, then the number of the text. Sorted, the texts that a word says most about
come first.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable

from plugins.search.numbering import SLOTS

LEVELS = 8
HIGHEST = LEVELS - 1
STEP = 2.25
VALUES = tuple(0.125 * STEP**level for level in range(LEVELS))
"""What each level stands for: a word's weighted frequency in a text. The client has the same."""
LIMITS = [VALUES[level] * STEP**0.5 for level in range(HIGHEST)]

SHIFT = 33  # sixteen bits of slots, and months enough for the years that have four digits
_NUMBER = (1 << SHIFT) - 1
_SLOT = (1 << SLOTS) - 1

# The alphabet of the lists: printable ASCII without quotation mark and backslash, which JSON would write as two.
_CHARACTERS = "".join(map(chr, [*range(0x23, 0x5C), *range(0x5D, 0x7F)]))
# Most issues have 64 slots: one character of `LOW` names each.
_MONTH, _HIGH, _LOW = LEVELS, LEVELS + 15, LEVELS + 19
MARKS, MONTHS = _CHARACTERS[:_MONTH], _CHARACTERS[_MONTH:_HIGH]
HIGH, LOW = _CHARACTERS[_HIGH:_LOW], _CHARACTERS[_LOW : _LOW + 64]
_VALUE = {character: value for value, character in enumerate(_CHARACTERS)}


def level_of(frequency: float) -> int:
    return bisect_right(LIMITS, frequency)


def posting(number: int, level: int) -> int:
    return (HIGHEST - level) << SHIFT | number


def number_of(entry: int) -> int:
    return entry & _NUMBER


def written(entries: Iterable[int]) -> str:
    """Sorted postings as text: for each level its mark, then its texts.

    A text is the months since the last one's, counted from -1, to the base 15 without a zero in `MONTHS`, nothing if it
    is the same month; then the slots since the last one of that month, less one, counted from -1: digits to the base 4
    in `HIGH`, and one to the base 64 in `LOW`.
    """
    out: list[str] = []
    add, months, slots = out.append, _MONTHS_SPELT, _SLOTS_SPELT
    current = last = month = -1
    for entry in entries:
        if entry >> SHIFT != current:
            current, month = entry >> SHIFT, -1
            add(MARKS[current])
        of = (entry & _NUMBER) >> SLOTS
        if of != month:
            add(months[of - month])
            month, last = of, -1
        at = entry & _SLOT
        add(slots[at - last - 1])
        last = at
    return "".join(out)


def _months(gap: int) -> str:
    text = ""
    while gap:
        gap, digit = divmod(gap - 1, len(MONTHS))
        text = MONTHS[digit] + text
    return text


def _slots(gap: int) -> str:
    gap, low = divmod(gap, len(LOW))
    text = LOW[low]
    while gap:
        gap, high = divmod(gap, len(HIGH))
        text = HIGH[high] + text
    return text


class _Spelt(dict[int, str]):
    """Numbers as they are spelt, each spelt once."""

    def __init__(self, spell: Callable[[int], str]) -> None:
        self.spell = spell

    def __missing__(self, number: int) -> str:
        self[number] = self.spell(number)
        return self[number]


_MONTHS_SPELT, _SLOTS_SPELT = _Spelt(_months), _Spelt(_slots)


def read(text: str) -> list[int]:
    """The postings that `written` has written."""
    entries: list[int] = []
    level = gap = advance = month = 0
    last = -1
    for character in text:
        value = _VALUE[character]
        if value < _MONTH:
            level, month, last = value << SHIFT, -1, -1
        elif value < _HIGH:
            advance = advance * len(MONTHS) + value - _MONTH + 1
        elif value < _LOW:
            gap = gap * len(HIGH) + value - _HIGH
        else:
            if advance:
                month, last = month + advance, -1
            last += gap * len(LOW) + value - _LOW + 1
            advance = gap = 0
            entries.append(level | month << SLOTS | last)
    return entries
