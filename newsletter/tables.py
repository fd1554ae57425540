"""The tables, for SQLite and PostgreSQL alike. A change here needs a step in `migrations/versions`; a test compares.

Times are seconds since 1970 (UTC). No table holds more of a person than address, choice, consent and state.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import BigInteger, Column, Double, ForeignKey, Index, Integer, MetaData, String, Table, Text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
_Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only in an INTEGER


class Standing(StrEnum):
    """What a subscriber is to us. Only `active` ones get mail."""

    PENDING = "pending"
    """Signed up, not confirmed."""
    ACTIVE = "active"
    LEFT = "left"
    """By own will. An import never brings them back; they can sign up again."""
    SUPPRESSED = "suppressed"
    """The mailbox is gone, or its owner complained."""


class State(StrEnum):
    """Where one mail to one subscriber is. The last four are final."""

    PENDING = "pending"
    SENDING = "sending"
    """Handed to the relay, or about to be: after a crash nobody knows."""
    DEFERRED = "deferred"
    """The relay said: not now."""
    HELD = "held"
    """A crash left it uncertain, and an operator wants to decide."""
    ACCEPTED = "accepted"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    """The subscriber left, or was suppressed, after the audience was frozen."""


FINAL = (State.ACCEPTED, State.FAILED, State.SUPPRESSED)

subscriber = Table(
    "subscriber",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("ref", String(32), nullable=False, unique=True),  # random; in tokens and Message-IDs
    Column("address", Text, nullable=False),  # as it was given, but for its domain
    Column("address_key", Text, nullable=False, unique=True),  # what makes two spellings one mailbox
    Column("choice", Text, nullable=False, server_default=""),  # category slugs, sorted, by spaces; "" is all
    Column("standing", String(16), nullable=False),
    Column("since", Double, nullable=False),  # when it got that standing
    Column("before", String(16), nullable=False, server_default=""),  # what a pending one was before: left, suppressed
    Column("consent_version", String(64), nullable=False),  # which text was agreed to
    Column("consent_at", Double),  # when; NULL until confirmed
    Column(
        "asked_version", String(64), nullable=False, server_default=""
    ),  # of the latest sign-up; "" once it is confirmed
    Column("reason", String(64), nullable=False, server_default=""),  # why suppressed: bounced, complained, …
    Column("soft_bounces", Integer, nullable=False, server_default="0"),
    Column("soft_since", Double),
    Index("ix_subscriber_standing_since", "standing", "since"),
    sqlite_autoincrement=True,
)

barred = Table(  # addresses that were erased and must not come back: keyed hashes only
    "barred",
    metadata,
    Column("address_hash", String(64), primary_key=True),
    Column("since", Double, nullable=False),
)

mailing = Table(  # what is sent: an issue ("2026-11"), or one day's letters ("letters/2026-11-25")
    "mailing",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("hash", String(64), nullable=False, server_default=""),  # of the digest; "" for letters
    Column("digest", Text, nullable=False, server_default=""),  # the digest's JSON, frozen
    Column("audience", Integer, nullable=False, server_default="0"),  # how many were frozen; 0 for letters
    Column("created", Double, nullable=False),
    Column("stopped", String(64), nullable=False, server_default=""),  # why, until an operator says go: `stops.Stop`
)

delivery = Table(  # one mail to one subscriber
    "delivery",
    metadata,
    Column("mailing", String(64), ForeignKey("mailing.id"), primary_key=True),
    # No foreign key: who is erased leaves the sums of their mailings as they were.
    Column("subscriber", _Id, primary_key=True, autoincrement=False),
    Column("variant", Text, nullable=False, server_default=""),  # the choice when it was frozen; a letter's kind
    Column("state", String(16), nullable=False, server_default=State.PENDING),
    Column("due", Double, nullable=False, server_default="0"),  # when a deferred one is tried again; else 0
    Column("tries", Integer, nullable=False, server_default="0"),  # how often the relay answered "not now"
    Column("uncertain", Integer, nullable=False, server_default="0"),  # how often the relay took it and did not answer
    Column("worker", String(32), nullable=False, server_default=""),  # who handed it over last
    Column("reply", String(32), nullable=False, server_default=""),  # codes only: texts repeat addresses
    Column("changed", Double, nullable=False, server_default="0"),
    Index("ix_delivery_queue", "mailing", "state", "due", "subscriber"),
    Index("ix_delivery_subscriber", "subscriber"),
)

worker = Table(  # the senders: one whose lease has run out is gone, and what it had in hand is uncertain
    "worker",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("host", String(64), nullable=False),
    Column("lease", Double, nullable=False),
    Column("trouble", String(64), nullable=False, server_default=""),  # why it waits, if it does
)

counter = Table(  # how often something happened in a period: sign-ups by network, mails by second
    "counter",
    metadata,
    Column("key", String(96), primary_key=True),
    Column("period", BigInteger, primary_key=True, autoincrement=False),
    Column("count", Integer, nullable=False),
    Index("ix_counter_period", "period"),
)

fact = Table(  # single values that outlive a restart: the magazine's name and categories, the sender's pace
    "fact",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)
