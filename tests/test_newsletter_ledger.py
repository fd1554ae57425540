"""The worker's book, and whom it belongs to: leases, databases that go away, and what it costs to look."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event, insert, select, text

from newsletter import database, delivery, mails, message_ids, relay, tide
from newsletter.answers import Answer, Verdict
from newsletter.config import Relay
from newsletter.delivery import Job
from newsletter.ledger import Ledger
from newsletter.outcomes import Judge
from newsletter.tables import State, mailing
from newsletter.tables import delivery as rows
from newsletter.tokens import Tokens
from tests import mailing as made
from tests.mailing import ISSUE, states
from tests.postgres import Cluster
from tests.smtp_sink import Session, Sink

LEASE = 60.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The database's clock, to be set."""
    times = [time.time()]
    monkeypatch.setattr(database, "now", lambda _: times[0])
    return times


@pytest.fixture
def issue(engine: Engine, tmp_path: Path) -> Engine:
    """An issue that is released to five readers."""
    release(engine, tmp_path)
    return engine


@pytest.fixture
def on_server(cluster: Cluster) -> Iterator[Engine]:
    """A database whose connections can break, and that counts what it reads: PostgreSQL's."""
    engine = database.engine_for(cluster.new_database())
    yield engine
    engine.dispose()


def release(engine: Engine, folder: Path) -> None:
    made.subscribe(engine, 5)
    made.freeze(engine, made.settings(folder), made.document())


def book(engine: Engine, folder: Path, me: str, *, hold: bool = False) -> Ledger:
    return Ledger(engine=engine, me=me, host="host", lease=LEASE, hold=hold, marks=tide.Marks(folder / "state"))


async def claim(ledger: Ledger) -> Job:
    await ledger.look()
    job = await ledger.exchange(None, want=True)
    assert job
    return job


async def live_through(ledgers: list[Ledger], clock: list[float], seconds: float) -> list[int]:
    """Beat as often as a worker does; returns what each took over."""
    found = [0] * len(ledgers)
    for _ in range(int(seconds / (LEASE / 4))):
        clock[0] += LEASE / 4
        for number, ledger in enumerate(ledgers):
            found[number] += await ledger.beat()
    return found


# -- Whose a message is ------------------------------------------------------------------------------------------------


def test_a_worker_that_vanishes_is_followed_by_another(issue: Engine, tmp_path: Path, clock: list[float]) -> None:
    async def run() -> None:
        gone, other = book(issue, tmp_path, "a"), book(issue, tmp_path, "b")
        await gone.beat()
        await claim(gone)
        assert await other.beat() == 0
        assert await live_through([other], clock, 2 * LEASE) == [1]
        assert states(issue) == {"pending": 5}

    asyncio.run(run())


def test_after_the_database_was_away_everybody_has_a_lease_to_write_down_what_they_know(
    issue: Engine, tmp_path: Path, clock: list[float]
) -> None:
    """Else the first to come back would send again what others had sent and could not note."""

    async def run() -> None:
        one, two = book(issue, tmp_path, "a"), book(issue, tmp_path, "b")
        await one.beat()
        await two.beat()
        await live_through([one, two], clock, 2 * LEASE)
        job = await claim(one)
        clock[0] += 10 * LEASE
        assert await two.beat() == 0
        assert await two.beat() == 0
        await one.exchange(Judge(hold=False).rule(job, Answer(Verdict.ACCEPTED, "250")), want=False)
        assert await one.beat() == 0
        assert states(issue) == {"pending": 4, "accepted": 1}

    asyncio.run(run())


def test_a_worker_that_has_just_come_calls_nobody_gone(issue: Engine, tmp_path: Path, clock: list[float]) -> None:
    """It may have been started because the database is back."""

    async def run() -> None:
        one = book(issue, tmp_path, "a")
        await one.beat()
        await claim(one)
        clock[0] += 10 * LEASE
        assert await book(issue, tmp_path, "b").beat() == 0
        assert states(issue) == {"pending": 4, "sending": 1}

    asyncio.run(run())


def test_a_worker_that_cannot_know_whether_it_was_taken_for_gone_hands_over_nothing_it_claimed_before(
    on_server: Engine, tmp_path: Path, clock: list[float]
) -> None:
    """The first try makes it known again, and its answer is lost: the second finds it known."""
    release(on_server, tmp_path)

    async def run() -> None:
        one, two = book(on_server, tmp_path, "a"), book(on_server, tmp_path, "b")
        await one.beat()
        job = await claim(one)
        assert one.may_hand_over(job)
        await two.beat()
        await live_through([two], clock, 2 * LEASE)
        lose_the_next_answer(on_server)
        await one.beat()
        assert not one.may_hand_over(job)

    asyncio.run(run())


def lose_the_next_answer(engine: Engine) -> None:
    """The next commit happens, and the connection breaks before we hear of it."""

    def lose(connection: Connection) -> None:
        event.remove(engine, "commit", lose)
        driver = connection.connection.dbapi_connection
        assert driver
        driver.commit()
        connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")

    event.listen(engine, "commit", lose)


