"""What the browsers are told: which proof is shown, what is wrong, what is not out yet. They ask once and then wait."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict
from typing import Any

from desk.preview.proof import Proof
from plugins.magazine.problems import Problem, errors
from plugins.magazine.words import Words

KEEP_ALIVE = 15.0
"""Seconds after which a browser that waits is told that nothing is new: else something between may hang up."""
MOST = 50
"""How many problems a browser is told of."""


class State:
    """Written by the desk, read by the server: from different threads."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.proof: Proof | None = None
        self.before: Proof | None = None
        """The last proof none of whose pages failed: it stands in for one that does."""
        self.problems: tuple[Problem, ...] = ()
        self.mails: int | None = None
        """How many mails were caught; None if there is no newsletter."""
        self._faults: dict[str, Problem] = {}
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._news = asyncio.Event()
        self._ended = False

    def tell(self, proof: Proof | None, problems: tuple[Problem, ...]) -> None:
        with self._lock:
            if proof is not self.proof:
                if not self._faults:
                    self.before = self.proof
                self.proof = proof
                self._faults = {}
            self.problems = problems
            if proof is not None:
                self.words = proof.site.words
        self.wake()

    def failed(self, proof: Proof, path: str, fault: Problem) -> None:
        """A page of the proof could not be made."""
        with self._lock:
            if proof is not self.proof or self._faults.get(path) == fault:
                return
            known = fault in self._faults.values()
            self._faults[path] = fault
        if not known:
            print(f"{fault.path}:{fault.line}: {fault.text}", flush=True)
        self.wake()

    def facts(self) -> Mapping[str, Any]:
        """All that the script in the page needs, in words that people read."""
        with self._lock:
            proof, wrong = self.proof, (*errors(self.problems), *sorted(set(self._faults.values())))
        return {
            "news": f"{proof.name if proof else ''} {self.mails}",
            "mails": self.mails,
            "current": proof.site.magazine.current.id if proof and proof.site.magazine.current else "",
            "day": proof.day.isoformat() if proof and proof.day else "",
            "marks": proof.marks if proof else {},
            "problems": [asdict(problem) for problem in wrong[:MOST]],
            "words": _said(self.words, proof, len(wrong)),
        }

    async def begin(self) -> None:
        self._loop = asyncio.get_running_loop()

    def end(self) -> None:
        """Let those who wait go."""
        self._ended = True
        self.wake()

    async def news(self) -> AsyncIterator[Mapping[str, Any] | None]:
        """What is to be told now, and then whenever it has changed; None for nothing new."""
        while not self._ended:
            news = self._news
            yield self.facts()
            while not news.is_set():
                try:
                    await asyncio.wait_for(news.wait(), KEEP_ALIVE)
                except TimeoutError:
                    yield None

    def wake(self) -> None:
        """Something is to be told."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._ring)

    def _ring(self) -> None:
        self._news.set()
        self._news = asyncio.Event()


def _said(words: Words, proof: Proof | None, wrong: int) -> Mapping[str, str]:
    _ = words.gettext
    if proof is None:
        showing = _("The magazine cannot be shown yet.")
    elif proof.day:
        showing = _("As readers see it on {day}").format(day=words.day(proof.day))
    else:
        showing = _("Everything, with drafts and later issues")
    mistakes = words.ngettext("{n} mistake", "{n} mistakes", wrong).format(n=words.number(wrong))
    return {
        "lang": words.lang,
        "preview": _("Preview"),
        "showing": showing,
        "asOf": _("Show as of"),
        "show": _("Show"),
        "everything": _("Show everything"),
        "fold": _("Fold away"),
        "unfold": _("Unfold the preview's bar"),
        "mistakes": mistakes,
        "stale": _("The magazine is shown as it was before.") if proof else "",
        "mend": _("Mend this and save: the page follows by itself."),
        "line": _("line {n}"),
        "more": words.gettext("… and {n} more").format(n=words.number(wrong - MOST)) if wrong > MOST else "",
        "close": _("Close"),
        "mail": _("Mail"),
        "release": _("Try the digest"),
        "away": _("The preview is not running: start it again with make."),
    }
