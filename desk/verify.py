"""Reads a built site as its readers' programs will, before they do: what it refers to is there, what it says can be
read, nothing is too large, and nothing is out that should not be."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from lxml import etree

from desk.embargo import Secrets
from desk.references import UNSAFE, Own, Page, Reference, file_of, in_stylesheet, read_page
from plugins.magazine.messages import N_
from plugins.magazine.outputs import address
from plugins.magazine.parallel import spread
from plugins.magazine.words import Words

DIGEST_KEYS = {"issue", "subject", "preheader", "web_url", "hash", "html", "text"}
FAULTS = {
    "encoding": N_("“{target}” ({what}) is not percent-encoded"),
    "scheme": N_("“{target}” ({what}) is no link that readers can open"),
    "outside": N_("“{target}” ({what}) leaves out the path that the site lies under"),
    "nowhere": N_("“{target}” ({what}) leads nowhere"),
    "anchor": N_("“{target}” ({what}) names an anchor that is not on the page"),
    "foreign": N_("“{target}” ({what}) asks another host"),
    "inline": N_("{what} stands in the page, and the site's policy forbids it"),
    "twice": N_("the id “{what}” stands twice"),
    "nameless": N_("{what} names nothing"),
    "unreadable": N_("it cannot be read: {what}"),
    "large": N_("it has {size}, more than the {most} that the setting BUDGET allows for “{what}”"),
    "unreleased": N_("it belongs to {what}, which is not released"),
}
"""What can be wrong with a file. The file's address comes first, then a colon."""

HINTS = {"title": N_("it has the title “{what}”, which is not released; is that meant?")}


@dataclass(frozen=True, order=True, slots=True)
class Fault:
    """One thing that is wrong: where, which of `FAULTS`, and its facts."""

    url: str
    code: str
    what: str = ""
    target: str = ""
    size: int = 0
    most: int = 0

    def said(self, words: Words) -> str:
        text = words.gettext((FAULTS | HINTS)[self.code])
        facts = {"what": self.what, "target": self.target}
        return f"{self.url}: {text.format(size=words.size(self.size), most=words.size(self.most), **facts)}"


@dataclass(frozen=True)
class Found:
    """What verifying came to."""

    faults: tuple[Fault, ...]
    hints: tuple[Fault, ...]
    """What may be right: a person should look."""


def verify(
    folder: Path,
    sizes: Mapping[str, int],
    own: Own,
    budget: Mapping[str, int],
    digests: Mapping[str, str],
    secrets: Secrets,
    jobs: int = 1,
) -> Found:
    """Look at every file of a built site.

    In: its folder; the size in bytes of each file, by path; its address; how many bytes are too many; the SHA-256 of
    each file, by path; what must not be there.
    """
    seen = spread(_Reader(folder, sizes, own, budget, secrets).look, sorted(sizes), jobs)
    faults = [*chain.from_iterable(one.faults for one in seen), *anchors(seen)]
    faults += [Fault(address(path), "unreleased", source) for path, source in secrets.leaks(digests)]
    return Found(tuple(sorted(set(faults))), tuple(sorted({hint for one in seen for hint in one.hints})))


# -- One file ----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Seen:
    """One file that was looked at. Kept small: it travels between processes."""

    url: str
    faults: list[Fault] = field(default_factory=list)
    hints: list[Fault] = field(default_factory=list)
    ids: frozenset[str] | None = None
    """Of a page."""
    anchors: list[tuple[str, Reference]] = field(default_factory=list)
    """Links into other pages: the page's address with the anchor."""


