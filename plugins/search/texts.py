"""The files that results are shown from: of each text its facts and its beginning, then the rest of it in pieces."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any

from plugins.search.analysis import REMEMBERED, key, normal, words
from plugins.search.documents import Document
from plugins.search.shards import as_json

BEGINNING = 1_000
"""About how many characters of its text a card has: ten are fetched for an answer."""
PIECE, MOST_PIECES = 1_600, 12
"""About how many characters a further piece has; more where there would be too many pieces for the card to tell of."""


def makers(document: Document) -> list[Callable[[], bytes]]:
    """A function for each file of a text. The first one makes the card: the facts, and the beginning of the text.

    Of each further piece, of the text or of an attached file, the card names the words by a bitmap, so that a client
    fetches only what it can use.
    """
    first, *rest = _cut(document.text, BEGINNING) or [""]
    further = [(-1, piece) for piece in rest]
    for i, file in enumerate(document.files):
        further += [(i, piece) for piece in _cut(file.text)]
    return [partial(_card, document, first, further), *(partial(as_json, piece) for _, piece in further)]


def _card(document: Document, text: str, further: Sequence[tuple[int, str]]) -> bytes:
    card: dict[str, Any] = {"url": document.url, "title": document.title}
    for name in ("lang", "issue", "date", "category", "kind", "places", "tags", "summary"):
        if value := getattr(document, name):
            card[name] = value
    card["text"] = text
    if further:
        card["files"] = [[file.title, file.url] for file in document.files]
        card["more"] = [[of, bitmap(piece)] for of, piece in further]
    return as_json(card)


BITS = 1152
_MASKS = [1 << (BITS - 1 - place) for place in range(BITS)]


def bitmap(text: str) -> str:
    """Which words a piece may have: a bit for each root, in base64."""
    bits = 0
    for mask in map(_mask, set(words(normal(text)))):
        bits |= mask
    return urlsafe_b64encode(bits.to_bytes(BITS // 8, "big")).decode()


@lru_cache(maxsize=REMEMBERED)
def _mask(word: str) -> int:
    return _MASKS[bit(key(word))]


def bit(text: str) -> int:
    """FNV-1a over the code units, modulo the number of bits."""
    value = 0x811C9DC5
    for letter in text:
        value = ((value ^ ord(letter)) * 0x01000193) & 0xFFFFFFFF
    return value % BITS


def _cut(text: str, beginning: int = 0) -> list[str]:
    """Pieces of whole lines, a line that is too long cut after a sentence or a word; the first one may be shorter."""
    usual = max(PIECE, len(text) // MOST_PIECES)
    most = beginning or usual
    pieces: list[str] = []
    held = ""
    for line in text.split("\n"):
        while len(held) + len(line) > most:
            if held:
                pieces.append(held)
                held = ""
            else:
                end = _end(line, most)
                pieces.append(line[:end])
                line = line[end:].lstrip()
            most = usual
        held = f"{held}\n{line}" if held else line
    return [*pieces, held] if held else pieces


def _end(line: str, most: int) -> int:
    """Where to cut a long line: after a sentence, else after a word, if one ends in the second half of what fits."""
    for end in (". ", " "):
        at = line.rfind(end, most // 2, most)
        if at > 0:
            return at + 1
    return most
