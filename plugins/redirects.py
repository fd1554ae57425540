"""Old addresses go on working: every one that was ever published is there, or leads to what took its place.

Where it leads is said by `moved_from` in a text, or in the ledger, after the address. What lies below an address that
has moved goes along. Lists that come and go with their articles need no word: a year leads to the whole list, a
topic without articles to a search for it. Anything else that is lost is an error, at its line in the ledger.

Each redirect is written as a page, which works on any server, and as a rule for nginx (`redirects.map`) and for Caddy
(`redirects.caddy`), which work for files and feeds too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import PurePosixPath
from urllib.parse import quote, unquote

from plugins.magazine import addresses, signals
from plugins.magazine.entries import Entry
from plugins.magazine.ledger import GONE, LEDGER, Ledger, normal
from plugins.magazine.messages import problem
from plugins.magazine.model import Article, Issue, Page
from plugins.magazine.outputs import Output, address, page_path
from plugins.magazine.problems import Problem, nearest
from plugins.magazine.site import Site

NGINX, CADDY = "redirects.map", "redirects.caddy"
LISTS = ("kategori", "amne", "plats", "av")
"""First parts of the addresses of lists that articles make by being there."""
TOPICS = LISTS[1:]

AnyEntry = Entry[Article] | Entry[Issue] | Entry[Page]


class Circle(Exception):
    """An address leads back to itself."""


@dataclass(frozen=True)
class Moves:
    """Where the addresses of a site lead that are not its own."""

    ledger: Ledger
    living: frozenset[str]
    """The addresses that the site has."""
    said: Mapping[str, str]
    """What somebody has said about old ones: where they lead, in one step."""
    past: bool
    """Whether the site shows a day before the ledger's: then what it lacks has not been there yet."""

    @cached_property
    def redirects(self) -> Mapping[str, str]:
        """Every old address with where it leads in the end: an address of the site, or `GONE`."""
        old = self.said if self.past else {*self.ledger.lines, *self.said}
        found = {}
        for url in sorted(old):
            if url not in self.living and (target := self.target(url)):
                found[url] = target
        return found

    def target(self, url: str) -> str:
        """Where an address that is not the site's leads. "": nobody has said so, or in a circle, or to nothing."""
        try:
            return self.follow(url, ())
        except Circle:
            return ""

    def follow(self, url: str, seen: tuple[str, ...]) -> str:
        """As `target`, but raises `Circle`."""
        if url == GONE or url in self.living:
            return url
        if url in seen:
            raise Circle
        if url in self.said:
            return self.follow(self.said[url], (*seen, url))
        for above in _above(url):
            if above in self.said and above not in self.living:
                moved = self.follow(self.said[above], (*seen, url))
                along = moved + url.removeprefix(above)
                return along if moved.endswith("/") and along in self.living else moved
        return self._list(url)

    def _list(self, url: str) -> str:
        kind, _, name = url.strip("/").partition("/")
        if kind not in LISTS:
            return ""
        living = next((above for above in _above(url) if above in self.living and above != "/"), "")
        if not living and kind in TOPICS:
            return f"{addresses.SEARCH}?q={quote(name.partition('/')[0].replace('-', ' '))}"
        return living


def moves(site: Site) -> Moves:
    magazine, ledger = site.magazine, site.content.ledger
    if not ledger.lines and not any(entry.record.moved_from for entry in _written(site)):
        return Moves(ledger, frozenset(), {}, past=False)
    said = dict(ledger.targets)
    texts: tuple[Article | Issue | Page, ...]
    texts = (*magazine.issues, *magazine.pages, *magazine.translations, *magazine.articles)
    for text in texts:
        said.update(dict.fromkeys(text.moved_from, text.url))
    living = frozenset(normal(address(output.path)) for output in site.linkable.all)
    return Moves(ledger, living, said, past=site.settings.today < ledger.day)


def _above(url: str) -> Iterator[str]:
    """The addresses of the folders that an address lies in, the nearest first: /a/b/ gives /a/ and /."""
    parts = url.rstrip("/").split("/")[:-1]
    for end in range(len(parts), 0, -1):
        yield "/".join(parts[:end]) + "/"


# -- What is wrong -----------------------------------------------------------------------------------------------------


def check(site: Site) -> list[Problem]:
    site = _of_the_ledgers_day(site)
    found = moves(site)
    return [*_claims(site, found), *_ledger(site, found)]


def _of_the_ledgers_day(site: Site) -> Site:
    """The site as of the day of the ledger's latest addition, if it shows an earlier one: by then, what readers were
    given must be there."""
    settings = replace(site.settings, today=max(site.settings.today, site.content.ledger.day))
    if settings.today == site.settings.today:
        return site
    return replace(site, settings=settings, magazine=site.content.magazine(settings))


