"""The worker: takes what is to be sent from the database, and hands it to the relay over several connections."""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
import signal
import socket
import threading
import time
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import Engine

from newsletter import delivery, tide
from newsletter.answers import Answer, Verdict
from newsletter.config import Config
from newsletter.delivery import Job
from newsletter.ledger import Ledger
from newsletter.mails import Mails
from newsletter.message import BadAddress
from newsletter.outcomes import IN_A_ROW, Judge, Ruling, Stop
from newsletter.pace import Pace
from newsletter.relay import Connection, Unreachable
from newsletter.tokens import Tokens

log = logging.getLogger(__name__)
LEASE = 60.0
"""Seconds after which others take over from a worker that is gone."""
LOOK = 1.0
"""Seconds between two looks for new mailings."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds between two tries to reach a relay that is away: doubling."""


@dataclass(slots=True)
class Worker:
    """Sends until `stop` is called, or, with `once`, until everything is settled that settles by itself."""

    config: Config
    engine: Engine
    once: bool = False
    lease: float = LEASE
    chance: random.Random = field(default_factory=random.Random)
    ledger: Ledger = field(init=False)
    mails: Mails = field(init=False)
    pace: Pace = field(init=False)
    judge: Judge = field(init=False)
    _international: bool | None = None
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _work: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.ledger = Ledger(
            engine=self.engine,
            me=secrets.token_hex(8),
            host=socket.gethostname(),
            lease=self.lease,
            hold=self.config.hold_uncertain,
            marks=tide.Marks(self.config.state),
        )
        self.mails = Mails(self.config, Tokens(self.config.secrets))
        self.pace = Pace(self.config.rate, lambda count: self.ledger.reserve(count, self.config.rate))
        self.judge = Judge(hold=self.config.hold_uncertain, chance=self.chance)

    def stop(self) -> None:
        """Finish what is on its way, and end."""
        self._stopping.set()
        self._work.set()

    async def run(self) -> bool:
        """Work. Returns whether all is well; else an operator is needed. Raises `tide.Restored`."""
        if threading.current_thread() is threading.main_thread():  # elsewhere, signals are not its own
            for number in (signal.SIGTERM, signal.SIGINT):
                asyncio.get_running_loop().add_signal_handler(number, self.stop)
        if self.engine.dialect.name == "sqlite":  # the caller holds the lock: no other worker lives
            self._say_found(await self.ledger.take_over_all())
        self._say_found(await self.ledger.beat())
        working = (self._keep_looking(), *(self._send() for _ in range(self.config.connections)))
        for error in await asyncio.gather(*(self._orderly(each) for each in working)):
            if error:
                raise error
        await self._strike_off()
        well = not await self.ledger.read(delivery.needs_operator)
        await self.ledger.sign_off()
        return well

    async def _orderly(self, work: Coroutine[None, None, None]) -> Exception | None:
        """Whatever goes wrong in one of us, the others finish what is on its way. Returns what went wrong."""
        try:
            await work
        except Exception as error:  # noqa: BLE001 -- it is raised when all have ended
            self.stop()
            return error
        return None

    # -- Looking after ---------------------------------------------------------------------------------------------

    async def _keep_looking(self) -> None:
        beaten = time.monotonic()
        trouble = ""
        while not self._stopping.is_set():
            if time.monotonic() - beaten > self.lease / 4 or trouble != self.ledger.trouble:
                beaten, trouble = time.monotonic(), self.ledger.trouble
                self._say_found(await self.ledger.beat())
            unsettled = await self.ledger.look()
            if self.ledger.has_work:
                self._work.set()
            else:
                self._work.clear()
                await self._strike_off()
                if self.once and not unsettled:
                    self.stop()
            pause = LOOK if self._work.is_set() or not self.once else LOOK / 5
            await self._sleep(min(pause, self.lease / 8))

    async def _strike_off(self) -> None:
        """At a mailing's end, believe what too few refusals to stop it said."""
        if gone := self.judge.believed():
            await self.ledger.exchange(Ruling((), gone=gone), want=False)

    def _say_found(self, found: int) -> None:
        if found:
            what = "held" if self.config.hold_uncertain else "sent again"
            log.warning("%d messages were in the hands of a worker that is gone; they are %s", found, what)

    async def _sleep(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    # -- One connection --------------------------------------------------------------------------------------------

    async def _send(self) -> None:
        """Hand over one message after the other: a ruling on the last is written down together with the next one."""
        connection = Connection(self.config.relay, self.config.sender.domain)
        ruling: Ruling | None = None
        failures = 0
        while True:
            going = self._work.is_set() and not self._stopping.is_set() and connection.is_open
            if ruling and not (going and self.pace.take_now()):
                await self.ledger.exchange(ruling, want=False)
                ruling = None
                continue
            if self._stopping.is_set():
                break
            if ruling is None and not await self._ready(connection, failures):
                failures += self._work.is_set() and not connection.is_open
                continue
            job = await self.ledger.exchange(ruling, want=True)
            ruling = None
            if job is None:
                if not self.ledger.has_work:
                    self._work.clear()
                continue
            ruling = await self._hand_over(connection, job)
            failures = 0 if connection.taken else failures + (not connection.is_open)
        await connection.quit()

    async def _ready(self, connection: Connection, failures: int) -> bool:
        """Wait until there is something to send, a connection for it, and a turn. False if it is to be asked again."""
        if not self._work.is_set():
            await self._work.wait()
            return False
        if self.judge.later >= IN_A_ROW:  # it wants nothing now, whoever it is for
            self.judge.later = 0
            connection.close()
            self.ledger.trouble = "the relay defers everything"
            await self._sleep(LONGEST_PAUSE)
            return False
        if not connection.is_open:
            if failures:
                pause = min(FIRST_PAUSE * 2.0 ** (failures - 1), LONGEST_PAUSE)
                await self._sleep(pause * self.chance.uniform(0.5, 1.0))
            if not (self._work.is_set() and not self._stopping.is_set() and await self._open(connection)):
                return False
        if not await self.pace.wait(self._sleep):
            return False
        # Where the rate is low, the relay may have closed an idle connection.
        going = self._work.is_set() and not self._stopping.is_set()
        return going and (connection.is_open or await self._open(connection))

    async def _open(self, connection: Connection) -> bool:
        try:
            await connection.open()
        except Unreachable as error:
            if error.answer.verdict is Verdict.OBJECTS:
                names = self.ledger.open_mailings
                log.error("the relay takes no mail from us (%s): stopped %s", error.answer.reply, ", ".join(names))
                ruling = Ruling((), stop=f"{Stop.RELAY} {error.answer.reply}", stopped=names)
                await self.ledger.exchange(ruling, want=False)
                await self.ledger.look()
                if not self.ledger.has_work:
                    self._work.clear()
            else:
                self._trouble(error.answer)
            return False
        if self._international != connection.international:
            self._international = connection.international
            await self.ledger.note("relay.smtputf8", "yes" if self._international else "no")
        return True

    async def _hand_over(self, connection: Connection, job: Job) -> Ruling:
        made = self.mails.prepared(job)
        if made is None:
            made = await self.ledger.read(lambda connection: self.mails.prepare(connection, job))
            self.mails.keep(job, made)
        try:
            message = self.mails.render(job, time.time(), made)
        except BadAddress:
            return self.judge.rule(job, Answer(Verdict.REFUSED, "501 5.1.3"))
        if not self.ledger.may_hand_over(job):
            return self.judge.rule(job, Answer(Verdict.AWAY))
        may = partial(self.ledger.may_hand_over, job)
        answer = await connection.hand_over(self.config.return_address, job.address, message, may)
        if answer.verdict is Verdict.ACCEPTED:
            self.ledger.trouble = ""
        elif answer.verdict is Verdict.AWAY and answer.reply and not connection.taken:
            self._trouble(answer)
        ruling = self.judge.rule(job, answer)
        if ruling.stop:
            log.error("stopped %s: %s", job.mailing, ruling.stop)
        return ruling

    def _trouble(self, answer: Answer) -> None:
        if self.ledger.trouble != answer.reply:
            log.warning("the relay is away (%s); everything waits", answer.reply)
            self.ledger.trouble = answer.reply
