"""What comes back to the return address: each fixture's name says what it must be taken for."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter import message_ids
from newsletter.reports import Kind, read
from plugins.magazine.limits import time_limit

FIXTURES = sorted((Path(__file__).parent / "data/reports").glob("*.eml"))
"""DIALECT-CASE.KIND.STATUS.LANGUAGE.eml"""

OURS = ("2026-11", "Zq3fT8mWk1xVb7RcN0yLpA")


def test_there_are_fixtures_enough_in_both_languages() -> None:
    names = [path.stem for path in FIXTURES]
    assert len(names) >= 60
    for dialect in ("postfix", "exchange", "gmail", "exim"):
        for language in ("en", "sv"):
            assert any(name.startswith(dialect) and name.endswith(language) for name in names), (dialect, language)


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_a_message_is_taken_for_what_it_is(path: Path) -> None:
    kind, *status, _ = path.stem.split(".")[1:]
    report = read(path.read_bytes())
    assert report.kind == kind
    if status != ["none"]:
        assert report.status == ".".join(status)


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_a_report_names_the_mail_that_it_is_about(path: Path) -> None:
    report = read(path.read_bytes())
    if report.kind not in (Kind.LEAVE, Kind.OTHER):
        assert message_ids.find(report.text, "sundhamn.example") == OURS


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_line_ends_do_not_matter(path: Path) -> None:
    data = path.read_bytes().replace(b"\r\n", b"\n")
    assert read(data.replace(b"\n", b"\r\n")).kind == read(data).kind


def test_a_wish_to_leave_carries_its_token() -> None:
    report = read(b"From: a@b.example\nSubject: unsubscribe abcdefghijklmnopqrstuvwxyz.0123.x-y_z\n\n")
    assert (report.kind, report.token) == (Kind.LEAVE, "abcdefghijklmnopqrstuvwxyz.0123.x-y_z")


def test_the_returned_message_does_not_speak_for_the_server() -> None:
    """A digest about full mailboxes and unknown users is refused as spam: that is no fault of the reader's."""
    data = (Path(__file__).parent / "data/reports/exim-spam.refused.none.en.eml").read_bytes()
    assert b"user unknown" in data
    assert read(data).kind == Kind.REFUSED


@pytest.mark.parametrize("path", FIXTURES[::6], ids=lambda path: path.stem)
def test_a_report_cut_off_anywhere_is_read(path: Path) -> None:
    data = path.read_bytes()
    for length in range(0, len(data), 97):
        assert read(data[:length]).kind in Kind


@given(st.binary(max_size=3000))
def test_no_bytes_are_too_odd(data: bytes) -> None:
    assert read(data).kind in Kind


@given(st.sampled_from(FIXTURES), st.data())
def test_no_altered_report_is_too_odd(path: Path, data: st.DataObject) -> None:
    text = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 12))):
        at = data.draw(st.integers(0, len(text) - 1))
        text[at : at + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=30))
    assert read(bytes(text)).kind in Kind


@pytest.mark.parametrize(
    "data",
    [
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\nContent-Type: message/rfc822\n\n" * 20_000,
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" * 20_000,
        b"Content-Type: message/rfc822\n\n" * 20_000,
        b"From: mailer-daemon@a.example\n\n" + b"-" * 900_000,
        b"From: mailer-daemon@a.example\n\n" + b"-- copy of\n" * 80_000,
        b"Subject: " + b"re: " * 200_000 + b"\n\n",
        b"Subject: =?utf-8?B?a?=\n\n",
        b"From: a\n\n" + b"\n \t" * 300_000,
        b"<https://" * 100_000,
    ],
    ids=range(9),
)
def test_a_message_made_to_be_hard_is_read_soon(data: bytes) -> None:
    with time_limit(30):  # a thousand times what it takes
        assert read(data).kind in (Kind.OTHER, Kind.REFUSED)


@given(st.from_regex(r"[0-9A-Za-z_-]{22}", fullmatch=True), st.sampled_from(["2026-11", "letters/2026-11-25"]))
def test_a_message_id_gives_back_mailing_and_subscriber(ref: str, mailing: str) -> None:
    made = message_ids.make(mailing, ref, "sundhamn.example")
    assert message_ids.find(f"In-Reply-To:\n {made}", "sundhamn.example") == (mailing, ref)
    assert message_ids.find(made, "other.example") is None
