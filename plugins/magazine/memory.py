"""What reading found in each file, for those who read one content folder again and again, such as the preview.

Only what was found without any problem is remembered: then all that a text refers to is there, and stands in what was
made of it. So nothing else has to be noted to know when it must be read anew.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from plugins.magazine.entries import AnyEntry, Text
from plugins.magazine.files import is_file
from plugins.magazine.ledger import LEDGER, Ledger


@dataclass(slots=True)
class Memory:
    """Files are named by their paths below the content folder. What nobody said has changed is as it was."""

    sources: Sequence[str] | None = None
    """Every text of the folder, in order."""
    headers: dict[str, Text] = field(default_factory=dict)
    entries: dict[str, AnyEntry] = field(default_factory=dict)
    ledger: Ledger | None = None
    _basis: object = None
    _addresses: Mapping[str, str] = field(default_factory=dict)
    _dates: Mapping[str, dt.date | None] = field(default_factory=dict)
    _published: Ledger | None = None

    def begin(self, basis: object) -> None:
        """Forget everything if the settings that reading depends on have changed."""
        if basis != self._basis:
            self.sources = self.ledger = None
            self.headers.clear()
            self.entries.clear()
            self._basis = basis

    def forget(self, changed: Iterable[str], root: Path) -> None:
        """These files and folders below the content folder `root` have changed, come or gone."""
        changed = set(changed)
        known = {*(self.sources or ()), *self.headers}
        there = {path for path in changed if is_file(root / path)}
        folders = tuple(f"{path}/" for path in changed - there - known)
        if folders:  # or files that have come and gone
            read = {*known, *(path for entry in self.entries.values() for path in entry.uses)}
            changed.update(path for path in read if path.startswith(folders))
        if there != changed & known or any((root / folder).is_dir() for folder in folders):
            self.sources = None
        if LEDGER in changed:
            self.ledger = None
        for path in changed:
            self.headers.pop(path, None)
            self.entries.pop(path, None)
        self._forget_users_of(changed - known)  # of a text only its address stands in others

    def compare(self, addresses: Mapping[str, str], dates: Mapping[str, dt.date | None], published: Ledger) -> None:
        """Forget the texts that link to a file whose address has changed, whose issue comes out on another day, or that
        were moved to where they are, if other addresses are published."""
        if addresses != self._addresses:
            self._forget_users_of({path for path, _ in addresses.items() ^ self._addresses.items()})
        if dates != self._dates:
            moved = {issue for issue, _ in dates.items() ^ self._dates.items()}
            self._forget(path for path, entry in self.entries.items() if entry.issue in moved)
        if published is not self._published:
            self._forget(path for path, entry in self.entries.items() if entry.header.moved_from)
        self._addresses, self._dates, self._published = addresses, dates, published

    def _forget_users_of(self, changed: set[str]) -> None:
        self._forget(path for path, entry in self.entries.items() if not changed.isdisjoint(entry.uses))

    def _forget(self, paths: Iterable[str]) -> None:
        for path in list(paths):
            del self.entries[path]
