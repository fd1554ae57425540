"""What is known of every mail, before and after it is handed over: the states of table `delivery`, and their SQL.

    pending ──claim──▶ sending ──settle──▶ accepted · failed · deferred · held
                          │ the subscriber is not to get it (any more): suppressed, instead of sending
    deferred ──when due──▶ sending

A row is `sending` from before its hand-over begins until its outcome is on disk, and each connection hands over one
message at a time. So after a crash no more messages are uncertain than there were connections; `recover` finds them.
Every function here runs in a transaction that its caller opens with `database.writing` or `reading`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import (
    ColumnElement,
    Connection,
    ScalarSelect,
    and_,
    bindparam,
    delete,
    func,
    insert,
    not_,
    or_,
    select,
    text,
    update,
)

from newsletter.subscribers import LETTERS
from newsletter.tables import FINAL, Standing, State, delivery, mailing, worker

OPEN = tuple(state for state in State if state not in FINAL)


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """One mail, claimed: it is in state `sending`."""

    mailing: str
    subscriber: int
    ref: str
    address: str = field(repr=False)
    choice: str
    """The subscriber's choice now; the one that was frozen is the variant of an issue's mail."""
    variant: str
    tries: int
    uncertain: int
    """How often the relay had the whole message and did not answer."""
    reply: str
    """The codes of an earlier answer, if there was one."""

    @property
    def is_letter(self) -> bool:
        return self.mailing.startswith(LETTERS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What becomes of a job."""

    mailing: str
    subscriber: int
    state: State
    reply: str = ""
    pause: float = 0.0
    """After how many seconds a deferred one is tried again."""
    tries: int = 0
    uncertain: int = 0


@dataclass(frozen=True, slots=True)
class Claim:
    jobs: tuple[Job, ...]
    last: int
    """The last subscriber that was looked at: where to go on."""
    exhausted: bool


# -- Looking without reading all rows ----------------------------------------------------------------------------------


def _first(state: State) -> ScalarSelect[float]:
    """When a mailing's first message in a state is due, NULL if there is none. A minimum is one look into the index,
    whatever the database believes of how many there are; EXISTS made PostgreSQL read the whole table."""
    rows = select(func.min(delivery.c.due)).where(delivery.c.mailing == mailing.c.id, delivery.c.state == state)
    return rows.correlate(mailing).scalar_subquery()


def _has(*states: State) -> ColumnElement[bool]:
    """Whether a mailing has a message in one of these states."""
    return or_(*(_first(state).is_not(None) for state in states))


def _sending(connection: Connection) -> tuple[ColumnElement[bool], ...]:
    """The condition for all messages that are in anybody's hands. `ix_delivery_queue` begins with the mailing."""
    names = connection.execute(select(mailing.c.id).where(_has(State.SENDING))).scalars().all()
    return delivery.c.mailing.in_(names), delivery.c.state == State.SENDING


# -- Workers -----------------------------------------------------------------------------------------------------------


def beat(connection: Connection, me: str, host: str, now: float, lease: float, trouble: str = "") -> bool:
    """A worker is alive for another `lease` seconds. Returns whether it was known; if not, it is new, or others took it
    for gone and have its messages."""
    values = {"lease": now + lease, "trouble": trouble[:64]}
    if connection.execute(update(worker).where(worker.c.id == me).values(values)).rowcount:
        return True
    connection.execute(insert(worker).values(id=me, host=host[:64], **values))
    return False


def sign_off(connection: Connection, me: str) -> None:
    """A worker ends, and has nothing in hand."""
    connection.execute(delete(worker).where(worker.c.id == me))


def dismiss_all(connection: Connection) -> None:
    """Whatever workers the database knows, none of them lives."""
    connection.execute(delete(worker))


def recover(connection: Connection, now: float, *, hold: bool) -> int:
    """Take over what workers whose lease ran out had in hand: it is sent again, or held for an operator. Returns how
    many messages that is.

    Deleting the worker's row is what decides: a worker that prolongs its lease at this moment waits for us, and then
    learns that it is not known. Its name stays on its messages: should it come with the outcome of one before anybody
    began it anew, the outcome counts.
    """
    connection.execute(delete(worker).where(worker.c.lease <= now))
    lost = (
        update(delivery)
        .where(*_sending(connection), delivery.c.worker.not_in(select(worker.c.id)))
        .values(state=State.HELD if hold else State.PENDING, due=0.0, changed=now)
    )
    return connection.execute(lost).rowcount


