"""An article as HTML that can be read anywhere: all of it in one piece, every address in it whole."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urljoin

from markupsafe import Markup

from plugins.magazine.excerpt import absolute
from plugins.magazine.files import rendition
from plugins.magazine.model import Article, Attachment, Event, Image
from plugins.magazine.settings import Settings
from plugins.magazine.site import Site
from plugins.magazine.words import Words, direction

_UNFIT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML cannot hold. Text can have it by way of a reference, such as &#7;."""


def standalone(site: Site, article: Article) -> str:
    """Ingress, picture, an event's facts, text and files. What is in another language than the site says so."""
    settings = site.settings
    turned = direction(article.lang) != direction(settings.lang)
    foreign = Markup(' lang="{}"').format(article.lang) + (
        Markup(' dir="{}"').format(direction(article.lang)) if turned else ""
    )
    lang = Markup("") if article.lang == settings.lang else foreign
    body = Markup(absolute(article.body, settings.absolute(article.url)))
    parts = [
        Markup("<p{}><strong>{}</strong></p>").format(lang, article.summary),
        _picture(settings, article.image) if article.image else "",
        _event(site.words, article.event) if article.event else "",
        Markup("<div{}>{}</div>").format(lang, body) if lang else body,
        _files(settings, site.words, article.attachments) if article.attachments else "",
    ]
    return _UNFIT.sub("", "\n".join(filter(None, parts)))


def _picture(settings: Settings, image: Image) -> Markup:
    shown = rendition(image, settings.base)
    caption = " ".join(filter(None, (image.caption, image.credit)))
    return Markup('<figure><img src="{}" alt="{}" width="{}" height="{}"/>{}</figure>').format(
        urljoin(settings.url, shown.src),
        image.alt,
        shown.width,
        shown.height,
        Markup("<figcaption>{}</figcaption>").format(caption) if caption else "",
    )


def _event(words: Words, event: Event) -> Markup:
    facts: list[tuple[str, Sequence[str]]] = [
        (words.gettext("Time"), [words.span(event.start, event.end)]),
        (words.gettext("Place"), [event.place]),
        (words.gettext("Register by"), [words.weekday(event.register_by) if event.register_by else ""]),
        (words.gettext("Contact"), [event.contact]),
        (words.gettext("Programme"), event.programme),
    ]
    html = Markup("")
    for name, lines in facts:
        if any(lines):
            html += Markup("<dt>{}</dt>").format(name)
            html += Markup("").join(Markup("<dd>{}</dd>").format(line) for line in lines)
    return Markup("<dl>{}</dl>").format(html)


def _files(settings: Settings, words: Words, files: Sequence[Attachment]) -> Markup:
    item = Markup('<li><a href="{}">{}</a> ({}, {})</li>')
    items = [item.format(settings.absolute(file.url), file.title, file.type, words.size(file.size)) for file in files]
    return Markup("<h2>{}</h2>\n<ul>{}</ul>").format(words.gettext("Files"), Markup("").join(items))
