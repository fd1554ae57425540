"""From a relay's answers to what becomes of each message, and when to stop a mailing.

The relay's word about one mailbox is not taken at once: a relay that is set up wrongly calls every mailbox unknown. So
nobody is struck off before another message has been accepted, and many refusals in a row stop the mailing instead. And
an objection stops it at the first message. Once an operator has said go, what the relay says a second time about the
same message is believed.

Letters are other: anybody may have typed their address, so a refusal of one is believed and stops nothing. But an
objection to our sender says nothing about any address, and many objections in a row to letters are no coincidence.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field, replace
from enum import StrEnum

from newsletter.answers import Answer, Stage, Verdict
from newsletter.delivery import Job, Outcome
from newsletter.tables import State

FIRST_PAUSE, LONGEST_PAUSE = 300.0, 4 * 3600.0
TRIES = 24
"""So often a message is offered that the relay does not want now: over about three and a half days."""
HANG_UPS = 3
"""So often the relay may hang up at one recipient; after that it is as if it did not want them now."""
UNCERTAIN = 2
"""So often a message is given to a relay that does not answer after it; then an operator decides."""
IN_A_ROW = 20
"""So many refusals with no message accepted between them are no coincidence."""


class Stop(StrEnum):
    """Why a mailing stopped. Kept with the relay's codes: "message 554 5.7.1"."""

    RELAY = "relay"
    """It lets us in no more: the log-in, or the encryption."""
    MESSAGE = "message"
    """It objects to the message or to its sender."""
    REFUSALS = "refusals"
    """It refuses one recipient after the other."""
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What to write down after one answer."""

    outcomes: tuple[Outcome, ...]
    gone: tuple[str, ...] = ()
    """References of subscribers whose mailbox is gone, beyond doubt."""
    stop: str = ""
    """Why to stop `stopped`; "" if not."""
    stopped: tuple[str, ...] = ()


@dataclass(slots=True)
class Judge:
    """Rules over the answers that one worker gets, in their order."""

    hold: bool
    chance: random.Random = field(default_factory=random.Random)
    refused: list[tuple[Job, Answer]] = field(default_factory=list)
    """Refusals of an issue's mails since the last acceptance."""
    objected: list[tuple[Job, Answer]] = field(default_factory=list)
    """Objections to letters since the last acceptance."""
    hung_up: Counter[tuple[str, int]] = field(default_factory=Counter)
    """How often the relay hung up at a recipient, and nothing else has come of the message since."""
    later: int = 0
    """How many messages in a row the relay did not want now."""
    trusted: bool = False
    """Whether the relay has accepted something, so that its word about others counts."""
    doubted: bool = False
    """Whether it refused too many in a row, and has accepted nothing since."""

    def rule(self, job: Job, answer: Answer) -> Ruling:
        if answer.verdict is Verdict.AWAY:
            return Ruling((self._away(job, answer),))
        self.hung_up.pop((job.mailing, job.subscriber), None)
        match answer.verdict:
            case Verdict.ACCEPTED:
                self.later, self.trusted, self.doubted = 0, True, False
                self.objected.clear()
                return Ruling((_outcome(job, State.ACCEPTED, answer),), gone=self.believed())
            case Verdict.UNCERTAIN:
                return Ruling((self._uncertain(job, answer),))
            case Verdict.LATER:
                self.later += 1
                return Ruling((self._again(job, answer),))
            case Verdict.OBJECTS if answer.stage is Stage.SENDER or not (job.is_letter or _said_before(job)):
                return Ruling((_postponed(job, answer),), stop=f"{Stop.MESSAGE} {answer.reply}", stopped=(job.mailing,))
            case _:
                return self._refused(job, answer)

    def believed(self) -> tuple[str, ...]:
        """Those whose mailbox is gone after all; asked for also when a mailing has come to its end."""
        found = self.refused if self.trusted and not self.doubted else []
        self.refused = []
        return tuple(job.ref for job, answer in found if answer.verdict is Verdict.GONE)

    def _refused(self, job: Job, answer: Answer) -> Ruling:
        if _said_before(job) or (job.is_letter and answer.verdict is not Verdict.OBJECTS):
            struck_off = answer.verdict is Verdict.GONE and not job.is_letter and not self.doubted
            return Ruling((_outcome(job, State.FAILED, answer),), gone=(job.ref,) if struck_off else ())
        row = self.objected if job.is_letter else self.refused
        row.append((job, answer))
        if len(row) < IN_A_ROW:
            return Ruling((_postponed(job, answer) if self.doubted else _outcome(job, State.FAILED, answer),))
        again = tuple(_postponed(each, said) for each, said in row)
        names = tuple(dict.fromkeys(each.mailing for each, _ in row))
        row.clear()
        self.doubted = True
        return Ruling(again, stop=f"{Stop.REFUSALS} {answer.reply}", stopped=names)

    def _away(self, job: Job, answer: Answer) -> Outcome:
        """It costs no try, but for a recipient at whom it hangs up each time: others would wait for that for ever."""
        key = (job.mailing, job.subscriber)
        self.hung_up[key] += answer.stage in (Stage.RECIPIENT, Stage.MESSAGE)
        if self.hung_up[key] > HANG_UPS:
            return self._again(job, answer)
        return _outcome(job, State.PENDING, Answer(answer.verdict, job.reply))

    def _uncertain(self, job: Job, answer: Answer) -> Outcome:
        times = job.uncertain + 1
        if self.hold or times >= UNCERTAIN:
            return replace(_outcome(job, State.HELD, answer), uncertain=times)
        return replace(self._again(job, answer), uncertain=times)

    def _again(self, job: Job, answer: Answer) -> Outcome:
        tries = job.tries + 1
        if tries >= TRIES:
            return _outcome(job, State.FAILED, answer, tries=tries)
        return _outcome(job, State.DEFERRED, answer, tries=tries, pause=pause(tries, self.chance))


def pause(tries: int, chance: random.Random) -> float:
    """Seconds until the next try: doubling from five minutes to four hours, never the same for all."""
    return min(FIRST_PAUSE * 2.0 ** (tries - 1), LONGEST_PAUSE) * chance.uniform(0.75, 1.25)


def _said_before(job: Job) -> bool:
    """Whether the relay has refused this message once, and an operator has said go since."""
    return job.reply.startswith("5")


def _postponed(job: Job, answer: Answer) -> Outcome:
    """After the stop the others go first, to show that the relay takes mail again."""
    return _outcome(job, State.DEFERRED, answer, pause=FIRST_PAUSE)


def _outcome(job: Job, state: State, answer: Answer, *, tries: int | None = None, pause: float = 0.0) -> Outcome:
    return Outcome(
        mailing=job.mailing,
        subscriber=job.subscriber,
        state=state,
        reply=answer.reply,
        pause=pause,
        tries=job.tries if tries is None else tries,
        uncertain=job.uncertain,
    )