@dataclass(frozen=True)
class _Reader:
    folder: Path
    sizes: Mapping[str, int]
    own: Own
    budget: Mapping[str, int]
    secrets: Secrets

    def look(self, path: str) -> Seen:
        seen = Seen(address(path))
        kind = path.rpartition(".")[2]
        try:
            if kind in ("html", "htm"):
                self._page(path, seen)
            elif kind == "css":
                text = (self.folder / path).read_text(encoding="utf-8")
                self._references(in_stylesheet(seen.url, text), seen)
                self._weigh(seen, "style", self.sizes[path])
            elif _is_data(path):
                self._data(path, kind, seen)
        except (
            etree.LxmlError,
            ValueError,
            KeyError,
            TypeError,
        ) as error:  # what is in a file is not what its name says
            seen.faults.append(Fault(seen.url, "unreadable", f"{type(error).__name__}: {error}"))
        return seen

    def _page(self, path: str, seen: Seen) -> None:
        data = (self.folder / path).read_bytes()
        page = read_page(seen.url, data)
        seen.ids = page.ids
        self._references(page.references, seen)
        seen.faults += in_itself(page)
        self._weigh(seen, "page", len(data))
        awaited = {r.target for r in page.references if r.at_once}
        files = {file_of(place) for target in awaited if (place := self.own.path(page.url, target))}
        self._weigh(seen, "first view", len(data) + sum(self.sizes.get(file, 0) for file in files))
        self._titles(data.decode("utf-8", "replace"), seen)

    def _references(self, references: Iterable[Reference], seen: Seen) -> None:
        for one in dict.fromkeys(references):
            if fault := faulty(one, self.own, self.sizes):
                seen.faults.append(Fault(one.page, fault, one.what, one.target))
                continue
            place = self.own.path(one.page, one.target)
            if place is None and one.fetched:
                seen.faults.append(Fault(one.page, "foreign", one.what, one.target))
            elif place and "#" in place:
                seen.anchors.append((place, one))

    def _data(self, path: str, kind: str, seen: Seen) -> None:
        """Feeds, sitemaps, calendars, digests, lists: they can be read, and every address of ours in them exists."""
        data = (self.folder / path).read_bytes()
        text = data.decode("utf-8")
        if kind == "xml":
            etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
        places = self.own.whole(text)
        if kind == "json":
            places |= _places(path, json.loads(text))
        if kind == "ics" and not re.fullmatch(r"BEGIN:VCALENDAR\r\n.*\r\nEND:VCALENDAR\r\n", text, re.DOTALL):
            raise ValueError("not a calendar")
        for place in sorted(places):
            if file_of(place) not in self.sizes:
                seen.faults.append(Fault(seen.url, "nowhere", kind, place))
            elif "#" in place:
                seen.anchors.append((place, Reference(seen.url, kind, place, False)))
        self._weigh(seen, "data", len(data))
        self._titles(text, seen)

    def _weigh(self, seen: Seen, what: str, size: int) -> None:
        if size > self.budget[what]:
            seen.faults.append(Fault(seen.url, "large", what, size=size, most=self.budget[what]))

    def _titles(self, text: str, seen: Seen) -> None:
        seen.hints += [Fault(seen.url, "title", title) for title in self.secrets.named(text)]


def _is_data(path: str) -> bool:
    """Whether a file is data that the magazine makes for others: not what authors attach, nor the search index."""
    if "/files/" in path or path.startswith(("search/", "theme/")):
        return False
    return path.endswith((".xml", ".json", ".ics", ".txt"))


def _places(path: str, data: Any) -> set[str]:
    """The paths that a JSON file gives as such. Raises KeyError, TypeError or ValueError if it is another file."""
    if path == "magazine.json":
        lists = [issue["articles"] for issue in data["issues"]]
        lists += [category[name] for category in data["categories"] for name in ("live", "archived")]
        urls = [one["url"] for name in ("issues", "categories") for one in data[name]]
        return {*chain.from_iterable(lists), *urls, *data["articles"], *data["translations"]}
    if path.startswith("utskick/") and DIGEST_KEYS - data.keys():
        raise ValueError(", ".join(sorted(DIGEST_KEYS - data.keys())))
    if path.endswith("feed.json") and not data["version"].startswith("https://jsonfeed.org/version/"):
        raise ValueError(data["version"])
    return set()


def faulty(one: Reference, own: Own, files: Mapping[str, object]) -> str:
    """What is wrong with a reference, one of `FAULTS`, as far as it shows without opening the target; "": nothing."""
    if UNSAFE.search(one.target):
        return "encoding"
    place = own.path(one.page, one.target)
    if place is None:
        scheme = urlsplit(urljoin(own.url, one.target)).scheme
        return "" if scheme in ("http", "https", "mailto", "tel") else "scheme"
    if place.startswith("outside:"):
        return "outside"
    return "" if file_of(place) in files else "nowhere"


def in_itself(page: Page) -> Iterator[Fault]:
    """What is wrong with a page whatever else there is."""
    for code in ("inline", "twice", "nameless"):
        for what in getattr(page, code):
            yield Fault(page.url, code, what)


def anchors(seen: Iterable[Seen]) -> Iterator[Fault]:
    """Links to places in pages that these do not have."""
    seen = list(seen)
    ids = {one.url: one.ids for one in seen if one.ids is not None}
    for place, reference in chain.from_iterable(one.anchors for one in seen):
        anchor = place.partition("#")[2]
        known = ids.get(address(file_of(place)))
        if known is not None and unquote(anchor) not in known:
            yield Fault(reference.page, "anchor", reference.what, reference.target)
