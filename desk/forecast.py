"""What the next issue will bring: what is new in each category, and what falls off.

The rules are not repeated here. The model is asked for the magazine of today and for that of the day on which the
next issue comes out, and the two are compared; so what is forecast is what will be.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from plugins.magazine.content import read
from plugins.magazine.entries import Content
from plugins.magazine.model import Article, Issue, Magazine
from plugins.magazine.problems import ContentError, errors
from plugins.magazine.settings import Settings, from_pelican
from plugins.magazine.words import NBSP, Words

FORMATS = ("text", "json", "markdown")

NARROW = 72
"""On a terminal with fewer characters in a line, a table of four columns cannot be read."""

NOTHING = "–"

MARK = "<!-- medverkan: forecast -->"
"""The first line of the comment in Markdown, by which CI finds its own comment again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shelf:
    """What happens to one category. Articles stand in the magazine's order, newest first."""

    slug: str
    name: str
    added: tuple[Article, ...]
    """New and live."""
    fallen: tuple[Article, ...]
    """Live until now, archived then."""
    crowded_out: tuple[Article, ...]
    """New, and archived on their first day: the category has no room for them."""
    kept: tuple[Article, ...]
    """Pinned and live, although something newer is archived."""
    live: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Forecast:
    """`issue` is None if no issue is to come. `drafts` are in its folder, and not counted. `late` are issues whose day
    has come, and that wait for their drafts."""

    today: dt.date
    room: int
    issue: Issue | None
    shelves: tuple[Shelf, ...] = ()
    drafts: tuple[Article, ...] = ()
    late: tuple[Issue, ...] = ()

    @property
    def comes_out(self) -> bool:
        """An issue without articles stays away."""
        return any(shelf.added or shelf.crowded_out for shelf in self.shelves)


def forecast(content: Content, settings: Settings) -> Forecast:
    """What the earliest issue after the settings' day will change."""
    coming = [entry.record for entry in content.issues if entry.header.date and entry.record.date > settings.today]
    issue = min(coming, key=lambda i: (i.date, i.id), default=None)
    before = content.magazine(settings)
    written = {entry.record.issue for entry in content.articles} - {issue.id for issue in before.issues}
    late = tuple(e.record for e in content.issues if e.record.id in written and e.record.date <= settings.today)
    if issue is None:
        return Forecast(today=settings.today, room=settings.room, issue=None, late=late)
    after = content.magazine(settings, issue.date)
    drafts = [e.record for e in content.articles if e.header.draft and e.record.issue == issue.id]
    return Forecast(
        today=settings.today,
        room=settings.room,
        issue=issue,
        shelves=compare(before, after),
        drafts=tuple(drafts),
        late=late,
    )


def compare(before: Magazine, after: Magazine) -> tuple[Shelf, ...]:
    """What becomes of each category from one day to another."""
    order = {article.url: n for n, article in enumerate(after.articles)}
    shelves = []
    for old, new in zip(before.categories, after.categories, strict=True):
        was_live = {article.url for article in old.live}
        known = was_live | {article.url for article in old.archived}
        fallen = tuple(article for article in new.archived if article.url in was_live)
        crowded_out = tuple(article for article in new.archived if article.url not in known)
        newest_out = min((order[article.url] for article in (*fallen, *crowded_out)), default=len(order))
        shelves.append(
            Shelf(
                slug=new.slug,
                name=new.name,
                added=tuple(article for article in new.live if article.url not in known),
                fallen=fallen,
                crowded_out=crowded_out,
                kept=tuple(a for a in new.live if a.pinned and order[a.url] > newest_out),
                live=len(new.live),
            )
        )
    return tuple(shelves)


def tell(values: Mapping[str, Any], form: str, width: int) -> str:
    """Read the content and give the forecast in one of `FORMATS`; `width` is the terminal's, in characters.

    Raises `ContentError` if there is an error in the content: what cannot be built does not come out.
    """
    settings = from_pelican(values)
    words = Words(settings.lang)
    content = read(settings, words)
    if errors(content.problems):
        raise ContentError(content.problems)
    return listing(forecast(content, settings), form, words, width)


# -- Showing it --------------------------------------------------------------------------------------------------------


def listing(found: Forecast, form: str, words: Words, width: int) -> str:
    """The forecast in one of `FORMATS`; `width` is that of the terminal, in characters."""
    if form == "json":
        return as_json(found)
    return as_markdown(found, words) if form == "markdown" else as_text(found, words, width)


def as_text(found: Forecast, words: Words, width: int) -> str:
    """A headline, a table with a row for each category (on a narrow terminal one under the other), and remarks."""
    lines = [_headline(found, words)]
    if found.comes_out:
        lines += ["", *(_table(found, words, width) if width >= NARROW else _stack(found, words, width)), ""]
    lines += [line for remark in _remarks(found, words) for line in _wrapped(f"* {remark}", width)]
    return "\n".join(lines)


