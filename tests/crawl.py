"""Walks through a built site as a reader's browser would, and tells what it would stumble on.

assert crawl(output, "https://magasinet.example/under").faults() == []

The site's own address may have a path: then every internal link must carry it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from bs4 import BeautifulSoup, Tag

ADDRESSES = {"href", "src", "poster", "data", "action", "formaction"}
CANDIDATES = {"srcset", "imagesrcset"}
IDS = {"for", "aria-labelledby", "aria-describedby", "aria-controls", "aria-details", "aria-owns", "headers", "list"}
SHARED = {"og:image", "og:url", "og:image:secure_url", "twitter:image"}
UNREQUESTED = {"canonical", "alternate", "author", "license", "me"}
"""What a <link> may be without the browser fetching it."""
UNSAFE = re.compile(r'[\s<>"\\^`{|}]')
"""What an address must have as %XX."""
_CSS_ADDRESS = re.compile(r"""url\(\s*["']?([^"')]*)["']?\s*\)|@import\s+["']([^"']+)["']""")
_CANDIDATE = re.compile(r"\s*(\S*[^\s,])(?:\s+([^,]+))?\s*(?:,|$)")


@dataclass(frozen=True, slots=True)
class Reference:
    """One address that a page or a stylesheet names."""

    page: str
    what: str
    target: str
    fetched: bool
    """Whether the browser asks for it by itself, without the reader following a link."""

    def __str__(self) -> str:
        return f"{self.page}: {self.what}={self.target!r}"


@dataclass(frozen=True)
class Crawl:
    """A site on disk. `pages` are its HTML pages by address ("/2026-11/"), without the path of the site's own."""

    folder: Path
    site_url: str
    pages: Mapping[str, BeautifulSoup]

    def page(self, url: str) -> BeautifulSoup:
        return self.pages[url]

    def faults(self) -> list[str]:
        """All that is wrong with the site's links and pages, a line each."""
        return [*self.dead(), *self.foreign(), *self.inline(), *self.muddled(), *self.unreachable()]

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        found = [reference for url, page in self.pages.items() for reference in _in_page(url, page)]
        for path in self.folder.rglob("*.css"):
            url = "/" + path.relative_to(self.folder).as_posix()
            found += [
                Reference(url, "url", match[1] or match[2], True)
                for match in _CSS_ADDRESS.finditer(path.read_text(encoding="utf-8"))
            ]
        return tuple(found)

    def dead(self) -> list[str]:
        """References to the site itself that lead nowhere, or would only on another server."""
        return [f"{reference} {fault}" for reference in self.references if (fault := self._fault(reference))]

    def foreign(self) -> list[str]:
        """Requests to other hosts that a browser would make by itself."""
        return [
            f"{reference} asks another host"
            for reference in self.references
            if reference.fetched and self._path(reference) is None
        ]

    def inline(self) -> list[str]:
        """Scripts and styles that stand in the pages, which a strict Content-Security-Policy forbids."""
        found = []
        for url, page in self.pages.items():
            for element in page.find_all(True):
                if element.name == "style" or element.has_attr("style"):
                    found.append(f"{url}: <{element.name}> has a style of its own")
                active = element.name == "script" and element.get("type") != "application/ld+json"
                if active and not element.get("src"):
                    found.append(f"{url}: a script stands in the page")
                found += [f"{url}: <{element.name} {name}>" for name in element.attrs if name.startswith("on")]
        return found

    def muddled(self) -> list[str]:
        """Ids that stand twice on a page, and references to ids that it does not have."""
        found = []
        for url, page in self.pages.items():
            ids = [str(element["id"]) for element in page.find_all(id=True)]
            found += [f"{url}: the id {name!r} stands twice" for name in sorted({n for n in ids if ids.count(n) > 1})]
            for element in page.find_all(True):
                for name in IDS & element.attrs.keys():
                    value = element[name]
                    for target in " ".join(value if isinstance(value, list) else [str(value)]).split():
                        if target not in ids:
                            found.append(f"{url}: {name}={target!r} names nothing")
        return found

    def unreachable(self) -> list[str]:
        """Pages that no chain of links from the front page leads to. The one for errors needs none."""
        links: dict[str, set[str]] = defaultdict(set)
        for reference in self.references:
            path = self._path(reference)
            if path is not None and reference.what == "a href":
                links[reference.page].add(unquote(path.partition("#")[0]))
        seen, coming = {"/"}, ["/"]
        while coming:
            for url in links[coming.pop()] - seen:
                seen.add(url)
                coming.append(url)
        return [f"{url}: no link leads there" for url in self.pages if url not in seen and url != "/404.html"]

    def linking_to(self, target: str) -> set[str]:
        """The other pages with a link for readers to this address."""
        return {
            reference.page
            for reference in self.references
            if reference.what == "a href"
            and reference.page != target
            and (self._path(reference) or "").partition("#")[0] == target
        }

    def file(self, address: str) -> Path:
        """The file that a server sends for a whole address on the site, or for a path from the site's own root."""
        path = unquote(urlsplit(address.removeprefix(self.site_url)).path)
        return self.folder / (path.lstrip("/") + ("index.html" if path.endswith("/") else ""))

    def _path(self, reference: Reference) -> str | None:
        """Where a reference leads on this site, from the site's own root, with its anchor; None: it leads elsewhere."""
        own = urlsplit(self.site_url)
        base = own.path.rstrip("/")
        whole = urljoin(f"{self.site_url}{reference.page}", reference.target)
        parts = urlsplit(whole)
        if (parts.scheme, parts.netloc) != (own.scheme, own.netloc):
            return None
        path = parts.path + (f"#{parts.fragment}" if parts.fragment else "")
        return path.removeprefix(base) if path.startswith(f"{base}/") else f"outside:{path}"

    def _fault(self, reference: Reference) -> str:
        if UNSAFE.search(reference.target):
            return "is not percent-encoded"
        path = self._path(reference)
        if path is None:
            scheme = urlsplit(reference.target).scheme
            return "" if scheme in ("http", "https", "mailto", "tel") else "is no link that readers can open"
        if path.startswith("outside:"):
            return "leaves out the path that the site lies under"
        address, _, anchor = path.partition("#")
        if not self.file(address).is_file():
            return "leads nowhere"
        page = self.pages.get(unquote(address))
        if anchor and page is not None and page.find(id=unquote(anchor)) is None:
            return "names an anchor that is not on the page"
        return ""


