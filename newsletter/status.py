"""Where a mailing stands, for people and for programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from newsletter import database, delivery
from newsletter.outcomes import Stop
from newsletter.subscribers import LETTERS
from newsletter.tables import FINAL, State, mailing, worker

_GO = "then `python -m newsletter resume`"
_STOPS = {
    Stop.RELAY: f"the relay does not let us in: check NEWSLETTER_SMTP_URL with `python -m newsletter doctor`, {_GO}",
    Stop.MESSAGE: "the relay objects to the mail or its sender: ask whoever runs the relay for the reason (its log has"
    f" it in full), {_GO}",
    Stop.REFUSALS: "the relay refused one address after the other, and nobody has been struck off: see that it is the"
    f" right relay, {_GO}; what it says of them a second time is believed",
    Stop.OPERATOR: "an operator stopped it; `python -m newsletter resume` lets it go on",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """One mailing's figures."""

    mailing: str
    audience: int
    states: dict[State, int]
    came_back: int
    """Accepted by the relay, then returned by a mail server further on."""
    stopped: str

    @property
    def settled(self) -> int:
        return sum(self.states[state] for state in FINAL)

    @property
    def finished(self) -> bool:
        return self.settled == self.audience

    @property
    def needs_operator(self) -> bool:
        return bool(self.stopped or self.states[State.HELD])

    @property
    def advice(self) -> str:
        """What an operator has to know and do; "" if nothing."""
        lines = []
        if self.stopped:
            reason, _, codes = self.stopped.partition(" ")
            answer = f" ({codes})" if codes else ""
            lines.append(f"{self.mailing} is stopped{answer}: {_STOPS.get(Stop(reason), reason)}.")
        if held := self.states[State.HELD]:
            lines.append(
                f"{held} of {self.mailing} are held: nobody knows whether the relay has them. `python -m newsletter"
                f" held {self.mailing} --resend` sends them (again, perhaps), `--drop` gives them up."
            )
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        return {
            "mailing": self.mailing,
            "audience": self.audience,
            "states": {state.value: count for state, count in self.states.items()},
            "came_back": self.came_back,
            "finished": self.finished,
            "stopped": self.stopped,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerStanding:
    host: str
    alive: bool
    trouble: str

    def as_json(self) -> dict[str, Any]:
        return {"host": self.host, "alive": self.alive, "trouble": self.trouble}


def standing(connection: Connection, name: str) -> Standing | None:
    """A mailing's figures, or None if there is none of that name."""
    columns = (mailing.c.audience, mailing.c.stopped)
    row = connection.execute(select(*columns).where(mailing.c.id == name)).one_or_none()
    if row is None:
        return None
    states = delivery.figures(connection, name)
    audience = sum(states.values()) if name.startswith(LETTERS) else row.audience
    came_back = delivery.came_back(connection, name)
    return Standing(mailing=name, audience=audience, states=states, came_back=came_back, stopped=row.stopped)


def shown(connection: Connection) -> list[Standing]:
    """What an operator wants to see: the latest issue, and whatever is under way or needs them."""
    names = list(connection.execute(select(mailing.c.id).order_by(mailing.c.created.desc(), mailing.c.id)).scalars())
    latest = next((name for name in names if not name.startswith(LETTERS)), "")
    busy = delivery.busy(connection)
    found = (standing(connection, name) for name in names if name == latest or name in busy)
    return [each for each in found if each]


def workers(connection: Connection) -> list[WorkerStanding]:
    """Workers that run, and those that ended without taking leave."""
    now = database.now(connection)
    rows = connection.execute(select(worker).order_by(worker.c.host, worker.c.id))
    return [WorkerStanding(host=row.host, alive=row.lease > now, trouble=row.trouble) for row in rows]
