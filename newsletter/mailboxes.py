"""The mailbox of the return address: a Maildir on this machine, or a folder on an IMAP server (RFC 9051).

A message is moved to a folder beside it once it has been dealt with, and not before: a run that is cut off leaves it
where the next one finds it.
"""

from __future__ import annotations

import imaplib
import mailbox
import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

HANDLED, UNCLEAR = "Handled", "Unclear"
"""Where messages go: those that were understood, and those for a person to read."""
TIMEOUT = 60.0
"""Seconds that an IMAP server may take to answer."""


class MailboxError(Exception):
    """The mailbox cannot be opened or read. The text says why."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message, and how to move it to a folder."""

    data: bytes
    move: Callable[[str], None]


@contextmanager
def arrived(url: str) -> Iterator[Iterator[Arrived]]:
    """The messages of a mailbox (`maildir:/path`, `imaps://user:password@host/INBOX`). Raises `MailboxError`."""
    parts = urlsplit(url)
    if parts.scheme == "maildir":
        yield _maildir(Path(unquote(parts.path)))
        return
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    try:
        server = _connect(parts.hostname or "", parts.port, parts.scheme == "imaps")
        try:
            _ask(server.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode()))  # LOGIN takes ASCII only
            yield _imap(server, unquote(parts.path.strip("/")) or "INBOX")
        finally:
            server.logout()
    except (imaplib.IMAP4.error, OSError) as error:
        raise MailboxError(f"{parts.hostname}: {_said(error)}") from None


def _maildir(root: Path) -> Iterator[Arrived]:
    if not (root / "new").is_dir():
        raise MailboxError(f"{root} is no Maildir: it has no folder new")
    box = mailbox.Maildir(root)

    def moving(path: Path) -> Callable[[str], None]:
        def move(folder: str) -> None:
            if folder not in box.list_folders():
                box.add_folder(folder)
            path.rename(root / f".{folder}" / "cur" / f"{path.name.partition(':')[0]}:2,S")

        return move

    for path in sorted([*(root / "new").iterdir(), *(root / "cur").iterdir()]):
        if not path.name.startswith("."):
            yield Arrived(path.read_bytes(), moving(path))


def _connect(host: str, port: int | None, encrypted: bool) -> imaplib.IMAP4:
    if encrypted:
        context = ssl.create_default_context()
        return imaplib.IMAP4_SSL(host, port or 993, ssl_context=context, timeout=TIMEOUT)
    return imaplib.IMAP4(host, port or 143, timeout=TIMEOUT)


def _imap(server: imaplib.IMAP4, folder: str) -> Iterator[Arrived]:
    """Each message by its UID, which stays its own while others are moved away."""
    match = re.search(rb'\(.*?\) "(.)"', _ask(server.list('""', '""')))
    beside = f"{folder}{match[1].decode() if match else '/'}"

    def moving(uid: str) -> Callable[[str], None]:
        def move(name: str) -> None:
            target = _quoted(beside + name)
            server.create(target)  # answers NO where it is there already
            _ask(server.uid("COPY", uid, target))
            _ask(server.uid("STORE", uid, "+FLAGS", r"(\Deleted \Seen)"))
            _ask(server.expunge())

        return move

    _ask(server.select(_quoted(folder)))
    for uid in _ask(server.uid("SEARCH", "UNDELETED")).decode().split():
        answer = server.uid("FETCH", uid, "(BODY.PEEK[])")[1]
        parts = [part[1] for part in answer if isinstance(part, tuple)]
        if parts:
            yield Arrived(parts[0], moving(uid))


def _ask(answer: tuple[str, Any]) -> bytes:
    """The first line of a server's answer. Raises `IMAP4.error` if it is no OK."""
    status, lines = answer
    first = lines[0] if lines and isinstance(lines[0], bytes) else b""
    if status != "OK":
        raise imaplib.IMAP4.error(first.decode("utf-8", "replace"))
    return first


def _quoted(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _said(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    said = error.args[0] if error.args else ""
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
