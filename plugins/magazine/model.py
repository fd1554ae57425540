"""The magazine as data, and the rules that make it: what is released, what is live, what comes first.

Everything a reader meets (pages, feeds, search, digest) is a function of one frozen `Magazine`. The rules stand here,
each once; whoever shows a magazine takes its tuples as they are and neither selects, sorts nor caps again.

Nothing here knows of Pelican, files or templates.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from unidecode import unidecode

ROOM = 20
"""How many live articles a category has room for, unless the settings say otherwise."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Image:
    """A picture: where it lies below the content folder, its size in pixels, and what is said about it."""

    source: str
    width: int
    height: int
    digest: str
    """The first twelve hexadecimal digits of the file's SHA-256: a changed picture gets a new address."""
    alt: str
    caption: str = ""
    credit: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """A file that readers can fetch: its address, type as readers know it ("PDF"), and size in bytes."""

    source: str
    url: str
    title: str
    type: str
    size: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """What an invitation invites to. Times are local to the magazine; a `date` without a time means the whole day."""

    start: dt.date | dt.datetime
    end: dt.date | dt.datetime | None = None
    place: str = ""
    register_by: dt.date | None = None
    contact: str = ""
    programme: tuple[str, ...] = ()

    @property
    def last_day(self) -> dt.date:
        last = self.end or self.start
        return last.date() if isinstance(last, dt.datetime) else last


@dataclass(frozen=True, kw_only=True, slots=True)
class Article:
    """One article. It belongs to one issue and one category for good, so its address never changes."""

    issue: str
    slug: str
    category: str
    kind: str
    title: str
    summary: str
    date: dt.date
    """The release date of its issue."""
    source: str
    lang: str
    body: str = ""
    """HTML, finished: links resolved, pictures placed."""
    word_count: int = 0
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    image: Image | None = None
    event: Event | None = None
    attachments: tuple[Attachment, ...] = ()
    pictures: tuple[Image, ...] = ()
    """Every picture the page needs, the article's own `image` included."""
    linked_files: tuple[Attachment, ...] = ()
    """Files that the body links to."""
    order: int | None = None
    pinned: bool = False
    translation_of: str | None = None
    """The slug of the original, in the same issue."""
    moved_from: tuple[str, ...] = ()
    """The addresses that it had before, percent-encoded."""
    first_url: str = ""
    """The address that it was first published at, if that was another: what it is called by in feeds, for ever."""
    modified: dt.date | None = None

    @property
    def url(self) -> str:
        return f"/{self.issue}/{self.slug}/"

    @property
    def changed(self) -> dt.date:
        """The day its text last changed: `modified`, else its release."""
        return max(self.modified or self.date, self.date)


@dataclass(frozen=True, kw_only=True, slots=True)
class Issue:
    """One month's number. `articles` are in the order of the issue; translations are with their originals."""

    id: str
    title: str
    date: dt.date
    source: str
    lead_slug: str | None = None
    image: Image | None = None
    editorial: str = ""
    pictures: tuple[Image, ...] = ()
    linked_files: tuple[Attachment, ...] = ()
    articles: tuple[Article, ...] = ()
    number: int = 0
    """Its place among the year's issues, from 1."""
    moved_from: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        return f"/{self.id}/"

    @property
    def year(self) -> int:
        return int(self.id[:4])

    @property
    def month(self) -> int:
        return int(self.id[5:])

    @property
    def first_day(self) -> dt.date:
        """The first day of its month. It comes out on its `date`, which may be another."""
        return dt.date(self.year, self.month, 1)

    @property
    def lead(self) -> Article:
        """The article on the cover: the one that `lead` names, else the first of the issue."""
        return next((a for a in self.articles if a.slug == self.lead_slug), self.articles[0])

    @property
    def cover(self) -> Image | None:
        return self.image or self.lead.image


