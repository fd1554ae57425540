"""Reads a content folder: finds the files, reads each one, and gives the records that the magazine is made of.

Two rounds: the headers of all files first, for they decide every address; then the texts, whose links need them.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

from plugins.magazine import ledger, schema
from plugins.magazine.body import Body, Surroundings, convert
from plugins.magazine.files import Files
from plugins.magazine.folder import ISSUE_FILE, ISSUES, PAGES, STRAY, sources
from plugins.magazine.frontmatter import MAX_BYTES, Document, decode, take_apart
from plugins.magazine.ledger import LEDGER, Ledger
from plugins.magazine.limits import TookTooLong, time_limit
from plugins.magazine.memory import Memory
from plugins.magazine.messages import Report, printable
from plugins.magazine.model import Article, Image, Issue, Magazine, Page, assemble
from plugins.magazine.parallel import spread
from plugins.magazine.problems import Problem
from plugins.magazine.schema import Header
from plugins.magazine.settings import Settings
from plugins.magazine.words import Words

SECONDS = 20.0
"""How long one text may take: a thousand times what a long one needs."""

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


@dataclass(slots=True)
class Text:
    """A file with its header read. `issue` is the folder's name; "" for a page."""

    source: str
    issue: str
    header: Header
    document: Document | None
    """None when its text has been read: all texts together take as much memory as all that is made of them."""

    @property
    def is_issue(self) -> bool:
        return self.source == f"{ISSUES}/{self.issue}/{ISSUE_FILE}"

    @property
    def address(self) -> str:
        if self.is_issue:
            return f"/{self.issue}/"
        return f"/{self.issue}/{self.header.slug}/" if self.issue else f"/{self.header.slug}/"


def read(settings: Settings, words: Words, memory: Memory | None = None) -> Content:
    """Read the whole content folder. Never raises for what is in it: what is wrong is among the problems.

    With a `memory` only what it has not kept is read; it is filled.
    """
    memory = memory or Memory()
    memory.begin(_basis(settings, words))
    reader = _Reader(settings, words, memory)
    files = reader.headers()
    published = reader.ledger()
    dates = {file.issue: file.header.date for file in files if file.is_issue}
    around = Surroundings(
        files=reader.folder,
        addresses={file.source: file.address for file in files},
        own_hosts=settings.own_hosts,
        base=settings.base,
        words=words,
    )
    memory.compare(around.addresses, dates, published)

    def read_text(file: Text) -> tuple[AnyEntry, list[Problem]]:
        report = Report(reader.shown(file.source), words, [])
        date = dates.get(file.issue) or dt.date.max
        return _entry(file, date, around, report, published), report.problems

    entries = reader.texts(files, read_text)
    return Content(
        articles=tuple(entry for entry in entries if isinstance(entry.record, Article)),
        issues=tuple(entry for entry in entries if isinstance(entry.record, Issue)),
        pages=tuple(entry for entry in entries if isinstance(entry.record, Page)),
        problems=tuple(reader.problems),
        ledger=published,
        shown=reader.shown,
    )


class _Reader:
    """Reads what a memory does not hold, and lets it keep what is read without any problem."""

    def __init__(self, settings: Settings, words: Words, memory: Memory) -> None:
        self.settings, self.words, self.memory = settings, words, memory
        self.folder = Files(settings.content)
        self.shown = partial(_shown, _beginning(settings.content))
        self.problems: list[Problem] = []

    def report(self, source: str) -> Report:
        return Report(self.shown(source), self.words, self.problems)

    def headers(self) -> list[Text]:
        """Every file whose header can be read, the built-in pages too."""
        memory, settings = self.memory, self.settings
        listed = memory.sources
        if listed is None:
            listed = list(sources(settings.content, self.report, f"{settings.today:%Y-%m}"))
            memory.sources = None if self.problems else listed
        found = [memory.headers.get(source) or self._header(source) for source in listed]
        files = [file for file in found if file is not None]
        return files + _built_in_pages(settings, {file.header.slug for file in files if not file.issue}, self.report)

    def _header(self, source: str) -> Text | None:
        before = len(self.problems)
        file = _read_header(source, self.folder, self.settings, self.report(source))
        if file is not None and len(self.problems) == before:
            self.memory.headers[source] = file
        return file

    def ledger(self) -> Ledger:
        if self.memory.ledger is not None:
            return self.memory.ledger
        before = len(self.problems)
        found = ledger.read(self.folder, self.report(LEDGER))
        self.memory.ledger = found if len(self.problems) == before else None
        return found

    def texts(
        self, files: Sequence[Text], read_text: Callable[[Text], tuple[AnyEntry, list[Problem]]]
    ) -> list[AnyEntry]:
        """What is made of each file, in their order."""
        kept = self.memory.entries
        unread = [file for file in files if file.source not in kept]
        new = [file for file in (file if file.document else self._header(file.source) for file in unread) if file]
        entries = {}
        for file, (entry, wrong) in zip(new, spread(read_text, new, self.settings.jobs), strict=True):
            entries[file.source] = entry
            file.document = None
            self.problems += wrong
            if not wrong:
                kept[file.source] = entry
        entries = kept | entries
        return [entries[file.source] for file in files if file.source in entries]


def _basis(settings: Settings, words: Words) -> object:
    """What decides how a file is read, apart from what stands in it."""
    s = settings
    return s.content, s.theme, s.name, s.publisher, s.contact, s.categories, s.kinds, s.base, s.own_hosts, words


# -- Reading one file --------------------------------------------------------------------------------------------------


