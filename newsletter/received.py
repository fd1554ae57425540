"""Looks at one of our mails as it arrived: who vouches for it, and whether leaving works as mailbox providers ask.

Pure but for the name server that it is given. What is looked at: SPF as the receiving server found it (RFC 7208, its
result in RFC 8601 or Received-SPF), DKIM (RFC 6376) over the headers that one click needs (RFC 8058, 4), alignment with
From (RFC 7489), and the links.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr
from typing import Literal

import dkim

Verdict = Literal["good", "warning", "bad"]
TextRecords = Callable[[str], list[str]]
"""The TXT records of a name; an empty list if it has none."""

ONE_CLICK = ("list-unsubscribe", "list-unsubscribe-post")
STRONG_KEY = 1024
"""Bits that an RSA key has at least; RFC 8301 asks for it, and recommends 2048."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, and if it is not good, what to do."""

    what: str
    verdict: Verdict
    text: str


def look(data: bytes, text_records: TextRecords) -> Iterator[Finding]:
    """What is to be said about a received message."""
    message = message_from_bytes(data)
    sender = parseaddr(str(message.get("From", "")))[1].rpartition("@")[2].lower()
    if not sender:
        yield Finding("message", "bad", "it has no From: give a mail as it was received, with all headers")
        return
    yield _spf(message)
    yield _dkim(data, sender, text_records)
    yield from _one_click(message)


def links(data: bytes) -> tuple[str, ...]:
    """The web addresses in List-Unsubscribe, List-Archive and List-Help."""
    message = message_from_bytes(data)
    headers = (str(message.get(name, "")) for name in ("List-Unsubscribe", "List-Archive", "List-Help"))
    return tuple(dict.fromkeys(re.findall(r"<(https?://[^<>\s]+)>", "".join("".join(headers).split()))))


def _spf(message: Message) -> Finding:
    said = " ".join(str(value) for value in message.get_all("Authentication-Results", []))
    match = re.search(r"\bspf\s*=\s*(\w+)", said, re.IGNORECASE)
    result = match[1].lower() if match else str(message.get("Received-SPF", "")).split(" ")[0].lower()
    if result == "pass":
        return Finding("SPF", "good", "pass")
    if not result:
        return Finding(
            "SPF", "warning", "the receiving server left no word of it (Authentication-Results, Received-SPF)"
        )
    return Finding(
        "SPF", "bad", f"{result}: put the relay's addresses into the SPF record of the return address's domain"
    )


def _dkim(data: bytes, sender: str, text_records: TextRecords) -> Finding:
    """The best of the message's signatures: whole, aligned with From, over the headers that one click needs."""
    count = len(message_from_bytes(data).get_all("DKIM-Signature", []))
    if not count:
        return Finding(
            "DKIM", "bad", "not signed: let the relay sign what comes from us (opendkim, rspamd, the provider)"
        )
    worst = ""
    for index in range(count):
        worst = _signature_fault(data, index, sender, text_records)
        if not worst:
            return Finding("DKIM", "good", "signed, aligned with From, over the List-Unsubscribe headers")
    return Finding("DKIM", "bad", worst)


def _signature_fault(data: bytes, index: int, sender: str, text_records: TextRecords) -> str:
    def record(name: bytes, timeout: int = 5) -> bytes:
        del timeout  # ours keeps its own
        return "".join(text_records(name.decode("ascii", "replace").rstrip("."))[:1]).encode()

    verifier = dkim.DKIM(data, minkey=STRONG_KEY)
    try:
        whole = verifier.verify(idx=index, dnsfunc=record)
    except dkim.DKIMException as error:
        return f"its signature cannot be checked: {error}"
    if not whole:
        return "its signature does not fit: something on the way changed it, or the key in the DNS is another"
    signer = (verifier.domain or b"").decode().lower()
    if sender != signer and not sender.endswith(f".{signer}") and not signer.endswith(f".{sender}"):
        return f"signed by {signer}, not by {sender}: let the relay sign with the domain of NEWSLETTER_FROM"
    signed = {name.lower().decode() for name, _ in verifier.signed_headers}
    lacking = [name for name in ONE_CLICK if name not in signed]
    return f"{' and '.join(lacking)} not signed: RFC 8058 asks for it; add to the signed headers" if lacking else ""


def _one_click(message: Message) -> Iterator[Finding]:
    where = "".join(str(message.get("List-Unsubscribe", "")).split())
    if "<https://" not in where:
        yield Finding("List-Unsubscribe", "bad", "no https address: was this a mail of the newsletter?")
    elif "".join(str(message.get("List-Unsubscribe-Post", "")).split()) != "List-Unsubscribe=One-Click":
        yield Finding(
            "List-Unsubscribe", "bad", "List-Unsubscribe-Post is missing or changed: the relay must leave it alone"
        )
    else:
        yield Finding("List-Unsubscribe", "good", "one click, as RFC 8058 has it")
