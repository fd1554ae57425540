"""`copy`: all that the database holds into another, empty one."""

from __future__ import annotations

import argparse
from typing import Any

from sqlalchemy.exc import OperationalError, SQLAlchemyError

from newsletter import config as settings
from newsletter import copying, database
from newsletter.commands import Refused
from newsletter.commands.work import alone
from newsletter.config import Config


def register(commands: Any) -> None:
    parser = commands.add_parser(
        "copy",
        help="copy the database into an empty one: from SQLite to PostgreSQL, say",
        description="Copies NEWSLETTER_DATABASE_URL into an empty database, whole or not at all. Stop serve and work "
        "before, and let NEWSLETTER_DATABASE_URL name the new one after.",
    )
    parser.add_argument("--to", required=True, metavar="URL", help="the empty database, as in NEWSLETTER_DATABASE_URL")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, config: Config) -> int:
    url = settings.database_url("--to", arguments.to)
    if url == config.database_url:
        raise Refused("--to: is the database that NEWSLETTER_DATABASE_URL names")
    source = database.connect(config.database_url)
    try:
        target = database.connect(url)
    except SQLAlchemyError as error:
        said = str(error.orig).splitlines()[0] if isinstance(error, OperationalError) else type(error).__name__
        raise Refused(f"--to: the database does not answer: {said}") from None
    try:
        with alone(source):
            rows = copying.copy(source, target)
    except copying.NotCopied as error:
        raise Refused(f"{error}. Nothing was copied.") from None
    finally:
        source.dispose()
        target.dispose()
    print(", ".join(f"{count} {name}" for name, count in rows.items()))
    print("Copied. Let NEWSLETTER_DATABASE_URL name the new database before anything is started.")
    return 0
