"""From documents to the files of the index. docs/search.md describes them.

Everything is a function of the documents alone: the order they come in, earlier builds and the machine leave no trace.
Where something is cut, counted or numbered, it is done such that a document more changes little else; so what a build
keeps makes the next one quick.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from plugins.magazine.parallel import spread
from plugins.search import store
from plugins.search.contributions import Contribution, contribution, digest
from plugins.search.documents import Document
from plugins.search.numbering import Numbering, slot
from plugins.search.postings import HIGHEST, posting, written
from plugins.search.shards import Files, as_json, fingerprint, shelve
from plugins.search.store import Kept
from plugins.search.texts import makers

VERSION = 5
ENTRY = "index.json"
TERMS, FORMS = 3_500, 12_000
"""About how many characters a file of the families has, and one of the lists of words."""
PAGES = "pages"
"""What stands in paths for the issue of what has none."""
MUCH = 4
"""If more than one text in so many has changed, making everything anew is quicker than changing what is kept."""

LITTLE = 100
"""If fewer than one text in so many has changed, making that again takes the next build less than keeping all takes."""


def build(
    documents: Iterable[Document], categories: Iterable[tuple[str, str]] = (), kept: Path | None = None, jobs: int = 1
) -> dict[str, bytes]:
    """All files of the index: path below /search/ → bytes.

    `kept` is the file where a build leaves what makes the next one quick.
    """
    files = outputs(documents, categories, kept, jobs)
    return dict(zip(files, spread(lambda path: files[path](), list(files), jobs), strict=True))


def outputs(
    documents: Iterable[Document], categories: Iterable[tuple[str, str]] = (), kept: Path | None = None, jobs: int = 1
) -> Files:
    """The same, but the files are made when they are asked for."""
    numbering = Numbering(documents)
    digests = {number: digest(document) for number, document in numbering.documents.items()}
    files: Files = {}
    directories = _terms(files, numbering, digests, kept, jobs)
    entry: dict[str, Any] = {
        "version": VERSION,
        "texts": len(digests),
        "categories": list(categories),
        "first": numbering.first,
        "rooms": numbering.spelt,
        **directories,
        "texts-at": _texts(files, numbering, digests),
        "facets": _facets(files, numbering),
    }
    files[ENTRY] = partial(as_json, entry)
    return files


def _terms(
    files: Files, numbering: Numbering, digests: Mapping[int, bytes], path: Path | None, jobs: int
) -> dict[str, Any]:
    """The files of the families and of the words; gives their directories, under `terms`, `words` and `endings`."""
    kept = store.load(path)
    if kept.first != numbering.first:
        kept = Kept()
    same = {number for number, mark in digests.items() if kept.digests.get(number) == mark}
    # A text that has only been given another number says what it said.
    known = {mark: kept.said[number] for number, mark in kept.digests.items()}
    if MUCH * len(same) < (MUCH - 1) * len(kept.digests):
        kept, same = Kept(), set()
    new = [number for number in digests if number not in same]
    unknown = [number for number in new if digests[number] not in known]
    found = spread(lambda number: contribution(numbering.documents[number]), unknown, jobs)
    known |= {digests[number]: said for number, said in zip(unknown, found, strict=True)}
    before = {number: said for number, said in kept.said.items() if number not in same}
    after: dict[int, Contribution] = {number: known[digests[number]] for number in new}
    said = {number: after.get(number) or kept.said[number] for number in digests}
    changed = kept.terms.update(before, after, said, jobs) if before or after else {}
    directories, shelves = {}, {}
    for name, items, most in (
        ("terms", kept.terms.families_as_items(), TERMS),
        ("words", kept.terms.words_as_items(kept.terms.words), FORMS),
        ("endings", kept.terms.words_as_items(kept.terms.endings), FORMS),
    ):
        before_here = kept.shelves.get(name, {})
        directories[name], shelves[name] = shelve(files, name, items, most, before_here, changed.get(name, ()))
    if LITTLE * len(before.keys() | after.keys()) > len(digests):
        store.save(path, Kept(numbering.first, dict(digests), said, kept.terms, shelves))
    return directories


def _texts(files: Files, numbering: Numbering, digests: Mapping[int, bytes]) -> str:
    """The files of the texts, and for each issue one with its texts' fingerprints; gives these files' own."""
    marks: dict[str, dict[str, str]] = {issue: {} for issue in numbering.rooms}
    for number, document in numbering.documents.items():
        mark = fingerprint(bytes([VERSION]) + digests[number])
        marks[document.issue][str(slot(number))] = mark
        path = f"texts/{document.issue or PAGES}/{slot(number)}"
        card, *pieces = makers(document)
        files[f"{path}.{mark}.json"] = card
        for i, make in enumerate(pieces, start=1):
            files[f"{path}-{i}.{mark}.json"] = make
    own = []
    for issue, of_slots in marks.items():
        data = as_json(of_slots)
        own.append(fingerprint(data))
        files[f"texts-at/{issue or PAGES}.{own[-1]}.json"] = partial(bytes, data)
    return "".join(own)


def _facets(files: Files, numbering: Numbering) -> str:
    """What can be filtered by: the numbers of all texts, and for each in turn a character for category, kind and place.

    Texts in several places have the others in a list, by their turn.
    """
    documents = numbering.documents.values()
    facets: dict[str, Any] = {"texts": written(posting(number, HIGHEST) for number in numbering.documents)}
    for name in ("category", "kind"):
        values = sorted({getattr(document, name) for document in documents})
        letters = {value: _letter(i) for i, value in enumerate(values)}
        facets[name] = [values, "".join(letters[getattr(document, name)] for document in documents)]
    names = sorted({place for document in documents for place in document.places})
    at = {place: i for i, place in enumerate(names)}
    first = "".join(_letter(at[document.places[0]]) if document.places else " " for document in documents)
    more = [[i, *(at[place] for place in d.places[1:])] for i, d in enumerate(documents) if len(d.places) > 1]
    facets["place"] = [names, first, more]
    data = as_json(facets)
    files[f"facets/{fingerprint(data)}.json"] = partial(bytes, data)
    return fingerprint(data)


def _letter(index: int) -> str:
    """A value's place in its list as one character."""
    return chr(0x23 + index) if index < 0x39 else chr(0x100 + index)
