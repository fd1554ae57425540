"""Checks all that the newsletter stands on: settings, database, relay, names in the DNS, site and service.

Each check looks at one thing, changes nothing, and says in a sentence what it found and what to do. None raises for
what it finds.
"""

from __future__ import annotations

import asyncio
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import dns.exception
import dns.resolver
import httpx
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from newsletter import database, letters, message, subscribers
from newsletter.answers import Answer, Verdict
from newsletter.config import Config
from newsletter.received import Finding
from newsletter.relay import Connection, Unreachable
from newsletter.tokens import Tokens

SECONDS = 10.0
"""How long a server on the web, or a name server, may take."""
TEST_SUBJECT = "Test: newsletter doctor"
TEST_TEXT = """This mail has the headers of a digest. Save it with all of them (in most mail programs:
show the source, or the original), and give the file to: python -m newsletter doctor --message FILE

{{preferences_url}}
{{unsubscribe_url}}
"""


def examine(config: Config, resolver: dns.resolver.Resolver) -> Iterator[Finding]:
    """Every finding, in the order in which they are worth mending."""
    yield from _settings(config)
    yield from _database(config)
    yield from _relay(config)
    yield from _names(config, resolver)
    yield from _web(config)


def text_records(resolver: dns.resolver.Resolver, name: str) -> list[str]:
    """The TXT records of a name, each as one text; none if the name or the name server does not answer."""
    try:
        found = resolver.resolve(name, "TXT", lifetime=SECONDS)
    except dns.exception.DNSException:
        return []
    return [b"".join(record.strings).decode("utf-8", "replace") for record in found]


def _settings(config: Config) -> Iterator[Finding]:
    for key, url in (("NEWSLETTER_SITE_URL", config.site_url), ("NEWSLETTER_BASE_URL", config.base_url)):
        if urlsplit(url).scheme != "https":
            yield Finding(
                key, "bad", f"{url} is not https: one-click unsubscribing needs it, and readers' addresses do"
            )
    if not config.release_token:
        yield Finding("NEWSLETTER_RELEASE_TOKEN", "warning", "is not set: CI cannot release; `newsletter release` can")
    if not config.mailbox:
        yield Finding(
            "NEWSLETTER_MAILBOX", "warning", "is not set: nobody takes in bounces, complaints and wishes to leave"
        )
    if config.mailbox.startswith("imap://"):
        yield Finding(
            "NEWSLETTER_MAILBOX", "warning", "sends its password in the clear: use imaps://, but on this machine"
        )
    if config.relay.user and config.relay.security == "none":
        yield Finding(
            "NEWSLETTER_SMTP_URL", "bad", "sends its password in the clear: add ?tls=starttls, or use smtps://"
        )
    try:
        config.state.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=config.state):
            pass
    except OSError as error:
        yield Finding("NEWSLETTER_STATE", "bad", f"{config.state} cannot be written: {error.strerror}")
    else:
        yield Finding("settings", "good", "read")


