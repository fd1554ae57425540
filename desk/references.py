"""What a page, a stylesheet or a data file of a built site refers to, and whether a browser would find it.

Reading gives plain facts; nothing here knows whether a target exists. `desk.verify` does, and so do the tests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote, urljoin, urlsplit

from lxml import html

ADDRESSES = ("href", "src", "poster", "data", "action", "formaction")
CANDIDATES = ("srcset", "imagesrcset")
IDS = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "aria-details", "aria-owns", "headers", "list")
SHARED = {"og:image", "og:url", "og:image:secure_url", "twitter:image"}
UNREQUESTED = {"canonical", "alternate", "author", "license", "me"}
"""What a <link> may be without the browser fetching it."""
UNSAFE = re.compile(r'[\s<>"\\^`{|}]')
"""What an address must have as %XX."""
_CSS_ADDRESS = re.compile(r"""url\(\s*["']?([^"')]*)["']?\s*\)|@import\s+["']([^"']+)["']""")
_CSS_SET = re.compile(r"""image-set\(((?:[^()"']|"[^"]*"|'[^']*'|\([^()]*\))*)\)""")
_CSS_IN_SET = re.compile(r"""\w+\([^()]*\)|["']([^"']+)["']""")
_CANDIDATE = re.compile(r"\s*(\S*[^\s,])(?:\s+([^,]+))?\s*(?:,|$)")
_REFRESH = re.compile(r"\s*\d+\s*;\s*url=(.*)", re.IGNORECASE)
_WITH_REFERENCE = "//*[" + " or ".join(f"@{name}" for name in (*ADDRESSES, *CANDIDATES)) + " or self::meta]"
_WITH_IDS = "//*[" + " or ".join(f"@{name}" for name in IDS) + "]"
_MAYBE_INLINE = re.compile(
    rb"""<style|\sstyle\s*=|\son\w+\s*=|<script(?!\stype="application/ld\+json">)(?![^>]*\ssrc=)""", re.IGNORECASE
)
"""Found in every page that has something inline: the others, nearly all, need no closer look."""
_INLINE = "//style | //*[@style] | //script[not(@src)] | //*[@*[starts-with(name(), 'on')]]"


@dataclass(frozen=True, slots=True)
class Reference:
    """One address that a page or a stylesheet names."""

    page: str
    what: str
    """Where it stands: "a href", "img srcset", "url"."""
    target: str
    fetched: bool
    """Whether the browser asks for it by itself, without the reader following a link."""
    at_once: bool = False
    """Whether the page waits for it: styles, scripts, and pictures that are not said to be loaded late."""

    def __str__(self) -> str:
        return f"{self.page}: {self.what}={self.target!r}"


@dataclass(frozen=True, slots=True)
class Page:
    """What stands in one HTML page. `url` counts from the site's own root."""

    url: str
    references: tuple[Reference, ...]
    ids: frozenset[str]
    twice: tuple[str, ...]
    """Ids that stand more than once."""
    nameless: tuple[str, ...]
    """References to ids that the page does not have, as `for='x'`."""
    inline: tuple[str, ...]
    """Scripts and styles that stand in the page, which a strict Content-Security-Policy forbids."""
    moved: bool
    """Whether it only leads on to another page."""


def read_page(url: str, data: bytes) -> Page:
    """Read one page. Raises `lxml.etree.ParserError` if there is none."""
    root = html.document_fromstring(data, parser=html.HTMLParser(encoding="utf-8"))
    ids = root.xpath("//@id", smart_strings=False)
    inline = root.xpath(_INLINE) if _MAYBE_INLINE.search(data) else ()
    known = frozenset(ids)
    return Page(
        url=url,
        references=tuple(_references(url, root)),
        ids=known,
        twice=tuple(sorted({name for name in ids if ids.count(name) > 1})) if len(known) < len(ids) else (),
        nameless=tuple(
            f"{name}={target!r}"
            for element in root.xpath(_WITH_IDS)
            for name in IDS
            for target in element.get(name, "").split()
            if target not in known
        ),
        inline=tuple(line for element in inline for line in _inline(element)),
        moved=bool(root.xpath("//meta[@http-equiv='refresh']")),
    )


def _references(url: str, root: html.HtmlElement) -> Iterator[Reference]:
    for element in root.xpath(_WITH_REFERENCE):
        tag = str(element.tag)
        if tag == "meta":
            yield from _of_meta(url, element)
            continue
        if tag == "form" and element.get("method", "").lower() == "post":
            continue  # answered by the newsletter's service, not by a file
        fetched, at_once = (False, False) if tag == "a" else (_is_fetched(element), _is_awaited(element))
        for key, value in element.items():
            name, target = str(key), str(value)
            if name in ADDRESSES:
                yield Reference(url, f"{tag} {name}", target, fetched, at_once)
            elif name in CANDIDATES:
                for candidate, _ in candidates(target):
                    yield Reference(url, f"{tag} {name}", candidate, True)


def _of_meta(url: str, element: html.HtmlElement) -> Iterator[Reference]:
    name, content = element.get("property", element.get("name", "")), element.get("content", "")
    if name in SHARED:
        yield Reference(url, f"meta {name}", content, False)
    elif element.get("http-equiv", "").lower() == "refresh" and (match := _REFRESH.match(content)):
        yield Reference(url, "meta refresh", match[1], False)


def _is_fetched(element: html.HtmlElement) -> bool:
    if element.tag == "link":
        return not UNREQUESTED & set(element.get("rel", "").split())
    return element.tag not in ("area", "form")


def _is_awaited(element: html.HtmlElement) -> bool:
    if element.tag == "link":
        return bool({"stylesheet", "preload"} & set(element.get("rel", "").split()))
    return element.tag == "script" or (element.tag == "img" and element.get("loading") != "lazy")


def _inline(element: html.HtmlElement) -> Iterator[str]:
    tag = str(element.tag)
    if tag == "style" or element.get("style") is not None:
        yield "<style>" if tag == "style" else f"<{tag} style>"
    if tag == "script" and not element.get("src") and element.get("type") != "application/ld+json":
        yield "<script>"
    for name in element.attrib:
        if str(name).startswith("on"):
            yield f"<{tag} {name!s}>"


def candidates(srcset: str) -> list[tuple[str, str]]:
    """What a srcset offers: addresses with their descriptors ("800w")."""
    return [(match[1], (match[2] or "").strip()) for match in _CANDIDATE.finditer(srcset) if match[1]]


def in_stylesheet(url: str, text: str) -> list[Reference]:
    """What a stylesheet asks for."""
    found = [match[1] or match[2] for match in _CSS_ADDRESS.finditer(text)]
    for images in _CSS_SET.finditer(text):  # of which those in url(…) are found already, and type(…) names none
        found += [match[1] for match in _CSS_IN_SET.finditer(images[1]) if match[1]]
    return [Reference(url, "url", target, True) for target in found]


class Own:
    """Tells a site's own addresses from others', and where on the site they lead. The site may lie under a path."""

    def __init__(self, site_url: str) -> None:
        self.url = site_url.rstrip("/")
        own = urlsplit(self.url)
        self.host, self.base = (own.scheme, own.netloc), own.path.rstrip("/")
        self._path = lru_cache(maxsize=65536)(self._look)

    def path(self, page: str, target: str) -> str | None:
        """The path from the site's own root, with its anchor; None: it leads elsewhere. `outside:` comes before a path
        on the host that leaves out the site's."""
        return self._path("/" if target.startswith("/") and not target.startswith("//") else page, target)

    def _look(self, page: str, target: str) -> str | None:
        parts = urlsplit(urljoin(f"{self.url}{page}", target))
        if (parts.scheme, parts.netloc) != self.host:
            return None
        path = parts.path + (f"#{parts.fragment}" if parts.fragment else "")
        return path.removeprefix(self.base) if path.startswith(f"{self.base}/") else f"outside:{path}"

    def whole(self, text: str) -> set[str]:
        """The paths of every whole address of this site that stands in a text, with anchors, without questions."""
        until = r"""\s"'<>\\&)\]{}"""
        pattern = rf"{re.escape(self.url)}(?![\w.-])([^{until}?#]*)(?:\?[^{until}#]*)?(#[^{until}?#]*)?"
        return {(match[1] or "/") + (match[2] or "").rstrip("#.,;:!") for match in re.finditer(pattern, text)}


def file_of(path: str) -> str:
    """The file, below the site's folder, that a server sends for a path from the site's own root."""
    path = unquote(path.partition("#")[0].partition("?")[0])
    return path.lstrip("/") + ("index.html" if path.endswith("/") else "")