def test_what_a_worker_does_not_know_it_claimed_keeps_what_was_known_of_it(issue: Engine) -> None:
    with database.writing(issue) as connection:
        connection.execute(rows.update().values(tries=7, reply="450 4.2.1"))
        [job] = delivery.claim(connection, "a", ISSUE, 1, 1.0).jobs
        delivery.put_back(connection, "a", (), 2.0)
        assert delivery.claim(connection, "a", ISSUE, 1, 1.0).jobs == (job,)


def test_taking_over_all_notes_when(issue: Engine, tmp_path: Path, clock: list[float]) -> None:
    async def run() -> None:
        await claim(book(issue, tmp_path, "a"))
        assert await book(issue, tmp_path, "b").take_over_all() == 1

    asyncio.run(run())
    with database.reading(issue) as connection:
        assert connection.execute(select(rows.c.changed).order_by(rows.c.changed.desc())).scalars().first() == clock[0]


def test_whether_a_message_may_go_is_asked_when_the_relay_wants_it() -> None:
    """Until then minutes may pass, and the lease may run out."""
    asked: list[str] = []

    def answer(stage: str, _: Session) -> str | None:
        asked.append(stage)
        return None

    async def run(sink: Sink) -> Answer:
        connection = relay.Connection(Relay(host="127.0.0.1", port=sink.port), "magasinet.example")
        await connection.open()
        return await connection.hand_over("a@b.example", "c@d.example", b"Subject: x\r\n\r\ny\r\n", lambda: False)

    with Sink(answer) as sink:
        assert asyncio.run(run(sink)).verdict is Verdict.AWAY
    assert "data" in asked
    assert not sink.received


def test_a_full_disk_does_not_hold_up_what_goes_out(
    issue: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> None:
        ledger = book(issue, tmp_path, "a")
        await ledger.beat()
        (
            tmp_path / "state" / f"database.json.{os.getpid()}-{threading.get_ident()}"
        ).mkdir()  # nothing can be written there
        await ledger.beat()
        assert ledger.may_hand_over(await claim(ledger))

    asyncio.run(run())
    assert "database.json" in caplog.text


def test_a_template_can_be_used_though_it_is_kept_no_longer(
    issue: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mails, "_MOST", 1)
    post = mails.Mails(made.settings(tmp_path), Tokens(["s" * 32]))
    with database.writing(issue) as connection:
        jobs = delivery.claim(connection, "a", ISSUE, 2, 1.0).jobs
        one, two = jobs[0], replace(jobs[1], variant="pa-gang")
        post.keep(one, post.prepare(connection, one))
        template = post.prepared(one)
        post.keep(two, post.prepare(connection, two))
    assert template
    assert post.prepared(one) is None
    assert post.prepared(two)
    assert one.address.encode() in post.render(one, 0.0, template)


def test_letters_of_both_kinds_on_one_day_have_names_of_their_own(engine: Engine, tmp_path: Path) -> None:
    """Mail programs show one name once; and a delivery report about either is about that day's letters."""
    post = mails.Mails(made.settings(tmp_path), Tokens(["s" * 32]))
    job = Job(
        mailing="letters/2026-11-25",
        subscriber=1,
        ref="ref-000000000001",
        address="a@b.example",
        choice="",
        variant="known/sv",
        tries=0,
        uncertain=0,
        reply="",
    )
    found = set()
    with database.reading(engine) as connection:
        for each in (job, replace(job, variant="confirm/sv")):
            message = post.render(each, 0.0, post.prepare(connection, each)).decode()
            found.add(next(line for line in message.splitlines() if line.startswith("Message-ID")))
            assert message_ids.find(message, "magasinet.example") == (job.mailing, job.ref)
    assert len(found) == 2


# -- What it costs -----------------------------------------------------------------------------------------------------


def test_no_look_that_workers_take_reads_all_rows(on_server: Engine) -> None:
    """Else each second of a large mailing would go by in looking."""
    engine = on_server
    with database.writing(engine) as connection:
        for name in ("2026-09", "2026-10", "letters/2026-11-25"):
            connection.execute(insert(mailing).values(id=name, created=1.0))
            connection.execute(
                text("""
                    INSERT INTO delivery (mailing, subscriber, state)
                    SELECT :name, n, :state FROM generate_series(1, 20000) AS n
                    """),
                {"name": name, "state": State.ACCEPTED if name == "2026-09" else State.PENDING},
            )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE delivery"))
    with database.writing(engine) as connection:
        connection.execute(text("UPDATE delivery SET state = 'accepted' WHERE mailing <> '2026-09'"))
    for look in (
        lambda c: delivery.open_mailings(c, 2.0),
        delivery.busy,
        delivery.unsettled,
        delivery.needs_operator,
        lambda c: delivery.recover(c, 2.0, hold=False),
        lambda c: delivery.put_back(c, "me", (), 2.0),
    ):
        with database.writing(engine) as connection:
            read = text("SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = 'delivery'")
            before = connection.execute(read).scalar_one()  # of transactions a moment ago, which are not counted yet
            look(connection)
            assert connection.execute(read).scalar_one() == before
