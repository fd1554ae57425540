"""Copying a database into another: whole or not at all, and a mailing goes on in the copy where it was."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select, text

from newsletter import cli, database, delivery
from newsletter.tables import barred, metadata, subscriber, worker
from tests import mailing
from tests.service import dump
from tests.smtp_sink import Session, Sink


@pytest.fixture
def other_url(database_url: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database of the other kind, without tables."""
    if database_url.startswith("postgresql"):
        return f"sqlite:///{tmp_path}/other.db"
    made: str = request.getfixturevalue("cluster").new_database(empty=True)
    return made


@pytest.fixture
def other(other_url: str) -> Engine:
    return database.engine_for(other_url)


@pytest.fixture
def newsletter(tmp_path: Path, database_url: str) -> Callable[..., int]:
    """Gives a command to the newsletter of `database_url`, or of another."""

    def give(*arguments: str, url: str = database_url, smtp: str = "smtp://127.0.0.1:1") -> int:
        return cli.main(arguments, mailing.environment(tmp_path, smtp, url))

    return give


def erase(engine: Engine, number: int) -> None:
    with database.writing(engine) as connection:
        connection.execute(subscriber.delete().where(subscriber.c.address_key == f"reader{number}@example.net"))


def last_id(engine: Engine) -> int:
    with database.reading(engine) as connection:
        found = connection.execute(select(subscriber.c.id).order_by(subscriber.c.id.desc()).limit(1)).scalar_one()
        return int(found)


def test_everything_is_in_the_copy(
    engine: Engine, other: Engine, other_url: str, newsletter: Callable[..., int], tmp_path: Path
) -> None:
    """Every row of every table, letter by letter, both ways between SQLite and PostgreSQL."""
    mailing.subscribe(engine, 2500, choice="nyheter")
    mailing.freeze(engine, mailing.settings(tmp_path), mailing.document())
    with database.writing(engine) as connection:
        connection.execute(insert(barred).values(address_hash="å" * 64, since=1764061200.123456))

    assert newsletter("copy", "--to", other_url) == 0

    with database.reading(engine) as old, database.reading(other) as new:
        assert dump(new) == dump(old)


def test_no_number_is_given_twice(
    engine: Engine, other: Engine, other_url: str, newsletter: Callable[..., int]
) -> None:
    """The next subscriber of the copy does not get the number of one who was erased, for mails are known by it."""
    mailing.subscribe(engine, 3)
    highest = last_id(engine)
    erase(engine, 2)

    assert newsletter("copy", "--to", other_url) == 0

    mailing.subscribe(other, 1, start=3)
    assert last_id(other) == highest + 1


def test_an_empty_database_can_be_copied(other: Engine, other_url: str, newsletter: Callable[..., int]) -> None:
    assert newsletter("copy", "--to", other_url) == 0
    mailing.subscribe(other, 1)
    assert last_id(other) == 1


