"""What follows from what comes back, from the mailbox to the subscriber: once, for good, and for nobody else."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select, text, update

from newsletter import cli, database, message_ids
from newsletter.mailboxes import HANDLED, UNCLEAR
from newsletter.tables import delivery, mailing, subscriber
from newsletter.tokens import Tokens

FIXTURES = Path(__file__).parent / "data/reports"
REF = "Zq3fT8mWk1xVb7RcN0yLpA"
"""The subscriber whom the fixtures are about."""
SECRET = "s" * 32

GONE = "postfix-user-unknown.gone.5.1.1.sv"
FULL = "gmail-over-quota.full.5.2.2.sv"


def replacing(old: str, new: str) -> Callable[[bytes], bytes]:
    return lambda data: data.replace(old.encode(), new.encode())


class Desk:
    """An operator's machine: a database with readers, and the mailbox of the return address."""

    def __init__(self, url: str, engine: Engine, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.engine, self.mail, self.capsys = engine, root / "mail", capsys
        for name in ("new", "cur", "tmp"):
            (self.mail / name).mkdir(parents=True)
        self.environment = {
            "NEWSLETTER_DATABASE_URL": url,
            "NEWSLETTER_SMTP_URL": "smtp://127.0.0.1:9",
            "NEWSLETTER_SITE_URL": "https://medverkan.example",
            "NEWSLETTER_BASE_URL": "https://medverkan.example/nyhetsbrev",
            "NEWSLETTER_SECRET": SECRET,
            "NEWSLETTER_FROM": "Medverkan <nyhetsbrev@sundhamn.example>",
            "NEWSLETTER_MAILBOX": f"maildir:{self.mail}",
        }
        self.count = 0
        with database.writing(engine) as connection:
            connection.execute(insert(mailing).values(id="2026-11", hash="h", created=0))
        self.add(REF)
        self.add("another-reader-1234567")

    def add(self, ref: str, standing: str = "active") -> None:
        with database.writing(self.engine) as connection:
            row = insert(subscriber).values(
                ref=ref,
                address=f"{ref}@forening.example",
                address_key=f"{ref}@forening.example",
                standing=standing,
                since=0,
                consent_version="1",
                consent_at=0,
            )
            number = connection.execute(row.returning(subscriber.c.id)).scalar_one()
            connection.execute(insert(delivery).values(mailing="2026-11", subscriber=number, state="accepted"))

    def get(self, *names: str, change: Callable[[bytes], bytes] = bytes) -> None:
        """Fixtures arrive."""
        for name in names:
            self.arrive(change((FIXTURES / f"{name}.eml").read_bytes()))

    def arrive(self, data: bytes) -> None:
        self.count += 1
        (self.mail / "new" / f"{self.count:04}.M1.host").write_bytes(data)

    def run(self, *arguments: str) -> int:
        return cli.main(["bounces", *arguments], self.environment)

    def figures(self, *arguments: str) -> dict[str, int]:
        assert self.run("--json", *arguments) == 0
        return {key: count for key, count in json.loads(self.capsys.readouterr().out).items() if count}

    def standing(self, ref: str = REF) -> tuple[str, str]:
        with database.reading(self.engine) as connection:
            row = connection.execute(select(subscriber.c.standing, subscriber.c.reason).where(subscriber.c.ref == ref))
            return tuple(row.one())

    def soft(self) -> int:
        with database.reading(self.engine) as connection:
            count: int = connection.execute(
                select(subscriber.c.soft_bounces).where(subscriber.c.ref == REF)
            ).scalar_one()
            return count

    def folder(self, name: str) -> int:
        return len(list((self.mail / f".{name}" / "cur").glob("*")))


@pytest.fixture
def desk(database_url: str, engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(database_url, engine, tmp_path, capsys)


def test_a_hard_bounce_suppresses_its_reader_and_nobody_else(desk: Desk) -> None:
    desk.get(GONE)
    assert desk.figures() == {"suppressed": 1}
    assert desk.standing() == ("suppressed", "gone")
    assert desk.standing("another-reader-1234567") == ("active", "")
    assert (desk.folder(HANDLED), desk.folder(UNCLEAR)) == (1, 0)


def test_a_complaint_suppresses_even_with_its_address_blacked_out(desk: Desk) -> None:
    desk.get("complaint-redacted.complaint.none.en")
    assert desk.figures() == {"suppressed": 1}
    assert desk.standing() == ("suppressed", "complaint")


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("postfix-spam.refused.5.7.1.en", {"noted": 1, "refused_with": {"5.7.1": 1}}),
        ("exchange-delayed.delayed.4.4.7.sv", {"ignored": 1}),
        ("reply-exchange.reply.none.sv", {"ignored": 1}),
        ("complaint-not-spam.other.none.en", {"unclear": 1}),
        ("person-asks.other.none.sv", {"unclear": 1}),
    ],
)
def test_what_is_no_fault_of_the_readers_changes_nothing_for_them(desk: Desk, name: str, outcome: object) -> None:
    desk.get(name)
    assert desk.figures() == outcome
    assert desk.standing() == ("active", "")
    assert desk.soft() == 0


