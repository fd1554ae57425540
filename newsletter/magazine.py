"""What the published site says of itself: its name, language and categories, from `/magazine.json`.

Kept in the database, so that sign-ups and letters go on while the site is away.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, text

from newsletter import site
from newsletter.config import LANGUAGES, Config

LARGEST = 50_000_000
"""Bytes of the largest `/magazine.json` that is read: some 100,000 articles."""
MANY = 100
"""Categories that a choice names at most."""
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_FACT = "magazine"


@dataclass(frozen=True, kw_only=True, slots=True)
class Magazine:
    name: str
    lang: str
    url: str
    """The published address, without a slash at the end."""
    categories: tuple[tuple[str, str], ...] = ()
    """Slug and name, in order; none if the site was never asked."""

    def choice(self, slugs: Iterable[str]) -> str:
        """Chosen categories as they are stored: sorted, by spaces. All of them, or none that exists, is ""."""
        known = {slug for slug, _ in self.categories}
        chosen = {slug for slug in slugs if (slug in known if known else _SLUG.fullmatch(slug))}
        return "" if chosen == known or len(chosen) > MANY else " ".join(sorted(chosen))

    def names(self, choice: str) -> list[str]:
        """The names of the categories in a stored choice, in the magazine's order; none for all of the magazine."""
        chosen = choice.split()
        return [name for slug, name in self.categories if slug in chosen]


def fetch(site_url: str) -> Magazine:
    """Ask the site. Raises `site.Unreadable`."""
    address = f"{site_url}/magazine.json"
    magazine = _read(site.get(address, LARGEST))
    if magazine is None:
        raise site.Unreadable(f"{address} is not what the magazine's software writes.")
    return magazine


def keep(connection: Connection, magazine: Magazine) -> None:
    """Remember what the site said."""
    connection.execute(
        text("INSERT INTO fact (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = :value"),
        {"name": _FACT, "value": json.dumps(asdict(magazine), ensure_ascii=False)},
    )


def kept(connection: Connection, config: Config) -> Magazine:
    """What the site said last; before it was ever asked, what the settings tell."""
    value = connection.execute(text("SELECT value FROM fact WHERE name = :name"), {"name": _FACT}).scalar()
    return (_read(value) if value else None) or told(config)


def told(config: Config) -> Magazine:
    """What the settings tell."""
    name = config.sender.display_name or config.sender.domain
    return Magazine(name=name, lang=config.lang, url=config.site_url)


def _read(data: bytes | str) -> Magazine | None:
    try:
        found = json.loads(data)
        categories = tuple(
            (slug, _line(name)) for slug, name in map(_slug_and_name, found["categories"]) if _SLUG.fullmatch(slug)
        )
        lang = found["lang"] if found["lang"] in LANGUAGES else "en"
        return Magazine(name=_line(found["name"]), lang=lang, url=found["url"].rstrip("/"), categories=categories)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def _slug_and_name(category: Any) -> tuple[str, str]:
    """From an object, as the site writes it, or a pair, as it is kept."""
    return (category["slug"], category["name"]) if isinstance(category, dict) else (category[0], category[1])


def _line(words: str) -> str:
    """One line: a name goes into subjects."""
    return " ".join(words.split())
