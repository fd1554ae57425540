"""An e-mail address: is it one, how mail is addressed to it, and which spellings are the same mailbox."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

LONGEST = 254
"""Characters of the longest address (RFC 5321, 4.5.3.1.3, less the angle brackets)."""


class BadAddress(Exception):
    """It is no address that mail could be sent to. The text never repeats it."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One mailbox. `address` has its domain in ASCII (IDNA); the part before @ is as its owner writes it."""

    address: str
    key: str
    """The same for every spelling of it. Servers that tell `Anna` from `anna` are only in the standards."""

    @property
    def international(self) -> bool:
        """Whether a relay must know SMTPUTF8 (RFC 6531) to deliver to it."""
        return not self.address.isascii()


def parse(text: str) -> Mailbox:
    """Reads what somebody typed. Raises `BadAddress`. Nobody is asked whether it exists: the mail will tell."""
    text = text.strip()
    if len(text) > 2 * LONGEST:
        raise BadAddress
    try:
        valid = validate_email(text, check_deliverability=False, strict=True)
    except EmailNotValidError:
        raise BadAddress from None
    local, domain = valid.local_part, valid.ascii_domain.lower()
    return Mailbox(f"{local}@{domain}", f"{unicodedata.normalize('NFC', local.casefold())}@{domain}")
