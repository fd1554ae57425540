"""What every template can call: addresses, words, pictures. Made once a build; templates decide nothing themselves."""

from __future__ import annotations

import re
from functools import lru_cache, partial
from html import unescape
from urllib.parse import quote

from jinja2.utils import urlize
from markupsafe import Markup

from plugins.magazine import addresses
from plugins.magazine.files import rendition, share_url, stamp_url
from plugins.magazine.model import Article
from plugins.magazine.site import Site
from plugins.magazine.words import capital, direction

WORDS_A_MINUTE = 220
"""How fast Swedish is read silently (Brysbaert 2019: 218 words a minute)."""


def minutes(article: Article) -> int:
    """Reading time in whole minutes, at least one."""
    return max(1, round(article.word_count / WORDS_A_MINUTE))


_ADDRESS = re.compile(r'(?<= href=")[^"]*')
_UNSAFE = re.compile(r"[\\^`{|}]|&#34;|&lt;|&gt;")


def linked(text: str) -> Markup:
    """A text with the addresses in it as links, percent-encoded as they must be: https://x.example/a|b gets %7C."""
    found = urlize(text, rel="noopener")
    return Markup(_ADDRESS.sub(lambda match: _UNSAFE.sub(lambda sign: quote(unescape(sign[0])), match[0]), found))


def prepare(site: Site) -> None:
    """Give the templates their globals and filters."""
    settings, magazine = site.settings, site.magazine
    base = settings.base

    def href(path: str) -> str:
        return base + path

    @lru_cache(maxsize=1024)
    def translated(text: str) -> Markup:
        return Markup(site.words.gettext(text))

    site.env.filters["linked"] = linked
    site.env.globals.update(
        _=translated,  # a text without facts, looked up once; i18n's own `_` does so on every page
        site=settings,
        nav=magazine.categories,
        footer_pages=[page for page in magazine.pages if page.url != addresses.SUBSCRIBE],
        words=site.words,
        href=href,
        absolute=settings.absolute,
        asset=lambda name: href(site.assets.url(name)),
        rendition=lru_cache(maxsize=1024)(partial(rendition, base=base)),
        share_url=share_url,
        stamp_url=stamp_url,
        capital=capital,
        direction=direction,
        translations_of=lambda article: magazine.versions.get(article.url, ())[1:],
        minutes=minutes,
        is_over=lambda event: event.last_day < magazine.today,
        form_of=settings.kinds.__getitem__,
        category_of=lambda article: magazine.category_by_slug[article.category],
        issue_of=lambda article: magazine.issue_by_id[article.issue],
        tag_url=addresses.tag,
        place_url=addresses.place,
        author_url=addresses.author,
        addresses=addresses,
    )
