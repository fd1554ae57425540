"""A folder of published sites, of which a web server sends one: `current`, a symbolic link.

    DEST/current -> releases/000012      what readers get
    DEST/releases/000008 … 000012        the last five, whole, each with its manifest

A new site is made whole beside the others, and comes into use by one rename of the link: whatever is cut off, and when,
the link leads to a whole site, the old or the new. Unchanged files are hard links to the ones before: they take no room
and keep their time, so that browsers need not fetch them again.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from desk import manifest
from plugins.magazine.messages import N_
from plugins.magazine.settings import SettingsError

KEPT = 5
CURRENT, RELEASES, MARK = "current", "releases", ".medverkan"
NUMBER = re.compile(r"\d{6,}")
CARRIED = re.compile(r"theme/[\w./-]+\.[0-9a-f]{10}\.(css|js)")
"""What a page that a browser already has may still ask for just after the swap."""

NOT_OURS = N_("{dest} is not a folder of published magazines; name an empty folder, or a new one")
NO_EARLIER = N_("{dest} holds no release before {current}; there is nothing to go back to")
NOTHING = N_("nothing has been published to {dest} yet")


def carried(before: Mapping[str, Any] | None, files: Mapping[str, object]) -> list[str]:
    """The files of the site before (its manifest's) that are to be kept for a while in the next, which has `files`."""
    old = before["files"] if before else ()
    return [path for path in old if path not in files and CARRIED.fullmatch(path)]


class Folder:
    """Releases in a folder of this machine."""

    def __init__(self, dest: Path, gettext: Callable[[str], str]) -> None:
        self.dest = dest.resolve()
        self.releases = self.dest / RELEASES
        self.gettext = gettext

    @contextmanager
    def opened(self, *, new: bool = True) -> Iterator[None]:
        """Alone with the folder, which is made if it is `new`. Whoever else publishes waits; if killed, its lock is
        gone. Raises `SettingsError` if the folder is somebody else's, or is not there and may not be new."""
        if not new and not (self.releases / MARK).is_file():
            raise SettingsError("--to", self.gettext(NOTHING).format(dest=self.dest))
        if self.dest.exists() and not (self.releases / MARK).is_file() and (not self.dest.is_dir() or self._others()):
            raise SettingsError("--to", self.gettext(NOT_OURS).format(dest=self.dest))
        self.releases.mkdir(parents=True, exist_ok=True)
        with (self.releases / MARK).open("a", encoding="utf-8") as mark:
            fcntl.lockf(mark, fcntl.LOCK_EX)  # unlike flock's, no forked process keeps it
            for left in (*self.releases.glob(".new-*"), *self.dest.glob(f".{CURRENT}-*")):
                shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()
            yield

    def _others(self) -> bool:
        """Whether the folder holds anything but what a first publishing, cut off early, leaves behind."""
        return any(path.name != RELEASES or any(path.iterdir()) for path in self.dest.iterdir())

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """A place to build in, on the same disk. It is cleared away afterwards, by the next one if need be."""
        place = self.releases / f".new-{os.getpid()}"
        try:
            place.mkdir()
            yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def current(self) -> str:
        """The name of the release that readers get; "" before the first."""
        try:
            return (self.dest / CURRENT).readlink().name
        except OSError:
            return ""

    def live(self) -> dict[str, Any] | None:
        """The manifest of what readers get."""
        try:
            return manifest.read((self.dest / CURRENT / manifest.NAME).read_text(encoding="utf-8"))
        except OSError:
            return None

    def add(self, site: Path, files: Mapping[str, manifest.File], before: Mapping[str, Any] | None) -> str:
        """Take a whole site (its folder in the staging place, and its files) into use; gives its name."""
        old = self.dest / CURRENT
        for path, was in (before or {"files": {}})["files"].items():
            file = files.get(path)
            if file and file.sha256 == was["sha256"]:
                self._link(old / path, site / path)
        for path in carried(before, files):
            self._link(old / path, site / path)
        name = f"{max(map(int, self._names()), default=0) + 1:06}"
        os.sync()  # a machine that stops now must not have the link without the files
        site.rename(self.releases / name)
        _settle(self.releases)
        self._swap(name)
        for number in self._names()[:-KEPT]:
            away = self.releases / f".new-{number}"  # no half release under a release's name
            (self.releases / number).rename(away)
            shutil.rmtree(away)
        return name

    def back(self) -> str:
        """Give readers the release before the current one again; gives its name."""
        current = self.current()
        if not current:
            raise SettingsError("--rollback", self.gettext(NOTHING).format(dest=self.dest))
        earlier = [name for name in self._names() if name < current]
        if not earlier:
            raise SettingsError("--rollback", self.gettext(NO_EARLIER).format(dest=self.dest, current=current))
        self._swap(earlier[-1])
        return earlier[-1]

    def _names(self) -> list[str]:
        """Every release, the oldest first."""
        return sorted(path.name for path in self.releases.iterdir() if NUMBER.fullmatch(path.name))

    def _swap(self, name: str) -> None:
        beside = self.dest / f".{CURRENT}-{os.getpid()}"
        beside.symlink_to(f"{RELEASES}/{name}")
        beside.replace(self.dest / CURRENT)
        _settle(self.dest)

    @staticmethod
    def _link(old: Path, new: Path) -> None:
        """Let a file of the new site be the same file as one before. Where that cannot be, it stays (or is) its own."""
        beside = new.with_name(f".{new.name}.link")
        try:
            new.parent.mkdir(parents=True, exist_ok=True)
            os.link(old.resolve(), beside)
        except OSError:
            return
        beside.replace(new)


def _settle(folder: Path) -> None:
    """What was renamed in a folder is on the disk when this returns."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
