"""A relay for tests, on a socket of this machine: counts what it gets, and misbehaves as it is told."""

from __future__ import annotations

import asyncio
import re
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

HANG_UP = ""
"""An answer that is none: the connection is cut."""


@dataclass
class Session:
    """One connection: what has been said on it so far."""

    number: int
    sender: str = ""
    recipient: str = ""
    messages: int = 0
    """How many it has taken."""


Answer = Callable[[str, Session], str | None]
"""From a stage (connect, ehlo, auth, mail, rcpt, data, message) to another reply than the usual one, or None."""


@dataclass
class Sink:
    """`with Sink() as sink:`; `sink.port` is where it listens, `sink.received` counts Message-IDs.

    A message counts as received when all of it came, whatever is answered, but for refusals.
    """

    answer: Answer = lambda stage, session: None
    extensions: tuple[str, ...] = ("8BITMIME",)
    keep: bool = False
    """Whether to keep the messages, with their recipients."""
    received: Counter[str] = field(default_factory=Counter)
    recipients: Counter[str] = field(default_factory=Counter)
    messages: list[tuple[str, bytes]] = field(default_factory=list)
    sessions: int = 0
    port: int = 0
    arrived: threading.Condition = field(default_factory=threading.Condition)

    def __enter__(self) -> Sink:
        self._started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        self._started.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(10)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def wait_for(self, count: int) -> None:
        """Until so many messages have come, or nothing comes any more."""
        with self.arrived:
            while sum(self.received.values()) < count and self.arrived.wait(20):
                pass

    async def _serve(self) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        self._open: set[asyncio.StreamWriter] = set()
        server = await asyncio.start_server(self._session, "127.0.0.1", self.port, limit=2**20)
        self.port = server.sockets[0].getsockname()[1]
        self._started.set()
        await self._ended.wait()
        server.close()
        for writer in list(self._open):
            writer.transport.abort()
        await asyncio.sleep(0)  # the sessions see it, and end
        await asyncio.sleep(0)

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        self.sessions += 1
        session = Session(self.sessions)
        try:
            if self._reply(writer, "connect", session, "220 sink ESMTP"):
                while line := await reader.readline():
                    if not await self._command(line.decode().rstrip("\r\n"), session, reader, writer):
                        break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self._open.discard(writer)
            writer.close()

    async def _command(
        self, line: str, session: Session, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        verb = line.upper()
        if verb.startswith("EHLO"):
            lines = ["sink", *self.extensions]
            usual = "\r\n".join(f"250{'-' if line is not lines[-1] else ' '}{line}" for line in lines)
            return self._reply(writer, "ehlo", session, usual)
        if verb.startswith("AUTH"):
            return self._reply(writer, "auth", session, "235 2.7.0 welcome")
        if verb.startswith("MAIL FROM:"):
            session.sender = _address(line)
            return self._reply(writer, "mail", session, "250 2.1.0 ok")
        if verb.startswith("RCPT TO:"):
            session.recipient = _address(line)
            return self._reply(writer, "rcpt", session, "250 2.1.5 ok")
        if verb == "DATA":
            if not self._reply(writer, "data", session, "354 go on"):
                return False
            data = await reader.readuntil(b"\r\n.\r\n")
            return self._message(data[:-3], session, writer)
        if verb == "QUIT":
            writer.write(b"221 bye\r\n")
            return False
        writer.write(b"250 ok\r\n")
        return True

    def _message(self, data: bytes, session: Session, writer: asyncio.StreamWriter) -> bool:
        given = self.answer("message", session)
        if not given or given.startswith("2"):
            session.messages += 1
            match = re.search(rb"^Message-ID: (\S+)\r\n", data, re.MULTILINE)
            self.received[match[1].decode() if match else ""] += 1
            self.recipients[session.recipient] += 1
            with self.arrived:
                self.arrived.notify_all()
            if self.keep:
                self.messages.append((session.recipient, re.sub(rb"^\.", b"", data, flags=re.MULTILINE)))
        return self._say(writer, "250 2.0.0 taken" if given is None else given)

    def _reply(self, writer: asyncio.StreamWriter, stage: str, session: Session, usual: str) -> bool:
        given = self.answer(stage, session)
        return self._say(writer, usual if given is None else given)

    def _say(self, writer: asyncio.StreamWriter, reply: str) -> bool:
        if reply == HANG_UP:
            writer.transport.abort()
            return False
        writer.write(reply.encode() + b"\r\n")
        return not reply.startswith("421")


def _address(line: str) -> str:
    match = re.search(r"<(.*?)>", line)
    return match[1] if match else ""
