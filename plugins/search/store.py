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

from plugins.search.contributions import Contribution
from plugins.search.terms import Terms

_TERMS = tuple(one.name for one in fields(Terms))
_DIGEST = hashlib.sha256().digest_size


@dataclass(slots=True)
class Kept:
    first: str = ""
    """The year that the numbers are counted from."""
    digests: dict[int, bytes] = field(default_factory=dict)
    """Which text each number had."""
    said: dict[int, Contribution] = field(default_factory=dict)
    """And what it said."""
    terms: Terms = field(default_factory=Terms)


def load(path: Path | None) -> Kept:
    """What the last build has kept; nothing if another version of the search kept it, or if it is damaged."""
    try:
        data = path.read_bytes() if path else b""
    except OSError:
        return Kept()
    body = memoryview(data)[_DIGEST:]
    if not body or data[:_DIGEST] != _mark(body):
        return Kept()
    first, digests, said, terms = marshal.loads(body)  # nobody but `save` can have written this
    return Kept(first, digests, said, Terms(**terms))


def save(path: Path | None, kept: Kept) -> None:
    if path:
        body = marshal.dumps(
            (kept.first, kept.digests, kept.said, {name: getattr(kept.terms, name) for name in _TERMS}), 2
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(f".{os.getpid()}")
        with beside.open("wb") as file:
            file.write(_mark(body))
            file.write(body)
        beside.replace(path)


def _mark(body: bytes | memoryview) -> bytes:
    mark = hashlib.sha256(_software())
    mark.update(body)
    return mark.digest()


@cache
def _software() -> bytes:
    """What the content of the store depends on beside the texts."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    told = [sys.version, unicodedata.unidata_version, *(source.read_text(encoding="utf-8") for source in sources)]
    return hashlib.sha256("\0".join(told).encode()).digest()
