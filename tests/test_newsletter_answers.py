"""What a relay's answer means: about the mailbox, about us, or about the moment."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from newsletter.answers import Stage, Verdict, judge
from newsletter.outcomes import LONGEST_PAUSE, TRIES, pause

GONE, REFUSED, OBJECTS = Verdict.GONE, Verdict.REFUSED, Verdict.OBJECTS
LATER, AWAY, UNCERTAIN = Verdict.LATER, Verdict.AWAY, Verdict.UNCERTAIN
RCPT, DATA = Stage.RECIPIENT, Stage.MESSAGE


@pytest.mark.parametrize(
    ("stage", "code", "text", "verdict"),
    [
        # Postfix
        (RCPT, 550, "5.1.1 <a@b.example>: Recipient address rejected: User unknown in local recipient table", GONE),
        (RCPT, 550, "5.1.1 <a@b.example>: Recipient address rejected: User unknown in relay recipient table", GONE),
        (RCPT, 550, "5.1.2 <a@b.example>: Recipient address rejected: Domain not found", GONE),
        (RCPT, 556, "5.1.10 <a@b.example>: Recipient address rejected: Domain does not accept mail (nullMX)", GONE),
        (RCPT, 554, "5.7.1 <a@b.example>: Relay access denied", OBJECTS),
        (RCPT, 554, "5.7.1 Service unavailable; Client host [192.0.2.1] blocked", OBJECTS),
        (RCPT, 450, "4.2.0 <a@b.example>: Recipient address rejected: Greylisted", LATER),
        (RCPT, 452, "4.2.2 mailbox full", LATER),
        (RCPT, 552, "5.2.2 mailbox full", REFUSED),
        (DATA, 552, "5.3.4 Message size exceeds fixed limit", OBJECTS),
        (DATA, 550, "5.7.1 Message content rejected", OBJECTS),
        (DATA, 451, "4.3.0 Error: queue file write error", LATER),
        # Exchange
        (RCPT, 550, "5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", GONE),
        (RCPT, 550, "5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup", REFUSED),
        (RCPT, 550, "5.7.54 SMTP; Unable to relay recipient in non-accepted domain", OBJECTS),
        (DATA, 550, "5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient", REFUSED),
        (DATA, 554, "5.6.0 Corrupt message content", OBJECTS),
        (Stage.SENDER, 530, "5.7.57 Client was not authenticated to send anonymous mail", OBJECTS),
        (Stage.LOGIN, 535, "5.7.3 Authentication unsuccessful", OBJECTS),
        (Stage.LOGIN, 454, "4.7.0 Temporary authentication failure", AWAY),
        # Gmail
        (RCPT, 550, "5.1.1 The email account that you tried to reach does not exist.", GONE),
        (RCPT, 550, "5.2.1 The email account that you tried to reach is disabled.", GONE),
        (DATA, 550, "5.7.26 This mail has been blocked because the sender is unauthenticated.", OBJECTS),
        (DATA, 421, "4.7.0 Our system has detected an unusual rate of unsolicited mail", AWAY),
        # Exim, and others without enhanced codes
        (RCPT, 550, "Unrouteable address", GONE),
        (RCPT, 550, "User unknown", GONE),
        (RCPT, 550, "No such user here", GONE),
        (RCPT, 550, "relay not permitted", OBJECTS),
        (RCPT, 550, "Administrative prohibition", REFUSED),
        (RCPT, 554, "no", OBJECTS),
        (RCPT, 550, "Sender verify failed", OBJECTS),
        (DATA, 554, "no", OBJECTS),
        (Stage.CONNECT, 554, "No SMTP service here", OBJECTS),
        (Stage.CONNECT, 421, "busy", AWAY),
        (Stage.SENDER, 451, "4.3.2 slow down", AWAY),
        (Stage.SENDER, 553, "5.7.1 <a@b.example>: Sender address rejected: not owned by user", OBJECTS),
        (RCPT, 421, "4.3.2 shutting down", AWAY),
        # No SMTP at all
        (DATA, -1, "Malformed SMTP response line", UNCERTAIN),
        (RCPT, -1, "Malformed SMTP response line", AWAY),
        (DATA, 354, "go on", UNCERTAIN),
    ],
)
def test_an_answer_is_about_the_mailbox_or_about_us_or_about_the_moment(
    stage: Stage, code: int, text: str, verdict: Verdict
) -> None:
    assert judge(stage, code, text).verdict is verdict


def test_of_an_answer_only_codes_are_kept() -> None:
    assert judge(RCPT, 550, "5.1.1 <reader@example.net>: unknown").reply == "550 5.1.1"
    assert judge(RCPT, 550, "reader@example.net is unknown").reply == "550"
    assert judge(DATA, -1, "reader@example.net").reply == "no SMTP"


def test_pauses_grow_to_hours_and_differ() -> None:
    chance = random.Random(1)
    pauses = [pause(tries, chance) for tries in range(1, TRIES)]
    assert 200 < pauses[0] < 400
    assert all(later > earlier for earlier, later in pairwise(pauses[:5]))
    assert max(pauses) <= LONGEST_PAUSE * 1.25
    assert 3 * 86_400 < sum(pauses) < 5 * 86_400
