"""`stop`, `resume`, `held`, `accept-database`: what an operator decides about mailings."""

from __future__ import annotations

import argparse
from typing import Any

from sqlalchemy import Engine

from newsletter import database, delivery, tide
from newsletter.commands import Refused
from newsletter.config import Config
from newsletter.outcomes import Stop
from newsletter.status import standing
from newsletter.tables import State


def register(commands: Any) -> None:
    parser = commands.add_parser("stop", help="hand over no more of an issue")
    parser.add_argument("issue", metavar="YYYY-MM")
    parser.set_defaults(run=stop)
    parser = commands.add_parser("resume", help="let what is stopped go on")
    parser.add_argument("issue", metavar="YYYY-MM", nargs="?", default="", help="default: all that is stopped")
    parser.set_defaults(run=resume)
    parser = commands.add_parser("held", help="decide about messages that a crash left uncertain")
    parser.add_argument("issue", metavar="YYYY-MM")
    choice = parser.add_mutually_exclusive_group(required=True)
    choice.add_argument("--resend", action="store_true", help="send them; a few readers may get them twice")
    choice.add_argument("--drop", action="store_true", help="give them up; a few readers may get nothing")
    parser.set_defaults(run=held)
    parser = commands.add_parser(
        "accept-database", help="after a backup was restored: this database is right; hold what is not settled"
    )
    parser.add_argument(
        "--new-machine", action="store_true", help="the database was not restored, the machine is new: hold nothing"
    )
    parser.set_defaults(run=accept)


def stop(arguments: argparse.Namespace, config: Config) -> int:
    engine = _engine(config, arguments.issue)
    with database.writing(engine) as connection:
        delivery.stop(connection, [arguments.issue], Stop.OPERATOR)
    print(f"{arguments.issue} is stopped. `python -m newsletter resume {arguments.issue}` lets it go on.")
    return 0


def resume(arguments: argparse.Namespace, config: Config) -> int:
    engine = _engine(config, arguments.issue)
    with database.writing(engine) as connection:
        names = delivery.resume(connection, arguments.issue)
    print(f"{', '.join(names)}: goes on." if names else "Nothing was stopped.")
    return 0


def held(arguments: argparse.Namespace, config: Config) -> int:
    engine = _engine(config, arguments.issue)
    with database.writing(engine) as connection:
        state = State.PENDING if arguments.resend else State.FAILED
        count = delivery.release_held(connection, arguments.issue, state, database.now(connection))
    print(f"{count} messages of {arguments.issue} {'are sent' if arguments.resend else 'are given up'}.")
    return 0


def accept(arguments: argparse.Namespace, config: Config) -> int:
    engine = _engine(config)
    marks = tide.Marks(config.state)
    with database.writing(engine) as connection:
        now = database.now(connection)
        mark, count = marks.accept(connection, now, new_machine=arguments.new_machine)
    marks.keep(mark)
    held = f"{count} messages are held; `python -m newsletter status` has them." if count else "Nothing is held."
    print(f"The database is accepted on this machine. {held}")
    return 0


def _engine(config: Config, name: str = "") -> Engine:
    engine = database.connect(config.database_url)
    with database.reading(engine) as connection:
        if name and standing(connection, name) is None:
            raise Refused(f"{name} has not been released.")
    return engine