def _table(found: Forecast, words: Words, width: int) -> list[str]:
    table = Table(*_titles(words), box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for column in table.columns:
        column.overflow = "fold"
    table.columns[0].no_wrap = table.columns[-1].no_wrap = True
    table.columns[-1].justify = "right"
    for shelf in found.shelves:
        table.add_row(*(Text(cell) for cell in _row(shelf, found.room, words, "• ")))
    console = Console(file=io.StringIO(), width=width, color_system=None, legacy_windows=False)
    with console.capture() as shown:
        console.print(table)
    return [line.rstrip() for line in shown.get().splitlines()]


def _stack(found: Forecast, words: Words, width: int) -> Iterator[str]:
    _, coming, falling, places = _titles(words)
    for shelf in found.shelves:
        name, added, fallen, live = _row(shelf, found.room, words, "• ")
        yield f"{name} ({live} {places.lower()})"
        for title, cell in ((coming, added), (falling, fallen)):
            if cell != NOTHING:
                yield f"  {title}:"
                for line in cell.split("\n"):
                    yield from _wrapped(f"  {line}", width)


def _wrapped(text: str, width: int) -> list[str]:
    """A point of a list in lines no longer than the terminal is wide."""
    indent = " " * (len(text) - len(text.lstrip()))
    return textwrap.wrap(
        text.strip(), max(width, 20), initial_indent=indent, subsequent_indent=f"{indent}  ", break_on_hyphens=False
    )


def as_markdown(found: Forecast, words: Words) -> str:
    """The same for a comment on a merge request."""
    lines = [MARK, f"**{_escaped(_headline(found, words))}**"]
    if found.comes_out:
        titles = _titles(words)
        lines += ["", f"| {' | '.join(titles)} |", "|---|---|---|---:|"]
        for shelf in found.shelves:
            cells = [_escaped(cell).replace("\n", "<br>") for cell in _row(shelf, found.room, words)]
            lines.append(f"| {' | '.join(cells)} |")
    remarks = [f"- {_escaped(remark)}" for remark in _remarks(found, words)]
    return "\n".join([*lines, *([""] if remarks else []), *remarks])


def as_json(found: Forecast) -> str:
    issue = found.issue
    facts: dict[str, Any] = {
        "today": str(found.today),
        "room": found.room,
        "issue": issue and {"id": issue.id, "title": issue.title, "date": str(issue.date), "url": issue.url},
        "comes_out": found.comes_out,
        "categories": [
            {
                "slug": shelf.slug,
                "name": shelf.name,
                "live": shelf.live,
                "added": _told(shelf.added),
                "falls_off": _told(shelf.fallen),
                "crowded_out": _told(shelf.crowded_out),
                "kept_by_pin": _told(shelf.kept),
            }
            for shelf in found.shelves
        ],
        "drafts": _told(found.drafts),
        "late": [issue.id for issue in found.late],
    }
    return json.dumps(facts, ensure_ascii=False, indent=2)


def _told(articles: Iterable[Article]) -> list[dict[str, str]]:
    return [{"url": a.url, "title": a.title, "issue": a.issue, "source": a.source} for a in articles]


def _headline(found: Forecast, words: Words) -> str:
    if found.issue is None:
        said = words.gettext("No issue is planned after {day}. Begin one with: inv new-issue")
        return said.format(day=words.day(found.today)).replace(NBSP, " ")
    return f"{found.issue.id} {found.issue.title}: {words.weekday(found.issue.date)}".replace(NBSP, " ")


def _titles(words: Words) -> tuple[str, str, str, str]:
    return words.gettext("Category"), words.gettext("Comes in"), words.gettext("Falls off"), words.gettext("Places")


def _row(shelf: Shelf, room: int, words: Words, sign: str = "") -> tuple[str, str, str, str]:
    added = [f"{sign}{article.title}" for article in (*shelf.added, *shelf.crowded_out)]
    fallen = [f"{sign}{article.title} ({article.issue})" for article in shelf.fallen]
    fallen += [f"{sign}{article.title} ({words.gettext('at once')})" for article in shelf.crowded_out]
    return shelf.name, "\n".join(added) or NOTHING, "\n".join(fallen) or NOTHING, f"{shelf.live}/{room}"


def _remarks(found: Forecast, words: Words) -> Iterator[str]:
    """What the table alone does not explain: drafts, pins, and categories that are too full."""
    ngettext, gettext = words.ngettext, words.gettext
    for issue in found.late:
        said = gettext(
            "{issue} was to come out on {day}, and has no finished article. It comes out as soon as it has one."
        )
        yield said.format(issue=issue.id, day=words.day(issue.date)).replace(NBSP, " ")
    if found.issue and not found.comes_out:
        yield gettext("The issue has no finished articles. It comes out only when it has one.")
    if found.drafts:
        count = len(found.drafts)
        said = ngettext("{n} draft is not counted: {titles}", "{n} drafts are not counted: {titles}", count)
        yield said.format(n=count, titles=_titles_of(found.drafts))
    for shelf in found.shelves:
        if shelf.kept:
            count = len(shelf.kept)
            said = ngettext(
                "{category}: {n} pinned article stays, although newer ones fall off: {titles}",
                "{category}: {n} pinned articles stay, although newer ones fall off: {titles}",
                count,
            )
            yield said.format(category=shelf.name, n=count, titles=_titles_of(shelf.kept))
        if shelf.crowded_out:
            count = len(shelf.crowded_out)
            said = ngettext(
                "{category}: {n} new article finds no place and is archived at once. Is that not meant, move it.",
                "{category}: {n} new articles find no place and are archived at once. Is that not meant, move them.",
                count,
            )
            yield said.format(category=shelf.name, n=count)
        pins = [article for article in (*shelf.fallen, *shelf.crowded_out) if article.pinned]
        if pins:
            said = gettext("{category}: there are more pins than places, so these fall off all the same: {titles}")
            yield said.format(category=shelf.name, titles=_titles_of(pins))


def _titles_of(articles: Iterable[Article]) -> str:
    return "; ".join(article.title for article in articles)


def _escaped(text: str) -> str:
    """Text that Markdown and HTML leave as it is."""
    return re.sub(r"([\\`*_{}\[\]()#+!|~<>@&-])", r"\\\1", text).replace(r"\&", "&amp;").replace(r"\<", "&lt;")
