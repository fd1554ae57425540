"""What reading finds in a content folder: of each file first its header, then an entry; of all files the content."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from plugins.magazine.body import Body
from plugins.magazine.folder import ISSUE_FILE, ISSUES
from plugins.magazine.frontmatter import Document
from plugins.magazine.ledger import Ledger
from plugins.magazine.model import Article, Issue, Magazine, Page, assemble
from plugins.magazine.problems import Problem
from plugins.magazine.schema import Header
from plugins.magazine.settings import Settings


@dataclass(slots=True)
class Text:
    """A file with its header read. `issue` is the folder's name; "" for a page."""

    source: str
    issue: str
    header: Header
    document: Document | None
    """None when its text has been read: all texts together take as much memory as all that is made of them."""

    @property
    def folder(self) -> str:
        """Where the paths in it begin."""
        return self.source.rpartition("/")[0]

    @property
    def is_issue(self) -> bool:
        return self.source == f"{ISSUES}/{self.issue}/{ISSUE_FILE}"

    @property
    def address(self) -> str:
        if self.is_issue:
            return f"/{self.issue}/"
        return f"/{self.issue}/{self.header.slug}/" if self.issue else f"/{self.header.slug}/"


Record = TypeVar("Record", Article, Issue, Page)


@dataclass(frozen=True, slots=True)
class Entry(Generic[Record]):
    """A file that was read: the record made of it, and what the checks want to know of how it was written."""

    record: Record
    header: Header
    body: Body

    @property
    def source(self) -> str:
        return self.record.source

    @property
    def issue(self) -> str:
        """The issue whose date is the record's; "" for a page."""
        record: Article | Issue | Page = self.record
        return "" if isinstance(record, Page) else record.id if isinstance(record, Issue) else record.issue

    @property
    def uses(self) -> Iterator[str]:
        """The other files that stand in the record: linked to, shown or attached."""
        record: Article | Issue | Page = self.record
        yield from (link.source for link in self.body.links)
        yield from (picture.source for picture in record.pictures)
        yield from (file.source for file in record.linked_files)
        if isinstance(record, Article):
            yield from (file.source for file in record.attachments)


AnyEntry = Entry[Article] | Entry[Issue] | Entry[Page]


@dataclass(frozen=True)
class Content:
    """All that a content folder holds, drafts and later issues too, with the problems found on the way."""

    articles: tuple[Entry[Article], ...] = ()
    issues: tuple[Entry[Issue], ...] = ()
    pages: tuple[Entry[Page], ...] = ()
    problems: tuple[Problem, ...] = ()
    ledger: Ledger = field(default_factory=Ledger)
    shown: Callable[[str], str] = field(default=str)
    """How a path below the content folder is shown to people."""

    def magazine(self, settings: Settings, day: dt.date | None = None, *, everything: bool = False) -> Magazine:
        """The magazine of a day: the settings', unless another is named; with `everything`, as if all that is written
        were out, drafts too."""
        return assemble(
            name=settings.name,
            lang=settings.lang,
            today=day or settings.today,
            issues=(entry.record for entry in self.issues),
            articles=(entry.record for entry in self.articles if everything or not entry.header.draft),
            categories=settings.categories,
            pages=(entry.record for entry in self.pages),
            room=settings.room,
            through=dt.date.max if everything else None,
        )
