"""Publishes a magazine: checks it, builds it beside what readers get, looks at every file of it, and swaps in one step.

Whatever fails, and wherever it is cut off, readers get the old magazine, whole; and it can simply be run again.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from desk import manifest, rehearsal
from desk.build import build
from desk.remote import Remote, is_remote
from plugins.magazine.files import Files
from plugins.magazine.ledger import LEDGER, Ledger, permanent, read, render
from plugins.magazine.messages import N_, Report
from plugins.magazine.problems import as_text, errors
from plugins.magazine.settings import SettingsError, from_pelican, present_day
from plugins.magazine.site import Site
from plugins.magazine.words import Words

SHOWN = 50
"""How many faults are told of."""

NOT_HERE = N_("publishing to a folder needs Linux or macOS: elsewhere, publish to user@host:/path")
EMPTY = N_("it says nothing: name a folder, or user@host:/path. In CI that is the variable MAGAZINE_DEST")
OLDER = N_("{dest} already shows the magazine of {day}. To go back, use --rollback")
UNFIT = N_("The site is not published, because of this:")
MORE = N_("… and {n} more")
LOOK = N_("Look at this:")
TRIAL = N_("{day} is still to come: this is a trial, and {ledger} stays as it is")


class Unfit(Exception):
    """The site was built and is not fit to be published. The text says why, a line for each fault."""


class Store(Protocol):
    """Where sites are published to."""

    def opened(self, *, new: bool = True) -> AbstractContextManager[None]: ...
    def staging(self) -> AbstractContextManager[Path]: ...
    def current(self) -> str: ...
    def live(self) -> dict[str, Any] | None: ...
    def holds(self, site: Path, files: Mapping[str, manifest.File]) -> bool: ...
    def add(self, site: Path, files: Mapping[str, manifest.File], before: Mapping[str, Any] | None) -> str: ...
    def back(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Published:
    """What a publishing came to."""

    release: str
    changed: bool
    """Whether readers get anything new."""
    manifest: Mapping[str, Any]
    files: int
    new: int
    """How many addresses were added to the ledger."""
    trial: bool
    """Whether it shows a day that has not come: nobody was promised anything."""
    hints: tuple[str, ...]


def store(dest: str, words: Words, ssh: str = "") -> Store:
    """Where `--to` leads: a folder, or `user@host:path`. Raises `SettingsError`."""
    if not dest.strip():
        raise SettingsError("--to", words.gettext(EMPTY))
    if is_remote(dest):
        return Remote(dest, words.gettext, ssh)
    if os.name == "nt":
        raise SettingsError("--to", words.gettext(NOT_HERE))
    from desk.releases import Folder

    return Folder(Path(dest), words.gettext)


def publish(values: Mapping[str, Any], dest: str, ssh: str = "") -> Published:
    """Publish the magazine of these settings. Raises `ContentError`, `SettingsError`, `Unfit` or OSError; then readers
    get what they got before."""
    settings = from_pelican(values)
    words = Words(settings.lang)
    place, clock = store(dest, words, ssh), present_day(settings)
    with place.opened(), place.staging() as staging:
        before = place.live()
        if before and settings.today.isoformat() < before["built_for"]:
            raise SettingsError("--today", words.gettext(OLDER).format(dest=dest, day=before["built_for"]))
        remember(settings.content, before, clock, words)
        folder = staging / "site"
        site = build({**values, "OUTPUT_PATH": str(folder)}).site
        files = manifest.measure(folder, settings.jobs)
        hints = fit(folder, files, site)
        made = manifest.write(folder, files, site)
        changed = before is None or before["files"] != made["files"] or not place.holds(folder, files)
        release = place.add(folder, files, before) if changed else place.current()
    new = remember(settings.content, made, clock, words)
    shown = made if changed or before is None else before
    return Published(release, changed, shown, len(files), new, settings.today > clock, hints)


def rollback(dest: str, words: Words, ssh: str = "") -> tuple[str, Mapping[str, Any] | None]:
    """Give readers the release before the current one; its name, and its manifest if it can be read. Raises
    `SettingsError` if there is none."""
    place = store(dest, words, ssh)
    with place.opened(new=False):
        name = place.back()
    with place.opened():
        return name, place.live()


def fit(folder: Path, files: Mapping[str, manifest.File], site: Site) -> tuple[str, ...]:
    """Look at every file of a built site; gives what a person should look at. Raises `Unfit`."""
    found = rehearsal.problems(rehearsal.look(folder, files, site), site)
    if wrong := errors(found):
        raise Unfit(_listed(site.words.gettext(UNFIT), as_text(wrong).splitlines(), site.words))
    return tuple(f"{hint.path}:{hint.line}: {hint.text}" for hint in found)


def remember(content: Path, shown: Mapping[str, Any] | None, clock: dt.date, words: Words) -> int:
    """Add to the ledger of a content folder what a published site (its manifest) has shown; gives how many were new.
    What shows a day after `clock`, the present one, is a trial, and not remembered."""
    if shown is None or (day := dt.date.fromisoformat(shown["built_for"])) > clock:
        return 0
    report = Report(LEDGER, words, [])
    ledger = read(Files(content), report)
    if report.problems:  # the check will tell of them; a line that cannot be read must not be lost
        return 0
    joined = ledger.joined(permanent(shown["files"]), day)
    if joined != ledger:
        save(content / LEDGER, joined)
    return len(joined.lines) - len(ledger.lines)


def save(path: Path, ledger: Ledger) -> None:
    """Write a ledger: whoever reads it gets the old one or the new, whole."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(render(ledger), encoding="utf-8")
    beside.replace(path)


def summary(done: Published, dest: str, words: Words) -> str:
    """What there is to say of a publishing."""
    if done.changed:
        text = words.gettext("{files} files, as of {day}: published as release {release} → {dest}")
    else:
        text = words.gettext("{dest} already has all this (release {release}, as of {day}): nothing to do")
    facts = {"files": words.number(done.files), "day": done.manifest["built_for"], "release": done.release}
    lines = [text.format(dest=dest, **facts)]
    if done.new:
        text = words.ngettext(
            "{n} new address in {ledger}: keep the file with the texts",
            "{n} new addresses in {ledger}: keep the file with the texts",
            done.new,
        )
        lines.append(text.format(n=words.number(done.new), ledger=LEDGER))
    if done.trial:
        lines.append(words.gettext(TRIAL).format(day=done.manifest["built_for"], ledger=LEDGER))
    return "\n".join([*lines, *([_listed(words.gettext(LOOK), done.hints, words)] if done.hints else [])])


def gone_back(release: str, shown: Mapping[str, Any] | None, words: Words) -> str:
    """What there is to say of a step back."""
    text = words.gettext("Readers get release {release} again, the magazine as of {day}. The next publishing goes on.")
    return text.format(release=release, day=shown["built_for"] if shown else "?")


def keep(path: Path, shown: Mapping[str, Any]) -> None:
    """Write a manifest into a file, for those who compare it with what readers get."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(shown, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _listed(head: str, lines: Sequence[str], words: Words) -> str:
    more = [words.gettext(MORE).format(n=words.number(len(lines) - SHOWN))] if len(lines) > SHOWN else []
    return "\n".join((head, *lines[:SHOWN], *more))
