"""Walks through a built site as a reader's browser would, and tells what it would stumble on.

assert crawl(output, "https://magasinet.example/under").faults() == []

The site's own address may have a path: then every internal link must carry it. What is read, and what counts as wrong,
is what `inv publish` reads and refuses; the pages are parsed a second time for tests that ask what is in them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote

from bs4 import BeautifulSoup

from desk.embargo import Secrets
from desk.references import Own, candidates, file_of, read_page
from desk.verify import verify
from plugins.magazine.settings import BUDGET
from plugins.magazine.words import Words

__all__ = ["Crawl", "candidates", "crawl"]


@dataclass(frozen=True)
class Crawl:
    """A site on disk. `pages` are its HTML pages by address ("/2026-11/"), without the path of the site's own."""

    folder: Path
    site_url: str
    pages: Mapping[str, BeautifulSoup]

    def page(self, url: str) -> BeautifulSoup:
        return self.pages[url]

    def faults(self) -> list[str]:
        """All that is wrong with the site's files, a line each, and the pages that no link leads to."""
        sizes = {
            path.relative_to(self.folder).as_posix(): path.stat().st_size
            for path in self.folder.rglob("*")
            if path.is_file()
        }
        found = verify(self.folder, sizes, Own(self.site_url), BUDGET, {}, Secrets())
        return [*(fault.said(Words("en")) for fault in found.faults), *self.unreachable()]

    def unreachable(self) -> list[str]:
        """Pages that no chain of links from the front page leads to. The one for errors and old addresses need none."""
        links: dict[str, set[str]] = defaultdict(set)
        for page, path in self._links():
            links[page].add(path)
        seen, coming = {"/"}, ["/"]
        while coming:
            for url in links[coming.pop()] - seen:
                seen.add(url)
                coming.append(url)
        return [
            f"{url}: no link leads there"
            for url, page in self.pages.items()
            if url not in seen | {"/404.html"} and page.find("meta", {"http-equiv": "refresh"}) is None
        ]

    def linking_to(self, target: str) -> set[str]:
        """The other pages with a link for readers to this address."""
        return {page for page, path in self._links() if path == target != page}

    @cached_property
    def _own(self) -> Own:
        return Own(self.site_url)

    def _links(self) -> Iterator[tuple[str, str]]:
        """Every link for readers: the page, and the address on this site that it leads to."""
        for url, path in ((url, file_of(url)) for url in self.pages):
            for reference in read_page(url, (self.folder / path).read_bytes()).references:
                place = self._own.path(url, reference.target)
                if place is not None and reference.what == "a href":
                    yield url, unquote(place.partition("#")[0])

    def file(self, address: str) -> Path:
        """The file that a server sends for a whole address on the site, or for a path from the site's own root."""
        return self.folder / file_of(address.removeprefix(self.site_url))


def crawl(folder: Path, site_url: str) -> Crawl:
    """Read every page of a built site."""
    pages = {}
    for path in sorted(folder.rglob("*.html")):
        url = "/" + path.relative_to(folder).as_posix().removesuffix("index.html")
        pages[url] = BeautifulSoup(path.read_bytes(), "lxml")
    return Crawl(folder, site_url.rstrip("/"), pages)
