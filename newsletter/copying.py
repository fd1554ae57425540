"""Copies a database into an empty one, of the same kind or the other: from SQLite to PostgreSQL, say.

The mark of `newsletter.tide` goes along, so the machine knows the copy as the database it has worked with; should the
old one be worked with after all, the copy is the one that has lost time, and is refused.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine, Table, func, insert, select, text

from newsletter import database
from newsletter.tables import delivery, metadata, subscriber, worker

MANY = 1000
"""Rows that are read and written at once."""
_TABLES = tuple(table for table in metadata.sorted_tables if table is not worker)
"""Workers stay behind: none is alive, and what a dead one had in hand is found because it is not there."""


class NotCopied(Exception):
    """Nothing was copied. The text says why."""


def copy(source: Engine, target: Engine) -> dict[str, int]:
    """Copy everything in one transaction; whoever writes to the source meanwhile waits. Gives the rows by table.

    Both have their tables already. Raises `NotCopied` if the target holds anything, or a worker is alive.
    """
    with database.writing(target) as new:
        for table in _TABLES:
            if new.execute(select(table).limit(1)).first() is not None:
                raise NotCopied(f"the database to copy to is not empty: its table {table.name} has rows")
        with database.writing(source) as old:
            if old.dialect.name == "postgresql":
                old.execute(text(f"LOCK TABLE {', '.join(metadata.tables)} IN SHARE MODE"))
            lease = old.execute(select(func.max(worker.c.lease))).scalar_one()
            if old.dialect.name == "postgresql" and lease and (left := lease - database.now(old)) > 0:
                raise NotCopied(
                    f"a worker runs: stop it first; one that was killed is known to be gone in {left:.0f} seconds"
                )
            rows = {table.name: _copy_table(old, new, table) for table in _TABLES}
            _go_on_numbering(new, _last_number(old))
    return rows


def _copy_table(old: Connection, new: Connection, table: Table) -> int:
    count = 0
    found = old.execution_options(yield_per=MANY).execute(select(table)).mappings()
    for some in found.partitions():
        new.execute(insert(table), [dict(row) for row in some])
        count += len(some)
    return count


def _last_number(connection: Connection) -> int:
    """The highest number that a subscriber ever had, also an erased one: it must never be somebody else's."""
    if connection.dialect.name == "postgresql":
        name = connection.execute(text("SELECT pg_get_serial_sequence('subscriber', 'id')")).scalar_one()
        given = connection.execute(text(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {name}"))
    else:
        given = connection.execute(text("SELECT max(seq) FROM sqlite_sequence WHERE name = 'subscriber'"))
    there = connection.execute(select(func.max(subscriber.c.id))).scalar()
    mailed = connection.execute(select(func.max(delivery.c.subscriber))).scalar()
    return max(given.scalar() or 0, there or 0, mailed or 0)


def _go_on_numbering(connection: Connection, last: int) -> None:
    if connection.dialect.name == "postgresql":
        statement = "SELECT setval(pg_get_serial_sequence('subscriber', 'id'), :next, false)"
        connection.execute(text(statement), {"next": last + 1})
    else:
        connection.execute(text("DELETE FROM sqlite_sequence WHERE name = 'subscriber'"))
        connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES ('subscriber', :last)"), {"last": last})
