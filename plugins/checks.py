"""What only shows when the whole magazine is seen at once: links, leads, translations, addresses, dates, pins."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Any

from plugins.magazine import signals
from plugins.magazine.addresses import RESERVED
from plugins.magazine.body import Link
from plugins.magazine.entries import AnyEntry, Entry
from plugins.magazine.folder import FOLDER, ISSUES, STRAY
from plugins.magazine.messages import problem
from plugins.magazine.model import Article, Issue, Page, slugify
from plugins.magazine.outputs import address, page_path
from plugins.magazine.problems import Problem, nearest
from plugins.magazine.site import Site

TO_FILL_IN = re.compile(r"\[(?:FYLL I|FILL IN):[^\]]*\]")
SHOWN = 12
"""How many possibilities a message lists."""


def check(site: Site) -> list[Problem]:
    checks: tuple[Callable[[Site], Iterable[Problem]], ...] = (
        _emptiness,
        _addresses,
        _leads,
        _translations,
        _dates,
        _changes,
        _fullness,
        _spellings,
        _unfinished,
        _links,
        _files,
    )
    return [found for one in checks for found in one(site)]


def register() -> None:
    signals.check.connect(check)


def _all(site: Site) -> tuple[AnyEntry, ...]:
    return (*site.content.articles, *site.content.issues, *site.content.pages)


def _say(site: Site, entry: AnyEntry, code: str, key: str = "", line: int = 0, **facts: object) -> Problem:
    line = line or entry.header.lines.get(key, 1)
    return problem(site.words, site.content.shown(entry.source), line, code, **facts)


def _emptiness(site: Site) -> Iterator[Problem]:
    """A folder without any text is the wrong folder."""
    content = site.content
    written = any((site.settings.content / page.source).is_file() for page in content.pages)
    if not (content.articles or content.issues or content.problems or written):
        example = f"{site.settings.today:%Y-%m}"
        yield problem(site.words, content.shown(ISSUES), 1, "no-content", issue=example)


def _addresses(site: Site) -> Iterator[Problem]:
    """No two texts share an address, and no page takes one of the magazine's own."""
    taken: dict[str, AnyEntry] = {}
    for entry in _all(site):
        url = entry.record.url
        if url in taken and not _is_stray(entry):
            code = "duplicate-slug" if isinstance(entry.record, Article) else "duplicate-page"
            yield _say(site, entry, code, "slug", url=url, other=site.content.shown(taken[url].source))
        taken.setdefault(url, entry)
    for page in site.content.pages:
        if page.record.slug in RESERVED or FOLDER.fullmatch(page.record.slug):
            yield _say(site, page, "taken-address", "slug", url=page.record.url)


def _is_stray(entry: AnyEntry) -> bool:
    """It lies in no issue: where it will stand, and beside what, shows when it has been moved."""
    return isinstance(entry.record, Article) and entry.record.issue == STRAY


def _by_issue(site: Site) -> dict[str, list[Entry[Article]]]:
    found: dict[str, list[Entry[Article]]] = defaultdict(list)
    for entry in site.content.articles:
        found[entry.record.issue].append(entry)
    return found


def _leads(site: Site) -> Iterator[Problem]:
    articles = _by_issue(site)
    for issue in site.content.issues:
        lead = issue.record.lead_slug
        if not lead:
            continue
        slugs = {entry.record.slug: entry for entry in articles[issue.record.id] if not entry.record.translation_of}
        if lead not in slugs:
            if found := nearest(lead, slugs):
                yield _say(site, issue, "misspelt-lead", "lead", value=lead, nearest=found)
            else:
                yield _say(site, issue, "unknown-lead", "lead", value=lead, known=", ".join(slugs) or "–")
        elif slugs[lead].header.draft:
            yield _say(site, issue, "draft-lead", "lead", value=lead)


