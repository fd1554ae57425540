"""`newsletter bounces`: reads what came to the return address, and does what follows from it."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, text

from newsletter import bounces, database
from newsletter.bounces import Outcome
from newsletter.commands import Refused
from newsletter.config import Config
from newsletter.mailboxes import HANDLED, UNCLEAR, MailboxError, arrived
from newsletter.reports import Kind, read
from newsletter.tokens import Tokens

MANY, SHARE = 20, 0.05
"""More suppressions at once than both this number and this share of the readers are no readers' doing: a relay's name
service fails, a provider refuses everything. Then nothing is done until an operator has looked."""

SENTENCES = {
    Outcome.SUPPRESSED: "suppressed: the mailbox is gone, or its owner complained",
    Outcome.LEFT: "left by mail",
    Outcome.COUNTED: "counted: mailbox full or away",
    Outcome.NOTED: "refused by servers that object to us: see newsletter doctor",
    Outcome.IGNORED: "automatic replies and news of delays",
    Outcome.UNCLEAR: f"for a person to read, in the folder {UNCLEAR}",
}


def register(commands: Any) -> None:
    parser = commands.add_parser("bounces", help="take in delivery reports, complaints and wishes to leave by mail")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    parser.add_argument("--many", action="store_true", help="suppress even if it is a large part of all readers")
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, config: Config) -> int:
    if not config.mailbox:
        raise Refused("NEWSLETTER_MAILBOX: is not set; name the mailbox of the return address")
    engine = database.connect(config.database_url)
    tokens, domain = Tokens(config.secrets), config.sender.domain
    try:
        if not arguments.many and not arguments.dry_run:
            _refuse_too_many(engine, config.mailbox, tokens, domain)
        outcomes = _take_all(engine, config.mailbox, tokens, domain, dry=arguments.dry_run)
    except MailboxError as error:
        raise Refused(f"NEWSLETTER_MAILBOX: {error}") from None
    print(json.dumps(_figures(outcomes)) if arguments.json else _summary(outcomes, dry=arguments.dry_run))
    return 0


def _refuse_too_many(engine: Engine, mailbox: str, tokens: Tokens, domain: str) -> None:
    """Look at everything before anything is done. Raises `Refused`."""
    with arrived(mailbox) as messages:
        gone = set()
        for message in messages:
            report = read(message.data)
            mail = bounces.about(report, tokens, domain)
            if mail and bounces.would(report, mail) is Outcome.SUPPRESSED:
                gone.add(mail.ref)
    with database.reading(engine) as connection:
        active = _active(connection)
    if len(gone) > max(MANY, SHARE * active):
        raise Refused(
            f"{len(gone)} of {active} readers would be suppressed at once. Look at some of the reports: if their "
            "mailboxes really are gone, run it again with --many. Nothing was done."
        )


def _active(connection: Connection) -> int:
    return int(connection.execute(text("SELECT count(*) FROM subscriber WHERE standing = 'active'")).scalar_one())


def _take_all(engine: Engine, mailbox: str, tokens: Tokens, domain: str, *, dry: bool) -> Sequence[tuple[Outcome, str]]:
    """Each message in a transaction of its own; then it is moved away. Gives outcomes, with codes of refusals."""
    found = []
    with arrived(mailbox) as messages:
        for message in messages:
            report = read(message.data)
            mail = bounces.about(report, tokens, domain)
            if dry:
                outcome = bounces.would(report, mail)
            else:
                with database.writing(engine) as connection:
                    outcome = bounces.take(connection, report, mail, database.now(connection))
                message.move(UNCLEAR if outcome is Outcome.UNCLEAR else HANDLED)
            found.append((outcome, report.status if report.kind is Kind.REFUSED else ""))
    return found


def _figures(outcomes: Sequence[tuple[Outcome, str]]) -> dict[str, Any]:
    counted = Counter(outcome for outcome, _ in outcomes)
    refused = Counter(status for outcome, status in outcomes if outcome is Outcome.NOTED)
    return {**{outcome.value: counted[outcome] for outcome in Outcome}, "refused_with": dict(sorted(refused.items()))}


def _summary(outcomes: Sequence[tuple[Outcome, str]], *, dry: bool) -> str:
    figures = _figures(outcomes)
    lines = [
        f"{figures[outcome.value]:6} {sentence}" for outcome, sentence in SENTENCES.items() if figures[outcome.value]
    ]
    if figures["refused_with"]:
        lines.append("       their codes: " + ", ".join(code or "none" for code in figures["refused_with"]))
    head = f"{len(outcomes)} messages" + (", nothing done (--dry-run)" if dry else "")
    return "\n".join((head, *lines))
