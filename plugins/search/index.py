"""From documents to the files of the index. docs/search.md describes them.

Everything is a function of the documents alone: the order they come in, earlier builds and the machine leave no trace.
Where something is cut or numbered, it is done such that a document more changes little else.
"""

from __future__ import annotations

import hashlib
import json
from array import array
from base64 import urlsafe_b64encode
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from plugins.search.abbreviations import abbreviations
from plugins.search.analysis import STOP_WORDS, fold, hyphenated, key, normal, plain_key, words
from plugins.search.compounds import Splitter
from plugins.search.documents import Document
from plugins.search.postings import HIGHEST, LIMITS, SHIFT, merged, written
from plugins.search.shards import cut

VERSION = 1
ENTRY = "index.json"
TERMS, FORMS, DIRECTORY = 8_000, 12_000, 600
"""About how many characters a file of the index, of the lists of words, and of their directories has."""
BLOCK = 64
"""So many numbers share one fingerprint for their texts."""
PIECE = 4_000
"""About how many characters of text a file of an article has."""


@dataclass(frozen=True, slots=True)
class Field:
    weight: float
    """What a word is worth that stands here once."""
    norm: float
    """How much of that it loses where the text is long, from 0 to 1."""


FIELDS = {
    "title": Field(8.0, 0.6),
    "summary": Field(2.0, 0.5),
    "tags": Field(3.0, 0.3),
    "text": Field(1.0, 1.0),
    "files": Field(0.5, 0.8),
}


def build(documents: Iterable[Document], categories: Iterable[tuple[str, str]] = ()) -> dict[str, bytes]:
    """All files of the index: path below /search/ → bytes."""
    numbering = Numbering(documents)
    files, blocks = _texts(numbering)
    postings, spelt_out = _postings(numbering)
    uses = {word: len(entries) for word, entries in postings.items()}
    families = _families(postings, Splitter(uses), spelt_out)
    entry: dict[str, Any] = {
        "version": VERSION,
        "texts": len(numbering.documents),
        "categories": list(categories),
        "issues": [[issue, room] for issue, room in numbering.rooms.items()],
        "blocks": blocks,
    }
    entry["terms"] = _sharded(files, "terms", families, TERMS)
    # Each word with how common it is (a letter for each doubling), for spelling and for beginnings of words.
    common = [(fold(word), f'"{chr(64 + texts.bit_length())}{word}"') for word, texts in uses.items()]
    entry["words"] = _sharded(files, "words", sorted(common), FORMS)
    entry["endings"] = _sharded(files, "endings", sorted((word[::-1], text) for word, text in common), FORMS)
    entry["facets"] = _facets(files, numbering)
    files[ENTRY] = _json(entry)
    return files


# -- Numbers -----------------------------------------------------------------------------------------------------------


class Numbering:
    """Each document's number. Issues have rooms of numbers one after the other, oldest first, pages before them.

    In its room a document stands where the fingerprint of its address puts it, or in the next free place. So a new
    issue changes no number, and a new article in an old issue seldom one.
    """

    def __init__(self, documents: Iterable[Document]) -> None:
        by_issue: dict[str, list[Document]] = defaultdict(list)
        for document in documents:
            by_issue[document.issue].append(document)
        self.rooms: dict[str, int] = {}
        self.starts: dict[str, int] = {}
        self.documents: dict[int, Document] = {}
        start = 0
        for issue in sorted(by_issue):
            own = sorted(by_issue[issue], key=lambda document: document.url)
            room = 4
            while room * 8 < len(own) * 9:
                room *= 2
            self.rooms[issue], self.starts[issue] = room, start
            for document in own:
                at = int.from_bytes(hashlib.sha256(document.url.encode()).digest()[:8], "big") % room
                while start + at in self.documents:
                    at = (at + 1) % room
                self.documents[start + at] = document
            start += room
        self.end = start


# -- Texts -------------------------------------------------------------------------------------------------------------


