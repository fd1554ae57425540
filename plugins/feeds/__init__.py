"""The feeds: RSS 2.0, Atom and JSON Feed of what is live, for the magazine and for each category; an OPML file of all.

An entry holds the whole article, with addresses that work anywhere. Ids never change, and every date comes from the
content: building again changes no byte, and correcting an article changes its date of update alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial

from plugins.feeds.channels import Channel, Entry, channel, entry
from plugins.feeds.formats import atom, json_feed, opml, rss
from plugins.magazine import addresses, signals
from plugins.magazine.model import Article, Category
from plugins.magazine.outputs import Output, page_path
from plugins.magazine.site import Site


def outputs(site: Site) -> Iterator[Output]:
    make_entry = cache(partial(entry, site))  # an article stands in two feeds of three formats: it is converted once
    for category in (None, *site.magazine.categories):
        links = addresses.feeds(category)
        for url, write in ((links.rss, rss), (links.atom, atom), (links.json, json_feed)):
            yield Output(page_path(url), partial(_make, site, category, make_entry, write))
    yield Output(page_path(addresses.OPML), partial(opml, site))


def _make(
    site: Site, category: Category | None, make_entry: Callable[[Article], Entry], write: Callable[[Channel], bytes]
) -> bytes:
    return write(channel(site, category, make_entry))


def register() -> None:
    signals.publish.connect(outputs)
