"""What can happen to a subscriber: signing up, confirming, choosing, leaving, being suppressed, erased, forgotten."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, select, text
from sqlalchemy.exc import DBAPIError

from newsletter import addresses, database, subscribers
from newsletter.addresses import BadAddress
from newsletter.tables import Standing, barred, delivery, mailing, subscriber
from newsletter.tokens import Tokens
from tests.service import dump

TOKENS = Tokens(["k" * 32])
DAY = 86_400.0
NOW = 20_000 * DAY + 3600
WEEK = 7 * DAY


def sign_up(connection: Connection, address: str = "a@x.example", **more: Any) -> None:
    values: dict[str, Any] = {"choice": "", "version": "2026-11", "lang": "sv", "now": NOW} | more
    subscribers.sign_up(connection, TOKENS, addresses.parse(address), **values)


def row(connection: Connection, address: str = "a@x.example") -> Any:
    key = addresses.parse(address).key
    return connection.execute(select(subscriber).where(subscriber.c.address_key == key)).one_or_none()


def ref(connection: Connection, address: str = "a@x.example") -> str:
    return str(row(connection, address).ref)


def letters(connection: Connection) -> list[tuple[str, str, str]]:
    return [
        (line.mailing, line.variant, line.state)
        for line in connection.execute(select(delivery).where(delivery.c.mailing.like("letters/%")))
    ]


def make(connection: Connection, standing: str, address: str = "a@x.example") -> str:
    """A subscriber who came to a standing in the usual way, two days ago. Gives the ref."""
    then = NOW - 2 * DAY
    sign_up(connection, address, now=then)
    made = ref(connection, address)
    if standing != "pending":
        subscribers.confirm(connection, made, then)
    if standing == "left":
        subscribers.leave(connection, made, then)
    if standing == "suppressed":
        subscribers.suppress(connection, made, "bounced", then)
    connection.execute(delivery.delete())
    return made


@pytest.fixture
def connection(engine: Engine) -> Any:
    with database.writing(engine) as connection:
        yield connection


def test_a_sign_up_waits_for_its_confirmation_and_sends_one_letter(connection: Connection) -> None:
    sign_up(connection, choice="kultur nyheter")
    found = row(connection)
    assert (found.standing, found.choice, found.consent_version, found.consent_at) == (
        "pending",
        "kultur nyheter",
        "2026-11",
        None,
    )
    assert letters(connection) == [("letters/2024-10-04", "confirm/sv", "pending")]


def test_confirming_records_when_and_can_be_repeated(connection: Connection) -> None:
    sign_up(connection)
    assert subscribers.confirm(connection, ref(connection), NOW + 60)
    assert subscribers.confirm(connection, ref(connection), NOW + 90)
    found = row(connection)
    assert (found.standing, found.since, found.consent_at) == ("active", NOW + 60, NOW + 60)


def test_who_is_active_gets_a_letter_with_what_they_have_and_nothing_changes(connection: Connection) -> None:
    make(connection, "active")
    before = row(connection)
    sign_up(connection, "A@X.example", choice="kultur", version="another", lang="en")
    assert row(connection) == before
    assert [variant for _, variant, _ in letters(connection)] == ["known/en"]


@pytest.mark.parametrize("standing", ["pending", "active", "left", "suppressed"])
def test_an_address_gets_one_letter_a_day(connection: Connection, standing: str) -> None:
    make(connection, standing)
    sign_up(connection)
    connection.execute(delivery.update().values(state="accepted"))
    for minute in range(5):
        sign_up(connection, now=NOW + minute)
    assert [state for _, _, state in letters(connection)] == ["accepted"]
    sign_up(connection, now=NOW + DAY)
    assert len(letters(connection)) == 2


@pytest.mark.parametrize("standing", ["left", "suppressed"])
def test_who_left_or_was_suppressed_can_come_back_by_confirming_anew(connection: Connection, standing: str) -> None:
    made = make(connection, standing)
    sign_up(connection, choice="kultur", version="newer")
    pending = row(connection)
    assert (pending.ref, pending.standing) == (made, "pending")
    assert subscribers.confirm(connection, made, NOW)
    back = row(connection)
    assert (back.standing, back.choice, back.consent_version, back.consent_at) == ("active", "kultur", "newer", NOW)
    assert (back.reason, back.before) == ("", "")


@pytest.mark.parametrize("standing", ["left", "suppressed"])
def test_an_old_letter_does_not_bring_back_who_left(connection: Connection, standing: str) -> None:
    made = make(connection, standing)
    assert not subscribers.confirm(connection, made, NOW)
    assert row(connection).standing == standing


def test_unconfirmed_sign_ups_vanish(connection: Connection) -> None:
    sign_up(connection, "new@x.example", now=NOW)
    sign_up(connection, "old@x.example", now=NOW - WEEK - 1)
    make(connection, "active", "active@x.example")
    assert subscribers.sweep(connection, NOW, WEEK) == 1
    assert row(connection, "old@x.example") is None
    assert row(connection, "new@x.example") is not None
    assert row(connection, "active@x.example").standing == "active"


@pytest.mark.parametrize("standing", ["left", "suppressed"])
def test_an_unconfirmed_sign_up_leaves_who_had_left_where_they_were(connection: Connection, standing: str) -> None:
    """Otherwise an import could bring them back."""
    make(connection, standing)
    sign_up(connection)
    sign_up(connection, now=NOW + DAY)
    assert subscribers.sweep(connection, NOW + DAY + WEEK + 1, WEEK) == 1
    assert (row(connection).standing, row(connection).before) == (standing, "")


@pytest.mark.parametrize("standing", ["left", "suppressed"])
def test_typing_an_address_changes_nothing_of_what_its_owner_agreed_to(connection: Connection, standing: str) -> None:
    make(connection, standing)
    agreed = row(connection)
    sign_up(connection, version="newer")
    pending = row(connection)
    subscribers.sweep(connection, NOW + WEEK + 1, WEEK)
    back = row(connection)
    for found in (pending, back):
        assert (found.consent_version, found.consent_at) == (agreed.consent_version, agreed.consent_at)
    assert agreed.consent_at is not None
    assert (back.since, back.asked_version) == (NOW + WEEK + 1, "")


def test_who_was_told_what_they_have_and_comes_back_on_the_same_day_confirms_once(connection: Connection) -> None:
    made = make(connection, "active")
    sign_up(connection)
    connection.execute(delivery.update().values(state="accepted"))
    subscribers.leave(connection, made, NOW)
    sign_up(connection)
    assert [found[1:] for found in letters(connection)] == [("confirm/sv", "pending")]
    connection.execute(delivery.update().values(state="accepted"))
    sign_up(connection)
    assert [found[1:] for found in letters(connection)] == [("confirm/sv", "accepted")]


def test_who_tries_again_after_the_relay_refused_their_letter_gets_another(connection: Connection) -> None:
    sign_up(connection)
    connection.execute(delivery.update().values(state="failed", tries=3, reply="554 5.7.1"))
    sign_up(connection)
    found = connection.execute(select(delivery)).one()
    assert (found.state, found.tries, found.reply) == ("pending", 0, "")


def test_leaving_calls_back_what_is_not_sent_and_only_that(connection: Connection) -> None:
    made, other = make(connection, "active"), make(connection, "active", "b@x.example")
    ids = {found.ref: found.id for found in connection.execute(select(subscriber))}
    states = ["pending", "deferred", "sending", "held", "accepted", "failed"]
    for number, state in enumerate(states):
        connection.execute(mailing.insert().values(id=f"2026-0{number}", created=NOW))
        for subscriber_ref in (made, other):
            values = {"mailing": f"2026-0{number}", "subscriber": ids[subscriber_ref], "state": state}
            connection.execute(delivery.insert().values(values))
    assert subscribers.leave(connection, made, NOW)
    in_order = select(delivery.c.state).order_by(delivery.c.mailing)
    called_back = connection.execute(in_order.where(delivery.c.subscriber == ids[made])).scalars().all()
    assert called_back == ["suppressed", "suppressed", *states[2:]]
    untouched = connection.execute(in_order.where(delivery.c.subscriber == ids[other])).scalars().all()
    assert untouched == states


def test_leaving_twice_is_leaving_once(connection: Connection) -> None:
    made = make(connection, "active")
    assert subscribers.leave(connection, made, NOW)
    before = row(connection)
    assert not subscribers.leave(connection, made, NOW + 60)
    assert row(connection) == before
    assert not subscribers.leave(connection, "nobody", NOW)


def test_who_leaves_before_the_letter_went_out_and_signs_up_again_gets_it(connection: Connection) -> None:
    made = make(connection, "active")
    sign_up(connection)
    subscribers.leave(connection, made, NOW)
    assert [state for _, _, state in letters(connection)] == ["suppressed"]
    sign_up(connection)
    assert [(variant, state) for _, variant, state in letters(connection)] == [("confirm/sv", "pending")]


def test_suppressing_tells_why_and_does_not_move_who_left(connection: Connection) -> None:
    made, left = make(connection, "active"), make(connection, "left", "b@x.example")
    assert subscribers.suppress(connection, made, "complained", NOW)
    assert not subscribers.suppress(connection, made, "bounced", NOW + 1)
    assert not subscribers.suppress(connection, left, "bounced", NOW)
    assert (row(connection).standing, row(connection).reason) == ("suppressed", "complained")


def test_only_active_subscribers_choose(connection: Connection) -> None:
    made = make(connection, "active")
    assert subscribers.choose(connection, made, "kultur")
    assert row(connection).choice == "kultur"
    subscribers.leave(connection, made, NOW)
    assert not subscribers.choose(connection, made, "nyheter")
    assert row(connection).choice == "kultur"


def test_erasing_leaves_no_trace_of_the_address(connection: Connection) -> None:
    make(connection, "active", "Somebody@X.example")
    sign_up(connection, "somebody@x.example")
    assert subscribers.erase(connection, TOKENS, addresses.parse("SOMEBODY@x.example"), bar=True, now=NOW)
    assert not subscribers.erase(connection, TOKENS, addresses.parse("somebody@x.example"), bar=True, now=NOW)
    assert "somebody" not in dump(connection).lower()
    assert [state for _, _, state in letters(connection)] == ["suppressed"]


def test_a_barred_address_gets_no_mail_also_after_a_change_of_keys(connection: Connection) -> None:
    subscribers.erase(connection, TOKENS, addresses.parse("a@x.example"), bar=True, now=NOW)
    rotated = Tokens(["n" * 32, "k" * 32])
    values: dict[str, Any] = {"choice": "", "version": "1", "lang": "sv", "now": NOW}
    subscribers.sign_up(connection, rotated, addresses.parse("A@x.example"), **values)
    assert row(connection) is None
    assert letters(connection) == []
    assert len(connection.execute(select(barred)).all()) == 1


def test_who_is_erased_and_not_barred_can_sign_up_again(connection: Connection) -> None:
    make(connection, "left")
    subscribers.erase(connection, TOKENS, addresses.parse("a@x.example"), bar=False, now=NOW)
    sign_up(connection)
    assert row(connection).standing == "pending"


def test_the_same_statements_run_whoever_signs_up(engine: Engine) -> None:
    """Nobody learns by a clock who subscribes."""
    with database.writing(engine) as connection:
        for standing in ("pending", "active", "left", "suppressed"):
            make(connection, standing, f"{standing}@x.example")
        subscribers.erase(connection, TOKENS, addresses.parse("barred@x.example"), bar=True, now=NOW)
    seen: dict[str, list[str]] = {}
    for who in ("absent", "pending", "active", "left", "suppressed", "barred"):
        statements: list[str] = []

        def note(*arguments: Any, statements: list[str] = statements) -> None:
            statements.append(arguments[2])

        event.listen(engine, "before_cursor_execute", note)
        with database.writing(engine) as connection:
            sign_up(connection, f"{who}@x.example")
        event.remove(engine, "before_cursor_execute", note)
        seen[who] = statements
    assert len(seen["absent"]) >= 3
    assert all(statements == seen["absent"] for statements in seen.values())


def test_letters_are_forgotten_after_a_month_unless_they_wait(connection: Connection) -> None:
    for address in ("sent@x.example", "waits@x.example"):
        sign_up(connection, address, now=NOW - 40 * DAY)
    sign_up(connection, "later@x.example", now=NOW)
    sent = delivery.c.subscriber == row(connection, "sent@x.example").id
    connection.execute(delivery.update().where(sent).values(state="accepted"))
    subscribers.sweep_letters(connection, NOW)
    assert len(letters(connection)) == 2
    connection.execute(delivery.update().values(state="accepted"))
    subscribers.sweep_letters(connection, NOW)
    assert connection.execute(select(mailing.c.id)).scalars().all() == [subscribers.letters_of(NOW)]


def test_at_once_a_subscriber_ends_in_one_standing_and_with_one_letter(engine: Engine) -> None:
    with database.writing(engine) as connection:
        sign_up(connection)
        made = ref(connection)
    verbs: list[Callable[[Connection], object]] = [
        sign_up,
        lambda connection: subscribers.confirm(connection, made, NOW),
        lambda connection: subscribers.leave(connection, made, NOW),
        lambda connection: subscribers.choose(connection, made, "kultur"),
    ]
    failures: list[Exception] = []
    start = threading.Barrier(8)

    def run(verb: Callable[[Connection], object]) -> None:
        start.wait()
        try:
            for _ in range(10):
                with database.writing(engine) as connection:
                    verb(connection)
        except Exception as error:  # noqa: BLE001  # any of them is a failure of the test
            failures.append(error)

    threads = [threading.Thread(target=run, args=[verb]) for verb in verbs * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with database.reading(engine) as connection:
        assert len(connection.execute(select(subscriber)).all()) == 1
        assert len(letters(connection)) == 1
        assert row(connection).standing in list(Standing)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("  a@x.example\n", "a@x.example"),
        ("Anna.Åkerö@RÄKSMÖRGÅS.example", "Anna.Åkerö@xn--rksmrgs-5wao1o.example"),
        ("用户@例子.广告", "用户@xn--fsqu00a.xn--4rr70v"),
        ("o'hara+list@x.example", "o'hara+list@x.example"),
    ],
)
def test_addresses_of_all_the_world_are_taken(text: str, address: str) -> None:
    assert addresses.parse(text).address == address
    assert addresses.parse(text).international == (not address.isascii())


@pytest.mark.parametrize("same", ["ANNA.ÅKERÖ@Räksmörgås.EXAMPLE", "anna.a\u030akero\u0308@xn--rksmrgs-5wao1o.example"])
def test_spellings_of_one_mailbox_are_one(same: str) -> None:
    assert addresses.parse(same).key == addresses.parse("Anna.Åkerö@räksmörgås.example").key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a@",
        "@x.example",
        "a@x",
        "a@x.example, b@x.example",
        "a@x.example\r\nBcc: b@x.example",
        "A <a@x.example>",
        "a b@x.example",
        '"a b"@x.example',
        "a@[127.0.0.1]",
        "a@x.example\0",
        "a@x..example",
        "a\u202e@x.example",
        "a" * 65 + "@x.example",
        "a@" + "x" * 1_000_000,
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(BadAddress) as error:
        addresses.parse(text)
    assert str(error.value) == ""


def test_an_error_of_the_database_repeats_no_address(engine: Engine) -> None:
    with pytest.raises(DBAPIError) as error, database.reading(engine) as connection:
        connection.execute(text("SELECT * FROM missing WHERE a = :a"), {"a": "secret@x.example"})
    assert "secret" not in str(error.value)
