"""The digest as plain text, for those who read mail so: written from the articles, with whole addresses."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from bs4 import BeautifulSoup

from plugins.digest.contents import Digest, Section
from plugins.digest.parts import Parts, inert
from plugins.magazine.model import Article
from plugins.magazine.site import Site
from plugins.magazine.words import capital

WIDTH = 72
"""Characters a line: what programs that show plain text have room for, quoted once or twice too (RFC 3676)."""


def parts(site: Site, digest: Digest, web_url: str) -> Parts:
    """Each part ends with an empty line, so that any choice of them reads as one letter."""
    sections = tuple(inert(_text(_section(site, digest, section))) for section in digest.sections)
    head, events = _text(_head(site, digest, web_url)), _text(_events(site, digest))
    return Parts(inert(head), sections, inert(events) + _text(_leaving(site)))


Block = Iterable[str]
"""Lines that belong together; an empty line follows."""


def _text(blocks: Iterable[Block]) -> str:
    return "".join("\n".join(block) + "\n\n" for block in blocks)


def _head(site: Site, digest: Digest, web_url: str) -> Iterator[Block]:
    gettext, issue = site.words.gettext, digest.issue
    yield [*_wrapped(site.settings.name), digest.number]
    yield _heading(issue.title, "=")
    yield [f"{gettext('Read on the web')}:", web_url]
    yield from _article(site, digest.lead)
    if digest.opening:
        yield _heading(gettext("Editorial"), "-")
        for paragraph in BeautifulSoup(digest.opening, "html.parser").find_all("p"):
            yield _wrapped(paragraph.get_text())
        if digest.goes_on:
            yield [f"{gettext('Read the whole editorial')}:", site.settings.absolute(issue.url)]


def _section(site: Site, digest: Digest, section: Section) -> Iterator[Block]:
    yield _heading(section.category.name, "=")
    for article in section.articles:
        if article is digest.lead:
            yield [*_wrapped(article.title), site.settings.absolute(article.url)]
        else:
            yield from _article(site, article)
    if section.more:
        yield [*_wrapped(f"{section.more}:"), site.settings.absolute(section.url)]


def _article(site: Site, article: Article) -> Iterator[Block]:
    absolute, event = site.settings.absolute, article.event
    when = _wrapped(capital(site.words.span(event.start, event.end))) if event else []
    by = _wrapped(site.words.join(article.authors)) if site.settings.kinds[article.kind] == "voice" else []
    yield [*_wrapped(article.title), *by, *when, *_wrapped(article.summary), absolute(article.url)]
    for version in site.magazine.versions.get(article.url, ())[1:]:
        told = f"{site.words.gettext('In another language:')} {version.title}"
        yield [*_wrapped(told), absolute(version.url)]


def _events(site: Site, digest: Digest) -> Iterator[Block]:
    words = site.words
    if digest.events:
        yield _heading(words.gettext("Dates"), "=")
    for article in digest.events:
        event = article.event
        if event:
            lines = [
                *_wrapped(capital(words.span(event.start, event.end))),
                *_wrapped(article.title),
                *_wrapped(event.place),
            ]
            if event.register_by:
                lines += _wrapped(f"{words.gettext('Register by')} {words.weekday(event.register_by)}")
            yield [*lines, site.settings.absolute(article.url)]
    if digest.more_events:
        yield [f"{digest.more_events}:", site.settings.absolute(digest.issue.url)]


def _leaving(site: Site) -> Iterator[Block]:
    gettext, settings = site.words.gettext, site.settings
    yield ["-" * WIDTH]
    yield _wrapped(
        gettext("You get this mail because you subscribe to %(name)s. Nothing in it tells us whether you read it.")
        % {"name": settings.name}
    )
    yield [f"{gettext('Change what you get')}:", "{{preferences_url}}"]
    yield [f"{gettext('Unsubscribe')}:", "{{unsubscribe_url}}"]
    published = gettext("Published by %(publisher)s") % {"publisher": settings.publisher} if settings.publisher else ""
    yield [*_wrapped(settings.name), *_wrapped(published), *_wrapped(settings.contact), settings.absolute("/")]


def _heading(text: str, line: str) -> list[str]:
    lines = _wrapped(text)
    return [*lines, line * max(map(len, lines), default=1)]


def _wrapped(text: str) -> list[str]:
    """Lines of at most `WIDTH` characters; a longer word has a line to itself. No-break spaces hold."""
    return textwrap.wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False)
