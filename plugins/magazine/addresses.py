"""The addresses of a magazine, all from one place. They are promises: none ever changes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from plugins.magazine.model import Category, Issue, slugify

FRONT = "/"
ISSUES = "/nummer/"
SEARCH = "/sok/"
SUBSCRIBE = "/prenumerera/"
PERSONAL_DATA = "/personuppgifter/"
CALENDAR = "/kalender/"
NOT_FOUND = "/404.html"
OPML = "/opml.xml"
SITEMAP = "/sitemap.xml"
ROBOTS = "/robots.txt"
MAGAZINE_JSON = "/magazine.json"

RESERVED = frozenset(
    "nummer sok kalender kategori amne plats av utskick nyhetsbrev theme search 404 feed atom opml sitemap robots "
    "magazine".split()
)
"""First parts of addresses that a page of the magazine's own cannot have."""


@dataclass(frozen=True, slots=True)
class Feeds:
    """The addresses of one feed in its three formats."""

    rss: str
    atom: str
    json: str


def feeds(category: Category | None = None) -> Feeds:
    """The feeds of a category, or of the whole magazine."""
    folder = category.url if category else "/"
    return Feeds(rss=f"{folder}feed.xml", atom=f"{folder}atom.xml", json=f"{folder}feed.json")


def digest(issue: Issue) -> str:
    """The page with what subscribers got by mail."""
    return f"/utskick/{issue.id}/"


def digest_data(issue: Issue) -> str:
    """The same as the newsletter reads it."""
    return f"/utskick/{issue.id}.json"


@lru_cache(maxsize=4096)
def tag(name: str) -> str:
    return f"/amne/{slugify(name)}/"


@lru_cache(maxsize=4096)
def place(name: str) -> str:
    return f"/plats/{slugify(name)}/"


@lru_cache(maxsize=4096)
def author(name: str) -> str:
    return f"/av/{slugify(name)}/"
