"""The rate limit: one clock hand for all workers, kept in the database, so that it holds over restarts.

Table `fact` holds the moment until which the allowed sends are given out. A worker takes half a second's worth at a
time, in one short transaction, and spreads it by its own stop-watch; what it does not use is lost, never saved up.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from newsletter.tables import fact

NAME = "pace"
_BLOCK_SECONDS = 0.5
_MOST_AHEAD = 60.0
"""Seconds. What is given out further ahead than workers ever take comes from a clock that was wrong."""


def block(rate: float) -> int:
    """How many sends a worker takes at once, at a rate in messages a second."""
    return max(1, int(rate * _BLOCK_SECONDS))


def reserve(connection: Connection, count: int, rate: float, now: float) -> float:
    """Give out `count` sends; returns in how many seconds the first is allowed, the others following at the rate."""
    row = select(fact.c.value).where(fact.c.name == NAME).with_for_update()
    found = connection.execute(row).scalar_one_or_none()
    if found is None:
        try:
            with connection.begin_nested():
                connection.execute(insert(fact).values(name=NAME, value="0"))
        except IntegrityError:
            pass  # another worker was first
        found = connection.execute(row).scalar_one()
    given_out = float(found)
    if given_out > now + max(_MOST_AHEAD, 100 / rate):
        given_out = now
    start = max(now, given_out)
    connection.execute(update(fact).where(fact.c.name == NAME).values(value=repr(start + count / rate)))
    return start - now


class Pace:
    """Lets a worker's connections through one by one. `take(count)` reserves sends in the database, as `reserve`."""

    def __init__(self, rate: float, take: Callable[[int], Awaitable[float]]) -> None:
        self.rate, self.take = rate, take
        self._left = 0
        self._next = 0.0
        self._turn = asyncio.Lock()

    def take_now(self) -> bool:
        """Use up a send if one is allowed already."""
        if not self._left or self._next > time.monotonic() or self._turn.locked():
            return False
        self._use()
        return True

    async def wait(self, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep) -> bool:
        """Wait until one send is allowed, and use it up. False if `sleep`, which is given seconds, ended before."""
        async with self._turn:
            if not self._left:
                asked = time.monotonic()
                self._left = block(self.rate)
                self._next = asked + await self.take(self._left)
            if (pause := self._next - time.monotonic()) > 0:
                await sleep(pause)
            if self._next > time.monotonic():
                return False
            self._use()
            return True

    def _use(self) -> None:
        self._left -= 1
        self._next += 1 / self.rate
