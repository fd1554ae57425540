"""What follows from what comes back: hard bounces and complaints suppress, soft ones are counted, wishes are granted.

A delivery report or complaint is believed only if it returns the Message-ID of a mail of ours: see `reports`. Taking
the same report twice has the effect of taking it once, so a run may be cut off anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, text

from newsletter import message_ids, subscribers
from newsletter.reports import Kind, Report
from newsletter.tokens import BadToken, Tokens

SOFT_LIMIT = 4
"""How many mailings in a row may find a mailbox full or away before it counts as gone."""
FORGET_AFTER = 100 * 86_400.0
"""Seconds without a soft bounce after which the count begins anew: three issues and a month off."""


class Outcome(StrEnum):
    """What was done about a message."""

    SUPPRESSED = "suppressed"
    LEFT = "left"
    COUNTED = "counted"
    NOTED = "noted"
    """A server objects to us. Nothing follows for the reader; the operator has something to look into."""
    IGNORED = "ignored"
    UNCLEAR = "unclear"
    """For a person to read: nothing of ours in it, or no report at all."""


@dataclass(frozen=True, slots=True)
class About:
    """Which mail a report is about."""

    mailing: str
    ref: str


def about(report: Report, tokens: Tokens, domain: str) -> About | None:
    """Whom a report is about, if it proves it: by a Message-ID of ours, or a wish to leave by its token."""
    if report.kind is Kind.LEAVE:
        try:
            return About("", tokens.read("unsubscribe", report.token))
        except BadToken:
            return None
    found = message_ids.find(report.text, domain)
    return About(*found) if found else None


def would(report: Report, mail: About | None) -> Outcome:
    """What `take` does with a report, as far as the report tells."""
    if report.kind in (Kind.REPLY, Kind.DELAYED):
        return Outcome.IGNORED
    if report.kind is Kind.OTHER or mail is None:
        return Outcome.UNCLEAR
    return {
        Kind.GONE: Outcome.SUPPRESSED,
        Kind.COMPLAINT: Outcome.SUPPRESSED,
        Kind.LEAVE: Outcome.LEFT,
        Kind.FULL: Outcome.COUNTED,
        Kind.REFUSED: Outcome.NOTED,
    }[report.kind]


def take(connection: Connection, report: Report, mail: About | None, now: float) -> Outcome:
    """Do what follows from a report. In the caller's transaction."""
    outcome = would(report, mail)
    if mail is None or outcome in (Outcome.IGNORED, Outcome.UNCLEAR):
        return outcome
    if outcome is Outcome.LEFT:
        subscribers.leave(connection, mail.ref, now)
    elif outcome is Outcome.SUPPRESSED:
        subscribers.suppress(connection, mail.ref, report.kind.value, now)
    elif outcome is Outcome.COUNTED and not _is_noted(connection, mail):
        _count(connection, mail.ref, now)
    if mail.mailing:
        _note(connection, mail, report)
    return outcome


def _is_noted(connection: Connection, mail: About) -> bool:
    statement = text(f"SELECT reply FROM delivery WHERE {_DELIVERY} AND reply LIKE 'back: %'")
    return connection.execute(statement, {"mailing": mail.mailing, "ref": mail.ref}).first() is not None


def _note(connection: Connection, mail: About, report: Report) -> None:
    """Beside the mail stands what came back of it: "back: gone 5.1.1"."""
    connection.execute(
        text(f"UPDATE delivery SET reply = :reply WHERE {_DELIVERY}"),
        {"mailing": mail.mailing, "ref": mail.ref, "reply": f"back: {report.kind} {report.status}".rstrip()},
    )


_DELIVERY = "mailing = :mailing AND subscriber = (SELECT id FROM subscriber WHERE ref = :ref)"


def _count(connection: Connection, ref: str, now: float) -> None:
    """One more mailing that found the mailbox full or away."""
    times = connection.execute(
        text("""
            UPDATE subscriber SET
                soft_bounces = CASE WHEN soft_since < :long_ago THEN 1 ELSE soft_bounces + 1 END, soft_since = :now
            WHERE ref = :ref AND standing = 'active' RETURNING soft_bounces
            """),
        {"ref": ref, "now": now, "long_ago": now - FORGET_AFTER},
    ).scalar()
    if times is not None and times >= SOFT_LIMIT:
        subscribers.suppress(connection, ref, Kind.FULL.value, now)