def _read_header(source: str, folder: Files, settings: Settings, report: Report) -> Text | None:
    data = folder.read(source, MAX_BYTES + 1, report)
    if data is None:
        return None
    try:
        with time_limit(SECONDS):
            text = decode(data, report)
            return None if text is None else _take_in(source, text, settings, report)
    except (TookTooLong, RecursionError):
        report.add("too-tangled")
        return None


def _take_in(source: str, text: str, settings: Settings, report: Report) -> Text | None:
    folder, _, name = source.rpartition("/")
    document = take_apart(text, report)
    if document is None:
        return None
    if folder == PAGES:
        header = schema.page_header(document, name[:-3], settings, report)
        facts = _facts(settings, report.words)
        header = replace(header, title=_filled_in(header.title, facts), summary=_filled_in(header.summary, facts))
        facts = {
            word: _MARKS.sub(r"\\\g<0>", value).replace("&", "&amp;").replace("<", "&lt;")
            for word, value in facts.items()
        }
        return Text(source, "", header, replace(document, body=_filled_in(document.body, facts)))
    issue = folder.split("/")[1] if folder.startswith(f"{ISSUES}/") else ""
    if name == ISSUE_FILE and folder == f"{ISSUES}/{issue}":
        return Text(source, issue, schema.issue_header(document, report), document)
    return Text(source, issue or STRAY, schema.article_header(document, name[:-3], settings, report), document)


def _entry(
    file: Text, date: dt.date, around: Surroundings, report: Report, published: Ledger
) -> Entry[Article] | Entry[Issue] | Entry[Page]:
    header, source = file.header, file.source
    folder = source.rpartition("/")[0]
    document, file.document = file.document, None
    assert document is not None
    try:
        with time_limit(SECONDS):
            lang = header.lang or around.words.lang
            body = convert(document.body, document.body_line, source, lang, around, report)
    except TookTooLong:
        report.add("too-tangled", document.body_line)
        body = Body()
    image = None
    if header.image:
        ref = header.image
        image = around.files.picture(folder, ref.src, ref.alt, ref.caption, ref.credit, ref.line, report)
    pictures = _once(([image] if image else []) + list(body.pictures))
    if not file.issue:
        page = Page(
            slug=header.slug,
            title=header.title,
            summary=header.summary,
            source=source,
            lang=header.lang,
            body=body.html,
            pictures=pictures,
            linked_files=body.attachments,
            moved_from=header.moved_from,
        )
        return Entry(page, header, body)
    if file.is_issue:
        issue = Issue(
            id=file.issue,
            title=header.title,
            date=date,
            source=source,
            lead_slug=header.lead,
            image=image,
            editorial=body.html,
            pictures=pictures,
            linked_files=body.attachments,
            moved_from=header.moved_from,
        )
        return Entry(issue, header, body)
    attachments = [around.files.attachment(folder, ref.src, ref.title, ref.line, report) for ref in header.files]
    article = Article(
        issue=file.issue,
        slug=header.slug,
        category=header.category,
        kind=header.kind,
        title=header.title,
        summary=header.summary,
        date=date,
        source=source,
        lang=header.lang,
        body=body.html,
        word_count=body.word_count,
        authors=header.authors,
        tags=header.tags,
        places=header.places,
        image=image,
        event=header.event,
        attachments=tuple(attachment for attachment in attachments if attachment),
        pictures=pictures,
        linked_files=body.attachments,
        order=header.order,
        pinned=header.pinned,
        translation_of=header.translation_of,
        moved_from=header.moved_from,
        first_url=next((url for url in header.moved_from if url in published.lines), ""),
        modified=header.modified,
    )
    return Entry(article, header, replace(body, html=""))


def _once(pictures: list[Image]) -> tuple[Image, ...]:
    return tuple({picture.source: picture for picture in pictures}.values())


# -- Pages that every magazine has -------------------------------------------------------------------------------------


def _built_in_pages(settings: Settings, written: set[str], report: Callable[[str], Report]) -> list[Text]:
    """The pages that law and readers ask for, from templates, until the magazine has written its own."""
    files = []
    for path in sorted((settings.theme / PAGES / settings.lang).glob("*.md")):
        if path.stem not in written:
            source = f"{PAGES}/{path.name}"
            file = _take_in(source, path.read_text(encoding="utf-8"), settings, report(source))
            files += [file] if file else []
    return files


_MARKS = re.compile(r"[\\`*_#\[\]]")
"""What means something to Markdown, and nothing in a name."""


def _facts(settings: Settings, words: Words) -> Mapping[str, str]:
    """What <name>, <publisher> and <contact> in a page stand for."""
    facts = {"name": ("SITENAME", settings.name), "publisher": ("PUBLISHER", settings.publisher)}
    missing = words.gettext("[FILL IN: {key} in the settings]")
    return {
        word: value or missing.format(key=key)
        for word, (key, value) in {**facts, "contact": ("CONTACT", settings.contact)}.items()
    }


def _filled_in(text: str, facts: Mapping[str, str]) -> str:
    return re.sub(r"<(name|publisher|contact)>", lambda match: facts[match[1]], text)


def _beginning(content: Path) -> str:
    """How the paths that people are shown begin: with the way from where the command was given, if it leads down."""
    shown = content.relative_to(Path.cwd()) if content.is_relative_to(Path.cwd()) else content
    return printable(f"{shown.as_posix()}/").removeprefix("./")


def _shown(beginning: str, source: str) -> str:
    return beginning + printable(source)
