"""The mailbox of the return address, on disk and on a real IMAP server: read, moved away, never lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from newsletter.mailboxes import HANDLED, UNCLEAR, MailboxError, arrived
from tests import dovecot
from tests.conftest import lacking


class Box:
    """A mailbox to put messages into: its address, and the Maildir behind it."""

    def __init__(self, url: str, root: Path) -> None:
        self.url, self.root, self.count = url, root, 0

    def put(self, data: bytes) -> None:
        self.count += 1
        path = self.root / "new" / f"{self.count}.M1P1.host"
        path.write_bytes(data)
        path.chmod(0o666)

    def folder(self, name: str) -> list[bytes]:
        found = self.root.glob(f".*{name}/[cn][ue][rw]/*")  # a server may put it below INBOX
        return sorted(path.read_bytes().replace(b"\r\n", b"\n") for path in found)


@pytest.fixture(scope="module")
def imap() -> Iterator[dovecot.Dovecot]:
    if not dovecot.available():
        lacking(dovecot.MISSING)
    server = dovecot.Dovecot()
    yield server
    server.stop()


@pytest.fixture(params=["maildir", "imap"])
def box(request: pytest.FixtureRequest, tmp_path: Path) -> Box:
    if request.param == "maildir":
        root = tmp_path / "a mailbox"
        for name in ("new", "cur", "tmp"):
            (root / name).mkdir(parents=True)
        return Box(f"maildir:{quote(str(root))}", root)
    server = request.getfixturevalue("imap")
    for path in server.mail.rglob("*.host*"):
        path.unlink()
    return Box(f"imap://{dovecot.USER}:{quote(dovecot.PASSWORD, safe='')}@127.0.0.1:{server.port}/INBOX", server.mail)


def test_messages_go_where_they_are_moved_and_are_not_met_again(box: Box) -> None:
    for text in (b"Subject: one\n\n1\n", b"Subject: two\n\n2\n", b"Subject: three\n\n3\n"):
        box.put(text)
    with arrived(box.url) as messages:
        for message in messages:
            if b"two" not in message.data:
                message.move(HANDLED if b"one" in message.data else UNCLEAR)
    assert box.folder(HANDLED) == [b"Subject: one\n\n1\n"]
    assert box.folder(UNCLEAR) == [b"Subject: three\n\n3\n"]
    with arrived(box.url) as messages:
        assert [b"two" in message.data for message in messages] == [True]


def test_what_was_not_moved_is_met_again(box: Box) -> None:
    box.put(b"Subject: one\n\n1\n")
    for _ in range(2):
        with arrived(box.url) as messages:
            assert len(list(messages)) == 1


def test_an_empty_mailbox_holds_nothing(box: Box) -> None:
    with arrived(box.url) as messages:
        assert list(messages) == []


def test_bytes_come_as_they_are(box: Box) -> None:
    box.put(b"Subject: \xe5\xff\n\n\x00\xfe\n" * 3)
    with arrived(box.url) as messages:
        assert b"\xe5\xff" in next(messages).data


def test_a_wrong_password_is_said_in_a_sentence(imap: dovecot.Dovecot) -> None:
    with (
        pytest.raises(MailboxError, match=r"^127\.0\.0\.1: "),
        arrived(f"imap://u:wrong@127.0.0.1:{imap.port}/") as found,
    ):
        list(found)


def test_a_server_that_is_away_is_said_in_a_sentence() -> None:
    with (
        pytest.raises(MailboxError, match=r"^127\.0\.0\.1: Connection refused"),
        arrived("imap://u:p@127.0.0.1:9/") as it,
    ):
        list(it)


def test_a_folder_that_is_no_maildir_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(MailboxError, match="no Maildir"), arrived(f"maildir:{tmp_path}") as found:
        list(found)
