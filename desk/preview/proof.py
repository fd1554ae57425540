"""The proof: the magazine as its files stand at this moment. After a save only what was saved is read again, and
nothing is made before somebody asks for it: so a page shows at once, however large the magazine is."""

from __future__ import annotations

import datetime as dt
import secrets
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

import jinja2
import pelican
from blinker import ANY
from jinja2.bccache import Bucket

from desk import build
from desk.preview.faults import fault
from plugins.magazine import signals
from plugins.magazine.folder import PAGES
from plugins.magazine.memory import Memory
from plugins.magazine.outputs import Listing, Output
from plugins.magazine.problems import ContentError, Problem, errors
from plugins.magazine.settings import Settings, SettingsError, from_pelican
from plugins.magazine.site import Site
from plugins.magazine.words import CATALOGUES, read_catalogue

_run = secrets.token_hex(4)
"""Tells this process's proofs from those of an earlier one: a page that is open may be from that."""


@dataclass(frozen=True)
class Proof:
    """The magazine as it is shown: all that is written, or what readers see on one day."""

    name: str
    """No two proofs have one."""
    site: Site
    day: dt.date | None
    """The day as of which it is shown; None: everything, with later issues and drafts."""
    looks: int
    """How often the theme has changed: with it every page has."""
    marks: Mapping[str, str]
    """What is not out yet: address → what to say of it."""
    _indexing: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def find(self, path: str) -> Output | None:
        """A file of the site. What takes long to list, the search's index, is listed when a file of it is wanted."""
        found = self.site.linkable.find(path)
        if found is None and not path.endswith(".html"):
            with self._indexing:
                found = self._unlinked.find(path)
        return found

    @cached_property
    def _unlinked(self) -> Listing:
        return Listing(signals.stream(signals.publish_unlinked, self.site))


class Desk:
    """Makes proofs of one magazine. `proof` is the last that could be made, `problems` is why it is not the newest."""

    def __init__(self, load: Callable[[], Mapping[str, Any]]) -> None:
        self._load = load
        self._memory = Memory()
        self._bytecode = _Bytecode()
        self._pelican: pelican.Pelican | None = None
        self._number = count(1)
        self._looks = 0
        self._site: Site | None = None
        self.day: dt.date | None = None
        self.proof: Proof | None = None
        self.problems: tuple[Problem, ...] = ()
        self.settings: Settings | None = None

    def settings_changed(self) -> None:
        """Read the settings anew with the next proof."""
        self._pelican = None

    def day_is_over(self) -> bool:
        """Whether a new day has come since the settings were read."""
        if self._pelican is None or self.settings is None:
            return False
        return from_pelican(self._pelican.settings).today != self.settings.today

    def changed(self, paths: Iterable[Path]) -> None:
        """These files or folders have changed: the next proof is to show them."""
        settings = self.settings
        if settings is None:
            return
        paths = list(paths)
        content = {_below(path, settings.content) for path in paths}
        pages = settings.theme / PAGES / settings.lang
        content |= {f"{PAGES}/{path.name}" for path in paths if path.parent == pages}
        self._memory.forget(filter(None, content), settings.content)
        if any(path.is_relative_to(folder) for path in paths for folder in (settings.theme, CATALOGUES)):
            self._looks += 1
            read_catalogue.cache_clear()

    def read(self) -> None:
        """Read what has changed, check it all, and make a proof of it, if nothing is wrong. Never raises for what is in
        the files: see `problems`."""
        try:
            with build.quiet():
                self.problems = self._examine()
                if not errors(self.problems):
                    self._prove()
        except ContentError as error:
            self.problems = error.problems
        except SettingsError as error:
            self._pelican = None
            self.problems = (Problem("", 0, str(error), "settings"),)
        except Exception as error:  # noqa: BLE001  # a plugin or a template may raise anything
            self.problems = (fault(error, self.settings),)

    def show(self, day: dt.date | None) -> None:
        """Show the magazine as of this day from now on; None: everything."""
        self.day = day
        if self.proof is not None:
            with build.quiet():
                self._prove()

    def _examine(self) -> tuple[Problem, ...]:
        if self._pelican is None:
            for signal in (signals.check, signals.publish, signals.publish_unlinked):
                for handler in list(signal.receivers_for(ANY)):
                    signal.disconnect(handler)
            settings = dict(self._load())
            settings["JINJA_ENVIRONMENT"] = {**settings["JINJA_ENVIRONMENT"], "bytecode_cache": self._bytecode}
            self._pelican = pelican.Pelican(settings)
        generator = build.generator(self._pelican)
        self.settings = from_pelican(generator.settings)
        problems = generator.examine(self._memory)
        if not errors(problems):
            self._site = generator.site
        return problems

    def _prove(self) -> None:
        """Make a proof of what was last found sound. It has a template environment, and so a generator, of its own."""
        now = self._site
        assert now is not None
        day, content = self.day, now.content
        settings = replace(now.settings, today=day) if day else now.settings
        magazine = content.magazine(settings, everything=day is None)
        earlier = self.proof.site.related if self.proof else None
        site = build.generator(self._pelican).show(settings, content, magazine, earlier)
        self.proof = Proof(
            name=f"{_run}-{next(self._number)}",
            site=site,
            day=day,
            looks=self._looks,
            marks={} if day else marks(site, now),
        )


def marks(shown: Site, now: Site) -> dict[str, str]:
    """What is shown but not out yet: the address of each such text, and what to say of it."""
    words = now.words
    out = {issue.id for issue in now.magazine.issues}
    draft = words.gettext("Draft")
    found = {}
    for issue in shown.magazine.issues:
        if issue.id not in out:
            later = issue.date > now.settings.today
            coming = words.gettext("Out on {day}").format(day=words.day(issue.date)) if later else draft
            found.update(dict.fromkeys((issue.url, *(article.url for article in issue.articles)), coming))
    for translation in shown.magazine.translations:
        original = f"/{translation.issue}/{translation.translation_of}/"
        if original in found:
            found[translation.url] = found[original]
    drafts = {entry.record.url for entry in shown.content.articles if entry.header.draft}
    found.update(dict.fromkeys(drafts, draft))
    for translation in shown.magazine.translations:
        if f"/{translation.issue}/{translation.translation_of}/" in drafts:
            found[translation.url] = draft
    return found


def _below(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else ""


class _Bytecode(jinja2.BytecodeCache):
    """Compiled templates: each proof has an environment of its own, and most templates are as they were."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        kept = self._kept.get(bucket.key)
        if kept is not None:
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()
