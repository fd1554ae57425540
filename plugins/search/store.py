"""What one build of the index keeps for the next, in one file of the cache.

It can be lost, cut off, old or damaged: then there is nothing, and the build makes everything anew. Two builds at a
time do each other no harm: the file is replaced as a whole.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import sys
import unicodedata
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from plugins.search.contributions import Contribution
from plugins.search.shards import Shelf
from plugins.search.terms import Terms

_TERMS = tuple(one.name for one in fields(Terms))
_DIGEST = hashlib.sha256().digest_size
_SIZE = 8
"""How many bytes say how long the next value is."""


@dataclass(slots=True)
class Kept:
    first: str = ""
    """The year that the numbers are counted from."""
    digests: dict[int, bytes] = field(default_factory=dict)
    """Which text each number had."""
    said: dict[int, Contribution] = field(default_factory=dict)
    """And what it said."""
    terms: Terms = field(default_factory=Terms)
    shelves: dict[str, Shelf] = field(default_factory=dict)
    """The files that each folder had."""


def load(path: Path | None) -> Kept:
    """What the last build has kept; nothing if another version of the search kept it, or if it is damaged."""
    try:
        data = path.read_bytes() if path else b""
    except OSError:
        return Kept()
    body = memoryview(data)[_DIGEST:]
    if not body or data[:_DIGEST] != _mark(body):
        return Kept()
    values: list[Any] = []
    while body:
        end = _SIZE + int.from_bytes(body[:_SIZE], "big")
        values.append(marshal.loads(body[_SIZE:end]))  # nobody but `save` can have written this
        body = body[end:]
    *terms, first, digests, said, shelves = values
    return Kept(first, digests, said, Terms(*terms), shelves)


def save(path: Path | None, kept: Kept) -> None:
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(f".{os.getpid()}")
        mark = hashlib.sha256(_software())
        with beside.open("wb") as file:
            file.write(bytes(_DIGEST))
            terms = [getattr(kept.terms, name) for name in _TERMS]
            for value in (*terms, kept.first, kept.digests, kept.said, kept.shelves):
                _add(file, mark, value)
            file.seek(0)
            file.write(mark.digest())
        beside.replace(path)


def _add(file: BinaryIO, mark: hashlib._Hash, value: Any) -> None:
    """One value behind its length. A function of its own, so that it is out of memory before the next is made."""
    body = marshal.dumps(value, 2)
    for part in (len(body).to_bytes(_SIZE, "big"), body):
        mark.update(part)
        file.write(part)


def _mark(body: memoryview) -> bytes:
    mark = hashlib.sha256(_software())
    mark.update(body)
    return mark.digest()


@cache
def _software() -> bytes:
    """What the content of the store depends on beside the texts."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    told = [sys.version, unicodedata.unidata_version, *(source.read_text(encoding="utf-8") for source in sources)]
    return hashlib.sha256("\0".join(told).encode()).digest()
