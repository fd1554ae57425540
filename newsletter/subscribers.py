"""What can happen to a subscriber. Each verb is one step in the caller's transaction, and safe to repeat.

    absent ──sign_up──▶ pending ──confirm──▶ active ──leave──▶ left ──sign_up──▶ pending …
                           │                    └──suppress──▶ suppressed ──sign_up──▶ pending …
                           └──sweep──▶ what it was before: absent, left or suppressed

Nobody is told by an answer whether an address is known: `sign_up` runs the same statements whoever it is. What differs
is the letter, which only the mailbox's owner reads.
"""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, text

from newsletter.addresses import Mailbox
from newsletter.tables import Standing
from newsletter.tokens import Tokens

LETTERS = "letters/"
"""A mailing of letters is named by this and a day: its deliveries are unique, so nobody gets two a day."""
KEPT_LETTERS = 30 * 86_400.0
"""How long is remembered that a letter was sent, in seconds: delivery reports come within days."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Subscriber:
    """What a link's page may show: never the address."""

    ref: str
    choice: str
    standing: Standing


def letters_of(now: float) -> str:
    """The mailing of a day's letters: letters/2026-11-25"""
    return f"{LETTERS}{dt.datetime.fromtimestamp(now, dt.UTC):%Y-%m-%d}"


def find(connection: Connection, ref: str) -> Subscriber | None:
    row = connection.execute(
        text("SELECT ref, choice, standing FROM subscriber WHERE ref = :ref"), {"ref": ref}
    ).one_or_none()
    return Subscriber(ref=row.ref, choice=row.choice, standing=Standing(row.standing)) if row else None


_SIGN_UP = text("""
    INSERT INTO subscriber (ref, address, address_key, choice, standing, since, consent_version)
    SELECT :ref, :address, :key, :choice, 'pending', :now, :version
    WHERE NOT EXISTS (SELECT 1 FROM barred WHERE address_hash IN :hashes)
    ON CONFLICT (address_key) DO UPDATE SET
        address = excluded.address, choice = excluded.choice, since = excluded.since,
        asked_version = excluded.consent_version, standing = 'pending',
        before = CASE WHEN subscriber.standing = 'pending' THEN subscriber.before ELSE subscriber.standing END
    WHERE subscriber.standing <> 'active'
    """).bindparams(bindparam("hashes", expanding=True))

_DAY_OF_LETTERS = text("INSERT INTO mailing (id, created) VALUES (:mailing, :now) ON CONFLICT (id) DO NOTHING")

# One that was suppressed or failed was never sent: who left and comes back on the same day gets it after all, and so
# does who tries again when the relay has been mended. And who was told that they subscribe, left, and comes back on the
# same day, has to confirm once.
_LETTER = text("""
    INSERT INTO delivery (mailing, subscriber, variant, state, changed)
    SELECT :mailing, id, CASE WHEN standing = 'active' THEN :known ELSE :confirm END, 'pending', :now
    FROM subscriber WHERE address_key = :key
    ON CONFLICT (mailing, subscriber) DO UPDATE SET
        variant = excluded.variant, state = 'pending', due = 0, tries = 0, uncertain = 0, reply = '',
        changed = excluded.changed
    WHERE delivery.state IN ('suppressed', 'failed')
        OR (delivery.state = 'accepted' AND delivery.variant LIKE 'known/%' AND excluded.variant LIKE 'confirm/%')
    """)


def sign_up(
    connection: Connection, tokens: Tokens, mailbox: Mailbox, *, choice: str, version: str, lang: str, now: float
) -> None:
    """Somebody typed an address: its owner gets a letter, to confirm or, if active, to change what they have.

    `version` names the text that was agreed to. Who is active stays as they are; a barred address gets nothing. An
    earlier consent stays on record until the mailbox's owner gives the new one: anybody may have typed the address.
    """
    sign_up = {"ref": secrets.token_urlsafe(16), "address": mailbox.address, "key": mailbox.key, "choice": choice}
    connection.execute(_SIGN_UP, sign_up | {"now": now, "version": version, "hashes": tokens.hashes(mailbox.key)})
    mailing = letters_of(now)
    connection.execute(_DAY_OF_LETTERS, {"mailing": mailing, "now": now})
    letter = {"mailing": mailing, "key": mailbox.key, "now": now}
    connection.execute(_LETTER, letter | {"known": f"known/{lang}", "confirm": f"confirm/{lang}"})