def _translations(site: Site) -> Iterator[Problem]:
    articles = _by_issue(site)
    seen: dict[tuple[str, str, str], Entry[Article]] = {}
    for entry in site.content.articles:
        record = entry.record
        if not record.translation_of:
            continue
        originals = {o.record.slug: o for o in articles[record.issue] if not o.record.translation_of}
        original = originals.get(record.translation_of)
        if original is None:
            yield _say(site, entry, "unknown-original", "translation_of", value=record.translation_of)
        elif original.record.lang == record.lang and "lang" in entry.header.lines:  # else it is told to say it
            yield _say(site, entry, "same-language", "lang")
        key = (record.issue, record.translation_of, record.lang)
        if key in seen:
            yield _say(
                site, entry, "translated-twice", "translation_of", other=site.content.shown(seen[key].source)
            )  # fmt: skip
        seen.setdefault(key, entry)


def _dates(site: Site) -> Iterator[Problem]:
    """Issues come out in the order of their names, each on a day of its own."""
    issues = sorted((i for i in site.content.issues if i.header.date), key=lambda i: i.record.id)
    by_date: dict[dt.date, Entry[Issue]] = {}
    latest: Entry[Issue] | None = None
    articles = _by_issue(site)
    for issue in issues:
        date = issue.record.date
        if date in by_date:
            other = site.content.shown(by_date[date].source)
            yield _say(site, issue, "same-release-date", "date", date=date, other=other)
        elif latest and date < latest.record.date:
            yield _say(site, issue, "issues-out-of-order", "date", date=date, other=latest.record.id)
        by_date.setdefault(date, issue)
        latest = issue if latest is None or date > latest.record.date else latest
        if issue.record.month in site.settings.months_off:
            yield _say(site, issue, "month-off", month=site.words.month_name(issue.record.month))
        if not any(not entry.header.draft for entry in articles[issue.record.id]):
            yield _say(site, issue, "empty-issue")


def _changes(site: Site) -> Iterator[Problem]:
    """A change that is still to come: the year is wrong, most often."""
    for entry in site.content.articles:
        day = entry.record.modified
        if day and entry.record.date <= site.settings.today < day:
            yield _say(site, entry, "modified-later", "modified", day=day)


def _fullness(site: Site) -> Iterator[Problem]:
    """Pins that find no place, and issues that a category has no room for on their first day."""
    room = site.settings.room
    entries = {entry.record.url: entry for entry in site.content.articles}
    for category in site.content.magazine(site.settings, dt.date.max).categories:
        fallen = [article for article in category.archived if article.pinned]
        pins = len(fallen) + sum(article.pinned for article in category.live)
        for article in fallen:
            entry = entries[article.url]
            yield _say(site, entry, "too-many-pins", "pinned", category=category.name, count=pins, room=room)
    current = site.magazine.current
    for issue in site.content.issues:
        if not issue.header.date or (current and issue.record.id < current.id):
            continue
        for category in site.content.magazine(site.settings, issue.record.date).categories:
            live, archived = (
                [article for article in articles if article.issue == issue.record.id]
                for articles in (category.live, category.archived)
            )
            first = next((article for article in archived if not article.pinned), None)
            if first:
                entry, count = entries[first.url], len(live) + len(archived)
                facts: dict[str, Any] = {"category": category.name, "count": count, "room": len(live)}
                yield _say(site, entry, "crowded-issue", "category", **facts)


def _spellings(site: Site) -> Iterator[Problem]:
    """Two spellings of one tag, place or byline: they share a page, which can have one name only."""
    for key, folder in (("tags", "amne"), ("places", "plats"), ("authors", "av")):
        first: dict[str, str] = {}
        said: set[str] = set()
        for entry in site.content.articles:
            for name in getattr(entry.record, key):
                other = first.setdefault(slugify(name), name)
                if other != name and name not in said:
                    said.add(name)
                    url = f"/{folder}/{slugify(name)}/"
                    yield _say(site, entry, "two-spellings", key, name=name, other=other, url=url)


