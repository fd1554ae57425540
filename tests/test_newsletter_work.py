"""The worker, with a real database and a relay on a socket: whatever happens, everybody ends in the right state."""

from __future__ import annotations

import asyncio
import math
import random
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from newsletter import addresses, cli, database, delivery, outcomes, pace, subscribers, tables, work
from newsletter.config import Config, read
from newsletter.tables import fact, mailing, subscriber
from newsletter.tokens import Tokens
from newsletter.work import Worker
from tests import mailing as made
from tests import postgres
from tests.mailing import ISSUE, states
from tests.smtp_sink import HANG_UP, Session, Sink

CONNECTIONS = 4


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses are short."""
    monkeypatch.setattr(outcomes, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(outcomes, "LONGEST_PAUSE", 0.1)
    monkeypatch.setattr(work, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(work, "LONGEST_PAUSE", 0.1)
    monkeypatch.setattr(work, "LOOK", 0.05)


def release(engine: Engine, folder: Path, readers: int) -> None:
    made.subscribe(engine, readers)
    made.freeze(engine, made.settings(folder), made.document())


def send(engine: Engine, config: Config) -> bool:
    return asyncio.run(Worker(config, engine, once=True, chance=random.Random(1)).run())


def standings(engine: Engine) -> dict[str, int]:
    with database.reading(engine) as connection:
        found = connection.execute(select(subscriber.c.standing)).scalars().all()
    return {standing: found.count(standing) for standing in set(found)}


def write_letters(engine: Engine, count: int) -> str:
    """So many people sign up; returns the mailing of their letters."""
    with database.writing(engine) as connection:
        now = database.now(connection)
        for number in range(count):
            mailbox = addresses.parse(f"new{number}@example.net")
            subscribers.sign_up(connection, Tokens(["s" * 32]), mailbox, choice="", version="1", lang="sv", now=now)
    return subscribers.letters_of(now)


def stopped(engine: Engine, name: str = ISSUE) -> str:
    with database.reading(engine) as connection:
        return str(connection.execute(select(mailing.c.stopped).where(mailing.c.id == name)).scalar_one())


def resume(engine: Engine) -> None:
    with database.writing(engine) as connection:
        delivery.resume(connection)


def every(number: int, stage: str, reply: str) -> Callable[[str, Session], str | None]:
    """A relay that gives this reply every so manieth time."""
    count = 0

    def answer(at: str, _: Session) -> str | None:
        nonlocal count
        count += at == stage
        return reply if at == stage and count % number == 0 else None

    return answer


def test_everybody_gets_one_message_of_their_choice(engine: Engine, tmp_path: Path) -> None:
    made.subscribe(engine, 10)
    made.subscribe(engine, 5, choice="pa-gang", start=10)
    made.subscribe(engine, 3, choice="kalender", start=15)
    made.freeze(engine, made.settings(tmp_path), made.document())
    with Sink(keep=True) as sink:
        assert send(engine, made.settings(tmp_path, sink.url))
    assert states(engine) == {"accepted": 15, "suppressed": 3}
    assert set(sink.recipients) == {f"reader{n}@example.net" for n in range(15)}
    assert set(sink.received.values()) == {1}
    bodies = dict(sink.messages)
    assert b"nyheter" in bodies["reader3@example.net"]
    assert b"nyheter" not in bodies["reader12@example.net"]
    assert b"pa-gang" in bodies["reader12@example.net"]
    assert sink.sessions <= CONNECTIONS


# -- The relay's moods -------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(every(5, "rcpt", "450 4.2.1 not now"), id="refuses a fifth for now"),
        pytest.param(every(7, "message", "451 4.3.0 not now"), id="refuses some after the message"),
        pytest.param(every(9, "mail", "421 4.7.0 enough for now"), id="hangs up now and then"),
        pytest.param(every(9, "data", "421 4.7.0 enough for now"), id="hangs up before the message"),
        pytest.param(every(6, "rcpt", HANG_UP), id="loses connections"),
        pytest.param(every(2, "connect", "421 4.3.2 too many"), id="lets only half in"),
        pytest.param(every(3, "ehlo", HANG_UP), id="loses greetings"),
    ],
)
def test_what_passes_costs_nobody_their_mail(
    engine: Engine, tmp_path: Path, answer: Callable[[str, Session], str | None]
) -> None:
    release(engine, tmp_path, 60)
    with Sink(answer) as sink:
        assert send(engine, made.settings(tmp_path, sink.url))
    assert states(engine) == {"accepted": 60}
    assert len(sink.received) == 60
    assert set(sink.received.values()) == {1}


@pytest.mark.usefixtures("hurried")
def test_a_connection_lost_after_the_message_sends_it_again_under_the_same_name(engine: Engine, tmp_path: Path) -> None:
    release(engine, tmp_path, 30)
    unlucky = {f"reader{number}@example.net" for number in (3, 14, 15)}

    def answer(stage: str, session: Session) -> str | None:
        if stage == "message" and session.recipient in unlucky:
            unlucky.remove(session.recipient)
            return HANG_UP
        return None

    with Sink(answer) as sink:
        assert send(engine, made.settings(tmp_path, sink.url))
    assert states(engine) == {"accepted": 30}
    assert len(sink.received) == 30
    assert sum(sink.received.values()) == 33


@pytest.mark.usefixtures("hurried")
def test_a_message_that_the_relay_never_answers_is_held_after_the_second_time(engine: Engine, tmp_path: Path) -> None:
    release(engine, tmp_path, 5)

    def answer(stage: str, session: Session) -> str | None:
        return HANG_UP if stage == "message" and session.recipient == "reader3@example.net" else None

    with Sink(answer) as sink:
        assert not send(engine, made.settings(tmp_path, sink.url))
    assert states(engine) == {"accepted": 4, "held": 1}
    assert sink.recipients["reader3@example.net"] == outcomes.UNCERTAIN == 2
    assert len(sink.received) == 5


@pytest.mark.usefixtures("hurried")
def test_or_holds_it(engine: Engine, tmp_path: Path) -> None:
    release(engine, tmp_path, 30)
    with Sink(every(10, "message", HANG_UP)) as sink:
        assert not send(engine, made.settings(tmp_path, sink.url, NEWSLETTER_HOLD_UNCERTAIN="yes"))
    assert states(engine) == {"accepted": 27, "held": 3}
    assert set(sink.received.values()) == {1}


@pytest.mark.usefixtures("hurried")
def test_a_recipient_at_whom_the_relay_always_hangs_up_is_given_up_in_the_end(engine: Engine, tmp_path: Path) -> None:
    release(engine, tmp_path, 5)

    def answer(stage: str, session: Session) -> str | None:
        return HANG_UP if stage == "rcpt" and session.recipient == "reader3@example.net" else None

    async def run(sink: Sink) -> bool:
        return await asyncio.wait_for(Worker(made.settings(tmp_path, sink.url), engine, once=True).run(), 120)

    with Sink(answer) as sink:
        assert asyncio.run(run(sink))
    assert states(engine) == {"accepted": 4, "failed": 1}
    assert standings(engine) == {"active": 5}


@pytest.mark.usefixtures("hurried")
def test_a_relay_that_is_away_costs_nobody_a_try(engine: Engine, tmp_path: Path) -> None:
    release(engine, tmp_path, 20)
    with Sink() as first:
        port = first.port

    async def come_back() -> bool:
        worker = Worker(made.settings(tmp_path, f"smtp://127.0.0.1:{port}"), engine, once=True)
        running = asyncio.create_task(worker.run())
        while not worker.ledger.trouble:  # noqa: ASYNC110 -- a field, not an event
            await asyncio.sleep(0.01)
        assert states(engine) == {"pending": 20}
        with Sink(port=port):
            return await running

    assert asyncio.run(come_back())
    assert states(engine) == {"accepted": 20}
    with database.reading(engine) as connection:
        assert set(connection.execute(select(tables.delivery.c.tries)).scalars()) == {0}


@pytest.mark.usefixtures("hurried")
def test_a_rejected_log_in_stops_everything_and_keeps_everybody(engine: Engine, tmp_path: Path) -> None:
    release(engine, tmp_path, 20)
    refuse = ["535 5.7.8 no such user reader1@example.net"]
    with Sink(lambda stage, _: refuse[0] if stage == "auth" and refuse else None, ("AUTH PLAIN",)) as sink:
        config = made.settings(tmp_path, f"smtp://user:wrong@127.0.0.1:{sink.port}")
        assert not send(engine, config)
        assert stopped(engine) == "relay 535 5.7.8"
        assert states(engine) == {"pending": 20}
        assert standings(engine) == {"active": 20}
        refuse.clear()
        resume(engine)
        assert send(engine, config)
    assert states(engine) == {"accepted": 20}


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize(
    ("stage", "reply", "kept"),
    [
        ("message", "554 5.7.1 spam from reader1@example.net", "message 554 5.7.1"),
        ("message", "552 5.3.4 too big", "message 552 5.3.4"),
        ("mail", "553 5.1.8 sender unknown", "message 553 5.1.8"),
        ("rcpt", "554 5.7.1 relay access denied", "message 554 5.7.1"),
        ("rcpt", "550 relay not permitted", "message 550"),
    ],
)
def test_an_objection_to_us_stops_the_issue_and_keeps_everybody(
    engine: Engine, tmp_path: Path, stage: str, reply: str, kept: str
) -> None:
    release(engine, tmp_path, 30)
    with Sink(lambda at, _: reply if at == stage else None) as sink:
        assert not send(engine, made.settings(tmp_path, sink.url))
    assert stopped(engine) == kept
    assert standings(engine) == {"active": 30}
    assert set(states(engine)) <= {"pending", "deferred"}
    assert sum(sink.received.values()) == 0
    resume(engine)
    with Sink() as sink:
        assert send(engine, made.settings(tmp_path, sink.url))
    assert states(engine) == {"accepted": 30}


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize(
    ("stage", "reply", "kept"),
    [
        ("mail", "530 5.7.0 log in first", "message 530 5.7.0"),
        ("mail", "553 5.1.8 sender unknown", "message 553 5.1.8"),
        ("mail", "554 no", "message 554"),
        ("message", "554 5.7.1 spam", "refusals 554 5.7.1"),
        ("rcpt", "554 5.7.1 relay access denied", "refusals 554 5.7.1"),
    ],
)
def test_an_objection_to_us_costs_nobody_their_letter(
    engine: Engine, tmp_path: Path, stage: str, reply: str, kept: str
) -> None:
    name = write_letters(engine, outcomes.IN_A_ROW + 5)
    with Sink(lambda at, _: reply if at == stage else None) as sink:
        config = made.settings(tmp_path, sink.url)
        assert not send(engine, config)
        assert stopped(engine, name) == kept
        assert "failed" not in states(engine, name)
    resume(engine)
    with Sink() as sink:
        assert send(engine, made.settings(tmp_path, sink.url))
    assert states(engine, name) == {"accepted": outcomes.IN_A_ROW + 5}


@pytest.mark.usefixtures("hurried")
def test_letters_to_addresses_that_do_not_exist_stop_nothing(engine: Engine, tmp_path: Path) -> None:
    name = write_letters(engine, outcomes.IN_A_ROW + 5)
    with Sink(lambda stage, _: "550 5.1.1 unknown" if stage == "rcpt" else None) as sink:
        assert send(engine, made.settings(tmp_path, sink.url))
    assert states(engine, name) == {"failed": outcomes.IN_A_ROW + 5}


@pytest.mark.usefixtures("hurried")
def test_the_last_of_an_issue_who_are_really_gone_do_not_stop_it_for_ever(engine: Engine, tmp_path: Path) -> None:
    release(engine, tmp_path, outcomes.IN_A_ROW + 5)
    gone = {f"reader{number}@example.net" for number in range(5, outcomes.IN_A_ROW + 5)}

    def answer(stage: str, session: Session) -> str | None:
        return "550 5.1.1 unknown" if stage == "rcpt" and session.recipient in gone else None

    async def run(sink: Sink) -> None:
        config = made.settings(tmp_path, sink.url, NEWSLETTER_CONNECTIONS="1")  # in the order of their numbers
        worker = Worker(config, engine)  # the same one before and after
        running = asyncio.create_task(worker.run())
        while not stopped(engine):  # noqa: ASYNC110 -- a row, not an event
            await asyncio.sleep(0.01)
        resume(engine)
        while not stopped(engine) and not set(states(engine)) <= {"accepted", "failed"}:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        worker.stop()
        await running

    with Sink(answer) as sink:
        asyncio.run(asyncio.wait_for(run(sink), 120))
    assert states(engine) == {"accepted": 5, "failed": outcomes.IN_A_ROW}
    assert standings(engine) == {"active": outcomes.IN_A_ROW + 5}  # for nothing was accepted after it was in doubt


@pytest.mark.usefixtures("hurried")
def test_an_objection_to_one_message_alone_is_believed_when_it_comes_again(engine: Engine, tmp_path: Path) -> None:
    release(engine, tmp_path, 10)

    def answer(stage: str, session: Session) -> str | None:
        return "554 5.7.1 not this" if stage == "message" and session.recipient == "reader4@example.net" else None

    with Sink(answer) as sink:
        config = made.settings(tmp_path, sink.url)
        assert not send(engine, config)
        resume(engine)
        assert send(engine, config)
    assert states(engine) == {"accepted": 9, "failed": 1}
    assert standings(engine) == {"active": 10}


@pytest.mark.usefixtures("hurried")
def test_a_mailbox_that_is_gone_is_struck_off_and_a_full_one_is_not(engine: Engine, tmp_path: Path) -> None:
    release(engine, tmp_path, 12)
    replies = {"reader3@example.net": "550 5.1.1 unknown", "reader5@example.net": "552 5.2.2 full"}
    with Sink(lambda stage, session: replies.get(session.recipient) if stage == "rcpt" else None) as sink:
        assert send(engine, made.settings(tmp_path, sink.url))
    assert states(engine) == {"accepted": 10, "failed": 2}
    assert standings(engine) == {"active": 11, "suppressed": 1}


@pytest.mark.usefixtures("hurried")
def test_a_relay_to_which_everybody_is_unknown_strikes_nobody_off(engine: Engine, tmp_path: Path) -> None:
    release(engine, tmp_path, 40)
    with Sink(lambda stage, _: "550 5.1.1 unknown" if stage == "rcpt" else None) as sink:
        assert not send(engine, made.settings(tmp_path, sink.url))
    assert stopped(engine) == "refusals 550 5.1.1"
    assert standings(engine) == {"active": 40}
    resume(engine)
    with Sink() as sink:
        assert send(engine, made.settings(tmp_path, sink.url))
    assert states(engine) == {"accepted": 40}


@pytest.mark.usefixtures("hurried")
def test_who_is_never_wanted_is_given_up_in_the_end(engine: Engine, tmp_path: Path) -> None:
    release(engine, tmp_path, 3)

    def answer(stage: str, session: Session) -> str | None:
        return "450 4.2.1 not now" if stage == "rcpt" and session.recipient == "reader1@example.net" else None

    with Sink(answer) as sink:
        assert send(engine, made.settings(tmp_path, sink.url))
    assert states(engine) == {"accepted": 2, "failed": 1}
    assert standings(engine) == {"active": 3}


@pytest.mark.parametrize(("extensions", "state"), [(("SMTPUTF8", "8BITMIME"), "accepted"), ((), "failed")])
def test_an_international_address_needs_a_relay_that_takes_it(
    engine: Engine, tmp_path: Path, extensions: tuple[str, ...], state: str
) -> None:
    made.subscribe(engine, 1)
    with database.writing(engine) as connection:
        connection.execute(subscriber.update().values(address="läsare@smörgås.example"))
    made.freeze(engine, made.settings(tmp_path), made.document())
    with Sink(extensions=extensions) as sink:
        assert send(engine, made.settings(tmp_path, sink.url))
    assert states(engine) == {state: 1}
    assert set(sink.recipients) == ({"läsare@xn--smrgs-pra0j.example"} if state == "accepted" else set())
    with database.reading(engine) as connection:
        said = connection.execute(select(fact.c.value).where(fact.c.name == "relay.smtputf8")).scalar_one()
    assert said == ("yes" if extensions else "no")


# -- People and operators in between -----------------------------------------------------------------------------------


def test_who_leaves_in_the_middle_of_a_send_gets_nothing_more(engine: Engine, tmp_path: Path) -> None:
    release(engine, tmp_path, 60)
    left: list[int] = []

    def answer(stage: str, session: Session) -> str | None:
        if stage == "message" and not left and sum(sink.received.values()) >= 10:
            left.append(sum(sink.received.values()))
            with database.writing(engine) as connection:
                for number in range(60):
                    subscribers.leave(connection, f"ref-{number:012d}", 1.0)
        return None

    with Sink(answer) as sink:
        assert send(engine, made.settings(tmp_path, sink.url))
    # What was on its way when they left arrives: one message for each connection.
    assert left[0] <= sum(sink.received.values()) <= left[0] + CONNECTIONS
    found = states(engine)
    assert found["accepted"] == sum(sink.received.values())
    assert found["suppressed"] == 60 - found["accepted"]


def test_an_operator_stops_an_issue_in_the_middle(engine: Engine, tmp_path: Path) -> None:
    release(engine, tmp_path, 60)

    def answer(stage: str, session: Session) -> str | None:
        if stage == "message" and sum(sink.received.values()) == 10:
            with database.writing(engine) as connection:
                delivery.stop(connection, [ISSUE], "operator")
        return None

    with Sink(answer) as sink:
        assert not send(engine, made.settings(tmp_path, sink.url))
    assert 10 < states(engine)["accepted"] <= 11 + CONNECTIONS
    assert set(states(engine)) == {"accepted", "pending"}


def test_a_terminated_worker_finishes_what_is_on_its_way(engine: Engine, database_url: str, tmp_path: Path) -> None:
    release(engine, tmp_path, 300)
    with Sink() as sink:
        worker = made.start(["work"], made.environment(tmp_path, sink.url, database_url))
        sink.wait_for(20)
        assert worker.pid
        worker.terminate()
        worker.join(30)
    assert worker.exitcode == 0
    assert set(states(engine)) <= {"accepted", "pending"}
    assert states(engine)["accepted"] == sum(sink.received.values())


@pytest.mark.usefixtures("hurried")
def test_a_slow_rate_does_not_hold_up_the_end(engine: Engine, tmp_path: Path) -> None:
    release(engine, tmp_path, 3)

    async def run(sink: Sink) -> None:
        worker = Worker(made.settings(tmp_path, sink.url, NEWSLETTER_RATE="1/h"), engine)
        running = asyncio.create_task(worker.run())
        while not sink.received:  # noqa: ASYNC110 -- another thread's
            await asyncio.sleep(0.01)
        worker.stop()
        await asyncio.wait_for(running, 120)

    with Sink() as sink:
        asyncio.run(run(sink))
    assert states(engine) == {"accepted": 1, "pending": 2}


@pytest.mark.usefixtures("hurried")
def test_what_goes_wrong_in_the_middle_brings_the_worker_to_an_orderly_end(engine: Engine, tmp_path: Path) -> None:
    release(engine, tmp_path, 60)
    state = tmp_path / "state"

    def answer(stage: str, session: Session) -> str | None:
        if stage == "message" and sum(sink.received.values()) == 10 and state.is_dir():
            state.rename(tmp_path / "elsewhere")
            state.write_text("a file where a folder was")
        return None

    with Sink(answer) as sink:
        worker = Worker(made.settings(tmp_path, sink.url), engine, lease=2.0)
        with pytest.raises(NotADirectoryError):
            asyncio.run(worker.run())
    assert set(states(engine)) <= {"accepted", "pending"}
    assert states(engine)["accepted"] == sum(sink.received.values())


# -- Killed ------------------------------------------------------------------------------------------------------------


def run_to_the_end(environment: dict[str, str]) -> int | None:
    worker = made.start(["work", "--once", "--lease", "1"], environment)
    worker.join(300)
    return worker.exitcode


def test_a_kill_at_any_moment_loses_nobody_and_doubles_at_most_what_was_in_flight(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    readers, kills, chance = 300, 12, random.Random(3)
    release(engine, tmp_path, readers)
    with Sink() as sink:
        environment = made.environment(tmp_path, sink.url, database_url)
        for killed in range(1, kills + 1):
            worker = made.start(["work", "--once", "--lease", "1"], environment)
            sink.wait_for(sum(sink.received.values()) + chance.randrange(1, readers // kills))
            worker.kill()
            worker.join()
            assert sum(sink.received.values()) - len(sink.received) <= CONNECTIONS * killed
        assert run_to_the_end(environment) == 0
    assert len(sink.received) == readers
    assert sum(sink.received.values()) - readers <= CONNECTIONS * kills
    assert states(engine) == {"accepted": readers}


@pytest.mark.parametrize(
    ("die", "hold"),
    [
        ("before transaction 4", False),
        ("after claim 4", False),
        ("after settle 4", False),
        ("after transaction 4", False),
        ("before hand_over 4", False),
        ("after hand_over 4", False),
        ("after transaction 4", True),
        ("after hand_over 4", True),
    ],
)
def test_a_kill_at_a_change_of_state(engine: Engine, database_url: str, tmp_path: Path, die: str, hold: bool) -> None:
    release(engine, tmp_path, 24)
    with Sink() as sink:
        environment = made.environment(tmp_path, sink.url, database_url, NEWSLETTER_HOLD_UNCERTAIN=str(hold))
        worker = made.start(["work", "--once"], environment, die=die)
        worker.join(60)
        assert worker.exitcode == -signal.SIGKILL
        assert states(engine).get("sending", 0) <= CONNECTIONS
        with database.writing(engine) as connection:
            held = delivery.recover(connection, math.inf, hold=hold) if hold else 0
            delivery.recover(connection, math.inf, hold=hold)
        assert send(engine, read(environment)) is (held == 0)
    assert states(engine) == {"accepted": 24 - held} | ({"held": held} if held else {})
    if hold:
        assert set(sink.received.values()) == {1}
    else:
        assert len(sink.received) == 24
        assert sum(sink.received.values()) <= 24 + CONNECTIONS


def test_four_workers_with_clocks_minutes_apart_double_nothing(cluster: postgres.Cluster, tmp_path: Path) -> None:
    url = cluster.new_database()
    engine = database.connect(url)
    release(engine, tmp_path, 400)
    with Sink() as sink:
        workers = [
            made.start(
                ["work", "--once"],  # the clocks differ by more than a lease
                made.environment(tmp_path, sink.url, url, NEWSLETTER_STATE=str(tmp_path / "state")),
                skew=skew,
            )
            for skew in (-300.0, -100.0, 100.0, 300.0)
        ]
        for worker in workers:
            worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0, 0]
    assert states(engine) == {"accepted": 400}
    assert len(sink.received) == 400
    assert set(sink.received.values()) == {1}
    engine.dispose()


def test_on_sqlite_a_second_worker_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    engine = database.connect(f"sqlite:///{tmp_path}/newsletter.db")
    release(engine, tmp_path, 50)
    with Sink() as sink:
        environment = made.environment(tmp_path, sink.url)
        first = made.start(["work"], environment)
        sink.wait_for(1)
        assert cli.main(["work"], environment) == 1
        first.kill()
        first.join()
    assert "Another worker runs" in capsys.readouterr().err
    engine.dispose()


# -- The rate ----------------------------------------------------------------------------------------------------------


def test_the_rate_holds_over_workers_and_restarts(engine: Engine) -> None:
    with database.writing(engine) as connection:
        starts = [now + pace.reserve(connection, 5, 10.0, now) for now in (100.0, 100.0, 100.2, 100.9, 103.0)]
    # Five sends take half a second, whoever took them; nothing is saved up while nobody sends.
    assert starts == pytest.approx([100.0, 100.5, 101.0, 101.5, 103.0])


def test_a_clock_that_was_once_wrong_does_not_stop_sending(engine: Engine) -> None:
    with database.writing(engine) as connection:
        pace.reserve(connection, 5, 10.0, 90_000.0)
        assert pace.reserve(connection, 5, 10.0, 100.0) == 0.0
