"""What mail servers and absent people write, in English and Swedish: for messages that say it in words only.

Each is a regular expression, looked for in any case. None is about a single server: they are the words that Postfix,
Exim, qmail, Exchange, Gmail and their relatives have in common.
"""

from __future__ import annotations

import re


def _any_of(*phrases: str, start: str = "") -> re.Pattern[str]:
    return re.compile(f"{start}(?:{'|'.join(phrases)})", re.IGNORECASE)


NO_MAILBOX = _any_of(
    r"user (?:is )?unknown",
    r"unknown (?:user|recipient|mailbox|address|local|or illegal alias)",
    r"no such (?:user|recipient|mailbox|address|person|local user)",
    r"(?:does|do|did)(?: not|n't) exist",
    r"(?:wasn't|was not|not|couldn't be|could not be) found",
    r"(?:recipient|address|mailbox) (?:was |is )?(?:unknown|invalid|rejected|unavailable|disabled|inactive)",
    r"(?:user|account|mailbox) (?:has been |is )?(?:disabled|inactive|terminated|closed|suspended)",
    r"invalid (?:recipient|mailbox|user|address)",
    r"unrouteable address",
    r"no mailbox (?:here )?by that name",
    r"nxdomain",
    r"okänd (?:mottagare|användare|adress)",
    r"(?:hittades|finns|existerar) inte",
    r"kunde inte hitta",
)
FULL = _any_of(
    r"mailbox (?:is |was )?(?:over|full|exceeded)",
    r"(?:over|exceeds?|exceeded)\b.{0,40}\b(?:quota|size|storage)",
    r"quota (?:exceeded|full)",
    r"(?:over|out of) (?:quota|storage|disk)",
    r"insufficient (?:disk|storage|system)",
    r"inbox is full",
    r"(?:inkorg|postlåda|brevlåda)(?:en|n)? är full",
    r"kvoten",
    r"lagringsutrymme",
)
POLICY = _any_of(
    r"\bspam\b",
    r"block(?:ed|list)",
    r"black ?list",
    r"reputation",
    r"polic(?:y|ies)",
    r"dnsbl",
    r"spamhaus",
    r"unsolicited",
    r"dmarc",
    r"\bspf\b",
    r"dkim",
    r"rate limit",
    r"too many",
    r"not (?:authori[sz]ed|permitted|allowed)",
    r"access denied",
    r"content rejected",
    r"\bvirus\b",
    r"skräppost",
    r"princip(?:er|en)?\b",
    r"blockera",
    r"nekad",
    r"behörighet",
)
STILL_TRYING = _any_of(
    r"\bdelay(?:ed)?\b",
    r"still (?:being )?(?:re)?tr(?:y|ied)",
    r"will (?:be retried|keep trying|continue|try again)",
    r"not yet been delivered",
    r"warning message only",
    r"do not need to resend",
    r"försena[dt]",
    r"fördröj",
    r"fortsätter att försöka",
    r"nya försök",
)
FAILURE = _any_of(
    r"could ?(?:n't| not) be delivered",
    r"(?:wasn't|was not|not) delivered",
    r"undeliver",
    r"delivery (?:has |to .{1,80} has )?fail",
    r"failure notice",
    r"returned mail",
    r"failed permanently",
    r"permanent(?:ly)? (?:error|fail|fatal)",
    r"kunde inte levereras?",
    r"inte levererats",
    r"oleverer",
    r"har returnerats",
    r"misslyckades",
)
AUTOMATIC = _any_of(
    r"auto(?:matic|mated|matiskt)?[ -]?(?:reply|response|svar)",
    r"out of (?:the )?office",
    r"frånvaro",
    r"jag är (?:på semester|inte|borta|ledig|tjänstledig|föräldraledig)",
    r"away from",
    r"on (?:vacation|leave|holiday)",
    r"semester\b",
    r"tack för ditt (?:mejl|mail|e-?post)",
    start=r"^(?:re:\s*|sv:\s*)?",
)
SERVERS = _any_of("mailer-daemon", "postmaster", "mail[ -]?delivery", "microsoftexchange", "double-bounce")
RETURNED = re.compile(
    r"^-{2}.{0,80}(?:copy of|original|returned|below this line|ursprungliga).{0,80}$", re.IGNORECASE | re.MULTILINE
)
"""The line below which a server without MIME puts the message that it returns."""
