"""What comes back to the return address: delivery reports, complaints, wishes to leave, automatic replies.

Pure: bytes in, a `Report` out, for whatever arrives. Delivery reports follow RFC 3464 (status codes: RFC 3463),
complaints RFC 5965, automatic replies RFC 3834; servers that follow none of them are known by their words.

A report is evidence only together with something of ours that it carries: the Message-ID of the mail that it is about.
Anybody can write that a mailbox is gone; whoever has not had the mail cannot name it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header
from email.message import Message
from enum import StrEnum

from newsletter import phrases

LONGEST = 1 << 20
"""Of a longer message only so many bytes are read: what is sought stands in its first parts."""
LONGEST_REPORT = 8000
"""Characters of a report in words that are looked at; a subject has at most so many too."""
PARTS = 50
"""How many parts of a message are looked at."""


class Kind(StrEnum):
    """What a message to the return address says."""

    GONE = "gone"
    """There is no such mailbox, for good."""
    FULL = "full"
    """The mailbox takes nothing at the moment, or its server could not be reached for days."""
    REFUSED = "refused"
    """The receiving server objects to us or to the message; the reader is not at fault."""
    COMPLAINT = "complaint"
    LEAVE = "leave"
    """A wish to leave by mail, with the token that List-Unsubscribe gave."""
    REPLY = "reply"
    """An automatic answer: away, received, moved."""
    DELAYED = "delayed"
    """A server is still trying."""
    OTHER = "other"
    """Something for a person to read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """`status` is the enhanced status code, such as 5.1.1, or "". `text` is all that may name our mail."""

    kind: Kind
    status: str = ""
    token: str = ""
    """For LEAVE: what stands behind "unsubscribe"."""
    text: str = ""


def read(data: bytes) -> Report:
    """What a message says. Never raises: what cannot be understood is `OTHER`."""
    try:
        return _read(message_from_bytes(data[:LONGEST]))
    except Exception:  # noqa: BLE001  # the parser has faults of its own; one mail must not stop all
        return Report(kind=Kind.OTHER)


def _read(message: Message) -> Report:
    parts = _parts(message)
    texts = [_text(part) for part in parts]
    whole = "\n".join((_headers(message), *texts))
    said = "\n".join(text for part, text in zip(parts, texts, strict=True) if part.get_content_type() in _SAID)
    subject = _header(message, "subject")
    if _is_complaint(message, parts):
        return Report(kind=Kind.COMPLAINT, text=whole)
    if found := _by_fields(parts):
        kind, status = found
        return Report(kind=kind, status=status, text=whole)
    if _is_from_a_server(message):
        kind, status = _by_words(f"{subject}\n{said}")
        return Report(kind=kind, status=status, text=whole)
    if match := _LEAVE.search(subject) or _LEAVE.match(said):
        return Report(kind=Kind.LEAVE, token=match[1], text=whole)
    return Report(kind=Kind.REPLY if _is_automatic(message, subject) else Kind.OTHER, text=whole)


# -- Parts and headers of whatever arrives -----------------------------------------------------------------------------


def _parts(message: Message) -> list[Message]:
    """The parts that hold something: texts, groups of fields, and of a message in the message its headers only."""
    found: list[Message] = []
    waiting = [message]
    while waiting and len(found) < PARTS:
        part = waiting.pop(0)
        payload = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(payload, list):
            waiting = [inner for inner in payload if isinstance(inner, Message)] + waiting
        else:
            found.append(part)
    return found


def _headers(message: Message) -> str:
    return "\n".join(f"{name}: {value}" for name, value in message.items())


def _text(part: Message) -> str:
    """A part's headers and text; of a delivery status, its groups of fields."""
    if part.is_multipart():
        return "\n\n".join(_headers(group) for group in part.get_payload() if isinstance(group, Message))
    if part.get_content_maintype() not in ("text", "message"):
        return ""
    try:
        payload = part.get_payload(decode=True)
    except (ValueError, LookupError):
        payload = None
    raw = payload if isinstance(payload, bytes) else str(part.get_payload()).encode("utf-8", "replace")
    try:
        return raw.decode(part.get_content_charset("utf-8"), "replace")
    except (LookupError, ValueError):
        return raw.decode("utf-8", "replace")


def _header(message: Message, name: str) -> str:
    """A header as people read it, on one line."""
    value = message.get(name)
    if value is None:
        return ""
    try:
        pieces = decode_header(str(value))
        text = "".join(
            piece if isinstance(piece, str) else piece.decode(charset or "latin-1", "replace")
            for piece, charset in pieces
        )
    except (LookupError, ValueError):
        text = str(value)
    return " ".join(text[:LONGEST_REPORT].split())


# -- Which kind --------------------------------------------------------------------------------------------------------

_SAID = ("text/plain", "text/html")  # not text/rfc822-headers: what is returned are our words
_LEAVE = re.compile(r"\s*(?:re:\s*|sv:\s*)*(?:unsubscribe|avsluta)\s+([\w.-]{20,300})", re.IGNORECASE)
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY_CODE = re.compile(r"(?<![\d.])([45]\d\d)[ -]")