def test_the_operator_is_told_what_servers_hold_against_us(desk: Desk) -> None:
    desk.get("postfix-spam.refused.5.7.1.en", "gmail-unauthenticated.refused.5.7.26.en")
    assert desk.run() == 0
    said = desk.capsys.readouterr().out
    assert "2 refused by servers that object to us" in said
    assert "5.7.1, 5.7.26" in said


def test_a_full_mailbox_is_counted_once_a_mailing_and_suppressed_at_the_fourth_in_a_row(desk: Desk) -> None:
    for count, issue in enumerate(("2026-11", "2026-12", "2027-01", "2027-02"), 1):
        with database.writing(desk.engine) as connection:
            if count > 1:
                connection.execute(insert(mailing).values(id=issue, hash="h", created=0))
                copied = "SELECT :issue, subscriber, variant, state FROM delivery WHERE mailing = '2026-11'"
                connection.execute(
                    text(f"INSERT INTO delivery (mailing, subscriber, variant, state) {copied}"), {"issue": issue}
                )
        for _ in range(2):  # a server may report twice
            desk.get(FULL, change=replacing("<2026-11.", f"<{issue}."))
        desk.figures()
        assert desk.soft() == count
        assert desk.standing()[0] == ("suppressed" if count == 4 else "active")


def test_a_full_mailbox_long_ago_is_forgotten(desk: Desk) -> None:
    with database.writing(desk.engine) as connection:
        connection.execute(update(subscriber).values(soft_bounces=3, soft_since=0))
    desk.get(FULL)
    assert desk.figures() == {"counted": 1}
    assert desk.soft() == 1
    assert desk.standing() == ("active", "")


def test_a_wish_to_leave_by_mail_is_granted_and_a_forged_one_is_not(desk: Desk) -> None:
    token = Tokens([SECRET]).make("unsubscribe", REF)
    desk.arrive(
        b"From: x@y.example\nSubject: unsubscribe " + Tokens(["x" * 32]).make("unsubscribe", REF).encode() + b"\n\n"
    )
    desk.arrive(b"From: x@y.example\nSubject: unsubscribe " + Tokens([SECRET]).make("confirm", REF).encode() + b"\n\n")
    assert desk.figures() == {"unclear": 2}
    assert desk.standing()[0] == "active"
    desk.arrive(f"From: x@y.example\nSubject: Unsubscribe {token}\n\n".encode())
    assert desk.figures() == {"left": 1}
    assert desk.standing()[0] == "left"


