"""A folder of published sites, of which a web server sends one: `current`, a symbolic link.

    DEST/current -> releases/000012      what readers get
    DEST/releases/000008 … 000012        the last five, whole, each with its manifest

A site that differs from the one before only in the day it names takes its place among the five. One that readers do not
get any more, because somebody went back, goes with the next publishing: going back leads to what they had before.

A new site is made whole beside the others, and comes into use by one rename of the link: whatever is cut off, and when,
the link leads to a whole site, the old or the new. Unchanged files are hard links to the ones before: they take no room
and keep their time, so that browsers need not fetch them again.
"""

from __future__ import annotations

import fcntl
import filecmp
import os
import re
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from desk import manifest
from plugins.magazine.messages import N_
from plugins.magazine.settings import SettingsError

KEPT = 5
CURRENT, RELEASES, MARK = "current", "releases", ".medverkan"
LINK = f".{CURRENT}-here"
NUMBER = re.compile(r"\d{6,}")
DATED = {"magazine.json"}
"""What names the day, and so is another every morning."""
FORGOTTEN = 600
"""Minutes after which what another way of publishing brought here, and did not take into use, is left over."""
CARRIED = re.compile(r"theme/[\w./-]+\.[0-9a-f]{10}\.(css|js)")
"""What a page that a browser already has may still ask for just after the swap."""

NOT_OURS = N_("{dest} is not a folder of published magazines; name an empty folder, or a new one")
NO_EARLIER = N_("{dest} holds no release before {current}; there is nothing to go back to")
NOTHING = N_("nothing has been published to {dest} yet")
WAITING = N_("Somebody else is publishing to {dest}: waiting for them …")


def carried(before: Mapping[str, Any] | None, files: Mapping[str, object]) -> list[str]:
    """The files of the site before (its manifest's) that are to be kept for a while in the next, which has `files`."""
    old = before["files"] if before else ()
    return [path for path in old if path not in files and CARRIED.fullmatch(path)]


def same_but_for_the_day(before: Mapping[str, Any] | None, files: Mapping[str, manifest.File]) -> bool:
    """Whether a site has nothing else than the one before it (its manifest), on another day."""
    old = before["files"] if before else {}
    return old.keys() == files.keys() and all(
        files[path].sha256 == old[path]["sha256"] for path in files if path not in DATED
    )


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
            try:
                fcntl.lockf(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)  # unlike flock's, no forked process keeps it
            except OSError:
                print(self.gettext(WAITING).format(dest=self.dest), flush=True)
                fcntl.lockf(mark, fcntl.LOCK_EX)
            self._sweep()
            yield

    def _sweep(self) -> None:
        """Clear away what was cut off here: the lock is ours, so nobody needs it. What came over ssh may be in use."""
        (self.dest / LINK).unlink(missing_ok=True)
        for left in self.releases.glob(".new-*"):
            ours = left.name.removeprefix(".new-").isdecimal()
            with suppress(OSError):  # the other may be clearing it away, too
                if ours or time.time() - left.stat().st_mtime > FORGOTTEN * 60:
                    shutil.rmtree(left)

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

    def holds(self, site: Path, files: Mapping[str, manifest.File]) -> bool:
        """Whether readers get the very bytes of a site's files: a disk may have spoilt what was published."""
        return all(_same(self.dest / CURRENT / path, site / path) for path in files)

    def add(self, site: Path, files: Mapping[str, manifest.File], before: Mapping[str, Any] | None) -> str:
        """Take a whole site (its folder in the staging place, and its files) into use; gives its name."""
        old, current = self.dest / CURRENT, self.current()
        for path, was in (before or {"files": {}})["files"].items():
            file = files.get(path)
            if file and file.sha256 == was["sha256"] and _same(old / path, site / path):
                self._link(old / path, site / path)
        for path in carried(before, files):
            self._link(old / path, site / path)
        name = f"{max(map(int, self._names()), default=0) + 1:06}"
        self._remove(other for other in self._names() if other > current)
        os.sync()  # a machine that stops now must not have the link without the files
        site.rename(self.releases / name)
        _settle(self.releases)
        self._swap(name)
        if current and same_but_for_the_day(before, files):
            self._remove([current])
        self._remove(self._names()[:-KEPT])
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

    def _remove(self, names: Iterable[str]) -> None:
        for name in names:
            away = self.releases / f".new-{name}"  # no half release under a release's name
            (self.releases / name).rename(away)
            shutil.rmtree(away)

    def _swap(self, name: str) -> None:
        beside = self.dest / LINK
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


def _same(one: Path, other: Path) -> bool:
    try:
        return filecmp.cmp(one, other, shallow=False)
    except OSError:
        return False


def _settle(folder: Path) -> None:
    """What was renamed in a folder is on the disk when this returns."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