def _is_complaint(message: Message, parts: list[Message]) -> bool:
    """RFC 5965. A report that something is *not* spam is none."""
    for part in (message, *parts):
        if part.get_content_type() == "message/feedback-report":
            match = re.search(
                r"^feedback-type:\s*([\w-]+)", f"{_headers(part)}\n{_text(part)}", re.IGNORECASE | re.MULTILINE
            )
            return match is None or match[1].lower() != "not-spam"
    return False


def _by_fields(parts: list[Message]) -> tuple[Kind, str] | None:
    """What a delivery report's machine-readable part says (RFC 3464): of several recipients, the one that failed."""
    found: list[tuple[Kind, str]] = []
    for part in parts:
        if part.get_content_type() not in ("message/delivery-status", "message/global-delivery-status"):
            continue
        for fields in _groups(part):
            action = fields.get("action", "").split(" ")[0].lower()
            if action:
                found.append(_by_action(action, fields))
    failed = [pair for pair in found if pair[0] not in (Kind.DELAYED, Kind.OTHER)]
    return next(iter(failed or found), None)


def _groups(part: Message) -> Iterator[dict[str, str]]:
    """The groups of fields of a delivery status: one for the message, then one for each recipient."""
    for block in re.split(r"\n[ \t]*\r?\n", _text(part).replace("\r\n", "\n")):
        unfolded = re.sub(r"\n[ \t]+", " ", block)
        yield {
            name.strip().lower(): value.strip()
            for name, colon, value in (line.partition(":") for line in unfolded.split("\n"))
            if colon
        }


def _by_action(action: str, fields: dict[str, str]) -> tuple[Kind, str]:
    diagnosis = fields.get("diagnostic-code", "")
    status = (_STATUS.search(fields.get("status", "")) or [""])[0]
    closer = (_STATUS.search(diagnosis) or [""])[0]
    if closer and (not status or status.endswith(".0.0")):
        status = closer  # Postfix and Exim say 5.0.0 themselves and quote what the other server said
    if action == "delayed":
        return Kind.DELAYED, status
    if action != "failed":
        return Kind.OTHER, status
    return _judged(status, diagnosis), status


def _is_from_a_server(message: Message) -> bool:
    senders = f"{_header(message, 'from')} {_header(message, 'sender')}"
    empty = _header(message, "return-path") == "<>"
    return (
        "X-Failed-Recipients" in message
        or bool(phrases.SERVERS.search(senders))
        or (empty and not _is_automatic(message, _header(message, "subject")))
    )


def _by_words(text: str) -> tuple[Kind, str]:
    """A delivery report without machine-readable parts, as qmail, old Exims and old Exchanges write them. What is read
    ends where the returned message begins: its words are ours."""
    text = phrases.RETURNED.split(text[:LONGEST_REPORT], 1)[0]
    status = (_STATUS.search(text) or [""])[0]
    failed = phrases.FAILURE.search(text)
    if phrases.STILL_TRYING.search(text) and not (failed and status.startswith("5")):
        return Kind.DELAYED, status
    if not (failed or status or _REPLY_CODE.search(text)):
        return Kind.OTHER, ""
    return _judged(status, text), status


def _judged(status: str, words: str) -> Kind:
    """Whose fault it is, by the status code (RFC 3463, and RFC 7505 for 5.1.10), or by the words beside it."""
    subject = status.partition(".")[2]
    if status.startswith("4"):
        return Kind.FULL
    if subject in ("1.1", "1.2", "1.3", "1.6", "1.10", "2.1", "4.310"):
        return Kind.REFUSED if subject in ("1.1", "2.1") and _says_policy(words) else Kind.GONE
    if subject == "2.2":
        return Kind.FULL
    if status and subject.split(".")[0] not in ("0", "1", "2", "4", "5") and not phrases.NO_MAILBOX.search(words):
        return Kind.REFUSED
    if phrases.FULL.search(words):
        return Kind.FULL
    if phrases.POLICY.search(words) and not phrases.NO_MAILBOX.search(words):
        return Kind.REFUSED
    if phrases.NO_MAILBOX.search(words):
        return Kind.GONE
    code = _REPLY_CODE.search(words)
    return Kind.FULL if code and code[1].startswith("4") else Kind.REFUSED


def _says_policy(words: str) -> bool:
    return bool(phrases.POLICY.search(words)) and not phrases.NO_MAILBOX.search(words)


def _is_automatic(message: Message, subject: str) -> bool:
    """RFC 3834, and what was in use before it."""
    if _header(message, "auto-submitted").lower().split(";")[0].strip() not in ("", "no"):
        return True
    if any(name in message for name in ("x-autoreply", "x-autorespond", "x-auto-response-suppress", "x-autoresponse")):
        return True
    return _header(message, "precedence").lower() in ("auto_reply", "junk", "bulk") or bool(
        phrases.AUTOMATIC.search(subject)
    )
