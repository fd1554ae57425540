"""What a feed says, before it is put into one of the formats."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from plugins.feeds.content import standalone
from plugins.magazine import addresses
from plugins.magazine.addresses import Feeds
from plugins.magazine.files import share_url
from plugins.magazine.folder import FOLDER
from plugins.magazine.model import Article, Category
from plugins.magazine.settings import Settings
from plugins.magazine.site import Site

BEGINNING = dt.date(2026, 1, 1)
"""What the ids of feeds are dated by, and when a feed without entries was last updated. It never changes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Author:
    name: str
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One article as the feeds show it. Addresses are whole."""

    id: str
    url: str
    title: str
    summary: str
    content: str
    """HTML that can be read anywhere."""
    lang: str
    picture: str
    """The address of a JPEG of 1200 × 630 pixels, or "" if the article has no picture."""
    published: dt.datetime
    updated: dt.datetime
    authors: tuple[Author, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Channel:
    """One feed: of the magazine or of a category. Entries are newest first."""

    id: str
    url: str
    """The page that shows the same articles."""
    links: Feeds
    title: str
    description: str
    lang: str
    publisher: str
    entries: tuple[Entry, ...]
    updated: dt.datetime


def channel(site: Site, category: Category | None, make_entry: Callable[[Article], Entry]) -> Channel:
    """The feed of a category, or of the whole magazine."""
    settings = site.settings
    url = category.url if category else addresses.FRONT
    entries = tuple(make_entry(article) for article in (category.live if category else site.magazine.live_articles))
    return Channel(
        id=tag_uri(settings.feed_authority, f"{BEGINNING}", url),
        url=settings.absolute(url),
        links=feed_links(settings, category),
        title=feed_name(settings, category),
        description=_description(site, category),
        lang=settings.lang,
        publisher=settings.publisher or settings.name,
        entries=entries,
        updated=max((entry.updated for entry in entries), default=_midnight(settings, BEGINNING)),
    )


def entry(site: Site, article: Article) -> Entry:
    settings = site.settings
    category = site.magazine.category_by_slug[article.category]
    return Entry(
        id=_entry_id(settings, article),
        url=settings.absolute(article.url),
        title=article.title,
        summary=article.summary,
        content=standalone(site, article),
        lang=article.lang,
        picture=settings.absolute(share_url(article.image)) if article.image else "",
        published=_midnight(settings, article.date),
        updated=_midnight(settings, article.changed),
        authors=tuple(Author(name=name, url=settings.absolute(addresses.author(name))) for name in article.authors),
        tags=tuple(dict.fromkeys((category.name, *article.tags, *article.places))),
    )


def _entry_id(settings: Settings, article: Article) -> str:
    """An article that has moved keeps its id: else it would come as new to all who subscribe."""
    first = article.first_url or article.url
    month = first.split("/")[1]
    day = f"{month if FOLDER.fullmatch(month) else article.issue}-01"
    return tag_uri(settings.feed_authority, day, first)


def feed_name(settings: Settings, category: Category | None) -> str:
    return f"{settings.name}: {category.name}" if category else settings.name


def feed_links(settings: Settings, category: Category | None) -> Feeds:
    links = addresses.feeds(category)
    return Feeds(
        rss=settings.absolute(links.rss), atom=settings.absolute(links.atom), json=settings.absolute(links.json)
    )


def tag_uri(authority: str, day: str, path: str) -> str:
    """An id for ever (RFC 4151): who names it, a day on which the name was theirs, what it names.

    The path is without the part that the site lies under on its host, so that a site can move.
    """
    return f"tag:{authority.lower()},{day}:{path}"


def _description(site: Site, category: Category | None) -> str:
    if category is None:
        return site.settings.subtitle or site.settings.name
    return site.words.gettext("The newest articles in {name}.").format(name=category.name)


def _midnight(settings: Settings, day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), settings.timezone)
