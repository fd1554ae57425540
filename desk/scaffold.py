"""Begins issues and articles: makes the text of a new file and writes it, whole, where nothing was before."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from desk.scaffold_fields import article_comments, issue_comments
from plugins.magazine import schema
from plugins.magazine.folder import FOLDER, ISSUE_FILE, ISSUES
from plugins.magazine.frontmatter import CONTROL, MAX_BYTES, Document, decode, take_apart
from plugins.magazine.messages import Report
from plugins.magazine.model import slugify
from plugins.magazine.problems import ContentError, errors
from plugins.magazine.schema import Header
from plugins.magazine.settings import Settings
from plugins.magazine.words import Words

LONGEST_SLUG = 60
"""How many characters of a title become the file's name: it must be possible to read out an address."""

MONDAY = 0


class Refused(Exception):
    """What is asked for cannot be done. The text says why, and what to do instead."""

    code = 1


class Missing(Refused):
    """Something that cannot be guessed was not given, and there is nobody to ask."""

    code = 2


@dataclass(frozen=True, slots=True)
class Planned:
    """An issue that has its file, as far as a new one must know it."""

    id: str
    title: str
    date: dt.date


def planned(settings: Settings, words: Words) -> list[Planned]:
    """The issues there are, by name. One whose file cannot be read is left to the check."""
    found = []
    for path in sorted((settings.content / ISSUES).glob(f"*/{ISSUE_FILE}")):
        header = _header(path, words, schema.issue_header)
        if header and header.date and FOLDER.fullmatch(path.parent.name):
            found.append(Planned(path.parent.name, header.title, header.date))
    return found


def next_free(issues: Sequence[Planned], settings: Settings) -> str:
    """The first month after all issues, not before this one, in which an issue comes out."""
    last = max((issue.id for issue in issues), default="")
    month = settings.today.replace(day=1)
    while f"{month:%Y-%m}" <= last or (month.month in settings.months_off and len(settings.months_off) < 12):
        month = (month + dt.timedelta(days=31)).replace(day=1)
    return f"{month:%Y-%m}"


def release_day(issue: str, issues: Sequence[Planned], today: dt.date) -> dt.date:
    """The day proposed for an issue: the month's first of the weekday on which the one before it came out."""
    before = max((i for i in issues if i.id < issue), key=lambda i: i.id, default=None)
    weekday = before.date.weekday() if before else MONDAY
    day = dt.date(int(issue[:4]), int(issue[5:]), 1)
    if f"{today:%Y-%m}" == issue:
        day = today + dt.timedelta(days=1)
    if before and before.date >= day:
        day = before.date + dt.timedelta(days=1)
    return day + dt.timedelta(days=(weekday - day.weekday()) % 7)


def taken_slugs(issue: str, settings: Settings, words: Words) -> set[str]:
    """The ends of addresses, and the names of files, that an issue's articles have."""
    folder = settings.content / ISSUES / issue
    found = {path.stem for path in folder.glob("*.md")}
    for path in folder.rglob("*.md"):
        header = _header(path, words, lambda document, report: _as_article(document, settings, report))
        found |= {header.slug} if header and header.slug else set()
    return found


def free_slug(title: str, taken: set[str]) -> str:
    """A title's end of an address, short, with a number if others have the same."""
    slug = slugify(title)
    if len(slug) > LONGEST_SLUG:
        slug = slug[: LONGEST_SLUG + 1].rpartition("-")[0] or slug[:LONGEST_SLUG]
    number = 1
    while (proposal := slug if number == 1 else f"{slug}-{number}") in taken:
        number += 1
    return proposal


def clean(text: str) -> str:
    """A text on one line, without what nobody sees: as the header's reader will give it."""
    text = text.encode(errors="ignore").decode()  # a command line may hold bytes that are no text
    return " ".join(CONTROL.sub(" ", text).split())


# -- The texts ---------------------------------------------------------------------------------------------------------