def put_back(connection: Connection, me: str, in_hand: Collection[tuple[str, int]], now: float) -> None:
    """After a transaction whose end is unknown: what is marked as this worker's without it knowing was never handed
    over, and is pending again, with what was known of it before."""
    mine = select(delivery.c.mailing, delivery.c.subscriber).where(*_sending(connection), delivery.c.worker == me)
    for name, number in connection.execute(mine).all():
        if (name, number) not in in_hand:
            unknown = update(delivery).where(delivery.c.mailing == name, delivery.c.subscriber == number)
            connection.execute(unknown.values(state=State.PENDING, due=0.0, changed=now))


# -- From pending to settled -------------------------------------------------------------------------------------------


def open_mailings(connection: Connection, now: float) -> list[str]:
    """The mailings that have something to send now: letters first, then the oldest issue."""
    statement = (
        select(mailing.c.id)
        .where(mailing.c.stopped == "", or_(_first(State.PENDING) <= now, _first(State.DEFERRED) <= now))
        .order_by(mailing.c.id.not_like(f"{LETTERS}%"), mailing.c.created, mailing.c.id)
    )
    return list(connection.execute(statement).scalars())


_NEXT = {
    State.PENDING: """
        SELECT subscriber, variant, tries, uncertain, reply FROM delivery
        WHERE mailing = :mailing AND state = 'pending' AND due = 0 AND subscriber > :after AND {going}
        ORDER BY subscriber LIMIT :room
        """,
    State.DEFERRED: """
        SELECT subscriber, variant, tries, uncertain, reply FROM delivery
        WHERE mailing = :mailing AND state = 'deferred' AND due <= :now AND {going}
        ORDER BY due, subscriber LIMIT :room
        """,
}
_GOING = "EXISTS (SELECT 1 FROM mailing WHERE id = :mailing AND stopped = '')"
_LOCKED = {"postgresql": "FOR UPDATE OF delivery SKIP LOCKED", "sqlite": ""}  # there the whole database is ours
_PEOPLE = text("SELECT id, ref, address, choice, standing FROM subscriber WHERE id IN :ids").bindparams(
    bindparam("ids", expanding=True)
)
_MARK = text("""
    UPDATE delivery SET state = :state, worker = :me, due = 0, changed = :now
    WHERE mailing = :mailing AND subscriber IN :ids
    """).bindparams(bindparam("ids", expanding=True))


def claim(
    connection: Connection,
    me: str,
    name: str,
    room: int,
    now: float,
    *,
    state: State = State.PENDING,
    after: int = 0,
    but: Collection[int] = (),
) -> Claim:
    """Mark up to `room` messages of a mailing as `sending` and give them out; nothing if it was stopped. Pending ones
    are taken in the order of their subscribers, `after` one; deferred ones when they are due.

    Those whose subscriber is not to get them are settled as `suppressed` on the way. Standings are read when the rows
    are locked, and whoever leaves changes their rows too: so a leave either is seen here, or waits for this
    transaction, and its message was on its way before the subscriber had left.

    `but` are subscribers whose message this worker has in hand already, from a time when it was thought to be gone.
    """
    queue = text(_NEXT[state].format(going=_GOING) + _LOCKED[connection.dialect.name])
    rows = connection.execute(queue, {"mailing": name, "after": after, "now": now, "room": room}).all()
    if not rows:
        return Claim((), after, exhausted=True)
    known = {person.id: person for person in connection.execute(_PEOPLE, {"ids": [row.subscriber for row in rows]})}
    jobs, suppressed = [], []
    for row in rows:
        person = known.get(row.subscriber)
        if row.subscriber in but:
            continue
        if person is None or person.standing != _wanted_standing(name, row.variant):
            suppressed.append(row.subscriber)
            continue
        jobs.append(
            Job(
                mailing=name,
                subscriber=row.subscriber,
                ref=person.ref,
                address=person.address,
                choice=person.choice,
                variant=row.variant,
                tries=row.tries,
                uncertain=row.uncertain,
                reply=row.reply,
            )
        )
    for ids, new in (([job.subscriber for job in jobs], State.SENDING), (suppressed, State.SUPPRESSED)):
        if ids:
            mark = {"mailing": name, "ids": ids, "state": new.value, "me": me, "now": now}
            connection.execute(_MARK, mark)
    return Claim(tuple(jobs), rows[-1].subscriber, exhausted=len(rows) < room)


