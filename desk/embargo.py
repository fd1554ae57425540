"""What must not be in a published site: drafts, issues to come, and what only they use."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from markupsafe import escape

from plugins.magazine.files import public_path
from plugins.magazine.folder import ISSUES
from plugins.magazine.model import Article, Issue
from plugins.magazine.site import Site
from plugins.redirects import moves, page

TELLING = 12
"""How many characters a title must have to be recognised where it should not be."""
_RENDITION = re.compile(r"\.([0-9a-f]{12})\.\w+$")


@dataclass(frozen=True)
class Secrets:
    """What must not be in a site, by the text that it belongs to."""

    paths: Mapping[str, str] = field(default_factory=dict)
    """Beginnings of paths."""
    digests: Mapping[str, str] = field(default_factory=dict)
    """Of whole files, SHA-256."""
    pictures: Mapping[str, str] = field(default_factory=dict)
    """Digests that stand in the names of a picture's renditions."""
    titles: tuple[str, ...] = ()
    moved: frozenset[str] = frozenset()
    """Pages that only lead on to another: they may stand where something withdrawn once stood."""

    @cached_property
    def pattern(self) -> re.Pattern[str] | None:
        """Finds the titles in pages and in data, as each writes them."""
        return re.compile("|".join(map(re.escape, sorted(self._written)))) if self.titles else None

    @cached_property
    def _written(self) -> Mapping[str, str]:
        """Each title as it may stand in HTML, by two ways of writing it, and in JSON."""
        ways = (
            str,
            escape,
            partial(html.escape, quote=False),
            lambda title: json.dumps(title, ensure_ascii=False)[1:-1],
        )
        return {str(way(title)): title for title in self.titles for way in ways}

    def named(self, text: str) -> set[str]:
        """The titles that stand in a text."""
        return {self._written[found] for found in self.pattern.findall(text)} if self.pattern else set()

    def leaks(self, digests: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        """The files of a site (by path, with their SHA-256) that should not be there, each with the text it is of."""
        begins = tuple(self.paths)
        for path, digest in digests.items():
            rendition = _RENDITION.search(path)
            source = self.digests.get(digest) or (self.pictures.get(rendition[1]) if rendition else None)
            if not source and path.startswith(begins) and path not in self.moved:
                source = next(of for begin, of in self.paths.items() if path.startswith(begin))
            if source:
                yield path, source


def secrets(site: Site) -> Secrets:
    """All that must not be out: drafts, issues to come, and what only they use."""
    magazine, content = site.magazine, site.content
    released: tuple[Issue | Article, ...] = (*magazine.issues, *magazine.articles, *magazine.translations)
    public = {text.url for text in released}
    texts: list[Article | Issue]
    texts = [*(entry.record for entry in content.issues), *(entry.record for entry in content.articles)]
    hidden = [text for text in texts if text.url not in public]
    shown = [*(text for text in texts if text.url in public), *magazine.pages]
    used = {source for text in shown for source in (*_files(text), *(picture.source for picture in text.pictures))}

    paths: dict[str, str] = {}
    digests: dict[str, str] = {}
    pictures: dict[str, str] = {}
    for text in hidden:
        paths[text.url.lstrip("/")] = text.source
        if isinstance(text, Issue):
            paths |= dict.fromkeys((f"utskick/{text.id}/", f"utskick/{text.id}."), text.source)
        paths |= {public_path(source): text.source for source in _files(text) if source not in used}
        sources = {text.source, *_files(text), *(p.source for p in text.pictures), *_beside(site, text)} - used
        digests |= {_sha256(site.settings.content / source): text.source for source in sources}
        pictures |= {picture.digest: text.source for picture in text.pictures}
    open_digests = {_sha256(site.settings.content / source) for source in used}
    open_pictures = {picture.digest for text in shown for picture in text.pictures}
    names = {text.title for text in shown} | {site.settings.name}
    return Secrets(
        paths=paths,
        digests={digest: source for digest, source in digests.items() if digest not in open_digests},
        pictures={digest: source for digest, source in pictures.items() if digest not in open_pictures},
        titles=tuple(sorted({text.title for text in hidden if len(text.title) >= TELLING} - names)),
        moved=frozenset(page(old) for old in moves(site).redirects),
    )


def _files(text: Any) -> list[str]:
    attached = text.attachments if isinstance(text, Article) else ()
    return [file.source for file in (*attached, *text.linked_files)]


def _beside(site: Site, text: Article | Issue) -> Iterator[str]:
    """Everything in the folder of an issue to come, also what no text uses yet."""
    if isinstance(text, Issue):
        root = site.settings.content
        for path in sorted((root / ISSUES / text.id).rglob("*")):
            if path.is_file() and not path.name.startswith("."):  # .gitkeep and the like are no text's
                yield path.relative_to(root).as_posix()


def _sha256(path: Path) -> str:
    """A file's SHA-256; "" if it cannot be read, or is empty: then it tells nothing, and is like many another."""
    try:
        data = path.read_bytes()
    except OSError:
        return ""
    return hashlib.sha256(data).hexdigest() if data else ""