def issue_text(title: str, date: dt.date, words: Words) -> str:
    """The whole of a new issue.md."""
    switched_off = issue_comments(("title", "date"), words)
    below = words.gettext("Below the next line --- you write the editorial.")
    return _file([f"title: {quoted(title)}", f"date: {date}"], switched_off, below, words)


def article_text(
    title: str, category: str, summary: str, kind: str, slug: str, date: dt.date, settings: Settings, words: Words
) -> str:
    """The whole of a new article's file. `category` is a slug; without a summary or a kind ("") there is one to fill
    in, or the first one."""
    names = dict(settings.categories)
    summary = summary or words.gettext("[FILL IN: the ingress, two or three sentences]")
    lines = [f"title: {quoted(title)}", f"category: {_plain(names[category])}", f"summary: {quoted(summary)}"]
    lines += [f"kind: {_plain(kind)}"] if kind else []
    switched_off = article_comments(
        [line.partition(":")[0] for line in lines],
        words,
        categories=", ".join(names.values()),
        kinds=", ".join(settings.kinds),
        kind=_plain(next(iter(settings.kinds))),
        slug=slug,
        day=date,
    )
    return _file(lines, switched_off, words.gettext("Below the next line --- you write the text."), words)


def _file(lines: Sequence[str], switched_off: str, below: str, words: Words) -> str:
    how = words.gettext("More fields: remove the sign # before one to use it. What you do not need can go.")
    return "---\n" + "".join(f"{line}\n" for line in lines) + f"\n# {how}\n{switched_off}\n# {below}\n---\n\n"


def quoted(text: str) -> str:
    """A text as YAML in quotation marks: whatever stands in it reads back the same."""
    return json.dumps(text, ensure_ascii=False)


def _plain(text: str) -> str:
    """A name as YAML, without quotation marks where it needs none."""
    needs_none = re.fullmatch(r"[^\W\d_][\w-]*(?: [\w-]+)*", text) and text.casefold() != "null"
    return text if needs_none else quoted(text)


# -- Writing -----------------------------------------------------------------------------------------------------------


def write_new(path: Path, text: str, shown: str, settings: Settings, words: Words) -> None:
    """Write a new file, if reading it gives no mistake. Raises `Refused` if there is one already, `ContentError`."""
    _try_reading(path, text, shown, settings, words)
    new_folders = [folder for folder in path.parents if not folder.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        beside.write_text(text, encoding="utf-8", newline="\n")
        _take_name(beside, path)
    except FileExistsError:
        raise Refused(words.gettext("{path} exists already. Nothing is written.").format(path=shown)) from None
    except BaseException:
        beside.unlink(missing_ok=True)
        for folder in new_folders:
            folder.rmdir()
        raise
    finally:
        beside.unlink(missing_ok=True)


def _take_name(beside: Path, path: Path) -> None:
    """Give a finished file its name, in one step, if nobody has it. Raises FileExistsError."""
    try:
        os.link(beside, path)
    except FileExistsError:
        raise
    except OSError:  # a disk without hard links: nearly one step
        if path.exists():
            raise FileExistsError(path) from None
        beside.rename(path)


def _try_reading(path: Path, text: str, shown: str, settings: Settings, words: Words) -> None:
    report = Report(shown, words, [])
    document = take_apart(text, report)
    if document and path.name == ISSUE_FILE:
        schema.issue_header(document, report)
    elif document:
        schema.article_header(document, path.stem, settings, report)
    if errors(report.problems):
        raise ContentError(report.problems)


def _header(path: Path, words: Words, read: Callable[[Document, Report], Header]) -> Header | None:
    """A file's header, as far as it can be read."""
    report = Report(str(path), words, [])
    try:
        with path.open("rb") as file:
            text = decode(file.read(MAX_BYTES + 1), report)
        document = take_apart(text, report) if text else None
    except (OSError, RecursionError):
        return None
    return read(document, report) if document else None


def _as_article(document: Document, settings: Settings, report: Report) -> Header:
    return schema.article_header(document, Path(report.path).stem, settings, report)
