"""Reads a content folder: finds the files, reads each one, and gives the records that the magazine is made of.

Two rounds: the headers of all files first, for they decide every address; then the texts, whose links need them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from plugins.magazine import ledger
from plugins.magazine.body import Surroundings
from plugins.magazine.entries import AnyEntry, Content, Text
from plugins.magazine.files import Files
from plugins.magazine.folder import PAGES, sources
from plugins.magazine.ledger import LEDGER, Ledger
from plugins.magazine.memory import Memory
from plugins.magazine.messages import Report, printable
from plugins.magazine.model import Article, Issue, Page
from plugins.magazine.parallel import spread
from plugins.magazine.problems import Problem
from plugins.magazine.settings import Settings
from plugins.magazine.source import read_header, read_text, take_in
from plugins.magazine.words import Words


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

    def read_one(file: Text) -> tuple[AnyEntry, list[Problem]]:
        report = Report(reader.shown(file.source), words, [])
        date = dates.get(file.issue) or dt.date.max
        return read_text(file, date, around, report, published), report.problems

    entries = reader.texts(files, read_one)
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
        return files + self._standing_pages({file.header.slug for file in files if not file.issue})

    def _standing_pages(self, written: set[str]) -> list[Text]:
        """The pages that law and readers ask for, from templates, until the magazine has written its own."""
        files = []
        for path in sorted((self.settings.theme / PAGES / self.settings.lang).glob("*.md")):
            if path.stem not in written:
                source = f"{PAGES}/{path.name}"
                file = take_in(source, path.read_text(encoding="utf-8"), self.settings, self.report(source))
                files += [file] if file else []
        return files

    def _header(self, source: str) -> Text | None:
        before = len(self.problems)
        file = read_header(source, self.folder, self.settings, self.report(source))
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
        self, files: Sequence[Text], read_one: Callable[[Text], tuple[AnyEntry, list[Problem]]]
    ) -> list[AnyEntry]:
        """What is made of each file, in their order."""
        kept = self.memory.entries
        unread = [file for file in files if file.source not in kept]
        new = [file for file in (file if file.document else self._header(file.source) for file in unread) if file]
        entries = {}
        for file, (entry, wrong) in zip(new, spread(read_one, new, self.settings.jobs), strict=True):
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


def _beginning(content: Path) -> str:
    """How the paths that people are shown begin: with the way from where the command was given, if it leads down."""
    shown = content.relative_to(Path.cwd()) if content.is_relative_to(Path.cwd()) else content
    return printable(f"{shown.as_posix()}/").removeprefix("./")


def _shown(beginning: str, source: str) -> str:
    return beginning + printable(source)
