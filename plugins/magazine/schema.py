"""What a header may say, and what it means: from values with lines to typed headers, with every mistake reported."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence as AnySequence
from dataclasses import dataclass, field

from babel import Locale, UnknownLocaleError

from plugins.magazine.frontmatter import Document, Group, Sequence, Text, Value
from plugins.magazine.ledger import is_address, normal
from plugins.magazine.messages import Report
from plugins.magazine.model import Event, slugify
from plugins.magazine.problems import nearest
from plugins.magazine.settings import Settings, parse_day
from plugins.magazine.words import typographic

ARTICLE_KEYS = (
    "title", "category", "summary", "authors", "tags", "places", "kind", "image", "event", "files", "order", "pinned",
    "status", "lang", "translation_of", "moved_from", "modified", "slug",
)  # fmt: skip
ISSUE_KEYS = ("title", "date", "lead", "image", "moved_from")
PAGE_KEYS = ("title", "summary", "lang", "slug", "moved_from")
IMAGE_KEYS = ("src", "alt", "caption", "credit")
EVENT_KEYS = ("start", "end", "place", "register_by", "contact", "programme")
FILE_KEYS = ("src", "title")
STATUSES = ("published", "draft")

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
Moment = dt.date | dt.datetime


@dataclass(frozen=True, slots=True)
class ImageRef:
    """A picture as the header names it, before anybody has looked for the file."""

    src: str
    alt: str
    caption: str
    credit: str
    line: int


@dataclass(frozen=True, slots=True)
class FileRef:
    src: str
    title: str
    line: int


@dataclass(frozen=True, slots=True)
class Header:
    """What the header of an article, an issue or a page says. `lines` tells where each key stands."""

    title: str
    slug: str
    summary: str = ""
    category: str = ""
    kind: str = ""
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    image: ImageRef | None = None
    event: Event | None = None
    files: tuple[FileRef, ...] = ()
    order: int | None = None
    pinned: bool = False
    draft: bool = False
    lang: str = ""
    translation_of: str | None = None
    moved_from: tuple[str, ...] = ()
    modified: dt.date | None = None
    date: dt.date | None = None
    lead: str | None = None
    lines: dict[str, int] = field(default_factory=dict)


def article_header(document: Document, name: str, settings: Settings, report: Report) -> Header:
    """Read an article's header. `name` is the file's name without .md: its slug, unless the header says otherwise."""
    f = _Fields(document, report)
    f.refuse_unknown(ARTICLE_KEYS, article=True)
    status = f.choice("status", {status: status for status in STATUSES}, "published")
    kinds = {kind: kind for kind in settings.kinds}
    categories = {n: s for s, n in settings.categories} | {s: s for s, _ in settings.categories}
    translation_of = f.word("translation_of") or None
    lang = f.language("lang")
    if translation_of and not lang:
        report.add("no-lang", f.line("translation_of"))
    return Header(
        title=f.text("title", required=True),
        slug=_slug(f, name, report),
        summary=f.text("summary", required=True),
        category=f.choice("category", categories, "", shown=[n for _, n in settings.categories], required=True),
        kind=f.choice("kind", kinds, next(iter(kinds))),
        authors=f.texts("authors", ";" if document.plain else None),
        tags=f.texts("tags", ","),
        places=f.texts("places", ","),
        image=_image(f, report),
        event=_event(f, report),
        files=_files(f, report),
        order=f.number("order"),
        pinned=f.yes_no("pinned"),
        draft=status == "draft",
        lang=lang or settings.lang,
        translation_of=translation_of,
        moved_from=_addresses(f, report),
        modified=f.date("modified"),
        lines=f.group.key_lines,
    )


def issue_header(document: Document, report: Report) -> Header:
    f = _Fields(document, report)
    f.refuse_unknown(ISSUE_KEYS)
    return Header(
        title=f.text("title", required=True),
        slug="",
        date=f.date("date", required=True),
        lead=f.word("lead") or None,
        image=_image(f, report),
        moved_from=_addresses(f, report),
        lines=f.group.key_lines,
    )


def page_header(document: Document, name: str, settings: Settings, report: Report) -> Header:
    f = _Fields(document, report)
    f.refuse_unknown(PAGE_KEYS)
    return Header(
        title=f.text("title", required=True),
        slug=_slug(f, name, report),
        summary=f.text("summary"),
        lang=f.language("lang") or settings.lang,
        moved_from=_addresses(f, report),
        lines=f.group.key_lines,
    )


class _Fields:
    """Reads the values of one group by key, and reports what does not fit."""

    def __init__(self, source: Document | Group, report: Report, parent: str = "") -> None:
        self.group = source.header if isinstance(source, Document) else source
        self.plain = isinstance(source, Document) and source.plain
        self.report = report
        self.parent = parent
        lang = self.group.entries.get("lang")
        self.lang = lang.value if isinstance(lang, Text) else report.words.lang

    def line(self, key: str) -> int:
        return self.group.key_lines.get(key, self.group.line)

    def refuse_unknown(self, known: AnySequence[str], *, article: bool = False) -> None:
        for key, line in self.group.key_lines.items():
            if key in known:
                continue
            if article and key == "date":
                value = self.group.entries[key]
                day = value.value[:10] if isinstance(value, Text) and _is_day(value.value[:10]) else "2026-11-02"
                self.report.add("article-date", line, date=day)
            elif found := nearest(key, known):
                self.report.add("misspelt-key", line, key=key, nearest=found)
            else:
                self.report.add("unknown-key", line, key=key, known=", ".join(known))

    def value(self, key: str, *, required: bool = False) -> Value | None:
        value = self.group.entries.get(key)
        if value is None:
            if required:
                self.report.add("missing-key", self.group.line, key=self._name(key), own=key)
            return None
        if isinstance(value, Text) and not value.value and key != "alt":
            self.report.add("empty-key", value.line, key=self._name(key))
            return None
        return value

    def text(self, key: str, *, required: bool = False) -> str:
        """A text for readers, in one line, set as a printer would."""
        return typographic(self.word(key, required=required), self.lang)

    def word(self, key: str, *, required: bool = False) -> str:
        """A text that means something to the magazine: as it was written, in one line."""
        value = self.value(key, required=required)
        if value is None:
            return ""
        if not isinstance(value, Text):
            self.report.add("not-text", value.line, key=self._name(key))
            return ""
        return " ".join(value.value.split())

    def texts(self, key: str, separator: str | None = None) -> tuple[str, ...]:
        """A list of texts for readers, set as a printer would."""
        return tuple(typographic(text, self.lang) for text in self.words(key, separator))

    def words(self, key: str, separator: str | None = None) -> tuple[str, ...]:
        """A list of texts as they were written; a single line is divided at `separator`, if there is one. Repetitions
        count once."""
        value = self.value(key)
        if value is None:
            return ()
        if isinstance(value, Text):
            found = value.value.split(separator) if separator else [value.value]
        elif isinstance(value, Sequence) and all(isinstance(item, Text) for item in value.items):
            found = [item.value for item in value.items if isinstance(item, Text)]
        else:
            self.report.add("not-list", value.line, key=self._name(key))
            return ()
        return tuple(dict.fromkeys(" ".join(text.split()) for text in found if text.strip()))

    def group_of(self, key: str, known: AnySequence[str]) -> _Fields | None:
        value = self.value(key)
        if value is None:
            return None
        if not isinstance(value, Group):
            self.report.add("not-group", value.line, key=self._name(key), known=", ".join(known))
            return None
        inner = _Fields(value, self.report, f"{self._name(key)}: ")
        inner.lang = self.lang
        inner.refuse_unknown(known)
        return inner

    def number(self, key: str) -> int | None:
        text = self.word(key)
        if not text:
            return None
        if not re.fullmatch(r"-?\d{1,6}", text):
            self.report.add("not-number", self.line(key), key=self._name(key), value=text)
            return None
        return int(text)

    def yes_no(self, key: str) -> bool:
        text = self.word(key)
        if text.lower() in ("true", "yes", "ja", "sant"):
            return True
        if text and text.lower() not in ("false", "no", "nej", "falskt"):
            self.report.add("not-yes-no", self.line(key), key=self._name(key), value=text)
        return False

    def choice(
        self,
        key: str,
        known: dict[str, str],
        default: str,
        shown: AnySequence[str] | None = None,
        *,
        required: bool = False,
    ) -> str:
        """What one of the `known` spellings stands for (upper and lower case are the same)."""
        text = self.word(key, required=required)
        if not text:
            return default
        folded = {spelling.casefold(): meaning for spelling, meaning in known.items()}
        if text.casefold() in folded:
            return folded[text.casefold()]
        found = nearest(text, known)
        if found:
            self.report.add(f"misspelt-{key}", self.line(key), value=text, nearest=found)
        else:
            self.report.add(f"unknown-{key}", self.line(key), value=text, known=", ".join(shown or known))
        return default

    def date(self, key: str, *, required: bool = False) -> dt.date | None:
        text = self.word(key, required=required)
        if not text:
            return None
        if self.plain:  # Pelican's headers have a time behind the date
            text = text[:10]
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            self.report.add("bad-date", self.line(key), value=text)
            return None
        if not _is_day(text):
            self.report.add("impossible-date", self.line(key), value=text)
            return None
        return parse_day(text)

    def moment(self, key: str, *, required: bool = False) -> Moment | None:
        """A day, or a day and a time."""
        text = self.word(key, required=required)
        if not text:
            return None
        match = re.fullmatch(r"(\d{4}-\d{2}-\d{2})(?:[T\s]+(?:kl\.\s*)?(\d{1,2})[.:](\d{2})(?::00)?)?", text)
        if not match:
            self.report.add("bad-time", self.line(key), value=text)
            return None
        try:
            day = parse_day(match[1])
            return dt.datetime.combine(day, dt.time(int(match[2]), int(match[3]))) if match[2] else day
        except ValueError:
            self.report.add("impossible-date", self.line(key), value=text)
            return None

    def language(self, key: str) -> str:
        """A language code as HTML wants it: sv, pt-BR, zh-Hans."""
        text = self.word(key)
        if not text:
            return ""
        try:
            code = str(Locale.parse(text, sep="-")).replace("_", "-")
        except (ValueError, UnknownLocaleError):
            code = ""
        if code.casefold() != text.casefold() or not _LANGUAGE.fullmatch(code):  # none, or another form of one
            self.report.add("bad-language", self.line(key), value=text)
            return ""
        return code

    def _name(self, key: str) -> str:
        return self.parent + key


def _slug(f: _Fields, name: str, report: Report) -> str:
    given = f.word("slug")
    if given and not SLUG.fullmatch(given):
        report.add("bad-slug", f.line("slug"), value=given, proposal=slugify(given))
        return slugify(given)
    if given:
        return given
    slug = slugify(name.encode(errors="replace").decode())  # a file's name may be no text at all
    if slug != name:
        report.add("bad-file-name", 1, proposal=f"{slug}.md")
    return slug


def _image(f: _Fields, report: Report) -> ImageRef | None:
    g = f.group_of("image", IMAGE_KEYS)
    if g is None:
        return None
    src = g.word("src", required=True)
    if not src:
        return None
    alt = g.group.entries.get("alt")
    if alt is None or (isinstance(alt, Text) and not alt.written):
        report.add("no-alt", g.line("src"), src=src, decoration='alt: ""')
    return ImageRef(src, g.text("alt"), g.text("caption"), g.text("credit"), g.line("src"))


def _event(f: _Fields, report: Report) -> Event | None:
    g = f.group_of("event", EVENT_KEYS)
    if g is None:
        return None
    start, end = g.moment("start", required=True), g.moment("end")
    register_by = g.date("register_by")
    if start is None:
        return None
    if end is not None and _before(end, start):
        report.add("event-ends-early", g.line("end"), end=_shown(end), start=_shown(start))
        end = None
    if register_by is not None and register_by > _day_of(start):
        report.add("registers-late", g.line("register_by"), day=register_by, start=_shown(start))
    return Event(
        start=start,
        end=end,
        place=g.text("place"),
        register_by=register_by,
        contact=g.text("contact"),
        programme=g.texts("programme"),
    )


def _files(f: _Fields, report: Report) -> tuple[FileRef, ...]:
    value = f.value("files")
    if value is None:
        return ()
    if not isinstance(value, Sequence) or not all(isinstance(item, Group) for item in value.items):
        report.add("not-file-list", value.line)
        return ()
    found = []
    for item in value.items:
        g = _Fields(item, report, "files: ")  # type: ignore[arg-type]  # every item is a Group: checked above
        g.refuse_unknown(FILE_KEYS)
        src, title = g.word("src", required=True), g.text("title", required=True)
        if src and title:
            found.append(FileRef(src, title, g.line("src")))
    return tuple(found)


def _addresses(f: _Fields, report: Report) -> tuple[str, ...]:
    addresses = f.words("moved_from")
    for address in addresses:
        if not is_address(address):
            report.add("bad-address", f.line("moved_from"), value=address)
    return tuple(normal(address) for address in addresses if is_address(address))


def _is_day(text: str) -> bool:
    try:
        parse_day(text)
    except ValueError:
        return False
    return True


def _shown(moment: Moment) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if isinstance(moment, dt.datetime) else f"{moment:%Y-%m-%d}"


def _day_of(moment: Moment) -> dt.date:
    return moment.date() if isinstance(moment, dt.datetime) else moment


def _before(end: Moment, start: Moment) -> bool:
    if isinstance(end, dt.datetime) and isinstance(start, dt.datetime):
        return end < start
    return _day_of(end) < _day_of(start)