@dataclass(frozen=True, kw_only=True, slots=True)
class Category:
    """One of the fixed, ordered list in the settings, with what is live in it and what has fallen off."""

    slug: str
    name: str
    position: int
    """Its place in the settings, from 0; it decides the category's colour."""
    live: tuple[Article, ...] = ()
    archived: tuple[Article, ...] = ()

    @property
    def url(self) -> str:
        return f"/kategori/{self.slug}/"


@dataclass(frozen=True, kw_only=True, slots=True)
class Topic:
    """A tag, a place or an author with its articles, newest first."""

    url: str
    name: str
    articles: tuple[Article, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """A page outside the issues: about, accessibility, personal data, how to subscribe."""

    slug: str
    title: str
    summary: str
    source: str
    lang: str
    body: str = ""
    pictures: tuple[Image, ...] = ()
    linked_files: tuple[Attachment, ...] = ()
    moved_from: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        return f"/{self.slug}/"


@dataclass(frozen=True, kw_only=True)
class Magazine:
    """All that is released on one day. Issues and articles are newest first, categories in the settings' order."""

    name: str
    lang: str
    today: dt.date
    issues: tuple[Issue, ...]
    categories: tuple[Category, ...]
    pages: tuple[Page, ...] = ()
    translations: tuple[Article, ...] = ()
    """Translated articles. Each stands beside its original and is counted nowhere."""

    @property
    def current(self) -> Issue | None:
        """The newest issue, or None before the first release."""
        return self.issues[0] if self.issues else None

    @cached_property
    def articles(self) -> tuple[Article, ...]:
        """Every released article once, newest first; without translations."""
        return tuple(article for issue in self.issues for article in issue.articles)

    @cached_property
    def live_articles(self) -> tuple[Article, ...]:
        """What is live in any category, newest first: what the front page and the magazine's feeds draw on."""
        live = {article.url for category in self.categories for article in category.live}
        return tuple(article for article in self.articles if article.url in live)

    @cached_property
    def issue_by_id(self) -> Mapping[str, Issue]:
        return {issue.id: issue for issue in self.issues}

    @cached_property
    def category_by_slug(self) -> Mapping[str, Category]:
        return {category.slug: category for category in self.categories}

    @cached_property
    def archived_urls(self) -> frozenset[str]:
        return frozenset(article.url for category in self.categories for article in category.archived)

    @cached_property
    def versions(self) -> Mapping[str, tuple[Article, ...]]:
        """For the address of an article that exists in several languages: all versions, the original first."""
        by_original: dict[str, list[Article]] = defaultdict(list)
        for translation in self.translations:
            by_original[f"/{translation.issue}/{translation.translation_of}/"].append(translation)
        versions = {}
        for article in self.articles:
            if article.url in by_original:
                group = (article, *by_original[article.url])
                versions.update({version.url: group for version in group})
        return versions

    @cached_property
    def tags(self) -> tuple[Topic, ...]:
        return topics("amne", ((article, article.tags) for article in self.articles))

    @cached_property
    def places(self) -> tuple[Topic, ...]:
        return topics("plats", ((article, article.places) for article in self.articles))

    @cached_property
    def authors(self) -> tuple[Topic, ...]:
        return topics("av", ((article, article.authors) for article in self.articles))


# -- The rules ---------------------------------------------------------------------------------------------------------


def is_released(issue: Issue, today: dt.date) -> bool:
    """An issue is public from its date on, if it has an article: an empty issue is a plan, not an issue."""
    return issue.date <= today and bool(issue.articles)


def order_in_issue(article: Article) -> tuple[bool, int, str]:
    """Sort key: the articles with an `order` first, by it; then the others by slug."""
    return (article.order is None, article.order or 0, article.slug)


def live_and_archived(articles: Sequence[Article], room: int) -> tuple[tuple[Article, ...], tuple[Article, ...]]:
    """Split a category's articles (newest first) into those that it has room for and those that have fallen off.

    Pinned articles take their places first, the newest of them first if there are more pins than room; the newest
    other articles take what is left. Both halves keep the order they came in.
    """
    places = sorted(range(len(articles)), key=lambda i: (not articles[i].pinned, i))
    live = set(places[:room])
    return (
        tuple(article for i, article in enumerate(articles) if i in live),
        tuple(article for i, article in enumerate(articles) if i not in live),
    )


def assemble(
    *,
    name: str,
    lang: str,
    today: dt.date,
    issues: Iterable[Issue],
    articles: Iterable[Article],
    categories: Iterable[tuple[str, str]],
    pages: Iterable[Page] = (),
    room: int = ROOM,
    through: dt.date | None = None,
) -> Magazine:
    """Make the magazine of one day from all that has been written, in any order.

    In: issues without articles; articles that name their issue and category (drafts left out); categories as (slug,
    name) in order; `room`, the number of live articles in a category; `through`, the day up to which issues count as
    released, if it is not `today`. An article whose issue or category is not among those given is left out: reading has
    reported it.
    Out: the magazine with only what is released.
    """
    categories = tuple(categories)
    known = {slug for slug, _ in categories}
    by_issue: dict[str, list[Article]] = defaultdict(list)
    translations: dict[str, list[Article]] = defaultdict(list)
    for article in articles:
        if article.category in known:
            (translations if article.translation_of else by_issue)[article.issue].append(article)

    numbers: dict[int, int] = defaultdict(int)
    released = []
    for issue in sorted(issues, key=lambda i: i.id):
        issue = replace(issue, articles=tuple(sorted(by_issue[issue.id], key=order_in_issue)))
        if is_released(issue, through or today):
            numbers[issue.year] += 1
            released.append(replace(issue, number=numbers[issue.year]))
    released.reverse()

    by_category: dict[str, list[Article]] = defaultdict(list)
    for issue in released:
        for article in issue.articles:
            by_category[article.category].append(article)
    shelves = []
    for position, (slug, category_name) in enumerate(categories):
        live, archived = live_and_archived(by_category[slug], room)
        shelves.append(Category(slug=slug, name=category_name, position=position, live=live, archived=archived))

    originals = {article.url for issue in released for article in issue.articles}
    return Magazine(
        name=name,
        lang=lang,
        today=today,
        issues=tuple(released),
        categories=tuple(shelves),
        pages=tuple(sorted(pages, key=lambda page: page.slug)),
        translations=tuple(
            translation
            for issue in released
            for translation in sorted(translations[issue.id], key=order_in_issue)
            if f"/{translation.issue}/{translation.translation_of}/" in originals
        ),
    )


@lru_cache(maxsize=65536)
def slugify(text: str) -> str:
    """A name as it stands in an address: "Ängslätten & co" becomes "angslatten-co". Never empty."""
    words = "".join(c if c.isalnum() else " " for c in unidecode(text).lower()).split()
    return "-".join(words) or "ovrigt"


def topics(folder: str, used: Iterable[tuple[Article, Sequence[str]]]) -> tuple[Topic, ...]:
    """Gather articles (newest first) under the names they use, sorted by slug; addresses begin with `/folder/`.

    Names with the same slug are one topic; it carries the spelling used most, the first in the alphabet of equals.
    """
    slugs: dict[str, str] = {}
    spellings: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    gathered: dict[str, dict[str, Article]] = defaultdict(dict)
    for article, names in used:
        for name in names:
            slug = slugs.get(name) or slugs.setdefault(name, slugify(name))
            spellings[slug][name] += 1
            gathered[slug][article.url] = article
    return tuple(
        Topic(
            url=f"/{folder}/{slug}/",
            name=min(spellings[slug], key=lambda name: (-spellings[slug][name], name)),
            articles=tuple(found.values()),
        )
        for slug, found in sorted(gathered.items())
    )
