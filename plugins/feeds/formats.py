"""A feed in each of its formats, and the list of all feeds."""

from __future__ import annotations

import json
from typing import Any

from feedgen.feed import FeedGenerator
from lxml import etree
from lxml.builder import E
from markupsafe import escape

from plugins.feeds.channels import Channel, Entry, feed_links, feed_name
from plugins.magazine import addresses
from plugins.magazine.site import Site

MINUTES_TO_LIVE = 360
"""How long a program may wait before it asks for an RSS feed again."""


def rss(channel: Channel) -> bytes:
    feed = _generator(channel, channel.links.rss, "application/rss+xml")
    feed.ttl(MINUTES_TO_LIVE)
    xml: bytes = feed.rss_str(pretty=True)
    # The RSS profile asks for these references: programs that take a title for HTML then read it right more often.
    return xml.replace(b"&lt;", b"&#x3C;").replace(b"&amp;", b"&#x26;")


def atom(channel: Channel) -> bytes:
    xml: bytes = _generator(channel, channel.links.atom, "application/atom+xml").atom_str(pretty=True)
    return xml


def json_feed(channel: Channel) -> bytes:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "home_page_url": channel.url,
        "feed_url": channel.links.json,
        "description": channel.description,
        "language": channel.lang,
        "authors": [{"name": channel.publisher}],
        "items": [_json_item(entry) for entry in channel.entries],
    }
    return (json.dumps(feed, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def opml(site: Site) -> bytes:
    """Every feed once, as RSS: who imports the file takes all that is in it."""
    outlines = []
    for category in (None, *site.magazine.categories):
        url = site.settings.absolute(category.url if category else addresses.FRONT)
        name = feed_name(site.settings, category)
        address = feed_links(site.settings, category).rss
        outlines.append(E.outline(type="rss", text=name, title=name, xmlUrl=address, htmlUrl=url))
    name = site.settings.name
    tree = E.opml(E.head(E.title(name)), E.body(E.outline(*outlines, text=name)), version="2.0")
    return etree.tostring(tree, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _generator(channel: Channel, address: str, media_type: str) -> FeedGenerator:
    """The feed for feedgen, which makes RSS or Atom of it. Nothing is left for feedgen to fill in: it would take the
    present time, and its own version."""
    feed = FeedGenerator()
    feed.load_extension("media")
    feed.load_extension("dc", atom=False)
    feed.id(channel.id)
    feed.title(channel.title)
    feed.subtitle(channel.description)
    feed.language(channel.lang)
    feed.author(name=channel.publisher)
    feed.link(href=address, rel="self", type=media_type)
    feed.link(href=channel.url, rel="alternate", type="text/html", hreflang=channel.lang)  # RSS takes the last one
    feed.updated(channel.updated)
    feed.generator("python-feedgen")
    for entry in channel.entries:
        _add(feed, entry)
    return feed


def _add(feed: FeedGenerator, entry: Entry) -> None:
    item = feed.add_entry(order="append")
    item.id(entry.id)
    item.title(entry.title)
    item.link(href=entry.url)
    item.summary(str(escape(entry.summary)), type="html")  # HTML, because a description in RSS is
    item.content(entry.content, type="html")
    item.published(entry.published)
    item.updated(entry.updated)
    item.category([{"term": tag} for tag in entry.tags])
    for author in entry.authors:
        item.author(name=author.name, uri=author.url)
        item.dc.dc_creator(author.name)  # an author in RSS is an e-mail address; bylines have none
    if entry.picture:
        # Not an enclosure: that needs the file's length, and programs take it for something to listen to.
        item.media.content(url=entry.picture, type="image/jpeg", medium="image", width="1200", height="630", group=None)


def _json_item(entry: Entry) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": entry.id,
        "url": entry.url,
        "title": entry.title,
        "content_html": entry.content,
        "summary": entry.summary,
        "date_published": entry.published.isoformat(),
        "date_modified": entry.updated.isoformat(),
        "authors": [{"name": author.name, "url": author.url} for author in entry.authors],
        "tags": list(entry.tags),
        "language": entry.lang,
    }
    if entry.picture:
        item["image"] = entry.picture
    return item
