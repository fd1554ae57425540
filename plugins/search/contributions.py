"""What one text says to the index, whatever the others say: its words, how much each says, what it spells out."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields

from plugins.search.abbreviations import abbreviations
from plugins.search.analysis import STOP_WORDS, hyphenated, normal, words
from plugins.search.documents import Document
from plugins.search.postings import LIMITS


@dataclass(frozen=True, slots=True)
class Field:
    weight: float
    """What a word is worth that stands here once."""
    norm: float
    """How much of that it loses where the text is long, from 0 to 1."""
    usual: int
    """How many characters a text has here that is neither long nor short. A fixed length, no mean: so one text more or
    less changes nothing that is said about the others."""


FIELDS = {
    "title": Field(8.0, 0.6, 50),
    "summary": Field(2.0, 0.5, 200),
    "tags": Field(3.0, 0.3, 40),
    "text": Field(1.0, 1.0, 2000),
    "files": Field(0.5, 0.8, 20_000),
}

Contribution = tuple[str, str, str]
"""The words, sorted, with spaces between them; their levels, a character of `LETTERS` for each; what is spelt out, a
line for each abbreviation with its words. Long texts, since thousands of them are kept from one build to the next."""


def contribution(document: Document) -> Contribution:
    found = frequencies(document)
    own = sorted(found)
    levels = "".join([LETTERS[bisect_right(LIMITS, found[word])] for word in own])
    spelt_out = {" ".join((short, *long)) for short, long in abbreviations(f"{document.summary}\n{document.text}")}
    return " ".join(own), levels, "\n".join(sorted(spelt_out))


LETTERS = "ABCDEFGH"


def levels(said: Contribution) -> Iterator[tuple[str, str]]:
    """Each word of a contribution with the letter of its level."""
    return zip(said[0].split(" "), said[1], strict=False)  # where there is no word the split gives an empty one


def digest(document: Document) -> bytes:
    """What tells two texts apart, in sixteen bytes."""
    # The text as it is, at the end where nothing else can be mistaken for it: writing it as `repr` does takes longer.
    facts = repr([getattr(document, name) for name in _FACTS])
    return hashlib.sha256(f"{facts}{document.text}".encode("utf-8", "surrogatepass")).digest()[:16]


_FACTS = tuple(one.name for one in fields(Document) if one.name != "text")


def frequencies(document: Document) -> dict[str, float]:
    """Each form in a text with its frequency, weighted by the fields and lessened by their lengths."""
    found: dict[str, float] = {}
    for name, field in FIELDS.items():
        text = _field(document, name)
        if not text:
            continue
        text = normal(text)
        once = field.weight / (1 - field.norm + field.norm * len(text) / field.usual)
        for word, count in Counter(words(text) + hyphenated(text)).items():
            if word not in STOP_WORDS or name == "title":
                found[word] = found.get(word, 0.0) + count * once
    return found


def _field(document: Document, name: str) -> str:
    if name == "title":
        return document.title
    if name == "summary":
        return document.summary
    if name == "tags":
        return "\n".join((*document.tags, *document.places))
    if name == "text":
        return document.text
    return "\n".join(f"{file.title}\n{file.text}" for file in document.files)
