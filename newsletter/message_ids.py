"""Message-IDs (RFC 5322, 3.6.4): a function of mailing and subscriber.

So a mail that a crash left uncertain is sent again under the same name, which mail programs show once; and a delivery
report that returns our headers says which mail it is about, whatever address the mail was forwarded to. The reference
in it is random: who has not had the mail cannot name it.
"""

from __future__ import annotations

import re

_FORM = r"<(\d{{4}}-\d\d|letters\.\d{{4}}-\d\d-\d\d)(?:\.known)?\.([\w-]{{16,32}})@{domain}>"


def make(mailing: str, ref: str, domain: str) -> str:
    """`<2026-11.REF@sundhamn.example>`, for a day's letters `<letters.2026-11-25.REF@…>`."""
    return f"<{mailing.replace('/', '.')}.{ref}@{domain}>"


def known(mailing: str) -> str:
    """What to call a day's letters of the other kind: those that tell somebody what they have."""
    return f"{mailing}.known"


def find(text: str, domain: str) -> tuple[str, str] | None:
    """The mailing and the subscriber's reference in the first Message-ID of ours in a text, or None."""
    match = re.search(_FORM.format(domain=re.escape(domain)), text, re.ASCII)
    return (match[1].replace("letters.", "letters/"), match[2]) if match else None
