"""What a relay's answer means: about this mailbox, about us, or about the moment (RFC 5321, 4.2; RFC 3463).

A mailbox that is gone is a fact about one reader; an objection to our mail is one about us. To take one for the other
would strike readers off a list because a password had expired.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    ACCEPTED = "accepted"
    LATER = "later"
    """Not now, for this recipient: try again."""
    GONE = "gone"
    """There is no such mailbox."""
    REFUSED = "refused"
    """Not this message to this recipient; neither the mailbox nor we are at fault for good."""
    OBJECTS = "objects"
    """The relay takes no such mail from us: every further message would get the same answer."""
    AWAY = "away"
    """The relay takes nothing at the moment. The message was certainly not taken."""
    UNCERTAIN = "uncertain"
    """The connection broke after the message and before the answer."""


class Stage(StrEnum):
    CONNECT = "connect"
    """Greeting, EHLO, STARTTLS."""
    LOGIN = "login"
    SENDER = "sender"
    RECIPIENT = "recipient"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Answer:
    verdict: Verdict
    reply: str = ""
    """Codes without text, such as "550 5.1.1", for texts repeat addresses; or a word of ours."""
    stage: Stage | None = None
    """When it came, if the relay said it or hung up."""


def codes(code: int, text: str) -> str:
    """What may be kept of an answer: "550 5.1.1"."""
    return f"{code} {_enhanced(text)}".strip()


def judge(stage: Stage, code: int, text: str) -> Answer:
    """What an answer that is no success means, by when it came, its code, and its text (which is not kept)."""
    reply = codes(code, text) if 400 <= code <= 599 else "no SMTP"
    return Answer(_verdict(stage, code, text), reply, stage)


def _verdict(stage: Stage, code: int, text: str) -> Verdict:
    about_one = stage in (Stage.RECIPIENT, Stage.MESSAGE)
    if code == 421:  # it hangs up
        return Verdict.AWAY
    if not 400 <= code <= 599:  # it speaks no SMTP any more
        return Verdict.UNCERTAIN if stage is Stage.MESSAGE else Verdict.AWAY
    if code < 500:
        return Verdict.LATER if about_one else Verdict.AWAY
    return _permanent(stage, code, _enhanced(text), text.lower()) if about_one else Verdict.OBJECTS


# RFC 3463 and the IANA registry of enhanced codes; 5.7.1xx are Exchange's for mailboxes with a guest list.
_GONE = re.compile(r"5\.(1\.(1|2|3|6|10)|2\.1)")
_OBJECTS = re.compile(r"5\.(1\.[789]|3\.4|5\.\d+|6\.(?!7)\d+|7\.\d+)")
_GUEST_LIST = re.compile(r"5\.7\.(12|1[23]\d)")
_ABOUT_US = re.compile(r"relay|authenticat|log ?in|sender|spam|block|black|reputation|policy|denied|banned|\bip\b")
_ABOUT_MAILBOX = re.compile(
    r"unknown|no such|not exist|n.t exist|not found|no mailbox|invalid (recipient|mailbox|user|address)|disabled"
    r"|inactive|user .*reject|recipient .*reject|unrouteable|okänd|finns inte"
)


def _permanent(stage: Stage, code: int, enhanced: str, text: str) -> Verdict:
    if enhanced:
        if _GONE.fullmatch(enhanced):
            return Verdict.GONE
        if _OBJECTS.fullmatch(enhanced) and not _GUEST_LIST.fullmatch(enhanced):
            return Verdict.OBJECTS
        # What is left concerns one mailbox: full, closed to us, not to be reached. After the message it need not.
        about_one = stage is Stage.RECIPIENT or enhanced.startswith("5.2.") or bool(_GUEST_LIST.fullmatch(enhanced))
        return Verdict.REFUSED if about_one else Verdict.OBJECTS
    if stage is Stage.MESSAGE or code in (530, 534, 535, 538, 554, 555) or _ABOUT_US.search(text):
        return Verdict.OBJECTS
    return Verdict.GONE if code in (550, 551, 553) and _ABOUT_MAILBOX.search(text) else Verdict.REFUSED


def _enhanced(text: str) -> str:
    match = re.match(r"([245]\.\d{1,3}\.\d{1,3})(?!\S)", text)
    return match[1] if match else ""
