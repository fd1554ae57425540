"""The magazine's settings, read once from Pelican's and checked; nobody else reads them."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from plugins.magazine.model import ROOM, slugify

LANGUAGES = ("sv", "en")
"""Languages that the theme and the messages speak."""

# What a kind looks like on a page of headlines: "short" is a notice, "long" wants room, "voice" is somebody's own.
KINDS = {
    "sv": {
        "nyhet": "standard",
        "notis": "short",
        "inbjudan": "standard",
        "pressmeddelande": "standard",
        "bidrag": "standard",
        "reportage": "long",
        "dokumentation": "long",
        "intervju": "standard",
        "krönika": "voice",
        "betraktelse": "voice",
    },
    "en": {
        "news": "standard",
        "notice": "short",
        "invitation": "standard",
        "press release": "standard",
        "grant": "standard",
        "feature": "long",
        "report": "long",
        "interview": "standard",
        "column": "voice",
        "reflection": "voice",
    },
}
BUDGET = {"page": 300_000, "style": 150_000, "first view": 1_500_000, "data": 10_000_000}
"""The bytes that a page may have, a stylesheet, a page with what it waits for, a feed or another file of data."""
FORMS = ("standard", "short", "long", "voice")


class SettingsError(Exception):
    """A setting is missing or wrong. The text names the key and says what it should be."""

    def __init__(self, key: str, text: str) -> None:
        self.key = key
        super().__init__(f"{key}: {text}")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a magazine is, apart from its content."""

    name: str
    url: str
    """The published address, without a slash at the end."""
    lang: str
    categories: tuple[tuple[str, str], ...]
    room: int
    months_off: tuple[int, ...]
    kinds: Mapping[str, str]
    """Each kind of article with its form, one of `FORMS`. The first is what an article is if it does not say."""
    timezone: ZoneInfo
    today: dt.date
    content: Path
    output: Path
    theme: Path
    cache: Path
    jobs: int
    subtitle: str = ""
    publisher: str = ""
    contact: str = ""
    issn: str = ""
    published_at: tuple[str, ...] = ()
    """Other hosts that are this magazine too: links to them are links to itself."""
    avoid_words: Mapping[str, str] = field(default_factory=dict)
    """Words that the magazine does not use, each with a better one."""
    word_list: Path = Path("ordlista.txt")
    """Words that the dictionary lacks and that are right all the same: a file, one a line."""
    feed_authority: str = ""
    """Who the permanent ids of the feeds belong to: a host name. Set it before moving to another host."""
    newsletter: str = ""
    """Where the newsletter's service is reached: a path on the site's host or, elsewhere, a whole address; without a
    slash at the end. "" if there is no newsletter."""
    budget: Mapping[str, int] = field(default_factory=lambda: dict(BUDGET))
    """How many bytes a file may have that is published."""

    @property
    def base(self) -> str:
        """The path that the site lies under on its host: "" or, for example, "/medverkan"."""
        return urlsplit(self.url).path.rstrip("/")

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def own_hosts(self) -> frozenset[str]:
        return frozenset(host.lower() for host in (self.host, *self.published_at))

    def absolute(self, path: str) -> str:
        """The whole address of a path on the site ("/2026-11/" → "https://example.se/2026-11/")."""
        return self.url + path


def from_pelican(values: Mapping[str, Any]) -> Settings:
    """Check Pelican's settings and keep what the magazine needs. Raises `SettingsError`."""
    lang = _one_of(values, "DEFAULT_LANG", LANGUAGES)
    timezone = _timezone(_text(values, "TIMEZONE", "Europe/Stockholm"))
    url = _text(values, "SITEURL").rstrip("/")
    if not re.fullmatch(r"https?://[^/\s?#]+(/[\w./~%-]*)?", url):
        raise SettingsError("SITEURL", f'must be a whole address such as "https://magasin.example.se", not {url!r}')
    return Settings(
        name=_text(values, "SITENAME"),
        url=url,
        lang=lang,
        categories=_categories(values.get("CATEGORIES")),
        room=_number(values, "LIVE_ARTICLES", ROOM, 1, 1000),
        months_off=_months_off(values.get("MONTHS_OFF", ())),
        kinds=_kinds(values.get("KINDS") or KINDS[lang]),
        timezone=timezone,
        today=_today(values.get("TODAY"), timezone),
        content=Path(values["PATH"]).resolve(),
        output=Path(values["OUTPUT_PATH"]).resolve(),
        theme=Path(values["THEME"]).resolve(),
        cache=cache_folder(values),
        jobs=_number(values, "JOBS", os.cpu_count() or 1, 1, 256),
        subtitle=_text(values, "SITESUBTITLE", ""),
        publisher=_text(values, "PUBLISHER", ""),
        contact=_text(values, "CONTACT", ""),
        issn=_issn(_text(values, "ISSN", "")),
        published_at=_texts(values, "OWN_HOSTS"),
        budget=_budget(values.get("BUDGET") or {}),
        avoid_words=_avoid_words(values.get("AVOID_WORDS", {})),
        word_list=Path(values["PATH"]).resolve() / _text(values, "WORD_LIST", "ordlista.txt"),
        feed_authority=_text(values, "FEED_AUTHORITY", urlsplit(url).hostname or ""),
        newsletter=_newsletter(_text(values, "NEWSLETTER_URL", ""), url),
    )


