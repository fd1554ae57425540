"""An article as HTML that can be read anywhere: all of it in one piece, every address in it whole."""

from __future__ import annotations

import datetime as dt
import re
from urllib.parse import quote, urljoin

from bs4 import BeautifulSoup
from markupsafe import Markup

from plugins.magazine.files import picture_url, scaled_height, widths
from plugins.magazine.model import Article, Attachment, Event, Image
from plugins.magazine.site import Site
from plugins.magazine.words import Words

PICTURE_WIDTH = 800
"""How wide the article's picture is in pixels, if it is as large as that: most programs show feeds in a column."""

_SOURCE = re.compile(r"(.+?) (\d+w)(?:, |$)")
_UNFIT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML cannot hold. Text can have it by way of a reference, such as &#7;."""


def standalone(site: Site, article: Article) -> str:
    """Ingress, picture, an event's facts, text and files; in an element with its language if that is not the site's."""
    address = site.settings.absolute(article.url)
    html = Markup("\n").join(
        part
        for part in (
            Markup("<p><strong>{}</strong></p>").format(article.summary),
            _picture(address, site.settings.base, article.image) if article.image else "",
            _event(site.words, article.event) if article.event else "",
            Markup(absolute(article.body, address)),
            _files(site, article.attachments) if article.attachments else "",
        )
        if part
    )
    if article.lang != site.settings.lang:
        html = Markup('<div lang="{}">\n{}\n</div>').format(article.lang, html)
    return _UNFIT.sub("", html)


def absolute(html: str, address: str) -> str:
    """Make every link and picture whole. `address` is the page's: what begins with a slash is on its host, and an
    anchor is on the page itself."""
    soup = BeautifulSoup(html, "html.parser")
    for element in soup.find_all(True):
        for name in ("href", "src", "cite"):
            if name in element.attrs:
                element[name] = whole(urljoin(address, str(element[name])))
        if "srcset" in element.attrs:
            sources = _SOURCE.findall(str(element["srcset"]))
            element["srcset"] = ", ".join(f"{whole(urljoin(address, url))} {width}" for url, width in sources)
    return str(soup)


def whole(url: str) -> str:
    """A file's name may have spaces and any letters; an address has them percent-encoded."""
    return quote(url, safe="!#$%&'()*+,/:;=?@[]~")


def _picture(address: str, base: str, image: Image) -> Markup:
    width = next((width for width in widths(image) if width >= PICTURE_WIDTH), image.width)
    source = whole(urljoin(address, base + picture_url(image, width)))
    caption = " ".join(filter(None, (image.caption, image.credit)))
    return Markup('<figure><img src="{}" alt="{}" width="{}" height="{}"/>{}</figure>').format(
        source,
        image.alt,
        width,
        scaled_height(image, width),
        Markup("<figcaption>{}</figcaption>").format(caption) if caption else "",
    )


def _event(words: Words, event: Event) -> Markup:
    facts = (
        (words.gettext("Time"), _time(words, event)),
        (words.gettext("Place"), event.place),
        (words.gettext("Register by"), words.weekday(event.register_by) if event.register_by else ""),
        (words.gettext("Contact"), event.contact),
        (words.gettext("Programme"), Markup("<br/>").join(event.programme)),
    )
    lines = [Markup("<dt>{}</dt><dd>{}</dd>").format(name, value) for name, value in facts if value]
    return Markup("<dl>{}</dl>").format(Markup("").join(lines))


def _time(words: Words, event: Event) -> str:
    """torsdag 26 november 2026, 13.00–16.00"""
    start, end = event.start, event.end
    if end is not None and words.weekday(end) != words.weekday(start):
        return f"{_moment(words, start)} – {_moment(words, end)}"
    until = f"–{words.clock(end)}" if isinstance(start, dt.datetime) and isinstance(end, dt.datetime) else ""
    return _moment(words, start) + until


def _moment(words: Words, moment: dt.date | dt.datetime) -> str:
    day = words.weekday(moment)
    return f"{day}, {words.clock(moment)}" if isinstance(moment, dt.datetime) else day


def _files(site: Site, files: tuple[Attachment, ...]) -> Markup:
    items = [
        Markup('<li><a href="{}">{}</a> ({}, {})</li>').format(
            whole(site.settings.absolute(file.url)), file.title, file.type, site.words.size(file.size)
        )
        for file in files
    ]
    return Markup("<h2>{}</h2>\n<ul>{}</ul>").format(site.words.gettext("Files"), Markup("").join(items))