def _unfinished(site: Site) -> Iterator[Problem]:
    """What new files, and the templates of the accessibility statement and the like, still leave to fill in."""
    for entry in _all(site):
        record, path = entry.record, site.settings.content / entry.source
        texts = (record.title, record.editorial) if isinstance(record, Issue) else (record.summary, record.body)
        if not any("[F" in text and TO_FILL_IN.search(text) for text in texts) and not isinstance(record, Page):
            continue
        if path.is_file():
            text = path.read_text(encoding="utf-8-sig")
            for match in TO_FILL_IN.finditer(text):
                yield _say(site, entry, "fill-in", line=text.count("\n", 0, match.start()) + 1, text=match[0])
        elif isinstance(record, Page) and TO_FILL_IN.search(record.body):
            source = site.settings.theme / "pages" / site.settings.lang / path.name
            target = site.content.shown(entry.source)
            yield _say(site, entry, "no-page", url=record.url, source=source, target=target)


# -- Links -------------------------------------------------------------------------------------------------------------


class _Targets:
    """Where links can lead: every text by its file and its address, and every other address of the site."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.by_source = {entry.source: entry for entry in _all(site)}
        self.by_url: dict[str, AnyEntry] = {}
        for entry in _all(site):
            self.by_url.setdefault(entry.record.url, entry)

    def is_published(self, url: str) -> bool:
        found = self.site.linkable.find(page_path(url))
        return found is not None and address(found.path) == url

    @cached_property
    def released(self) -> frozenset[str]:
        magazine = self.site.magazine
        texts: tuple[Issue | Article, ...] = (*magazine.issues, *magazine.articles, *magazine.translations)
        return frozenset(text.url for text in texts)

    def stays_away(self, record: Article | Issue) -> bool:
        """Its day has come and it is not public: an issue without articles, a translation of a draft."""
        may_stay_away = isinstance(record, Issue) or record.translation_of
        return bool(may_stay_away) and record.date <= self.site.settings.today and record.url not in self.released


def _links(site: Site) -> Iterator[Problem]:
    targets = _Targets(site)
    for entry in _all(site):
        for link in entry.body.links:
            yield from _link(targets, entry, link)


def _link(targets: _Targets, entry: AnyEntry, link: Link) -> Iterator[Problem]:
    site = targets.site
    target = targets.by_source.get(link.source) or targets.by_url.get(link.url) if link.url else entry
    if target is None:
        if not targets.is_published(link.url):
            yield _say(site, entry, "dead-link", line=link.line, target=link.written)
        return
    if target.header.draft and not entry.header.draft:
        yield _say(site, entry, "draft-link", line=link.line, target=link.written)
    elif not isinstance(target.record, Page) and target is not entry:
        own = _day_of(site, entry)
        if target.record.date > max(own, site.settings.today):
            yield _say(site, entry, "early-link", line=link.line, target=link.written, date=own)
        elif targets.stays_away(target.record):
            yield _say(site, entry, "dead-link", line=link.line, target=link.written)
    all_anchors_known = target is entry or not isinstance(target.record, Issue)  # an issue's page has others too
    if link.anchor and all_anchors_known and link.anchor not in target.body.anchors:
        known = ", ".join(f"#{anchor}" for anchor in target.body.anchors[:SHOWN])
        yield _say(site, entry, "dead-anchor", line=link.line, target=link.written, known=known or "–")


def _files(site: Site) -> Iterator[Problem]:
    """A picture or a file of an issue to come, used by a text that is out before it, would be out with it."""
    dates = {issue.record.id: issue.record.date for issue in site.content.issues}
    for entry in _all(site):
        own = _day_of(site, entry)
        attached = entry.record.attachments if isinstance(entry.record, Article) else ()
        used = [file.source for file in (*attached, *entry.record.linked_files)]
        for source in (*(picture.source for picture in entry.record.pictures), *used):
            home, _, rest = source.partition("/")
            if home == ISSUES and dates.get(rest.partition("/")[0], dt.date.max) > max(own, site.settings.today):
                yield _say(site, entry, "early-file", "image", src=source, date=own)


def _day_of(site: Site, entry: AnyEntry) -> dt.date:
    """The day on which a text is out. A page always is."""
    return site.settings.today if isinstance(entry.record, Page) else entry.record.date