def _database(config: Config) -> Iterator[Finding]:
    url = make_url(config.database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        yield Finding("database", "warning", f"{url.database} is not there yet: serve and work make it")
        return
    engine = database.engine_for(config.database_url)
    try:
        with database.reading(engine) as connection:
            if not database.is_current(connection):
                yield Finding("database", "warning", "not up to date: serve and work bring it up to date by themselves")
                return
            active = connection.execute(text("SELECT count(*) FROM subscriber WHERE standing = 'active'")).scalar_one()
            stopped = connection.execute(text("SELECT id, stopped FROM mailing WHERE stopped <> ''")).all()
    except SQLAlchemyError as error:
        said = str(getattr(error, "orig", "") or type(error).__name__).splitlines()[0]
        yield Finding("database", "bad", f"does not answer ({said}): see NEWSLETTER_DATABASE_URL")
        return
    finally:
        engine.dispose()
    yield Finding("database", "good", f"{engine.dialect.name}, up to date, {active} readers")
    for mailing, reason in stopped:
        yield Finding(f"mailing {mailing}", "bad", f"stopped: {reason}; see newsletter status {mailing}")


def _relay(config: Config) -> Iterator[Finding]:
    where = f"{config.relay.host}:{config.relay.port}"
    connection = Connection(config.relay, config.sender.domain)

    async def knock() -> bool:
        await connection.open()
        international = connection.international
        connection.close()
        return international

    try:
        international = asyncio.run(knock())
    except Unreachable as error:
        yield Finding("relay", "bad", f"{where}: {error.answer.reply}: see NEWSLETTER_SMTP_URL")
        return
    yield Finding("relay", "good", f"{where} answers" + (" and lets us log in" if config.relay.user else ""))
    if not international:
        yield Finding("relay", "warning", "offers no SMTPUTF8: addresses with å, ä, ö before the @ cannot be reached")


def _names(config: Config, resolver: dns.resolver.Resolver) -> Iterator[Finding]:
    sender, returns = config.sender.domain, config.return_address.rpartition("@")[2]
    spf = _records(resolver, returns, "v=spf1")
    if len(spf) == 1:
        yield Finding("SPF record", "good", f"{returns}: {spf[0]}")
    else:
        wrong = "has several SPF records: keep one" if spf else "has no SPF record: add one that names the relay"
        yield Finding("SPF record", "bad", f"{returns} {wrong}")
    # A policy of the organisation's domain counts for the domains below it (RFC 7489, 6.6.3).
    above = [sender.split(".", cut)[-1] for cut in range(sender.count("."))]
    dmarc = next((found for domain in above if (found := _records(resolver, f"_dmarc.{domain}", "v=dmarc1"))), [])
    if dmarc:
        yield Finding("DMARC record", "good", f"{sender}: {dmarc[0]}")
    else:
        advice = f'add the TXT record _dmarc.{sender} "v=DMARC1; p=none"; big providers ask for one'
        yield Finding("DMARC record", "bad", f"{sender} has none: {advice}")
    try:
        resolver.resolve(returns, "MX", lifetime=SECONDS)
    except dns.exception.DNSException:
        yield Finding("MX record", "bad", f"{returns} has none: delivery reports to {config.return_address} get lost")
    else:
        yield Finding("MX record", "good", f"{returns} takes mail")


def _records(resolver: dns.resolver.Resolver, name: str, beginning: str) -> list[str]:
    records = text_records(resolver, name)
    return [record for record in records if record.lower().replace(" ", "").startswith(beginning)]


def _web(config: Config) -> Iterator[Finding]:
    for what, url in (("site", f"{config.site_url}/magazine.json"), ("service", f"{config.base_url}/health")):
        yield answers(what, url)


def answers(what: str, url: str) -> Finding:
    """Whether a web address answers a GET, which changes nothing anywhere."""
    shown = url if len(url) < 80 else f"{url[:60]}…"
    try:
        response = httpx.get(url, timeout=SECONDS, follow_redirects=False)
    except httpx.HTTPError as error:
        return Finding(what, "bad", f"{shown} does not answer ({type(error).__name__})")
    if response.status_code == 200:
        return Finding(what, "good", f"{shown} answers")
    return Finding(what, "bad", f"{shown} answers {response.status_code}")


# -- A mail to look at as it arrives -----------------------------------------------------------------------------------


def send_test(config: Config, address: str, now: float) -> Finding:
    """Hand the relay a mail with the headers of a digest. Its links are nobody's: following them changes nothing."""
    ref = secrets.token_urlsafe(16)
    link = letters.link(config, Tokens(config.secrets), ref)
    content = message.Content(subject=TEST_SUBJECT, text=TEST_TEXT)
    links = {"unsubscribe_url": link("unsubscribe"), "preferences_url": link("preferences")}
    to = message.Recipient(ref=ref, address=address, links=links)
    made = message.template(subscribers.letters_of(now), content, config, bulk=True)

    async def hand_over() -> Answer:
        connection = Connection(config.relay, config.sender.domain)
        try:
            await connection.open()
            return await connection.hand_over(config.return_address, address, message.splice(made, to, now))
        finally:
            await connection.quit()

    try:
        answer = asyncio.run(hand_over())
    except Unreachable as error:
        return Finding("test mail", "bad", f"no way to the relay: {error.answer.reply}")
    except message.BadAddress as error:
        return Finding("test mail", "bad", str(error))
    if answer.verdict is Verdict.ACCEPTED:
        return Finding("test mail", "good", "the relay took it. Save it as it arrives, and give it to --message")
    return Finding("test mail", "bad", f"the relay answered {answer.reply}")
