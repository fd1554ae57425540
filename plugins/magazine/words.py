"""Words, dates and numbers in the magazine's language, from Babel: no locale of the system is asked."""

from __future__ import annotations

import datetime as dt
import io
import re
from functools import cache, lru_cache
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations

CATALOGUES = Path(__file__).resolve().parent.parent.parent / "theme" / "translations"
NBSP = "\N{NO-BREAK SPACE}"


class Words:
    """One language: `gettext` and `ngettext` from its catalogue, and the ways to write dates and numbers."""

    def __init__(self, lang: str, catalogues: Path = CATALOGUES) -> None:
        self.lang = lang
        self.locale = Locale.parse(lang)
        self.catalogue = read_catalogue(catalogues / f"{lang}.po")
        self.gettext = self.catalogue.gettext
        self.ngettext = self.catalogue.ngettext

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Words) and (self.lang, self.catalogue) == (other.lang, other.catalogue)

    def __hash__(self) -> int:
        return hash((self.lang, self.catalogue))

    def day(self, date: dt.date) -> str:
        """2 november 2026"""
        return _date(date.year, date.month, date.day, "d MMMM y", self.locale)

    def weekday(self, date: dt.date) -> str:
        """torsdag 26 november 2026"""
        return _date(date.year, date.month, date.day, "EEEE d MMMM y", self.locale)

    def month(self, date: dt.date) -> str:
        """november 2026"""
        return _date(date.year, date.month, 1, "LLLL y", self.locale)

    def month_name(self, month: int) -> str:
        """november"""
        return _date(2000, month, 1, "LLLL", self.locale)

    def clock(self, time: dt.datetime) -> str:
        """13.00 in Swedish, 13:00 in English"""
        return time.strftime("%H.%M" if self.lang == "sv" else "%H:%M")

    def moment(self, moment: dt.date | dt.datetime) -> str:
        """torsdag 26 november 2026, 13.00; a day alone without a time"""
        day = self.weekday(moment)
        return f"{day}, {self.clock(moment)}" if isinstance(moment, dt.datetime) else day

    def span(self, start: dt.date | dt.datetime, end: dt.date | dt.datetime | None) -> str:
        """torsdag 26 november 2026, 13.00–16.00; or from one day to another"""
        if end is not None and self.weekday(end) != self.weekday(start):
            return f"{self.moment(start)} – {self.moment(end)}"
        until = f"–{self.clock(end)}" if isinstance(start, dt.datetime) and isinstance(end, dt.datetime) else ""
        return self.moment(start) + until

    def number(self, value: float) -> str:
        """12 345,6 in Swedish; never broken over two lines"""
        return str(format_decimal(value, locale=self.locale)).replace(" ", NBSP)

    def size(self, size_in_bytes: int) -> str:
        """A file's size as readers know it: 840 kB, 1,2 MB (powers of ten)."""
        for unit, step in (("MB", 1_000_000), ("kB", 1_000)):
            if size_in_bytes >= step:
                value = size_in_bytes / step
                return f"{self.number(round(value, 1) if value < 10 else round(value))}{NBSP}{unit}"
        return f"{size_in_bytes}{NBSP}B"

    def join(self, names: list[str] | tuple[str, ...]) -> str:
        """Names in a sentence: a, b och c."""
        if len(names) < 2:
            return "".join(names)
        return f"{', '.join(names[:-1])} {self.gettext('and')} {names[-1]}"


def capital(text: str) -> str:
    """A text with a capital, its other letters as they are: a date that begins a line."""
    return text[:1].upper() + text[1:]


@lru_cache(maxsize=64)
def direction(lang: str) -> str:
    """Which way a language is written: "ltr" or "rtl"."""
    try:
        return str(Locale.parse(lang, sep="-").text_direction)
    except (UnknownLocaleError, ValueError):
        return "ltr"


@cache
def read_catalogue(path: Path) -> NullTranslations:
    """Compile a catalogue in memory: there is no compiled file that could be stale. English needs none of its own."""
    if not path.is_file():
        return NullTranslations()
    with path.open("rb") as source:
        catalogue = read_po(source, locale=path.stem)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


@lru_cache(maxsize=4096)
def _date(year: int, month: int, day: int, pattern: str, locale: Locale) -> str:
    text = str(format_date(dt.date(year, month, day), pattern, locale=locale))
    return text.replace(" ", NBSP)


_UNITS = "kronor|kr|miljoner|miljarder|tusen|procent|km|meter|m|kg|ton|år|timmar|minuter|personer|st"
_MONTHS = "januari|februari|mars|april|maj|juni|juli|augusti|september|oktober|november|december"
# Each begins with the space itself: a search for one character is ten times faster than looking back at every place.
_BEFORE_UNIT = re.compile(
    rf" (?:(?<=\d )(?=(?:{_UNITS}|{_MONTHS}|\d{{3}})\b|%)"
    r"|(?<=\bkl\. )(?=\d)|(?<=§ )(?=\d)|(?<=\bnr )(?=\d)|(?<=\bs\. )(?=\d)"
    r"|(?<=\bt\. )(?=ex\.)|(?<=\bbl\. )(?=a\.))"
)


def typographic(text: str, lang: str, before: str = " ") -> str:
    """Text as a printer would set it: quotation marks, dashes, dots, and spaces where a line must not end.

    `before` is the character that comes before the text: in English it decides which way a first quotation mark turns.
    Swedish has one form of each (Svenska skrivregler, 2017).
    """
    if "-" in text:
        text = text.replace("---", "—").replace("--", "–")
    if "..." in text:
        text = text.replace("...", "…")
    if '"' in text or "'" in text:
        if lang.startswith("en"):
            text = _OPENING.sub(lambda match: "“" if match[0] == '"' else "‘", before + text)[len(before) :]
            text = text.replace('"', "”").replace("'", "’")
        else:
            text = text.replace('"', "”").replace("'", "’")
    return _BEFORE_UNIT.sub(NBSP, text)


_OPENING = re.compile(r"""(?<=[\s(\[–—/])["'](?=\w)""")