def test_a_report_without_a_mail_of_ours_is_for_a_person_to_read(desk: Desk) -> None:
    """Anybody can write that a mailbox is gone, and whose address it is."""
    address = f"{REF}@forening.example".encode()
    desk.get(GONE, change=lambda data: data.replace(REF.encode(), b"x").replace(b"kansliet@forening.example", address))
    desk.get(GONE, change=lambda data: data.replace(b"sundhamn.example>", b"other.example>"))
    assert desk.figures() == {"unclear": 2}
    assert desk.standing() == ("active", "")
    assert desk.folder(UNCLEAR) == 2


def test_who_has_left_stays_left_whatever_comes_back(desk: Desk) -> None:
    with database.writing(desk.engine) as connection:
        connection.execute(update(subscriber).values(standing="left"))
    desk.get(GONE, FULL, "complaint-abuse.complaint.none.en")
    desk.figures()
    assert desk.standing() == ("left", "")


def test_what_came_back_stands_beside_the_mail(desk: Desk) -> None:
    desk.get(GONE)
    desk.figures()
    with database.reading(desk.engine) as connection:
        row = select(delivery.c.state, delivery.c.reply).join(subscriber, subscriber.c.id == delivery.c.subscriber)
        assert tuple(connection.execute(row.where(subscriber.c.ref == REF)).one()) == ("accepted", "back: gone 5.1.1")


def test_a_dry_run_does_nothing(desk: Desk) -> None:
    desk.get(GONE, "person-asks.other.none.sv")
    assert desk.figures("--dry-run") == {"suppressed": 1, "unclear": 1}
    assert desk.standing() == ("active", "")
    assert len(list((desk.mail / "new").iterdir())) == 2


def test_a_run_cut_off_between_database_and_mailbox_does_no_harm_when_repeated(desk: Desk) -> None:
    desk.get(FULL)
    (path,) = (desk.mail / "new").iterdir()
    before = path.read_bytes()
    desk.figures()
    desk.arrive(before)  # as if it had not been moved away
    desk.figures()
    assert desk.soft() == 1


def test_many_at_once_need_a_yes(desk: Desk) -> None:
    for _ in range(30):
        ref = secrets.token_urlsafe(16)
        desk.add(ref)
        desk.get(GONE, change=replacing(REF, ref))
    assert desk.run() == 1
    assert "30 of 32 readers would be suppressed at once" in desk.capsys.readouterr().err
    assert len(list((desk.mail / "new").iterdir())) == 30
    assert desk.figures("--many") == {"suppressed": 30}


def test_a_hard_bounce_of_a_letter_suppresses_who_has_not_confirmed(desk: Desk) -> None:
    ref = secrets.token_urlsafe(16)
    desk.add(ref, "pending")
    made = message_ids.make("letters/2026-11-25", ref, "sundhamn.example").encode()
    desk.get(GONE, change=lambda data: data.replace(f"<2026-11.{REF}@sundhamn.example>".encode(), made))
    assert desk.figures() == {"suppressed": 1}
    assert desk.standing(ref) == ("suppressed", "gone")


def test_without_a_mailbox_it_says_which_setting_is_missing(desk: Desk) -> None:
    del desk.environment["NEWSLETTER_MAILBOX"]
    assert desk.run() == 1
    assert desk.capsys.readouterr().err.startswith("NEWSLETTER_MAILBOX: is not set")


def test_a_mailbox_that_cannot_be_opened_is_said_in_a_sentence(desk: Desk) -> None:
    desk.environment["NEWSLETTER_MAILBOX"] = f"maildir:{desk.mail}/nowhere"
    assert desk.run() == 1
    assert "is no Maildir" in desk.capsys.readouterr().err


def test_mail_that_no_parser_takes_is_left_for_a_person_and_stops_nothing(desk: Desk) -> None:
    desk.arrive(b"Subject: =?utf-8?B?a?=\n\n")
    desk.arrive(b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" * 3000)
    desk.get(GONE)
    assert desk.figures() == {"suppressed": 1, "unclear": 2}
