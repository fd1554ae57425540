"""Each text's number: the month of its issue, and a slot among the texts of that issue.

A slot is where the fingerprint of the address puts a text. So a new issue, or a text more in another issue, changes no
number, one more in the same issue seldom one, and a changed text none at all.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable

from plugins.search.documents import Document

SLOTS = 16
"""A number has so many bits for the slot. Above them stands the month, from the first issue's January, or 0."""
SMALLEST = 64
"""An issue has at least so many slots, and at least four for each of its texts."""


class Numbering:
    def __init__(self, documents: Iterable[Document]) -> None:
        by_issue: dict[str, list[Document]] = defaultdict(list)
        for document in documents:
            by_issue[document.issue].append(document)
        self.first = min((issue[:4] for issue in by_issue if issue), default="")
        """The year that months are counted from."""
        self.rooms: dict[str, int] = {}
        """How many slots each issue has, oldest first."""
        found: dict[int, Document] = {}
        for issue in sorted(by_issue):
            own = by_issue[issue]
            room = SMALLEST
            while room < 4 * len(own):
                room *= 2
            self.rooms[issue] = room
            month = self.month(issue) << SLOTS
            for digest, document in sorted((_digest(document.url), document) for document in own):
                attempt = 0
                while (number := month | _slot(digest, attempt, room)) in found:
                    attempt += 1
                found[number] = document
        self.documents = dict(sorted(found.items()))

    @property
    def spelt(self) -> str:
        """A letter for each month, pages first: how often 1 is doubled for its slots, from `A`; a space for none."""
        last = max((self.month(issue) for issue in self.rooms), default=0)
        letters = [" "] * (last + 1)
        for issue, room in self.rooms.items():
            letters[self.month(issue)] = chr(64 + room.bit_length())
        return "".join(letters)

    def month(self, issue: str) -> int:
        return (int(issue[:4]) - int(self.first)) * 12 + int(issue[5:7]) if issue else 0


def slot(number: int) -> int:
    return number & ((1 << SLOTS) - 1)


def _digest(url: str) -> bytes:
    return hashlib.sha256(url.encode()).digest()


def _slot(digest: bytes, attempt: int, room: int) -> int:
    """The place that is tried at the nth attempt; after those that a digest has to offer, the next one."""
    if attempt < 8:
        return int.from_bytes(digest[4 * attempt : 4 * attempt + 4], "big") % room
    return (int.from_bytes(digest[:4], "big") + attempt) % room
