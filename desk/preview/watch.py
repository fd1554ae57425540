"""Sees what is saved: told by the system, or by looking where the system does not tell (network shares, containers)."""

from __future__ import annotations

import ctypes
import platform
import re
import subprocess
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path, PurePath, PureWindowsPath

import watchfiles

QUIET = 30
"""Milliseconds without a change after which changes are passed on together: a checkout of many files is one."""
LOOK_EVERY = 300
"""Milliseconds between two looks, where changes are looked for."""
LOOK_AGAIN = 2.0
"""For so many seconds what has changed is looked at again: looking compares whole seconds, and somebody may have saved
twice in one."""

TOLD_OF = frozenset(
    "ext2 ext3 ext4 xfs btrfs zfs f2fs bcachefs tmpfs overlay ramfs reiserfs jfs ntfs3 vfat exfat".split()
)
"""Linux's file systems of this machine alone: here it tells of every change, whoever makes it."""
SHARES = frozenset("smbfs afpfs nfs webdav cifs osxfuse macfuse".split())
"""The Mac's file systems that other machines can change."""


def start(
    folders: Iterable[Path], changed: Callable[[set[Path]], None], stop: threading.Event, *, polling: bool | None = None
) -> threading.Thread:
    """Call `changed` with the files and folders that change below these folders, from a thread, until `stop` is set.

    `polling` says whether to look for changes instead of being told; None leaves it to `must_poll`.
    """
    folders = sorted(set(folders))
    if polling is None:
        polling = must_poll(folders) or None  # None: watchfiles knows of more cases, and of a variable of its own

    def watch(polling: bool | None) -> None:
        recent: dict[Path, tuple[float, object]] = {}
        for changes in watchfiles.watch(
            *folders,
            watch_filter=None,
            step=QUIET,
            stop_event=stop,
            force_polling=polling,
            poll_delay_ms=LOOK_EVERY,
            rust_timeout=500,
            yield_on_timeout=bool(polling),
            ignore_permission_denied=True,
        ):
            noticed = {Path(path) for _, path in changes}
            noticed |= {path for path, (_, state) in recent.items() if _state(path) != state}
            now = time.monotonic()
            recent = {path: kept for path, kept in recent.items() if kept[0] > now}
            recent |= {path: (now + LOOK_AGAIN, _state(path)) for path in noticed if polling and path.is_file()}
            if noticed:
                changed(noticed)

    def watch_on() -> None:
        try:
            watch(polling)
        except Exception:  # noqa: BLE001  # the system tells of so many folders only (Linux: max_user_watches)
            with suppress(Exception):
                watch(True)

    thread = threading.Thread(target=watch_on, daemon=True)
    thread.start()
    return thread


def must_poll(folders: Iterable[Path]) -> bool:
    """Whether one of these folders lies where others than this system write, so that it does not see it."""
    try:
        if platform.system() == "Linux":
            mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
            return any(linux_file_system(folder, mounts) not in TOLD_OF for folder in folders)
        if platform.system() == "Darwin":
            done = subprocess.run(["/sbin/mount"], capture_output=True, encoding="utf-8", errors="replace", check=False)
            return any(mac_file_system(folder, done.stdout) in SHARES for folder in folders)
        return platform.system() == "Windows" and any(on_windows_share(str(folder)) for folder in folders)
    except OSError:
        return False


def linux_file_system(folder: PurePath, mounts: str) -> str:
    """The kind of file system that a folder lies on, from what /proc/self/mountinfo says (proc(5))."""
    found = {}
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        if len(before.split()) > 4 and after:
            point = re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), before.split()[4])
            found[point] = after.split()[0]
    return _of_nearest(folder, found)


def mac_file_system(folder: PurePath, mounts: str) -> str:
    """The same from what `mount` says on a Mac: "//me@host/share on /Volumes/share (smbfs, nodev)"."""
    found = {}
    for line in mounts.splitlines():
        point, bracket, kind = line.partition(" on ")[2].rpartition(" (")
        if bracket:
            found[point] = kind.split(",")[0].rstrip(")")
    return _of_nearest(folder, found)


def _of_nearest(folder: PurePath, kinds: dict[str, str]) -> str:
    points = [point for point in kinds if folder.is_relative_to(point)]
    return kinds[max(points, key=len)] if points else ""


def on_windows_share(folder: str) -> bool:
    r"""Whether a folder lies on \\server\share, or on a letter that stands for one."""
    drive = PureWindowsPath(folder).drive
    if drive.startswith("\\\\") or platform.system() != "Windows":
        return drive.startswith("\\\\")
    remote = 4  # GetDriveTypeW: DRIVE_REMOTE
    return bool(getattr(ctypes, "windll").kernel32.GetDriveTypeW(f"{drive}\\") == remote)  # noqa: B009  # only there


def _state(path: Path) -> tuple[int, int] | None:
    """What changes when a file is saved: its time in nanoseconds and its size; None if it is not there."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size


class SettingsFiles:
    """The files that a settings file may be made of: it, and those beside it that it can import. Looked at by and by:
    other things in that folder change all the time."""

    def __init__(self, file: Path) -> None:
        self._folder = file.resolve().parent
        self._seen = self._look()

    def have_changed(self) -> bool:
        before, self._seen = self._seen, self._look()
        return before != self._seen

    def _look(self) -> dict[str, tuple[int, int] | None]:
        return {path.name: _state(path) for path in self._folder.glob("*.py")}