def crawl(folder: Path, site_url: str) -> Crawl:
    """Read every page of a built site."""
    pages = {}
    for path in sorted(folder.rglob("*.html")):
        url = "/" + path.relative_to(folder).as_posix().removesuffix("index.html")
        pages[url] = BeautifulSoup(path.read_bytes(), "lxml")
    return Crawl(folder, site_url.rstrip("/"), pages)


def candidates(srcset: str) -> list[tuple[str, str]]:
    """What a srcset offers: addresses with their descriptors ("800w")."""
    return [(match[1], (match[2] or "").strip()) for match in _CANDIDATE.finditer(srcset) if match[1]]


def _in_page(url: str, page: BeautifulSoup) -> Iterator[Reference]:
    for element in page.find_all(True):
        for name in ADDRESSES & element.attrs.keys():
            if element.name == "form" and element.get("method") == "post":
                continue  # answered by the newsletter's service, not by a file
            yield Reference(url, f"{element.name} {name}", str(element[name]), _is_fetched(element))
        for name in CANDIDATES & element.attrs.keys():
            for target, _ in candidates(str(element[name])):
                yield Reference(url, f"{element.name} {name}", target, True)
        if element.name == "meta" and element.get("property", element.get("name")) in SHARED:
            yield Reference(url, f"meta {element.get('property')}", str(element.get("content")), False)


def _is_fetched(element: Tag) -> bool:
    if element.name == "link":
        return not UNREQUESTED & set(element.get_attribute_list("rel"))
    return element.name not in ("a", "area")
