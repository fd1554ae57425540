"""The states of a message, and who may change them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select, update

from newsletter import database, delivery, subscribers
from newsletter.delivery import Job, Outcome
from newsletter.tables import FINAL, Standing, State, mailing, subscriber
from newsletter.tables import delivery as rows
from tests import mailing as made
from tests.mailing import ISSUE, states

NOW = 1_800_000_000.0


@pytest.fixture
def issue(engine: Engine, tmp_path: Path) -> Engine:
    """An issue that is released to five readers."""
    made.subscribe(engine, 5)
    made.freeze(engine, made.settings(tmp_path), made.document())
    return engine


def claim(engine: Engine, me: str = "a", room: int = 1, now: float = NOW, **options: object) -> tuple[Job, ...]:
    with database.writing(engine) as connection:
        return delivery.claim(connection, me, ISSUE, room, now, **options).jobs  # type: ignore[arg-type]


def settle(engine: Engine, job: Job, state: State, me: str = "a", **more: object) -> None:
    outcome = Outcome(mailing=job.mailing, subscriber=job.subscriber, state=state, **more)  # type: ignore[arg-type]
    with database.writing(engine) as connection:
        delivery.settle(connection, me, [outcome], NOW)


def write(engine: Engine, function: Callable[..., object], *arguments: object, **options: object) -> object:
    with database.writing(engine) as connection:
        return function(connection, *arguments, **options)


def test_a_message_is_sending_from_its_claim_to_its_outcome(issue: Engine) -> None:
    [job] = claim(issue)
    assert states(issue) == {"pending": 4, "sending": 1}
    assert (job.address, job.ref) == ("reader0@example.net", "ref-000000000000")
    settle(issue, job, State.ACCEPTED)
    assert states(issue) == {"pending": 4, "accepted": 1}


def test_a_message_is_given_out_once(issue: Engine) -> None:
    given = [job.subscriber for _ in range(4) for job in claim(issue, room=2)]
    assert len(given) == len(set(given)) == 5


def test_a_deferred_message_waits_until_it_is_due(issue: Engine) -> None:
    [job] = claim(issue)
    settle(issue, job, State.DEFERRED, pause=60.0, tries=1, reply="450 4.2.1")
    assert claim(issue, state=State.DEFERRED, now=NOW + 59) == ()
    [again] = claim(issue, state=State.DEFERRED, now=NOW + 61)
    assert (again.subscriber, again.tries, again.reply) == (job.subscriber, 1, "450 4.2.1")


@pytest.mark.parametrize("standing", [Standing.LEFT, Standing.SUPPRESSED, Standing.PENDING])
def test_who_is_not_active_any_more_gets_nothing(issue: Engine, standing: Standing) -> None:
    gone = subscriber.c.ref == "ref-000000000000"
    write(issue, lambda connection: connection.execute(update(subscriber).where(gone).values(standing=standing)))
    assert "ref-000000000000" not in {job.ref for job in claim(issue, room=5)}
    assert states(issue) == {"sending": 4, "suppressed": 1}


def test_leaving_takes_effect_before_the_next_hand_over(issue: Engine) -> None:
    claim(issue, room=2)
    write(issue, subscribers.leave, "ref-000000000003", NOW)
    assert {job.ref for job in claim(issue, room=5)} == {"ref-000000000002", "ref-000000000004"}


def test_an_erased_reader_leaves_the_sums_as_they_were(issue: Engine) -> None:
    gone = subscriber.c.ref == "ref-000000000001"
    write(issue, lambda connection: connection.execute(subscriber.delete().where(gone)))
    assert len(claim(issue, room=5)) == 4
    assert states(issue) == {"sending": 4, "suppressed": 1}


def test_letters_go_to_whom_they_are_for(engine: Engine) -> None:
    made.subscribe(engine, 1, standing=Standing.ACTIVE)
    made.subscribe(engine, 1, standing=Standing.PENDING, start=1)
    with database.writing(engine) as connection:
        connection.execute(insert(mailing).values(id="letters/2026-11-25", created=NOW))
        ids = connection.execute(select(subscriber.c.id).order_by(subscriber.c.id)).scalars().all()
        for number, variants in enumerate((("confirm/sv", "known/en"), ("known/sv", "confirm/en"))):
            connection.execute(insert(mailing).values(id=f"letters/2026-11-2{number}", created=NOW))
            for who, variant in zip(ids, variants, strict=True):
                values = {"mailing": f"letters/2026-11-2{number}", "subscriber": who, "variant": variant}
                connection.execute(insert(rows).values(values))
        given = [
            job.variant
            for name in ("letters/2026-11-20", "letters/2026-11-21")
            for job in delivery.claim(connection, "a", name, 9, NOW).jobs
        ]
    assert given == ["known/sv", "confirm/en"]


def test_letters_come_before_issues(issue: Engine) -> None:
    with database.writing(issue) as connection:
        connection.execute(insert(mailing).values(id="letters/2030-01-01", created=NOW + 9))
        connection.execute(insert(rows).values(mailing="letters/2030-01-01", subscriber=1, variant="known/sv"))
        assert delivery.open_mailings(connection, NOW) == ["letters/2030-01-01", ISSUE]


def test_what_a_vanished_worker_had_in_hand_is_sent_again(issue: Engine) -> None:
    write(issue, delivery.beat, "a", "host", NOW, 60.0)
    [job] = claim(issue, "a")
    assert write(issue, delivery.recover, NOW + 59, hold=False) == 0
    assert write(issue, delivery.recover, NOW + 61, hold=False) == 1
    assert claim(issue, "b") == (job,)


def test_or_held_until_an_operator_decides(issue: Engine) -> None:
    write(issue, delivery.beat, "a", "host", NOW, 60.0)
    claim(issue, "a", room=2)
    write(issue, delivery.recover, NOW + 61, hold=True)
    assert states(issue) == {"pending": 3, "held": 2}
    assert {job.ref for job in claim(issue, "b", room=9)} == {f"ref-00000000000{n}" for n in (2, 3, 4)}
    assert write(issue, delivery.release_held, ISSUE, State.PENDING, NOW) == 2
    assert len(claim(issue, "b", room=9)) == 2


def test_a_worker_that_others_took_for_gone_learns_of_it(issue: Engine) -> None:
    assert write(issue, delivery.beat, "a", "host", NOW, 60.0) is False
    assert write(issue, delivery.beat, "a", "host", NOW + 30, 60.0) is True
    write(issue, delivery.recover, NOW + 91, hold=False)
    assert write(issue, delivery.beat, "a", "host", NOW + 92, 60.0) is False


def test_it_cannot_settle_what_another_began_anew(issue: Engine) -> None:
    write(issue, delivery.beat, "a", "host", NOW, 60.0)
    [job] = claim(issue, "a")
    write(issue, delivery.recover, NOW + 61, hold=False)
    [again] = claim(issue, "b")
    settle(issue, job, State.FAILED, me="a")
    assert states(issue) == {"pending": 4, "sending": 1}
    settle(issue, again, State.ACCEPTED, me="b")
    settle(issue, job, State.FAILED, me="a")
    assert states(issue) == {"pending": 4, "accepted": 1}


def test_but_what_nobody_began_anew_it_can(issue: Engine) -> None:
    write(issue, delivery.beat, "a", "host", NOW, 60.0)
    [job] = claim(issue, "a")
    write(issue, delivery.recover, NOW + 61, hold=True)
    settle(issue, job, State.ACCEPTED, me="a")
    assert states(issue) == {"pending": 4, "accepted": 1}


def test_a_message_it_still_has_in_hand_is_not_given_to_it_again(issue: Engine) -> None:
    [job] = claim(issue, "a")
    write(issue, delivery.recover, NOW, hold=False)
    assert job.subscriber not in {each.subscriber for each in claim(issue, "a", room=9, but=[job.subscriber])}


def test_what_a_worker_does_not_know_it_claimed_is_pending_again(issue: Engine) -> None:
    known, unknown = claim(issue, "a", room=2)
    claim(issue, "b")
    write(issue, delivery.put_back, "a", {(known.mailing, known.subscriber)}, NOW)
    assert states(issue) == {"sending": 2, "pending": 3}
    assert unknown in claim(issue, "b", room=9)


def test_nothing_more_is_given_out_of_a_stopped_mailing(issue: Engine) -> None:
    claim(issue)
    write(issue, delivery.stop, [ISSUE], "message 554 5.7.1")
    write(issue, delivery.stop, [ISSUE], "relay 535")
    assert claim(issue, room=9) == ()
    with database.reading(issue) as connection:
        assert connection.execute(select(mailing.c.stopped)).scalar_one() == "message 554 5.7.1"
        assert delivery.needs_operator(connection)
        assert not delivery.unsettled(connection)
    assert write(issue, delivery.resume) == [ISSUE]
    assert len(claim(issue, room=9)) == 4


def test_states_add_up_to_the_audience(issue: Engine) -> None:
    for state in FINAL:
        [job] = claim(issue)
        settle(issue, job, state)
    with database.reading(issue) as connection:
        figures = delivery.figures(connection, ISSUE)
    assert sum(figures.values()) == 5
    assert set(figures) == set(State)
