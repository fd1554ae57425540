"""Notices that the database came back from a backup: it no longer knows who has had their mail, and who has left.

The database holds a level that only rises: at every release, and every few seconds while a worker runs. Each machine
remembers the highest it has seen, in a file outside the database. A database below that mark has lost time.
"""

from __future__ import annotations

import json
import os
import secrets
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import Connection, select, text

from newsletter import delivery
from newsletter.tables import fact

_NAME = "tide"
_FILE = "database.json"
_LEAP = 1_000_000
"""How far an accepted database's level rises: beyond what any machine remembers of the one it replaces."""
_PATIENCE = 3.0
"""Seconds until another process of this machine, which has just begun a database, has put down that it did."""


class Restored(Exception):
    """The database is not the one, or not as new, as this machine remembers. The text says which, and what to do."""


@dataclass(frozen=True, slots=True)
class Mark:
    database: str
    """Random, made with the database."""
    level: int


class Marks:
    """What this machine remembers of the database, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / _FILE

    def advance(self, connection: Connection) -> Mark:
        """Compare, and let the level rise, in the caller's transaction; after it, call `keep`. Raises `Restored`."""
        found, remembered = _read(connection), self.remembered()
        deadline = time.monotonic() + _PATIENCE
        while found.level == 1 and remembered is None and time.monotonic() < deadline:
            time.sleep(0.05)
            remembered = self.remembered()
        if found.level and remembered is None:
            raise Restored(_NEW.format(path=self.path))
        if remembered and (changed := _changed(found, remembered)):
            raise Restored(_RESTORED.format(path=self.path, changed=changed))
        return _write(connection, Mark(found.database, found.level + 1))

    def accept(self, connection: Connection, now: float, *, new_machine: bool) -> tuple[Mark, int]:
        """An operator says that this database is right. All that is not settled is held, for it may have been sent
        since; but not if only the machine is new. Other machines that knew a later state take this one without asking
        again. Returns the mark for `keep`, and how many messages are held.
        """
        found, remembered = _read(connection), self.remembered()
        if new_machine:
            return _write(connection, Mark(found.database, found.level + 1)), 0
        level = max(found.level, remembered.level if remembered else 0) + _LEAP
        if remembered and _changed(found, remembered):  # the workers it knows are those of its own time
            delivery.dismiss_all(connection)
        return _write(connection, Mark(found.database, level)), delivery.hold_open(connection, now)

    def remembered(self) -> Mark | None:
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
            return Mark(str(found["database"]), int(found["level"]))
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    def keep(self, mark: Mark) -> None:
        """Remember, once the transaction is on disk."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_name(f"{_FILE}.{os.getpid()}-{threading.get_ident()}")
        try:
            with beside.open("w", encoding="utf-8") as file:
                json.dump(asdict(mark), file)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self.path)
        finally:
            beside.unlink(missing_ok=True)


def _read(connection: Connection) -> Mark:
    connection.execute(
        text("INSERT INTO fact (name, value) VALUES (:name, :value) ON CONFLICT (name) DO NOTHING"),
        {"name": _NAME, "value": json.dumps({"database": secrets.token_hex(8), "level": 0})},
    )
    value = connection.execute(select(fact.c.value).where(fact.c.name == _NAME).with_for_update()).scalar_one()
    return Mark(**json.loads(value))


def _write(connection: Connection, mark: Mark) -> Mark:
    connection.execute(fact.update().where(fact.c.name == _NAME).values(value=json.dumps(asdict(mark))))
    return mark


def _changed(found: Mark, remembered: Mark) -> str:
    """What has become of the database, as the end of a sentence; "" if it has only gone on."""
    if remembered.database != found.database:
        return "it is another one"
    return "it is older, as if restored from a backup" if remembered.level > found.level else ""


_UNKNOWN = (
    "It may not know which mails have been sent, nor who has left since. If it is right all the same, say so with"
    " `python -m newsletter accept-database`: messages that are not settled are then held until you decide about them."
)
_RESTORED = "The database is not as {path} remembers it: {changed}. " + _UNKNOWN
_NEW = (
    "This machine has not worked with the database before ({path} is missing or damaged). If the machine is new, say so"
    " with `python -m newsletter accept-database --new-machine`. Else the database may have been restored from a"
    f" backup. {_UNKNOWN}"
)