# The worker's name is the fence: who began the message anew wrote another.
_SETTLE = text("""
    UPDATE delivery
    SET state = :state, reply = :reply, due = :due, tries = :tries, uncertain = :uncertain, changed = :now
    WHERE mailing = :mailing AND subscriber = :subscriber AND worker = :me AND state NOT IN ('accepted', 'suppressed')
    """)


def settle(connection: Connection, me: str, outcomes: Sequence[Outcome], now: float) -> None:
    """Put down what came of messages. Does nothing where another worker has begun the message anew."""
    rows = [
        {
            "mailing": outcome.mailing,
            "subscriber": outcome.subscriber,
            "state": outcome.state.value,
            "reply": outcome.reply[:32],
            "due": now + outcome.pause if outcome.state is State.DEFERRED else 0.0,
            "tries": outcome.tries,
            "uncertain": outcome.uncertain,
            "me": me,
            "now": now,
        }
        for outcome in outcomes
    ]
    if rows:
        connection.execute(_SETTLE, rows)


def _wanted_standing(name: str, variant: str) -> Standing:
    return Standing.PENDING if name.startswith(LETTERS) and variant.startswith("confirm/") else Standing.ACTIVE


# -- Operators ---------------------------------------------------------------------------------------------------------


def stop(connection: Connection, names: Iterable[str], reason: str) -> None:
    """Nothing more of these mailings is handed over until `resume`. The first reason stays."""
    statement = update(mailing).where(mailing.c.id.in_(list(names)), mailing.c.stopped == "")
    connection.execute(statement.values(stopped=reason[:64]))


def resume(connection: Connection, name: str = "") -> list[str]:
    """Let a stopped mailing, or all of them, go on; returns which they were."""
    stopped = select(mailing.c.id).where(mailing.c.stopped != "", *([mailing.c.id == name] if name else []))
    names = list(connection.execute(stopped.order_by(mailing.c.id)).scalars())
    connection.execute(update(mailing).where(mailing.c.id.in_(names)).values(stopped=""))
    return names


def release_held(connection: Connection, name: str, state: State, now: float) -> int:
    """Decide about a mailing's held messages: `pending` sends them again, `failed` gives them up. Returns how many."""
    rows = update(delivery).where(delivery.c.mailing == name, delivery.c.state == State.HELD)
    return connection.execute(rows.values(state=state, due=0.0, uncertain=0, changed=now)).rowcount


def hold_open(connection: Connection, now: float) -> int:
    """Hold all that is not settled and in no living worker's hands: after a database came back from a backup, nobody
    knows what has been sent since."""
    alive = delivery.c.worker.in_(select(worker.c.id).where(worker.c.lease > now))
    unsettled = update(delivery).where(
        delivery.c.mailing.in_(select(mailing.c.id)),
        delivery.c.state.in_((State.PENDING, State.SENDING, State.DEFERRED)),
        not_(and_(delivery.c.state == State.SENDING, alive)),
    )
    return connection.execute(unsettled.values(state=State.HELD, due=0.0, changed=now)).rowcount


def figures(connection: Connection, name: str) -> dict[State, int]:
    """How many messages of a mailing are in each state; all states are named."""
    counted = (
        select(delivery.c.state, func.count().label("number"))
        .where(delivery.c.mailing == name)
        .group_by(delivery.c.state)
    )
    found = {row.state: row.number for row in connection.execute(counted)}
    return {state: found.get(state, 0) for state in State}


def came_back(connection: Connection, name: str) -> int:
    """How many of a mailing's messages a mail server beyond the relay returned, as `newsletter bounces` noted."""
    rows = select(func.count()).where(delivery.c.mailing == name, delivery.c.reply.like("back:%"))
    return connection.execute(rows).scalar_one()


def busy(connection: Connection) -> set[str]:
    """The mailings that are stopped, or have messages that are not settled."""
    statement = select(mailing.c.id).where(or_(mailing.c.stopped != "", _has(*OPEN)))
    return set(connection.execute(statement).scalars())


def unsettled(connection: Connection) -> bool:
    """Whether a mailing that is not stopped has messages that still settle by themselves."""
    open_ = _has(State.PENDING, State.SENDING, State.DEFERRED)
    return connection.execute(select(mailing.c.id).where(mailing.c.stopped == "", open_).limit(1)).first() is not None


def needs_operator(connection: Connection) -> bool:
    """Whether a mailing is stopped, or has messages that are held."""
    rows = select(mailing.c.id).where(or_(mailing.c.stopped != "", _has(State.HELD))).limit(1)
    return connection.execute(rows).first() is not None