def _claims(site: Site, moves: Moves) -> Iterator[Problem]:
    """Two texts cannot have one old address, and an address that is in use is none."""
    claimed: dict[str, str] = {}
    for entry in _written(site):
        for url in entry.record.moved_from:
            line, shown = entry.header.lines.get("moved_from", 1), site.content.shown(entry.source)
            if url in claimed:
                yield problem(site.words, shown, line, "moved-from-twice", url=url, other=claimed[url])
            elif url in moves.living:
                other = next((site.content.shown(e.source) for e in _written(site) if e.record.url == url), url)
                yield problem(site.words, shown, line, "moved-from-in-use", url=url, other=other)
            elif url in moves.ledger.lines and not moves.target(url):
                yield problem(site.words, shown, line, "moved-too-early", url=url)
            claimed[url] = shown


def _ledger(site: Site, moves: Moves) -> Iterator[Problem]:
    shown = site.content.shown(LEDGER)
    claimed = {url for entry in _written(site) for url in entry.record.moved_from}
    for url, line in moves.ledger.lines.items():
        if url in moves.living:
            continue
        written = moves.ledger.targets.get(url)
        try:
            target = moves.follow(url, ())
        except Circle:
            yield problem(site.words, shown, line, "ledger-circle", url=url, target=written or moves.said.get(url, url))
            continue
        if written and not target:
            yield problem(site.words, shown, line, "ledger-nowhere", url=url, target=written)
        elif not target and url not in claimed:
            yield _lost(site, moves, shown, line, url)


def _lost(site: Site, moves: Moves, shown: str, line: int, url: str) -> Problem:
    """Say that an address is lost, and which new one may be its."""
    new = {
        PurePosixPath(entry.record.url).name: entry
        for entry in _written(site)
        if entry.record.url in moves.living and entry.record.url not in moves.ledger.lines
    }
    name = nearest(PurePosixPath(unquote(url)).name, new)
    if name is None:
        return problem(site.words, shown, line, "lost-address", url=url)
    entry = new[name]
    source = site.content.shown(entry.source)
    return problem(site.words, shown, line, "moved-address", url=url, nearest=entry.record.url, source=source)


def _written(site: Site) -> Iterator[AnyEntry]:
    """Every text that is no draft."""
    everything: Iterable[AnyEntry] = (*site.content.articles, *site.content.issues, *site.content.pages)
    return (entry for entry in everything if not entry.header.draft)


# -- What is written ---------------------------------------------------------------------------------------------------


def outputs(site: Site) -> Iterator[Output]:
    found = moves(site)
    base = site.settings.base
    redirects = {base + old: target if target == GONE else base + target for old, target in found.redirects.items()}
    yield Output(NGINX, partial(nginx, redirects))
    yield Output(CADDY, partial(caddy, redirects))
    taken = {output.path for output in site.linkable.all} if redirects else set()
    folders = {str(above) for path in taken for above in PurePosixPath(path).parents}
    for old, target in found.redirects.items():
        path = page(old)
        above = {str(above) for above in PurePosixPath(path).parents}
        if target != GONE and path and path not in taken | folders and not taken & above:
            taken.add(path)
            folders |= above
            yield Output(path, partial(_make, site, target))


def page(old: str) -> str:
    """The file of the page that leads on from an address. "": a page cannot stand for a PDF or a feed."""
    path = unquote(old)
    ending = PurePosixPath(path).suffix.lower()
    if path.endswith("/") or ending in (".html", ".htm"):
        return page_path(path)
    return "" if ending else page_path(f"{path}/")


def _make(site: Site, target: str) -> bytes:
    place = target if "?" in target else normal(target)
    return site.render(
        "moved.html",
        {
            "site": site.settings,
            "target": site.settings.base + place,
            "canonical": site.settings.absolute(place),
            "asset": lambda name: site.settings.base + site.assets.url(name),
        },
    )


def nginx(redirects: Mapping[str, str]) -> bytes:
    """Lines for a `map $uri …` of nginx: it compares decoded addresses, and sends encoded ones."""
    return "".join(f"{_pair(old, target)};\n" for old, target in redirects.items()).encode()


def caddy(redirects: Mapping[str, str]) -> bytes:
    """Lines for a `map {path} …` of Caddy. A brace would mean something to it: such an address has its page alone."""
    return "".join(f"{_pair(old, target)}\n" for old, target in redirects.items() if "{" not in unquote(old)).encode()


def _pair(old: str, target: str) -> str:
    decoded = unquote(old).replace('"', '\\"')
    return f'"{decoded}" "{target}"'


def register() -> None:
    signals.check.connect(check)
    signals.publish_unlinked.connect(outputs)
