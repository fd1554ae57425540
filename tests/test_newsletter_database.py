"""The newsletter's database: its tables come from its steps, a writer waits for its turn, a process can be killed."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, insert, select, text

from newsletter import database
from newsletter.tables import counter, fact, metadata


def test_the_steps_give_the_tables_that_the_code_expects(engine: Engine) -> None:
    with database.reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"target_metadata": metadata, "compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_bringing_up_to_date_again_changes_nothing(engine: Engine) -> None:
    with database.writing(engine) as connection:
        connection.execute(insert(fact).values(name="kept", value="yes"))
    database.upgrade(engine)
    with database.reading(engine) as connection:
        assert connection.execute(select(fact.c.value)).scalar_one() == "yes"


def test_several_processes_bring_it_up_to_date_at_once(empty_database_url: str) -> None:
    code = "import sys; from newsletter import database; database.connect(sys.argv[1])"
    processes = [subprocess.Popen([sys.executable, "-c", code, empty_database_url]) for _ in range(4)]
    assert [process.wait() for process in processes] == [0, 0, 0, 0]


def test_an_exception_undoes_what_was_written(engine: Engine) -> None:
    try:
        with database.writing(engine) as connection:
            connection.execute(insert(fact).values(name="half", value="done"))
            raise LookupError
    except LookupError:
        pass
    with database.reading(engine) as connection:
        assert connection.execute(select(fact)).all() == []


def test_writers_wait_for_each_other_and_lose_nothing(engine: Engine) -> None:
    with database.writing(engine) as connection:
        connection.execute(insert(counter).values(key="k", period=0, count=0))

    def add() -> None:
        for _ in range(25):
            with database.writing(engine) as connection:
                row = select(counter.c.count).where(counter.c.key == "k").with_for_update()
                seen = connection.execute(row).scalar_one()
                connection.execute(counter.update().values(count=seen + 1))

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading(engine) as connection:
        assert connection.execute(select(counter.c.count)).scalar_one() == 100


def test_a_reader_does_not_wait_for_a_writer(engine: Engine) -> None:
    with database.writing(engine) as writer:
        writer.execute(insert(fact).values(name="unseen", value=""))
        with database.reading(engine) as reader:
            assert reader.execute(select(fact)).all() == []


def test_the_clock_is_the_databases(engine: Engine) -> None:
    with database.reading(engine) as connection:
        assert abs(database.now(connection) - time.time()) < 60  # one machine: the same clock


def test_sqlite_puts_a_commit_on_disk_before_it_returns(tmp_path: Path) -> None:
    engine = database.connect(f"sqlite:///{tmp_path}/a folder/newsletter.db")
    with database.reading(engine) as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar_one() == 2  # FULL
    engine.dispose()
