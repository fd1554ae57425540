"""The database: SQLite for one machine, PostgreSQL for several; the same statements on both.

Every transaction that writes begins by `writing`, every other by `reading`. On SQLite a writer takes its lock at the
beginning (no deadlock in the middle) and a commit is on disk when it returns.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, func, select, text
from sqlalchemy.engine import make_url

BUSY_SECONDS = 30
"""How long a writer waits for another on SQLite."""
_IMPATIENT = {  # libpq: seconds (milliseconds the last) until a database that has vanished counts as away
    "connect_timeout": 10,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
_MIGRATION_LOCK = 0x6D656476  # "medv": only one process changes the tables


def connect(url: str) -> Engine:
    """An engine for a database address, with its tables brought up to date."""
    engine = engine_for(url)
    upgrade(engine)
    return engine


def engine_for(url: str) -> Engine:
    """An engine as `connect` gives it, without a look at the tables. No error repeats what was asked for: addresses."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True, hide_parameters=True, connect_args=_IMPATIENT)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, connect_args={"timeout": BUSY_SECONDS}, hide_parameters=True)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that may change something; committed at the end, undone by an exception."""
    with engine.connect() as connection:
        connection = connection.execution_options(writing=True)
        with connection.begin():
            yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only looks: on SQLite it neither waits for a writer nor holds one up."""
    with engine.connect() as connection, connection.begin():
        yield connection


def now(connection: Connection) -> float:
    """The database's clock in seconds since 1970 (UTC): workers on several machines need not agree on the time."""
    if connection.dialect.name == "postgresql":
        return float(connection.execute(select(func.extract("epoch", func.clock_timestamp()))).scalar_one())
    return time.time()


def upgrade(engine: Engine) -> None:
    """Bring the tables up to date. Safe to call from several processes at once."""
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        command.upgrade(alembic_config(connection), "head")


def is_current(connection: Connection) -> bool:
    """Whether the tables are those that this code expects."""
    head = ScriptDirectory.from_config(alembic_config(connection)).get_current_head()
    return MigrationContext.configure(connection).get_current_revision() == head


def alembic_config(connection: Connection) -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def forget(engine: Engine) -> None:
    """What has been deleted leaves SQLite's log too; PostgreSQL sees to it by itself."""
    if engine.dialect.name == "sqlite":
        with closing(engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver begins no transactions of its own: `_begin_sqlite` does
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
