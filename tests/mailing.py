"""A newsletter for tests: subscribers, a digest, settings, and a worker in a process of its own."""

from __future__ import annotations

import datetime as dt
import inspect
import itertools
import json
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert, select

from newsletter import database, digest, releases
from newsletter.config import Config, read
from newsletter.tables import Standing, State, delivery, subscriber

ISSUE = "2026-11"
CATEGORIES = ("nyheter", "pa-gang")


def environment(
    folder: Path, smtp_url: str = "smtp://127.0.0.1:1", database_url: str = "", **more: str
) -> dict[str, str]:
    """Settings as an operator gives them."""
    return {
        "NEWSLETTER_DATABASE_URL": database_url or f"sqlite:///{folder}/newsletter.db",
        "NEWSLETTER_SMTP_URL": smtp_url,
        "NEWSLETTER_SITE_URL": "https://magasinet.example",
        "NEWSLETTER_BASE_URL": "https://magasinet.example/nyhetsbrev",
        "NEWSLETTER_SECRET": "s" * 32,
        "NEWSLETTER_FROM": "Magasinet – Sundhamns stad <nyhetsbrev@magasinet.example>",
        "NEWSLETTER_RETURN_ADDRESS": "retur@magasinet.example",
        "NEWSLETTER_RELEASE_TOKEN": "t" * 32,
        "NEWSLETTER_RATE": "100000/s",
        "NEWSLETTER_STATE": str(folder / "state"),
        **more,
    }


def settings(folder: Path, smtp_url: str = "smtp://127.0.0.1:1", database_url: str = "", **more: str) -> Config:
    return read(environment(folder, smtp_url, database_url, **more))


def document(
    issue: str = ISSUE, categories: Iterable[str] = CATEGORIES, words: str = "", size: int = 0
) -> dict[str, Any]:
    """A digest as the site publishes it; `size` in bytes of HTML a section."""
    filling = "<p>Överenskommelsen om samverkan gäller från årsskiftet.</p>\n" * (size // 60)
    made = {
        "issue": issue,
        "subject": f"Magasinet {issue}: samverkan på nya vägar {words}".strip(),
        "preheader": "Tre nyheter och en inbjudan",
        "web_url": f"https://magasinet.example/utskick/{issue}/",
        "html": {
            "head": '<!doctype html><html lang="sv"><body><h1>Magasinet</h1>\n',
            "sections": [
                {"category": c, "html": f"<h2>{c}</h2>\n<p>Åäö – 100 % = allt.</p>{filling}"} for c in categories
            ],
            "foot": '<a href="{{preferences_url}}">Ändra</a> <a href="{{unsubscribe_url}}">Avsluta</a></body></html>\n',
        },
        "text": {
            "head": "Magasinet\n\n",
            "sections": [{"category": c, "text": f"{c}\n\n.Åäö – 100 % = allt.\n"} for c in categories],
            "foot": "\nÄndra: {{preferences_url}}\nAvsluta: {{unsubscribe_url}}\n",
        },
    }
    return {**made, "hash": digest.digest_hash(made)}


def subscribe(
    engine: Engine, count: int, choice: str = "", standing: Standing = Standing.ACTIVE, start: int = 0
) -> None:
    """So many subscribers: reader0@example.net, …"""
    rows = [
        {
            "ref": f"ref-{number:012d}",
            "address": f"reader{number}@example.net",
            "address_key": f"reader{number}@example.net",
            "choice": choice,
            "standing": standing,
            "since": 0.0,
            "consent_version": "test",
        }
        for number in range(start, start + count)
    ]
    with database.writing(engine) as connection:
        connection.execute(insert(subscriber), rows)


def freeze(engine: Engine, config: Config, document: Mapping[str, Any]) -> releases.Release:
    """Release a digest as if it had been fetched today."""
    text = json.dumps(document, ensure_ascii=False)
    made = digest.read(text, document["issue"])
    return releases.freeze(engine, config, made, text, dt.datetime.now(dt.UTC).date())


def states(engine: Engine, issue: str = ISSUE) -> dict[str, int]:
    """How many messages are in which state; only states that occur."""
    with database.reading(engine) as connection:
        found = connection.execute(select(delivery.c.state).where(delivery.c.mailing == issue)).scalars().all()
    return {state.value: found.count(state) for state in State if state in found}


# -- Processes ---------------------------------------------------------------------------------------------------------

_fork = multiprocessing.get_context("forkserver")
_fork.set_forkserver_preload(["tests.mailing"])


def start(
    arguments: Sequence[str], environment: Mapping[str, str], *, skew: float = 0.0, die: str = "", quiet: bool = False
) -> BaseProcess:
    """`python -m newsletter …` in a process of its own. Its clock goes wrong by `skew` seconds. It is killed where
    `die` says: "after hand_over 3" is when the third message is with the relay, and the database does not know it."""
    process = _fork.Process(target=_run, args=(tuple(arguments), dict(environment), skew, die, quiet), daemon=True)
    process.start()
    return process


def _run(arguments: tuple[str, ...], environment: dict[str, str], skew: float, die: str, quiet: bool) -> None:
    from newsletter import cli, delivery, relay
    from newsletter.ledger import Ledger

    if quiet:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    if skew:
        clock = time.time
        time.time = lambda: clock() + skew
    if die:
        when, what, count = die.split()
        owner: Any = {"hand_over": relay.Connection, "transaction": Ledger, "claim": delivery, "settle": delivery}[what]
        name = "_transact" if what == "transaction" else what
        setattr(owner, name, _dying(getattr(owner, name), when == "before", int(count)))
    os._exit(cli.main(arguments, environment))


def _dying(function: Callable[..., Any], before: bool, count: int) -> Callable[..., Any]:
    """A function whose process is killed at its so manieth call."""
    calls = itertools.count(1)

    def at_last() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    if inspect.iscoroutinefunction(function):

        async def dying_later(*arguments: Any, **options: Any) -> Any:
            number = next(calls)
            if before and number == count:
                at_last()
            result = await function(*arguments, **options)
            if number == count:
                at_last()
            return result

        return dying_later

    def dying(*arguments: Any, **options: Any) -> Any:
        number = next(calls)
        if before and number == count:
            at_last()
        result = function(*arguments, **options)
        if number == count:
            at_last()
        return result

    return dying