def test_a_database_that_holds_anything_is_refused(
    engine: Engine, other: Engine, other_url: str, newsletter: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    """Copying twice is copying once, and nobody's subscribers are mixed with others'."""
    mailing.subscribe(engine, 1)
    assert newsletter("copy", "--to", other_url) == 0
    mailing.subscribe(engine, 1, start=1)

    assert newsletter("copy", "--to", other_url) == 1

    assert "not empty: its table subscriber has rows. Nothing was copied." in capsys.readouterr().err
    with database.reading(other) as connection:
        assert connection.execute(text("SELECT count(*) FROM subscriber")).scalar_one() == 1


def test_while_a_worker_runs_nothing_is_copied(
    engine: Engine,
    other: Engine,
    other_url: str,
    newsletter: Callable[..., int],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What it hands over meanwhile would be pending in the copy, and sent again."""
    with Sink() as sink:
        environment = mailing.environment(tmp_path, sink.url, engine.url.render_as_string(hide_password=False))
        process = mailing.start(("work",), environment)
        try:
            mailing.subscribe(engine, 1)
            mailing.freeze(engine, mailing.settings(tmp_path), mailing.document())
            sink.wait_for(1)
            assert newsletter("copy", "--to", other_url) == 1
        finally:
            process.terminate()
            process.join()

    assert re.search(r"[Aa](nother)? worker runs", capsys.readouterr().err)
    with database.reading(other) as connection:
        assert all(connection.execute(select(table)).first() is None for table in metadata.sorted_tables)


def test_a_mailing_goes_on_in_the_copy_without_doubles(
    engine: Engine, other: Engine, other_url: str, newsletter: Callable[..., int], tmp_path: Path
) -> None:
    """Stopped in the middle, copied, and taken up again: everybody has one mail, and no operator has to say that the
    database is right."""

    def end_the_worker(stage: str, session: Session) -> str | None:
        if stage == "message" and session.messages == 20:
            process.terminate()
        return None

    mailing.subscribe(engine, 200)
    with Sink(answer=end_the_worker) as sink:
        url = engine.url.render_as_string(hide_password=False)
        environment = mailing.environment(tmp_path, sink.url, url, NEWSLETTER_RATE="50/s")
        config = mailing.settings(tmp_path, sink.url, url)
        mailing.freeze(engine, config, mailing.document())
        process = mailing.start(("work",), environment)
        process.join()
        begun = len(sink.received)
        assert 0 < begun < 200

        assert newsletter("copy", "--to", other_url) == 0
        assert newsletter("work", "--once", url=other_url, smtp=sink.url) == 0

        assert mailing.states(other) == {"accepted": 200}
        assert (len(sink.received), set(sink.received.values())) == (200, {1})


def test_a_copy_is_refused_once_the_old_database_was_worked_with(
    engine: Engine, other_url: str, newsletter: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever forgets to name the new one, and notices later, sends nothing twice."""
    mailing.subscribe(engine, 1)
    mailing.freeze(engine, mailing.settings(tmp_path), mailing.document())
    with Sink() as sink:
        assert newsletter("copy", "--to", other_url) == 0
        assert newsletter("work", "--once", smtp=sink.url) == 0
        assert newsletter("work", "--once", smtp=sink.url, url=other_url) == 1
    assert "it is older" in capsys.readouterr().err


def test_what_a_killed_worker_had_in_hand_is_found_in_the_copy(
    engine: Engine, other: Engine, other_url: str, newsletter: Callable[..., int], tmp_path: Path
) -> None:
    """Its row stays behind, so the next worker does not wait for it."""
    mailing.subscribe(engine, 1)
    mailing.freeze(engine, mailing.settings(tmp_path), mailing.document())
    with database.writing(engine) as connection:
        connection.execute(insert(worker).values(id="dead", host="here", lease=1.0))
        connection.execute(text("UPDATE delivery SET state = 'sending', worker = 'dead'"))

    assert newsletter("copy", "--to", other_url) == 0

    with database.writing(other) as connection:
        assert delivery.recover(connection, database.now(connection), hold=True) == 1
    assert mailing.states(other) == {"held": 1}


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("nonsense", "--to: is no database address"),
        ("mysql://localhost/x", "--to: mysql is neither sqlite nor postgresql"),
        ("postgresql://nobody@127.0.0.1:1/x", "--to: the database does not answer"),
    ],
)
def test_an_address_that_leads_nowhere_is_said(
    newsletter: Callable[..., int], capsys: pytest.CaptureFixture[str], to: str, said: str
) -> None:
    assert newsletter("copy", "--to", to) == 1
    assert capsys.readouterr().err.startswith(said)


def test_a_database_is_not_copied_to_itself(
    database_url: str, newsletter: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert newsletter("copy", "--to", database_url) == 1
    assert "is the database that NEWSLETTER_DATABASE_URL names" in capsys.readouterr().err
