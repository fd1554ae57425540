"""Work spread over processes, where the system can fork; in one process elsewhere. The answer is the same."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")

WORTH_IT = 200
"""With fewer items than this, starting processes costs more than it saves."""

KILLED = "one of the build's processes was killed, perhaps because memory ran out; try with --jobs 1"

_task: tuple[Callable[[Any], Any], Sequence[Any], int]


def spread(function: Callable[[T], R], items: Sequence[T], jobs: int) -> list[R]:
    """`[function(item) for item in items]`, by `jobs` processes.

    The processes are forks: they see everything that is in memory now and only the answers travel. The first exception
    is raised here; `ChildProcessError` if one of the processes was killed.
    """
    if jobs < 2 or len(items) < WORTH_IT or sys.platform in ("win32", "darwin"):
        return [function(item) for item in items]
    global _task  # noqa: PLW0603  # how a fork inherits what cannot be pickled
    _task = (function, items, os.getpid())
    try:
        with ExitStack() as stack:
            with _uninterrupted():
                pool = stack.enter_context(multiprocessing.get_context("fork").Pool(jobs, _begin))
            workers = set(multiprocessing.active_children())
            answers = pool.map_async(_at, range(len(items)), chunksize=max(1, min(100, len(items) // (jobs * 4))))
            while not answers.ready():
                answers.wait(1)
                if set(multiprocessing.active_children()) != workers:  # the pool would wait for its answer for ever
                    raise ChildProcessError(KILLED)
            return answers.get()
    finally:
        del _task


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C waits until the end of the block; in the processes that begin in it, until they leave it to the parent."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin() -> None:
    """Leave interrupts to the parent, and what it has made too: looking through that for garbage would copy it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    gc.freeze()


def _at(index: int) -> Any:
    function, items, parent = _task
    if os.getppid() != parent:  # it was killed: nobody waits for an answer
        os._exit(1)
    return function(items[index])