def parse_day(text: str) -> dt.date:
    """A day written YYYY-MM-DD. Raises ValueError."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError(text)
    return dt.date.fromisoformat(text)


def cache_folder(values: Mapping[str, Any]) -> Path:
    """Where builds keep what later ones can use: a folder of their own, which can be removed at any time."""
    return Path(values["CACHE_PATH"]).resolve() / "magazine"


def present_day(settings: Settings) -> dt.date:
    """The day it is, whatever day a command was told to build for."""
    return _today("", settings.timezone)


def _today(given: object, timezone: ZoneInfo) -> dt.date:
    """The one place where the present time enters."""
    key = "--today" if given else "MAGAZINE_TODAY"
    text = str(given or os.environ.get("MAGAZINE_TODAY") or dt.datetime.now(timezone).date())
    try:
        return parse_day(text)
    except ValueError:
        raise SettingsError(key, f"must be a date such as 2026-11-02, not {text!r}") from None


def _timezone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, ZoneInfoNotFoundError):
        raise SettingsError("TIMEZONE", f'must be a time zone such as "Europe/Stockholm", not {name!r}') from None


def _text(values: Mapping[str, Any], key: str, default: str | None = None) -> str:
    value = values.get(key, default)
    if value is None and default is None:
        raise SettingsError(key, "is missing; the settings file must give it")
    if not isinstance(value, str) or (default is None and not value.strip()):
        raise SettingsError(key, f"must be text, not {value!r}")
    return value.strip()


def _texts(values: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = values.get(key, ())
    if not isinstance(value, (list, tuple)) or not all(isinstance(text, str) for text in value):
        raise SettingsError(key, f"must be a list of texts, not {value!r}")
    return tuple(value)


def _number(values: Mapping[str, Any], key: str, default: int, low: int, high: int) -> int:
    value = values.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise SettingsError(key, f"must be a whole number from {low} to {high}, not {value!r}")
    return value


def _one_of(values: Mapping[str, Any], key: str, known: tuple[str, ...]) -> str:
    value = _text(values, key)
    if value not in known:
        raise SettingsError(key, f"must be one of {', '.join(known)}, not {value!r}")
    return value


def _categories(value: Any) -> tuple[tuple[str, str], ...]:
    example = 'must be a list such as [("nyheter", "Nyheter"), ("kultur", "Kultur")]: address and name, in order'
    if not isinstance(value, (list, tuple)) or not value:
        raise SettingsError("CATEGORIES", example)
    for pair in value:
        if (
            not isinstance(pair, (list, tuple))
            or len(pair) != 2
            or not all(isinstance(p, str) and p.strip() for p in pair)
        ):
            raise SettingsError("CATEGORIES", f"{example}; {pair!r} is not such a pair")
        if slugify(pair[0]) != pair[0]:
            raise SettingsError("CATEGORIES", f"{pair[0]!r} cannot stand in an address; write {slugify(pair[0])!r}")
    for part in (0, 1):
        seen = [pair[part].casefold() for pair in value]
        for pair in value:
            if seen.count(pair[part].casefold()) > 1:
                raise SettingsError("CATEGORIES", f"{pair[part]!r} stands there twice")
    return tuple((slug, name) for slug, name in value)


def _avoid_words(value: Any) -> Mapping[str, str]:
    if not isinstance(value, dict) or not all(
        isinstance(word, str) and word.strip() and isinstance(better, str) and better.strip()
        for word, better in value.items()
    ):
        raise SettingsError(
            "AVOID_WORDS", f'must be words with better ones: {{"implementera": "införa"}}, not {value!r}'
        )
    return dict(value)


def _months_off(value: Any) -> tuple[int, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(m, int) and 1 <= m <= 12 for m in value):
        raise SettingsError("MONTHS_OFF", f"must be months as numbers, such as (7,), not {value!r}")
    return tuple(value)


def _kinds(value: Any) -> Mapping[str, str]:
    if isinstance(value, (list, tuple)) and value and all(isinstance(kind, str) for kind in value):
        known = {**KINDS["sv"], **KINDS["en"]}
        value = {kind: known.get(kind, "standard") for kind in value}
    if (
        not isinstance(value, dict)
        or not value
        or not all(isinstance(kind, str) and kind and form in FORMS for kind, form in value.items())
    ):
        raise SettingsError(
            "KINDS", f'must be like {{"nyhet": "standard", "notis": "short"}}; forms: {", ".join(FORMS)}'
        )
    return dict(value)


def _newsletter(value: str, url: str) -> str:
    """A path where it can be one: then the form works on any host that shows the site, and its policy allows it."""
    if value and not re.fullmatch(r"(https?://[^/\s?#]+)?(/[\w.~%-]+)*/?", value):
        raise SettingsError(
            "NEWSLETTER_URL", f'must be such as "/nyhetsbrev" or "https://nyhetsbrev.example.se", not {value!r}'
        )
    here = "{0.scheme}://{0.netloc}".format(urlsplit(url))
    return value.removeprefix(here).rstrip("/") if value.startswith(f"{here}/") else value.rstrip("/")


def _budget(value: Any) -> Mapping[str, int]:
    if (
        not isinstance(value, dict)
        or value.keys() - BUDGET.keys()
        or not all(isinstance(size, int) and size > 0 for size in value.values())
    ):
        raise SettingsError("BUDGET", f'must be numbers of bytes such as {{"page": 300_000}}, for {", ".join(BUDGET)}')
    return BUDGET | value


def _issn(value: str) -> str:
    """Check the last character too (ISO 3297: weights 8 to 2, modulo 11)."""
    if not value:
        return ""
    digits = value.replace("-", "").upper()
    if re.fullmatch(r"\d{7}[\dX]", digits):
        total = sum(int(d) * w for d, w in zip(digits[:7], range(8, 1, -1), strict=True))
        if "0123456789X"[-total % 11] == digits[7]:
            return f"{digits[:4]}-{digits[4:]}"
    raise SettingsError("ISSN", f"{value!r} is not a valid ISSN")