def _texts(numbering: Numbering) -> tuple[dict[str, bytes], str]:
    """The files that results are shown from, and the fingerprints of their blocks, one after the other."""
    blocks: dict[tuple[str, int], dict[int, list[bytes]]] = defaultdict(dict)
    for number, document in numbering.documents.items():
        within = number - numbering.starts[document.issue]
        blocks[document.issue, within // BLOCK][within % BLOCK] = list(_pieces(document))
    files: dict[str, bytes] = {}
    fingerprints = []
    for issue, room in numbering.rooms.items():
        for block in range((room + BLOCK - 1) // BLOCK):
            texts = blocks[issue, block]
            digest = _fingerprint(b"".join(piece for place in sorted(texts) for piece in texts[place]))
            fingerprints.append(digest)
            folder = f"texts/{issue or 'pages'}-{block}.{digest}"
            for place, pieces in texts.items():
                for i, piece in enumerate(pieces):
                    files[f"{folder}/{place}{f'-{i}' if i else ''}.json"] = piece
    return files, "".join(fingerprints)


def _pieces(document: Document) -> Iterator[bytes]:
    """The facts of a card and the beginning of the text; then the rest of it, and of the attached files.

    Of each further piece the first names its words by a bitmap, so that a client fetches only what it can use.
    """
    pieces: list[tuple[int, str]] = [(-1, piece) for piece in _cut_text(document.text)]
    first = pieces.pop(0)[1] if pieces else ""
    for i, file in enumerate(document.files):
        pieces += [(i, piece) for piece in _cut_text(file.text)]
    card: dict[str, Any] = {"url": document.url, "title": document.title}
    for name in ("lang", "issue", "date", "category", "kind", "places", "tags", "summary"):
        if value := getattr(document, name):
            card[name] = value
    card["text"] = first
    if pieces:
        card["files"] = [[file.title, file.url] for file in document.files]
        card["more"] = [[of, bitmap(piece)] for of, piece in pieces]
    yield _json(card)
    for _, piece in pieces:
        yield _json(piece)


BITS = 1152
_SIXBIT = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def bitmap(text: str) -> str:
    """Which words a piece may have: a bit for each root, six to a character."""
    bits = bytearray(BITS // 6)
    for word in set(words(normal(text))):
        at = _bit_of(word)
        bits[at // 6] |= 1 << at % 6
    return "".join(_SIXBIT[six] for six in bits)


@lru_cache(maxsize=1 << 16)
def _bit_of(word: str) -> int:
    return bit(key(word))


def bit(text: str) -> int:
    """FNV-1a over the code units, modulo the number of bits."""
    value = 0x811C9DC5
    for letter in text:
        value = ((value ^ ord(letter)) * 0x01000193) & 0xFFFFFFFF
    return value % BITS


def _cut_text(text: str) -> list[str]:
    """Pieces of whole lines, a line that is too long cut after a sentence or a word."""
    pieces: list[str] = []
    held = ""
    for line in text.split("\n"):
        while len(line) > PIECE:
            end = max(line.rfind(". ", PIECE // 2, PIECE), 0) or max(line.rfind(" ", PIECE // 2, PIECE), 0) or PIECE - 1
            pieces += filter(None, [held])
            held, line = line[: end + 1], line[end + 1 :].lstrip()
        if held and len(held) + len(line) > PIECE:
            pieces.append(held)
            held = ""
        held = f"{held}\n{line}" if held else line
    return [*pieces, held] if held else pieces


# -- Words -------------------------------------------------------------------------------------------------------------


def _postings(numbering: Numbering) -> tuple[dict[str, array[int]], dict[str, set[tuple[str, ...]]]]:
    """For each form of a word where it stands, and the abbreviations that are spelt out somewhere."""
    documents = numbering.documents
    usual = {name: _usual([len(text) for d in documents.values() if (text := _field(d, name))]) for name in FIELDS}
    lists: dict[str, array[int]] = {}
    spelt_out: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for number in sorted(documents):
        document = documents[number]
        for word, frequency in frequencies(document, usual).items():
            entries = lists.get(word)
            if entries is None:
                entries = lists[word] = array("I")
            entries.append((HIGHEST - bisect_right(LIMITS, frequency)) << SHIFT | number)
        for short, long in abbreviations(f"{document.summary}\n{document.text}"):
            spelt_out[short].add(long)
    return lists, spelt_out


def frequencies(document: Document, usual: Mapping[str, float]) -> dict[str, float]:
    """Each form in a document with its frequency, weighted by the fields and lessened by their lengths."""
    found: dict[str, float] = {}
    for name, field in FIELDS.items():
        text = _field(document, name)
        if not text:
            continue
        text = normal(text)
        once = field.weight / (1 - field.norm + field.norm * len(text) / usual[name])
        own = words(text)
        own += hyphenated(text)
        for word, count in Counter(own).items():
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


_STEPS = [2 ** (step / 2) for step in range(60)]


def _usual(lengths: Sequence[int]) -> float:
    """About the mean, in steps of the square root of two: a text more seldom changes it."""
    mean = sum(lengths) / len(lengths) if lengths else 1
    return _STEPS[bisect_right(_STEPS, mean * 2**0.25) - 1]


def _families(
    lists: Mapping[str, array[int]], splitter: Splitter, spelt_out: Mapping[str, set[tuple[str, ...]]]
) -> list[tuple[str, str]]:
    """Each key with what stands under it, as JSON: [key, forms, parts, abbreviations].

    Forms: text and postings by turns; after the text, behind bars, the roots of a compound's parts. Parts: a root and
    the postings of all compounds with such a part. Abbreviations: [short, word, word, …], under the short form and
    under the first of the words.
    """
    forms: dict[str, list[str]] = defaultdict(list)
    compounds: dict[str, list[str]] = defaultdict(list)
    for word in sorted(lists):
        for at in {key(word), plain_key(word)}:
            forms[at].append(word)
        for part in splitter.parts(word):
            compounds[part].append(word)
    parts: dict[str, list[str]] = defaultdict(list)
    for root in sorted(compounds):
        parts[fold(root)].append(root)
    shorts: dict[str, list[list[str]]] = defaultdict(list)
    for short in sorted(spelt_out):
        for long in sorted(spelt_out[short]):
            for at in dict.fromkeys((key(short), key(long[0]))):
                shorts[at].append([short, *long])
    families = []
    for at in sorted({*forms, *parts, *shorts}):
        own = ",".join(f'"{_with_halves(word, splitter)}","{_written(lists[word])}"' for word in forms.get(at, ()))
        family = f'["{at}",[{own}]'
        if at in parts or at in shorts:
            roots = (f'"{root}","{written(merged(lists[w] for w in compounds[root]))}"' for root in parts.get(at, ()))
            family += f",[{','.join(roots)}]"
        if at in shorts:
            family += f",{_compact(shorts[at])}"
        families.append((at, family + "]"))
    return families


def _with_halves(word: str, splitter: Splitter) -> str:
    halves = splitter.halves(word)
    return f"{word}|{halves[0]}|{halves[1]}" if halves else word


def _written(entries: array[int]) -> str:
    return written(sorted(entries) if len(entries) > 1 else entries)


# -- Files -------------------------------------------------------------------------------------------------------------


def _sharded(files: dict[str, bytes], folder: str, items: Sequence[tuple[str, str]], most: int) -> list[str]:
    """Write items into files of about `most` characters, and a directory of these in the same way.

    Gives the directory of the directory: where each of its files begins, and their fingerprints in one.
    """
    begins, fingerprints = [], []
    for begin, start, end in cut([at for at, _ in items], [len(text) for _, text in items], most):
        data = ("[" + ",\n".join(text for _, text in items[start:end]) + "]\n").encode()
        begins.append(begin)
        fingerprints.append(_in_folder(files, folder, begin, data))
    pages, page_fingerprints = [], []
    for _, start, end in cut(begins, [len(begin) + 5 for begin in begins], DIRECTORY):
        data = _json([" ".join(begins[start:end]), "".join(fingerprints[start:end])])
        pages.append(begins[start])
        page_fingerprints.append(_in_folder(files, f"{folder}-at", begins[start], data))
    return [" ".join(pages), "".join(page_fingerprints)]


def _in_folder(files: dict[str, bytes], folder: str, begin: str, data: bytes) -> str:
    """Write a file whose keys begin there; gives its fingerprint."""
    fingerprint = _fingerprint(data)
    files[f"{folder}/{_in_path(begin)}.{fingerprint}.json"] = data
    return fingerprint


def _facets(files: dict[str, bytes], numbering: Numbering) -> str:
    """What can be filtered by: for each number a character for category, kind and first place; then other places."""
    documents = numbering.documents
    facets: dict[str, Any] = {}
    for name in ("category", "kind"):
        values = sorted({getattr(document, name) for document in documents.values()})
        letters = {value: _letter(i) for i, value in enumerate(values)}
        facets[name] = [
            values,
            "".join(letters[getattr(documents[n], name)] if n in documents else " " for n in range(numbering.end)),
        ]
    lists = {number: document.places for number, document in documents.items() if document.places}
    names = sorted({place for places in lists.values() for place in places})
    first = ["" if number not in lists else lists[number][0] for number in range(numbering.end)]
    more = [[number, *map(names.index, places[1:])] for number, places in sorted(lists.items()) if len(places) > 1]
    facets["place"] = [names, "".join(_letter(names.index(place)) if place else " " for place in first), more]
    data = _json(facets)
    files[f"facets/{_fingerprint(data)}.json"] = data
    return _fingerprint(data)


def _letter(index: int) -> str:
    """A value's place in its list as one character."""
    return chr(0x23 + index) if index < 0x39 else chr(0x100 + index)


def _in_path(begin: str) -> str:
    """The beginning of a file's keys as a part of its name: small letters of a to z and digits, others by number."""
    return "".join(c if c in "abcdefghijklmnopqrstuvwxyz0123456789" else f"_{ord(c):x}_" for c in begin)


def _fingerprint(data: bytes) -> str:
    """Four characters: with the place in the index they name one version of a file."""
    return urlsafe_b64encode(hashlib.sha256(data).digest()[:3]).decode()


def _compact(value: Any) -> str:
    return _ENCODER.encode(value)


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def _json(value: Any) -> bytes:
    return (_compact(value) + "\n").encode()