def confirm(connection: Connection, ref: str, now: float) -> bool:
    """The mailbox's owner agrees. Gives whether they are active now; who left since is not."""
    connection.execute(
        text("""
            UPDATE subscriber SET standing = 'active', since = :now, consent_at = :now, before = '', reason = '',
                consent_version = CASE WHEN asked_version = '' THEN consent_version ELSE asked_version END,
                asked_version = '', soft_bounces = 0, soft_since = NULL
            WHERE ref = :ref AND standing = 'pending'
            """),
        {"ref": ref, "now": now},
    )
    found = find(connection, ref)
    return found is not None and found.standing is Standing.ACTIVE


def choose(connection: Connection, ref: str, choice: str) -> bool:
    """Change what an active subscriber gets, from the next issue on. Gives whether they are active."""
    statement = text("UPDATE subscriber SET choice = :choice WHERE ref = :ref AND standing = 'active'")
    return bool(connection.execute(statement, {"ref": ref, "choice": choice}).rowcount)


def leave(connection: Connection, ref: str, now: float) -> bool:
    """They want no more mail; what was not handed over yet is not sent. Gives whether that changed anything."""
    return _end(connection, ref, Standing.LEFT, "", now)


def suppress(connection: Connection, ref: str, reason: str, now: float) -> bool:
    """Their mailbox is gone, or they complained. Gives whether that changed anything."""
    return _end(connection, ref, Standing.SUPPRESSED, reason, now)


def _end(connection: Connection, ref: str, standing: Standing, reason: str, now: float) -> bool:
    ended = connection.execute(
        text("""
            UPDATE subscriber SET standing = :standing, since = :now, before = '', asked_version = '',
                reason = :reason
            WHERE ref = :ref AND standing IN ('pending', 'active') RETURNING id
            """),
        {"ref": ref, "standing": standing.value, "reason": reason, "now": now},
    ).scalar()
    if ended is not None:
        _call_back(connection, ended, now)
    return ended is not None


def _call_back(connection: Connection, subscriber: int, now: float) -> None:
    """Mails that wait for this subscriber stay here."""
    connection.execute(
        text("""
            UPDATE delivery SET state = 'suppressed', changed = :now
            WHERE subscriber = :subscriber AND state IN ('pending', 'deferred')
            """),
        {"subscriber": subscriber, "now": now},
    )


def erase(connection: Connection, tokens: Tokens, mailbox: Mailbox, *, bar: bool, now: float) -> bool:
    """Forget a person; with `bar`, keep a keyed hash so that the address never comes back. Gives whether there was one.

    Mailings keep the bare number of somebody who got them: their sums stay right, and it leads to nobody.
    """
    erased = connection.execute(
        text("DELETE FROM subscriber WHERE address_key = :key RETURNING id"), {"key": mailbox.key}
    ).scalar()
    if erased is not None:
        _call_back(connection, erased, now)
    if bar:
        connection.execute(
            text("INSERT INTO barred (address_hash, since) VALUES (:hash, :now) ON CONFLICT DO NOTHING"),
            {"hash": tokens.hashes(mailbox.key)[0], "now": now},
        )
    return erased is not None


def sweep(connection: Connection, now: float, confirm_within: float) -> int:
    """Forget sign-ups that nobody confirmed: who had left before has left again, others vanish. Gives how many."""
    since = {"since": now - confirm_within}
    returned = connection.execute(
        text("""
            UPDATE subscriber SET standing = before, before = '', asked_version = '', since = :now
            WHERE standing = 'pending' AND since < :since AND before <> ''
            """),
        since | {"now": now},
    ).rowcount
    vanished = connection.execute(
        text("DELETE FROM subscriber WHERE standing = 'pending' AND since < :since AND before = ''"), since
    ).rowcount
    return int(returned + vanished)


def sweep_letters(connection: Connection, now: float) -> None:
    """Forget which letters were sent a month ago, but for days on which some still wait."""
    days = text("SELECT id FROM mailing WHERE id LIKE :letters AND id < :day")
    old = {"letters": f"{LETTERS}%", "day": letters_of(now - KEPT_LETTERS)}
    for day in connection.execute(days, old).scalars().all():  # one by one: then the index leads to their rows
        name = {"day": day}
        final = "state IN ('accepted', 'failed', 'suppressed')"
        connection.execute(text(f"DELETE FROM delivery WHERE mailing = :day AND {final}"), name)
        waits = "EXISTS (SELECT 1 FROM delivery WHERE mailing = :day)"
        connection.execute(text(f"DELETE FROM mailing WHERE id = :day AND NOT {waits}"), name)
