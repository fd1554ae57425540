"""What lands in the digest of an issue: the lead, the editorial's first lines, each category's articles, the dates."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bs4 import BeautifulSoup, Comment
from markupsafe import Markup

from plugins.magazine.excerpt import first_paragraphs, make_whole
from plugins.magazine.model import Article, Category, Image, Issue
from plugins.magazine.site import Site
from plugins.magazine.words import Words

EVENTS = 12
"""How many dates a digest lists."""
PREHEADER = 140
"""How many characters mail programs show beside the subject, at most."""

# How many characters a mail gives to each text. What is longer is cut between words: the article has it whole.
TITLE, INGRESS, BYLINE, OPENING = 200, 400, 120, 1200

INLINE = frozenset(
    "a abbr b bdi bdo br cite code del dfn em i ins kbd mark p q rp rt ruby s samp small span strong sub sup time u var"
    " wbr".split()
)
"""What an editorial's first lines keep of their elements; of others only the text is kept."""
KEPT = frozenset(("href", "lang", "dir", "title"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A category's articles of the issue, in its order."""

    category: Category
    articles: tuple[Article, ...]
    more: str
    """What is said of those there was no room for, such as "12 more articles in News"; "" if there are none."""
    url: str
    """Where all of them are."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Digest:
    """One issue's digest before it has a form."""

    issue: Issue
    number: str
    """No. 11 · November 2026"""
    subject: str
    preheader: str
    """What mail programs show beside the subject."""
    lead: Article
    picture: Image | None
    """The lead's, else the cover."""
    opening: Markup
    """The editorial's first paragraphs."""
    goes_on: bool
    """Whether the editorial is longer than that."""
    sections: tuple[Section, ...]
    events: tuple[Article, ...]
    """Those that are still to come, or going on, on the day of release; the next one first."""
    more_events: str


def contents(site: Site, issue: Issue, address: str, most: int | None = None) -> Digest:
    """What the digest of an issue says.

    `address` is what the site's addresses begin with: its whole address in a mail, the path it lies under on a page.
    `most` is the number of articles that any section has room for; None: all.

    The lead stands before the sections. So that every category with an article in the issue has a section, the lead
    stands in its own too if it would be empty without it.
    """
    words = site.words
    issue = replace(issue, title=clipped(_line(issue.title), TITLE))
    articles = tuple(map(_brief, issue.articles))
    lead = next(article for article in articles if article.slug == issue.lead.slug)
    by_category: dict[str, list[Article]] = defaultdict(list)
    for article in articles:
        by_category[article.category].append(article)
    sections = tuple(
        _section(words, issue, category, by_category[category.slug], lead, most)
        for category in site.magazine.categories
        if by_category[category.slug]
    )
    events = sorted(filter(_is_to_come, articles), key=_by_time)
    first, more = first_paragraphs(issue.editorial)
    opening, is_cut = _plain(first, address + issue.url)
    number = words.gettext("No. %(number)s") % {"number": issue.number}
    return Digest(
        issue=issue,
        number=f"{number} · {words.month(issue.first_day)}",
        subject=_line(f"{site.settings.name} {number[:1].lower()}{number[1:]}: {issue.title}"),
        preheader=_preheader([lead, *(a for section in sections for a in section.articles if a is not lead)]),
        lead=lead,
        picture=lead.image or issue.cover,
        opening=opening,
        goes_on=more or is_cut,
        sections=sections,
        events=tuple(events[:EVENTS]),
        more_events=words.gettext("More dates in the issue") if len(events) > EVENTS else "",
    )


def _section(
    words: Words, issue: Issue, category: Category, articles: Sequence[Article], lead: Article, most: int | None
) -> Section:
    others = tuple(article for article in articles if article is not lead) or (lead,)
    shown = others[:most]
    left = len(others) - len(shown)
    more = words.ngettext("{n} more article in {category}", "{n} more articles in {category}", left)
    return Section(
        category=category,
        articles=shown,
        more=more.format(n=left, category=category.name) if left else "",
        url=f"{issue.url}#m-c-{category.slug}",
    )


def _preheader(articles: Iterable[Article]) -> str:
    """The titles of the first articles, as many whole ones as there is room for."""
    text = ""
    for article in articles:
        longer = f"{text} · {_line(article.title)}" if text else clipped(_line(article.title), PREHEADER)
        if len(longer) > PREHEADER:
            break
        text = longer
    return text


def _is_to_come(article: Article) -> bool:
    return article.event is not None and article.event.last_day >= article.date


def _by_time(article: Article) -> tuple[dt.datetime, str]:
    """Sort key: days without a time come first on their day."""
    start = article.event.start if article.event else dt.datetime.min
    return (start if isinstance(start, dt.datetime) else dt.datetime.combine(start, dt.time()), article.slug)


# -- Texts in brief ----------------------------------------------------------------------------------------------------


def clipped(text: str, most: int) -> str:
    """A text, cut between words if it has more than `most` characters."""
    if len(text) <= most:
        return text
    return (text[: most - 1].rpartition(" ")[0] or text[: most - 1]).rstrip(" ,;:–-") + "…"


def _line(text: str) -> str:
    """A text on one line, as in the header of a mail."""
    return " ".join(text.split())


def _brief(article: Article) -> Article:
    """The same article with no text longer than a mail has room for."""
    return replace(
        article,
        title=clipped(article.title, TITLE),
        summary=clipped(article.summary, INGRESS),
        authors=tuple(clipped(author, BYLINE) for author in article.authors[:3]),
        image=article.image and replace(article.image, alt=clipped(article.image.alt, INGRESS)),
        event=article.event and replace(article.event, place=clipped(article.event.place, BYLINE)),
    )


def _plain(html: str, page: str) -> tuple[Markup, bool]:
    """Paragraphs with their links and emphasis, without what a mail cannot show: pictures, ids.

    Also whether they were cut: they have `OPENING` characters at most.
    """
    soup = BeautifulSoup(html, "html.parser")
    make_whole(soup, page)
    for element in soup.find_all(["img", "picture"]):
        element.decompose()
    for comment in soup.find_all(string=lambda text: isinstance(text, Comment)):
        comment.extract()
    for element in soup.find_all(True):
        element.attrs = {name: value for name, value in element.attrs.items() if name in KEPT}
        if element.name not in INLINE:
            element.unwrap()
    left = OPENING
    for paragraph in soup.find_all("p"):
        text = paragraph.get_text()
        if left <= 0 or not text.strip():
            paragraph.decompose()
        elif len(text) > left:
            paragraph.string = clipped(text, left)
        left -= len(text)
    return Markup(str(soup).strip()), left < 0
