"""What search engines ask for first: `/sitemap.xml`, the addresses of all pages that lead to an article, and
`/robots.txt`, which lets everybody read everything.

A sitemap may hold 50,000 addresses. A larger magazine has several, and `/sitemap.xml` lists them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from lxml import etree
from lxml.builder import ElementMaker

from plugins.magazine import addresses, signals
from plugins.magazine.model import Article, Magazine
from plugins.magazine.outputs import Output, page_path
from plugins.magazine.settings import Settings
from plugins.magazine.site import Site

MOST = 50_000
SITEMAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"
XHTML = "http://www.w3.org/1999/xhtml"

_sitemap = ElementMaker(namespace=SITEMAPS, nsmap={None: SITEMAPS, "xhtml": XHTML})
_xhtml = ElementMaker(namespace=XHTML, nsmap={"xhtml": XHTML})


@dataclass(frozen=True, slots=True)
class Address:
    """A page, the day its content last changed (if it shows articles), and the same in other languages."""

    url: str
    changed: dt.date | None = None
    versions: tuple[Article, ...] = ()


def outputs(site: Site) -> Iterator[Output]:
    pages = list(listed(site.magazine))
    parts = [pages[start : start + MOST] for start in range(0, len(pages), MOST)]
    if len(parts) == 1:
        yield Output(page_path(addresses.SITEMAP), partial(sitemap, site.settings, pages))
    else:
        urls = [f"/sitemap-{number}.xml" for number in range(1, len(parts) + 1)]
        yield Output(page_path(addresses.SITEMAP), partial(index, site.settings, urls))
        for url, part in zip(urls, parts, strict=True):
            yield Output(page_path(url), partial(sitemap, site.settings, part))
    yield Output(page_path(addresses.ROBOTS), partial(robots, site.settings))


def listed(magazine: Magazine) -> Iterator[Address]:
    """Every page that a search engine should know, each once."""
    yield Address(addresses.FRONT, _newest(magazine.live_articles))
    yield Address(addresses.ISSUES, _newest(magazine.articles))
    for issue in magazine.issues:
        yield Address(issue.url, _newest(issue.articles))
    for article in (*magazine.articles, *magazine.translations):
        yield Address(article.url, article.changed, magazine.versions.get(article.url, ()))
    for shelf in magazine.categories:
        yield Address(shelf.url, _newest((*shelf.live, *shelf.archived)))
    for topic in (*magazine.tags, *magazine.places, *magazine.authors):
        yield Address(topic.url, _newest(topic.articles))
    for page in magazine.pages:
        yield Address(page.url)


def sitemap(settings: Settings, pages: Iterable[Address]) -> bytes:
    return _xml(_sitemap.urlset(*(_url(settings, page) for page in pages)))


def index(settings: Settings, urls: Sequence[str]) -> bytes:
    return _xml(_sitemap.sitemapindex(*(_sitemap.sitemap(_sitemap.loc(settings.absolute(url))) for url in urls)))


def robots(settings: Settings) -> bytes:
    return f"User-agent: *\nAllow: /\n\nSitemap: {settings.absolute(addresses.SITEMAP)}\n".encode()


def _url(settings: Settings, page: Address) -> etree._Element:
    url = _sitemap.url(_sitemap.loc(settings.absolute(page.url)))
    if page.changed:
        url.append(_sitemap.lastmod(page.changed.isoformat()))
    for version in page.versions:
        url.append(_xhtml.link(rel="alternate", hreflang=version.lang, href=settings.absolute(version.url)))
    return url


def _newest(articles: Iterable[Article]) -> dt.date | None:
    return max((article.changed for article in articles), default=None)


def _xml(root: etree._Element) -> bytes:
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def register() -> None:
    signals.publish.connect(outputs)
