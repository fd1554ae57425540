"""Rehearses publishing, for the check of a merge request: builds the magazine as of today, and as of the days on which
the next issue and the last one that is planned come out, and looks at every file as publishing will.

So nothing refuses an issue on its morning that did not show when its texts were handed in. What is found is said at the
file, and where possible the line, that it comes from.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from desk import build as desk
from desk import embargo, manifest
from desk.references import Own
from desk.verify import HINTS, Fault, Found, verify
from plugins.magazine.folder import ISSUES
from plugins.magazine.messages import N_
from plugins.magazine.problems import ContentError, Problem, errors
from plugins.magazine.site import Site

AS_OF = N_("As of {day}: {text}")


def check(settings: Mapping[str, Any], advice: str = "none") -> tuple[Problem, ...]:
    """Everything that `desk.build.check` finds; if that has no errors, all that would stop publishing besides."""
    found = set(desk.check(settings, advice))
    if not errors(found):
        found |= set(rehearse(settings))
    return tuple(sorted(found))


def rehearse(settings: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with the built site, of today and of the days to come; the same is said once."""
    with tempfile.TemporaryDirectory(prefix="magazine-") as place:
        folder = Path(place) / "site"
        site, found = _build(settings, folder)
        yield from found
        said = set(found)
        for day in days_to_come(site):
            try:
                _, found = _build({**settings, "TODAY": str(day)}, folder)
            except ContentError as error:
                found = errors(error.problems)
            for problem in sorted(set(found) - said):
                yield replace(problem, text=site.words.gettext(AS_OF).format(day=day, text=problem.text))
            said |= set(found)


def _build(settings: Mapping[str, Any], folder: Path) -> tuple[Site, tuple[Problem, ...]]:
    site = desk.build({**settings, "OUTPUT_PATH": str(folder)}).site
    return site, problems(look(folder, manifest.measure(folder, site.settings.jobs), site), site)


def days_to_come(site: Site) -> tuple[dt.date, ...]:
    """The days on which the next issue, and the last one that is planned, come out. In between nothing is built: an
    issue's own pages are those of its day, and of the days after it."""
    days = sorted(e.record.date for e in site.content.issues if e.header.date and e.record.date > site.settings.today)
    return tuple(dict.fromkeys((*days[:1], *days[-1:])))


def look(folder: Path, files: Mapping[str, manifest.File], site: Site) -> Found:
    """Look at every file of a built site (its folder, and its files)."""
    settings = site.settings
    sizes = {path: file.size for path, file in files.items()}
    digests = {path: file.sha256 for path, file in files.items()}
    return verify(folder, sizes, Own(settings.url), settings.budget, digests, embargo.secrets(site), settings.jobs)


# -- Where it comes from -----------------------------------------------------------------------------------------------


def problems(found: Found, site: Site) -> tuple[Problem, ...]:
    """What was found of a site, at the places in the content that it comes from.

    What one text has wrong may show in several files (its page, feeds, the digest): it is said once, of a page if it is
    on one.
    """
    origins = _Origins(site)
    once: dict[tuple[str, int, str, str], Problem] = {}
    for fault in sorted((*found.faults, *found.hints), key=lambda f: (not f.url.endswith("/"), f.url, f.what)):
        problem = origins.problem(fault)
        about = fault.target or f"{fault.url} {fault.what}"
        once.setdefault((problem.path, problem.line, problem.code, about), problem)
    return tuple(sorted(once.values()))


class _Origins:
    """Knows which text each address is of, and what stands in the texts."""

    def __init__(self, site: Site) -> None:
        self.site = site
        content = site.content
        records = (entry.record for entries in (content.articles, content.issues, content.pages) for entry in entries)
        self.by_url = {record.url: record.source for record in records}
        self.read = lru_cache(maxsize=None)(self._read)

    def problem(self, fault: Fault) -> Problem:
        source, line = self._place(fault)
        shown, text = self.site.content.shown(source), fault.said(self.site.words)
        return Problem(shown, line, text, f"site-{fault.code}", "warning" if fault.code in HINTS else "error")

    def _place(self, fault: Fault) -> tuple[str, int]:
        """The file and line of a fault: of the page's own text, else of the first text with the same words in it."""
        if fault.code == "unreleased":
            return fault.what, 1
        issue = fault.url.removeprefix("/utskick").removesuffix(".json").rstrip("/") + "/"
        own = self.by_url.get(fault.url) or self.by_url.get(issue)
        for source in [own] if own else self.by_url.values():
            if line := self._line(source, self._words(fault)):
                return source, line
        return own or ISSUES, 1

    def _words(self, fault: Fault) -> Iterator[str]:
        """How what a fault speaks of may have been written, the surest first."""
        if fault.code == "twice":
            yield from (f'id="{fault.what}"', f"#{fault.what}")
        elif fault.code == "title":
            yield fault.what
        elif fault.target:
            written = fault.target.removeprefix(self.site.settings.base)
            ways = dict.fromkeys((fault.target, written, unquote(fault.target), unquote(written)))
            yield from (f"{opening}{way}" for opening in ("(", "(<", '"', "") for way in ways)
            if anchor := fault.target.partition("#")[2]:
                yield f"#{anchor}"

    def _line(self, source: str, words: Iterable[str]) -> int:
        text = self.read(source)
        at = next((at for word in words if len(word) > 1 and (at := text.find(word)) >= 0), -1)
        return text.count("\n", 0, at) + 1 if at >= 0 else 0

    def _read(self, source: str) -> str:
        try:
            return (self.site.settings.content / source).read_text(encoding="utf-8-sig")
        except OSError:  # a built-in page
            return ""
