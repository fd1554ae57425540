"""The database, for a worker's many connections: what they need at the same moment becomes one transaction.

A commit that is on disk takes milliseconds, however many rows it holds. One thread talks to the database, so the event
loop never waits; and what it could not write, because the database was away, it writes when it is back.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from newsletter import database, delivery, pace, subscribers, tide
from newsletter.delivery import Job
from newsletter.outcomes import Ruling
from newsletter.tables import State

T = TypeVar("T")
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
_NOTE = text("INSERT INTO fact (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = :value")
log = logging.getLogger(__name__)
_LOOKS = 50
"""How many times one transaction looks for messages, where most subscribers have left."""
_LONGEST_PAUSE = 30.0


def stopwatch() -> float:
    """Seconds that nobody sets, and that pass also while the machine sleeps."""
    return time.clock_gettime(_CLOCK)


@dataclass(slots=True)
class _Request:
    ruling: Ruling | None
    want: bool
    answer: asyncio.Future[Job | None]


@dataclass(slots=True)
class _Source:
    mailing: str
    state: State


@dataclass(frozen=True, slots=True)
class _Beat:
    now: float
    steady: float
    known: bool
    found: int
    mark: tide.Mark


@dataclass(slots=True)
class Ledger:
    """One worker's book. `me` is its name, new at every start; `lease` in seconds."""

    engine: Engine
    me: str
    host: str
    lease: float
    hold: bool
    marks: tide.Marks
    trouble: str = ""
    """Why the worker waits; shown by `status`."""
    valid_until: float = 0.0
    """Up to when, by this process's stop-watch, nobody else can think this worker gone."""
    _beaten: float = -math.inf
    """When the lease was prolonged last, by the database's clock."""
    _steady: float = math.inf
    """Since when it has been prolonged without a gap, by the same clock."""
    _life: int = 0
    """Goes up when others thought it gone: messages claimed before are theirs now."""
    _in_hand: dict[tuple[str, int], int] = field(default_factory=dict)
    _sources: list[_Source] = field(default_factory=list)
    _after: dict[str, int] = field(default_factory=dict)
    _requests: list[_Request] = field(default_factory=list)
    _draining: asyncio.Task[None] | None = None
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "ledger"))

    # -- For the connections ---------------------------------------------------------------------------------------

    async def exchange(self, ruling: Ruling | None, *, want: bool) -> Job | None:
        """Put down a ruling, and get the next message to hand over, if one is wanted and there is one."""
        request = _Request(ruling, want, asyncio.get_running_loop().create_future())
        self._requests.append(request)
        if self._draining is None or self._draining.done():
            self._draining = asyncio.create_task(self._drain())
        return await request.answer

    def may_hand_over(self, job: Job) -> bool:
        """Whether a message is still this worker's, so that nobody else hands it over too."""
        return self._in_hand.get((job.mailing, job.subscriber)) == self._life and stopwatch() < self.valid_until

    @property
    def has_work(self) -> bool:
        return bool(self._sources)

    @property
    def open_mailings(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(source.mailing for source in self._sources))

    async def reserve(self, count: int, rate: float) -> float:
        """As `pace.reserve`."""
        return await self.write(lambda connection, now: pace.reserve(connection, count, rate, now))

    async def note(self, name: str, value: str) -> None:
        """Keep a single value in table `fact`."""
        row = {"name": name, "value": value}
        await self.write(lambda connection, _: connection.execute(_NOTE, row))

    # -- For the one who looks after them --------------------------------------------------------------------------

    async def beat(self) -> int:
        """Prolong the lease, and take over from workers that are gone: returns how many messages those left behind.
        Raises `tide.Restored`.

        Who has just come, or had no word of the database for half a lease, calls nobody gone: the database may have
        been away from the others as well, and they get a whole lease to write down what they know.
        """

        def prolong(failed: bool) -> _Beat:
            with database.writing(self.engine) as connection:
                now = database.now(connection)
                known = delivery.beat(connection, self.me, self.host, now, self.lease, self.trouble)
                steady = self._steady if known and now - self._beaten <= self.lease / 2 else now
                found = delivery.recover(connection, now, hold=self.hold) if now - steady >= self.lease else 0
                # After a failure it may have been a lost try of ours that made us known again.
                return _Beat(now, steady, known and not failed, found, self.marks.advance(connection))

        asked = stopwatch()
        beat = await self._in_thread(prolong)
        try:
            self.marks.keep(beat.mark)
        except OSError as error:
            log.error("%s: %s; what goes out is not held up", self.marks.path, error.strerror)
        self._beaten, self._steady = beat.now, beat.steady
        self._life += not beat.known
        self.valid_until = asked + self.lease
        return beat.found

    async def look(self) -> bool:
        """Find out which mailings have something to send; returns whether anything is still to be settled."""

        def look(connection: Connection) -> bool:
            names = delivery.open_mailings(connection, database.now(connection))
            self._sources = [_Source(name, state) for name in names for state in (State.DEFERRED, State.PENDING)]
            self._after = {name: after for name, after in self._after.items() if name in names}
            return delivery.unsettled(connection)

        return await self.read(look)

    async def take_over_all(self) -> int:
        """On a database that only this worker uses: whatever another had in hand, it is gone."""

        def take_over(connection: Connection, now: float) -> int:
            delivery.dismiss_all(connection)
            return delivery.recover(connection, now, hold=self.hold)

        return await self.write(take_over)

    async def sign_off(self) -> None:
        await self.write(lambda connection, _: delivery.sign_off(connection, self.me))
        self._thread.shutdown()

    async def read(self, function: Callable[[Connection], T]) -> T:
        """Run a function in a transaction that only looks, again and again until the database lets us."""

        def run(_: bool) -> T:
            with database.reading(self.engine) as connection:
                return function(connection)

        return await self._in_thread(run)

    async def write(self, function: Callable[[Connection, float], T]) -> T:
        """Run a function in a transaction, with the database's time, until the database lets us."""

        def run(_: bool) -> T:
            with database.writing(self.engine) as connection:
                return function(connection, database.now(connection))

        return await self._in_thread(run)

    # -- Inside ----------------------------------------------------------------------------------------------------

    async def _drain(self) -> None:
        while self._requests:
            await asyncio.sleep(0)  # whoever else is ready comes along
            batch, self._requests = self._requests, []
            try:
                jobs = await self._in_thread(lambda failed, batch=batch: self._transact(batch, failed))  # type: ignore[misc]
            except Exception as error:  # noqa: BLE001 -- it is those who asked who must end
                for request in batch:
                    request.answer.set_exception(error)
                continue
            for request in batch:
                request.answer.set_result(jobs.pop(0) if request.want and jobs else None)

    def _transact(self, batch: list[_Request], failed: bool) -> list[Job]:
        rulings = [request.ruling for request in batch if request.ruling]
        outcomes = [outcome for ruling in rulings for outcome in ruling.outcomes]
        with database.writing(self.engine) as connection:
            now = database.now(connection)
            if failed:
                delivery.put_back(connection, self.me, self._in_hand, now)
            delivery.settle(connection, self.me, outcomes, now)
            for ruling in rulings:
                for ref in ruling.gone:
                    subscribers.suppress(connection, ref, "gone", now)
                if ruling.stop:
                    delivery.stop(connection, ruling.stopped, ruling.stop)
            jobs = self._claim(connection, sum(request.want for request in batch), now)
        for outcome in outcomes:
            self._in_hand.pop((outcome.mailing, outcome.subscriber), None)
        self._in_hand |= {(job.mailing, job.subscriber): self._life for job in jobs}
        return jobs

    def _claim(self, connection: Connection, room: int, now: float) -> list[Job]:
        jobs: list[Job] = []
        looks = 0
        while self._sources and len(jobs) < room and looks < _LOOKS:
            source, looks = self._sources[0], looks + 1
            found = delivery.claim(
                connection,
                self.me,
                source.mailing,
                room - len(jobs),
                now,
                state=source.state,
                after=self._after.get(source.mailing, 0),
                but=[key[1] for key, life in self._in_hand.items() if key[0] == source.mailing and life != self._life],
            )
            jobs += found.jobs
            if source.state is State.PENDING:
                self._after[source.mailing] = 0 if found.exhausted else found.last
            if found.exhausted:
                self._sources.remove(source)
        return jobs

    async def _in_thread(self, run: Callable[[bool], T]) -> T:
        """Run in the database's thread, again and again while the database is away. `run` is told whether an earlier
        try failed, whose transaction may have gone through all the same."""
        failures = 0
        while True:
            try:
                return await asyncio.get_running_loop().run_in_executor(self._thread, run, failures > 0)
            except DBAPIError as error:
                if not (error.connection_invalidated or _is_passing(error)):
                    raise
                failures += 1
                log.warning("the database is away (%s); trying again", type(error.orig).__name__)
                # Not longer than others wait for us when the database is back.
                await asyncio.sleep(min(0.1 * 2**failures, _LONGEST_PAUSE, self.lease / 8))


def _is_passing(error: DBAPIError) -> bool:
    """Locked, shutting down, not reachable, deadlock: not a mistake in a statement."""
    return type(error).__name__ in ("OperationalError", "InterfaceError", "InternalError")
