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
    own = _Pieces(document.text, BEGINNING)
    further = [(-1, own, i) for i in range(1, len(own))]
    for of, file in enumerate(document.files):
        pieces = _Pieces(file.text, PIECE)
        further += [(of, pieces, i) for i in range(len(pieces))]
    return [partial(_card, document, own, further), *(partial(_piece, pieces, i) for _, pieces, i in further)]


class _Pieces:
    """A text in pieces. How many there are follows from its length; where one begins is looked for when asked for.

    A piece ends after a line, else a sentence, else a word, if one ends in the second half of what there is room for.
    """

    def __init__(self, text: str, first: int) -> None:
        self._text = text
        self._usual = max(PIECE, len(text) // MOST_PIECES)
        self._cuts = range(first, len(text), self._usual)

    def __len__(self) -> int:
        return len(self._cuts) + bool(self._text)

    def __getitem__(self, i: int) -> str:
        return self._text[self._end(i - 1) : self._end(i)].strip()

    def _end(self, i: int) -> int:
        if i < 0:
            return 0
        if i >= len(self._cuts):
            return len(self._text)
        limit = self._cuts[i]
        for end in ("\n", ". ", " "):
            at = self._text.rfind(end, limit - min(limit, self._usual) // 2, limit)
            if at > 0:
                return at + 1
        return limit


def _piece(pieces: _Pieces, i: int) -> bytes:
    return as_json(pieces[i])


def _card(document: Document, own: _Pieces, further: Sequence[tuple[int, _Pieces, int]]) -> bytes:
    card: dict[str, Any] = {"url": document.url, "title": document.title}
    for name in ("lang", "issue", "date", "category", "kind", "places", "tags", "summary"):
        if value := getattr(document, name):
            card[name] = value
    card["text"] = own[0]
    if document.files:
        card["files"] = [[file.title, file.url] for file in document.files]
    if further:
        card["more"] = [[of, bitmap(pieces[i])] for of, pieces, i in further]
    return as_json(card)


BITS, PRIME = 1152, 1151
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
    """Its UTF-16 units as one number, modulo a prime below the number of bits."""
    return int.from_bytes(text.encode("utf-16-be", "surrogatepass"), "big") % PRIME
