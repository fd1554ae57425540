"""Abbreviations that a text itself spells out: "idéburet offentligt partnerskap (IOP)"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plugins.search.analysis import STOP_WORDS, normal, words

_SHORT = "[A-ZÅÄÖ][A-ZÅÄÖ0-9]{1,7}"
_AFTER = re.compile(rf"(?:, |\()({_SHORT})[,.)]")
_BEFORE = re.compile(rf"\b({_SHORT}) \(((?:[\w-]+ ){{1,9}}[\w-]+)\)")
_PRECEDING = re.compile(r"(?:[\w-]+ ){0,9}[\w-]+ ?$")
_REACH = 120
"""So many characters before an abbreviation are looked at for what it stands for."""


def abbreviations(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each abbreviation with the words that it stands for, all in normal letters."""
    for match in _AFTER.finditer(text):
        long = _PRECEDING.search(text[max(0, match.start() - _REACH) : match.start()])
        if long:
            yield from _pair(match[1], words(normal(long[0])), anchored=False)
    for short, spelt_out in _BEFORE.findall(text) if " (" in text else ():
        yield from _pair(short, words(normal(spelt_out)), anchored=True)


def _pair(short: str, long: list[str], *, anchored: bool) -> Iterator[tuple[str, tuple[str, ...]]]:
    letters = normal(short)
    for start in [0] if anchored else range(len(long) - 1, -1, -1):
        spelt_out = long[start:]
        if spelt_out[0] not in STOP_WORDS and spelt_out != [letters] and _stands_for(letters, spelt_out):
            content = tuple(word for word in spelt_out if word not in STOP_WORDS)
            if len(content) > 1 or len(content[0]) > 2 * len(letters):
                yield letters, content
            return


def _stands_for(letters: str, long: list[str]) -> bool:
    """Whether the letters are the words' first ones, in order. Function words may be left out; a compound gives more
    than one letter (SKR: Sveriges Kommuner och Regioner, BUP: barn- och ungdomspsykiatri), the first of a part."""
    if not long:
        return not letters
    word, rest = long[0], long[1:]
    if word in STOP_WORDS and _stands_for(letters, rest):
        return True
    if not letters or word[0] != letters[0]:
        return False
    if _stands_for(letters[1:], rest):
        return True
    inner = word.find(letters[1], 3) if len(letters) > 1 else -1
    return inner > 0 and len(word) - inner >= 3 and _stands_for(letters[2:], rest)
