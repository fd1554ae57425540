"""Bounds on how long one text may take to read, and how deep it may go, so that no file can hang a build."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SECONDS = 20.0
"""How much computing one text may take: a thousand times what a long one needs."""

AGAIN = 1.0
"""Seconds until the alarm goes off again: where Python collects garbage, an exception is said and forgotten."""

DEEPEST = 50
"""How many elements may lie in each other. Lists in lists that people can still read come to twenty."""


class TookTooLong(BaseException):
    """The time was up. No `Exception`: whatever a library forgives, it does not forgive this."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `TookTooLong` if the block computes for longer. What waits, or stands back while others compute, is not
    counted: a busy machine refuses nothing. Without effect where there is no alarm (Windows, other threads)."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise TookTooLong

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds, AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
